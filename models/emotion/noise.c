// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/noise.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/base/rng.h"
#include "models/emotion/solve.h"

enum { N_NOISES = 300, N_COLUMNS = NM_GLOBAL + 1, RATE_HZ = 24000 };

#define PENALTY 20.

// --- noises ---

// One pole, in place: low pass, or what it takes away.
static void filter(float *x, int64_t n, double cutoff_hz, bool high)
{
  const double a = 1 - exp(-2 * M_PI * cutoff_hz / RATE_HZ);
  double y = 0;
  for (int64_t i = 0; i < n; ++i) {
    y += a * (x[i] - y);
    x[i] = (float)(high ? x[i] - y : y);
  }
}

static double draw_between(NmRng *rng, double low, double high)
{
  return low * pow(high / low, nm_rng_uniform(rng));
}

static void draw_source(NmRng *rng, bool clicks, float *x, int64_t n)
{
  const double rate = draw_between(rng, 5, 2000) / RATE_HZ;
  for (int64_t i = 0; i < n; ++i) {
    const double value = nm_rng_normal(rng);
    x[i] = clicks && nm_rng_uniform(rng) >= rate ? 0 : (float)value;
  }
}

static void colour(NmRng *rng, float *x, int64_t n)
{
  const int n_low = (int)nm_rng_below(rng, 3), n_high = (int)nm_rng_below(rng, 3);
  for (int i = 0; i < n_low; ++i) filter(x, n, draw_between(rng, 60, 11000), false);
  for (int i = 0; i < n_high; ++i) filter(x, n, draw_between(rng, 30, 4000), true);
}

// A slow swell, or on and off.
static void shape(NmRng *rng, float *x, int64_t n)
{
  const bool is_gated = nm_rng_below(rng, 2) != 0;
  const double rate_hz = draw_between(rng, .1, 8), depth = nm_rng_uniform(rng), phase = nm_rng_uniform(rng);
  for (int64_t i = 0; i < n; ++i) {
    const double wave = sin(2 * M_PI * (rate_hz * (double)i / RATE_HZ + phase));
    x[i] *= (float)(is_gated ? (wave > 0 ? 1 : 1 - depth) : 1 + depth * wave);
  }
}

static void set_level(float *x, int64_t n, double level)
{
  double sum = 1e-20;
  for (int64_t i = 0; i < n; ++i) sum += (double)x[i] * x[i];
  const float gain = (float)(level / sqrt(sum / (double)n));
  for (int64_t i = 0; i < n; ++i) x[i] *= gain;
}

void nm_emotion_make_noise(uint64_t k, float *x, int64_t n)
{
  NmRng rng;
  nm_rng_init(&rng, 0x6e6f697365 + k);
  draw_source(&rng, k % 6 == 5, x, n);
  if (k % 6) colour(&rng, x, n);
  if (k % 6 > 2) shape(&rng, x, n);
  set_level(x, n, draw_between(&rng, .003, .3));
}

// --- the plane ---

typedef struct {
  float *x, *y, *w; // [n, N_COLUMNS] [n] [n]
  double *plane;    // [N_COLUMNS]
  float *sound, *patches, *rows, *values;
  int64_t n;
} Fit;

static bool reserve(Fit *f, int32_t n_clips, int32_t n_steps)
{
  const size_t n = (size_t)n_clips + N_NOISES, steps = (size_t)n_steps + 1;
  *f = (Fit){.x = calloc(n * N_COLUMNS, sizeof(float)),
             .y = calloc(n, sizeof(float)),
             .w = calloc(n, sizeof(float)),
             .plane = calloc(N_COLUMNS, sizeof(double)),
             .sound = calloc(steps * NM_FEATURES_STEP, sizeof(float)),
             .patches = calloc(steps * NM_PATCH, sizeof(float)),
             .rows = calloc(steps * NM_STEP, sizeof(float)),
             .values = calloc(n, sizeof(float))};
  return f->x && f->y && f->w && f->plane && f->sound && f->patches && f->rows && f->values;
}

static void release(Fit *f)
{
  free(f->x);
  free(f->y);
  free(f->w);
  free(f->plane);
  free(f->sound);
  free(f->patches);
  free(f->rows);
  free(f->values);
}

static void add_row(Fit *f, const NmEmotionStats *stats, const float *patches, const float *rows,
                    int32_t n_steps, float y, float w)
{
  float *x = f->x + f->n * N_COLUMNS;
  nm_emotion_global(patches, rows, n_steps, x);
  nm_emotion_normalise_global(stats, x);
  x[NM_GLOBAL] = 1;
  f->y[f->n] = y;
  f->w[f->n++] = w;
}

static void hear(Fit *f, NmEmotionFeatures *features, uint64_t k, int32_t n_steps)
{
  const int64_t n = (int64_t)n_steps * NM_FEATURES_STEP;
  int64_t n_taken, done, more;
  nm_emotion_make_noise(k, f->sound, n);
  done = nm_emotion_features_push(features, f->sound, n, &n_taken, f->patches, f->rows, n_steps);
  do {
    more = nm_emotion_features_finish(features, f->patches + done * NM_PATCH, f->rows + done * NM_STEP,
                                      n_steps - done);
    done += more;
  } while (more > 0 && done < n_steps);
  nm_emotion_features_reset(features);
}

static int by_size(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

// The plane's values of the clips (the first n rows), in order; 99 of a hundred come to lie below 1.
static void shift(Fit *f, int32_t n, NmEmotionStats *stats)
{
  for (int i = 0; i < N_COLUMNS; ++i) stats->noise[i] = (float)f->plane[i];
  for (int32_t r = 0; r < n; ++r)
    f->values[r] = nm_emotion_measure_noise(stats, f->x + (int64_t)r * N_COLUMNS);
  qsort(f->values, (size_t)n, sizeof *f->values, by_size);
  const float edge = fmaxf(f->values[(int64_t)n * 99 / 100], .5f);
  stats->noise[NM_GLOBAL] += 1 - edge;
}

NmStatus nm_emotion_fit_noise(const NmEmotionCorpus *corpus, const NmEmotionClips *clips, int32_t n_steps,
                              NmEmotionStats *stats, NmError *err)
{
  Fit f;
  NmEmotionFeatures *features = nm_emotion_features_new();
  NmStatus status = NM_OK;
  if (!reserve(&f, clips->n, n_steps) || !features) {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  } else {
    for (int32_t i = 0; i < clips->n; ++i) {
      const int64_t first = corpus->items[clips->items[i]].first;
      add_row(&f, stats, corpus->patches + first * NM_PATCH, corpus->rows + first * NM_STEP, n_steps, 0, 1);
    }
    for (uint64_t k = 0; k < N_NOISES; ++k) {
      hear(&f, features, k, n_steps);
      add_row(&f, stats, f.patches, f.rows, n_steps, 1, (float)clips->n / N_NOISES);
    }
    if (nm_ridge_fit(f.x, f.y, f.w, f.n, N_COLUMNS, 1, PENALTY, f.plane))
      shift(&f, clips->n, stats);
    else
      status = nm_error_set(err, NM_ERR_BAD_DATA, "the training clips' measures are not numbers");
  }
  release(&f);
  nm_emotion_features_free(features);
  return status;
}
