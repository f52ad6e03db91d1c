// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/sheet_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

// Characters 0x80 to 0x9F of Windows-1252; 0 where it has none.
static const uint16_t windows[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                     0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                     0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                     0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// Reads characters one after the other.
typedef struct {
  const uint8_t *bytes;
  size_t n, at;
  enum { UTF8, WINDOWS, UTF16_LITTLE, UTF16_BIG } encoding;
} Reader;

static int32_t next_unit(Reader *reader)
{
  const uint8_t *b = reader->bytes + reader->at;
  if (reader->n - reader->at < 2) {
    reader->at = reader->n;
    return ' ';
  }
  reader->at += 2;
  return reader->encoding == UTF16_BIG ? b[0] << 8 | b[1] : b[1] << 8 | b[0];
}

static int32_t next_utf16(Reader *reader)
{
  const int32_t high = next_unit(reader);
  if (high < 0xD800 || high > 0xDFFF) return high;
  const size_t back = reader->at;
  const int32_t low = reader->at < reader->n ? next_unit(reader) : 0;
  if (high < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF)
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  reader->at = back;
  return ' ';
}

static int32_t next_character(Reader *reader)
{
  utf8proc_int32_t c;
  if (reader->encoding == UTF16_LITTLE || reader->encoding == UTF16_BIG) return next_utf16(reader);
  if (reader->encoding == UTF8) {
    reader->at +=
        (size_t)utf8proc_iterate(reader->bytes + reader->at, (utf8proc_ssize_t)(reader->n - reader->at), &c);
    return c;
  }
  c = reader->bytes[reader->at++];
  if (c < 0x80 || c > 0x9F) return c;
  return windows[c - 0x80] ? windows[c - 0x80] : ' ';
}

static bool is_utf8(const uint8_t *bytes, size_t n)
{
  utf8proc_int32_t c;
  for (size_t i = 0; i < n;) {
    const utf8proc_ssize_t len = utf8proc_iterate(bytes + i, (utf8proc_ssize_t)(n - i), &c);
    if (len < 1) return false;
    i += (size_t)len;
  }
  return true;
}

static Reader reader_of(const uint8_t *bytes, size_t n)
{
  Reader reader = {.bytes = bytes, .n = n, .encoding = WINDOWS};
  if (n >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE)
    reader.encoding = UTF16_LITTLE;
  else if (n >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF)
    reader.encoding = UTF16_BIG;
  else if (is_utf8(bytes, n))
    reader.encoding = UTF8;
  return reader;
}

// What stands for a character: ' ', '\n', itself, or 0 to drop it.
static int32_t clean(int32_t c)
{
  if (c == '\n' || c == 0x2028 || c == 0x2029 || c == 0x85 || c == '\f' || c == '\v') return '\n';
  if (c < ' ' || c == 0x7F || (c >= 0x80 && c < 0xA0)) return ' ';
  if (c == 0xAD || c == 0xFEFF || (c >= 0x200B && c <= 0x200F) || c == 0x2060) return 0;
  if (c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000)
    return ' ';
  return c;
}

NmStatus nm_sheet_decode(const uint8_t *bytes, size_t n, const char *name, char **text, size_t *len,
                         NmError *err)
{
  Reader reader = reader_of(bytes, n);
  const bool wide = reader.encoding == UTF16_LITTLE || reader.encoding == UTF16_BIG;
  *text = NULL;
  *len = 0;
  if (!wide && n && memchr(bytes, 0, n))
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: this is no text file; lyrics are plain text", name);
  char *out = malloc(n * 3 + 1);
  if (!out) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", name);
  bool after_return = false;
  while (reader.at < n) {
    const int32_t c = next_character(&reader), cleaned = c == '\r' ? '\n' : clean(c);
    if (cleaned && !(c == '\n' && after_return))
      *len += (size_t)utf8proc_encode_char(cleaned, (utf8proc_uint8_t *)out + *len);
    after_return = c == '\r';
  }
  out[*len] = '\0';
  *text = out;
  return NM_OK;
}
