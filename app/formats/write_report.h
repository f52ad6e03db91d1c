// SPDX-License-Identifier: GPL-3.0-or-later
// What `neume lyrics --json` prints: the candidates with the reasons of their order.
#ifndef NM_FORMATS_WRITE_REPORT_H
#define NM_FORMATS_WRITE_REPORT_H

#include <stdio.h>

#include "models/song/write.h"

typedef struct {
  const char *melody; // what it is called
  const char *scheme; // NULL: none
  uint64_t seed;
  double seconds;
  const NmWritten *written;
} NmWriteReport;

NmStatus nm_write_report_write(const NmWriteReport *report, FILE *file, NmError *err) NM_NODISCARD;

#endif
