// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "models/song/sheet.h"

// Longer words are sung as they are known.
enum { WORD_BYTES_MAX = 256 };

typedef struct {
  const NmSong *from;
  NmSyllabifier *syllabifier;
  NmSheet *sheet;
  NmError *err;
} Reader;

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static bool is_known(const NmSong *song, const NmSongWord *word)
{
  for (int32_t i = 0; i < word->n_syllables; ++i) {
    const NmSongSyllable *at = &song->syllables[word->syllable_first + i];
    if (at->n_phones == 0 || at->stress < 0) return false;
  }
  return true;
}

// The word in one piece; false when it is too long.
static bool join(const NmSong *song, const NmSongWord *word, char text[WORD_BYTES_MAX], size_t *len)
{
  *len = 0;
  for (int32_t i = 0; i < word->n_syllables; ++i) {
    const char *part = song->syllables[word->syllable_first + i].text;
    const size_t n = strlen(part);
    if (*len + n >= WORD_BYTES_MAX) return false;
    memcpy(text + *len, part, n);
    *len += n;
  }
  return *len > 0 && !memchr(text, ' ', *len);
}

// What the dictionary says of the word; n 0 where that is of no use.
static NmStatus look_up(const Reader *r, const NmSongWord *word, NmSyllables *found)
{
  char text[WORD_BYTES_MAX];
  size_t len;
  *found = (NmSyllables){0};
  if (!r->syllabifier || is_known(r->from, word) || !join(r->from, word, text, &len)) return NM_OK;
  const NmStatus status = nm_syllabifier_word(r->syllabifier, text, len, found, r->err);
  if (found->n != word->n_syllables) found->n = 0;
  return status;
}

static bool add_syllable(const Reader *r, const NmSongSyllable *at, const NmSyllables *found, int32_t i)
{
  NmSong *song = r->sheet->song;
  const NmSyllable *known = found->n ? &found->syllables[i] : NULL;
  const int32_t *phones = r->from->phones + at->phone_first;
  if (nm_song_add_syllable(song, at->text, strlen(at->text), known ? known->stress : at->stress) < 0)
    return false;
  if (known) return nm_song_add_phones(song, found->phones + known->phone_first, known->n_phones) >= 0;
  return at->n_phones == 0 || nm_song_add_phones(song, phones, at->n_phones) >= 0;
}

static NmStatus add_word(const Reader *r, const NmSongWord *word)
{
  NmSyllables found;
  const NmStatus status = look_up(r, word, &found);
  if (status != NM_OK) return status;
  if (nm_song_add_word(r->sheet->song) < 0) return no_memory(r->err);
  for (int32_t i = 0; i < word->n_syllables; ++i)
    if (!add_syllable(r, &r->from->syllables[word->syllable_first + i], &found, i)) return no_memory(r->err);
  return NM_OK;
}

// Stanzas are counted from 0 without gaps.
static NmStatus add_line(const Reader *r, int32_t line, bool begins_stanza)
{
  const NmSongLine *at = &r->from->lines[line];
  if (begins_stanza) ++r->sheet->n_stanzas;
  if (nm_song_add_line(r->sheet->song, 1, r->sheet->n_stanzas - 1) < 0) return no_memory(r->err);
  NmStatus status = NM_OK;
  for (int32_t w = 0; w < at->n_words && status == NM_OK; ++w)
    status = add_word(r, &r->from->words[at->word_first + w]);
  return status;
}

static NmStatus read_lines(const Reader *r, int32_t line_first, int32_t n_lines)
{
  NmStatus status = NM_OK;
  for (int32_t l = line_first; l < line_first + n_lines && status == NM_OK; ++l) {
    const NmSongLine *lines = r->from->lines;
    status = add_line(r, l, l == line_first || lines[l].stanza != lines[l - 1].stanza);
  }
  if (status != NM_OK) return status;
  NmArena *arena = &r->sheet->song->arena;
  r->sheet->labels = nm_arena_calloc(arena, (size_t)r->sheet->n_stanzas, sizeof *r->sheet->labels);
  if (!r->sheet->labels) return no_memory(r->err);
  status = nm_sheet_mark_repeats(r->sheet, "the song", r->err);
  return status == NM_OK ? nm_song_finish(r->sheet->song, r->err) : status;
}

NmStatus nm_sheet_from_song(const NmSong *song, int32_t line_first, int32_t n_lines,
                            NmSyllabifier *syllabifier, NmSheet *sheet, NmError *err)
{
  const Reader r = {.from = song, .syllabifier = syllabifier, .sheet = sheet, .err = err};
  *sheet = (NmSheet){0};
  if (n_lines < 1 || line_first < 0 || line_first + n_lines > song->n_lines)
    return nm_error_set(err, NM_ERR_BAD_DATA, "there are no words to compose for");
  sheet->song = nm_song_new();
  const NmStatus status = sheet->song ? read_lines(&r, line_first, n_lines) : no_memory(err);
  if (status != NM_OK) nm_sheet_fini(sheet);
  return status;
}
