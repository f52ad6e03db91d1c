// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/jobs/batch/roll.h"
#include "app/jobs/batch/text.h"
#include "app/output.h"

typedef struct {
  const NmBatchJournal *journal;
  int64_t part;
  FILE *file; // or NULL
  bool is_json;
  void (*visit)(void *user, const char *input, int64_t part, const char *state, const char *reason);
  void *user;
  NmBatchSums *sums;
} Summary;

// --- runs ---

// The newest run says which roll counts.
typedef struct {
  int64_t started, n_parts, part; // part: of which it is asked; 0: any
  char roll[64];
  bool differ;
} Newest;

static void find_newest(const json_t *run, void *user)
{
  Newest *newest = user;
  const char *roll = json_string_value(json_object_get(run, "roll"));
  const int64_t started = json_integer_value(json_object_get(run, "started_ns"));
  if (!roll || started < newest->started) return;
  if (newest->part && json_integer_value(json_object_get(run, "part")) != newest->part) return;
  newest->started = started;
  newest->n_parts = json_integer_value(json_object_get(run, "parts"));
  snprintf(newest->roll, sizeof newest->roll, "%s", roll);
}

// Parts begun, each counted by its newest run: the last one that is visited of a part is not known to be
// that, so any run on the roll counts, and one part alone on another roll makes a difference.
typedef struct {
  const Newest *newest;
  unsigned char *seen; // [n_parts], 1: on another roll, 2: on this
} Parts;

static void mark_part(const json_t *run, void *user)
{
  const Parts *parts = user;
  const int64_t k = json_integer_value(json_object_get(run, "part")),
                n = json_integer_value(json_object_get(run, "parts"));
  const char *roll = json_string_value(json_object_get(run, "roll"));
  if (!roll || n != parts->newest->n_parts || k < 1 || k > n) return;
  unsigned char *seen = &parts->seen[k - 1];
  if (!strcmp(roll, parts->newest->roll))
    *seen = 2;
  else if (!*seen)
    *seen = 1;
}

static NmStatus count_parts(const NmBatchJournal *journal, const Newest *newest, NmBatchSums *sums,
                            NmError *err)
{
  const int64_t n = newest->n_parts;
  if (n < 1 || n > NM_BATCH_SHARDS_MAX)
    return nm_error_set(err, NM_ERR_BAD_DATA, "the journal of the batch is damaged");
  const Parts parts = {newest, calloc((size_t)n, 1)};
  if (!parts.seen) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_batch_journal_visit_runs(journal, mark_part, (void *)&parts);
  sums->n_parts = n;
  for (int64_t k = 0; k < n; ++k) {
    sums->n_parts_begun += parts.seen[k] != 0;
    sums->differ |= parts.seen[k] == 1;
  }
  free(parts.seen);
  return NM_OK;
}

// --- rows ---

static void print_quoted(FILE *file, const char *text)
{
  if (!text[strcspn(text, "\",\n\r")]) {
    fputs(text, file);
    return;
  }
  fputc('"', file);
  for (; *text; ++text) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

static void print_column(FILE *file, const json_t *row, const char *name)
{
  const json_t *value = json_object_get(row, name);
  if (json_is_string(value)) print_quoted(file, json_string_value(value));
  if (json_is_integer(value)) fprintf(file, "%lld", (long long)json_integer_value(value));
  if (json_is_real(value)) fprintf(file, "%.3f", json_real_value(value));
}

static void print_csv(FILE *file, const json_t *row)
{
  static const char *const columns[] = {"input",     "id",   "part",  "state", "seconds",
                                        "memory_kb", "code", "stage", "reason"};
  const json_t *outputs = json_object_get(row, "outputs"), *warnings = json_object_get(row, "warnings");
  for (size_t i = 0; i < sizeof columns / sizeof *columns; ++i) {
    print_column(file, row, columns[i]);
    fputc(',', file);
  }
  fprintf(file, "%zu,", json_array_size(warnings));
  char *text = NULL;
  size_t n = 0;
  FILE *list = open_memstream(&text, &n);
  for (size_t i = 0; list && i < json_array_size(outputs); ++i)
    fprintf(list, "%s%s", i ? " " : "",
            json_string_value(json_object_get(json_array_get(outputs, i), "path")));
  if (list && !fclose(list)) print_quoted(file, text);
  free(text);
  fputc('\n', file);
}

static void print_json(Summary *s, json_t *row)
{
  json_object_del(row, "job");
  json_object_del(row, "source");
  fputs(s->sums->n_jobs > 1 ? ",\n  " : "\n  ", s->file);
  json_dumpf(row, s->file, JSON_COMPACT | JSON_REAL_PRECISION(6));
}

static NmStatus add_row(const json_t *line, void *user, NmError *err)
{
  Summary *s = user;
  const int64_t part = json_integer_value(json_object_get(line, "part"));
  const char *job = json_string_value(json_object_get(line, "job"));
  if (s->part && part != s->part) return NM_OK;
  json_t *record = job ? nm_batch_journal_find(s->journal, job) : NULL,
         *row = record ? record : json_copy((json_t *)line);
  const char *known = json_string_value(json_object_get(row, "state"));
  if (!known) json_object_set_new(row, "state", json_string("missing"));
  json_object_set_new(row, "part", json_integer(part));
  const char *state = json_string_value(json_object_get(row, "state"));
  const bool ok = state && !strcmp(state, "ok");
  ++s->sums->n_jobs;
  s->sums->n_ok += ok;
  s->sums->n_missing += !known;
  s->sums->n_failed += known && !ok;
  if (s->visit && !ok)
    s->visit(s->user, json_string_value(json_object_get(row, "input")), part, state,
             json_string_value(json_object_get(row, "reason")));
  if (s->file && s->is_json)
    print_json(s, row);
  else if (s->file)
    print_csv(s->file, row);
  json_decref(row);
  return NM_OK;
}

// --- the file ---

static const char *get_ending(const char *path)
{
  const char *dot = strrchr(path, '.');
  return dot ? dot : "";
}

NmStatus nm_batch_summary_check(const char *path, NmError *err)
{
  if (!strcasecmp(get_ending(path), ".csv") || !strcasecmp(get_ending(path), ".json")) return NM_OK;
  return nm_error_set(err, NM_ERR_UNSUPPORTED, "%s: a summary is written to .csv or .json", path);
}

static NmStatus write_rows(Summary *s, const NmBatchState *state, const char *roll, NmError *err)
{
  if (s->file)
    fputs(s->is_json ? "{\"files\": ["
                     : "input,id,part,state,seconds,memory_kb,code,stage,reason,warnings,outputs\n",
          s->file);
  const NmStatus status = nm_batch_roll_visit(state, roll, add_row, s, err);
  if (s->file && s->is_json)
    fprintf(s->file,
            "\n],\n\"jobs\": %lld, \"ok\": %lld, \"failed\": %lld, \"missing\": %lld, \"parts\": %lld}\n",
            (long long)s->sums->n_jobs, (long long)s->sums->n_ok, (long long)s->sums->n_failed,
            (long long)s->sums->n_missing, (long long)s->sums->n_parts);
  return status;
}

static NmStatus write_file(Summary *s, const NmBatchState *state, const char *roll, const char *path,
                           bool force, NmError *err)
{
  NmOutput out = {0};
  NmStatus status = nm_output_begin(&out, path, force, err);
  if (status) return status;
  s->is_json = !strcasecmp(get_ending(path), ".json");
  s->file = nm_output_open(&out, err);
  status = s->file ? write_rows(s, state, roll, err) : NM_ERR_IO;
  if (s->file) {
    const NmStatus closed = nm_output_close(s->file, path, status ? NULL : err);
    if (!status) status = closed;
  }
  if (!status) return nm_output_commit(&out, err);
  nm_output_discard(&out);
  return status;
}

static NmStatus summarise(Summary *s, const NmBatchState *state, const char *path, bool force, NmError *err)
{
  Newest newest = {.started = -1, .part = s->part};
  nm_batch_journal_visit_runs(s->journal, find_newest, &newest);
  if (newest.started < 0)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: no batch was started there", state->folder);
  NmStatus status = count_parts(s->journal, &newest, s->sums, err);
  if (!status && path) return write_file(s, state, newest.roll, path, force, err);
  return status ? status : write_rows(s, state, newest.roll, err);
}

NmStatus nm_batch_summary_write(const NmBatchState *state, int64_t part, const char *path, bool force,
                                void (*visit)(void *user, const char *input, int64_t part, const char *state,
                                              const char *reason),
                                void *user, NmBatchSums *sums, NmError *err)
{
  *sums = (NmBatchSums){0};
  NmBatchJournal *journal = nm_batch_journal_open(state, false, err);
  if (!journal) return err->status;
  Summary summary = {.journal = journal, .part = part, .visit = visit, .user = user, .sums = sums};
  const NmStatus status = summarise(&summary, state, path, force, err);
  nm_batch_journal_close(journal);
  return status;
}
