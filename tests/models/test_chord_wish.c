// SPDX-License-Identifier: GPL-3.0-or-later
// Chords by name, and chosen ones among those that were found.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "models/harmony/performance.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"

// Every chord in every key is read from the name it is given.
static void test_names(void **state)
{
  for (int fifths = -7; fifths <= 7; ++fifths)
    for (int i = 0; i < 12 * NM_CHORD_N_QUALITIES; ++i) {
      int8_t intervals[NM_CHORD_TONES_MAX];
      const int quality = i / 12, n = nm_chord_get_intervals(quality, intervals);
      for (int k = 0; k < n; ++k) {
        char name[NM_CHORD_NAME_LEN];
        const NmChord chord = {.root = (int8_t)(i % 12),
                               .bass = (int8_t)((i % 12 + intervals[k]) % 12),
                               .quality = (int8_t)quality,
                               .fifths = (int8_t)fifths};
        NmChord read = {0};
        if (!nm_chord_parse(nm_chord_get_name(&chord, name), &read)) fail_msg("%s is not read", name);
        if (!nm_chord_equal(&chord, &read)) fail_msg("%s is read as another chord", name);
      }
    }
}

static void test_other_names(void **state)
{
  static const char *const wrong[] = {"", "H", "c", "Cadd9", "C/", "C/D", "C/E5", "Csus4", "7", "C m"};
  NmChord chord = {.root = 5}, other;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    if (nm_chord_parse(wrong[i], &chord)) fail_msg("\"%s\" is read", wrong[i]);
    assert_int_equal(chord.root, 5);
  }
  assert_true(nm_chord_parse("Bbmin7", &chord) && nm_chord_parse("A#m7", &other));
  assert_true(nm_chord_equal(&chord, &other));
  assert_true(nm_chord_parse("F#\u00f8/C", &chord) && nm_chord_parse("Gbm7b5/C", &other));
  assert_true(nm_chord_equal(&chord, &other));
}

static NmSong *draw_song(uint64_t seed)
{
  NmRng rng;
  nm_rng_init(&rng, seed);
  return nm_random_song(&rng,
                        &(NmRandomSong){.n_notes_max = 60, .tuplets = true, .pickups = true, .maps = true});
}

// Chords tile from the beginning to the end, wished ones where they are wished.
static void check_wishes(uint64_t seed)
{
  static const char *const names[] = {"Am7", "F/A", "G7", NULL, "nonsense", "Ebmaj7"};
  NmChordWish wishes[6];
  NmRng rng;
  nm_rng_init(&rng, seed + 100);
  NmSong *song = draw_song(seed);
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL), *found = nm_harmony_new(song, NULL, NULL);
  int64_t tick = (int64_t)nm_rng_below(&rng, 300);
  for (int i = 0; i < 6; ++i) {
    wishes[i] = (NmChordWish){tick, names[nm_rng_below(&rng, 6)]};
    tick += 1 + (int64_t)nm_rng_below(&rng, 1000);
  }
  assert_int_equal(nm_harmony_wish(harmony, song, wishes, 6), NM_OK);
  int64_t at = found->n_chords ? found->chords[0].tick : 0;
  for (int32_t i = 0; i < harmony->n_chords;
       ++i, at = harmony->chords[i - 1].tick + harmony->chords[i - 1].len)
    assert_true(harmony->chords[i].tick == at && harmony->chords[i].len > 0);
  const int64_t end = nm_song_get_end(song);
  for (int64_t t = 0; t < end; t += 7) {
    const NmChord *is = nm_harmony_get_chord(harmony, t), *was = nm_harmony_get_chord(found, t);
    int w = -1;
    while (w + 1 < 6 && wishes[w + 1].tick <= t) ++w;
    NmChord wished = {0};
    assert_int_equal(is != NULL, was != NULL);
    if (!is) continue;
    const bool is_wished = w >= 0 && wishes[w].name && nm_chord_parse(wishes[w].name, &wished);
    assert_true(nm_chord_equal(is, is_wished ? &wished : was));
  }
  NmPerformance *performance = nm_performance_new(song, harmony, &(NmPerformanceStyle){.seed = seed}, NULL);
  assert_non_null(performance);
  nm_performance_free(performance);
  nm_harmony_free(found);
  nm_harmony_free(harmony);
  nm_song_free(song);
}

static void test_wishes(void **state)
{
  for (uint64_t seed = 0; seed < 60; ++seed) check_wishes(seed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_other_names),
                                     cmocka_unit_test(test_wishes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
