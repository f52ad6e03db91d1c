// SPDX-License-Identifier: GPL-3.0-or-later
// A lock-free ring for one producer thread and one consumer thread: how anything reaches or leaves the audio
// callback.
#ifndef NM_BASE_RING_H
#define NM_BASE_RING_H

#include "dsp/base/status.h"

typedef struct NmRing NmRing;

// A ring of at least `n_items` items of `size_item` bytes (rounded up to a power of two). NULL when memory is
// out.
NmRing *nm_ring_new(size_t n_items, size_t size_item);
void nm_ring_free(NmRing *ring);

// Writes up to `n` items, returns how many fitted. Producer thread only; never blocks or allocates.
size_t nm_ring_write(NmRing *ring, const void *items, size_t n);

// Reads up to `n` items, returns how many there were. Consumer thread only; never blocks or allocates.
size_t nm_ring_read(NmRing *ring, void *items, size_t n);

// Items that can be read (a lower bound for the consumer) or written (a lower bound for the producer) now.
size_t nm_ring_get_n_readable(const NmRing *ring);
size_t nm_ring_get_n_writable(const NmRing *ring);

#endif
