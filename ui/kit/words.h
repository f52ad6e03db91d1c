// SPDX-License-Identifier: GPL-3.0-or-later
// Words that a user reads are marked for translation: _() where they are used, N_() where a table holds them.
// Without nm_words_init they stay English.
#ifndef NM_UI_KIT_WORDS_H
#define NM_UI_KIT_WORDS_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

// Chooses the language of the environment; catalogues are searched in `folder`, NULL: the system's.
void nm_words_init(const char *folder);

#endif
