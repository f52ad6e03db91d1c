// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/sing_values.h"

#include <stdlib.h>
#include <string.h>

bool nm_sing_parse_as(const char *text, double *as)
{
  static const struct {
    const char *name;
    double value;
  } names[] = {{"speech", 0}, {"recitative", .5}, {"song", 1}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(text, names[i].name)) continue;
    *as = names[i].value;
    return true;
  }
  char *end;
  const double value = strtod(text, &end);
  if (end == text || *end || !(value >= 0 && value <= 1)) return false;
  *as = value;
  return true;
}

bool nm_sing_parse_vowel(const char *text, NmSingFiller *filler)
{
  static const char *const names[NM_SING_N_FILLERS] = {"la", "ah", "oo", "hum", "none"};
  for (int i = 0; i < NM_SING_N_FILLERS; i++) {
    if (strcmp(text, names[i])) continue;
    *filler = (NmSingFiller)i;
    return true;
  }
  return false;
}

bool nm_sing_parse_transpose(const char *text, int32_t *transpose)
{
  char *end;
  if (!strcmp(text, "auto")) {
    *transpose = NM_SING_TRANSPOSE_AUTO;
    return true;
  }
  const long semitones = strtol(text, &end, 10);
  if (end == text || *end || semitones < -48 || semitones > 48) return false;
  *transpose = (int32_t)semitones;
  return true;
}
