// SPDX-License-Identifier: GPL-3.0-or-later
// Soundfonts that are whole, cut, or none.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/soundfont.h"
#include "tests/support/program.h"

static void test_whole_and_cut(void **state)
{
  char path[4096];
  size_t n;
  NmError err = {0};
  assert_int_equal(nm_soundfont_find(NULL, path, sizeof path, &err), NM_OK);
  char *bytes = read_file(path, &n);
  assert_non_null(bytes);
  assert_int_equal(nm_soundfont_check((uint8_t *)bytes, n, path, &err), NM_OK);
  for (size_t cut = 0; cut < n; cut += cut < 64 || n - cut < 64 ? 1 : 100003) {
    uint8_t *copy = malloc(cut ? cut : 1); // exact, so that the sanitizer sees a byte too far
    memcpy(copy, bytes, cut);
    assert_int_equal(nm_soundfont_check(copy, cut, "cut", &err), NM_ERR_BAD_DATA);
    free(copy);
  }
  bytes[n - 2000] ^= 1; // values are FluidSynth's to judge
  assert_int_equal(nm_soundfont_check((uint8_t *)bytes, n, path, &err), NM_OK);
  free(bytes);
}

static void test_sizes(void **state)
{
  NmError err = {0};
  static const uint8_t huge[] = "RIFF\xff\xff\xff\xffsfbkLIST\xff\xff\xff\xffINFO";
  assert_int_equal(nm_soundfont_check(huge, sizeof huge - 1, "huge", &err), NM_ERR_BAD_DATA);
  assert_int_equal(err.offset, 12);
  static const uint8_t none[] = "RIFF\4\0\0\0sfbkLIST\4\0\0\0INFOLIST\4\0\0\0sdtaLIST\4\0\0\0pdta";
  assert_int_equal(nm_soundfont_check(none, sizeof none - 1, "none", &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "phdr"));
}

static void test_missing(void **state)
{
  char path[8];
  NmError err = {0};
  assert_int_equal(nm_soundfont_find("/nowhere.sf2", path, sizeof path, &err), NM_ERR_IO);
  assert_int_equal(nm_soundfont_find(NM_LEXICON, path, sizeof path, &err), NM_ERR_IO);
  assert_non_null(strstr(err.message, "too long"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_whole_and_cut),
      cmocka_unit_test(test_sizes),
      cmocka_unit_test(test_missing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
