// SPDX-License-Identifier: GPL-3.0-or-later
// The smallest voice that the program accepts, untrained: for tests of what happens to weights files.
#ifndef NM_TESTS_TINY_VOICE_H
#define NM_TESTS_TINY_VOICE_H

#include <stdbool.h>

// Write the weights of an acoustic model of one speaker, "tiny", and of a vocoder, from a fixed seed. False
// on failure.
bool save_tiny_acoustic(const char *path);
bool save_tiny_vocoder(const char *path);

#endif
