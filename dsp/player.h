// SPDX-License-Identifier: GPL-3.0-or-later
// Playback through the default sound device (PortAudio). Samples go in from one thread, through a ring, to
// the device's callback.
#ifndef NM_DSP_PLAYER_H
#define NM_DSP_PLAYER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "dsp/base/status.h"

// All calls from one thread.
typedef struct NmPlayer NmPlayer;

// Opens the default device and starts it, playing silence. n_channels 1 or 2. A device that cannot play
// rate_hz is opened at its own rate and the sound converted. NULL and `err` (NM_ERR_IO) when there is no
// device, it is busy, or memory is out. While devices are searched, what the system's sound libraries print
// on standard error is dropped: for that moment nothing else of the process can print there either.
NmPlayer *nm_player_new(int rate_hz, int n_channels, NmError *err);

// Stops at once, without waiting for what is still to be played. NULL is fine.
void nm_player_free(NmPlayer *player);

// Gives n frames [n, n_channels] to the device; waits while more than about half a second is waiting already.
// `cancel` may be NULL; when it becomes true, NM_ERR_CANCELLED. NM_ERR_IO when the device has gone away or
// takes nothing for three seconds.
NmStatus nm_player_push(NmPlayer *player, const float *frames, int64_t n, const atomic_bool *cancel,
                        NmError *err) NM_NODISCARD;

// Waits until everything has been heard. The next push begins anew. As nm_player_push otherwise.
NmStatus nm_player_drain(NmPlayer *player, const atomic_bool *cancel, NmError *err) NM_NODISCARD;

// Drops what is waiting to be played.
void nm_player_discard(NmPlayer *player);

// Holds or goes on. While held, a push waits when there is no room.
void nm_player_pause(NmPlayer *player, bool paused);

// Seconds that have been given to the device since it was opened, and its delay until they are heard.
double nm_player_get_time_s(const NmPlayer *player);
double nm_player_get_latency_s(const NmPlayer *player);

// Blocks for which the samples came too late.
int64_t nm_player_get_n_underruns(const NmPlayer *player);

#endif
