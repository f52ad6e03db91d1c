// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as the header of a speller's weights: refused with a reason, or it reads a word.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/text/g2p.h"
#include "tests/support/weights_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[64];
  NmError err = {0};
  NmReading reading;
  const int fd = open_weights_of_header(data, size, path);
  if (fd < 0) return 0;
  NmG2p *g2p = nm_g2p_new(path, &err);
  if (!g2p && strncmp(err.message, path, strlen(path)) != 0) abort();
  if (g2p && nm_g2p_guess(g2p, "abc", 3, &reading) && reading.n < 1) abort();
  nm_g2p_free(g2p);
  close(fd);
  return 0;
}
