// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a journal. A crash leaves a prefix of it, perhaps with a torn line; anything else that does not fit
// ends the reading too, and what was read so far counts.
#include <stdlib.h>
#include <string.h>

#include "app/document/journal.h"

// The next whole line as JSON, new; NULL at the end and where a line is none. *at moves behind it.
static json_t *read_line(const char *bytes, size_t n, size_t *at)
{
  const char *start = bytes + *at, *end = *at < n ? memchr(start, '\n', n - *at) : NULL;
  if (!end) return NULL;
  json_t *line = json_loadb(start, (size_t)(end - start), JSON_REJECT_DUPLICATES, NULL);
  if (line) *at = (size_t)(end + 1 - bytes);
  return line;
}

static NmStatus check_head(const json_t *head, NmError *err)
{
  const char *format = json_string_value(json_object_get(head, "format"));
  const json_int_t version = json_integer_value(json_object_get(head, "version"));
  if (!format || strcmp(format, "neume journal") != 0 || version < 1)
    return nm_error_set(err, NM_ERR_BAD_DATA, "it is no journal of Neume");
  if (version > 1)
    return nm_error_set(err, NM_ERR_UNSUPPORTED, "it was written by a newer Neume: update Neume to read it");
  return NM_OK;
}

static bool is_saving(const json_t *line, const char *saved)
{
  const char *content = json_string_value(json_object_get(line, "saving"));
  return content && !strcmp(content, saved);
}

// Where the lines begin that come behind the file's content: behind the head when it belongs to that, else
// behind the last line that says it was being saved. False: nowhere.
static bool find_start(const char *bytes, size_t n, const json_t *head, const char *saved, size_t *start)
{
  const char *content = json_string_value(json_object_get(head, "document"));
  bool found = content && !strcmp(content, saved);
  json_t *line;
  for (size_t at = *start; (line = read_line(bytes, n, &at));) {
    if (is_saving(line, saved)) {
      found = true;
      *start = at;
    }
    json_decref(line);
  }
  return found;
}

static NmStatus do_step(NmDocument *doc, const json_t *line, NmError *err)
{
  NmPatch patch;
  const char *label = json_string_value(json_object_get(line, "label"));
  NmStatus status = nm_patch_from_json(&patch, json_object_get(line, "do"), err);
  if (status != NM_OK) return status;
  json_t *draft = json_copy(doc->root);
  status = draft ? nm_patch_apply(&patch, false, draft, err) : NM_ERR_NO_MEMORY;
  if (status == NM_OK)
    status = nm_document_commit_step(doc, draft, label ? label : "",
                                     json_is_true(json_object_get(line, "joins")), err);
  else
    json_decref(draft);
  nm_patch_fini(&patch);
  return status;
}

static NmStatus do_line(NmDocument *doc, const json_t *line, NmJournalState *state, NmError *err)
{
  if (json_object_get(line, "saving")) return NM_OK;
  NmStatus status = NM_ERR_BAD_DATA;
  if (json_object_get(line, "undo"))
    status = nm_document_undo(doc, err);
  else if (json_object_get(line, "redo"))
    status = nm_document_redo(doc, err);
  else if (json_object_get(line, "do"))
    status = do_step(doc, line, err);
  if (status == NM_OK) ++state->n_steps;
  return status;
}

static int32_t count_lines(const char *bytes, size_t n, size_t at)
{
  int32_t n_lines = 0;
  for (; at < n; ++n_lines) {
    const char *end = memchr(bytes + at, '\n', n - at);
    at = end ? (size_t)(end + 1 - bytes) : n;
  }
  return n_lines;
}

static NmStatus replay_lines(const char *bytes, size_t n, size_t at, NmDocument *doc, NmJournalState *state)
{
  json_t *line;
  NmStatus status = NM_OK;
  NmError unused;
  for (size_t next = at; status == NM_OK && (line = read_line(bytes, n, &next));) {
    status = do_line(doc, line, state, &unused);
    json_decref(line);
    if (status == NM_OK) at = next;
  }
  state->n_broken = count_lines(bytes, n, at);
  return status == NM_ERR_NO_MEMORY ? status : NM_OK;
}

// A document of the tree in the first line, as a step on what there was.
static NmStatus take_base(const json_t *base, NmDocument **doc, NmError *err)
{
  NmStatus status = nm_schema_check(&nm_document_field, base, "", err);
  if (status != NM_OK) return status;
  json_t *draft = json_copy((json_t *)base);
  if (!draft) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (*doc) return nm_document_commit_step(*doc, draft, "recover what was not saved", false, err);
  *doc = nm_document_from_tree(draft, err);
  if (*doc) (*doc)->saved_at = -1;
  return *doc ? NM_OK : err->status;
}

NmStatus nm_journal_replay(const char *bytes, size_t n, const char *saved, NmDocument **doc,
                           NmJournalState *state, NmError *err)
{
  NmError own = {0};
  size_t at = 0;
  if (!err) err = &own;
  *state = (NmJournalState){.exists = true};
  json_t *head = read_line(bytes, n, &at);
  NmStatus status = check_head(head, err);
  const size_t behind_head = at;
  if (status == NM_OK) state->fits = *doc ? find_start(bytes, n, head, saved, &at) : true;
  const json_t *base = json_object_get(head, "base");
  if (status == NM_OK && state->fits && base && at == behind_head) status = take_base(base, doc, err);
  if (status == NM_OK && state->fits && !*doc)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "it says only what changed, and its document is not there");
  if (status == NM_OK && state->fits) status = replay_lines(bytes, n, at, *doc, state);
  json_decref(head);
  return status;
}
