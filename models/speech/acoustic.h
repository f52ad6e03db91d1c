// SPDX-License-Identifier: GPL-3.0-or-later
// The acoustic model: FastSpeech 2 (Ren et al. 2021) with FastSpeech's blocks over phones, where prosody is
// decided, and a ConvNeXt decoder that makes `n_stack` frames at once. It predicts the f0-adaptive envelope,
// f0 and voicing.
#ifndef NM_SPEECH_ACOUSTIC_H
#define NM_SPEECH_ACOUSTIC_H

#include "models/attention/block.h"
#include "models/speech/tokens.h"

enum {
  NM_ACOUSTIC_N_BANDS = 80,
  NM_ACOUSTIC_N_OUT = 82, // normalised envelope, normalised ln f0, voicing logit
  NM_ACOUSTIC_SPEAKERS_MAX = 64
};

typedef struct {
  int32_t d_model, n_heads, n_encoder, d_encoder_inner, len_encoder_kernel;
  int32_t reach; // of the encoder's relative positions
  int32_t n_decoder, d_decoder_inner, len_decoder_kernel, n_stack;
  int32_t d_predictor, n_speakers;
  int32_t attention; // 0: the encoder's blocks are convolutions alone
} NmAcousticConfig;

NmAcousticConfig nm_acoustic_config_defaults(void);

// Inputs of the encoder; B phrases of up to K tokens.
typedef struct {
  NmVar phones;   // (int) [B, K]
  NmVar places;   // (int) [B, K], nm_tokens_describe
  NmVar features; // [B, K, 12], nm_tokens_describe
  NmVar speaker;  // (int) [B, 1]
  NmVar len;      // (int) [B], or NM_VAR_NONE where nothing is padding
} NmAcousticInputs;

// Adds these inputs for B phrases of K tokens.
NmAcousticInputs nm_acoustic_inputs(NmGraph *graph, int64_t B, int64_t K);

typedef struct {
  NmVar hidden;       // [B, K, d_model]
  NmVar log_duration; // [B, K, 1] ln of frames
  NmVar prosody;      // [B, K, 2] normalised ln f0 and level of the phone
} NmAcousticEncoding;

// dropout_predictor acts in the predictors of pitch and level, which overfit first; net->dropout elsewhere.
NmAcousticEncoding nm_acoustic_encode(const NmNet *net, const NmAcousticConfig *config,
                                      const NmAcousticInputs *in, double dropout_predictor);

// Frames from the encoding. prosody [B, K, 2] as predicted or as measured; index (int) [B, T] and
// frame_features [B, T, 6] from nm_frames_describe, T a multiple of n_stack, index -1 beyond the end;
// len_stacks (int) [B]: frames / n_stack, rounded up. Both lengths may be NM_VAR_NONE where nothing is
// padding. Returns [B, T, 82].
NmVar nm_acoustic_decode(const NmNet *net, const NmAcousticConfig *config, NmVar hidden, NmVar prosody,
                         NmVar index, NmVar frame_features, NmVar len, NmVar len_stacks);

// Normalisation, from the training split's recordings.
typedef struct {
  float envelope_mean[NM_ACOUSTIC_N_BANDS], envelope_std[NM_ACOUSTIC_N_BANDS];
  float f0[2 * NM_ACOUSTIC_SPEAKERS_MAX]; // mean and deviation of ln f0, by speaker
  float level[2];                         // mean and deviation of the envelope's mean over bands
} NmSpeechStats;

// Untrained tensors kept with the weights: "stats.envelope_mean", "stats.envelope_std" [80], "stats.f0" [2
// n_speakers] (mean and deviation of ln f0 of each), "stats.level" [2] (of the mean of the raw envelope over
// bands).
void nm_acoustic_declare_stats(const NmNet *net, int32_t n_speakers);

// Those tensors of a sealed set, in and out.
void nm_acoustic_set_stats(NmParams *params, const NmSpeechStats *stats);
void nm_acoustic_get_stats(NmParams *params, NmSpeechStats *stats);

// What the encoder starts from, [B, K, d_model]: phone, place, features and speaker.
NmVar nm_acoustic_embed(const NmNet *net, const NmAcousticInputs *in, int32_t d_model, int32_t n_speakers);

#endif
