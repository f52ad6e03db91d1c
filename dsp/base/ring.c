// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct NmRing {
  _Alignas(64) _Atomic size_t head; // items ever written
  _Alignas(64) _Atomic size_t tail; // items ever read
  _Alignas(64) size_t n_items;      // power of two
  size_t size_item;
  unsigned char *data; // [n_items * size_item]
};

NmRing *nm_ring_new(size_t n_items, size_t size_item)
{
  size_t n = 1, size;
  while (n < n_items && n <= SIZE_MAX / 4) n *= 2;
  if (n < n_items || size_item == 0 || nm_size_mul(n, size_item, &size) != NM_OK) return NULL;
  NmRing *ring = aligned_alloc(64, sizeof *ring);
  unsigned char *data = malloc(size);
  if (!ring || !data) {
    free(ring);
    free(data);
    return NULL;
  }
  memset(ring, 0, sizeof *ring);
  ring->n_items = n;
  ring->size_item = size_item;
  ring->data = data;
  return ring;
}

void nm_ring_free(NmRing *ring)
{
  if (!ring) return;
  free(ring->data);
  free(ring);
}

static size_t min_size(size_t a, size_t b)
{
  return a < b ? a : b;
}

size_t nm_ring_write(NmRing *ring, const void *items, size_t n)
{
  const size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
  const size_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
  n = min_size(n, ring->n_items - (head - tail));
  const size_t at = head & (ring->n_items - 1);
  const size_t n_first = min_size(n, ring->n_items - at);
  memcpy(ring->data + at * ring->size_item, items, n_first * ring->size_item);
  memcpy(ring->data, (const unsigned char *)items + n_first * ring->size_item,
         (n - n_first) * ring->size_item);
  atomic_store_explicit(&ring->head, head + n, memory_order_release);
  return n;
}

size_t nm_ring_read(NmRing *ring, void *items, size_t n)
{
  const size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
  const size_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
  n = min_size(n, head - tail);
  const size_t at = tail & (ring->n_items - 1);
  const size_t n_first = min_size(n, ring->n_items - at);
  memcpy(items, ring->data + at * ring->size_item, n_first * ring->size_item);
  memcpy((unsigned char *)items + n_first * ring->size_item, ring->data, (n - n_first) * ring->size_item);
  atomic_store_explicit(&ring->tail, tail + n, memory_order_release);
  return n;
}

size_t nm_ring_get_n_readable(const NmRing *ring)
{
  return atomic_load_explicit(&ring->head, memory_order_acquire) -
         atomic_load_explicit(&ring->tail, memory_order_acquire);
}

size_t nm_ring_get_n_writable(const NmRing *ring)
{
  return ring->n_items - nm_ring_get_n_readable(ring);
}
