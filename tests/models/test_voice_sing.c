// SPDX-License-Identifier: GPL-3.0-or-later
// The voice that sings, with weights that have learned nothing: frames, curves, threads, bad arguments.
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

#include "models/speech/acoustic.h"
#include "models/speech/voice.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"
#include "tests/support/tiny_voice.h"

enum { N = 5, N_LONG = 300 };

static NmVoice *voice;
static float f0_hz[N_LONG + 40], energy_db[N_LONG + 40];
static const NmVoiceCurves curves = {f0_hz, energy_db, 1};

static NmVoicePhone phone(const char *name, int word, int32_t n_frames)
{
  return (NmVoicePhone){.phone = nm_phone_find(name, strlen(name), 1),
                        .i_word = word,
                        .n_frames = n_frames,
                        .rate = 1,
                        .pitch_range = 1};
}

static void make_phones(NmVoicePhone *phones)
{
  phones[0] = phone("pau", -1, 4);
  phones[1] = phone("S", 0, 9);
  phones[2] = phone("AH1", 0, N_LONG);
  phones[3] = phone("N", 0, 19);
  phones[4] = phone("pau", -1, 8);
}

static int set_up(void **state)
{
  NmError err = {0};
  enter_scratch();
  if (!save_tiny_acoustic("a") || !save_tiny_vocoder("v")) return -1;
  voice = nm_voice_new("a", "v", NULL, &err);
  for (int i = 0; i < N_LONG + 40; ++i) f0_hz[i] = 200 + (float)(i % 7);
  if (!voice) print_error("%s\n", err.message);
  return voice ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_voice_free(voice);
  leave_scratch();
  return 0;
}

// Speech that is asked to linger holds what it makes at its own pace: frames stay as asked, a held vowel
// stays voiced and hardly moves from one frame to the next, and at its own pace nothing is held.
static void test_slow_speech_is_held(void **state)
{
  NmVoicePhone phones[N];
  NmSpoken spoken;
  make_phones(phones);
  assert_int_equal(nm_voice_say(voice, phones, N, 0, 1, &spoken, NULL), NM_OK);
  for (int k = 0; k < N; ++k) assert_int_equal(spoken.n_frames[k], phones[k].n_frames);
  assert_int_equal(spoken.n_frames_total, N_LONG + 40);
  float most = 0;
  for (int t = 13 + N_LONG / 4; t < 13 + N_LONG * 3 / 4; ++t) {
    assert_true(spoken.f0_hz[t] > 0);
    for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b) {
      const float *row = spoken.envelope + (int64_t)t * NM_ACOUSTIC_N_BANDS + b;
      most = fmaxf(most, fabsf(row[0] - row[-NM_ACOUSTIC_N_BANDS]));
    }
  }
  // Twenty made frames fill three hundred: a step between two of them is spread over more than ten.
  float step = 0;
  for (int32_t k = 0; k < N; ++k) phones[k].n_frames = k == 2 ? 20 : phones[k].n_frames;
  assert_int_equal(nm_voice_say(voice, phones, N, 0, 1, &spoken, NULL), NM_OK);
  for (int t = 14; t < 33; ++t)
    for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b) {
      const float *row = spoken.envelope + (int64_t)t * NM_ACOUSTIC_N_BANDS + b;
      step = fmaxf(step, fabsf(row[0] - row[-NM_ACOUSTIC_N_BANDS]));
    }
  assert_true(most < step / 3);
}

static void test_frames_and_pitch_are_as_asked(void **state)
{
  NmVoicePhone phones[N];
  NmSpoken spoken;
  make_phones(phones);
  assert_int_equal(nm_voice_sing(voice, phones, N, &curves, 0, 1, &spoken, NULL), NM_OK);
  assert_int_equal(spoken.n_frames_total, N_LONG + 40);
  assert_int_equal(spoken.n_samples, (N_LONG + 40) * NM_VOICE_HOP);
  for (int k = 0; k < N; ++k) assert_int_equal(spoken.n_frames[k], phones[k].n_frames);
  // What carries the melody is voiced but for its edges, at the very pitch.
  for (int t = 13 + 3; t < 13 + N_LONG - 3; ++t) assert_true(spoken.f0_hz[t] == f0_hz[t]);
  for (int t = 0; t < 4; ++t) assert_true(spoken.f0_hz[t] == 0);
}

static void test_energy_is_added(void **state)
{
  NmVoicePhone phones[N];
  NmSpoken spoken;
  double power[2] = {0};
  make_phones(phones);
  for (int k = 0; k < 2; ++k) {
    for (int i = 0; i < N_LONG + 40; ++i) energy_db[i] = k ? 6.0206f : 0;
    assert_int_equal(nm_voice_sing(voice, phones, N, &curves, 0, 1, &spoken, NULL), NM_OK);
    for (int64_t i = 0; i < spoken.n_samples; ++i) power[k] += spoken.samples[i] * spoken.samples[i];
  }
  memset(energy_db, 0, sizeof energy_db);
  assert_true(power[1] > 2 * power[0]);
}

static void test_threads_change_nothing(void **state)
{
  NmVoicePhone phones[N];
  NmSpoken spoken, other;
  NmError err = {0};
  NmPool *pool = nm_pool_new(3);
  NmVoice *wide = nm_voice_new("a", "v", pool, &err);
  assert_non_null(wide);
  make_phones(phones);
  assert_int_equal(nm_voice_sing(voice, phones, N, &curves, 0, 1, &spoken, NULL), NM_OK);
  assert_int_equal(nm_voice_sing(wide, phones, N, &curves, 0, 1, &other, NULL), NM_OK);
  assert_memory_equal(spoken.samples, other.samples, (size_t)spoken.n_samples * sizeof(float));
  assert_int_equal(nm_voice_get_identity(voice), nm_voice_get_identity(wide));
  nm_voice_free(wide);
  nm_pool_free(pool);
}

static void test_predicts_what_it_says(void **state)
{
  NmVoicePhone phones[N];
  NmSpoken spoken;
  float n_frames[N];
  double total = 0, said = 0;
  make_phones(phones);
  for (int k = 0; k < N; ++k) phones[k].n_frames = 0;
  assert_int_equal(nm_voice_predict(voice, phones, N, 0, n_frames, NULL), NM_OK);
  assert_int_equal(nm_voice_say(voice, phones, N, 0, 1, &spoken, NULL), NM_OK);
  for (int k = 0; k < N; ++k) {
    assert_true(n_frames[k] > 0);
    total += fmax(n_frames[k], 1);
    said += spoken.n_frames[k];
  }
  assert_true(fabs(total - said) <= N);
}

static void test_bad_arguments(void **state)
{
  NmVoicePhone phones[N];
  NmSpoken spoken;
  NmError err = {0};
  make_phones(phones);
  phones[1].n_frames = 0;
  assert_int_equal(nm_voice_sing(voice, phones, N, &curves, 0, 1, &spoken, &err), NM_ERR_BAD_ARG);
  make_phones(phones);
  f0_hz[20] = NAN;
  assert_int_equal(nm_voice_sing(voice, phones, N, &curves, 0, 1, &spoken, &err), NM_ERR_BAD_ARG);
  f0_hz[20] = 200;
  assert_int_equal(nm_voice_sing(voice, phones, N, &curves, 9, 1, &spoken, &err), NM_ERR_BAD_ARG);
  phones[2].n_frames = NM_VOICE_FRAMES_MAX;
  assert_int_equal(nm_voice_sing(voice, phones, N, &curves, 0, 1, &spoken, &err), NM_ERR_BAD_ARG);
}

static bool try_singing(void *ctx)
{
  NmVoicePhone phones[N];
  NmSpoken spoken;
  NmError err = {0};
  NmVoice *own = nm_voice_new("a", "v", NULL, &err);
  make_phones(phones);
  const bool ok = own && nm_voice_sing(own, phones, N, &curves, 0, 1, &spoken, &err) == NM_OK;
  nm_voice_free(own);
  return ok;
}

static void test_memory_runs_out(void **state)
{
  assert_true(nm_fail_alloc_each(try_singing, NULL, true) > 10);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_slow_speech_is_held),   cmocka_unit_test(test_frames_and_pitch_are_as_asked),
      cmocka_unit_test(test_energy_is_added),       cmocka_unit_test(test_threads_change_nothing),
      cmocka_unit_test(test_predicts_what_it_says), cmocka_unit_test(test_bad_arguments),
      cmocka_unit_test(test_memory_runs_out),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
