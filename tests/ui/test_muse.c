// SPDX-License-Identifier: GPL-3.0-or-later
// The muse's thread by itself, for the thread sanitizer: asked, asked again, given up, and freed at any time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/studio/muse.h"
#include "dsp/base/rng.h"
#include "tests/support/fail_alloc.h"

static void pause_us(long us)
{
  nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

static NmSong *make_song(int n)
{
  NmSong *song = nm_song_new();
  if (!song) return NULL;
  bool ok = nm_song_add_line(song, 1, 0) >= 0;
  for (int i = 0; i < n && ok; i++) {
    ok = nm_song_add_word(song) >= 0 && nm_song_add_syllable(song, "la", 2, -1) >= 0;
    int32_t note = nm_song_add_note(song, i * 480, 480, 60 + i % 5, 0);
    ok = ok && note >= 0 && nm_song_add_link(song, i, note) >= 0;
  }
  if (ok && nm_song_finish(song, NULL) == NM_OK) return song;
  nm_song_free(song);
  return NULL;
}

// Steps of a tenth of a millisecond, and a song after every tenth of them: as many notes as the seed says.
static NmStatus make(NmSongTools *tools, const NmVariantsRequest *q, NmVariantsTake take, void *user,
                     NmError *err)
{
  for (int i = 1; i <= 40; i++) {
    if (atomic_load(q->cancel)) return NM_ERR_CANCELLED;
    atomic_fetch_add(q->n_steps, 1);
    pause_us(100);
    NmSong *song = i % 10 ? NULL : make_song((int)q->seed);
    if (song) take(user, song, i);
  }
  if (strcmp(q->text, "bad")) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "there are no words");
}

static NmLineWeights *weigh(NmSongTools *tools, const NmSong *song, int32_t line)
{
  return nm_weigh_line(NULL, song, line);
}

static const NmMuseArt art = {make, weigh};

static void wake(void *user)
{
  atomic_fetch_add((atomic_int *)user, 1);
}

static NmVariantsRequest request_of(int n, const char *text)
{
  NmVariantsRequest request = nm_variants_defaults(NM_VARIANTS_SONG);
  request.seed = (uint64_t)n;
  request.text = text;
  return request;
}

static void wait_for(NmMuse *muse)
{
  while (nm_muse_get_state(muse).works) pause_us(200);
}

// Takes what is there; all of it must be of this size.
static int take_all(NmMuse *muse, int n_notes)
{
  NmMuseSong songs[NM_MUSE_SONGS_MAX];
  int n = nm_muse_take(muse, songs);
  for (int i = 0; i < n; i++) {
    assert_int_equal(songs[i].song->n_notes, n_notes);
    nm_song_free(songs[i].song);
  }
  return n;
}

static void songs_come_in_the_background(void **state)
{
  atomic_int n_woken = 0;
  NmMuse *muse = nm_muse_new(&art, true, wake, &n_woken);
  NmVariantsRequest request = request_of(7, "la la");
  assert_non_null(muse);
  assert_true(nm_muse_ask(muse, &request));
  assert_true(nm_muse_get_state(muse).works);
  wait_for(muse);
  assert_int_equal(take_all(muse, 7), 4);
  assert_int_equal(take_all(muse, 7), 0);
  assert_true(atomic_load(&n_woken) >= 4);
  assert_string_equal(nm_muse_get_state(muse).trouble, "");
  request = request_of(7, "bad");
  assert_true(nm_muse_ask(muse, &request));
  wait_for(muse);
  assert_string_equal(nm_muse_get_state(muse).trouble, "there are no words");
  nm_muse_free(muse);
}

static void what_is_asked_last_counts(void **state)
{
  atomic_int n_woken = 0;
  NmMuse *muse = nm_muse_new(&art, true, wake, &n_woken);
  assert_non_null(muse);
  for (int i = 1; i <= 20; i++) {
    NmVariantsRequest request = request_of(i, "la");
    assert_true(nm_muse_ask(muse, &request));
    pause_us(i * 97 % 2500);
  }
  wait_for(muse);
  assert_int_equal(take_all(muse, 20), 4);
  nm_muse_free(muse);
}

static void lines_are_weighed_between(void **state)
{
  atomic_int n_woken = 0;
  NmMuse *muse = nm_muse_new(&art, true, wake, &n_woken);
  NmSong *song = make_song(9);
  NmLineWeights *weights = NULL;
  uint64_t revision = 0;
  assert_true(muse && song);
  for (uint64_t i = 1; i <= 10; i++) assert_true(nm_muse_weigh(muse, song, 0, i));
  for (int i = 0; (!weights || revision != 10) && i < 50000; i++) {
    nm_line_weights_free(weights);
    weights = nm_muse_take_weights(muse, &revision);
    pause_us(100);
  }
  assert_non_null(weights);
  assert_int_equal(revision, 10);
  assert_int_equal(weights->n_syllables, 9);
  nm_line_weights_free(weights);
  nm_song_free(song);
  nm_muse_free(muse);
}

static void anything_at_any_time(void **state)
{
  atomic_int n_woken = 0;
  NmRng rng;
  nm_rng_init(&rng, 3);
  NmSong *song = make_song(5);
  for (int round = 0; round < 12; round++) {
    NmMuse *muse = nm_muse_new(&art, true, wake, &n_woken);
    NmVariantsRequest request = request_of(3, round % 3 ? "la" : "bad");
    uint64_t revision;
    assert_true(muse && song);
    for (int i = 0; i < 30; i++) {
      switch (nm_rng_below(&rng, 6)) {
      case 0: assert_true(nm_muse_ask(muse, &request)); break;
      case 1: nm_muse_stop(muse); break;
      case 2: take_all(muse, 3); break;
      case 3: assert_true(nm_muse_weigh(muse, song, 0, 1)); break;
      case 4: nm_line_weights_free(nm_muse_take_weights(muse, &revision)); break;
      case 5: pause_us((long)nm_rng_below(&rng, 1500)); break;
      }
      NmMuseState now = nm_muse_get_state(muse);
      assert_true(now.part >= 0 && now.part <= 1);
    }
    nm_muse_free(muse);
  }
  nm_song_free(song);
}

static void nothing_comes_after_it_is_given_up(void **state)
{
  atomic_int n_woken = 0;
  NmMuse *muse = nm_muse_new(&art, true, wake, &n_woken);
  NmVariantsRequest request = request_of(2, "la");
  assert_non_null(muse);
  assert_true(nm_muse_ask(muse, &request));
  pause_us(1500);
  nm_muse_stop(muse);
  take_all(muse, 2);
  assert_false(nm_muse_get_state(muse).works);
  pause_us(8000);
  assert_int_equal(take_all(muse, 2), 0);
  assert_string_equal(nm_muse_get_state(muse).trouble, "");
  nm_muse_free(muse);
}

// Without a thread, so that only what is tested allocates. A song that is missing is no failure of the muse.
static bool ask_for_all(void *ctx)
{
  atomic_int n_woken = 0;
  NmVariantsRequest request = request_of(2, "la la");
  request.song = ctx;
  request.theme = "river";
  NmMuse *muse = nm_muse_new(&art, false, wake, &n_woken);
  uint64_t revision;
  bool done = muse && nm_muse_ask(muse, &request) && take_all(muse, 2) == 4 &&
              nm_muse_weigh(muse, request.song, 0, 1);
  NmLineWeights *weights = done ? nm_muse_take_weights(muse, &revision) : NULL;
  done = weights;
  nm_line_weights_free(weights);
  nm_muse_free(muse);
  return done;
}

static void memory_that_runs_out_is_said(void **state)
{
  NmSong *song = make_song(6);
  assert_true(nm_fail_alloc_each(ask_for_all, song, false) > 20);
  nm_song_free(song);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(songs_come_in_the_background),       cmocka_unit_test(what_is_asked_last_counts),
      cmocka_unit_test(lines_are_weighed_between),          cmocka_unit_test(anything_at_any_time),
      cmocka_unit_test(nothing_comes_after_it_is_given_up), cmocka_unit_test(memory_that_runs_out_is_said)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
