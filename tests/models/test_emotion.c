// SPDX-License-Identifier: GPL-3.0-or-later
// The emotion model: features against plain definitions, metrics against values by hand, the protocols
// against the script's, streams against wholes, and files that are spoilt.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/emotion/kernel.h"
#include "models/emotion/listener.h"
#include "models/emotion/listener_fit.h"
#include "models/emotion/listener_prior.h"
#include "models/emotion/loss.h"
#include "models/emotion/metrics.h"
#include "models/emotion/model.h"
#include "models/emotion/protocols.h"
#include "models/emotion/solve.h"
#include "models/emotion/table.h"
#include "models/emotion/tonal.h"
#include "tests/support/program.h"

#define WEIGHTS "emotion.safetensors"
#define PRIOR "listener.safetensors"
#define LISTENER "me.listener"

enum { RATE_HZ = NM_EMOTION_RATE_HZ, N_SECONDS = 47 };

// A tiny model with statistics that any sound passes.
static int save_tiny_model(void)
{
  NmError err = {0};
  NmEmotionConfig config = {.n_members = 2,
                            .d_model = 8,
                            .n_heads = 2,
                            .d_inner = 8,
                            .d_local = 8,
                            .d_global = 8,
                            .n_filters = 4,
                            .patches = 1,
                            .n_centres = 3,
                            .kernel_percent = 50};
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  const NmNet net = {g, params, 0};
  const NmEmotionInputs in = nm_emotion_inputs(g, 1, 2);
  (void)nm_emotion_network(&net, &config, &in, false);
  char *metadata = nm_config_write("emotion", nm_emotion_fields, nm_emotion_n_fields, &config, NULL, 0);
  const bool ok = nm_params_seal(params, 7, &err) == NM_OK &&
                  nm_params_save(params, WEIGHTS, NM_STORE_F16, false, metadata, &err) == NM_OK;
  free(metadata);
  nm_params_free(params);
  nm_graph_free(g);
  return ok ? 0 : -1;
}

static int save_prior(void)
{
  char hash[NM_EMOTION_HASH_SIZE];
  float weights[2][NM_MIX_N] = {{0}};
  NmError err = {0};
  weights[0][1] = weights[1][1] = 1; // the mean of what was said
  return nm_emotion_hash_file(WEIGHTS, hash, &err) ||
                 nm_listener_prior_save(PRIOR, hash, "none", "none", weights, &err)
             ? -1
             : 0;
}

static int set_up(void **state)
{
  enter_scratch();
  return save_tiny_model() || save_prior() ? -1 : 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

// Chords that change every second and a half, and noise.
static float *make_sound(int64_t n)
{
  NmRng rng;
  float *x = malloc((size_t)n * sizeof *x);
  nm_rng_init(&rng, 3);
  for (int64_t i = 0; x && i < n; ++i) {
    const double t = (double)i / RATE_HZ, hz = 220 * pow(2, (double)(i / (3 * RATE_HZ / 2) % 7) / 12);
    x[i] =
        (float)(.2 * sin(2 * M_PI * hz * t) + .1 * sin(2 * M_PI * 1.5 * hz * t) + .01 * nm_rng_normal(&rng));
  }
  return x;
}

// --- metrics, solver ---

static void test_metrics_by_hand(void **state)
{
  const float p[] = {0, 1, 2, 3}, y[] = {1, 1, 3, 3};
  const NmEmotionScore s = nm_emotion_score(p, y, 4, 1);
  assert_float_equal(s.rmse, sqrt(.5), 1e-12);
  assert_float_equal(s.r, 1 / sqrt(1.25), 1e-12);         // covariance 1, variances 1.25 and 1
  assert_float_equal(s.ccc, 2 / (1.25 + 1 + .25), 1e-12); // means 1.5 and 2
  assert_float_equal(s.r2, .5, 1e-12);
  const float flat[] = {1, 1, 1, 1};
  assert_float_equal(nm_emotion_score(flat, y, 4, 1).r, 0, 0);
  assert_float_equal(nm_emotion_score(y, y, 4, 1).ccc, 1, 1e-12);
}

static void test_ridge_finds_the_line(void **state)
{
  float x[20][2], y[20];
  double w[2];
  for (int i = 0; i < 20; ++i) {
    x[i][0] = 1;
    x[i][1] = (float)i / 10;
    y[i] = 2 - 3 * x[i][1];
  }
  assert_true(nm_ridge_fit(x[0], y, NULL, 20, 2, 1, 1e-9, w));
  assert_float_equal(w[0], 2, 1e-5);
  assert_float_equal(w[1], -3, 1e-5);
  for (int i = 0; i < 20; ++i) x[i][1] = 1;
  assert_false(nm_ridge_fit(x[0], y, NULL, 20, 2, 1, 0, w));
}

// Labels of two clips far apart, and of a copy of the first.
static const float kernel_labels[3 * NM_KERNEL_OUT] = {1, 0, -1, .5f, -1, 0, 1, .5f, .4f, 0, -1, .5f};

// Fits the first n of three clips; *far is the kernel between the two centres.
static void fit_kernel(int64_t n, float centres[3 * NM_KERNEL_COLUMNS], float weights[2 * NM_KERNEL_OUT],
                       double *far)
{
  static const float one[2 * NM_KERNEL_OUT] = {1};
  float out[NM_KERNEL_OUT], global[NM_GLOBAL] = {0};
  NmError err = {0};
  memset(centres, 0, 3 * NM_KERNEL_COLUMNS * sizeof *centres);
  for (int i = 0; i < 3 * NM_KERNEL_COLUMNS; ++i) centres[i] = i / NM_KERNEL_COLUMNS == 1 ? 0 : 4;
  const NmKernelLessons lessons = {n, 2, centres, kernel_labels};
  assert_int_equal(nm_kernel_fit(NULL, &lessons, weights, &err), NM_OK);
  const NmKernelMachine probe = {.n = 2, .centres = centres, .weights = one};
  nm_kernel_predict(&probe, global, out);
  *far = out[0];
  assert_true(*far > 0 && *far < .5);
}

static void test_kernel_passes_near_its_centres(void **state)
{
  static float centres[3 * NM_KERNEL_COLUMNS], weights[2 * NM_KERNEL_OUT], global[NM_GLOBAL];
  float out[NM_KERNEL_OUT];
  double far;
  fit_kernel(2, centres, weights, &far);
  const NmKernelMachine m = {.n = 2, .centres = centres, .weights = weights, .mean = {.1f}};
  for (int i = 0; i < NM_GLOBAL; ++i) global[i] = 4;
  nm_kernel_predict(&m, global, out);
  const double a = (1 - far) / (1 + NM_KERNEL_PENALTY - far); // (K + penalty I)^-1 K
  assert_float_equal(out[0], .1 + a, 1e-4);
  assert_float_equal(out[2], -a, 1e-4);
}

// K K^T w + penalty K' w = K y, with the copy as a third column of K.
static void test_kernel_learns_from_copies(void **state)
{
  static float centres[3 * NM_KERNEL_COLUMNS], weights[2 * NM_KERNEL_OUT];
  double far, w[2] = {0}, left, right;
  fit_kernel(3, centres, weights, &far);
  for (int i = 0; i < 2; ++i) w[i] = weights[i * NM_KERNEL_OUT];
  const double k[2][3] = {{1, far, 1}, {far, 1, far}};
  for (int i = 0; i < 2; ++i) {
    left = right = 0;
    for (int j = 0; j < 3; ++j) {
      left += k[i][j] * (k[0][j] * w[0] + k[1][j] * w[1]);
      right += k[i][j] * kernel_labels[j * NM_KERNEL_OUT];
    }
    left += NM_KERNEL_PENALTY * (k[i][0] * w[0] + k[i][1] * w[1]);
    assert_float_equal(left, right, 1e-4);
  }
}

// --- features ---

static void test_tonal_knows_keys(void **state)
{
  float chroma[NM_CHROMA_N] = {0};
  NmTonal t;
  static const int g_major[] = {7, 11, 2};
  for (int i = 0; i < 3; ++i) chroma[g_major[i]] = 1.f / 3;
  nm_tonal_measure(chroma, &t);
  assert_true(t.major > t.minor);
  assert_float_equal(t.turned[0], 1. / 3, 1e-6);
  assert_float_equal(t.turned[4], 1. / 3, 1e-6);
  assert_float_equal(t.turned[7], 1. / 3, 1e-6);
  assert_float_equal(t.sorted[11], 1. / 3, 1e-6);
  assert_float_equal(t.sorted[0], 0, 1e-9);
  assert_int_equal(t.tonic, 7);
}

static void test_triads_by_hand(void **state)
{
  static const int c_major[] = {0, 4, 7}, a_minor[] = {9, 0, 4};
  float out[NM_TRIADS_MEASURES];
  NmTriads triads;
  nm_triads_init(&triads);
  nm_triads_measure(&triads, out);
  for (int i = 0; i < NM_TRIADS_MEASURES; ++i) assert_float_equal(out[i], 0, 0);
  for (int k = 0; k < 4; ++k) {
    float chroma[NM_CHROMA_N] = {0};
    for (int i = 0; i < 3; ++i) chroma[k % 2 ? a_minor[i] : c_major[i]] = 1.f / 3;
    nm_triads_add(&triads, chroma, 0);
  }
  nm_triads_measure(&triads, out);
  assert_float_equal(out[0], .5, .01);
  assert_float_equal(out[NM_CHROMA_N + 9], .5, .01);
  assert_float_equal(out[NM_TRIADS], 1, 0); // changes each time
  assert_float_equal(out[NM_TRIADS + 1], .5, .01);
  assert_float_equal(out[NM_TRIADS + 2], 1, 1e-6);
  assert_true(out[NM_TRIADS + 3] > 0 && out[NM_TRIADS + 3] < .1f);
}

static void test_triads_turn_with_the_tonic(void **state)
{
  const float d_major[NM_CHROMA_N] = {[2] = .5f, [6] = .3f, [9] = .2f};
  float out[NM_TRIADS_MEASURES];
  NmTriads triads;
  nm_triads_init(&triads);
  nm_triads_add(&triads, d_major, 2);
  nm_triads_measure(&triads, out);
  assert_true(out[0] > .9f);
  assert_float_equal(out[NM_TRIADS], 0, 0);
}

// Band 1 is loud once in five frames.
static void test_movement_by_hand(void **state)
{
  static float frames[5 * NM_N_MELS];
  float out[NM_MOVEMENT];
  for (int b = 4; b < 8; ++b) frames[4 * NM_N_MELS + b] = 10;
  nm_movement_measure(frames, 5, out);
  assert_float_equal(out[NM_MOVEMENT_MEDIAN + 1], -2, 1e-5);
  assert_float_equal(out[NM_MOVEMENT_SKEWNESS + 1], 96 / (4.05 * 4.05 * 4.05), 1e-4);
  assert_float_equal(out[NM_MOVEMENT_SKEWNESS + 2], 0, 0);
}

static void test_movement_finds_the_pulse(void **state)
{
  enum { N = 240, PERIOD = 6 };
  static float frames[N * NM_N_MELS];
  float out[NM_MOVEMENT];
  for (int t = 0; t < N; t += PERIOD)
    for (int b = 60; b < NM_N_MELS; ++b) frames[t * NM_N_MELS + b] = 1;
  nm_movement_measure(frames, N, out);
  const float *high = out + NM_MOVEMENT_ONSETS_HIGH;
  assert_true(high[1] > .9f && high[3] > .9f); // lags of 6 to 8, of 12 to 14
  assert_true(high[0] < 0 && high[2] < 0);
  for (int i = 0; i < NM_MOVEMENT_LAGS; ++i) assert_float_equal(out[NM_MOVEMENT_ONSETS_LOW + i], 0, 0);
}

static void test_median_against_sorting(void **state)
{
  enum { N = 64 };
  static float frames[N * NM_N_MELS];
  float out[NM_MOVEMENT];
  NmRng rng;
  nm_rng_init(&rng, 2);
  for (int n = 1; n <= N; ++n) {
    float x[N];
    double mean = 0;
    for (int t = 0; t < n; ++t) {
      x[t] = (float)(nm_rng_below(&rng, 8)) / 4; // some are the same
      mean += x[t] / n;
      for (int b = 0; b < NM_N_MELS; ++b) frames[t * NM_N_MELS + b] = x[t];
    }
    for (int i = 0; i < n; ++i)
      for (int k = i + 1; k < n; ++k)
        if (x[k] < x[i]) {
          const float kept = x[i];
          x[i] = x[k];
          x[k] = kept;
        }
    nm_movement_measure(frames, n, out);
    for (int b = 0; b < NM_MOVEMENT_BANDS; ++b)
      assert_float_equal(out[NM_MOVEMENT_MEDIAN + b], (x[(n - 1) / 2] + x[n / 2]) / 2 - mean, 1e-5);
    for (int i = 0; i < NM_MOVEMENT; ++i) assert_true(isfinite(out[i]));
  }
}

static void test_steps_of_a_sound(void **state)
{
  assert_int_equal(nm_emotion_get_n_rows(0), 0);
  assert_int_equal(nm_emotion_get_n_rows(1), 1);
  assert_int_equal(nm_emotion_get_n_rows(12000), 1);
  assert_int_equal(nm_emotion_get_n_rows(17999), 1);
  assert_int_equal(nm_emotion_get_n_rows(18000), 2);
  assert_int_equal(nm_emotion_get_n_rows(240000), 20);
}

static void test_features_against_the_front_end(void **state)
{
  enum { N = 3 * RATE_HZ, STEP = 2 };
  float *x = make_sound(N), *mel = malloc(sizeof(float) * NM_N_MELS * (N / NM_LEN_HOP + 1));
  float *patches = malloc(sizeof(float) * 6 * NM_PATCH), *rows = malloc(sizeof(float) * 6 * NM_STEP);
  NmFrontend *fe = nm_frontend_new();
  NmEmotionFeatures *f = nm_emotion_features_new();
  int64_t n_taken;
  nm_frontend_run(fe, x, N, mel);
  int64_t n = nm_emotion_features_push(f, x, N, &n_taken, patches, rows, 6);
  n += nm_emotion_features_finish(f, patches + n * NM_PATCH, rows + n * NM_STEP, 6 - n);
  assert_int_equal(n, 6);
  const int first = STEP * 12000 / 256;
  for (int b = 0; b < NM_N_MELS; ++b) {
    double sum = 0, four = 0;
    for (int t = 0; t < 48; ++t) sum += mel[(first + t) * NM_N_MELS + b] / 48;
    for (int t = 4; t < 8; ++t) four += mel[(first + t) * NM_N_MELS + b] / 4;
    assert_float_equal(rows[STEP * NM_STEP + NM_STEP_MEAN + b], sum, 1e-4);
    assert_float_equal(patches[STEP * NM_PATCH + NM_N_MELS + b], four, 1e-4);
  }
  float classes = 0;
  for (int i = 0; i < NM_STEP_CHROMA; ++i) classes += rows[STEP * NM_STEP + NM_STEP_PITCH_CLASSES + i];
  assert_float_equal(classes, 1, 1e-3);
  nm_frontend_free(fe);
  nm_emotion_features_free(f);
  free(x);
  free(mel);
  free(patches);
  free(rows);
}

static void test_global_is_mean_and_deviation(void **state)
{
  static float patches[2 * NM_PATCH], rows[2 * NM_STEP], out[NM_GLOBAL];
  rows[5] = 1;
  rows[NM_STEP + 5] = 3;
  nm_emotion_global(patches, rows, 2, out);
  assert_float_equal(out[5], 2, 1e-6);
  assert_float_equal(out[NM_STEP_PLAIN + 5], 1, 1e-6);
}

// --- the loss ---

static void test_loss_by_hand(void **state)
{
  enum { B = 1, T = 4 };
  const float p[] = {0, 1, 2, 3}, y[] = {1, 1, 3, 3}, deviation[] = {1, 1, 1, 1};
  float out[T * NM_EMOTION_OUT] = {0}, labels[T * NM_EMOTION_LABELS];
  NmError err = {0};
  for (int t = 0; t < T; ++t)
    for (int d = 0; d < NM_EMOTION_LABELS; ++d) {
      out[t * NM_EMOTION_OUT + d] = p[t];
      labels[t * NM_EMOTION_LABELS + d] = y[t];
    }
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  NmEmotionOutput o = {.out = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, NM_EMOTION_OUT)),
                       .self = NM_VAR_NONE};
  o.each[0] = o.out;
  const NmVar y_var = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, NM_EMOTION_LABELS));
  const NmEmotionLoss weights = {1, 0, 0};
  NmVar square;
  const NmVar loss = nm_emotion_loss(g, &o, 1, y_var, deviation, &weights, &square);
  nm_graph_output(g, loss);
  nm_graph_output(g, square);
  assert_int_equal(nm_graph_plan(g, false, &err), NM_OK);
  nm_graph_set(g, o.out, out);
  nm_graph_set(g, y_var, labels);
  nm_graph_forward(g);
  const double one = 1 - (.8 + 1 / sqrt(1.25) + 1 - sqrt(.5)) / 3 + .5;
  assert_float_equal(nm_graph_get_scalar(g, loss), 1.5 * one, 1e-4); // weights .5, .5, .25, .25
  assert_float_equal(nm_graph_get_scalar(g, square), .5, 1e-6);
  nm_graph_free(g);
}

// --- streams ---

static NmEmotionRow *hear(NmPool *pool, const float *x, int64_t n)
{
  NmError err = {0};
  NmEmotionModel *model = nm_emotion_model_open(WEIGHTS, &err);
  assert_non_null(model);
  NmEmotion *e = nm_emotion_new(model, pool, &err);
  assert_non_null(e);
  NmEmotionRow *rows = calloc((size_t)nm_emotion_get_n_rows(n), sizeof *rows);
  nm_emotion_run(e, x, n, rows);
  nm_emotion_free(e);
  nm_emotion_model_close(model);
  return rows;
}

static void test_blocks_change_nothing(void **state)
{
  const int64_t n = N_SECONDS * RATE_HZ + 777, n_rows = nm_emotion_get_n_rows(n);
  NmError err = {0};
  NmRng rng;
  float *x = make_sound(n);
  NmEmotionRow *whole = hear(NULL, x, n), *rows = calloc((size_t)n_rows, sizeof *rows);
  NmEmotionModel *model = nm_emotion_model_open(WEIGHTS, &err);
  NmEmotion *e = nm_emotion_new(model, NULL, &err);
  nm_rng_init(&rng, 5);
  for (int round = 0; round < 2; ++round) {
    int64_t done = 0, n_taken;
    for (int64_t i = 0; i < n; i += n_taken) {
      const int64_t block = 1 + (int64_t)nm_rng_below(&rng, 30000);
      done += nm_emotion_push(e, x + i, block < n - i ? block : n - i, &n_taken, rows + done, 1);
    }
    while (done < n_rows) done += nm_emotion_finish(e, rows + done, 3 < n_rows - done ? 3 : n_rows - done);
    assert_int_equal(nm_emotion_finish(e, rows, 1), 0);
    assert_memory_equal(rows, whole, (size_t)n_rows * sizeof *rows);
  }
  nm_emotion_free(e);
  nm_emotion_model_close(model);
  free(x);
  free(whole);
  free(rows);
}

static void test_threads_change_nothing(void **state)
{
  const int64_t n = N_SECONDS * RATE_HZ, n_rows = nm_emotion_get_n_rows(n);
  float *x = make_sound(n);
  NmEmotionRow *one = hear(NULL, x, n);
  for (int n_threads = 2; n_threads <= 4; n_threads += 2) {
    NmPool *pool = nm_pool_new(n_threads);
    NmEmotionRow *rows = hear(pool, x, n);
    assert_memory_equal(rows, one, (size_t)n_rows * sizeof *rows);
    free(rows);
    nm_pool_free(pool);
  }
  free(one);
  free(x);
}

static void test_peek_is_the_newest_step(void **state)
{
  const int64_t n = 6 * RATE_HZ;
  int64_t n_taken;
  NmError err = {0};
  NmEmotionRow row, rows[12], again[12];
  float *x = make_sound(n);
  NmEmotionModel *model = nm_emotion_model_open(WEIGHTS, &err);
  NmEmotion *e = nm_emotion_new(model, NULL, &err);
  assert_false(nm_emotion_peek(e, &row));
  assert_int_equal(nm_emotion_push(e, x, n, &n_taken, rows, 12), 0);
  assert_true(nm_emotion_peek(e, &row));
  assert_true(row.time_s > 3 && row.time_s < 6);
  for (int64_t done = 0; done < 12;) done += nm_emotion_finish(e, rows + done, 12 - done);
  nm_emotion_run(e, x, n, again);
  assert_memory_equal(rows, again, sizeof rows); // looking changed nothing
  nm_emotion_free(e);
  nm_emotion_model_close(model);
  free(x);
}

static void check_rows(const NmEmotionRow *rows, int64_t n)
{
  for (int64_t i = 0; i < n; ++i) {
    assert_float_equal(rows[i].time_s, .5 * (double)i + .25, 1e-9);
    assert_true(fabsf(rows[i].valence) <= 1 && fabsf(rows[i].arousal) <= 1);
    assert_true(rows[i].confidence >= 0 && rows[i].confidence <= 1);
    assert_true(isfinite(rows[i].distance));
  }
}

static void test_odd_sounds(void **state)
{
  static const int64_t lengths[] = {1, 2, 255, 257, 6000, 12001, 100000};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; ++i)
    for (int kind = 0; kind < 3; ++kind) {
      float *x = malloc((size_t)lengths[i] * sizeof *x);
      for (int64_t k = 0; k < lengths[i]; ++k)
        x[k] = kind == 0 ? 0 : kind == 1 ? 1 : (k % 2 ? NAN : INFINITY);
      NmEmotionRow *rows = hear(NULL, x, lengths[i]);
      check_rows(rows, nm_emotion_get_n_rows(lengths[i]));
      free(rows);
      free(x);
    }
}

// --- listeners ---

static NmListener *adapt(NmEmotionModel *model, const float *x, int64_t n, NmError *err)
{
  const NmListenerPoint points[] = {{0, -.5f, .1f}, {2, .5f, .3f}, {8, .5f, .3f}};
  const NmListenerClip clip = {x, n, points, 3, NULL};
  return nm_listener_adapt(model, PRIOR, &clip, err);
}

static void test_listener_follows_the_same_sound_alone(void **state)
{
  const int64_t n = 20 * RATE_HZ, n_rows = nm_emotion_get_n_rows(n);
  NmError err = {0};
  float *x = make_sound(n);
  NmEmotionModel *model = nm_emotion_model_open(WEIGHTS, &err);
  NmListener *made = adapt(model, x, n, &err);
  assert_non_null(made);
  assert_int_equal(nm_listener_save(made, LISTENER, &err), NM_OK);
  NmListener *l = nm_listener_load(LISTENER, model, &err);
  assert_non_null(l);
  NmEmotionRow *plain = hear(NULL, x, n), *rows = calloc((size_t)n_rows, sizeof *rows);
  NmEmotion *e = nm_emotion_new(model, NULL, &err);
  assert_int_equal(nm_emotion_set_listener(e, l, &err), NM_OK);
  nm_emotion_run(e, x, n, rows);
  assert_float_equal(rows[3].valence, -.5, 1e-6); // as drawn
  assert_float_equal(rows[4].valence, .5, 1e-6);
  const double mean = (4 * -.5 + 12 * .5) / 16; // the prior holds the mean
  for (int64_t i = 16; i < n_rows; ++i) assert_float_equal(rows[i].valence, mean, 1e-5);
  for (int64_t i = 0; i < n; ++i) x[i] *= (float)(i % 1000) / 1000;
  NmEmotionRow *other = hear(NULL, x, n);
  nm_emotion_run(e, x, n, rows);
  assert_float_equal(rows[30].valence, other[30].valence, 1e-6);
  nm_emotion_free(e);
  nm_listener_free(made);
  nm_listener_free(l);
  nm_emotion_model_close(model);
  free(plain);
  free(other);
  free(rows);
  free(x);
}

static char *read_listener(const char *path, size_t *n)
{
  FILE *file = fopen(path, "rb");
  char *text = calloc(1 << 18, 1);
  *n = fread(text, 1, 1 << 18, file);
  fclose(file);
  return text;
}

static void test_spoilt_listeners_are_refused(void **state)
{
  static const char *const spoils[][2] = {{"neume listener", "neume listened"},
                                          {"\"version\":1", "\"version\":2"},
                                          {"\"steps\":16", "\"steps\":17"},
                                          {"\"steps\":16", "\"steps\":1e9"},
                                          {"-0.5", "-1.5"},
                                          {"\"arousal\"", "\"aro\""},
                                          {"\"sound\":[", "\"sound\":[999,"},
                                          {"}", ""}};
  const int64_t n = 10 * RATE_HZ;
  size_t len;
  NmError err = {0};
  float *x = make_sound(n);
  NmEmotionModel *model = nm_emotion_model_open(WEIGHTS, &err);
  NmListener *l = adapt(model, x, n, &err);
  assert_int_equal(nm_listener_save(l, LISTENER, &err), NM_OK);
  char *text = read_listener(LISTENER, &len);
  assert_true(len < 100000);
  for (size_t i = 0; i < sizeof spoils / sizeof *spoils; ++i) {
    char *copy = calloc(len + 64, 1), *at = strstr(text, spoils[i][0]);
    assert_non_null(at);
    sprintf(copy, "%.*s%s%s", (int)(at - text), text, spoils[i][1], at + strlen(spoils[i][0]));
    err = (NmError){0};
    assert_null(nm_listener_read(copy, strlen(copy), "me", model, &err));
    assert_non_null(strstr(err.message, "me"));
    free(copy);
  }
  char *hash = strstr(text, nm_emotion_model_get_hash(model));
  hash[0] = hash[0] == '0' ? '1' : '0';
  assert_null(nm_listener_read(text, len, "me", model, &err));
  l = (nm_listener_free(l), nm_listener_read(text, len, "me", NULL, &err));
  assert_non_null(l);
  NmEmotion *e = nm_emotion_new(model, NULL, &err);
  assert_int_equal(nm_emotion_set_listener(e, l, &err), NM_ERR_BAD_ARG);
  nm_emotion_free(e);
  nm_listener_free(l);
  nm_emotion_model_close(model);
  free(text);
  free(x);
}

static void test_curves_are_read(void **state)
{
  static const char *const bad[] = {"",
                                    "time_s,valence\n0,1\n1,1\n",
                                    "time_s,valence,arousal\n0,0,0\n",
                                    "time_s,valence,arousal\n0,0,0\n-1,0,0\n",
                                    "time_s,valence,arousal\n0,0,2\n1,0,0\n",
                                    "time_s,valence,arousal\n0,0,0\n1,0\n",
                                    "time_s,valence,arousal\n0,nan,0\n1,0,0\n"};
  static const char good[] = "arousal\ttime\tnote\tvalence\r\n.5\t0\tx\t-1\r\n\r\n.25\t1.5\t\t1\n";
  NmListenerPoints p;
  NmError err = {0};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    assert_int_equal(nm_listener_points_read(&p, bad[i], strlen(bad[i]), "c", &err), NM_ERR_BAD_DATA);
    nm_listener_points_fini(&p);
  }
  assert_int_equal(nm_listener_points_read(&p, good, strlen(good), "c", &err), NM_OK);
  assert_int_equal(p.n, 2);
  assert_float_equal(p.points[1].time_s, 1.5, 0);
  assert_float_equal(p.points[0].arousal, .5, 0);
  assert_float_equal(p.points[1].valence, 1, 0);
  nm_listener_points_fini(&p);
}

// --- protocols ---

// Two pieces of 24 measures of 2.5 s: support 12, as the script's round(30 / 2.5).
static NmEmotionCorpus make_curves(void)
{
  enum { MEASURES = 24, CURVES = 4 };
  NmEmotionCorpus c = {.n_items = 2, .n_curves = CURVES, .n_values = MEASURES * CURVES};
  c.items = calloc(2, sizeof *c.items);
  c.curves = calloc(CURVES, sizeof *c.curves);
  c.values = calloc(2 * MEASURES * CURVES, sizeof *c.values);
  for (int i = 0; i < 2; ++i)
    c.items[i] =
        (NmEmotionItem){.split = NM_EMOTION_VALID, .n_steps = 120, .n_measures = MEASURES, .duration_s = 60};
  for (int i = 0; i < CURVES; ++i) {
    c.curves[i] = (NmEmotionCurve){i / 2, i % 2, i * MEASURES, i ^ 1};
    for (int m = 0; m < MEASURES; ++m) c.values[2 * (i * MEASURES + m)] = (float)(m + i) / 40;
  }
  return c; // arousal is flat
}

static void test_protocols(void **state)
{
  NmEmotionCorpus c = make_curves();
  NmProtocolTasks tasks;
  NmError err = {0};
  assert_int_equal(nm_protocol_p1(&tasks, &c, NM_EMOTION_VALID, 30, false, &err), NM_OK);
  assert_int_equal(tasks.n, 4);
  assert_int_equal(tasks.tasks[1].n_support, 12);
  assert_int_equal(tasks.tasks[1].n_query, 12);
  assert_float_equal(tasks.tasks[1].support[0], 1. / 40, 1e-7);
  assert_float_equal(tasks.tasks[1].query[0], 13. / 40, 1e-7);
  nm_protocol_fini(&tasks);
  assert_int_equal(nm_protocol_p1(&tasks, &c, NM_EMOTION_VALID, 30, true, &err), NM_OK);
  assert_float_equal(tasks.tasks[1].support[0], 0, 1e-7);
  assert_float_equal(tasks.tasks[1].query[0], 13. / 40, 1e-7);
  nm_protocol_fini(&tasks);
  assert_int_equal(nm_protocol_p1(&tasks, &c, NM_EMOTION_VALID, 50, false, &err), NM_OK);
  assert_int_equal(tasks.n, 0); // four measures left
  nm_protocol_fini(&tasks);
  assert_int_equal(nm_protocol_p2(&tasks, &c, NM_EMOTION_VALID, false, &err), NM_OK);
  assert_int_equal(tasks.n, 4);
  assert_int_equal(tasks.tasks[0].support_item, 1);
  nm_protocol_fini(&tasks);
  nm_emotion_corpus_fini(&c);
}

static void test_mix_by_hand(void **state)
{
  const float y[] = {0, .5f, 1}, c[] = {.1f, .2f, .3f};
  float scratch[3], x[NM_MIX_N], w[NM_MIX_N] = {0};
  NmMixState s;
  nm_mix_summarise(y, c, 3, 1, 2, scratch, &s);
  assert_float_equal(s.said[0], .5, 1e-6);
  assert_float_equal(s.said[1], 1, 1e-6);
  const double a = exp(-1), b = exp(-2);
  assert_float_equal(s.said[2], (1 + .5 * a) / (1 + a + b), 1e-6);
  assert_float_equal(s.said[5], .5, 1e-6);
  assert_float_equal(s.said[6], 1, 1e-6);
  assert_float_equal(s.spread, sqrt(.5 / 3), 1e-6);
  assert_float_equal(s.model_mean, .2, 1e-6);
  nm_mix_describe(&s, .4f, 5, x);
  assert_float_equal(x[0], 1, 0);
  assert_float_equal(x[8], .4, 1e-6);
  assert_float_equal(x[11], .5 * exp(-1), 1e-6); // the mean, faded over 5 s
  assert_float_equal(x[NM_MIX_N - 1], .1 * s.spread, 1e-6);
  w[0] = 3;
  assert_float_equal(nm_mix_apply(&s, w, 0, 1), 1, 0);
}

static void test_foreign_weights_are_refused(void **state)
{
  NmError err = {0};
  float weights[2][NM_MIX_N];
  assert_null(nm_emotion_model_open("nothing.safetensors", &err));
  assert_null(nm_emotion_model_open(PRIOR, &err));
  assert_non_null(strstr(err.message, PRIOR));
  assert_int_equal(nm_listener_prior_load(PRIOR, "0123456789abcdef", weights, &err), NM_ERR_BAD_DATA);
  assert_int_not_equal(nm_listener_prior_load(WEIGHTS, "0123456789abcdef", weights, &err), NM_OK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_metrics_by_hand),
      cmocka_unit_test(test_ridge_finds_the_line),
      cmocka_unit_test(test_kernel_passes_near_its_centres),
      cmocka_unit_test(test_kernel_learns_from_copies),
      cmocka_unit_test(test_tonal_knows_keys),
      cmocka_unit_test(test_triads_by_hand),
      cmocka_unit_test(test_triads_turn_with_the_tonic),
      cmocka_unit_test(test_movement_by_hand),
      cmocka_unit_test(test_movement_finds_the_pulse),
      cmocka_unit_test(test_median_against_sorting),
      cmocka_unit_test(test_steps_of_a_sound),
      cmocka_unit_test(test_features_against_the_front_end),
      cmocka_unit_test(test_global_is_mean_and_deviation),
      cmocka_unit_test(test_loss_by_hand),
      cmocka_unit_test(test_blocks_change_nothing),
      cmocka_unit_test(test_threads_change_nothing),
      cmocka_unit_test(test_peek_is_the_newest_step),
      cmocka_unit_test(test_odd_sounds),
      cmocka_unit_test(test_listener_follows_the_same_sound_alone),
      cmocka_unit_test(test_spoilt_listeners_are_refused),
      cmocka_unit_test(test_curves_are_read),
      cmocka_unit_test(test_protocols),
      cmocka_unit_test(test_mix_by_hand),
      cmocka_unit_test(test_foreign_weights_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
