// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/jobs/batch/list.h"

enum { N_ROUNDS_MAX = 32 };

// A job while names are found.
typedef struct {
  NmBatchJob *job;
  const char *path; // absolute
  const char *key;
  bool is_double;
} Named;

typedef struct {
  NmBatchList *list;
  Named *named;  // [n] in the order of the list
  Named **order; // [n] sorted
  int64_t n;
} Namer;

char *nm_batch_path_normalise(const char *path, NmArena *arena)
{
  char folder[PATH_MAX] = "";
  if (*path != '/' && !getcwd(folder, sizeof folder)) return NULL;
  const size_t size = strlen(folder) + strlen(path) + 3;
  char *whole = nm_arena_alloc(arena, size), *out = whole;
  if (!whole) return NULL;
  snprintf(whole, size, "%s/%s", folder, path);
  for (const char *at = whole; *at;) {
    at += strspn(at, "/");
    const size_t n = strcspn(at, "/");
    if (n == 2 && !strncmp(at, "..", 2)) {
      while (out > whole && *--out != '/') continue;
    } else if (n && !(n == 1 && *at == '.')) {
      *out++ = '/'; // never ahead of `at`
      memmove(out, at, n);
      out += n;
    }
    at += n;
  }
  if (out == whole) *out++ = '/';
  *out = '\0';
  return whole;
}

static int compare(const char *a, const char *b)
{
  if (!a || !b) return (a != NULL) - (b != NULL);
  return strcmp(a, b);
}

// By everything that makes a job.
static int compare_jobs(const void *a, const void *b)
{
  const Named *x = *(Named *const *)a, *y = *(Named *const *)b;
  const NmBatchJob *p = x->job, *q = y->job;
  int order = strcmp(x->path, y->path);
  if (!order) order = compare(p->id, q->id);
  if (!order) order = compare(p->chain, q->chain);
  if (!order) order = compare(p->options, q->options);
  return order ? order : compare(p->output, q->output);
}

static int compare_keys(const void *a, const void *b)
{
  const int order = strcmp((*(Named *const *)a)->key, (*(Named *const *)b)->key);
  return order ? order : compare_jobs(a, b);
}

static int compare_ids(const void *a, const void *b)
{
  return compare((*(Named *const *)a)->job->id, (*(Named *const *)b)->job->id);
}

static int compare_outputs(const void *a, const void *b)
{
  return compare((*(Named *const *)a)->job->output, (*(Named *const *)b)->job->output);
}

static NmStatus find_paths(Namer *namer, NmError *err)
{
  for (int64_t i = 0; i < namer->n; ++i) {
    Named *named = &namer->named[i];
    named->job = &namer->list->jobs[i];
    named->path = nm_batch_path_normalise(named->job->input, &namer->list->arena);
    if (!named->path) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    namer->order[i] = named;
  }
  return NM_OK;
}

// The same job given twice is done once, where it stood first.
static void drop_doubles(Namer *namer)
{
  NmBatchList *list = namer->list;
  int64_t n = 0;
  qsort(namer->order, (size_t)namer->n, sizeof *namer->order, compare_jobs);
  for (int64_t i = 1, first = 0; i < namer->n; ++i) {
    if (compare_jobs(&namer->order[first], &namer->order[i])) {
      first = i;
      continue;
    }
    if (namer->order[i]->job < namer->order[first]->job) { // which sort leaves first is not said
      Named *later = namer->order[first];
      namer->order[first] = namer->order[i];
      namer->order[i] = later;
    }
    namer->order[i]->is_double = true;
  }
  for (int64_t i = 0; i < namer->n; ++i) {
    if (namer->named[i].is_double) continue;
    namer->named[n] = namer->named[i];
    list->jobs[n] = *namer->named[i].job;
    namer->named[n].job = &list->jobs[n];
    namer->order[n] = &namer->named[n];
    ++n;
  }
  list->n_double = namer->n - n;
  list->n = namer->n = n;
}

static NmStatus check_unique(Namer *namer, int (*order)(const void *, const void *), bool by_id, NmError *err)
{
  qsort(namer->order, (size_t)namer->n, sizeof *namer->order, order);
  for (int64_t i = 1; i < namer->n; ++i) {
    const NmBatchJob *a = namer->order[i - 1]->job, *b = namer->order[i]->job;
    const char *what = by_id ? b->id : b->output;
    if (!what || order(&namer->order[i - 1], &namer->order[i])) continue;
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        "the jobs of lines %lld and %lld have the same \"%s\", '%.100s'",
                        (long long)(a->line < b->line ? a->line : b->line),
                        (long long)(a->line < b->line ? b->line : a->line), by_id ? "id" : "output", what);
  }
  return NM_OK;
}

// The length of the folder, slash included, that all inputs lie in.
static size_t find_common(const Namer *namer)
{
  const char *first = namer->named[0].path;
  size_t n = (size_t)(strrchr(first, '/') - first) + 1;
  for (int64_t i = 1; i < namer->n; ++i) {
    size_t k = 0;
    while (k < n && namer->named[i].path[k] == first[k]) ++k;
    while (k && first[k - 1] != '/') --k;
    n = k;
  }
  return n;
}

static NmStatus find_root(Namer *namer, const NmBatchNaming *naming, size_t *n_root, NmError *err)
{
  if (!naming->root) {
    *n_root = find_common(namer);
    return NM_OK;
  }
  const char *root = nm_batch_path_normalise(naming->root, &namer->list->arena);
  if (!root) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const size_t n = strcmp(root, "/") ? strlen(root) : 0;
  for (int64_t i = 0; i < namer->n; ++i) {
    const char *path = namer->named[i].path;
    if (!strncmp(path, root, n) && path[n] == '/') continue;
    return nm_error_set(err, NM_ERR_BAD_ARG, "%s does not lie below --root %s", namer->named[i].job->input,
                        naming->root);
  }
  *n_root = n + 1;
  return NM_OK;
}

// Where the ending of a path begins; its end when it has none. ".hidden" is a name, not an ending.
static const char *find_ending(const char *path)
{
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
  return dot && dot > name ? dot : path + strlen(path);
}

static NmStatus give_keys(Namer *namer, size_t n_root, bool flat, NmError *err)
{
  for (int64_t i = 0; i < namer->n; ++i) {
    const char *path = namer->named[i].path, *start = flat ? strrchr(path, '/') + 1 : path + n_root;
    const size_t n = (size_t)(find_ending(path) - start);
    char *key = nm_arena_alloc(&namer->list->arena, n + 1);
    if (!key) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    memcpy(key, start, n);
    key[n] = '\0';
    namer->named[i].key = key;
  }
  return NM_OK;
}

// An id as part of a file's name.
static void print_id(const char *id, char *text)
{
  for (; *id; ++id, ++text) *text = strchr("/\\:*?\"<>|", *id) || (unsigned char)*id < ' ' ? '_' : *id;
  *text = '\0';
}

static NmStatus rename_key(Namer *namer, Named *named, int64_t number, int round, NmError *err)
{
  const size_t n_id = named->job->id ? strlen(named->job->id) : 0,
               size = strlen(named->path) + strlen(named->key) + n_id + 32;
  char *key = nm_arena_alloc(&namer->list->arena, size);
  if (!key) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const int n = snprintf(key, size, "%s", named->key);
  if (round)
    snprintf(key + n, size - (size_t)n, "-%lld", (long long)number);
  else if (n_id)
    key[n] = '-', print_id(named->job->id, key + n + 1);
  else
    snprintf(key + n, size - (size_t)n, "%s", find_ending(named->path));
  named->key = key;
  return NM_OK;
}

// One round: of those that share a key all get the whole name (round 0), later all but the first a number.
static NmStatus part_equals(Namer *namer, int round, bool *clash, NmError *err)
{
  Named **order = namer->order;
  NmStatus status = NM_OK;
  qsort(order, (size_t)namer->n, sizeof *order, compare_keys);
  *clash = false;
  for (int64_t i = 0, end; i < namer->n && !status; i = end) {
    for (end = i + 1; end < namer->n && !strcmp(order[i]->key, order[end]->key);) ++end;
    if (end == i + 1) continue;
    *clash = true;
    for (int64_t k = end - 1; k >= i + (round > 0) && !status; --k)
      status = rename_key(namer, order[k], k - i + 1, round, err);
  }
  return status;
}

static NmStatus name_all(Namer *namer, const NmBatchNaming *naming, NmError *err)
{
  size_t n_root = 0;
  bool clash = true;
  NmStatus status = find_paths(namer, err);
  if (status) return status;
  drop_doubles(namer);
  status = check_unique(namer, compare_ids, true, err);
  if (!status) status = check_unique(namer, compare_outputs, false, err);
  if (!status) status = find_root(namer, naming, &n_root, err);
  if (!status) status = give_keys(namer, n_root, naming->flat, err);
  for (int round = 0; round < N_ROUNDS_MAX && clash && !status; ++round)
    status = part_equals(namer, round, &clash, err);
  if (!status && clash) status = nm_error_set(err, NM_ERR_BAD_ARG, "the inputs' names cannot be told apart");
  for (int64_t i = 0; i < namer->n; ++i) namer->named[i].job->key = namer->named[i].key;
  return status;
}

NmStatus nm_batch_list_name(NmBatchList *list, const NmBatchNaming *naming, NmError *err)
{
  Namer namer = {.list = list, .n = list->n};
  NmStatus status = NM_OK;
  if (!list->n) return NM_OK;
  namer.named = calloc((size_t)list->n, sizeof *namer.named);
  namer.order = calloc((size_t)list->n, sizeof *namer.order);
  if (!namer.named || !namer.order)
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  else
    status = name_all(&namer, naming, err);
  free(namer.named);
  free(namer.order);
  return status;
}

NmHash nm_batch_list_hash(const NmBatchList *list)
{
  NmHash hash;
  nm_hash_init(&hash);
  for (int64_t i = 0; i < list->n; ++i) {
    nm_hash_add(&hash, list->jobs[i].key, strlen(list->jobs[i].key));
    nm_hash_add(&hash, list->jobs[i].input, strlen(list->jobs[i].input));
  }
  return hash;
}
