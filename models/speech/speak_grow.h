// SPDX-License-Identifier: GPL-3.0-or-later
// A buffer that grows.
#ifndef NM_SPEECH_SPEAK_GROW_H
#define NM_SPEECH_SPEAK_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

// Makes *items (of `size` bytes each, *capacity of them) hold at least `n`; what was there stays. False, with
// everything as it was, when memory is out.
static inline bool nm_grow(void **items, size_t *capacity, size_t n, size_t size)
{
  size_t bytes, wanted = *capacity ? *capacity : 64;
  if (n <= *capacity) return true;
  while (wanted < n) wanted += wanted / 2 + 1;
  if (__builtin_mul_overflow(wanted, size, &bytes)) return false;
  void *grown = realloc(*items, bytes);
  if (!grown) return false;
  *items = grown;
  *capacity = wanted;
  return true;
}

#endif
