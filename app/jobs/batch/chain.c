// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/chain.h"

#include <string.h>

#include "app/jobs/batch/chain_options.h"
#include "app/jobs/batch/words.h"

enum { N_NAMES_MAX = 32 };

bool nm_batch_is_below(const char *path)
{
  if (*path == '/') return false;
  for (const char *at = path; at; at = strchr(at, '/')) {
    at += *at == '/';
    if (!strncmp(at, "..", 2) && (at[2] == '/' || !at[2])) return false;
  }
  return true;
}

static void list_endings(const NmBatchKind *kind, char *text, size_t size)
{
  size_t n = 0;
  *text = '\0';
  for (const NmBatchEnding *row = kind->endings; row->ending && n < size; ++row)
    n += (size_t)snprintf(text + n, size - n, " %s", row->ending);
}

static NmStatus fail_ending(const NmBatchStage *stage, const char *given, NmError *err)
{
  char endings[128];
  list_endings(stage->kind, endings, sizeof endings);
  return nm_error_set(err, NM_ERR_BAD_ARG, "%s writes%s, not %.100s", stage->name, endings, given);
}

// --- one stage ---

static bool is_file(const NmCommand *command, const char *option)
{
  const NmOption *row;
  for (int i = 0; (row = nm_command_get_option(command, i)); ++i) {
    if (strcmp(row->name, option)) continue;
    const char *what = row->argument ? row->argument : "";
    return !strncmp(what, "FILE", 4) || !strncmp(what, "FOLDER", 6) || !strncmp(what, "DIR", 3);
  }
  return false;
}

static bool names_result(const NmBatchKind *kind, const char *option)
{
  for (const NmBatchEnding *row = kind->endings; row->ending; ++row)
    if (!strcmp(row->option, option)) return true;
  return false;
}

static NmStatus check_template(const NmBatchStage *stage, const char *option, const char *value, NmError *err)
{
  if (!strcmp(value, "-"))
    return nm_error_set(err, NM_ERR_BAD_ARG,
                        "%s: a stage writes to files; leave -o out, or name them: -o {}.wav", stage->name);
  const char *place = strstr(value, "{}");
  if (!place || strstr(place + 2, "{}"))
    return nm_error_set(err, NM_ERR_BAD_ARG,
                        "%s: '%.100s' %s; write {} once, for the name of the input: {}.wav", stage->name,
                        value, place ? "has {} twice" : "would be the same file for every input");
  if (!nm_batch_is_below(value))
    return nm_error_set(err, NM_ERR_BAD_ARG,
                        "%s: '%.100s' leads out of the output folder; name it relative to that", stage->name,
                        value);
  return NM_OK;
}

static NmStatus set_ending(NmBatchStage *stage, const char *value, NmError *err)
{
  if (stage->ending)
    return nm_error_set(err, NM_ERR_BAD_ARG, "%s: its ending is chosen twice, %s and %.100s", stage->name,
                        stage->ending->ending, value);
  stage->ending = nm_batch_kind_find_ending(stage->kind, value);
  return stage->ending ? NM_OK : fail_ending(stage, value, err);
}

static NmStatus add_written(NmBatchStage *stage, const char *option, const char *value, NmError *err)
{
  const bool is_result = names_result(stage->kind, option);
  if (is_result && *value == '.' && !strpbrk(value, "/{")) return set_ending(stage, value, err);
  const NmStatus status = check_template(stage, option, value, err);
  if (status) return status;
  if (is_result && !nm_batch_kind_find_ending(stage->kind, value)) return fail_ending(stage, value, err);
  stage->args[stage->n_args++] = (NmBatchArg){option, value, NM_BATCH_WRITES};
  return NM_OK;
}

static NmStatus add_option(NmBatchStage *stage, const char *option, const char *value, NmError *err)
{
  if (nm_batch_kind_lists(stage->kind->refused, option) || !strcmp(option, "help"))
    return nm_error_set(err, NM_ERR_BAD_ARG, "--%s of %s is not for a stage of a chain", option, stage->name);
  if (!strcmp(option, "force") || !strcmp(option, "quiet")) return NM_OK; // batch's own question
  const bool writes = names_result(stage->kind, option) || nm_batch_kind_lists(stage->kind->writes, option);
  if (writes) return add_written(stage, option, value, err);
  const NmBatchRole role = value && is_file(stage->command, option) ? NM_BATCH_READS : NM_BATCH_PLAIN;
  stage->args[stage->n_args++] = (NmBatchArg){option, value, role};
  return NM_OK;
}

// The flow is where - stands, or the first operand.
static void add_operands(NmBatchStage *stage, const NmArgs *args)
{
  bool has_flow = false;
  for (int i = 0; i < args->n_operands; ++i) has_flow |= !strcmp(args->operands[i], "-");
  if (!has_flow) stage->args[stage->n_args++] = (NmBatchArg){NULL, NULL, NM_BATCH_FLOW};
  for (int i = 0; i < args->n_operands; ++i) {
    const bool is_flow = !strcmp(args->operands[i], "-");
    stage->args[stage->n_args++] = is_flow ? (NmBatchArg){NULL, NULL, NM_BATCH_FLOW}
                                           : (NmBatchArg){NULL, args->operands[i], NM_BATCH_READS};
  }
}

static NmStatus make_room(NmBatchStage *stage, NmArena *arena, int n, NmError *err)
{
  stage->args = nm_arena_calloc(arena, (size_t)n + 2, sizeof *stage->args);
  return stage->args ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus read_command(NmBatchStage *stage, char **words, int n_words, NmArena *arena, NmError *err)
{
  NmArgs args;
  NmStatus status = nm_command_parse(stage->command, n_words, words, &args, err);
  if (!status) status = make_room(stage, arena, args.n_chosen + args.n_operands, err);
  for (int i = 0; i < args.n_chosen && !status; ++i)
    status = add_option(stage, args.chosen[i].name, args.chosen[i].value, err);
  if (!status) add_operands(stage, &args);
  nm_args_fini(&args);
  return status;
}

// A plug-in's words: -o and its value, or NAME=VALUE.
static NmStatus read_plugin(NmBatchStage *stage, char **words, int n_words, NmArena *arena, NmError *err)
{
  NmStatus status = make_room(stage, arena, n_words, err);
  for (int i = 1; i < n_words && !status; ++i) {
    char *equals = strchr(words[i], '=');
    if (!strcmp(words[i], "-o") && i + 1 < n_words) {
      status = add_written(stage, "output", words[++i], err);
    } else if (equals && equals > words[i] && words[i][0] != '-') {
      *equals = '\0';
      stage->args[stage->n_args++] = (NmBatchArg){words[i], equals + 1, NM_BATCH_PLAIN};
    } else {
      status =
          nm_error_set(err, NM_ERR_BAD_ARG, "%s: '%.100s' is not understood; controls are written NAME=VALUE",
                       stage->name, words[i]);
    }
  }
  return status;
}

static NmStatus find_kind(NmBatchStage *stage, const NmCommand *const *commands, int column, NmError *err)
{
  const char *names[N_NAMES_MAX];
  int n = 0;
  stage->kind = nm_batch_kind_find(stage->name);
  const bool is_plugin = stage->kind && !strcmp(stage->kind->command, "ladspa");
  for (int i = 0; commands[i]; ++i) {
    if (nm_batch_kind_find(commands[i]->name) && n < N_NAMES_MAX) names[n++] = commands[i]->name;
    if (!strcmp(commands[i]->name, stage->name)) stage->command = commands[i];
  }
  if (is_plugin && strchr(stage->name, ':') && strlen(stage->name) > strlen("ladspa:")) return NM_OK;
  if (stage->kind && stage->command) return NM_OK;
  const char *near = nm_nearest(stage->name, names, n);
  return nm_error_set(err, NM_ERR_BAD_ARG, "column %d of the chain: '%.100s' is no stage%s%s%s", column,
                      stage->name, near ? "; did you mean " : "",
                      near ? near : " (neume batch --help lists them)", near ? "?" : "");
}

// Options of the job stand last, for the last one counts, but before "--".
static char **join_words(const NmBatchWords *words, const NmBatchOptionWords *own, NmArena *arena)
{
  int n = 0;
  while (n < words->n_words && strcmp(words->words[n], "--")) ++n;
  char **all = nm_arena_calloc(arena, (size_t)(words->n_words + own->n) + 1, sizeof *all);
  if (!all) return NULL;
  memcpy(all, words->words, (size_t)n * sizeof *all);
  memcpy(all + n, own->words, (size_t)own->n * sizeof *all);
  memcpy(all + n + own->n, words->words + n, (size_t)(words->n_words - n) * sizeof *all);
  return all;
}

static NmStatus read_stage(NmBatchChain *chain, NmBatchStage *stage, const NmBatchWords *words,
                           const json_t *options, const NmCommand *const *commands, NmError *err)
{
  NmBatchOptionWords own;
  *stage = (NmBatchStage){.name = words->words[0], .arg_flow = -1};
  NmStatus status = find_kind(stage, commands, words->column, err);
  if (!status) status = nm_batch_options_read(options, stage->name, stage->command, &chain->arena, &own, err);
  if (status) return status;
  char **all = join_words(words, &own, &chain->arena);
  if (!all) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const int n = words->n_words + own.n;
  status = stage->command ? read_command(stage, all, n, &chain->arena, err)
                          : read_plugin(stage, all, n, &chain->arena, err);
  if (status || !words->to) return status;
  status = check_template(stage, ">", words->to, err);
  stage->args[stage->n_args++] = (NmBatchArg){">", words->to, NM_BATCH_WRITES};
  return status;
}

// --- from stage to stage ---

static bool find_named_flow(NmBatchStage *stage, unsigned takes)
{
  for (int i = 0; i < stage->n_args; ++i) {
    const NmBatchArg *arg = &stage->args[i];
    if (arg->role != NM_BATCH_WRITES || !names_result(stage->kind, arg->option)) continue;
    const NmBatchEnding *ending = nm_batch_kind_find_ending(stage->kind, arg->value);
    if (!(ending->gives & takes)) continue;
    stage->ending = ending;
    stage->arg_flow = i;
    return true;
  }
  return false;
}

static NmStatus join(NmBatchStage *stage, const NmBatchStage *next, NmError *err)
{
  const unsigned takes = next ? next->kind->takes : ~0u;
  const bool chosen = stage->ending != NULL;
  if (!chosen && find_named_flow(stage, takes)) return NM_OK;
  if (!chosen) stage->ending = nm_batch_kind_choose_ending(stage->kind, takes);
  if (stage->ending && (stage->ending->gives & takes)) return NM_OK;
  const unsigned gives = stage->ending ? stage->ending->gives : stage->kind->endings[0].gives;
  return nm_error_set(err, NM_ERR_BAD_ARG, "%s takes %s, but %s gives %s%s%s", next->name,
                      nm_batch_takes_text(takes), stage->name, nm_batch_takes_text(gives), chosen ? ", " : "",
                      chosen ? stage->ending->ending : "");
}

NmStatus nm_batch_chain_parse(NmBatchChain *chain, const char *text, const json_t *options,
                              const NmCommand *const *commands, NmError *err)
{
  NmBatchWords words[NM_BATCH_STAGES_MAX];
  int n = 0;
  *chain = (NmBatchChain){0};
  nm_arena_init(&chain->arena, 1 << 12);
  NmStatus status = nm_batch_split(text, &chain->arena, words, &n, err);
  if (status) return status;
  chain->stages = nm_arena_calloc(&chain->arena, (size_t)n, sizeof *chain->stages);
  if (!chain->stages) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (; chain->n < n && !status; ++chain->n)
    status = read_stage(chain, &chain->stages[chain->n], &words[chain->n], options, commands, err);
  for (int k = 0; k < n && !status; ++k)
    status = join(&chain->stages[k], k + 1 < n ? &chain->stages[k + 1] : NULL, err);
  return status ? status : nm_batch_options_check(options, chain, err);
}

void nm_batch_chain_fini(NmBatchChain *chain)
{
  nm_arena_fini(&chain->arena);
  *chain = (NmBatchChain){0};
}

NmStatus nm_batch_chain_set_result(NmBatchChain *chain, const char *path, NmError *err)
{
  NmBatchStage *last = &chain->stages[chain->n - 1];
  const NmBatchEnding *ending = nm_batch_kind_find_ending(last->kind, path);
  if (!ending) return fail_ending(last, path, err);
  last->ending = ending;
  last->arg_flow = -1;
  return NM_OK;
}

void nm_batch_chain_print_names(const NmBatchChain *chain, char text[NM_BATCH_NAMES_SIZE])
{
  size_t n = 0;
  *text = '\0';
  for (int k = 0; k < chain->n && n < NM_BATCH_NAMES_SIZE; ++k)
    n += (size_t)snprintf(text + n, NM_BATCH_NAMES_SIZE - n, "%s%s", k ? " | " : "", chain->stages[k].name);
}

static void add_text(NmHash *hash, const char *text)
{
  nm_hash_add(hash, text ? text : "", text ? strlen(text) + 1 : 0);
}

void nm_batch_chain_add_hash(const NmBatchChain *chain, NmHash *hash)
{
  for (int k = 0; k < chain->n; ++k) {
    const NmBatchStage *stage = &chain->stages[k];
    add_text(hash, stage->name);
    add_text(hash, stage->ending->ending);
    nm_hash_add_u64(hash, (uint64_t)stage->n_args);
    for (int i = 0; i < stage->n_args; ++i) {
      add_text(hash, stage->args[i].option);
      add_text(hash, stage->args[i].value);
      nm_hash_add_u64(hash, (uint64_t)stage->args[i].role);
    }
  }
}
