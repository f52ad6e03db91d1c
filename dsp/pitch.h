// SPDX-License-Identifier: GPL-3.0-or-later
// The pitch (fundamental frequency, f0) of a voice over time, on the frames of the front end: autocorrelation
// candidates, divided by the window's autocorrelation, and the best path through them (Boersma 1993,
// "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
// sound").
#ifndef NM_DSP_PITCH_H
#define NM_DSP_PITCH_H

#include <stdbool.h>

#include "dsp/base/status.h"

typedef struct {
  double rate_hz;
  int len_hop;
  double floor_hz, ceiling_hz; // where f0 is looked for; the window holds three periods of the floor
  float silence_threshold;     // frames whose peak is below this part of the signal's peak lean to unvoiced
  float voicing_threshold;     // autocorrelation from which a frame is rather voiced
  float octave_cost;           // per octave, preferring high candidates
  float octave_jump_cost;      // per octave between frames 10 ms apart
  float voicing_change_cost;   // between voiced and unvoiced frames 10 ms apart
  int n_voiced_min_frames;     // shorter voiced stretches become unvoiced
} NmPitchOptions;

// 24 kHz, hop 256, 75 to 600 Hz (speech); Praat's standard costs; 3 frames.
NmPitchOptions nm_pitch_defaults(void);

// One thread at a time per object.
typedef struct NmPitch NmPitch;

// NULL when memory is out or an option is not allowed: 20 Hz <= floor < ceiling <= rate / 4.
NmPitch *nm_pitch_new(const NmPitchOptions *options);
void nm_pitch_free(NmPitch *pitch);

// f0 of x [n], n >= 1, in frames centred on sample t * len_hop; 0 where unvoiced. Memory does not grow with
// n. strength may be NULL, or [n_frames]: the autocorrelation at the period, 0 to 1, 0 where unvoiced. f0_hz
// [n_frames]; n_frames is usually n / len_hop + 1.
void nm_pitch_run(NmPitch *pitch, const float *x, int64_t n, int64_t n_frames, float *f0_hz, float *strength);

// Bridges unvoiced gaps (0) by a straight line in log f0 and holds the first and last voiced values towards
// the ends, in place. Without any voiced frame all become default_hz (> 0). f0_hz [n_frames].
void nm_f0_interpolate(float *f0_hz, int64_t n_frames, float default_hz);

#endif
