// SPDX-License-Identifier: GPL-3.0-or-later
// Lengths of sounds that were set by hand.
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
#include "models/text/phones.h"

enum { N = 4, HOP = NM_VOICE_HOP, PHONES_MAX = 32 };

static NmVoice *voice;
static NmSinger *singer;

typedef struct {
  int32_t n;
  struct {
    int64_t start, n;
    NmSingSource source;
  } phones[PHONES_MAX];
} Told;

// Four syllables S OW1 T side by side; `lengths_s` [n] and the shift are those of the third.
static NmSong *make_song(const float *lengths_s, int32_t n, float shift_s)
{
  const int32_t phones[] = {nm_phone_find("S", 1, 0), nm_phone_find("OW1", 3, 0), nm_phone_find("T", 1, 0)};
  NmSong *song = nm_song_new();
  for (int i = 0; i < N; ++i) {
    nm_song_add_note(song, 480 + 480 * i, 480, 60 + i, 0);
    if (i == 0) nm_song_add_line(song, 1, 0);
    nm_song_add_word(song);
    nm_song_add_syllable(song, "soat", 4, 1);
    nm_song_add_phones(song, phones, 3);
    if (i == 2) assert_true(nm_song_set_lengths(song, lengths_s, n, shift_s));
    nm_song_add_link(song, i, i);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static NmStatus take(void *user, const NmTiming *timing, NmError *err)
{
  Told *told = user;
  if (timing->kind != NM_TIMING_PHONE) return NM_OK;
  assert_true(told->n < PHONES_MAX);
  told->phones[told->n].start = timing->start / HOP;
  told->phones[told->n++].n = (timing->end - timing->start) / HOP;
  return NM_OK;
}

// Where everything is, and that it tiles the song.
static Told lay(const float *lengths_s, int32_t n, float shift_s)
{
  Told told = {0};
  NmError err = {0};
  NmSong *song = make_song(lengths_s, n, shift_s);
  NmSingStyle style = nm_sing_style_defaults();
  NmSingPlan *plan = nm_sing_plan_new(singer, song, &style, NULL, NULL, &err);
  if (!plan) fail_msg("%s", err.message);
  assert_int_equal(nm_sing_plan_tell(plan, take, &told, &err), NM_OK);
  assert_int_equal(told.n, nm_sing_plan_get_n_phones(plan));
  for (int32_t i = 0; i < told.n; ++i) {
    told.phones[i].source = nm_sing_plan_get_source(plan, i);
    assert_true(told.phones[i].n >= 1);
    if (i > 0) assert_int_equal(told.phones[i].start, told.phones[i - 1].start + told.phones[i - 1].n);
  }
  nm_sing_plan_free(plan);
  nm_song_free(song);
  return told;
}

static int32_t find(const Told *told, int32_t syllable, int32_t phone)
{
  for (int32_t i = 0; i < told->n; ++i)
    if (told->phones[i].source.syllable == syllable && told->phones[i].source.phone == phone) return i;
  fail_msg("phone %d of syllable %d is not there", phone, syllable);
  return -1;
}

static void sources_are_those_of_the_song(void **state)
{
  Told told = lay(NULL, 0, 0);
  for (int s = 0; s < N; ++s) {
    int32_t vowel = find(&told, s, 1);
    assert_true(told.phones[vowel].source.is_anchor && told.phones[vowel].source.is_held);
    assert_int_equal(told.phones[vowel].source.n_phones, 3);
    assert_false(told.phones[find(&told, s, 0)].source.is_anchor);
    assert_int_equal(told.phones[vowel].start, lrint((1 + s) * .5 * NM_VOICE_RATE_HZ / HOP));
  }
  assert_int_equal(told.phones[0].source.syllable, -1);
}

static void consonants_last_as_they_were_set(void **state)
{
  const float lengths_s[] = {.16f, 0, .107f};
  Told before = lay(NULL, 0, 0), told = lay(lengths_s, 3, 0);
  assert_int_equal(told.n, before.n);
  for (int32_t i = 0; i < told.n; ++i) {
    const NmSingSource *source = &told.phones[i].source;
    if (source->syllable != 2 && !source->is_held) assert_int_equal(told.phones[i].n, before.phones[i].n);
    if (source->is_anchor) assert_int_equal(told.phones[i].start, before.phones[i].start);
  }
  assert_int_equal(told.phones[find(&told, 2, 0)].n, 15);
  assert_int_equal(told.phones[find(&told, 2, 2)].n, 10);
}

static void a_vowel_begins_where_it_was_moved(void **state)
{
  const int64_t moved[] = {-6, -3, 3, 10};
  Told before = lay(NULL, 0, 0);
  for (int k = 0; k < 4; ++k) {
    Told told = lay(NULL, 0, (float)(moved[k] * HOP) / NM_VOICE_RATE_HZ);
    assert_int_equal(told.n, before.n); // no pause in between
    for (int s = 0; s < N; ++s)
      assert_int_equal(told.phones[find(&told, s, 1)].start,
                       before.phones[find(&before, s, 1)].start + (s == 2 ? moved[k] : 0));
    assert_int_equal(told.phones[find(&told, 2, 0)].n, before.phones[find(&before, 2, 0)].n);
  }
}

static void what_does_not_fit_is_made_to_fit(void **state)
{
  const float long_s[] = {9, 9, 9}, two[] = {.2f, .2f};
  Told before = lay(NULL, 0, 0), told = lay(long_s, 3, -1);
  assert_int_equal(told.n, before.n);
  told = lay(long_s, 3, 1);
  told = lay(two, 2, 0); // not as many as its sounds
  assert_memory_equal(told.phones, before.phones, sizeof told.phones);
}

static int set_up(void **state)
{
  voice = nm_voice_new("", "", NULL, NULL);
  singer = nm_singer_new(NULL, voice);
  return !voice || !singer;
}

static int tear_down(void **state)
{
  nm_singer_free(singer);
  nm_voice_free(voice);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(sources_are_those_of_the_song),
                                     cmocka_unit_test(consonants_last_as_they_were_set),
                                     cmocka_unit_test(a_vowel_begins_where_it_was_moved),
                                     cmocka_unit_test(what_does_not_fit_is_made_to_fit)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
