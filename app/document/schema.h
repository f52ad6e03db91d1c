// SPDX-License-Identifier: GPL-3.0-or-later
// What a document may hold, as one table: it checks what is loaded and edited, orders what is written, and
// prints itself as JSON schema (assets/neume.schema.json).
#ifndef NM_DOCUMENT_SCHEMA_H
#define NM_DOCUMENT_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "dsp/base/status.h"

enum { NM_DOCUMENT_VERSION = 1, NM_DOCUMENT_POINTS_MAX = 1 << 18, NM_DOCUMENT_TAKES_MAX = 256 };
#define NM_DOCUMENT_SEED_MAX 4503599627370496

typedef enum {
  NM_FIELD_INTEGER, // low to high
  NM_FIELD_NUMBER,  // low to high
  NM_FIELD_TEXT,    // low to high characters, or one of `choices`
  NM_FIELD_TRUTH,
  NM_FIELD_OBJECT, // of `parts`, and others unknown, which are kept
  NM_FIELD_LIST,   // low to high items like parts[0]
  NM_FIELD_TUPLE,  // exactly `parts`, in order
  NM_FIELD_FREE    // an object of anything
} NmFieldKind;

typedef struct NmField {
  const char *name; // NULL ends a table; of a list's item: what it is called
  NmFieldKind kind;
  bool required;
  double low, high;
  const struct NmField *parts;
  const char *const *choices; // ends with NULL
  const char *what;           // description
} NmField;

// The whole document.
extern const NmField nm_document_field;

// Whether `value` is as the field says. NM_ERR_BAD_DATA with the place, the cause and what would be right:
// "notes[12].pitch: 200 is not between 0 and 127". `at` (may be "") is the JSON pointer of the value itself.
NmStatus nm_schema_check(const NmField *field, const json_t *value, const char *at,
                         NmError *err) NM_NODISCARD;

// The field that a JSON pointer names, NULL when the table does not know it.
const NmField *nm_schema_find(const char *pointer);

// A part of an object by name, NULL when there is none.
const NmField *nm_schema_find_part(const NmField *object, const char *name);

// "/notes/12/pitch" as messages say it, "notes[12].pitch"; what is too long is cut.
void nm_schema_print_place(const char *pointer, char *place, size_t size);

// JSON schema, draft 2020-12; NM_ERR_NO_MEMORY.
NmStatus nm_schema_print(FILE *file, NmError *err) NM_NODISCARD;

#endif
