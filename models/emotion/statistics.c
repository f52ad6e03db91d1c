// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "models/emotion/solve.h"

// Added to the covariance of what is normalised, so that directions in which the clips hardly differ count
// little.
#define SHRINKAGE 0.05

typedef struct {
  double sum[NM_GLOBAL], square[NM_GLOBAL];
  int64_t n;
} Sums;

static void add(Sums *s, const float *x, int64_t n_columns)
{
  for (int64_t i = 0; i < n_columns; ++i) {
    s->sum[i] += x[i];
    s->square[i] += (double)x[i] * x[i];
  }
  s->n += 1;
}

static void finish(const Sums *s, int64_t n_columns, float *mean, float *deviation)
{
  for (int64_t i = 0; i < n_columns; ++i) {
    const double m = s->sum[i] / (double)s->n;
    mean[i] = (float)m;
    deviation[i] = (float)sqrt(fmax(s->square[i] / (double)s->n - m * m, 1e-6));
  }
}

// Distances of the clips from all of them, and below which 99 of a hundred are.
static int by_size(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void measure_distances(const float *globals, int32_t n, NmEmotionStats *stats, float *distances)
{
  stats->distance = 1;
  for (int32_t i = 0; i < n; ++i)
    distances[i] = nm_emotion_measure_distance(stats, globals + (int64_t)i * NM_GLOBAL);
  qsort(distances, (size_t)n, sizeof *distances, by_size);
  stats->distance = distances[(int64_t)n * 99 / 100];
}

static bool whiten(const float *globals, int32_t n, NmEmotionStats *stats, double *a)
{
  enum { D = NM_STEP_PLAIN };
  double z[D];
  for (int32_t r = 0; r < n; ++r) {
    for (int i = 0; i < D; ++i)
      z[i] = (globals[(int64_t)r * NM_GLOBAL + i] - stats->global[0][i]) / stats->global[1][i];
    for (int i = 0; i < D; ++i)
      for (int k = 0; k <= i; ++k) a[i * D + k] += z[i] * z[k] / n;
  }
  for (int i = 0; i < D; ++i) a[i * D + i] += SHRINKAGE;
  if (!nm_cholesky_factor(a, D)) return false;
  nm_cholesky_invert(a, D);
  for (int i = 0; i < D * D; ++i) stats->whiten[i] = i % D <= i / D ? (float)a[i] : 0;
  return true;
}

static void measure_steps(const NmEmotionCorpus *c, const NmEmotionClips *clips, int32_t n_steps,
                          NmEmotionStats *stats, Sums *sums)
{
  Sums *patch = &sums[0], *row = &sums[1], *label = &sums[2];
  for (int32_t i = 0; i < clips->n; ++i) {
    const int64_t first = c->items[clips->items[i]].first;
    for (int64_t t = first; t < first + n_steps; ++t) {
      for (int k = 0; k < NM_PATCH_TIMES; ++k)
        add(patch, c->patches + t * NM_PATCH + k * NM_N_MELS, NM_N_MELS);
      add(row, c->rows + t * NM_STEP, NM_STEP_PLAIN);
      const float *now = c->labels + 2 * t, *whole = c->items[clips->items[i]].static_label;
      const float labels[NM_EMOTION_LABELS] = {now[0], now[1], whole[0], whole[1]};
      add(label, labels, NM_EMOTION_LABELS);
    }
  }
  finish(patch, NM_N_MELS, stats->patch[0], stats->patch[1]);
  finish(row, NM_STEP_PLAIN, stats->row[0], stats->row[1]);
  finish(label, NM_EMOTION_LABELS, stats->label[0], stats->label[1]);
}

NmStatus nm_emotion_statistics(const NmEmotionCorpus *c, const NmEmotionClips *clips, int32_t n_steps,
                               NmEmotionStats *stats, NmError *err)
{
  Sums *sums = calloc(4, sizeof *sums);
  float *globals = calloc((size_t)clips->n * NM_GLOBAL + 1, sizeof *globals);
  float *distances = calloc((size_t)clips->n + 1, sizeof *distances);
  double *a = calloc(NM_STEP_PLAIN * NM_STEP_PLAIN, sizeof *a);
  NmStatus status = NM_OK;
  if (!sums || !globals || !distances || !a) {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  } else {
    measure_steps(c, clips, n_steps, stats, sums);
    for (int32_t i = 0; i < clips->n; ++i) {
      float *global = globals + (int64_t)i * NM_GLOBAL;
      const int64_t first = c->items[clips->items[i]].first;
      nm_emotion_global(c->patches + first * NM_PATCH, c->rows + first * NM_STEP, n_steps, global);
      add(&sums[3], global, NM_GLOBAL);
    }
    finish(&sums[3], NM_GLOBAL, stats->global[0], stats->global[1]);
    if (!whiten(globals, clips->n, stats, a))
      status = nm_error_set(err, NM_ERR_BAD_DATA, "the training clips' measures are not numbers");
    else
      measure_distances(globals, clips->n, stats, distances);
  }
  free(sums);
  free(globals);
  free(distances);
  free(a);
  return status;
}

void nm_emotion_describe_clip(const NmEmotionCorpus *c, const NmEmotionStats *stats, int32_t item,
                              int64_t first, int32_t n_steps, float *global, float label[NM_EMOTION_LABELS])
{
  nm_emotion_global(c->patches + first * NM_PATCH, c->rows + first * NM_STEP, n_steps, global);
  nm_emotion_normalise_global(stats, global);
  for (int d = 0; d < 2; ++d) {
    label[d] = 0;
    label[2 + d] = c->items[item].static_label[d];
    for (int64_t t = first; t < first + n_steps; ++t) label[d] += c->labels[2 * t + d] / (float)n_steps;
  }
}
