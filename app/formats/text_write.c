// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/text_write.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "models/speech/voice.h"

// Writes one character: `bytes` of it, UTF-8, code point `c`.
typedef void (*WriteChar)(FILE *file, int32_t c, const char *bytes, int n);

static void write_chars(FILE *file, const char *text, WriteChar write)
{
  utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(text);
  while (left > 0) {
    utf8proc_int32_t c;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, left, &c);
    const bool invalid = n <= 0;
    if (invalid) n = 1;
    write(file, invalid ? 0xfffd : c, invalid ? "\xef\xbf\xbd" : text, invalid ? 3 : (int)n);
    text += n;
    left -= n;
  }
}

static void write_bytes(FILE *file, const char *bytes, int n)
{
  fwrite(bytes, 1, (size_t)n, file);
}

static void write_json_char(FILE *file, int32_t c, const char *bytes, int n)
{
  if (c == '"' || c == '\\')
    fprintf(file, "\\%c", (int)c);
  else if (c == '\n')
    fputs("\\n", file);
  else if (c == '\t')
    fputs("\\t", file);
  else if (c < 0x20 || c == 0x7f)
    fprintf(file, "\\u%04x", (unsigned)c);
  else
    write_bytes(file, bytes, n);
}

static bool is_xml_char(int32_t c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xfffe && c != 0xffff);
}

static void write_xml_char(FILE *file, int32_t c, const char *bytes, int n)
{
  if (c == '&')
    fputs("&amp;", file);
  else if (c == '<')
    fputs("&lt;", file);
  else if (c == '>')
    fputs("&gt;", file);
  else if (c == '"')
    fputs("&quot;", file);
  else if (c == '\r')
    fputs("&#13;", file);
  else if (!is_xml_char(c))
    fputs("\xef\xbf\xbd", file);
  else
    write_bytes(file, bytes, n);
}

static void write_plain_char(FILE *file, int32_t c, const char *bytes, int n)
{
  if (c < 0x20 || c == 0x7f)
    fputc(' ', file);
  else
    write_bytes(file, bytes, n);
}

static void write_praat_char(FILE *file, int32_t c, const char *bytes, int n)
{
  if (c == '"')
    fputs("\"\"", file);
  else
    write_plain_char(file, c, bytes, n);
}

static void write_vtt_char(FILE *file, int32_t c, const char *bytes, int n)
{
  if (c == '&')
    fputs("&amp;", file);
  else if (c == '<')
    fputs("&lt;", file);
  else if (c == '>')
    fputs("&gt;", file);
  else
    write_plain_char(file, c, bytes, n);
}

void nm_write_json_string(FILE *file, const char *text)
{
  fputc('"', file);
  write_chars(file, text, write_json_char);
  fputc('"', file);
}

void nm_write_praat_text(FILE *file, const char *text)
{
  write_chars(file, text, write_praat_char);
}

void nm_write_vtt_text(FILE *file, const char *text)
{
  write_chars(file, text, write_vtt_char);
}

void nm_write_xml_text(FILE *file, const char *text)
{
  write_chars(file, text, write_xml_char);
}

bool nm_text_fits_xml(const char *text)
{
  utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(text);
  while (left > 0) {
    utf8proc_int32_t c;
    const utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, left, &c);
    if (n <= 0 || !is_xml_char(c)) return false;
    text += n;
    left -= n;
  }
  return true;
}

void nm_write_plain_text(FILE *file, const char *text)
{
  write_chars(file, text, write_plain_char);
}

void nm_write_seconds(FILE *file, int64_t samples)
{
  const int64_t micros = (samples * 1000000 + NM_VOICE_RATE_HZ / 2) / NM_VOICE_RATE_HZ;
  fprintf(file, "%lld.%06lld", (long long)(micros / 1000000), (long long)(micros % 1000000));
}
