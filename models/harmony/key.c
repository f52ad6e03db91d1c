// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/key.h"

#include <math.h>
#include <stdlib.h>

// Krumhansl and Kessler 1982, table 2.
static const double profiles[2][12] = {
    {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
    {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17},
};
static const double bonus_last = .12; // of a correlation: for the tonic as the last note

// Scales as bits from the tonic; minor has both sixths and sevenths.
static const unsigned scales[2] = {0xab5, 0xfad};

int nm_key_get_tonic(const NmSongKey *key)
{
  const int tonic = (key->fifths * 7 + (key->minor ? 9 : 0)) % 12;
  return tonic < 0 ? tonic + 12 : tonic;
}

static void sum_durations(const NmSong *song, double durations[12])
{
  for (int pc = 0; pc < 12; ++pc) durations[pc] = 0;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    const double beats = (double)song->notes[i].len / song->ticks_per_beat;
    durations[song->notes[i].pitch % 12] += beats < 4 ? beats : 4;
  }
}

// Pearson's correlation of the durations with a profile that begins at the tonic; 0 when one is flat.
static double correlate(const double durations[12], const double profile[12], int tonic)
{
  double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
  for (int pc = 0; pc < 12; ++pc) {
    mean_x += durations[pc] / 12;
    mean_y += profile[pc] / 12;
  }
  for (int pc = 0; pc < 12; ++pc) {
    const double x = durations[pc] - mean_x, y = profile[(pc - tonic + 12) % 12] - mean_y;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

static double judge(const NmSong *song, const double durations[12], const NmSongKey *key)
{
  const int tonic = nm_key_get_tonic(key);
  const bool ends_there = song->n_notes && song->notes[song->n_notes - 1].pitch % 12 == tonic;
  return correlate(durations, profiles[key->minor], tonic) + (ends_there ? bonus_last : 0);
}

NmSongKey nm_key_estimate(const NmSong *song)
{
  static const int8_t order[12] = {0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6}; // of equals the plainest
  double durations[12], best = -INFINITY;
  NmSongKey chosen = {0, 0, false};
  if (song->n_notes == 0) return chosen;
  sum_durations(song, durations);
  for (int i = 0; i < 24; ++i) {
    const NmSongKey key = {0, order[i / 2], i % 2};
    const double score = judge(song, durations, &key);
    if (!(score > best)) continue;
    best = score;
    chosen = key;
  }
  return chosen;
}

// The part of the durations that lies outside of a key's scale.
static double get_outside(const double durations[12], const NmSongKey *key)
{
  const int tonic = nm_key_get_tonic(key);
  double outside = 0, all = 0;
  for (int pc = 0; pc < 12; ++pc) {
    all += durations[pc];
    if (!(scales[key->minor] >> (pc - tonic + 12) % 12 & 1)) outside += durations[pc];
  }
  return all > 0 ? outside / all : 0;
}

// Whether the estimate says better than the song's one key what the notes show.
static bool is_doubtful(const NmSong *song, const NmSongKey *estimate)
{
  const NmSongKey *key = &song->keys[0];
  double durations[12];
  sum_durations(song, durations);
  if (!key->minor && estimate->minor && key->fifths == estimate->fifths)
    return song->notes[song->n_notes - 1].pitch % 12 == nm_key_get_tonic(estimate);
  const double outside = get_outside(durations, key);
  return outside > .12 && get_outside(durations, estimate) < outside / 3;
}

bool nm_key_find(const NmSong *song, NmSongKey *key)
{
  if (song->n_keys > 1) return false;
  const NmSongKey estimate = nm_key_estimate(song);
  const bool taken = song->n_keys == 0 || (song->n_notes > 0 && is_doubtful(song, &estimate));
  *key = taken ? estimate : song->keys[0];
  return true;
}
