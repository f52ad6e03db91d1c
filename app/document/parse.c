// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/document/document_internal.h"
#include "app/document/write.h"

NmStatus nm_document_upgrade(json_t *root, const NmUpgrade *upgrades, int n_upgrades, NmError *err)
{
  const json_t *version = json_object_get(root, "version");
  const json_int_t from = json_integer_value(version);
  if (strcmp(json_is_string(json_object_get(root, "format"))
                 ? json_string_value(json_object_get(root, "format"))
                 : "",
             "neume") != 0)
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        "it is no document of Neume: it does not begin with \"format\": \"neume\"");
  if (!json_is_integer(version) || from < 1)
    return nm_error_set(err, NM_ERR_BAD_DATA, "version: a whole number from 1 is wanted");
  if (from > n_upgrades + 1)
    return nm_error_set(
        err, NM_ERR_UNSUPPORTED,
        "it was written by a newer Neume (version %lld of the document, and this program knows "
        "them up to %d): update Neume to open it",
        (long long)from, n_upgrades + 1);
  for (json_int_t i = from - 1; i < n_upgrades; ++i)
    if (!upgrades[i](root) || json_object_set_new(root, "version", json_integer(i + 2)))
      return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return NM_OK;
}

// --- order ---

typedef struct {
  json_t *item;
  json_int_t key;
  size_t index;
} Keyed;

static int compare_keyed(const void *a, const void *b)
{
  const Keyed *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

static bool is_sorted(const json_t *list, const char *name)
{
  for (size_t i = 1; i < json_array_size(list); ++i)
    if (json_integer_value(json_object_get(json_array_get(list, i - 1), name)) >
        json_integer_value(json_object_get(json_array_get(list, i), name)))
      return false;
  return true;
}

// A list of objects by a whole number of theirs; equal ones stay in order. False when memory is out.
static bool sort_list(json_t *list, const char *name)
{
  const size_t n = json_array_size(list);
  if (is_sorted(list, name)) return true;
  Keyed *keyed = malloc(n * sizeof *keyed);
  if (!keyed) return false;
  for (size_t i = 0; i < n; ++i) {
    json_t *item = json_incref(json_array_get(list, i));
    keyed[i] = (Keyed){item, json_integer_value(json_object_get(item, name)), i};
  }
  qsort(keyed, n, sizeof *keyed, compare_keyed);
  for (size_t i = 0; i < n; ++i) json_array_set_new(list, i, keyed[i].item);
  free(keyed);
  return true;
}

static NmStatus sort_lists(json_t *root, NmError *err)
{
  bool ok = sort_list(json_object_get(root, "notes"), "onset");
  ok = ok && sort_list(json_object_get(root, "tempos"), "tick");
  ok = ok && sort_list(json_object_get(root, "meters"), "tick");
  ok = ok && sort_list(json_object_get(root, "keys"), "tick");
  ok = ok && sort_list(json_object_get(root, "chords"), "tick");
  return ok ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// --- loading ---

static NmStatus fail_json(const json_error_t *error, NmError *err)
{
  const enum json_error_code code = json_error_code(error);
  if (code == json_error_out_of_memory || !error->text[0]) // some failures of memory have no words
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (code == json_error_duplicate_key)
    return nm_error_set_at(err, NM_ERR_BAD_DATA, error->position, error->line, "line %d: %s", error->line,
                           error->text);
  return nm_error_set_at(err, NM_ERR_BAD_DATA, error->position, error->line,
                         "line %d, column %d: it is no JSON: %s", error->line, error->column, error->text);
}

static NmStatus load(const char *bytes, size_t n, json_t **root, NmError *err)
{
  json_error_t error;
  *root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
  if (!*root) return fail_json(&error, err);
  NmStatus status =
      json_is_object(*root) ? NM_OK : nm_error_set(err, NM_ERR_BAD_DATA, "it is no JSON object");
  if (status == NM_OK) status = nm_document_upgrade(*root, NULL, NM_DOCUMENT_VERSION - 1, err);
  if (status == NM_OK) status = nm_schema_check(&nm_document_field, *root, "", err);
  return status == NM_OK ? sort_lists(*root, err) : status;
}

NmDocument *nm_document_parse(const char *bytes, size_t n, const char *name, NmError *err)
{
  json_t *root;
  NmError inner = {0};
  NmDocument *doc = NULL;
  if (load(bytes, n, &root, &inner) == NM_OK)
    doc = nm_document_from_tree(root, &inner);
  else
    json_decref(root);
  if (!doc) nm_error_set_at(err, inner.status, inner.offset, inner.line, "%s: %s", name, inner.message);
  return doc;
}

NmStatus nm_document_print(const NmDocument *doc, char **bytes, size_t *n, NmError *err)
{
  *bytes = NULL;
  FILE *file = open_memstream(bytes, n);
  if (!file) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = nm_document_write_value(doc->root, &nm_document_field, file, err);
  const bool failed = ferror(file);
  if ((fclose(file) || failed) && status == NM_OK)
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) return NM_OK;
  free(*bytes);
  *bytes = NULL;
  return status;
}
