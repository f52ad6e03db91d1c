// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/words.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \t\r\n"

typedef struct {
  const char *text, *at;
  char *out; // where the next word is written
  NmArena *arena;
} Cursor;

static NmStatus fail(const Cursor *cursor, const char *at, NmError *err, const char *cause)
{
  return nm_error_set(err, NM_ERR_BAD_ARG, "column %d of the chain: %s", (int)(at - cursor->text) + 1, cause);
}

static NmStatus take_quoted(Cursor *cursor, NmError *err)
{
  const char *start = cursor->at, quote = *cursor->at++;
  while (*cursor->at && *cursor->at != quote) {
    const bool escaped =
        quote == '"' && *cursor->at == '\\' && cursor->at[1] && strchr("\"\\", cursor->at[1]);
    if (escaped) ++cursor->at;
    *cursor->out++ = *cursor->at++;
  }
  if (!*cursor->at) return fail(cursor, start, err, "this quotation mark is never closed");
  ++cursor->at;
  return NM_OK;
}

// What stands at the cursor, which is no blank, up to the next blank or bar.
static NmStatus take_word(Cursor *cursor, char **word, NmError *err)
{
  *word = cursor->out;
  while (*cursor->at && !strchr(BLANKS "|>", *cursor->at)) {
    if (*cursor->at == '\'' || *cursor->at == '"') {
      const NmStatus status = take_quoted(cursor, err);
      if (status) return status;
      continue;
    }
    if (strchr(";&<`()", *cursor->at))
      return fail(cursor, cursor->at, err,
                  "no shell reads this: put the character in quotes, or leave it out");
    if (*cursor->at == '\\' && !*++cursor->at)
      return fail(cursor, cursor->at, err, "a backslash ends the line");
    *cursor->out++ = *cursor->at++;
  }
  *cursor->out++ = '\0';
  return NM_OK;
}

static void skip_blanks(Cursor *cursor)
{
  cursor->at += strspn(cursor->at, BLANKS);
}

static NmStatus take_target(Cursor *cursor, NmBatchWords *stage, NmError *err)
{
  const char *start = cursor->at++;
  char *word;
  if (stage->to) return fail(cursor, start, err, "standard output can go to one file");
  skip_blanks(cursor);
  if (!*cursor->at || strchr("|>", *cursor->at)) return fail(cursor, start, err, "> wants a name behind it");
  const NmStatus status = take_word(cursor, &word, err);
  stage->to = word;
  return status;
}

static NmStatus take_stage(Cursor *cursor, NmBatchWords *stage, NmError *err)
{
  char *words[NM_BATCH_WORDS_MAX];
  NmStatus status = NM_OK;
  skip_blanks(cursor);
  *stage = (NmBatchWords){.column = (int)(cursor->at - cursor->text) + 1};
  for (; !status && *cursor->at && *cursor->at != '|'; skip_blanks(cursor)) {
    if (*cursor->at == '>')
      status = take_target(cursor, stage, err);
    else if (stage->n_words == NM_BATCH_WORDS_MAX)
      return fail(cursor, cursor->at, err, "a stage has 256 words at most");
    else
      status = take_word(cursor, &words[stage->n_words++], err);
  }
  if (status) return status;
  if (!stage->n_words) return fail(cursor, cursor->at, err, "a command is missing here");
  const size_t n_bytes = (size_t)stage->n_words * sizeof *words;
  stage->words = nm_arena_alloc(cursor->arena, n_bytes);
  if (!stage->words) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  memcpy(stage->words, words, n_bytes);
  return NM_OK;
}

NmStatus nm_batch_split(const char *text, NmArena *arena, NmBatchWords stages[NM_BATCH_STAGES_MAX], int *n,
                        NmError *err)
{
  const size_t len = strlen(text);
  *n = 0;
  if (len > NM_BATCH_LINE_MAX) return nm_error_set(err, NM_ERR_BAD_ARG, "the chain is longer than 64 kB");
  // Every word is no longer than what it is written as, and takes one character more.
  Cursor cursor = {.text = text, .at = text, .out = nm_arena_alloc(arena, 2 * len + 1), .arena = arena};
  if (!cursor.out) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (;; ++cursor.at) {
    if (*n == NM_BATCH_STAGES_MAX) return fail(&cursor, cursor.at, err, "a chain has 16 stages at most");
    const NmStatus status = take_stage(&cursor, &stages[*n], err);
    if (status) return status;
    ++*n;
    if (!*cursor.at) return NM_OK;
  }
}
