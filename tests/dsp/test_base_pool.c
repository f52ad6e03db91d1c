// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "dsp/base/pool.h"
#include "tests/support/fail_alloc.h"

enum { N_CHUNKS = 257, LEN_CHUNK = 33 };

typedef struct {
  float values[N_CHUNKS][LEN_CHUNK];
  _Atomic int n_calls[N_CHUNKS];
  _Atomic bool wrong_worker;
  int n_threads;
} Loop;

static void work(void *ctx, int64_t chunk, int worker)
{
  Loop *loop = ctx;
  if (worker < 0 || worker >= loop->n_threads) atomic_store(&loop->wrong_worker, true);
  atomic_fetch_add(&loop->n_calls[chunk], 1);
  for (int i = 0; i < LEN_CHUNK; ++i) loop->values[chunk][i] = sinf((float)(chunk * LEN_CHUNK + i));
}

static void run_loop(Loop *loop, int n_threads)
{
  NmPool *pool = nm_pool_new(n_threads);
  assert_non_null(pool);
  assert_int_equal(nm_pool_get_n_threads(pool), n_threads);
  memset(loop, 0, sizeof *loop);
  loop->n_threads = n_threads;
  nm_pool_run(pool, N_CHUNKS, work, loop);
  nm_pool_free(pool);
}

static void test_same_bytes_for_any_number_of_threads(void **state)
{
  static Loop one, many;
  run_loop(&one, 1);
  for (int n_threads = 2; n_threads <= 4; ++n_threads) {
    run_loop(&many, n_threads);
    assert_memory_equal(one.values, many.values, sizeof one.values);
    assert_false(atomic_load(&many.wrong_worker));
    for (int i = 0; i < N_CHUNKS; ++i) assert_int_equal(atomic_load(&many.n_calls[i]), 1);
  }
}

static void count(void *ctx, int64_t chunk, int worker)
{
  atomic_fetch_add((_Atomic int64_t *)ctx, chunk + 1);
}

// Loops that follow each other closely, of every length: none loses or repeats a chunk.
static void test_many_short_loops(void **state)
{
  NmPool *pool = nm_pool_new(3);
  for (int64_t n = 0; n < 2000; ++n) {
    _Atomic int64_t sum = 0;
    nm_pool_run(pool, n % 13, count, (void *)&sum);
    assert_int_equal(atomic_load(&sum), (n % 13) * (n % 13 + 1) / 2);
  }
  nm_pool_free(pool);
}

static void test_no_pool_runs_here(void **state)
{
  _Atomic int64_t sum = 0;
  assert_int_equal(nm_pool_get_n_threads(NULL), 1);
  nm_pool_run(NULL, 10, count, (void *)&sum);
  assert_int_equal(atomic_load(&sum), 55);
  nm_pool_free(NULL);
}

static void test_as_many_as_processors(void **state)
{
  NmPool *pool = nm_pool_new(0);
  assert_non_null(pool);
  assert_true(nm_pool_get_n_threads(pool) >= 1);
  nm_pool_free(pool);
}

static bool make(void *ctx)
{
  NmPool *pool = nm_pool_new(3);
  nm_pool_free(pool);
  return pool != NULL;
}

static void test_memory_out(void **state)
{
  assert_true(nm_fail_alloc_each(make, NULL, false) >= 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_bytes_for_any_number_of_threads),
      cmocka_unit_test(test_many_short_loops),
      cmocka_unit_test(test_no_pool_runs_here),
      cmocka_unit_test(test_as_many_as_processors),
      cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
