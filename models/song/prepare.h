// SPDX-License-Identifier: GPL-3.0-or-later
// A corpus for the song trainings from songs, melodies and verse as text. Songs and melodies are JSON Lines:
//
//   {"source", "license", "lang", "split", "key": "G major"|null, "meter": "3/4"|null, "bar0": ticks|null,
//    "tpb": ticks of a beat, "lines": [line, ...]}
//   line = [word, ...], word = [syllable, ...], syllable = ["text", pitch, gap, length, pitch, gap, ...]
//
// and a melody has "phrases": [[pitch, gap, length, ...], ...] and "phrases_known" instead of the lines.
// Verse is a line of verse per line, a blank line between stanzas.
//
// Melodies and verse that share a distinctive run of twelve intervals or a whole line with a held-out song
// are left out, and so is, unless asked for, what its licence does not give freely.
#ifndef NM_SONG_PREPARE_H
#define NM_SONG_PREPARE_H

#include <stdatomic.h>

#include "models/song/corpus.h"
#include "models/song/syllabify.h"

typedef struct {
  const char *const *paired, *const *melodies,
                                 *const *verse; // paths; songs among the melodies lose their words
  int n_paired, n_melodies, n_verse;
  const char *out;
  NmSyllabifier *syllabifier;
  int32_t n_syllables; // of the vocabulary, at most
  double share_verse;  // of the verse that is taken
  int32_t carve;    // > 0: songs held out for validation are tests, and one group in so many is held out in
                    // their place
  bool any_licence; // also what may not be shipped
  const atomic_bool *cancel; // may be NULL
} NmSongPrepare;

// 6000 syllables, all of the verse.
NmSongPrepare nm_song_prepare_defaults(void);

typedef struct {
  int64_t n_songs, n_melodies, n_poems;    // taken
  int64_t n_licence, n_collides, n_unfit;  // left out
  int64_t n_syllables, n_notes, n_unknown; // of all that was taken; syllables outside the vocabulary
} NmSongPrepared;

// NM_ERR_BAD_DATA names the file and line; NM_ERR_CANCELLED.
NmStatus nm_song_prepare(const NmSongPrepare *prepare, NmSongPrepared *prepared, NmError *err) NM_NODISCARD;

// One song or melody of `len` bytes of JSON into tokens on the arena; syllables are ids of `visit`'s choosing
// (called with each syllable's folded text). For the function above, and for fuzzing it.
typedef int32_t (*NmSyllableVisit)(void *user, const char *folded);
typedef struct {
  NmSongItem item;
  int64_t group; // of near duplicates
  bool has_words, free_licence, english;
} NmSongParsed;
NmStatus nm_song_parse(const char *json, size_t len, NmSyllabifier *syllabifier, NmSyllableVisit visit,
                       void *user, NmArena *arena, NmSongParsed *parsed, NmError *err) NM_NODISCARD;

#endif
