// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGN 64u
#define SIZE_HUGE ((size_t)2 << 20) // of a large page

struct NmArenaBlock {
  NmArenaBlock *next;
  size_t size, used;
  unsigned char *data; // [size], aligned to ALIGN
};

static size_t round_to(size_t n, size_t power_of_two)
{
  return (n + power_of_two - 1) & ~(power_of_two - 1);
}

static size_t round_up(size_t n)
{
  return round_to(n, ALIGN);
}

// Large blocks in large pages where the system has them: thousands of small ones take longer to be given than
// what is computed into them.
static void *allocate(size_t size)
{
  const size_t alignment = size < SIZE_HUGE ? ALIGN : SIZE_HUGE;
  void *memory = aligned_alloc(alignment, round_to(size, alignment));
#ifdef MADV_HUGEPAGE
  if (memory && size >= SIZE_HUGE) (void)madvise(memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

static NmArenaBlock *block_new(size_t size)
{
  const size_t head = round_up(sizeof(NmArenaBlock));
  if (size > SIZE_MAX - head - SIZE_HUGE) return NULL;
  NmArenaBlock *block = allocate(round_up(head + size));
  if (!block) return NULL;
  *block = (NmArenaBlock){.size = size, .data = (unsigned char *)block + head};
  return block;
}

void nm_arena_init(NmArena *arena, size_t size_block)
{
  *arena = (NmArena){.size_block = size_block ? round_up(size_block) : 65536};
}

void nm_arena_fini(NmArena *arena)
{
  for (NmArenaBlock *b = arena->first, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  arena->first = arena->current = NULL;
}

void nm_arena_reset(NmArena *arena)
{
  for (NmArenaBlock *b = arena->first; b; b = b->next) b->used = 0;
  arena->current = arena->first;
}

static NmArenaBlock *block_with_room(NmArena *arena, size_t size)
{
  NmArenaBlock *last = arena->current;
  for (NmArenaBlock *b = last; b; last = b, b = b->next)
    if (b->size - b->used >= size) return b;
  NmArenaBlock *fresh = block_new(size > arena->size_block ? size : arena->size_block);
  if (!fresh) return NULL;
  if (last)
    last->next = fresh;
  else
    arena->first = fresh;
  return fresh;
}

void *nm_arena_alloc(NmArena *arena, size_t size)
{
  if (size > SIZE_MAX - 2 * ALIGN) return NULL;
  const size_t need = round_up(size ? size : 1);
  NmArenaBlock *block = block_with_room(arena, need);
  if (!block) return NULL;
  arena->current = block;
  void *memory = block->data + block->used;
  block->used += need;
  return memory;
}

void *nm_arena_calloc(NmArena *arena, size_t n, size_t size)
{
  size_t total;
  if (nm_size_mul(n, size, &total) != NM_OK) return NULL;
  void *memory = nm_arena_alloc(arena, total);
  return memory ? memset(memory, 0, total) : NULL;
}
