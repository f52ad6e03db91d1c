// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/lexicon.h"

#include "dsp/base/map.h"

#include <stdlib.h>
#include <string.h>

struct NmLexicon {
  NmMap map;
  const uint8_t *offsets; // [n_blocks] u32, little endian
  const uint8_t *data;    // [size_data]
  uint32_t n_words, n_blocks, size_data;
};

// Reads the words of one block, one after the other.
typedef struct {
  const uint8_t *at;
  uint8_t word[NM_LEXICON_WORD_MAX + 1];
  size_t len;
  NmPron prons[NM_LEXICON_PRONS_MAX];
  int n_prons;
} Cursor;

static uint32_t load_u32(const uint8_t *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static const uint8_t *block_at(const NmLexicon *lexicon, uint32_t block)
{
  return lexicon->data + load_u32(lexicon->offsets + 4 * (size_t)block);
}

static uint32_t words_in_block(const NmLexicon *lexicon, uint32_t block)
{
  return block + 1 < lexicon->n_blocks ? NM_LEXICON_BLOCK
                                       : lexicon->n_words - (lexicon->n_blocks - 1) * NM_LEXICON_BLOCK;
}

static void cursor_next(Cursor *cursor)
{
  const uint8_t *at = cursor->at;
  const size_t shared = at[0], more = at[1];
  memcpy(cursor->word + shared, at + 2, more);
  cursor->len = shared + more;
  at += 2 + more;
  cursor->n_prons = *at++;
  for (int i = 0; i < cursor->n_prons; i++) {
    cursor->prons[i] = (NmPron){(char)at[0], at[1], at + 2};
    at += 2 + at[1];
  }
  cursor->at = at;
}

static const char *check_pron(const uint8_t *data, size_t size, size_t *at)
{
  if (size - *at < 2) return "a pronunciation is cut off";
  const size_t n = data[*at + 1];
  *at += 2;
  if (n < 1 || n > NM_LEXICON_PHONES_MAX || size - *at < n) return "the number of phones is out of range";
  bool strange = false; // no early way out: the loop runs over the whole file and is vectorised
  for (size_t i = 0; i < n; i++)
    strange |= (uint8_t)((data[*at + i] & ~NM_LEXICON_SYLLABLE) - 1) >= NM_N_PHONES - 1;
  if (strange) return "there is no such phone";
  if (!(data[*at] & NM_LEXICON_SYLLABLE)) return "the first phone begins no syllable";
  *at += n;
  return NULL;
}

// Checks the word at *at and steps over it; answers what is wrong with it, or NULL.
static const char *check_word(const uint8_t *data, size_t size, size_t *at, size_t *len)
{
  if (size - *at < 2) return "the file ends inside a word";
  const size_t shared = data[*at], more = data[*at + 1];
  *at += 2;
  if (shared > *len) return "a word shares more letters than the one before it has";
  if (shared + more < 1 || shared + more > NM_LEXICON_WORD_MAX) return "the length of a word is out of range";
  if (size - *at < more + 1) return "the file ends inside a word";
  *at += more;
  *len = shared + more;
  const int n_prons = data[(*at)++];
  if (n_prons < 1 || n_prons > NM_LEXICON_PRONS_MAX) return "the number of pronunciations is out of range";
  for (int i = 0; i < n_prons; i++) {
    const char *wrong = check_pron(data, size, at);
    if (wrong) return wrong;
  }
  return NULL;
}

static NmStatus check_blocks(const NmLexicon *lexicon, const char *path, NmError *err)
{
  const size_t base = (size_t)(lexicon->data - lexicon->map.data);
  size_t at = 0;
  for (uint32_t block = 0; block < lexicon->n_blocks; block++) {
    if (load_u32(lexicon->offsets + 4 * (size_t)block) != at)
      return nm_error_set_at(err, NM_ERR_BAD_DATA, (int64_t)(base + at), 0,
                             "%s: not a usable lexicon: at byte %zu, the index of block %u points elsewhere; "
                             "build it again",
                             path, base + at, (unsigned)block);
    size_t len = 0;
    for (uint32_t i = words_in_block(lexicon, block); i > 0; i--) {
      const char *wrong = check_word(lexicon->data, lexicon->size_data, &at, &len);
      if (wrong)
        return nm_error_set_at(err, NM_ERR_BAD_DATA, (int64_t)(base + at), 0,
                               "%s: not a usable lexicon: at byte %zu, %s; build it again", path, base + at,
                               wrong);
    }
  }
  if (at != lexicon->size_data)
    return nm_error_set_at(err, NM_ERR_BAD_DATA, (int64_t)(base + at), 0,
                           "%s: not a usable lexicon: %zu bytes too many after byte %zu; build it again",
                           path, lexicon->size_data - at, base + at);
  return NM_OK;
}

static NmStatus read_header(NmLexicon *lexicon, const char *path, NmError *err)
{
  const NmMap *map = &lexicon->map;
  if (map->size < sizeof(NmLexiconHeader))
    return nm_error_set_at(err, NM_ERR_BAD_DATA, (int64_t)map->size, 0,
                           "%s: not a usable lexicon: only %zu bytes long; build it again", path, map->size);
  if (memcmp(map->data, NM_LEXICON_MAGIC, 8) != 0)
    return nm_error_set_at(err, NM_ERR_BAD_DATA, 0, 0,
                           "%s: not a compiled lexicon: the first 8 bytes are wrong", path);
  const uint32_t version = load_u32(map->data + 8);
  if (version != NM_LEXICON_VERSION)
    return nm_error_set_at(err, NM_ERR_BAD_DATA, 8, 0,
                           "%s: lexicon of version %u, this program reads version %d; build it again", path,
                           (unsigned)version, NM_LEXICON_VERSION);
  lexicon->n_words = load_u32(map->data + 12);
  lexicon->n_blocks = load_u32(map->data + 16);
  lexicon->size_data = load_u32(map->data + 20);
  const uint64_t n_blocks = ((uint64_t)lexicon->n_words + NM_LEXICON_BLOCK - 1) / NM_LEXICON_BLOCK;
  const uint64_t size = sizeof(NmLexiconHeader) + 4 * (uint64_t)lexicon->n_blocks + lexicon->size_data;
  if (n_blocks != lexicon->n_blocks || size != map->size)
    return nm_error_set_at(err, NM_ERR_BAD_DATA, 12, 0,
                           "%s: not a usable lexicon: the header promises %llu bytes, the file has %zu; "
                           "build it again",
                           path, (unsigned long long)size, map->size);
  lexicon->offsets = map->data + sizeof(NmLexiconHeader);
  lexicon->data = lexicon->offsets + 4 * (size_t)lexicon->n_blocks;
  return NM_OK;
}

NmLexicon *nm_lexicon_new(const char *path, NmError *err)
{
  NmLexicon *lexicon = calloc(1, sizeof *lexicon);
  if (!lexicon) {
    (void)nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    return NULL;
  }
  if (nm_map_open(&lexicon->map, path, err) != NM_OK || read_header(lexicon, path, err) != NM_OK ||
      check_blocks(lexicon, path, err) != NM_OK) {
    nm_lexicon_free(lexicon);
    return NULL;
  }
  return lexicon;
}

void nm_lexicon_free(NmLexicon *lexicon)
{
  if (!lexicon) return;
  nm_map_close(&lexicon->map);
  free(lexicon);
}

uint32_t nm_lexicon_get_n_words(const NmLexicon *lexicon)
{
  return lexicon ? lexicon->n_words : 0;
}

static int compare(const uint8_t *a, size_t len_a, const char *b, size_t len_b)
{
  const int order = memcmp(a, b, len_a < len_b ? len_a : len_b);
  return order ? order : (len_a > len_b) - (len_a < len_b);
}

// The last block whose first word is not after `word`, n_blocks when there is none.
static uint32_t find_block(const NmLexicon *lexicon, const char *word, size_t len)
{
  uint32_t low = 0, high = lexicon->n_blocks;
  while (low < high) {
    const uint32_t mid = low + (high - low) / 2;
    const uint8_t *head = block_at(lexicon, mid);
    if (compare(head + 2, head[1], word, len) <= 0)
      low = mid + 1;
    else
      high = mid;
  }
  return low > 0 ? low - 1 : lexicon->n_blocks;
}

int nm_lexicon_find(const NmLexicon *lexicon, const char *word, size_t len, NmPron *prons)
{
  if (!lexicon || len < 1 || len > NM_LEXICON_WORD_MAX) return 0;
  const uint32_t block = find_block(lexicon, word, len);
  if (block == lexicon->n_blocks) return 0;
  Cursor cursor = {.at = block_at(lexicon, block)};
  for (uint32_t i = words_in_block(lexicon, block); i > 0; i--) {
    cursor_next(&cursor);
    const int order = compare(cursor.word, cursor.len, word, len);
    if (order > 0) return 0;
    if (order < 0) continue;
    memcpy(prons, cursor.prons, sizeof *prons * (size_t)cursor.n_prons);
    return cursor.n_prons;
  }
  return 0;
}

void nm_lexicon_visit(const NmLexicon *lexicon, NmLexiconVisit visit, void *user)
{
  if (!lexicon) return;
  for (uint32_t block = 0; block < lexicon->n_blocks; block++) {
    Cursor cursor = {.at = block_at(lexicon, block)};
    for (uint32_t i = words_in_block(lexicon, block); i > 0; i--) {
      cursor_next(&cursor);
      if (!visit(user, (const char *)cursor.word, cursor.len, cursor.prons, cursor.n_prons)) return;
    }
  }
}
