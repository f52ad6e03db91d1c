// SPDX-License-Identifier: GPL-3.0-or-later
// libneume's emotions against the model asked directly.
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

#include "app/hosts/neume.h"
#include "dsp/resample.h"
#include "models/emotion/emotion.h"
#include "models/emotion/segments.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/melody_sound.h"
#include "tests/support/tiny_context.h"

enum { RATE_HZ = 8000 };

// Rows without the library, as files are heard.
static NmEmotionRow *hear_directly(const float *x, int64_t n, int n_channels, int64_t *n_rows)
{
  NmResampler *rs = nm_resampler_new(RATE_HZ, NM_EMOTION_RATE_HZ, NM_RESAMPLE_MEDIUM);
  NmEmotionModel *model = nm_emotion_model_open("assets/emotion.safetensors", NULL);
  NmEmotion *emotion = nm_emotion_new(model, NULL, NULL);
  const int64_t n_out = nm_resampler_get_n_out(rs, n);
  float *mono = malloc((size_t)n * sizeof *mono), *out = malloc((size_t)n_out * sizeof *out);
  for (int64_t i = 0; i < n; ++i) {
    float sum = 0;
    for (int c = 0; c < n_channels; ++c) sum += x[i * n_channels + c];
    mono[i] = sum * (1.0f / (float)n_channels);
  }
  nm_resampler_run(rs, mono, n, out);
  *n_rows = nm_emotion_get_n_rows(n_out);
  NmEmotionRow *rows = malloc((size_t)*n_rows * sizeof *rows);
  nm_emotion_run(emotion, out, n_out, rows);
  nm_emotion_free(emotion);
  nm_emotion_model_close(model);
  nm_resampler_free(rs);
  free(mono);
  free(out);
  return rows;
}

static int64_t compare_rows(NeumeEmotion *e, const NmEmotionRow *rows, int64_t n_rows, int64_t at)
{
  for (NeumeEmotionRow row; neume_emotion_read(e, &row, sizeof row); ++at) {
    assert_true(at < n_rows);
    assert_true(row.time_s == rows[at].time_s && row.valence == rows[at].valence);
    assert_true(row.arousal == rows[at].arousal && row.confidence == rows[at].confidence);
    assert_true(row.distance == rows[at].distance && row.whole_valence == rows[at].whole_valence);
  }
  return at;
}

static void test_rows_are_the_models_for_any_block(void **state)
{
  static const int64_t blocks[] = {1, 441, 1024, 4097, 1 << 20};
  int64_t n, n_rows;
  NeumeError err = {0};
  float *x = make_melody_sound(RATE_HZ, 2, &n);
  NmEmotionRow *rows = hear_directly(x, n, 2, &n_rows);
  NeumeEmotion *e = neume_emotion_new(context, RATE_HZ, 2, NULL, &err);
  if (!e) fail_msg("%s", err.message);
  for (size_t b = 0; b < sizeof blocks / sizeof *blocks; ++b) {
    int64_t at = 0;
    for (int64_t i = 0; i < n; i += blocks[b]) {
      const int64_t n_block = n - i < blocks[b] ? n - i : blocks[b];
      assert_int_equal(neume_emotion_push(e, x + 2 * i, (size_t)n_block, &err), NEUME_OK);
      if (i % 3 == 0) at = compare_rows(e, rows, n_rows, at);
    }
    assert_int_equal(neume_emotion_finish(e, &err), NEUME_OK);
    assert_int_equal(compare_rows(e, rows, n_rows, at), n_rows);
    assert_int_equal(neume_emotion_push(e, x, 1, &err), NEUME_BAD_ARGUMENT);
    neume_emotion_reset(e);
  }
  neume_emotion_free(e);
  free(rows);
  free(x);
}

static void test_segments(void **state)
{
  int64_t n, n_rows, n_segments, at = 0;
  NeumeError err = {0};
  const NeumeOption options[] = {{"segments", "0.02"}, {NULL, NULL}};
  float *x = make_melody_sound(RATE_HZ, 1, &n);
  NmEmotionRow *rows = hear_directly(x, n, 1, &n_rows);
  const NmSegmentsConfig config = nm_segments_defaults(.02);
  NmEmotionSegment *segments = malloc((size_t)n_rows * sizeof *segments);
  assert_int_equal(nm_segments_find(rows, n_rows, &config, segments, &n_segments, NULL), NM_OK);
  NeumeEmotion *e = neume_emotion_new(context, RATE_HZ, 1, options, &err);
  assert_int_equal(neume_emotion_push(e, x, (size_t)n, &err), NEUME_OK);
  assert_int_equal(neume_emotion_finish(e, &err), NEUME_OK);
  double end = 0;
  for (NeumeEmotionSegment s; neume_emotion_read_segment(e, &s, sizeof s); ++at) {
    assert_true(s.start_s == end && s.end_s > s.start_s && s.valence == segments[at].valence);
    end = s.end_s;
  }
  assert_int_equal(at, n_segments);
  assert_true(fabs(end - (double)n / RATE_HZ) < 1e-4);
  neume_emotion_free(e);
  free(segments);
  free(rows);
  free(x);
}

static void test_peek_and_smaller_rows(void **state)
{
  int64_t n;
  struct {
    double time_s;
    float valence, guard;
  } row = {.guard = 7};
  NeumeError err = {0};
  float *x = make_melody_sound(24000, 1, &n);
  NeumeEmotion *e = neume_emotion_new(context, 24000, 1, NULL, &err);
  assert_int_equal(neume_emotion_peek(e, (NeumeEmotionRow *)&row, 12), 0);
  assert_int_equal(neume_emotion_push(e, x, 24000 * 10, &err), NEUME_OK);
  assert_int_equal(neume_emotion_peek(e, (NeumeEmotionRow *)&row, 12), 1);
  assert_true(row.time_s > 6 && row.guard == 7);
  assert_non_null(neume_name_mood(.5, .5));
  neume_emotion_free(e);
  free(x);
}

static void test_bad_sounds(void **state)
{
  NeumeError err = {0};
  const NeumeOption listener[] = {{"listener", "nowhere.listener"}, {NULL, NULL}};
  assert_null(neume_emotion_new(context, 10, 1, NULL, &err));
  assert_int_equal(err.status, NEUME_BAD_ARGUMENT);
  assert_null(neume_emotion_new(context, NAN, 1, NULL, &err));
  assert_null(neume_emotion_new(context, 44100, 0, NULL, &err));
  assert_null(neume_emotion_new(context, 44100, 1, listener, &err));
  assert_int_equal(err.status, NEUME_IO);
  NeumeEmotion *e = neume_emotion_new(context, 44100, 1, NULL, &err);
  const float bad[] = {NAN, INFINITY, 1e30f, -NAN};
  assert_int_equal(neume_emotion_push(e, bad, 4, &err), NEUME_OK);
  assert_int_equal(neume_emotion_finish(e, &err), NEUME_OK);
  NeumeEmotionRow row;
  while (neume_emotion_read(e, &row, sizeof row)) assert_true(isfinite(row.valence));
  neume_emotion_free(e);
}

// A stream outlives what it was made from.
static void test_streams_outlive_their_context(void **state)
{
  NeumeError err = {0};
  NeumeContext *own = neume_context_new(in_tiny, &err);
  NeumeEmotion *e = neume_emotion_new(own, 44100, 1, NULL, &err);
  const float x[100] = {0};
  neume_context_free(own);
  assert_int_equal(neume_emotion_push(e, x, 100, &err), NEUME_OK);
  assert_int_equal(neume_emotion_finish(e, &err), NEUME_OK);
  neume_emotion_free(e);
}

static bool listen_once(void *ctx)
{
  NeumeError err = {0};
  const NeumeOption options[] = {{"segments", "0.1"}, {NULL, NULL}};
  const float x[2000] = {0};
  NeumeEmotion *e = neume_emotion_new(context, 8000, 1, options, &err);
  const bool done =
      e && neume_emotion_push(e, x, 2000, &err) == NEUME_OK && neume_emotion_finish(e, &err) == NEUME_OK;
  if (!done) assert_int_equal(err.status, NEUME_NO_MEMORY);
  neume_emotion_free(e);
  return done;
}

static void test_memory_is_out(void **state)
{
  assert_int_equal(neume_context_load(context, "emotion", NULL), NEUME_OK);
  assert_true(nm_fail_alloc_each(listen_once, NULL, false) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows_are_the_models_for_any_block),
      cmocka_unit_test(test_segments),
      cmocka_unit_test(test_peek_and_smaller_rows),
      cmocka_unit_test(test_bad_sounds),
      cmocka_unit_test(test_streams_outlive_their_context),
      cmocka_unit_test(test_memory_is_out),
  };
  return cmocka_run_group_tests(tests, open_tiny_context, close_tiny_context);
}
