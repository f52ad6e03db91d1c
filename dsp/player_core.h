// SPDX-License-Identifier: GPL-3.0-or-later
// All that the audio callback touches, and the callback's work itself. Apart from the player, so that tests
// can run it without a device.
#ifndef NM_DSP_PLAYER_CORE_H
#define NM_DSP_PLAYER_CORE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "dsp/base/ring.h"

typedef struct {
  NmRing *ring;   // of frames: float [n_channels]; written by the player's thread, read by the callback
  int n_channels; // of a frame in the ring, 1 or 2
  int n_channels_device; // the first two get the frame, the others silence
  // Written by the player's thread:
  _Atomic bool paused;  // plays silence and keeps what is in the ring
  _Atomic bool ended;   // nothing more will come: an empty ring is no underrun
  _Atomic bool discard; // the callback empties the ring and clears this
  // Written by the callback:
  _Atomic int64_t n_played;    // frames taken from the ring and given to the device
  _Atomic int64_t n_underruns; // blocks that found too little, after the first frame and before the end
} NmPlayerCore;

// Sets all but the ring's content to its beginning. The ring is borrowed and holds n_channels floats per
// item.
void nm_player_core_init(NmPlayerCore *core, NmRing *ring, int n_channels, int n_channels_device);

// Fills out [n, n_channels_device] from the ring, with silence where it is empty. Real time: no allocation,
// no lock, no system call; time bounded by n and the ring's size.
void nm_player_core_process(NmPlayerCore *core, float *out, int64_t n);

#endif
