// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { MEAN_PITCH = 67, LINE_SHORTEST = 5, LINE_LONGEST = 16 };

// Stored in corpora and implied by weights: never change the order.
static const int16_t gap_ticks[NM_SONG_N_GAPS] = {0,   3,   6,   8,   12,  16,  18,  24,  30,  36,
                                                  42,  48,  60,  72,  84,  96,  108, 120, 132, 144,
                                                  168, 192, 216, 240, 288, 336, 384, 432, 576, 768};
static const int16_t len_ticks[NM_SONG_N_LENS] = {3,   4,   6,   8,   9,   12,  16,  18,  21,  24,  30,  32,
                                                  36,  42,  48,  54,  60,  66,  72,  84,  96,  108, 120, 132,
                                                  144, 156, 168, 192, 204, 216, 240, 288, 384, 768};

static const struct {
  int8_t n_beats, beat_unit, twice, half; // classes of twice and half its note values
} meters[NM_SONG_N_METERS] = {{0, 0, 0, 0},   {2, 4, 8, -1},  {3, 4, 9, 7},    {4, 4, 10, -1},
                              {6, 8, 11, -1}, {9, 8, -1, -1}, {12, 8, -1, -1}, {3, 8, 2, -1},
                              {2, 2, -1, 1},  {3, 2, -1, 2},  {4, 2, -1, 3},   {6, 4, -1, 4}};

static int find_nearest(const int16_t *ticks, int n, int32_t wanted)
{
  int best = 0;
  for (int i = 1; i < n; ++i)
    if (abs(ticks[i] - wanted) < abs(ticks[best] - wanted)) best = i;
  return best;
}

int32_t nm_song_gap_ticks(int gap_class)
{
  return gap_class >= 0 && gap_class < NM_SONG_N_GAPS ? gap_ticks[gap_class] : 0;
}

int32_t nm_song_len_ticks(int len_class)
{
  return len_class >= 0 && len_class < NM_SONG_N_LENS ? len_ticks[len_class] : NM_SONG_TICKS;
}

int nm_song_gap_class(int32_t ticks)
{
  return find_nearest(gap_ticks, NM_SONG_N_GAPS, ticks);
}

int nm_song_len_class(int32_t ticks)
{
  return find_nearest(len_ticks, NM_SONG_N_LENS, ticks);
}

int nm_song_meter_class(int n_beats, int beat_unit)
{
  for (int i = 1; i < NM_SONG_N_METERS; ++i)
    if (meters[i].n_beats == n_beats && meters[i].beat_unit == beat_unit) return i;
  return 0;
}

NmSongMeter nm_song_class_meter(int meter_class)
{
  const int i = meter_class >= 0 && meter_class < NM_SONG_N_METERS ? meter_class : 0;
  return (NmSongMeter){0, meters[i].n_beats, meters[i].beat_unit};
}

int32_t nm_song_bar_ticks(int meter_class)
{
  const NmSongMeter m = nm_song_class_meter(meter_class);
  return m.beat_unit ? m.n_beats * 4 * NM_SONG_TICKS / m.beat_unit : 0;
}

int nm_song_scale_meter(int meter_class, bool twice)
{
  if (meter_class < 0 || meter_class >= NM_SONG_N_METERS) return -1;
  return twice ? meters[meter_class].twice : meters[meter_class].half;
}

int nm_song_bar_place(const NmSongFrame *frame, int64_t ticks)
{
  const int32_t bar = nm_song_bar_ticks(frame->meter);
  if (bar == 0) return NM_SONG_NO_BAR_PLACE;
  const int64_t place = ((ticks - frame->pickup) % bar + bar) % bar;
  return (int)(place / (NM_SONG_TICKS / 4));
}

// --- spelling ---

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || c == '\'';
}

static bool is_quote(utf8proc_int32_t c)
{
  return c == 0x2019 || c == 0x02bc || c == 0x00b4 || c == '`';
}

int nm_syllable_fold(const char *text, size_t len, char *folded)
{
  int n = 0;
  for (size_t at = 0; at < len && n < NM_SYLLABLE_LEN_MAX;) {
    utf8proc_int32_t c, parts[8];
    const utf8proc_ssize_t size =
        utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &c);
    at += size > 0 ? (size_t)size : 1;
    if (size <= 0) continue;
    if (is_quote(c)) c = '\'';
    const utf8proc_ssize_t n_parts = utf8proc_decompose_char(
        c, parts, 8, UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK, NULL);
    for (utf8proc_ssize_t i = 0; i < n_parts && i < 8 && n < NM_SYLLABLE_LEN_MAX; ++i)
      if (parts[i] < 128 && is_letter((char)parts[i])) folded[n++] = (char)parts[i];
  }
  while (n > 0 && folded[n - 1] == '\'') --n;
  folded[n] = 0;
  return n;
}

static NmSongMark mark_of(utf8proc_int32_t c)
{
  switch (c) {
  case ',': return NM_MARK_COMMA;
  case ';':
  case ':': return NM_MARK_SEMICOLON;
  case '.': return NM_MARK_PERIOD;
  case '!': return NM_MARK_EXCLAMATION;
  case '?': return NM_MARK_QUESTION;
  case '-':
  case 0x2013:
  case 0x2014:
  case 0x2026: return NM_MARK_DASH;
  default: return NM_MARK_NONE;
  }
}

NmSongMark nm_syllable_mark(const char *text, size_t len)
{
  NmSongMark mark = NM_MARK_NONE;
  for (size_t at = 0; at < len;) {
    utf8proc_int32_t c;
    const utf8proc_ssize_t size =
        utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &c);
    at += size > 0 ? (size_t)size : 1;
    if (size <= 0) continue;
    const NmSongMark found = mark_of(c);
    const utf8proc_category_t category = utf8proc_category(c);
    if (found != NM_MARK_NONE && mark == NM_MARK_NONE) mark = found;
    if (category <= UTF8PROC_CATEGORY_LO && category >= UTF8PROC_CATEGORY_LU) mark = NM_MARK_NONE;
  }
  return mark;
}

const char *nm_song_mark_text(int mark)
{
  static const char *const texts[NM_N_MARKS] = {"", ",", ";", ".", "!", "?", " -"};
  return mark >= 0 && mark < NM_N_MARKS ? texts[mark] : "";
}

// The words stand in `text` and are found through a table of open addressing.
struct NmVocabulary {
  char *text, *words; // as given; with NULs for newlines
  const char **of_id; // [n]
  int32_t *table;     // [n_table] ids, 0: free
  int32_t n;
  uint32_t n_table; // a power of two
};

static uint32_t hash(const char *text)
{
  uint32_t h = 2166136261u;
  for (; *text; ++text) h = (h ^ (uint8_t)*text) * 16777619u;
  return h ^ h >> 15;
}

// Where the word is, or the free place for it.
static uint32_t find_slot(const NmVocabulary *s, const char *word)
{
  uint32_t at = hash(word) & (s->n_table - 1);
  while (s->table[at] && strcmp(s->of_id[s->table[at]], word) != 0) at = (at + 1) & (s->n_table - 1);
  return at;
}

static const char *find_fault(const char *word, size_t len)
{
  if (len == 0) return "an empty line";
  if (len > NM_SYLLABLE_LEN_MAX) return "a syllable too long";
  for (size_t i = 0; i < len; ++i)
    if (!is_letter(word[i])) return "a syllable of something else than a-z";
  return NULL;
}

static NmStatus add_word(NmVocabulary *s, char *word, size_t len, NmError *err)
{
  const char *fault = find_fault(word, len);
  if (!fault && s->n >= NM_SYLLABLES_MAX) fault = "too many syllables";
  if (fault)
    return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, s->n - NM_SYLLABLE_FIRST + 1, "the vocabulary: %s",
                           fault);
  word[len] = 0;
  const uint32_t slot = find_slot(s, word);
  if (s->table[slot]) return nm_error_set(err, NM_ERR_BAD_DATA, "the vocabulary: %s is there twice", word);
  s->of_id[s->n] = word;
  s->table[slot] = s->n++;
  return NM_OK;
}

static bool allocate(NmVocabulary *s, const char *text, size_t len)
{
  size_t n = NM_SYLLABLE_FIRST + 1;
  for (size_t i = 0; i < len; ++i) n += text[i] == '\n';
  for (s->n_table = 16; s->n_table < 2 * n; s->n_table *= 2) {
  }
  s->text = calloc(len + 1, 1);
  s->words = calloc(len + 1, 1);
  s->of_id = calloc(n, sizeof *s->of_id);
  s->table = calloc(s->n_table, sizeof *s->table);
  if (!s->text || !s->words || !s->of_id || !s->table) return false;
  if (len) memcpy(s->text, text, len);
  if (len) memcpy(s->words, text, len);
  for (s->n = 0; s->n < NM_SYLLABLE_FIRST; ++s->n) s->of_id[s->n] = "";
  return true;
}

NmVocabulary *nm_vocabulary_new(const char *text, size_t len, NmError *err)
{
  NmVocabulary *s = calloc(1, sizeof *s);
  NmStatus status = NM_OK;
  if (len > (size_t)NM_SYLLABLES_MAX * (NM_SYLLABLE_LEN_MAX + 1))
    status = nm_error_set(err, NM_ERR_BAD_DATA, "the vocabulary: too many syllables");
  else if (!s || !allocate(s, text, len))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (size_t at = 0; at < len && status == NM_OK;) {
    const char *end = memchr(s->words + at, '\n', len - at);
    const size_t size = end ? (size_t)(end - s->words) - at : len - at;
    status = add_word(s, s->words + at, size, err);
    at += size + 1;
  }
  if (status == NM_OK) return s;
  nm_vocabulary_free(s);
  return NULL;
}

void nm_vocabulary_free(NmVocabulary *s)
{
  if (!s) return;
  free(s->text);
  free(s->words);
  free(s->of_id);
  free(s->table);
  free(s);
}

int32_t nm_vocabulary_get_n(const NmVocabulary *s)
{
  return s->n;
}

int32_t nm_vocabulary_find(const NmVocabulary *s, const char *text, size_t len)
{
  char folded[NM_SYLLABLE_LEN_MAX + 1];
  if (nm_syllable_fold(text, len, folded) == 0) return NM_SYLLABLE_UNKNOWN;
  const int32_t id = s->table[find_slot(s, folded)];
  return id ? id : NM_SYLLABLE_UNKNOWN;
}

const char *nm_vocabulary_get(const NmVocabulary *s, int32_t id)
{
  return id >= 0 && id < s->n ? s->of_id[id] : "";
}

const char *nm_vocabulary_get_text(const NmVocabulary *s)
{
  return s->text;
}

// --- songs ---

static int8_t stress_of(int stress)
{
  return (int8_t)(stress >= 0 && stress < NM_STRESS_UNKNOWN ? stress : NM_STRESS_UNKNOWN);
}

static int8_t vowel_of(const NmSong *song, const NmSongSyllable *s)
{
  for (int32_t i = 0; i < s->n_phones; ++i) {
    const int32_t phone = song->phones[s->phone_first + i];
    if (nm_phone_is_vowel(phone)) return (int8_t)((phone - NM_PHONE_VOWEL_FIRST) / 3 + 1);
  }
  return 0;
}

static void encode_word(const NmSong *song, const NmSongWord *word, const NmVocabulary *vocabulary,
                        NmLyricToken *tokens)
{
  for (int32_t i = 0; i < word->n_syllables; ++i) {
    const NmSongSyllable *s = &song->syllables[word->syllable_first + i];
    const size_t len = strlen(s->text);
    tokens[i] = (NmLyricToken){.syllable = nm_vocabulary_find(vocabulary, s->text, len),
                               .end = i + 1 == word->n_syllables ? NM_END_WORD : NM_END_NOTHING,
                               .stress = stress_of(s->stress),
                               .vowel = vowel_of(song, s),
                               .mark = (int8_t)nm_syllable_mark(s->text, len)};
  }
}

int32_t nm_song_encode_lyrics(const NmSong *song, int verse, const NmVocabulary *vocabulary,
                              NmLyricToken *tokens)
{
  int32_t n = 0;
  int stanza = -1;
  for (int32_t i = 0; i < song->n_lines; ++i) {
    const NmSongLine *line = &song->lines[i];
    if (line->verse != verse) continue;
    if (n > 0 && line->stanza != stanza) tokens[n - 1].end = NM_END_STANZA;
    stanza = line->stanza;
    for (int32_t w = 0; w < line->n_words; ++w) {
      const NmSongWord *word = &song->words[line->word_first + w];
      encode_word(song, word, vocabulary, tokens + n);
      n += word->n_syllables;
    }
    tokens[n - 1].end = NM_END_LINE;
  }
  if (n > 0) tokens[n - 1].end = NM_END_SONG;
  return n;
}

// The first syllable of the verse that a note is sung on, -1: none. *link goes on from note to note.
static int32_t syllable_of(const NmSong *song, int verse, int32_t note, int32_t *link)
{
  int32_t found = -1;
  while (*link < song->n_links && song->links[*link].note < note) ++*link;
  for (; *link < song->n_links && song->links[*link].note == note; ++*link) {
    const int32_t s = song->links[*link].syllable;
    if (found < 0 && song->lines[song->words[song->syllables[s].word].line].verse == verse) found = s;
  }
  return found;
}

static int32_t to_ticks(const NmSong *song, int64_t time)
{
  return (int32_t)((time * NM_SONG_TICKS + song->ticks_per_beat / 2) / song->ticks_per_beat);
}

static int16_t bound_ticks(int32_t ticks, int32_t least)
{
  return (int16_t)(ticks < least ? least : ticks > INT16_MAX ? INT16_MAX : ticks);
}

int nm_song_find_shift(const int16_t *pitches, int32_t n, int fifths, bool minor)
{
  (void)minor; // the relative keys have one signature, and are brought to C and A by the same shift
  double mean = 0;
  for (int32_t i = 0; i < n; ++i) mean += pitches[i];
  mean = n > 0 ? mean / n : MEAN_PITCH;
  const int tonic = ((fifths * 7) % 12 + 12) % 12;
  return -tonic + 12 * (int)lround((MEAN_PITCH + tonic - mean) / 12);
}

static int8_t fold_pitch(int pitch)
{
  while (pitch < 0) pitch += 12;
  while (pitch > 127) pitch -= 12;
  return (int8_t)pitch;
}

static void encode_note(const NmSong *song, int32_t i, int shift, NmNoteToken *token)
{
  const NmSongNote *note = &song->notes[i];
  const int64_t end = i > 0 ? note[-1].onset + note[-1].len : 0;
  const int32_t onset = to_ticks(song, note->onset);
  *token = (NmNoteToken){.gap = bound_ticks(onset - to_ticks(song, end), 0),
                         .len = bound_ticks(to_ticks(song, note->onset + note->len) - onset, 1),
                         .pitch = fold_pitch(note->pitch + shift),
                         .tie = NM_TIE_UNKNOWN};
}

static void set_links(const NmSong *song, int verse, NmNoteToken *tokens)
{
  int32_t link = 0, before = -1;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    const int32_t s = syllable_of(song, verse, i, &link);
    if (i > 0) {
      const bool same = s < 0 || s == before;
      tokens[i - 1].tie = same ? NM_TIE_YES : NM_TIE_NO;
      if (!same && before >= 0 &&
          song->words[song->syllables[s].word].line != song->words[song->syllables[before].word].line)
        tokens[i - 1].end = NM_END_LINE;
    }
    if (s >= 0) before = s;
  }
  tokens[song->n_notes - 1].tie = NM_TIE_NO;
}

static bool has_words(const NmSong *song, int verse)
{
  int32_t link = 0;
  for (int32_t i = 0; i < song->n_notes; ++i)
    if (syllable_of(song, verse, i, &link) >= 0) return true;
  return false;
}

static void encode_frame(const NmSong *song, NmSongFrame *frame)
{
  *frame = (NmSongFrame){.shift = NM_SONG_NO_SHIFT};
  if (song->n_keys) frame->mode = song->keys[0].minor ? NM_MODE_MINOR : NM_MODE_MAJOR;
  if (song->n_meters == 1)
    frame->meter = nm_song_meter_class(song->meters[0].n_beats, song->meters[0].beat_unit);
  frame->pickup = to_ticks(song, song->pickup);
}

void nm_song_encode_notes(const NmSong *song, int verse, NmNoteToken *tokens, NmSongFrame *frame,
                          int *n_semitones)
{
  double sum = 0;
  for (int32_t i = 0; i < song->n_notes; ++i) sum += song->notes[i].pitch;
  const int16_t mean = (int16_t)lround(song->n_notes ? sum / song->n_notes : MEAN_PITCH);
  const NmSongKey key = nm_song_get_key(song, 0);
  *n_semitones = nm_song_find_shift(&mean, 1, key.fifths, key.minor);
  encode_frame(song, frame);
  for (int32_t i = 0; i < song->n_notes; ++i) encode_note(song, i, *n_semitones, &tokens[i]);
  if (song->n_notes == 0) return;
  if (has_words(song, verse)) set_links(song, verse, tokens);
  tokens[song->n_notes - 1].end = NM_END_SONG;
}

// How well a line ends after note i.
static double rate_cut(const NmNoteToken *tokens, int32_t i, int32_t n_before, int64_t time,
                       const NmSongFrame *frame)
{
  const NmNoteToken *t = &tokens[i];
  const bool at_bar = nm_song_bar_place(frame, time) == 0;
  const double long_note = fmin(t->len, 72) / NM_SONG_TICKS,
               rest = fmin(tokens[i + 1].gap, 96) / NM_SONG_TICKS;
  return long_note + 2 * rest + (at_bar ? .5 : 0) - .1 * abs(n_before - 8);
}

void nm_song_cut_lines(NmNoteToken *tokens, int32_t n, const NmSongFrame *frame)
{
  int64_t time = 0;
  for (int32_t first = 0; first < n;) {
    int32_t best = n - 1;
    int64_t at = time, after = time;
    double highest = -INFINITY;
    for (int32_t i = first; i + 1 < n && i < first + LINE_LONGEST; ++i) {
      at += tokens[i].gap + tokens[i].len;
      if (i + 1 - first < LINE_SHORTEST || (n - first > LINE_LONGEST && n - 1 - i < LINE_SHORTEST)) continue;
      const double rating = rate_cut(tokens, i, i + 1 - first, at, frame);
      if (rating > highest) highest = rating, best = i, after = at;
    }
    if (n - first <= LINE_LONGEST / 2) best = n - 1;
    tokens[best].end = best + 1 == n ? NM_END_SONG : NM_END_LINE;
    first = best + 1;
    time = after;
  }
}

// --- places ---

static int8_t bound_place(int32_t n)
{
  return (int8_t)(n < NM_SONG_N_PLACES ? n : NM_SONG_N_PLACES - 1);
}

static int8_t bound_lines(int32_t n)
{
  return (int8_t)(n < NM_SONG_N_LINES_LEFT ? n : NM_SONG_N_LINES_LEFT - 1);
}

void nm_lyric_places(const NmLyricToken *tokens, int32_t n, NmSongPlace *places)
{
  int32_t line = 0, place = 0, left = 0;
  for (int32_t i = 0; i < n; ++i) {
    places[i] = (NmSongPlace){.line = line, .from_start = bound_place(place++)};
    if (tokens[i].end >= NM_END_LINE) ++line, place = 0;
  }
  for (int32_t i = n - 1, lines = 0; i >= 0; --i) {
    if (i + 1 < n && tokens[i].end >= NM_END_LINE) ++lines, left = 0;
    places[i].from_end = bound_place(left++);
    places[i].lines_left = bound_lines(lines);
  }
}

// Notes without known ties are a syllable each.
void nm_note_places(const NmNoteToken *tokens, int32_t n, NmSongPlace *places)
{
  int32_t line = 0, place = 0, run = 0, left = 0;
  for (int32_t i = 0; i < n; ++i) {
    places[i] = (NmSongPlace){.line = line,
                              .from_start = bound_place(place),
                              .run = (int8_t)(run < NM_SONG_N_RUNS ? run : NM_SONG_N_RUNS - 1)};
    const bool goes_on = tokens[i].tie == NM_TIE_YES && tokens[i].end < NM_END_LINE;
    run = goes_on ? run + 1 : 0;
    if (!goes_on) ++place;
    if (tokens[i].end >= NM_END_LINE) ++line, place = 0;
  }
  for (int32_t i = n - 1, lines = 0; i >= 0; --i) {
    const bool ends = tokens[i].end >= NM_END_LINE, last = i + 1 == n;
    if (ends && !last) ++lines;
    if (last || ends)
      left = 0;
    else if (tokens[i].tie != NM_TIE_YES)
      ++left;
    places[i].from_end = bound_place(left);
    places[i].lines_left = bound_lines(lines);
  }
}
