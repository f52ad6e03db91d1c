// SPDX-License-Identifier: GPL-3.0-or-later
// What a command takes and gives as a stage of a chain, as a table.
#ifndef NM_BATCH_KIND_H
#define NM_BATCH_KIND_H

#include <stdbool.h>

// What flows between stages; bits.
enum {
  NM_BATCH_TEXT = 1, // words in a text file
  NM_BATCH_SONG = 2, // notes with or without words
  NM_BATCH_SOUND = 4,
  NM_BATCH_NUMBERS = 8, // tables, labels and pictures: nothing takes them
};

// A file that a command can write: its ending ("": a folder) and the option that names it.
typedef struct {
  const char *ending, *option;
  unsigned gives;
} NmBatchEnding;

typedef struct {
  const char *command; // its name; "ladspa" for plug-ins
  unsigned takes;
  const NmBatchEnding *endings; // the natural one first; ends with a NULL ending
  const char *writes;           // options that name further files or folders to write: "timings picture "
  unsigned needs;               // bits of app/jobs/resident.h: what it loads
  const char *refused;          // options that make no sense on one file among many: "live play "
} NmBatchKind;

// All commands that can be stages; ends with a NULL command.
extern const NmBatchKind nm_batch_kinds[];

// The row of a command or, by "ladspa:LABEL", of plug-ins; NULL when it is no stage.
const NmBatchKind *nm_batch_kind_find(const char *name);

// The row of `kind` for a path's ending, in either case; NULL when it writes no such file.
const NmBatchEnding *nm_batch_kind_find_ending(const NmBatchKind *kind, const char *path);

// The first ending that gives one of `takes`; NULL when there is none.
const NmBatchEnding *nm_batch_kind_choose_ending(const NmBatchKind *kind, unsigned takes);

// Whether `option` stands in a list of the table.
bool nm_batch_kind_lists(const char *list, const char *option);

// "text", "a song"...
const char *nm_batch_takes_text(unsigned takes);

#endif
