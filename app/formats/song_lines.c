// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/song_lines.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { LINE_WORDS_MAX = 40 };
static const double beats_stanza = 8;

// --- lines as they are told ---

// Where every word goes: place[word] in the new order. False when the lines do not take all words once.
static bool order_words(const NmSong *song, const NmSongNewLine *lines, int32_t n_lines, int32_t *place)
{
  int32_t next[NM_SONG_VERSES_MAX + 1] = {0}; // the verse's first word that no line has yet
  int32_t n_placed = 0;
  for (int32_t i = 0; i < n_lines; ++i) {
    const int verse = lines[i].verse;
    if (verse < 1 || verse > NM_SONG_VERSES_MAX || lines[i].stanza < 0 || lines[i].n_words < 1) return false;
    for (int32_t j = 0; j < lines[i].n_words; ++j) {
      int32_t *word = &next[verse];
      while (*word < song->n_words && song->lines[song->words[*word].line].verse != verse) ++*word;
      if (*word == song->n_words) return false;
      place[(*word)++] = n_placed++;
    }
  }
  return n_placed == song->n_words;
}

// Moves words and syllables to their places, and what refers to them.
static void move_words(NmSong *song, const int32_t *place, NmSongWord *words, NmSongSyllable *syllables,
                       int32_t *place_syllable)
{
  for (int32_t i = 0; i < song->n_words; ++i) words[place[i]] = song->words[i];
  int32_t n = 0;
  for (int32_t i = 0; i < song->n_words; ++i) {
    for (int32_t j = 0; j < words[i].n_syllables; ++j) {
      place_syllable[words[i].syllable_first + j] = n + j;
      syllables[n + j] = song->syllables[words[i].syllable_first + j];
      syllables[n + j].word = i;
    }
    words[i].syllable_first = n;
    n += words[i].n_syllables;
  }
  for (int32_t i = 0; i < song->n_links; ++i)
    song->links[i].syllable = place_syllable[song->links[i].syllable];
  memcpy(song->words, words, (size_t)song->n_words * sizeof *words);
  memcpy(song->syllables, syllables, (size_t)song->n_syllables * sizeof *syllables);
}

static bool add_lines(NmSong *song, const NmSongNewLine *lines, int32_t n_lines)
{
  int32_t word = 0;
  song->n_lines = 0;
  for (int32_t i = 0; i < n_lines; ++i) {
    if (nm_song_add_line(song, lines[i].verse, lines[i].stanza) < 0) return false;
    song->lines[i].word_first = word;
    song->lines[i].n_words = lines[i].n_words;
    for (int32_t j = 0; j < lines[i].n_words; ++j) song->words[word++].line = i;
  }
  return true;
}

static int compare_links(const void *a, const void *b)
{
  const NmSongLink *x = a, *y = b;
  if (x->note != y->note) return x->note < y->note ? -1 : 1;
  return (x->syllable > y->syllable) - (x->syllable < y->syllable);
}

NmStatus nm_song_lines_set(NmSong *song, const NmSongNewLine *lines, int32_t n_lines)
{
  const size_t n_words = (size_t)song->n_words + 1, n_syllables = (size_t)song->n_syllables + 1;
  int32_t *place = malloc(n_words * sizeof *place), *place_syllable = malloc(n_syllables * sizeof *place);
  NmSongWord *words = malloc(n_words * sizeof *words);
  NmSongSyllable *syllables = malloc(n_syllables * sizeof *syllables);
  NmStatus status = place && place_syllable && words && syllables ? NM_OK : NM_ERR_NO_MEMORY;
  if (status == NM_OK && !order_words(song, lines, n_lines, place)) status = NM_ERR_BAD_ARG;
  if (status == NM_OK) {
    if (song->n_words) move_words(song, place, words, syllables, place_syllable);
    if (song->n_links) qsort(song->links, (size_t)song->n_links, sizeof *song->links, compare_links);
    if (!add_lines(song, lines, n_lines)) status = NM_ERR_NO_MEMORY;
  }
  free(place);
  free(place_syllable);
  free(words);
  free(syllables);
  return status;
}

// --- lines as they are found ---

typedef struct {
  NmSong *song;
  const bool *hints;
  const int32_t *note_first, *n_notes; // [n_syllables]
  int64_t len_usual;                   // the median note
  double capital;                      // what a capital counts
  double *strength;                    // [n_words] of a line that ends after the word
  double *best;                        // [n_words + 1] of all lines up to the word
  int32_t *from;                       // [n_words + 1] where the last of them begins
  NmSongNewLine *lines;
  int32_t n_lines;
} Cut;

static bool is_one_of(utf8proc_int32_t code, const char *set)
{
  while (*set) {
    utf8proc_int32_t known;
    set += utf8proc_iterate((const uint8_t *)set, -1, &known);
    if (known == code) return true;
  }
  return false;
}

// What the punctuation at the end of a syllable counts, behind closing quotes.
static double weigh_punctuation(const char *text)
{
  double weight = 0;
  utf8proc_int32_t code;
  for (utf8proc_ssize_t n; *text && (n = utf8proc_iterate((const uint8_t *)text, -1, &code)) > 0; text += n) {
    if (is_one_of(code, ".!?"))
      weight = 3;
    else if (is_one_of(code, ";:…"))
      weight = 2.5;
    else if (is_one_of(code, ",—–"))
      weight = 1.5;
    else if (!is_one_of(code, "\"'”’»)]"))
      weight = 0;
  }
  return weight;
}

// A capital that may begin a line: not the word "I".
static bool has_capital(const char *text)
{
  utf8proc_int32_t code = 0;
  utf8proc_ssize_t n = 0;
  for (;; text += n) {
    n = utf8proc_iterate((const uint8_t *)text, -1, &code);
    if (n <= 0 || !*text) return false;
    if (!is_one_of(code, "\"'“‘«([¡¿")) break;
  }
  if (code == 'I' && (!text[1] || strchr("',", text[1]) || !strncmp(text + 1, "’", 3))) return false;
  return utf8proc_category(code) == UTF8PROC_CATEGORY_LU;
}

static const char *get_first_text(const NmSong *song, int32_t word)
{
  return song->syllables[song->words[word].syllable_first].text;
}

static double weigh_music(const Cut *cut, int32_t syllable)
{
  const NmSong *song = cut->song;
  const int32_t n = cut->n_notes[syllable], next = syllable + 1;
  if (n == 0) return 0;
  const NmSongNote *last = &song->notes[cut->note_first[syllable] + n - 1];
  double weight = last->len >= 2 * cut->len_usual ? 1 : 0;
  if (cut->n_notes[next] == 0) return weight;
  const int64_t rest = song->notes[cut->note_first[next]].onset - last->onset - last->len;
  if (2 * rest >= song->ticks_per_beat) weight += 1.5;
  if (rest >= song->ticks_per_beat) weight += 1;
  return weight;
}

static double weigh_place(const Cut *cut, int32_t word)
{
  const NmSongWord *own = &cut->song->words[word];
  const int32_t syllable = own->syllable_first + own->n_syllables - 1;
  double weight = weigh_punctuation(cut->song->syllables[syllable].text) + weigh_music(cut, syllable);
  if (has_capital(get_first_text(cut->song, word + 1))) weight += cut->capital;
  if (cut->hints && cut->hints[word]) weight += 3;
  return weight;
}

static double weigh_line(int32_t n_syllables)
{
  const double far = n_syllables - 8;
  return 3 + .06 * far * far + (n_syllables < 4 ? 4 - n_syllables : 0);
}

static bool is_rest_of_stanza(const Cut *cut, int32_t word)
{
  const NmSongWord *own = &cut->song->words[word];
  const int32_t syllable = own->syllable_first + own->n_syllables - 1;
  if (cut->n_notes[syllable] == 0 || cut->n_notes[syllable + 1] == 0) return false;
  const NmSongNote *last = &cut->song->notes[cut->note_first[syllable] + cut->n_notes[syllable] - 1];
  const int64_t rest = cut->song->notes[cut->note_first[syllable + 1]].onset - last->onset - last->len;
  return (double)rest >= beats_stanza * cut->song->ticks_per_beat;
}

// The best lines of words [begin, end), a verse.
static void cut_verse(Cut *cut, int32_t begin, int32_t end, int16_t verse, int16_t *stanza)
{
  cut->best[begin] = 0;
  for (int32_t i = begin + 1; i <= end; ++i) {
    cut->best[i] = -1e30;
    int32_t n_syllables = 0;
    const double strength = i < end ? cut->strength[i - 1] : 0;
    for (int32_t j = i - 1; j >= begin && j >= i - LINE_WORDS_MAX; --j) {
      n_syllables += cut->song->words[j].n_syllables;
      const double value = cut->best[j] + strength - weigh_line(n_syllables);
      if (value > cut->best[i]) cut->best[i] = value, cut->from[i] = j;
    }
  }
  const int32_t n_before = cut->n_lines;
  for (int32_t i = end; i > begin; i = cut->from[i])
    cut->lines[cut->n_lines++] = (NmSongNewLine){verse, 0, i - cut->from[i]};
  for (int32_t i = n_before, j = cut->n_lines - 1; i < j; ++i, --j) {
    const NmSongNewLine line = cut->lines[i];
    cut->lines[i] = cut->lines[j];
    cut->lines[j] = line;
  }
  int32_t word = begin;
  for (int32_t i = n_before; i < cut->n_lines; ++i) {
    cut->lines[i].stanza = *stanza;
    word += cut->lines[i].n_words;
    if (*stanza < INT16_MAX && (word == end || is_rest_of_stanza(cut, word - 1))) ++*stanza;
  }
}

static int compare_lens(const void *a, const void *b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static bool find_usual_len(Cut *cut)
{
  const size_t n = (size_t)cut->song->n_notes;
  int64_t *lens = malloc((n + 1) * sizeof *lens);
  if (!lens) return false;
  for (size_t i = 0; i < n; ++i) lens[i] = cut->song->notes[i].len;
  if (n) qsort(lens, n, sizeof *lens, compare_lens);
  cut->len_usual = n ? lens[n / 2] : 0;
  free(lens);
  return true;
}

// Where every noun has a capital, capitals say little.
static void weigh_capitals(Cut *cut)
{
  const NmSong *song = cut->song;
  int32_t n = 0;
  for (int32_t i = 0; i < song->n_words; ++i) n += has_capital(get_first_text(song, i));
  cut->capital = 4 * n > song->n_words ? .5 : 2.5;
}

static NmStatus cut_song(Cut *cut)
{
  NmSong *song = cut->song;
  if (!find_usual_len(cut)) return NM_ERR_NO_MEMORY;
  weigh_capitals(cut);
  int16_t stanza = 0;
  for (int32_t begin = 0, end; begin < song->n_words; begin = end) {
    const int16_t verse = song->lines[song->words[begin].line].verse;
    for (end = begin + 1; end < song->n_words && song->lines[song->words[end].line].verse == verse; ++end)
      cut->strength[end - 1] = weigh_place(cut, end - 1);
    cut_verse(cut, begin, end, verse, &stanza);
  }
  return nm_song_lines_set(song, cut->lines, cut->n_lines);
}

NmStatus nm_song_divide_lines(NmSong *song, const bool *hints)
{
  if (song->n_words == 0) return NM_OK;
  const size_t n_words = (size_t)song->n_words + 1, n_syllables = (size_t)song->n_syllables;
  int32_t *note_first = malloc(n_syllables * sizeof *note_first),
          *n_notes = malloc(n_syllables * sizeof *n_notes);
  Cut cut = {.song = song,
             .hints = hints,
             .note_first = note_first,
             .n_notes = n_notes,
             .strength = malloc(n_words * sizeof *cut.strength),
             .best = malloc(n_words * sizeof *cut.best),
             .from = malloc(n_words * sizeof *cut.from),
             .lines = malloc(n_words * sizeof *cut.lines)};
  NmStatus status = NM_ERR_NO_MEMORY;
  if (note_first && n_notes && cut.strength && cut.best && cut.from && cut.lines) {
    nm_song_get_notes_of_syllables(song, note_first, n_notes);
    status = cut_song(&cut);
  }
  free(note_first);
  free(n_notes);
  free(cut.strength);
  free(cut.best);
  free(cut.from);
  free(cut.lines);
  return status;
}
