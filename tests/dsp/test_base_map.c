// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsp/base/map.h"

static void make_file(char *path, const void *data, size_t size)
{
  strcpy(path, "neume-map-XXXXXX");
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, data, size), size);
  close(fd);
}

static void test_maps_what_is_there(void **state)
{
  char path[64];
  NmMap map;
  NmError err = {0};
  make_file(path, "neume\0x", 7);
  assert_int_equal(nm_map_open(&map, path, &err), NM_OK);
  assert_int_equal(map.size, 7);
  assert_memory_equal(map.data, "neume\0x", 7);
  nm_map_close(&map);
  assert_null(map.data);
  nm_map_close(&map);
  unlink(path);
}

static void test_empty_file(void **state)
{
  char path[64];
  NmMap map;
  make_file(path, "", 0);
  assert_int_equal(nm_map_open(&map, path, NULL), NM_OK);
  assert_null(map.data);
  assert_int_equal(map.size, 0);
  nm_map_close(&map);
  unlink(path);
}

static void test_refusals_name_the_file(void **state)
{
  NmMap map;
  NmError err = {0};
  assert_int_equal(nm_map_open(&map, "/nonexistent/file", &err), NM_ERR_IO);
  assert_non_null(strstr(err.message, "/nonexistent/file"));
  assert_non_null(strstr(err.message, "No such file"));
  assert_int_equal(nm_map_open(&map, "/", &err), NM_ERR_IO);
  assert_non_null(strstr(err.message, "not a regular file"));
  assert_null(map.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_maps_what_is_there),
      cmocka_unit_test(test_empty_file),
      cmocka_unit_test(test_refusals_name_the_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
