// SPDX-License-Identifier: GPL-3.0-or-later
// Melodies to words: the phrases of a melody become lines, and the network is searched within what the words
// must keep to (lyric_rules.h).
#ifndef NM_SONG_WRITE_H
#define NM_SONG_WRITE_H

#include "models/song/inference.h"
#include "models/song/lyric_rules.h"

enum { NM_WRITE_CANDIDATES_MAX = 64 };

typedef enum {
  NM_WRITE_LIKELIHOOD, // mean log-probability of a choice, nats
  NM_WRITE_STRESS,     // mean strength of the places of stressed syllables less that of unstressed ones
  NM_WRITE_VARIETY,    // different words among the words
  NM_WRITE_RHYME,      // lines that rhyme with one of the two before them
  NM_WRITE_THEME,      // share of the theme's words that are there
  NM_N_WRITES
} NmWriteReason;

const char *nm_write_name(NmWriteReason reason);
double nm_write_weight(NmWriteReason reason);

typedef struct {
  const char *scheme;   // rhymes, "AABB", at most NM_LYRIC_SCHEME_MAX; NULL: none
  const int32_t *theme; // [n_theme] words of the lexis
  int32_t n_theme;
  int style;       // NmSongStyle
  bool strict;     // weak syllables are kept off strong beats
  bool keep_lines; // the melody's words tell its lines, even when they are one
  int32_t n_candidates;
  NmSearchMethod method;
  float temperature, nucleus;
  uint64_t seed;
  const atomic_bool *cancel; // NULL: never
  atomic_int *n_steps;       // counts steps of the search, about one a syllable; NULL: nobody looks
} NmWriteRequest;

NmWriteRequest nm_write_defaults(void);

typedef struct {
  NmSong *song; // finished: the melody with words, as printed, and links
  double score;
  double reasons[NM_N_WRITES];
} NmWriteCandidate;

typedef struct {
  NmWriteCandidate *candidates; // [n], the best first, no two alike
  int32_t n, n_made, n_lines, n_syllables;
} NmWritten;

// `melody` is a finished song; what words it had are left out, but its lines and melismas stay.
// NM_ERR_BAD_ARG for a request out of range, NM_ERR_BAD_DATA when there are no notes or no words that rhyme,
// NM_ERR_NO_MEMORY. On success the caller ends it with nm_written_fini.
NmStatus nm_write(const NmSongModel *model, const NmLexis *lexis, const NmSong *melody,
                  const NmWriteRequest *request, NmWritten *written, NmError *err) NM_NODISCARD;
void nm_written_fini(NmWritten *written);

#endif
