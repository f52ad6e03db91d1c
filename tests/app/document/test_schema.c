// SPDX-License-Identifier: GPL-3.0-or-later
// assets/neume.schema.json is the table of app/document/schema_table.c. After a change of the table:
// NM_WRITE_SCHEMA=1 build/dev/tests/test_schema
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/document/schema.h"
#include "tests/support/program.h"

#define SCHEMA NM_ASSETS "/neume.schema.json"

static void test_file(void **state)
{
  char *printed = NULL;
  size_t n, n_file = 0;
  FILE *file = open_memstream(&printed, &n);
  assert_int_equal(nm_schema_print(file, NULL), NM_OK);
  assert_int_equal(fclose(file), 0);
  if (getenv("NM_WRITE_SCHEMA")) write_file(SCHEMA, printed, n);
  char *content = read_file(SCHEMA, &n_file);
  assert_non_null(content);
  if (n != n_file || strcmp(content, printed) != 0) fail_msg("the schema in assets is not that of the table");
  free(content);
  free(printed);
}

static void check_place(const char *pointer, const char *expected)
{
  char place[64];
  nm_schema_print_place(pointer, place, sizeof place);
  assert_string_equal(place, expected);
}

static void test_places(void **state)
{
  check_place("", "");
  check_place("/notes/12/pitch", "notes[12].pitch");
  check_place("/lines/0/words/1/syllables/2/notes/3", "lines[0].words[1].syllables[2].notes[3]");
  check_place("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/0/1/2/3/4/5/6/7/8/9",
              "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z[0][1][2][3]");
}

static void test_finding(void **state)
{
  assert_ptr_equal(nm_schema_find(""), &nm_document_field);
  assert_string_equal(nm_schema_find("/notes/5/pitch")->name, "pitch");
  assert_string_equal(nm_schema_find("/pitch_curve/5/1")->name, "cents");
  assert_null(nm_schema_find("/pitch_curve/5/2"));
  assert_null(nm_schema_find("/notes/5/colour"));
  assert_null(nm_schema_find("/view/zoom"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_file), cmocka_unit_test(test_places),
                                     cmocka_unit_test(test_finding)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
