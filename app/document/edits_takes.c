// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/edit_line.h"

// The takes of a line, to be changed; made when there are none.
static json_t *own_takes(NmEdit *edit, int32_t line)
{
  if (!nm_edit_check_index(edit, "line", line, edit->song->n_lines)) return NULL;
  json_t *own = nm_edit_own(edit, "/lines/%d", line);
  if (own && !json_object_get(own, "takes")) nm_edit_set(edit, own, "takes", json_array());
  return nm_edit_own(edit, "/lines/%d/takes", line);
}

static void add_take(NmEdit *edit, int32_t line, const NmEditLine *notes, const char *name)
{
  json_t *takes = own_takes(edit, line), *take = json_object();
  if (name) nm_edit_set(edit, take, "name", nm_document_tree_of_text(name));
  nm_edit_set(edit, take, "notes", nm_edit_line_to_take(edit, notes));
  nm_edit_append(edit, takes, take);
}

NmStatus nm_edit_keep_take(NmDocument *doc, int32_t line, const char *name, NmError *err)
{
  NmEditLine notes = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (nm_edit_check_index(&edit, "line", line, edit.song->n_lines)) {
    nm_edit_line_read(&edit, line, &notes);
    add_take(&edit, line, &notes, name);
  }
  nm_edit_line_fini(&notes);
  return nm_edit_close(&edit, "keep a take");
}

NmStatus nm_edit_add_take(NmDocument *doc, int32_t line, const NmSong *song, int32_t line_from,
                          const char *name, NmError *err)
{
  NmEditLine notes;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_line_from_song(&edit, line, song, line_from, &notes);
  add_take(&edit, line, &notes, name);
  nm_edit_line_fini(&notes);
  return nm_edit_close(&edit, "add a take");
}

// Take i of a line, to be changed.
static json_t *own_take(NmEdit *edit, int32_t line, int32_t i)
{
  const json_t *takes = own_takes(edit, line);
  if (!takes || !nm_edit_check_index(edit, "take", i, (int64_t)json_array_size(takes))) return NULL;
  return nm_edit_own(edit, "/lines/%d/takes/%d", line, i);
}

NmStatus nm_edit_swap_take(NmDocument *doc, int32_t line, int32_t i, NmError *err)
{
  NmEditLine before = {0}, notes = {0};
  NmEdit edit = nm_edit_open(doc, err);
  json_t *take = own_take(&edit, line, i);
  if (take) {
    nm_edit_line_from_take(&edit, take, &notes);
    nm_edit_line_read(&edit, line, &before);
    nm_edit_set(&edit, take, "notes", nm_edit_line_to_take(&edit, &before));
    nm_edit_line_put(&edit, line, &notes);
  }
  nm_edit_line_fini(&before);
  nm_edit_line_fini(&notes);
  return nm_edit_close(&edit, "choose a take");
}

NmStatus nm_edit_remove_take(NmDocument *doc, int32_t line, int32_t i, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  if (own_take(&edit, line, i)) {
    json_t *takes = own_takes(&edit, line);
    json_array_remove(takes, (size_t)i);
    if (json_array_size(takes) == 0) nm_edit_unset(&edit, nm_edit_own(&edit, "/lines/%d", line), "takes");
  }
  return nm_edit_close(&edit, "remove a take");
}
