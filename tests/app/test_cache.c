// SPDX-License-Identifier: GPL-3.0-or-later
// The cache: what was put is found, what is broken is not, and old entries go.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/jobs/cache.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"

static int set_up(void **state)
{
  enter_scratch();
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static NmHash key_of(uint64_t i)
{
  NmHash key;
  nm_hash_init(&key);
  nm_hash_add_u64(&key, i);
  return key;
}

static const char *path_of(const NmHash *key)
{
  static char path[128];
  snprintf(path, sizeof path, "cache/deep/%016llx%016llx.phrase", (unsigned long long)key->word[0],
           (unsigned long long)key->word[1]);
  return path;
}

static void test_put_and_get(void **state)
{
  char bytes[8] = "";
  size_t n;
  NmError err = {0};
  NmCache *cache = nm_cache_new("cache/deep", 1 << 20, &err);
  const NmHash a = key_of(1), b = key_of(2);
  assert_non_null(cache);
  assert_false(nm_cache_get(cache, &a, bytes, 8));
  nm_cache_put(cache, &a, "content", 8);
  assert_true(nm_cache_get(cache, &a, bytes, 8));
  assert_string_equal(bytes, "content");
  assert_false(nm_cache_get(cache, &a, bytes, 7)); // of another size
  assert_false(nm_cache_get(cache, &b, bytes, 8));
  char *any = nm_cache_get_any(cache, &a, &n);
  assert_int_equal(n, 8);
  assert_string_equal(any, "content");
  free(any);
  nm_cache_free(cache);
  cache = nm_cache_new("cache/deep", 1 << 20, &err);
  assert_true(nm_cache_get(cache, &a, bytes, 8));
  const NmCacheStats stats = nm_cache_get_stats(cache);
  assert_int_equal(stats.n_hits, 1);
  nm_cache_free(cache);
  assert_false(nm_cache_get(NULL, &a, bytes, 8));
  nm_cache_put(NULL, &a, bytes, 8);
}

// Every changed byte, and every missing one, is noticed.
static void test_broken(void **state)
{
  char bytes[8];
  size_t n;
  const NmHash key = key_of(1);
  NmCache *cache = nm_cache_new("cache/deep", 1 << 20, NULL);
  nm_cache_put(cache, &key, "content", 8);
  char *whole = read_file(path_of(&key), &n);
  for (size_t i = 0; i < n; ++i) {
    whole[i] ^= 1;
    write_file(path_of(&key), whole, n);
    assert_false(nm_cache_get(cache, &key, bytes, 8));
    assert_false(file_exists(path_of(&key)));
    whole[i] ^= 1;
    write_file(path_of(&key), whole, i);
    assert_false(nm_cache_get(cache, &key, bytes, 8));
  }
  write_file(path_of(&key), whole, n);
  assert_true(nm_cache_get(cache, &key, bytes, 8));
  assert_int_equal(nm_cache_get_stats(cache).n_broken, 2 * n);
  free(whole);
  nm_cache_free(cache);
}

// What was used longest ago goes first; what a dead writer left goes too.
static void test_size(void **state)
{
  char bytes[1000] = "x";
  const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
  NmCache *cache = nm_cache_new("cache/deep", 6000, NULL);
  for (uint64_t i = 0; i < 10; ++i) {
    const NmHash key = key_of(i);
    nm_cache_put(cache, &key, bytes, sizeof bytes);
    const struct timespec used[2] = {{.tv_sec = 2000 + (time_t)i}, {.tv_sec = 2000 + (time_t)i}};
    assert_int_equal(utimensat(AT_FDCWD, path_of(&key), used, 0), 0);
  }
  const NmHash first = key_of(0), second = key_of(1), last = key_of(9);
  assert_true(nm_cache_get(cache, &first, bytes, sizeof bytes)); // used now
  write_file("cache/deep/0.phrase.123", "torn", 4);
  assert_int_equal(utimensat(AT_FDCWD, "cache/deep/0.phrase.123", old, 0), 0);
  write_file("cache/deep/README", "mine", 4);
  nm_cache_free(cache);
  assert_true(file_exists(path_of(&first)));
  assert_false(file_exists(path_of(&second)));
  assert_true(file_exists(path_of(&last)));
  assert_false(file_exists("cache/deep/0.phrase.123"));
  assert_true(file_exists("cache/deep/README"));
}

static void test_no_folder(void **state)
{
  NmError err = {0};
  write_file("file", "x", 1);
  assert_null(nm_cache_new("file/cache", 1, &err));
  assert_non_null(strstr(err.message, "cannot use the cache folder file/cache"));
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  assert_null(nm_cache_new(NULL, 1, &err));
  assert_non_null(strstr(err.message, "--cache"));
  char here[4096];
  assert_non_null(getcwd(here, sizeof here));
  setenv("HOME", here, 1);
  NmCache *cache = nm_cache_new(NULL, 1, &err);
  assert_non_null(cache);
  assert_true(file_exists(".cache/neume/phrases"));
  nm_cache_free(cache);
}

static bool use(void *context)
{
  char bytes[8];
  const NmHash key = key_of(3);
  NmCache *cache = nm_cache_new("cache/deep", 1, NULL);
  if (!cache) return false;
  nm_cache_put(cache, &key, "content", 8);
  const bool ok = nm_cache_get(cache, &key, bytes, 8);
  nm_cache_free(cache);
  return ok;
}

static void test_no_memory(void **state)
{
  assert_true(nm_fail_alloc_each(use, NULL, true) > 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_put_and_get, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown(test_broken, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown(test_size, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown(test_no_folder, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
