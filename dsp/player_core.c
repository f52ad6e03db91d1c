// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/player_core.h"

#include <string.h>

enum { N_BLOCK = 256 };

void nm_player_core_init(NmPlayerCore *core, NmRing *ring, int n_channels, int n_channels_device)
{
  memset(core, 0, sizeof *core);
  core->ring = ring;
  core->n_channels = n_channels;
  core->n_channels_device = n_channels_device;
}

static void discard_all(NmPlayerCore *core)
{
  float block[2 * N_BLOCK];
  for (size_t n = nm_ring_get_n_readable(core->ring); n > 0;) {
    const size_t n_read = nm_ring_read(core->ring, block, n < N_BLOCK ? n : N_BLOCK);
    if (n_read == 0) break;
    n -= n_read;
  }
  atomic_store(&core->discard, false);
}

// Frames of n_channels to frames of n_channels_device: mono to the first two, stereo to these or mixed into
// one.
static void spread(const NmPlayerCore *core, const float *frames, int64_t n, float *out)
{
  const int from = core->n_channels, to = core->n_channels_device;
  for (int64_t i = 0; i < n; ++i, frames += from, out += to) {
    if (to == 1)
      out[0] = from == 1 ? frames[0] : 0.5f * (frames[0] + frames[1]);
    else
      for (int c = 0; c < to; ++c) out[c] = c < 2 ? frames[c < from ? c : 0] : 0;
  }
}

static int64_t play(NmPlayerCore *core, float *out, int64_t n)
{
  float block[2 * N_BLOCK];
  int64_t n_done = 0;
  while (n_done < n) {
    const size_t n_want = n - n_done < N_BLOCK ? (size_t)(n - n_done) : N_BLOCK;
    const size_t n_got = nm_ring_read(core->ring, block, n_want);
    spread(core, block, (int64_t)n_got, out + n_done * core->n_channels_device);
    n_done += (int64_t)n_got;
    if (n_got < n_want) break;
  }
  return n_done;
}

void nm_player_core_process(NmPlayerCore *core, float *out, int64_t n)
{
  if (atomic_load(&core->discard)) discard_all(core);
  // Read before the ring: whoever ends the stream has written everything by then.
  const bool ended = atomic_load(&core->ended);
  const int64_t n_done = atomic_load(&core->paused) ? 0 : play(core, out, n);
  const size_t n_rest = (size_t)((n - n_done) * core->n_channels_device);
  memset(out + n_done * core->n_channels_device, 0, n_rest * sizeof *out);
  const int64_t n_before = atomic_fetch_add(&core->n_played, n_done);
  if (n_done < n && !ended && !atomic_load(&core->paused) && n_before + n_done > 0)
    atomic_fetch_add(&core->n_underruns, 1);
}
