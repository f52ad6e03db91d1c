// SPDX-License-Identifier: GPL-3.0-or-later
// The studio's words and their translations: complete, up to date, and with keys that tell the items of a
// menu apart.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/studio/actions.h"
#include "tests/support/program.h"
#include "ui/kit/words.h"

#define PO NM_TEST_DATA "/../po/"

static void the_catalogue_is_up_to_date(void **state)
{
  enter_scratch();
  Ran ran = RUN(NULL, PO "update", "now.pot");
  if (ran.exit_code) fail_msg("po/update: %s (is the package gettext installed?)", ran.err);
  ran_free(&ran);
  size_t n;
  char *now = read_file("now.pot", &n), *kept = read_file(PO "neume.pot", &n);
  if (strcmp(now, kept))
    fail_msg(
        "po/neume.pot is stale: cmake --build build/dev --target po, then fill the empty words of po/de.po");
  free(now);
  free(kept);
  leave_scratch();
}

// The next text of a catalogue that begins with `key` at a line's beginning, as it stands there; NULL: none.
static char *next(char **at, const char *key)
{
  char *found = *at;
  while (found && strncmp(found, key, strlen(key))) {
    found = strchr(found, '\n');
    if (found) found++;
  }
  if (!found) return NULL;
  char *end = found;
  do {
    end = strchr(end + 1, '\n');
  } while (end && end[1] == '"');
  if (!end) return NULL;
  *end = 0;
  *at = end + 1;
  return found + strlen(key);
}

static void check_language(const char *language)
{
  char path[512];
  snprintf(path, sizeof path, PO "%s.po", language);
  size_t len;
  char *pot = read_file(PO "neume.pot", &len), *po = read_file(path, &len), *at = pot, *at_po = po, *id,
       *id_po;
  int n = 0;
  if (strstr(po, "\n#, fuzzy") || strstr(po, "\n#~"))
    fail_msg("%s has words that are not sure or too many", path);
  while ((id = next(&at, "msgid "))) {
    id_po = next(&at_po, "msgid ");
    if (!id_po || strcmp(id, id_po)) fail_msg("%s lacks %s", path, id);
    char *text = next(&at_po, "msgstr");
    assert_non_null(text);
    if (strstr(text, " \"\"") && !strchr(text, '\n')) fail_msg("%s: %s is not translated", path, id);
    n++;
  }
  assert_true(n > 300);
  assert_null(next(&at_po, "msgid "));
  free(pot);
  free(po);
}

static void everything_is_translated(void **state)
{
  check_language("de");
}

static char accelerator_of(const char *label)
{
  const char *mark = strchr(label, '&');
  if (!mark) return 0;
  if (strchr(mark + 1, '&')) fail_msg("'%s' has two keys", label);
  char key = mark[1];
  if (!((key >= 'a' && key <= 'z') || (key >= 'A' && key <= 'Z')))
    fail_msg("'%s' has a key that is no letter", label);
  return (char)(key | 0x20);
}

static void check_keys(const char *language)
{
  char folder[] = NM_LOCALE, used[128], bar[128] = {0};
  const char *menu = NULL;
  nm_words_init(folder, language);
  for (const NmAction *action = nm_actions; action->menu; action++) {
    if (!menu || strcmp(menu, action->menu)) {
      memset(used, 0, sizeof used);
      menu = action->menu;
      char key = accelerator_of(_(menu));
      if (!key || bar[(int)key]++) fail_msg("%s: the menu '%s' has no key of its own", language, _(menu));
    }
    char key = action->label ? accelerator_of(_(action->label)) : 0;
    if (key && used[(int)key]++)
      fail_msg("%s: '%s' shares its key in '%s'", language, _(action->label), _(menu));
  }
}

static void keys_tell_items_apart(void **state)
{
  check_keys("en");
  assert_string_equal(_("&File"), "&File");
  check_keys("de");
  assert_string_equal(_("&File"), "&Datei");
  nm_words_init(NULL, "en");
}

static void the_environment_is_obeyed(void **state)
{
  setenv("LC_ALL", "de_XX.UTF-8", 1); // which no system has
  unsetenv("LANGUAGE");
  nm_words_init(NM_LOCALE, NULL);
  assert_string_equal(_("&Help"), "&Hilfe");
  setenv("LC_ALL", "C", 1);
  setenv("LANGUAGE", "fr:de", 1);
  nm_words_init(NM_LOCALE, NULL);
  assert_string_equal(_("&Help"), "&Hilfe");
  unsetenv("LANGUAGE");
  nm_words_init(NM_LOCALE, NULL);
  assert_string_equal(_("&Help"), "&Help");
  unsetenv("LC_ALL");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_catalogue_is_up_to_date), cmocka_unit_test(everything_is_translated),
      cmocka_unit_test(keys_tell_items_apart), cmocka_unit_test(the_environment_is_obeyed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
