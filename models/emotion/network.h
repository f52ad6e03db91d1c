// SPDX-License-Identifier: GPL-3.0-or-later
// The emotion network, dual-scale attention over half seconds: each step's log-mel patch (convolutions over
// its bands) and measures, fused with what the stretch around it has in common; one Transformer block run
// twice with the same weights, under a short and a long window, added and squashed; a head over the sequence.
// Several such members, trained side by side, are averaged.
#ifndef NM_EMOTION_NETWORK_H
#define NM_EMOTION_NETWORK_H

#include "models/attention/block.h"
#include "models/emotion/features.h"
#include "models/engine/config.h"

enum {
  NM_EMOTION_SHORT = 5, // steps to either side
  NM_EMOTION_LONG = 30,
  NM_EMOTION_OUT = 6,    // those, and ln of the variance of what remains of the first two
  NM_EMOTION_LABELS = 4, // valence and arousal now; valence and arousal that the whole would be rated with
  NM_EMOTION_MEMBERS_MAX = 8
};

typedef enum { NM_EMOTION_BOTH, NM_EMOTION_ONLY_SHORT, NM_EMOTION_ONLY_LONG } NmEmotionScales;

typedef struct {
  int32_t n_members, d_model, n_heads, d_inner, d_local, d_global, n_filters;
  int32_t scales;         // NmEmotionScales
  int32_t patches;        // 0: without the convolutions
  int32_t n_centres;      // of the kernel machine that is averaged with the members; 0: none
  int32_t kernel_percent; // its share
} NmEmotionConfig;

extern const NmConfigField nm_emotion_fields[];
extern const int nm_emotion_n_fields;

NmEmotionConfig nm_emotion_config_defaults(void);

// Added to what the network gives for ln of the variances, so that they begin near what they become.
#define NM_EMOTION_LN_VARIANCE (-3.5)

// B stretches of T steps.
typedef struct {
  NmVar patches; // [B T, NM_N_MELS, NM_PATCH_TIMES]
  NmVar rows;    // [B, T, NM_STEP_PLAIN]
  NmVar globals; // [B, T, NM_GLOBAL]
  NmVar len;     // (int) [B] steps that are no padding
} NmEmotionInputs;

NmEmotionInputs nm_emotion_inputs(NmGraph *graph, int64_t B, int64_t T);

typedef struct {
  NmVar out;    // [B, T, NM_EMOTION_OUT], the members' mean
  NmVar spread; // [B, T, 2], the members' variance
  NmVar self;   // [1] mean weight that steps give to themselves, NM_VAR_NONE unless wanted
  NmVar each[NM_EMOTION_MEMBERS_MAX];   // [B, T, NM_EMOTION_OUT]
  NmVar hidden[NM_EMOTION_MEMBERS_MAX]; // [B, T, d_model], what the head makes of the sequence
} NmEmotionOutput;

NmEmotionOutput nm_emotion_network(const NmNet *net, const NmEmotionConfig *config, const NmEmotionInputs *in,
                                   bool wants_self);

// Normalisation and what is known, from the training split: tensors that are not trained.
typedef struct {
  float patch[2][NM_N_MELS]; // mean and deviation of each band
  float row[2][NM_STEP_PLAIN];
  float global[2][NM_GLOBAL];
  float label[2][NM_EMOTION_LABELS]; // mean and deviation of valence and arousal
  float distance;                    // that 99 % of the training clips are below
  float whiten[NM_STEP_PLAIN *
               NM_STEP_PLAIN]; // lower triangle: distance^2 = |whiten z|^2 / n of the normalised means
  float
      noise[NM_GLOBAL + 1]; // a plane through the normalised globals and its height (models/emotion/noise.h)
} NmEmotionStats;

// Declares "stats.*" and "known.*", and with n_centres "kernel.centres" [n_centres NM_KERNEL_COLUMNS] and
// "kernel.matern" [n_centres NM_EMOTION_LABELS] (models/emotion/kernel.h).
void nm_emotion_declare_stats(const NmNet *net, const NmEmotionConfig *config);
void nm_emotion_set_stats(NmParams *params, const NmEmotionStats *stats);
// NM_ERR_BAD_DATA naming `path` and the tensor when a deviation is not above 0.
NmStatus nm_emotion_get_stats(NmParams *params, const char *path, NmEmotionStats *stats,
                              NmError *err) NM_NODISCARD;

// One step's inputs, normalised: patch [NM_PATCH] to [NM_N_MELS, NM_PATCH_TIMES], row [NM_STEP] to
// [NM_STEP_PLAIN], global [NM_GLOBAL] in place.
void nm_emotion_normalise_patch(const NmEmotionStats *stats, const float *patch, float *out);
void nm_emotion_normalise_row(const NmEmotionStats *stats, const float *row, float *out);
void nm_emotion_normalise_global(const NmEmotionStats *stats, float *global);

// How far the raw mean columns [NM_STEP_PLAIN] of a stretch are from the training data, 1 at stats->distance.
float nm_emotion_measure_distance(const NmEmotionStats *stats, const float *mean);

// How much normalised globals [NM_GLOBAL] are like noise: about 0 for music, above 1 for noise.
float nm_emotion_measure_noise(const NmEmotionStats *stats, const float *global);

#endif
