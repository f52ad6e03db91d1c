// SPDX-License-Identifier: GPL-3.0-or-later
// The song in memory: order, checks, resolution, time, equality, memory that runs out.
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/song/song.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"

static NmSong *make_empty(void)
{
  NmSong *song = nm_song_new();
  assert_non_null(song);
  song->ticks_per_beat = 12;
  return song;
}

static int32_t add_sung(NmSong *song, int64_t onset, int64_t len, int pitch, const char *word)
{
  const int32_t note = nm_song_add_note(song, onset, len, pitch, 0);
  nm_song_add_word(song);
  const int32_t syllable = nm_song_add_syllable(song, word, strlen(word), 1);
  return nm_song_add_link(song, syllable, note);
}

static void finish(NmSong *song)
{
  NmError err = {0};
  if (nm_song_finish(song, &err) != NM_OK) fail_msg("%s", err.message);
}

static void check_refused(NmSong *song, const char *said)
{
  NmError err = {0};
  assert_int_equal(nm_song_finish(song, &err), NM_ERR_BAD_DATA);
  if (!strstr(err.message, said)) fail_msg("it says: %s", err.message);
  nm_song_free(song);
}

static void test_order(void **state)
{
  NmSong *song = make_empty();
  add_sung(song, 24, 12, 64, "two");
  add_sung(song, 0, 24, 60, "one");
  nm_song_add_link(song, 0, 0); // again
  nm_song_add_key(song, 12, 2, false);
  nm_song_add_key(song, 0, 0, false);
  nm_song_add_key(song, 12, 3, true); // the last at a tick counts
  finish(song);
  assert_int_equal(song->notes[0].pitch, 60);
  assert_int_equal(song->n_links, 2);
  assert_int_equal(song->links[0].note, 0);
  assert_int_equal(song->links[0].syllable, 1);
  assert_int_equal(song->links[1].syllable, 0);
  assert_int_equal(song->n_keys, 2);
  assert_int_equal(song->keys[0].tick, 0);
  assert_int_equal(song->keys[1].fifths, 3);
  assert_true(song->keys[1].minor);
  finish(song); // and again changes nothing
  assert_int_equal(song->links[0].syllable, 1);
  nm_song_free(song);
}

static NmSong *make_note(int64_t onset, int64_t len, int pitch, int velocity)
{
  NmSong *song = make_empty();
  nm_song_add_note(song, onset, len, pitch, velocity);
  return song;
}

static void test_bad_notes(void **state)
{
  check_refused(make_note(0, 1, 128, 0), "pitch");
  check_refused(make_note(0, 1, -1, 0), "pitch");
  check_refused(make_note(0, 1, 65536 + 60, 0), "pitch");
  check_refused(make_note(0, 1, 60, 128), "velocity");
  check_refused(make_note(0, 0, 60, 0), "time");
  check_refused(make_note(-1, 1, 60, 0), "time");
  check_refused(make_note(INT64_MAX, 1, 60, 0), "time");
  check_refused(make_note(0, INT64_MAX, 60, 0), "time");
  NmSong *song = make_note(0, 13, 60, 0);
  nm_song_add_note(song, 12, 1, 60, 0);
  check_refused(song, "one note at a time");
}

static void test_bad_lyrics(void **state)
{
  NmSong *song = make_empty();
  nm_song_add_line(song, 1, 0);
  check_refused(song, "line 1");
  song = make_empty();
  nm_song_add_word(song);
  check_refused(song, "word 1");
  song = make_empty();
  nm_song_add_line(song, 0, 0);
  nm_song_add_syllable(song, "a", 1, 0);
  check_refused(song, "verses");
  song = make_empty();
  nm_song_add_syllable(song, "a", 1, 0);
  nm_song_add_link(song, 0, 0);
  check_refused(song, "not there");
  song = make_note(0, 1, 60, 0);
  nm_song_add_link(song, 0, 0);
  check_refused(song, "not there");
}

static void test_bad_maps(void **state)
{
  static const struct {
    int64_t tick;
    int n_beats, unit;
  } meters[] = {{0, 0, 4},   {0, 256, 4}, {0, 4, 3},         {0, 4, 0},
                {0, 4, 128}, {-1, 4, 4},  {INT64_MAX, 4, 4}, {0, 1, 64}};
  for (size_t i = 0; i < sizeof meters / sizeof *meters; ++i) {
    NmSong *song = make_empty();
    nm_song_add_meter(song, meters[i].tick, meters[i].n_beats, meters[i].unit);
    check_refused(song, meters[i].tick ? "time" : meters[i].unit == 64 ? "ticks" : "no meter");
  }
  static const double tempos[] = {0, -1, NAN, INFINITY, .5, 1e8};
  for (size_t i = 0; i < sizeof tempos / sizeof *tempos; ++i) {
    NmSong *song = make_empty();
    nm_song_add_tempo(song, 0, tempos[i]);
    check_refused(song, "no tempo");
  }
  NmSong *song = make_empty();
  nm_song_add_key(song, 0, 8, false);
  check_refused(song, "sharps");
  song = make_empty();
  song->pickup = INT64_MAX;
  check_refused(song, "pick-up");
  song = make_empty();
  song->ticks_per_beat = 0;
  check_refused(song, "ticks");
}

static void test_resolution(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 1);
  for (int i = 0; i < 100; ++i) {
    NmSong *a = nm_random_song(&rng, &(NmRandomSong){.tuplets = i % 2, .maps = true, .pickups = true});
    assert_non_null(a);
    const int32_t own = a->ticks_per_beat;
    assert_int_equal(nm_song_set_resolution(a, 7 * own), NM_OK);
    assert_int_equal(a->ticks_per_beat, 7 * own);
    assert_int_equal(nm_song_set_resolution(a, own), NM_OK);
    nm_song_reduce_resolution(a);
    const int32_t least = a->ticks_per_beat;
    assert_int_equal(own % least, 0);
    for (int32_t coarser = 1; coarser < least; ++coarser)
      if (least % coarser == 0) assert_int_equal(nm_song_set_resolution(a, coarser), NM_ERR_BAD_ARG);
    finish(a);
    nm_song_free(a);
  }
  NmSong *song = make_note((int64_t)NM_SONG_TIME_MAX * 12, 5, 60, 0);
  finish(song);
  assert_int_equal(nm_song_set_resolution(song, NM_SONG_TICKS_MAX + 1), NM_ERR_BAD_ARG);
  assert_int_equal(nm_song_set_resolution(song, 0), NM_ERR_BAD_ARG);
  assert_int_equal(nm_song_set_resolution(song, 1000), NM_ERR_BAD_ARG);
  assert_int_equal(nm_song_set_resolution(song, 12 << 16), NM_OK);
  assert_int_equal(song->notes[0].onset, (int64_t)NM_SONG_TIME_MAX * (12 << 16));
  nm_song_free(song);
}

static void test_seconds(void **state)
{
  NmSong *song = make_note(36, 12, 60, 0);
  assert_true(fabs(nm_song_get_seconds(song, 24) - 1) < 1e-12); // 120
  nm_song_add_tempo(song, 12, 60);
  nm_song_add_tempo(song, 24, 240);
  finish(song);
  assert_true(fabs(nm_song_get_seconds(song, 0)) < 1e-12);
  assert_true(fabs(nm_song_get_seconds(song, 12) - 1) < 1e-12); // the first tempo holds from the beginning
  assert_true(fabs(nm_song_get_seconds(song, 24) - 2) < 1e-12);
  assert_true(fabs(nm_song_get_seconds(song, 30) - 2.125) < 1e-12);
  assert_int_equal(nm_song_get_end(song), 48);
  nm_song_free(song);
}

static void check_bar(const NmSong *song, int64_t tick, int64_t bar, int64_t place, int64_t len)
{
  int64_t found_place, found_len;
  assert_int_equal(nm_song_get_bar(song, tick, &found_place, &found_len), bar);
  assert_int_equal(found_place, place);
  assert_int_equal(found_len, len);
}

static void test_bars(void **state)
{
  NmSong *song = make_empty();
  check_bar(song, 50, 1, 2, 48); // 4/4
  song->pickup = 12;
  nm_song_add_meter(song, 0, 3, 4);
  nm_song_add_meter(song, 84, 6, 8);  // after two bars
  nm_song_add_meter(song, 130, 2, 4); // within the second of them
  finish(song);
  check_bar(song, 0, -1, 24, 36);
  check_bar(song, 11, -1, 35, 36);
  check_bar(song, 12, 0, 0, 36);
  check_bar(song, 83, 1, 35, 36);
  check_bar(song, 84, 2, 0, 36);
  check_bar(song, 129, 3, 9, 36);
  check_bar(song, 130, 4, 0, 24);
  check_bar(song, 155, 5, 1, 24);
  assert_int_equal(nm_song_get_meter(song, 129).n_beats, 6);
  assert_int_equal(nm_song_get_meter(song, 130).n_beats, 2);
  assert_int_equal(nm_song_get_key(song, 0).fifths, 0);
  nm_song_free(song);
}

static void test_notes_of_syllables(void **state)
{
  NmSong *song = make_empty();
  for (int i = 0; i < 4; ++i) nm_song_add_note(song, 12 * i, 12, 60, 0);
  nm_song_add_word(song);
  for (int i = 0; i < 3; ++i) nm_song_add_syllable(song, "la", 2, 0);
  nm_song_add_link(song, 0, 1);
  nm_song_add_link(song, 0, 2);
  nm_song_add_link(song, 2, 3);
  finish(song);
  int32_t first[3], n[3];
  nm_song_get_notes_of_syllables(song, first, n);
  assert_int_equal(first[0], 1), assert_int_equal(n[0], 2);
  assert_int_equal(first[1], -1), assert_int_equal(n[1], 0);
  assert_int_equal(first[2], 3), assert_int_equal(n[2], 1);
  nm_song_free(song);
}

static void test_phones(void **state)
{
  static const int32_t phones[] = {3, 1, 4, 1, 5};
  NmSong *song = make_empty();
  assert_int_equal(nm_song_add_phones(song, phones, 2), -1);
  nm_song_add_syllable(song, "a", 1, 0);
  assert_int_equal(nm_song_add_phones(song, phones, 0), 0);
  nm_song_add_syllable(song, "b", 1, 0);
  assert_int_equal(nm_song_add_phones(song, phones, 3), 0);
  assert_int_equal(nm_song_add_phones(song, phones + 3, 2), 3);
  assert_int_equal(song->syllables[0].n_phones, 0);
  assert_int_equal(song->syllables[1].n_phones, 5);
  assert_memory_equal(song->phones + song->syllables[1].phone_first, phones, sizeof phones);
  nm_song_free(song);
}

// --- equality ---

static NmSong *make_pair_member(void)
{
  NmSong *song = make_empty();
  song->pickup = 12;
  nm_song_add_key(song, 0, 1, false);
  nm_song_add_meter(song, 0, 3, 4);
  nm_song_add_tempo(song, 0, 100);
  add_sung(song, 0, 12, 60, "one");
  add_sung(song, 12, 24, 62, "two");
  finish(song);
  return song;
}

typedef void (*Change)(NmSong *song);
static void change_pitch(NmSong *s)
{
  ++s->notes[1].pitch;
}
static void change_onset(NmSong *s)
{
  --s->notes[0].len;
}
static void change_link(NmSong *s)
{
  s->links[1].syllable = 0;
}
static void change_text(NmSong *s)
{
  s->syllables[1].text = "too";
}
static void change_line(NmSong *s)
{
  s->lines[0].stanza = 1;
}
static void change_key(NmSong *s)
{
  s->keys[0].minor = true;
}
static void change_meter(NmSong *s)
{
  s->meters[0].beat_unit = 8;
}
static void change_tempo(NmSong *s)
{
  s->tempos[0].bpm = 101;
}
static void change_pickup(NmSong *s)
{
  s->pickup = 6;
}
static void change_count(NmSong *s)
{
  --s->n_links;
}

static void test_equal(void **state)
{
  static const Change changes[] = {change_pitch, change_onset, change_link,  change_text,   change_line,
                                   change_key,   change_meter, change_tempo, change_pickup, change_count};
  NmSong *a = make_pair_member();
  for (size_t i = 0; i < sizeof changes / sizeof *changes; ++i) {
    char why[128] = "";
    NmSong *b = make_pair_member();
    assert_true(nm_song_equal(a, b, why, sizeof why));
    assert_int_equal(nm_song_set_resolution(b, 480), NM_OK);
    assert_true(nm_song_equal(a, b, NULL, 0) && nm_song_equal(b, a, NULL, 0));
    changes[i](b);
    assert_false(nm_song_equal(a, b, why, sizeof why));
    assert_true(why[0]);
    assert_false(nm_song_equal(b, a, NULL, 0));
    nm_song_free(b);
  }
  nm_song_free(a);
}

// --- memory ---

static bool build(void *context)
{
  NmSong *song = nm_song_new();
  bool ok = song != NULL;
  for (int i = 0; ok && i < 50; ++i) {
    ok = nm_song_add_note(song, 12 * i, 12, 60, 0) >= 0 && nm_song_add_line(song, 1, i) >= 0 &&
         nm_song_add_word(song) >= 0 && nm_song_add_syllable(song, "la", 2, 0) >= 0 &&
         nm_song_add_link(song, i, i) >= 0 && nm_song_add_key(song, 480 * i, 0, false) >= 0 &&
         nm_song_add_meter(song, 480 * i, 4, 4) >= 0 && nm_song_add_tempo(song, 480 * i, 100) >= 0 &&
         nm_song_add_phones(song, &(int32_t){7}, 1) >= 0;
  }
  NmError err = {0};
  const NmStatus status = ok ? nm_song_finish(song, &err) : NM_ERR_NO_MEMORY;
  assert_true(status == NM_OK || status == NM_ERR_NO_MEMORY);
  nm_song_free(song);
  return status == NM_OK;
}

static void test_no_memory(void **state)
{
  assert_true(nm_fail_alloc_each(build, NULL, false) > 20);
}

static void test_full(void **state)
{
  NmSong *song = make_empty();
  for (int32_t i = 0; i < NM_SONG_NOTES_MAX; ++i)
    if (nm_song_add_note(song, i, 1, 60, 0) != i) fail_msg("note %d", i);
  assert_int_equal(nm_song_add_note(song, NM_SONG_NOTES_MAX, 1, 60, 0), -1);
  finish(song);
  nm_song_free(song);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),      cmocka_unit_test(test_bad_notes),
      cmocka_unit_test(test_bad_lyrics), cmocka_unit_test(test_bad_maps),
      cmocka_unit_test(test_resolution), cmocka_unit_test(test_seconds),
      cmocka_unit_test(test_bars),       cmocka_unit_test(test_notes_of_syllables),
      cmocka_unit_test(test_phones),     cmocka_unit_test(test_equal),
      cmocka_unit_test(test_no_memory),  cmocka_unit_test(test_full),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
