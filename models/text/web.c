// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of the web and of mail, file names, @names and #tags.
#include "models/text/normalise.h"

#include "models/text/letters.h"

#include <string.h>

static const char *const domains[] = {"com", "org", "net", "edu", "gov", "mil", "int", "info", "biz",
                                      "io",  "uk",  "de",  "fr",  "eu",  "ca",  "au",  "jp",   "tv",
                                      "ai",  "app", "dev", "co",  "nl",  "it",  "es",  "ch",   "se",
                                      "no",  "ie",  "nz",  "in",  "me",  "ly"};
static const char *const files[] = {"html", "htm", "pdf",  "txt", "jpg", "jpeg", "png", "gif", "doc",
                                    "docx", "xls", "xlsx", "exe", "zip", "tar",  "gz",  "mp3", "mp4",
                                    "wav",  "csv", "json", "xml", "js",  "py",   "md",  "c",   "h",
                                    "cpp",  "sh",  "php",  "ini", "log", "cfg"};

static bool is_in(const char *s, size_t len, const char *const *list, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strlen(list[i]) == len && strncmp(s, list[i], len) == 0) return true;
  return false;
}
#define IS_IN(s, len, list) is_in(s, len, list, sizeof list / sizeof *list)

static bool is_host(uint8_t c)
{
  return nm_is_alnum(c) || c == '-' || c == '.';
}

// What an address may hold; closing marks at its end belong to the sentence.
static size_t scan_address(const char *s)
{
  size_t len = 0;
  while (s[len] && (nm_is_alnum((uint8_t)s[len]) || nm_is_one_of((uint8_t)s[len], "-._~:/?#[]@!$&()*+,;=%")))
    len++;
  while (len && nm_is_one_of((uint8_t)s[len - 1], ".,;:!?)]*")) len--;
  return len;
}

// host.domain[/...] in small letters; 0 when the last label is no domain.
static size_t scan_host(const char *s)
{
  size_t len = 0, label = 0, n_labels = 1;
  while (is_host((uint8_t)s[len])) len++;
  while (len && nm_is_one_of((uint8_t)s[len - 1], ".-")) len--;
  for (size_t i = 0; i < len; i++)
    if (s[i] == '.') {
      if (i == label) return 0;
      label = i + 1;
      n_labels++;
    }
  if (n_labels < 2 || !IS_IN(s + label, len - label, domains)) return 0;
  return len;
}

static size_t scan_url(const char *s)
{
  const size_t scheme = nm_scan_alpha(s);
  if (scheme && strncmp(s + scheme, "://", 3) == 0 && nm_is_alnum((uint8_t)s[scheme + 3]))
    return scan_address(s);
  if (nm_scan_word(s, "www") && s[3] == '.' && nm_is_alnum((uint8_t)s[4])) return scan_address(s);
  const size_t host = scan_host(s);
  if (!host) return 0;
  const bool goes_on = s[host] == '/' || (s[host] == ':' && nm_is_digit((uint8_t)s[host + 1]));
  return goes_on ? scan_address(s) : host;
}

static size_t scan_mail(const char *s)
{
  size_t len = 0;
  while (nm_is_alnum((uint8_t)s[len]) || nm_is_one_of((uint8_t)s[len], "._%+-")) len++;
  if (!len || s[len] != '@' || !nm_is_alnum((uint8_t)s[len + 1])) return 0;
  size_t host = len + 1;
  bool has_point = false;
  while (is_host((uint8_t)s[host])) has_point |= s[host] == '.', host++;
  while (nm_is_one_of((uint8_t)s[host - 1], ".-")) host--;
  return has_point ? host : 0;
}

// name.ext
static size_t scan_file(const char *s)
{
  size_t len = 0, point = 0;
  while (nm_is_alnum((uint8_t)s[len]) || nm_is_one_of((uint8_t)s[len], "_-") ||
         (s[len] == '.' && nm_is_alnum((uint8_t)s[len + 1]))) {
    if (s[len] == '.') point = len;
    len++;
  }
  if (!point || !nm_is_alpha((uint8_t)s[0])) return 0;
  return IS_IN(s + point + 1, len - point - 1, files) ? len : 0;
}

static void say_letters_of(NmNormaliser *n, const char *s, size_t len)
{
  char word[48];
  const size_t len_word = len < sizeof word ? len : sizeof word - 1;
  for (size_t i = 0; i < len_word; i++) word[i] = nm_lower(s[i]);
  const bool known = nm_is_known(n, word, len_word) && !IS_IN(word, len_word, files) && len_word > 1;
  bool vowel = false;
  for (size_t i = 0; i < len_word; i++) vowel |= nm_is_one_of((uint8_t)word[i], "aeiouy");
  const bool country = len_word == 2 && IS_IN(word, len_word, domains) && strncmp(word, "co", 2) != 0;
  const bool word_like = len_word > 3 && nm_letters_are_speakable(word, len_word);
  if ((known && !country && vowel) || word_like)
    nm_tokens_add(&n->tokens, word, len_word, NM_TOKEN_WORD, 0);
  else
    nm_say_letters(n, word, len_word);
}

// All of an address: words, letters, digits, and the names of the signs.
static void say_address(NmNormaliser *n, const char *s, size_t len)
{
  for (size_t i = 0; i < len;) {
    size_t alpha = nm_scan_alpha(s + i), digits = nm_scan_digits(s + i);
    if (alpha > 40) alpha = 40;
    if (alpha > len - i) alpha = len - i;
    if (digits > len - i) digits = len - i;
    if (alpha)
      say_letters_of(n, s + i, alpha);
    else if (digits && digits <= 2 && s[i] != '0')
      nm_say_cardinal(n, s + i, digits);
    else if (digits)
      nm_say_digits(n, s + i, digits);
    else
      (void)nm_say_character(n, (uint8_t)s[i]);
    i += alpha ? alpha : digits ? digits : 1;
  }
}

static size_t match_tag(NmNormaliser *n, const char *s)
{
  if ((s[0] != '@' && s[0] != '#') || !nm_is_alpha((uint8_t)s[1])) return 0;
  nm_say(n, s[0] == '@' ? "at" : "hashtag");
  return 1;
}

size_t nm_match_web(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const uint8_t before = nm_before(n, at);
  if (nm_is_alnum(before) || before == '.' || before == '\'') return 0;
  if (!nm_is_alnum((uint8_t)s[0])) return match_tag(n, s);
  size_t len = scan_mail(s);
  if (!len) len = scan_url(s);
  if (!len) len = scan_file(s);
  if (len) say_address(n, s, len);
  return len;
}
