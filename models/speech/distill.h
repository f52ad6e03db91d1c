// SPDX-License-Identifier: GPL-3.0-or-later
// Sequence-level distillation (Kim, Rush 2016; Ren et al. 2019, sections 3.3 and 4.1): a corpus in which the
// recordings to train on are as the teacher says them, with durations from its attention. Held-out recordings
// stay what they are, so that what learns from either corpus is measured alike.
#ifndef NM_SPEECH_DISTILL_H
#define NM_SPEECH_DISTILL_H

#include <stdatomic.h>

#include "models/speech/corpus.h"
#include "models/speech/teacher_file.h"

typedef enum {
  NM_DISTILL_DURATIONS, // the recordings' frames, durations from the teacher's attention to them
  NM_DISTILL_FORCED,    // each frame as the teacher makes it from the recording's frames before
  NM_DISTILL_FREE       // the teacher speaks by itself, as the papers do
} NmDistillKind;

typedef struct {
  const NmCorpus *corpus; // aligned
  const char *path_teacher;
  const char *out; // folder, made if need be
  NmDistillKind kind;
  const NmBackend *backend; // DURATIONS and FORCED; FREE speaks on the CPU, a phrase a thread
  NmPool *pool;             // borrowed, may be NULL
  int32_t limit;            // at most this many recordings to train on; 0: all
  bool noise;               // FREE: see NmTeacherOptions
  uint64_t seed;
  const atomic_bool *cancel; // may be NULL
} NmDistill;

// What was made. Means over recordings that were taught.
typedef struct {
  int64_t n_taught, n_kept; // recordings; held out and text-only items
  int64_t n_left_out;       // with fewer steps than tokens, or where a free teacher strayed or did not end
  int64_t n_frames;         // of those taught
  double focus, path;       // focus rate, and along the path (focus.h)
  double duration_ms;       // |difference| from the aligner's durations by phone, not FREE
} NmDistilled;

// Runs. The folder holds a whole corpus, of silent audio, or, after an error, no index.tsv. NM_ERR_BAD_DATA
// when the corpus is not aligned or has speakers that the teacher does not know.
NmStatus nm_distill(const NmDistill *distill, NmDistilled *distilled, NmError *err) NM_NODISCARD;

#endif
