// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes of a MIDI file as they are put together.
#ifndef NM_FORMATS_MIDI_BYTES_H
#define NM_FORMATS_MIDI_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zero-initialise, free `bytes` with free(). Once memory is out, `failed` is set and nothing more is taken.
typedef struct {
  uint8_t *bytes;
  size_t n, room;
  bool failed;
} NmMidiBytes;

void nm_midi_put(NmMidiBytes *out, const void *bytes, size_t n);
void nm_midi_put_byte(NmMidiBytes *out, int byte);
void nm_midi_put_u32(NmMidiBytes *out, uint32_t value); // the highest byte first

// Seven bits a byte, the highest first, all but the last with the top bit set: MIDI's variable-length
// quantity, but of up to 64 bits.
void nm_midi_put_number(NmMidiBytes *out, uint64_t value);

#endif
