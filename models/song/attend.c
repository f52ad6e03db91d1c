// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/attend.h"

#include <string.h>

#include "models/song/cut.h"

enum { LINES_BEFORE = 4, LINES_BEHIND = 4 };

typedef struct {
  const NmSongModel *model;
  NmSong *part;       // the lines that are heard
  int32_t line;       // of the part
  int32_t first, end; // its syllables
  NmArena arena;
  NmLyricToken *words; // [n_units] syllables that begin on a note of their own
  NmNoteToken *notes;  // [part->n_notes]
  int32_t *unit_of;    // [part->n_syllables] of `words`; -1: unsung
  int32_t *owner;      // [part->n_notes] the syllable that is sung on, -1: none
  int32_t n_units;
  NmSongFrame frame;
} Listener;

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// The lines around of the same verse.
static NmSong *cut_window(const NmSong *song, int32_t line, int32_t *line_first, NmError *err)
{
  int32_t first = line, end = line + 1;
  while (first > 0 && line - first < LINES_BEFORE && song->lines[first - 1].verse == song->lines[line].verse)
    --first;
  while (end < song->n_lines && end - line <= LINES_BEHIND &&
         song->lines[end].verse == song->lines[line].verse)
    ++end;
  *line_first = first;
  return nm_song_cut(song, first, end - first, err);
}

// Links are by note, then syllable: the first of a note is sung on it, others of it share that.
static void find_units(Listener *l, NmLyricToken *all)
{
  const NmSong *part = l->part;
  for (int32_t i = 0; i < part->n_notes; ++i) l->owner[i] = -1;
  for (int32_t s = 0; s < part->n_syllables; ++s) l->unit_of[s] = -1;
  for (int32_t i = 0; i < part->n_links; ++i) {
    const NmSongLink *link = &part->links[i];
    if (l->owner[link->note] < 0) l->owner[link->note] = link->syllable;
  }
  for (int32_t i = 0; i < part->n_notes; ++i)
    if (l->owner[i] >= 0) l->unit_of[l->owner[i]] = 0;
  for (int32_t s = 0; s < part->n_syllables; ++s) {
    if (l->unit_of[s] == 0) {
      l->unit_of[s] = l->n_units;
      l->words[l->n_units++] = all[s];
    } else if (l->n_units > 0 && l->words[l->n_units - 1].end < all[s].end) {
      l->words[l->n_units - 1].end = all[s].end;
    }
  }
}

static NmStatus prepare(Listener *l, NmError *err)
{
  const size_t n_notes = (size_t)l->part->n_notes + 1, n = (size_t)l->part->n_syllables + 1;
  int semitones;
  NmLyricToken *all = nm_arena_calloc(&l->arena, n, sizeof *all);
  l->words = nm_arena_calloc(&l->arena, n, sizeof *l->words);
  l->notes = nm_arena_calloc(&l->arena, n_notes, sizeof *l->notes);
  l->unit_of = nm_arena_calloc(&l->arena, n, sizeof *l->unit_of);
  l->owner = nm_arena_calloc(&l->arena, n_notes, sizeof *l->owner);
  if (!all || !l->words || !l->notes || !l->unit_of || !l->owner) return no_memory(err);
  nm_song_encode_lyrics(l->part, 1, l->model->vocabulary, all);
  nm_song_encode_notes(l->part, 1, l->notes, &l->frame, &semitones);
  find_units(l, all);
  return NM_OK;
}

static void choose(NmSongDecoder *decoder, const NmNoteToken *note)
{
  const int32_t values[NM_SONG_N_CHOICES] = {note->tie == NM_TIE_YES ? NM_TIE_YES : NM_TIE_NO,
                                             nm_song_gap_class(note->gap), note->pitch,
                                             nm_song_len_class(note->len)};
  for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
    (void)nm_song_decoder_logits(decoder, c);
    nm_song_decoder_choose(decoder, c, &values[c]);
  }
}

// A note's weights; a syllable without a note of its own shares those of the one before it.
static void keep(const Listener *l, const float *seen, float *row)
{
  for (int32_t s = l->first; s < l->end; ++s)
    if (l->unit_of[s] >= 0) row[s - l->first] = seen[l->unit_of[s]];
  for (int32_t i = 0; i < l->part->n_links; ++i) {
    const NmSongLink *link = &l->part->links[i];
    const int32_t owner = l->owner[link->note];
    if (owner < l->first || link->syllable >= l->end || l->unit_of[link->syllable] >= 0) continue;
    row[link->syllable - l->first] = row[owner - l->first] /= 2;
  }
}

static NmStatus hear(const Listener *l, int32_t note_first, int32_t note_end, float *weights, NmError *err)
{
  NmSongDecoder *decoder = nm_song_decoder_new(l->model, NM_SONG_MELODY, 1, note_end + 1, err);
  if (!decoder) return err->status;
  const NmStatus status = nm_song_decoder_set_lyrics(decoder, l->words, l->n_units, &l->frame, err);
  for (int32_t i = 0; i < note_end && status == NM_OK && nm_song_decoder_next(decoder); ++i) {
    if (i >= note_first)
      keep(l, nm_song_decoder_get_weights(decoder),
           weights + (size_t)(i - note_first) * (size_t)(l->end - l->first));
    choose(decoder, &l->notes[i]);
  }
  nm_song_decoder_free(decoder);
  return status;
}

static void find_line(Listener *l)
{
  const NmSongLine *line = &l->part->lines[l->line];
  const NmSongWord *words = l->part->words;
  l->first = words[line->word_first].syllable_first;
  const NmSongWord *last = &words[line->word_first + line->n_words - 1];
  l->end = last->syllable_first + last->n_syllables;
}

// The line's notes in the part, which has none that are not sung: *end 0 when there are none.
static void find_notes(const Listener *l, int32_t *first, int32_t *end)
{
  *first = *end = 0;
  for (int32_t i = 0; i < l->part->n_notes; ++i) {
    if (l->owner[i] < l->first || l->owner[i] >= l->end) continue;
    if (*end == 0) *first = i;
    *end = i + 1;
  }
}

// Which notes of the song those of the line are: rows of `heard` go to rows of `weights`.
static void spread(const Listener *l, const NmSong *song, int32_t line, int32_t note_first, int32_t n_notes,
                   const float *heard, int32_t n_heard, float *weights)
{
  const size_t n = (size_t)(l->end - l->first);
  int32_t last = -1, row = 0;
  for (int32_t i = 0; i < song->n_links && row < n_heard; ++i) {
    const NmSongLink *link = &song->links[i];
    if (song->words[song->syllables[link->syllable].word].line != line || link->note == last) continue;
    last = link->note;
    if (last >= note_first && last < note_first + n_notes)
      memcpy(weights + (size_t)(last - note_first) * n, heard + (size_t)row * n, n * sizeof *weights);
    ++row;
  }
}

static NmStatus attend(Listener *l, const NmSong *song, int32_t line, int32_t note_first, int32_t n_notes,
                       float *weights, NmError *err)
{
  int32_t first, end;
  NmStatus status = prepare(l, err);
  if (status != NM_OK) return status;
  find_line(l);
  find_notes(l, &first, &end);
  memset(weights, 0, (size_t)n_notes * (size_t)(l->end - l->first) * sizeof *weights);
  if (end == 0) return NM_OK;
  float *heard =
      nm_arena_calloc(&l->arena, (size_t)(end - first) * (size_t)(l->end - l->first), sizeof *heard);
  if (!heard) return no_memory(err);
  status = hear(l, first, end, heard, err);
  if (status == NM_OK) spread(l, song, line, note_first, n_notes, heard, end - first, weights);
  return status;
}

NmStatus nm_song_attend(const NmSongModel *model, const NmSong *song, int32_t line, int32_t note_first,
                        int32_t n_notes, float *weights, NmError *err)
{
  NmError local = {0};
  int32_t line_first = 0;
  if (!err) err = &local;
  if (line < 0 || line >= song->n_lines || note_first < 0 || n_notes < 1 ||
      note_first + n_notes > song->n_notes)
    return nm_error_set(err, NM_ERR_BAD_ARG, "there is no such line");
  Listener l = {.model = model, .part = cut_window(song, line, &line_first, err)};
  if (!l.part) return err->status;
  l.line = line - line_first;
  nm_arena_init(&l.arena, 1 << 14);
  const NmStatus status = attend(&l, song, line, note_first, n_notes, weights, err);
  nm_arena_fini(&l.arena);
  nm_song_free(l.part);
  return status;
}
