// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/syllabify.h"

#include "models/song/sung.h"
#include "models/text/fold.h"

#include <stdlib.h>
#include <string.h>

enum { CACHE_BYTES_MAX = 48 << 20, CACHE_SLOTS_FIRST = 1 << 12, LETTERS_MAX = 512 };

// A syllable before its text has an address.
typedef struct {
  uint32_t text, len_text;
  int32_t phone_first, n_phones;
  int8_t stress;
  bool begins_word;
} Draft;

typedef struct {
  uint64_t hash;
  const char *word;
  size_t len;
  NmSyllables syllables;
} Entry;

struct NmSyllabifier {
  NmText *text; // borrowed
  NmDivider *divider;
  NmFolded folded;
  NmNotes notes;
  char *chars, *spare; // of the drafts; a text to be changed
  Draft *drafts;
  int32_t *phones;
  size_t n_chars, n_drafts, n_phones, capacity_chars, capacity_drafts, capacity_phones, capacity_spare;
  bool failed;
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
  return s;
}

void nm_syllabifier_free(NmSyllabifier *s)
{
  if (!s) return;
  nm_divider_free(s->divider);
  nm_folded_fini(&s->folded);
  nm_notes_fini(&s->notes);
  free(s->chars);
  free(s->spare);
  free(s->drafts);
  free(s->phones);
  free(s->entries);
  nm_arena_fini(&s->arena);
  free(s);
}

// --- the drafts ---

static bool reserve(NmSyllabifier *s, void *array, size_t *capacity, size_t wanted, size_t size)
{
  void **memory = array;
  if (wanted <= *capacity) return true;
  const size_t more = wanted + wanted / 2 + 64;
  void *grown = realloc(*memory, more * size);
  if (!grown) {
    s->failed = true;
    return false;
  }
  *memory = grown;
  *capacity = more;
  return true;
}

static void reset(NmSyllabifier *s)
{
  s->n_chars = s->n_drafts = s->n_phones = 0;
  s->failed = false;
}

static void add_chars(NmSyllabifier *s, const char *text, size_t len)
{
  if (!len || !reserve(s, &s->chars, &s->capacity_chars, s->n_chars + len, 1)) return;
  memcpy(s->chars + s->n_chars, text, len);
  s->n_chars += len;
}

static void add_draft(NmSyllabifier *s, const char *text, size_t len, const int32_t *phones, int32_t n_phones)
{
  if (len == 0) text = "-", len = 1; // spoken, but nowhere in the print
  const Draft draft = {.text = (uint32_t)s->n_chars,
                       .len_text = (uint32_t)len,
                       .phone_first = (int32_t)s->n_phones,
                       .n_phones = n_phones};
  add_chars(s, text, len);
  if (!reserve(s, &s->drafts, &s->capacity_drafts, s->n_drafts + 1, sizeof draft) ||
      !reserve(s, &s->phones, &s->capacity_phones, s->n_phones + (size_t)n_phones, sizeof *phones))
    return;
  s->drafts[s->n_drafts] = draft;
  memcpy(s->phones + s->n_phones, phones, (size_t)n_phones * sizeof *phones);
  s->n_phones += (size_t)n_phones;
  for (int32_t i = 0; i < n_phones; ++i) {
    const int stress = nm_phone_get_stress(phones[i]);
    if (stress == 1 || (stress == 2 && draft.stress != 1 && s->drafts[s->n_drafts].stress != 1))
      s->drafts[s->n_drafts].stress = (int8_t)stress;
  }
  ++s->n_drafts;
}

// --- one spoken word under its print ---

// The letters of a print and where they stand.
typedef struct {
  char letters[LETTERS_MAX], key[LETTERS_MAX]; // key: with apostrophes
  uint32_t at[LETTERS_MAX];                    // byte of each letter
  int32_t n, n_key;
  bool capital;
} Letters;

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
  return c >= 'a' && c <= 'z';
}

static void find_letters(NmSyllabifier *s, const char *print, size_t len, Letters *letters)
{
  letters->n = letters->n_key = 0;
  letters->capital = false;
  s->notes.n = 0;
  if (nm_folded_set(&s->folded, print, len, &s->notes) != NM_OK) {
    s->failed = true;
    return;
  }
  for (size_t i = 0; i < s->folded.n && letters->n_key < LETTERS_MAX; ++i) {
    const char c = lower((char)s->folded.chars[i]);
    if (is_letter(c) || c == '\'') letters->key[letters->n_key++] = c;
    if (!is_letter(c)) continue;
    if (letters->n == 0) letters->capital = c != (char)s->folded.chars[i];
    letters->letters[letters->n] = c;
    letters->at[letters->n++] = s->folded.source[i];
  }
}

// Whether the print ends in an e with an accent and a d.
static bool has_grave(const char *print, size_t len)
{
  while (len && (unsigned char)print[len - 1] < 0x80 && !is_letter(lower(print[len - 1]))) --len;
  return len >= 3 && print[len - 1] == 'd' && (unsigned char)print[len - 3] == 0xC3 &&
         ((unsigned char)print[len - 2] == 0xA8 || (unsigned char)print[len - 2] == 0xA9);
}

// The marks around a word that are no apostrophes of its own do not count when its sung form is looked up.
static void read_sung(const char *print, size_t len, const Letters *letters, NmReading *reading)
{
  const char *key = letters->key;
  size_t n = (size_t)letters->n_key;
  if (nm_sung_find(key, n, reading)) return;
  while (n && *key == '\'') ++key, --n;
  while (n && key[n - 1] == '\'') --n;
  nm_sung_read(key, n, has_grave(print, len), reading);
}

static bool is_weak(const Letters *letters)
{
  return nm_sung_is_weak(letters->key, (size_t)letters->n_key) ||
         nm_sung_is_weak(letters->letters, (size_t)letters->n);
}

// Places where the print can be cut: a character may fold into several letters, as the German sharp s does.
static int32_t count_places(const Letters *letters)
{
  int32_t n = 0;
  for (int32_t i = 0; i < letters->n; ++i) n += i == 0 || letters->at[i] != letters->at[i - 1];
  return n;
}

// Turns the letters in cuts [n - 1] into bytes, each behind the one before and room left for those to come; n
// is at most count_places.
static void cut_bytes(const Letters *letters, int32_t n, int32_t *cuts)
{
  uint32_t places[LETTERS_MAX];
  int32_t place[LETTERS_MAX], n_places = 0;
  for (int32_t i = 0; i < letters->n; ++i) {
    if (i == 0 || letters->at[i] != letters->at[i - 1]) places[n_places++] = letters->at[i];
    place[i] = n_places - 1;
  }
  for (int32_t k = 0, last = 0; k < n - 1; ++k) {
    const int32_t most = n_places - (n - 1 - k);
    int32_t at = place[cuts[k]];
    if (at <= last) at = last + 1;
    last = at > most ? most : at;
    cuts[k] = (int32_t)places[last];
  }
}

// Adds `print` as the syllables of `reading`, which is merged down when there are too few letters.
static void add_pieces(NmSyllabifier *s, const char *print, size_t len, const Letters *letters,
                       NmReading *reading)
{
  int32_t cuts[NM_READING_PHONES_MAX], n = nm_sung_count(reading);
  const size_t first = s->n_drafts;
  while (n > 1 && n > count_places(letters)) nm_sung_merge(reading, --n - 1);
  nm_divider_run(s->divider, letters->letters, letters->n, reading->phones, reading->starts, reading->n, n,
                 cuts);
  cut_bytes(letters, n, cuts);
  size_t from = 0;
  int32_t phone = 0;
  for (int32_t k = 0; k < n; ++k) {
    const size_t to = k + 1 < n ? (size_t)cuts[k] : len;
    int32_t end = phone + 1;
    while (end < reading->n && !reading->starts[end]) ++end;
    add_draft(s, print + from, to - from, reading->phones + phone, end - phone);
    from = to;
    phone = end;
  }
  if (n == 1 && s->n_drafts == first + 1 && is_weak(letters)) s->drafts[first].stress = 0;
}

// The words of `spoken` written out between what stands before and behind in the print.
static void add_respelled(NmSyllabifier *s, const char *before, size_t len_before, const char *spoken,
                          const char *behind, size_t len_behind, bool capital, NmReading *reading)
{
  Letters letters;
  const size_t len = strlen(spoken), n = len_before + len + len_behind;
  if (!reserve(s, &s->spare, &s->capacity_spare, n + 1, 1)) return;
  memcpy(s->spare, before, len_before);
  memcpy(s->spare + len_before, spoken, len);
  memcpy(s->spare + len_before + len, behind, len_behind);
  if (capital && is_letter(*spoken)) s->spare[len_before] = (char)(*spoken - 'a' + 'A');
  find_letters(s, s->spare, n, &letters);
  if (!s->failed) add_pieces(s, s->spare, n, &letters, reading);
}

static void add_printed(NmSyllabifier *s, const char *print, size_t len, NmReading *reading)
{
  Letters letters;
  find_letters(s, print, len, &letters);
  if (s->failed) return;
  if (letters.n == 1 && letters.letters[0] == 'w' && nm_sung_count(reading) == 3) {
    const size_t at = letters.at[0];
    add_respelled(s, print, at, "double-u", print + at + 1, len - at - 1, letters.capital, reading);
    return;
  }
  read_sung(print, len, &letters, reading);
  add_pieces(s, print, len, &letters, reading);
}

// --- what was spoken for a part of the text ---

// A part of the text and the spoken words that came from it.
typedef struct {
  const NmSentence *sentence;
  const char *text; // the whole analysed text, as printed
  size_t from, to;  // bytes of it
  int32_t first, n; // words of the sentence
} Part;

static void get_reading(const NmSentence *sentence, int32_t i_word, NmReading *reading)
{
  const NmWord *word = &sentence->words[i_word];
  reading->n = word->n_phones < NM_READING_PHONES_MAX ? word->n_phones : NM_READING_PHONES_MAX;
  for (int32_t i = 0; i < reading->n; ++i) {
    const int32_t at = word->phone_first + i;
    reading->phones[i] = sentence->phones[at];
    reading->starts[i] = i == 0 || sentence->syllables[at] != sentence->syllables[at - 1];
  }
}

static int32_t count_letters(const char *text)
{
  int32_t n = 0;
  for (; *text; ++text) n += is_letter(*text);
  return n;
}

// Whether the letters of the print are those of the spoken words, one after the other.
static bool is_as_printed(const Part *part, const Letters *letters)
{
  int32_t at = 0;
  for (int32_t i = 0; i < part->n; ++i)
    for (const char *c = part->sentence->words[part->first + i].text; *c; ++c)
      if (is_letter(*c) && (at >= letters->n || letters->letters[at++] != *c)) return false;
  return at == letters->n;
}

static void add_as_printed(NmSyllabifier *s, const Part *part, const Letters *letters)
{
  size_t from = part->from;
  int32_t letter = 0;
  for (int32_t i = 0; i < part->n; ++i) {
    NmReading reading;
    letter += count_letters(part->sentence->words[part->first + i].text);
    const size_t to = i + 1 < part->n ? part->from + letters->at[letter] : part->to;
    get_reading(part->sentence, part->first + i, &reading);
    add_printed(s, part->text + from, to - from, &reading);
    from = to;
  }
}

static size_t clip(size_t at, size_t low, size_t high)
{
  return at < low ? low : at > high ? high : at;
}

static void add_written_out(NmSyllabifier *s, const Part *part, const Letters *letters)
{
  const NmWord *words = part->sentence->words + part->first;
  size_t end = 0;
  for (int32_t i = 0; i < part->n; ++i)
    if (words[i].source_start + words[i].len_source > end) end = words[i].source_start + words[i].len_source;
  const size_t start = clip(words[0].source_start, part->from, part->to);
  end = clip(end, start, part->to);
  for (int32_t i = 0; i < part->n; ++i) {
    NmReading reading;
    const size_t first = s->n_drafts;
    get_reading(part->sentence, part->first + i, &reading);
    add_respelled(s, part->text + part->from, i == 0 ? start - part->from : 0, words[i].text,
                  part->text + end, i + 1 == part->n ? part->to - end : 0, i == 0 && letters->capital,
                  &reading);
    if (first < s->n_drafts) s->drafts[first].begins_word = true;
  }
}

// Words that came from one stretch of letters; the print from there to the next stretch.
static void add_group(NmSyllabifier *s, const Part *part)
{
  Letters letters;
  bool spelled = true;
  find_letters(s, part->text + part->from, part->to - part->from, &letters);
  if (s->failed) return;
  for (int32_t i = 0; i < part->n; ++i)
    if (count_letters(part->sentence->words[part->first + i].text) == 0) spelled = false;
  if (!spelled && part->n == 1) { // given in phones
    NmReading reading;
    get_reading(part->sentence, part->first, &reading);
    add_pieces(s, part->text + part->from, part->to - part->from, &letters, &reading);
  } else if (spelled && is_as_printed(part, &letters))
    add_as_printed(s, part, &letters);
  else
    add_written_out(s, part, &letters);
}

static void add_part(NmSyllabifier *s, const Part *part)
{
  const NmWord *words = part->sentence->words;
  const int32_t end = part->first + part->n;
  Part group = *part;
  const size_t first = s->n_drafts;
  bool begins = true;
  for (int32_t i = part->first; i < end && !s->failed; i += group.n) {
    size_t reach = words[i].source_start + words[i].len_source;
    int32_t k = i + 1;
    for (; k < end && (words[k].source_start < reach || words[k].source_start == words[i].source_start); ++k)
      if (words[k].source_start + words[k].len_source > reach)
        reach = words[k].source_start + words[k].len_source;
    group.first = i;
    group.n = k - i;
    group.to = k < end ? clip(words[k].source_start, group.from, part->to) : part->to;
    const size_t before = s->n_drafts;
    add_group(s, &group);
    const bool written_out = before < s->n_drafts && s->drafts[before].begins_word;
    if (before < s->n_drafts) s->drafts[before].begins_word |= begins;
    begins = written_out;
    group.from = group.to;
  }
  if (first < s->n_drafts) s->drafts[first].begins_word = true;
}

// --- text to be analysed ---

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
  if (!reserve(s, &s->spare, &s->capacity_spare, len + 1, 1)) return NULL;
  memcpy(s->spare, text, len);
  for (size_t i = 0; i < len;) {
    size_t n = 0, n_small = 0;
    while (i + n < len && (is_letter(lower(text[i + n])) || (n && text[i + n] == '\''))) {
      n_small += is_letter(text[i + n]);
      ++n;
    }
    if (n && n_small == 0) calm_word(s, s->spare + i, n);
    i += n ? n : 1;
  }
  return s->spare;
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
  const size_t n_syllables = s->n_drafts * sizeof(NmSyllable), n_phones = s->n_phones * sizeof(int32_t);
  const size_t size = n_syllables + n_phones + s->n_chars + s->n_drafts + len + 1;
  char *memory = nm_arena_alloc(&s->arena, size);
  if (!memory) return false;
  NmSyllable *syllables = (void *)memory;
  int32_t *phones = (void *)(memory + n_syllables);
  char *chars = memory + n_syllables + n_phones;
  for (size_t i = 0; i < s->n_drafts; ++i) {
    const Draft *draft = &s->drafts[i];
    syllables[i] =
        (NmSyllable){chars, draft->phone_first, draft->n_phones, draft->stress, draft->begins_word};
    memcpy(chars, s->chars + draft->text, draft->len_text);
    chars += draft->len_text;
    *chars++ = '\0';
  }
  if (n_phones) memcpy(phones, s->phones, n_phones);
  memcpy(chars, word, len);
  *entry = (Entry){.hash = hash, .word = chars, .len = len};
  entry->syllables = (NmSyllables){syllables, phones, (int32_t)s->n_drafts, (int32_t)s->n_phones};
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
    reset(s);
    const NmStatus status = analyse(s, word, len, &sentence, err);
    if (status != NM_OK) return status;
    add_part(s, &(Part){&sentence, word, 0, len, 0, sentence.n_words});
    if (s->failed || !make_room(s)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
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
  if (s->n_drafts == 0) {
    add_chars(s, text, len);
    add_chars(s, " ", 1);
    *n_waiting = s->n_chars;
    return;
  }
  add_chars(s, " ", 1);
  add_chars(s, text, len);
  s->drafts[s->n_drafts - 1].len_text += (uint32_t)len + 1;
}

static void add_all_parts(NmSyllabifier *s, const char *line, size_t len, const NmSentence *sentence)
{
  size_t n_waiting = 0, reach = 0;
  int32_t word = 0;
  for (size_t at = 0; at < len && !s->failed;) {
    const size_t space = scan_space(line, len, at);
    if (space) {
      at += space;
      continue;
    }
    Part part = {sentence, line, at, find_part_end(line, len, at), word, 0};
    for (; word < sentence->n_words && sentence->words[word].source_start < part.to; ++word) {
      const size_t end = sentence->words[word].source_start + sentence->words[word].len_source;
      if (end > reach) reach = end;
    }
    part.n = word - part.first;
    const size_t before = s->n_drafts;
    if (part.n)
      add_part(s, &part);
    else if (part.from >= reach) // else it was written out with what came before: "3 p.m."
      add_signs(s, line + part.from, part.to - part.from, &n_waiting);
    if (before == 0 && s->n_drafts && n_waiting) {
      s->drafts[0].text = 0;
      s->drafts[0].len_text += (uint32_t)n_waiting;
    }
    at = part.to;
  }
}

static bool add_to_song(const NmSyllabifier *s, NmSong *song, int verse, int stanza, int32_t *n_words)
{
  if (nm_song_add_line(song, verse, stanza) < 0) return false;
  for (size_t i = 0; i < s->n_drafts; ++i) {
    const Draft *draft = &s->drafts[i];
    if (draft->begins_word) {
      if (nm_song_add_word(song) < 0) return false;
      ++*n_words;
    }
    if (nm_song_add_syllable(song, s->chars + draft->text, draft->len_text, draft->stress) < 0 ||
        nm_song_add_phones(song, s->phones + draft->phone_first, draft->n_phones) < 0)
      return false;
  }
  return true;
}

NmStatus nm_syllabifier_add_line(NmSyllabifier *s, NmSong *song, const char *line, size_t len, int verse,
                                 int stanza, int32_t *n_words, NmError *err)
{
  NmSentence sentence;
  int32_t n = 0;
  reset(s);
  const NmStatus status = analyse(s, line, len, &sentence, err);
  if (status != NM_OK) return status;
  add_all_parts(s, line, len, &sentence);
  if (s->failed || (s->n_drafts && !add_to_song(s, song, verse, stanza, &n)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory, or more syllables than a song can have");
  if (n_words) *n_words = n;
  return NM_OK;
}
