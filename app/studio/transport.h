// SPDX-License-Identifier: GPL-3.0-or-later
// Playing a sound from anywhere: a thread that reads the sound and feeds the device. The device is opened
// when it is first needed and again when it has gone away.
#ifndef NM_STUDIO_TRANSPORT_H
#define NM_STUDIO_TRANSPORT_H

#include <stdbool.h>

#include "app/studio/playback.h"
#include "dsp/player.h"

// All calls from one thread, the user's.
typedef struct NmTransport NmTransport;

// `wake` is called from another thread when something happened that the user should see. NULL when memory or
// threads are out.
NmTransport *nm_transport_new(void (*wake)(void *user), void *user);
void nm_transport_free(NmTransport *transport);

// What is played from now on, faded over from what was; shares the sound.
void nm_transport_set_playback(NmTransport *transport, NmPlayback *playback);

// What is heard beside that, NULL: nothing.
void nm_transport_set_band(NmTransport *transport, NmPlayback *band);

void nm_transport_play(NmTransport *transport, int64_t from); // sample
void nm_transport_stop(NmTransport *transport);
// Plays [from, to) again and again once it is in there; equal: no longer.
void nm_transport_set_loop(NmTransport *transport, int64_t from, int64_t to);
// Clicks at these samples [n] (copied), `strong` ones louder; n 0: none. False when memory is out.
bool nm_transport_set_clicks(NmTransport *transport, const int64_t *clicks, const bool *strong, int32_t n);
// A moment of the sound from there on, while it does not play.
void nm_transport_scrub(NmTransport *transport, int64_t at);
// A short tone, at once, whether it plays or not.
void nm_transport_audition(NmTransport *transport, double hz);

// Plays on the device of that name (nm_player_find_devices) from now on; empty: the system's default. When it
// goes away, playing goes on with the default.
void nm_transport_set_device(NmTransport *transport, const char *name);
// Looks for devices, in the background. What was found since the last call into `devices`; false: nothing
// yet.
void nm_transport_search(NmTransport *transport);
bool nm_transport_take_devices(NmTransport *transport, NmPlayerDevices *devices);

typedef struct {
  bool plays;
  int64_t heard;     // sample that is heard now, while it plays
  float peak;        // of what was played last, 0 to 1 and beyond
  char trouble[512]; // why nothing is heard; empty when all is well
  char notice[256];  // what happened since the last call, else empty
} NmTransportState;

NmTransportState nm_transport_get_state(NmTransport *transport);

#endif
