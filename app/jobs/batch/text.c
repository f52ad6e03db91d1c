// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { PRIVATE = 0x10f700, N_ENCODED = 4 };

static utf8proc_ssize_t read_character(const char *at, utf8proc_int32_t *c)
{
  return utf8proc_iterate((const uint8_t *)at, -1, c);
}

json_t *nm_batch_text_encode(const char *bytes)
{
  if (!bytes) return NULL;
  char *text = malloc(N_ENCODED * strlen(bytes) + 1), *out = text;
  if (!text) return NULL;
  while (*bytes) {
    utf8proc_int32_t c;
    utf8proc_ssize_t n = read_character(bytes, &c);
    if (n > 0) {
      memcpy(out, bytes, (size_t)n);
      out += n;
    } else {
      n = 1;
      out += utf8proc_encode_char(PRIVATE + (uint8_t)*bytes, (uint8_t *)out);
    }
    bytes += n;
  }
  *out = '\0';
  json_t *string = json_string(text);
  free(text);
  return string;
}

void nm_batch_text_decode(char *text)
{
  char *out = text;
  while (*text) {
    utf8proc_int32_t c;
    const utf8proc_ssize_t n = read_character(text, &c);
    if (n > 0 && c >= PRIVATE && c <= PRIVATE + UINT8_MAX) {
      *out++ = (char)(c - PRIVATE);
      text += n;
    } else {
      for (utf8proc_ssize_t i = 0; i < (n > 0 ? n : 1); ++i) *out++ = *text++;
    }
  }
  *out = '\0';
}
