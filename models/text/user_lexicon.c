// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/user_lexicon.h"

#include "dsp/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_MAX = 256, LINE_MAX_BYTES = 4096, FILE_MAX_BYTES = 64 << 20 };

typedef struct {
  char *key;       // normalised words with single spaces
  int32_t *phones; // [n_phones]
  int32_t n_phones, order;
} Entry;

typedef struct {
  Entry *entries; // [n] sorted by key
  size_t n, capacity;
  int n_words_max; // words in the longest key
} Table;

typedef struct {
  time_t seconds;
  long nanoseconds;
  off_t size;
  ino_t inode;
} Stamp;

struct NmUserLexicon {
  char *path;
  const NmPronouncer *pronouncer;
  Table table;
  Stamp stamp;
};

static void table_fini(Table *table)
{
  for (size_t i = 0; i < table->n; i++) {
    free(table->entries[i].key);
    free(table->entries[i].phones);
  }
  free(table->entries);
  *table = (Table){0};
}

static int compare(const void *a, const void *b)
{
  const Entry *x = a, *y = b;
  const int order = strcmp(x->key, y->key);
  return order ? order : (y->order > x->order) - (y->order < x->order);
}

// Puts the words of tokens [first, first + n) into `key` [KEY_MAX]; false when they do not fit.
static bool make_key(const NmTextTokens *tokens, size_t first, size_t n, char *key)
{
  size_t len = 0;
  for (size_t i = first; i < first + n; i++) {
    const NmTextToken *token = &tokens->tokens[i];
    if (len + token->len_text + 2 > KEY_MAX) return false;
    if (i > first) key[len++] = ' ';
    memcpy(key + len, nm_token_text(tokens, token), token->len_text);
    len += token->len_text;
  }
  key[len] = '\0';
  return len > 0;
}

static NmStatus add_entry(Table *table, const char *key, const NmReading *reading, int n_words)
{
  if (table->n == table->capacity) {
    const size_t capacity = table->capacity ? 2 * table->capacity : 64;
    Entry *entries = realloc(table->entries, capacity * sizeof *entries);
    if (!entries) return NM_ERR_NO_MEMORY;
    table->entries = entries;
    table->capacity = capacity;
  }
  Entry entry = {strdup(key), malloc(sizeof *entry.phones * (size_t)reading->n), reading->n,
                 (int32_t)table->n};
  if (!entry.key || !entry.phones) {
    free(entry.key);
    free(entry.phones);
    return NM_ERR_NO_MEMORY;
  }
  memcpy(entry.phones, reading->phones, sizeof *entry.phones * (size_t)reading->n);
  table->entries[table->n++] = entry;
  if (n_words > table->n_words_max) table->n_words_max = n_words;
  return NM_OK;
}

// A respelling: words said one after the other as one word.
static bool read_respelling(NmNormaliser *normaliser, const NmPronouncer *pronouncer, const char *text,
                            size_t len, NmReading *reading)
{
  reading->n = 0;
  if (nm_normaliser_run(normaliser, text, len, NM_SAY_PLAIN) != NM_OK || normaliser->notes.n) return false;
  for (size_t i = 0; i < normaliser->tokens.n; i++) {
    const NmTextToken *token = &normaliser->tokens.tokens[i];
    const char *word = nm_token_text(&normaliser->tokens, token);
    NmReading part;
    if (token->kind == NM_TOKEN_LETTER)
      nm_pronounce_letter(word, token->len_text, &part);
    else
      nm_pronounce(pronouncer, word, token->len_text, token->splits, &part);
    for (int32_t k = 0; k < part.n && reading->n < NM_READING_PHONES_MAX; k++)
      reading->phones[reading->n++] = part.phones[k];
  }
  return reading->n > 0;
}

// Where the words end and the pronunciation begins: at a tab, else at the first white space.
static size_t find_separator(const char *line, size_t len)
{
  const char *tab = memchr(line, '\t', len);
  if (tab) return (size_t)(tab - line);
  size_t i = 0;
  while (i < len && line[i] != ' ') i++;
  return i;
}

static size_t trim(const char **text, size_t len)
{
  while (len && strchr(" \t\r", (*text)[0]) && (*text)[0]) (*text)++, len--;
  while (len && strchr(" \t\r", (*text)[len - 1]) && (*text)[len - 1]) len--;
  return len;
}

typedef struct {
  const char *path;
  const NmPronouncer *pronouncer;
  NmNormaliser normaliser;
  Table table;
  NmError *err;
  int64_t i_line;
} Parser;

static NmStatus fail(Parser *parser, const char *cause)
{
  return nm_error_set_at(
      parser->err, NM_ERR_BAD_DATA, -1, parser->i_line,
      "%s:%lld: %s; a line is a word, a tab, and its phones (HH AH0 L OW1) or a respelling", parser->path,
      (long long)parser->i_line, cause);
}

// A stressed vowel's name as "AE1", or as "AE9" by mistake.
static bool is_meant_as_vowel(const char *name, size_t len)
{
  return len == 3 && name[2] >= '0' && name[2] <= '9' && nm_phone_is_vowel(nm_phone_find(name, 2, 0));
}

// The length of the first name that is no phone in a pronunciation that is meant as phones, because it has a
// vowel with a digit; 0 when there is none.
static size_t find_false_phone(const char *names, size_t len, const char **found)
{
  bool meant = false;
  size_t len_found = 0;
  *found = names;
  for (size_t at = 0, end; at < len; at = end + 1) {
    for (end = at; end < len && names[end] != ' ' && names[end] != '\t';) end++;
    meant |= is_meant_as_vowel(names + at, end - at);
    if (len_found || end == at || nm_phone_find(names + at, end - at, 0) > NM_PHONE_PAUSE) continue;
    *found = names + at;
    len_found = end - at;
  }
  return meant ? len_found : 0;
}

static NmStatus read_pronunciation(Parser *parser, const char *value, size_t len, NmReading *reading)
{
  const char *name;
  char cause[64];
  if (nm_reading_parse(reading, value, len)) return NM_OK;
  const size_t len_name = find_false_phone(value, len, &name);
  if (len_name) {
    snprintf(cause, sizeof cause, "'%.*s' is no phone", (int)(len_name < 32 ? len_name : 32), name);
    return fail(parser, cause);
  }
  if (!read_respelling(&parser->normaliser, parser->pronouncer, value, len, reading))
    return fail(parser, "the pronunciation cannot be understood");
  return NM_OK;
}

static NmStatus parse_line(Parser *parser, const char *line, size_t len)
{
  len = trim(&line, len);
  if (!len || line[0] == '#') return NM_OK;
  if (len > LINE_MAX_BYTES) return fail(parser, "the line is too long");
  const size_t separator = find_separator(line, len);
  const char *words = line, *value = line + separator;
  const size_t len_words = trim(&words, separator), len_value = trim(&value, len - separator);
  if (!len_words || !len_value) return fail(parser, "there is no pronunciation");
  char key[KEY_MAX];
  NmReading reading;
  NmStatus status = nm_normaliser_run(&parser->normaliser, words, len_words, NM_SAY_PLAIN);
  if (status != NM_OK) return nm_error_set(parser->err, status, "%s: out of memory", parser->path);
  const size_t n_words = parser->normaliser.tokens.n;
  if (!n_words || !make_key(&parser->normaliser.tokens, 0, n_words, key))
    return fail(parser, "the word cannot be spoken");
  status = read_pronunciation(parser, value, len_value, &reading);
  if (status != NM_OK) return status;
  status = add_entry(&parser->table, key, &reading, (int)n_words);
  return status == NM_OK ? status : nm_error_set(parser->err, status, "%s: out of memory", parser->path);
}

static NmStatus parse(Table *table, const char *path, const char *text, size_t len,
                      const NmPronouncer *pronouncer, NmError *err)
{
  Parser parser = {
      .path = path, .pronouncer = pronouncer, .err = err, .normaliser = {.lexicon = pronouncer->lexicon}};
  NmStatus status = NM_OK;
  for (size_t at = 0; at < len && status == NM_OK;) {
    const char *end = memchr(text + at, '\n', len - at);
    const size_t len_line = end ? (size_t)(end - text) - at : len - at;
    parser.i_line++;
    status = parse_line(&parser, text + at, len_line);
    at += len_line + 1;
  }
  nm_normaliser_fini(&parser.normaliser);
  if (status == NM_OK && parser.table.n)
    qsort(parser.table.entries, parser.table.n, sizeof *parser.table.entries, compare);
  if (status == NM_OK)
    *table = parser.table;
  else
    table_fini(&parser.table);
  return status;
}

// The whole file in memory; it may change while it is read, so it is not mapped.
static NmStatus read_file(const char *path, char **text, size_t *len, Stamp *stamp, NmError *err)
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nm_error_set(err, NM_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  NmStatus status = NM_OK;
  struct stat info;
  *text = NULL;
  *len = 0;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    status = nm_error_set(err, NM_ERR_IO, "%s: not a regular file", path);
    goto done;
  }
  *stamp = (Stamp){info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino};
  if (info.st_size > FILE_MAX_BYTES) {
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: a lexicon of more than 64 MB is not read", path);
    goto done;
  }
  *text = malloc((size_t)info.st_size + 1);
  if (!*text) {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    goto done;
  }
  while (*len < (size_t)info.st_size) {
    const ssize_t n = read(fd, *text + *len, (size_t)info.st_size - *len);
    if (n < 0) status = nm_error_set(err, NM_ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    if (n <= 0) break;
    *len += (size_t)n;
  }
done:
  close(fd);
  return status;
}

static NmStatus load(NmUserLexicon *lexicon, Table *table, Stamp *stamp, NmError *err)
{
  char *text = NULL;
  size_t len = 0;
  NmStatus status = read_file(lexicon->path, &text, &len, stamp, err);
  if (status == NM_OK) status = parse(table, lexicon->path, text, len, lexicon->pronouncer, err);
  free(text);
  return status;
}

static NmUserLexicon *new_empty(const char *path, const NmPronouncer *pronouncer, NmError *err)
{
  NmUserLexicon *lexicon = calloc(1, sizeof *lexicon);
  if (lexicon) {
    lexicon->path = strdup(path);
    lexicon->pronouncer = pronouncer;
  }
  if (!lexicon || !lexicon->path) {
    (void)nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    nm_user_lexicon_free(lexicon);
    return NULL;
  }
  return lexicon;
}

NmUserLexicon *nm_user_lexicon_new(const char *path, const NmPronouncer *pronouncer, NmError *err)
{
  NmUserLexicon *lexicon = new_empty(path, pronouncer, err);
  if (lexicon && load(lexicon, &lexicon->table, &lexicon->stamp, err) != NM_OK) {
    nm_user_lexicon_free(lexicon);
    return NULL;
  }
  return lexicon;
}

NmUserLexicon *nm_user_lexicon_parse(const char *path, const char *text, size_t len,
                                     const NmPronouncer *pronouncer, NmError *err)
{
  NmUserLexicon *lexicon = new_empty(path, pronouncer, err);
  if (lexicon && parse(&lexicon->table, path, text, len, pronouncer, err) != NM_OK) {
    nm_user_lexicon_free(lexicon);
    return NULL;
  }
  return lexicon;
}

void nm_user_lexicon_free(NmUserLexicon *lexicon)
{
  if (!lexicon) return;
  table_fini(&lexicon->table);
  free(lexicon->path);
  free(lexicon);
}

void nm_user_lexicon_refresh(NmUserLexicon *lexicon)
{
  struct stat info;
  const Stamp *old = &lexicon->stamp;
  if (stat(lexicon->path, &info) != 0) return;
  if (info.st_mtim.tv_sec == old->seconds && info.st_mtim.tv_nsec == old->nanoseconds &&
      info.st_size == old->size && info.st_ino == old->inode)
    return;
  Table table = {0};
  NmError err = {0};
  Stamp stamp = {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino};
  if (load(lexicon, &table, &stamp, &err) == NM_OK) {
    table_fini(&lexicon->table);
    lexicon->table = table;
  } else {
    nm_log(NM_LOG_WARNING, "%s; the pronunciations read before stay", err.message);
  }
  lexicon->stamp = stamp;
}

static const Entry *find_entry(const Table *table, const char *key)
{
  size_t low = 0, high = table->n;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    if (strcmp(table->entries[mid].key, key) < 0)
      low = mid + 1;
    else
      high = mid;
  }
  return low < table->n && strcmp(table->entries[low].key, key) == 0 ? &table->entries[low] : NULL;
}

size_t nm_user_lexicon_match(const NmUserLexicon *lexicon, const NmTextTokens *tokens, size_t i,
                             NmReading *reading)
{
  size_t n = 1;
  while (n < (size_t)lexicon->table.n_words_max && i + n < tokens->n &&
         tokens->tokens[i + n - 1].boundary == NM_BOUNDARY_NONE)
    n++;
  for (; n >= 1 && lexicon->table.n; n--) {
    char key[KEY_MAX];
    if (!make_key(tokens, i, n, key)) continue;
    const Entry *entry = find_entry(&lexicon->table, key);
    if (!entry) continue;
    nm_reading_set_phones(reading, entry->phones, entry->n_phones);
    return n;
  }
  return 0;
}
