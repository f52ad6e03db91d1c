// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The next token of a pointer, unescaped; false at its end or when it is malformed.
static bool next_token(const char **at, char token[NM_POINTER_MAX])
{
  const char *p = *at;
  size_t n = 0;
  if (*p++ != '/') return false;
  for (; *p && *p != '/'; ++p) {
    if (n + 1 >= NM_POINTER_MAX) return false;
    if (*p == '~' && p[1] != '0' && p[1] != '1') return false;
    token[n++] = *p != '~' ? *p : *++p == '1' ? '/' : '~';
  }
  token[n] = 0;
  *at = p;
  return true;
}

// The index that a token says, `end` for "-"; false when it is none.
static bool read_index(const char *token, size_t end, size_t *index)
{
  if (!strcmp(token, "-")) {
    *index = end;
    return true;
  }
  const size_t len = strlen(token);
  if (len == 0 || len > 9 || strspn(token, "0123456789") != len || (len > 1 && token[0] == '0')) return false;
  *index = (size_t)atol(token);
  return true;
}

static json_t *get_child(const json_t *parent, const char *token)
{
  size_t i;
  if (json_is_object(parent)) return json_object_get(parent, token);
  return json_is_array(parent) && read_index(token, json_array_size(parent), &i) ? json_array_get(parent, i)
                                                                                 : NULL;
}

json_t *nm_tree_get(const json_t *root, const char *pointer)
{
  char token[NM_POINTER_MAX];
  json_t *value = (json_t *)root;
  while (value && *pointer) value = next_token(&pointer, token) ? get_child(value, token) : NULL;
  return value;
}

// --- owning ---

static bool is_container(const json_t *value)
{
  return json_is_object(value) || json_is_array(value);
}

json_t *nm_tree_own_member(json_t *object, const char *name)
{
  json_t *child = json_object_get(object, name);
  if (!is_container(child) || child->refcount == 1) return is_container(child) ? child : NULL;
  json_t *copy = json_copy(child);
  return copy && !json_object_set_new(object, name, copy) ? copy : NULL;
}

json_t *nm_tree_own_item(json_t *array, size_t index)
{
  json_t *child = json_array_get(array, index);
  if (!is_container(child) || child->refcount == 1) return is_container(child) ? child : NULL;
  json_t *copy = json_copy(child);
  return copy && !json_array_set_new(array, index, copy) ? copy : NULL;
}

static json_t *own_child(json_t *parent, const char *token)
{
  size_t i;
  if (json_is_object(parent)) return nm_tree_own_member(parent, token);
  return read_index(token, json_array_size(parent), &i) ? nm_tree_own_item(parent, i) : NULL;
}

json_t *nm_tree_own(json_t *draft, const char *pointer)
{
  char token[NM_POINTER_MAX];
  json_t *value = draft;
  while (value && *pointer) value = next_token(&pointer, token) ? own_child(value, token) : NULL;
  return value;
}

// --- carrying out ---

static NmStatus fail_place(const char *pointer, NmError *err)
{
  return nm_error_set(err, NM_ERR_BAD_DATA, "there is no place %s", pointer);
}

// The container that holds the place (own) and the last token; NULL when there is none.
static json_t *own_parent(json_t *draft, const char *pointer, char last[NM_POINTER_MAX])
{
  char parent[NM_POINTER_MAX];
  const char *slash = strrchr(pointer, '/'), *at = slash;
  if (!slash || (size_t)(slash - pointer) >= sizeof parent) return NULL;
  memcpy(parent, pointer, (size_t)(slash - pointer));
  parent[slash - pointer] = 0;
  return next_token(&at, last) ? nm_tree_own(draft, parent) : NULL;
}

// Whether the place is there as the operation wants it.
static bool fits(NmOpKind kind, const json_t *parent, const char *last, size_t *index)
{
  if (json_is_object(parent)) return kind == NM_OP_ADD || json_object_get(parent, last);
  const size_t n = json_array_size(parent);
  return read_index(last, n, index) && *index < n + (kind == NM_OP_ADD);
}

static int carry_out(NmOpKind kind, json_t *parent, const char *last, size_t index, json_t *value)
{
  if (json_is_object(parent))
    return kind == NM_OP_REMOVE ? json_object_del(parent, last) : json_object_set(parent, last, value);
  switch (kind) {
  case NM_OP_ADD: return json_array_insert(parent, index, value);
  case NM_OP_REMOVE: return json_array_remove(parent, index);
  case NM_OP_REPLACE: return json_array_set(parent, index, value);
  }
  return -1;
}

static NmStatus apply(NmOpKind kind, const char *pointer, json_t *value, json_t *draft, NmError *err)
{
  char last[NM_POINTER_MAX];
  size_t index = 0;
  const char *slash = strrchr(pointer, '/');
  json_t *parent = own_parent(draft, pointer, last);
  if (!parent && slash && nm_tree_get(draft, pointer))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!parent || !fits(kind, parent, last, &index)) return fail_place(pointer, err);
  if (carry_out(kind, parent, last, index, value))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return NM_OK;
}

static NmStatus apply_inverse(const NmOp *op, json_t *draft, NmError *err)
{
  switch (op->kind) {
  case NM_OP_ADD: return apply(NM_OP_REMOVE, op->pointer, NULL, draft, err);
  case NM_OP_REMOVE: return apply(NM_OP_ADD, op->pointer, op->before, draft, err);
  case NM_OP_REPLACE: return apply(NM_OP_REPLACE, op->pointer, op->before, draft, err);
  }
  return NM_ERR_BAD_ARG;
}

NmStatus nm_patch_apply(const NmPatch *patch, bool inverse, json_t *draft, NmError *err)
{
  NmStatus status = NM_OK;
  for (int32_t i = 0; i < patch->n && status == NM_OK; ++i) {
    const NmOp *op = &patch->ops[inverse ? patch->n - 1 - i : i];
    status = inverse ? apply_inverse(op, draft, err) : apply(op->kind, op->pointer, op->value, draft, err);
  }
  return status;
}

// --- JSON Patch ---

static const char *const op_names[] = {"add", "remove", "replace"};

static json_t *print_op(NmOpKind kind, const char *pointer, json_t *value)
{
  return json_pack("{s:s, s:s, s:O*}", "op", op_names[kind], "path", pointer, "value",
                   kind == NM_OP_REMOVE ? NULL : value);
}

json_t *nm_patch_to_json(const NmPatch *patch)
{
  json_t *list = json_array();
  bool ok = list != NULL;
  for (int32_t i = 0; ok && i < patch->n; ++i) {
    const NmOp *op = &patch->ops[i];
    ok = json_array_append_new(list, print_op(op->kind, op->pointer, op->value)) == 0;
  }
  if (ok) return list;
  json_decref(list);
  return NULL;
}

json_t *nm_patch_to_json_inverse(const NmPatch *patch)
{
  static const NmOpKind inverse[] = {NM_OP_REMOVE, NM_OP_ADD, NM_OP_REPLACE};
  json_t *list = json_array();
  bool ok = list != NULL;
  for (int32_t i = patch->n - 1; ok && i >= 0; --i) {
    const NmOp *op = &patch->ops[i];
    ok = json_array_append_new(list, print_op(inverse[op->kind], op->pointer, op->before)) == 0;
  }
  if (ok) return list;
  json_decref(list);
  return NULL;
}

static NmStatus read_op(NmPatch *patch, const json_t *item, NmError *err)
{
  const char *name = json_string_value(json_object_get(item, "op")),
             *pointer = json_string_value(json_object_get(item, "path"));
  json_t *value = json_object_get(item, "value");
  int kind = 0;
  while (kind <= NM_OP_REPLACE && name && strcmp(op_names[kind], name) != 0) ++kind;
  if (!name || !pointer || kind > NM_OP_REPLACE || (kind != NM_OP_REMOVE && !value))
    return nm_error_set(err, NM_ERR_BAD_DATA, "operation %d is none of add, remove and replace",
                        patch->n + 1);
  NmOp *op = &patch->ops[patch->n];
  *op = (NmOp){.kind = (NmOpKind)kind, .pointer = strdup(pointer)};
  if (!op->pointer) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (kind != NM_OP_REMOVE) op->value = json_incref(value);
  ++patch->n;
  return NM_OK;
}

NmStatus nm_patch_from_json(NmPatch *patch, const json_t *json, NmError *err)
{
  *patch = (NmPatch){0};
  if (!json_is_array(json)) return nm_error_set(err, NM_ERR_BAD_DATA, "it is no list of operations");
  const size_t n = json_array_size(json);
  patch->ops = calloc(n + 1, sizeof *patch->ops);
  patch->room = (int32_t)n + 1;
  if (!patch->ops) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = NM_OK;
  for (size_t i = 0; i < n && status == NM_OK; ++i) status = read_op(patch, json_array_get(json, i), err);
  if (status != NM_OK) nm_patch_fini(patch);
  return status;
}

void nm_patch_fini(NmPatch *patch)
{
  for (int32_t i = 0; i < patch->n; ++i) {
    free(patch->ops[i].pointer);
    json_decref(patch->ops[i].value);
    json_decref(patch->ops[i].before);
  }
  free(patch->ops);
  *patch = (NmPatch){0};
}
