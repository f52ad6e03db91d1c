// SPDX-License-Identifier: GPL-3.0-or-later
// A chain of commands, "compose --key D | sing | emotion -o {}.png", read and checked against their tables
// before any of them is run.
//
// A stage is a command with its options, or a plug-in: ladspa:LABEL NAME=VALUE... Each reads the file that
// the one before wrote; the first reads the input. It stands where the stage has an operand -, or is its
// first one. What a stage writes for the next follows from what that takes; -o .flac chooses another ending.
// Options that write files (-o, --timings, --picture...) and > take a name with {} in it, which stands for
// the name of the input: those files are results. In options and operands that read files {} is the path of
// the input without its ending.
#ifndef NM_BATCH_CHAIN_H
#define NM_BATCH_CHAIN_H

#include <jansson.h>

#include "app/command.h"
#include "app/jobs/batch/kind.h"
#include "dsp/base/arena.h"
#include "dsp/base/hash.h"

typedef enum {
  NM_BATCH_PLAIN,  // taken as it is
  NM_BATCH_READS,  // a file to read, relative to the folder where batch was started
  NM_BATCH_WRITES, // a file or folder to write: a template with {}
  NM_BATCH_FLOW    // the file of the stage before
} NmBatchRole;

typedef struct {
  const char *option; // NULL: an operand; ">": standard output; of a plug-in: a control
  const char *value;  // NULL: an option without one, or the flow
  NmBatchRole role;
} NmBatchArg;

typedef struct {
  const char *name; // "sing", "ladspa:plate"
  const NmBatchKind *kind;
  const NmCommand *command;    // NULL for a plug-in
  NmBatchArg *args;            // [n_args]
  const NmBatchEnding *ending; // of the file that goes on, or is the result
  int n_args;
  int arg_flow; // the argument that names this file, or -1: it has none
} NmBatchStage;

// Strings live in the arena.
typedef struct {
  NmArena arena;
  NmBatchStage *stages; // [n]
  int n;
} NmBatchChain;

// Reads `text`, with the commands of `commands` (ends with NULL). `options`, a JSON object or NULL, adds
// options: {"sing": {"voice": "x"}} to the stages of that name, {"seed": 3} to all that have it. true is an
// option without a value, an array repeats it. NM_ERR_BAD_ARG with a sentence, NM_ERR_NO_MEMORY. Free with
// nm_batch_chain_fini, also after a failure.
NmStatus nm_batch_chain_parse(NmBatchChain *chain, const char *text, const json_t *options,
                              const NmCommand *const *commands, NmError *err) NM_NODISCARD;
void nm_batch_chain_fini(NmBatchChain *chain);

// Makes the last stage write a file of this ending. NM_ERR_BAD_ARG, naming those it can write.
NmStatus nm_batch_chain_set_result(NmBatchChain *chain, const char *path, NmError *err) NM_NODISCARD;

// The names of its stages, "compose | sing".
enum { NM_BATCH_NAMES_SIZE = 512 };
void nm_batch_chain_print_names(const NmBatchChain *chain, char text[NM_BATCH_NAMES_SIZE]);

// Two chains of equal hashes do the same.
void nm_batch_chain_add_hash(const NmBatchChain *chain, NmHash *hash);

// Whether `path` stays below the folder it is relative to.
bool nm_batch_is_below(const char *path);

#endif
