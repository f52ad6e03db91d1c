// SPDX-License-Identifier: GPL-3.0-or-later
// What each edit does, and that it is undone.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/document/edits.h"
#include "tests/support/song_check.h"

// "Row, row, row your boat, | Gent-ly down the stream." in 6/8 and C, four ticks to a beat... in quarters.
static NmDocument *make(void)
{
  static const struct {
    int onset, len, pitch;
  } notes[] = {{0, 6, 60},  {6, 6, 60},  {12, 4, 60}, {16, 2, 62}, {18, 6, 64},
               {24, 4, 64}, {28, 2, 62}, {30, 4, 64}, {34, 2, 65}, {36, 12, 67}};
  static const struct {
    const char *text;
    int stress;
    bool word, line;
  } words[] = {{"Row,", 1, true, true},   {"row,", 1, true, false}, {"row", 1, true, false},
               {"your", 0, true, false},  {"boat", 1, true, false}, {"Gent", 1, true, true},
               {"ly", 0, false, false},   {"down", 1, true, false}, {"the", 0, true, false},
               {"stream", 1, true, false}};
  NmSong *song = nm_song_new();
  song->ticks_per_beat = 4;
  nm_song_add_meter(song, 0, 6, 8);
  for (int i = 0; i < 10; ++i) {
    nm_song_add_note(song, notes[i].onset, notes[i].len, notes[i].pitch, 0);
    if (words[i].line) nm_song_add_line(song, 1, 0);
    if (words[i].word) nm_song_add_word(song);
    nm_song_add_syllable(song, words[i].text, strlen(words[i].text), words[i].stress);
    nm_song_add_link(song, i, i);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  NmDocument *doc = nm_document_from_song(song, NULL);
  nm_song_free(song);
  assert_non_null(doc);
  return doc;
}

static char *print(const NmDocument *doc)
{
  char *bytes;
  size_t n;
  assert_int_equal(nm_document_print(doc, &bytes, &n, NULL), NM_OK);
  return bytes;
}

// The notes and words in short: "onset+len=pitch:syllables" and the lines with their words.
static char *sketch(const NmDocument *doc)
{
  char *text;
  size_t n;
  const NmSong *song = nm_document_get_song(doc);
  FILE *file = open_memstream(&text, &n);
  for (int32_t i = 0, k = 0; i < song->n_notes; ++i) {
    const NmSongNote *note = &song->notes[i];
    fprintf(file, "%d+%d=%d", (int)note->onset, (int)note->len, note->pitch);
    for (; k < song->n_links && song->links[k].note == i; ++k) fprintf(file, ":%d", song->links[k].syllable);
    fputc(' ', file);
  }
  for (int32_t l = 0; l < song->n_lines; ++l) {
    fprintf(file, "/%d", song->lines[l].verse);
    for (int32_t w = song->lines[l].word_first, m = w + song->lines[l].n_words; w < m; ++w) {
      fputc(' ', file);
      for (int32_t s = song->words[w].syllable_first, e = s + song->words[w].n_syllables; s < e; ++s)
        fprintf(file, "%s%s", song->syllables[s].text, s + 1 < e ? "-" : "");
    }
  }
  fclose(file);
  return text;
}

static NmError last;

// Carries out EDIT on the document `d`, expects the sketch to hold `expected`, and undoes it.
#define CHECK(EDIT, EXPECTED)                                                                                \
  do {                                                                                                       \
    NmDocument *d = make();                                                                                  \
    NmError *e = &last;                                                                                      \
    char *before = print(d);                                                                                 \
    last = (NmError){0};                                                                                     \
    const NmStatus status_ = (EDIT);                                                                         \
    if (status_ != NM_OK) fail_msg("%s: %s", #EDIT, last.message);                                           \
    finish(d, before, EXPECTED);                                                                             \
  } while (0)

// Expects EDIT to fail with these words and to change nothing.
#define REFUSE(EDIT, STATUS, MESSAGE)                                                                        \
  do {                                                                                                       \
    NmDocument *d = make();                                                                                  \
    NmError *e = &last;                                                                                      \
    char *before = print(d);                                                                                 \
    last = (NmError){0};                                                                                     \
    assert_int_equal((EDIT), (STATUS));                                                                      \
    if (!strstr(last.message, (MESSAGE))) fail_msg("\"%s\" instead of \"%s\"", last.message, (MESSAGE));     \
    char *after = print(d);                                                                                  \
    assert_string_equal(before, after);                                                                      \
    assert_null(nm_document_get_undo(d));                                                                    \
    free(before);                                                                                            \
    free(after);                                                                                             \
    nm_document_free(d);                                                                                     \
  } while (0)

static void finish(NmDocument *d, char *before, const char *expected)
{
  char *text = sketch(d), *after = print(d);
  if (!strstr(text, expected)) fail_msg("\"%s\" is not in \"%s\"", expected, text);
  assert_non_null(nm_document_get_undo(d));
  assert_int_equal(nm_document_undo(d, NULL), NM_OK);
  char *undone = print(d);
  assert_string_equal(undone, before);
  assert_int_equal(nm_document_redo(d, NULL), NM_OK);
  char *redone = print(d);
  assert_string_equal(redone, after);
  free(before);
  free(after);
  free(undone);
  free(redone);
  free(text);
  nm_document_free(d);
}

#define IDS(...) ((const int32_t[]){__VA_ARGS__}), (sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

static void test_notes(void **state)
{
  const NmSongNote behind = {48, 4, 72, 90}, across = {5, 2, 70, 0}, far = {48, 4, 128, 0};
  CHECK(nm_edit_add_note(d, &behind, NM_OVERLAP_REFUSE, NULL, e), "36+12=67:9 48+4=72 /1");
  REFUSE(nm_edit_add_note(d, &across, NM_OVERLAP_REFUSE, NULL, e), NM_ERR_BAD_DATA, "a melody has one note");
  CHECK(nm_edit_add_note(d, &across, NM_OVERLAP_TRIM, NULL, e), "0+5=60:0 5+2=70 7+5=60:1 12+4");
  REFUSE(nm_edit_add_note(d, &far, NM_OVERLAP_REFUSE, NULL, e), NM_ERR_BAD_DATA,
         "128 is not between 0 and 127");
  CHECK(nm_edit_remove_notes(d, IDS(1, 3), e), "6+6=60:1 16+2=62:3 ");
  REFUSE(nm_edit_remove_notes(d, IDS(1, 99), e), NM_ERR_BAD_ARG, "no note of id 99");
  CHECK(nm_edit_set_note(d, 10, &behind, NM_OVERLAP_REFUSE, e), "34+2=65:8 48+4=72:9 /1");
  CHECK(nm_edit_set_velocity(d, IDS(1), 64, e), "0+6=60:0");
}

static void test_moves(void **state)
{
  CHECK(nm_edit_move_notes(d, IDS(1, 2), 0, 12, NM_OVERLAP_REFUSE, e), "0+6=72:0 6+6=72:1 12+4=60");
  CHECK(nm_edit_move_notes(d, IDS(10), 4, -1, NM_OVERLAP_REFUSE, e), "34+2=65:8 40+12=66:9 /1");
  CHECK(nm_edit_move_notes(d, IDS(1), 48, 0, NM_OVERLAP_REFUSE, e), "36+12=67:9 48+6=60:0 /1");
  REFUSE(nm_edit_move_notes(d, IDS(1), 6, 0, NM_OVERLAP_REFUSE, e), NM_ERR_BAD_DATA, "one note at a time");
  CHECK(nm_edit_move_notes(d, IDS(1), 6, 0, NM_OVERLAP_TRIM, e), "6+6=60:0 12+4=60:2");
  REFUSE(nm_edit_move_notes(d, IDS(1), -1, 0, NM_OVERLAP_REFUSE, e), NM_ERR_BAD_DATA,
         "notes[0].onset: -1 is not");
  REFUSE(nm_edit_move_notes(d, IDS(1), 0, 100, NM_OVERLAP_REFUSE, e), NM_ERR_BAD_DATA,
         "pitches are 0 to 127");
  REFUSE(nm_edit_move_notes(d, IDS(1), INT64_MAX, 0, NM_OVERLAP_REFUSE, e), NM_ERR_BAD_DATA, "too far");
  CHECK(nm_edit_transpose_notes(d, IDS(3, 4, 5), 2, e), "12+4=64:2 16+2=65:3 18+6=67:4");
  CHECK(nm_edit_transpose_notes(d, IDS(10), -7, e), "36+12=55:9");
  CHECK(nm_edit_transpose_notes(d, IDS(10), -4, e), "36+12=60:9");
}

static void test_lengths(void **state)
{
  int32_t id;
  CHECK(nm_edit_resize_notes(d, IDS(1, 2), false, -2, NM_OVERLAP_REFUSE, e), "0+4=60:0 6+4=60:1 12+4");
  CHECK(nm_edit_resize_notes(d, IDS(2), true, 2, NM_OVERLAP_REFUSE, e), "0+6=60:0 8+4=60:1");
  CHECK(nm_edit_resize_notes(d, IDS(1), false, 8, NM_OVERLAP_TRIM, e), "0+14=60:0 14+2=60:2");
  REFUSE(nm_edit_resize_notes(d, IDS(1), false, -6, NM_OVERLAP_REFUSE, e), NM_ERR_BAD_DATA, "len: 0 is not");
  CHECK(nm_edit_split_note(d, 1, 2, &id, e), "0+2=60:0 2+4=60:0 6+6=60:1");
  REFUSE(nm_edit_split_note(d, 1, 6, &id, e), NM_ERR_BAD_ARG, "only inside");
  CHECK(nm_edit_merge_notes(d, IDS(2, 1, 3), e), "0+16=60:0:1:2 16+2=62:3");
  REFUSE(nm_edit_merge_notes(d, IDS(1, 3), e), NM_ERR_BAD_ARG, "side by side");
  CHECK(nm_edit_quantise_notes(d, IDS(3, 4, 5, 6, 7, 8, 9, 10), 6, e),
        "12+6=60:2 18+6=62:3 24+6=64:4 30+6=64:5");
  REFUSE(nm_edit_quantise_notes(d, IDS(1), 0, e), NM_ERR_BAD_ARG, "grid");
}

static void test_words(void **state)
{
  CHECK(nm_edit_set_syllable(d, 1, "grow,", e), "Row, grow, row your boat/1");
  CHECK(nm_edit_set_links(d, 9, IDS(10, 9), e), "34+2=65:8:9 36+12=67:9");
  CHECK(nm_edit_set_links(d, 9, NULL, 0, e), "36+12=67 /1");
  CHECK(nm_edit_split_syllable(d, 9, 3, e), "down the str-eam");
  REFUSE(nm_edit_split_syllable(d, 9, 6, e), NM_ERR_BAD_ARG, "between its letters");
  CHECK(nm_edit_join_syllables(d, 5, e), "24+4=64:5 28+2=62:5 30+4=64:6");
  REFUSE(nm_edit_join_syllables(d, 6, e), NM_ERR_BAD_ARG, "no further syllable");
  CHECK(nm_edit_split_word(d, 6, e), "/1 Gent ly down");
  CHECK(nm_edit_join_words(d, 1, e), "/1 Row,-row, row your");
  REFUSE(nm_edit_join_words(d, 5, e), NM_ERR_BAD_ARG, "first word of a line");
  CHECK(nm_edit_remove_syllables(d, 5, 1, e),
        "24+4=64 28+2=62:5 30+4=64:6 34+2=65:7 36+12=67:8 /1 Row, row, row your boat/1 ly down");
  CHECK(nm_edit_remove_syllables(d, 5, 5, e), "/1 Row, row, row your boat");
  CHECK(nm_edit_set_phones(d, 0, "R OW1", 1, e), "Row,");
  REFUSE(nm_edit_set_phones(d, 0, "R QQ", 1, e), NM_ERR_BAD_DATA, "QQ is no phone");
  REFUSE(nm_edit_set_phones(d, 0, "R", 5, e), NM_ERR_BAD_DATA, "5 is not between 0 and 2");
  REFUSE(nm_edit_set_syllable(d, 10, "x", e), NM_ERR_BAD_ARG, "there is no syllable 11");
}

static void test_lines(void **state)
{
  NmDocument *other = make();
  const NmSong *song = nm_document_get_song(other);
  CHECK(nm_edit_split_line(d, 2, e), "/1 Row, row,/1 row your boat/1 Gent-ly");
  REFUSE(nm_edit_split_line(d, 5, e), NM_ERR_BAD_ARG, "a line is there already");
  CHECK(nm_edit_join_lines(d, 0, e), "row your boat Gent-ly down");
  REFUSE(nm_edit_join_lines(d, 1, e), NM_ERR_BAD_ARG, "no line 3");
  CHECK(nm_edit_set_line(d, 1, 2, 1, e), "/2 Gent-ly");
  CHECK(nm_edit_add_line(d, 2, song, 0, e), "stream/1 Row, row, row your boat");
  CHECK(nm_edit_remove_lines(d, 0, 1, false, e),
        "18+6=64 24+4=64:0 28+2=62:1 30+4=64:2 34+2=65:3 36+12=67:4 /1 Gent-ly down the stream");
  CHECK(nm_edit_remove_lines(d, 0, 1, true, e), "24+4=64:0");
  CHECK(nm_edit_remove_lines(d, 0, 2, true, e), "");
  nm_document_free(other);
}

static void test_typing(void **state)
{
  CHECK(nm_edit_type_lyrics(d, 1, 1, "Ring, ring, sing", e), "/1 Ring, ring, sing your boat");
  CHECK(nm_edit_type_lyrics(d, 1, 1, "Glo-_ ri-a", e),
        "0+6=60:0 6+6=60:0 12+4=60:1 16+2=62:2 18+6=64:3 24+4=64:4 28+2=62:5 30+4=64:6 34+2=65:7 36+12=67:8 "
        "/1 Glo-ri-a boat/1 Gent-ly");
  CHECK(nm_edit_type_lyrics(d, 2, 1, "_", e), "0+6=60:0 6+6=60:0 12+4=60:1");
  CHECK(nm_edit_type_lyrics(d, 6, 1, "Soft-", e), "/1 Soft-ly down");
  CHECK(nm_edit_type_lyrics(d, 6, 1, "Soft", e), "/1 Soft ly down");
  CHECK(nm_edit_type_lyrics(d, 1, 2, "Down by the", e), "0+6=60:0:10 6+6=60:1:11 12+4=60:2:12");
  REFUSE(nm_edit_type_lyrics(d, 10, 1, "too long", e), NM_ERR_BAD_ARG, "need 2 notes, and there are only 1");
  REFUSE(nm_edit_type_lyrics(d, 1, 1, "_", e), NM_ERR_BAD_ARG, "nothing to hold");
  REFUSE(nm_edit_type_lyrics(d, 1, 0, "a", e), NM_ERR_BAD_DATA, "verse: 0 is not between");
}

// Typed on notes that nothing is sung on, and over the middle of a melisma.
static void test_typing_on_free_notes(void **state)
{
  NmDocument *doc = make();
  char *text;
  assert_int_equal(nm_edit_set_links(doc, 0, IDS(1, 2, 3), NULL), NM_OK);
  assert_int_equal(nm_edit_remove_syllables(doc, 1, 2, NULL), NM_OK);
  assert_int_equal(nm_edit_type_lyrics(doc, 2, 1, "ab-", NULL), NM_OK);
  text = sketch(doc);
  assert_non_null(strstr(text, "0+6=60:0 6+6=60:1 12+4=60:0 16+2=62:2"));
  assert_non_null(strstr(text, "/1 Row, ab-your boat"));
  free(text);
  nm_document_free(doc);
}

static void test_time(void **state)
{
  CHECK(nm_edit_set_tempo(d, 0, 90, e), "");
  REFUSE(nm_edit_set_tempo(d, 0, 0.5, e), NM_ERR_BAD_DATA, "bpm: 0.5 is not between");
  CHECK(nm_edit_set_meter(d, 0, 3, 4, e), "");
  REFUSE(nm_edit_set_meter(d, 0, 3, 5, e), NM_ERR_BAD_DATA, "3/5 is no meter");
  CHECK(nm_edit_set_meter(d, 0, 0, 0, e), "");
  CHECK(nm_edit_set_key(d, 12, -3, true, e), "");
  CHECK(nm_edit_set_chord(d, 12, "Am", e), "");
  CHECK(nm_edit_set_marker(d, 12, "refrain", e), "");
  CHECK(nm_edit_set_pickup(d, 2, e), "");
  CHECK(nm_edit_set_resolution(d, 8, e), "0+12=60:0 12+12=60:1");
  CHECK(nm_edit_set_resolution(d, 2, e), "0+3=60:0 3+3=60:1");
  REFUSE(nm_edit_set_resolution(d, 3, e), NM_ERR_BAD_DATA, "cannot be moved");
  CHECK(nm_edit_insert_time(d, 24, 12, e), "18+6=64:4 36+4=64:5");
  REFUSE(nm_edit_insert_time(d, 24, -2, e), NM_ERR_BAD_DATA, "remove them first");
}

static void test_settings(void **state)
{
  const NmPitchPoint points[] = {{4, 0}, {5, 50}, {6, 0}};
  const NmEmotionPoint moods[] = {{0, 0, 0.5}, {2, 1, -1}};
  CHECK(nm_edit_draw_pitch(d, 4, 6, points, 3, e), "");
  REFUSE(nm_edit_draw_pitch(d, 4, 5, points, 3, e), NM_ERR_BAD_ARG, "outside of what is drawn");
  CHECK(nm_edit_draw_emotion(d, 0, 2, moods, 2, e), "");
  CHECK(nm_edit_set_value(d, "/title", json_string("Boat"), e), "");
  CHECK(nm_edit_set_value(d, "/lines/1/voice/transpose", json_integer(-2), e), "");
  REFUSE(nm_edit_set_value(d, "/lines/2/voice/transpose", json_integer(-2), e), NM_ERR_BAD_ARG, "no place");
  REFUSE(nm_edit_set_value(d, "/voice/transpose", json_real(0.5), e), NM_ERR_BAD_DATA,
         "voice.transpose: a whole number is wanted");
  REFUSE(nm_edit_set_value(d, "/nothing", json_integer(1), e), NM_ERR_BAD_ARG, "there is no setting nothing");
  REFUSE(nm_edit_set_value(d, "/notes", NULL, e), NM_ERR_BAD_DATA, "notes must be there");
}

// Drawing over a part of a curve leaves the rest; what was set is taken away with what held it.
static void test_curves(void **state)
{
  const NmPitchPoint first[] = {{0, 1}, {10, 2}, {20, 3}, {30, 4}}, second[] = {{10, 7}, {15, 8}};
  int32_t n;
  NmDocument *doc = make();
  assert_int_equal(nm_edit_draw_pitch(doc, 0, 30, first, 4, NULL), NM_OK);
  assert_int_equal(nm_edit_draw_pitch(doc, 5, 25, second, 2, NULL), NM_OK);
  const NmPitchPoint *points = nm_document_get_pitch_curve(doc, &n);
  assert_int_equal(n, 4);
  assert_true(points[0].cents == 1 && points[1].cents == 7 && points[2].tick == 15 && points[3].cents == 4);
  assert_int_equal(nm_edit_draw_pitch(doc, 0, 100, NULL, 0, NULL), NM_OK);
  assert_null(nm_document_get(doc, "/pitch_curve"));
  assert_int_equal(nm_edit_set_value(doc, "/lines/1/voice/as", json_real(0.5), NULL), NM_OK);
  assert_non_null(nm_document_get(doc, "/lines/1/voice/as"));
  assert_int_equal(nm_edit_set_value(doc, "/lines/1/voice/as", NULL, NULL), NM_OK);
  assert_null(nm_document_get(doc, "/lines/1/voice"));
  assert_non_null(nm_document_get(doc, "/lines/1"));
  nm_document_free(doc);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_notes),
                                     cmocka_unit_test(test_moves),
                                     cmocka_unit_test(test_lengths),
                                     cmocka_unit_test(test_words),
                                     cmocka_unit_test(test_lines),
                                     cmocka_unit_test(test_typing),
                                     cmocka_unit_test(test_typing_on_free_notes),
                                     cmocka_unit_test(test_time),
                                     cmocka_unit_test(test_settings),
                                     cmocka_unit_test(test_curves)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
