// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/tokens.h"

#include <ctype.h>
#include <stdlib.h>

void nm_tokens_reset(NmTextTokens *tokens)
{
  tokens->n = tokens->n_chars = tokens->n_phones = 0;
  tokens->failed = false;
}

void nm_tokens_fini(NmTextTokens *tokens)
{
  free(tokens->tokens);
  free(tokens->chars);
  free(tokens->phones);
  *tokens = (NmTextTokens){0};
}

// Room for `n` objects of `size` bytes in *array.
static bool reserve(NmTextTokens *tokens, void *array, size_t *capacity, size_t n, size_t size)
{
  void **memory = array;
  if (n <= *capacity) return true;
  const size_t more = n + n / 2 + 64;
  void *grown = realloc(*memory, more * size);
  if (!grown) {
    tokens->failed = true;
    return false;
  }
  *memory = grown;
  *capacity = more;
  return true;
}

NmTextToken *nm_tokens_add(NmTextTokens *tokens, const char *text, size_t len, NmTokenKind kind, int flags)
{
  if (!reserve(tokens, &tokens->tokens, &tokens->capacity, tokens->n + 1, sizeof *tokens->tokens) ||
      !reserve(tokens, &tokens->chars, &tokens->capacity_chars, tokens->n_chars + len + 1, 1))
    return NULL;
  NmTextToken *token = &tokens->tokens[tokens->n++];
  *token = (NmTextToken){.text = (uint32_t)tokens->n_chars,
                         .len_text = (uint32_t)len,
                         .kind = (uint8_t)kind,
                         .flags = (uint8_t)flags,
                         .phone_first = (uint32_t)tokens->n_phones};
  for (size_t i = 0; i < len; i++) tokens->chars[tokens->n_chars++] = (char)tolower((unsigned char)text[i]);
  tokens->chars[tokens->n_chars++] = '\0';
  return token;
}

void nm_tokens_add_phone(NmTextTokens *tokens, int32_t phone)
{
  if (!tokens->n || !reserve(tokens, &tokens->phones, &tokens->capacity_phones, tokens->n_phones + 1,
                             sizeof *tokens->phones))
    return;
  tokens->phones[tokens->n_phones++] = phone;
  tokens->tokens[tokens->n - 1].n_phones++;
}

void nm_tokens_mark(NmTextTokens *tokens, NmBoundary boundary)
{
  if (tokens->n && tokens->tokens[tokens->n - 1].boundary < boundary)
    tokens->tokens[tokens->n - 1].boundary = boundary;
}
