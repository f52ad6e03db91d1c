// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/fold.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { NOTES_MAX = 64, EXPANSION_MAX = 24 };

// What a character is written as; the rest is left to its Unicode decomposition.
typedef struct {
  int32_t codepoint;
  const char *text;
} Mapping;

#define SYM(x) ((const char[]){(char)(x), 0})

// Sorted by code point.
static const Mapping mappings[] = {{0x00A0, " "},
                                   {0x00A1, ""},
                                   {0x00A2, SYM(NM_SYM_CENT)},
                                   {0x00A3, SYM(NM_SYM_POUND)},
                                   {0x00A5, SYM(NM_SYM_YEN)},
                                   {0x00A6, "|"},
                                   {0x00A7, SYM(NM_SYM_SECTION)},
                                   {0x00A9, SYM(NM_SYM_COPYRIGHT)},
                                   {0x00AB, "\""},
                                   {0x00AD, ""},
                                   {0x00AE, SYM(NM_SYM_REGISTERED)},
                                   {0x00B0, SYM(NM_SYM_DEGREE)},
                                   {0x00B1, SYM(NM_SYM_PLUS_MINUS)},
                                   {0x00B2, SYM(NM_SYM_SQUARED)},
                                   {0x00B3, SYM(NM_SYM_CUBED)},
                                   {0x00B4, "'"},
                                   {0x00B5, SYM(NM_SYM_MICRO)},
                                   {0x00B6, SYM(NM_SYM_PARAGRAPH)},
                                   {0x00B7, " "},
                                   {0x00BA, SYM(NM_SYM_DEGREE)},
                                   {0x00BB, "\""},
                                   {0x00BF, ""},
                                   {0x00C6, "Ae"},
                                   {0x00D0, "D"},
                                   {0x00D7, SYM(NM_SYM_TIMES)},
                                   {0x00D8, "O"},
                                   {0x00DE, "Th"},
                                   {0x00DF, "ss"},
                                   {0x00E6, "ae"},
                                   {0x00F0, "th"},
                                   {0x00F7, SYM(NM_SYM_DIVIDE)},
                                   {0x00F8, "o"},
                                   {0x00FE, "th"},
                                   {0x0110, "D"},
                                   {0x0111, "d"},
                                   {0x0131, "i"},
                                   {0x0141, "L"},
                                   {0x0142, "l"},
                                   {0x0152, "Oe"},
                                   {0x0153, "oe"},
                                   {0x02BB, "'"},
                                   {0x02BC, "'"},
                                   {0x02C8, "'"},
                                   {0x03BC, SYM(NM_SYM_MICRO)},
                                   {0x200B, ""},
                                   {0x200C, ""},
                                   {0x200D, ""},
                                   {0x200E, ""},
                                   {0x200F, ""},
                                   {0x2010, "-"},
                                   {0x2011, "-"},
                                   {0x2012, SYM(NM_SYM_EN_DASH)},
                                   {0x2013, SYM(NM_SYM_EN_DASH)},
                                   {0x2014, SYM(NM_SYM_EM_DASH)},
                                   {0x2015, SYM(NM_SYM_EM_DASH)},
                                   {0x2018, SYM(NM_SYM_QUOTE_OPEN)},
                                   {0x2019, "'"},
                                   {0x201A, SYM(NM_SYM_QUOTE_OPEN)},
                                   {0x201B, "'"},
                                   {0x201C, "\""},
                                   {0x201D, "\""},
                                   {0x201E, "\""},
                                   {0x201F, "\""},
                                   {0x2020, ""},
                                   {0x2021, ""},
                                   {0x2022, " "},
                                   {0x2024, "."},
                                   {0x2026, "..."},
                                   {0x2027, ""},
                                   {0x2028, " "},
                                   {0x2029, " "},
                                   {0x2030, SYM(NM_SYM_PER_MILLE)},
                                   {0x2032, "'"},
                                   {0x2033, "\""},
                                   {0x2039, "\""},
                                   {0x203A, "\""},
                                   {0x203C, "!!"},
                                   {0x203D, "?!"},
                                   {0x2043, "-"},
                                   {0x2044, "/"},
                                   {0x2060, ""},
                                   {0x20AC, SYM(NM_SYM_EURO)},
                                   {0x20B9, SYM(NM_SYM_RUPEE)},
                                   {0x2116, "No."},
                                   {0x2122, SYM(NM_SYM_TRADEMARK)},
                                   {0x2190, SYM(NM_SYM_ARROW)},
                                   {0x2192, SYM(NM_SYM_ARROW)},
                                   {0x2194, SYM(NM_SYM_ARROW)},
                                   {0x21D2, SYM(NM_SYM_ARROW)},
                                   {0x2212, "-"},
                                   {0x2215, "/"},
                                   {0x221A, SYM(NM_SYM_ROOT)},
                                   {0x221E, SYM(NM_SYM_INFINITY)},
                                   {0x2248, SYM(NM_SYM_ALMOST_EQUAL)},
                                   {0x2260, SYM(NM_SYM_NOT_EQUAL)},
                                   {0x2264, SYM(NM_SYM_LESS_EQUAL)},
                                   {0x2265, SYM(NM_SYM_GREATER_EQUAL)},
                                   {0x22C5, SYM(NM_SYM_TIMES)},
                                   {0x25CF, " "},
                                   {0x3000, " "},
                                   {0x3001, ","},
                                   {0x3002, "."},
                                   {0xFEFF, ""}};

void nm_notes_add(NmNotes *notes, size_t source_start, const char *message)
{
  if (notes->n > 0 && strcmp(notes->notes[notes->n - 1].message, message) == 0) return;
  if (notes->n == NOTES_MAX) return;
  if (notes->n == notes->capacity) {
    const int32_t capacity = notes->capacity ? 2 * notes->capacity : 8;
    NmTextNote *grown = realloc(notes->notes, sizeof *grown * (size_t)capacity);
    if (!grown) return;
    notes->notes = grown;
    notes->capacity = capacity;
  }
  notes->notes[notes->n++] = (NmTextNote){source_start, message};
}

void nm_notes_fini(NmNotes *notes)
{
  free(notes->notes);
  *notes = (NmNotes){0};
}

static bool reserve(NmFolded *folded, size_t n)
{
  if (n <= folded->capacity) return true;
  const size_t capacity = n + n / 2 + 256;
  uint8_t *chars = realloc(folded->chars, capacity);
  if (!chars) return false;
  folded->chars = chars;
  uint32_t *source = realloc(folded->source, capacity * sizeof *source);
  if (!source) return false;
  folded->source = source;
  folded->capacity = capacity;
  return true;
}

static void put(NmFolded *folded, char c, size_t source)
{
  folded->chars[folded->n] = (uint8_t)c;
  folded->source[folded->n++] = (uint32_t)source;
}

static const char *find_mapping(int32_t codepoint)
{
  size_t low = 0, high = sizeof mappings / sizeof *mappings;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    if (mappings[mid].codepoint == codepoint) return mappings[mid].text;
    if (mappings[mid].codepoint < codepoint)
      low = mid + 1;
    else
      high = mid;
  }
  return NULL;
}

// Alpha to omega, small or capital; 0 for what is not Greek.
static char greek(int32_t codepoint)
{
  if (codepoint >= 0x0391 && codepoint <= 0x03A9) codepoint += 0x20;
  if (codepoint < 0x03B1 || codepoint > 0x03C9) return 0;
  const int i = codepoint - 0x03B1;
  return (char)(NM_SYM_GREEK_FIRST + i - (i > 16));
}

static const char *describe(int32_t codepoint)
{
  const utf8proc_category_t category = utf8proc_category(codepoint);
  if ((codepoint >= 0x1F000 && codepoint <= 0x1FAFF) || (codepoint >= 0x2600 && codepoint <= 0x27BF))
    return "an emoji or pictograph is not spoken";
  if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
    return "letters of another script are not spoken";
  if (category == UTF8PROC_CATEGORY_CC) return "a control character is not spoken";
  if (category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CO)
    return "an unassigned character is not spoken";
  return "a symbol without a name is not spoken";
}

static bool is_silent(int32_t codepoint)
{
  const utf8proc_category_t category = utf8proc_category(codepoint);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME ||
         category == UTF8PROC_CATEGORY_CF || (codepoint >= 0xFE00 && codepoint <= 0xFE0F);
}

// Digits of any script, by their decomposition or their value, as ASCII; -1 when it is none.
static int digit_value(int32_t codepoint)
{
  static const int32_t zeros[] = {0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50};
  for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
    if (codepoint >= zeros[i] && codepoint <= zeros[i] + 9) return codepoint - zeros[i];
  return -1;
}

static bool fold_decomposed(NmFolded *folded, int32_t codepoint, size_t source)
{
  utf8proc_int32_t parts[EXPANSION_MAX];
  int boundclass = 0;
  const utf8proc_ssize_t n =
      utf8proc_decompose_char(codepoint, parts, EXPANSION_MAX,
                              UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK, &boundclass);
  if (n < 1 || n > EXPANSION_MAX) return false;
  const bool fraction = n >= 2 && (parts[n - 1] == 0x2044 || (n >= 3 && parts[n - 2] == 0x2044));
  if (fraction && folded->n && folded->chars[folded->n - 1] >= '0' && folded->chars[folded->n - 1] <= '9')
    put(folded, ' ', source);
  bool any = false;
  for (utf8proc_ssize_t i = 0; i < n; i++) {
    const char *text = find_mapping(parts[i]);
    if (text)
      for (; *text; text++) put(folded, *text, source), any = true;
    else if (parts[i] >= 0x20 && parts[i] < 0x7F)
      put(folded, (char)parts[i], source), any = true;
    else if (greek(parts[i]))
      put(folded, greek(parts[i]), source), any = true;
  }
  return any;
}

static void fold_codepoint(NmFolded *folded, int32_t codepoint, size_t source, NmNotes *notes)
{
  const char *text = find_mapping(codepoint);
  if (text) {
    for (; *text; text++) put(folded, *text, source);
  } else if (greek(codepoint)) {
    put(folded, greek(codepoint), source);
  } else if (digit_value(codepoint) >= 0) {
    put(folded, (char)('0' + digit_value(codepoint)), source);
  } else if (!is_silent(codepoint) && !fold_decomposed(folded, codepoint, source)) {
    if (utf8proc_category(codepoint) != UTF8PROC_CATEGORY_ZS)
      nm_notes_add(notes, source, describe(codepoint));
    put(folded, ' ', source);
  }
}

NmStatus nm_folded_set(NmFolded *folded, const char *utf8, size_t len, NmNotes *notes)
{
  folded->n = 0;
  folded->visible = false;
  if (len > UINT32_MAX - 1) return NM_ERR_BAD_ARG;
  if (!reserve(folded, len + 1)) return NM_ERR_NO_MEMORY;
  for (size_t i = 0; i < len;) {
    const uint8_t c = (uint8_t)utf8[i];
    if (folded->n + 3 * EXPANSION_MAX + 2 > folded->capacity &&
        !reserve(folded, folded->n + (len - i) + 4 * EXPANSION_MAX))
      return NM_ERR_NO_MEMORY;
    if (c > ' ') folded->visible = true;
    if (c >= 0x20 && c < 0x7F) {
      put(folded, (char)c, i++);
      continue;
    }
    if (c < 0x80) {
      if (!strchr("\t\n\v\f\r", c) || !c) nm_notes_add(notes, i, "a control character is not spoken");
      put(folded, ' ', i++);
      continue;
    }
    utf8proc_int32_t codepoint;
    const utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)utf8 + i, (utf8proc_ssize_t)(len - i), &codepoint);
    if (n <= 0) {
      nm_notes_add(notes, i, "bytes that are not UTF-8 are skipped");
      put(folded, ' ', i++);
      continue;
    }
    fold_codepoint(folded, codepoint, i, notes);
    i += (size_t)n;
  }
  folded->chars[folded->n] = 0;
  folded->source[folded->n] = (uint32_t)len;
  return NM_OK;
}

void nm_folded_fini(NmFolded *folded)
{
  free(folded->chars);
  free(folded->source);
  *folded = (NmFolded){0};
}
