// SPDX-License-Identifier: GPL-3.0-or-later
// The inputs of a batch: files, patterns, lists of files, or jobs as JSON Lines.
#ifndef NM_BATCH_LIST_H
#define NM_BATCH_LIST_H

#include <stdbool.h>

#include "dsp/base/arena.h"
#include "dsp/base/hash.h"

// One input. Strings live in the list's arena.
typedef struct {
  const char *input;   // as it was given
  const char *key;     // folder and name of its outputs, "songs/a": nm_batch_list_name
  const char *id;      // of a jobs file, or NULL
  const char *chain;   // its own, or NULL
  const char *options; // a JSON object, or NULL
  const char *output;  // where the result goes, below the output folder, or NULL
  int64_t line;        // of the jobs file, 0: none
} NmBatchJob;

typedef struct {
  NmArena arena;
  NmBatchJob *jobs; // [n]
  int64_t n, capacity;
  int64_t n_double;                            // that were given twice and are done once
  bool (*skips)(void *user, const char *path); // files that patterns do not find; may be NULL
  void *user;
} NmBatchList;

void nm_batch_list_init(NmBatchList *list);
void nm_batch_list_fini(NmBatchList *list);

// Adds a file; the files of a pattern with * ? [...] and ** (any folders), sorted by their bytes, hidden ones
// left out; or, by @FILE (@- standard input), the files that it names, one in a line. Whether a file can be
// read is the job's own question. NM_ERR_BAD_DATA for a pattern without files or a folder, NM_ERR_IO for a
// list that cannot be read, NM_ERR_NO_MEMORY.
NmStatus nm_batch_list_add(NmBatchList *list, const char *operand, NmError *err) NM_NODISCARD;

// One line of JSON Lines: {"input", "id"?, "chain"?, "options"?, "output"?}. NM_ERR_BAD_DATA, without the
// place.
NmStatus nm_batch_list_parse(NmBatchList *list, const char *text, size_t len, int64_t line,
                             NmError *err) NM_NODISCARD;

// Such a file ("-": standard input); blank lines are passed over. All lines that are wrong are told on
// stderr, up to ten, and the answer is NM_ERR_BAD_DATA.
NmStatus nm_batch_list_read(NmBatchList *list, const char *path, NmError *err) NM_NODISCARD;

typedef struct {
  const char *root; // the folder whose folders are mirrored; NULL: the deepest common one
  bool flat;        // no folders
} NmBatchNaming;

// Gives every job its key. Jobs that are the same in all are kept once. Inputs that would have one key
// (a.txt and a.abc) get the whole name ("a.txt", "a.abc") or the id; what is equal even then a number, in the
// order of their paths. Outputs given by name must differ. NM_ERR_BAD_ARG, NM_ERR_NO_MEMORY.
NmStatus nm_batch_list_name(NmBatchList *list, const NmBatchNaming *naming, NmError *err) NM_NODISCARD;

// The hash of all keys and inputs in their order.
NmHash nm_batch_list_hash(const NmBatchList *list);

// `path` without ".", ".." and double slashes, absolute; symbolic links are not looked at. In the arena, NULL
// when memory is out.
char *nm_batch_path_normalise(const char *path, NmArena *arena);

#endif
