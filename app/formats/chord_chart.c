// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/chord_chart.h"

#include <string.h>

enum { BARS_IN_LINE = 4 };

static void put_chord(const NmChord *chord, FILE *file)
{
  char name[NM_CHORD_NAME_LEN];
  fprintf(file, " %s", nm_chord_get_name(chord, name));
}

void nm_chord_chart_write(const NmSong *song, const NmHarmony *harmony, FILE *file)
{
  if (harmony->n_chords == 0) return;
  const NmChord *last = &harmony->chords[harmony->n_chords - 1];
  const int64_t end = last->tick + last->len;
  int32_t i = 0;
  int n = 0;
  for (int64_t tick = harmony->chords[0].tick; tick < end; ++n) {
    int64_t place, len;
    nm_song_get_bar(song, tick, &place, &len);
    const int64_t next = tick + len - place;
    fputs(n % BARS_IN_LINE ? " |" : n ? " |\n|" : "|", file);
    if (i < harmony->n_chords && harmony->chords[i].tick == tick)
      put_chord(&harmony->chords[i++], file);
    else if (i < harmony->n_chords && harmony->chords[i].tick < next)
      put_chord(&harmony->chords[i - 1], file);
    else
      fputs(" %", file);
    for (; i < harmony->n_chords && harmony->chords[i].tick < next; ++i) put_chord(&harmony->chords[i], file);
    tick = next;
  }
  fputs(" |\n", file);
}

static json_t *make_chord(const NmSong *song, const NmChord *chord)
{
  static const char *const accidentals[] = {"bb", "b", "", "#", "##"};
  char name[NM_CHORD_NAME_LEN], root[4], bass[4], letter;
  int alter;
  int64_t place;
  nm_chord_spell_root(chord, &letter, &alter);
  snprintf(root, sizeof root, "%c%s", letter, accidentals[alter + 2]);
  nm_chord_spell_bass(chord, &letter, &alter);
  snprintf(bass, sizeof bass, "%c%s", letter, accidentals[alter + 2]);
  return json_pack("{s:s, s:s, s:s, s:I, s:f, s:f, s:f, s:f}", "chord", nm_chord_get_name(chord, name),
                   "root", root, "bass", bass, "bar",
                   (json_int_t)(nm_song_get_bar(song, chord->tick, &place, NULL) + 1), "onset_beats",
                   (double)chord->tick / song->ticks_per_beat, "len_beats",
                   (double)chord->len / song->ticks_per_beat, "start", nm_song_get_seconds(song, chord->tick),
                   "end", nm_song_get_seconds(song, chord->tick + chord->len));
}

json_t *nm_chord_chart_json(const NmSong *song, const NmHarmony *harmony)
{
  json_t *chords = json_array();
  for (int32_t i = 0; chords && i < harmony->n_chords; ++i)
    if (json_array_append_new(chords, make_chord(song, &harmony->chords[i]))) {
      json_decref(chords);
      return NULL;
    }
  return chords;
}
