// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/grid.h"

#include <stdlib.h>

#include "models/harmony/key.h"

// --- bars ---

// Where the maps stand while bars are counted.
typedef struct {
  const NmSong *song;
  bool one_key;
  NmSongKey key;
  int32_t n_keys, n_meters, n_tempos; // entries that have begun; the first holds from the beginning
} Maps;

static Maps maps_begin(const NmSong *song)
{
  Maps maps = {.song = song,
               .n_keys = song->n_keys > 0,
               .n_meters = song->n_meters > 0,
               .n_tempos = song->n_tempos > 0};
  maps.one_key = nm_key_find(song, &maps.key);
  return maps;
}

static void maps_advance(Maps *maps, int64_t tick)
{
  const NmSong *song = maps->song;
  while (maps->n_keys < song->n_keys && song->keys[maps->n_keys].tick <= tick) ++maps->n_keys;
  while (maps->n_meters < song->n_meters && song->meters[maps->n_meters].tick <= tick) ++maps->n_meters;
  while (maps->n_tempos < song->n_tempos && song->tempos[maps->n_tempos].tick <= tick) ++maps->n_tempos;
}

// The bar at a tick, in the song's ticks.
static NmGridBar make_bar(Maps *maps, int64_t tick)
{
  const NmSong *song = maps->song;
  NmGridBar bar = {.tick = tick, .meter = {0, 4, 4}, .key = maps->key, .bpm = 120};
  maps_advance(maps, tick);
  if (maps->n_meters) bar.meter = song->meters[maps->n_meters - 1];
  if (maps->n_tempos) bar.bpm = song->tempos[maps->n_tempos - 1].bpm;
  if (!maps->one_key) bar.key = song->keys[maps->n_keys - 1];
  bar.len = (int64_t)song->ticks_per_beat * 4 * bar.meter.n_beats / bar.meter.beat_unit;
  if (maps->n_meters < song->n_meters && song->meters[maps->n_meters].tick < tick + bar.len)
    bar.len = song->meters[maps->n_meters].tick - tick;
  return bar;
}

static int32_t count_lead(const NmGrid *grid, int64_t first)
{
  int32_t n = 0;
  while (n < grid->n_bars && grid->bars[n].tick + grid->bars[n].len <= first) ++n;
  const bool late = n < grid->n_bars && 2 * (first - grid->bars[n].tick) >= grid->bars[n].len;
  return late && n + 1 < grid->n_bars ? n + 1 : n;
}

static NmStatus add_bar(NmGrid *grid, int32_t *room, NmGridBar bar, NmError *err)
{
  if (grid->n_bars == NM_GRID_BARS_MAX)
    return nm_error_set(err, NM_ERR_UNSUPPORTED, "the song has more than %d bars, too many to accompany",
                        NM_GRID_BARS_MAX);
  if (grid->n_bars == *room) {
    *room = *room ? 2 * *room : 64;
    NmGridBar *bars = realloc(grid->bars, (size_t)*room * sizeof *bars);
    if (!bars) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    grid->bars = bars;
  }
  grid->bars[grid->n_bars++] = bar;
  return NM_OK;
}

NmStatus nm_grid_init(NmGrid *grid, const NmSong *song, int64_t scale, NmError *err)
{
  *grid = (NmGrid){.ticks_per_beat = scale * song->ticks_per_beat};
  if (song->n_notes == 0) return NM_OK;
  Maps maps = maps_begin(song);
  const int64_t end = nm_song_get_end(song);
  NmStatus status = NM_OK;
  int32_t room = 0;
  for (int64_t tick = song->pickup; (tick < end || grid->n_bars == 0) && !status;) {
    NmGridBar bar = make_bar(&maps, tick);
    tick += bar.len;
    bar.tick *= scale;
    bar.len *= scale;
    status = add_bar(grid, &room, bar, err);
  }
  if (!status) grid->n_lead = count_lead(grid, scale * song->notes[0].onset);
  return status;
}

void nm_grid_fini(NmGrid *grid)
{
  free(grid->bars);
  *grid = (NmGrid){0};
}

double nm_grid_get_seconds(const NmGrid *grid, const NmGridBar *bar, int64_t ticks)
{
  return (double)ticks / grid->ticks_per_beat * 60 / bar->bpm;
}

// --- beats ---

// How many units of the meter the i-th beat has, when n are left.
static int get_n_units(const NmSongMeter *meter, int n_left)
{
  if (meter->beat_unit < 8 || meter->n_beats <= 3) return 1;
  if (meter->n_beats % 3 == 0) return 3;
  if (meter->n_beats == 5) return n_left == 5 ? 3 : 2;
  return n_left == 3 || n_left == 1 ? n_left : 2;
}

// How many beats the group has that begins when n are left of n_beats.
static int get_n_group(int n_beats, int n_left)
{
  if (n_beats % 3 == 0) return 3;
  if (n_beats == 5 && n_left == 5) return 3;
  return n_left == 3 ? 3 : 2;
}

static int count_units(const NmSongMeter *meter, int8_t units[NM_GRID_BEATS_MAX])
{
  int n = 0;
  for (int left = meter->n_beats; left > 0; left -= units[n++]) units[n] = (int8_t)get_n_units(meter, left);
  return n;
}

static NmBeatWeight weigh(int place, int n_group, bool first)
{
  if (first) return NM_BEAT_BAR;
  if (place == 0) return NM_BEAT_GROUP;
  return place == 2 && n_group == 3 ? NM_BEAT_LAST_OF_THREE : NM_BEAT_WEAK;
}

int nm_grid_get_beats(const NmGrid *grid, const NmGridBar *bar, NmGridBeat *beats)
{
  int8_t units[NM_GRID_BEATS_MAX];
  const int n = count_units(&bar->meter, units);
  const int64_t whole = 4 * grid->ticks_per_beat, end = bar->tick + bar->len;
  int place = 0, n_group = get_n_group(n, n), n_units = 0, k = 0;
  for (; k < n; ++k) {
    const int64_t tick = bar->tick + whole * n_units / bar->meter.beat_unit;
    n_units += units[k];
    const int64_t next = bar->tick + whole * n_units / bar->meter.beat_unit;
    if (tick >= end || next <= tick) break;
    const int64_t len = (next < end ? next : end) - tick;
    // Two long beats to a bar are groups of their own.
    const bool own = units[0] == 3 && n == 2;
    const NmBeatWeight weight = own && k ? NM_BEAT_GROUP : weigh(place, n_group, k == 0);
    beats[k] = (NmGridBeat){tick, len, weight, units[k] == 3 ? 3 : 2};
    if (++place < n_group) continue;
    place = 0;
    n_group = get_n_group(n, n - k - 1);
  }
  return k;
}
