// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/known.h"

#include <string.h>

NmStatus nm_batch_known_open(NmBatchKnown *known, const char *dir, const NmBatchChain *chain, NmError *err)
{
  NmBatchState state;
  *known = (NmBatchKnown){0};
  nm_arena_init(&known->arena, 1 << 12);
  nm_batch_chain_print_names(chain, known->chain);
  if (!chain->n || nm_batch_state_look(&state, dir, NULL)) return NM_OK;
  known->dir = nm_batch_path_normalise(dir, &known->arena);
  if (!known->dir) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  known->journal = nm_batch_journal_open(&state, false, err);
  return known->journal ? NM_OK : err->status;
}

void nm_batch_known_close(NmBatchKnown *known)
{
  nm_batch_journal_close(known->journal);
  nm_arena_fini(&known->arena);
  *known = (NmBatchKnown){0};
}

bool nm_batch_known_has(void *user, const char *path)
{
  const NmBatchKnown *known = user;
  NmArena arena;
  if (!known->journal) return false;
  nm_arena_init(&arena, 1 << 10);
  const size_t n = strcmp(known->dir, "/") ? strlen(known->dir) : 0;
  const char *whole = nm_batch_path_normalise(path, &arena);
  const bool is_below = whole && !strncmp(whole, known->dir, n) && whole[n] == '/';
  json_t *record = is_below ? nm_batch_journal_find_output(known->journal, whole + n + 1) : NULL;
  const char *chain = json_string_value(json_object_get(record, "chain"));
  const bool has = chain && !strcmp(chain, known->chain);
  nm_arena_fini(&arena);
  json_decref(record);
  return has;
}
