// SPDX-License-Identifier: GPL-3.0-or-later
// Sound cards for tests, in place of PortAudio (linked by name to tests that end in _device): each has a
// thread that asks for 256 frames when their time has come, and that counts what the callback allocates.
#ifndef NM_TESTS_FAKE_PORTAUDIO_H
#define NM_TESTS_FAKE_PORTAUDIO_H

#include <stdint.h>

enum { FAKE_RATE_HZ = 24000, FAKE_BLOCK = 256 };

// How many cards there are from the next opening on, "card 0" being the default.
void fake_portaudio_set_cards(int n);

// The card that is open stops, as when its plug is pulled, and is gone.
void fake_portaudio_unplug(void);

// The card that is open, -1: none. How often one was opened.
int fake_portaudio_get_card(void);
int fake_portaudio_get_n_opened(void);

// Allocations and frees in the callback so far; how often it was called.
int64_t fake_portaudio_get_n_allocations(void);
int64_t fake_portaudio_get_n_calls(void);

// The greatest sample that was played since the last call.
float fake_portaudio_take_peak(void);

// Time that the last block took whose peak was above `least`, seconds of CLOCK_MONOTONIC; 0: none since the
// last call of fake_portaudio_listen, which sets it.
void fake_portaudio_listen(float least);
double fake_portaudio_get_heard_s(void);

#endif
