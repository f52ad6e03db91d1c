// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/emotion_weights.h"

// cmocka.h wants these first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>

#include "dsp/base/rng.h"
#include "models/emotion/listener_prior.h"
#include "models/emotion/trainer.h"

enum { N_ITEMS = 24, N_STEPS = 20 };

static void fill(float *x, size_t n, double mean, double deviation, NmRng *rng)
{
  for (size_t i = 0; i < n; ++i) x[i] = (float)(mean + deviation * nm_rng_normal(rng));
}

static void make_corpus(NmEmotionCorpus *c, NmRng *rng)
{
  const size_t n = N_ITEMS * N_STEPS;
  *c = (NmEmotionCorpus){.n_items = N_ITEMS, .n_steps = (int64_t)n};
  c->items = calloc(N_ITEMS, sizeof *c->items);
  c->patches = malloc(n * NM_PATCH * sizeof *c->patches);
  c->rows = malloc(n * NM_STEP * sizeof *c->rows);
  c->labels = malloc(n * 2 * sizeof *c->labels);
  assert_true(c->items && c->patches && c->rows && c->labels);
  fill(c->patches, n * NM_PATCH, -6, 2, rng);
  fill(c->rows, n * NM_STEP, -2, 2, rng);
  fill(c->labels, n * 2, 0, .3, rng);
  for (int i = 0; i < N_ITEMS; ++i) {
    c->items[i] = (NmEmotionItem){.id = i,
                                  .split = i % 4 ? NM_EMOTION_TRAIN : NM_EMOTION_VALID,
                                  .first = i * N_STEPS,
                                  .n_steps = N_STEPS,
                                  .duration_s = N_STEPS / 2};
    fill(c->items[i].static_label, 2, 0, .3, rng);
  }
}

static void train(const NmEmotionCorpus *corpus, const char *path)
{
  NmEmotionTraining training = {.config = nm_emotion_config_defaults(),
                                .n_batch = 4,
                                .n_steps = N_STEPS,
                                .average = .5,
                                .seed = 1,
                                .fold = -1};
  NmEmotionConfig *c = &training.config;
  double loss, error;
  NmError err = {0};
  c->n_members = 1;
  c->d_model = c->d_inner = c->d_local = c->d_global = 16;
  c->n_heads = 2;
  c->n_filters = 4;
  c->n_centres = c->kernel_percent = 0;
  NmEmotionTrainer *trainer = nm_emotion_trainer_new(nm_backend_cpu(), NULL, &training, corpus, &err);
  if (!trainer) fail_msg("%s", err.message);
  char *metadata = nm_emotion_trainer_describe(trainer);
  assert_int_equal(nm_emotion_trainer_step(trainer, 0, 1e-3, &loss, &error, &err), NM_OK);
  if (nm_params_save(nm_emotion_trainer_get_params(trainer), path, NM_STORE_F16, true, metadata, &err))
    fail_msg("%s", err.message);
  free(metadata);
  nm_emotion_trainer_free(trainer);
}

static void write_prior(const char *path_model, const char *path)
{
  float weights[2][NM_MIX_N] = {{0}};
  NmError err = {0};
  NmEmotionModel *model = nm_emotion_model_open(path_model, &err);
  if (!model) fail_msg("%s", err.message);
  for (int i = 0; i < NM_MIX_N; ++i) weights[0][i] = weights[1][i] = .1f;
  if (nm_listener_prior_save(path, nm_emotion_model_get_hash(model), "CC0-1.0", "noise", weights, &err))
    fail_msg("%s", err.message);
  nm_emotion_model_close(model);
}

void write_emotion_weights(const char *folder)
{
  char model[4096], prior[4096];
  NmEmotionCorpus corpus;
  NmRng rng;
  nm_rng_init(&rng, 1);
  snprintf(model, sizeof model, "%s/emotion.safetensors", folder);
  snprintf(prior, sizeof prior, "%s/listener.safetensors", folder);
  make_corpus(&corpus, &rng);
  train(&corpus, model);
  write_prior(model, prior);
  nm_emotion_corpus_fini(&corpus);
}
