// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as MIDI: no crash, an error in words, or a song that is written and read back as the same.
#include "app/formats/midi.h"
#include "tests/support/song_round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  nm_check_song_bytes(nm_midi_read, nm_midi_write, bytes, n);
  return 0;
}
