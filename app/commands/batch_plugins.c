// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/batch_plugins.h"

#include <stdlib.h>
#include <string.h>

#include "app/hosts/ladspa.h"

enum { N_FOUND_MAX = 64, LABEL_MAX = 128 };

typedef struct {
  char label[LABEL_MAX];
  NmLadspaPlace place;
} Found;

static Found *found; // [N_FOUND_MAX]
static int n_found;
static NmHash *checked; // [n_checked] stages with their settings
static size_t n_checked;

static const char *get_label(const NmBatchStage *stage)
{
  return stage->name + strlen("ladspa:");
}

static NmStatus find(const char *label, const NmLadspaPlace **place, NmError *err)
{
  for (int i = 0; i < n_found; ++i) {
    *place = &found[i].place;
    if (!strcmp(found[i].label, label)) return NM_OK;
  }
  if (!found && !(found = calloc(N_FOUND_MAX, sizeof *found)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (n_found == N_FOUND_MAX || strlen(label) >= LABEL_MAX)
    return nm_error_set(err, NM_ERR_BAD_ARG, "ladspa:%.60s: too many plug-ins", label);
  const NmStatus status = nm_ladspa_locate(label, &found[n_found].place, err);
  if (status) return status;
  snprintf(found[n_found].label, LABEL_MAX, "%s", label);
  *place = &found[n_found++].place;
  return NM_OK;
}

static int get_settings(const NmBatchStage *stage, NmLadspaSetting settings[NM_LADSPA_SETTINGS_MAX])
{
  int n = 0;
  for (int i = 0; i < stage->n_args && n < NM_LADSPA_SETTINGS_MAX; ++i)
    if (stage->args[i].role == NM_BATCH_PLAIN)
      settings[n++] = (NmLadspaSetting){stage->args[i].option, stage->args[i].value};
  return n;
}

static NmHash hash_settings(const NmBatchStage *stage, const NmLadspaSetting *settings, int n)
{
  NmHash hash;
  nm_hash_init(&hash);
  nm_hash_add(&hash, stage->name, strlen(stage->name));
  for (int i = 0; i < n; ++i) {
    nm_hash_add(&hash, settings[i].name, strlen(settings[i].name));
    nm_hash_add(&hash, settings[i].value, strlen(settings[i].value));
  }
  return hash;
}

// Of ten thousand jobs most have the same settings.
static bool remember(NmHash hash, bool adds)
{
  for (size_t i = 0; i < n_checked; ++i)
    if (!memcmp(&checked[i], &hash, sizeof hash)) return true;
  NmHash *grown = adds ? realloc(checked, (n_checked + 1) * sizeof *grown) : NULL;
  if (!grown) return false;
  checked = grown;
  checked[n_checked++] = hash;
  return false;
}

static NmStatus check_stage(const NmBatchStage *stage, NmError *err)
{
  NmLadspaSetting settings[NM_LADSPA_SETTINGS_MAX];
  const NmLadspaPlace *place;
  const int n = get_settings(stage, settings);
  const NmHash hash = hash_settings(stage, settings, n);
  if (remember(hash, false)) return NM_OK;
  NmStatus status = find(get_label(stage), &place, err);
  if (!status) status = nm_ladspa_check(place, settings, n, err);
  if (!status) remember(hash, true);
  return status;
}

NmStatus nm_batch_plugins_check(const NmBatchChain *chain, NmError *err)
{
  NmStatus status = NM_OK;
  for (int k = 0; k < chain->n && !status; ++k)
    if (!chain->stages[k].command) status = check_stage(&chain->stages[k], err);
  return status;
}

int nm_batch_plugins_run(const NmBatchStage *stage, const char *path_in, const char *path_out)
{
  NmLadspaSetting settings[NM_LADSPA_SETTINGS_MAX];
  const NmLadspaPlace *place;
  NmError err = {0};
  const int n = get_settings(stage, settings);
  NmStatus status = find(get_label(stage), &place, &err);
  if (!status) status = nm_ladspa_process_file(place, settings, n, path_in, path_out, &err);
  return status ? nm_message_fail_input(&err) : NM_EXIT_DONE;
}

int nm_batch_plugins_list(const NmArgs *args)
{
  NmError err = {0};
  int n = 0;
  const char *word = args->n_operands ? args->operands[0] : NULL;
  if (args->n_operands > 1) return nm_message_fail(NM_EXIT_USAGE, "--list-ladspa takes one word, or none");
  const NmStatus status = nm_ladspa_list(word, nm_args_has(args, "json"), stdout, &n, &err);
  return status ? nm_message_fail(NM_EXIT_FAILED, "%s", err.message) : NM_EXIT_DONE;
}
