// SPDX-License-Identifier: GPL-3.0-or-later
// Files by a pattern.
#ifndef NM_BATCH_GLOB_H
#define NM_BATCH_GLOB_H

#include "dsp/base/status.h"

// Calls `found` for every file (folders are none) that `pattern` matches, sorted by their bytes in each
// folder whatever the locale: * ? and [...] within a name (a leading dot must be written), ** as a name for
// any number of folders, and as the last name for all files below. An error of `found` ends the search and is
// returned; folders that cannot be read are passed over, as are links to folders by **. NM_ERR_NO_MEMORY.
NmStatus nm_batch_glob(const char *pattern, NmStatus (*found)(const char *path, void *user, NmError *err),
                       void *user, NmError *err) NM_NODISCARD;

#endif
