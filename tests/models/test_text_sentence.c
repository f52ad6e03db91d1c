// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "models/text/text.h"

// Puts '|' after every sentence.
static void split(const char *utf8, char *out)
{
  size_t at = 0, n = 0;
  const size_t len = strlen(utf8);
  while (at < len) {
    const size_t step = nm_text_find_sentence(utf8 + at, len - at, true, NULL);
    assert_true(step > 0 && step <= len - at);
    memcpy(out + n, utf8 + at, step);
    n += step;
    out[n++] = '|';
    at += step;
  }
  out[n] = '\0';
}

static void test_sentences_end_where_they_should(void **state)
{
  static const char *const rows[] = {
      "One. |Two.|",
      "Hello! |How are you? |Fine.|",
      "What?! |No.|",
      "Dr. Smith is in. |He is busy.|",
      "Mr. and Mrs. Smith vs. Mr. Jones.|",
      "I met J. R. R. Tolkien. |He smiled.|",
      "It cost $3.50. |Cheap.|",
      "The U.S. Army left. |It returned.|",
      "He lives in the U.S. |He likes it.|",
      "At 5 p.m. the bell rang. |We left.|",
      "Apples, pears, etc. are fruit. |Yes.|",
      "No. 5 is alive. |No. |Never.|",
      "e.g. this one. |Next.|",
      "\"Stop!\" |\"Why?\" he asked.|",
      "\"Stop!\" he cried. |She did.|",
      "(It rained.) |Then it snowed.|",
      "Wait... |What?|",
      "Wait... what?|",
      "He said \xe2\x80\x9cgo.\xe2\x80\x9d |She went.|",
      "Visit example.com. |Now.|",
      "Version 1.2.3 is out. |Get it.|",
      "one\ntwo\nthree|",
      "Heading\n\n|Body text.|",
      "a.b.c|",
      "Plan B. |Then we left.|",
      "St. Paul's is old. |It stands.|",
      "5 Main St. |He left.|",
      "End. |5 people came.|",
      "   |",
      "!|",
  };
  // The rows above are the answers; the question is the row without its bars.
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char question[256], answer[512];
    size_t n = 0;
    for (const char *p = rows[i]; *p; p++)
      if (*p != '|') question[n++] = *p;
    question[n] = '\0';
    split(question, answer);
    assert_string_equal(answer, rows[i]);
  }
}

static void test_more_text_is_asked_for(void **state)
{
  static const char *const rows[] = {"", "Hello", "Hello.", "Hello. ", "Mr.", "Hello\n", "Hello.\n"};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_int_equal(nm_text_find_sentence(rows[i], strlen(rows[i]), false, NULL), 0);
  assert_int_equal(nm_text_find_sentence("Hello. W", 8, false, NULL), 7);
  assert_int_equal(nm_text_find_sentence("", 0, true, NULL), 0);
}

static void test_paragraphs_are_told(void **state)
{
  bool paragraph = true;
  assert_int_equal(nm_text_find_sentence("One. Two.", 9, true, &paragraph), 5);
  assert_false(paragraph);
  assert_int_equal(nm_text_find_sentence("One.\n\nTwo.", 10, true, &paragraph), 6);
  assert_true(paragraph);
  assert_int_equal(nm_text_find_sentence("One\n \nTwo.", 10, true, &paragraph), 6);
  assert_true(paragraph);
  assert_int_equal(nm_text_find_sentence("One\nTwo.", 8, true, &paragraph), 8);
  assert_false(paragraph);
}

// A long line without spaces is cut into whole characters, and nothing is lost.
static void test_a_megabyte_without_spaces(void **state)
{
  enum { N = 1 << 20 };
  char *big = malloc(N);
  assert_non_null(big);
  for (size_t i = 0; i + 2 <= N; i += 2) memcpy(big + i, "\xc3\xa9", 2);
  size_t at = 0, n_steps = 0;
  while (at < N) {
    const size_t step = nm_text_find_sentence(big + at, N - at, true, NULL);
    assert_true(step > 0 && step <= NM_SENTENCE_LEN_MAX && step % 2 == 0);
    at += step;
    n_steps++;
  }
  assert_true(n_steps <= 2 * N / NM_SENTENCE_LEN_MAX);
  free(big);
}

static void test_long_sentences_are_cut_at_the_best_place(void **state)
{
  enum { N = 5000 };
  char big[N];
  memset(big, 'a', N);
  for (size_t i = 9; i < N; i += 10) big[i] = ' ';
  assert_int_equal(nm_text_find_sentence(big, N, true, NULL), 2000);
  big[1508] = ',';
  assert_int_equal(nm_text_find_sentence(big, N, true, NULL), 1510);
  assert_int_equal(nm_text_find_sentence(big, N, false, NULL), 1510);
}

static void test_white_space_and_noise_move_on(void **state)
{
  enum { N = 100000 };
  static char big[N];
  static const char fillers[] = {' ', '\n', '.', '?', '\0', (char)0x80, (char)0xff, '\'', '"'};
  for (size_t k = 0; k < sizeof fillers; k++) {
    memset(big, fillers[k], N);
    size_t n_steps = 0;
    for (size_t at = 0; at < N; n_steps++) {
      const size_t step = nm_text_find_sentence(big + at, N - at, true, NULL);
      assert_true(step > 0 && step <= NM_SENTENCE_LEN_MAX);
      at += step;
    }
    assert_true(n_steps <= 2 + 2 * N / NM_SENTENCE_LEN_MAX);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sentences_end_where_they_should),
      cmocka_unit_test(test_more_text_is_asked_for),
      cmocka_unit_test(test_paragraphs_are_told),
      cmocka_unit_test(test_a_megabyte_without_spaces),
      cmocka_unit_test(test_long_sentences_are_cut_at_the_best_place),
      cmocka_unit_test(test_white_space_and_noise_move_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
