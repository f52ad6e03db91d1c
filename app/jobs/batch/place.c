// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/jobs/batch/facts.h"
#include "app/jobs/batch/text.h"

// "FOLDER/NAME" of a name in a record; false when it is too long or missing.
static bool join(const char *folder, const json_t *name, char path[PATH_MAX])
{
  const char *text = json_string_value(name);
  if (!text || snprintf(path, PATH_MAX, "%s/%s", folder, text) >= PATH_MAX) return false;
  nm_batch_text_decode(path + strlen(folder) + 1);
  return true;
}

static bool is_ours(const NmBatchPlacing *placing, const char *path)
{
  json_t *record = placing->journal ? nm_batch_journal_find_output(placing->journal, path) : NULL;
  json_t *source = nm_batch_text_encode(placing->source);
  const bool ours = record && json_equal(json_object_get(record, "source"), source);
  json_decref(source);
  json_decref(record);
  return ours;
}

NmStatus nm_batch_place_check(const NmBatchPlacing *placing, const char *path, NmError *err)
{
  char whole[PATH_MAX];
  struct stat info;
  if (snprintf(whole, sizeof whole, "%s/%s", placing->dir, path) >= (int)sizeof whole)
    return nm_error_set(err, NM_ERR_IO, "the name of the output is too long: %.100s...", path);
  if (lstat(whole, &info) || placing->force || is_ours(placing, path)) return NM_OK;
  if (S_ISDIR(info.st_mode)) return NM_OK; // its files are asked for one by one
  return nm_error_set(
      err, NM_ERR_IO,
      "%s exists and was not made of this input; add --force to overwrite it, or --skip-existing", path);
}

NmStatus nm_batch_place_check_all(const NmBatchPlacing *placing, const json_t *outputs, NmError *err)
{
  NmStatus status = NM_OK;
  for (size_t i = 0; i < json_array_size(outputs) && !status; ++i) {
    char *path = strdup(json_string_value(json_object_get(json_array_get(outputs, i), "path")));
    if (!path) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    nm_batch_text_decode(path);
    status = nm_batch_place_check(placing, path, err);
    free(path);
  }
  return status;
}

NmStatus nm_batch_place_all(const NmBatchPlacing *placing, const json_t *outputs, const char *folder,
                            NmError *err)
{
  char from[PATH_MAX], to[PATH_MAX];
  for (size_t i = 0; i < json_array_size(outputs); ++i) {
    const json_t *output = json_array_get(outputs, i);
    if (!join(folder, json_object_get(output, "work"), from) ||
        !join(placing->dir, json_object_get(output, "path"), to))
      return nm_error_set(err, NM_ERR_IO, "the name of an output is too long");
    const NmStatus status = nm_batch_make_folders(to, err);
    if (status) return status;
    if (rename(from, to))
      return nm_error_set(err, NM_ERR_IO, "cannot put %s in place: %s", to, strerror(errno));
  }
  return NM_OK;
}

bool nm_batch_place_holds(const char *dir, const json_t *outputs)
{
  char path[PATH_MAX];
  for (size_t i = 0; i < json_array_size(outputs); ++i) {
    const json_t *output = json_array_get(outputs, i);
    if (!join(dir, json_object_get(output, "path"), path) || !nm_batch_facts_hold(output, path)) return false;
  }
  return json_is_array(outputs);
}
