// SPDX-License-Identifier: GPL-3.0-or-later
// Words that a user reads are marked for translation: _() where they are used, N_() where a table holds them.
// Without nm_words_init they stay English. The catalogues are in po/.
#ifndef NM_UI_KIT_WORDS_H
#define NM_UI_KIT_WORDS_H

#include <libintl.h>
#include <limits.h>
#include <stdbool.h>

#define _(text) gettext(text)
#define N_(text) text

// Chooses a language ("de", or several in order, "de:fr"), NULL: that of the environment, even if the system
// has no locale of it. Catalogues are searched in `folder`, NULL: the system's. One thread, before others
// ask.
void nm_words_init(const char *folder, const char *language);

// The folder of the catalogues that belong to this program: beside it, or where it is installed. False when
// there is none.
bool nm_words_find(char folder[PATH_MAX]);

#endif
