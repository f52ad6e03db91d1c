// SPDX-License-Identifier: GPL-3.0-or-later
// Where the weights and the lexicon are: $NEUME_ASSETS; `assets` next to the program, share/neume of its
// prefix; and, for a library, the same of the library.
#ifndef NM_APP_ASSETS_H
#define NM_APP_ASSETS_H

#include <limits.h>
#include <stdbool.h>

#include "dsp/base/status.h"

enum { NM_ASSET_PLACES_MAX = 7 };

typedef struct {
  const char *name, *what;
} NmAsset;

// Everything the program can use, NULL name at the end.
extern const NmAsset nm_assets[];

// The folders that are searched, in order; returns how many.
int nm_assets_get_places(char places[NM_ASSET_PLACES_MAX][PATH_MAX]);

// The path of asset `name` into `path`. NM_ERR_IO, naming the places searched and the way out, when it is in
// none of them. Any thread.
NmStatus nm_assets_find(const char *name, char path[PATH_MAX], NmError *err) NM_NODISCARD;

// The same in `folder` alone; NULL: in all places.
NmStatus nm_assets_find_in(const char *folder, const char *name, char path[PATH_MAX],
                           NmError *err) NM_NODISCARD;

#endif
