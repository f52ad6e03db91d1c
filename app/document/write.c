// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/write.h"

#include <stdlib.h>
#include <string.h>

#include "app/formats/text_write.h"

enum { LINE_MAX_BYTES = 100 };

typedef struct {
  FILE *file; // NULL: only measured
  size_t n;   // bytes so far, when measured
  bool failed;
} Out;

static void put(Out *out, const char *text)
{
  if (out->file)
    fputs(text, out->file);
  else
    out->n += strlen(text);
}

static void put_text(Out *out, const char *text)
{
  if (out->file)
    nm_write_json_string(out->file, text);
  else
    out->n += strlen(text) + 2; // escapes only make it longer, which a line may be
}

// The fewest digits that give the number back; a point whatever the locale says.
static void put_real(Out *out, double x)
{
  char text[40];
  for (int digits = 15; digits <= 17; ++digits) {
    snprintf(text, sizeof text, "%.*g", digits, x);
    if (strtod(text, NULL) == x) break;
  }
  char *comma = strchr(text, ',');
  if (comma) *comma = '.';
  put(out, x == 0 ? "0" : text);
}

static void put_scalar(Out *out, const json_t *value)
{
  char text[32];
  switch (json_typeof(value)) {
  case JSON_STRING: put_text(out, json_string_value(value)); break;
  case JSON_INTEGER:
    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    put(out, text);
    break;
  case JSON_REAL: put_real(out, json_real_value(value)); break;
  case JSON_TRUE: put(out, "true"); break;
  case JSON_FALSE: put(out, "false"); break;
  default: put(out, "null");
  }
}

// --- containers ---

// A member and what the schema says of it.
typedef struct {
  const char *name;
  const json_t *value;
  const NmField *field;
} Member;

static int compare_names(const void *a, const void *b)
{
  return strcmp(((const Member *)a)->name, ((const Member *)b)->name);
}

// The members in the order they are written; NULL when memory is out. The caller frees it.
static Member *sort_members(const json_t *object, const NmField *field)
{
  Member *members = malloc((json_object_size(object) + 1) * sizeof *members);
  size_t n = 0;
  if (!members) return NULL;
  const NmField *parts = field && field->kind == NM_FIELD_OBJECT ? field->parts : NULL;
  for (const NmField *part = parts; part && part->name; ++part) {
    const json_t *value = json_object_get(object, part->name);
    if (value) members[n++] = (Member){part->name, value, part};
  }
  const size_t n_known = n;
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)object, name, value)
  {
    if (!parts || !nm_schema_find_part(field, name)) members[n++] = (Member){name, value, NULL};
  }
  if (n > n_known) qsort(members + n_known, n - n_known, sizeof *members, compare_names);
  return members;
}

static const NmField *find_item(const NmField *field, size_t i)
{
  if (field && field->kind == NM_FIELD_LIST) return field->parts;
  return field && field->kind == NM_FIELD_TUPLE ? &field->parts[i] : NULL;
}

static void put_value(Out *out, const json_t *value, const NmField *field, int depth);

// Adds a child to what a line would take; whether it still fits.
static bool measure(Out *out, const char *name, const json_t *child)
{
  if (json_is_object(child)) return false;
  if (name) put_text(out, name);
  put(out, ": , ");
  put_value(out, child, NULL, -1);
  return out->n <= LINE_MAX_BYTES;
}

// Whether a container fits on a line: it is short, and holds no objects but those in lists.
static bool is_short(const json_t *value, bool *failed)
{
  Out out = {0};
  const char *name;
  json_t *child;
  size_t i;
  bool fits = true;
  if (json_is_object(value)) {
    json_object_foreach((json_t *)value, name, child)
    {
      if (fits) fits = measure(&out, name, child);
    }
  } else {
    json_array_foreach((json_t *)value, i, child)
    {
      if (fits) fits = measure(&out, NULL, child);
    }
  }
  *failed |= out.failed;
  return fits;
}

// A new line before an item, or the space between items of one line (depth < 0).
static void put_gap(Out *out, int depth, bool first)
{
  if (!first) put(out, depth < 0 ? ", " : ",");
  if (depth < 0) return;
  put(out, "\n");
  for (int i = 0; i < depth; ++i) put(out, " ");
}

static int go_in(int depth)
{
  return depth < 0 ? -1 : depth + 1;
}

static void put_object(Out *out, const json_t *value, const NmField *field, int depth)
{
  Member *members = sort_members(value, field);
  const size_t n = json_object_size(value);
  out->failed |= !members;
  put(out, "{");
  for (size_t i = 0; members && i < n; ++i) {
    put_gap(out, go_in(depth), i == 0);
    put_text(out, members[i].name);
    put(out, ": ");
    put_value(out, members[i].value, members[i].field, go_in(depth));
  }
  if (depth >= 0 && n) put_gap(out, depth, true);
  put(out, "}");
  free(members);
}

static void put_array(Out *out, const json_t *value, const NmField *field, int depth)
{
  size_t i;
  json_t *child;
  put(out, "[");
  json_array_foreach((json_t *)value, i, child)
  {
    put_gap(out, go_in(depth), i == 0);
    put_value(out, child, find_item(field, i), go_in(depth));
  }
  if (depth >= 0 && json_array_size(value)) put_gap(out, depth, true);
  put(out, "]");
}

// depth: how far it is indented; -1: all on one line.
static void put_value(Out *out, const json_t *value, const NmField *field, int depth)
{
  const bool is_object = json_is_object(value);
  if (!is_object && !json_is_array(value)) {
    put_scalar(out, value);
    return;
  }
  if (depth > 0 && is_short(value, &out->failed)) depth = -1;
  if (is_object)
    put_object(out, value, field, depth);
  else
    put_array(out, value, field, depth);
}

NmStatus nm_document_write_value(const json_t *value, const NmField *field, FILE *file, NmError *err)
{
  Out out = {.file = file};
  put_value(&out, value, field, 0);
  put(&out, "\n");
  return out.failed ? nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory") : NM_OK;
}
