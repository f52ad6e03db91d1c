// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/chain_options.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *stage;
  bool is_plugin;
  NmArena *arena;
  NmBatchOptionWords *words;
  NmError *err;
} Writer;

static bool has_option(const NmCommand *command, const char *name)
{
  const NmOption *option;
  for (int i = 0; command && (option = nm_command_get_option(command, i)); ++i)
    if (!strcmp(option->name, name)) return true;
  return false;
}

static NmStatus add_word(Writer *w, const char *name, const char *value)
{
  const char *const before = w->is_plugin ? "" : "--", *const between = value ? "=" : "";
  const size_t size = strlen(name) + (value ? strlen(value) : 0) + 4;
  if (w->words->n == NM_BATCH_WORDS_MAX)
    return nm_error_set(w->err, NM_ERR_BAD_ARG, "%s has too many options", w->stage);
  char *word = nm_arena_alloc(w->arena, size);
  if (!word) return nm_error_set(w->err, NM_ERR_NO_MEMORY, "out of memory");
  snprintf(word, size, "%s%s%s%s", before, name, between, value ? value : "");
  w->words->words[w->words->n++] = word;
  return NM_OK;
}

static NmStatus add_scalar(Writer *w, const char *name, const json_t *value)
{
  if (json_is_string(value)) return add_word(w, name, json_string_value(value));
  if (json_is_true(value)) return add_word(w, name, w->is_plugin ? "1" : NULL);
  if (json_is_null(value) || json_is_false(value)) return w->is_plugin ? add_word(w, name, "0") : NM_OK;
  if (!json_is_number(value))
    return nm_error_set(w->err, NM_ERR_BAD_ARG,
                        "the option '%s' of %s is neither text nor a number, true nor a list of them", name,
                        w->stage);
  char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
  if (!text) return nm_error_set(w->err, NM_ERR_NO_MEMORY, "out of memory");
  const NmStatus status = add_word(w, name, text);
  free(text);
  return status;
}

static NmStatus add_value(Writer *w, const char *name, const json_t *value)
{
  NmStatus status = NM_OK;
  if (!*name || *name == '-' || strchr(name, '='))
    return nm_error_set(w->err, NM_ERR_BAD_ARG, "'%s' is no name of an option", name);
  if (!json_is_array(value)) return add_scalar(w, name, value);
  for (size_t i = 0; i < json_array_size(value) && !status; ++i)
    status = add_scalar(w, name, json_array_get(value, i));
  return status;
}

NmStatus nm_batch_options_read(const json_t *options, const char *name, const NmCommand *command,
                               NmArena *arena, NmBatchOptionWords *words, NmError *err)
{
  Writer writer = {name, command == NULL, arena, words, err};
  NmStatus status = NM_OK;
  const char *key, *key_own;
  json_t *value, *value_own;
  words->n = 0;
  json_object_foreach((json_t *)options, key, value)
  {
    if (!status && !json_is_object(value) && has_option(command, key))
      status = add_value(&writer, key, value);
    if (!json_is_object(value) || strcmp(key, name)) continue;
    json_object_foreach(value, key_own, value_own)
    {
      if (!status) status = add_value(&writer, key_own, value_own);
    }
  }
  return status;
}

static bool is_used(const NmBatchChain *chain, const char *key, const json_t *value)
{
  for (int k = 0; k < chain->n; ++k) {
    const NmBatchStage *stage = &chain->stages[k];
    if (json_is_object(value) ? !strcmp(stage->name, key) : has_option(stage->command, key)) return true;
  }
  return false;
}

NmStatus nm_batch_options_check(const json_t *options, const NmBatchChain *chain, NmError *err)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)options, key, value)
  {
    if (is_used(chain, key, value)) continue;
    return nm_error_set(err, NM_ERR_BAD_ARG,
                        json_is_object(value) ? "the options of '%.100s' are for no stage of the chain"
                                              : "no stage of the chain has the option '%.100s'",
                        key);
  }
  return NM_OK;
}
