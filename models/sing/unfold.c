// SPDX-License-Identifier: GPL-3.0-or-later
// Verses one after the other.
#include <stdlib.h>
#include <string.h>

#include "models/sing/sing.h"
#include "models/sing/verse.h"

typedef struct {
  const NmSong *from;
  NmSong *to;
  int64_t period; // ticks from one verse to the next
  int32_t *line_of, *note_of, *syllable_of;
  bool *active;
  int8_t *on;
  int stanza; // of the next line
} Unfolder;

int64_t nm_sing_get_period(const NmSong *song)
{
  int64_t place, len;
  const int64_t end = nm_song_get_end(song) + song->pickup;
  nm_song_get_bar(song, end, &place, &len);
  return end + (place > 0 ? len - place : 0) - song->pickup;
}

// A map of one entry holds for all verses.
static bool add_maps(const Unfolder *u, int32_t pass)
{
  const NmSong *from = u->from;
  const int64_t shift = pass * u->period;
  bool ok = true;
  for (int32_t i = 0; ok && i < from->n_keys && (pass == 0 || from->n_keys > 1); ++i)
    ok = nm_song_add_key(u->to, from->keys[i].tick + shift, from->keys[i].fifths, from->keys[i].minor) >= 0;
  for (int32_t i = 0; ok && i < from->n_tempos && (pass == 0 || from->n_tempos > 1); ++i)
    ok = nm_song_add_tempo(u->to, from->tempos[i].tick + shift, from->tempos[i].bpm) >= 0;
  for (int32_t i = 0; ok && i < from->n_meters && (pass == 0 || from->n_meters > 1); ++i) {
    const NmSongMeter *meter = &from->meters[i];
    const int64_t tick = pass > 0 && meter->tick < from->pickup ? from->pickup : meter->tick;
    ok = nm_song_add_meter(u->to, tick + shift, meter->n_beats, meter->beat_unit) >= 0;
  }
  return ok;
}

// The notes of a pass, but those that only other verses have.
static bool add_notes(const Unfolder *u, int32_t pass)
{
  for (int32_t i = 0; i < u->from->n_notes; ++i) {
    const NmSongNote *note = &u->from->notes[i];
    u->note_of[i] = -1;
    bool linked = u->on[i] == 0;
    linked |= u->on[i] == 1;
    for (int32_t k = 0; !linked && k < u->from->n_links; ++k)
      linked = u->from->links[k].note == i && u->active[u->line_of[u->from->links[k].syllable]];
    if (!linked) continue;
    u->note_of[i] =
        nm_song_add_note(u->to, note->onset + pass * u->period, note->len, note->pitch, note->velocity);
    if (u->note_of[i] < 0) return false;
  }
  return true;
}

static bool add_word(const Unfolder *u, const NmSongWord *word)
{
  if (nm_song_add_word(u->to) < 0) return false;
  for (int32_t s = word->syllable_first; s < word->syllable_first + word->n_syllables; ++s) {
    const NmSongSyllable *syllable = &u->from->syllables[s];
    u->syllable_of[s] = nm_song_add_syllable(u->to, syllable->text, strlen(syllable->text), syllable->stress);
    if (u->syllable_of[s] < 0) return false;
    if (syllable->n_phones &&
        nm_song_add_phones(u->to, u->from->phones + syllable->phone_first, syllable->n_phones) < 0)
      return false;
    if (!nm_song_set_lengths(u->to, syllable->lengths_s, syllable->n_lengths, syllable->shift_s))
      return false;
  }
  return true;
}

static bool add_lines(Unfolder *u)
{
  int32_t stanza = -1;
  for (int32_t l = 0; l < u->from->n_lines; ++l) {
    const NmSongLine *line = &u->from->lines[l];
    if (!u->active[l]) continue;
    if (stanza >= 0 && line->stanza != stanza) ++u->stanza;
    stanza = line->stanza;
    if (nm_song_add_line(u->to, 1, u->stanza) < 0) return false;
    for (int32_t w = 0; w < line->n_words; ++w)
      if (!add_word(u, &u->from->words[line->word_first + w])) return false;
  }
  u->stanza += stanza >= 0;
  return true;
}

static bool add_links(const Unfolder *u)
{
  for (int32_t i = 0; i < u->from->n_links; ++i) {
    const NmSongLink *link = &u->from->links[i];
    if (!u->active[u->line_of[link->syllable]]) continue;
    if (nm_song_add_link(u->to, u->syllable_of[link->syllable], u->note_of[link->note]) < 0) return false;
  }
  return true;
}

static const char *keep(NmSong *song, const char *text)
{
  return text ? nm_song_keep(song, text, strlen(text)) : NULL;
}

static bool unfold(Unfolder *u)
{
  const NmSong *from = u->from;
  u->to->ticks_per_beat = from->ticks_per_beat;
  u->to->pickup = from->pickup;
  u->to->title = keep(u->to, from->title);
  u->to->composer = keep(u->to, from->composer);
  u->to->lyricist = keep(u->to, from->lyricist);
  u->to->language = keep(u->to, from->language);
  nm_verse_find_lines(from, u->line_of);
  int32_t pass = 0;
  for (int32_t verse = 1; verse <= nm_verse_count(from); ++verse) {
    if (!nm_verse_exists(from, verse)) continue;
    nm_verse_choose(from, verse, u->line_of, u->active, u->on);
    if (!add_maps(u, pass) || !add_notes(u, pass) || !add_lines(u) || !add_links(u)) return false;
    ++pass;
  }
  return true;
}

NmSong *nm_sing_unfold(const NmSong *song, NmError *err)
{
  const size_t n_syllables = (size_t)song->n_syllables + 1, n_notes = (size_t)song->n_notes + 1;
  Unfolder u = {.from = song,
                .to = nm_song_new(),
                .period = nm_sing_get_period(song),
                .line_of = malloc(n_syllables * sizeof(int32_t)),
                .syllable_of = malloc(n_syllables * sizeof(int32_t)),
                .note_of = malloc(n_notes * sizeof(int32_t)),
                .active = malloc((size_t)song->n_lines + 1),
                .on = malloc(n_notes)};
  bool ok = u.to && u.line_of && u.syllable_of && u.note_of && u.active && u.on;
  if (!ok || !unfold(&u)) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory, or more notes than a song can have");
    ok = false;
  }
  if (ok) ok = nm_song_finish(u.to, err) == NM_OK;
  free(u.line_of);
  free(u.syllable_of);
  free(u.note_of);
  free(u.active);
  free(u.on);
  if (ok) return u.to;
  nm_song_free(u.to);
  return NULL;
}
