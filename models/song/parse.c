// SPDX-License-Identifier: GPL-3.0-or-later
// A line of JSON as a song.
#include <jansson.h>
#include <string.h>

#include "models/song/metrics.h"
#include "models/song/prepare.h"

enum { POSITIONS_MAX = 20000, TPB_MAX = 1 << 16, TIME_MAX = 1 << 20, WORD_MAX = 256 };

typedef struct {
  NmArena *arena;
  NmSyllabifier *syllabifier;
  NmSyllableVisit visit;
  void *user;
  NmLyricToken *lyrics;
  NmNoteToken *notes;
  int32_t n_lyrics, n_notes;
  int64_t tpb, time; // ticks of the source
  int64_t time_out;  // 1/24 beats, where the last note ended
} Parser;

static const struct {
  const char *source;
  NmSongStyle style;
} sources[] = {{"Lieder", NM_STYLE_ART},
               {"OpenEWLD", NM_STYLE_POPULAR},
               {"openhymnal", NM_STYLE_HYMN},
               {"thanhcalilypond", NM_STYLE_HYMN},
               {"English-Hymns", NM_STYLE_HYMN},
               {"lilypond-songs", NM_STYLE_CAROL},
               {"christmas-carols", NM_STYLE_CAROL},
               {"yy1lab", NM_STYLE_KARAOKE},
               {"essenFolksong", NM_STYLE_FOLK},
               {"POP909", NM_STYLE_MODERN},
               {"oneills1850", NM_STYLE_DANCE},
               {"ryansMammoth", NM_STYLE_DANCE},
               {"airdsAirs", NM_STYLE_DANCE},
               {"nottingham", NM_STYLE_DANCE},
               {"folkwiki", NM_STYLE_DANCE}};

static int32_t find_style(const char *source)
{
  for (size_t i = 0; source && i < sizeof sources / sizeof *sources; ++i)
    if (strstr(source, sources[i].source)) return (int32_t)sources[i].style;
  return NM_STYLE_ANY;
}

static const char *get_text(const json_t *root, const char *name)
{
  const char *text = json_string_value(json_object_get(root, name));
  return text ? text : "";
}

// Words of a licence that does not let everybody use it for anything, or of none.
static bool is_free(const char *licence)
{
  static const char *const bad[] = {"commercial", "NC", "unstated", "unknown"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i)
    if (strstr(licence, bad[i])) return false;
  return licence[0] != 0;
}

// "Bb minor" to fifths; false for anything else.
static bool read_key(const char *text, int *fifths, bool *minor)
{
  static const int of_letter[7] = {3, 5, 0, 2, 4, -1, 1}; // A to G
  if (text[0] < 'A' || text[0] > 'G') return false;
  *fifths = of_letter[text[0] - 'A'];
  for (++text; *text == 'b' || *text == '#'; ++text) *fifths += *text == '#' ? 7 : -7;
  *minor = strcmp(text, " minor") == 0;
  if (*minor) *fifths -= 3;
  return *minor || strcmp(text, " major") == 0;
}

static int read_meter(const char *text)
{
  int n = 0, unit = 0;
  for (; *text >= '0' && *text <= '9' && n < 100; ++text) n = 10 * n + *text - '0';
  if (*text++ != '/') return 0;
  for (; *text >= '0' && *text <= '9' && unit < 100; ++text) unit = 10 * unit + *text - '0';
  return *text ? 0 : nm_song_meter_class(n, unit);
}

static bool get_whole(const json_t *x, int64_t low, int64_t high, int64_t *value)
{
  *value = json_integer_value(x);
  return json_is_integer(x) && *value >= low && *value <= high;
}

static int64_t to_ticks(const Parser *p, int64_t time)
{
  return (time * NM_SONG_TICKS + p->tpb / 2) / p->tpb;
}

// The note at `at` of an array of numbers: pitch, gap, length.
static NmStatus parse_note(Parser *p, const json_t *array, size_t at, NmError *err)
{
  int64_t pitch, gap, len;
  if (!get_whole(json_array_get(array, at), 0, 127, &pitch) ||
      !get_whole(json_array_get(array, at + 1), 0, TIME_MAX, &gap) ||
      !get_whole(json_array_get(array, at + 2), 1, TIME_MAX, &len))
    return nm_error_set(err, NM_ERR_BAD_DATA, "a note is not pitch, gap and length");
  if (p->n_notes == POSITIONS_MAX) return nm_error_set(err, NM_ERR_BAD_DATA, "too many notes");
  const int64_t onset = to_ticks(p, p->time + gap), end = to_ticks(p, p->time + gap + len);
  const int64_t ticks_gap = onset - p->time_out, ticks = end - onset;
  p->notes[p->n_notes++] = (NmNoteToken){.gap = (int16_t)(ticks_gap < INT16_MAX ? ticks_gap : INT16_MAX),
                                         .len = (int16_t)(ticks < 1           ? 1
                                                          : ticks < INT16_MAX ? ticks
                                                                              : INT16_MAX),
                                         .pitch = (int8_t)pitch,
                                         .tie = NM_TIE_UNKNOWN};
  p->time += gap + len;
  p->time_out = end;
  return NM_OK;
}

static NmStatus parse_syllable(Parser *p, const json_t *syllable, char *word, size_t *len_word, NmError *err)
{
  char folded[NM_SYLLABLE_LEN_MAX + 1];
  const char *text = json_string_value(json_array_get(syllable, 0));
  const size_t n = json_array_size(syllable);
  if (!text || n < 4 || n % 3 != 1)
    return nm_error_set(err, NM_ERR_BAD_DATA, "a syllable is no text with notes");
  if (p->n_lyrics == POSITIONS_MAX) return nm_error_set(err, NM_ERR_BAD_DATA, "too many syllables");
  const size_t len = strlen(text);
  if (*len_word + len < WORD_MAX) memcpy(word + *len_word, text, len), *len_word += len;
  const bool sung = nm_syllable_fold(text, len, folded) > 0;
  p->lyrics[p->n_lyrics++] =
      (NmLyricToken){.syllable = sung ? p->visit(p->user, folded) : NM_SYLLABLE_UNKNOWN,
                     .stress = NM_STRESS_UNKNOWN,
                     .mark = (int8_t)nm_syllable_mark(text, len)};
  for (size_t at = 1; at < n; at += 3) {
    const NmStatus status = parse_note(p, syllable, at, err);
    if (status != NM_OK) return status;
    p->notes[p->n_notes - 1].tie = at + 3 < n ? NM_TIE_YES : NM_TIE_NO;
  }
  return NM_OK;
}

static int8_t find_vowel(const NmSyllables *word, const NmSyllable *s)
{
  for (int32_t i = 0; i < s->n_phones; ++i) {
    const int32_t phone = word->phones[s->phone_first + i];
    if (nm_phone_is_vowel(phone)) return (int8_t)((phone - NM_PHONE_VOWEL_FIRST) / 3 + 1);
  }
  return 0;
}

// Stress and vowels of the word's syllables, where there are as many as the pronunciation has.
static NmStatus pronounce(Parser *p, const char *word, size_t len, int32_t first, NmError *err)
{
  NmSyllables said;
  if (!p->syllabifier || len == 0) return NM_OK;
  const NmStatus status = nm_syllabifier_word(p->syllabifier, word, len, &said, err);
  if (status != NM_OK || said.n != p->n_lyrics - first) return status;
  for (int32_t i = 0; i < said.n; ++i) {
    p->lyrics[first + i].stress = said.syllables[i].stress;
    p->lyrics[first + i].vowel = find_vowel(&said, &said.syllables[i]);
  }
  return NM_OK;
}

static NmStatus parse_word(Parser *p, const json_t *word, NmError *err)
{
  char text[WORD_MAX];
  size_t i, len = 0;
  json_t *syllable;
  NmStatus status = NM_OK;
  const int32_t first = p->n_lyrics;
  if (json_array_size(word) == 0) return nm_error_set(err, NM_ERR_BAD_DATA, "a word is empty");
  json_array_foreach(word, i, syllable)
  {
    if ((status = parse_syllable(p, syllable, text, &len, err)) != NM_OK) return status;
  }
  p->lyrics[p->n_lyrics - 1].end = NM_END_WORD;
  return pronounce(p, text, len, first, err);
}

static NmStatus parse_lines(Parser *p, const json_t *lines, NmError *err)
{
  size_t i, k;
  json_t *line, *word;
  json_array_foreach(lines, i, line)
  {
    if (json_array_size(line) == 0) return nm_error_set(err, NM_ERR_BAD_DATA, "a line is empty");
    json_array_foreach(line, k, word)
    {
      const NmStatus status = parse_word(p, word, err);
      if (status != NM_OK) return status;
    }
    const int8_t end = i + 1 < json_array_size(lines) ? NM_END_LINE : NM_END_SONG;
    p->lyrics[p->n_lyrics - 1].end = p->notes[p->n_notes - 1].end = end;
  }
  return NM_OK;
}

static NmStatus parse_phrases(Parser *p, const json_t *phrases, NmError *err)
{
  size_t i;
  json_t *phrase;
  json_array_foreach(phrases, i, phrase)
  {
    if (json_array_size(phrase) % 3) return nm_error_set(err, NM_ERR_BAD_DATA, "a phrase is cut short");
    for (size_t at = 0; at < json_array_size(phrase); at += 3) {
      const NmStatus status = parse_note(p, phrase, at, err);
      if (status != NM_OK) return status;
    }
    if (p->n_notes) p->notes[p->n_notes - 1].end = NM_END_LINE;
  }
  if (p->n_notes) p->notes[p->n_notes - 1].end = NM_END_SONG;
  return NM_OK;
}

// The key signature that fits the notes best.
static NmStatus find_fifths(const Parser *p, int *fifths, NmError *err)
{
  NmMetricsNote *notes = nm_arena_calloc(p->arena, (size_t)p->n_notes + 1, sizeof *notes);
  int tonic;
  bool minor;
  if (!notes) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < p->n_notes; ++i) notes[i] = (NmMetricsNote){.len = 1, .pitch = p->notes[i].pitch};
  nm_metrics_find_scale(notes, p->n_notes, &tonic, &minor);
  *fifths = (tonic + (minor ? 3 : 0)) * 7 % 12;
  return NM_OK;
}

// To C major or A minor.
static NmStatus normalise(Parser *p, const char *key, NmSongFrame *frame, NmError *err)
{
  int fifths = 0;
  bool minor = false;
  int16_t *pitches = nm_arena_calloc(p->arena, (size_t)p->n_notes + 1, sizeof *pitches);
  if (!pitches) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (read_key(key, &fifths, &minor)) {
    frame->mode = minor ? NM_MODE_MINOR : NM_MODE_MAJOR;
  } else {
    const NmStatus status = find_fifths(p, &fifths, err);
    if (status != NM_OK) return status;
  }
  for (int32_t i = 0; i < p->n_notes; ++i) pitches[i] = p->notes[i].pitch;
  const int shift = nm_song_find_shift(pitches, p->n_notes, fifths, minor);
  for (int32_t i = 0; i < p->n_notes; ++i) {
    int pitch = pitches[i] + shift;
    while (pitch < 0) pitch += 12;
    while (pitch > 127) pitch -= 12;
    p->notes[i].pitch = (int8_t)pitch;
  }
  return NM_OK;
}

static NmStatus parse_frame(Parser *p, const json_t *root, NmSongFrame *frame, NmError *err)
{
  int64_t bar0 = 0;
  *frame = (NmSongFrame){.style = find_style(get_text(root, "source")), .shift = NM_SONG_NO_SHIFT};
  if (!get_whole(json_object_get(root, "tpb"), 1, TPB_MAX, &p->tpb))
    return nm_error_set(err, NM_ERR_BAD_DATA, "\"tpb\" is no number of ticks");
  if (get_whole(json_object_get(root, "bar0"), -TIME_MAX, TIME_MAX, &bar0) &&
      json_integer_value(json_object_get(root, "meter_changes")) == 0)
    frame->meter = read_meter(get_text(root, "meter"));
  if (frame->meter)
    frame->pickup = (int32_t)(bar0 * NM_SONG_TICKS / p->tpb % nm_song_bar_ticks(frame->meter));
  return NM_OK;
}

static NmSongSplit find_split(const char *name)
{
  if (strcmp(name, "valid") == 0) return NM_SONG_VALID;
  return strcmp(name, "test") == 0 ? NM_SONG_TEST : NM_SONG_TRAIN;
}

static NmStatus parse_song(Parser *p, const json_t *root, NmSongParsed *parsed, NmError *err)
{
  const json_t *lines = json_object_get(root, "lines"), *phrases = json_object_get(root, "phrases");
  const char *language = get_text(root, "lang");
  NmSongFrame *frame = &parsed->item.frame;
  if (!json_is_array(lines) && !json_is_array(phrases))
    return nm_error_set(err, NM_ERR_BAD_DATA, "neither \"lines\" nor \"phrases\"");
  NmStatus status = parse_frame(p, root, frame, err);
  if (status == NM_OK) status = lines ? parse_lines(p, lines, err) : parse_phrases(p, phrases, err);
  if (status == NM_OK) status = normalise(p, get_text(root, "key"), frame, err);
  if (status != NM_OK) return status;
  if (!lines && !json_is_true(json_object_get(root, "phrases_known")))
    nm_song_cut_lines(p->notes, p->n_notes, frame);
  parsed->item.lyrics = p->lyrics;
  parsed->item.notes = p->notes;
  parsed->item.n_lyrics = p->n_lyrics;
  parsed->item.n_notes = p->n_notes;
  parsed->item.split = find_split(get_text(root, "split"));
  parsed->group = json_integer_value(json_object_get(root, "group"));
  parsed->has_words = lines != NULL;
  parsed->free_licence = is_free(get_text(root, "license"));
  parsed->english = !*language || strcmp(language, "en") == 0;
  return NM_OK;
}

NmStatus nm_song_parse(const char *json, size_t len, NmSyllabifier *syllabifier, NmSyllableVisit visit,
                       void *user, NmArena *arena, NmSongParsed *parsed, NmError *err)
{
  json_error_t fault;
  Parser p = {.arena = arena, .syllabifier = syllabifier, .visit = visit, .user = user};
  const size_t room = len / 2 + 1 < POSITIONS_MAX ? len / 2 + 1 : POSITIONS_MAX;
  *parsed = (NmSongParsed){0};
  json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &fault);
  if (!json_is_object(root)) {
    json_decref(root);
    return nm_error_set(err, NM_ERR_BAD_DATA, "no JSON object: %s", root ? "something else" : fault.text);
  }
  p.lyrics = nm_arena_calloc(arena, room, sizeof *p.lyrics);
  p.notes = nm_arena_calloc(arena, room, sizeof *p.notes);
  const NmStatus status = p.lyrics && p.notes ? parse_song(&p, root, parsed, err)
                                              : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  json_decref(root);
  return status;
}
