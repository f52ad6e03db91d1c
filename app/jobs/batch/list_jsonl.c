// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/jobs/batch/chain.h"
#include "app/jobs/batch/list_internal.h"

enum { N_TOLD_MAX = 10, N_LINE_MAX = 1 << 20, N_ID_MAX = 200 };

static const char *const fields[] = {"input", "id", "chain", "options", "output"};
enum { N_FIELDS = sizeof fields / sizeof *fields };

static NmStatus check_fields(const json_t *object, NmError *err)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value)
  {
    bool known = false;
    for (int i = 0; i < N_FIELDS; ++i) known |= !strcmp(key, fields[i]);
    if (known) continue;
    const char *near = nm_nearest(key, fields, N_FIELDS);
    return nm_error_set(err, NM_ERR_BAD_DATA, "a job has no \"%.60s\"%s%s%s", key,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
  }
  return NM_OK;
}

static NmStatus take_text(NmBatchList *list, const json_t *object, const char *name, const char **text,
                          NmError *err)
{
  const json_t *value = json_object_get(object, name);
  *text = NULL;
  if (!value || json_is_null(value)) return NM_OK;
  if (!json_is_string(value) || !json_string_length(value))
    return nm_error_set(err, NM_ERR_BAD_DATA, "\"%s\" is no text", name);
  *text = nm_batch_list_copy(list, json_string_value(value), json_string_length(value));
  return *text ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus take_id(NmBatchList *list, const json_t *object, const char **id, NmError *err)
{
  char number[32];
  const json_t *value = json_object_get(object, "id");
  if (json_is_integer(value)) {
    const int n = snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    *id = nm_batch_list_copy(list, number, (size_t)n);
    return *id ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  const NmStatus status = take_text(list, object, "id", id, err);
  if (status || !*id || strlen(*id) <= N_ID_MAX) return status;
  return nm_error_set(err, NM_ERR_BAD_DATA, "\"id\" is longer than %d bytes", N_ID_MAX);
}

static NmStatus take_options(NmBatchList *list, const json_t *object, const char **options, NmError *err)
{
  const json_t *value = json_object_get(object, "options");
  if (!value || json_is_null(value)) return NM_OK;
  if (!json_is_object(value))
    return nm_error_set(err, NM_ERR_BAD_DATA, "\"options\" is no object such as {\"seed\": 3}");
  char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(17));
  if (text) *options = nm_batch_list_copy(list, text, strlen(text));
  free(text);
  return *options ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus take_job(NmBatchList *list, const json_t *object, NmBatchJob *job, NmError *err)
{
  NmStatus status = check_fields(object, err);
  if (!status) status = take_text(list, object, "input", &job->input, err);
  if (!status) status = take_id(list, object, &job->id, err);
  if (!status) status = take_text(list, object, "chain", &job->chain, err);
  if (!status) status = take_text(list, object, "output", &job->output, err);
  if (!status) status = take_options(list, object, &job->options, err);
  if (status) return status;
  if (!job->input) return nm_error_set(err, NM_ERR_BAD_DATA, "\"input\" is missing");
  if (job->output && (!nm_batch_is_below(job->output) || job->output[strlen(job->output) - 1] == '/'))
    return nm_error_set(err, NM_ERR_BAD_DATA, "\"output\" is no file below the output folder: '%.100s'",
                        job->output);
  return nm_batch_list_push(list, job, err);
}

NmStatus nm_batch_list_parse(NmBatchList *list, const char *text, size_t len, int64_t line, NmError *err)
{
  json_error_t cause;
  NmBatchJob job = {.line = line};
  json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &cause);
  NmStatus status = NM_OK;
  if (!object)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "column %d: no JSON: %.100s", cause.column, cause.text);
  else if (!json_is_object(object))
    status = nm_error_set(err, NM_ERR_BAD_DATA, "no JSON object such as {\"input\": \"a.txt\"}");
  else
    status = take_job(list, object, &job, err);
  json_decref(object);
  return status;
}

static void tell(const char *name, int64_t line, const NmError *err, int64_t n_wrong)
{
  if (n_wrong < N_TOLD_MAX) nm_message("%s, line %" PRId64 ": %s", name, line, err->message);
}

static NmStatus read_lines(NmBatchList *list, FILE *file, const char *name, NmError *err)
{
  char *line = NULL;
  size_t size = 0;
  int64_t number = 0, n_wrong = 0;
  for (ssize_t n; (n = getline(&line, &size, file)) >= 0;) {
    NmError cause = {0};
    ++number;
    if (strspn(line, " \t\r\n") == (size_t)n) continue;
    const NmStatus status = n > N_LINE_MAX
                                ? nm_error_set(&cause, NM_ERR_BAD_DATA, "the line is longer than a megabyte")
                                : nm_batch_list_parse(list, line, (size_t)n, number, &cause);
    if (status) tell(name, number, &cause, n_wrong++);
  }
  free(line);
  if (ferror(file)) return nm_error_set(err, NM_ERR_IO, "cannot read %s", name);
  if (!n_wrong) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s: %" PRId64 " line%s wrong; nothing was done", name, n_wrong,
                      n_wrong > 1 ? "s are" : " is");
}

NmStatus nm_batch_list_read(NmBatchList *list, const char *path, NmError *err)
{
  const bool is_stdin = !strcmp(path, "-");
  FILE *file = is_stdin ? stdin : fopen(path, "re");
  if (!file) return nm_error_set(err, NM_ERR_IO, "cannot read %s: %s", path, strerror(errno));
  const NmStatus status = read_lines(list, file, is_stdin ? "standard input" : path, err);
  if (!is_stdin) fclose(file);
  return status;
}
