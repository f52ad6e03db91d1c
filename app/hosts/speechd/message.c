// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/speechd/message.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Aloud from which mode on; what is in none is aloud in NM_SD_PUNCT_ALL.
#define ALOUD_IN_SOME "@#$%&*+/=\\^_|~<>"
#define ALOUD_IN_MOST ALOUD_IN_SOME "()[]{}\";:`-"
#define SPELT_BEGIN "<say-as interpret-as=\"characters\">"
#define SPELT_END "</say-as>"

static const struct {
  const char *text;
  char character;
} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

static const struct {
  const char *text, *name;
} silent[] = {{" ", "space"},     {"\t", "tab"},         {"\n", "new line"},       {"", "new line"},
              {"\r", "return"},   {"\xc2\xa0", "space"}, {"\xe2\x80\xa8", "line"}, {"\x1b", "escape"},
              {"\x7f", "delete"}, {"\b", "backspace"},   {"space", "space"},       {"tab", "tab"}};

// --- finding what is what in SSML ---

static bool begins(const char *text, size_t len, const char *with)
{
  return len >= strlen(with) && !memcmp(text, with, strlen(with));
}

// Bytes up to and with `end`, all when it does not come.
static size_t find_end(const char *text, size_t len, const char *end)
{
  for (size_t i = 0; i < len; ++i)
    if (begins(text + i, len - i, end)) return i + strlen(end);
  return len;
}

// Bytes of the tag, comment or section that begins here; a > in quotes does not end it.
static size_t measure_markup(const char *text, size_t len)
{
  char quote = 0;
  if (begins(text, len, "<!--")) return find_end(text, len, "-->");
  if (begins(text, len, "<![CDATA[")) return find_end(text, len, "]]>");
  for (size_t i = 1; i < len; ++i) {
    if (quote)
      quote = text[i] == quote ? 0 : quote;
    else if (text[i] == '"' || text[i] == '\'')
      quote = text[i];
    else if (text[i] == '>')
      return i + 1;
  }
  return len;
}

// Bytes of the character that stands here, an entity being one; ASCII characters into *ascii, else 0.
static size_t measure_character(const char *text, size_t len, char *ascii)
{
  *ascii = (unsigned char)text[0] < 0x80 ? text[0] : 0;
  for (size_t i = 0; i < sizeof entities / sizeof *entities; ++i) {
    if (!begins(text, len, entities[i].text)) continue;
    *ascii = entities[i].character;
    return strlen(entities[i].text);
  }
  size_t n = 1;
  while (!*ascii && n < len && ((unsigned char)text[n] & 0xc0) == 0x80) ++n;
  return n;
}

// --- writing ---

static void write_escaped(FILE *out, const char *text, size_t len)
{
  for (size_t i = 0; i < len; ++i) {
    const unsigned char c = (unsigned char)text[i];
    size_t k = 0;
    while (k < sizeof entities / sizeof *entities && entities[k].character != (char)c) ++k;
    if (k < sizeof entities / sizeof *entities)
      fputs(entities[k].text, out);
    else if (c >= ' ' || c == '\t' || c == '\n')
      putc(c, out); // other control characters have no place in XML
  }
}

static void write_spelt(FILE *out, const char *text, size_t len)
{
  fputs(SPELT_BEGIN, out);
  write_escaped(out, text, len);
  fputs(SPELT_END, out);
}

// "double-quote" as words.
static void write_words(FILE *out, const char *text, size_t len)
{
  for (size_t i = 0; i < len; ++i)
    if (text[i] == '-' || text[i] == '_')
      putc(' ', out);
    else
      write_escaped(out, text + i, 1);
}

// --- text ---

static bool is_aloud(char c, NmSdPunctuation mode)
{
  if (!c || !ispunct((unsigned char)c) || mode == NM_SD_PUNCT_NONE) return false;
  if (mode == NM_SD_PUNCT_SOME) return strchr(ALOUD_IN_SOME, c) != NULL;
  return mode == NM_SD_PUNCT_ALL || strchr(ALOUD_IN_MOST, c);
}

static bool is_in_word(const char *text, size_t len, size_t i)
{
  return text[i] == '\'' && i > 0 && i + 1 < len && isalpha((unsigned char)text[i - 1]) &&
         isalpha((unsigned char)text[i + 1]);
}

// The mark itself stays too, for the melody of the sentence, when it is one that sentences have.
static void write_aloud(FILE *out, const char *text, size_t n, char c)
{
  fprintf(out, " " SPELT_BEGIN "%.*s" SPELT_END, (int)n, text);
  if (strchr(".,;:!?", c)) putc(c, out);
  putc(' ', out);
}

// Text between tags.
static void write_punctuated(FILE *out, const char *text, size_t len, NmSdPunctuation mode)
{
  for (size_t i = 0, n; i < len; i += n) {
    char c;
    n = measure_character(text + i, len - i, &c);
    if (is_aloud(c, mode) && !is_in_word(text, len, i))
      write_aloud(out, text + i, n, c);
    else
      fwrite(text + i, 1, n, out);
  }
}

// Word by word, so that none is too long to be one.
static void write_spelt_words(FILE *out, const char *text, size_t len)
{
  bool in_word = false;
  for (size_t i = 0, n; i < len; i += n) {
    char c;
    n = measure_character(text + i, len - i, &c);
    const bool is_space = c && isspace((unsigned char)c);
    if (is_space == in_word) fputs(in_word ? SPELT_END : SPELT_BEGIN, out);
    in_word = !is_space;
    fwrite(text + i, 1, n, out);
  }
  if (in_word) fputs(SPELT_END, out);
}

static void write_text(FILE *out, const char *text, size_t len, const NmSdSettings *settings)
{
  for (size_t i = 0, n; i < len; i += n) {
    const bool is_markup = text[i] == '<';
    const char *next = memchr(text + i, '<', len - i);
    n = is_markup ? measure_markup(text + i, len - i) : next ? (size_t)(next - text) - i : len - i;
    if (is_markup)
      fwrite(text + i, 1, n, out);
    else if (settings->spells)
      write_spelt_words(out, text + i, n);
    else
      write_punctuated(out, text + i, n, settings->punctuation);
  }
}

// --- characters and keys ---

static void write_character(FILE *out, const char *text, size_t len, const NmSdSettings *settings)
{
  for (size_t i = 0; i < sizeof silent / sizeof *silent; ++i) {
    if (len != strlen(silent[i].text) || memcmp(text, silent[i].text, len)) continue;
    fputs(silent[i].name, out);
    return;
  }
  const bool is_capital = len == 1 && isupper((unsigned char)text[0]);
  const bool is_higher = is_capital && settings->capitals == NM_SD_CAPS_ICON;
  if (is_capital && settings->capitals == NM_SD_CAPS_SPELL) fputs("capital ", out);
  if (is_higher) fputs("<prosody pitch=\"+3st\">", out);
  write_spelt(out, text, len);
  if (is_higher) fputs("</prosody>", out);
}

static bool is_one_character(const char *text, size_t len)
{
  char c;
  return len > 0 && measure_character(text, len, &c) == len;
}

// "control_alt_a": the parts by name.
static void write_key(FILE *out, const char *text, size_t len, const NmSdSettings *settings)
{
  for (size_t i = 0, n; i < len; i += n + 1) {
    const char *end = i + 1 < len ? memchr(text + i + 1, '_', len - i - 1) : NULL;
    n = end ? (size_t)(end - text) - i : len - i;
    if (i) putc(' ', out);
    if (is_one_character(text + i, n))
      write_character(out, text + i, n, settings);
    else
      write_words(out, text + i, n);
  }
}

char *nm_sd_message_compose(NmSdVerb verb, const char *text, size_t len, const NmSdSettings *settings)
{
  char *ssml = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&ssml, &size);
  if (!out) return NULL;
  if (verb != NM_SD_SPEAK) fputs("<speak>", out);
  if (verb == NM_SD_SPEAK)
    write_text(out, text, len, settings);
  else if (verb == NM_SD_CHAR)
    write_character(out, text, len, settings);
  else if (verb == NM_SD_KEY)
    write_key(out, text, len, settings);
  else
    write_words(out, text, len);
  if (verb != NM_SD_SPEAK) fputs("</speak>", out);
  const bool failed = ferror(out);
  if (!fclose(out) && !failed) return ssml;
  free(ssml);
  return NULL;
}

char *nm_sd_message_strip(const char *ssml, size_t len)
{
  char *text = malloc(len + 1);
  size_t n_text = 0;
  if (!text) return NULL;
  for (size_t i = 0, n; i < len; i += n) {
    char c;
    n = ssml[i] == '<' ? measure_markup(ssml + i, len - i) : measure_character(ssml + i, len - i, &c);
    if (ssml[i] == '<') {
      text[n_text++] = ' ';
    } else if (ssml[i] == '&' && n > 1) {
      text[n_text++] = c;
    } else if (ssml[i]) {
      memcpy(text + n_text, ssml + i, n);
      n_text += n;
    }
  }
  text[n_text] = '\0';
  return text;
}
