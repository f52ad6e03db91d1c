// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/jobs/batch/glob.h"
#include "app/jobs/batch/list_internal.h"

void nm_batch_list_init(NmBatchList *list)
{
  *list = (NmBatchList){0};
  nm_arena_init(&list->arena, 1 << 16);
}

void nm_batch_list_fini(NmBatchList *list)
{
  nm_arena_fini(&list->arena);
  free(list->jobs);
  *list = (NmBatchList){0};
}

char *nm_batch_list_copy(NmBatchList *list, const char *text, size_t len)
{
  char *copy = nm_arena_alloc(&list->arena, len + 1);
  if (!copy) return NULL;
  memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

NmStatus nm_batch_list_push(NmBatchList *list, const NmBatchJob *job, NmError *err)
{
  if (list->n == list->capacity) {
    const int64_t capacity = 2 * list->capacity + 64;
    NmBatchJob *jobs = realloc(list->jobs, (size_t)capacity * sizeof *jobs);
    if (!jobs) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    list->jobs = jobs;
    list->capacity = capacity;
  }
  list->jobs[list->n++] = *job;
  return NM_OK;
}

static NmStatus add_file(NmBatchList *list, const char *path, NmError *err)
{
  const NmBatchJob job = {.input = nm_batch_list_copy(list, path, strlen(path))};
  if (!job.input) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return nm_batch_list_push(list, &job, err);
}

static NmStatus add_found(const char *path, void *user, NmError *err)
{
  NmBatchList *list = user;
  return list->skips && list->skips(list->user, path) ? NM_OK : add_file(list, path, err);
}

static NmStatus add_named(NmBatchList *list, FILE *file, const char *name, NmError *err)
{
  char *line = NULL;
  size_t size = 0;
  NmStatus status = NM_OK;
  int64_t number = 0;
  for (ssize_t n; !status && (n = getline(&line, &size, file)) >= 0;) {
    ++number;
    if (n > 0 && line[n - 1] == '\n') line[--n] = '\0';
    if (n > 0 && line[n - 1] == '\r') line[--n] = '\0';
    if (strlen(line) != (size_t)n)
      status = nm_error_set_at(err, NM_ERR_BAD_DATA, -1, number,
                               "%s, line %lld: a zero byte stands in a name", name, (long long)number);
    else if (n)
      status = add_file(list, line, err);
  }
  if (!status && ferror(file)) status = nm_error_set(err, NM_ERR_IO, "cannot read %s", name);
  free(line);
  return status;
}

static NmStatus add_list(NmBatchList *list, const char *path, NmError *err)
{
  const bool is_stdin = !strcmp(path, "-");
  FILE *file = is_stdin ? stdin : fopen(path, "re");
  if (!file) return nm_error_set(err, NM_ERR_IO, "cannot read the list %s: %s", path, strerror(errno));
  const NmStatus status = add_named(list, file, is_stdin ? "standard input" : path, err);
  if (!is_stdin) fclose(file);
  return status;
}

NmStatus nm_batch_list_add(NmBatchList *list, const char *operand, NmError *err)
{
  struct stat info;
  const bool exists = !stat(operand, &info);
  if (exists && S_ISDIR(info.st_mode))
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        "%s is a folder; name its files: '%s/*.txt' or, below it too, '%s/**'", operand,
                        operand, operand);
  if (!exists && *operand == '@') return add_list(list, operand + 1, err);
  if (exists || !strpbrk(operand, "*?[")) return add_file(list, operand, err);
  const int64_t n = list->n;
  const NmStatus status = nm_batch_glob(operand, add_found, list, err);
  if (!status && list->n == n) return nm_error_set(err, NM_ERR_BAD_DATA, "no file is named like %s", operand);
  return status;
}
