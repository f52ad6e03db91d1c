// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static NmStatus read_field(const json_t *root, const char *path, const NmConfigField *field, void *config,
                           NmError *err)
{
  const char *text = json_string_value(json_object_get(root, field->name));
  char *end = NULL;
  const long value = text ? strtol(text, &end, 10) : 0;
  if (!text || end == text || *end || value < field->low || value > field->high)
    return nm_error_set(
        err, NM_ERR_BAD_DATA,
        "%s: metadata: \"%s\" must be a whole number from %d to %d; this file was not made by this "
        "program or is damaged",
        path, field->name, (int)field->low, (int)field->high);
  const int32_t whole = (int32_t)value;
  memcpy((char *)config + field->offset, &whole, sizeof whole);
  return NM_OK;
}

NmStatus nm_config_read(const char *metadata, const char *path, const char *model,
                        const NmConfigField *fields, int n_fields, void *config, NmError *err)
{
  json_t *root = metadata ? json_loads(metadata, 0, NULL) : NULL;
  const char *found = json_string_value(json_object_get(root, "model"));
  NmStatus status = NM_OK;
  if (!found || strcmp(found, model) != 0)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: holds %s%s, not the %s model that is needed here", path,
                          found ? "the model " : "no model of this program", found ? found : "", model);
  for (int i = 0; i < n_fields && status == NM_OK; ++i)
    status = read_field(root, path, &fields[i], config, err);
  json_decref(root);
  return status;
}

char *nm_config_get_text(const char *metadata, const char *name)
{
  json_t *root = metadata ? json_loads(metadata, 0, NULL) : NULL;
  const char *text = json_string_value(json_object_get(root, name));
  char *copy = text ? strdup(text) : NULL;
  json_decref(root);
  return copy;
}

char *nm_config_write(const char *model, const NmConfigField *fields, int n_fields, const void *config,
                      const char *const (*texts)[2], int n_texts)
{
  json_t *root = json_object();
  int failed = json_object_set_new(root, "model", json_string(model));
  for (int i = 0; i < n_fields; ++i) {
    int32_t value;
    char text[16];
    memcpy(&value, (const char *)config + fields[i].offset, sizeof value);
    snprintf(text, sizeof text, "%d", (int)value);
    failed |= json_object_set_new(root, fields[i].name, json_string(text));
  }
  for (int i = 0; i < n_texts; ++i)
    failed |= json_object_set_new(root, texts[i][0], json_string(texts[i][1]));
  char *dump = failed ? NULL : json_dumps(root, JSON_COMPACT);
  json_decref(root);
  return dump;
}
