// SPDX-License-Identifier: GPL-3.0-or-later
// Whole melodies and words exchanged, and takes of a line.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/document/edits.h"

static const char *const words[] = {"one", "two", "three", "four"};

// Lines of n notes of so many ticks, with a bar of 4/4 (16 ticks) each, `up` semitones above C; a line has a
// word for every note of it.
static NmSong *make_song(int n_lines, int n, int len, int up, int ticks)
{
  NmSong *song = nm_song_new();
  song->ticks_per_beat = ticks;
  nm_song_add_meter(song, 0, 4, 4);
  for (int l = 0; l < n_lines; ++l) {
    nm_song_add_line(song, 1, l / 2);
    for (int i = 0; i < n; ++i) {
      const int32_t note = nm_song_add_note(song, l * 4 * ticks + i * len, len, 60 + i + up, 0);
      nm_song_add_word(song);
      nm_song_add_link(song, nm_song_add_syllable(song, words[i % 4], strlen(words[i % 4]), 1), note);
    }
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static NmDocument *make(int n_lines, int n, int len)
{
  NmSong *song = make_song(n_lines, n, len, 0, 4);
  NmDocument *doc = nm_document_from_song(song, NULL);
  nm_song_free(song);
  assert_non_null(doc);
  return doc;
}

// Notes as "onset+len=pitch:syllables".
static void expect(const NmDocument *doc, const char *expected)
{
  char *text;
  size_t n;
  const NmSong *song = nm_document_get_song(doc);
  FILE *file = open_memstream(&text, &n);
  for (int32_t i = 0, k = 0; i < song->n_notes; ++i) {
    fprintf(file, i ? " %d+%d=%d" : "%d+%d=%d", (int)song->notes[i].onset, (int)song->notes[i].len,
            song->notes[i].pitch);
    for (; k < song->n_links && song->links[k].note == i; ++k) fprintf(file, ":%d", song->links[k].syllable);
  }
  fclose(file);
  assert_string_equal(text, expected);
  free(text);
}

static void expect_fails(NmStatus status, NmStatus expected, const NmError *err, const char *message)
{
  assert_int_equal(status, expected);
  if (!strstr(err->message, message)) fail_msg("\"%s\" instead of \"%s\"", err->message, message);
}

#define BOTH "0+4=60:0 4+4=61:1 16+4=60:2 20+4=61:3"

static void test_melody(void **state)
{
  NmError err = {0};
  NmDocument *doc = make(2, 2, 4);
  NmSong *other = make_song(2, 2, 8, 7, 8), *longer = make_song(3, 2, 4, 0, 4);
  expect(doc, BOTH);
  assert_int_equal(nm_edit_set_chord(doc, 0, "C", &err), NM_OK);
  assert_int_equal(nm_edit_set_value(doc, "/lines/1/voice/plain", json_true(), &err), NM_OK);
  assert_int_equal(nm_edit_replace_melody(doc, other, &err), NM_OK);
  expect(doc, "0+8=67:0 8+8=68:1 32+8=67:2 40+8=68:3");
  assert_int_equal(nm_document_get_song(doc)->ticks_per_beat, 8);
  assert_null(nm_document_get(doc, "/chords"));
  assert_non_null(nm_document_get(doc, "/lines/1/voice/plain"));
  expect_fails(nm_edit_replace_melody(doc, longer, &err), NM_ERR_BAD_ARG, &err,
               "for 6 syllables, and there are 4");
  assert_int_equal(nm_document_undo(doc, &err), NM_OK);
  expect(doc, BOTH);
  nm_song_free(other);
  nm_song_free(longer);
  nm_document_free(doc);
}

static void test_line_melody(void **state)
{
  NmError err = {0};
  NmDocument *doc = make(2, 2, 4);
  NmSong *thirds = make_song(1, 2, 4, 5, 3), *slow = make_song(1, 2, 16, 5, 4);
  // Of another resolution: both take the common one.
  assert_int_equal(nm_edit_replace_line_melody(doc, 1, thirds, 0, false, &err), NM_OK);
  assert_int_equal(nm_document_get_song(doc)->ticks_per_beat, 12);
  expect(doc, "0+12=60:0 12+12=61:1 48+16=65:2 64+16=66:3");
  assert_int_equal(nm_document_undo(doc, &err), NM_OK);
  expect(doc, BOTH);
  // Too long for its place, unless what follows may move by whole bars.
  expect_fails(nm_edit_replace_line_melody(doc, 0, slow, 0, false, &err), NM_ERR_BAD_DATA, &err,
               "one note at a time");
  expect(doc, BOTH);
  assert_int_equal(nm_edit_replace_line_melody(doc, 0, slow, 0, true, &err), NM_OK);
  expect(doc, "0+16=65:0 16+16=66:1 32+4=60:2 36+4=61:3");
  nm_song_free(thirds);
  nm_song_free(slow);
  nm_document_free(doc);
}

// The line begins at the same place of the bar as where it comes from.
static void test_places(void **state)
{
  NmError err = {0};
  NmDocument *doc = make(2, 2, 4);
  NmSong *late = make_song(2, 2, 2, 5, 4);
  for (int i = 0; i < late->n_notes; ++i) late->notes[i].onset += 12; // a pick-up on the fourth beat
  assert_int_equal(nm_edit_replace_line_melody(doc, 1, late, 0, false, &err), NM_OK);
  expect(doc, "0+4=60:0 4+4=61:1 12+2=65:2 14+2=66:3");
  nm_song_free(late);
  nm_document_free(doc);
}

// Words of a second verse on the same notes come along.
static void test_verses(void **state)
{
  NmError err = {0};
  NmDocument *doc = make(2, 2, 4);
  NmSong *other = make_song(1, 2, 2, 12, 4);
  const int32_t first = nm_document_get_note_id(doc, 0);
  assert_int_equal(nm_edit_type_lyrics(doc, first, 2, "eins zwei", &err), NM_OK);
  expect(doc, "0+4=60:0:4 4+4=61:1:5 16+4=60:2 20+4=61:3");
  assert_int_equal(nm_edit_replace_line_melody(doc, 0, other, 0, false, &err), NM_OK);
  expect(doc, "0+2=72:0:4 2+2=73:1:5 16+4=60:2 20+4=61:3");
  nm_song_free(other);
  nm_document_free(doc);
}

static void test_takes(void **state)
{
  NmError err = {0};
  NmDocument *doc = make(2, 2, 4);
  NmSong *other = make_song(1, 2, 2, 12, 4);
  assert_int_equal(nm_edit_keep_take(doc, 0, "first", &err), NM_OK);
  assert_int_equal(nm_edit_add_take(doc, 0, other, 0, "second", &err), NM_OK);
  expect(doc, BOTH);
  assert_int_equal(nm_edit_swap_take(doc, 0, 1, &err), NM_OK);
  expect(doc, "0+2=72:0 2+2=73:1 16+4=60:2 20+4=61:3");
  assert_string_equal(json_string_value(nm_document_get(doc, "/lines/0/takes/1/name")), "second");
  assert_int_equal(nm_edit_swap_take(doc, 0, 1, &err), NM_OK);
  expect(doc, BOTH);
  expect_fails(nm_edit_swap_take(doc, 0, 2, &err), NM_ERR_BAD_ARG, &err, "there is no take 3");
  expect_fails(nm_edit_swap_take(doc, 2, 0, &err), NM_ERR_BAD_ARG, &err, "there is no line 3");
  // Takes move with time and resolution.
  assert_int_equal(nm_edit_insert_time(doc, 0, 16, &err), NM_OK);
  assert_int_equal(nm_edit_set_resolution(doc, 8, &err), NM_OK);
  assert_int_equal(nm_edit_swap_take(doc, 0, 1, &err), NM_OK);
  expect(doc, "32+4=72:0 36+4=73:1 64+8=60:2 72+8=61:3");
  assert_int_equal(nm_edit_remove_syllables(doc, 1, 1, &err), NM_OK);
  expect_fails(nm_edit_swap_take(doc, 0, 1, &err), NM_ERR_BAD_DATA, &err, "more syllables than the line has");
  assert_int_equal(nm_edit_remove_take(doc, 0, 0, &err), NM_OK);
  assert_int_equal(nm_edit_remove_take(doc, 0, 0, &err), NM_OK);
  assert_null(nm_document_get(doc, "/lines/0/takes"));
  while (nm_document_get_undo(doc)) assert_int_equal(nm_document_undo(doc, &err), NM_OK);
  expect(doc, BOTH);
  nm_song_free(other);
  nm_document_free(doc);
}

static void test_words(void **state)
{
  NmError err = {0};
  NmDocument *doc = make(2, 4, 4);
  NmSong *fewer = make_song(1, 3, 4, 0, 4), *same = make_song(1, 4, 1, 0, 4),
         *song = make_song(2, 4, 8, 0, 8);
  const int32_t id = nm_document_get_note_id(doc, 1);
  assert_int_equal(nm_edit_set_links(doc, 1, &id, 1, &err), NM_OK);
  assert_int_equal(nm_edit_replace_line_words(doc, 0, same, 0, &err), NM_OK);
  expect(doc, "0+4=60:0 4+4=61:1 8+4=62:2 12+4=63:3 16+4=60:4 20+4=61:5 24+4=62:6 28+4=63:7");
  assert_int_equal(nm_edit_replace_line_words(doc, 0, fewer, 0, &err), NM_OK);
  assert_int_equal(nm_document_get_song(doc)->n_links, 8); // a syllable has two notes now
  assert_int_equal(nm_document_get_song(doc)->n_syllables, 7);
  // The same notes, at another resolution.
  assert_int_equal(nm_edit_replace_words(doc, song, &err), NM_OK);
  assert_int_equal(nm_document_get_song(doc)->n_syllables, 8);
  expect(doc, "0+4=60:0 4+4=61:1 8+4=62:2 12+4=63:3 16+4=60:4 20+4=61:5 24+4=62:6 28+4=63:7");
  expect_fails(nm_edit_replace_words(doc, fewer, &err), NM_ERR_BAD_ARG, &err, "for other notes");
  assert_int_equal(nm_edit_replace_song(doc, fewer, &err), NM_OK);
  expect(doc, "0+4=60:0 4+4=61:1 8+4=62:2");
  nm_song_free(fewer);
  nm_song_free(same);
  nm_song_free(song);
  nm_document_free(doc);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_melody), cmocka_unit_test(test_line_melody),
                                     cmocka_unit_test(test_places), cmocka_unit_test(test_verses),
                                     cmocka_unit_test(test_takes),  cmocka_unit_test(test_words)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
