// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/words.h"

#include <stdio.h>
#include <string.h>

#include "models/sing/syllables.h"
#include "models/song/sung.h"

enum { KEY_MAX = 64, UNIT_PHONES_MAX = 200 };

// A line of the song as one text.
typedef struct {
  char *text;     // [len]
  size_t *starts; // [n_words + 1] where each word begins
  size_t len;
  NmSentence sentence;
  bool read; // the sentence is there
} Line;

typedef struct {
  NmSungWords *words;
  NmSungScore *score;
  NmArena scratch; // of one line
  Line line;
  int32_t capacity_phones;
} Reader;

static int32_t find_filler(NmSingFiller filler, int32_t phones[2])
{
  static const char *const names[NM_SING_N_FILLERS][2] = {
      {"L", "AA1"}, {"AA1", NULL}, {"UW1", NULL}, {"M", NULL}, {"AA1", NULL}};
  int32_t n = 0;
  for (; n < 2 && names[filler][n]; ++n)
    phones[n] = nm_phone_find(names[filler][n], strlen(names[filler][n]), 1);
  return n;
}

static void tell(const NmSungWords *words, const char *message)
{
  if (words->note) words->note(words->user, message);
}

static bool add_phones(Reader *reader, NmSungUnit *unit, const int32_t *phones, int32_t n)
{
  NmSungScore *score = reader->score;
  if (score->n_phones + n > reader->capacity_phones) {
    const int32_t capacity = 2 * (score->n_phones + n) + 256;
    int32_t *grown = nm_arena_alloc(&score->arena, (size_t)capacity * sizeof *grown);
    if (!grown) return false;
    if (score->n_phones) memcpy(grown, score->phones, (size_t)score->n_phones * sizeof *grown);
    score->phones = grown;
    reader->capacity_phones = capacity;
  }
  unit->phone_first = score->n_phones;
  unit->n_phones = n;
  memcpy(score->phones + score->n_phones, phones, (size_t)n * sizeof *phones);
  score->n_phones += n;
  return true;
}

// --- a line as text ---

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_capitals(const char *text, size_t len)
{
  size_t n = 0;
  for (size_t i = 0; i < len; ++i) {
    if (text[i] >= 'a' && text[i] <= 'z') return false;
    n += text[i] >= 'A' && text[i] <= 'Z';
  }
  return n >= 2;
}

// A word in capitals is emphasis, not an abbreviation, where the lexicon knows it.
static void calm(const NmText *text, char *word, size_t len)
{
  char small[KEY_MAX];
  size_t n = 0;
  if (!is_capitals(word, len) || len > sizeof small) return;
  for (size_t i = 0; i < len; ++i)
    if (word[i] >= 'A' && word[i] <= 'Z') small[n++] = lower(word[i]);
  if (!nm_text_knows(text, small, n)) return;
  for (size_t i = 0; i < len; ++i) word[i] = lower(word[i]);
}

static size_t measure_line(const NmSong *song, const NmSongLine *line)
{
  size_t len = 1;
  for (int32_t w = line->word_first; w < line->word_first + line->n_words; ++w)
    for (int32_t s = 0; s < song->words[w].n_syllables; ++s)
      len += strlen(song->syllables[song->words[w].syllable_first + s].text) + 1;
  return len;
}

// Whether a syllable only holds the vowel letter before it, as in "glo-o-o-ri-a".
static bool only_holds(const char *before, const char *text)
{
  const size_t n = strlen(before);
  return n && text[0] && !text[1] && strchr("aeiou", lower(*text)) && lower(before[n - 1]) == lower(*text);
}

// The letters of a word, without syllables that only hold if `short_form`; 0 when there are too many.
static size_t spell(const NmSong *song, const NmSongWord *word, bool short_form, char letters[KEY_MAX])
{
  size_t n = 0;
  for (int32_t s = 0; s < word->n_syllables; ++s) {
    const char *text = song->syllables[word->syllable_first + s].text;
    if (short_form && s > 0 && only_holds(song->syllables[word->syllable_first + s - 1].text, text)) continue;
    for (; *text; ++text) {
      const char c = lower(*text);
      if (c < 'a' || c > 'z') continue;
      if (n == KEY_MAX) return 0;
      letters[n++] = c;
    }
  }
  return n;
}

// Whether a word is known only without the syllables that hold.
static bool is_drawn_out(const Reader *reader, const NmSongWord *word)
{
  char letters[KEY_MAX];
  const NmSong *song = reader->words->song;
  size_t n = spell(song, word, false, letters);
  if (n == 0 || nm_text_knows(reader->words->text, letters, n)) return false;
  const size_t n_short = spell(song, word, true, letters);
  return n_short < n && nm_text_knows(reader->words->text, letters, n_short);
}

static bool write_line(Reader *reader, const NmSongLine *song_line)
{
  const NmSong *song = reader->words->song;
  Line *line = &reader->line;
  line->text = nm_arena_alloc(&reader->scratch, measure_line(song, song_line));
  line->starts = nm_arena_alloc(&reader->scratch, ((size_t)song_line->n_words + 1) * sizeof *line->starts);
  line->len = 0;
  if (!line->text || !line->starts) return false;
  for (int32_t w = 0; w < song_line->n_words; ++w) {
    const NmSongWord *word = &song->words[song_line->word_first + w];
    const size_t start = line->starts[w] = line->len;
    const bool drawn_out = is_drawn_out(reader, word);
    for (int32_t s = 0; s < word->n_syllables; ++s) {
      const char *text = song->syllables[word->syllable_first + s].text;
      const size_t n = strlen(text);
      if (drawn_out && s > 0 && only_holds(song->syllables[word->syllable_first + s - 1].text, text))
        continue;
      memcpy(line->text + line->len, text, n);
      line->len += n;
    }
    calm(reader->words->text, line->text + start, line->len - start);
    line->text[line->len++] = ' ';
  }
  line->starts[song_line->n_words] = line->len;
  return true;
}

static bool has_phones(const NmSong *song, const NmSongWord *word)
{
  for (int32_t s = 0; s < word->n_syllables; ++s)
    if (song->syllables[word->syllable_first + s].n_phones == 0) return false;
  return true;
}

static NmStatus read_line(Reader *reader, int32_t i_line, NmError *err)
{
  const NmSong *song = reader->words->song;
  const NmSongLine *line = &song->lines[i_line];
  bool complete = true;
  for (int32_t w = 0; w < line->n_words; ++w)
    complete &= has_phones(song, &song->words[line->word_first + w]);
  reader->line.read = false;
  if (complete) return NM_OK;
  if (!reader->words->text)
    return nm_error_set(err, NM_ERR_BAD_ARG, "line %d of the song has words without phones", i_line + 1);
  nm_arena_reset(&reader->scratch);
  if (!write_line(reader, line)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmStatus status = nm_text_analyse(reader->words->text, reader->line.text, reader->line.len,
                                          NM_SAY_PLAIN, &reader->line.sentence, err);
  if (status != NM_OK) return status;
  reader->line.read = true;
  for (int32_t i = 0; i < reader->line.sentence.n_notes; ++i)
    tell(reader->words, reader->line.sentence.notes[i].message);
  return NM_OK;
}

// --- a word of it ---

// Appends what the front end read from bytes [from, to) of the line; how many of its words those were.
static int32_t gather_reading(const NmSentence *sentence, size_t from, size_t to, NmReading *reading,
                              NmBoundary *boundary)
{
  int32_t n = 0;
  for (int32_t i = 0; i < sentence->n_words; ++i) {
    const NmWord *word = &sentence->words[i];
    if (word->source_start < from || word->source_start >= to) continue;
    for (int32_t p = word->phone_first; p < word->phone_first + word->n_phones; ++p) {
      if (reading->n == NM_READING_PHONES_MAX / 2) break;
      reading->starts[reading->n] =
          p == word->phone_first || sentence->syllables[p] != sentence->syllables[p - 1];
      reading->phones[reading->n++] = sentence->phones[p];
    }
    *boundary = word->boundary;
    ++n;
  }
  return n;
}

// The word's letters and apostrophes, lower case; `grave`: it ends in an accented e and a d.
static size_t find_key(const char *text, size_t len, char key[KEY_MAX], bool *grave)
{
  size_t n = 0;
  *grave = false;
  for (size_t i = 0; i < len && n + 1 < KEY_MAX; ++i) {
    const unsigned char c = (unsigned char)text[i];
    if ((lower((char)c) >= 'a' && lower((char)c) <= 'z') || c == '\'')
      key[n++] = lower((char)c);
    else if (c == 0xE2 && i + 2 < len && (unsigned char)text[i + 2] == 0x99)
      key[n++] = '\'', i += 2;
    else if (c == 0xC3 && i + 2 < len && strchr("\xA8\xA9", text[i + 1]) && text[i + 2] == 'd')
      *grave = true, key[n++] = 'e', ++i;
  }
  return n;
}

// How the words of one written word are sung; n 0 when the front end finds nothing in it.
static void read_word(Reader *reader, int32_t w, NmReading *reading, NmBoundary *boundary)
{
  const Line *line = &reader->line;
  const size_t from = line->starts[w], to = line->starts[w + 1];
  char key[KEY_MAX];
  bool grave;
  reading->n = 0;
  *boundary = NM_BOUNDARY_NONE;
  if (gather_reading(&line->sentence, from, to, reading, boundary) != 1 || reading->n == 0) return;
  const size_t len = find_key(line->text + from, to - from, key, &grave);
  if (len) nm_sung_read(key, len, grave, reading);
}

static NmBoundary boundary_of_text(const char *text)
{
  static const struct {
    char mark;
    NmBoundary boundary;
  } marks[] = {{',', NM_BOUNDARY_COMMA},  {';', NM_BOUNDARY_SEMICOLON},   {':', NM_BOUNDARY_SEMICOLON},
               {'.', NM_BOUNDARY_PERIOD}, {'!', NM_BOUNDARY_EXCLAMATION}, {'?', NM_BOUNDARY_QUESTION}};
  NmBoundary found = NM_BOUNDARY_NONE;
  size_t len = strlen(text);
  while (len && !strchr(".,;:!?", text[len - 1]) && strchr("\"')]", text[len - 1])) --len;
  for (size_t i = 0; len && i < sizeof marks / sizeof *marks; ++i)
    if (text[len - 1] == marks[i].mark) found = marks[i].boundary;
  return found;
}

static void report_unread(Reader *reader, const NmSongWord *word)
{
  char message[160];
  snprintf(message, sizeof message, "\"%.60s\" cannot be read; it is sung on a vowel",
           reader->words->song->syllables[word->syllable_first].text);
  tell(reader->words, message);
}

// --- units ---

static bool fill_from_song(Reader *reader, NmSungUnit *unit)
{
  const NmSong *song = reader->words->song;
  const NmSongSyllable *syllable = &song->syllables[unit->syllable];
  const NmSongWord *word = &song->words[unit->word];
  const int32_t last = word->syllable_first + word->n_syllables - 1;
  unit->boundary = boundary_of_text(song->syllables[last].text);
  return add_phones(reader, unit, song->phones + syllable->phone_first, syllable->n_phones);
}

static bool fill_filler(Reader *reader, NmSungUnit *unit, bool is_word)
{
  int32_t phones[2];
  const int32_t n = find_filler(reader->words->style->filler, phones);
  const bool vowel_only = is_word && n == 2; // no "la" where a word was meant
  return add_phones(reader, unit, phones + vowel_only, n - vowel_only);
}

// The word's phones into the units [first, first + n), which are syllables of it.
static bool fill_word(Reader *reader, int32_t w, NmSungUnit *units, int32_t n)
{
  const NmSong *song = reader->words->song;
  const NmSongWord *word = &song->words[units->word];
  const char *texts[NM_READING_PHONES_MAX / 2];
  NmSungPiece pieces[NM_READING_PHONES_MAX / 2];
  NmReading reading = {0};
  NmBoundary boundary;
  const int32_t n_written = word->n_syllables;
  read_word(reader, w, &reading, &boundary);
  const bool fits = reading.n > 0 && n_written <= NM_READING_PHONES_MAX / 2;
  for (int32_t k = 0; fits && k < n_written; ++k) texts[k] = song->syllables[word->syllable_first + k].text;
  const bool divided = fits && nm_sung_divide(&reading, texts, n_written, pieces);
  if (!divided) report_unread(reader, word);
  for (int32_t i = 0; i < n; ++i) {
    const int32_t k = units[i].syllable - word->syllable_first;
    units[i].boundary = boundary;
    if (!divided && !fill_filler(reader, &units[i], true)) return false;
    if (divided && !add_phones(reader, &units[i], reading.phones + pieces[k].first, pieces[k].n))
      return false;
  }
  reader->words->n_guessed += n;
  return true;
}

// Where the beat is and what is held.
static void find_nucleus(const NmSungScore *score, NmSungUnit *unit)
{
  const int32_t *phones = score->phones + unit->phone_first;
  int best = -1;
  unit->anchor = unit->held = -1;
  for (int32_t i = 0; i < unit->n_phones; ++i) {
    static const int rank[] = {1, 3, 2};
    const int stress = nm_phone_get_stress(phones[i]);
    if (stress < 0) continue;
    if (unit->anchor < 0) unit->anchor = i;
    if (rank[stress] > best) best = rank[stress], unit->held = i;
  }
  for (int32_t i = 0; unit->held < 0 && i < unit->n_phones; ++i) // no vowel: "mm", "sh"
    if (nm_phone_is_voiced(phones[i]) && !nm_phone_is_stop(phones[i])) unit->held = i;
  if (unit->held < 0) unit->held = unit->n_phones - 1;
  if (unit->anchor < 0) unit->anchor = unit->held;
}

// Units of the same word side by side, from `first` on.
static int32_t count_units_of_word(const NmSungScore *score, int32_t first)
{
  int32_t n = 1;
  while (first + n < score->n_units && score->units[first + n].word == score->units[first].word &&
         score->units[first + n].syllable > score->units[first + n - 1].syllable)
    ++n;
  return n;
}

static NmStatus fill_units(Reader *reader, NmError *err)
{
  NmSungScore *score = reader->score;
  const NmSong *song = reader->words->song;
  int32_t line = -1, n;
  for (int32_t u = 0; u < score->n_units; u += n) {
    NmSungUnit *unit = &score->units[u];
    bool ok = true;
    n = 1;
    if (unit->line >= 0 && unit->line != line) {
      const NmStatus status = read_line(reader, line = unit->line, err);
      if (status != NM_OK) return status;
    }
    if (unit->syllable < 0) {
      ok = fill_filler(reader, unit, false);
    } else if (has_phones(song, &song->words[unit->word])) {
      ok = fill_from_song(reader, unit);
    } else {
      n = count_units_of_word(score, u);
      ok = fill_word(reader, unit->word - song->lines[line].word_first, unit, n);
    }
    if (!ok) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    if (unit->n_phones > UNIT_PHONES_MAX)
      return nm_error_set(err, NM_ERR_BAD_DATA, "a syllable of line %d has %d phones; at most %d can be sung",
                          unit->line + 1, unit->n_phones, UNIT_PHONES_MAX);
    for (int32_t i = 0; i < n; ++i) find_nucleus(score, &score->units[u + i]);
  }
  return NM_OK;
}

NmStatus nm_sung_words_read(NmSungWords *words, NmSungScore *score, NmError *err)
{
  Reader reader = {.words = words, .score = score};
  nm_arena_init(&reader.scratch, 4096);
  const NmStatus status = fill_units(&reader, err);
  nm_arena_fini(&reader.scratch);
  return status;
}
