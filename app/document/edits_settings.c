// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/document/edit.h"

// --- curves ---

// The points of a list outside [from, to], with others between them.
static void draw(NmEdit *edit, const char *name, double from, double to, json_t *points)
{
  size_t i;
  json_t *point;
  const json_t *before = json_object_get(edit->draft, name);
  json_t *list = json_array();
  bool is_drawn = false;
  json_array_foreach((json_t *)before, i, point)
  {
    const double at = json_number_value(json_array_get(point, 0));
    if (at > to && !is_drawn) {
      nm_edit_check_memory(edit, json_array_extend(list, points) == 0);
      is_drawn = true;
    }
    if (at < from || at > to) nm_edit_append(edit, list, json_incref(point));
  }
  if (!is_drawn) nm_edit_check_memory(edit, json_array_extend(list, points) == 0);
  json_decref(points);
  if (json_array_size(list)) {
    nm_edit_set(edit, edit->draft, name, list);
  } else {
    nm_edit_unset(edit, edit->draft, name);
    json_decref(list);
  }
}

static void check_inside(NmEdit *edit, double at, double from, double to)
{
  if (!(at >= from && at <= to)) nm_edit_fail(edit, NM_ERR_BAD_ARG, "a point lies outside of what is drawn");
}

NmStatus nm_edit_draw_pitch(NmDocument *doc, int64_t from, int64_t to, const NmPitchPoint *points, int32_t n,
                            NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  json_t *list = json_array();
  for (int32_t i = 0; i < n && edit.status == NM_OK; ++i) {
    check_inside(&edit, (double)points[i].tick, (double)from, (double)to);
    nm_edit_append(&edit, list, json_pack("[I, f]", (json_int_t)points[i].tick, points[i].cents));
  }
  draw(&edit, "pitch_curve", (double)from, (double)to, list);
  return nm_edit_close(&edit, n ? "draw the pitch" : "erase the drawn pitch");
}

NmStatus nm_edit_draw_emotion(NmDocument *doc, double from_s, double to_s, const NmEmotionPoint *points,
                              int32_t n, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  json_t *list = json_array();
  for (int32_t i = 0; i < n && edit.status == NM_OK; ++i) {
    check_inside(&edit, points[i].seconds, from_s, to_s);
    nm_edit_append(&edit, list,
                   json_pack("[f, f, f]", points[i].seconds, points[i].valence, points[i].arousal));
  }
  draw(&edit, "emotion_curve", from_s, to_s, list);
  return nm_edit_close(&edit, n ? "draw the emotion" : "erase the drawn emotion");
}

// --- values ---

// Makes the objects on the way to a place that are not there; only what the schema knows as objects.
static bool make_way(NmEdit *edit, const char *pointer)
{
  char parent[NM_POINTER_MAX];
  const char *slash = strrchr(pointer, '/');
  if (!slash || (size_t)(slash - pointer) >= sizeof parent) return false;
  memcpy(parent, pointer, (size_t)(slash - pointer));
  parent[slash - pointer] = 0;
  if (nm_tree_get(edit->draft, parent)) return true;
  const NmField *field = nm_schema_find(parent);
  if (!field || field->kind != NM_FIELD_OBJECT || !make_way(edit, parent)) return false;
  char above[NM_POINTER_MAX];
  const char *name = strrchr(parent, '/');
  snprintf(above, sizeof above, "%.*s", (int)(name - parent), parent);
  json_t *object = nm_edit_own(edit, "%s", above);
  if (!json_is_object(object)) return false;
  nm_edit_set(edit, object, name + 1, json_object());
  return edit->status == NM_OK;
}

// Takes a value away, and what is empty without it, as far as the schema allows.
static void take_away(NmEdit *edit, char *pointer)
{
  for (bool goes = true; goes && edit->status == NM_OK;) {
    char *slash = strrchr(pointer, '/');
    const NmField *field = nm_schema_find(pointer);
    if (!slash || !field || field->required || !nm_tree_get(edit->draft, pointer)) return;
    *slash = 0;
    json_t *parent = nm_edit_own(edit, "%s", pointer);
    if (!json_is_object(parent)) return;
    nm_edit_unset(edit, parent, slash + 1);
    goes = json_object_size(parent) == 0 && pointer[0];
  }
}

NmStatus nm_edit_set_value(NmDocument *doc, const char *pointer, json_t *value, NmError *err)
{
  char place[NM_POINTER_MAX], label[160];
  NmEdit edit = nm_edit_open(doc, err);
  const NmField *field = nm_schema_find(pointer);
  nm_schema_print_place(pointer, place, sizeof place);
  snprintf(label, sizeof label, "%s %.100s", value ? "set" : "reset", place);
  if (!field || !pointer[0]) nm_edit_fail(&edit, NM_ERR_BAD_ARG, "there is no setting %s", place);
  if (!value && field && field->required) nm_edit_fail(&edit, NM_ERR_BAD_DATA, "%s must be there", place);
  snprintf(place, sizeof place, "%s", pointer);
  if (value && edit.status == NM_OK) {
    if (!make_way(&edit, pointer)) nm_edit_fail(&edit, NM_ERR_BAD_ARG, "there is no place %s", pointer);
    *strrchr(place, '/') = 0;
    json_t *parent = nm_edit_own(&edit, "%s", place);
    if (parent && !json_is_object(parent)) nm_edit_fail(&edit, NM_ERR_BAD_ARG, "%s is no setting", pointer);
    nm_edit_set(&edit, parent, strrchr(pointer, '/') + 1, value);
  } else {
    json_decref(value);
    take_away(&edit, place);
  }
  return nm_edit_close(&edit, label);
}

NmStatus nm_edit_set_view(NmDocument *doc, const char *name, json_t *value, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  if (edit.status == NM_OK && !json_object_get(edit.draft, "view"))
    nm_edit_set(&edit, edit.draft, "view", json_object());
  json_t *view = nm_edit_own(&edit, "/view");
  if (value)
    nm_edit_set(&edit, view, name, value);
  else
    nm_edit_unset(&edit, view, name);
  if (edit.status != NM_OK) {
    json_decref(edit.draft);
    return edit.status;
  }
  return nm_document_replace(doc, edit.draft, err);
}
