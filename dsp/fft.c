// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/fft.h"

#include <fftw3.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct Plans {
  struct Plans *next;
  int n;
  fftwf_plan forward, inverse, even;
} Plans;

struct NmFft {
  const Plans *plans;
  int n;
  float *time; // [n + 2]
  float *bins; // [n + 2]
};

// FFTW's planner is not thread-safe. Plans are never destroyed: there are as many as sizes in use.
static pthread_mutex_t planner_lock = PTHREAD_MUTEX_INITIALIZER;
static Plans *planner_cache;

static bool plans_make(Plans *plans, float *time, float *bins)
{
  const unsigned flags = FFTW_ESTIMATE;
  plans->forward = fftwf_plan_dft_r2c_1d(plans->n, time, (fftwf_complex *)bins, flags);
  plans->inverse = fftwf_plan_dft_c2r_1d(plans->n, (fftwf_complex *)bins, time, flags);
  plans->even = fftwf_plan_r2r_1d(plans->n / 2 + 1, time, bins, FFTW_REDFT00, flags);
  return plans->forward && plans->inverse && plans->even;
}

static void plans_free(Plans *plans)
{
  if (plans->forward) fftwf_destroy_plan(plans->forward);
  if (plans->inverse) fftwf_destroy_plan(plans->inverse);
  if (plans->even) fftwf_destroy_plan(plans->even);
  free(plans);
}

static const Plans *plans_find_or_make(int n, float *time, float *bins)
{
  for (const Plans *p = planner_cache; p; p = p->next)
    if (p->n == n) return p;
  Plans *plans = calloc(1, sizeof *plans);
  if (!plans) return NULL;
  plans->n = n;
  if (!plans_make(plans, time, bins)) {
    plans_free(plans);
    return NULL;
  }
  plans->next = planner_cache;
  planner_cache = plans;
  return plans;
}

static float *new_scratch(int n)
{
  const size_t size = ((size_t)n + 2) * sizeof(float);
  return aligned_alloc(64, (size + 63) / 64 * 64);
}

NmFft *nm_fft_new(int n)
{
  if (n < 2 || n % 2) return NULL;
  NmFft *fft = calloc(1, sizeof *fft);
  if (!fft) return NULL;
  fft->n = n;
  fft->time = new_scratch(n);
  fft->bins = new_scratch(n);
  if (fft->time && fft->bins) {
    pthread_mutex_lock(&planner_lock);
    fft->plans = plans_find_or_make(n, fft->time, fft->bins);
    pthread_mutex_unlock(&planner_lock);
  }
  if (fft->plans) return fft;
  nm_fft_free(fft);
  return NULL;
}

void nm_fft_free(NmFft *fft)
{
  if (!fft) return;
  free(fft->time);
  free(fft->bins);
  free(fft);
}

int nm_fft_get_n(const NmFft *fft)
{
  return fft->n;
}

int nm_fft_get_n_bins(const NmFft *fft)
{
  return fft->n / 2 + 1;
}

static void transform(NmFft *fft, const float *x)
{
  memcpy(fft->time, x, (size_t)fft->n * sizeof *x);
  fftwf_execute_dft_r2c(fft->plans->forward, fft->time, (fftwf_complex *)fft->bins);
}

void nm_fft_forward(NmFft *fft, const float *x, float *spectrum)
{
  transform(fft, x);
  memcpy(spectrum, fft->bins, ((size_t)fft->n + 2) * sizeof *spectrum);
}

void nm_fft_inverse(NmFft *fft, const float *spectrum, float *x)
{
  const float scale = 1.0f / (float)fft->n;
  const int n_values = fft->n + 2;
#pragma omp simd
  for (int i = 0; i < n_values; ++i) fft->bins[i] = spectrum[i] * scale;
  fft->bins[1] = fft->bins[n_values - 1] = 0;
  fftwf_execute_dft_c2r(fft->plans->inverse, (fftwf_complex *)fft->bins, fft->time);
  memcpy(x, fft->time, (size_t)fft->n * sizeof *x);
}

void nm_fft_power(NmFft *fft, const float *x, float *power)
{
  transform(fft, x);
  const float *bins = fft->bins;
  const int n_bins = fft->n / 2 + 1;
#pragma omp simd
  for (int k = 0; k < n_bins; ++k) power[k] = bins[2 * k] * bins[2 * k] + bins[2 * k + 1] * bins[2 * k + 1];
}

void nm_fft_even(NmFft *fft, const float *half, float *out)
{
  const size_t size = ((size_t)fft->n / 2 + 1) * sizeof *out;
  memcpy(fft->time, half, size);
  fftwf_execute_r2r(fft->plans->even, fft->time, fft->bins);
  memcpy(out, fft->bins, size);
}
