// SPDX-License-Identifier: GPL-3.0-or-later
// The teacher over batches of recordings, every frame given (teacher-forced): for its training, its
// validation and what is read from its attention.
#ifndef NM_SPEECH_TEACHER_MODEL_H
#define NM_SPEECH_TEACHER_MODEL_H

#include "models/speech/batch.h"
#include "models/speech/teacher.h"

// What the attention is drawn to at first: 1 - exp(-d^2 / 2) at a distance of d widths from a line (Tachibana
// et al. 2018, section 2.3). The line is the aligner's path, or the diagonal.
typedef struct {
  bool diagonal;
  double width; // tokens from the aligner's path, or a share of all tokens from the diagonal
} NmTeacherGuide;

// Host arrays of one padded batch; on an arena that is reset for each.
typedef struct {
  NmSpeechBatch speech;
  int32_t S;               // steps, T / n_stack
  int64_t n_steps;         // that are no padding, of all items
  int32_t *n_item_steps;   // [B]
  float *frames;           // [B, S, 82] the frame before each step
  float *stop, *stop_mask; // [B, S, 1]
  float *guide;            // [B, 1, S, K], zeros in the padding; NULL without a guide
} NmTeacherBatch;

// `guide` may be NULL. `pool` is borrowed, may be NULL.
NmStatus nm_teacher_batch_fill(NmTeacherBatch *batch, NmArena *arena, NmPool *pool, const NmUtteranceSet *set,
                               const int32_t *which, int32_t B, const NmTeacherConfig *config,
                               const NmTeacherGuide *guide) NM_NODISCARD;

typedef struct {
  NmAcousticInputs in;
  NmTeacherInputs decoding;
  NmVar positions_tokens;                           // [1, K, d_model]
  NmVar envelope, f0, voicing, frame_mask, f0_mask; // [B, T, 80], [B, T, 1]
  NmVar stop, stop_mask;                            // [B, S, 1]
  NmVar guide;                                      // [B, 1, S, K], or NM_VAR_NONE
  NmTeacherFrames frames;
  NmVar loss_envelope, loss_f0, loss_voicing, loss_stop; // [1]
  NmVar loss_guide; // [1] mean over steps, blocks and half of the heads; NM_VAR_NONE without a guide
} NmTeacherModel;

// Adds the network and its losses to the graph of `net`. Outputs are the caller's to mark.
NmTeacherModel nm_teacher_model_build(const NmNet *net, const NmTeacherConfig *config,
                                      const NmTeacherBatch *batch, bool with_weights);

// After planning. positions [NM_TEACHER_STEPS_MAX, d_model] from nm_teacher_positions.
void nm_teacher_model_set(NmGraph *graph, const NmTeacherModel *model, const NmTeacherBatch *batch,
                          const float *positions);

#endif
