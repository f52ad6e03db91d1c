// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/trainer.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/base/rng.h"
#include "models/speech/critic.h"

enum { BATCH_MAX = 256, VALID_BATCH = 16 };

#define FRAME_MS (1000.0 * 256 / 24000)

struct NmSpeechTrainer {
  NmSpeechTraining training;
  const NmBackend *backend;
  NmPool *pool;
  NmParams *params;
  NmGraph *graph;
  NmCritic *critic; // NULL until envelopes are judged
  NmArena arena;
  int32_t *spoken, *text, *taught, *held; // utterances: to train on, text only, said by a voice, held out
  int32_t n_spoken, n_text, n_taught, n_held;
  double *cumulated; // [n_spoken] weights, summed up
};

typedef struct {
  NmAcousticInputs in;
  NmVar log_duration, token_mask; // [B, K, 1]
  NmVar prosody, prosody_mask;    // [B, K, 2]
  NmVar index, frame_features, len_stacks;
  NmVar envelope, f0, voicing, frame_mask, f0_mask; // [B, T, 80], [B, T, 1]
  NmAcousticEncoding encoding;
  NmVar out;    // [B, T, 82]
  NmVar window; // (int) [B, NM_CRITIC_N_FRAMES] frames that are judged, or NM_VAR_NONE
  NmVar loss_envelope, loss_f0, loss_voicing, loss_duration, loss_prosody, loss;
} Model;

void nm_speech_trainer_free(NmSpeechTrainer *t)
{
  if (!t) return;
  nm_graph_free(t->graph);
  nm_params_free(t->params);
  nm_critic_free(t->critic);
  nm_arena_fini(&t->arena);
  free(t->spoken);
  free(t->text);
  free(t->taught);
  free(t->held);
  free(t->cumulated);
  free(t);
}

static void pick_utterances(NmSpeechTrainer *t)
{
  double sum = 0;
  for (int32_t i = 0; i < t->training.set->n; ++i) {
    const NmUtterance *u = &t->training.set->utterances[i];
    if (u->item->split == NM_SPLIT_TEST) continue; // never looked at in training
    if (u->item->split == NM_SPLIT_VALID) {
      if (u->T) t->held[t->n_held++] = i;
    } else if (u->T == 0) {
      t->text[t->n_text++] = i;
    } else if (u->item->split == NM_SPLIT_TAUGHT) {
      t->taught[t->n_taught++] = i;
    } else {
      sum += u->item->speaker == t->training.favourite ? t->training.favour : 1;
      t->cumulated[t->n_spoken] = sum;
      t->spoken[t->n_spoken++] = i;
    }
  }
}

static void build_tokens(NmSpeechTrainer *t, Model *m, const NmSpeechBatch *b, bool training)
{
  NmGraph *g = t->graph;
  const NmNet net = {g, t->params, training ? t->training.dropout : 0};
  const int64_t B = b->B, K = b->K;
  m->in = nm_acoustic_inputs(g, B, K);
  m->log_duration = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, K, 1));
  m->token_mask = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, K, 1));
  m->prosody = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, K, 2));
  m->prosody_mask = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, K, 2));
  m->encoding =
      nm_acoustic_encode(&net, &t->training.config, &m->in, training ? t->training.dropout_predictor : 0);
  m->loss_duration = nm_loss_mse(g, m->encoding.log_duration, m->log_duration, m->token_mask);
  m->loss_prosody = nm_loss_mse(g, m->encoding.prosody, m->prosody, m->prosody_mask);
  nm_graph_output(g, m->encoding.log_duration);
  nm_graph_output(g, m->encoding.prosody);
}

// `prosody`: what the decoder is given.
static void build_frames(NmSpeechTrainer *t, Model *m, const NmSpeechBatch *b, bool training, NmVar prosody)
{
  NmGraph *g = t->graph;
  const NmNet net = {g, t->params, training ? t->training.dropout : 0};
  const int64_t B = b->B, T = b->T;
  m->index = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, T));
  m->frame_features = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, NM_FRAME_N_FEATURES));
  m->len_stacks = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(B));
  m->envelope = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, NM_ACOUSTIC_N_BANDS));
  m->f0 = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->voicing = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->frame_mask = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->f0_mask = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->out = nm_acoustic_decode(&net, &t->training.config, m->encoding.hidden, prosody, m->index,
                              m->frame_features, m->in.len, m->len_stacks);
  const int n = NM_ACOUSTIC_N_BANDS;
  m->loss_envelope = nm_loss_l1(g, nm_slice(g, m->out, 2, 0, n), m->envelope, m->frame_mask);
  m->loss_f0 = nm_loss_l1(g, nm_slice(g, m->out, 2, n, 1), m->f0, m->f0_mask);
  m->loss_voicing = nm_loss_bce(g, nm_slice(g, m->out, 2, n + 1, 1), m->voicing, m->frame_mask);
  nm_graph_output(g, m->out);
}

static NmVar total(NmGraph *g, const Model *m)
{
  NmVar sum = nm_add(g, m->loss_envelope, nm_affine(g, m->loss_f0, .3, 0));
  sum = nm_add(g, sum, nm_affine(g, m->loss_voicing, .2, 0));
  sum = nm_add(g, sum, nm_affine(g, m->loss_duration, .3, 0));
  return nm_add(g, sum, nm_affine(g, m->loss_prosody, .2, 0));
}

static void set_inputs(NmGraph *g, const Model *m, const NmSpeechBatch *b)
{
  nm_graph_set_int(g, m->in.phones, b->phones);
  nm_graph_set_int(g, m->in.places, b->places);
  nm_graph_set(g, m->in.features, b->features);
  nm_graph_set_int(g, m->in.speaker, b->speaker);
  nm_graph_set_int(g, m->in.len, b->len);
  nm_graph_set(g, m->log_duration, b->log_duration);
  nm_graph_set(g, m->token_mask, b->token_mask);
  nm_graph_set(g, m->prosody, b->prosody);
  nm_graph_set(g, m->prosody_mask, b->prosody_mask);
  if (!b->T) return;
  nm_graph_set_int(g, m->index, b->index);
  nm_graph_set(g, m->frame_features, b->frame_features);
  nm_graph_set_int(g, m->len_stacks, b->len_stacks);
  nm_graph_set(g, m->envelope, b->envelope);
  nm_graph_set(g, m->f0, b->f0);
  nm_graph_set(g, m->voicing, b->voicing);
  nm_graph_set(g, m->frame_mask, b->frame_mask);
  nm_graph_set(g, m->f0_mask, b->f0_mask);
}

static NmStatus declare(NmSpeechTrainer *t, NmError *err)
{
  Model m;
  const NmSpeechBatch small = {.B = 1, .K = 1, .T = t->training.config.n_stack};
  nm_graph_reset(t->graph);
  build_tokens(t, &m, &small, false);
  build_frames(t, &m, &small, false, m.prosody);
  const NmStatus status = nm_params_seal(t->params, t->training.seed, err);
  if (status != NM_OK) return status;
  nm_acoustic_set_stats(t->params, &t->training.set->stats);
  return NM_OK;
}

static bool allocate(NmSpeechTrainer *t, const NmBackend *backend, NmPool *pool)
{
  const size_t n = (size_t)t->training.set->n + 1;
  nm_arena_init(&t->arena, 1 << 24);
  t->backend = backend;
  t->pool = pool;
  t->params = nm_params_new(backend, pool);
  t->graph = nm_graph_new(backend, pool);
  t->spoken = calloc(n, sizeof *t->spoken);
  t->text = calloc(n, sizeof *t->text);
  t->taught = calloc(n, sizeof *t->taught);
  t->held = calloc(n, sizeof *t->held);
  t->cumulated = calloc(n, sizeof *t->cumulated);
  return t->params && t->graph && t->spoken && t->text && t->taught && t->held && t->cumulated;
}

NmSpeechTrainer *nm_speech_trainer_new(const NmBackend *backend, NmPool *pool,
                                       const NmSpeechTraining *training, NmError *err)
{
  NmSpeechTrainer *t = calloc(1, sizeof *t);
  if (t) t->training = *training;
  NmStatus status =
      t && allocate(t, backend, pool) ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    pick_utterances(t);
    status = t->n_spoken ? declare(t, err)
                         : nm_error_set(err, NM_ERR_BAD_DATA,
                                        "no aligned recordings to train on; align the corpus first");
  }
  if (status == NM_OK) return t;
  nm_speech_trainer_free(t);
  return NULL;
}

static void judge(NmSpeechTrainer *t, Model *m, const NmSpeechBatch *b)
{
  NmGraph *g = t->graph;
  m->window = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(b->B, NM_CRITIC_N_FRAMES));
  const NmVar generated = nm_slice(g, m->out, 2, 0, NM_ACOUSTIC_N_BANDS);
  m->loss = nm_add(g, m->loss, nm_critic_add_loss(t->critic, g, generated, m->envelope, m->window));
}

// A random stretch of every recording; beyond the end of a short one there is nothing.
static void set_window(NmGraph *g, const Model *m, const NmSpeechBatch *b, int32_t n_stack, uint64_t seed)
{
  int32_t index[BATCH_MAX * NM_CRITIC_N_FRAMES];
  NmRng rng;
  nm_rng_init(&rng, seed);
  for (int32_t i = 0; i < b->B; ++i) {
    const int32_t T = b->len_stacks[i] * n_stack, n_places = T - NM_CRITIC_N_FRAMES;
    const int32_t first = n_places > 0 ? (int32_t)nm_rng_below(&rng, (uint64_t)n_places + 1) : 0;
    for (int32_t k = 0; k < NM_CRITIC_N_FRAMES; ++k)
      index[i * NM_CRITIC_N_FRAMES + k] = first + k < T ? first + k : -1;
  }
  nm_graph_set_int(g, m->window, index);
}

static NmStatus run_step(NmSpeechTrainer *t, const NmSpeechBatch *b, uint64_t seed, bool judged, Model *m,
                         NmError *err)
{
  NmGraph *g = t->graph;
  nm_graph_reset(g);
  build_tokens(t, m, b, true);
  if (b->T) build_frames(t, m, b, true, m->prosody);
  m->loss = b->T ? total(g, m) : nm_affine(g, m->loss_duration, .3, 0);
  if (judged) judge(t, m, b);
  const NmStatus status = nm_graph_plan(g, true, err);
  if (status != NM_OK) return status;
  nm_graph_set_training(g, true, seed);
  set_inputs(g, m, b);
  if (judged) set_window(g, m, b, t->training.config.n_stack, seed);
  nm_graph_forward(g);
  nm_graph_backward(g, m->loss);
  return NM_OK;
}

static NmStatus step_critic(NmSpeechTrainer *t, double lr, NmSpeechLosses *losses, NmError *err)
{
  NmCriticLosses l = {0};
  const NmStatus status = nm_critic_step(t->critic, t->graph, lr, &l, err);
  losses->adversarial = l.adversarial;
  losses->matching = l.matching;
  losses->critic = l.critic;
  return status;
}

static NmStatus step_spoken(NmSpeechTrainer *t, NmRng *rng, double lr_critic, NmSpeechLosses *losses,
                            NmError *err)
{
  int32_t which[BATCH_MAX];
  NmSpeechBatch b;
  Model m;
  for (int32_t i = 0; i < t->training.n_batch; ++i)
    which[i] = t->spoken[nm_rng_pick(rng, t->cumulated, t->n_spoken)];
  nm_arena_reset(&t->arena);
  if (nm_speech_batch_fill(&b, &t->arena, t->training.set, which, t->training.n_batch,
                           t->training.config.n_stack) != NM_OK)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (lr_critic > 0 && !nm_speech_trainer_get_critic(t, err)) return NM_ERR_NO_MEMORY;
  const NmStatus status = run_step(t, &b, nm_rng_next(rng), lr_critic > 0, &m, err);
  if (status != NM_OK) return status;
  losses->envelope = nm_graph_get_scalar(t->graph, m.loss_envelope);
  losses->f0 = nm_graph_get_scalar(t->graph, m.loss_f0);
  losses->voicing = nm_graph_get_scalar(t->graph, m.loss_voicing);
  losses->duration = nm_graph_get_scalar(t->graph, m.loss_duration);
  losses->prosody = nm_graph_get_scalar(t->graph, m.loss_prosody);
  return lr_critic > 0 ? step_critic(t, lr_critic, losses, err) : NM_OK;
}

static NmStatus step_text(NmSpeechTrainer *t, NmRng *rng, NmSpeechLosses *losses, NmError *err)
{
  int32_t which[BATCH_MAX];
  NmSpeechBatch b;
  Model m;
  for (int32_t i = 0; i < t->training.n_batch_text; ++i)
    which[i] = t->text[nm_rng_below(rng, (uint64_t)t->n_text)];
  nm_arena_reset(&t->arena);
  if (nm_speech_batch_fill(&b, &t->arena, t->training.set, which, t->training.n_batch_text, 1) != NM_OK)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmStatus status = run_step(t, &b, nm_rng_next(rng), false, &m, err);
  if (status == NM_OK) losses->duration_text = nm_graph_get_scalar(t->graph, m.loss_duration);
  return status;
}

// What a voice said has one right answer: nothing is judged.
static NmStatus step_taught(NmSpeechTrainer *t, NmRng *rng, NmSpeechLosses *losses, NmError *err)
{
  int32_t which[BATCH_MAX];
  NmSpeechBatch b;
  Model m;
  for (int32_t i = 0; i < t->training.n_batch_taught; ++i)
    which[i] = t->taught[nm_rng_below(rng, (uint64_t)t->n_taught)];
  nm_arena_reset(&t->arena);
  if (nm_speech_batch_fill(&b, &t->arena, t->training.set, which, t->training.n_batch_taught,
                           t->training.config.n_stack) != NM_OK)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmStatus status = run_step(t, &b, nm_rng_next(rng), false, &m, err);
  if (status == NM_OK) losses->taught = nm_graph_get_scalar(t->graph, m.loss_envelope);
  return status;
}

NmStatus nm_speech_trainer_step(NmSpeechTrainer *t, int64_t step, double lr, double lr_critic,
                                NmSpeechLosses *losses, NmError *err)
{
  NmRng rng;
  *losses = (NmSpeechLosses){0};
  nm_rng_init(&rng, t->training.seed * 1000003 + (uint64_t)step);
  nm_params_zero_grad(t->params);
  NmStatus status = step_spoken(t, &rng, lr_critic, losses, err);
  if (status == NM_OK && t->n_text && t->training.n_batch_text) status = step_text(t, &rng, losses, err);
  if (status == NM_OK && t->n_taught && t->training.n_batch_taught)
    status = step_taught(t, &rng, losses, err);
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
  double n_frames, n_voiced, n_tokens, envelope, envelope_free, change, change_recorded, f0, voicing,
      duration, predicted, truth;
  double squares[2][NM_ACOUSTIC_N_BANDS],
      sums[2][NM_ACOUSTIC_N_BANDS]; // of the envelope: predicted, recorded
} Sums;

static double envelope_error(const NmSpeechStats *stats, const NmSpeechBatch *b, const float *out)
{
  double sum = 0;
  for (int64_t i = 0; i < (int64_t)b->B * b->T; ++i)
    for (int c = 0; b->frame_mask[i] > 0 && c < NM_ACOUSTIC_N_BANDS; ++c)
      sum += fabs(out[i * NM_ACOUSTIC_N_OUT + c] - b->envelope[i * NM_ACOUSTIC_N_BANDS + c]) *
             stats->envelope_std[c];
  return sum / NM_ACOUSTIC_N_BANDS;
}

static void sum_changes(const NmSpeechBatch *b, const float *out, Sums *s)
{
  for (int64_t i = 1; i < (int64_t)b->B * b->T; ++i)
    for (int c = 0; i % b->T && b->frame_mask[i] > 0 && c < NM_ACOUSTIC_N_BANDS; ++c) {
      s->change += fabsf(out[i * NM_ACOUSTIC_N_OUT + c] - out[(i - 1) * NM_ACOUSTIC_N_OUT + c]);
      s->change_recorded +=
          fabsf(b->envelope[i * NM_ACOUSTIC_N_BANDS + c] - b->envelope[(i - 1) * NM_ACOUSTIC_N_BANDS + c]);
    }
}

static void sum_spread(const NmSpeechBatch *b, const float *out, Sums *s)
{
  for (int64_t i = 0; i < (int64_t)b->B * b->T; ++i)
    for (int c = 0; b->frame_mask[i] > 0 && c < NM_ACOUSTIC_N_BANDS; ++c) {
      const double x[2] = {out[i * NM_ACOUSTIC_N_OUT + c], b->envelope[i * NM_ACOUSTIC_N_BANDS + c]};
      for (int k = 0; k < 2; ++k) s->sums[k][c] += x[k], s->squares[k][c] += x[k] * x[k];
    }
}

static double get_spread(const Sums *s)
{
  double sum = 0;
  for (int c = 0; c < NM_ACOUSTIC_N_BANDS; ++c) {
    double variance[2];
    for (int k = 0; k < 2; ++k) {
      const double mean = s->sums[k][c] / s->n_frames;
      variance[k] = s->squares[k][c] / s->n_frames - mean * mean;
    }
    sum += variance[1] > 0 ? sqrt(variance[0] / variance[1]) : 1;
  }
  return sum / NM_ACOUSTIC_N_BANDS;
}

static void sum_frames(const NmSpeechTrainer *t, const NmSpeechBatch *b, const float *out, Sums *s)
{
  const NmSpeechStats *stats = &t->training.set->stats;
  s->envelope_free += envelope_error(stats, b, out);
  sum_changes(b, out, s);
  sum_spread(b, out, s);
  for (int64_t i = 0; i < (int64_t)b->B * b->T; ++i) {
    if (b->frame_mask[i] == 0) continue;
    const float *row = out + i * NM_ACOUSTIC_N_OUT + NM_ACOUSTIC_N_BANDS;
    const double semitones =
        (row[0] - b->f0[i]) * stats->f0[2 * b->speaker[i / b->T] + 1] * 12 / 0.69314718056;
    s->n_frames += 1;
    s->n_voiced += b->voicing[i];
    s->f0 += b->voicing[i] * semitones * semitones;
    s->voicing += (row[1] > 0) != (b->voicing[i] > 0);
  }
}

static void sum_tokens(const NmSpeechBatch *b, const float *log_duration, Sums *s)
{
  for (int64_t i = 0; i < (int64_t)b->B * b->K; ++i) {
    if (b->token_mask[i] == 0) continue;
    const double predicted = exp(log_duration[i]), truth = exp(b->log_duration[i]);
    s->n_tokens += 1;
    s->duration += fabs(predicted - truth);
    s->predicted += predicted;
    s->truth += truth;
  }
}

// One pass over the batch: with the true prosody, or with the predicted one, which is measured fully.
static NmStatus validate_batch(NmSpeechTrainer *t, const NmSpeechBatch *b, bool free_running, Sums *s,
                               NmError *err)
{
  Model m;
  NmGraph *g = t->graph;
  nm_graph_reset(g);
  build_tokens(t, &m, b, false);
  build_frames(t, &m, b, false, free_running ? m.encoding.prosody : m.prosody);
  const NmStatus status = nm_graph_plan(g, false, err);
  if (status != NM_OK) return status;
  set_inputs(g, &m, b);
  nm_graph_forward(g);
  float *out = nm_arena_alloc(&t->arena, (size_t)b->B * (size_t)b->T * NM_ACOUSTIC_N_OUT * sizeof *out);
  float *durations = nm_arena_alloc(&t->arena, (size_t)b->B * (size_t)b->K * sizeof *durations);
  if (!out || !durations) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_graph_get(g, m.out, out);
  nm_graph_get(g, m.encoding.log_duration, durations);
  if (!free_running) {
    s->envelope += envelope_error(&t->training.set->stats, b, out);
    return NM_OK;
  }
  sum_frames(t, b, out, s);
  sum_tokens(b, durations, s);
  return NM_OK;
}

static void finish_validation(const Sums *s, NmSpeechValidation *v)
{
  *v = (NmSpeechValidation){.envelope_log = s->envelope / s->n_frames,
                            .envelope_log_free = s->envelope_free / s->n_frames,
                            .spread = get_spread(s),
                            .liveliness = s->change / s->change_recorded,
                            .duration_ms = s->duration / s->n_tokens * FRAME_MS,
                            .duration_ratio = s->predicted / s->truth,
                            .f0_semitones = sqrt(s->f0 / fmax(s->n_voiced, 1)),
                            .voicing_error = s->voicing / s->n_frames};
}

NmStatus nm_speech_trainer_validate(NmSpeechTrainer *t, int32_t speaker, NmSpeechValidation *validation,
                                    NmError *err)
{
  Sums sums = {.n_frames = 1e-9, .change_recorded = 1e-9, .n_tokens = 1e-9, .truth = 1e-9};
  NmStatus status = NM_OK;
  nm_params_swap_average(t->params);
  for (int32_t i = 0; i < t->n_held && status == NM_OK;) {
    int32_t which[VALID_BATCH], n = 0;
    for (; i < t->n_held && n < VALID_BATCH; ++i)
      if (speaker < 0 || t->training.set->utterances[t->held[i]].item->speaker == speaker)
        which[n++] = t->held[i];
    if (n == 0) break;
    NmSpeechBatch b;
    nm_arena_reset(&t->arena);
    status = nm_speech_batch_fill(&b, &t->arena, t->training.set, which, n, t->training.config.n_stack);
    if (status == NM_OK) status = validate_batch(t, &b, false, &sums, err);
    if (status == NM_OK) status = validate_batch(t, &b, true, &sums, err);
  }
  nm_params_swap_average(t->params);
  finish_validation(&sums, validation);
  return status;
}

NmParams *nm_speech_trainer_get_params(NmSpeechTrainer *t)
{
  return t->params;
}

double nm_speech_trainer_count_operations(const NmSpeechTrainer *t)
{
  return nm_graph_count_operations(t->graph) + (t->critic ? nm_critic_count_operations(t->critic) : 0);
}

NmParams *nm_speech_trainer_get_critic(NmSpeechTrainer *t, NmError *err)
{
  if (!t->critic) t->critic = nm_critic_new(t->backend, t->pool, t->training.seed + 1, err);
  return t->critic ? nm_critic_get_params(t->critic) : NULL;
}
