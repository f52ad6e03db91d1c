// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { SIZE_PAGE = 2 << 20, SIZE_LARGE = 1 << 20, SIZE_LINE = 64 };

static size_t round_up(size_t n, size_t to)
{
  return (n + to - 1) / to * to;
}

void *nm_pages_alloc(size_t size)
{
  if (size > SIZE_MAX - SIZE_PAGE) return NULL;
  if (size < SIZE_LARGE) return aligned_alloc(SIZE_LINE, round_up(size ? size : 1, SIZE_LINE));
  size = round_up(size, SIZE_PAGE);
  void *memory = aligned_alloc(SIZE_PAGE, size);
#ifdef MADV_HUGEPAGE
  if (memory) (void)madvise(memory, size, MADV_HUGEPAGE); // a wish: small pages serve as well
#endif
  return memory;
}
