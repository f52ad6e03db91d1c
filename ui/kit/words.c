// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/words.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What the environment asks for, though the system has no such locale.
static const char *find_wish(void)
{
  static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
  for (int i = 0; i < 4; i++) {
    const char *value = getenv(names[i]);
    if (value && *value) return value;
  }
  return NULL;
}

// gettext translates nothing while the locale is "C"; C.UTF-8, which is always there, is another one.
static void choose_locale(const char *language)
{
  if (language) setenv("LANGUAGE", language, 1);
  const char *locale = setlocale(LC_MESSAGES, ""), *wish = find_wish();
  bool is_there = locale && strcmp(locale, "C") && strcmp(locale, "POSIX");
  if (is_there || !wish || !strcmp(wish, "C") || !strcmp(wish, "POSIX")) return;
  setlocale(LC_MESSAGES, "C.UTF-8");
  setenv("LANGUAGE", wish, 1);
}

void nm_words_init(const char *folder, const char *language)
{
  setlocale(LC_CTYPE, "");
  choose_locale(language); // not LC_NUMERIC: files have points
  if (folder) bindtextdomain("neume", folder);
  bind_textdomain_codeset("neume", "UTF-8");
  textdomain("neume");
}

bool nm_words_find(char folder[PATH_MAX])
{
  static const char *const places[] = {"locale", "../share/locale"};
  char program[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n < 0) return false;
  program[n] = 0;
  char *slash = strrchr(program, '/');
  if (slash) *slash = 0;
  for (int i = 0; i < 2; i++)
    if (snprintf(folder, PATH_MAX, "%s/%s", program, places[i]) < PATH_MAX && access(folder, R_OK) == 0)
      return true;
  return false;
}
