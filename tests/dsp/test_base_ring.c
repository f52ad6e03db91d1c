// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

#include "dsp/base/ring.h"
#include "dsp/base/rng.h"
#include "tests/support/fail_alloc.h"

static void test_order_and_limits(void **state)
{
  NmRing *ring = nm_ring_new(5, sizeof(int32_t)); // rounded up to 8
  int32_t in[8], out[8];
  for (int i = 0; i < 8; ++i) in[i] = 100 + i;
  assert_int_equal(nm_ring_get_n_writable(ring), 8);
  assert_int_equal(nm_ring_read(ring, out, 1), 0);
  for (int round = 0; round < 20; ++round) { // passes the wrap at every offset
    assert_int_equal(nm_ring_write(ring, in, 8), 8);
    assert_int_equal(nm_ring_write(ring, in, 1), 0);
    assert_int_equal(nm_ring_read(ring, out, 3), 3);
    assert_int_equal(nm_ring_get_n_readable(ring), 5);
    assert_int_equal(nm_ring_read(ring, out + 3, 8), 5);
    assert_memory_equal(in, out, sizeof in);
    assert_int_equal(nm_ring_write(ring, in, 3), 3);
    assert_int_equal(nm_ring_read(ring, out, 8), 3);
  }
  nm_ring_free(ring);
}

static void test_sizes_not_allowed(void **state)
{
  assert_null(nm_ring_new(4, 0));
  assert_null(nm_ring_new(SIZE_MAX, 8));
  assert_null(nm_ring_new(SIZE_MAX / 8, 64));
  nm_ring_free(NULL);
}

enum { N_ITEMS = 400000 };

typedef struct {
  NmRing *ring;
  _Atomic bool wrong;
} Stress;

static void *produce(void *arg)
{
  Stress *stress = arg;
  NmRng rng;
  uint64_t block[64];
  nm_rng_init(&rng, 1);
  for (uint64_t sent = 0; sent < N_ITEMS;) {
    uint64_t n = 1 + nm_rng_below(&rng, 64);
    if (n > N_ITEMS - sent) n = N_ITEMS - sent;
    for (uint64_t i = 0; i < n; ++i) block[i] = nm_rng_mix(sent + i);
    const size_t n_written = nm_ring_write(stress->ring, block, n);
    sent += n_written;
    if (n_written == 0) sched_yield();
  }
  return NULL;
}

static void *consume(void *arg)
{
  Stress *stress = arg;
  NmRng rng;
  uint64_t block[64];
  nm_rng_init(&rng, 2);
  for (uint64_t received = 0; received < N_ITEMS;) {
    const size_t n = nm_ring_read(stress->ring, block, 1 + nm_rng_below(&rng, 64));
    for (size_t i = 0; i < n; ++i)
      if (block[i] != nm_rng_mix(received + i)) atomic_store(&stress->wrong, true);
    received += n;
    if (n == 0) sched_yield();
  }
  return NULL;
}

static void test_two_threads(void **state)
{
  Stress stress = {.ring = nm_ring_new(100, sizeof(uint64_t))};
  pthread_t producer, consumer;
  assert_int_equal(pthread_create(&producer, NULL, produce, &stress), 0);
  assert_int_equal(pthread_create(&consumer, NULL, consume, &stress), 0);
  pthread_join(producer, NULL);
  pthread_join(consumer, NULL);
  assert_false(atomic_load(&stress.wrong));
  assert_int_equal(nm_ring_get_n_readable(stress.ring), 0);
  nm_ring_free(stress.ring);
}

static void test_no_allocation_in_use(void **state)
{
  NmRing *ring = nm_ring_new(64, 4);
  int32_t block[64] = {0};
  nm_alloc_guard_begin();
  for (int i = 0; i < 100; ++i) {
    nm_ring_write(ring, block, 40);
    nm_ring_read(ring, block, 40);
  }
  assert_int_equal(nm_alloc_guard_end(), 0);
  nm_ring_free(ring);
}

static bool make(void *ctx)
{
  NmRing *ring = nm_ring_new(64, 4);
  nm_ring_free(ring);
  return ring != NULL;
}

static void test_memory_out(void **state)
{
  assert_int_equal(nm_fail_alloc_each(make, NULL, false), 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order_and_limits), cmocka_unit_test(test_sizes_not_allowed),
      cmocka_unit_test(test_two_threads),      cmocka_unit_test(test_no_allocation_in_use),
      cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
