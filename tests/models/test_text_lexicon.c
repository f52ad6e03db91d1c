// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsp/base/map.h"
#include "models/text/lexicon.h"

static NmLexicon *lexicon;
static char path_hostile[64];

static int set_up(void **state)
{
  NmError err = {0};
  lexicon = nm_lexicon_new(NM_LEXICON, &err);
  if (!lexicon) fprintf(stderr, "%s\n", err.message);
  snprintf(path_hostile, sizeof path_hostile, "hostile-%d.lexicon", (int)getpid());
  return lexicon ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_lexicon_free(lexicon);
  unlink(path_hostile);
  return 0;
}

static void expect_pron(const char *word, const char *expected)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  char found[256] = "";
  const int n = nm_lexicon_find(lexicon, word, strlen(word), prons);
  for (int i = 0; n > 0 && i < prons[0].n_phones; i++) {
    const bool starts = (prons[0].phones[i] & NM_LEXICON_SYLLABLE) != 0;
    if (i) strcat(found, starts ? " - " : " ");
    strcat(found, nm_phone_name(prons[0].phones[i] & ~NM_LEXICON_SYLLABLE));
  }
  assert_string_equal(found, expected);
}

static void test_words_are_found(void **state)
{
  expect_pron("hello", "HH AH0 - L OW1");
  expect_pron("abandon", "AH0 - B AE1 N - D AH0 N");
  expect_pron("abolition", "AE2 - B AH0 - L IH1 - SH AH0 N");
  expect_pron("zoo", "Z UW1");
  expect_pron("a", "AH0");
}

static void test_strangers_are_not_found(void **state)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  static const char *const words[] = {"", "\x01", "'", "zzzzzzzz", "hellooo", "HELLO", "hell o", "\xff\xff"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    assert_int_equal(nm_lexicon_find(lexicon, words[i], strlen(words[i]), prons), 0);
  char longest[200];
  memset(longest, 'a', sizeof longest);
  assert_int_equal(nm_lexicon_find(lexicon, longest, sizeof longest, prons), 0);
  assert_int_equal(nm_lexicon_find(NULL, "hello", 5, prons), 0);
}

static void test_nouns_and_verbs_are_told_apart(void **state)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  const int n = nm_lexicon_find(lexicon, "accent", 6, prons);
  assert_int_equal(n, 2);
  assert_int_equal(prons[0].pos, 'n');
  assert_int_equal(prons[1].pos, 'v');
}

typedef struct {
  char last[NM_LEXICON_WORD_MAX + 1];
  uint32_t n_words, n_wrong;
} Walk;

// Order, one primary stress at most, and that lookup finds what the walk shows.
static bool check_word(void *user, const char *word, size_t len, const NmPron *prons, int n_prons)
{
  Walk *walk = user;
  NmPron found[NM_LEXICON_PRONS_MAX];
  char text[NM_LEXICON_WORD_MAX + 1];
  memcpy(text, word, len);
  text[len] = '\0';
  bool ok = strcmp(walk->last, text) < 0 || walk->n_words == 0;
  ok = ok && nm_lexicon_find(lexicon, word, len, found) == n_prons && found[0].phones == prons[0].phones;
  for (int i = 0; i < n_prons; i++) {
    int n_primary = 0;
    for (int k = 0; k < prons[i].n_phones; k++)
      n_primary += nm_phone_get_stress(prons[i].phones[k] & ~NM_LEXICON_SYLLABLE) == 1;
    ok = ok && n_primary <= 1;
  }
  if (!ok && walk->n_wrong++ < 20) print_error("%s\n", text);
  strcpy(walk->last, text);
  walk->n_words++;
  return true;
}

static void test_every_word_is_in_order_and_found(void **state)
{
  Walk walk = {0};
  nm_lexicon_visit(lexicon, check_word, &walk);
  assert_int_equal(walk.n_words, nm_lexicon_get_n_words(lexicon));
  assert_true(walk.n_words > 120000);
  assert_int_equal(walk.n_wrong, 0);
}

static void test_file_is_small(void **state)
{
  NmMap map;
  assert_int_equal(nm_map_open(&map, NM_LEXICON, NULL), NM_OK);
  assert_true(map.size < 3u << 20);
  nm_map_close(&map);
}

// Writes `n` bytes as a lexicon and opens it.
static NmLexicon *open_bytes(const uint8_t *bytes, size_t n, NmError *err)
{
  FILE *file = fopen(path_hostile, "wb");
  assert_non_null(file);
  if (n) assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
  *err = (NmError){0};
  return nm_lexicon_new(path_hostile, err);
}

// Three words in one block: "a" AH0; "ab" AE1 B; "b" B IY1.
static size_t make_small(uint8_t *bytes)
{
  static const uint8_t data[] = {0, 1,         'a', 1, 0, 1,   0x80 | 31, 1, 1, 'b',      1, 'n',
                                 2, 0x80 | 29, 1,   0, 1, 'b', 1,         0, 2, 0x80 | 1, 56};
  NmLexiconHeader header = {
      .version = NM_LEXICON_VERSION, .n_words = 3, .n_blocks = 1, .size_data = sizeof data};
  memcpy(header.magic, NM_LEXICON_MAGIC, 8);
  memcpy(bytes, &header, sizeof header);
  memset(bytes + sizeof header, 0, 4);
  memcpy(bytes + sizeof header + 4, data, sizeof data);
  return sizeof header + 4 + sizeof data;
}

static void test_small_file_opens(void **state)
{
  uint8_t bytes[128];
  NmError err;
  NmPron prons[NM_LEXICON_PRONS_MAX];
  const size_t n = make_small(bytes);
  NmLexicon *small = open_bytes(bytes, n, &err);
  assert_non_null(small);
  assert_int_equal(nm_lexicon_find(small, "ab", 2, prons), 1);
  assert_int_equal(prons[0].pos, 'n');
  assert_int_equal(prons[0].n_phones, 2);
  nm_lexicon_free(small);
}

static void test_truncated_files_are_refused(void **state)
{
  uint8_t bytes[128];
  NmError err;
  const size_t n = make_small(bytes);
  for (size_t len = 0; len < n; len++) {
    assert_null(open_bytes(bytes, len, &err));
    assert_int_equal(err.status, NM_ERR_BAD_DATA);
    assert_non_null(strstr(err.message, path_hostile));
  }
  bytes[n] = 0;
  assert_null(open_bytes(bytes, n + 1, &err));
}

static bool look_up(void *user, const char *word, size_t len, const NmPron *prons, int n_prons)
{
  NmPron found[NM_LEXICON_PRONS_MAX];
  (void)nm_lexicon_find(user, word, len, found);
  return true;
}

// Every byte set to every value: either an error that tells the place, or a lexicon that can be used.
static void test_damaged_files_are_refused_or_harmless(void **state)
{
  uint8_t bytes[128];
  NmError err;
  const size_t n = make_small(bytes);
  int n_refused = 0;
  for (size_t at = 0; at < n; at++) {
    const uint8_t kept = bytes[at];
    for (int value = 0; value < 256; value += at < sizeof(NmLexiconHeader) ? 5 : 1) {
      bytes[at] = (uint8_t)value;
      NmLexicon *damaged = open_bytes(bytes, n, &err);
      nm_lexicon_visit(damaged, look_up, damaged);
      if (!damaged) {
        n_refused++;
        assert_int_equal(err.status, NM_ERR_BAD_DATA);
        assert_true(err.offset >= 0 && (size_t)err.offset <= n);
        assert_non_null(strstr(err.message, path_hostile));
      }
      nm_lexicon_free(damaged);
    }
    bytes[at] = kept;
  }
  assert_true(n_refused > 1000);
}

static void test_missing_file_is_an_error(void **state)
{
  NmError err = {0};
  assert_null(nm_lexicon_new("no/such/file.lexicon", &err));
  assert_int_equal(err.status, NM_ERR_IO);
  assert_non_null(strstr(err.message, "no/such/file.lexicon"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_words_are_found),
      cmocka_unit_test(test_strangers_are_not_found),
      cmocka_unit_test(test_nouns_and_verbs_are_told_apart),
      cmocka_unit_test(test_every_word_is_in_order_and_found),
      cmocka_unit_test(test_file_is_small),
      cmocka_unit_test(test_small_file_opens),
      cmocka_unit_test(test_truncated_files_are_refused),
      cmocka_unit_test(test_damaged_files_are_refused_or_harmless),
      cmocka_unit_test(test_missing_file_is_an_error),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
