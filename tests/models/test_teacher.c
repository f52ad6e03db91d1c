// SPDX-License-Identifier: GPL-3.0-or-later
// The autoregressive teacher: step by step with caches it says what the whole graph says; its attention is
// differentiable and read as durations; a weights file that does not fit is refused.
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

#include "models/engine/safetensors.h"
#include "models/speech/focus.h"
#include "models/speech/teacher_voice.h"
#include "tests/support/program.h"

#define TEACHER "teacher.safetensors"
#define SPOILT "spoilt.safetensors"

enum { N = 5, STEPS = 12, D = 16, TENSORS_MAX = 256 };

static const char *const speakers[] = {"tiny"};

static NmTeacherConfig tiny_config(void)
{
  NmTeacherConfig c = nm_teacher_config_defaults();
  c.d_model = D;
  c.n_heads = 2;
  c.n_encoder = 1;
  c.n_decoder = 2;
  c.d_encoder_inner = c.d_decoder_inner = 24;
  c.d_prenet = 8;
  c.reach = 4;
  c.n_stack = 2;
  c.align_head = 3;
  return c;
}

static void set_param(NmParams *params, const char *name, const float *values)
{
  const int32_t i = nm_params_find(params, name);
  assert_true(i >= 0);
  nm_params_set(params, i, values);
}

// Random weights that never end a phrase.
static NmParams *make_params(const NmTeacherConfig *c)
{
  static const float f0[2] = {5, .2f}, never = -100;
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  assert_true(params && g);
  nm_teacher_declare(&(NmNet){g, params, 0}, c);
  assert_int_equal(nm_params_seal(params, 1, NULL), NM_OK);
  set_param(params, "stats.f0", f0);
  set_param(params, "stop.b", &never);
  nm_graph_free(g);
  return params;
}

static int set_up(void **state)
{
  enter_scratch();
  const NmTeacherConfig c = tiny_config();
  NmParams *params = make_params(&c);
  char *metadata = nm_teacher_file_metadata(&c, speakers);
  const NmStatus status = nm_params_save(params, TEACHER, NM_STORE_F32, false, metadata, NULL);
  free(metadata);
  nm_params_free(params);
  return status == NM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static const int32_t phones[N] = {NM_PHONE_PAUSE, 3, 9, 20, NM_PHONE_PAUSE}, places[N] = {0, 1, 2, 3, 0};

static void fill_features(float *features)
{
  for (int i = 0; i < N * NM_TOKEN_N_FEATURES; ++i) features[i] = sinf((float)i);
}

static NmTeacher *open_teacher(void)
{
  NmError err = {0};
  NmTeacher *teacher = nm_teacher_new(TEACHER, NULL, &err);
  if (!teacher) fail_msg("%s", err.message);
  return teacher;
}

typedef struct {
  NmAcousticInputs in;
  NmVar positions_k, positions_s, frames, noise;
  NmTeacherFrames out;
} Whole;

static Whole build_whole(NmGraph *g, NmParams *params, const NmTeacherConfig *c, bool noisy)
{
  Whole w = {.in = {.phones = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, N)),
                    .places = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, N)),
                    .features = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, N, NM_TOKEN_N_FEATURES)),
                    .speaker = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, 1)),
                    .len = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(1))},
             .positions_k = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, N, D)),
             .positions_s = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, STEPS, D)),
             .frames = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, STEPS, NM_ACOUSTIC_N_OUT)),
             .noise = noisy ? nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, STEPS, 2 * (int64_t)c->d_prenet))
                            : NM_VAR_NONE};
  const NmNet net = {g, params, 0};
  const NmTeacherInputs in = {.memory = nm_teacher_encode(&net, c, &w.in, w.positions_k),
                              .len = w.in.len,
                              .frames = w.frames,
                              .positions = w.positions_s,
                              .noise = w.noise};
  w.out = nm_teacher_decode(&net, c, &in, true);
  return w;
}

// The frame before each step, from what was said.
static void shift_frames(const float *said, int n_stack, float *frames)
{
  memset(frames, 0, STEPS * NM_ACOUSTIC_N_OUT * sizeof *frames);
  for (int s = 1; s < STEPS; ++s) {
    float *row = frames + s * NM_ACOUSTIC_N_OUT;
    memcpy(row, said + (s * n_stack - 1) * NM_ACOUSTIC_N_OUT, NM_ACOUSTIC_N_OUT * sizeof *row);
    row[NM_ACOUSTIC_N_OUT - 1] = row[NM_ACOUSTIC_N_OUT - 1] > 0 ? 1 : 0;
  }
}

static void set_whole(NmGraph *g, const Whole *w, const float *frames)
{
  static float features[N * NM_TOKEN_N_FEATURES], positions[STEPS * D];
  fill_features(features);
  nm_teacher_positions(STEPS, D, positions);
  nm_graph_set_int(g, w->in.phones, phones);
  nm_graph_set_int(g, w->in.places, places);
  nm_graph_set(g, w->in.features, features);
  nm_graph_set_int(g, w->in.speaker, &(int32_t){0});
  nm_graph_set_int(g, w->in.len, &(int32_t){N});
  nm_graph_set(g, w->positions_k, positions);
  nm_graph_set(g, w->positions_s, positions);
  nm_graph_set(g, w->frames, frames);
}

static void expect_near(const float *a, const float *b, int n)
{
  for (int i = 0; i < n; ++i)
    if (!(fabsf(a[i] - b[i]) <= 2e-4f)) fail_msg("value %d: %g is not %g", i, (double)a[i], (double)b[i]);
}

static void say(NmTeacher *teacher, NmTeacherSaid *said, bool noise)
{
  float features[N * NM_TOKEN_N_FEATURES];
  NmError err = {0};
  fill_features(features);
  const NmTeacherText text = {phones, places, features, N, 0};
  const NmTeacherOptions options = {.n_frames_max = (int64_t)STEPS * 2, .noise = noise, .seed = 7};
  if (nm_teacher_say(teacher, &text, &options, said, &err) != NM_OK) fail_msg("%s", err.message);
}

static void test_steps_with_caches_are_the_whole_graph(void **state)
{
  static float frames[STEPS * NM_ACOUSTIC_N_OUT], out[STEPS * 2 * NM_ACOUSTIC_N_OUT], weights[2 * STEPS * N];
  NmTeacher *teacher = open_teacher();
  NmTeacherSaid said;
  say(teacher, &said, false);
  assert_int_equal(said.S, STEPS);
  assert_int_equal(said.T, STEPS * 2);
  assert_false(said.ended);
  const NmTeacherFile *file = nm_teacher_get_file(teacher);
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  const Whole w = build_whole(g, file->params, &file->config, false);
  nm_graph_output(g, w.out.out);
  nm_graph_output(g, w.out.weights[1]);
  assert_int_equal(nm_graph_plan(g, false, NULL), NM_OK);
  shift_frames(said.frames, 2, frames);
  set_whole(g, &w, frames);
  nm_graph_forward(g);
  nm_graph_get(g, w.out.out, out);
  nm_graph_get(g, w.out.weights[1], weights);
  expect_near(said.frames, out, STEPS * 2 * NM_ACOUSTIC_N_OUT);
  expect_near(said.weights, weights + STEPS * N, STEPS * N);
  nm_graph_free(g);
  nm_teacher_free(teacher);
}

static void test_noise_is_drawn_from_the_seed(void **state)
{
  static float first[STEPS * 2 * NM_ACOUSTIC_N_OUT];
  NmTeacher *teacher = open_teacher();
  NmTeacherSaid said;
  say(teacher, &said, true);
  memcpy(first, said.frames, sizeof first);
  say(teacher, &said, true);
  assert_memory_equal(first, said.frames, sizeof first);
  say(teacher, &said, false);
  assert_memory_not_equal(first, said.frames, sizeof first);
  nm_teacher_free(teacher);
}

static void test_a_phrase_out_of_range_is_refused(void **state)
{
  float features[N * NM_TOKEN_N_FEATURES] = {0};
  NmTeacher *teacher = open_teacher();
  NmTeacherSaid said;
  NmError err = {0};
  const NmTeacherOptions options = {0};
  const NmTeacherText none = {phones, places, features, 0, 0}, stranger = {phones, places, features, N, 1};
  assert_int_equal(nm_teacher_say(teacher, &none, &options, &said, &err), NM_ERR_BAD_ARG);
  assert_int_equal(nm_teacher_say(teacher, &stranger, &options, &said, &err), NM_ERR_BAD_ARG);
  nm_teacher_free(teacher);
}

// Every parameter that is trained has a part in frames, stop or the attention of a guided head; but the bias
// of keys moves all scores alike, and is left out.
static void test_gradients_reach_every_parameter(void **state)
{
  static float frames[STEPS * NM_ACOUSTIC_N_OUT];
  NmTeacherConfig c = tiny_config();
  NmParams *params = make_params(&c);
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  for (int i = 0; i < STEPS * NM_ACOUSTIC_N_OUT; ++i) frames[i] = cosf((float)i);
  const Whole w = build_whole(g, params, &c, false);
  NmVar loss = nm_add(g, nm_sum(g, nm_square(g, w.out.out), -1), nm_sum(g, w.out.stop, -1));
  loss = nm_add(g, loss, nm_sum(g, nm_square(g, w.out.weights[1]), -1));
  assert_int_equal(nm_graph_plan(g, true, NULL), NM_OK);
  set_whole(g, &w, frames);
  nm_params_zero_grad(params);
  nm_graph_forward(g);
  nm_graph_backward(g, loss);
  for (int32_t i = 0; i < nm_params_get_n(params); ++i) {
    const char *name = nm_params_get_name(params, i);
    const int64_t n = nm_shape_count(nm_params_get_shape(params, i));
    float *grad = calloc((size_t)n, sizeof *grad), most = 0;
    nm_params_get_grad(params, i, grad);
    for (int64_t k = 0; k < n; ++k) most = fmaxf(most, fabsf(grad[k]));
    free(grad);
    const bool shifts_all = strlen(name) > 4 && strcmp(name + strlen(name) - 4, ".k.b") == 0;
    const bool idle = strncmp(name, "stats.", 6) == 0;
    if (!isfinite(most) || (!shifts_all && (most == 0) != idle))
      fail_msg("%s has a gradient of %g", name, (double)most);
  }
  nm_graph_free(g);
  nm_params_free(params);
}

// Attention that is spread a little around a known path.
static void test_durations_follow_the_attention(void **state)
{
  enum { S = 20, K = 4, STRIDE = 6 };
  static const int32_t wanted[K] = {3, 8, 1, 8};
  float weights[S * STRIDE] = {0};
  int32_t durations[K];
  double rate;
  NmArena arena;
  nm_arena_init(&arena, 1 << 12);
  for (int k = 0, s = 0; k < K; ++k)
    for (int i = 0; i < wanted[k]; ++i, ++s)
      for (int j = 0; j < K; ++j) weights[s * STRIDE + j] = j == k ? .7f : .1f;
  weights[5 * STRIDE + 1] = .1f; // one step glances back: the path does not
  weights[5 * STRIDE] = .7f;
  const NmFocus focus = {weights, S, K, STRIDE};
  assert_true(fabs(nm_focus_rate(&focus) - .7) < 1e-6);
  assert_int_equal(nm_focus_durations(&focus, &arena, durations, &rate), NM_OK);
  for (int k = 0; k < K; ++k) assert_int_equal(durations[k], wanted[k]);
  assert_true(fabs(rate - (19 * .7 + .1) / 20) < 1e-6);
  nm_arena_fini(&arena);
}

// Focused as sharply as can be, on one token: no alignment.
static void test_a_fixed_stare_is_no_alignment(void **state)
{
  enum { S = 16, K = 4 };
  float weights[S * K] = {0};
  int32_t durations[K];
  double rate;
  NmArena arena;
  nm_arena_init(&arena, 1 << 12);
  for (int s = 0; s < S; ++s) weights[s * K] = 1;
  const NmFocus focus = {weights, S, K, K}, brief = {weights, K - 1, K, K};
  assert_true(nm_focus_rate(&focus) == 1);
  assert_int_equal(nm_focus_durations(&focus, &arena, durations, &rate), NM_OK);
  for (int k = 0; k < K; ++k) assert_true(durations[k] >= 1);
  assert_true(rate < .9);
  assert_int_equal(nm_focus_durations(&brief, &arena, durations, &rate), NM_ERR_BAD_DATA);
  weights[3] = NAN;
  weights[0] = weights[1] = weights[2] = NAN;
  assert_int_equal(nm_focus_durations(&focus, &arena, durations, &rate), NM_ERR_BAD_DATA);
  nm_arena_fini(&arena);
}

// A copy of the file without a tensor, or with `from` changed to `to` in the metadata.
static void spoil(const char *drop, const char *from, const char *to)
{
  NmToStore tensors[TENSORS_MAX];
  char metadata[4096];
  int32_t n = 0;
  NmSafetensors *file = nm_safetensors_open(TEACHER, NULL);
  assert_non_null(file);
  for (int32_t i = 0; i < nm_safetensors_get_n(file); ++i) {
    const NmStored *stored = nm_safetensors_get(file, i);
    if (drop && strcmp(stored->name, drop) == 0) continue;
    float *values = malloc((size_t)stored->count * sizeof *values);
    assert_true(values && nm_stored_get(stored, values));
    tensors[n++] = (NmToStore){stored->name, stored->shape, values};
  }
  char *text = nm_safetensors_get_metadata(file);
  const char *at = from ? strstr(text, from) : text;
  if (!at) fail_msg("no %s in %s", from, text);
  snprintf(metadata, sizeof metadata, "%.*s%s%s", (int)(at - text), text, from ? to : "",
           at + (from ? strlen(from) : 0));
  free(text);
  assert_int_equal(nm_safetensors_save(SPOILT, tensors, n, NM_DTYPE_F32, metadata, NULL), NM_OK);
  for (int32_t i = 0; i < n; ++i) free((void *)(uintptr_t)tensors[i].values);
  nm_safetensors_close(file);
}

static void expect_refusal(const char *cause)
{
  NmError err = {0};
  NmTeacher *teacher = nm_teacher_new(SPOILT, NULL, &err);
  nm_teacher_free(teacher);
  if (teacher || err.status != NM_ERR_BAD_DATA || !strstr(err.message, SPOILT) || !strstr(err.message, cause))
    fail_msg("expected '%s', got '%s'", cause, teacher ? "no error" : err.message);
}

static void test_spoilt_weights_are_refused(void **state)
{
  static const char *const changes[][3] = {
      {"\"model\":\"teacher\"", "\"model\":\"acoustic\"", "holds the model acoustic"},
      {"\"n_stack\":\"2\"", "\"n_stack\":\"3\"", "\"n_stack\" must be 1, 2, 4 or 8"},
      {"\"n_stack\":\"2\"", "\"n_stack\":\"4\"", "has the shape"},
      {"\"align_head\":\"3\"", "\"align_head\":\"4\"", "\"align_head\" must be below 4"},
      {"\"n_decoder\":\"2\"", "\"n_decoder\":\"3\"", "lack the tensor \"decoder2"},
      {"\"n_decoder\":\"2\"", "\"n_decoder\":\"1000\"", "\"n_decoder\" must be"},
      {"\"n_heads\":\"2\"", "\"n_heads\":\"5\"", ""},
      {"\"d_model\":\"16\"", "\"d_model\":\"24\"", "has the shape"},
      {"\"n_speakers\":\"1\"", "\"n_speakers\":\"2\"", "must name 2 speakers"}};
  for (size_t i = 0; i < sizeof changes / sizeof *changes; ++i) {
    spoil(NULL, changes[i][0], changes[i][1]);
    expect_refusal(changes[i][2]);
  }
}

static void test_every_tensor_is_needed(void **state)
{
  NmSafetensors *file = nm_safetensors_open(TEACHER, NULL);
  assert_non_null(file);
  for (int32_t i = 0; i < nm_safetensors_get_n(file); ++i) {
    spoil(nm_safetensors_get(file, i)->name, NULL, NULL);
    expect_refusal(nm_safetensors_get(file, i)->name);
  }
  nm_safetensors_close(file);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_steps_with_caches_are_the_whole_graph),
      T(test_noise_is_drawn_from_the_seed),
      T(test_a_phrase_out_of_range_is_refused),
      T(test_gradients_reach_every_parameter),
      T(test_durations_follow_the_attention),
      T(test_a_fixed_stare_is_no_alignment),
      T(test_spoilt_weights_are_refused),
      T(test_every_tensor_is_needed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
