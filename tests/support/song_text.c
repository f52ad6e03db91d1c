// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/song_text.h"

static void put_beats(FILE *file, const NmSong *song, int64_t ticks)
{
  int64_t a = ticks, b = song->ticks_per_beat;
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  const int64_t unit = song->ticks_per_beat / (a ? a : 1), beats = ticks / (a ? a : 1);
  if (unit == 1)
    fprintf(file, " %lld", (long long)beats);
  else
    fprintf(file, " %lld/%lld", (long long)beats, (long long)unit);
}

static void put_syllable(FILE *file, const NmSong *song, const NmSongLink *link)
{
  const NmSongSyllable *syllable = &song->syllables[link->syllable];
  const NmSongWord *word = &song->words[syllable->word];
  const int verse = song->lines[word->line].verse;
  for (const NmSongLink *before = song->links; before < link; ++before)
    if (before->syllable == link->syllable) {
      fprintf(file, " %d:_", verse);
      return;
    }
  fprintf(file, " %d:%s%s", verse, syllable->text,
          link->syllable + 1 < word->syllable_first + word->n_syllables ? "-" : "");
}

static void put_notes(FILE *file, const NmSong *song)
{
  int32_t link = 0;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    int64_t place;
    fprintf(file, "%lld", (long long)nm_song_get_bar(song, song->notes[i].onset, &place, NULL) + 1);
    put_beats(file, song, song->notes[i].onset);
    put_beats(file, song, song->notes[i].len);
    fprintf(file, " %d |", song->notes[i].pitch);
    for (; link < song->n_links && song->links[link].note == i; ++link)
      put_syllable(file, song, &song->links[link]);
    fputc('\n', file);
  }
}

static void put_maps(FILE *file, const NmSong *song)
{
  for (int32_t i = 0; i < song->n_keys; ++i) {
    fprintf(file, "key %d %s at", song->keys[i].fifths, song->keys[i].minor ? "minor" : "major");
    put_beats(file, song, song->keys[i].tick);
    fputc('\n', file);
  }
  for (int32_t i = 0; i < song->n_meters; ++i) {
    fprintf(file, "meter %d/%d at", song->meters[i].n_beats, song->meters[i].beat_unit);
    put_beats(file, song, song->meters[i].tick);
    fputc('\n', file);
  }
  for (int32_t i = 0; i < song->n_tempos; ++i) {
    fprintf(file, "tempo %.6g at", song->tempos[i].bpm);
    put_beats(file, song, song->tempos[i].tick);
    fputc('\n', file);
  }
}

static void put_lines(FILE *file, const NmSong *song)
{
  for (int32_t i = 0; i < song->n_lines; ++i) {
    const NmSongLine *line = &song->lines[i];
    fprintf(file, "line %d.%d:", line->verse, line->stanza);
    for (int32_t j = line->word_first; j < line->word_first + line->n_words; ++j) {
      fputc(' ', file);
      for (int32_t k = 0; k < song->words[j].n_syllables; ++k)
        fputs(song->syllables[song->words[j].syllable_first + k].text, file);
    }
    fputc('\n', file);
  }
}

void nm_song_print(FILE *file, const NmSong *song)
{
  put_maps(file, song);
  put_lines(file, song);
  put_notes(file, song);
}
