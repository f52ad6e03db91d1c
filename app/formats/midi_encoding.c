// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/midi_encoding.h"

#include <iconv.h>
#include <string.h>
#include <utf8proc.h>

static bool is_utf8(const uint8_t *bytes, size_t len)
{
  utf8proc_int32_t c;
  for (size_t at = 0; at < len;) {
    const utf8proc_ssize_t n = utf8proc_iterate(bytes + at, (utf8proc_ssize_t)(len - at), &c);
    if (n <= 0) return false;
    at += (size_t)n;
  }
  return true;
}

static int32_t get_windows_char(uint8_t byte)
{
  static const uint16_t high[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                    0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                    0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
  return byte >= 0x80 && byte < 0xa0 ? high[byte - 0x80] : byte;
}

// What the bytes of all texts look like.
typedef struct {
  int64_t n_ascii_letters, n_high, n_cyrillic; // bytes; n_cyrillic: letters of Windows-1251
  int64_t n_double, n_kana;                    // characters of two bytes in Shift-JIS
  bool is_utf8, is_shift_jis, says_latin, says_japanese;
} Looks;

static bool is_lead(uint8_t byte)
{
  return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc);
}

// Shift-JIS, JIS X 0208 annex 1: kana begin with 0x82 (0x9f and up) or 0x83 (to 0x96).
static void look_for_japanese(const uint8_t *bytes, size_t len, Looks *looks)
{
  for (size_t i = 0; i < len; ++i) {
    const uint8_t a = bytes[i];
    if (a < 0x80 || (a >= 0xa1 && a <= 0xdf)) continue;
    const uint8_t b = i + 1 < len ? bytes[i + 1] : 0;
    if (!is_lead(a) || b < 0x40 || b == 0x7f || b > 0xfc) {
      looks->is_shift_jis = false;
      return;
    }
    ++looks->n_double;
    looks->n_kana += (a == 0x82 && b >= 0x9f) || (a == 0x83 && b <= 0x96);
    ++i;
  }
}

static bool has(const uint8_t *bytes, size_t len, const char *tag)
{
  const size_t n = strlen(tag);
  for (size_t i = 0; i + n <= len; ++i)
    if (memcmp(bytes + i, tag, n) == 0) return true;
  return false;
}

static void look(const uint8_t *bytes, size_t len, Looks *looks)
{
  for (size_t i = 0; i < len; ++i) {
    const uint8_t byte = bytes[i];
    looks->n_ascii_letters += (byte | 32) >= 'a' && (byte | 32) <= 'z';
    looks->n_high += byte >= 0x80;
    looks->n_cyrillic += byte >= 0xc0 || byte == 0xa8 || byte == 0xb8;
  }
  looks->is_utf8 = looks->is_utf8 && is_utf8(bytes, len);
  looks->says_latin = looks->says_latin || has(bytes, len, "{@LATIN}");
  looks->says_japanese = looks->says_japanese || has(bytes, len, "{@JP}");
  look_for_japanese(bytes, len, looks);
}

NmMidiEncoding nm_midi_encoding_guess(const NmMidi *midi)
{
  Looks looks = {.is_utf8 = true, .is_shift_jis = true};
  for (int32_t i = 0; i < midi->n_texts; ++i) look(midi->texts[i].bytes, midi->texts[i].len, &looks);
  if (looks.is_utf8) return NM_MIDI_UTF8;
  if (looks.says_latin) return NM_MIDI_WINDOWS_1252;
  if (looks.says_japanese) return NM_MIDI_SHIFT_JIS;
  if (looks.is_shift_jis && looks.n_kana > 0 && 4 * looks.n_kana >= looks.n_double) return NM_MIDI_SHIFT_JIS;
  const bool mostly = 20 * looks.n_cyrillic >= 19 * looks.n_high && looks.n_cyrillic > looks.n_ascii_letters;
  return mostly ? NM_MIDI_WINDOWS_1251 : NM_MIDI_WINDOWS_1252;
}

static size_t decode_windows(const uint8_t *bytes, size_t len, char *out)
{
  size_t n = 0;
  for (size_t i = 0; i < len; ++i)
    n += (size_t)utf8proc_encode_char(get_windows_char(bytes[i]), (uint8_t *)out + n);
  return n;
}

size_t nm_midi_encoding_decode(NmMidiEncoding encoding, const uint8_t *bytes, size_t len, char *out)
{
  if (encoding == NM_MIDI_UTF8) {
    memcpy(out, bytes, len);
    return len;
  }
  if (encoding == NM_MIDI_WINDOWS_1252) return decode_windows(bytes, len, out);
  const iconv_t converter = iconv_open("UTF-8", encoding == NM_MIDI_SHIFT_JIS ? "CP932" : "CP1251");
  if (converter == (iconv_t)-1) return decode_windows(bytes, len, out);
  char *from = (char *)bytes, *to = out; // iconv's prototype is not const
  size_t n_from = len, n_to = 3 * len;
  while (n_from > 0 && iconv(converter, &from, &n_from, &to, &n_to) == (size_t)-1 && n_from > 0 &&
         n_to >= 3) {
    const size_t n = decode_windows((const uint8_t *)from, 1, to);
    ++from, --n_from, to += n, n_to -= n;
  }
  iconv_close(converter);
  return (size_t)(to - out);
}
