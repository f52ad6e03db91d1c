// SPDX-License-Identifier: GPL-3.0-or-later
// A user's own pronunciations, read from a text file again whenever it changes.
#ifndef NM_TEXT_USER_LEXICON_H
#define NM_TEXT_USER_LEXICON_H

#include "models/text/normalise.h"
#include "models/text/pronounce.h"

typedef struct NmUserLexicon NmUserLexicon;

// Reads `path`. `pronouncer` says respellings and its lexicon knows words; both are borrowed. NULL and `err`
// (file, line, cause) when a line cannot be understood.
NmUserLexicon *nm_user_lexicon_new(const char *path, const NmPronouncer *pronouncer, NmError *err);
void nm_user_lexicon_free(NmUserLexicon *lexicon);

// Reads the file again when its time, size or identity changed. When the new text is broken, logs it once and
// keeps what was there.
void nm_user_lexicon_refresh(NmUserLexicon *lexicon);

// The longest entry that begins with token `i`, boundaries inside it not allowed; its reading, and how many
// tokens it covers, 0 when there is none.
size_t nm_user_lexicon_match(const NmUserLexicon *lexicon, const NmTextTokens *tokens, size_t i,
                             NmReading *reading);

// The parser alone, for text that is in memory; `path` only names it in errors.
NmUserLexicon *nm_user_lexicon_parse(const char *path, const char *text, size_t len,
                                     const NmPronouncer *pronouncer, NmError *err);

#endif
