// SPDX-License-Identifier: GPL-3.0-or-later
// Distillation of a voice into a smaller one: a corpus whose sentences that have durations alone are said by
// the voice, beside everything else as it was. What was said is of the split "taught".
#ifndef NM_SPEECH_DISTILL_VOICE_H
#define NM_SPEECH_DISTILL_VOICE_H

#include <stdatomic.h>

#include "dsp/base/pool.h"
#include "models/speech/corpus.h"

typedef struct {
  const NmCorpus *corpus; // aligned
  const char *path_acoustic, *path_vocoder, *speaker;
  const char *out;           // folder, made if need be
  NmPool *pool;              // borrowed, may be NULL; a sentence a thread
  int32_t limit;             // at most this many sentences; 0: all
  const atomic_bool *cancel; // may be NULL
} NmDistillVoice;

typedef struct {
  int64_t n_taught, n_kept, n_frames; // n_frames of those taught
} NmDistilledVoice;

// Runs. The folder holds a whole corpus, of silent audio, or, after an error, no index.tsv. NM_ERR_BAD_DATA
// when the corpus is not aligned or the voice does not know the speaker.
NmStatus nm_distill_voice(const NmDistillVoice *distill, NmDistilledVoice *done, NmError *err) NM_NODISCARD;

#endif
