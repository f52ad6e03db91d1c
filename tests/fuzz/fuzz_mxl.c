// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a packed score: no crash, an error in words, or a song that is written and read back as the
// same.
#include "app/formats/musicxml.h"
#include "tests/support/song_round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  nm_check_song_bytes(nm_mxl_read, nm_mxl_write, bytes, n);
  return 0;
}
