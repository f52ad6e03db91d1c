// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <string.h>

#include "dsp/base/arena.h"
#include "tests/support/fail_alloc.h"

static void test_memory_is_aligned_and_apart(void **state)
{
  NmArena arena;
  unsigned char *parts[200];
  nm_arena_init(&arena, 1000);
  for (int i = 0; i < 200; ++i) {
    parts[i] = nm_arena_alloc(&arena, (size_t)i + 1);
    assert_non_null(parts[i]);
    assert_int_equal((uintptr_t)parts[i] % 64, 0);
    memset(parts[i], i, (size_t)i + 1);
  }
  for (int i = 0; i < 200; ++i)
    for (int k = 0; k <= i; ++k) assert_int_equal(parts[i][k], i);
  nm_arena_fini(&arena);
}

// Large blocks are of any size too, whatever pages they lie in.
static void test_large_blocks(void **state)
{
  NmArena arena;
  nm_arena_init(&arena, 64);
  for (size_t size = ((size_t)2 << 20) - 100; size < (size_t)5 << 20; size += 700001) {
    unsigned char *part = nm_arena_alloc(&arena, size);
    assert_non_null(part);
    assert_int_equal((uintptr_t)part % 64, 0);
    memset(part, 1, size);
  }
  nm_arena_fini(&arena);
}

static void test_reset_takes_nothing_more_from_the_heap(void **state)
{
  NmArena arena;
  nm_arena_init(&arena, 256);
  for (int i = 0; i < 50; ++i) assert_non_null(nm_arena_alloc(&arena, 100 + (size_t)i * 17));
  nm_alloc_guard_begin();
  for (int round = 0; round < 3; ++round) {
    nm_arena_reset(&arena);
    for (int i = 0; i < 50; ++i) assert_non_null(nm_arena_alloc(&arena, 100 + (size_t)i * 17));
  }
  assert_int_equal(nm_alloc_guard_end(), 0);
  nm_arena_fini(&arena);
}

static void test_calloc_zeroes_used_memory(void **state)
{
  NmArena arena;
  nm_arena_init(&arena, 0);
  memset(nm_arena_alloc(&arena, 4000), 0xff, 4000);
  nm_arena_reset(&arena);
  const unsigned char *zeros = nm_arena_calloc(&arena, 1000, 4);
  for (int i = 0; i < 4000; ++i) assert_int_equal(zeros[i], 0);
  nm_arena_fini(&arena);
}

static void test_sizes_that_overflow(void **state)
{
  NmArena arena;
  nm_arena_init(&arena, 64);
  assert_null(nm_arena_alloc(&arena, SIZE_MAX));
  assert_null(nm_arena_alloc(&arena, SIZE_MAX - 100));
  assert_null(nm_arena_calloc(&arena, SIZE_MAX / 2, 3));
  assert_non_null(nm_arena_alloc(&arena, 0));
  nm_arena_fini(&arena);
}

static bool fill_some(void *ctx)
{
  NmArena arena;
  bool ok = true;
  nm_arena_init(&arena, 128);
  for (int i = 0; i < 10 && ok; ++i) ok = nm_arena_alloc(&arena, 100) != NULL;
  nm_arena_fini(&arena);
  return ok;
}

static void test_memory_out(void **state)
{
  assert_true(nm_fail_alloc_each(fill_some, NULL, false) >= 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_memory_is_aligned_and_apart),
      cmocka_unit_test(test_large_blocks),
      cmocka_unit_test(test_reset_takes_nothing_more_from_the_heap),
      cmocka_unit_test(test_calloc_zeroes_used_memory),
      cmocka_unit_test(test_sizes_that_overflow),
      cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
