// SPDX-License-Identifier: GPL-3.0-or-later
// Options of a jobs file, as the words of a command line.
#ifndef NM_BATCH_CHAIN_OPTIONS_H
#define NM_BATCH_CHAIN_OPTIONS_H

#include <jansson.h>

#include "app/jobs/batch/chain.h"
#include "app/jobs/batch/words.h"

typedef struct {
  char *words[NM_BATCH_WORDS_MAX];
  int n;
} NmBatchOptionWords;

// The words that `options` has for the stage `name` of `command` (NULL: a plug-in).
NmStatus nm_batch_options_read(const json_t *options, const char *name, const NmCommand *command,
                               NmArena *arena, NmBatchOptionWords *words, NmError *err) NM_NODISCARD;

// NM_ERR_BAD_ARG when an entry of `options` is for no stage of the chain.
NmStatus nm_batch_options_check(const json_t *options, const NmBatchChain *chain, NmError *err) NM_NODISCARD;

#endif
