// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/teacher_trainer.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/base/rng.h"
#include "models/speech/focus.h"

enum { BATCH_MAX = 256, VALID_BATCH = 16, VALID_MAX = 64 };

#define FRAME_MS (1000.0 * 256 / 24000)
#define F0_SHARE .3
#define VOICING_SHARE .2
#define STOP_SHARE .1

struct NmTeacherTrainer {
  NmTeacherTraining training;
  NmPool *pool;
  NmParams *params;
  NmGraph *graph;
  NmArena arena;
  float *positions; // [NM_TEACHER_STEPS_MAX, d_model]
  int32_t *spoken;  // [n_spoken] utterances to train on, by length, favourites several times
  int32_t *held;    // [n_held] held out
  int32_t n_spoken, n_held;
};

void nm_teacher_trainer_free(NmTeacherTrainer *t)
{
  if (!t) return;
  nm_graph_free(t->graph);
  nm_params_free(t->params);
  nm_arena_fini(&t->arena);
  free(t->positions);
  free(t->spoken);
  free(t->held);
  free(t);
}

static bool is_usable(const NmTeacherTrainer *t, const NmUtterance *u)
{
  const int32_t n_most = NM_TEACHER_STEPS_MAX - 8;
  return u->T > 0 && u->T <= t->training.n_frames_max && u->T <= n_most && u->n <= n_most;
}

// Counting sort by length; within one length in the order of the corpus.
static void pick_spoken(NmTeacherTrainer *t, int32_t T)
{
  for (int32_t i = 0; i < t->training.set->n; ++i) {
    const NmUtterance *u = &t->training.set->utterances[i];
    const bool liked = u->item->speaker == t->training.favourite;
    if (u->T != T || u->item->split != NM_SPLIT_TRAIN) continue;
    for (int32_t n = liked ? t->training.favour : 1; n > 0; --n) t->spoken[t->n_spoken++] = i;
  }
}

static void pick_utterances(NmTeacherTrainer *t)
{
  const NmUtteranceSet *set = t->training.set;
  bool there[NM_TEACHER_STEPS_MAX] = {0};
  for (int32_t i = 0; i < set->n; ++i) {
    const NmUtterance *u = &set->utterances[i];
    if (!is_usable(t, u)) continue;
    there[u->T] = true;
    if (u->item->split == NM_SPLIT_VALID) t->held[t->n_held++] = i;
  }
  for (int32_t T = 0; T < NM_TEACHER_STEPS_MAX; ++T)
    if (there[T]) pick_spoken(t, T);
}

static bool allocate(NmTeacherTrainer *t, const NmBackend *backend)
{
  const size_t n = (size_t)t->training.set->n + 1, d = (size_t)t->training.config.d_model;
  nm_arena_init(&t->arena, 1 << 24);
  t->params = nm_params_new(backend, t->pool);
  t->graph = nm_graph_new(backend, t->pool);
  t->positions = calloc(NM_TEACHER_STEPS_MAX * d, sizeof *t->positions);
  t->spoken = calloc(n * (size_t)t->training.favour, sizeof *t->spoken);
  t->held = calloc(n, sizeof *t->held);
  return t->params && t->graph && t->positions && t->spoken && t->held;
}

static NmStatus declare(NmTeacherTrainer *t, NmError *err)
{
  nm_teacher_declare(&(NmNet){t->graph, t->params, 0}, &t->training.config);
  const NmStatus status = nm_params_seal(t->params, t->training.seed, err);
  if (status == NM_OK) nm_acoustic_set_stats(t->params, &t->training.set->stats);
  return status;
}

NmTeacherTrainer *nm_teacher_trainer_new(const NmBackend *backend, NmPool *pool,
                                         const NmTeacherTraining *training, NmError *err)
{
  NmTeacherTrainer *t = calloc(1, sizeof *t);
  if (t) t->training = *training;
  if (t) t->pool = pool;
  NmStatus status = t && allocate(t, backend) ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    nm_teacher_positions(NM_TEACHER_STEPS_MAX, training->config.d_model, t->positions);
    pick_utterances(t);
    status = t->n_spoken ? declare(t, err)
                         : nm_error_set(err, NM_ERR_BAD_DATA,
                                        "no aligned recordings to train on; align the corpus first");
  }
  if (status == NM_OK) return t;
  nm_teacher_trainer_free(t);
  return NULL;
}

// One anywhere, the others among those nearest to it in length, so that little is padding.
static void draw_batch(const NmTeacherTrainer *t, NmRng *rng, int32_t *which)
{
  const int32_t n = t->n_spoken, wish = 4 * t->training.n_batch > n / 20 ? 4 * t->training.n_batch : n / 20;
  const int32_t span = wish < n ? wish : n;
  const int32_t middle = (int32_t)nm_rng_below(rng, (uint64_t)n);
  const int32_t low = middle - span / 2, first = low < 0 ? 0 : low > n - span ? n - span : low;
  for (int32_t i = 0; i < t->training.n_batch; ++i)
    which[i] = t->spoken[first + (int32_t)nm_rng_below(rng, (uint64_t)span)];
}

static NmVar total(NmGraph *g, const NmTeacherModel *m, double guide)
{
  NmVar sum = nm_add(g, m->loss_envelope, nm_affine(g, m->loss_f0, F0_SHARE, 0));
  sum = nm_add(g, sum, nm_affine(g, m->loss_voicing, VOICING_SHARE, 0));
  sum = nm_add(g, sum, nm_affine(g, m->loss_stop, STOP_SHARE, 0));
  return m->loss_guide == NM_VAR_NONE ? sum : nm_add(g, sum, nm_affine(g, m->loss_guide, guide, 0));
}

static void read_losses(NmGraph *g, const NmTeacherModel *m, NmTeacherLosses *losses)
{
  losses->envelope = nm_graph_get_scalar(g, m->loss_envelope);
  losses->f0 = nm_graph_get_scalar(g, m->loss_f0);
  losses->voicing = nm_graph_get_scalar(g, m->loss_voicing);
  losses->stop = nm_graph_get_scalar(g, m->loss_stop);
  losses->guide = m->loss_guide == NM_VAR_NONE ? 0 : nm_graph_get_scalar(g, m->loss_guide);
}

static NmStatus run_step(NmTeacherTrainer *t, const NmTeacherBatch *b, uint64_t seed, double guide,
                         NmTeacherLosses *losses, NmError *err)
{
  NmGraph *g = t->graph;
  nm_graph_reset(g);
  const NmTeacherModel m =
      nm_teacher_model_build(&(NmNet){g, t->params, t->training.dropout}, &t->training.config, b, false);
  const NmVar loss = total(g, &m, guide);
  const NmStatus status = nm_graph_plan(g, true, err);
  if (status != NM_OK) return status;
  nm_graph_set_training(g, true, seed);
  nm_teacher_model_set(g, &m, b, t->positions);
  nm_params_zero_grad(t->params);
  nm_graph_forward(g);
  nm_graph_backward(g, loss);
  read_losses(g, &m, losses);
  return NM_OK;
}

NmStatus nm_teacher_trainer_step(NmTeacherTrainer *t, int64_t step, double lr, double guide,
                                 NmTeacherLosses *losses, NmError *err)
{
  int32_t which[BATCH_MAX];
  NmRng rng;
  NmTeacherBatch b;
  nm_rng_init(&rng, t->training.seed * 1000003 + (uint64_t)step);
  draw_batch(t, &rng, which);
  nm_arena_reset(&t->arena);
  if (nm_teacher_batch_fill(&b, &t->arena, t->pool, t->training.set, which, t->training.n_batch,
                            &t->training.config, guide > 0 ? &t->training.guide : NULL) != NM_OK)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = run_step(t, &b, nm_rng_next(&rng), guide, losses, err);
  if (status != NM_OK) return status;
  NmAdamConfig adam = nm_adam_defaults();
  adam.lr = lr;
  adam.weight_decay = t->training.weight_decay;
  adam.average = t->training.average;
  status = nm_params_step(t->params, &adam, &losses->norm, err);
  return status == NM_ERR_BAD_DATA ? NM_OK : status;
}

// Sums over a validation.
typedef struct {
  double n, n_recordings, n_tokens; // batches, recordings, tokens
  NmTeacherLosses losses;
  double error, n_values; // of the envelope, in ln units
  NmTeacherHead heads[NM_TEACHER_BLOCKS_MAX * NM_TEACHER_HEADS_MAX];
} Sums;

static void sum_losses(const NmTeacherLosses *x, Sums *s)
{
  s->n += 1;
  s->losses.envelope += x->envelope;
  s->losses.f0 += x->f0;
  s->losses.voicing += x->voicing;
  s->losses.stop += x->stop;
}

static void sum_envelope(const NmTeacherTrainer *t, const NmSpeechBatch *b, const float *out, Sums *s)
{
  const NmSpeechStats *stats = &t->training.set->stats;
  for (int64_t i = 0; i < (int64_t)b->B * b->T; ++i)
    for (int c = 0; b->frame_mask[i] > 0 && c < NM_ACOUSTIC_N_BANDS; ++c) {
      s->error += fabs(out[i * NM_ACOUSTIC_N_OUT + c] - b->envelope[i * NM_ACOUSTIC_N_BANDS + c]) *
                  stats->envelope_std[c];
      s->n_values += 1;
    }
}

// One head on one recording against the aligner.
static NmStatus sum_head(NmTeacherTrainer *t, const NmTeacherBatch *b, int64_t row, const NmFocus *focus,
                         NmTeacherHead *head)
{
  const int32_t n_stack = t->training.config.n_stack;
  double rate;
  int32_t *durations = nm_arena_calloc(&t->arena, (size_t)focus->K, sizeof *durations);
  if (!durations) return NM_ERR_NO_MEMORY;
  const NmStatus status = nm_focus_durations(focus, &t->arena, durations, &rate);
  if (status != NM_OK) return status == NM_ERR_BAD_DATA ? NM_OK : status;
  head->focus += nm_focus_rate(focus);
  head->path += rate;
  for (int64_t k = 0; k < focus->K; ++k)
    head->duration_ms += FRAME_MS * fabs((double)durations[k] * n_stack -
                                         exp((double)b->speech.log_duration[row * b->speech.K + k]));
  return NM_OK;
}

static NmStatus sum_heads(NmTeacherTrainer *t, const NmTeacherBatch *b, const float *weights, int32_t block,
                          Sums *s)
{
  const int32_t H = t->training.config.n_heads;
  NmStatus status = NM_OK;
  for (int64_t row = 0; row < b->speech.B; ++row)
    for (int32_t h = 0; h < H && status == NM_OK; ++h) {
      const NmFocus focus = {.weights = weights + (row * H + h) * b->S * b->speech.K,
                             .S = b->n_item_steps[row],
                             .K = b->speech.len[row],
                             .stride = b->speech.K};
      status = sum_head(t, b, row, &focus, &s->heads[block * H + h]);
    }
  return status;
}

static NmStatus measure_batch(NmTeacherTrainer *t, const NmTeacherBatch *b, const NmTeacherModel *m, Sums *s)
{
  const NmTeacherConfig *c = &t->training.config;
  const size_t n = (size_t)b->speech.B * (size_t)b->S;
  NmTeacherLosses losses;
  float *out = nm_arena_alloc(&t->arena, n * (size_t)c->n_stack * NM_ACOUSTIC_N_OUT * sizeof *out);
  float *weights = nm_arena_alloc(&t->arena, n * (size_t)c->n_heads * (size_t)b->speech.K * sizeof *weights);
  NmStatus status = out && weights ? NM_OK : NM_ERR_NO_MEMORY;
  if (status != NM_OK) return status;
  read_losses(t->graph, m, &losses);
  sum_losses(&losses, s);
  nm_graph_get(t->graph, m->frames.out, out);
  sum_envelope(t, &b->speech, out, s);
  for (int32_t i = 0; i < b->speech.B; ++i) s->n_tokens += b->speech.len[i];
  s->n_recordings += b->speech.B;
  for (int32_t i = 0; i < c->n_decoder && status == NM_OK; ++i) {
    nm_graph_get(t->graph, m->frames.weights[i], weights);
    status = sum_heads(t, b, weights, i, s);
  }
  return status;
}

static NmStatus validate_batch(NmTeacherTrainer *t, const int32_t *which, int32_t n, Sums *s, NmError *err)
{
  NmTeacherBatch b;
  NmGraph *g = t->graph;
  const NmTeacherConfig *c = &t->training.config;
  nm_arena_reset(&t->arena);
  nm_graph_reset(g);
  if (nm_teacher_batch_fill(&b, &t->arena, t->pool, t->training.set, which, n, c, NULL) != NM_OK)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmTeacherModel m = nm_teacher_model_build(&(NmNet){g, t->params, 0}, c, &b, true);
  const NmVar shown[] = {m.frames.out, m.loss_envelope, m.loss_f0, m.loss_voicing, m.loss_stop};
  for (size_t i = 0; i < sizeof shown / sizeof *shown; ++i) nm_graph_output(g, shown[i]);
  for (int32_t i = 0; i < c->n_decoder; ++i) nm_graph_output(g, m.frames.weights[i]);
  NmStatus status = nm_graph_plan(g, false, err);
  if (status != NM_OK) return status;
  nm_teacher_model_set(g, &m, &b, t->positions);
  nm_graph_forward(g);
  status = measure_batch(t, &b, &m, s);
  return status == NM_OK ? status : nm_error_set(err, status, "%s", nm_status_text(status));
}

static void finish_validation(const NmTeacherTrainer *t, const Sums *s, NmTeacherValidation *v)
{
  const double n = fmax(s->n, 1), n_recordings = fmax(s->n_recordings, 1);
  *v = (NmTeacherValidation){.losses = {.envelope = s->losses.envelope / n,
                                        .f0 = s->losses.f0 / n,
                                        .voicing = s->losses.voicing / n,
                                        .stop = s->losses.stop / n},
                             .envelope_log = s->error / fmax(s->n_values, 1),
                             .n_heads = t->training.config.n_decoder * t->training.config.n_heads};
  for (int32_t i = 0; i < v->n_heads; ++i) {
    v->heads[i] = (NmTeacherHead){.focus = s->heads[i].focus / n_recordings,
                                  .path = s->heads[i].path / n_recordings,
                                  .duration_ms = s->heads[i].duration_ms / fmax(s->n_tokens, 1)};
    if (v->heads[i].path > v->heads[v->align_head].path) v->align_head = i;
  }
}

NmStatus nm_teacher_trainer_validate(NmTeacherTrainer *t, NmTeacherValidation *validation, NmError *err)
{
  Sums sums = {0};
  NmStatus status = NM_OK;
  const int32_t n = t->n_held < VALID_MAX ? t->n_held : VALID_MAX;
  nm_params_swap_average(t->params);
  for (int32_t i = 0; i < n && status == NM_OK;) {
    int32_t which[VALID_BATCH], n_batch = 0;
    for (; i < n && n_batch < VALID_BATCH; ++i) which[n_batch++] = t->held[(int64_t)i * t->n_held / n];
    status = validate_batch(t, which, n_batch, &sums, err);
  }
  nm_params_swap_average(t->params);
  finish_validation(t, &sums, validation);
  return status;
}

NmParams *nm_teacher_trainer_get_params(NmTeacherTrainer *t)
{
  return t->params;
}

double nm_teacher_trainer_count_operations(const NmTeacherTrainer *t)
{
  return nm_graph_count_operations(t->graph);
}
