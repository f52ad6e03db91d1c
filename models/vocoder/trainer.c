// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/trainer.h"

#include <stdlib.h>
#include <string.h>

#include "models/vocoder/discriminator.h"
#include "models/vocoder/losses.h"

enum { MARGIN = 6 }; // frames at either end whose sound lacks context

#define WEIGHT_MEL 15.0
#define WEIGHT_STFT 2.5
#define WEIGHT_MATCHING 2.0

struct NmVocoderTrainer {
  NmVocoderTraining training;
  const NmBackend *backend;
  NmPool *pool;
  NmParams *params, *discriminator;
  NmGraph *generator_graph, *discriminator_graph;
  NmMelBanks banks;
  double *cumulated; // [n_clips] weights, summed up
  // Host batch.
  float *features, *envelope, *pulses, *noise, *target,
      *sound; // [B, n, 82] [B, n, 80] [B, L] [B, L] [B, L'] [B, L']
};

// The generator's graph for one step.
typedef struct {
  NmVar features, envelope, pulses, noise, target; // inputs
  NmVar sound, mel, stft, adversarial, matching, loss;
} Generator;

static int64_t n_sound(const NmVocoderTraining *t)
{
  return (int64_t)(t->n_frames - 1) * NM_VOCODER_HOP;
}

static int64_t n_judged(const NmVocoderTraining *t)
{
  return n_sound(t) - 2 * MARGIN * NM_VOCODER_HOP;
}

void nm_vocoder_trainer_free(NmVocoderTrainer *trainer)
{
  if (!trainer) return;
  nm_graph_free(trainer->generator_graph);
  nm_graph_free(trainer->discriminator_graph);
  nm_params_free(trainer->params);
  nm_params_free(trainer->discriminator);
  nm_mel_banks_fini(&trainer->banks);
  free(trainer->cumulated);
  free(trainer->features);
  free(trainer->envelope);
  free(trainer->pulses);
  free(trainer->noise);
  free(trainer->target);
  free(trainer->sound);
  free(trainer);
}

static bool allocate(NmVocoderTrainer *trainer)
{
  const NmVocoderTraining *t = &trainer->training;
  const size_t B = (size_t)t->n_batch, n = (size_t)t->n_frames, L = (size_t)n_sound(t),
               J = (size_t)n_judged(t);
  trainer->cumulated = calloc((size_t)t->n_clips, sizeof *trainer->cumulated);
  trainer->features = calloc(B * n * NM_VOCODER_N_FEATURES, sizeof(float));
  trainer->envelope = calloc(B * n * NM_VOCODER_N_BANDS, sizeof(float));
  trainer->pulses = calloc(B * L, sizeof(float));
  trainer->noise = calloc(B * L, sizeof(float));
  trainer->target = calloc(B * J, sizeof(float));
  trainer->sound = calloc(B * J, sizeof(float));
  trainer->generator_graph = nm_graph_new(trainer->backend, trainer->pool);
  trainer->discriminator_graph = nm_graph_new(trainer->backend, trainer->pool);
  if (nm_mel_banks_init(&trainer->banks) != NM_OK) return false;
  return trainer->cumulated && trainer->features && trainer->envelope && trainer->pulses && trainer->noise &&
         trainer->target && trainer->sound && trainer->generator_graph && trainer->discriminator_graph;
}

static void cumulate(NmVocoderTrainer *trainer)
{
  double sum = 0;
  for (int64_t i = 0; i < trainer->training.n_clips; ++i) {
    const NmVocoderClip *clip = &trainer->training.clips[i];
    const int64_t n_places = clip->T - trainer->training.n_frames;
    trainer->cumulated[i] = sum += n_places > 0 ? (double)n_places * clip->weight : 0;
  }
}

// Adversarial graphs see the discriminators frozen, of the generated sound and, without gradients, of the
// real one.
static Generator build_generator(NmVocoderTrainer *trainer, bool adversarial)
{
  const NmVocoderTraining *t = &trainer->training;
  NmGraph *g = trainer->generator_graph;
  nm_graph_reset(g);
  const NmNet net = {g, trainer->params, 0};
  const int64_t B = t->n_batch, n = t->n_frames;
  Generator m = {.features = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, n, NM_VOCODER_N_FEATURES)),
                 .envelope = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, n, NM_VOCODER_N_BANDS)),
                 .pulses = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE2(B, n_sound(t))),
                 .noise = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE2(B, n_sound(t))),
                 .target = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE2(B, n_judged(t)))};
  const NmVar heads = nm_vocoder_network(&net, &t->config, m.features);
  const NmVar whole = nm_vocoder_synthesis(&net, heads, m.envelope, m.pulses, m.noise);
  m.sound = nm_slice(g, whole, 1, MARGIN * NM_VOCODER_HOP, n_judged(t));
  m.mel = nm_mel_loss(g, &trainer->banks, m.sound, m.target);
  m.stft = nm_stft_loss(g, m.sound, m.target);
  m.loss = nm_add(g, nm_affine(g, m.mel, WEIGHT_MEL, 0), nm_affine(g, m.stft, WEIGHT_STFT, 0));
  m.adversarial = m.matching = NM_VAR_NONE;
  if (!adversarial) return m;
  const NmNet judge = {g, trainer->discriminator, 0};
  const NmJudgement fake = nm_discriminate(&judge, m.sound), real = nm_discriminate(&judge, m.target);
  m.adversarial = nm_judge_loss(g, &fake, 1);
  m.matching = nm_judge_matching_loss(g, &fake, &real);
  m.loss = nm_add(g, m.loss, nm_add(g, m.adversarial, nm_affine(g, m.matching, WEIGHT_MATCHING, 0)));
  return m;
}

static NmStatus declare(NmVocoderTrainer *trainer, NmError *err)
{
  const NmVocoderTraining *t = &trainer->training;
  trainer->params = nm_params_new(trainer->backend, trainer->pool);
  if (!trainer->params) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  build_generator(trainer, false);
  const NmStatus status = nm_params_seal(trainer->params, t->seed, err);
  if (status != NM_OK) return status;
  nm_params_set(trainer->params, nm_params_find(trainer->params, "stats.envelope_mean"), t->envelope_mean);
  nm_params_set(trainer->params, nm_params_find(trainer->params, "stats.envelope_std"), t->envelope_std);
  return NM_OK;
}

NmVocoderTrainer *nm_vocoder_trainer_new(const NmBackend *backend, NmPool *pool,
                                         const NmVocoderTraining *training, NmError *err)
{
  NmVocoderTrainer *trainer = calloc(1, sizeof *trainer);
  NmStatus status = NM_ERR_NO_MEMORY;
  if (trainer) {
    trainer->training = *training;
    trainer->backend = backend;
    trainer->pool = pool;
    if (allocate(trainer)) status = NM_OK;
  }
  if (status != NM_OK) {
    nm_error_set(err, status, "out of memory");
  } else {
    cumulate(trainer);
    status =
        trainer->cumulated[training->n_clips - 1] > 0
            ? declare(trainer, err)
            : nm_error_set(err, NM_ERR_BAD_DATA, "no recording is longer than %d frames", training->n_frames);
  }
  if (status == NM_OK) return trainer;
  nm_vocoder_trainer_free(trainer);
  return NULL;
}

static void fill_row(NmVocoderTrainer *trainer, int32_t row, NmRng *rng)
{
  const NmVocoderTraining *t = &trainer->training;
  const NmVocoderClip *clip = &t->clips[nm_rng_pick(rng, trainer->cumulated, t->n_clips)];
  const int64_t n = t->n_frames, L = n_sound(t), J = n_judged(t);
  const int64_t at = (int64_t)nm_rng_below(rng, (uint64_t)(clip->T - n));
  const float *envelope = clip->envelope + at * NM_VOCODER_N_BANDS;
  nm_vocoder_features(envelope, clip->f0_hz + at, clip->voicing + at, n, t->envelope_mean, t->envelope_std,
                      trainer->features + row * n * NM_VOCODER_N_FEATURES);
  memcpy(trainer->envelope + row * n * NM_VOCODER_N_BANDS, envelope,
         (size_t)(n * NM_VOCODER_N_BANDS) * sizeof(float));
  nm_vocoder_pulses(clip->f0_hz + at, clip->voicing + at, n, nm_rng_uniform(rng), trainer->pulses + row * L);
  nm_vocoder_noise(rng, L, trainer->noise + row * L);
  const int16_t *audio = clip->audio + (at + MARGIN) * NM_VOCODER_HOP;
  for (int64_t i = 0; i < J; ++i) trainer->target[row * J + i] = (float)audio[i] / 32768;
}

typedef struct {
  NmVocoderTrainer *trainer;
  int64_t step;
} FillJob;

static void fill_job(void *ctx, int64_t row, int worker)
{
  const FillJob *job = ctx;
  NmRng rng;
  nm_rng_init(&rng, job->trainer->training.seed + (uint64_t)job->step * 4096 + (uint64_t)row + 1);
  fill_row(job->trainer, (int32_t)row, &rng);
}

static void set_inputs(NmVocoderTrainer *trainer, const Generator *m)
{
  NmGraph *g = trainer->generator_graph;
  nm_graph_set(g, m->features, trainer->features);
  nm_graph_set(g, m->envelope, trainer->envelope);
  nm_graph_set(g, m->pulses, trainer->pulses);
  nm_graph_set(g, m->noise, trainer->noise);
  nm_graph_set(g, m->target, trainer->target);
}

static NmStatus update(NmVocoderTrainer *trainer, NmParams *params, double lr, double average, double *norm,
                       NmError *err)
{
  NmAdamConfig adam = nm_adam_defaults();
  adam.lr = lr;
  adam.beta1 = .8;
  adam.beta2 = .99;
  adam.weight_decay = trainer->training.weight_decay;
  adam.clip_norm = 20;
  adam.average = average;
  const NmStatus status = nm_params_step(params, &adam, norm, err);
  return status == NM_ERR_BAD_DATA ? NM_OK : status; // a step without finite gradients is passed over
}

static NmStatus step_discriminator(NmVocoderTrainer *trainer, const float *sound, double lr, double *loss,
                                   NmError *err)
{
  NmGraph *g = trainer->discriminator_graph;
  nm_graph_reset(g);
  nm_params_set_frozen(trainer->discriminator, false);
  const NmNet net = {g, trainer->discriminator, 0};
  const NmShape shape = NM_SHAPE2(trainer->training.n_batch, n_judged(&trainer->training));
  const NmVar real = nm_graph_input(g, NM_TYPE_REAL, shape), fake = nm_graph_input(g, NM_TYPE_REAL, shape);
  const NmJudgement dr = nm_discriminate(&net, real), df = nm_discriminate(&net, fake);
  const NmVar sum = nm_add(g, nm_judge_loss(g, &dr, 1), nm_judge_loss(g, &df, 0));
  const NmStatus status = nm_graph_plan(g, true, err);
  if (status != NM_OK) return status;
  nm_graph_set(g, real, trainer->target);
  nm_graph_set(g, fake, sound);
  nm_graph_forward(g);
  nm_params_zero_grad(trainer->discriminator);
  nm_graph_backward(g, sum);
  *loss = nm_graph_get_scalar(g, sum);
  return update(trainer, trainer->discriminator, lr, 0, NULL, err);
}

NmStatus nm_vocoder_trainer_step(NmVocoderTrainer *trainer, int64_t step, double lr, double lr_discriminator,
                                 NmVocoderLosses *losses, NmError *err)
{
  NmGraph *g = trainer->generator_graph;
  const bool adversarial = lr_discriminator > 0;
  if (adversarial && !nm_vocoder_trainer_get_discriminator(trainer, err)) return NM_ERR_NO_MEMORY;
  if (adversarial) nm_params_set_frozen(trainer->discriminator, true);
  const Generator m = build_generator(trainer, adversarial);
  NmStatus status = nm_graph_plan(g, true, err);
  if (status != NM_OK) return status;
  nm_pool_run(trainer->pool, trainer->training.n_batch, fill_job, &(FillJob){trainer, step});
  set_inputs(trainer, &m);
  nm_graph_forward(g);
  nm_params_zero_grad(trainer->params);
  nm_graph_backward(g, m.loss);
  *losses = (NmVocoderLosses){.mel = nm_graph_get_scalar(g, m.mel), .stft = nm_graph_get_scalar(g, m.stft)};
  if (adversarial) {
    losses->adversarial = nm_graph_get_scalar(g, m.adversarial);
    losses->matching = nm_graph_get_scalar(g, m.matching);
    nm_graph_get(g, m.sound, trainer->sound);
    status = step_discriminator(trainer, trainer->sound, lr_discriminator, &losses->discriminator, err);
  }
  if (status == NM_OK)
    status = update(trainer, trainer->params, lr, trainer->training.average, &losses->norm, err);
  return status;
}

double nm_vocoder_trainer_count_operations(const NmVocoderTrainer *trainer)
{
  return nm_graph_count_operations(trainer->generator_graph) +
         nm_graph_count_operations(trainer->discriminator_graph);
}

NmParams *nm_vocoder_trainer_get_params(NmVocoderTrainer *trainer)
{
  return trainer->params;
}

NmParams *nm_vocoder_trainer_get_discriminator(NmVocoderTrainer *trainer, NmError *err)
{
  if (trainer->discriminator) return trainer->discriminator;
  NmGraph *g = trainer->discriminator_graph;
  nm_graph_reset(g);
  NmParams *params = nm_params_new(trainer->backend, trainer->pool);
  if (!params) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  const NmNet net = {g, params, 0};
  nm_discriminate(&net, nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE2(1, n_judged(&trainer->training))));
  if (nm_params_seal(params, trainer->training.seed + 1, err) == NM_OK)
    return trainer->discriminator = params;
  nm_params_free(params);
  return NULL;
}
