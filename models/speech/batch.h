// SPDX-License-Identifier: GPL-3.0-or-later
// Utterances of a prepared corpus as the acoustic model's inputs and targets, and batches of them.
#ifndef NM_SPEECH_BATCH_H
#define NM_SPEECH_BATCH_H

#include "models/speech/acoustic.h"
#include "models/speech/corpus.h"

// Measures the recordings of the training split (raise 1).
void nm_speech_stats_measure(NmSpeechStats *stats, const NmCorpus *corpus);

enum { NM_UTTERANCE_MIN_PAUSE = 6 }; // frames; shorter pauses within a recording are no tokens

// One utterance; arrays on the set's arena. n tokens, T frames (0 for text-only items).
typedef struct {
  const NmCorpusItem *item;
  int32_t n, T;
  int32_t *phones, *places; // [n]
  float *features;          // [n, 12]
  float *log_duration;      // [n] ln frames
  float *prosody;           // [n, 2] normalised ln f0 and level
  float *voiced;            // [n] share of voiced frames
  int32_t *index;           // [T]
  float *frame_features;    // [T, 6]
  float *f0;                // [T] normalised ln f0, interpolated
} NmUtterance;

typedef struct {
  const NmCorpus *corpus;
  NmSpeechStats stats;
  NmUtterance *utterances; // [n]
  int32_t n;
  NmArena arena;
} NmUtteranceSet;

// All aligned items of the corpus with raise 1. The corpus must outlive the set.
NmStatus nm_utterances_init(NmUtteranceSet *set, const NmCorpus *corpus, NmError *err) NM_NODISCARD;
// The same, normalised as a trained model was.
NmStatus nm_utterances_init_as(NmUtteranceSet *set, const NmCorpus *corpus, const NmSpeechStats *stats,
                               NmError *err) NM_NODISCARD;
void nm_utterances_fini(NmUtteranceSet *set);

// The corpus's speakers up to the last one with aligned recordings; those after it help the vocoder alone. At
// least 1.
int32_t nm_utterances_count_speakers(const NmUtteranceSet *set);

// Host arrays of one padded batch; on an arena that is reset for each.
typedef struct {
  int32_t B, K, T;                                               // T: a multiple of 8, 0 for text only
  int32_t *phones, *places, *speaker, *len, *len_stacks, *index; // [B,K] [B,K] [B,1] [B] [B] [B,T]
  float *features, *log_duration, *prosody, *frame_features;     // [B,K,12] [B,K,1] [B,K,2] [B,T,6]
  float *token_mask, *prosody_mask;                              // [B,K,1] [B,K,2]
  float *envelope, *f0, *voicing, *frame_mask, *f0_mask;         // [B,T,80] then [B,T,1]
} NmSpeechBatch;

// The B utterances `which` side by side, frames padded to a multiple of n_stack and of 8. NM_ERR_NO_MEMORY.
NmStatus nm_speech_batch_fill(NmSpeechBatch *batch, NmArena *arena, const NmUtteranceSet *set,
                              const int32_t *which, int32_t B, int32_t n_stack) NM_NODISCARD;

#endif
