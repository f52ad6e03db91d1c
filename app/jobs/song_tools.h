// SPDX-License-Identifier: GPL-3.0-or-later
// What melodies and words are written with: the dictionary, the song model, and the words that may be used.
#ifndef NM_JOBS_SONG_TOOLS_H
#define NM_JOBS_SONG_TOOLS_H

#include "app/jobs/lyrics.h"
#include "dsp/base/map.h"
#include "models/song/lexis.h"
#include "models/song/model.h"

enum { NM_SONG_THEME_MAX = 64 };

// Zero-initialise; read directly. One thread at a time.
typedef struct {
  NmLyricsReader reader;
  NmSongModel model;
  NmLexicon *lexicon;
  NmMap words;
  NmLexisSource source;
  NmLexis lexis;
  bool has_model, has_words;
} NmSongTools;

// Opens the dictionary and the model at `weights` (NULL: of the assets); and the words besides. What is open
// already stays so. Whether they fail or not: nm_song_tools_close.
NmStatus nm_song_tools_open(NmSongTools *tools, const char *weights, NmError *err) NM_NODISCARD;
NmStatus nm_song_tools_open_words(NmSongTools *tools, NmError *err) NM_NODISCARD;
void nm_song_tools_close(NmSongTools *tools);

// The words of `theme` (may be NULL) that can be sung, into ids [NM_SONG_THEME_MAX]; answers how many.
// `unknown` (may be NULL) is told the others. Needs the words.
int32_t nm_song_tools_find_theme(const NmSongTools *tools, const char *theme, int32_t *ids,
                                 void (*unknown)(const char *word));

#endif
