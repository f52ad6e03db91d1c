// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of a song that are sung in ways of their own.
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

#include "models/sing/sing.h"

enum { N_LINES = 3, N_NOTES = 4 };

static NmVoice *voice;
static NmSinger *singer;

// Lines of four notes, with so many beats of rest between them.
static NmSong *make_song(int rest)
{
  static const int32_t phones[] = {15, 61}; // R OW1
  NmSong *song = nm_song_new();
  for (int i = 0; i < N_LINES * N_NOTES; ++i) {
    const int64_t onset = 480 * (i + rest * (i / N_NOTES));
    nm_song_add_note(song, onset, 480, 60 + i % N_NOTES, 0);
    if (i % N_NOTES == 0) nm_song_add_line(song, 1, 0);
    nm_song_add_word(song);
    nm_song_add_syllable(song, "row", 3, 1);
    nm_song_add_phones(song, phones, 2);
    nm_song_add_link(song, i, i);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static NmSingPlan *plan_of(const NmSong *song, const NmSingStyle *style)
{
  NmError err = {0};
  NmSingPlan *plan = nm_sing_plan_new(singer, song, style, NULL, NULL, &err);
  if (!plan) fail_msg("%s", err.message);
  return plan;
}

// Which phrases differ, as bits.
static unsigned compare(const NmSingPlan *a, const NmSingPlan *b)
{
  unsigned bits = 0;
  assert_int_equal(nm_sing_plan_get_n_phrases(a), nm_sing_plan_get_n_phrases(b));
  for (int32_t i = 0; i < nm_sing_plan_get_n_phrases(a); ++i)
    if (memcmp(nm_sing_plan_get_phrase(a, i)->key, nm_sing_plan_get_phrase(b, i)->key, sizeof(uint64_t[2])))
      bits |= 1u << i;
  return bits;
}

static void alike(NmSingStyle *style, NmSingStyle lines[N_LINES])
{
  *style = nm_sing_style_defaults();
  for (int i = 0; i < N_LINES; ++i) lines[i] = *style;
  style->lines = lines;
  style->n_lines = N_LINES;
}

// Expects that a change of line 1 (from 0) changes its phrase alone.
static void check_change(const char *name, void (*change)(NmSingStyle *line))
{
  NmSong *song = make_song(2);
  NmSingStyle style, lines[N_LINES];
  const NmSingStyle plain = nm_sing_style_defaults();
  alike(&style, lines);
  NmSingPlan *without = plan_of(song, &plain), *same = plan_of(song, &style);
  assert_int_equal(compare(without, same), 0);
  change(&lines[1]);
  NmSingPlan *changed = plan_of(song, &style);
  if (compare(without, changed) != 2) fail_msg("%s changes phrases %x", name, compare(without, changed));
  assert_int_equal(nm_sing_plan_get_n_samples(changed), nm_sing_plan_get_n_samples(without));
  nm_sing_plan_free(without);
  nm_sing_plan_free(same);
  nm_sing_plan_free(changed);
  nm_song_free(song);
}

static void sing_plainly(NmSingStyle *line)
{
  line->plain = true;
}

static void sing_louder(NmSingStyle *line)
{
  line->level_db = 6;
}

static void speak(NmSingStyle *line)
{
  line->as = .25;
}

static void sing_higher(NmSingStyle *line)
{
  line->transpose = 2;
}

static void sing_anew(NmSingStyle *line)
{
  line->seed = 7;
}

static void pass_on(NmSingStyle *line)
{
  line->speaker = 1;
}

static void test_changes(void **state)
{
  check_change("sing_plainly", sing_plainly);
  check_change("sing_louder", sing_louder);
  check_change("speak", speak);
  check_change("sing_higher", sing_higher);
  check_change("sing_anew", sing_anew);
  check_change("pass_on", pass_on);
}

static double mean_hz(const NmSingPhrase *phrase)
{
  double sum = 0;
  for (int32_t i = 0; i < phrase->n_frames; ++i) sum += log2(phrase->f0_hz[i]);
  return exp2(sum / phrase->n_frames);
}

static void test_transposition(void **state)
{
  NmSong *song = make_song(2);
  NmSingStyle style, lines[N_LINES];
  alike(&style, lines);
  lines[1].transpose = 3;
  NmSingPlan *plan = plan_of(song, &style);
  const double ratio = mean_hz(nm_sing_plan_get_phrase(plan, 1)) / mean_hz(nm_sing_plan_get_phrase(plan, 2));
  assert_true(fabs(12 * log2(ratio) - 3) < .1);
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

// Without a rest between them, lines of another speaker are phrases of their own, and all samples are there.
static void test_duet(void **state)
{
  NmSong *song = make_song(0);
  NmSingStyle style, lines[N_LINES];
  alike(&style, lines);
  NmSingPlan *together = plan_of(song, &style);
  assert_int_equal(nm_sing_plan_get_n_phrases(together), 1);
  lines[1].speaker = 1;
  NmSingPlan *duet = plan_of(song, &style);
  assert_int_equal(nm_sing_plan_get_n_phrases(duet), N_LINES);
  int64_t end = 0;
  for (int32_t i = 0; i < N_LINES; ++i) {
    const NmSingPhrase *phrase = nm_sing_plan_get_phrase(duet, i);
    float *samples = malloc((size_t)phrase->n_samples * sizeof *samples);
    assert_int_equal(phrase->line, i);
    assert_true(i == 0 || phrase->start < end); // they overlap where they are faded
    assert_int_equal(nm_singer_sing_phrase(singer, duet, i, samples, NULL), NM_OK);
    end = phrase->start + phrase->n_samples;
    free(samples);
  }
  nm_sing_plan_free(together);
  nm_sing_plan_free(duet);
  nm_song_free(song);
}

static void test_mistakes(void **state)
{
  NmError err = {0};
  NmSong *song = make_song(1);
  NmSingStyle style, lines[N_LINES];
  alike(&style, lines);
  lines[2].speaker = 99;
  assert_null(nm_sing_plan_new(singer, song, &style, NULL, NULL, &err));
  assert_int_equal(err.status, NM_ERR_BAD_ARG);
  lines[2] = lines[0];
  lines[2].lines = lines;
  assert_null(nm_sing_plan_new(singer, song, &style, NULL, NULL, &err));
  nm_song_free(song);
}

int main(void)
{
  voice = nm_voice_new("", "", NULL, NULL);
  singer = nm_singer_new(NULL, voice);
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes), cmocka_unit_test(test_transposition),
                                     cmocka_unit_test(test_duet), cmocka_unit_test(test_mistakes)};
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  nm_singer_free(singer);
  nm_voice_free(voice);
  return failed;
}
