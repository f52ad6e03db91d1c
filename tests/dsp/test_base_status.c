// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dsp/base/log.h"
#include "dsp/base/status.h"

static void test_error_keeps_place_and_cause(void **state)
{
  NmError err = {0};
  assert_int_equal(nm_error_set(&err, NM_ERR_IO, "%s: %d", "a.wav", 7), NM_ERR_IO);
  assert_string_equal(err.message, "a.wav: 7");
  assert_int_equal(err.status, NM_ERR_IO);
  assert_int_equal(err.offset, -1);
  assert_int_equal(err.line, 0);
  assert_int_equal(nm_error_set_at(&err, NM_ERR_BAD_DATA, 12, 3, "here"), NM_ERR_BAD_DATA);
  assert_int_equal(err.offset, 12);
  assert_int_equal(err.line, 3);
  assert_int_equal(nm_error_set(NULL, NM_ERR_CANCELLED, "unheard"), NM_ERR_CANCELLED);
}

static void test_long_messages_are_cut(void **state)
{
  NmError err;
  char text[2000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = 0;
  (void)nm_error_set(&err, NM_ERR_IO, "%s", text);
  assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

static void test_every_status_has_a_text(void **state)
{
  for (int s = NM_OK; s <= NM_ERR_CANCELLED; ++s) {
    assert_true(strlen(nm_status_text((NmStatus)s)) > 0);
    for (int other = NM_OK; other < s; ++other)
      assert_string_not_equal(nm_status_text((NmStatus)s), nm_status_text((NmStatus)other));
  }
  assert_string_equal(nm_status_text((NmStatus)99), "unknown status");
}

static void test_size_mul(void **state)
{
  size_t size = 0;
  assert_int_equal(nm_size_mul(6, 7, &size), NM_OK);
  assert_int_equal(size, 42);
  assert_int_equal(nm_size_mul(SIZE_MAX, 1, &size), NM_OK);
  assert_int_equal(nm_size_mul(SIZE_MAX / 2 + 1, 2, &size), NM_ERR_BAD_DATA);
  assert_int_equal(nm_size_mul(0, SIZE_MAX, &size), NM_OK);
}

typedef struct {
  NmLogLevel level;
  char text[2048];
} Heard;

static void hear(void *user, NmLogLevel level, const char *message)
{
  Heard *heard = user;
  heard->level = level;
  snprintf(heard->text, sizeof heard->text, "%s", message);
}

static void test_log_reaches_the_sink(void **state)
{
  Heard heard = {0};
  nm_log(NM_LOG_ERROR, "nobody listens");
  nm_log_set_sink(hear, &heard);
  nm_log(NM_LOG_WARNING, "%s %d", "clip", 3);
  assert_int_equal(heard.level, NM_LOG_WARNING);
  assert_string_equal(heard.text, "clip 3");
  nm_log(NM_LOG_INFO, "%2000d", 1);
  assert_int_equal(strlen(heard.text), 1023);
  nm_log_set_sink(NULL, NULL);
  nm_log(NM_LOG_ERROR, "nobody listens");
  assert_int_equal(heard.level, NM_LOG_INFO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_error_keeps_place_and_cause), cmocka_unit_test(test_long_messages_are_cut),
      cmocka_unit_test(test_every_status_has_a_text),     cmocka_unit_test(test_size_mul),
      cmocka_unit_test(test_log_reaches_the_sink),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
