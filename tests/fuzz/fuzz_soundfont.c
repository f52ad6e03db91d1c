// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a soundfont's chunks.
#include "dsp/soundfont.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  NmError err = {0};
  if (nm_soundfont_check(bytes, n, "fuzz", &err) && !err.message[0]) __builtin_trap();
  return 0;
}
