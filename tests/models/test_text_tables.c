// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of tests/data/text_*.tsv: what is written, and how it must be read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/text/text.h"

static NmText *text;

static int set_up(void **state)
{
  NmError err = {0};
  text = nm_text_new(NM_LEXICON, NULL, &err);
  if (!text) fprintf(stderr, "%s\n", err.message);
  return text ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_text_free(text);
  return 0;
}

// The words, each followed by its boundary: "hello , world !".
static void write_words(const NmSentence *sentence, char *out, size_t size)
{
  static const char *const marks[] = {"", " ,", " -", " ;", " .", " !", " ?"};
  size_t n = 0;
  out[0] = '\0';
  for (int32_t i = 0; i < sentence->n_words && n < size; i++)
    n += (size_t)snprintf(out + n, size - n, "%s%s%s", i ? " " : "", sentence->words[i].text,
                          marks[sentence->words[i].boundary]);
}

static void write_phones(const NmSentence *sentence, const NmWord *word, char *out, size_t size)
{
  size_t n = 0;
  out[0] = '\0';
  for (int32_t i = 0; i < word->n_phones && n < size; i++)
    n += (size_t)snprintf(out + n, size - n, "%s%s", i ? " " : "",
                          nm_phone_name(sentence->phones[word->phone_first + i]));
}

typedef bool (*RowCheck)(char **fields, char *found, size_t size);

// Calls `check` for each row of `n_fields` columns; fails when one of them did, or when there are too few.
static void run_table(const char *name, int n_fields, int n_rows_min, RowCheck check)
{
  char path[512], line[8192], found[8192];
  snprintf(path, sizeof path, "%s/data/%s", NM_TEST_DATA, name);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  int n_rows = 0, n_wrong = 0;
  while (fgets(line, sizeof line, file)) {
    char *fields[4] = {line};
    int n = 1;
    if (line[0] == '#' && line[1] == ' ') continue;
    line[strcspn(line, "\n")] = '\0';
    for (char *p = line; *p; p++)
      if (*p == '\t' && n < n_fields) *p = '\0', fields[n++] = p + 1;
    assert_int_equal(n, n_fields);
    n_rows++;
    if (check(fields, found, sizeof found)) continue;
    n_wrong++;
    print_error("%s: \"%s\": expected \"%s\", found \"%s\"\n", name, fields[n_fields == 2 ? 0 : n_fields - 2],
                fields[n_fields - 1], found);
  }
  fclose(file);
  assert_true(n_rows >= n_rows_min);
  assert_int_equal(n_wrong, 0);
}

static bool check_normalised(char **fields, char *found, size_t size)
{
  NmSentence sentence;
  assert_int_equal(nm_text_analyse(text, fields[0], strlen(fields[0]), NM_SAY_PLAIN, &sentence, NULL), NM_OK);
  write_words(&sentence, found, size);
  if (sentence.n_words == 0 && sentence.n_notes == 0) return false;
  return strcmp(found, fields[1]) == 0;
}

static void test_texts_are_normalised(void **state)
{
  run_table("text_normalise.tsv", 2, 700, check_normalised);
}

static bool check_said_as(char **fields, char *found, size_t size)
{
  static const char *const names[] = {"plain",  "characters", "cardinal", "ordinal",
                                      "digits", "date",       "time",     "telephone"};
  NmSentence sentence;
  NmSayAs say_as = NM_SAY_PLAIN;
  for (int i = 0; i < 8; i++)
    if (strcmp(fields[0], names[i]) == 0) say_as = (NmSayAs)i;
  assert_true(say_as != NM_SAY_PLAIN);
  assert_int_equal(nm_text_analyse(text, fields[1], strlen(fields[1]), say_as, &sentence, NULL), NM_OK);
  write_words(&sentence, found, size);
  return strcmp(found, fields[2]) == 0;
}

static void test_texts_are_said_as_asked(void **state)
{
  run_table("text_say_as.tsv", 3, 18, check_said_as);
}

static bool check_word_in_sentence(char **fields, char *found, size_t size)
{
  NmSentence sentence;
  assert_int_equal(nm_text_analyse(text, fields[0], strlen(fields[0]), NM_SAY_PLAIN, &sentence, NULL), NM_OK);
  snprintf(found, size, "no such word");
  for (int32_t i = 0; i < sentence.n_words; i++)
    if (strcmp(sentence.words[i].text, fields[1]) == 0)
      write_phones(&sentence, &sentence.words[i], found, size);
  return strcmp(found, fields[2]) == 0;
}

static void test_heteronyms_follow_their_sentence(void **state)
{
  run_table("text_heteronyms.tsv", 3, 100, check_word_in_sentence);
}

static bool check_word(char **fields, char *found, size_t size)
{
  NmSentence sentence;
  assert_int_equal(nm_text_analyse(text, fields[0], strlen(fields[0]), NM_SAY_PLAIN, &sentence, NULL), NM_OK);
  snprintf(found, size, "%d words", (int)sentence.n_words);
  if (sentence.n_words != 1) return false;
  write_phones(&sentence, &sentence.words[0], found, size);
  return strcmp(found, fields[1]) == 0;
}

static void test_words_are_pronounced(void **state)
{
  run_table("text_phones.tsv", 2, 60, check_word);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_texts_are_normalised),
      cmocka_unit_test(test_texts_are_said_as_asked),
      cmocka_unit_test(test_heteronyms_follow_their_sentence),
      cmocka_unit_test(test_words_are_pronounced),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
