// SPDX-License-Identifier: GPL-3.0-or-later
// A whole file as read-only memory.
#ifndef NM_BASE_MAP_H
#define NM_BASE_MAP_H

#include "dsp/base/status.h"

// `data` is valid until nm_map_close; NULL for an empty file. The file must not shrink meanwhile.
typedef struct {
  const uint8_t *data; // [size]
  size_t size;
} NmMap;

// Maps the file at `path`. NM_ERR_IO with the system's reason when it cannot be opened.
NmStatus nm_map_open(NmMap *map, const char *path, NmError *err) NM_NODISCARD;

// Releases the mapping and clears the struct; a cleared or zero struct is fine.
void nm_map_close(NmMap *map);

#endif
