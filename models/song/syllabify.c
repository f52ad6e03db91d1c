// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/syllabify.h"

#include <stdlib.h>
#include <string.h>

#include "models/song/draft.h"
#include "models/text/lexicon.h"

enum { CACHE_BYTES_MAX = 48 << 20, CACHE_SLOTS_FIRST = 1 << 12 };

typedef struct {
  uint64_t hash;
  const char *word;
  size_t len;
  NmSyllables syllables;
} Entry;

struct NmSyllabifier {
  NmText *text; // borrowed
  NmDivider *divider;
  NmDrafts drafts;
  NmArena arena; // of the cache
  size_t n_bytes;
  Entry *entries; // [n_slots], word NULL: free
  size_t n_slots, n_entries;
};

NmSyllabifier *nm_syllabifier_new(NmText *text, const char *path_hyphens, NmError *err)
{
  NmSyllabifier *s = calloc(1, sizeof *s);
  Entry *entries = s ? calloc(CACHE_SLOTS_FIRST, sizeof *entries) : NULL;
  if (!entries) {
    (void)nm_error_set(err, NM_ERR_NO_MEMORY, "the syllables: out of memory");
    free(s);
    return NULL;
  }
  s->text = text;
  s->entries = entries;
  s->n_slots = CACHE_SLOTS_FIRST;
  nm_arena_init(&s->arena, 1 << 16);
  if (!(s->divider = nm_divider_new(path_hyphens, text, err))) {
    nm_syllabifier_free(s);
    return NULL;
  }
  s->drafts.divider = s->divider;
  return s;
}

void nm_syllabifier_free(NmSyllabifier *s)
{
  if (!s) return;
  nm_divider_free(s->divider);
  nm_drafts_fini(&s->drafts);
  free(s->entries);
  nm_arena_fini(&s->arena);
  free(s);
}

// --- text to be analysed ---

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
  return c >= 'a' && c <= 'z';
}

// Makes a word in capitals small where the lexicon knows it.
static void calm_word(const NmSyllabifier *s, char *word, size_t len)
{
  char small[NM_LEXICON_WORD_MAX];
  while (len && word[len - 1] == '\'') --len;
  if (len < 2 || len > sizeof small) return;
  for (size_t k = 0; k < len; ++k) small[k] = lower(word[k]);
  if (nm_text_knows(s->text, small, len)) memcpy(word, small, len);
}

// A copy of the text in which words in capitals that the lexicon knows are in small letters, so that emphasis
// is not taken for an abbreviation; NULL when memory is out.
static char *calm(NmSyllabifier *s, const char *text, size_t len)
{
  char *copy = nm_drafts_get_spare(&s->drafts, len);
  if (!copy) return NULL;
  memcpy(copy, text, len);
  for (size_t i = 0; i < len;) {
    size_t n = 0, n_small = 0;
    while (i + n < len && (is_letter(lower(text[i + n])) || (n && text[i + n] == '\''))) {
      n_small += is_letter(text[i + n]);
      ++n;
    }
    if (n && n_small == 0) calm_word(s, copy + i, n);
    i += n ? n : 1;
  }
  return copy;
}

static NmStatus analyse(NmSyllabifier *s, const char *text, size_t len, NmSentence *sentence, NmError *err)
{
  const char *calmed = calm(s, text, len);
  if (!calmed) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return nm_text_analyse(s->text, calmed, len, NM_SAY_PLAIN, sentence, err);
}

// --- words, looked up ---

static uint64_t hash_of(const char *word, size_t len)
{
  uint64_t hash = 1469598103934665603u;
  for (size_t i = 0; i < len; ++i) hash = (hash ^ (unsigned char)word[i]) * 1099511628211u;
  return hash ? hash : 1;
}

static Entry *find_slot(const NmSyllabifier *s, uint64_t hash, const char *word, size_t len)
{
  size_t i = hash & (s->n_slots - 1);
  while (s->entries[i].word && !(s->entries[i].hash == hash && s->entries[i].len == len &&
                                 memcmp(s->entries[i].word, word, len) == 0))
    i = (i + 1) & (s->n_slots - 1);
  return &s->entries[i];
}

static void forget_all(NmSyllabifier *s)
{
  memset(s->entries, 0, s->n_slots * sizeof *s->entries);
  nm_arena_fini(&s->arena);
  nm_arena_init(&s->arena, 1 << 16);
  s->n_bytes = s->n_entries = 0;
}

static bool make_room(NmSyllabifier *s)
{
  if (s->n_bytes > CACHE_BYTES_MAX) forget_all(s);
  if (s->n_entries * 2 < s->n_slots) return true;
  Entry *old = s->entries, *entries = calloc(s->n_slots * 2, sizeof *entries);
  if (!entries) return false;
  const size_t n_old = s->n_slots;
  s->entries = entries;
  s->n_slots *= 2;
  for (size_t i = 0; i < n_old; ++i)
    if (old[i].word) *find_slot(s, old[i].hash, old[i].word, old[i].len) = old[i];
  free(old);
  return true;
}

// The drafts and the word in one piece of memory.
static bool keep(NmSyllabifier *s, Entry *entry, uint64_t hash, const char *word, size_t len)
{
  const size_t n_syllables = s->drafts.n_drafts * sizeof(NmSyllable),
               n_phones = s->drafts.n_phones * sizeof(int32_t);
  const size_t size = n_syllables + n_phones + s->drafts.n_chars + s->drafts.n_drafts + len + 1;
  char *memory = nm_arena_alloc(&s->arena, size);
  if (!memory) return false;
  NmSyllable *syllables = (void *)memory;
  int32_t *phones = (void *)(memory + n_syllables);
  char *chars = memory + n_syllables + n_phones;
  for (size_t i = 0; i < s->drafts.n_drafts; ++i) {
    const NmDraft *draft = &s->drafts.drafts[i];
    syllables[i] =
        (NmSyllable){chars, draft->phone_first, draft->n_phones, draft->stress, draft->begins_word};
    memcpy(chars, s->drafts.chars + draft->text, draft->len_text);
    chars += draft->len_text;
    *chars++ = '\0';
  }
  if (n_phones) memcpy(phones, s->drafts.phones, n_phones);
  memcpy(chars, word, len);
  *entry = (Entry){.hash = hash, .word = chars, .len = len};
  entry->syllables =
      (NmSyllables){syllables, phones, (int32_t)s->drafts.n_drafts, (int32_t)s->drafts.n_phones};
  s->n_bytes += (size + 63) / 64 * 64;
  ++s->n_entries;
  return true;
}

NmStatus nm_syllabifier_word(NmSyllabifier *s, const char *word, size_t len, NmSyllables *syllables,
                             NmError *err)
{
  const uint64_t hash = hash_of(word, len);
  *syllables = (NmSyllables){0};
  Entry *entry = find_slot(s, hash, word, len);
  if (!entry->word) {
    NmSentence sentence;
    nm_drafts_reset(&s->drafts);
    const NmStatus status = analyse(s, word, len, &sentence, err);
    if (status != NM_OK) return status;
    nm_drafts_add_part(&s->drafts, &(NmDraftPart){&sentence, word, 0, len, 0, sentence.n_words});
    if (s->drafts.failed || !make_room(s)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    entry = find_slot(s, hash, word, len);
    if (!keep(s, entry, hash, word, len)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  *syllables = entry->syllables;
  return NM_OK;
}

// --- lines ---

// Bytes of white space at `at`, 0 when there is none.
static size_t scan_space(const char *text, size_t len, size_t at)
{
  const unsigned char *c = (const unsigned char *)text + at;
  if (*c <= ' ') return 1;
  if (len - at >= 2 && c[0] == 0xC2 && (c[1] == 0xA0 || c[1] == 0x85)) return 2;
  if (len - at < 3) return 0;
  if (c[0] == 0xE2 && c[1] == 0x80 && (c[2] <= 0x8A || c[2] == 0xA8 || c[2] == 0xA9 || c[2] == 0xAF))
    return 3;
  return c[0] == 0xE3 && c[1] == 0x80 && c[2] == 0x80 ? 3 : 0;
}

// Bytes of a dash or dots that part words without a space; 0 when there are none.
static size_t scan_dash(const char *text, size_t len, size_t at)
{
  static const char *const dashes[] = {
      "\xE2\x80\x94", "\xE2\x80\x93", "\xE2\x80\x95", "\xE2\x80\xA6", "--", "...", NULL};
  for (const char *const *dash = dashes; *dash; ++dash) {
    const size_t n = strlen(*dash);
    if (n <= len - at && memcmp(text + at, *dash, n) == 0) return n;
  }
  return 0;
}

// The end of the part that begins at `at`: white space, or behind a dash with letters on both sides.
static size_t find_part_end(const char *text, size_t len, size_t at)
{
  bool heard = false;
  size_t n;
  while (at < len && !scan_space(text, len, at)) {
    if ((n = scan_dash(text, len, at)) != 0) {
      at += n;
      while (at < len && (n = scan_dash(text, len, at)) != 0) at += n;
      while (at < len && strchr("-.,;:!?)'\"", text[at])) ++at;
      if (heard && at < len && !scan_space(text, len, at)) return at;
      continue;
    }
    heard |= is_letter(lower(text[at])) || (unsigned char)text[at] >= 0xC3;
    ++at;
  }
  return at;
}

// Joins signs that are not sung to the drafts: behind the last, or kept in front of the first to come.
static void add_signs(NmSyllabifier *s, const char *text, size_t len, size_t *n_waiting)
{
  if (s->drafts.n_drafts == 0) {
    nm_drafts_add_chars(&s->drafts, text, len);
    nm_drafts_add_chars(&s->drafts, " ", 1);
    *n_waiting = s->drafts.n_chars;
    return;
  }
  nm_drafts_add_chars(&s->drafts, " ", 1);
  nm_drafts_add_chars(&s->drafts, text, len);
  s->drafts.drafts[s->drafts.n_drafts - 1].len_text += (uint32_t)len + 1;
}

static void add_all_parts(NmSyllabifier *s, const char *line, size_t len, const NmSentence *sentence)
{
  size_t n_waiting = 0, reach = 0;
  int32_t word = 0;
  for (size_t at = 0; at < len && !s->drafts.failed;) {
    const size_t space = scan_space(line, len, at);
    if (space) {
      at += space;
      continue;
    }
    NmDraftPart part = {sentence, line, at, find_part_end(line, len, at), word, 0};
    for (; word < sentence->n_words && sentence->words[word].source_start < part.to; ++word) {
      const size_t end = sentence->words[word].source_start + sentence->words[word].len_source;
      if (end > reach) reach = end;
    }
    part.n = word - part.first;
    const size_t before = s->drafts.n_drafts;
    if (part.n)
      nm_drafts_add_part(&s->drafts, &part);
    else if (part.from >= reach) // else it was written out with what came before: "3 p.m."
      add_signs(s, line + part.from, part.to - part.from, &n_waiting);
    if (before == 0 && s->drafts.n_drafts && n_waiting) {
      s->drafts.drafts[0].text = 0;
      s->drafts.drafts[0].len_text += (uint32_t)n_waiting;
    }
    at = part.to;
  }
}

static bool add_to_song(const NmSyllabifier *s, NmSong *song, int verse, int stanza, int32_t *n_words)
{
  if (nm_song_add_line(song, verse, stanza) < 0) return false;
  for (size_t i = 0; i < s->drafts.n_drafts; ++i) {
    const NmDraft *draft = &s->drafts.drafts[i];
    if (draft->begins_word) {
      if (nm_song_add_word(song) < 0) return false;
      ++*n_words;
    }
    if (nm_song_add_syllable(song, s->drafts.chars + draft->text, draft->len_text, draft->stress) < 0 ||
        nm_song_add_phones(song, s->drafts.phones + draft->phone_first, draft->n_phones) < 0)
      return false;
  }
  return true;
}

NmStatus nm_syllabifier_add_line(NmSyllabifier *s, NmSong *song, const char *line, size_t len, int verse,
                                 int stanza, int32_t *n_words, NmError *err)
{
  NmSentence sentence;
  int32_t n = 0;
  nm_drafts_reset(&s->drafts);
  const NmStatus status = analyse(s, line, len, &sentence, err);
  if (status != NM_OK) return status;
  add_all_parts(s, line, len, &sentence);
  if (s->drafts.failed || (s->drafts.n_drafts && !add_to_song(s, song, verse, stanza, &n)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory, or more syllables than a song can have");
  if (n_words) *n_words = n;
  return NM_OK;
}
