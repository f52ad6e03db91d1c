// SPDX-License-Identifier: GPL-3.0-or-later
// song_dump FILE [OUT]: a song in any format as text, one line a note: bar, onset and length in beats, pitch,
// and under "|" its syllables, "verse:text", with "-" where the word goes on and "_" where a syllable is
// held. With OUT the song is written there as well, in the format of its ending.
#include <stdio.h>
#include <string.h>

#include "app/formats/song_file.h"

static void put_beats(const NmSong *song, int64_t ticks)
{
  int64_t a = ticks, b = song->ticks_per_beat;
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  const int64_t unit = song->ticks_per_beat / (a ? a : 1), beats = ticks / (a ? a : 1);
  if (unit == 1)
    printf(" %lld", (long long)beats);
  else
    printf(" %lld/%lld", (long long)beats, (long long)unit);
}

static void put_syllable(const NmSong *song, const NmSongLink *link)
{
  const NmSongSyllable *syllable = &song->syllables[link->syllable];
  const NmSongWord *word = &song->words[syllable->word];
  const int verse = song->lines[word->line].verse;
  for (const NmSongLink *before = song->links; before < link; ++before)
    if (before->syllable == link->syllable) {
      printf(" %d:_", verse);
      return;
    }
  printf(" %d:%s%s", verse, syllable->text,
         link->syllable + 1 < word->syllable_first + word->n_syllables ? "-" : "");
}

static void put_notes(const NmSong *song)
{
  int32_t link = 0;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    int64_t place;
    printf("%lld", (long long)nm_song_get_bar(song, song->notes[i].onset, &place, NULL) + 1);
    put_beats(song, song->notes[i].onset);
    put_beats(song, song->notes[i].len);
    printf(" %d |", song->notes[i].pitch);
    for (; link < song->n_links && song->links[link].note == i; ++link)
      put_syllable(song, &song->links[link]);
    putchar('\n');
  }
}

static void put_maps(const NmSong *song)
{
  for (int32_t i = 0; i < song->n_keys; ++i) {
    printf("key %d %s at", song->keys[i].fifths, song->keys[i].minor ? "minor" : "major");
    put_beats(song, song->keys[i].tick);
    putchar('\n');
  }
  for (int32_t i = 0; i < song->n_meters; ++i) {
    printf("meter %d/%d at", song->meters[i].n_beats, song->meters[i].beat_unit);
    put_beats(song, song->meters[i].tick);
    putchar('\n');
  }
  for (int32_t i = 0; i < song->n_tempos; ++i) {
    printf("tempo %.6g at", song->tempos[i].bpm);
    put_beats(song, song->tempos[i].tick);
    putchar('\n');
  }
}

static void put_lines(const NmSong *song)
{
  for (int32_t i = 0; i < song->n_lines; ++i) {
    const NmSongLine *line = &song->lines[i];
    printf("line %d.%d:", line->verse, line->stanza);
    for (int32_t j = line->word_first; j < line->word_first + line->n_words; ++j) {
      putchar(' ');
      for (int32_t k = 0; k < song->words[j].n_syllables; ++k)
        fputs(song->syllables[song->words[j].syllable_first + k].text, stdout);
    }
    putchar('\n');
  }
}

int main(int n_args, char **args)
{
  NmError err = {0};
  NmSongNotes notes = {0};
  NmSong *song = NULL;
  if (n_args < 2 || n_args > 3) {
    fputs("usage: song_dump FILE [OUT]\n", stderr);
    return 2;
  }
  NmStatus status = nm_song_file_read(args[1], NULL, &song, &notes, &err);
  if (status == NM_OK) {
    put_maps(song);
    put_lines(song);
    put_notes(song);
    for (int32_t i = 0; i < notes.n; ++i) fprintf(stderr, "note: %s\n", notes.text[i]);
    if (n_args == 3) status = nm_song_file_write(args[2], song, NULL, true, &err);
  }
  if (status != NM_OK) fprintf(stderr, "song_dump: %s\n", err.message);
  nm_song_free(song);
  return status == NM_OK ? 0 : 1;
}
