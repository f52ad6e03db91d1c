// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/copy.h"

#include <string.h>

static bool copy_text(NmSong *copy, const char *text, const char **kept)
{
  *kept = text ? nm_song_keep(copy, text, strlen(text)) : NULL;
  return !text || *kept;
}

static bool copy_texts(const NmSong *song, NmSong *copy)
{
  return copy_text(copy, song->title, &copy->title) && copy_text(copy, song->composer, &copy->composer) &&
         copy_text(copy, song->lyricist, &copy->lyricist) && copy_text(copy, song->language, &copy->language);
}

static bool copy_maps(const NmSong *song, NmSong *copy)
{
  bool ok = true;
  for (int32_t i = 0; ok && i < song->n_keys; ++i)
    ok = nm_song_add_key(copy, song->keys[i].tick, song->keys[i].fifths, song->keys[i].minor) >= 0;
  for (int32_t i = 0; ok && i < song->n_meters; ++i)
    ok = nm_song_add_meter(copy, song->meters[i].tick, song->meters[i].n_beats, song->meters[i].beat_unit) >=
         0;
  for (int32_t i = 0; ok && i < song->n_tempos; ++i)
    ok = nm_song_add_tempo(copy, song->tempos[i].tick, song->tempos[i].bpm) >= 0;
  return ok;
}

static bool copy_notes(const NmSong *song, NmSong *copy)
{
  bool ok = true;
  for (int32_t i = 0; ok && i < song->n_notes; ++i) {
    const NmSongNote *note = &song->notes[i];
    ok = nm_song_add_note(copy, note->onset, note->len, note->pitch, note->velocity) >= 0;
  }
  for (int32_t i = 0; ok && i < song->n_links; ++i)
    ok = nm_song_add_link(copy, song->links[i].syllable, song->links[i].note) >= 0;
  return ok;
}

static bool copy_word(const NmSong *song, const NmSongWord *word, NmSong *copy)
{
  if (nm_song_add_word(copy) < 0) return false;
  for (int32_t i = word->syllable_first; i < word->syllable_first + word->n_syllables; ++i) {
    const NmSongSyllable *syllable = &song->syllables[i];
    const int32_t *phones = song->phones ? song->phones + syllable->phone_first : NULL;
    if (nm_song_add_syllable(copy, syllable->text, strlen(syllable->text), syllable->stress) < 0)
      return false;
    if (syllable->n_phones && nm_song_add_phones(copy, phones, syllable->n_phones) < 0) return false;
    if (!nm_song_set_lengths(copy, syllable->lengths_s, syllable->n_lengths, syllable->shift_s)) return false;
  }
  return true;
}

static bool copy_words(const NmSong *song, NmSong *copy)
{
  for (int32_t i = 0; i < song->n_lines; ++i) {
    const NmSongLine *line = &song->lines[i];
    if (nm_song_add_line(copy, line->verse, line->stanza) < 0) return false;
    for (int32_t w = line->word_first; w < line->word_first + line->n_words; ++w)
      if (!copy_word(song, &song->words[w], copy)) return false;
  }
  return true;
}

NmSong *nm_song_copy(const NmSong *song)
{
  NmSong *copy = nm_song_new();
  if (!copy) return NULL;
  copy->ticks_per_beat = song->ticks_per_beat;
  copy->pickup = song->pickup;
  if (copy_texts(song, copy) && copy_maps(song, copy) && copy_words(song, copy) && copy_notes(song, copy))
    return copy;
  nm_song_free(copy);
  return NULL;
}
