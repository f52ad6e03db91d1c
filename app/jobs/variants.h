// SPDX-License-Identifier: GPL-3.0-or-later
// Several songs to choose from: for a sheet of lyrics; other melodies for the words of a song, or of some of
// its lines; other words for its melody, or for that of some lines.
#ifndef NM_JOBS_VARIANTS_H
#define NM_JOBS_VARIANTS_H

#include "app/jobs/song_tools.h"
#include "models/song/compose.h"
#include "models/song/write.h"

typedef enum { NM_VARIANTS_SONG, NM_VARIANTS_MELODY, NM_VARIANTS_WORDS } NmVariantsKind;

// Borrowed.
typedef struct {
  NmVariantsKind kind;
  const char *text;            // of a song: lyrics as nm_sheet_read takes them
  const NmSong *song;          // else: what there is
  int32_t line_first, n_lines; // of it; n_lines 0: all of it, in any key and meter
  int fifths, mode, meter;     // of songs and whole melodies, as in NmComposeRequest
  double bpm;                  // 0: chosen
  const char *scheme, *theme;  // of words; NULL or "": any
  uint64_t seed;
  int32_t n; // how many, about
  const atomic_bool *cancel;
  atomic_int *n_steps; // counts up to about nm_variants_count_steps; NULL: nobody looks
} NmVariantsRequest;

// A song of any kind, 6 of them.
NmVariantsRequest nm_variants_defaults(NmVariantsKind kind);

// Steps there will be, roughly: a sheet's text is only estimated.
int nm_variants_count_steps(const NmVariantsRequest *request);

// `song` is the receiver's; of some lines it has only those. Higher scores are better.
typedef void (*NmVariantsTake)(void *user, NmSong *song, double score);

// Hands out songs as they come, a few at a time and of those the best first. What is needed of the tools is
// opened. NM_ERR_BAD_DATA with a sentence when there are no words, no notes or no melody; NM_ERR_CANCELLED;
// NM_ERR_NO_MEMORY; NM_ERR_IO without the model.
NmStatus nm_variants_make(NmSongTools *tools, const NmVariantsRequest *request, NmVariantsTake take,
                          void *user, NmError *err) NM_NODISCARD;

#endif
