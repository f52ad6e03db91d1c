// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/frontend.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/stft.h"

struct NmFrontend {
  NmStft *stft;
  NmMel *mel;
  float spectrum[2 * NM_N_BINS];
  float magnitude[NM_N_BINS];
};

NmFrontend *nm_frontend_new(void)
{
  NmFrontend *fe = calloc(1, sizeof *fe);
  if (!fe) return NULL;
  fe->stft = nm_stft_new(NM_LEN_FRAME, NM_LEN_HOP, NM_WINDOW_HANN);
  fe->mel = nm_mel_new(NM_RATE_HZ, NM_LEN_FRAME, NM_N_MELS, 0, NM_MEL_MAX_HZ);
  if (fe->stft && fe->mel) return fe;
  nm_frontend_free(fe);
  return NULL;
}

void nm_frontend_free(NmFrontend *fe)
{
  if (!fe) return;
  nm_stft_free(fe->stft);
  nm_mel_free(fe->mel);
  free(fe);
}

int64_t nm_frontend_get_n_frames(int64_t n)
{
  return n > 0 ? n / NM_LEN_HOP + 1 : 0;
}

static void log_mel_of_spectrum(NmFrontend *fe, float *log_mel)
{
  const float *X = fe->spectrum;
#pragma omp simd
  for (int k = 0; k < NM_N_BINS; ++k)
    fe->magnitude[k] = sqrtf(X[2 * k] * X[2 * k] + X[2 * k + 1] * X[2 * k + 1]);
  nm_mel_apply_log(fe->mel, fe->magnitude, log_mel);
}

void nm_frontend_run(NmFrontend *fe, const float *x, int64_t n, float *log_mel)
{
  const int64_t n_frames = nm_frontend_get_n_frames(n);
  for (int64_t t = 0; t < n_frames; ++t) {
    nm_stft_frame(fe->stft, x, n, t, fe->spectrum);
    log_mel_of_spectrum(fe, log_mel + t * NM_N_MELS);
  }
}

int64_t nm_frontend_push(NmFrontend *fe, const float *x, int64_t n, int64_t *n_taken, float *log_mel,
                         int64_t capacity)
{
  int64_t n_frames = 0, i = 0, n_used = 0;
  while (n_frames < capacity && nm_stft_push(fe->stft, x + i, n - i, &n_used, fe->spectrum, 1) > 0) {
    log_mel_of_spectrum(fe, log_mel + n_frames++ * NM_N_MELS);
    i += n_used;
    n_used = 0;
  }
  *n_taken = i + n_used;
  return n_frames;
}

int64_t nm_frontend_finish(NmFrontend *fe, float *log_mel, int64_t capacity)
{
  int64_t n_frames = 0;
  for (; n_frames < capacity && nm_stft_finish(fe->stft, fe->spectrum, 1) > 0; ++n_frames)
    log_mel_of_spectrum(fe, log_mel + n_frames * NM_N_MELS);
  return n_frames;
}

void nm_frontend_reset(NmFrontend *fe)
{
  nm_stft_reset(fe->stft);
}
