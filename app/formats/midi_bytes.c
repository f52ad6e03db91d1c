// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/midi_bytes.h"

#include <stdlib.h>
#include <string.h>

void nm_midi_put(NmMidiBytes *out, const void *bytes, size_t n)
{
  if (out->failed || n == 0) return;
  if (out->room - out->n < n) {
    const size_t room = 2 * out->room > out->n + n ? 2 * out->room : out->n + n + 256;
    void *moved = realloc(out->bytes, room);
    out->failed = !moved;
    if (!moved) return;
    out->bytes = moved;
    out->room = room;
  }
  memcpy(out->bytes + out->n, bytes, n);
  out->n += n;
}

void nm_midi_put_byte(NmMidiBytes *out, int byte)
{
  nm_midi_put(out, &(uint8_t){(uint8_t)byte}, 1);
}

void nm_midi_put_u32(NmMidiBytes *out, uint32_t value)
{
  const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                            (uint8_t)value};
  nm_midi_put(out, bytes, sizeof bytes);
}

void nm_midi_put_number(NmMidiBytes *out, uint64_t value)
{
  uint8_t bytes[10];
  size_t at = sizeof bytes;
  bytes[--at] = value & 0x7f;
  while (value >>= 7) bytes[--at] = (uint8_t)(0x80 | (value & 0x7f));
  nm_midi_put(out, bytes + at, sizeof bytes - at);
}
