// SPDX-License-Identifier: GPL-3.0-or-later
// Instruments from a General MIDI soundfont (FluidSynth), offline: events at frames in, stereo out, each MIDI
// channel by itself. Dry: FluidSynth's reverb and chorus are off. One thread, no dither, events on a fixed
// grid of NM_SYNTH_GRID frames: the same events give the same bytes, whatever the blocks. FluidSynth's own
// messages go nowhere.
#ifndef NM_DSP_SYNTH_H
#define NM_DSP_SYNTH_H

#include "dsp/base/status.h"

enum {
  NM_SYNTH_RATE_HZ = 48000,
  NM_SYNTH_GRID = 64, // frames: 1.3 ms; an event takes effect at the nearest multiple
  NM_SYNTH_CHANNELS = 16,
  NM_SYNTH_TAIL_FRAMES = 3 * NM_SYNTH_RATE_HZ // what may still ring when the last note has ended
};

typedef enum { NM_SYNTH_PROGRAM, NM_SYNTH_NOTE_OFF, NM_SYNTH_NOTE_ON } NmSynthEventKind;

typedef struct {
  int64_t frame;
  uint8_t kind;     // NmSynthEventKind
  uint8_t channel;  // 0-15; 9 is drums
  uint8_t key;      // or the program
  uint8_t velocity; // 1-127
} NmSynthEvent;

// One thread at a time per object.
typedef struct NmSynth NmSynth;

typedef struct {
  const char *soundfont;      // as in nm_soundfont_find
  const uint8_t *channels;    // [n_channels] that are heard; others are silent
  int n_channels;             // 1-16
  const NmSynthEvent *events; // [n_events] by frame, borrowed: they must outlive the synth
  int64_t n_events;
} NmSynthConfig;

// NULL and `err`: no soundfont (NM_ERR_IO), one that is none (NM_ERR_BAD_DATA), NM_ERR_BAD_ARG for events out
// of order or range, NM_ERR_NO_MEMORY.
NmSynth *nm_synth_new(const NmSynthConfig *config, NmError *err);
void nm_synth_free(NmSynth *synth);

// The next n frames of each channel: out[2 c] [n] left and out[2 c + 1] [n] right, c as in config->channels.
// Silence follows the last event's sound for ever. NM_ERR_NO_MEMORY when FluidSynth gives up.
NmStatus nm_synth_process(NmSynth *synth, float *const *out, int64_t n) NM_NODISCARD;

#endif
