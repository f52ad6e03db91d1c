// SPDX-License-Identifier: GPL-3.0-or-later
// Training moods: noise told from music, copies, masked pre-training. The corpus is of chords played here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/emotion/batch.h"
#include "models/emotion/noise.h"
#include "models/emotion/trainer.h"

enum { N_CLIPS = 12, N_COPIES = 2, T = 8, N_SAMPLES = T * NM_FEATURES_STEP };

static NmEmotionCorpus corpus;
static float sound[N_SAMPLES], patches[(T + 1) * NM_PATCH], rows[(T + 1) * NM_STEP];

// Chords of decaying tones at some tempo.
static void play(uint64_t seed)
{
  NmRng rng;
  nm_rng_init(&rng, seed);
  const int64_t len = 4000 + (int64_t)nm_rng_below(&rng, 9000);
  memset(sound, 0, sizeof sound);
  for (int64_t start = 0; start < N_SAMPLES; start += len)
    for (int voice = 0; voice < 3; ++voice) {
      const double f0_hz = 110 * exp2((double)nm_rng_below(&rng, 36) / 12);
      for (int64_t i = 0; i < len && start + i < N_SAMPLES; ++i)
        for (int k = 1; k < 6; ++k)
          sound[start + i] +=
              (float)(.05 / k * sin(2 * M_PI * k * f0_hz * (double)i / NM_RATE_HZ) * exp(-(double)i / 5000));
    }
}

static void hear(NmEmotionFeatures *features)
{
  int64_t n_taken, n = nm_emotion_features_push(features, sound, N_SAMPLES, &n_taken, patches, rows, T);
  while (n < T) n += nm_emotion_features_finish(features, patches + n * NM_PATCH, rows + n * NM_STEP, T - n);
  nm_emotion_features_reset(features);
}

static int make_corpus(void **state)
{
  const int32_t n = N_CLIPS + 2 + N_COPIES;
  NmEmotionFeatures *features = nm_emotion_features_new();
  corpus = (NmEmotionCorpus){.n_items = n,
                             .n_steps = n * T,
                             .items = calloc((size_t)n, sizeof(NmEmotionItem)),
                             .patches = calloc((size_t)(n * T * NM_PATCH), sizeof(float)),
                             .rows = calloc((size_t)(n * T * NM_STEP), sizeof(float)),
                             .labels = calloc((size_t)(n * T * 2), sizeof(float))};
  for (int32_t i = 0; i < n; ++i) {
    const bool is_copy = i >= N_CLIPS + 2;
    corpus.items[i] = (NmEmotionItem){.id = is_copy ? NM_EMOTION_COPIES * (i - N_CLIPS - 1) : i,
                                      .split = is_copy       ? NM_EMOTION_COPY
                                               : i < N_CLIPS ? NM_EMOTION_TRAIN
                                                             : NM_EMOTION_VALID,
                                      .first = i * T,
                                      .n_steps = T};
    play(is_copy ? 100 : (uint64_t)i);
    hear(features);
    memcpy(corpus.patches + i * T * NM_PATCH, patches, T * NM_PATCH * sizeof *patches);
    memcpy(corpus.rows + i * T * NM_STEP, rows, T * NM_STEP * sizeof *rows);
    for (int32_t k = 0; k < 2 * T; ++k) corpus.labels[i * 2 * T + k] = .1f * (float)(i % 5) - .2f;
  }
  nm_emotion_features_free(features);
  return 0;
}

static int free_corpus(void **state)
{
  nm_emotion_corpus_fini(&corpus);
  return 0;
}

static NmEmotionTraining small_training(void)
{
  return (NmEmotionTraining){.config = {.n_members = 2,
                                        .d_model = 8,
                                        .n_heads = 2,
                                        .d_inner = 8,
                                        .d_local = 8,
                                        .d_global = 8,
                                        .n_filters = 4,
                                        .patches = 1},
                             .n_batch = 4,
                             .n_steps = T,
                             .masked = .3,
                             .seed = 3,
                             .fold = -1};
}

static void test_noise_is_told_from_music(void **state)
{
  int32_t items[N_CLIPS];
  const NmEmotionClips clips = {items, N_CLIPS};
  NmEmotionStats *stats = calloc(1, sizeof *stats);
  NmEmotionFeatures *features = nm_emotion_features_new();
  float global[NM_GLOBAL];
  NmError err = {0};
  for (int32_t i = 0; i < N_CLIPS; ++i) items[i] = i;
  assert_int_equal(nm_emotion_statistics(&corpus, &clips, T, stats, &err), NM_OK);
  assert_int_equal(nm_emotion_fit_noise(&corpus, &clips, T, stats, &err), NM_OK);
  for (uint64_t k = 1000; k < 1006; ++k) {
    nm_emotion_make_noise(k, sound, N_SAMPLES);
    hear(features);
    nm_emotion_global(patches, rows, T, global);
    nm_emotion_normalise_global(stats, global);
    assert_true(nm_emotion_measure_noise(stats, global) > 1);
  }
  for (uint64_t k = 200; k < 206; ++k) {
    play(k);
    hear(features);
    nm_emotion_global(patches, rows, T, global);
    nm_emotion_normalise_global(stats, global);
    assert_true(nm_emotion_measure_noise(stats, global) < 1);
  }
  nm_emotion_features_free(features);
  free(stats);
}

static void test_noises_are_finite_and_differ(void **state)
{
  float first = 0;
  for (uint64_t k = 0; k < 12; ++k) {
    nm_emotion_make_noise(k, sound, 2400);
    for (int i = 0; i < 2400; ++i) assert_true(isfinite(sound[i]));
    assert_true(k == 0 || sound[1200] != first);
    first = sound[1200];
  }
}

// Without mixing and noise a batch is made of clips as they are, and of the copies of the one that has some.
static void test_copies_take_the_place_of_their_original(void **state)
{
  NmEmotionTraining training = small_training();
  NmEmotionStats *stats = calloc(1, sizeof *stats);
  NmEmotionBatch batch;
  int32_t items[N_CLIPS];
  const NmEmotionClips clips = {items, N_CLIPS};
  NmError err = {0};
  int n_copies = 0;
  for (int32_t i = 0; i < N_CLIPS; ++i) items[i] = i;
  training.copies = 1;
  assert_int_equal(nm_emotion_statistics(&corpus, &clips, T, stats, &err), NM_OK);
  assert_true(nm_emotion_batch_init(&batch, &training, &corpus, stats, &clips));
  float copy[NM_STEP_PLAIN], original[NM_STEP_PLAIN];
  nm_emotion_normalise_row(stats, corpus.rows + (N_CLIPS + 2) * T * NM_STEP, copy);
  nm_emotion_normalise_row(stats, corpus.rows, original);
  for (int64_t step = 0; step < N_CLIPS / 4; ++step) {
    nm_emotion_batch_draw(&batch, step);
    for (int i = 0; i < 4; ++i) {
      const float *row = batch.rows + i * T * NM_STEP_PLAIN;
      n_copies += memcmp(row, copy, sizeof copy) == 0;
      assert_true(memcmp(row, original, sizeof original) != 0);
    }
  }
  assert_int_equal(n_copies, 1);
  nm_emotion_batch_fini(&batch);
  free(stats);
}

static void test_pretraining_learns(void **state)
{
  const NmEmotionTraining training = small_training();
  NmError err = {0};
  double first, last, loss, error;
  NmEmotionTrainer *t = nm_emotion_trainer_new(nm_backend_cpu(), NULL, &training, &corpus, &err);
  assert_non_null(t);
  assert_int_equal(nm_emotion_trainer_pretrain(t, 60, 3e-3, &first, &last, &err), NM_OK);
  assert_true(isfinite(first) && last < first);
  assert_int_equal(nm_params_get_step(nm_emotion_trainer_get_params(t)), 0);
  assert_int_equal(nm_emotion_trainer_step(t, 0, 1e-3, &loss, &error, &err), NM_OK);
  assert_true(isfinite(loss));
  for (int32_t i = 0; i < nm_params_get_n(nm_emotion_trainer_get_params(t)); ++i)
    assert_null(strstr(nm_params_get_name(nm_emotion_trainer_get_params(t), i), "guess"));
  nm_emotion_trainer_free(t);
}

// What is held out of a corpus does not depend on those that are joined to it.
static void test_corpora_are_joined(void **state)
{
  NmEmotionCorpus two = {0};
  NmEmotionTraining training = small_training();
  NmEmotionValidation alone, first, second;
  NmError err = {0};
  assert_int_equal(nm_emotion_corpus_append(&two, &corpus, &err), NM_OK);
  assert_int_equal(nm_emotion_corpus_append(&two, &corpus, &err), NM_OK);
  assert_int_equal(nm_emotion_corpus_get_n_sources(&two), 2);
  assert_int_equal(two.items[two.n_items - 1].first, two.n_steps - T);
  assert_memory_equal(two.rows + corpus.n_steps * NM_STEP, corpus.rows,
                      (size_t)corpus.n_steps * NM_STEP * sizeof(float));
  training.fold = 1;
  training.first_only = true;
  training.copies = .5;
  training.config.n_centres = 1;
  training.config.kernel_percent = 50;
  NmEmotionTrainer *t = nm_emotion_trainer_new(nm_backend_cpu(), NULL, &training, &corpus, &err);
  assert_non_null(t);
  assert_int_equal(nm_emotion_trainer_validate(t, 0, &alone, &err), NM_OK);
  nm_emotion_trainer_free(t);
  t = nm_emotion_trainer_new(nm_backend_cpu(), NULL, &training, &two, &err);
  assert_non_null(t);
  assert_int_equal(nm_emotion_trainer_validate(t, 0, &first, &err), NM_OK);
  assert_int_equal(nm_emotion_trainer_validate(t, 1, &second, &err), NM_OK);
  nm_emotion_trainer_free(t);
  for (int d = 0; d < 2; ++d) { // the same clips, none of which was learned from
    assert_float_equal(first.now[NM_EMOTION_ALL][d].rmse, alone.now[NM_EMOTION_ALL][d].rmse, 1e-6);
    assert_float_equal(second.now[NM_EMOTION_ALL][d].rmse, alone.now[NM_EMOTION_ALL][d].rmse, 1e-6);
    assert_float_equal(second.whole[NM_EMOTION_ALL][d].rmse, alone.whole[NM_EMOTION_ALL][d].rmse, 1e-6);
  }
  nm_emotion_corpus_fini(&two);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_noise_is_told_from_music), cmocka_unit_test(test_noises_are_finite_and_differ),
      cmocka_unit_test(test_copies_take_the_place_of_their_original),
      cmocka_unit_test(test_pretraining_learns), cmocka_unit_test(test_corpora_are_joined)};
  return cmocka_run_group_tests(tests, make_corpus, free_corpus);
}
