// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/lexis.h"

#include <stdlib.h>
#include <string.h>

#include "models/song/sung.h"

enum { WORDS_FIRST = 4096 };

typedef struct {
  NmLexisWord word;
  uint64_t sound; // of the rhyme
} Found;

typedef struct {
  const NmLexisSource *source;
  Found *found; // [room]
  int32_t n, room;
  NmStatus status;
} Reader;

// --- words ---

static uint64_t hash_sound(const int32_t *phones, int32_t n)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (int32_t i = 0; i < n; ++i)
    hash = (hash ^ (uint64_t)nm_phone_with_stress(phones[i], 0)) * 0x100000001b3u;
  return hash;
}

// From the last stressed vowel on, or the last one. A word does not rhyme by an open end of secondary stress
// ("cargo").
static uint64_t find_rhyme(const NmSyllables *s)
{
  const NmSyllable *last = &s->syllables[s->n - 1];
  const int32_t n = last->phone_first + last->n_phones;
  int32_t from = n, any = n;
  for (int32_t i = n - 1; i >= 0 && from == n; --i) {
    if (any == n && nm_phone_is_vowel(s->phones[i])) any = i;
    const int stress = nm_phone_get_stress(s->phones[i]);
    if (stress == 1 || (stress == 2 && i + 1 < n)) from = i;
  }
  if (from == n) from = any == n ? 0 : any;
  return hash_sound(s->phones + from, n - from);
}

static bool read_word(const NmSyllables *s, const NmVocabulary *vocabulary, Found *found)
{
  if (s->n < 1 || s->n > NM_LEXIS_LEN_MAX) return false;
  found->word = (NmLexisWord){.n = (int8_t)s->n};
  for (int32_t i = 0; i < s->n; ++i) {
    const NmSyllable *syllable = &s->syllables[i];
    if (i > 0 && syllable->begins_word) return false;
    found->word.syllables[i] = nm_vocabulary_find(vocabulary, syllable->text, strlen(syllable->text));
    found->word.stresses[i] = syllable->stress;
    if (found->word.syllables[i] < NM_SYLLABLE_FIRST) return false;
  }
  found->sound = find_rhyme(s);
  return true;
}

// Letters by themselves and possessives are in the dictionary, but are no words to rhyme with.
static bool is_wanted(const char *word, size_t len)
{
  if (len == 1) return *word == 'a' || *word == 'i' || *word == 'o';
  if (len > 2 && word[len - 2] == '\'' && word[len - 1] == 's') return false;
  for (size_t i = 0; i < len; ++i)
    if ((word[i] < 'a' || word[i] > 'z') && word[i] != '\'') return false;
  return word[0] != '\'' && word[len - 1] != '\'';
}

static bool visit(void *user, const char *word, size_t len, const NmPron *prons, int n_prons)
{
  Reader *reader = user;
  NmSyllables syllables;
  Found found;
  if (!is_wanted(word, len)) return true;
  reader->status = nm_syllabifier_word(reader->source->syllabifier, word, len, &syllables, NULL);
  if (reader->status != NM_OK) return false;
  if (!read_word(&syllables, reader->source->vocabulary, &found)) return true;
  if (reader->n == reader->room) {
    const int32_t room = reader->room ? 2 * reader->room : WORDS_FIRST;
    Found *more = realloc(reader->found, (size_t)room * sizeof *more);
    if (!more) return reader->status = NM_ERR_NO_MEMORY, false;
    reader->found = more;
    reader->room = room;
  }
  reader->found[reader->n++] = found;
  return true;
}

static int compare_paths(const NmLexisWord *a, const NmLexisWord *b)
{
  for (int i = 0; i < a->n && i < b->n; ++i) {
    if (a->syllables[i] != b->syllables[i]) return a->syllables[i] < b->syllables[i] ? -1 : 1;
    if (a->stresses[i] != b->stresses[i]) return a->stresses[i] < b->stresses[i] ? -1 : 1;
  }
  return (a->n > b->n) - (a->n < b->n);
}

static int compare_found(const void *a, const void *b)
{
  const Found *x = a, *y = b;
  const int order = compare_paths(&x->word, &y->word);
  return order ? order : (x->sound > y->sound) - (x->sound < y->sound);
}

static int compare_sounds(const void *a, const void *b)
{
  const uint64_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

// Keeps one word of each path, and numbers the rhymes.
static NmStatus keep_words(NmLexis *lexis, Found *found, int32_t n)
{
  int32_t n_kept = 0;
  qsort(found, (size_t)n, sizeof *found, compare_found);
  for (int32_t i = 0; i < n; ++i)
    if (n_kept == 0 || compare_paths(&found[i].word, &found[n_kept - 1].word) != 0)
      found[n_kept++] = found[i];
  lexis->n_words = n_kept;
  lexis->words = nm_arena_calloc(&lexis->arena, (size_t)n_kept + 1, sizeof *lexis->words);
  uint64_t *sounds = calloc((size_t)n_kept + 1, sizeof *sounds);
  if (!lexis->words || !sounds) {
    free(sounds);
    return NM_ERR_NO_MEMORY;
  }
  for (int32_t i = 0; i < n_kept; ++i) sounds[i] = found[i].sound;
  qsort(sounds, (size_t)n_kept, sizeof *sounds, compare_sounds);
  for (int32_t i = 0; i < n_kept; ++i)
    if (i == 0 || sounds[i] != sounds[lexis->n_rhymes - 1]) sounds[lexis->n_rhymes++] = sounds[i];
  for (int32_t i = 0; i < n_kept; ++i) {
    const uint64_t *at =
        bsearch(&found[i].sound, sounds, (size_t)lexis->n_rhymes, sizeof *sounds, compare_sounds);
    lexis->words[i] = found[i].word;
    lexis->words[i].rhyme = (int32_t)(at - sounds);
  }
  free(sounds);
  return NM_OK;
}

// --- the tree ---

typedef struct {
  int32_t first, end, depth; // words below a node
} Span;

static bool shares(const NmLexisWord *a, const NmLexisWord *b, int depth)
{
  return a->syllables[depth] == b->syllables[depth] && a->stresses[depth] == b->stresses[depth];
}

static void add_children(NmLexis *lexis, Span *spans, int32_t node)
{
  const Span span = spans[node];
  NmLexisNode *at = &lexis->nodes[node];
  int32_t i = span.first;
  at->word = -1;
  at->child_first = lexis->n_nodes;
  if (span.depth > 0 && i < span.end && lexis->words[i].n == span.depth) at->word = i++;
  while (i < span.end) {
    const int32_t first = i, child = lexis->n_nodes++;
    const NmLexisWord *word = &lexis->words[first];
    while (i < span.end && shares(word, &lexis->words[i], span.depth)) ++i;
    lexis->nodes[child] =
        (NmLexisNode){.syllable = word->syllables[span.depth], .stress = word->stresses[span.depth]};
    spans[child] = (Span){first, i, span.depth + 1};
    ++at->n_children;
  }
}

static NmStatus build_tree(NmLexis *lexis)
{
  size_t n_most = 1;
  for (int32_t i = 0; i < lexis->n_words; ++i) n_most += (size_t)lexis->words[i].n;
  lexis->nodes = nm_arena_calloc(&lexis->arena, n_most, sizeof *lexis->nodes);
  Span *spans = calloc(n_most, sizeof *spans);
  if (lexis->nodes && spans) {
    spans[0] = (Span){0, lexis->n_words, 0};
    lexis->n_nodes = 1;
    for (int32_t i = 0; i < lexis->n_nodes; ++i) add_children(lexis, spans, i);
  }
  free(spans);
  return lexis->nodes && lexis->n_nodes ? NM_OK : NM_ERR_NO_MEMORY;
}

void nm_lexis_mark(const NmLexis *lexis, bool (*is_in)(const void *user, int32_t word), const void *user,
                   uint8_t *rest)
{
  for (int32_t i = lexis->n_nodes - 1; i >= 0; --i) {
    const NmLexisNode *node = &lexis->nodes[i];
    rest[i] = node->word >= 0 && (!is_in || is_in(user, node->word));
    for (int32_t k = 0; k < node->n_children; ++k) rest[i] |= (uint8_t)(rest[node->child_first + k] << 1);
  }
}

static NmStatus finish(NmLexis *lexis)
{
  uint8_t *rest = calloc((size_t)lexis->n_nodes, 1);
  lexis->n_short = nm_arena_calloc(&lexis->arena, (size_t)lexis->n_rhymes + 1, sizeof *lexis->n_short);
  if (rest && lexis->n_short) {
    nm_lexis_mark(lexis, NULL, NULL, rest);
    for (int32_t i = 0; i < lexis->n_nodes; ++i) lexis->nodes[i].rest = rest[i];
    for (int32_t i = 0; i < lexis->n_words; ++i)
      lexis->n_short[lexis->words[i].rhyme] += lexis->words[i].n == 1;
  }
  const bool ok = rest && lexis->n_short;
  free(rest);
  return ok ? NM_OK : NM_ERR_NO_MEMORY;
}

// Words that are only sung ("o'er") count as known.
static bool is_known(const NmLexisSource *source, const char *word, size_t len)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  NmReading reading;
  return nm_lexicon_find(source->lexicon, word, len, prons) > 0 || nm_sung_find(word, len, &reading);
}

static void read_list(Reader *reader)
{
  const NmLexisSource *source = reader->source;
  const char *end = source->list + source->len;
  for (const char *at = source->list, *line_end; at < end && reader->status == NM_OK; at = line_end + 1) {
    line_end = memchr(at, '\n', (size_t)(end - at));
    if (!line_end) line_end = end;
    const size_t len = (size_t)(line_end - at);
    if (len > 0 && len <= NM_LEXICON_WORD_MAX && is_known(source, at, len)) visit(reader, at, len, NULL, 0);
  }
}

NmStatus nm_lexis_init(NmLexis *lexis, const NmLexisSource *source, NmError *err)
{
  Reader reader = {.source = source};
  *lexis = (NmLexis){0};
  nm_arena_init(&lexis->arena, 1 << 16);
  if (source->list)
    read_list(&reader);
  else
    nm_lexicon_visit(source->lexicon, visit, &reader);
  NmStatus status = reader.status;
  if (status == NM_OK) status = keep_words(lexis, reader.found, reader.n);
  free(reader.found);
  if (status == NM_OK) status = build_tree(lexis);
  if (status == NM_OK) status = finish(lexis);
  if (status == NM_OK && !(lexis->nodes[0].rest & 2)) status = NM_ERR_BAD_DATA;
  if (status == NM_OK) return NM_OK;
  nm_lexis_fini(lexis);
  return nm_error_set(err, status,
                      status == NM_ERR_BAD_DATA
                          ? "no word of one syllable is in both the dictionary and the song model"
                          : "out of memory");
}

void nm_lexis_fini(NmLexis *lexis)
{
  nm_arena_fini(&lexis->arena);
  *lexis = (NmLexis){0};
}

int32_t nm_lexis_find(const NmLexis *lexis, const NmLexisSource *source, const char *word, size_t len)
{
  NmSyllables syllables;
  Found found;
  if (nm_syllabifier_word(source->syllabifier, word, len, &syllables, NULL) != NM_OK ||
      !read_word(&syllables, source->vocabulary, &found))
    return -1;
  int32_t low = 0, high = lexis->n_words;
  while (low < high) {
    const int32_t middle = (low + high) / 2;
    if (compare_paths(&lexis->words[middle], &found.word) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < lexis->n_words && compare_paths(&lexis->words[low], &found.word) == 0 ? low : -1;
}
