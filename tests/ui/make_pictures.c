// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of the studio for the README, with the demo song and the real voice: make_pictures FOLDER.
// docs/pictures/make calls it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/studio/file.h"
#include "tests/ui/puppet.h"

static const char *folder;

static void look(Puppet *p, const char *name)
{
  char path[512];
  NmError err = {0};
  puppet_rest(p);
  nm_studio_wait_for_voice(p->studio);
  puppet_rest(p);
  snprintf(path, sizeof path, "%s/%s.png", folder, name);
  if (nm_kit_screenshot(p->kit, path, &err)) fail_msg("%s", err.message);
}

static void pictures(void **state)
{
  Puppet p;
  NmError err = {0};
  puppet_open(&p, 1);
  if (nm_studio_open_copy(p.studio, NM_ASSETS "/demo.neume", &err)) fail_msg("%s", err.message);
  assert_int_equal(nm_studio_start_voice(p.studio), NM_OK);
  nm_studio_choose_note(p.studio, 5, false);
  puppet_move(&p, 700, 790);
  look(&p, "studio");
  nm_kit_set_theme(p.kit, NM_THEME_LIGHT);
  nm_axis_show(&p.studio->axis, 3 * 24, 12 * 24);
  nm_studio_choose_note(p.studio, 3, true);
  puppet_key(&p, 'v', 0);
  puppet_key(&p, NM_KEY_F1 + 3, 0);
  look(&p, "voice");
  puppet_close(&p);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(pictures)};
  folder = argc > 1 ? argv[1] : ".";
  return cmocka_run_group_tests(tests, NULL, NULL);
}
