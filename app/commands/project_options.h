// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that make sound of a song have in common: any song is a project, and what the command
// line says stands in the place of its settings. Lines with settings of their own keep them.
#ifndef NM_COMMANDS_PROJECT_OPTIONS_H
#define NM_COMMANDS_PROJECT_OPTIONS_H

#include "app/command.h"
#include "app/document/document.h"
#include "app/formats/song_file.h"

// The project at `path` ("-": standard input), or one made of another song, with the usual settings. Tells
// what the song lost, and of changes that a session did not save; `recover` takes those. NULL and `err` as
// nm_song_file_read_document and nm_document_load. `is_project` may be NULL.
NmDocument *nm_project_options_open(const char *path, const NmSongReading *reading, bool recover,
                                    bool *is_project, NmError *err);

// Settings by their place in a project, "/voice/as", for later; one is `value` (stolen), or is taken away for
// NULL. False after a message.
bool nm_project_options_put(json_t *settings, const char *place, json_t *value);

// An option that is a number, `unit` of which are 1 in the project. Nothing when it was not given.
typedef struct {
  const char *option, *place;
  double low, high, unit;
} NmNumberSetting;
bool nm_project_options_put_number(const NmArgs *args, const NmNumberSetting *number, json_t *settings);

// --seed into both seeds, of the voice and of the band.
bool nm_project_options_put_seed(const NmArgs *args, json_t *settings);

// All of them into the project. False after a message.
bool nm_project_options_set(NmDocument *doc, const json_t *settings);

#endif
