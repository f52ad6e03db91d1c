// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/model.h"

#include <string.h>

// The tempo is straight between its changes, and goes on for ever after the last.
static NmStatus make_map(NmStudioModel *model, const NmSong *song)
{
  int n = song->n_tempos + 2, at = 0;
  int64_t *ticks = nm_arena_calloc(&model->arena, (size_t)n, sizeof *ticks);
  double *seconds = nm_arena_calloc(&model->arena, (size_t)n, sizeof *seconds);
  if (!ticks || !seconds) return NM_ERR_NO_MEMORY;
  at = 1;
  for (int i = 0; i < song->n_tempos; i++)
    if (song->tempos[i].tick > 0) ticks[at++] = song->tempos[i].tick;
  ticks[at] = ticks[at - 1] + song->ticks_per_beat;
  for (int i = 0; i <= at; i++) seconds[i] = nm_song_get_seconds(song, ticks[i]);
  model->time.map_ticks = ticks;
  model->time.map_seconds = seconds;
  model->time.n_map = at + 1;
  return NM_OK;
}

static NmBar bar_of_meter(NmSongMeter meter, int32_t ticks_per_beat, int64_t tick, int number)
{
  int64_t len_beat = 4 * (int64_t)ticks_per_beat / meter.beat_unit;
  return (NmBar){tick, len_beat > 0 ? len_beat : 1, meter.n_beats, number};
}

// Bars up to the last meter; the last goes on.
static NmStatus make_bars(NmStudioModel *model, const NmSong *song)
{
  int64_t last = song->n_meters ? song->meters[song->n_meters - 1].tick : 0, tick = 0;
  NmBar first = bar_of_meter(nm_song_get_meter(song, 0), song->ticks_per_beat, 0, 1);
  if (song->pickup > 0) {
    first.tick = song->pickup - first.len_beat * first.n_beats;
    first.number = 0;
  }
  size_t room = (size_t)((last - first.tick) / first.len_beat + song->n_meters + 2);
  NmBar *bars = nm_arena_calloc(&model->arena, room, sizeof *bars);
  if (!bars) return NM_ERR_NO_MEMORY;
  int n = 1;
  bars[0] = first;
  while ((tick = bars[n - 1].tick + bars[n - 1].len_beat * bars[n - 1].n_beats) <= last && n < (int)room) {
    bars[n] = bar_of_meter(nm_song_get_meter(song, tick), song->ticks_per_beat, tick, first.number + n);
    n++;
  }
  model->time.bars = bars;
  model->time.n_bars = n;
  return NM_OK;
}

NmStatus nm_studio_model_make(NmStudioModel *model, const NmSong *song)
{
  nm_studio_model_fini(model);
  nm_arena_init(&model->arena, 1 << 16);
  model->time.ticks_per_beat = song->ticks_per_beat;
  model->time.end = nm_song_get_end(song);
  NmStatus status = make_map(model, song);
  if (!status) status = make_bars(model, song);
  if (status) nm_studio_model_fini(model);
  return status;
}

void nm_studio_model_fini(NmStudioModel *model)
{
  nm_arena_fini(&model->arena);
  memset(model, 0, sizeof *model);
}
