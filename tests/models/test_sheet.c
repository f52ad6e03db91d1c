// SPDX-License-Identifier: GPL-3.0-or-later
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/song/sheet.h"
#include "tests/support/fail_alloc.h"

#define FOLDER NM_TEST_DATA "/data/lyrics/"

enum { FILE_MAX = 64 << 10 };

static NmText *text;
static NmSyllabifier *syllabifier;

static int set_up(void **state)
{
  text = nm_text_new(NM_LEXICON, NULL, NULL);
  syllabifier = text ? nm_syllabifier_new(text, NM_HYPHENS, NULL) : NULL;
  return syllabifier ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_syllabifier_free(syllabifier);
  nm_text_free(text);
  return 0;
}

static NmStatus read_string(const char *string, NmSheet *sheet, NmError *err)
{
  return nm_sheet_read((const uint8_t *)string, strlen(string), "lyrics", syllabifier, sheet, err);
}

static void read_file(const char *name, NmSheet *sheet)
{
  static uint8_t bytes[FILE_MAX];
  char path[600];
  NmError err = {0};
  snprintf(path, sizeof path, FOLDER "%s", name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t n = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  if (nm_sheet_read(bytes, n, name, syllabifier, sheet, &err) != NM_OK) fail_msg("%s", err.message);
}

// A line as printed, words apart by spaces.
static const char *line_of(const NmSheet *sheet, int32_t i)
{
  static char line[2000];
  const NmSong *song = sheet->song;
  *line = '\0';
  for (int32_t w = 0; w < song->lines[i].n_words; ++w) {
    const NmSongWord *word = &song->words[song->lines[i].word_first + w];
    if (w) strcat(line, " ");
    for (int32_t k = 0; k < word->n_syllables; ++k)
      strcat(line, song->syllables[word->syllable_first + k].text);
  }
  return line;
}

static void all_shapes_are_read(void **state)
{
  DIR *folder = opendir(FOLDER);
  int n = 0;
  assert_non_null(folder);
  for (struct dirent *entry; (entry = readdir(folder));) {
    NmSheet sheet;
    if (entry->d_name[0] == '.') continue;
    read_file(entry->d_name, &sheet);
    assert_true(sheet.song->n_lines >= 1);
    assert_true(sheet.n_stanzas >= 1);
    for (int32_t i = 0; i < sheet.song->n_syllables; ++i) assert_true(sheet.song->syllables[i].n_phones >= 1);
    for (int32_t i = 0; i < sheet.song->n_lines; ++i) {
      assert_null(strstr(line_of(&sheet, i), "Chorus"));
      assert_in_range(sheet.song->lines[i].n_words, 1, 2 * NM_SHEET_LINE_WORDS_MAX);
    }
    nm_sheet_fini(&sheet);
    ++n;
  }
  closedir(folder);
  assert_true(n >= 50);
}

typedef struct {
  const char *file;
  int32_t n_lines, n_stanzas;
  const char *title, *first, *last;
} Shape;

static void shapes_are_understood(void **state)
{
  static const Shape shapes[] = {
      {"one_word.txt", 1, 1, NULL, "Hallelujah", "Hallelujah"},
      {"title_plain.txt", 8, 2, "Harbour Lights", "The harbour lights are going out",
       "The window holds the view"},
      {"title_field.txt", 4, 1, "Harbour Lights", "The harbour lights are going out",
       "Has somewhere it could go"},
      {"title_and_by.txt", 8, 2, "Amazing Grace", "Amazing grace! how sweet the sound,",
       "The hour I first believed!"},
      {"no_title_couplets.txt", 4, 2, NULL, "The rain came down", "It rang the bell"},
      {"chorus_recalled.txt", 24, 6, NULL, "The harbour lights are going out", "And never let it roam"},
      {"repeat_chorus.txt", 16, 4, NULL, "The harbour lights are going out", "And never let it roam"},
      {"line_twice.txt", 7, 1, NULL, "Row, row, row the boat", "Life is but a dream"},
      {"stanza_twice.txt", 12, 3, NULL, "Oh, bring the morning home to me", "Has somewhere it could go"},
      {"chords_above.txt", 4, 1, "Two Chords", "The harbour lights are going out",
       "Has somewhere it could go"},
      {"chords_inline.txt", 2, 1, "Two Chords", "The harbour lights are going out",
       "The tide is running low"},
      {"tablature.txt", 2, 1, NULL, "The harbour lights are going out", "The tide is running low"},
      {"markdown.txt", 4, 2, "Harbour Lights", "The harbour lights are going out", "Bring the morning home"},
      {"lrc.txt", 4, 2, "Harbour Lights", "The harbour lights are going out", "Has somewhere it could go"},
      {"numbered_verses.txt", 8, 2, NULL, "Amazing grace! how sweet the sound,",
       "The hour I first believed!"},
      {"double_spaced.txt", 8, 2, NULL, "The harbour lights are going out", "The window holds the view"},
      {"crlf.txt", 8, 2, NULL, "The harbour lights are going out", "The window holds the view"},
      {"old_mac_returns.txt", 8, 2, NULL, "The harbour lights are going out", "The window holds the view"},
      {"utf16.txt", 4, 1, NULL, "The harbour lights are going out", "Has somewhere it could go"},
      {"byte_order_mark.txt", 4, 1, NULL, "The harbour lights are going out", "Has somewhere it could go"},
      {"latin1.txt", 2, 1, NULL, "The caf\xC3\xA9 is closed, the se\xC3\xB1orita gone",
       "Na\xC3\xAFve as ever, the fa\xC3\xA7"
       "ade lives on"},
      {"windows1252.txt", 2, 1, NULL,
       "\xE2\x80\x9C"
       "Don\xE2\x80\x99t go,\xE2\x80\x9D she said \xE2\x80\x94 the night was deep",
       "I couldn\xE2\x80\x99t stay, I couldn\xE2\x80\x99t sleep\xE2\x80\xA6"},
      {"abbreviations.txt", 4, 1, NULL, "Mister Brown met Missus Green", "Drinking tea at three p m with me"},
      {"two_hundred_lines.txt", 200, 50, NULL, "The road goes on and no one knows the way", NULL}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; ++i) {
    const Shape *shape = &shapes[i];
    NmSheet sheet;
    read_file(shape->file, &sheet);
    assert_int_equal(sheet.song->n_lines, shape->n_lines);
    assert_int_equal(sheet.n_stanzas, shape->n_stanzas);
    assert_true(!shape->title == !sheet.song->title);
    if (shape->title) assert_string_equal(sheet.song->title, shape->title);
    assert_string_equal(line_of(&sheet, 0), shape->first);
    if (shape->last) assert_string_equal(line_of(&sheet, shape->n_lines - 1), shape->last);
    nm_sheet_fini(&sheet);
  }
}

static void repeats_are_marked(void **state)
{
  NmSheet sheet;
  read_file("labels_square.txt", &sheet);
  assert_int_equal(sheet.n_stanzas, 4);
  assert_string_equal(sheet.labels[1], "Chorus");
  assert_int_equal(sheet.stanza_same_as[2], 2);
  assert_int_equal(sheet.stanza_same_as[3], 1);
  for (int32_t i = 0; i < 4; ++i) assert_int_equal(sheet.same_as[12 + i], 4 + i);
  assert_int_equal(sheet.same_as[8], 8);
  nm_sheet_fini(&sheet);
}

static void what_is_left_out_is_told(void **state)
{
  NmSheet sheet;
  read_file("chords_above.txt", &sheet);
  assert_int_equal(sheet.n_notes, 1);
  assert_string_equal(sheet.notes[0], "lines of chords or tablature are left out: 4");
  nm_sheet_fini(&sheet);
}

static void nothing_to_sing_is_an_error(void **state)
{
  static const char *const cases[] = {"", "\n\n", "...\n---\n", "[Chorus]\n", "Am G\nC D\n", "\xEF\xBB\xBF"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    NmSheet sheet;
    NmError err = {0};
    assert_int_equal(read_string(cases[i], &sheet, &err), NM_ERR_BAD_DATA);
    assert_non_null(strstr(err.message, "lyrics: no words to sing"));
    assert_null(sheet.song);
  }
  NmSheet sheet;
  NmError err = {0};
  assert_int_equal(nm_sheet_read((const uint8_t *)"a\0b", 3, "lyrics", syllabifier, &sheet, &err),
                   NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "no text file"));
}

static void limits_are_kept(void **state)
{
  NmSheet sheet;
  NmError err = {0};
  char *many = calloc(1, NM_SHEET_BYTES_MAX + 2);
  for (int i = 0; i < NM_SHEET_LINES_MAX + 1; ++i) strcpy(many + 3 * i, "la\n");
  assert_int_equal(read_string(many, &sheet, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "4096 lines"));
  memset(many, 'a', NM_SHEET_BYTES_MAX + 1);
  assert_int_equal(read_string(many, &sheet, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "1024 kilobytes"));
  many[20000] = '\0';
  assert_int_equal(read_string(many, &sheet, &err), NM_OK);
  nm_sheet_fini(&sheet);
  free(many);
}

static bool read_once(void *user)
{
  NmSheet sheet;
  const NmStatus status = read_string("[Verse]\nsing now\n\n[Chorus]\nla la\n\n[Chorus]\n", &sheet, NULL);
  nm_sheet_fini(&sheet);
  return status == NM_OK;
}

static void memory_may_run_out(void **state)
{
  assert_true(nm_fail_alloc_each(read_once, NULL, true) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_shapes_are_read),         cmocka_unit_test(shapes_are_understood),
      cmocka_unit_test(repeats_are_marked),          cmocka_unit_test(what_is_left_out_is_told),
      cmocka_unit_test(nothing_to_sing_is_an_error), cmocka_unit_test(limits_are_kept),
      cmocka_unit_test(memory_may_run_out)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
