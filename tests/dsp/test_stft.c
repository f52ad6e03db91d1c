// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "dsp/stft.h"
#include "tests/support/compare.h"
#include "tests/support/fail_alloc.h"

enum { N_MAX = 5000, SIZE_MAX_SPECTRUM = 1 << 20 };

static float x[N_MAX], spectrum[SIZE_MAX_SPECTRUM], other[SIZE_MAX_SPECTRUM];

static int fill_noise(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 11);
  for (int i = 0; i < N_MAX; ++i) x[i] = (float)nm_rng_normal(&rng);
  return 0;
}

static void test_reflection(void **state)
{
  static const int expected[] = {2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2};
  for (int i = 0; i < 13; ++i) assert_int_equal(nm_reflect_index(i - 8, 4), expected[i]);
  for (int i = -5; i < 5; ++i) assert_int_equal(nm_reflect_index(i, 1), 0);
  for (int i = -6; i < 6; ++i) assert_int_equal(nm_reflect_index(i, 2), i & 1);
}

static void test_windows(void **state)
{
  float w[8];
  nm_window_fill(NM_WINDOW_HANN, w, 8);
  assert_true(w[0] == 0 && w[4] == 1 && fabsf(w[2] - 0.5f) < 1e-7f && fabsf(w[3] - w[5]) < 1e-7f);
  nm_window_fill(NM_WINDOW_HAMMING, w, 8);
  assert_true(fabsf(w[0] - 0.08f) < 1e-6f && fabsf(w[4] - 1) < 1e-6f);
  nm_window_fill(NM_WINDOW_BLACKMAN, w, 8);
  assert_true(fabsf(w[0]) < 1e-7f && fabsf(w[4] - 1) < 1e-6f);
  nm_window_fill(NM_WINDOW_RECTANGLE, w, 8);
  for (int i = 0; i < 8; ++i) assert_true(w[i] == 1);
}

// A frame by the definition, in double.
static void naive_frame(int n_fft, int hop, int64_t n, int64_t t, double *out)
{
  for (int k = 0; k <= n_fft / 2; ++k) {
    double re = 0, im = 0;
    for (int i = 0; i < n_fft; ++i) {
      int64_t at = t * hop + i - n_fft / 2;
      while (n > 1 && (at < 0 || at >= n)) at = at < 0 ? -at : 2 * (n - 1) - at;
      const double w = 0.5 - 0.5 * cos(2 * M_PI * i / n_fft),
                   phase = 2 * M_PI * ((int64_t)i * k % n_fft) / n_fft;
      re += w * x[n > 1 ? at : 0] * cos(phase);
      im -= w * x[n > 1 ? at : 0] * sin(phase);
    }
    out[2 * k] = re;
    out[2 * k + 1] = im;
  }
}

static void test_against_naive(void **state)
{
  static const struct {
    int n_fft, hop;
    int64_t n;
  } cases[] = {{64, 16, 300}, {64, 16, 1},     {64, 16, 2}, {64, 16, 20},
               {64, 48, 500}, {128, 128, 700}, {30, 7, 123}};
  double expected[256];
  for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
    const int n_values = cases[c].n_fft + 2;
    NmStft *stft = nm_stft_new(cases[c].n_fft, cases[c].hop, NM_WINDOW_HANN);
    const int64_t n_frames = nm_stft_get_n_frames(stft, cases[c].n);
    assert_int_equal(n_frames, cases[c].n / cases[c].hop + 1);
    assert_int_equal(nm_stft_get_n_bins(stft), cases[c].n_fft / 2 + 1);
    nm_stft_run(stft, x, cases[c].n, spectrum);
    for (int64_t t = 0; t < n_frames; ++t) {
      naive_frame(cases[c].n_fft, cases[c].hop, cases[c].n, t, expected);
      assert_true(nm_snr_db(spectrum + t * n_values, expected, n_values) >= 110);
    }
    nm_stft_free(stft);
  }
}

static void test_inverse_gives_back(void **state)
{
  static const int hops[] = {16, 24, 32, 64};
  static float back[N_MAX];
  for (size_t h = 0; h < 4; ++h)
    for (int64_t n = 1; n < 400; n += 37) {
      NmStft *stft = nm_stft_new(128, hops[h], NM_WINDOW_HANN);
      nm_stft_run(stft, x, n, spectrum);
      nm_stft_invert(stft, spectrum, n, back);
      assert_true(nm_snr_f32_db(back, x, n) >= 100);
      nm_stft_free(stft);
    }
}

// For any spectrum, also one no signal has, the result is the least-squares one: transforming it again and
// coming back changes nothing.
static void test_inverse_is_a_projection(void **state)
{
  enum { N = 1000 };
  static float first[N], second[N];
  NmStft *stft = nm_stft_new(128, 32, NM_WINDOW_HANN);
  const int64_t n_values = nm_stft_get_n_frames(stft, N) * 130;
  NmRng rng;
  nm_rng_init(&rng, 5);
  for (int64_t i = 0; i < n_values; ++i) spectrum[i] = (float)nm_rng_normal(&rng);
  nm_stft_invert(stft, spectrum, N, first);
  nm_stft_run(stft, first, N, spectrum);
  nm_stft_invert(stft, spectrum, N, second);
  assert_true(nm_snr_f32_db(second, first, N) >= 100);
  nm_stft_free(stft);
}

// Pushes x [n] in blocks of `block` with room for `capacity` frames and compares with the whole.
static void check_stream(NmStft *stft, int64_t n, int64_t block, int64_t capacity)
{
  const int64_t n_frames = nm_stft_get_n_frames(stft, n), n_values = 2 * nm_stft_get_n_bins(stft);
  int64_t t = 0, n_more;
  nm_stft_run(stft, x, n, spectrum);
  memset(other, 0, (size_t)(n_frames * n_values) * sizeof *other);
  for (int64_t i = 0, n_taken; i < n; i += n_taken)
    t += nm_stft_push(stft, x + i, n - i < block ? n - i : block, &n_taken, other + t * n_values, capacity);
  while ((n_more = nm_stft_finish(stft, other + t * n_values, capacity)) > 0) t += n_more;
  assert_int_equal(t, n_frames);
  assert_memory_equal(other, spectrum, (size_t)(n_frames * n_values) * sizeof *other);
}

// With a window that is nowhere 0, the first sample of a frame counts too.
static void test_stream_with_rectangle(void **state)
{
  NmStft *stft = nm_stft_new(64, 16, NM_WINDOW_RECTANGLE);
  for (int64_t n = 1; n < 200; n += 3)
    for (int64_t block = 1; block < 70; block += 31) check_stream(stft, n, block, 2);
  nm_stft_free(stft);
}

static void test_stream_gives_the_same_bytes(void **state)
{
  static const int64_t blocks[] = {1, 7, 64, 255, 256, 257, 1024, 4096};
  static const int shapes[][2] = {{64, 16}, {64, 64}, {128, 48}, {64, 1}};
  for (size_t s = 0; s < 4; ++s) {
    NmStft *stft = nm_stft_new(shapes[s][0], shapes[s][1], NM_WINDOW_HANN);
    for (size_t b = 0; b < 8; ++b) {
      for (int64_t n = 1; n < 140; n += 9) check_stream(stft, n, blocks[b], 3);
      check_stream(stft, shapes[s][1] == 1 ? 900 : 4321, blocks[b], 1);
      check_stream(stft, shapes[s][1] == 1 ? 900 : 4321, blocks[b], 1000);
    }
    nm_stft_free(stft);
  }
}

static void test_reset_and_nothing(void **state)
{
  int64_t n_taken;
  NmStft *stft = nm_stft_new(64, 16, NM_WINDOW_HANN);
  assert_int_equal(nm_stft_get_n_frames(stft, 0), 0);
  assert_int_equal(nm_stft_finish(stft, other, 10), 0);
  nm_stft_push(stft, x + 100, 500, &n_taken, other, 100);
  assert_int_equal(n_taken, 500);
  nm_stft_reset(stft);
  check_stream(stft, 300, 50, 10);
  nm_stft_free(stft);
}

static void test_arguments_not_allowed(void **state)
{
  assert_null(nm_stft_new(0, 1, NM_WINDOW_HANN));
  assert_null(nm_stft_new(63, 16, NM_WINDOW_HANN));
  assert_null(nm_stft_new(64, 0, NM_WINDOW_HANN));
  assert_null(nm_stft_new(64, 65, NM_WINDOW_HANN));
  nm_stft_free(NULL);
}

static bool make(void *ctx)
{
  NmStft *stft = nm_stft_new(64, 16, NM_WINDOW_HANN);
  nm_stft_free(stft);
  return stft != NULL;
}

static void test_memory_out(void **state)
{
  assert_true(nm_fail_alloc_each(make, NULL, false) >= 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reflection),
      cmocka_unit_test(test_windows),
      cmocka_unit_test(test_against_naive),
      cmocka_unit_test(test_inverse_gives_back),
      cmocka_unit_test(test_inverse_is_a_projection),
      cmocka_unit_test(test_stream_with_rectangle),
      cmocka_unit_test(test_stream_gives_the_same_bytes),
      cmocka_unit_test(test_reset_and_nothing),
      cmocka_unit_test(test_arguments_not_allowed),
      cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, fill_noise, NULL);
}
