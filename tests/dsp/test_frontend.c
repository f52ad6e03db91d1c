// SPDX-License-Identifier: GPL-3.0-or-later
// The mel bands, the front end and the envelope, against tests/golden/frontend.py and their definitions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "dsp/envelope.h"
#include "dsp/frontend.h"
#include "tests/support/compare.h"
#include "tests/support/fail_alloc.h"

enum { N = 6000, T = 24, N_VALUES = T * NM_N_MELS };

static float x[N], f0[T], golden_mel[N_VALUES], golden_envelope[N_VALUES];

static int load_golden(void **state)
{
  FILE *file = fopen(NM_TEST_DATA "/golden/frontend.f32", "rb");
  const int ok = file && nm_read_floats(file, x, N) && nm_read_floats(file, f0, T) &&
                 nm_read_floats(file, golden_mel, N_VALUES) &&
                 nm_read_floats(file, golden_envelope, N_VALUES);
  if (file) fclose(file);
  return ok ? 0 : -1;
}

static void test_log_mel_is_golden(void **state)
{
  static float mel[N_VALUES];
  NmFrontend *fe = nm_frontend_new();
  assert_int_equal(nm_frontend_get_n_frames(N), T);
  nm_frontend_run(fe, x, N, mel);
  assert_true(nm_max_difference(mel, golden_mel, N_VALUES) <= 1e-4);
  nm_frontend_free(fe);
}

static void test_envelope_is_golden(void **state)
{
  static float envelope[N_VALUES];
  NmEnvelope *env = nm_envelope_new();
  nm_envelope_run(env, x, N, f0, T, envelope);
  assert_true(nm_max_difference(envelope, golden_envelope, N_VALUES) <= 5e-4);
  nm_envelope_free(env);
}

static void test_stream_gives_the_same_bytes(void **state)
{
  static float whole[N_VALUES], streamed[N_VALUES];
  static const int64_t blocks[] = {1, 100, 256, 1000, 6000}, capacities[] = {1, 2, 100};
  NmFrontend *fe = nm_frontend_new();
  nm_frontend_run(fe, x, N, whole);
  for (int b = 0; b < 5; ++b)
    for (int c = 0; c < 3; ++c) {
      int64_t t = 0, n_more;
      for (int64_t i = 0, n_taken; i < N; i += n_taken) {
        const int64_t n_block = N - i < blocks[b] ? N - i : blocks[b];
        t += nm_frontend_push(fe, x + i, n_block, &n_taken, streamed + t * NM_N_MELS, capacities[c]);
      }
      while ((n_more = nm_frontend_finish(fe, streamed + t * NM_N_MELS, capacities[c])) > 0) t += n_more;
      assert_int_equal(t, T);
      assert_memory_equal(whole, streamed, sizeof whole);
    }
  nm_frontend_free(fe);
}

static void test_silence_and_short_sounds(void **state)
{
  float mel[2 * NM_N_MELS], envelope[2 * NM_N_MELS], zeros[300] = {0};
  const float pitch[2] = {100, 100};
  NmFrontend *fe = nm_frontend_new();
  NmEnvelope *env = nm_envelope_new();
  assert_int_equal(nm_frontend_get_n_frames(0), 0);
  assert_int_equal(nm_frontend_get_n_frames(1), 1);
  nm_frontend_run(fe, zeros, 300, mel);
  nm_envelope_run(env, zeros, 300, pitch, 2, envelope);
  for (int i = 0; i < 2 * NM_N_MELS; ++i) {
    assert_true(fabs(mel[i] - log(1e-4)) < 1e-5);
    assert_true(isfinite(envelope[i]) && envelope[i] < -9);
  }
  for (int64_t n = 1; n < 300; ++n) {
    nm_frontend_run(fe, x, n, mel);
    nm_envelope_run(env, x, n, pitch, nm_frontend_get_n_frames(n), envelope);
    for (int i = 0; i < nm_frontend_get_n_frames(n) * NM_N_MELS; ++i)
      assert_true(isfinite(mel[i]) && isfinite(envelope[i]));
  }
  nm_frontend_free(fe);
  nm_envelope_free(env);
}

static void test_bank(void **state)
{
  NmMel *mel = nm_mel_new(NM_RATE_HZ, NM_LEN_FRAME, NM_N_MELS, 0, NM_MEL_MAX_HZ);
  float ones[NM_N_BINS], impulse[NM_N_BINS], bands[NM_N_MELS], total[NM_N_MELS] = {0};
  for (int k = 0; k < NM_N_BINS; ++k) ones[k] = 1;
  nm_mel_apply(mel, ones, bands);
  for (int b = 0; b < NM_N_MELS; ++b) assert_true(fabsf(bands[b] - 1) < 1e-6f);
  for (int k = 0; k < NM_N_BINS; ++k) { // no bin weighs less than nothing, and its bands are neighbours of it
    memset(impulse, 0, sizeof impulse);
    impulse[k] = 1;
    nm_mel_apply(mel, impulse, bands);
    for (int b = 0; b < NM_N_MELS; ++b) {
      assert_true(bands[b] >= 0);
      total[b] += bands[b];
      const double width = fmax(24, 0.1 * nm_mel_get_centre_hz(mel, b) + 70);
      if (bands[b] > 0) assert_true(fabs(nm_mel_get_centre_hz(mel, b) - k * 24000.0 / 1024) < width);
    }
  }
  for (int b = 0; b < NM_N_MELS; ++b) assert_true(fabsf(total[b] - 1) < 1e-6f);
  assert_int_equal(nm_mel_get_n_bands(mel), NM_N_MELS);
  nm_mel_free(mel);
}

// Bands narrower than a bin are widened until they have one.
static void test_bank_of_few_bins(void **state)
{
  float ones[65], bands[NM_N_MELS];
  NmMel *mel = nm_mel_new(24000, 128, NM_N_MELS, 0, 12000);
  for (int k = 0; k < 65; ++k) ones[k] = 1;
  nm_mel_apply(mel, ones, bands);
  for (int b = 0; b < NM_N_MELS; ++b) assert_true(fabsf(bands[b] - 1) < 1e-6f);
  memset(ones, 0, sizeof ones); // band 0 reaches a bin beyond its centre at 26 Hz, to bin 1 at 188 Hz
  ones[1] = 1;
  nm_mel_apply(mel, ones, bands);
  assert_true(bands[0] > 0.05f);
  nm_mel_free(mel);
}

static void test_mel_scale(void **state)
{
  assert_true(fabs(nm_mel_from_hz(1000) - 999.9855) < 1e-3); // HTK's scale gives almost 1000 at 1 kHz
  for (double f = 0; f < 12000; f += 123) assert_true(fabs(nm_mel_to_hz(nm_mel_from_hz(f)) - f) < 1e-6);
}

// Interpolating band centres themselves must give a straight line within the centres.
static void test_interpolation(void **state)
{
  NmMelTap taps[NM_N_BINS];
  NmMel *mel = nm_mel_new(NM_RATE_HZ, NM_LEN_FRAME, NM_N_MELS, 0, NM_MEL_MAX_HZ);
  const double first = nm_mel_get_centre_hz(mel, 0), last = nm_mel_get_centre_hz(mel, NM_N_MELS - 1);
  nm_mel_interpolation(taps);
  for (int k = 0; k < NM_N_BINS; ++k) {
    assert_in_range(taps[k].band, 0, NM_N_MELS - 2);
    assert_true(taps[k].weight >= 0 && taps[k].weight <= 1);
    const double f = (1 - taps[k].weight) * nm_mel_get_centre_hz(mel, taps[k].band) +
                     taps[k].weight * nm_mel_get_centre_hz(mel, taps[k].band + 1);
    assert_true(fabs(f - fmin(last, fmax(first, k * 24000.0 / 1024))) < 1e-3);
  }
  nm_mel_free(mel);
}

static void test_arguments_not_allowed(void **state)
{
  assert_null(nm_mel_new(24000, 1024, 0, 0, 12000));
  assert_null(nm_mel_new(24000, 1024, 80, 0, 13000));
  assert_null(nm_mel_new(24000, 1024, 80, 500, 500));
  assert_null(nm_mel_new(24000, 1024, 80, -1, 500));
  assert_null(nm_mel_new(24000, 1024, 80, 0, NAN));
  assert_null(nm_mel_new(24000, 0, 80, 0, 12000));
  nm_mel_free(NULL);
  nm_frontend_free(NULL);
  nm_envelope_free(NULL);
}

// The envelope of pulses through a known resonance must follow the resonance, not the harmonics, at any
// pitch.
static void check_envelope_of_resonance(float pitch)
{
  enum { LEN = 9600 };
  static float sound[LEN], envelope[LEN / 256 * NM_N_MELS + NM_N_MELS];
  const int n_harmonics = (int)(11000 / pitch);
  float pitches[LEN / 256 + 1];
  for (int t = 0; t <= LEN / 256; ++t) pitches[t] = pitch;
  memset(sound, 0, sizeof sound);
  for (int h = 1; h <= n_harmonics; ++h) {
    const double f = h * pitch, gain = 1 / sqrt(1 + pow((f - 2500) / 800, 2));
    for (int i = 0; i < LEN; ++i) sound[i] += (float)(0.01 * gain * cos(2 * M_PI * f * i / 24000));
  }
  NmEnvelope *env = nm_envelope_new();
  NmMel *mel = nm_mel_new(NM_RATE_HZ, NM_LEN_FRAME, NM_N_MELS, 0, NM_MEL_MAX_HZ);
  nm_envelope_run(env, sound, LEN, pitches, LEN / 256 + 1, envelope);
  double mean = 0, square = 0;
  int n = 0;
  for (int t = 8; t < 28; ++t)
    for (int b = 0; b < NM_N_MELS; ++b) {
      const double f = nm_mel_get_centre_hz(mel, b);
      if (f < 2 * pitch || f > 10000) continue;
      const double d = envelope[t * NM_N_MELS + b] + 0.5 * log(1 + pow((f - 2500) / 800, 2));
      mean += d;
      square += d * d;
      ++n;
    }
  mean /= n;
  const double deviation = sqrt(square / n - mean * mean);
  assert_true(deviation < 0.12); // 1 dB
  nm_mel_free(mel);
  nm_envelope_free(env);
}

static void test_envelope_follows_the_resonance(void **state)
{
  check_envelope_of_resonance(80);
  check_envelope_of_resonance(155);
  check_envelope_of_resonance(310);
  check_envelope_of_resonance(440);
}

static bool make_frontend(void *ctx)
{
  NmFrontend *fe = nm_frontend_new();
  nm_frontend_free(fe);
  return fe != NULL;
}

static bool make_envelope(void *ctx)
{
  NmEnvelope *env = nm_envelope_new();
  nm_envelope_free(env);
  return env != NULL;
}

static void test_memory_out(void **state)
{
  assert_true(nm_fail_alloc_each(make_frontend, NULL, false) >= 6);
  assert_true(nm_fail_alloc_each(make_envelope, NULL, false) >= 5);
}

static void test_no_allocation_in_use(void **state)
{
  static float out[N_VALUES];
  NmFrontend *fe = nm_frontend_new();
  NmEnvelope *env = nm_envelope_new();
  nm_alloc_guard_begin();
  nm_frontend_run(fe, x, N, out);
  nm_envelope_run(env, x, N, f0, T, out);
  assert_int_equal(nm_alloc_guard_end(), 0);
  nm_frontend_free(fe);
  nm_envelope_free(env);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_log_mel_is_golden),
      cmocka_unit_test(test_envelope_is_golden),
      cmocka_unit_test(test_stream_gives_the_same_bytes),
      cmocka_unit_test(test_silence_and_short_sounds),
      cmocka_unit_test(test_bank),
      cmocka_unit_test(test_bank_of_few_bins),
      cmocka_unit_test(test_mel_scale),
      cmocka_unit_test(test_interpolation),
      cmocka_unit_test(test_arguments_not_allowed),
      cmocka_unit_test(test_envelope_follows_the_resonance),
      cmocka_unit_test(test_memory_out),
      cmocka_unit_test(test_no_allocation_in_use),
  };
  return cmocka_run_group_tests(tests, load_golden, NULL);
}
