// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/text.h"

#include "models/text/g2p.h"
#include "models/text/heteronyms.h"
#include "models/text/normalise.h"
#include "models/text/pronounce.h"
#include "models/text/user_lexicon.h"

#include <stdlib.h>
#include <string.h>

// A word before its pointers are known: offsets, because the buffers grow.
typedef struct {
  uint32_t text, source_start, source_end;
  int32_t phone_first, n_phones;
  NmBoundary boundary;
} Draft;

struct NmText {
  NmLexicon *lexicon;
  NmG2p *g2p; // NULL: unknown words are read by rules
  NmPronouncer pronouncer;
  NmNormaliser normaliser;
  NmUserLexicon **user_lexicons; // [n_user_lexicons], the last added first
  int n_user_lexicons;
  Draft *drafts;               // [n_words]
  NmWord *words;               // [n_words]
  int32_t *phones, *syllables; // [n_phones]
  char *chars;                 // [n_chars] the words' texts
  size_t n_words, n_phones, n_chars, capacity_words, capacity_phones, capacity_chars;
  int32_t n_syllables;
};

NmText *nm_text_new(const char *path_lexicon, const char *path_g2p, NmError *err)
{
  NmText *text = calloc(1, sizeof *text);
  if (!text) {
    (void)nm_error_set(err, NM_ERR_NO_MEMORY, "the text front end: out of memory");
    return NULL;
  }
  if (path_lexicon && !(text->lexicon = nm_lexicon_new(path_lexicon, err))) {
    nm_text_free(text);
    return NULL;
  }
  if (path_g2p && !(text->g2p = nm_g2p_new(path_g2p, err))) {
    nm_text_free(text);
    return NULL;
  }
  text->pronouncer.guess = text->g2p ? nm_g2p_guess : NULL;
  text->pronouncer.user = text->g2p;
  text->pronouncer.lexicon = text->lexicon;
  text->normaliser.lexicon = text->lexicon;
  return text;
}

void nm_text_free(NmText *text)
{
  if (!text) return;
  for (int i = 0; i < text->n_user_lexicons; i++) nm_user_lexicon_free(text->user_lexicons[i]);
  free(text->user_lexicons);
  nm_normaliser_fini(&text->normaliser);
  nm_lexicon_free(text->lexicon);
  nm_g2p_free(text->g2p);
  free(text->drafts);
  free(text->words);
  free(text->phones);
  free(text->syllables);
  free(text->chars);
  free(text);
}

NmStatus nm_text_add_user_lexicon(NmText *text, const char *path, NmError *err)
{
  NmUserLexicon **grown =
      realloc(text->user_lexicons, sizeof(NmUserLexicon *) * ((size_t)text->n_user_lexicons + 1));
  if (!grown) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  text->user_lexicons = grown;
  NmError local = {0};
  NmUserLexicon *lexicon = nm_user_lexicon_new(path, &text->pronouncer, err ? err : &local);
  if (!lexicon) return (err ? err : &local)->status;
  memmove(grown + 1, grown, sizeof *grown * (size_t)text->n_user_lexicons);
  grown[0] = lexicon;
  text->n_user_lexicons++;
  return NM_OK;
}

bool nm_text_knows(const NmText *text, const char *word, size_t len)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  return nm_lexicon_find(text->lexicon, word, len, prons) > 0;
}

static bool grow(void *array, size_t capacity, size_t size)
{
  void **memory = array;
  void *grown = realloc(*memory, capacity * size);
  if (grown) *memory = grown;
  return grown != NULL;
}

static bool reserve(NmText *text, size_t n_words, size_t n_phones, size_t n_chars)
{
  if (n_words > text->capacity_words) {
    const size_t capacity = n_words + n_words / 2 + 64;
    if (!grow(&text->drafts, capacity, sizeof *text->drafts) ||
        !grow(&text->words, capacity, sizeof *text->words))
      return false;
    text->capacity_words = capacity;
  }
  if (n_phones > text->capacity_phones) {
    const size_t capacity = n_phones + n_phones / 2 + 256;
    if (!grow(&text->phones, capacity, sizeof *text->phones) ||
        !grow(&text->syllables, capacity, sizeof *text->syllables))
      return false;
    text->capacity_phones = capacity;
  }
  if (n_chars > text->capacity_chars) {
    const size_t capacity = n_chars + n_chars / 2 + 256;
    if (!grow(&text->chars, capacity, 1)) return false;
    text->capacity_chars = capacity;
  }
  return true;
}

static void read_token(const NmText *text, size_t i, NmReading *reading)
{
  const NmTextTokens *tokens = &text->normaliser.tokens;
  const NmTextToken *token = &tokens->tokens[i];
  const char *word = nm_token_text(tokens, token);
  if (token->kind == NM_TOKEN_PHONES)
    nm_reading_set_phones(reading, tokens->phones + token->phone_first, (int32_t)token->n_phones);
  else if (token->kind == NM_TOKEN_LETTER)
    nm_pronounce_letter(word, token->len_text, reading);
  else if (!nm_weak_form_read(tokens, i, reading) && !nm_heteronym_read(text->lexicon, tokens, i, reading))
    nm_pronounce(&text->pronouncer, word, token->len_text, token->splits, reading);
}

// Reads what begins with token `i`; how many tokens that was.
static size_t read_word(const NmText *text, size_t i, NmReading *reading)
{
  for (int k = 0; k < text->n_user_lexicons; k++) {
    const size_t n = nm_user_lexicon_match(text->user_lexicons[k], &text->normaliser.tokens, i, reading);
    if (n) return n;
  }
  read_token(text, i, reading);
  return 1;
}

static bool add_word(NmText *text, size_t first, size_t n, const NmReading *reading)
{
  const NmTextTokens *tokens = &text->normaliser.tokens;
  const NmTextToken *a = &tokens->tokens[first], *z = &tokens->tokens[first + n - 1];
  const size_t len = z->text + z->len_text - a->text;
  if (!reserve(text, text->n_words + 1, text->n_phones + (size_t)reading->n, text->n_chars + len + 1))
    return false;
  text->drafts[text->n_words++] = (Draft){.text = (uint32_t)text->n_chars,
                                          .source_start = a->source_start,
                                          .source_end = z->source_end,
                                          .phone_first = (int32_t)text->n_phones,
                                          .n_phones = reading->n,
                                          .boundary = z->boundary};
  for (size_t i = 0; i < len; i++) {
    const char c = tokens->chars[a->text + i];
    text->chars[text->n_chars++] = c ? c : ' ';
  }
  text->chars[text->n_chars++] = '\0';
  for (int32_t i = 0; i < reading->n; i++) {
    if (i == 0 || reading->starts[i]) text->n_syllables++;
    text->phones[text->n_phones] = reading->phones[i];
    text->syllables[text->n_phones++] = text->n_syllables - 1;
  }
  return true;
}

// The small words before vowels, once it is known what follows.
static void join_words(NmText *text)
{
  for (size_t i = 0; i + 1 < text->n_words; i++) {
    const Draft *draft = &text->drafts[i];
    if (draft->n_phones != 2 || draft->boundary != NM_BOUNDARY_NONE) continue;
    nm_weak_form_join(text->chars + draft->text, &text->phones[draft->phone_first + 1],
                      text->phones[text->drafts[i + 1].phone_first]);
  }
}

static void fill_sentence(NmText *text, NmSentence *sentence)
{
  for (size_t i = 0; i < text->n_words; i++) {
    const Draft *draft = &text->drafts[i];
    text->words[i] = (NmWord){.text = text->chars + draft->text,
                              .source_start = draft->source_start,
                              .len_source = draft->source_end - draft->source_start,
                              .phone_first = draft->phone_first,
                              .n_phones = draft->n_phones,
                              .boundary = draft->boundary};
  }
  *sentence = (NmSentence){.phones = text->phones,
                           .syllables = text->syllables,
                           .words = text->words,
                           .notes = text->normaliser.notes.notes,
                           .n_phones = (int32_t)text->n_phones,
                           .n_syllables = text->n_syllables,
                           .n_words = (int32_t)text->n_words,
                           .n_notes = text->normaliser.notes.n};
}

NmStatus nm_text_analyse(NmText *text, const char *utf8, size_t len, NmSayAs say_as, NmSentence *sentence,
                         NmError *err)
{
  *sentence = (NmSentence){0};
  text->n_words = text->n_phones = text->n_chars = 0;
  text->n_syllables = 0;
  for (int i = 0; i < text->n_user_lexicons; i++) nm_user_lexicon_refresh(text->user_lexicons[i]);
  const NmStatus status = nm_normaliser_run(&text->normaliser, utf8, len, say_as);
  if (status != NM_OK)
    return nm_error_set(err, status, "a text of %zu bytes: %s", len, nm_status_text(status));
  for (size_t i = 0; i < text->normaliser.tokens.n;) {
    NmReading reading;
    const size_t n = read_word(text, i, &reading);
    if (!add_word(text, i, n, &reading)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    i += n;
  }
  join_words(text);
  fill_sentence(text, sentence);
  return NM_OK;
}
