// SPDX-License-Identifier: GPL-3.0-or-later
// What is heard next: a song, and a band beside it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/studio/mixer.h"

enum { N = 6000, FROM = 24000 };

static NmPlayback *song, *band;

// Three notes of that length each.
static NmPlayback *make_playback(int64_t len, int pitch)
{
  NmSong *notes = nm_song_new();
  for (int i = 0; i < 3; i++) assert_true(nm_song_add_note(notes, i * len, len, pitch + i, 0) >= 0);
  assert_int_equal(nm_song_finish(notes, NULL), NM_OK);
  NmPlayback *playback = nm_playback_new(notes);
  nm_song_free(notes);
  assert_non_null(playback);
  return playback;
}

static int set_up(void **state)
{
  song = make_playback(960, 60);
  band = make_playback(1440, 48);
  return 0;
}

static int tear_down(void **state)
{
  nm_playback_release(song);
  nm_playback_release(band);
  return 0;
}

static NmMixer make_mixer(void)
{
  NmMixer mixer = {.plays = true, .at = FROM};
  mixer.playback = nm_playback_share(song);
  mixer.band = nm_playback_share(band);
  mixer.tone_at = INT32_MAX;
  return mixer;
}

static void expect_sounds(const NmPlayback *const *sounds, int n_sounds, int64_t at, const float *got,
                          int64_t n)
{
  static float wanted[N];
  memset(wanted, 0, sizeof wanted);
  for (int i = 0; i < n_sounds; i++) nm_playback_add(sounds[i], at, wanted, n);
  assert_memory_equal(got, wanted, (size_t)n * sizeof *got);
}

// Both are added, sample by sample, whatever the blocks.
static void test_both(void **state)
{
  static float got[N];
  NmMixer mixer = make_mixer();
  for (int64_t at = 0, n; at < N; at += n) {
    n = N - at < NM_MIXER_BLOCK_MAX ? N - at : NM_MIXER_BLOCK_MAX - at % 7;
    assert_int_equal(nm_mixer_read(&mixer, got + at, n), n);
  }
  assert_int_equal(mixer.at, FROM + N);
  expect_sounds((const NmPlayback *const[]){song, band}, 2, FROM, got, N);
  nm_mixer_fini(&mixer);
}

// One that is taken away or comes does so within a block, and the other is as it was.
static void test_changes(void **state)
{
  float got[NM_MIXER_BLOCK_MAX];
  NmMixer mixer = make_mixer();
  for (int comes = 0; comes < 2; comes++) {
    int64_t at = mixer.at;
    nm_mixer_set_band(&mixer, comes ? band : NULL);
    nm_mixer_read(&mixer, got, NM_MIXER_BLOCK_MAX);
    assert_null(mixer.band_fading);
    expect_sounds((const NmPlayback *const[]){song, band}, 2, at, got, 1); // as before, or at once
    nm_mixer_read(&mixer, got, NM_MIXER_BLOCK_MAX);
    expect_sounds((const NmPlayback *const[]){song, band}, 1 + comes, at + NM_MIXER_BLOCK_MAX, got,
                  NM_MIXER_BLOCK_MAX);
  }
  nm_mixer_fini(&mixer);
}

static void test_end(void **state)
{
  NmMixer mixer = make_mixer();
  assert_true(nm_playback_get_len(band) > nm_playback_get_len(song));
  mixer.at = nm_playback_get_len(song);
  assert_false(nm_mixer_is_over(&mixer));
  mixer.at = nm_playback_get_len(band);
  assert_true(nm_mixer_is_over(&mixer));
  nm_mixer_set_band(&mixer, NULL);
  mixer.at = nm_playback_get_len(song);
  assert_true(nm_mixer_is_over(&mixer));
  nm_mixer_fini(&mixer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_both), cmocka_unit_test(test_changes),
                                     cmocka_unit_test(test_end)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
