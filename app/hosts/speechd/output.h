// SPDX-License-Identifier: GPL-3.0-or-later
// What an output module writes: replies, events, and sound that the server plays.
#ifndef NM_HOSTS_SPEECHD_OUTPUT_H
#define NM_HOSTS_SPEECHD_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// Each writes one whole message to `out` and flushes it; false when it cannot be written.

// "200 OK SPEAKING".
bool nm_sd_write_line(FILE *out, const char *line);

// "700-name" and "700 INDEX MARK"; control characters of the name become "_".
bool nm_sd_write_mark(FILE *out, const char *name);

// Samples [n], full scale 1, as 16 bits: the message 705, newlines and 0x7d of the sound escaped.
bool nm_sd_write_audio(FILE *out, const float *samples, size_t n, int rate_hz);

#endif
