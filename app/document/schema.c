// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/schema.h"

#include <string.h>

// Where a value stands: a chain from it up to the value that is checked.
typedef struct Place {
  const struct Place *above;
  const char *name; // NULL: an item of a list
  size_t index;
} Place;

static size_t count_chars(const char *text, size_t len)
{
  size_t n = 0;
  for (size_t i = 0; i < len; ++i) n += ((unsigned char)text[i] & 0xc0) != 0x80;
  return n;
}

static void append(char *out, size_t size, const char *text)
{
  const size_t len = strlen(out);
  if (len + 1 < size) snprintf(out + len, size - len, "%s", text);
}

static void append_place(const Place *place, char *out, size_t size)
{
  char index[32];
  if (!place) return;
  append_place(place->above, out, size);
  if (place->name) {
    if (out[0]) append(out, size, ".");
    append(out, size, place->name);
    return;
  }
  snprintf(index, sizeof index, "[%zu]", place->index);
  append(out, size, index);
}

static bool is_index(const char *token, size_t len)
{
  return len > 0 && strspn(token, "0123456789") >= len;
}

void nm_schema_print_place(const char *pointer, char *place, size_t size)
{
  place[0] = 0;
  for (const char *at = pointer; *at == '/';) {
    char token[80];
    const size_t len = strcspn(++at, "/");
    const char *format = is_index(at, len) ? "[%.*s]" : place[0] ? ".%.*s" : "%.*s";
    snprintf(token, sizeof token, format, (int)(len < 64 ? len : 64), at);
    append(place, size, token);
    at += len;
  }
}

// --- checks ---

typedef struct {
  const char *at;
  NmError *err;
} Check;

static NmStatus check_value(const Check *check, const NmField *field, const json_t *value,
                            const Place *place);

static NmStatus fail(const Check *check, const Place *place, const char *cause)
{
  char text[256];
  nm_schema_print_place(check->at, text, sizeof text);
  append_place(place, text, sizeof text);
  return nm_error_set(check->err, NM_ERR_BAD_DATA, "%s: %s", text[0] ? text : "the document", cause);
}

static NmStatus fail_kind(const Check *check, const Place *place, const char *wanted, const json_t *value)
{
  static const char *const names[] = {"an object", "a list", "a text", "a whole number",
                                      "a number",  "true",   "false",  "null"};
  char cause[128];
  snprintf(cause, sizeof cause, "%s is wanted, not %s", wanted, names[json_typeof(value)]);
  return fail(check, place, cause);
}

static NmStatus check_number(const Check *check, const NmField *field, const json_t *value,
                             const Place *place)
{
  char cause[128];
  const double x = json_number_value(value);
  if (!json_is_number(value)) return fail_kind(check, place, "a number", value);
  if (field->kind == NM_FIELD_INTEGER && !json_is_integer(value))
    return fail_kind(check, place, "a whole number", value);
  if (x >= field->low && x <= field->high) return NM_OK;
  snprintf(cause, sizeof cause, "%.12g is not between %.12g and %.12g", x, field->low, field->high);
  return fail(check, place, cause);
}

static NmStatus check_choice(const Check *check, const NmField *field, const char *text, const Place *place)
{
  char cause[256];
  snprintf(cause, sizeof cause, "\"%.40s\" is none of", text);
  for (int i = 0; field->choices[i]; ++i) {
    if (!strcmp(field->choices[i], text)) return NM_OK;
    if (i < 16) append(cause, sizeof cause, i ? ", " : " ");
    if (i < 16) append(cause, sizeof cause, field->choices[i]);
  }
  return fail(check, place, cause);
}

static NmStatus check_text(const Check *check, const NmField *field, const json_t *value, const Place *place)
{
  char cause[128];
  if (!json_is_string(value)) return fail_kind(check, place, "a text", value);
  if (field->choices) return check_choice(check, field, json_string_value(value), place);
  const size_t n = count_chars(json_string_value(value), json_string_length(value));
  if ((double)n >= field->low && (double)n <= field->high) return NM_OK;
  snprintf(cause, sizeof cause, "a text of %.12g to %.12g characters is wanted, not of %zu", field->low,
           field->high, n);
  return fail(check, place, cause);
}

static NmStatus check_list(const Check *check, const NmField *field, const json_t *value, const Place *place)
{
  char cause[128];
  if (!json_is_array(value)) return fail_kind(check, place, "a list", value);
  const size_t n = json_array_size(value);
  if (!((double)n >= field->low && (double)n <= field->high)) {
    snprintf(cause, sizeof cause, "a list of %.12g to %.12g is wanted, not of %zu", field->low, field->high,
             n);
    return fail(check, place, cause);
  }
  NmStatus status = NM_OK;
  for (size_t i = 0; status == NM_OK && i < n; ++i)
    status = check_value(check, field->parts, json_array_get(value, i), &(Place){place, NULL, i});
  return status;
}

static NmStatus check_tuple(const Check *check, const NmField *field, const json_t *value, const Place *place)
{
  size_t n = 0;
  char cause[128];
  while (field->parts[n].name) ++n;
  if (!json_is_array(value)) return fail_kind(check, place, "a list", value);
  if (json_array_size(value) != n) {
    snprintf(cause, sizeof cause, "%zu values are wanted, not %zu", n, json_array_size(value));
    return fail(check, place, cause);
  }
  NmStatus status = NM_OK;
  for (size_t i = 0; status == NM_OK && i < n; ++i)
    status = check_value(check, &field->parts[i], json_array_get(value, i), &(Place){place, NULL, i});
  return status;
}

static NmStatus check_object(const Check *check, const NmField *field, const json_t *value,
                             const Place *place)
{
  if (!json_is_object(value)) return fail_kind(check, place, "an object", value);
  NmStatus status = NM_OK;
  for (const NmField *part = field->parts; part && part->name && status == NM_OK; ++part) {
    const json_t *found = json_object_get(value, part->name);
    const Place here = {place, part->name, 0};
    if (found)
      status = check_value(check, part, found, &here);
    else if (part->required)
      status = fail(check, &here, "it is missing, and must be there");
  }
  return status;
}

static NmStatus check_value(const Check *check, const NmField *field, const json_t *value, const Place *place)
{
  switch (field->kind) {
  case NM_FIELD_INTEGER:
  case NM_FIELD_NUMBER: return check_number(check, field, value, place);
  case NM_FIELD_TEXT: return check_text(check, field, value, place);
  case NM_FIELD_TRUTH:
    return json_is_boolean(value) ? NM_OK : fail_kind(check, place, "true or false", value);
  case NM_FIELD_LIST: return check_list(check, field, value, place);
  case NM_FIELD_TUPLE: return check_tuple(check, field, value, place);
  case NM_FIELD_OBJECT: return check_object(check, field, value, place);
  case NM_FIELD_FREE: return json_is_object(value) ? NM_OK : fail_kind(check, place, "an object", value);
  }
  return NM_OK;
}

NmStatus nm_schema_check(const NmField *field, const json_t *value, const char *at, NmError *err)
{
  const Check check = {at, err};
  return check_value(&check, field, value, NULL);
}

// --- finding ---

static const NmField *find_part(const NmField *object, const char *name, size_t len)
{
  for (const NmField *part = object->parts; part && part->name; ++part)
    if (strlen(part->name) == len && !memcmp(part->name, name, len)) return part;
  return NULL;
}

const NmField *nm_schema_find_part(const NmField *object, const char *name)
{
  return object->kind == NM_FIELD_OBJECT ? find_part(object, name, strlen(name)) : NULL;
}

static const NmField *find_item(const NmField *tuple, const char *token)
{
  unsigned i = 0;
  if (sscanf(token, "%5u", &i) != 1) return NULL;
  for (const NmField *part = tuple->parts; part->name; ++part)
    if (i-- == 0) return part;
  return NULL;
}

const NmField *nm_schema_find(const char *pointer)
{
  const NmField *field = &nm_document_field;
  for (const char *at = pointer; field && *at == '/';) {
    const size_t len = strcspn(++at, "/");
    if (field->kind == NM_FIELD_OBJECT)
      field = find_part(field, at, len);
    else if (field->kind == NM_FIELD_LIST)
      field = field->parts;
    else
      field = field->kind == NM_FIELD_TUPLE ? find_item(field, at) : NULL;
    at += len;
  }
  return field;
}
