// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/lead_in.h"

int64_t nm_song_add_lead_in(NmSong *song, int n_bars)
{
  if (n_bars < 1) return 0;
  const NmSongMeter meter = nm_song_get_meter(song, 0);
  const int64_t bar = (int64_t)song->ticks_per_beat * 4 * meter.n_beats / meter.beat_unit;
  int64_t shift = n_bars * bar - song->pickup;
  while (2 * shift < bar) shift += bar;
  song->pickup = 0;
  for (int32_t i = 0; i < song->n_notes; ++i) song->notes[i].onset += shift;
  for (int32_t i = 0; i < song->n_keys; ++i) song->keys[i].tick = i ? song->keys[i].tick + shift : 0;
  for (int32_t i = 0; i < song->n_meters; ++i) song->meters[i].tick = i ? song->meters[i].tick + shift : 0;
  for (int32_t i = 0; i < song->n_tempos; ++i) song->tempos[i].tick = i ? song->tempos[i].tick + shift : 0;
  return shift;
}
