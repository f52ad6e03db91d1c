// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/losses.h"

#include <stdlib.h>

#include "dsp/mel.h"

enum { RATE_HZ = 24000 };

static NmVar magnitude(NmGraph *g, NmVar sound, int64_t n_fft)
{
  return nm_complex_abs(g, nm_stft(g, sound, n_fft, n_fft / 4), 1e-9);
}

// Norm of the difference over the norm of the target, for each sound, averaged over the batch.
static NmVar spectral_convergence(NmGraph *g, NmVar a, NmVar b)
{
  if (nm_graph_invalid(g, a) || nm_graph_invalid(g, b)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, a);
  const NmShape flat = NM_SHAPE2(s.dim[0], s.dim[1] * s.dim[2]);
  const NmVar d = nm_reshape(g, nm_square(g, nm_sub(g, a, b)), flat),
              t = nm_reshape(g, nm_square(g, b), flat);
  const NmVar over = nm_unary(g, NM_SQRT, nm_sum(g, d, 1), 1e-8, 0);
  return nm_mean(g, nm_div(g, over, nm_unary(g, NM_SQRT, nm_sum(g, t, 1), 1e-6, 0)), -1);
}

static NmVar log_difference(NmGraph *g, NmVar a, NmVar b, double floor)
{
  const NmVar la = nm_ln(g, nm_affine(g, a, 1, floor), 1e-9), lb = nm_ln(g, nm_affine(g, b, 1, floor), 1e-9);
  return nm_loss_l1(g, la, lb, NM_VAR_NONE);
}

NmVar nm_stft_loss(NmGraph *g, NmVar sound, NmVar target)
{
  NmVar sum = NM_VAR_NONE;
  for (int64_t n_fft = 256; n_fft <= 2048; n_fft *= 2) {
    const NmVar a = magnitude(g, sound, n_fft), b = magnitude(g, target, n_fft);
    const NmVar loss = nm_add(g, spectral_convergence(g, a, b), log_difference(g, a, b, 1e-3));
    sum = n_fft > 256 ? nm_add(g, sum, loss) : loss;
  }
  return nm_affine(g, sum, .25, 0);
}

static const int n_ffts[3] = {2048, 1024, 512}, n_bands[3] = {128, 80, 40};

// Column by column: the bank's answer to a magnitude of one in a single bin.
static NmStatus fill_bank(int n_fft, int bands, float *matrix)
{
  const int n_bins = n_fft / 2 + 1;
  NmMel *mel = nm_mel_new(RATE_HZ, n_fft, bands, 0, RATE_HZ / 2);
  float *unit = calloc((size_t)n_bins, sizeof *unit);
  const NmStatus status = mel && unit ? NM_OK : NM_ERR_NO_MEMORY;
  for (int k = 0; k < n_bins && status == NM_OK; ++k) {
    unit[k] = 1;
    nm_mel_apply(mel, unit, matrix + k * bands);
    unit[k] = 0;
  }
  free(unit);
  nm_mel_free(mel);
  return status;
}

NmStatus nm_mel_banks_init(NmMelBanks *banks)
{
  NmStatus status = NM_OK;
  *banks = (NmMelBanks){{0}};
  for (int i = 0; i < 3 && status == NM_OK; ++i) {
    banks->matrix[i] = calloc((size_t)(n_ffts[i] / 2 + 1) * (size_t)n_bands[i], sizeof(float));
    status = banks->matrix[i] ? fill_bank(n_ffts[i], n_bands[i], banks->matrix[i]) : NM_ERR_NO_MEMORY;
  }
  return status;
}

void nm_mel_banks_fini(NmMelBanks *banks)
{
  for (int i = 0; i < 3; ++i) free(banks->matrix[i]);
  *banks = (NmMelBanks){{0}};
}

NmVar nm_mel_loss(NmGraph *g, const NmMelBanks *banks, NmVar sound, NmVar target)
{
  NmVar sum = NM_VAR_NONE;
  for (int i = 0; i < 3; ++i) {
    const NmVar bank = nm_graph_const(g, NM_SHAPE2(n_ffts[i] / 2 + 1, n_bands[i]), banks->matrix[i]);
    const NmVar a = nm_linear(g, magnitude(g, sound, n_ffts[i]), bank, NM_VAR_NONE);
    const NmVar b = nm_linear(g, magnitude(g, target, n_ffts[i]), bank, NM_VAR_NONE);
    const NmVar loss = nm_loss_l1(g, nm_ln(g, a, 1e-4), nm_ln(g, b, 1e-4), NM_VAR_NONE);
    sum = i ? nm_add(g, sum, loss) : loss;
  }
  return nm_affine(g, sum, 1.0 / 3, 0);
}
