// SPDX-License-Identifier: GPL-3.0-or-later
// Steps: what was done, as patches, and how they are undone and joined. The view is no part of them.
#include <stdlib.h>
#include <string.h>

#include "app/document/document_internal.h"
#include "app/document/journal.h"

#define SKIPPED "view"

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static void step_fini(NmStep *step)
{
  free(step->label);
  nm_patch_fini(&step->patch);
}

// Room for one more step, so that taking it cannot fail.
static NmStatus reserve(NmDocument *doc, NmError *err)
{
  if (doc->at < doc->room) return NM_OK;
  const int32_t room = doc->room ? 2 * doc->room : 16;
  NmStep *steps = realloc(doc->steps, (size_t)room * sizeof *steps);
  if (!steps) return no_memory(err);
  doc->steps = steps;
  doc->room = room;
  return NM_OK;
}

// What was undone cannot be done again once something else is done.
static void forget_undone(NmDocument *doc)
{
  while (doc->n_steps > doc->at) step_fini(&doc->steps[--doc->n_steps]);
  if (doc->saved_at > doc->at) doc->saved_at = -1;
}

// A step that is ready to be taken: taking it cannot fail.
typedef struct {
  char *label;
  NmPatch patch; // of the step alone
  NmPatch both;  // with the step before, when it joins it
  bool joins;
} Ready;

static void ready_fini(Ready *ready)
{
  free(ready->label);
  nm_patch_fini(&ready->patch);
  nm_patch_fini(&ready->both);
}

static bool can_join(const NmDocument *doc, uint64_t merge)
{
  return merge && merge == doc->merge_last && doc->at > 0 && doc->at == doc->n_steps &&
         doc->saved_at != doc->at;
}

// From before the last step to tree `after`; `before` is the tree now.
static NmStatus diff_both(const NmDocument *doc, const json_t *before, const json_t *after, NmPatch *both)
{
  json_t *first = json_copy((json_t *)before);
  NmStatus status =
      first ? nm_patch_apply(&doc->steps[doc->at - 1].patch, true, first, NULL) : NM_ERR_NO_MEMORY;
  if (status == NM_OK) status = nm_patch_diff(both, first, after, SKIPPED);
  json_decref(first);
  return status;
}

// The step from tree `before` to tree `after`; one without operations is none.
static NmStatus get_ready(NmDocument *doc, const json_t *before, const json_t *after, const char *label,
                          bool joins, Ready *ready, NmError *err)
{
  *ready = (Ready){.joins = joins};
  NmStatus status = nm_patch_diff(&ready->patch, before, after, SKIPPED);
  if (status == NM_OK && joins) status = diff_both(doc, before, after, &ready->both);
  if (status == NM_OK) status = reserve(doc, err);
  if (status == NM_OK && (ready->label = strdup(label))) return NM_OK;
  ready_fini(ready);
  return no_memory(err);
}

static void take_joined(NmDocument *doc, Ready *ready)
{
  NmStep *step = &doc->steps[doc->at - 1];
  if (doc->journal) nm_journal_add_step(doc->journal, &ready->patch, step->label, true);
  nm_patch_fini(&step->patch);
  step->patch = ready->both;
  ready->both = (NmPatch){0};
}

// Takes the step; frees what is not kept.
static void take(NmDocument *doc, Ready *ready, uint64_t merge)
{
  if (ready->patch.n && ready->joins) {
    take_joined(doc, ready);
  } else if (ready->patch.n) {
    forget_undone(doc);
    if (doc->journal) nm_journal_add_step(doc->journal, &ready->patch, ready->label, false);
    doc->steps[doc->at++] = (NmStep){ready->label, ready->patch};
    doc->n_steps = doc->at;
    ready->label = NULL;
    ready->patch = (NmPatch){0};
    doc->merge_last = merge;
  }
  ready_fini(ready);
}

// --- edits ---

NmStatus nm_document_commit_step(NmDocument *doc, json_t *draft, const char *label, bool joins, NmError *err)
{
  NmPatch patch;
  Ready ready;
  if (nm_patch_diff(&patch, doc->root, draft, NULL)) {
    json_decref(draft);
    return no_memory(err);
  }
  joins = joins && doc->at > 0 && doc->at == doc->n_steps;
  NmStatus status = get_ready(doc, doc->root, draft, label, joins, &ready, err);
  if (status == NM_OK && patch.n) {
    status = nm_document_adopt(doc, draft, &patch, true, err);
    draft = NULL;
    if (status == NM_OK)
      take(doc, &ready, 0);
    else
      ready_fini(&ready);
  } else if (status == NM_OK) {
    ready_fini(&ready);
  }
  json_decref(draft);
  nm_patch_fini(&patch);
  return status;
}

NmStatus nm_document_commit(NmDocument *doc, json_t *draft, const char *label, NmError *err)
{
  if (!draft) return no_memory(err);
  return doc->depth ? nm_document_replace(doc, draft, err)
                    : nm_document_commit_step(doc, draft, label, false, err);
}

NmStatus nm_document_replace(NmDocument *doc, json_t *draft, NmError *err)
{
  NmPatch patch;
  NmStatus status = NM_OK;
  if (nm_patch_diff(&patch, doc->root, draft, NULL)) {
    json_decref(draft);
    return no_memory(err);
  }
  if (patch.n)
    status = nm_document_adopt(doc, draft, &patch, true, err);
  else
    json_decref(draft);
  nm_patch_fini(&patch);
  return status;
}

// --- groups ---

NmStatus nm_document_begin(NmDocument *doc, const char *label, uint64_t merge, NmError *err)
{
  if (doc->depth == 0) {
    doc->label = strdup(label);
    if (!doc->label) return no_memory(err);
    doc->merge = merge;
    doc->root_group = json_incref(doc->root);
  }
  ++doc->depth;
  return NM_OK;
}

static void close_group(NmDocument *doc)
{
  json_decref(doc->root_group);
  free(doc->label);
  doc->root_group = NULL;
  doc->label = NULL;
  doc->depth = 0;
}

static NmStatus fail_no_group(NmError *err)
{
  return nm_error_set(err, NM_ERR_BAD_ARG, "no group of edits is open");
}

NmStatus nm_document_end(NmDocument *doc, NmError *err)
{
  Ready ready;
  if (!doc->depth) return fail_no_group(err);
  if (doc->depth > 1) {
    --doc->depth;
    return NM_OK;
  }
  const bool joins = can_join(doc, doc->merge);
  if (get_ready(doc, doc->root_group, doc->root, doc->label, joins, &ready, err)) return NM_ERR_NO_MEMORY;
  take(doc, &ready, doc->merge);
  close_group(doc);
  return NM_OK;
}

// Gives a draft of an older tree the present view.
static bool keep_view(const NmDocument *doc, json_t *draft)
{
  json_t *view = json_object_get(doc->root, SKIPPED);
  if (view) return json_object_set(draft, SKIPPED, view) == 0;
  json_object_del(draft, SKIPPED);
  return true;
}

NmStatus nm_document_restart(NmDocument *doc, NmError *err)
{
  if (!doc->depth) return fail_no_group(err);
  json_t *draft = json_copy(doc->root_group);
  if (draft && keep_view(doc, draft)) return nm_document_replace(doc, draft, err);
  json_decref(draft);
  return no_memory(err);
}

NmStatus nm_document_cancel(NmDocument *doc, NmError *err)
{
  const NmStatus status = nm_document_restart(doc, err);
  if (status == NM_OK) close_group(doc);
  return status;
}

// --- undo and redo ---

static NmStatus travel(NmDocument *doc, const NmPatch *patch, bool inverse, NmError *err)
{
  json_t *draft = json_copy(doc->root);
  if (!draft) return no_memory(err);
  const NmStatus status = nm_patch_apply(patch, inverse, draft, err);
  if (status == NM_OK) return nm_document_adopt(doc, draft, patch, false, err);
  json_decref(draft);
  return status;
}

NmStatus nm_document_undo(NmDocument *doc, NmError *err)
{
  if (doc->depth || doc->at == 0) return nm_error_set(err, NM_ERR_BAD_ARG, "there is nothing to undo");
  const NmStatus status = travel(doc, &doc->steps[doc->at - 1].patch, true, err);
  if (status != NM_OK) return status;
  --doc->at;
  doc->merge_last = 0;
  if (doc->journal) nm_journal_add_undo(doc->journal, &doc->steps[doc->at], false);
  return NM_OK;
}

NmStatus nm_document_redo(NmDocument *doc, NmError *err)
{
  if (doc->depth || doc->at == doc->n_steps)
    return nm_error_set(err, NM_ERR_BAD_ARG, "there is nothing to redo");
  const NmStatus status = travel(doc, &doc->steps[doc->at].patch, false, err);
  if (status != NM_OK) return status;
  ++doc->at;
  doc->merge_last = 0;
  if (doc->journal) nm_journal_add_undo(doc->journal, &doc->steps[doc->at - 1], true);
  return NM_OK;
}

const char *nm_document_get_undo(const NmDocument *doc)
{
  return doc->at > 0 && !doc->depth ? doc->steps[doc->at - 1].label : NULL;
}

int32_t nm_document_get_n_undo(const NmDocument *doc)
{
  return doc->at;
}

const char *nm_document_get_redo(const NmDocument *doc)
{
  return doc->at < doc->n_steps && !doc->depth ? doc->steps[doc->at].label : NULL;
}

bool nm_document_is_changed(const NmDocument *doc)
{
  return doc->saved_at != doc->at || (doc->depth && doc->root != doc->root_group);
}

void nm_document_set_saved(NmDocument *doc)
{
  doc->saved_at = doc->at;
}
