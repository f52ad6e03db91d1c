// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/prepare.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"

enum {
  LINE_MAX_BYTES = 1 << 22,
  NOTES_LEAST = 8,
  N_GRAM = 12,
  LETTERS_LEAST = 12, // of a line that says where it is from
  POEM_STANZAS = 4,
  POEM_SYLLABLES = 160,
  POEM_ROOM = 1024,
  WEIGHT_PAIRED = 10, // a sung syllable counts as often as so many of verse
  VALID_MELODY = 50,  // one in so many is held out
  VALID_POEM = 200
};

// A set of hashes, by open addressing; 0 is never one.
typedef struct {
  uint64_t *slots; // [n_slots], a power of two
  size_t n, n_slots;
} HashSet;

// Syllables met so far: temporary ids, how often.
typedef struct {
  char (*texts)[NM_SYLLABLE_LEN_MAX + 1]; // [room]
  int64_t *counts;
  int32_t *slots; // [n_slots] ids + 1
  int32_t n, room, n_slots;
  int64_t weight; // of what is counted now
  bool failed;    // memory ran out
} Counter;

typedef struct {
  const NmSongPrepare *options;
  NmSongPrepared *done;
  NmArena arena, scratch;
  NmSongItem *items;
  int32_t n_items, room;
  HashSet lines, grams; // of held-out songs
  Counter counter;
} Work;

NmSongPrepare nm_song_prepare_defaults(void)
{
  return (NmSongPrepare){.n_syllables = 6000, .share_verse = 1};
}

// --- hashes ---

static bool grow_set(HashSet *set)
{
  HashSet larger = {calloc(set->n_slots ? 2 * set->n_slots : 1024, sizeof *larger.slots), set->n,
                    set->n_slots ? 2 * set->n_slots : 1024};
  if (!larger.slots) return false;
  for (size_t i = 0; i < set->n_slots; ++i) {
    if (!set->slots[i]) continue;
    size_t at = set->slots[i] & (larger.n_slots - 1);
    while (larger.slots[at]) at = (at + 1) & (larger.n_slots - 1);
    larger.slots[at] = set->slots[i];
  }
  free(set->slots);
  *set = larger;
  return true;
}

static bool has_hash(const HashSet *set, uint64_t hash)
{
  if (set->n_slots == 0) return false;
  size_t at = hash & (set->n_slots - 1);
  while (set->slots[at] && set->slots[at] != hash) at = (at + 1) & (set->n_slots - 1);
  return set->slots[at] == hash;
}

static bool add_hash(HashSet *set, uint64_t hash)
{
  if (2 * set->n >= set->n_slots && !grow_set(set)) return false;
  if (has_hash(set, hash)) return true;
  size_t at = hash & (set->n_slots - 1);
  while (set->slots[at]) at = (at + 1) & (set->n_slots - 1);
  set->slots[at] = hash;
  ++set->n;
  return true;
}

// Of twelve intervals from note i on that hardly another tune has: five different ones, few repeated notes. 0
// for others.
static uint64_t hash_gram(const NmNoteToken *notes, int32_t i)
{
  uint64_t hash = 1, seen[4] = {0};
  int n_different = 0, n_still = 0;
  for (int k = 0; k < N_GRAM; ++k) {
    const int interval = notes[i + k + 1].pitch - notes[i + k].pitch + 128;
    n_different += !(seen[interval >> 6] >> (interval & 63) & 1);
    seen[interval >> 6] |= 1ull << (interval & 63);
    n_still += interval == 128;
    hash = nm_rng_mix(hash * 257 + (uint64_t)interval);
  }
  return n_different >= 5 && n_still <= 4 ? hash | 1 : 0;
}

static bool shares_gram(const Work *w, const NmNoteToken *notes, int32_t n)
{
  for (int32_t i = 0; i + N_GRAM < n; ++i) {
    const uint64_t hash = hash_gram(notes, i);
    if (hash && has_hash(&w->grams, hash)) return true;
  }
  return false;
}

static bool keep_grams(Work *w, const NmNoteToken *notes, int32_t n)
{
  for (int32_t i = 0; i + N_GRAM < n; ++i) {
    const uint64_t hash = hash_gram(notes, i);
    if (hash && !add_hash(&w->grams, hash)) return false;
  }
  return true;
}

// A line of verse by its letters; 0 for a short one.
typedef struct {
  uint64_t hash;
  int n;
} Letters;

static void add_letters(Letters *l, const char *text, size_t len)
{
  for (size_t i = 0; i < len; ++i) {
    if (!isalpha((unsigned char)text[i])) continue;
    l->hash = nm_rng_mix(l->hash * 257 + (uint64_t)tolower((unsigned char)text[i]));
    ++l->n;
  }
}

static uint64_t finish_letters(const Letters *l)
{
  return l->n >= LETTERS_LEAST ? l->hash | 1 : 0;
}

static bool keep_lines(Work *w, const NmSongItem *item)
{
  Letters l = {0};
  for (int32_t i = 0; i < item->n_lyrics; ++i) {
    const int32_t id = item->lyrics[i].syllable - NM_SYLLABLE_FIRST;
    if (id >= 0) add_letters(&l, w->counter.texts[id], strlen(w->counter.texts[id]));
    if (item->lyrics[i].end < NM_END_LINE) continue;
    const uint64_t hash = finish_letters(&l);
    if (hash && !add_hash(&w->lines, hash)) return false;
    l = (Letters){0};
  }
  return true;
}

// --- syllables ---

static uint32_t hash_text(const char *text)
{
  uint64_t h = 7;
  for (; *text; ++text) h = nm_rng_mix(h * 257 + (uint8_t)*text);
  return (uint32_t)h;
}

static int32_t find_slot(const Counter *c, const char *text)
{
  uint32_t at = hash_text(text) & (uint32_t)(c->n_slots - 1);
  while (c->slots[at] && strcmp(c->texts[c->slots[at] - 1], text) != 0)
    at = (at + 1) & (uint32_t)(c->n_slots - 1);
  return (int32_t)at;
}

static bool grow_counter(Counter *c)
{
  const int32_t room = c->room ? 2 * c->room : 4096;
  void *texts = realloc(c->texts, (size_t)room * sizeof *c->texts);
  if (texts) c->texts = texts;
  void *counts = realloc(c->counts, (size_t)room * sizeof *c->counts);
  if (counts) c->counts = counts;
  int32_t *slots = calloc(4 * (size_t)room, sizeof *slots);
  if (!texts || !counts || !slots) return free(slots), false;
  free(c->slots);
  c->slots = slots;
  c->n_slots = 4 * room;
  c->room = room;
  for (int32_t i = 0; i < c->n; ++i) c->slots[find_slot(c, c->texts[i])] = i + 1;
  return true;
}

// The temporary id of a folded syllable, counted.
static int32_t count_syllable(void *user, const char *folded)
{
  Counter *c = user;
  if (c->n == c->room && !grow_counter(c)) return c->failed = true, NM_SYLLABLE_UNKNOWN;
  const int32_t slot = find_slot(c, folded);
  if (!c->slots[slot]) {
    strcpy(c->texts[c->n], folded);
    c->counts[c->n] = 0;
    c->slots[slot] = ++c->n;
  }
  c->counts[c->slots[slot] - 1] += c->weight;
  return NM_SYLLABLE_FIRST + c->slots[slot] - 1;
}

// --- items ---

static bool add_item(Work *w, const NmSongItem *item)
{
  if (w->n_items == w->room) {
    const int32_t room = w->room ? 2 * w->room : 1024;
    NmSongItem *larger = realloc(w->items, (size_t)room * sizeof *larger);
    if (!larger) return false;
    w->items = larger;
    w->room = room;
  }
  NmSongItem copy = *item;
  NmLyricToken *lyrics = nm_arena_alloc(&w->arena, (size_t)item->n_lyrics * sizeof *lyrics + 1);
  NmNoteToken *notes = nm_arena_alloc(&w->arena, (size_t)item->n_notes * sizeof *notes + 1);
  if (!lyrics || !notes) return false;
  if (item->n_lyrics) memcpy(lyrics, item->lyrics, (size_t)item->n_lyrics * sizeof *lyrics);
  if (item->n_notes) memcpy(notes, item->notes, (size_t)item->n_notes * sizeof *notes);
  copy.lyrics = lyrics;
  copy.notes = notes;
  w->items[w->n_items++] = copy;
  return true;
}

// A corpus without a split for tests gives its validation songs to them.
static void carve(const Work *w, NmSongParsed *parsed)
{
  if (w->options->carve < 1) return;
  if (parsed->item.split == NM_SONG_VALID)
    parsed->item.split = NM_SONG_TEST;
  else if (parsed->item.split == NM_SONG_TRAIN && parsed->group % w->options->carve == 0)
    parsed->item.split = NM_SONG_VALID;
}

static bool take_paired(Work *w, NmSongParsed *parsed)
{
  const NmSongItem *item = &parsed->item;
  carve(w, parsed);
  if (!parsed->has_words || item->n_lyrics == 0 || !nm_song_item_fits(item) ||
      (!parsed->english && item->split == NM_SONG_TRAIN))
    return ++w->done->n_unfit, true;
  ++w->done->n_songs;
  if (item->split != NM_SONG_TRAIN && (!keep_lines(w, item) || !keep_grams(w, item->notes, item->n_notes)))
    return false;
  return add_item(w, item);
}

static bool take_melody(Work *w, NmSongParsed *parsed)
{
  NmSongItem *item = &parsed->item;
  if (item->n_notes < NOTES_LEAST) return ++w->done->n_unfit, true;
  if (shares_gram(w, item->notes, item->n_notes)) return ++w->done->n_collides, true;
  item->n_lyrics = 0;
  item->split = ++w->done->n_melodies % VALID_MELODY ? NM_SONG_TRAIN : NM_SONG_VALID;
  return add_item(w, item);
}

static NmStatus take_json(Work *w, const char *json, size_t len, bool paired, NmError *err)
{
  NmSongParsed parsed;
  nm_arena_reset(&w->scratch);
  w->counter.weight = paired ? WEIGHT_PAIRED : 0;
  const NmStatus status = nm_song_parse(json, len, paired ? w->options->syllabifier : NULL, count_syllable,
                                        &w->counter, &w->scratch, &parsed, err);
  if (status != NM_OK) return status;
  if (!parsed.free_licence && !w->options->any_licence) return ++w->done->n_licence, NM_OK;
  const bool good = paired ? take_paired(w, &parsed) : take_melody(w, &parsed);
  return good && !w->counter.failed ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// --- verse ---

typedef struct {
  NmLyricToken tokens[POEM_ROOM];
  int32_t n, n_stanzas;
  bool collides;
} Poem;

static int8_t vowel_of(const NmSyllables *word, const NmSyllable *s)
{
  for (int32_t i = 0; i < s->n_phones; ++i) {
    const int32_t phone = word->phones[s->phone_first + i];
    if (nm_phone_is_vowel(phone)) return (int8_t)((phone - NM_PHONE_VOWEL_FIRST) / 3 + 1);
  }
  return 0;
}

static NmStatus add_word(Work *w, Poem *poem, const char *word, size_t len, NmError *err)
{
  NmSyllables said;
  const NmStatus status = nm_syllabifier_word(w->options->syllabifier, word, len, &said, err);
  for (int32_t i = 0; status == NM_OK && i < said.n && poem->n < POEM_ROOM; ++i) {
    char folded[NM_SYLLABLE_LEN_MAX + 1];
    const char *text = said.syllables[i].text;
    const size_t n = strlen(text);
    const bool known = nm_syllable_fold(text, n, folded) > 0;
    const bool last = i + 1 == said.n || said.syllables[i + 1].begins_word;
    poem->tokens[poem->n++] =
        (NmLyricToken){.syllable = known ? count_syllable(&w->counter, folded) : NM_SYLLABLE_UNKNOWN,
                       .end = last ? NM_END_WORD : NM_END_NOTHING,
                       .stress = said.syllables[i].stress,
                       .vowel = vowel_of(&said, &said.syllables[i]),
                       .mark = (int8_t)nm_syllable_mark(text, n)};
  }
  return status;
}

static NmStatus add_verse_line(Work *w, Poem *poem, const char *line, size_t len, NmError *err)
{
  Letters letters = {0};
  NmStatus status = NM_OK;
  const int32_t first = poem->n;
  for (size_t at = 0; at < len && status == NM_OK;) {
    size_t end = at;
    while (end < len && line[end] != ' ') ++end;
    if (end > at) status = add_word(w, poem, line + at, end - at, err);
    at = end + 1;
  }
  add_letters(&letters, line, len);
  const uint64_t hash = finish_letters(&letters);
  poem->collides |= hash && has_hash(&w->lines, hash);
  if (poem->n > first) poem->tokens[poem->n - 1].end = NM_END_LINE;
  return status;
}

static NmStatus finish_poem(Work *w, Poem *poem, NmError *err)
{
  NmStatus status = NM_OK;
  if (poem->collides) {
    ++w->done->n_collides;
  } else if (poem->n > 0) {
    poem->tokens[poem->n - 1].end = NM_END_SONG;
    const NmSongItem item = {.lyrics = poem->tokens,
                             .n_lyrics = poem->n,
                             .frame = {.style = NM_STYLE_VERSE, .shift = NM_SONG_NO_SHIFT},
                             .split = ++w->done->n_poems % VALID_POEM ? NM_SONG_TRAIN : NM_SONG_VALID};
    if (!add_item(w, &item)) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  poem->n = poem->n_stanzas = 0;
  poem->collides = false;
  return w->counter.failed ? nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory") : status;
}

static NmStatus end_stanza(Work *w, Poem *poem, NmError *err)
{
  if (poem->n > 0) poem->tokens[poem->n - 1].end = NM_END_STANZA;
  return ++poem->n_stanzas >= POEM_STANZAS || poem->n > POEM_SYLLABLES ? finish_poem(w, poem, err) : NM_OK;
}

// --- files ---

static bool is_cancelled(const Work *w)
{
  return w->options->cancel && atomic_load_explicit(w->options->cancel, memory_order_relaxed);
}

// Whether the stanza group that begins at this line of the file is among the share that is taken.
static bool is_taken(const Work *w, int64_t group)
{
  return nm_rng_uniform_at(5, (uint64_t)group) < w->options->share_verse;
}

static NmStatus read_verse(Work *w, FILE *file, char **line, size_t *room, int64_t *n_line, NmError *err)
{
  Poem *poem = calloc(1, sizeof *poem);
  int64_t n_stanza = 0;
  NmStatus status = poem ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  w->counter.weight = 1;
  for (ssize_t len; status == NM_OK && (len = getline(line, room, file)) > 0;) {
    ++*n_line;
    while (len > 0 && isspace((unsigned char)(*line)[len - 1])) --len;
    if (!is_taken(w, n_stanza / POEM_STANZAS))
      n_stanza += len == 0;
    else if (len > 0)
      status = len < LINE_MAX_BYTES ? add_verse_line(w, poem, *line, (size_t)len, err)
                                    : nm_error_set(err, NM_ERR_BAD_DATA, "too long a line");
    else
      status = end_stanza(w, poem, err), ++n_stanza;
    if (is_cancelled(w)) status = nm_error_set(err, NM_ERR_CANCELLED, "cancelled");
  }
  if (status == NM_OK) status = finish_poem(w, poem, err);
  free(poem);
  return status;
}

typedef enum { FILE_PAIRED, FILE_MELODIES, FILE_VERSE } FileKind;

static NmStatus read_json(Work *w, FILE *file, bool paired, char **line, size_t *room, int64_t *n_line,
                          NmError *err)
{
  NmStatus status = NM_OK;
  for (ssize_t len; status == NM_OK && (len = getline(line, room, file)) > 0;) {
    ++*n_line;
    if (len > LINE_MAX_BYTES) status = nm_error_set(err, NM_ERR_BAD_DATA, "too long a line");
    if (status == NM_OK && len > 1) status = take_json(w, *line, (size_t)len, paired, err);
    if (status == NM_OK && is_cancelled(w)) status = nm_error_set(err, NM_ERR_CANCELLED, "cancelled");
  }
  return status;
}

static NmStatus read_file(Work *w, const char *path, FileKind kind, NmError *err)
{
  char *line = NULL;
  size_t room = 0;
  int64_t n_line = 0;
  NmError inner = {0};
  FILE *file = fopen(path, "r");
  if (!file) return nm_error_set(err, NM_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
  NmStatus status = kind == FILE_VERSE
                        ? read_verse(w, file, &line, &room, &n_line, &inner)
                        : read_json(w, file, kind == FILE_PAIRED, &line, &room, &n_line, &inner);
  if (status != NM_OK)
    nm_error_set_at(err, status, -1, n_line, "%s: line %lld: %s", path, (long long)n_line, inner.message);
  else if (ferror(file))
    status = nm_error_set(err, NM_ERR_IO, "%s: cannot be read", path);
  fclose(file);
  free(line);
  return status;
}

// --- the vocabulary ---

typedef struct {
  int64_t count;
  const char *text;
  int32_t id;
} Ranked;

static int compare_ranked(const void *a, const void *b)
{
  const Ranked *x = a, *y = b;
  if (x->count != y->count) return x->count < y->count ? 1 : -1;
  return strcmp(x->text, y->text);
}

// The commonest syllables as text; ids of all [counter.n] by their temporary ones.
static char *rank(Work *w, int32_t *ids)
{
  const Counter *c = &w->counter;
  const int32_t n =
      w->options->n_syllables - NM_SYLLABLE_FIRST < c->n ? w->options->n_syllables - NM_SYLLABLE_FIRST : c->n;
  Ranked *ranked = calloc((size_t)c->n + 1, sizeof *ranked);
  char *text = calloc((size_t)n + 1, NM_SYLLABLE_LEN_MAX + 1), *at = text;
  for (int32_t i = 0; ranked && i < c->n; ++i) ranked[i] = (Ranked){c->counts[i], c->texts[i], i};
  if (ranked && c->n) qsort(ranked, (size_t)c->n, sizeof *ranked, compare_ranked);
  for (int32_t i = 0; ranked && i < c->n; ++i)
    ids[ranked[i].id] = i < n ? NM_SYLLABLE_FIRST + i : NM_SYLLABLE_UNKNOWN;
  for (int32_t i = 0; ranked && text && i < n; ++i) at += sprintf(at, "%s\n", ranked[i].text);
  if (!ranked) free(text), text = NULL;
  free(ranked);
  return text;
}

static void number_syllables(Work *w, const int32_t *ids)
{
  for (int32_t i = 0; i < w->n_items; ++i) {
    NmLyricToken *tokens = (NmLyricToken *)w->items[i].lyrics; // on our arena
    w->done->n_syllables += w->items[i].n_lyrics;
    w->done->n_notes += w->items[i].n_notes;
    for (int32_t k = 0; k < w->items[i].n_lyrics; ++k) {
      if (tokens[k].syllable >= NM_SYLLABLE_FIRST)
        tokens[k].syllable = ids[tokens[k].syllable - NM_SYLLABLE_FIRST];
      w->done->n_unknown += tokens[k].syllable == NM_SYLLABLE_UNKNOWN;
    }
  }
}

static NmStatus save(Work *w, NmError *err)
{
  int32_t *ids = calloc((size_t)w->counter.n + 1, sizeof *ids);
  char *text = ids ? rank(w, ids) : NULL;
  NmStatus status = text ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    number_syllables(w, ids);
    status = nm_song_corpus_save(w->options->out, text, w->items, w->n_items, err);
  }
  free(ids);
  free(text);
  return status;
}

static void finish(Work *w)
{
  nm_arena_fini(&w->arena);
  nm_arena_fini(&w->scratch);
  free(w->items);
  free(w->lines.slots);
  free(w->grams.slots);
  free(w->counter.texts);
  free(w->counter.counts);
  free(w->counter.slots);
}

NmStatus nm_song_prepare(const NmSongPrepare *prepare, NmSongPrepared *prepared, NmError *err)
{
  Work w = {.options = prepare, .done = prepared};
  NmStatus status = NM_OK;
  *prepared = (NmSongPrepared){0};
  nm_arena_init(&w.arena, 1 << 22);
  nm_arena_init(&w.scratch, 1 << 20);
  if (prepare->n_syllables < NM_SYLLABLE_FIRST || prepare->n_syllables > NM_SYLLABLES_MAX)
    status = nm_error_set(err, NM_ERR_BAD_ARG, "a vocabulary has at most %d syllables", NM_SYLLABLES_MAX);
  for (int i = 0; i < prepare->n_paired && status == NM_OK; ++i)
    status = read_file(&w, prepare->paired[i], FILE_PAIRED, err);
  for (int i = 0; i < prepare->n_melodies && status == NM_OK; ++i)
    status = read_file(&w, prepare->melodies[i], FILE_MELODIES, err);
  for (int i = 0; i < prepare->n_verse && status == NM_OK; ++i)
    status = read_file(&w, prepare->verse[i], FILE_VERSE, err);
  if (status == NM_OK) status = save(&w, err);
  finish(&w);
  return status;
}
