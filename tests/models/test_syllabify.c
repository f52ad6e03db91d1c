// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/song/syllabify.h"
#include "models/text/spelling.h"
#include "tests/support/fail_alloc.h"

typedef struct {
  NmText *text;
  NmSyllabifier *syllabifier;
} Kit;

static int set_up(void **state)
{
  Kit *kit = calloc(1, sizeof *kit);
  kit->text = nm_text_new(NM_LEXICON, NULL, NULL);
  if (!kit->text) return -1;
  kit->syllabifier = nm_syllabifier_new(kit->text, NM_HYPHENS, NULL);
  *state = kit;
  return kit->syllabifier ? 0 : -1;
}

static int tear_down(void **state)
{
  Kit *kit = *state;
  nm_syllabifier_free(kit->syllabifier);
  nm_text_free(kit->text);
  free(kit);
  return 0;
}

// What must hold of every word: text and phones in each piece, spans one after the other.
static void check(const NmSyllables *syllables)
{
  int32_t phone = 0;
  for (int32_t i = 0; i < syllables->n; ++i) {
    const NmSyllable *syllable = &syllables->syllables[i];
    assert_true(*syllable->text);
    assert_true(syllable->n_phones >= 1);
    assert_int_equal(syllable->phone_first, phone);
    assert_in_range(syllable->stress, 0, 2);
    phone += syllable->n_phones;
  }
  assert_int_equal(phone, syllables->n_phones);
  if (syllables->n) assert_true(syllables->syllables[0].begins_word);
}

// "nine|teen eigh|ty four"
static void print(const NmSyllables *syllables, char *out)
{
  *out = '\0';
  for (int32_t i = 0; i < syllables->n; ++i) {
    if (i) strcat(out, syllables->syllables[i].begins_word ? " " : "|");
    strcat(out, syllables->syllables[i].text);
  }
}

static void words_are_divided(void **state)
{
  static const char *const cases[][2] = {
      {"fire", "fire"},
      {"every", "ev|ery"},
      {"evening", "eve|ning"},
      {"poems,", "po|ems,"},
      {"o'er", "o'er"},
      {"heav'n", "heav'n"},
      {"\xE2\x80\x99Tis", "\xE2\x80\x99Tis"},
      {"1984", "nine|teen eigh|ty four"},
      {"\"1984,\"", "\"nine|teen eigh|ty four,\""},
      {"A-B-C", "A-|B-|C"},
      {"w", "dou|ble-|u"},
      {"&", "and"},
      {"Mr.", "Mis|ter"},
      {"-", ""},
      {"", ""},
      {"our", "our"},
      {"wand'ring", "wan|d'ring"},
      {"reign\xC3\xA8"
       "d",
       "reign|\xC3\xA8"
       "d"},
      {"\xE2\x80\x9CHappy!\xE2\x80\x9D", "\xE2\x80\x9CHap|py!\xE2\x80\x9D"},
      {"little", "lit|tle"},
      {"rhythm", "rhyth|m"},
      {"sometimes", "some|times"},
      {"didn't", "did|n't"},
      {"MOUNTAIN", "MOUN|TAIN"},
      {"US", "US"},
      {"heav'n-born", "heav'n-|born"},
      {"Caf\xC3\xA9?", "Ca|f\xC3\xA9?"}};
  Kit *kit = *state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    NmSyllables syllables;
    char got[200];
    assert_int_equal(
        nm_syllabifier_word(kit->syllabifier, cases[i][0], strlen(cases[i][0]), &syllables, NULL), NM_OK);
    check(&syllables);
    print(&syllables, got);
    assert_string_equal(got, cases[i][1]);
  }
}

static void stress_is_that_of_verse(void **state)
{
  Kit *kit = *state;
  NmSyllables syllables;
  assert_int_equal(nm_syllabifier_word(kit->syllabifier, "The", 3, &syllables, NULL), NM_OK);
  assert_int_equal(syllables.syllables[0].stress, 0);
  assert_int_equal(nm_syllabifier_word(kit->syllabifier, "away", 4, &syllables, NULL), NM_OK);
  assert_int_equal(syllables.syllables[0].stress, 0);
  assert_int_equal(syllables.syllables[1].stress, 1);
}

// Letters and marks thrown together: the pieces are the word again unless something was written out.
static void any_bytes_are_taken(void **state)
{
  static const char signs[] = "aeiouybcdfghklmnprstwz''-AEIOST.,!\"&19 \xC3\xA8\xE2\x80\x94\xFF";
  Kit *kit = *state;
  NmRng rng;
  nm_rng_init(&rng, 7);
  for (int round = 0; round < 4000; ++round) {
    char word[80], joined[2000] = "";
    const size_t len = nm_rng_next(&rng) % (sizeof word - 1);
    bool plain = true;
    for (size_t i = 0; i < len; ++i) {
      word[i] = signs[nm_rng_next(&rng) % (sizeof signs - 1)];
      plain &= (word[i] >= 'a' && word[i] <= 'z') || word[i] == '.' || word[i] == ',';
    }
    word[len] = '\0';
    NmSyllables syllables;
    assert_int_equal(nm_syllabifier_word(kit->syllabifier, word, len, &syllables, NULL), NM_OK);
    check(&syllables);
    for (int32_t i = 0; i < syllables.n; ++i) strcat(joined, syllables.syllables[i].text);
    if (plain && len > 5 && !strpbrk(word, ".,")) assert_string_equal(joined, word);
  }
}

static void a_long_word_is_divided(void **state)
{
  Kit *kit = *state;
  char word[3000];
  NmSyllables syllables;
  size_t len = 0;
  memset(word, 'a', sizeof word);
  assert_int_equal(nm_syllabifier_word(kit->syllabifier, word, sizeof word, &syllables, NULL), NM_OK);
  check(&syllables);
  for (int32_t i = 0; i < syllables.n; ++i) len += strlen(syllables.syllables[i].text);
  assert_true(len >= sizeof word);
}

static void lines_become_words(void **state)
{
  static const char line[] = "- Oh love--and\t1984 \xE2\x80\x94 live  winds!";
  static const char *const words[] = {"- Oh", "love--", "and", "nineteen", "eighty", "four \xE2\x80\x94",
                                      "live", "winds!"};
  Kit *kit = *state;
  NmSong *song = nm_song_new();
  int32_t n = 0;
  assert_int_equal(nm_syllabifier_add_line(kit->syllabifier, song, "  ", 2, 1, 0, &n, NULL), NM_OK);
  assert_int_equal(song->n_lines, 0);
  assert_int_equal(nm_syllabifier_add_line(kit->syllabifier, song, line, strlen(line), 1, 3, &n, NULL),
                   NM_OK);
  assert_int_equal(n, 8);
  assert_int_equal(song->n_lines, 1);
  assert_int_equal(song->lines[0].stanza, 3);
  for (int32_t i = 0; i < n; ++i) {
    char text[60] = "";
    for (int32_t k = 0; k < song->words[i].n_syllables; ++k)
      strcat(text, song->syllables[song->words[i].syllable_first + k].text);
    assert_string_equal(text, words[i]);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  nm_song_free(song);
}

static void letters_are_aligned(void **state)
{
  static const char *const names[] = {"P", "IY1", "P", "AH0", "L"};
  int32_t phones[5], first[6], len[5];
  for (int i = 0; i < 5; ++i) phones[i] = nm_phone_find(names[i], strlen(names[i]), 0);
  assert_true(nm_spelling_align("people", 6, phones, 5, first, len));
  assert_int_equal(first[1], 1);
  assert_int_equal(len[1], 2);
  assert_int_equal(first[2], 3);
  assert_int_equal(first[5], 6);
  assert_false(nm_spelling_align("people", NM_SPELLING_LETTERS_MAX + 1, phones, 5, first, len));
}

static bool syllabify_all(void *user)
{
  static const char *const words[] = {"happy", "1984", "w", "zyzzogeton"};
  Kit *kit = user;
  NmSyllabifier *syllabifier = nm_syllabifier_new(kit->text, NULL, NULL);
  NmSong *song = nm_song_new();
  bool ok = syllabifier && song;
  for (int i = 0; ok && i < 4; ++i) {
    NmSyllables syllables;
    ok = nm_syllabifier_word(syllabifier, words[i], strlen(words[i]), &syllables, NULL) == NM_OK;
  }
  ok = ok && nm_syllabifier_add_line(syllabifier, song, "so - what", 9, 1, 0, NULL, NULL) == NM_OK;
  nm_song_free(song);
  nm_syllabifier_free(syllabifier);
  return ok;
}

static void memory_may_run_out(void **state)
{
  assert_true(nm_fail_alloc_each(syllabify_all, *state, true) > 0);
}

static void a_missing_file_is_named(void **state)
{
  NmError err = {0};
  Kit *kit = *state;
  assert_null(nm_syllabifier_new(kit->text, "/nonexistent/english.hyphens", &err));
  assert_int_equal(err.status, NM_ERR_IO);
  assert_non_null(strstr(err.message, "/nonexistent/english.hyphens"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words_are_divided),       cmocka_unit_test(stress_is_that_of_verse),
      cmocka_unit_test(any_bytes_are_taken),     cmocka_unit_test(a_long_word_is_divided),
      cmocka_unit_test(lines_become_words),      cmocka_unit_test(letters_are_aligned),
      cmocka_unit_test(a_missing_file_is_named), cmocka_unit_test(memory_may_run_out)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
