// SPDX-License-Identifier: GPL-3.0-or-later
// Accompaniments: every note in time, in order and among the chords, whatever the song; lead-ins that move
// everything alike.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/harmony/grid.h"
#include "models/harmony/performance.h"
#include "models/song/lead_in.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"
#include "tests/support/song_check.h"

static NmSong *read_tune(const char *name)
{
  char path[512];
  snprintf(path, sizeof path, NM_TEST_DATA "/data/tunes/%s.abc", name);
  return nm_song_read_file(path);
}

static NmPerformance *perform(const NmSong *song, const NmHarmony *harmony, const char *mood)
{
  NmPerformanceStyle style = {.mood = nm_mood_of_song(song)};
  if (mood) assert_true(nm_mood_parse(mood, &style.mood));
  NmError err = {0};
  NmPerformance *performance = nm_performance_new(song, harmony, &style, &err);
  if (!performance) fail_msg("%s", err.message);
  return performance;
}

static const NmPart *find_part(const NmPerformance *performance, const char *name)
{
  for (int32_t p = 0; p < performance->n_parts; ++p)
    if (!strcmp(performance->parts[p].name, name)) return &performance->parts[p];
  return NULL;
}

static void check_part(const NmSong *song, const NmPerformance *performance, const NmPart *part)
{
  const int64_t scale = performance->ticks_per_beat / song->ticks_per_beat;
  int64_t free_from[128] = {0};
  for (int32_t i = 0; i < part->n_notes; ++i) {
    const NmPerformanceNote *note = &part->notes[i];
    assert_true(note->end > note->onset && note->frame_end >= note->frame);
    assert_true(note->key < 128 && note->velocity > 0 && note->velocity < 128);
    assert_true(i == 0 || note->onset >= note[-1].onset);
    assert_true(note->onset >= free_from[note->key]);
    free_from[note->key] = note->end;
    const int64_t tick = note->onset / scale;
    const double from = nm_song_get_seconds(song, tick), to = nm_song_get_seconds(song, tick + 1);
    assert_true((double)note->frame >= from * 48000 - 1 && (double)note->frame <= to * 48000 + 1);
    if (note->onset % scale == 0) assert_int_equal(note->frame, llround(from * 48000));
    assert_true(note->frame_end <= performance->n_frames);
  }
}

static void check_performance(const NmSong *song, const NmHarmony *harmony, const NmPerformance *performance)
{
  assert_int_equal(performance->ticks_per_beat % song->ticks_per_beat, 0);
  assert_true(performance->ticks_per_beat >= 480);
  for (int32_t p = 0; p < performance->n_parts; ++p) {
    const NmPart *part = &performance->parts[p];
    check_part(song, performance, part);
    for (int32_t k = 0; k < p; ++k) {
      assert_int_not_equal(part->channel, performance->parts[k].channel);
      assert_string_not_equal(part->name, performance->parts[k].name);
    }
    if (part->channel == NM_PERFORMANCE_DRUMS) continue;
    for (int32_t i = 0; i < part->n_notes; ++i) {
      const NmPerformanceNote *note = &part->notes[i];
      const int64_t scale = performance->ticks_per_beat / song->ticks_per_beat;
      const NmChord *chord = nm_harmony_get_chord(harmony, note->onset / scale);
      assert_non_null(chord);
      assert_true(nm_chord_get_tones(chord) >> note->key % 12 & 1);
    }
  }
}

// Every bar that has a chord is played in by every part.
static void check_bars(const NmSong *song, const NmPerformance *performance)
{
  NmGrid grid;
  assert_int_equal(nm_grid_init(&grid, song, performance->ticks_per_beat / song->ticks_per_beat, NULL),
                   NM_OK);
  for (int32_t p = 0; p < performance->n_parts; ++p) {
    const NmPart *part = &performance->parts[p];
    int32_t i = 0;
    for (int32_t b = 0; b < grid.n_bars; ++b) {
      const int64_t from = grid.bars[b].tick, to = from + grid.bars[b].len;
      int64_t sounds = 0;
      for (i = 0; i < part->n_notes; ++i)
        if (part->notes[i].onset < to && part->notes[i].end > from) ++sounds;
      if (!sounds) fail_msg("%s is silent in bar %d", part->name, b);
    }
  }
  nm_grid_fini(&grid);
}

static void test_known_tunes(void **state)
{
  static const char *const tunes[] = {"twinkle", "amazing_grace", "greensleeves", "auld_lang_syne"};
  for (int i = 0; i < 4; ++i)
    for (int m = 0; nm_mood_names[m]; ++m) {
      NmSong *song = read_tune(tunes[i]);
      nm_song_add_lead_in(song, nm_performance_get_n_lead_in(song));
      NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
      NmPerformance *performance = perform(song, harmony, nm_mood_names[m]);
      assert_true(performance->n_parts >= 3);
      assert_non_null(find_part(performance, "bass"));
      check_performance(song, harmony, performance);
      check_bars(song, performance);
      // It ends with the tonic, and after the last note.
      const NmPart *bass = find_part(performance, "bass");
      const NmChord *last = &harmony->chords[harmony->n_chords - 1];
      assert_int_equal(bass->notes[bass->n_notes - 1].key % 12, last->bass);
      assert_true((double)performance->n_frames >= 48000 * nm_song_get_seconds(song, nm_song_get_end(song)));
      nm_performance_free(performance);
      nm_harmony_free(harmony);
      nm_song_free(song);
    }
}

static void test_moods(void **state)
{
  NmBandMood mood = {9, 9};
  assert_true(nm_mood_parse("calm", &mood) && mood.arousal < 0 && mood.valence > 0);
  assert_true(nm_mood_parse("-0.5,1", &mood) && mood.valence == -.5 && mood.arousal == 1);
  static const char *const wrong[] = {"", "happyish", "1", "0.5,", ",1", "2,0", "0,-1.5", "0,0 ", "nan,0"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) assert_false(nm_mood_parse(wrong[i], &mood));
  assert_true(mood.valence == -.5);
  NmSong *song = read_tune("greensleeves");
  const NmBandMood minor = nm_mood_of_song(song);
  nm_song_free(song);
  song = read_tune("twinkle");
  const NmBandMood major = nm_mood_of_song(song);
  song->tempos[0].bpm = 200;
  const NmBandMood fast = nm_mood_of_song(song);
  assert_true(minor.valence < 0 && major.valence > 0);
  assert_true(fast.arousal > major.arousal);
  nm_song_free(song);
}

static void test_transposed(void **state)
{
  NmSong *song = read_tune("twinkle");
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
  NmPerformanceStyle style = {.mood = {.7, .3}};
  NmPerformance *plain = nm_performance_new(song, harmony, &style, NULL);
  style.transpose = -3;
  NmPerformance *lower = nm_performance_new(song, harmony, &style, NULL);
  for (int32_t p = 0; p < plain->n_parts; ++p) {
    const NmPart *a = &plain->parts[p], *b = &lower->parts[p];
    const int expected = a->channel == NM_PERFORMANCE_DRUMS ? 0 : -3;
    assert_int_equal(a->n_notes, b->n_notes);
    for (int32_t i = 0; i < a->n_notes; ++i) assert_int_equal(b->notes[i].key - a->notes[i].key, expected);
  }
  nm_performance_free(plain);
  nm_performance_free(lower);
  nm_harmony_free(harmony);
  nm_song_free(song);
}

// --- songs of every shape ---

static void test_odd_songs(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 6);
  const NmRandomSong shape = {.n_notes_max = 60,
                              .n_verses = 2,
                              .melismas = true,
                              .tuplets = true,
                              .unsung = true,
                              .pickups = true,
                              .maps = true};
  for (int i = 0; i < 120; ++i) {
    NmSong *song = nm_random_song(&rng, &shape);
    assert_non_null(song);
    if (i % 2) nm_song_add_lead_in(song, nm_performance_get_n_lead_in(song));
    NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
    NmPerformance *performance = perform(song, harmony, nm_mood_names[i % 6]);
    check_performance(song, harmony, performance);
    nm_performance_free(performance);
    nm_harmony_free(harmony);
    nm_song_free(song);
  }
}

static void test_extremes(void **state)
{
  NmSong *song = nm_song_new();
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
  NmPerformance *performance = perform(song, harmony, NULL);
  assert_int_equal(performance->n_parts, 0);
  assert_int_equal(nm_performance_get_n_lead_in(song), 0);
  nm_performance_free(performance);
  nm_harmony_free(harmony);
  nm_song_add_meter(song, 0, 7, 8);
  nm_song_add_key(song, 0, 2, true);
  for (int i = 0; i < 2000; ++i) nm_song_add_note(song, 240 * i, 240, 60 + i * 5 % 13, 0);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  harmony = nm_harmony_new(song, NULL, NULL);
  performance = perform(song, harmony, "driving");
  check_performance(song, harmony, performance);
  check_bars(song, performance);
  nm_performance_free(performance);
  nm_harmony_free(harmony);
  nm_song_free(song);
}

// --- lead-ins ---

static void test_lead_in(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 9);
  const NmRandomSong shape = {.pickups = true, .maps = true, .tuplets = true, .melismas = true};
  for (int i = 0; i < 100; ++i) {
    NmSong *song = nm_random_song(&rng, &shape);
    const int64_t pickup = song->pickup, first = song->notes[0].onset, last = nm_song_get_end(song);
    const double seconds = nm_song_get_seconds(song, last) - nm_song_get_seconds(song, first);
    int64_t place, place_after;
    const int64_t bar = nm_song_get_bar(song, first, &place, NULL);
    const int64_t moved = nm_song_add_lead_in(song, 2);
    assert_int_equal(nm_song_finish(song, NULL), NM_OK);
    assert_int_equal(song->pickup, 0);
    assert_int_equal(song->notes[0].onset, first + moved);
    assert_int_equal(nm_song_get_end(song), last + moved);
    const double after = nm_song_get_seconds(song, last + moved) - nm_song_get_seconds(song, first + moved);
    assert_true(fabs(after - seconds) < 1e-6);
    const int64_t bar_after = nm_song_get_bar(song, first + moved, &place_after, NULL);
    if (pickup == 0) assert_int_equal(bar_after, bar + 2);
    assert_int_equal(place_after, place);
    assert_int_equal(nm_performance_get_n_lead_in(song), 0);
    nm_song_free(song);
  }
}

static void test_lead_in_chords(void **state)
{
  NmSong *song = read_tune("amazing_grace");
  assert_int_equal(nm_performance_get_n_lead_in(song), 2);
  assert_int_equal(nm_song_add_lead_in(song, 0), 0);
  nm_song_add_lead_in(song, 2);
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
  const NmChord *first = &harmony->chords[0];
  const NmChord *before = nm_harmony_get_chord(harmony, song->notes[0].onset);
  assert_int_equal(first->tick, 0);
  assert_int_equal(first->root, 7);  // G, and
  assert_int_equal(before->root, 2); // under the pick-up D
  nm_harmony_free(harmony);
  nm_song_free(song);
}

typedef struct {
  const NmSong *song;
  const NmHarmony *harmony;
} Pair;

static bool make(void *context)
{
  const Pair *pair = context;
  const NmPerformanceStyle style = {.mood = {.7, .3}};
  NmPerformance *performance = nm_performance_new(pair->song, pair->harmony, &style, NULL);
  nm_performance_free(performance);
  return performance;
}

static void test_no_memory(void **state)
{
  NmSong *song = read_tune("twinkle");
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
  assert_true(nm_fail_alloc_each(make, &(Pair){song, harmony}, false) >= 6);
  nm_harmony_free(harmony);
  nm_song_free(song);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_tunes),    cmocka_unit_test(test_moods),
      cmocka_unit_test(test_transposed),     cmocka_unit_test(test_odd_songs),
      cmocka_unit_test(test_extremes),       cmocka_unit_test(test_lead_in),
      cmocka_unit_test(test_lead_in_chords), cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
