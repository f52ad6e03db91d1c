// SPDX-License-Identifier: GPL-3.0-or-later
// A dialog to choose a file, to be opened or to be written, or a folder.
#ifndef NM_UI_KIT_CHOOSER_H
#define NM_UI_KIT_CHOOSER_H

#include <limits.h>

#include "ui/kit/widget.h"

typedef enum {
  NM_CHOOSER_READ,  // a file that is there
  NM_CHOOSER_WRITE, // a file that need not be there; one that is, is asked about
  NM_CHOOSER_FOLDER // that need not be there either
} NmChooserKind;

typedef enum {
  NM_CHOOSER_NOTHING,
  NM_CHOOSER_CHOSEN,
  NM_CHOOSER_LEFT // nothing was chosen, and the dialog is gone
} NmChooserEvent;

typedef struct {
  char *name;
  bool is_folder;
  int64_t size; // bytes
} NmChooserEntry;

// Zero-initialise; read by nobody else.
typedef struct {
  char title[96];
  char folder[PATH_MAX], typed_folder[PATH_MAX], name[PATH_MAX];
  char endings[256]; // ".mid .abc"; empty: all files
  NmChooserKind kind;
  bool is_shown, shows_all, asks, focuses;
  NmChooserEntry *entries; // [n] folders first, by name
  int n, room;
  char trouble[256];
} NmChooser;

// Opens the dialog of that title at the place of `path`, a file or a folder; NULL or empty: where it was
// last, at first the current folder. `endings` as above, NULL: all files.
void nm_chooser_open(NmKit *kit, NmChooser *chooser, NmChooserKind kind, const char *title, const char *path,
                     const char *endings);

// Every frame. What was chosen into `path`.
NmChooserEvent nm_chooser_show(NmKit *kit, NmChooser *chooser, char path[PATH_MAX]);

void nm_chooser_fini(NmChooser *chooser);

#endif
