// SPDX-License-Identifier: GPL-3.0-or-later
// A growing arena: many small allocations that die together.
#ifndef NM_BASE_ARENA_H
#define NM_BASE_ARENA_H

#include "dsp/base/status.h"

typedef struct NmArenaBlock NmArenaBlock;

// One thread at a time. Memory handed out is aligned to 64 bytes and lives until reset or fini.
typedef struct {
  NmArenaBlock *first, *current;
  size_t size_block; // size of the next block, at least
} NmArena;

// Starts empty; the first allocation takes a block of at least `size_block` bytes.
void nm_arena_init(NmArena *arena, size_t size_block);

// Gives everything back to the heap.
void nm_arena_fini(NmArena *arena);

// Forgets all allocations but keeps the blocks, so that the next round takes nothing from the heap.
void nm_arena_reset(NmArena *arena);

// `size` bytes, or NULL when memory is out. Contents undefined.
void *nm_arena_alloc(NmArena *arena, size_t size);

// `n` zeroed objects of `size` bytes, or NULL when memory is out or n * size overflows.
void *nm_arena_calloc(NmArena *arena, size_t n, size_t size);

#endif
