// SPDX-License-Identifier: GPL-3.0-or-later
// Instruments: the same bytes each time and for any block size, onsets where the events are, errors in words.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/soundfont.h"
#include "dsp/synth.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"

enum { N = 96000, ONSET = 30011 };

static const uint8_t channels[] = {2, 9};
static const NmSynthEvent events[] = {
    {0, NM_SYNTH_PROGRAM, 2, 0, 0},        {0, NM_SYNTH_PROGRAM, 9, 0, 0},
    {0, NM_SYNTH_PROGRAM, 5, 40, 0},       {ONSET, NM_SYNTH_NOTE_ON, 2, 60, 100},
    {ONSET, NM_SYNTH_NOTE_ON, 5, 60, 100}, {40000, NM_SYNTH_NOTE_ON, 9, 38, 90},
    {41000, NM_SYNTH_NOTE_OFF, 9, 38, 0},  {60000, NM_SYNTH_NOTE_OFF, 2, 60, 0},
    {60000, NM_SYNTH_NOTE_OFF, 5, 60, 0},
};

static NmSynth *make_synth(NmError *err)
{
  const NmSynthConfig config = {
      .channels = channels, .n_channels = 2, .events = events, .n_events = sizeof events / sizeof *events};
  return nm_synth_new(&config, err);
}

// Left and right of both channels, one behind the other: [4, N].
static float *play(int64_t n_block)
{
  NmError err = {0};
  NmSynth *synth = make_synth(&err);
  if (!synth) fail_msg("%s", err.message);
  float *x = malloc(4 * N * sizeof *x);
  assert_non_null(x);
  nm_alloc_guard_begin();
  for (int64_t at = 0; at < N; at += n_block) {
    float *out[4] = {x + at, x + N + at, x + 2 * N + at, x + 3 * N + at};
    assert_int_equal(nm_synth_process(synth, out, N - at < n_block ? N - at : n_block), NM_OK);
  }
  assert_int_equal(nm_alloc_guard_end(), 0);
  nm_synth_free(synth);
  return x;
}

static int64_t find_onset(const float *x)
{
  int64_t i = 0;
  while (i < N && !(fabs(x[i]) > 1e-4)) ++i;
  return i;
}

static void test_onsets(void **state)
{
  float *x = play(1000);
  const int64_t piano = find_onset(x), drum = find_onset(x + 2 * N);
  if (!(labs(piano - ONSET) <= 256)) fail_msg("the piano begins at %ld", (long)piano);
  if (!(labs(drum - 40000) <= 256)) fail_msg("the drum begins at %ld", (long)drum);
  for (int i = 0; i < ONSET - NM_SYNTH_GRID; ++i) assert_true(x[i] == 0);
  free(x);
}

static void test_same_bytes(void **state)
{
  static const int64_t blocks[] = {512, 1, 63, 64, 65, 4096};
  float *x = play(512);
  for (int i = 0; i < 6; ++i) {
    float *y = play(blocks[i]);
    assert_memory_equal(x, y, 4 * N * sizeof *x);
    free(y);
  }
  free(x);
}

static void expect_failure(const NmSynthConfig *config, NmStatus status, const char *words)
{
  NmError err = {0};
  assert_null(nm_synth_new(config, &err));
  assert_int_equal(err.status, status);
  assert_non_null(strstr(err.message, words));
}

static void test_errors(void **state)
{
  NmSynthConfig config = {
      .channels = channels, .n_channels = 2, .events = events, .n_events = sizeof events / sizeof *events};
  enter_scratch();
  config.soundfont = "missing.sf2";
  expect_failure(&config, NM_ERR_IO, "timgm6mb-soundfont");
  write_file("text.sf2", "this is no soundfont", 20);
  config.soundfont = "text.sf2";
  expect_failure(&config, NM_ERR_BAD_DATA, "text.sf2");
  char found[4096];
  size_t n;
  assert_int_equal(nm_soundfont_find(NULL, found, sizeof found, NULL), NM_OK);
  char *whole = read_file(found, &n);
  write_file("cut.sf2", whole, n / 2);
  config.soundfont = "cut.sf2";
  expect_failure(&config, NM_ERR_BAD_DATA, "cut.sf2: byte");
  free(whole);
  leave_scratch();
  config.soundfont = NULL;
  setenv("NEUME_SOUNDFONT", "/nowhere/at/all.sf2", 1);
  expect_failure(&config, NM_ERR_IO, "NEUME_SOUNDFONT");
  unsetenv("NEUME_SOUNDFONT");
  const NmSynthEvent wrong[] = {{10, NM_SYNTH_NOTE_ON, 0, 60, 90}, {5, NM_SYNTH_NOTE_OFF, 0, 60, 0}};
  config.events = wrong;
  config.n_events = 2;
  expect_failure(&config, NM_ERR_BAD_ARG, "order");
  nm_synth_free(NULL);
}

static bool make(void *context)
{
  NmSynth *synth = make_synth(NULL);
  nm_synth_free(synth);
  return synth;
}

static void test_no_memory(void **state)
{
  assert_true(nm_fail_alloc_each(make, NULL, false) >= 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_onsets),
      cmocka_unit_test(test_same_bytes),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
