// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/fake_muse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/song/copy.h"

// A line of text on each line, words between spaces, a syllable each.
static NmSong *read_text(const char *text)
{
  NmSong *song = nm_song_new();
  assert_non_null(song);
  while (*(text += strspn(text, "\n"))) {
    size_t len = strcspn(text, "\n");
    bool begins = true;
    for (const char *end = text + len; text < end;) {
      size_t n = strcspn(text, " \n");
      if (n > 0 && begins) assert_true(nm_song_add_line(song, 1, 0) >= 0);
      if (n > 0) {
        begins = false;
        assert_true(nm_song_add_word(song) >= 0 && nm_song_add_syllable(song, text, n, -1) >= 0);
      }
      text += n + (text[n] == ' ');
    }
  }
  return song;
}

// A note for every syllable, higher from song to song.
static void add_melody(NmSong *song, int k, int64_t len)
{
  static const int steps[] = {0, 2, 4, 5, 7, 5, 4, 2};
  assert_true(nm_song_add_key(song, 0, k, false) >= 0 && nm_song_add_meter(song, 0, 4, 4) >= 0);
  for (int32_t i = 0; i < song->n_syllables; i++) {
    int32_t note = nm_song_add_note(song, i * len, len, 60 + k + steps[(i * (k + 1)) % 8], 0);
    assert_true(note >= 0 && nm_song_add_link(song, i, note) >= 0);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
}

static NmSong *copy_lines(const NmVariantsRequest *q)
{
  NmSheet sheet;
  int32_t n = q->n_lines ? q->n_lines : q->song->n_lines;
  assert_int_equal(nm_sheet_from_song(q->song, q->line_first, n, NULL, &sheet, NULL), NM_OK);
  return sheet.song;
}

static NmSong *write_words(const NmVariantsRequest *q, int k)
{
  static const char *const words[] = {"do", "re", "mi", "fa", "sol"};
  NmSong *song = q->n_lines ? copy_lines(q) : nm_song_copy(q->song);
  assert_non_null(song);
  for (int32_t i = 0; i < song->n_syllables; i++) song->syllables[i].text = words[(i + k) % 5];
  return song;
}

static NmStatus make(NmSongTools *tools, const NmVariantsRequest *q, NmVariantsTake take, void *user,
                     NmError *err)
{
  if (q->kind != NM_VARIANTS_SONG && q->song->n_lines == 0)
    return nm_error_set(err, NM_ERR_BAD_DATA, "there are no words to compose for");
  for (int k = 0; k < 3; k++) {
    NmSong *song = q->kind == NM_VARIANTS_WORDS  ? write_words(q, k)
                   : q->kind == NM_VARIANTS_SONG ? read_text(q->text)
                                                 : copy_lines(q);
    if (song->n_syllables == 0) {
      nm_song_free(song);
      return nm_error_set(err, NM_ERR_BAD_DATA, "The lyrics: no words to sing were found");
    }
    if (q->kind != NM_VARIANTS_WORDS) add_melody(song, k, k == 2 ? 720 : 480);
    take(user, song, 1 - .25 * k);
  }
  return NM_OK;
}

// Without attention: how stress, rests and lengths weigh it needs no model.
static NmLineWeights *weigh(NmSongTools *tools, const NmSong *song, int32_t line)
{
  return nm_weigh_line(NULL, song, line);
}

static void wake(void *user) {}

void fake_muse_install(Puppet *puppet)
{
  NmComposing *composing = &puppet->studio->composing;
  nm_muse_free(composing->muse);
  composing->muse = nm_muse_new(&(NmMuseArt){make, weigh}, false, wake, NULL);
  assert_non_null(composing->muse);
}
