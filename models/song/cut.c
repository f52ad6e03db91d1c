// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/cut.h"

#include <string.h>

typedef struct {
  const NmSong *from;
  NmSong *to;
  int32_t line_first, n_lines;
  int32_t *note_of; // [from->n_notes] in `to`, -1: not there
} Cut;

static bool has_syllable(const Cut *c, int32_t syllable)
{
  const int32_t line = c->from->words[c->from->syllables[syllable].word].line;
  return line >= c->line_first && line < c->line_first + c->n_lines;
}

static bool add_maps(const Cut *c, int64_t start)
{
  const NmSong *from = c->from;
  const NmSongKey key = nm_song_get_key(from, start);
  const NmSongMeter meter = nm_song_get_meter(from, start);
  double bpm = 0;
  for (int32_t i = 0; i < from->n_tempos; ++i)
    if (i == 0 || from->tempos[i].tick <= start) bpm = from->tempos[i].bpm;
  return (!from->n_keys || nm_song_add_key(c->to, 0, key.fifths, key.minor) >= 0) &&
         (!from->n_meters || nm_song_add_meter(c->to, 0, meter.n_beats, meter.beat_unit) >= 0) &&
         (!from->n_tempos || nm_song_add_tempo(c->to, 0, bpm) >= 0);
}

static bool start_at(const Cut *c, int64_t tick)
{
  int64_t place, len_bar;
  nm_song_get_bar(c->from, tick, &place, &len_bar);
  c->to->pickup = place ? len_bar - place : 0;
  return add_maps(c, tick);
}

// Links are by note.
static bool add_notes(const Cut *c)
{
  const NmSong *from = c->from;
  int64_t start = 0;
  bool ok = true;
  for (int32_t i = 0; i < from->n_notes; ++i) c->note_of[i] = -1;
  for (int32_t i = 0; i < from->n_links && ok; ++i) {
    const int32_t n = from->links[i].note;
    const NmSongNote *note = &from->notes[n];
    if (!has_syllable(c, from->links[i].syllable) || c->note_of[n] >= 0) continue;
    if (c->to->n_notes == 0) start = note->onset, ok = start_at(c, start);
    c->note_of[n] = nm_song_add_note(c->to, note->onset - start, note->len, note->pitch, note->velocity);
    ok = ok && c->note_of[n] >= 0;
  }
  return ok;
}

static bool add_word(const Cut *c, const NmSongWord *word)
{
  bool ok = nm_song_add_word(c->to) >= 0;
  for (int32_t s = word->syllable_first; s < word->syllable_first + word->n_syllables && ok; ++s) {
    const NmSongSyllable *at = &c->from->syllables[s];
    ok = nm_song_add_syllable(c->to, at->text, strlen(at->text), at->stress) >= 0 &&
         (at->n_phones == 0 ||
          nm_song_add_phones(c->to, c->from->phones + at->phone_first, at->n_phones) >= 0);
  }
  return ok;
}

static bool add_lines(const Cut *c)
{
  bool ok = true;
  for (int32_t l = c->line_first; l < c->line_first + c->n_lines && ok; ++l) {
    const NmSongLine *line = &c->from->lines[l];
    ok = nm_song_add_line(c->to, 1, line->stanza) >= 0;
    for (int32_t w = 0; w < line->n_words && ok; ++w) ok = add_word(c, &c->from->words[line->word_first + w]);
  }
  return ok;
}

// The lines' syllables follow each other in both songs.
static bool add_links(const Cut *c)
{
  const int32_t first = c->from->words[c->from->lines[c->line_first].word_first].syllable_first;
  bool ok = true;
  for (int32_t i = 0; i < c->from->n_links && ok; ++i) {
    const NmSongLink *link = &c->from->links[i];
    if (has_syllable(c, link->syllable))
      ok = nm_song_add_link(c->to, link->syllable - first, c->note_of[link->note]) >= 0;
  }
  return ok;
}

NmSong *nm_song_cut(const NmSong *song, int32_t line_first, int32_t n_lines, NmError *err)
{
  Cut c = {.from = song, .line_first = line_first, .n_lines = n_lines};
  if (n_lines < 1 || line_first < 0 || line_first + n_lines > song->n_lines) {
    nm_error_set(err, NM_ERR_BAD_ARG, "there are no such lines");
    return NULL;
  }
  c.to = nm_song_new();
  if (c.to) c.note_of = nm_arena_calloc(&c.to->arena, (size_t)song->n_notes + 1, sizeof *c.note_of);
  if (c.to) c.to->ticks_per_beat = song->ticks_per_beat;
  const bool ok = c.note_of && add_notes(&c) && add_lines(&c) && add_links(&c);
  if (!ok) nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (ok && nm_song_finish(c.to, err) == NM_OK) return c.to;
  nm_song_free(c.to);
  return NULL;
}
