// SPDX-License-Identifier: GPL-3.0-or-later
// Values of rate, pitch, range and volume as people write them, on the command line, in requests and in SSML.
#ifndef NM_FORMATS_PROSODY_VALUES_H
#define NM_FORMATS_PROSODY_VALUES_H

#include <stdbool.h>

#include "models/speech/speak.h"

// Each sets its part of *prosody and leaves it as it was, answering false, when the value makes no sense.
// The functions read the whole string and ignore case.

// "1.2", "120%", "+20%", "x-slow slow medium fast x-fast default"; 0.1 to 10.
bool nm_prosody_parse_rate(const char *text, NmProsody *prosody);

// Semitones "3" "+3st" "-2", a ratio "120%" "+10%", "180Hz", "+20Hz" against `voice_hz`, "x-low low medium
// high x-high default"; within three octaves.
bool nm_prosody_parse_pitch(const char *text, float voice_hz, NmProsody *prosody);

// "0.5", "50%", "+20%", "x-low low medium high x-high default"; 0 to 4.
bool nm_prosody_parse_range(const char *text, NmProsody *prosody);

// "+6dB", "-3", "80%" (of the amplitude), "silent x-soft soft medium loud x-loud default"; -60 to 20 dB.
bool nm_prosody_parse_energy(const char *text, NmProsody *prosody);

// SSML's emphasis levels "strong moderate reduced none": a change of rate, pitch and energy.
bool nm_prosody_parse_emphasis(const char *text, NmProsody *prosody);

// "500ms", "1.5s": seconds, 0 to 1e6.
bool nm_prosody_parse_time(const char *text, double *seconds);

#endif
