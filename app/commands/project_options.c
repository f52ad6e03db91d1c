// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/project_options.h"

#include <string.h>
#include <strings.h>

#include "app/document/edits.h"
#include "app/document/file.h"

// --- reading ---

static void tell_of_journal(const char *path, bool recover, const NmJournalState *journal)
{
  if (!journal->exists || recover || journal->n_steps == 0) return;
  if (journal->is_open)
    nm_message_warning("%s: another program has unsaved changes to it, which are left aside", path);
  else if (journal->fits)
    nm_message_warning("%s: a session that ended early left %d unsaved steps; neume render --recover takes "
                       "them, neume studio too",
                       path, journal->n_steps);
}

static bool is_named_project(const char *path)
{
  const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
  return dot && !strcasecmp(dot, ".neume");
}

static NmDocument *open_project(const char *path, bool recover, NmError *err)
{
  NmJournalState journal = {0};
  NmDocument *doc = nm_document_load(path, recover, &journal, err);
  if (doc) tell_of_journal(path, recover, &journal);
  return doc;
}

NmDocument *nm_project_options_open(const char *path, const NmSongReading *reading, bool recover,
                                    bool *is_project, NmError *err)
{
  NmSongNotes notes = {0};
  NmDocument *doc = NULL;
  bool is_one = is_named_project(path);
  if (is_one)
    doc = open_project(path, recover, err);
  else if (nm_song_file_read_document(path, reading, &doc, &is_one, &notes, err))
    doc = NULL;
  for (int32_t i = 0; doc && i < notes.n; ++i) nm_message_warning("%s: %s", path, notes.text[i]);
  if (is_project) *is_project = is_one;
  return doc;
}

// --- settings ---

bool nm_project_options_put(json_t *settings, const char *place, json_t *value)
{
  if (json_object_set_new(settings, place, value ? value : json_null()) == 0) return true;
  nm_message("out of memory");
  return false;
}

bool nm_project_options_put_number(const NmArgs *args, const NmNumberSetting *number, json_t *settings)
{
  double value = 0;
  if (!nm_args_has(args, number->option)) return true;
  if (!nm_args_get_number(args, number->option, number->low, number->high, &value)) return false;
  return nm_project_options_put(settings, number->place, json_real(value / number->unit));
}

bool nm_project_options_put_seed(const NmArgs *args, json_t *settings)
{
  int64_t seed = 0;
  if (!nm_args_has(args, "seed")) return true;
  return nm_args_get_integer(args, "seed", 0, NM_DOCUMENT_SEED_MAX, &seed) &&
         nm_project_options_put(settings, "/voice/seed", json_integer(seed)) &&
         nm_project_options_put(settings, "/backing/seed", json_integer(seed));
}

bool nm_project_options_set(NmDocument *doc, const json_t *settings)
{
  const char *place;
  json_t *value;
  NmError err = {0};
  json_object_foreach((json_t *)settings, place, value)
  {
    if (nm_edit_set_value(doc, place, json_is_null(value) ? NULL : json_incref(value), &err) == NM_OK)
      continue;
    nm_message("%s", err.message);
    return false;
  }
  return true;
}
