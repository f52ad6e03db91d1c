// SPDX-License-Identifier: GPL-3.0-or-later
// Songs as sound: onsets to the sample, any block size, memory that runs out.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/jobs/song_render.h"
#include "dsp/tone.h"
#include "models/speech/voice.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"

static NmSong *make_song(void)
{
  NmSong *song = nm_song_new();
  assert_non_null(song);
  song->ticks_per_beat = 4;
  nm_song_add_tempo(song, 0, 60);
  nm_song_add_tempo(song, 4, 90);
  nm_song_add_note(song, 2, 2, 60, 0);
  nm_song_add_note(song, 4, 2, 64, 127);
  nm_song_add_note(song, 7, 1, 67, 1);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static float *render(const NmSong *song, int64_t n_block, int64_t *n)
{
  NmSongRender *r = nm_song_render_new(song, NULL);
  assert_non_null(r);
  *n = nm_song_render_get_len(r);
  float *out = malloc((size_t)(*n + n_block) * sizeof *out);
  assert_non_null(out);
  for (int64_t at = 0; at < *n; at += n_block) nm_song_render_process(r, out + at, n_block);
  nm_song_render_free(r);
  return out;
}

static void test_onsets(void **state)
{
  NmSong *song = make_song();
  int64_t n;
  float *out = render(song, 1000, &n);
  const int64_t release = llround(NM_TONE_RELEASE_S * NM_VOICE_RATE_HZ);
  assert_int_equal(n, 24000 + 16000 + release);
  for (int64_t t = 0; t <= 12000; ++t) assert_true(out[t] == 0);
  assert_true(out[12001] != 0);
  for (int64_t t = 24000 + 8000 + release; t <= 24000 + 12000; ++t) assert_true(out[t] == 0);
  assert_true(out[36001] != 0);
  free(out);
  nm_song_free(song);
}

static void test_any_block(void **state)
{
  static const int64_t sizes[] = {1, 7, 64, 1000, 4096};
  NmRng rng;
  nm_rng_init(&rng, 3);
  NmSong *song = nm_random_song(&rng, &(NmRandomSong){.n_notes_max = 12, .tuplets = true});
  assert_non_null(song);
  int64_t n;
  float *whole = render(song, 1 << 22, &n);
  for (int i = 0; i < 5; ++i) {
    float *out = render(song, sizes[i], &n);
    assert_memory_equal(out, whole, (size_t)n * sizeof *out);
    free(out);
  }
  free(whole);
  nm_song_free(song);
}

static void test_limits(void **state)
{
  NmError err = {0};
  NmSong *song = nm_song_new();
  assert_non_null(song);
  NmSongRender *empty = nm_song_render_new(song, &err);
  assert_non_null(empty);
  assert_int_equal(nm_song_render_get_len(empty), 0);
  nm_song_render_free(empty);
  nm_song_add_note(song, 480ll * 1000000, 480, 60, 0);
  assert_null(nm_song_render_new(song, &err));
  assert_int_equal(err.status, NM_ERR_UNSUPPORTED);
  nm_song_free(song);
}

static bool make(void *context)
{
  NmSongRender *r = nm_song_render_new(context, NULL);
  nm_song_render_free(r);
  return r != NULL;
}

static void test_no_memory(void **state)
{
  NmSong *song = make_song();
  assert_int_equal(nm_fail_alloc_each(make, song, false), 2);
  nm_song_free(song);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_onsets),
      cmocka_unit_test(test_any_block),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
