// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a prepared corpus (corpus.h) from folders of recordings: phones of the transcripts, envelopes, f0,
// audio at 24 kHz.
#ifndef NM_SPEECH_PREPARE_H
#define NM_SPEECH_PREPARE_H

#include <stdatomic.h>

#include "dsp/base/pool.h"
#include "models/text/text.h"

enum { NM_PREPARE_RAISES_MAX = 8 };

typedef struct {
  const char *const *dirs; // [n_dirs] each <speaker>/ with metadata.tsv (columns id, seconds, text,
                           // text_norm) and <id>.opus, .flac or .wav
  int32_t n_dirs;
  const char *const *voices_only; // [n_voices_only] likewise, in languages the text front end does not read:
                                  // no tokens, for the vocoder
  int32_t n_voices_only;
  const char *path_durations;    // text-only items as in nm_prepare_durations_line, or NULL
  const char *speaker_durations; // whose they are
  const char *path_heldout;      // prompt ids, one a line: split test; or NULL
  const char *path_quality;      // TSV of speaker, id, ..., flags: those flagged src_clipped are left out;
                                 // or NULL
  const char *out;               // folder, made if need be
  float raises[NM_PREPARE_RAISES_MAX]; // pitch factors of augmented copies
  int32_t n_raises;
  int32_t raise_every;         // one recording in this many gets copies
  int32_t limit;               // at most this many recordings of each folder; 0: all
  double floor_hz, ceiling_hz; // of the f0 tracker
  NmText *text;
  NmPool *pool;              // borrowed, may be NULL
  const atomic_bool *cancel; // may be NULL
} NmPrepare;

// What was made.
typedef struct {
  int64_t n_items, n_frames, n_text_only, n_left_out;
} NmPrepared;

// Runs. The output folder holds a whole corpus or, after an error, no index.tsv.
NmStatus nm_prepare_speech(const NmPrepare *prepare, NmPrepared *prepared, NmError *err) NM_NODISCARD;

#endif
