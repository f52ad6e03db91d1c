// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/words.h"

#include <locale.h>

void nm_words_init(const char *folder)
{
  setlocale(LC_CTYPE, "");
  setlocale(LC_MESSAGES, ""); // not LC_NUMERIC: files have points
  if (folder) bindtextdomain("neume", folder);
  bind_textdomain_codeset("neume", "UTF-8");
  textdomain("neume");
}
