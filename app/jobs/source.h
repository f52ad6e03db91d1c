// SPDX-License-Identifier: GPL-3.0-or-later
// Where a text comes from: the command line, a file, standard input. Read in parts.
#ifndef NM_JOBS_SOURCE_H
#define NM_JOBS_SOURCE_H

#include <stdbool.h>

#include "dsp/base/status.h"

typedef struct {
  const char *name; // for messages
  const char *text; // [len] given on the command line, or NULL
  int fd;           // else where it is read from
  int64_t len, at;  // bytes in all (-1 when unknown) and read so far
  bool is_ssml;     // by its file name
} NmSource;

// `argument` is "-" (or NULL) for standard input, the name of a file that exists, or the text itself. An
// argument that looks like a file name, with no space and an ending such as .txt, is never spoken. NM_ERR_IO
// when a file cannot be read.
NmStatus nm_source_open(NmSource *source, const char *argument, NmError *err) NM_NODISCARD;
void nm_source_close(NmSource *source);

// Up to `size` bytes into `bytes`; *n 0 at the end. NM_ERR_CANCELLED when interrupted.
NmStatus nm_source_read(NmSource *source, char *bytes, size_t size, size_t *n, NmError *err) NM_NODISCARD;

// Whether it can be read a second time, and goes back to the start.
bool nm_source_rewind(NmSource *source);

#endif
