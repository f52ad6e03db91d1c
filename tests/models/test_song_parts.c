// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of songs: lines cut out, words as a sheet, what the attention makes of a line.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/song/attend.h"
#include "models/song/cut.h"
#include "models/song/sheet.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/song_weights.h"

typedef struct {
  NmText *text;
  NmSyllabifier *syllabifier;
  NmSongModel model;
  NmSong *song;
} Kit;

static Kit kit;

// Three lines of four syllables from an upbeat on, in 3/4: the third syllable of each on two notes, the last
// two of the second line on one. In the third the first is unsung.
static NmSong *make_song(void)
{
  static const char *const words[] = {"sil", "ver", "moon", "high"};
  NmSong *song = nm_song_new();
  if (!song) return NULL;
  bool ok = nm_song_add_meter(song, 0, 3, 4) >= 0 && nm_song_add_key(song, 0, 2, false) >= 0 &&
            nm_song_add_tempo(song, 0, 90) >= 0 && nm_song_add_tempo(song, 3000, 100) >= 0;
  int64_t at = 0;
  song->pickup = 480;
  for (int line = 0; line < 3 && ok; line++) {
    ok = nm_song_add_line(song, 1, line / 2) >= 0;
    for (int i = 0; i < 4 && ok; i++) {
      if (i != 1) ok = nm_song_add_word(song) >= 0;
      int32_t s = nm_song_add_syllable(song, words[i], strlen(words[i]), -1), note = song->n_notes - 1;
      int n = line == 2 && i == 0 ? 0 : line == 1 && i == 3 ? -1 : i == 2 ? 2 : 1;
      if (n < 0) ok = ok && nm_song_add_link(song, s, note) >= 0;
      for (int k = 0; k < n && ok; k++, at += 480) {
        note = nm_song_add_note(song, at, 480, 62 + line + i + k, 0);
        ok = s >= 0 && note >= 0 && nm_song_add_link(song, s, note) >= 0;
      }
    }
  }
  if (ok && nm_song_finish(song, NULL) == NM_OK) return song;
  nm_song_free(song);
  return NULL;
}

static int set_up(void **state)
{
  const NmSongConfig config = tiny_song_config();
  NmError err = {0};
  kit.text = nm_text_new(NM_LEXICON, NULL, &err);
  kit.syllabifier = nm_syllabifier_new(kit.text, NM_HYPHENS, &err);
  kit.song = make_song();
  if (!kit.syllabifier || !kit.song) return -1;
  return nm_song_model_init(&kit.model, &config, tiny_song_vocabulary, 1, &err) ? -1 : 0;
}

static int tear_down(void **state)
{
  nm_song_free(kit.song);
  nm_song_model_close(&kit.model);
  nm_syllabifier_free(kit.syllabifier);
  nm_text_free(kit.text);
  return 0;
}

static int64_t place_of(const NmSong *song, int32_t note)
{
  int64_t place;
  nm_song_get_bar(song, song->notes[note].onset, &place, NULL);
  return place;
}

static void lines_are_cut_out(void **state)
{
  NmError err = {0};
  NmSong *part = nm_song_cut(kit.song, 1, 2, &err);
  if (!part) fail_msg("%s", err.message);
  assert_int_equal(part->n_lines, 2);
  assert_int_equal(part->n_syllables, 8);
  assert_int_equal(part->n_notes, 8);
  assert_int_equal(part->notes[0].onset, 0);
  for (int32_t i = 0; i < part->n_notes; i++) {
    assert_int_equal(part->notes[i].pitch, kit.song->notes[5 + i].pitch);
    assert_int_equal(place_of(part, i), place_of(kit.song, 5 + i));
  }
  assert_int_equal(part->n_links, 9);
  assert_string_equal(part->syllables[2].text, "moon");
  assert_int_equal(part->keys[0].fifths, 2);
  assert_true(part->tempos[0].bpm == 90);
  nm_song_free(part);
  assert_null(nm_song_cut(kit.song, 2, 2, &err));
  assert_null(nm_song_cut(kit.song, 0, 0, NULL));
}

static void a_whole_song_is_the_same(void **state)
{
  char why[256] = "";
  NmSong *part = nm_song_cut(kit.song, 0, 3, NULL);
  assert_non_null(part);
  assert_int_equal(nm_song_add_tempo(part, 3000, 100), 1);
  assert_int_equal(nm_song_finish(part, NULL), NM_OK);
  if (!nm_song_equal(part, kit.song, why, sizeof why)) fail_msg("%s", why);
  nm_song_free(part);
}

static void words_become_a_sheet(void **state)
{
  NmSheet sheet;
  NmError err = {0};
  if (nm_sheet_from_song(kit.song, 1, 2, kit.syllabifier, &sheet, &err)) fail_msg("%s", err.message);
  assert_int_equal(sheet.song->n_notes, 0);
  assert_int_equal(sheet.song->n_syllables, 8);
  assert_int_equal(sheet.n_stanzas, 2);
  assert_int_equal(sheet.song->lines[0].stanza, 0);
  assert_int_equal(sheet.song->lines[1].stanza, 1);
  assert_int_equal(sheet.same_as[1], 0);
  assert_int_equal(sheet.song->syllables[0].stress, 1); // the dictionary knows silver
  assert_int_equal(sheet.song->syllables[1].stress, 0);
  assert_true(sheet.song->syllables[0].n_phones > 0);
  nm_sheet_fini(&sheet);
  assert_int_equal(nm_sheet_from_song(kit.song, 3, 1, NULL, &sheet, &err), NM_ERR_BAD_DATA);
  if (nm_sheet_from_song(kit.song, 0, 1, NULL, &sheet, &err)) fail_msg("%s", err.message);
  assert_int_equal(sheet.song->syllables[0].stress, -1);
  nm_sheet_fini(&sheet);
}

static void rows_of_attention_sum_to_one_at_most(void **state)
{
  float weights[4 * 4];
  NmError err = {0};
  if (nm_song_attend(&kit.model, kit.song, 1, 5, 4, weights, &err)) fail_msg("%s", err.message);
  for (int i = 0; i < 4; i++) {
    float sum = 0;
    for (int j = 0; j < 4; j++) {
      assert_true(weights[i * 4 + j] >= 0);
      sum += weights[i * 4 + j];
    }
    assert_true(sum > 0 && sum <= 1.0001f);
    assert_true(fabsf(weights[i * 4 + 2] - weights[i * 4 + 3]) < 1e-6f); // of one note
  }
  if (nm_song_attend(&kit.model, kit.song, 2, 9, 4, weights, &err)) fail_msg("%s", err.message);
  for (int i = 0; i < 4; i++) assert_true(weights[i * 4] == 0); // unsung
  assert_int_equal(nm_song_attend(&kit.model, kit.song, 3, 0, 1, weights, &err), NM_ERR_BAD_ARG);
  assert_int_equal(nm_song_attend(&kit.model, kit.song, 0, 10, 4, weights, &err), NM_ERR_BAD_ARG);
}

static bool cut(void *ctx)
{
  NmSong *part = nm_song_cut(kit.song, 0, 2, NULL);
  nm_song_free(part);
  return part;
}

static bool read_words(void *ctx)
{
  NmSheet sheet;
  if (nm_sheet_from_song(kit.song, 0, 3, NULL, &sheet, NULL)) return false;
  nm_sheet_fini(&sheet);
  return true;
}

static bool attend(void *ctx)
{
  float weights[5 * 4];
  return nm_song_attend(&kit.model, kit.song, 0, 0, 5, weights, NULL) == NM_OK;
}

static void memory_that_runs_out_is_told(void **state)
{
  assert_true(nm_fail_alloc_each(cut, NULL, false) > 0);
  assert_true(nm_fail_alloc_each(read_words, NULL, false) > 0);
  assert_true(attend(NULL)); // parameters are packed
  assert_true(nm_fail_alloc_each(attend, NULL, false) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_are_cut_out), cmocka_unit_test(a_whole_song_is_the_same),
      cmocka_unit_test(words_become_a_sheet), cmocka_unit_test(rows_of_attention_sum_to_one_at_most),
      cmocka_unit_test(memory_that_runs_out_is_told)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
