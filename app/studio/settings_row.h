// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of the settings: each shows and sets a value of the document, or takes it away.
#ifndef NM_STUDIO_SETTINGS_ROW_H
#define NM_STUDIO_SETTINGS_ROW_H

#include <jansson.h>
#include <stddef.h>

#include "app/studio/state.h"

typedef enum { NM_ROW_NUMBER, NM_ROW_WHOLE, NM_ROW_TRUTH } NmRowKind;

typedef struct {
  const char *name;   // of the value in its object, "vibrato_cents"
  const char *label;  // to be translated, as the next two
  const char *tip;    // may be NULL
  const char *format; // "%.0f cents"
  NmRowKind kind;
  size_t usual;     // offset of a double or bool in the defaults: what it is when nothing says it
  double low, high; // of the slider
} NmSettingsRow;

// Where the values of rows are.
typedef struct {
  const char *object; // "/voice"
  const void *usual;  // NULL: 0
  bool of_lines;      // the same object of the lines that are selected; where those say nothing, the song's
} NmSettingsPlace;

void nm_row_show(NmStudio *studio, const NmSettingsRow *row, const NmSettingsPlace *place);

// A row of a choice between names [n], of which the first means that nothing is said. Answers whether the
// choice changed; *chosen is to be set before.
bool nm_row_choose(NmStudio *studio, const char *label, const char *tip, int *chosen,
                   const char *const *names, int n);

// The value by name, NULL when nothing says it; *is_own (may be NULL): this place says it.
json_t *nm_row_get(const NmStudio *studio, const char *name, const NmSettingsPlace *place, bool *is_own);

// Sets it (value stolen; NULL: takes it away), as one step of that name with those that a stroke of the mouse
// makes before and after.
void nm_row_set(NmStudio *studio, const char *label, const char *name, const NmSettingsPlace *place,
                json_t *value);

// A small cross before a row, to take its value away; answers whether it was pressed.
bool nm_row_cross(NmStudio *studio, const char *name, bool is_own, const char *tip);

#endif
