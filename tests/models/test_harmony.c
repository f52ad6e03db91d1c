// SPDX-License-Identifier: GPL-3.0-or-later
// Chords: what they are called, that the search finds the best there is, and that known tunes get the chords
// people play to them.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/harmony/harmony.h"
#include "models/harmony/key.h"
#include "models/harmony/rules.h"
#include "models/harmony/voicing.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"
#include "tests/support/song_check.h"

static NmSong *read_tune(const char *name)
{
  char path[512];
  snprintf(path, sizeof path, NM_TEST_DATA "/data/tunes/%s.abc", name);
  return nm_song_read_file(path);
}

// --- chords ---

static void test_names(void **state)
{
  static const struct {
    NmChord chord;
    const char *name;
  } cases[] = {
      {{.root = 0, .bass = 0, .quality = NM_CHORD_MAJOR}, "C"},
      {{.root = 7, .bass = 11, .quality = NM_CHORD_DOMINANT}, "G7/B"},
      {{.root = 10, .bass = 10, .quality = NM_CHORD_MAJOR_SEVENTH, .fifths = -2}, "Bbmaj7"},
      {{.root = 6, .bass = 6, .quality = NM_CHORD_MINOR_SEVENTH, .fifths = 3}, "F#m7"},
      {{.root = 4, .bass = 8, .quality = NM_CHORD_DOMINANT, .minor = true}, "E7/G#"},
      {{.root = 8, .bass = 8, .quality = NM_CHORD_DIMINISHED_SEVENTH, .minor = true}, "G#dim7"},
      {{.root = 11, .bass = 2, .quality = NM_CHORD_DIMINISHED, .minor = true}, "Bdim/D"},
      {{.root = 11, .bass = 11, .quality = NM_CHORD_HALF_DIMINISHED, .minor = true}, "Bm7b5"},
      {{.root = 3, .bass = 7, .quality = NM_CHORD_MAJOR, .fifths = -3}, "Eb/G"},
      {{.root = 11, .bass = 11, .quality = NM_CHORD_MAJOR, .fifths = -7}, "Cb"},
      {{.root = 6, .bass = 6, .quality = NM_CHORD_MINOR, .fifths = 7}, "F#m"},
      {{.root = 2, .bass = 6, .quality = NM_CHORD_DOMINANT, .fifths = 0}, "D7/F#"},
  };
  char name[NM_CHORD_NAME_LEN];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    assert_string_equal(nm_chord_get_name(&cases[i].chord, name), cases[i].name);
}

// Whatever the key, the letter and its accidental say the pitch class.
static void test_spelling(void **state)
{
  static const int naturals[7] = {9, 11, 0, 2, 4, 5, 7};
  for (int fifths = -7; fifths <= 7; ++fifths)
    for (int root = 0; root < 12; ++root)
      for (int quality = 0; quality < NM_CHORD_N_QUALITIES; ++quality) {
        int8_t intervals[NM_CHORD_TONES_MAX];
        const int n = nm_chord_get_intervals(quality, intervals);
        NmChord chord = {
            .root = (int8_t)root, .quality = (int8_t)quality, .fifths = (int8_t)fifths, .minor = root % 2};
        for (int i = 0; i < n; ++i) {
          char letter;
          int alter;
          chord.bass = (int8_t)((root + intervals[i]) % 12);
          nm_chord_spell_bass(&chord, &letter, &alter);
          assert_true(alter >= -2 && alter <= 2);
          assert_int_equal((naturals[letter - 'A'] + alter + 24) % 12, chord.bass);
          assert_true(nm_chord_get_tones(&chord) >> chord.bass & 1);
        }
      }
}

static void test_voicings(void **state)
{
  NmVoicing voicing = {0};
  for (int i = 0; i < 200; ++i) {
    const NmChord chord = {.root = (int8_t)(i * 7 % 12), .quality = (int8_t)(i % NM_CHORD_N_QUALITIES)};
    const NmVoicing next = nm_voicing_find(&chord, &voicing, 58);
    unsigned tones = 0;
    for (int k = 0; k < next.n; ++k) {
      tones |= 1u << next.keys[k] % 12;
      assert_true(k == 0 || next.keys[k] > next.keys[k - 1]);
      assert_true(next.keys[k] > 44 && next.keys[k] < 73);
    }
    assert_int_equal(tones, nm_chord_get_tones(&chord));
    voicing = next;
  }
  const NmChord c = {.root = 0, .quality = NM_CHORD_MAJOR}, f = {.root = 5, .quality = NM_CHORD_MAJOR};
  const NmVoicing first = {3, {52, 55, 60}}, second = nm_voicing_find(&f, &first, 57);
  assert_memory_equal(second.keys, ((uint8_t[]){53, 57, 60}), 3); // E G C to F A C
  const NmVoicing third = nm_voicing_find(&c, &second, 57);
  assert_memory_equal(third.keys, first.keys, 3);
  assert_int_equal(nm_voicing_nearest(0, 59), 60);
  assert_int_equal(nm_voicing_nearest(5, 59), 53);
}

// --- keys ---

static void test_keys(void **state)
{
  static const struct {
    const char *name;
    int fifths;
    bool minor;
  } tunes[] = {{"twinkle", 0, false},
               {"amazing_grace", 1, false},
               {"greensleeves", 0, true},
               {"auld_lang_syne", -1, false}};
  for (size_t i = 0; i < 4; ++i)
    for (int up = -5; up <= 6; ++up) {
      NmSong *song = read_tune(tunes[i].name);
      for (int32_t k = 0; k < song->n_notes; ++k) song->notes[k].pitch = (int16_t)(song->notes[k].pitch + up);
      const NmSongKey key = nm_key_estimate(song);
      assert_int_equal(key.minor, tunes[i].minor);
      const NmSongKey meant = {0, (int8_t)tunes[i].fifths, tunes[i].minor};
      assert_int_equal(nm_key_get_tonic(&key), (nm_key_get_tonic(&meant) + up + 12) % 12);
      // The C major that files say of everything gives way, a key that fits does not.
      NmSongKey found;
      song->n_keys = 0;
      nm_song_add_key(song, 0, 0, false);
      assert_true(nm_key_find(song, &found));
      if (up == 6 || up == 4) assert_int_equal(nm_key_get_tonic(&found), nm_key_get_tonic(&key));
      nm_song_free(song);
    }
}

// --- the search ---

static double add_up(const NmHarmonySlots *slots, const NmHarmonyStyle *style, const int *rows)
{
  double cost = 0;
  int n_stays = 0;
  for (int32_t k = 0; k < slots->n_slots; ++k) {
    cost += nm_rules_get_cost(style, &slots->slots[k], rows[k]);
    if (k == 0) continue;
    const NmHarmonySlot *slot = &slots->slots[k];
    if (!nm_rules_is_same(slot, rows[k - 1], rows[k])) {
      cost += nm_rules_get_cost_step(style, slot, rows[k - 1], rows[k]);
      n_stays = 0;
      continue;
    }
    cost += nm_rules_get_cost_stay(slot, n_stays);
    if (slot->beat == NM_BEAT_BAR && n_stays + 1 < NM_RULES_STAYS) ++n_stays;
  }
  return cost;
}

// The least cost of all sequences, by trying every one.
static double try_all(const NmHarmonySlots *slots, const NmHarmonyStyle *style)
{
  int rows[4] = {0};
  double least = INFINITY;
  for (;;) {
    const double cost = add_up(slots, style, rows);
    if (cost < least) least = cost;
    int32_t k = 0;
    while (k < slots->n_slots && ++rows[k] == nm_rules_get_n(slots->slots[k].key.minor)) rows[k++] = 0;
    if (k == slots->n_slots) return least;
  }
}

static NmSong *make_song(NmRng *rng, int n_notes, int n_beats)
{
  NmSong *song = nm_song_new();
  assert_non_null(song);
  song->ticks_per_beat = 2;
  nm_song_add_meter(song, 0, n_beats, 4);
  nm_song_add_key(song, 0, (int)nm_rng_below(rng, 15) - 7, nm_rng_below(rng, 2));
  if (nm_rng_below(rng, 2))
    nm_song_add_key(song, 2 * n_beats, (int)nm_rng_below(rng, 15) - 7, nm_rng_below(rng, 2));
  int64_t tick = 0;
  for (int i = 0; i < n_notes; ++i) {
    const int64_t len = 1 + (int64_t)nm_rng_below(rng, 3);
    nm_song_add_note(song, tick, len, 55 + (int)nm_rng_below(rng, 20), 0);
    tick += len + (int64_t)nm_rng_below(rng, 2);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static void test_against_brute_force(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 11);
  int n_tried = 0;
  for (int i = 0; i < 40; ++i) {
    NmSong *song = make_song(&rng, 2 + (int)nm_rng_below(&rng, 5), 2 + (int)nm_rng_below(&rng, 3));
    const NmHarmonyStyle style = {.sevenths = nm_rng_uniform(&rng),
                                  .movement = nm_rng_uniform(&rng),
                                  .secondary = nm_rng_below(&rng, 2),
                                  .inversions = nm_rng_below(&rng, 2)};
    NmHarmonySlots slots;
    assert_int_equal(nm_harmony_slots_init(&slots, song, NULL), NM_OK);
    if (slots.n_slots <= 4) {
      NmHarmony *harmony = nm_harmony_new(song, &style, NULL);
      assert_non_null(harmony);
      const double least = try_all(&slots, &style);
      if (!(fabs(harmony->cost - least) <= 1e-9)) fail_msg("%g, not %g", harmony->cost, least);
      nm_harmony_free(harmony);
      ++n_tried;
    }
    nm_harmony_slots_fini(&slots);
    nm_song_free(song);
  }
  assert_true(n_tried > 20);
}

// --- what a harmony must be ---

static void check_harmony(const NmSong *song, const NmHarmony *harmony)
{
  int64_t tick = song->pickup;
  for (int32_t i = 0; i < harmony->n_chords; ++i) {
    const NmChord *chord = &harmony->chords[i];
    assert_int_equal(chord->tick, tick);
    assert_true(chord->len > 0);
    assert_true(chord->quality >= 0 && chord->quality < NM_CHORD_N_QUALITIES);
    assert_true(nm_chord_get_tones(chord) >> chord->bass & 1);
    assert_true(i == 0 || !nm_chord_equal(chord, chord - 1));
    tick += chord->len;
  }
  if (song->n_notes && nm_song_get_end(song) > song->pickup) assert_true(tick >= nm_song_get_end(song));
  assert_null(nm_harmony_get_chord(harmony, tick));
  assert_null(nm_harmony_get_chord(harmony, song->pickup - 1));
  if (harmony->n_chords) assert_ptr_equal(nm_harmony_get_chord(harmony, song->pickup), harmony->chords);
}

// The part of the notes that begin with a beat of the chord's places that are tones of their chord.
static double get_fit(const NmSong *song, const NmHarmony *harmony)
{
  int n = 0, n_fit = 0;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    int64_t place;
    nm_song_get_bar(song, song->notes[i].onset, &place, NULL);
    const NmChord *chord = nm_harmony_get_chord(harmony, song->notes[i].onset);
    if (!chord || place) continue;
    ++n;
    n_fit += nm_chord_get_tones(chord) >> song->notes[i].pitch % 12 & 1;
  }
  return (double)n_fit / n;
}

static void expect_chords(const NmHarmony *harmony, const char *expected)
{
  char names[512] = "", name[NM_CHORD_NAME_LEN];
  for (int32_t i = 0; i < harmony->n_chords; ++i) {
    strcat(names, i ? " " : "");
    strcat(names, nm_chord_get_name(&harmony->chords[i], name));
  }
  assert_string_equal(names, expected);
}

static void test_known_tunes(void **state)
{
  static const struct {
    const char *name, *chords;
  } tunes[] = {
      {"twinkle", "C F C F C G C G7 C G G7 C G C F C F C G C"},
      {"amazing_grace", "G C D G D G C D G D G"},
      {"greensleeves", "Am G Am E Am E7 Am E Am G Am E Am7 E7 Am E Am"},
      {"auld_lang_syne", "F C F Bb F C F Bb F C F Bb F C F"},
  };
  for (size_t i = 0; i < 4; ++i) {
    NmSong *song = read_tune(tunes[i].name);
    NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
    assert_non_null(harmony);
    check_harmony(song, harmony);
    expect_chords(harmony, tunes[i].chords);
    NmSongKey key;
    assert_true(nm_key_find(song, &key));
    assert_int_equal(harmony->chords[0].root, nm_key_get_tonic(&key));
    assert_int_equal(harmony->chords[harmony->n_chords - 1].root, nm_key_get_tonic(&key));
    const double fit = get_fit(song, harmony);
    if (!(fit >= .8)) fail_msg("%s: %g of the first notes of bars fit", tunes[i].name, fit);
    nm_harmony_free(harmony);
    nm_song_free(song);
  }
}

// A song higher by some semitones has the same chords, as much higher.
static void test_transposed(void **state)
{
  NmSong *song = read_tune("greensleeves");
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
  for (int up = 1; up < 12; ++up) {
    NmSong *other = read_tune("greensleeves");
    const int fifths = (up * 7 + 5) % 12 - 5;
    for (int32_t i = 0; i < other->n_notes; ++i)
      other->notes[i].pitch = (int16_t)(other->notes[i].pitch + up);
    other->keys[0].fifths = (int8_t)fifths;
    NmHarmony *higher = nm_harmony_new(other, NULL, NULL);
    assert_int_equal(higher->n_chords, harmony->n_chords);
    for (int32_t i = 0; i < harmony->n_chords; ++i) {
      assert_int_equal(higher->chords[i].root, (harmony->chords[i].root + up) % 12);
      assert_int_equal(higher->chords[i].quality, harmony->chords[i].quality);
      assert_int_equal(higher->chords[i].tick, harmony->chords[i].tick);
    }
    nm_harmony_free(higher);
    nm_song_free(other);
  }
  nm_harmony_free(harmony);
  nm_song_free(song);
}

// Chords that begin inside of bars.
static int count_inside(const NmSong *song, const NmHarmony *harmony)
{
  int n = 0;
  for (int32_t i = 0; i < harmony->n_chords; ++i) {
    int64_t place;
    nm_song_get_bar(song, harmony->chords[i].tick, &place, NULL);
    n += place > 0;
  }
  return n;
}

static void test_style(void **state)
{
  NmSong *song = read_tune("amazing_grace");
  const NmHarmonyStyle plain = {0},
                       rich = {.sevenths = 1, .movement = 1, .secondary = true, .inversions = true};
  NmHarmony *few = nm_harmony_new(song, &plain, NULL), *many = nm_harmony_new(song, &rich, NULL);
  assert_true(many->n_chords > few->n_chords);
  for (int32_t i = 0; i < few->n_chords; ++i) assert_int_equal(few->chords[i].bass, few->chords[i].root);
  assert_true(count_inside(song, few) < count_inside(song, many));
  nm_harmony_free(few);
  nm_harmony_free(many);
  nm_song_free(song);
}

// --- songs of every shape ---

static void test_odd_songs(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 5);
  const NmRandomSong shape = {.n_notes_max = 60,
                              .n_verses = 2,
                              .melismas = true,
                              .tuplets = true,
                              .unsung = true,
                              .pickups = true,
                              .maps = true};
  for (int i = 0; i < 200; ++i) {
    NmSong *song = nm_random_song(&rng, &shape);
    assert_non_null(song);
    NmHarmony *harmony = nm_harmony_new(song, NULL, NULL), *again = nm_harmony_new(song, NULL, NULL);
    assert_non_null(harmony);
    check_harmony(song, harmony);
    assert_int_equal(harmony->n_chords, again->n_chords);
    for (int32_t k = 0; k < harmony->n_chords; ++k)
      assert_true(nm_chord_equal(&harmony->chords[k], &again->chords[k]));
    nm_harmony_free(harmony);
    nm_harmony_free(again);
    nm_song_free(song);
  }
}

static void test_no_notes_and_one(void **state)
{
  NmSong *song = nm_song_new();
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
  assert_non_null(harmony);
  assert_int_equal(harmony->n_chords, 0);
  assert_null(nm_harmony_get_chord(harmony, 0));
  nm_harmony_free(harmony);
  nm_song_add_note(song, 480, 1, 62, 0);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  harmony = nm_harmony_new(song, NULL, NULL);
  check_harmony(song, harmony);
  assert_true(harmony->n_chords >= 1);
  nm_harmony_free(harmony);
  NmError err = {0};
  nm_song_add_note(song, 1920ll * (NM_HARMONY_BARS_MAX + 1), 480, 60, 0);
  assert_null(nm_harmony_new(song, NULL, &err));
  assert_int_equal(err.status, NM_ERR_UNSUPPORTED);
  nm_song_free(song);
}

// Beats of all meters fill their bars.
static void test_beats(void **state)
{
  static const struct {
    int n_beats, unit, n;
    const char *weights; // B bar, g group, 3 last of three, w weak
  } meters[] = {{4, 4, 4, "Bwgw"},  {3, 4, 3, "Bw3"},     {2, 4, 2, "Bw"},    {6, 8, 2, "Bg"},
                {9, 8, 3, "Bw3"},   {12, 8, 4, "Bwgw"},   {7, 8, 3, "Bw3"},   {5, 8, 2, "Bg"},
                {5, 4, 5, "Bw3gw"}, {3, 8, 3, "Bw3"},     {2, 2, 2, "Bw"},    {6, 4, 6, "Bw3gw3"},
                {1, 4, 1, "B"},     {7, 4, 7, "Bwgwgw3"}, {11, 8, 5, "Bw3gw"}};
  for (size_t i = 0; i < sizeof meters / sizeof *meters; ++i) {
    NmGridBeat beats[NM_GRID_BEATS_MAX];
    NmSong *song = nm_song_new();
    nm_song_add_meter(song, 0, meters[i].n_beats, meters[i].unit);
    nm_song_add_note(song, 0, 480, 60, 0);
    NmGrid grid;
    assert_int_equal(nm_grid_init(&grid, song, 1, NULL), NM_OK);
    assert_int_equal(grid.n_bars, 1);
    const int n = nm_grid_get_beats(&grid, &grid.bars[0], beats);
    char weights[NM_GRID_BEATS_MAX + 1] = "";
    int64_t tick = 0;
    for (int k = 0; k < n; ++k) {
      assert_int_equal(beats[k].tick, tick);
      tick += beats[k].len;
      weights[k] = "Bg3w"[beats[k].weight];
    }
    assert_int_equal(n, meters[i].n);
    assert_int_equal(tick, grid.bars[0].len);
    assert_string_equal(weights, meters[i].weights);
    nm_grid_fini(&grid);
    nm_song_free(song);
  }
}

static bool harmonise(void *context)
{
  NmHarmony *harmony = nm_harmony_new(context, NULL, NULL);
  nm_harmony_free(harmony);
  return harmony != NULL;
}

static void test_no_memory(void **state)
{
  NmSong *song = read_tune("auld_lang_syne");
  assert_true(nm_fail_alloc_each(harmonise, song, false) >= 5);
  nm_song_free(song);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_spelling),
      cmocka_unit_test(test_voicings),
      cmocka_unit_test(test_keys),
      cmocka_unit_test(test_beats),
      cmocka_unit_test(test_against_brute_force),
      cmocka_unit_test(test_known_tunes),
      cmocka_unit_test(test_transposed),
      cmocka_unit_test(test_style),
      cmocka_unit_test(test_odd_songs),
      cmocka_unit_test(test_no_notes_and_one),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
