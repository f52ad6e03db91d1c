// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever the text says: no crash, every word has phones, spans are in order, and silence is explained.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/text/text.h"
#include "tests/support/fail_alloc.h"

static NmText *text;

static int set_up(void **state)
{
  NmError err = {0};
  text = nm_text_new(NM_LEXICON, NULL, &err);
  return text ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_text_free(text);
  return 0;
}

static void check_sentence(const NmSentence *s, size_t len)
{
  int32_t phone = 0, syllable = -1;
  size_t source = 0;
  for (int32_t i = 0; i < s->n_words; i++) {
    const NmWord *word = &s->words[i];
    assert_true(word->n_phones >= 1);
    assert_int_equal(word->phone_first, phone);
    phone += word->n_phones;
    assert_true(word->source_start >= source);
    source = word->source_start;
    assert_true(word->source_start + word->len_source <= len);
    assert_true(strlen(word->text) > 0);
    assert_true(word->boundary < NM_N_BOUNDARIES);
  }
  assert_int_equal(phone, s->n_phones);
  for (int32_t i = 0; i < s->n_phones; i++) {
    assert_true(s->phones[i] > NM_PHONE_PAUSE && s->phones[i] < NM_N_PHONES);
    assert_true(s->syllables[i] == syllable || s->syllables[i] == syllable + 1);
    syllable = s->syllables[i];
  }
  assert_int_equal(syllable + 1, s->n_syllables);
  for (int32_t i = 0; i < s->n_notes; i++)
    assert_true(s->notes[i].source_start <= len && *s->notes[i].message);
}

static void analyse(const char *utf8, size_t len, NmSentence *sentence)
{
  for (int say_as = NM_SAY_TELEPHONE; say_as >= NM_SAY_PLAIN; say_as--) {
    assert_int_equal(nm_text_analyse(text, utf8, len, (NmSayAs)say_as, sentence, NULL), NM_OK);
    check_sentence(sentence, len);
  }
}

static void test_nothing_to_say(void **state)
{
  NmSentence s;
  analyse("", 0, &s);
  assert_int_equal(s.n_words, 0);
  assert_int_equal(s.n_notes, 0);
  analyse(" \t\n", 3, &s);
  assert_int_equal(s.n_words, 0);
  assert_int_equal(s.n_notes, 0);
  static const char *const silent[] = {"!!!",
                                       "...",
                                       "\xf0\x9f\x98\x80",
                                       "\xe6\xbc\xa2\xe5\xad\x97",
                                       "\xff\xfe",
                                       "\x01",
                                       "\xf4\x8f\xbf\xbf",
                                       "[[]]",
                                       "[[XX]]",
                                       "***",
                                       "()",
                                       "\"\"",
                                       "- -",
                                       "\xe2\x80\xa0"};
  for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
    assert_int_equal(nm_text_analyse(text, silent[i], strlen(silent[i]), NM_SAY_PLAIN, &s, NULL), NM_OK);
    assert_int_equal(s.n_words, 0);
    assert_true(s.n_notes >= 1);
  }
}

static void test_bytes_that_are_not_utf8(void **state)
{
  NmSentence s;
  const char *utf8 = "caf\xc3 ol\xe9 \x80\x80 ok \xf0\x9f";
  analyse(utf8, strlen(utf8), &s);
  assert_true(s.n_words >= 3);
  assert_int_equal(s.n_notes, 1);
  assert_int_equal(s.notes[0].source_start, 3);
}

static void test_spans_point_into_the_text(void **state)
{
  NmSentence s;
  const char *utf8 = "In 1984 na\xc3\xafve caf\xc3\xa9s, $3.50!";
  analyse(utf8, strlen(utf8), &s);
  assert_int_equal(s.words[1].source_start, 3);
  assert_int_equal(s.words[1].len_source, 4);
  assert_int_equal(s.words[3].source_start, 3);
  assert_string_equal(s.words[4].text, "naive");
  assert_int_equal(s.words[4].len_source, 6);
  assert_int_equal(s.words[5].source_start, 15);
  assert_int_equal(s.words[6].source_start, 23);
  assert_int_equal(s.words[6].len_source, 5);
}

static void test_long_digits_and_long_words(void **state)
{
  enum { N = 20000 };
  static char big[N];
  NmSentence s;
  static const char fillers[] = "1a.'-@/[0,$(+x:I";
  for (size_t k = 0; k + 1 < sizeof fillers; k++) {
    memset(big, fillers[k], N);
    assert_int_equal(nm_text_analyse(text, big, NM_SENTENCE_LEN_MAX, NM_SAY_PLAIN, &s, NULL), NM_OK);
    check_sentence(&s, NM_SENTENCE_LEN_MAX);
  }
  memset(big, '7', N);
  assert_int_equal(nm_text_analyse(text, big, N, NM_SAY_PLAIN, &s, NULL), NM_OK);
  assert_int_equal(s.n_words, N);
  assert_string_equal(s.words[N - 1].text, "seven");
}

static void test_a_megabyte_line(void **state)
{
  enum { N = 1 << 20 };
  char *big = malloc(N);
  assert_non_null(big);
  for (size_t i = 0; i < N; i++) big[i] = (char)('a' + i * i % 26);
  size_t n_words = 0;
  for (size_t at = 0; at < N;) {
    NmSentence s;
    const size_t step = nm_text_find_sentence(big + at, N - at, true, NULL);
    assert_int_equal(nm_text_analyse(text, big + at, step, NM_SAY_PLAIN, &s, NULL), NM_OK);
    check_sentence(&s, step);
    n_words += (size_t)s.n_words;
    at += step;
  }
  assert_true(n_words > 10000);
  free(big);
}

static void test_random_texts(void **state)
{
  static const char pieces[][12] = {
      "1",        "23", ",",  ".",        "/",    ":",       "-",       "$",        "%",
      " ",        " ",  "a",  "St",       "Mr",   "May",     "pm",      "III",      "'",
      "\"",       "[[", "]]", "AH0",      "@",    "www",     "http://", "\xc3\xa9", "\xe2\x80\x94",
      "\xc2\xbd", "x",  "kg", "\xc2\xb0", "C",    "'s",      "U.S.",    "th",       "s",
      "(",        ")",  "+",  "e.g.",     "\xff", "No",      "Henry",   "I",        "V",
      "A",        "&",  "#",  "~",        "^2",   "o'clock", "read",    "the"};
  NmRng rng;
  nm_rng_init(&rng, 7);
  for (int round = 0; round < 20000; round++) {
    char utf8[512];
    size_t len = 0;
    const uint64_t n = 1 + nm_rng_below(&rng, 24);
    for (uint64_t i = 0; i < n; i++) {
      const char *piece = pieces[nm_rng_below(&rng, sizeof pieces / sizeof *pieces)];
      memcpy(utf8 + len, piece, strlen(piece));
      len += strlen(piece);
    }
    NmSentence s;
    const NmSayAs say_as = (NmSayAs)nm_rng_below(&rng, NM_SAY_TELEPHONE + 1);
    assert_int_equal(nm_text_analyse(text, utf8, len, say_as, &s, NULL), NM_OK);
    check_sentence(&s, len);
  }
}

static void test_random_bytes(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 8);
  for (int round = 0; round < 5000; round++) {
    char utf8[64];
    const size_t len = nm_rng_below(&rng, sizeof utf8);
    for (size_t i = 0; i < len; i++) utf8[i] = (char)nm_rng_below(&rng, 256);
    NmSentence s;
    assert_int_equal(nm_text_analyse(text, utf8, len, NM_SAY_PLAIN, &s, NULL), NM_OK);
    check_sentence(&s, len);
  }
}

static void test_the_same_text_gives_the_same_phones(void **state)
{
  NmSentence s;
  const char *utf8 = "Dr. Zorblax read 3 books on 5 May, didn't he?";
  analyse(utf8, strlen(utf8), &s);
  const size_t size = sizeof(int32_t) * (size_t)s.n_phones;
  int32_t *first = malloc(size);
  memcpy(first, s.phones, size);
  analyse("something else", 14, &s);
  analyse(utf8, strlen(utf8), &s);
  assert_memory_equal(first, s.phones, size);
  free(first);
}

static void test_works_without_a_lexicon(void **state)
{
  NmSentence s;
  NmText *bare = nm_text_new(NULL, NULL, NULL);
  assert_non_null(bare);
  assert_int_equal(nm_text_analyse(bare, "the cat sat on 3 mats", 21, NM_SAY_PLAIN, &s, NULL), NM_OK);
  check_sentence(&s, 21);
  assert_int_equal(s.n_words, 6);
  nm_text_free(bare);
}

static bool open_and_say(void *ctx)
{
  NmSentence s;
  const char *utf8 = "Hello, [[HH AH0]] Dr. Smith of 1984 \xff!";
  NmText *own = nm_text_new(NM_LEXICON, NULL, NULL);
  const bool ok = own && nm_text_analyse(own, utf8, strlen(utf8), NM_SAY_PLAIN, &s, NULL) == NM_OK;
  nm_text_free(own);
  return ok;
}

static void test_memory_may_run_out_anywhere(void **state)
{
  assert_true(nm_fail_alloc_each(open_and_say, NULL, true) > 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nothing_to_say),
      cmocka_unit_test(test_bytes_that_are_not_utf8),
      cmocka_unit_test(test_spans_point_into_the_text),
      cmocka_unit_test(test_long_digits_and_long_words),
      cmocka_unit_test(test_a_megabyte_line),
      cmocka_unit_test(test_random_texts),
      cmocka_unit_test(test_random_bytes),
      cmocka_unit_test(test_the_same_text_gives_the_same_phones),
      cmocka_unit_test(test_works_without_a_lexicon),
      cmocka_unit_test(test_memory_may_run_out_anywhere),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
