// SPDX-License-Identifier: GPL-3.0-or-later
// Builders of ops on sounds and spectra.
#include "models/engine/ops.h"

static bool is_transform(int64_t n_fft, int64_t len_hop)
{
  return n_fft >= 4 && n_fft % 2 == 0 && len_hop >= 1 && len_hop <= n_fft;
}

NmVar nm_stft(NmGraph *g, NmVar x, int64_t n_fft, int64_t len_hop)
{
  char text[96];
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  if (s.n_dims != 2 || !is_transform(n_fft, len_hop) || s.dim[1] <= n_fft / 2)
    return nm_graph_fail(g, "stft: %s is not [B, L] with L above %lld", nm_shape_print(s, text, sizeof text),
                         (long long)n_fft / 2);
  const NmOpArgs args = {.i = {n_fft, len_hop}};
  return nm_graph_add(g, NM_OP_STFT, &x, 1, &args, NM_SHAPE3(s.dim[0], s.dim[1] / len_hop + 1, n_fft + 2));
}

NmVar nm_istft(NmGraph *g, NmVar spectra, int64_t n_fft, int64_t len_hop)
{
  char text[96];
  if (nm_graph_invalid(g, spectra)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, spectra);
  if (s.n_dims != 3 || !is_transform(n_fft, len_hop) || s.dim[2] != n_fft + 2 || s.dim[1] < 2)
    return nm_graph_fail(g, "istft: %s is not [B, F, %lld] with two frames or more",
                         nm_shape_print(s, text, sizeof text), (long long)n_fft + 2);
  const NmOpArgs args = {.i = {n_fft, len_hop}};
  return nm_graph_add(g, NM_OP_ISTFT, &spectra, 1, &args, NM_SHAPE2(s.dim[0], (s.dim[1] - 1) * len_hop));
}

NmVar nm_min_phase(NmGraph *g, NmVar log_magnitude)
{
  if (nm_graph_invalid(g, log_magnitude)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, log_magnitude);
  if (nm_shape_channels(s) < 3 || nm_shape_channels(s) % 2 == 0)
    return nm_graph_fail(g, "min_phase: %lld bins are not n / 2 + 1 of a transform of n, a multiple of 4",
                         (long long)nm_shape_channels(s));
  return nm_graph_add(g, NM_OP_MIN_PHASE, &log_magnitude, 1, NULL, s);
}

NmVar nm_complex_abs(NmGraph *g, NmVar spectra, double eps)
{
  if (nm_graph_invalid(g, spectra)) return NM_VAR_NONE;
  NmShape s = nm_graph_shape(g, spectra);
  if (nm_shape_channels(s) % 2) return nm_graph_fail(g, "complex_abs: the last dimension is odd");
  s.dim[s.n_dims - 1] /= 2;
  const NmOpArgs args = {.r = {eps}};
  return nm_graph_add(g, NM_OP_COMPLEX_ABS, &spectra, 1, &args, s);
}

NmVar nm_complex_mul(NmGraph *g, NmVar a, NmVar b)
{
  if (nm_graph_invalid(g, a) || nm_graph_invalid(g, b)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, a);
  if (!nm_shape_equal(s, nm_graph_shape(g, b)) || nm_shape_channels(s) % 2)
    return nm_graph_fail(g, "complex_mul: needs two equal shapes with an even last dimension");
  const NmVar src[] = {a, b};
  return nm_graph_add(g, NM_OP_COMPLEX_MUL, src, 2, NULL, s);
}

NmVar nm_polar(NmGraph *g, NmVar log_magnitude, NmVar phase)
{
  if (nm_graph_invalid(g, log_magnitude) || nm_graph_invalid(g, phase)) return NM_VAR_NONE;
  NmShape s = nm_graph_shape(g, phase);
  if (!nm_shape_equal(s, nm_graph_shape(g, log_magnitude)))
    return nm_graph_fail(g, "polar: the shapes differ");
  s.dim[s.n_dims - 1] *= 2;
  const NmVar src[] = {log_magnitude, phase};
  return nm_graph_add(g, NM_OP_POLAR, src, 2, NULL, s);
}
