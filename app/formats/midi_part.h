// SPDX-License-Identifier: GPL-3.0-or-later
// A part of an accompaniment as a track of a MIDI file.
#ifndef NM_FORMATS_MIDI_PART_H
#define NM_FORMATS_MIDI_PART_H

#include "app/formats/midi_bytes.h"
#include "models/harmony/performance.h"

// Appends the whole track: its name, program, pan and notes, in a file of `division` ticks to a beat, to the
// nearest tick. Memory that is out is seen in out->failed.
void nm_midi_put_part(NmMidiBytes *out, const NmPerformance *performance, int32_t part, int32_t division);

#endif
