// SPDX-License-Identifier: GPL-3.0-or-later
// Weights files made from a header alone.
#ifndef NM_TESTS_WEIGHTS_FILE_H
#define NM_TESTS_WEIGHTS_FILE_H

#include <stddef.h>
#include <stdint.h>

// Opens a file in memory that holds the header [n] and behind it as many bytes as its largest number says (up
// to a megabyte): in a sound header that is where the last tensor ends. The bytes are 4.0 in half precision
// over and over: weights that saturate, deviations and pitches that are allowed. Writes the file's path to
// `path` and returns its descriptor for close(), -1 on failure.
int open_weights_of_header(const uint8_t *header, size_t n, char path[64]);

#endif
