// SPDX-License-Identifier: GPL-3.0-or-later
// Memory in large pages, where the system has them: a first touch of many small ones costs more than the work
// that is done on them.
#ifndef NM_BASE_PAGES_H
#define NM_BASE_PAGES_H

#include <stddef.h>

// `size` bytes aligned to 64, contents undefined, to be freed with free(). NULL when memory is out. From a
// megabyte on they are large pages, and take whole ones.
void *nm_pages_alloc(size_t size);

#endif
