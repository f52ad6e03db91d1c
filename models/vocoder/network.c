// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/mel.h"
#include "models/engine/cpu/vmath.h"

NmVocoderConfig nm_vocoder_config_defaults(void)
{
  return (NmVocoderConfig){.d_model = 160, .n_blocks = 4, .d_inner = 480, .len_kernel = 7};
}

void nm_vocoder_declare_stats(const NmNet *net)
{
  nm_graph_param(net->graph, net->params, "stats.envelope_mean", NM_SHAPE1(NM_VOCODER_N_BANDS),
                 NM_INIT_ZEROS);
  nm_graph_param(net->graph, net->params, "stats.envelope_std", NM_SHAPE1(NM_VOCODER_N_BANDS), NM_INIT_ONES);
}

NmVar nm_vocoder_head(const NmNet *net, NmVar x)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n_in = nm_shape_channels(nm_graph_shape(net->graph, x)), n_out = 3 * NM_VOCODER_N_BINS;
  const NmVar w = nm_net_param(net, "head", "w", NM_SHAPE2(n_in, n_out), (NmInit){NM_INIT_NORMAL, .01f});
  return nm_linear(net->graph, x, w, nm_net_param(net, "head", "b", NM_SHAPE1(n_out), NM_INIT_ZEROS));
}

NmVar nm_vocoder_trunk(const NmNet *net, const NmVocoderConfig *config, NmVar features)
{
  nm_vocoder_declare_stats(net);
  NmVar x = nm_net_norm(net, "norm_in", nm_net_conv(net, "in", features, config->d_model, 7));
  for (int i = 0; i < config->n_blocks; ++i) {
    char name[24];
    snprintf(name, sizeof name, "block%d", i);
    x = nm_net_convnext(net, name, x, NM_VAR_NONE, config->d_inner, config->len_kernel,
                        1.0 / config->n_blocks);
  }
  return nm_net_norm(net, "norm_out", x);
}

NmVar nm_vocoder_network(const NmNet *net, const NmVocoderConfig *config, NmVar features)
{
  return nm_vocoder_head(net, nm_vocoder_trunk(net, config, features));
}

static NmVar band_to_bin_matrix(NmGraph *g)
{
  float *matrix = calloc((size_t)NM_VOCODER_N_BANDS * NM_VOCODER_N_BINS, sizeof *matrix); // [80, 513]
  if (!matrix) return nm_graph_fail(g, "out of memory");
  NmMelTap taps[NM_VOCODER_N_BINS];
  nm_mel_interpolation(taps);
  for (int k = 0; k < NM_VOCODER_N_BINS; ++k) {
    matrix[taps[k].band * NM_VOCODER_N_BINS + k] += 1 - taps[k].weight;
    matrix[(taps[k].band + 1) * NM_VOCODER_N_BINS + k] += taps[k].weight;
  }
  const NmVar var = nm_graph_const(g, NM_SHAPE2(NM_VOCODER_N_BANDS, NM_VOCODER_N_BINS), matrix);
  free(matrix);
  return var;
}

static NmVar head_slice(NmGraph *g, NmVar heads, int which)
{
  return nm_slice(g, heads, 2, which * NM_VOCODER_N_BINS, NM_VOCODER_N_BINS);
}

static NmVar log_filter(NmGraph *g, NmVar base, NmVar correction, double offset)
{
  const NmVar sum = nm_add(g, base, correction);
  return nm_clamp(g, nm_affine(g, sum, 1, offset), NM_VOCODER_LOG_MIN, NM_VOCODER_LOG_MAX);
}

NmVar nm_vocoder_synthesis(const NmNet *net, NmVar heads, NmVar envelope, NmVar pulses, NmVar noise)
{
  NmGraph *g = net->graph;
  const NmVar base =
      nm_affine(g, nm_linear(g, envelope, band_to_bin_matrix(g), NM_VAR_NONE), 1, -NM_VOCODER_LOG_WINDOW);
  const NmVar log_h = log_filter(g, base, head_slice(g, heads, 0), 0);
  const NmVar log_n = log_filter(g, base, head_slice(g, heads, 1), NM_VOCODER_NOISE_OFFSET);
  const NmVar phase =
      nm_add(g, nm_min_phase(g, log_h), nm_affine(g, head_slice(g, heads, 2), NM_VOCODER_PHASE_SCALE, 0));
  const NmVar voiced =
      nm_complex_mul(g, nm_stft(g, pulses, NM_VOCODER_N_FFT, NM_VOCODER_HOP), nm_polar(g, log_h, phase));
  const NmVar gain = nm_exp(g, log_n);
  const NmVar gains[2] = {gain, gain};
  const NmVar breath =
      nm_mul(g, nm_stft(g, noise, NM_VOCODER_N_FFT, NM_VOCODER_HOP), nm_concat(g, gains, 2, 2));
  return nm_istft(g, nm_add(g, voiced, breath), NM_VOCODER_N_FFT, NM_VOCODER_HOP);
}

void nm_vocoder_features(const float *envelope, const float *f0_hz, const float *voicing, int64_t T,
                         const float *mean, const float *std, float *features)
{
  for (int64_t t = 0; t < T; ++t) {
    float *row = features + t * NM_VOCODER_N_FEATURES;
    for (int b = 0; b < NM_VOCODER_N_BANDS; ++b)
      row[b] = (envelope[t * NM_VOCODER_N_BANDS + b] - mean[b]) / std[b];
    row[NM_VOCODER_N_BANDS] = log2f(f0_hz[t] / 200.0f);
    row[NM_VOCODER_N_BANDS + 1] = 2 * voicing[t] - 1;
  }
}

// One hop of pulses: f0 and voicing at both ends, the phase before the first sample in cycles.
typedef struct {
  float f0_hz, f0_slope, voicing, voicing_slope; // slopes per sample
  double phase;
} Hop;

// The phase after sample i - 1: a sum of a straight line.
static inline double phase_at(const Hop *h, int i)
{
  const double f0 = h->f0_hz, slope = h->f0_slope;
  return h->phase + (i * f0 + slope * (.5 * i * (i - 1))) / NM_VOCODER_RATE_HZ;
}

// sum_{k=1..N} cos(k theta) = sin((N + 1/2) theta) / (2 sin(theta / 2)) - 1/2, N when theta is 0.
NM_CLONES static void write_hop(const Hop *h, float *samples)
{
#pragma omp simd
  for (int i = 0; i < NM_VOCODER_HOP; ++i) {
    const float f = h->f0_hz + (float)i * h->f0_slope, v = h->voicing + (float)i * h->voicing_slope;
    const float n = floorf(0.49f * NM_VOCODER_RATE_HZ / f);
    const double cycles = phase_at(h, i + 1), turn = cycles - floor(cycles), arg = (n + 0.5) * turn;
    float sine, half, cosine;
    nm_vsincos_f32((float)(6.28318530717959 * (arg - floor(arg))), &sine, &cosine);
    nm_vsincos_f32((float)(3.14159265358979 * turn), &half, &cosine);
    const float kernel = fabsf(half) < 1e-4f ? n : sine / (2 * half) - 0.5f;
    samples[i] = v > 0 ? v * sqrtf(4 * f / NM_VOCODER_RATE_HZ) * kernel : 0;
  }
}

void nm_vocoder_pulses(const float *f0_hz, const float *voicing, int64_t T, double phase, float *samples)
{
  for (int64_t t = 0; t + 1 < T; ++t) {
    const Hop h = {.f0_hz = f0_hz[t],
                   .f0_slope = (f0_hz[t + 1] - f0_hz[t]) / NM_VOCODER_HOP,
                   .voicing = voicing[t],
                   .voicing_slope = (voicing[t + 1] - voicing[t]) / NM_VOCODER_HOP,
                   .phase = phase};
    float *y = samples + t * NM_VOCODER_HOP;
    if (voicing[t] > 0 || voicing[t + 1] > 0)
      write_hop(&h, y);
    else
      memset(y, 0, NM_VOCODER_HOP * sizeof *y);
    phase = phase_at(&h, NM_VOCODER_HOP);
    phase -= floor(phase);
  }
}

void nm_vocoder_noise(NmRng *rng, int64_t n, float *samples)
{
  for (int64_t i = 0; i < n; ++i) samples[i] = (float)nm_rng_normal(rng);
}
