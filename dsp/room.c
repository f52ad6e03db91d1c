// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/room.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/base/clones.h"

enum { LINES = 8 };
typedef float Lanes __attribute__((vector_size(32), aligned(4)));

// Without common divisors at 48 kHz, so that their echoes do not fall together.
static const int lens_48k[LINES] = {1433, 1601, 1867, 2053, 2251, 2399, 2633, 2797};
static const double level = 2.8;  // measured with low noise, what damping takes included
static const float calm = 1e-18f; // keeps what dies away from becoming denormal, which is slow

struct NmRoom {
  float *before; // [n_before, 2] ring
  int32_t lens[LINES], places[LINES], n_before, place_before;
  float *lines[LINES];      // [lens[k]] rings, in one block
  Lanes gains, damps, lows; // of a pass: at 0 Hz, one-pole coefficient, its state
  float scale;
  float *block;
};

NmRoomConfig nm_room_defaults(void)
{
  return (NmRoomConfig){.rate_hz = 48000, .decay_s = 1.1, .decay_high_s = .45, .before_s = .018};
}

// A line's gain g and its one-pole low-pass g (1 - d) / (1 - d z^-1), which leaves g (1 - d) / (1 + d) at
// half the rate.
static void set_line(NmRoom *room, int k, const NmRoomConfig *config)
{
  const double seconds = (double)room->lens[k] / config->rate_hz;
  const double low = pow(10, -3 * seconds / config->decay_s);
  const double high = pow(10, -3 * seconds / config->decay_high_s);
  const double ratio = high < low ? high / low : 1;
  room->gains[k] = (float)low;
  room->damps[k] = (float)((1 - ratio) / (1 + ratio));
}

NmRoom *nm_room_new(const NmRoomConfig *config)
{
  if (!(config->rate_hz >= 8000 && config->decay_s > 0 && config->decay_high_s > 0 && config->before_s > 0))
    return NULL;
  NmRoom *room = calloc(1, sizeof *room);
  if (!room) return NULL;
  size_t n = 0;
  double energy = 0;
  room->n_before = (int32_t)ceil(config->before_s * config->rate_hz);
  for (int k = 0; k < LINES; ++k) {
    room->lens[k] = (int32_t)lround(lens_48k[k] * config->rate_hz / 48000);
    n += (size_t)room->lens[k];
    set_line(room, k, config);
    energy += 1 / (1 - (double)room->gains[k] * room->gains[k]) / LINES;
  }
  room->scale = (float)(level / sqrt(energy));
  room->block = calloc(n + 2 * (size_t)room->n_before, sizeof *room->block);
  if (!room->block) {
    free(room);
    return NULL;
  }
  room->before = room->block;
  room->lines[0] = room->block + 2 * room->n_before;
  for (int k = 1; k < LINES; ++k) room->lines[k] = room->lines[k - 1] + room->lens[k - 1];
  return room;
}

void nm_room_free(NmRoom *room)
{
  if (!room) return;
  free(room->block);
  free(room);
}

// Hadamard's matrix of eight, orthogonal with the factor: sums and differences of neighbours, pairs and
// fours.
static inline void mix_lines(Lanes *lanes)
{
  Lanes x = *lanes;
  const Lanes near = __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6);
  x = near + x * (Lanes){1, -1, 1, -1, 1, -1, 1, -1};
  const Lanes pairs = __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5);
  x = pairs + x * (Lanes){1, 1, -1, -1, 1, 1, -1, -1};
  const Lanes fours = __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3);
  x = fours + x * (Lanes){1, 1, 1, 1, -1, -1, -1, -1};
  *lanes = x * .35355339f;
}

// Left feeds the even lines and is heard from them, right the odd ones.
static inline void step(NmRoom *room, float left, float right, float out[2])
{
  Lanes x;
  for (int k = 0; k < LINES; ++k) x[k] = room->lines[k][room->places[k]];
  x *= room->gains;
  x += (room->lows - x) * room->damps;
  room->lows = x;
  out[0] = .5f * (x[0] + x[2] + x[4] + x[6]);
  out[1] = .5f * (x[1] + x[3] + x[5] + x[7]);
  mix_lines(&x);
  x += calm;
  left *= .5f;
  right *= .5f;
  x += (Lanes){left, right, -left, -right, left, right, -left, -right};
  for (int k = 0; k < LINES; ++k) {
    room->lines[k][room->places[k]] = x[k];
    if (++room->places[k] == room->lens[k]) room->places[k] = 0;
  }
}

NM_CLONES void nm_room_process(NmRoom *room, const float *in, float gain, float *out, int64_t n)
{
  const float scaled = gain * room->scale;
  for (int64_t i = 0; i < n; ++i) {
    float *kept = &room->before[2 * room->place_before], heard[2];
    const float left = kept[0], right = kept[1];
    kept[0] = in[2 * i];
    kept[1] = in[2 * i + 1];
    step(room, left, right, heard);
    out[2 * i] += scaled * heard[0];
    out[2 * i + 1] += scaled * heard[1];
    if (++room->place_before == room->n_before) room->place_before = 0;
  }
}
