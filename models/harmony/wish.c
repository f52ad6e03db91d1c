// SPDX-License-Identifier: GPL-3.0-or-later
// Chords that somebody chose, among those that were found.
#include <stdlib.h>

#include "models/harmony/harmony.h"

typedef struct {
  NmChord *chords; // [n]
  int32_t n;
} Chords;

// Adds a chord from `from` to `to`; of equal neighbours one.
static void add(Chords *chords, NmChord chord, int64_t from, int64_t to)
{
  if (to <= from) return;
  chord.tick = from;
  chord.len = to - from;
  NmChord *last = chords->n ? &chords->chords[chords->n - 1] : NULL;
  if (last && nm_chord_equal(last, &chord) && last->tick + last->len == from)
    last->len += chord.len;
  else
    chords->chords[chords->n++] = chord;
}

// What was found between two ticks.
static void add_found(Chords *chords, const NmHarmony *harmony, int64_t from, int64_t to)
{
  for (int32_t i = 0; i < harmony->n_chords; ++i) {
    const NmChord *chord = &harmony->chords[i];
    const int64_t begin = chord->tick > from ? chord->tick : from;
    const int64_t end = chord->tick + chord->len < to ? chord->tick + chord->len : to;
    add(chords, *chord, begin, end);
  }
}

static void add_wish(Chords *chords, const NmHarmony *harmony, const NmSong *song, const NmChordWish *wish,
                     int64_t from, int64_t to)
{
  const NmSongKey key = nm_song_get_key(song, from);
  NmChord chord = {.fifths = key.fifths, .minor = key.minor};
  if (wish->name && nm_chord_parse(wish->name, &chord))
    add(chords, chord, from, to);
  else
    add_found(chords, harmony, from, to);
}

NmStatus nm_harmony_wish(NmHarmony *harmony, const NmSong *song, const NmChordWish *wishes, int32_t n)
{
  if (n == 0 || harmony->n_chords == 0) return NM_OK;
  const NmChord *last = &harmony->chords[harmony->n_chords - 1];
  const int64_t start = harmony->chords[0].tick, end = last->tick + last->len;
  // A wish cuts at most one found chord in two.
  Chords chords = {malloc(((size_t)harmony->n_chords + 2 * (size_t)n + 1) * sizeof *chords.chords), 0};
  if (!chords.chords) return NM_ERR_NO_MEMORY;
  add_found(&chords, harmony, start, wishes[0].tick);
  for (int32_t i = 0; i < n; ++i) {
    const int64_t from = wishes[i].tick > start ? wishes[i].tick : start;
    const int64_t to = i + 1 < n && wishes[i + 1].tick < end ? wishes[i + 1].tick : end;
    add_wish(&chords, harmony, song, &wishes[i], from, to);
  }
  free(harmony->chords);
  harmony->chords = chords.chords;
  harmony->n_chords = chords.n;
  return NM_OK;
}
