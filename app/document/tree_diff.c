// SPDX-License-Identifier: GPL-3.0-or-later
// The differences of two trees. Lists are brought together by the items that both share (the longest run of
// them in the same order); what lies between is changed in pairs, then added or removed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/document/tree.h"

typedef struct {
  NmPatch *patch;
  char path[NM_POINTER_MAX];
  size_t len;
  bool failed;
} Diff;

static void diff_values(Diff *diff, json_t *old, json_t *fresh);

// Goes down to a child; false when the path grows too long.
static bool push(Diff *diff, const char *name)
{
  size_t n = diff->len;
  diff->path[n++] = '/';
  for (; *name && n + 3 < NM_POINTER_MAX; ++name) {
    if (*name == '~' || *name == '/') diff->path[n++] = '~';
    diff->path[n++] = *name == '~' ? '0' : *name == '/' ? '1' : *name;
  }
  diff->path[*name ? diff->len : n] = 0;
  if (*name) return false;
  diff->len = n;
  return true;
}

static bool push_index(Diff *diff, size_t index)
{
  char text[24];
  snprintf(text, sizeof text, "%zu", index);
  return push(diff, text);
}

static void pop(Diff *diff, size_t len)
{
  diff->len = len;
  diff->path[len] = 0;
}

static void emit(Diff *diff, NmOpKind kind, json_t *value, json_t *before)
{
  NmPatch *patch = diff->patch;
  if (patch->n == patch->room) {
    const int32_t room = patch->room ? 2 * patch->room : 8;
    NmOp *ops = realloc(patch->ops, (size_t)room * sizeof *ops);
    if (ops) patch->ops = ops, patch->room = room;
  }
  char *pointer = patch->n < patch->room ? strdup(diff->path) : NULL;
  diff->failed |= !pointer;
  if (pointer) patch->ops[patch->n++] = (NmOp){kind, pointer, json_incref(value), json_incref(before)};
}

// --- lists ---

static bool is_container(const json_t *value)
{
  return json_is_object(value) || json_is_array(value);
}

static bool is_same(const json_t *a, const json_t *b)
{
  return a == b || json_equal(a, b);
}

// The middle parts of two lists, behind what they begin with together and before what they end with.
typedef struct {
  json_t *old, *fresh;
  size_t first, n_old, n_fresh;
} Middle;

static Middle find_middle(json_t *old, json_t *fresh)
{
  size_t n = json_array_size(old), m = json_array_size(fresh), first = 0;
  while (first < n && first < m && is_same(json_array_get(old, first), json_array_get(fresh, first))) ++first;
  while (n > first && m > first && is_same(json_array_get(old, n - 1), json_array_get(fresh, m - 1)))
    --n, --m;
  return (Middle){old, fresh, first, n - first, m - first};
}

static bool has_scalars(const Middle *middle)
{
  for (size_t i = 0; i < middle->n_old; ++i)
    if (!is_container(json_array_get(middle->old, middle->first + i))) return true;
  for (size_t i = 0; i < middle->n_fresh; ++i)
    if (!is_container(json_array_get(middle->fresh, middle->first + i))) return true;
  return false;
}

typedef struct {
  const json_t *item;
  int32_t index;
} Found;

static int compare_found(const void *a, const void *b)
{
  const Found *x = a, *y = b;
  if (x->item != y->item) return (uintptr_t)x->item < (uintptr_t)y->item ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

// from [n_fresh]: where in the old middle the same item stood, -1: nowhere.
static void find_items(const Middle *middle, Found *found, int32_t *from)
{
  for (size_t i = 0; i < middle->n_old; ++i)
    found[i] = (Found){json_array_get(middle->old, middle->first + i), (int32_t)i};
  qsort(found, middle->n_old, sizeof *found, compare_found);
  for (size_t j = 0; j < middle->n_fresh; ++j) {
    const json_t *item = json_array_get(middle->fresh, middle->first + j);
    size_t low = 0, high = middle->n_old;
    while (low < high) {
      const size_t half = (low + high) / 2;
      if ((uintptr_t)found[half].item < (uintptr_t)item)
        low = half + 1;
      else
        high = half;
    }
    from[j] = low < middle->n_old && found[low].item == item ? found[low].index : -1;
  }
}

// Leaves in from [n] only a longest increasing run, the rest becomes -1. last, before [n].
static void keep_increasing(int32_t *from, int32_t n, int32_t *last, int32_t *before)
{
  int32_t len = 0;
  for (int32_t j = 0; j < n; ++j) {
    if (from[j] < 0) continue;
    int32_t low = 0, high = len;
    while (low < high) {
      const int32_t half = (low + high) / 2;
      if (from[last[half]] < from[j])
        low = half + 1;
      else
        high = half;
    }
    before[j] = low ? last[low - 1] : -1;
    last[low] = j;
    if (low == len) ++len;
  }
  int32_t keep = len ? last[len - 1] : -1;
  for (int32_t j = n - 1; j >= 0; --j) {
    if (j == keep)
      keep = before[j];
    else
      from[j] = -1;
  }
}

static void diff_child(Diff *diff, size_t index, NmOpKind kind, json_t *old, json_t *fresh)
{
  const size_t len = diff->len;
  if (!push_index(diff, index)) {
    diff->failed = true; // diff_array found that there is room
    return;
  }
  if (kind == NM_OP_REPLACE)
    diff_values(diff, old, fresh);
  else
    emit(diff, kind, fresh, old);
  pop(diff, len);
}

// Turns old items [i, i_end) into fresh ones [j, j_end), the list being changed up to `at` already.
static void diff_gap(Diff *diff, const Middle *middle, size_t *at, size_t i, size_t i_end, size_t j,
                     size_t j_end)
{
  const size_t first = middle->first;
  for (; i < i_end && j < j_end; ++i, ++j)
    diff_child(diff, (*at)++, NM_OP_REPLACE, json_array_get(middle->old, first + i),
               json_array_get(middle->fresh, first + j));
  for (; i < i_end; ++i) diff_child(diff, *at, NM_OP_REMOVE, json_array_get(middle->old, first + i), NULL);
  for (; j < j_end; ++j) diff_child(diff, (*at)++, NM_OP_ADD, NULL, json_array_get(middle->fresh, first + j));
}

static void diff_middle(Diff *diff, const Middle *middle, const int32_t *from)
{
  size_t at = middle->first, i = 0, j = 0;
  for (size_t k = 0; k < middle->n_fresh; ++k) {
    if (from[k] < 0) continue;
    diff_gap(diff, middle, &at, i, (size_t)from[k], j, k);
    i = (size_t)from[k] + 1;
    j = k + 1;
    ++at;
  }
  diff_gap(diff, middle, &at, i, middle->n_old, j, middle->n_fresh);
}

static void diff_items(Diff *diff, const Middle *middle)
{
  const size_t n = middle->n_fresh;
  Found *found = malloc((middle->n_old + 1) * sizeof *found);
  int32_t *from = malloc((3 * n + 1) * sizeof *from);
  if (found && from) {
    find_items(middle, found, from);
    keep_increasing(from, (int32_t)n, from + n, from + 2 * n);
    diff_middle(diff, middle, from);
  }
  diff->failed |= !found || !from;
  free(found);
  free(from);
}

static void diff_arrays(Diff *diff, json_t *old, json_t *fresh)
{
  const Middle middle = find_middle(old, fresh);
  if (middle.n_old == 0 && middle.n_fresh == 0) return;
  if (has_scalars(&middle) || diff->len + 24 >= NM_POINTER_MAX)
    emit(diff, NM_OP_REPLACE, fresh, old);
  else
    diff_items(diff, &middle);
}

// --- objects ---

// Whether the names of all members fit behind the path.
static bool has_room(Diff *diff, json_t *object)
{
  const char *name;
  json_t *value;
  const size_t len = diff->len;
  json_object_foreach(object, name, value)
  {
    const bool ok = push(diff, name);
    pop(diff, len);
    if (!ok) return false;
  }
  return true;
}

static void diff_member(Diff *diff, const char *name, json_t *old, json_t *fresh)
{
  const size_t len = diff->len;
  if (!push(diff, name)) {
    diff->failed = true;
    return;
  }
  if (old && fresh)
    diff_values(diff, old, fresh);
  else
    emit(diff, fresh ? NM_OP_ADD : NM_OP_REMOVE, fresh, old);
  pop(diff, len);
}

static void diff_objects(Diff *diff, json_t *old, json_t *fresh, const char *skip)
{
  const char *name;
  json_t *value;
  if (diff->len > 0 && (!has_room(diff, old) || !has_room(diff, fresh))) {
    if (!json_equal(old, fresh)) emit(diff, NM_OP_REPLACE, fresh, old);
    return;
  }
  json_object_foreach(old, name, value)
  {
    if (!skip || strcmp(name, skip) != 0) diff_member(diff, name, value, json_object_get(fresh, name));
  }
  json_object_foreach(fresh, name, value)
  {
    if ((!skip || strcmp(name, skip) != 0) && !json_object_get(old, name))
      diff_member(diff, name, NULL, value);
  }
}

static void diff_values(Diff *diff, json_t *old, json_t *fresh)
{
  if (old == fresh) return;
  if (json_is_object(old) && json_is_object(fresh))
    diff_objects(diff, old, fresh, NULL);
  else if (json_is_array(old) && json_is_array(fresh))
    diff_arrays(diff, old, fresh);
  else if (!json_equal(old, fresh))
    emit(diff, NM_OP_REPLACE, fresh, old);
}

NmStatus nm_patch_diff(NmPatch *patch, const json_t *old, const json_t *fresh, const char *skip)
{
  Diff diff = {.patch = patch};
  *patch = (NmPatch){0};
  diff_objects(&diff, (json_t *)old, (json_t *)fresh, skip);
  if (!diff.failed) return NM_OK;
  nm_patch_fini(patch);
  return NM_ERR_NO_MEMORY;
}
