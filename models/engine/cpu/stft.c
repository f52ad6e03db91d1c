// SPDX-License-Identifier: GPL-3.0-or-later
// Short-time Fourier transforms: stft, its least-squares inverse, and minimum phase; each with its adjoint.
#include <fftw3.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "models/engine/cpu/cpu.h"

#ifdef NM_REAL_IS_DOUBLE
#define FFTW(name) fftw_##name
#else
#define FFTW(name) fftwf_##name
#endif

// Plans of one size, kept until the program ends. They are executed on other arrays, so alignment is not
// assumed; estimated, so that the bytes do not depend on timing.
typedef struct Plans {
  struct Plans *next;
  int n;
  FFTW(plan) forward, inverse; // interleaved spectra of n / 2 + 1 bins
  real *window;                // [n] Hann, periodic
} Plans;

static const Plans *find_plans(int64_t n)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static Plans *all;
  pthread_mutex_lock(&lock);
  Plans *p = all;
  while (p && p->n != n) p = p->next;
  real *x = p ? NULL : calloc((size_t)(2 * n + 4), sizeof *x);
  if (!p && x && (p = calloc(1, sizeof *p)) && (p->window = calloc((size_t)n, sizeof *p->window))) {
    FFTW(complex) *spectrum = (FFTW(complex) *)(void *)(x + n);
    const unsigned flags = FFTW_ESTIMATE | FFTW_UNALIGNED;
    p->n = (int)n;
    p->forward = FFTW(plan_dft_r2c_1d)((int)n, x, spectrum, flags);
    p->inverse = FFTW(plan_dft_c2r_1d)((int)n, spectrum, x, flags);
    for (int64_t i = 0; i < n; ++i)
      p->window[i] = (real)(0.5 - 0.5 * cos(2 * 3.14159265358979323846 * (double)i / (double)n));
    p->next = all;
    all = p;
  }
  free(x);
  pthread_mutex_unlock(&lock);
  return p;
}

typedef struct {
  const Plans *plans;
  int64_t n, hop, bins, L, F; // L samples and F frames of an item
  real *sound, *spectra;
  real *scratch; // per worker [2 n + 4]
  real *frames;  // istft: [B, F, n]
} Job;

static Job make(const NmKernelRun *run, const NmOpArgs *args, const NmTensor *sound, const NmTensor *spectra)
{
  const int64_t n = args->i[0];
  return (Job){.plans = find_plans(n),
               .n = n,
               .hop = args->i[1],
               .bins = n / 2 + 1,
               .L = sound->shape.dim[1],
               .F = spectra->shape.dim[1],
               .scratch = run->scratch};
}

static real *own(const Job *j, int worker)
{
  return j->scratch + (int64_t)worker * (2 * j->n + 4);
}

// The index that reflection at both ends leads to; L > n / 2 makes one reflection enough.
static int64_t reflect(int64_t i, int64_t L)
{
  if (i < 0) i = -i;
  return i >= L ? 2 * (L - 1) - i : i;
}

static void split(const real *interleaved, int64_t bins, real *row)
{
  for (int64_t k = 0; k < bins; ++k) row[k] = interleaved[2 * k], row[bins + k] = interleaved[2 * k + 1];
}

static void merge(const real *row, int64_t bins, real *interleaved)
{
  for (int64_t k = 0; k < bins; ++k) interleaved[2 * k] = row[k], interleaved[2 * k + 1] = row[bins + k];
}

static void execute(const Job *j, bool inverse, real *time, real *spectrum)
{
  if (inverse)
    FFTW(execute_dft_c2r)(j->plans->inverse, (FFTW(complex) *)(void *)spectrum, time);
  else
    FFTW(execute_dft_r2c)(j->plans->forward, time, (FFTW(complex) *)(void *)spectrum);
}

static void stft_frames(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  real *time = own(j, worker), *spectrum = time + j->n;
  for (int64_t r = first; r < last; ++r) {
    const real *x = j->sound + r / j->F * j->L;
    const int64_t start = r % j->F * j->hop - j->n / 2;
    const bool inside = start >= 0 && start + j->n <= j->L;
    for (int64_t i = 0; i < j->n; ++i)
      time[i] = x[inside ? start + i : reflect(start + i, j->L)] * j->plans->window[i];
    execute(j, false, time, spectrum);
    split(spectrum, j->bins, j->spectra + r * 2 * j->bins);
  }
}

// The adjoint of the real transform: sum_k re_k cos - im_k sin. The inverse transform counts inner bins
// twice.
static void adjoint(const Job *j, const real *row, real *time, real *spectrum)
{
  merge(row, j->bins, spectrum);
  for (int64_t k = 2; k < 2 * (j->bins - 1); ++k) spectrum[k] *= (real)0.5;
  spectrum[1] = spectrum[2 * j->bins - 1] = 0;
  execute(j, true, time, spectrum);
}

// One item at a time: frames overlap in dx.
static void stft_item_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  real *time = own(j, worker), *spectrum = time + j->n;
  for (int64_t item = first; item < last; ++item)
    for (int64_t f = 0; f < j->F; ++f) {
      real *dx = j->sound + item * j->L;
      const int64_t start = f * j->hop - j->n / 2;
      const bool inside = start >= 0 && start + j->n <= j->L;
      adjoint(j, j->spectra + (item * j->F + f) * 2 * j->bins, time, spectrum);
      for (int64_t i = 0; i < j->n; ++i)
        dx[inside ? start + i : reflect(start + i, j->L)] += time[i] * j->plans->window[i];
    }
}

static void stft(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src, NmTensor *dst)
{
  Job j = make(run, args, src[0], dst);
  j.sound = src[0]->value;
  j.spectra = dst->value;
  if (j.plans) NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), 16, stft_frames, &j);
}

static void stft_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  Job j = make(run, args, src[0], dst);
  j.sound = src[0]->grad;
  j.spectra = dst->grad;
  if (j.plans && j.sound) NM_FN(nm_cpu_for)(run->pool, dst->shape.dim[0], 1, stft_item_back, &j);
}

static size_t stft_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return (size_t)n_threads * (size_t)(2 * args->i[0] + 4) * sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_stft) = {.forward = stft, .backward = stft_back, .size_scratch = stft_scratch};

static void istft_frames(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  real *spectrum = own(j, worker) + j->n;
  for (int64_t r = first; r < last; ++r) {
    real *time = j->frames + r * j->n;
    merge(j->spectra + r * 2 * j->bins, j->bins, spectrum);
    spectrum[1] = spectrum[2 * j->bins - 1] = 0;
    execute(j, true, time, spectrum);
    for (int64_t i = 0; i < j->n; ++i) time[i] *= j->plans->window[i] / (real)j->n;
  }
}

// Frames whose window covers sample t are (t - n/2) / hop < f <= (t + n/2) / hop.
static void covering(const Job *j, int64_t t, int64_t *first, int64_t *last)
{
  const int64_t low = t - j->n / 2;
  *first = low < 0 ? 0 : low / j->hop + 1;
  *last = (t + j->n / 2) / j->hop;
  if (*last > j->F - 1) *last = j->F - 1;
}

static real squares_at(const Job *j, int64_t t)
{
  int64_t first, last;
  real sum = 0;
  covering(j, t, &first, &last);
  for (int64_t f = first; f <= last; ++f) {
    const real w = j->plans->window[t - f * j->hop + j->n / 2];
    sum += w * w;
  }
  return sum > (real)1e-8 ? sum : (real)1e-8;
}

static void istft_add(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t s = first; s < last; ++s) {
    const int64_t t = s % j->L;
    const real *frames = j->frames + s / j->L * j->F * j->n;
    int64_t f, f_last;
    real sum = 0;
    for (covering(j, t, &f, &f_last); f <= f_last; ++f) sum += frames[f * j->n + t - f * j->hop + j->n / 2];
    j->sound[s] = sum / squares_at(j, t);
  }
}

static void istft(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                  NmTensor *dst)
{
  Job j = make(run, args, dst, src[0]);
  j.spectra = src[0]->value;
  j.sound = dst->value;
  j.frames = j.scratch + nm_pool_get_n_threads(run->pool) * (2 * j.n + 4);
  if (!j.plans) return;
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(src[0]->shape), 16, istft_frames, &j);
  NM_FN(nm_cpu_for)(run->pool, nm_shape_count(dst->shape), 4096, istft_add, &j);
}

static void istft_scale(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx; // frames: [B, L] scaled gradients
  for (int64_t s = first; s < last; ++s) j->frames[s] = j->sound[s] / squares_at(j, s % j->L);
}

// The adjoint of the inverse transform: the forward transform over n, inner bins twice.
static void istft_frames_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  real *time = own(j, worker), *spectrum = time + j->n;
  for (int64_t r = first; r < last; ++r) {
    const real *g = j->frames + r / j->F * j->L;
    real *d = j->spectra + r * 2 * j->bins;
    const int64_t start = r % j->F * j->hop - j->n / 2;
    for (int64_t i = 0; i < j->n; ++i) {
      const int64_t t = start + i;
      time[i] = t >= 0 && t < j->L ? g[t] * j->plans->window[i] : 0;
    }
    execute(j, false, time, spectrum);
    for (int64_t k = 0; k < j->bins; ++k) {
      const bool edge = k == 0 || k == j->bins - 1;
      const real scale = (edge ? (real)1 : (real)2) / (real)j->n;
      d[k] += scale * spectrum[2 * k];
      if (!edge) d[j->bins + k] += scale * spectrum[2 * k + 1];
    }
  }
}

static void istft_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                       NmTensor *dst)
{
  Job j = make(run, args, dst, src[0]);
  j.spectra = src[0]->grad;
  j.sound = dst->grad;
  j.frames = j.scratch + nm_pool_get_n_threads(run->pool) * (2 * j.n + 4);
  if (!j.plans || !j.spectra) return;
  NM_FN(nm_cpu_for)(run->pool, nm_shape_count(dst->shape), 4096, istft_scale, &j);
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(src[0]->shape), 16, istft_frames_back, &j);
}

static size_t istft_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                            int n_threads)
{
  const size_t frames = (size_t)(nm_shape_rows(src[0]->shape) * args->i[0]),
               sound = (size_t)nm_shape_count(dst->shape);
  return ((size_t)n_threads * (size_t)(2 * args->i[0] + 4) + (frames > sound ? frames : sound)) *
         sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_istft) = {
    .forward = istft, .backward = istft_back, .size_scratch = istft_scratch};

// phase = Im DFT(fold . IDFT(L)): the cepstrum of the log magnitude, folded onto positive time.
static void phase_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx; // spectra: log magnitudes [rows, bins], sound: phases
  real *time = own(j, worker), *spectrum = time + j->n;
  for (int64_t r = first; r < last; ++r) {
    const real *x = j->spectra + r * j->bins;
    real *y = j->sound + r * j->bins;
    for (int64_t k = 0; k < j->bins; ++k) spectrum[2 * k] = x[k], spectrum[2 * k + 1] = 0;
    execute(j, true, time, spectrum);
    time[0] /= (real)j->n;
    time[j->n / 2] /= (real)j->n;
    for (int64_t i = 1; i < j->n / 2; ++i) time[i] *= 2 / (real)j->n;
    memset(time + j->n / 2 + 1, 0, (size_t)(j->n / 2 - 1) * sizeof *time);
    execute(j, false, time, spectrum);
    for (int64_t k = 0; k < j->bins; ++k) y[k] = spectrum[2 * k + 1];
  }
}

// The adjoint: y_k = -sum_i w_i c_i sin(2 pi i k / n) and c_i = (x_0 + (-1)^i x_N + 2 sum x_k cos) / n,
// turned around.
static void phase_rows_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx; // spectra: gradients of log magnitudes, sound: of phases
  real *time = own(j, worker), *spectrum = time + j->n;
  for (int64_t r = first; r < last; ++r) {
    const real *dy = j->sound + r * j->bins;
    real *dx = j->spectra + r * j->bins;
    // dc_i = -w_i sum_k dy_k sin(2 pi i k / n): the inverse transform of i dy gives -2 sum over inner bins.
    for (int64_t k = 0; k < j->bins; ++k) spectrum[2 * k] = 0, spectrum[2 * k + 1] = dy[k] * (real)0.5;
    spectrum[1] = spectrum[2 * j->bins - 1] = 0;
    execute(j, true, time, spectrum);
    time[0] = time[j->n / 2] = 0; // there the sine is 0
    for (int64_t i = 1; i < j->n / 2; ++i) time[i] *= 2;
    memset(time + j->n / 2 + 1, 0, (size_t)(j->n / 2 - 1) * sizeof *time);
    execute(j, false, time, spectrum);
    for (int64_t k = 0; k < j->bins; ++k)
      dx[k] += spectrum[2 * k] * (k == 0 || k == j->bins - 1 ? (real)1 : (real)2) / (real)j->n;
  }
}

static Job make_phase(const NmKernelRun *run, const NmTensor *x)
{
  const int64_t bins = nm_shape_channels(x->shape), n = 2 * (bins - 1);
  return (Job){.plans = find_plans(n), .n = n, .bins = bins, .scratch = run->scratch};
}

static void min_phase(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  Job j = make_phase(run, src[0]);
  j.spectra = src[0]->value;
  j.sound = dst->value;
  if (j.plans) NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), 16, phase_rows, &j);
}

static void min_phase_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                           NmTensor *dst)
{
  Job j = make_phase(run, src[0]);
  j.spectra = src[0]->grad;
  j.sound = dst->grad;
  if (j.plans && j.spectra) NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), 16, phase_rows_back, &j);
}

static size_t phase_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                            int n_threads)
{
  return (size_t)n_threads * (size_t)(4 * nm_shape_channels(dst->shape) + 4) * sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_min_phase) = {
    .forward = min_phase, .backward = min_phase_back, .size_scratch = phase_scratch};
