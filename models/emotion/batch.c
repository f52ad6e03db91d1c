// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"

enum { MASK_BANDS = 12, MASK_STEPS = 3, N_FILTER = 4 };

#define GAIN 0.15
#define FILTER 0.1

// --- the object ---

// Copies by their original, in the order of items.
static bool list_copies(NmEmotionBatch *batch)
{
  const NmEmotionCorpus *c = batch->corpus;
  int32_t n = 0;
  batch->copies = calloc((size_t)c->n_items + 1, sizeof(int32_t));
  batch->first = calloc((size_t)c->n_items + 2, sizeof(int32_t));
  if (!batch->copies || !batch->first) return false;
  for (int32_t i = 0; i < c->n_items; ++i) {
    batch->first[i] = n;
    if (c->items[i].split != NM_EMOTION_TRAIN) continue;
    for (int32_t k = 0; k < c->n_items; ++k)
      if (c->items[k].split == NM_EMOTION_COPY && c->items[k].source == c->items[i].source &&
          c->items[k].id % NM_EMOTION_COPIES == c->items[i].id &&
          c->items[k].n_steps >= batch->training->n_steps)
        batch->copies[n++] = k;
  }
  batch->first[c->n_items] = n;
  return true;
}

bool nm_emotion_batch_init(NmEmotionBatch *batch, const NmEmotionTraining *training,
                           const NmEmotionCorpus *corpus, const NmEmotionStats *stats,
                           const NmEmotionClips *clips)
{
  const size_t B = (size_t)training->n_batch, N = B * (size_t)training->n_steps;
  *batch = (NmEmotionBatch){.training = training,
                            .corpus = corpus,
                            .stats = stats,
                            .clips = clips,
                            .patches = calloc(N * NM_PATCH, sizeof(float)),
                            .rows = calloc(N * NM_STEP_PLAIN, sizeof(float)),
                            .globals = calloc(N * NM_GLOBAL, sizeof(float)),
                            .labels = calloc(N * NM_EMOTION_LABELS, sizeof(float)),
                            .len = calloc(B, sizeof(int32_t)),
                            .order = calloc((size_t)clips->n + 1, sizeof(int32_t)),
                            .pass = -1};
  return batch->patches && batch->rows && batch->globals && batch->labels && batch->len && batch->order &&
         list_copies(batch);
}

void nm_emotion_batch_fini(NmEmotionBatch *batch)
{
  free(batch->patches);
  free(batch->rows);
  free(batch->globals);
  free(batch->labels);
  free(batch->len);
  free(batch->order);
  free(batch->copies);
  free(batch->first);
}

// --- clips ---

static void shuffle(NmEmotionBatch *batch, int64_t pass)
{
  NmRng rng;
  nm_rng_init(&rng, batch->training->seed * 7919 + (uint64_t)pass);
  memcpy(batch->order, batch->clips->items, (size_t)batch->clips->n * sizeof *batch->order);
  nm_rng_shuffle_i32(&rng, batch->order, batch->clips->n);
  batch->pass = pass;
}

static int64_t crop(const NmEmotionBatch *batch, int32_t item, NmRng *rng)
{
  const NmEmotionItem *it = &batch->corpus->items[item];
  const int32_t spare = it->n_steps - batch->training->n_steps;
  return it->first + (rng && spare > 0 ? (int64_t)nm_rng_below(rng, (uint64_t)spare + 1) : 0);
}

// What is done to the patches of one clip.
typedef struct {
  int shift, mask_band, n_mask_bands, mask_step, n_mask_steps;
  float filter[NM_N_MELS]; // added to each band
} Change;

static Change draw_change(const NmEmotionBatch *batch, NmRng *rng)
{
  Change c = {.shift = (int)lrint((2 * nm_rng_uniform(rng) - 1) * batch->training->shift),
              .mask_band = (int)nm_rng_below(rng, NM_N_MELS),
              .n_mask_bands = (int)nm_rng_below(rng, MASK_BANDS),
              .mask_step = (int)nm_rng_below(rng, (uint64_t)batch->training->n_steps),
              .n_mask_steps = (int)nm_rng_below(rng, MASK_STEPS + 1)};
  const double gain = GAIN * nm_rng_normal(rng);
  double wave[N_FILTER];
  for (int k = 0; k < N_FILTER; ++k) wave[k] = FILTER * nm_rng_normal(rng);
  for (int b = 0; b < NM_N_MELS; ++b) {
    c.filter[b] = (float)gain;
    for (int k = 0; k < N_FILTER; ++k) c.filter[b] += (float)(wave[k] * cos(M_PI * (k + 1) * b / NM_N_MELS));
  }
  return c;
}

// A normalised patch [NM_N_MELS, NM_PATCH_TIMES], changed, times `share`, is added to `out`.
static void add_patch(const float *patch, const Change *c, int step, float share, float *out)
{
  if (step >= c->mask_step && step < c->mask_step + c->n_mask_steps) return;
  for (int b = 0; b < NM_N_MELS; ++b) {
    if (b >= c->mask_band && b < c->mask_band + c->n_mask_bands) continue;
    int from = b - c->shift;
    from = from < 0 ? 0 : from >= NM_N_MELS ? NM_N_MELS - 1 : from;
    for (int k = 0; k < NM_PATCH_TIMES; ++k)
      out[b * NM_PATCH_TIMES + k] += share * (patch[from * NM_PATCH_TIMES + k] + c->filter[b]);
  }
}

// Adds `share` of a corpus's item to item i of the batch; unchanged and from its start without rng.
static void add_clip(NmEmotionBatch *batch, int32_t i, int32_t item, float share, NmRng *rng)
{
  const NmEmotionCorpus *c = batch->corpus;
  const int64_t T = batch->training->n_steps, first = crop(batch, item, rng);
  float global[NM_GLOBAL], row[NM_STEP_PLAIN], label[NM_EMOTION_LABELS], patch[NM_PATCH];
  const Change change = rng ? draw_change(batch, rng) : (Change){0};
  nm_emotion_describe_clip(c, batch->stats, item, first, (int32_t)T, global, label);
  for (int64_t s = 0; s < T; ++s) {
    const int64_t at = i * T + s;
    nm_emotion_normalise_patch(batch->stats, c->patches + (first + s) * NM_PATCH, patch);
    add_patch(patch, &change, (int)s, share, batch->patches + at * NM_PATCH);
    nm_emotion_normalise_row(batch->stats, c->rows + (first + s) * NM_STEP, row);
    for (int k = 0; k < NM_STEP_PLAIN; ++k) batch->rows[at * NM_STEP_PLAIN + k] += share * row[k];
    for (int k = 0; k < NM_GLOBAL; ++k) batch->globals[at * NM_GLOBAL + k] += share * global[k];
    for (int d = 0; d < NM_EMOTION_LABELS; ++d)
      batch->labels[NM_EMOTION_LABELS * at + d] +=
          share * (d < 2 ? c->labels[2 * (first + s) + d] : label[d]);
  }
}

// The same noise for all steps of item i.
static void add_noise(NmEmotionBatch *batch, int32_t i, NmRng *rng)
{
  const int64_t T = batch->training->n_steps;
  for (int k = 0; k < NM_STEP_PLAIN + NM_GLOBAL; ++k) {
    const float noise = (float)(batch->training->noise * nm_rng_normal(rng));
    for (int64_t at = i * T; at < (i + 1) * T; ++at)
      if (k < NM_STEP_PLAIN)
        batch->rows[at * NM_STEP_PLAIN + k] += noise;
      else
        batch->globals[at * NM_GLOBAL + k - NM_STEP_PLAIN] += noise;
  }
}

static void hide_measures(NmEmotionBatch *batch, int32_t i)
{
  const size_t T = (size_t)batch->training->n_steps;
  memset(batch->rows + (size_t)i * T * NM_STEP_PLAIN, 0, T * NM_STEP_PLAIN * sizeof(float));
  memset(batch->globals + (size_t)i * T * NM_GLOBAL, 0, T * NM_GLOBAL * sizeof(float));
}

// Beta(a, a) for small a (Joehnk 1964).
static double draw_beta(NmRng *rng, double a)
{
  for (;;) {
    const double x = pow(nm_rng_uniform(rng), 1 / a), y = pow(nm_rng_uniform(rng), 1 / a);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}

void nm_emotion_batch_clear(NmEmotionBatch *batch)
{
  const size_t N = (size_t)batch->training->n_batch * (size_t)batch->training->n_steps;
  memset(batch->patches, 0, N * NM_PATCH * sizeof(float));
  memset(batch->rows, 0, N * NM_STEP_PLAIN * sizeof(float));
  memset(batch->globals, 0, N * NM_GLOBAL * sizeof(float));
  memset(batch->labels, 0, N * NM_EMOTION_LABELS * sizeof(float));
  for (int32_t i = 0; i < batch->training->n_batch; ++i) batch->len[i] = batch->training->n_steps;
}

void nm_emotion_batch_add(NmEmotionBatch *batch, int32_t i, int32_t item)
{
  add_clip(batch, i, item, 1, NULL);
}

// The clip, or one of its copies.
static int32_t pick(const NmEmotionBatch *batch, int32_t item, NmRng *rng)
{
  const int32_t first = batch->first[item], n = batch->first[item + 1] - first;
  if (n == 0 || batch->training->copies == 0) return item;
  const bool is_copy = nm_rng_uniform(rng) < batch->training->copies;
  return is_copy ? batch->copies[first + (int32_t)nm_rng_below(rng, (uint64_t)n)] : item;
}

void nm_emotion_batch_draw(NmEmotionBatch *batch, int64_t step)
{
  const NmEmotionTraining *training = batch->training;
  const int64_t B = training->n_batch, at = step * B;
  NmRng rng;
  nm_rng_init(&rng, training->seed * 1000003 + (uint64_t)step);
  nm_emotion_batch_clear(batch);
  for (int32_t i = 0; i < B; ++i) {
    const int64_t pass = (at + i) / batch->clips->n;
    if (pass != batch->pass) shuffle(batch, pass);
    const double share = training->mix > 0 ? draw_beta(&rng, training->mix) : 1;
    add_clip(batch, i, pick(batch, batch->order[(at + i) % batch->clips->n], &rng), (float)share, &rng);
    const int32_t other = batch->clips->items[nm_rng_below(&rng, (uint64_t)batch->clips->n)];
    if (share < 1) add_clip(batch, i, pick(batch, other, &rng), (float)(1 - share), &rng);
    add_noise(batch, i, &rng);
    if (nm_rng_uniform(&rng) < training->blind) hide_measures(batch, i);
  }
}
