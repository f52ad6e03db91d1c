// SPDX-License-Identifier: GPL-3.0-or-later
// Trees of JSON that are never changed once others may see them. A draft is a new root that shares all that
// stays; what is to be changed in it is copied on the way there (nm_tree_own). So old states cost only what
// differs, and an edit that fails is undone by forgetting its draft.
//
// A container belongs to one draft alone while its reference count is 1 and that of all above it too. Places
// are JSON pointers (RFC 6901) without escapes other than ~0 and ~1.
#ifndef NM_DOCUMENT_TREE_H
#define NM_DOCUMENT_TREE_H

#include <jansson.h>
#include <stdbool.h>

#include "dsp/base/status.h"

enum { NM_POINTER_MAX = 512 };

// What stands at a place; NULL when there is nothing. Borrowed.
json_t *nm_tree_get(const json_t *root, const char *pointer);

// The container at a place of a draft, made its own: it may be changed. NULL when there is none or memory is
// out. `draft` is a root of reference count 1.
json_t *nm_tree_own(json_t *draft, const char *pointer);

// A child of a container that is the draft's own, by name or by index, made its own too.
json_t *nm_tree_own_member(json_t *object, const char *name);
json_t *nm_tree_own_item(json_t *array, size_t index);

// How one tree becomes another: operations in order, as in RFC 6902.
typedef enum { NM_OP_ADD, NM_OP_REMOVE, NM_OP_REPLACE } NmOpKind;

typedef struct {
  NmOpKind kind;
  char *pointer;
  json_t *value, *before; // after and before it; NULL where there is none
} NmOp;

typedef struct {
  NmOp *ops; // [n]
  int32_t n, room;
} NmPatch;

void nm_patch_fini(NmPatch *patch);

// The operations from `old` to `fresh`, both objects, empty when they are equal; the member `skip` (may be
// NULL) is not looked at. Parts that both share are not walked. NM_ERR_NO_MEMORY leaves the patch empty.
NmStatus nm_patch_diff(NmPatch *patch, const json_t *old, const json_t *fresh, const char *skip) NM_NODISCARD;

// Carries them out on a draft, or their inverses in reverse. NM_ERR_BAD_DATA when one names a place that is
// not there, NM_ERR_NO_MEMORY; the draft is spoilt then.
NmStatus nm_patch_apply(const NmPatch *patch, bool inverse, json_t *draft, NmError *err) NM_NODISCARD;

// As a JSON Patch, and back (`before` stays NULL, so it has no inverse). New, NULL when memory is out.
// NM_ERR_BAD_DATA when it is none.
json_t *nm_patch_to_json(const NmPatch *patch);
json_t *nm_patch_to_json_inverse(const NmPatch *patch);
NmStatus nm_patch_from_json(NmPatch *patch, const json_t *json, NmError *err) NM_NODISCARD;

#endif
