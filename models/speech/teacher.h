// SPDX-License-Identifier: GPL-3.0-or-later
// The autoregressive teacher: Transformer TTS (Li et al. 2019) over the acoustic model's own tokens and
// frames. The encoder is FastSpeech's blocks; the decoder sees the frames made so far (causal) and all tokens
// (cross-attention), and makes n_stack frames a step. Its cross-attention aligns frames to tokens (focus.h),
// and what it says can teach the acoustic model (distill.h). There is no postnet.
//
// The decoder is built of the pieces between its attentions, so that nm_teacher_decode, which knows all
// frames, and teacher_voice.h, which makes them one by one with a cache, are the same network.
#ifndef NM_SPEECH_TEACHER_H
#define NM_SPEECH_TEACHER_H

#include "models/speech/acoustic.h"

enum { NM_TEACHER_BLOCKS_MAX = 12, NM_TEACHER_HEADS_MAX = 16, NM_TEACHER_STEPS_MAX = 4096 };

typedef struct {
  int32_t d_model, n_heads, n_encoder, d_encoder_inner, len_encoder_kernel, reach; // as in NmAcousticConfig
  int32_t n_decoder, d_decoder_inner, d_prenet;
  int32_t n_stack; // frames of a step: 1, 2, 4 or 8
  int32_t n_speakers;
  int32_t align_head; // block n_heads + head whose attention gives the durations, found by training
} NmTeacherConfig;

// As large as the teacher of Ren et al. 2019: six blocks of width 384 on both sides.
NmTeacherConfig nm_teacher_config_defaults(void);

// Sinusoids of positions 0 to n - 1 (Vaswani et al. 2017, section 3.5): out [n, d_model].
void nm_teacher_positions(int64_t n, int64_t d_model, float *out);

// positions [1, K, d_model]. Returns the memory [B, K, d_model].
NmVar nm_teacher_encode(const NmNet *net, const NmTeacherConfig *config, const NmAcousticInputs *in,
                        NmVar positions);

typedef struct {
  NmVar memory;    // [B, K, d_model]
  NmVar len;       // (int) [B] tokens
  NmVar frames;    // [B, S, 82] the frame before each step: normalised envelope and ln f0, voicing 0 or 1
  NmVar positions; // [1, S, d_model]
  NmVar noise;     // [B, S, 2 d_prenet] what the prenet's units are multiplied with; NM_VAR_NONE: dropout in
                   // training, nothing in inference
} NmTeacherInputs;

typedef struct {
  NmVar out;                            // [B, S n_stack, 82] as the acoustic model's
  NmVar stop;                           // [B, S, 1] logit: the last step
  NmVar weights[NM_TEACHER_BLOCKS_MAX]; // [B, H, S, K] cross-attention of each block
} NmTeacherFrames;

// The whole decoder. Without with_weights the weights are NM_VAR_NONE.
NmTeacherFrames nm_teacher_decode(const NmNet *net, const NmTeacherConfig *config, const NmTeacherInputs *in,
                                  bool with_weights);

// Self-attention's or cross-attention's queries, keys and values.
typedef struct {
  NmVar q, k, v;
} NmTeacherHeard;

// The pieces, x [B, S, d_model]: frames to x; what block's self-attention takes; x after it, given its result
// `heard`; the query of its cross-attention; the keys and values of the memory; x after cross-attention and
// the feed-forward layers; and the last x to frames and stop (weights left alone).
NmVar nm_teacher_prenet(const NmNet *net, const NmTeacherConfig *config, const NmTeacherInputs *in);
NmTeacherHeard nm_teacher_self_in(const NmNet *net, const NmTeacherConfig *config, int block, NmVar x);
NmVar nm_teacher_self_out(const NmNet *net, const NmTeacherConfig *config, int block, NmVar x, NmVar heard);
NmVar nm_teacher_cross_query(const NmNet *net, const NmTeacherConfig *config, int block, NmVar x);
NmTeacherHeard nm_teacher_cross_memory(const NmNet *net, const NmTeacherConfig *config, int block,
                                       NmVar memory);
NmVar nm_teacher_cross_out(const NmNet *net, const NmTeacherConfig *config, int block, NmVar x, NmVar heard);
void nm_teacher_out(const NmNet *net, const NmTeacherConfig *config, NmVar x, NmTeacherFrames *frames);

// Adds the whole network for one token and one step, its frames and stop as outputs: to name its parameters.
void nm_teacher_declare(const NmNet *net, const NmTeacherConfig *config);

#endif
