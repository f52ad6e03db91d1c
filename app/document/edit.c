// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/edit.h"

#include <stdarg.h>

NmEdit nm_edit_open(NmDocument *doc, NmError *err)
{
  NmEdit edit = {.doc = doc, .song = nm_document_get_song(doc), .draft = json_copy(doc->root), .err = err};
  nm_edit_check_memory(&edit, edit.draft != NULL);
  return edit;
}

NmStatus nm_edit_close(NmEdit *edit, const char *label)
{
  if (edit->status == NM_OK) return nm_document_commit(edit->doc, edit->draft, label, edit->err);
  json_decref(edit->draft);
  return edit->status;
}

void nm_edit_fail(NmEdit *edit, NmStatus status, const char *fmt, ...)
{
  char text[256];
  va_list args;
  if (edit->status != NM_OK) return;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  edit->status = nm_error_set(edit->err, status, "%s", text);
}

void nm_edit_check_memory(NmEdit *edit, bool ok)
{
  if (!ok) nm_edit_fail(edit, NM_ERR_NO_MEMORY, "out of memory");
}

bool nm_edit_check_index(NmEdit *edit, const char *what, int64_t index, int64_t n)
{
  if (index < 0 || index >= n)
    nm_edit_fail(edit, NM_ERR_BAD_ARG, "there is no %s %lld", what, (long long)index + 1);
  return edit->status == NM_OK;
}

json_t *nm_edit_own(NmEdit *edit, const char *fmt, ...)
{
  char pointer[NM_POINTER_MAX];
  va_list args;
  if (edit->status != NM_OK) return NULL;
  va_start(args, fmt);
  vsnprintf(pointer, sizeof pointer, fmt, args);
  va_end(args);
  json_t *value = nm_tree_own(edit->draft, pointer);
  if (value) return value;
  nm_edit_check_memory(edit, !nm_tree_get(edit->draft, pointer));
  nm_edit_fail(edit, NM_ERR_BAD_ARG, "there is no %s", pointer);
  return NULL;
}

void nm_edit_set(NmEdit *edit, json_t *object, const char *name, json_t *value)
{
  if (edit->status == NM_OK)
    nm_edit_check_memory(edit, json_object_set_new(object, name, value) == 0);
  else
    json_decref(value);
}

void nm_edit_unset(NmEdit *edit, json_t *object, const char *name)
{
  if (edit->status == NM_OK) json_object_del(object, name);
}

void nm_edit_append(NmEdit *edit, json_t *array, json_t *value)
{
  if (edit->status == NM_OK)
    nm_edit_check_memory(edit, json_array_append_new(array, value) == 0);
  else
    json_decref(value);
}
