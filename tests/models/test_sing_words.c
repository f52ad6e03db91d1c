// SPDX-License-Identifier: GPL-3.0-or-later
// Phones divided among written syllables, and sounds held longer than speech has them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dsp/base/hash.h"
#include "dsp/base/rng.h"
#include "models/sing/syllables.h"
#include "models/speech/even.h"
#include "models/speech/hold.h"

enum { N_TEXTS = 8 };

static void test_divide(void **state)
{
  static const struct {
    const char *reading, *texts[N_TEXTS], *expected;
  } cases[] = {
      {"HH AE1 P IY0", {"hap", "py"}, "HH AE1|P IY0"},
      {"EH1 V ER0 IY0", {"ev", "'ry"}, "EH1|V R IY0"},
      {"EH1 V ER0 IY0", {"ev", "er", "y"}, "EH1|V ER0|IY0"},
      {"P R EH1 R", {"pray", "er"}, "P R EH1|ER0"},
      {"F AY1 R", {"fi", "re"}, "F AY1|ER0"},
      {"G L AO1 R IY0 AH0", {"glo", "o", "o", "ri", "a"}, "G L AO1|AO0|AO0|R IY0|AH0"},
      {"L AH1 V", {"lo", "ove"}, "L AH1|AH0 V"},
      {"HH EH1 V AH0 N", {"heav'n"}, "HH EH1 V N"},
      {"SH", {"sh", "sh"}, "SH|SH"},
      {"N AY1 N T IY1 N EY1 T IY0 F AO1 R", {"1984"}, "N AY1 N T IY1 N EY1 T IY0 F AO1 R"},
      {"AA1", {"a", "a", "a"}, "AA1|AA0|AA0"},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
    NmReading reading;
    NmSungPiece pieces[N_TEXTS];
    char found[200] = "";
    int32_t n = 0;
    while (n < N_TEXTS && cases[c].texts[n]) ++n;
    assert_true(nm_reading_parse(&reading, cases[c].reading, strlen(cases[c].reading)));
    assert_true(nm_sung_divide(&reading, cases[c].texts, n, pieces));
    for (int32_t k = 0; k < n; ++k)
      for (int32_t i = 0; i < pieces[k].n; ++i) {
        const char *gap = found[0] == '\0' ? "" : i ? " " : "|";
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s", gap,
                 nm_phone_name(reading.phones[pieces[k].first + i]));
      }
    assert_string_equal(found, cases[c].expected);
  }
}

// Any phones under any letters: no piece is empty, together they are the reading.
static void test_divide_anything(void **state)
{
  static const char *const letters[] = {"a", "b", "tion", "'", "", "rhy", "\xc3\xa9", "strength", "oo", "-"};
  NmRng rng;
  nm_rng_init(&rng, 3);
  for (int i = 0; i < 3000; ++i) {
    const char *texts[12];
    int32_t phones[20];
    NmReading reading;
    NmSungPiece pieces[12];
    const int32_t n = 1 + (int32_t)nm_rng_below(&rng, 12), n_phones = 1 + (int32_t)nm_rng_below(&rng, 20);
    for (int32_t k = 0; k < n; ++k) texts[k] = letters[nm_rng_below(&rng, 10)];
    for (int32_t k = 0; k < n_phones; ++k) phones[k] = 1 + (int32_t)nm_rng_below(&rng, NM_N_PHONES - 1);
    nm_reading_set_phones(&reading, phones, n_phones);
    assert_true(nm_sung_divide(&reading, texts, n, pieces));
    int32_t at = 0;
    for (int32_t k = 0; k < n; ++k) {
      assert_int_equal(pieces[k].first, at);
      assert_true(pieces[k].n >= 1);
      at += pieces[k].n;
    }
    assert_int_equal(at, reading.n);
  }
}

static void test_hold(void **state)
{
  float places[500];
  for (int32_t phone = 0; phone < NM_N_PHONES; ++phone)
    for (int32_t n = 1; n < 500; n += n < 40 ? 1 : 37) {
      const int32_t n_made = nm_hold_get_n_made(phone, n);
      assert_true(n_made >= 1 && n_made <= n);
      nm_hold_find_places(phone, n_made, n, places);
      assert_true(places[0] == 0 && fabsf(places[n - 1] - (float)(n_made - 1)) < 1e-4);
      for (int32_t i = 1; i < n; ++i)
        assert_true(places[i] >= places[i - 1] && places[i] <= places[i - 1] + 1.001f);
      if (n_made < n) continue;
      for (int32_t i = 0; i < n; ++i) assert_true(places[i] == (float)i);
    }
}

static void test_hold_reads_between(void **state)
{
  static const float rows[] = {0, 10, 1, 20, 4, 40};
  float row[2];
  nm_hold_read(rows, 3, 2, 1.5f, row);
  assert_true(fabsf(row[0] - 2.5f) < 1e-6 && fabsf(row[1] - 30) < 1e-5);
  nm_hold_read(rows, 3, 2, 2, row);
  assert_true(row[0] == 4 && row[1] == 40);
  nm_hold_read(rows, 3, 2, 9, row);
  assert_true(row[0] == 4 && row[1] == 40);
}

// Vowels 20 dB apart come nearer, what is held keeps its level, pauses are left between.
static void test_even_levels(void **state)
{
  enum { N = 5, FRAMES = 30, T = N * FRAMES, BANDS = NM_ACOUSTIC_N_BANDS };
  static float envelope[T * BANDS], gains[T];
  static const int32_t kinds[N] = {NM_PHONE_PAUSE, NM_PHONE_VOWEL_FIRST, 1, NM_PHONE_VOWEL_FIRST,
                                   NM_PHONE_PAUSE};
  static const float levels[N] = {-8, 0, -4, -1.2f, -8};
  NmVoicePhone phones[N];
  for (int k = 0; k < N; ++k) {
    phones[k] = (NmVoicePhone){.phone = kinds[k], .n_frames = FRAMES};
    for (int i = 0; i < FRAMES * BANDS; ++i)
      envelope[k * FRAMES * BANDS + i] = levels[k] - (k == 3 ? .02f * (float)(i / BANDS) : 0);
  }
  nm_even_levels(phones, N, T, .7f, envelope, gains);
  const float loud = envelope[45 * BANDS], soft = envelope[105 * BANDS];
  assert_true(loud < -.2f && loud > -.75f && soft > -1.2f);
  assert_true(loud - soft < .5f * 1.5f);
  assert_true(fabsf(envelope[97 * BANDS] - envelope[113 * BANDS]) < .5f * .02f * 16);
  assert_true(envelope[10 * BANDS] < -7);
  const float before = envelope[45 * BANDS];
  nm_even_levels(phones, N, T, 0, envelope, gains);
  assert_true(envelope[45 * BANDS] == before);
  nm_even_levels(phones, 1, FRAMES, .7f, envelope, gains); // no vowel
}

static NmHash hash_of(const void *bytes, size_t n)
{
  NmHash hash;
  nm_hash_init(&hash);
  nm_hash_add(&hash, bytes, n);
  return hash;
}

// Fixed for all time: hashes are names of files.
static void test_hash(void **state)
{
  const NmHash a = hash_of("neume", 5), b = hash_of("neumf", 5), c = hash_of("neume\0", 6);
  assert_int_equal(a.word[0], 0x5e18e1c23c251a17u);
  assert_int_equal(a.word[1], 0x7ed78e315c6c7ceeu);
  assert_true(a.word[0] != b.word[0] && a.word[1] != b.word[1]);
  assert_true(a.word[0] != c.word[0] && a.word[1] != c.word[1]);
  NmHash plus, minus;
  nm_hash_init(&plus);
  nm_hash_init(&minus);
  nm_hash_add_real(&plus, 0.);
  nm_hash_add_real(&minus, -0.);
  assert_memory_equal(&plus, &minus, sizeof plus);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_divide),      cmocka_unit_test(test_divide_anything),
      cmocka_unit_test(test_hold),        cmocka_unit_test(test_hold_reads_between),
      cmocka_unit_test(test_even_levels), cmocka_unit_test(test_hash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
