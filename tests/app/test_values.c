// SPDX-License-Identifier: GPL-3.0-or-later
// Prosody values and pronunciations as people write them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "app/formats/phoneme_values.h"
#include "app/formats/prosody_values.h"

static const double wrong = -12345; // not understood

static double rate(const char *text)
{
  NmProsody prosody = nm_prosody_plain();
  return nm_prosody_parse_rate(text, &prosody) ? prosody.rate : wrong;
}

static double pitch(const char *text)
{
  NmProsody prosody = nm_prosody_plain();
  return nm_prosody_parse_pitch(text, 150, &prosody) ? prosody.pitch_semitones : wrong;
}

static double range(const char *text)
{
  NmProsody prosody = nm_prosody_plain();
  return nm_prosody_parse_range(text, &prosody) ? prosody.pitch_range : wrong;
}

static double energy(const char *text)
{
  NmProsody prosody = nm_prosody_plain();
  return nm_prosody_parse_energy(text, &prosody) ? prosody.energy_db : wrong;
}

static double time_s(const char *text)
{
  double seconds = wrong;
  return nm_prosody_parse_time(text, &seconds) ? seconds : wrong;
}

static void check(double (*parse)(const char *), const char *text, double expected)
{
  const double value = parse(text);
  if (!(value >= expected - 1e-4 && value <= expected + 1e-4)) {
    fail_msg("'%s' was read as %g, not %g", text, value, expected);
  }
}

static void test_rate(void **state)
{
  check(rate, "1.2", 1.2);
  check(rate, "120%", 1.2);
  check(rate, "+20%", 1.2);
  check(rate, "-50%", .5);
  check(rate, "FAST", 1.35);
  check(rate, " 2 ", 2);
  static const char *const bad[] = {"",    "quick", "0",   "-1",    "11",  "1e9",
                                    "nan", "inf",   "0x2", "1.2st", "2 x", "%"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) check(rate, bad[i], wrong);
}

static void test_pitch(void **state)
{
  check(pitch, "3", 3);
  check(pitch, "-2st", -2);
  check(pitch, "+3.5st", 3.5);
  check(pitch, "200%", 12);
  check(pitch, "+100%", 12);
  check(pitch, "-50%", -12);
  check(pitch, "+150Hz", 12);
  check(pitch, "low", -2.5);
  static const char *const bad[] = {"", "40", "-100%", "-150Hz", "5Hz", "9999Hz", "nan", "3dB", "st"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) check(pitch, bad[i], wrong);
  NmProsody prosody = nm_prosody_plain();
  assert_true(nm_prosody_parse_pitch("180Hz", 150, &prosody));
  assert_float_equal(prosody.pitch_hz, 180, 1e-3);
}

static void test_range_energy_time(void **state)
{
  check(range, "0", 0);
  check(range, "50%", .5);
  check(range, "+50%", 1.5);
  check(range, "x-high", 2);
  check(range, "-10", wrong);
  check(energy, "+6dB", 6);
  check(energy, "-3", -3);
  check(energy, "50%", -6.0206);
  check(energy, "0%", -60);
  check(energy, "loud", 4);
  check(energy, "21", wrong);
  check(energy, "6st", wrong);
  check(time_s, "500ms", .5);
  check(time_s, "1.5s", 1.5);
  check(time_s, ".25s", .25);
  check(time_s, "1", wrong);
  check(time_s, "-1s", wrong);
  check(time_s, "1e300s", wrong);
}

static void test_value_that_fails_changes_nothing(void **state)
{
  NmProsody prosody = nm_prosody_plain();
  assert_false(nm_prosody_parse_rate("99", &prosody));
  assert_false(nm_prosody_parse_pitch("99", 150, &prosody));
  assert_false(nm_prosody_parse_energy("99", &prosody));
  const NmProsody plain = nm_prosody_plain();
  assert_memory_equal(&prosody, &plain, sizeof plain);
}

static void check_phones(bool (*parse)(const char *, char *, size_t), const char *text, const char *expected)
{
  char phones[256] = "";
  const bool understood = parse(text, phones, sizeof phones);
  if (understood != (expected != NULL)) fail_msg("'%s' was %sunderstood", text, understood ? "" : "not ");
  if (expected) assert_string_equal(phones, expected);
}

static void test_arpabet(void **state)
{
  check_phones(nm_phonemes_from_arpabet, "hh ah0 l ow1", "HH AH0 L OW1");
  check_phones(nm_phonemes_from_arpabet, "HH.AH.L.OW", "HH AH1 L OW0");
  check_phones(nm_phonemes_from_arpabet, "K  AE-T", "K AE1 T");
  check_phones(nm_phonemes_from_arpabet, "", NULL);
  check_phones(nm_phonemes_from_arpabet, "K QQ T", NULL);
  check_phones(nm_phonemes_from_arpabet, "pau", NULL);
}

static void test_ipa(void **state)
{
  check_phones(nm_phonemes_from_ipa, "təˈmeɪtoʊ", "T AH0 M EY1 T OW0");
  check_phones(nm_phonemes_from_ipa, "/ˈt͡ʃɜːt͡ʃ/", "CH ER1 CH");
  check_phones(nm_phonemes_from_ipa, "kæt", "K AE1 T");
  check_phones(nm_phonemes_from_ipa, "ˌɪnfɚˈmeɪʃən", "IH2 N F ER0 M EY1 SH AH0 N");
  check_phones(nm_phonemes_from_ipa, "", NULL);
  check_phones(nm_phonemes_from_ipa, "ʘ", NULL);
}

// A pronunciation that does not fit is refused, not cut.
static void test_phones_fit(void **state)
{
  char phones[12];
  assert_true(nm_phonemes_from_arpabet("K AE1 T", phones, sizeof phones));
  assert_false(nm_phonemes_from_arpabet("K AE1 T K AE1 T", phones, sizeof phones));
  static char endless[4096];
  for (size_t i = 0; i + 2 < sizeof endless; i += 2) endless[i] = 'K', endless[i + 1] = ' ';
  char many[8192];
  assert_false(nm_phonemes_from_arpabet(endless, many, sizeof many));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rate),
      cmocka_unit_test(test_pitch),
      cmocka_unit_test(test_range_energy_time),
      cmocka_unit_test(test_value_that_fails_changes_nothing),
      cmocka_unit_test(test_arpabet),
      cmocka_unit_test(test_ipa),
      cmocka_unit_test(test_phones_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
