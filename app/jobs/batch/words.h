// SPDX-License-Identifier: GPL-3.0-or-later
// A line cut into stages and words as a POSIX shell would cut it, without being one: nothing is expanded and
// nothing is run.
//
// Blanks divide words, | divides stages. 'text' is taken as it is, in "text" a backslash takes away the
// meaning of " and \, elsewhere that of any character. > NAME sends standard output to a file. What a shell
// would understand otherwise (; & < and ` outside quotes) is an error, not a surprise.
#ifndef NM_BATCH_WORDS_H
#define NM_BATCH_WORDS_H

#include "dsp/base/arena.h"

enum { NM_BATCH_STAGES_MAX = 16, NM_BATCH_WORDS_MAX = 256, NM_BATCH_LINE_MAX = 1 << 16 };

// One stage. Strings live in the arena.
typedef struct {
  char **words;        // [n_words], at least one
  const char *to;      // where standard output goes, or NULL
  int n_words, column; // column of its first character in the line, from 1
} NmBatchWords;

// Cuts `text` into *n stages, at least one. NM_ERR_BAD_ARG names the column and the cause, NM_ERR_NO_MEMORY.
NmStatus nm_batch_split(const char *text, NmArena *arena, NmBatchWords stages[NM_BATCH_STAGES_MAX], int *n,
                        NmError *err) NM_NODISCARD;

#endif
