// SPDX-License-Identifier: GPL-3.0-or-later
// The vocoder's network and its differentiable source-filter synthesis: a pulse train and noise, each
// filtered per frame in the STFT domain (Wang, Takaki, Yamagishi 2019, NSF; Engel et al. 2020, DDSP). The
// base of both filters is the spectral envelope; a ConvNeXt stack corrects it and adds a phase residual to
// the minimum phase.
#ifndef NM_VOCODER_NETWORK_H
#define NM_VOCODER_NETWORK_H

#include "dsp/base/rng.h"
#include "models/engine/layers.h"

enum {
  NM_VOCODER_RATE_HZ = 24000,
  NM_VOCODER_N_FFT = 1024,
  NM_VOCODER_HOP = 256,
  NM_VOCODER_N_BINS = 513,
  NM_VOCODER_N_BANDS = 80,
  NM_VOCODER_N_FEATURES = 82 // normalised envelope, octaves above 200 Hz, voicing as -1..1
};

typedef struct {
  int32_t d_model, n_blocks, d_inner, len_kernel;
} NmVocoderConfig;

NmVocoderConfig nm_vocoder_config_defaults(void);

// Bounds of the filters' log magnitudes and what the network's outputs are scaled by: shared by training and
// inference.
#define NM_VOCODER_LOG_MIN (-14.0f)
#define NM_VOCODER_LOG_MAX 5.0f
#define NM_VOCODER_NOISE_OFFSET (-1.0f)
#define NM_VOCODER_PHASE_SCALE 3.0f
// ln of the Hann window's energy gain, sqrt(384): an envelope in STFT amplitude over it is a filter for a
// unit-power source.
#define NM_VOCODER_LOG_WINDOW 2.975321f

// features [B, T, 82] -> [B, T, 3 n_bins]: the corrections of the log magnitudes of the pulses' and the
// noise's filters, then the phase residual of the first.
NmVar nm_vocoder_network(const NmNet *net, const NmVocoderConfig *config, NmVar features);

// The network in two parts: features [B, T, 82] -> [B, T, d_model], which sees the frames around; and from
// there on frame by frame.
NmVar nm_vocoder_trunk(const NmNet *net, const NmVocoderConfig *config, NmVar features);
NmVar nm_vocoder_head(const NmNet *net, NmVar x);

// The per-band mean and standard deviation of the training data's envelopes, kept with the weights as
// "stats.envelope_mean" and "stats.envelope_std" [80]; not trained.
void nm_vocoder_declare_stats(const NmNet *net);

// heads [B, T, 3 n_bins], envelope [B, T, 80] (ln STFT amplitude), pulses and noise [B, (T - 1) hop] -> sound
// [B, (T - 1) hop].
NmVar nm_vocoder_synthesis(const NmNet *net, NmVar heads, NmVar envelope, NmVar pulses, NmVar noise);

// Writes the 82 features of T frames. f0_hz must be positive everywhere (interpolated where unvoiced).
void nm_vocoder_features(const float *envelope, const float *f0_hz, const float *voicing, int64_t T,
                         const float *mean, const float *std, float *features);

// A band-limited pulse train of unit power where voicing is 1 (closed-form sum of cosines below 0.49 of the
// rate, the Dirichlet kernel). f0_hz and voicing [T] stand hop samples apart and are interpolated linearly;
// samples [(T - 1) hop]. `phase` in cycles is where the first pulse stands.
void nm_vocoder_pulses(const float *f0_hz, const float *voicing, int64_t T, double phase, float *samples);

// Unit-power white noise.
void nm_vocoder_noise(NmRng *rng, int64_t n, float *samples);

#endif
