// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/emotion/kernel.h"
#include "models/emotion/loss.h"
#include "models/emotion/noise.h"
#include "models/emotion/statistics.h"

enum { N_FOLDS = 5, MASK_BANDS = 12, MASK_STEPS = 3, N_FILTER = 4 };

#define GAIN 0.15
#define FILTER 0.1

// Host memory of a batch, as the network's inputs are.
typedef struct {
  float *patches, *rows, *globals, *labels;
  int32_t *len;
} Batch;

struct NmEmotionTrainer {
  NmEmotionTraining training;
  const NmEmotionCorpus *corpus;
  NmParams *params;
  NmGraph *graph;
  NmEmotionStats *stats;
  NmEmotionClips train, held;
  NmKernelMachine machine;
  float *centres, *kernel_weights; // of the machine
  Batch batch;
  int32_t *order;
  int64_t pass;
};

// --- clips ---

static bool divide(NmEmotionTrainer *t)
{
  const NmEmotionCorpus *c = t->corpus;
  NmRng rng;
  int32_t n = 0, *all = calloc((size_t)c->n_items + 1, sizeof *all);
  t->train.items = calloc((size_t)c->n_items + 1, sizeof(int32_t));
  t->held.items = calloc((size_t)c->n_items + 1, sizeof(int32_t));
  t->order = calloc((size_t)c->n_items + 1, sizeof(int32_t));
  if (!all || !t->train.items || !t->held.items || !t->order) {
    free(all);
    return false;
  }
  for (int32_t i = 0; i < c->n_items; ++i) {
    if (c->items[i].n_steps < t->training.n_steps) continue;
    if (c->items[i].split == NM_EMOTION_TRAIN)
      all[n++] = i;
    else if (t->training.fold < 0)
      t->held.items[t->held.n++] = i;
  }
  nm_rng_init(&rng, 12345);
  nm_rng_shuffle_i32(&rng, all, n);
  for (int32_t i = 0; i < n; ++i) {
    NmEmotionClips *clips = t->training.fold >= 0 && i % N_FOLDS == t->training.fold ? &t->held : &t->train;
    clips->items[clips->n++] = all[i];
  }
  free(all);
  return true;
}

static void shuffle(NmEmotionTrainer *t, int64_t pass)
{
  NmRng rng;
  nm_rng_init(&rng, t->training.seed * 7919 + (uint64_t)pass);
  memcpy(t->order, t->train.items, (size_t)t->train.n * sizeof *t->order);
  nm_rng_shuffle_i32(&rng, t->order, t->train.n);
  t->pass = pass;
}

// --- a batch ---

static bool reserve(NmEmotionTrainer *t)
{
  const size_t B = (size_t)t->training.n_batch, N = B * (size_t)t->training.n_steps;
  Batch *b = &t->batch;
  b->patches = calloc(N * NM_PATCH, sizeof(float));
  b->rows = calloc(N * NM_STEP_PLAIN, sizeof(float));
  b->globals = calloc(N * NM_GLOBAL, sizeof(float));
  b->labels = calloc(N * NM_EMOTION_LABELS, sizeof(float));
  b->len = calloc(B, sizeof(int32_t));
  return b->patches && b->rows && b->globals && b->labels && b->len;
}

static int64_t crop(const NmEmotionTrainer *t, int32_t item, NmRng *rng)
{
  const NmEmotionItem *it = &t->corpus->items[item];
  const int32_t spare = it->n_steps - t->training.n_steps;
  return it->first + (rng && spare > 0 ? (int64_t)nm_rng_below(rng, (uint64_t)spare + 1) : 0);
}

// What is done to the patches of one clip.
typedef struct {
  int shift, mask_band, n_mask_bands, mask_step, n_mask_steps;
  float filter[NM_N_MELS]; // added to each band
} Change;

static Change draw_change(const NmEmotionTrainer *t, NmRng *rng)
{
  Change c = {.shift = (int)lrint((2 * nm_rng_uniform(rng) - 1) * t->training.shift),
              .mask_band = (int)nm_rng_below(rng, NM_N_MELS),
              .n_mask_bands = (int)nm_rng_below(rng, MASK_BANDS),
              .mask_step = (int)nm_rng_below(rng, (uint64_t)t->training.n_steps),
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
static void add_clip(NmEmotionTrainer *t, int32_t i, int32_t item, float share, NmRng *rng)
{
  const NmEmotionCorpus *c = t->corpus;
  const int64_t T = t->training.n_steps, first = crop(t, item, rng);
  float global[NM_GLOBAL], row[NM_STEP_PLAIN], label[NM_EMOTION_LABELS], patch[NM_PATCH];
  const Change change = rng ? draw_change(t, rng) : (Change){0};
  nm_emotion_describe_clip(c, t->stats, item, first, (int32_t)T, global, label);
  for (int64_t s = 0; s < T; ++s) {
    const int64_t at = i * T + s;
    nm_emotion_normalise_patch(t->stats, c->patches + (first + s) * NM_PATCH, patch);
    add_patch(patch, &change, (int)s, share, t->batch.patches + at * NM_PATCH);
    nm_emotion_normalise_row(t->stats, c->rows + (first + s) * NM_STEP, row);
    for (int k = 0; k < NM_STEP_PLAIN; ++k) t->batch.rows[at * NM_STEP_PLAIN + k] += share * row[k];
    for (int k = 0; k < NM_GLOBAL; ++k) t->batch.globals[at * NM_GLOBAL + k] += share * global[k];
    for (int d = 0; d < NM_EMOTION_LABELS; ++d)
      t->batch.labels[NM_EMOTION_LABELS * at + d] +=
          share * (d < 2 ? c->labels[2 * (first + s) + d] : label[d]);
  }
}

// The same noise for all steps of item i.
static void add_noise(NmEmotionTrainer *t, int32_t i, NmRng *rng)
{
  const int64_t T = t->training.n_steps;
  for (int k = 0; k < NM_STEP_PLAIN + NM_GLOBAL; ++k) {
    const float noise = (float)(t->training.noise * nm_rng_normal(rng));
    for (int64_t at = i * T; at < (i + 1) * T; ++at)
      if (k < NM_STEP_PLAIN)
        t->batch.rows[at * NM_STEP_PLAIN + k] += noise;
      else
        t->batch.globals[at * NM_GLOBAL + k - NM_STEP_PLAIN] += noise;
  }
}

static void hide_measures(NmEmotionTrainer *t, int32_t i)
{
  const size_t T = (size_t)t->training.n_steps;
  memset(t->batch.rows + (size_t)i * T * NM_STEP_PLAIN, 0, T * NM_STEP_PLAIN * sizeof(float));
  memset(t->batch.globals + (size_t)i * T * NM_GLOBAL, 0, T * NM_GLOBAL * sizeof(float));
}

// Beta(a, a) for small a (Joehnk 1964).
static double draw_beta(NmRng *rng, double a)
{
  for (;;) {
    const double x = pow(nm_rng_uniform(rng), 1 / a), y = pow(nm_rng_uniform(rng), 1 / a);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}

static void clear(NmEmotionTrainer *t)
{
  const size_t N = (size_t)t->training.n_batch * (size_t)t->training.n_steps;
  memset(t->batch.patches, 0, N * NM_PATCH * sizeof(float));
  memset(t->batch.rows, 0, N * NM_STEP_PLAIN * sizeof(float));
  memset(t->batch.globals, 0, N * NM_GLOBAL * sizeof(float));
  memset(t->batch.labels, 0, N * NM_EMOTION_LABELS * sizeof(float));
  for (int32_t i = 0; i < t->training.n_batch; ++i) t->batch.len[i] = t->training.n_steps;
}

static void draw_batch(NmEmotionTrainer *t, int64_t step)
{
  const int64_t B = t->training.n_batch, at = step * B;
  NmRng rng;
  nm_rng_init(&rng, t->training.seed * 1000003 + (uint64_t)step);
  clear(t);
  for (int32_t i = 0; i < B; ++i) {
    const int64_t pass = (at + i) / t->train.n;
    if (pass != t->pass) shuffle(t, pass);
    const double share = t->training.mix > 0 ? draw_beta(&rng, t->training.mix) : 1;
    add_clip(t, i, t->order[(at + i) % t->train.n], (float)share, &rng);
    const int32_t other = t->train.items[nm_rng_below(&rng, (uint64_t)t->train.n)];
    if (share < 1) add_clip(t, i, other, (float)(1 - share), &rng);
    add_noise(t, i, &rng);
    if (nm_rng_uniform(&rng) < t->training.blind) hide_measures(t, i);
  }
}

// --- the object ---

static void build(NmEmotionTrainer *t, bool training, NmEmotionInputs *in, NmEmotionOutput *out,
                  NmVar *labels)
{
  const NmEmotionTraining *p = &t->training;
  nm_graph_reset(t->graph);
  const NmNet net = {t->graph, t->params, training ? p->dropout : 0};
  *in = nm_emotion_inputs(t->graph, p->n_batch, p->n_steps);
  *labels = nm_graph_input(t->graph, NM_TYPE_REAL, NM_SHAPE3(p->n_batch, p->n_steps, NM_EMOTION_LABELS));
  *out = nm_emotion_network(&net, &p->config, in, training && p->weight_self != 0);
}

static void set_inputs(NmEmotionTrainer *t, const NmEmotionInputs *in, NmVar labels)
{
  nm_graph_set(t->graph, in->patches, t->batch.patches);
  nm_graph_set(t->graph, in->rows, t->batch.rows);
  nm_graph_set(t->graph, in->globals, t->batch.globals);
  nm_graph_set(t->graph, labels, t->batch.labels);
  nm_graph_set_int(t->graph, in->len, t->batch.len);
}

static NmStatus fit_machine(NmEmotionTrainer *t, NmError *err)
{
  NmKernelMachine *m = &t->machine;
  const size_t n = (size_t)t->train.n;
  float *labels = calloc(NM_KERNEL_OUT * n + 1, sizeof *labels);
  t->centres = calloc(n * NM_GLOBAL + 1, sizeof *t->centres);
  t->kernel_weights = calloc(NM_KERNEL_OUT * n + 1, sizeof *t->kernel_weights);
  if (!labels || !t->centres || !t->kernel_weights) {
    free(labels);
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  for (size_t i = 0; i < n; ++i) {
    const int32_t item = t->train.items[i];
    float *label = labels + NM_KERNEL_OUT * i;
    nm_emotion_describe_clip(t->corpus, t->stats, item, t->corpus->items[item].first, t->training.n_steps,
                             t->centres + i * NM_GLOBAL, label);
    for (int d = 0; d < NM_KERNEL_OUT; ++d) label[d] -= t->stats->label[0][d];
  }
  const NmStatus status = nm_kernel_fit(t->centres, labels, (int64_t)n, t->kernel_weights, err);
  *m = (NmKernelMachine){.n = (int64_t)n, .centres = t->centres, .weights = t->kernel_weights};
  memcpy(m->mean, t->stats->label[0], sizeof m->mean);
  free(labels);
  return status;
}

static NmStatus start(NmEmotionTrainer *t, const NmBackend *backend, NmPool *pool, NmError *err)
{
  NmEmotionInputs in;
  NmEmotionOutput out;
  NmVar labels;
  t->stats = calloc(1, sizeof *t->stats);
  t->params = nm_params_new(backend, pool);
  t->graph = nm_graph_new(backend, pool);
  if (!t->stats || !t->params || !t->graph || !divide(t) || !reserve(t))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (t->train.n < 2 || t->held.n < 1)
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        "the corpus has no clips of %d half seconds to train on and hold out",
                        t->training.n_steps);
  NmStatus status = nm_emotion_statistics(t->corpus, &t->train, t->training.n_steps, t->stats, err);
  if (status == NM_OK)
    status = nm_emotion_fit_noise(t->corpus, &t->train, t->training.n_steps, t->stats, err);
  if (status == NM_OK && t->training.config.n_centres) {
    t->training.config.n_centres = t->train.n;
    status = fit_machine(t, err);
  }
  build(t, true, &in, &out, &labels);
  if (status == NM_OK) status = nm_params_seal(t->params, t->training.seed, err);
  if (status != NM_OK) return status;
  nm_emotion_set_stats(t->params, t->stats);
  if (t->training.config.n_centres) {
    nm_params_set(t->params, nm_params_find(t->params, "kernel.centres"), t->centres);
    nm_params_set(t->params, nm_params_find(t->params, "kernel.weights"), t->kernel_weights);
  }
  return NM_OK;
}

NmEmotionTrainer *nm_emotion_trainer_new(const NmBackend *backend, NmPool *pool,
                                         const NmEmotionTraining *training, const NmEmotionCorpus *corpus,
                                         NmError *err)
{
  NmEmotionTrainer *t = calloc(1, sizeof *t);
  if (!t) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  t->training = *training;
  t->corpus = corpus;
  t->pass = -1;
  if (start(t, backend, pool, err) == NM_OK) return t;
  nm_emotion_trainer_free(t);
  return NULL;
}

void nm_emotion_trainer_free(NmEmotionTrainer *t)
{
  if (!t) return;
  nm_graph_free(t->graph);
  nm_params_free(t->params);
  free(t->stats);
  free(t->train.items);
  free(t->held.items);
  free(t->order);
  free(t->centres);
  free(t->kernel_weights);
  free(t->batch.patches);
  free(t->batch.rows);
  free(t->batch.globals);
  free(t->batch.labels);
  free(t->batch.len);
  free(t);
}

NmStatus nm_emotion_trainer_step(NmEmotionTrainer *t, int64_t step, double lr, double *loss, double *error,
                                 NmError *err)
{
  NmEmotionInputs in;
  NmEmotionOutput out;
  NmVar labels;
  build(t, true, &in, &out, &labels);
  const NmEmotionTraining *p = &t->training;
  const NmEmotionLoss weights = {p->weight_error, p->weight_self, p->weight_variance};
  NmVar square;
  const NmVar total =
      nm_emotion_loss(t->graph, &out, p->config.n_members, labels, t->stats->label[1], &weights, &square);
  NmStatus status = nm_graph_plan(t->graph, true, err);
  if (status != NM_OK) return status;
  draw_batch(t, step);
  set_inputs(t, &in, labels);
  nm_graph_set_training(t->graph, true, p->seed * 1000003 + (uint64_t)step);
  nm_params_zero_grad(t->params);
  nm_graph_forward(t->graph);
  nm_graph_backward(t->graph, total);
  *loss = nm_graph_get_scalar(t->graph, total);
  *error = nm_graph_get_scalar(t->graph, square);
  NmAdamConfig adam = nm_adam_defaults();
  adam.lr = lr;
  adam.weight_decay = p->weight_decay;
  adam.average = p->average;
  status = nm_params_step(t->params, &adam, NULL, err);
  return status == NM_ERR_BAD_DATA ? NM_OK : status;
}

// --- validation ---

// Predictions of all held-out clips, [held, T, 2] each.
typedef struct {
  float *members, *all, *labels, *whole, *whole_labels;
} Predictions;

static void collect(NmEmotionTrainer *t, const float *out, int32_t first, int32_t n, Predictions *p)
{
  const int64_t T = t->training.n_steps;
  const float share = t->machine.n ? (float)t->training.config.kernel_percent / 100 : 0;
  for (int32_t i = 0; i < n; ++i) {
    const NmEmotionItem *item = &t->corpus->items[t->held.items[first + i]];
    float base[NM_KERNEL_OUT] = {0}, *whole = p->whole + 2 * (first + i);
    if (t->machine.n) nm_kernel_predict(&t->machine, t->batch.globals + i * T * NM_GLOBAL, base);
    for (int d = 0; d < 2; ++d) {
      whole[d] = 0;
      for (int64_t s = 0; s < T; ++s) {
        const int64_t at = ((first + i) * T + s) * 2 + d;
        p->members[at] = out[(i * T + s) * NM_EMOTION_OUT + d];
        p->all[at] = (1 - share) * p->members[at] + share * base[d];
        p->labels[at] = t->corpus->labels[2 * (item->first + s) + d];
        const float rated = out[(i * T + s) * NM_EMOTION_OUT + 2 + d];
        whole[d] += ((1 - share) * rated + share * base[2 + d]) / (float)T;
      }
      p->whole_labels[2 * (first + i) + d] = item->static_label[d];
    }
  }
}

static NmStatus predict(NmEmotionTrainer *t, Predictions *p, float *values, NmError *err)
{
  NmEmotionInputs in;
  NmEmotionOutput out;
  NmVar labels;
  build(t, false, &in, &out, &labels);
  nm_graph_output(t->graph, out.out);
  NmStatus status = nm_graph_plan(t->graph, false, err);
  for (int32_t first = 0; first < t->held.n && status == NM_OK; first += t->training.n_batch) {
    const int32_t left = t->held.n - first, n = left < t->training.n_batch ? left : t->training.n_batch;
    clear(t);
    for (int32_t i = 0; i < n; ++i) add_clip(t, i, t->held.items[first + i], 1, NULL);
    set_inputs(t, &in, labels);
    nm_graph_set_training(t->graph, false, 0);
    nm_graph_forward(t->graph);
    nm_graph_get(t->graph, out.out, values);
    collect(t, values, first, n, p);
  }
  return status;
}

NmStatus nm_emotion_trainer_validate(NmEmotionTrainer *t, NmEmotionValidation *v, NmError *err)
{
  const int64_t T = t->training.n_steps, H = t->held.n, N = H * T;
  float *memory = calloc((size_t)(6 * N + 4 * H + t->training.n_batch * T * NM_EMOTION_OUT), sizeof *memory);
  if (!memory) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  Predictions p = {memory, memory + 2 * N, memory + 4 * N, memory + 6 * N, memory + 6 * N + 2 * H};
  nm_params_swap_average(t->params);
  const NmStatus status = predict(t, &p, memory + 6 * N + 4 * H, err);
  nm_params_swap_average(t->params);
  for (int d = 0; d < 2 && status == NM_OK; ++d) {
    v->members[d] = nm_emotion_score(p.members + d, p.labels + d, N, 2);
    v->all[d] = nm_emotion_score(p.all + d, p.labels + d, N, 2);
    v->whole[d] = nm_emotion_score(p.whole + d, p.whole_labels + d, H, 2);
  }
  free(memory);
  return status;
}

NmParams *nm_emotion_trainer_get_params(NmEmotionTrainer *t)
{
  return t->params;
}

char *nm_emotion_trainer_describe(const NmEmotionTrainer *t)
{
  return nm_config_write("emotion", nm_emotion_fields, nm_emotion_n_fields, &t->training.config, NULL, 0);
}
