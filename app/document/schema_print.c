// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/schema.h"

static void put(json_t *object, const char *name, json_t *value, bool *ok)
{
  *ok &= json_object_set_new(object, name, value) == 0;
}

// Whole numbers without a point.
static json_t *number(double x)
{
  return x == (double)(json_int_t)x ? json_integer((json_int_t)x) : json_real(x);
}

static json_t *describe(const NmField *field, bool *ok);

static json_t *list_choices(const NmField *field, bool *ok)
{
  json_t *list = json_array();
  for (int i = 0; field->choices[i]; ++i)
    *ok &= json_array_append_new(list, json_string(field->choices[i])) == 0;
  return list;
}

static void describe_parts(json_t *schema, const NmField *field, bool *ok)
{
  json_t *properties = json_object(), *required = json_array();
  for (const NmField *part = field->parts; part && part->name; ++part) {
    put(properties, part->name, describe(part, ok), ok);
    if (part->required) *ok &= json_array_append_new(required, json_string(part->name)) == 0;
  }
  put(schema, "properties", properties, ok);
  if (json_array_size(required))
    put(schema, "required", required, ok);
  else
    json_decref(required);
}

static void describe_tuple(json_t *schema, const NmField *field, bool *ok)
{
  json_t *items = json_array();
  size_t n = 0;
  for (; field->parts[n].name; ++n) *ok &= json_array_append_new(items, describe(&field->parts[n], ok)) == 0;
  put(schema, "prefixItems", items, ok);
  put(schema, "items", json_false(), ok);
  put(schema, "minItems", json_integer((json_int_t)n), ok);
}

static void describe_limits(json_t *schema, const NmField *field, bool *ok)
{
  switch (field->kind) {
  case NM_FIELD_INTEGER:
  case NM_FIELD_NUMBER:
    put(schema, "minimum", number(field->low), ok);
    put(schema, "maximum", number(field->high), ok);
    break;
  case NM_FIELD_TEXT:
    if (field->choices)
      put(schema, "enum", list_choices(field, ok), ok);
    else
      put(schema, "maxLength", number(field->high), ok);
    break;
  case NM_FIELD_LIST:
    if (field->low > 0) put(schema, "minItems", number(field->low), ok);
    put(schema, "maxItems", number(field->high), ok);
    put(schema, "items", describe(field->parts, ok), ok);
    break;
  case NM_FIELD_TUPLE: describe_tuple(schema, field, ok); break;
  case NM_FIELD_OBJECT: describe_parts(schema, field, ok); break;
  case NM_FIELD_TRUTH:
  case NM_FIELD_FREE: break;
  }
}

static json_t *describe(const NmField *field, bool *ok)
{
  static const char *const types[] = {"integer", "number", "string", "boolean",
                                      "object",  "array",  "array",  "object"};
  json_t *schema = json_object();
  put(schema, "type", json_string(types[field->kind]), ok);
  put(schema, "description", json_string(field->what), ok);
  describe_limits(schema, field, ok);
  return schema;
}

NmStatus nm_schema_print(FILE *file, NmError *err)
{
  bool ok = true;
  json_t *schema = json_object();
  put(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"), &ok);
  put(schema, "title", json_string("Neume document"), &ok);
  json_t *document = describe(&nm_document_field, &ok);
  ok &= json_object_update(schema, document) == 0;
  json_decref(document);
  ok = ok && json_dumpf(schema, file, JSON_INDENT(1)) == 0 && fputc('\n', file) != EOF;
  json_decref(schema);
  return ok ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "cannot print the schema: out of memory");
}
