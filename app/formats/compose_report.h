// SPDX-License-Identifier: GPL-3.0-or-later
// What `neume compose --json` prints: the candidates with the reasons of their order.
#ifndef NM_FORMATS_COMPOSE_REPORT_H
#define NM_FORMATS_COMPOSE_REPORT_H

#include <stdio.h>

#include "models/song/compose.h"

typedef struct {
  const char *lyrics; // what the words are called
  uint64_t seed;
  double seconds;
  const NmComposed *composed;
  // The path (at most 4095 bytes) of a candidate in file k of n_files; false when it has none there.
  bool (*name_file)(const void *user, int k, int32_t candidate, char *path);
  const void *user;
  int n_files;
} NmComposeReport;

NmStatus nm_compose_report_write(const NmComposeReport *report, FILE *file, NmError *err) NM_NODISCARD;

#endif
