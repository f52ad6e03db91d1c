// SPDX-License-Identifier: GPL-3.0-or-later
// Sixteen transforms side by side against the sum written out, back again, and rows turned into columns.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "dsp/fft_lanes.h"
#include "tests/support/compare.h"

enum { L = NM_LANES, N = NM_LANES_N, N_BINS = NM_LANES_N_BINS };

typedef struct {
  NmLanesFft fft;
  float source[L][N];
  _Alignas(64) float x[N * L], work[N * L], re[N_BINS * L], im[N_BINS * L];
} Lanes;

static void set_up(Lanes *t)
{
  const float *from[L];
  NmRng rng;
  nm_rng_init(&rng, 7);
  nm_lanes_fft_init(&t->fft);
  for (int l = 0; l < L; ++l) {
    from[l] = t->source[l];
    for (int i = 0; i < N; ++i) t->source[l][i] = (float)nm_rng_normal(&rng);
  }
  nm_lanes_load(from, N, t->x);
}

static void rows_are_turned_and_turned_back(void **state)
{
  static Lanes t;
  static float back[L][N];
  float *to[L];
  set_up(&t);
  for (int i = 0; i < N; ++i)
    for (int l = 0; l < L; ++l) assert_true(t.x[i * L + l] == t.source[l][i]);
  for (int l = 0; l < L; ++l) to[l] = back[l];
  nm_lanes_store(t.x, N, to);
  assert_memory_equal(back, t.source, sizeof back);
}

static void forward_is_the_sum_written_out(void **state)
{
  static Lanes t;
  static double want[2 * N_BINS];
  static float got[2 * N_BINS];
  set_up(&t);
  nm_lanes_fft_forward(&t.fft, t.x, t.work, t.re, t.im);
  for (int l = 0; l < L; ++l) {
    for (int k = 0; k < N_BINS; ++k) {
      want[2 * k] = want[2 * k + 1] = 0;
      for (int i = 0; i < N; ++i) {
        const double angle = -2 * 3.14159265358979323846 * (k * i % N) / N;
        want[2 * k] += t.source[l][i] * cos(angle);
        want[2 * k + 1] += t.source[l][i] * sin(angle);
      }
      got[2 * k] = t.re[k * L + l];
      got[2 * k + 1] = t.im[k * L + l];
    }
    const double snr = nm_snr_db(got, want, 2 * N_BINS);
    if (!(snr >= 120)) fail_msg("lane %d: %.1f dB", l, snr);
  }
}

static void inverse_undoes_forward(void **state)
{
  static Lanes t;
  static float back[N], want[N];
  set_up(&t);
  nm_lanes_fft_forward(&t.fft, t.x, t.work, t.re, t.im);
  for (int l = 0; l < L; ++l) t.im[l] = t.im[(N_BINS - 1) * L + l] = 5; // not looked at
  nm_lanes_fft_inverse(&t.fft, t.re, t.im, t.work, t.x);
  for (int l = 0; l < L; ++l) {
    for (int i = 0; i < N; ++i) back[i] = t.x[i * L + l] / N, want[i] = t.source[l][i];
    const double snr = nm_snr_f32_db(back, want, N);
    if (!(snr >= 120)) fail_msg("lane %d: %.1f dB", l, snr);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_turned_and_turned_back),
                                     cmocka_unit_test(forward_is_the_sum_written_out),
                                     cmocka_unit_test(inverse_undoes_forward)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
