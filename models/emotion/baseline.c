// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/emotion/solve.h"

enum { PLAIN = 198, RIDGE_IN = 3 * PLAIN, LAST = 4, N_PENALTIES = 5 };

static const double penalties[N_PENALTIES] = {1e2, 3e2, 1e3, 3e3, 1e4}; // for a thousand rows

// Columns of a row that the baseline may use, as first and count.
static const int columns[][2] = {{NM_STEP_MEAN, 80},  {NM_STEP_SPREAD, 80}, {NM_STEP_FLUX, 20},
                                 {NM_STEP_ONSETS, 2}, {NM_STEP_ENERGY, 4},  {NM_STEP_PITCH_CLASSES, 12}};

static void pick(const float *row, float *out)
{
  for (size_t i = 0; i < sizeof columns / sizeof *columns; ++i) {
    memcpy(out, row + columns[i][0], (size_t)columns[i][1] * sizeof *out);
    out += columns[i][1];
  }
}

// Inputs of all steps of a clip, x [n_steps, RIDGE_IN].
static void describe(const float *rows, int32_t n, float *x)
{
  double mean[PLAIN] = {0}, square[PLAIN] = {0};
  float now[PLAIN];
  for (int32_t t = 0; t < n; ++t) {
    pick(rows + (int64_t)t * NM_STEP, now);
    for (int i = 0; i < PLAIN; ++i) {
      mean[i] += now[i] / (double)n;
      square[i] += (double)now[i] * now[i] / n;
    }
  }
  for (int32_t t = 0; t < n; ++t) {
    float *out = x + (int64_t)t * RIDGE_IN;
    const int32_t first = t < LAST - 1 ? 0 : t - LAST + 1;
    for (int i = 0; i < PLAIN; ++i) {
      out[i] = (float)mean[i];
      out[PLAIN + i] = (float)sqrt(fmax(square[i] - mean[i] * mean[i], 0));
      out[2 * PLAIN + i] = (float)-mean[i];
    }
    for (int32_t s = first; s <= t; ++s) {
      pick(rows + (int64_t)s * NM_STEP, now);
      for (int i = 0; i < PLAIN; ++i) out[2 * PLAIN + i] += now[i] / (float)(t - first + 1);
    }
  }
}

// One regression: rows to learn from and rows to predict.
typedef struct {
  float *x, *y;       // [n, RIDGE_IN] [n, 2]
  float *p;           // [n, 2] predictions of the held-out rows
  int64_t n, n_train; // rows, the training split's first
  float mean[2];
} Problem;

static void standardise(Problem *q)
{
  for (int i = 0; i < RIDGE_IN; ++i) {
    double sum = 0, square = 0;
    for (int64_t r = 0; r < q->n_train; ++r) sum += q->x[r * RIDGE_IN + i];
    const double mean = sum / (double)q->n_train;
    for (int64_t r = 0; r < q->n_train; ++r)
      square += (q->x[r * RIDGE_IN + i] - mean) * (q->x[r * RIDGE_IN + i] - mean);
    const double scale = 1 / (sqrt(square / (double)q->n_train) + 1e-6);
    for (int64_t r = 0; r < q->n; ++r)
      q->x[r * RIDGE_IN + i] = (float)((q->x[r * RIDGE_IN + i] - mean) * scale);
  }
  for (int d = 0; d < 2; ++d) {
    double sum = 0;
    for (int64_t r = 0; r < q->n_train; ++r) sum += q->y[2 * r + d];
    q->mean[d] = (float)(sum / (double)q->n_train);
    for (int64_t r = 0; r < q->n_train; ++r) q->y[2 * r + d] -= q->mean[d];
  }
}

static void score(const float *p, const float *y, int64_t n, NmEmotionScore out[2])
{
  for (int d = 0; d < 2; ++d) out[d] = nm_emotion_score(p + d, y + d, n, 2);
}

static bool try_penalty(Problem *q, double penalty, NmEmotionScore best[2])
{
  double weights[RIDGE_IN * 2];
  NmEmotionScore s[2];
  const double scaled = penalty * (double)q->n_train / 1000;
  if (!nm_ridge_fit(q->x, q->y, NULL, q->n_train, RIDGE_IN, 2, scaled, weights)) return false;
  for (int64_t r = q->n_train; r < q->n; ++r)
    for (int d = 0; d < 2; ++d) {
      double sum = q->mean[d];
      for (int i = 0; i < RIDGE_IN; ++i) sum += weights[2 * i + d] * q->x[r * RIDGE_IN + i];
      q->p[2 * (r - q->n_train) + d] = (float)sum;
    }
  score(q->p, q->y + 2 * q->n_train, q->n - q->n_train, s);
  for (int d = 0; d < 2; ++d)
    if (s[d].r2 > best[d].r2) best[d] = s[d];
  return true;
}

static bool regress(Problem *q, NmEmotionTable *table)
{
  standardise(q);
  for (int64_t r = 0; r < q->n - q->n_train; ++r)
    for (int d = 0; d < 2; ++d) q->p[2 * r + d] = q->mean[d];
  score(q->p, q->y + 2 * q->n_train, q->n - q->n_train, table->mean);
  for (int d = 0; d < 2; ++d) table->ridge[d].r2 = -INFINITY;
  for (int i = 0; i < N_PENALTIES; ++i)
    if (!try_penalty(q, penalties[i], table->ridge)) return false;
  return true;
}

// Fills a problem with the clips of a split, after those that are there: every step, or with `whole` one row
// for each clip.
static void gather(const NmEmotionCorpus *c, NmEmotionSplit split, bool whole, Problem *q)
{
  for (int32_t i = 0; i < c->n_items; ++i) {
    const NmEmotionItem *item = &c->items[i];
    if (item->split != (int32_t)split) continue;
    describe(c->rows + item->first * NM_STEP, item->n_steps, q->x + q->n * RIDGE_IN);
    if (whole)
      memcpy(q->y + 2 * q->n, item->static_label, sizeof item->static_label);
    else
      memcpy(q->y + 2 * q->n, c->labels + 2 * item->first, (size_t)item->n_steps * 2 * sizeof(float));
    q->n += whole ? 1 : item->n_steps;
  }
  if (split == NM_EMOTION_TRAIN) q->n_train = q->n;
}

static NmStatus run_ridge(const NmEmotionCorpus *c, bool whole, NmEmotionTable *table, NmError *err)
{
  const size_t room = (size_t)c->n_steps + 64;
  Problem q = {.x = calloc(room * RIDGE_IN, sizeof(float)),
               .y = calloc(room * 2, sizeof(float)),
               .p = calloc(room * 2, sizeof(float))};
  NmStatus status = q.x && q.y && q.p ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    gather(c, NM_EMOTION_TRAIN, whole, &q);
    gather(c, NM_EMOTION_VALID, whole, &q);
    if (q.n_train < 2 || q.n == q.n_train || !regress(&q, table))
      status = nm_error_set(err, NM_ERR_BAD_DATA, "the corpus has too few clips to compare on");
    table->n = q.n - q.n_train;
  }
  free(q.x);
  free(q.y);
  free(q.p);
  return status;
}

// --- the model ---

typedef struct {
  float *p[3], *whole[3]; // [kernel, network, both] [steps, 2] and [clips, 2]
  float *y, *y_whole;
  int64_t n, n_items, n_far;
} Heard;

static NmStatus listen(NmEmotion *emotion, const NmEmotionCorpus *c, const NmEmotionItem *item, int part,
                       Heard *h, NmEmotionRow *rows)
{
  float *whole = h->whole[part] + 2 * h->n_items;
  nm_emotion_run_steps(emotion, c->patches + item->first * NM_PATCH, c->rows + item->first * NM_STEP,
                       item->n_steps, rows);
  whole[0] = whole[1] = 0;
  for (int32_t s = 0; s < item->n_steps; ++s) {
    h->p[part][2 * (h->n + s)] = rows[s].valence;
    h->p[part][2 * (h->n + s) + 1] = rows[s].arousal;
    whole[0] += rows[s].whole_valence / (float)item->n_steps;
    whole[1] += rows[s].whole_arousal / (float)item->n_steps;
  }
  return NM_OK;
}

static NmStatus listen_to_all(NmEmotionModel *model, const NmEmotionCorpus *c, Heard *h, NmEmotionRow *rows,
                              NmError *err)
{
  static const int32_t shares[] = {100, 0};
  const int32_t share = model->config.kernel_percent;
  NmEmotion *emotion = nm_emotion_new(model, NULL, err);
  if (!emotion) return err->status;
  for (int32_t i = 0; i < c->n_items; ++i) {
    const NmEmotionItem *item = &c->items[i];
    if (item->split != NM_EMOTION_VALID) continue;
    for (int part = 0; part < 3; ++part) {
      model->config.kernel_percent = part < 2 ? shares[part] : share;
      (void)listen(emotion, c, item, part, h, rows);
    }
    h->n_far += rows[0].distance > 1;
    memcpy(h->y + 2 * h->n, c->labels + 2 * item->first, (size_t)item->n_steps * 2 * sizeof(float));
    memcpy(h->y_whole + 2 * h->n_items, item->static_label, sizeof item->static_label);
    h->n += item->n_steps;
    h->n_items += 1;
  }
  nm_emotion_free(emotion);
  return NM_OK;
}

NmStatus nm_emotion_compare(NmEmotionModel *model, const NmEmotionCorpus *c, NmEmotionTable *now,
                            NmEmotionTable *whole, double *far, NmError *err)
{
  const size_t N = 2 * (size_t)c->n_steps + 2;
  float *memory = calloc(8 * N, sizeof *memory);
  NmEmotionRow *rows = calloc(N, sizeof *rows);
  NmStatus status = memory && rows ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  *now = *whole = (NmEmotionTable){0};
  if (status == NM_OK) status = run_ridge(c, false, now, err);
  if (status == NM_OK) status = run_ridge(c, true, whole, err);
  if (status == NM_OK) {
    Heard h = {.p = {memory, memory + N, memory + 2 * N},
               .whole = {memory + 3 * N, memory + 4 * N, memory + 5 * N},
               .y = memory + 6 * N,
               .y_whole = memory + 7 * N};
    status = listen_to_all(model, c, &h, rows, err);
    for (int part = 0; part < 3 && status == NM_OK; ++part) {
      NmEmotionScore *const to[2][3] = {{now->kernel, now->network, now->model},
                                        {whole->kernel, whole->network, whole->model}};
      score(h.p[part], h.y, h.n, to[0][part]);
      score(h.whole[part], h.y_whole, h.n_items, to[1][part]);
    }
    *far = h.n_items ? (double)h.n_far / (double)h.n_items : 0;
    now->n_items = whole->n_items = h.n_items;
  }
  free(memory);
  free(rows);
  return status;
}
