// SPDX-License-Identifier: GPL-3.0-or-later
// The spoken words of one text, as the normaliser writes them down.
#ifndef NM_TEXT_TOKENS_H
#define NM_TEXT_TOKENS_H

#include "models/text/text.h"

typedef enum {
  NM_TOKEN_WORD,
  NM_TOKEN_LETTER, // the name of a letter, `'s` may follow it
  NM_TOKEN_PHONES  // given in phones, inline
} NmTokenKind;

enum {
  NM_TOKEN_CAPITAL = 1, // written with a capital letter
  NM_TOKEN_PREFIX = 2,  // a hyphen follows: "re-enter"
  NM_TOKEN_SUFFIX = 4,  // a hyphen comes before
  NM_TOKEN_QUOTED = 8   // given by a rule for numbers or symbols, not by letters of the text
};

typedef struct {
  uint32_t text, len_text;           // in NmTextTokens.chars, terminated by 0
  uint32_t source_start, source_end; // bytes of the text; source_end 0: not known yet
  uint8_t kind, flags;
  NmBoundary boundary;
  uint32_t phone_first, n_phones; // in NmTextTokens.phones, for NM_TOKEN_PHONES
  uint32_t splits;                // bit i: a new part begins at byte i ("FreeSwitch")
} NmTextToken;

typedef struct {
  NmTextToken *tokens; // [n]
  char *chars;         // [n_chars]
  int32_t *phones;     // [n_phones]
  size_t n, capacity, n_chars, capacity_chars, n_phones, capacity_phones;
  bool failed; // memory ran out: the list is not complete
} NmTextTokens;

// Forgets all, keeps the memory.
void nm_tokens_reset(NmTextTokens *tokens);
void nm_tokens_fini(NmTextTokens *tokens);

// Appends a word of `len` bytes in lower case and answers it, NULL when memory is out.
NmTextToken *nm_tokens_add(NmTextTokens *tokens, const char *text, size_t len, NmTokenKind kind, int flags);

// Appends a phone to the last token.
void nm_tokens_add_phone(NmTextTokens *tokens, int32_t phone);

// Strengthens the boundary after the last word; does nothing when there is none.
void nm_tokens_mark(NmTextTokens *tokens, NmBoundary boundary);

static inline const char *nm_token_text(const NmTextTokens *tokens, const NmTextToken *token)
{
  return tokens->chars + token->text;
}

#endif
