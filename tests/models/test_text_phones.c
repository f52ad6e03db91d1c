// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "models/text/phones.h"
#include "models/text/syllables.h"

static void test_names_and_ids_agree(void **state)
{
  for (int32_t phone = 0; phone < NM_N_PHONES; phone++) {
    const char *name = nm_phone_name(phone);
    assert_non_null(name);
    assert_int_equal(nm_phone_find(name, strlen(name), 0), phone);
  }
  assert_null(nm_phone_name(-1));
  assert_null(nm_phone_name(NM_N_PHONES));
}

static void test_order_is_that_of_weights_files(void **state)
{
  assert_string_equal(nm_phone_name(NM_PHONE_PAUSE), "pau");
  assert_string_equal(nm_phone_name(1), "B");
  assert_string_equal(nm_phone_name(NM_N_CONSONANTS), "ZH");
  assert_string_equal(nm_phone_name(NM_PHONE_VOWEL_FIRST), "AA0");
  assert_string_equal(nm_phone_name(NM_N_PHONES - 1), "UW2");
}

static void test_names_are_found_in_any_case(void **state)
{
  assert_int_equal(nm_phone_find("hh", 2, 0), nm_phone_find("HH", 2, 0));
  assert_string_equal(nm_phone_name(nm_phone_find("ow", 2, 1)), "OW1");
  assert_string_equal(nm_phone_name(nm_phone_find("Ow2", 3, 1)), "OW2");
  assert_string_equal(nm_phone_name(nm_phone_find("S", 1, 1)), "S");
  assert_string_equal(nm_phone_name(nm_phone_find("SHARP", 2, 1)), "SH");
}

static void test_strangers_are_no_phones(void **state)
{
  static const char *const names[] = {"", "Q", "X", "AX", "OW3", "S1", "HHH", "OWOW", "1", "A", "PAUS"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    assert_int_equal(nm_phone_find(names[i], strlen(names[i]), 0), -1);
}

static void test_stress_is_changed_on_vowels_only(void **state)
{
  const int32_t ow1 = nm_phone_find("OW1", 3, 0), s = nm_phone_find("S", 1, 0);
  assert_int_equal(nm_phone_get_stress(ow1), 1);
  assert_int_equal(nm_phone_get_stress(s), -1);
  assert_string_equal(nm_phone_name(nm_phone_with_stress(ow1, 2)), "OW2");
  assert_int_equal(nm_phone_with_stress(s, 2), s);
}

static void test_voicing(void **state)
{
  static const char *const voiceless[] = {"CH", "F", "HH", "K", "P", "S", "SH", "T", "TH"};
  int n_voiceless = 0;
  for (int32_t phone = 1; phone < NM_N_PHONES; phone++) n_voiceless += !nm_phone_is_voiced(phone);
  assert_int_equal(n_voiceless, 9);
  for (size_t i = 0; i < 9; i++)
    assert_false(nm_phone_is_voiced(nm_phone_find(voiceless[i], strlen(voiceless[i]), 0)));
  assert_false(nm_phone_is_voiced(NM_PHONE_PAUSE));
}

// "S T R EH1 NG TH" with '-' before each syllable that was found.
static void syllabify(const char *names, char *out)
{
  int32_t phones[32], n = 0;
  bool starts[32];
  for (const char *p = names; *p;) {
    const size_t len = strcspn(p, " ");
    phones[n++] = nm_phone_find(p, len, 0);
    p += len + (p[len] == ' ');
  }
  nm_syllables_find(phones, n, starts);
  out[0] = '\0';
  for (int32_t i = 0; i < n; i++) {
    if (i) strcat(out, starts[i] ? " - " : " ");
    strcat(out, nm_phone_name(phones[i]));
  }
}

static void test_syllables_take_the_longest_onset(void **state)
{
  static const char *const rows[][2] = {{"IH0 K S T R IY1 M", "IH0 K - S T R IY1 M"},
                                        {"S T R EH1 NG K TH", "S T R EH1 NG K TH"},
                                        {"S IH1 NG IH0 NG", "S IH1 NG - IH0 NG"},
                                        {"EH1 N JH AH0 N", "EH1 N - JH AH0 N"},
                                        {"K IY0 AA1 S", "K IY0 - AA1 S"},
                                        {"AE1 T L AH0 S", "AE1 T - L AH0 S"},
                                        {"M AH1 S T", "M AH1 S T"},
                                        {"P S T", "P S T"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char found[128];
    syllabify(rows[i][0], found);
    assert_string_equal(found, rows[i][1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names_and_ids_agree),
      cmocka_unit_test(test_order_is_that_of_weights_files),
      cmocka_unit_test(test_names_are_found_in_any_case),
      cmocka_unit_test(test_strangers_are_no_phones),
      cmocka_unit_test(test_stress_is_changed_on_vowels_only),
      cmocka_unit_test(test_voicing),
      cmocka_unit_test(test_syllables_take_the_longest_onset),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
