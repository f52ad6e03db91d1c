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

// As nm_player_new on the device of that name, as nm_player_find_devices tells it. NM_ERR_IO when there is
// none any more; NULL or empty: the default device.
NmPlayer *nm_player_new_on(const char *device, int rate_hz, int n_channels, NmError *err);

enum { NM_PLAYER_DEVICES_MAX = 64, NM_PLAYER_NAME_MAX = 160 };

typedef struct {
  char names[NM_PLAYER_DEVICES_MAX][NM_PLAYER_NAME_MAX]; // [n]
  int n, i_default;                                      // -1: none
} NmPlayerDevices;

// The devices that can play. Takes time; while a player is open, those that were there when it was opened.
// NM_ERR_IO.
NmStatus nm_player_find_devices(NmPlayerDevices *devices, NmError *err) NM_NODISCARD;

// Stops at once, without waiting for what is still to be played. NULL is fine.
void nm_player_free(NmPlayer *player);

// Gives n frames [n, n_channels] to the device; waits while more than about half a second is waiting already.
// `cancel` may be NULL; when it becomes true, NM_ERR_CANCELLED. NM_ERR_IO when the device has gone away or
// takes nothing for three seconds.
NmStatus nm_player_push(NmPlayer *player, const float *frames, int64_t n, const atomic_bool *cancel,
                        NmError *err) NM_NODISCARD;

// Waits until everything has been heard. The next push begins anew. As nm_player_push otherwise.
NmStatus nm_player_drain(NmPlayer *player, const atomic_bool *cancel, NmError *err) NM_NODISCARD;

// NM_ERR_IO when the device has gone away, as a push that waits would say.
NmStatus nm_player_check(const NmPlayer *player, NmError *err) NM_NODISCARD;

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
