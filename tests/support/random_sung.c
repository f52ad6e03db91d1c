// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/random_sung.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"

static int64_t below(NmRng *rng, int64_t n)
{
  return (int64_t)nm_rng_below(rng, (uint64_t)n);
}

static void add_maps(NmSong *song, NmRng *rng)
{
  const int64_t beat = song->ticks_per_beat;
  int n_beats = 1 + (int)below(rng, 12), unit = 1 << below(rng, 5);
  while (4 * beat * n_beats % unit) unit /= 2;
  int64_t bar = 4 * beat;
  if (below(rng, 3)) {
    bar = bar * n_beats / unit;
    nm_song_add_meter(song, below(rng, 4) ? 0 : below(rng, 3 * beat + 1), n_beats, unit);
    if (below(rng, 2)) nm_song_add_meter(song, bar * (1 + below(rng, 4)) + below(rng, bar), 3, 4);
  }
  if (below(rng, 2)) song->pickup = below(rng, 2 * bar);
  for (int64_t n = below(rng, 3); n > 0; --n)
    nm_song_add_key(song, below(rng, 2) ? 0 : below(rng, 20 * beat), (int)below(rng, 15) - 7, below(rng, 2));
  for (int64_t n = below(rng, 3); n > 0; --n)
    nm_song_add_tempo(song, below(rng, 2) ? 0 : below(rng, 20 * beat), 40 + (double)below(rng, 1200) / 7);
}

static void add_notes(NmSong *song, NmRng *rng)
{
  const int64_t beat = song->ticks_per_beat;
  int64_t at = 0;
  for (int64_t n = 1 + below(rng, 40); n > 0; --n) {
    if (!below(rng, 5)) at += 1 + below(rng, 3 * beat);
    const int64_t len = below(rng, 2) ? beat : 1 + below(rng, 3 * beat);
    nm_song_add_note(song, at, len, 12 + (int)below(rng, 100), (int)below(rng, 128));
    at += len;
  }
}

// Verse after verse over the notes: words of syllables, held or followed by another on the same note.
static void add_verse(NmSong *song, NmRng *rng, int verse, int *stanza)
{
  bool is_open = false, has_words = false;
  for (int32_t note = (int32_t)below(rng, 3); note < song->n_notes;) {
    char text[16];
    if (!is_open && (!has_words || !below(rng, 6))) {
      *stanza += has_words && !below(rng, 4);
      nm_song_add_line(song, verse, *stanza);
    }
    if (!is_open) nm_song_add_word(song);
    has_words = true;
    const int len = snprintf(text, sizeof text, "%s%d%s", below(rng, 2) ? "la" : "-é ", (int)below(rng, 100),
                             below(rng, 5) ? "" : ",");
    const int32_t syllable = nm_song_add_syllable(song, text, (size_t)len, -1);
    nm_song_add_link(song, syllable, note);
    is_open = below(rng, 2);
    while (!below(rng, 5) && note + 1 < song->n_notes) nm_song_add_link(song, syllable, ++note);
    note += (below(rng, 10) > 0) + !below(rng, 12);
  }
}

NmSong *nm_random_sung(uint64_t seed)
{
  static const int32_t resolutions[] = {1, 2, 3, 4, 5, 7, 12, 24, 35, 48, 60, 96, 480, 960, 10080, 1 << 20};
  NmRng rng;
  NmError err = {0};
  nm_rng_init(&rng, seed);
  NmSong *song = nm_song_new();
  if (!song) abort();
  song->ticks_per_beat = resolutions[below(&rng, sizeof resolutions / sizeof *resolutions)];
  add_maps(song, &rng);
  add_notes(song, &rng);
  int stanza = 0;
  for (int verse = 1, n = (int)below(&rng, 4); verse <= n; ++verse, ++stanza)
    add_verse(song, &rng, verse, &stanza);
  if (nm_song_finish(song, &err) == NM_OK) return song;
  fprintf(stderr, "a random song is none: %s\n", err.message);
  abort();
}
