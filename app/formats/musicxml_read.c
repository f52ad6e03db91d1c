// SPDX-License-Identifier: GPL-3.0-or-later
#include <expat.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/musicxml.h"
#include "app/formats/musicxml_elements.h"
#include "app/formats/score.h"

// A number as written, value / unit exactly; unit > 0.
typedef struct {
  int64_t value, unit;
} Number;

typedef enum { LAST_NONE, LAST_NOTE, LAST_SILENT } Last;

// What holds in a part where the reader is.
typedef struct {
  Number divisions;
  int transpose; // semitones from written to sounding
  uint32_t endings;
  Last last;                     // what a chord would be joined to
  int32_t last_voice, last_note; // if it is a note
} PartState;

// A syllable of the note at hand.
typedef struct {
  int16_t verse;
  bool holds, begins_word, ends_word, extends, ends_line, ends_stanza;
  size_t text, len; // in the reader's texts
} Syllable;

enum { SYLLABLES_MAX = 1024, NAMES_MAX = NM_SONG_VERSES_MAX, NAME_MAX = 48 };

typedef struct {
  bool is_chord, is_rest, is_grace, is_cue, is_unpitched, ties_on;
  int step, octave; // step: semitones above C, -1: none
  double alter;
  Number duration;
  int voice, staff, n_slurs; // slurs that begin less those that end
  int velocity;
} Note;

typedef struct {
  XML_Parser parser;
  NmScore *score;
  const char *name;
  NmSongNotes *notes;
  NmError *err;
  NmStatus status;
  NmMusicxmlElement stack[NM_MUSICXML_DEPTH_MAX]; // [depth]
  int depth;
  char *text; // [len_text] of the element at hand
  size_t len_text, room_text;
  PartState *states; // [NM_SCORE_PARTS_MAX]
  int32_t part;      // where the reader is, -1: outside
  Note note;
  Syllable syllables[SYLLABLES_MAX]; // [n_syllables] of the note
  int n_syllables;
  char *texts; // [len_texts] of its syllables
  size_t len_texts, room_texts;
  Syllable syllable; // of the lyric at hand
  bool has_text;
  char names[NAMES_MAX][NAME_MAX];       // [verse - 1] of lyrics that bear no number
  bool numbers[NAMES_MAX];               // [verse - 1] taken
  int fifths, n_beats, beat_unit, beats; // of the key and time at hand; n_beats 0: none so far
  bool has_key, key_is_minor, has_time;
  int n_keys; // in these attributes: of several staves the first counts
  int chromatic, octave_change;
  bool is_pickup; // of the measure at hand (score-timewise)
  double tempo, per_minute, beat_unit_beats;
  int n_beat_units;
  Number offset;
  char role; // of the creator or field at hand: 'c', 'l', 'f' or 0
  int32_t n_chords, n_graces, n_cues, n_unpitched, n_micro;
} Reader;

// --- helpers ---

static void stop(Reader *reader, NmStatus status, const char *fmt, ...) NM_PRINTF(3, 4);

static void stop(Reader *reader, NmStatus status, const char *fmt, ...)
{
  if (reader->status) return;
  char text[256];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  const long line = (long)XML_GetCurrentLineNumber(reader->parser);
  reader->status =
      nm_error_set_at(reader->err, status, -1, line, "%s, line %ld: %s", reader->name, line, text);
  XML_StopParser(reader->parser, XML_FALSE);
}

static void stop_memory(Reader *reader)
{
  stop(reader, NM_ERR_NO_MEMORY, "out of memory, or the score has more than %d notes", NM_SCORE_NOTES_MAX);
}

static const char *get_attribute(const XML_Char **attributes, const char *name)
{
  for (; attributes[0]; attributes += 2)
    if (!strcmp(attributes[0], name)) return attributes[1];
  return NULL;
}

static bool attribute_is(const XML_Char **attributes, const char *name, const char *value)
{
  const char *found = get_attribute(attributes, name);
  return found && !strcmp(found, value);
}

static int64_t find_gcd(int64_t a, int64_t b)
{
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? -a : a;
}

static Number reduce(Number number)
{
  const int64_t common = find_gcd(number.value, number.unit);
  return (Number){number.value / common, number.unit / common};
}

// A decimal of at most nine digits before the point, of which three behind it count; false for anything else.
static bool parse_number(const char *text, Number *number)
{
  int n_before = 0, n_behind = 0;
  while (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t') ++text;
  const bool is_negative = *text == '-';
  if (*text == '-' || *text == '+') ++text;
  *number = (Number){0, 1};
  for (; *text >= '0' && *text <= '9' && ++n_before <= 9; ++text)
    number->value = 10 * number->value + *text - '0';
  if (*text == '.')
    for (++text; *text >= '0' && *text <= '9'; ++text) {
      if (++n_behind > 3) continue;
      number->value = 10 * number->value + *text - '0';
      number->unit *= 10;
    }
  while (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t') ++text;
  if (is_negative) number->value = -number->value;
  *number = reduce(*number);
  return !*text && n_before <= 9 && n_before + n_behind > 0;
}

static int parse_int(const char *text)
{
  const long value = strtol(text, NULL, 10);
  return value > 1000000 ? 1000000 : value < -1000000 ? -1000000 : (int)value;
}

static NmScorePart *get_part(Reader *reader)
{
  return &reader->score->parts[reader->part];
}

static NmMusicxmlElement get_parent(const Reader *reader)
{
  return reader->depth >= 2 ? reader->stack[reader->depth - 2] : NM_E_OTHER;
}

// Divisions of the part as its ticks; the part's resolution grows until they are whole.
static int64_t get_ticks(Reader *reader, Number number)
{
  NmScorePart *part = get_part(reader);
  const Number divisions = reader->states[reader->part].divisions;
  const Number beats = reduce((Number){number.value * divisions.unit, number.unit * divisions.value});
  if (beats.value / beats.unit > NM_SONG_TIME_MAX || beats.unit > NM_SCORE_TICKS_MAX ||
      !nm_score_refine(part, beats.unit)) {
    stop(reader, NM_ERR_UNSUPPORTED, "its durations need more than %d parts of a beat", NM_SONG_TICKS_MAX);
    return 0;
  }
  return part->ticks_per_beat / beats.unit * beats.value;
}

// --- parts and measures ---

static void find_part(Reader *reader, const char *id)
{
  if (!id) id = "";
  reader->part = -1;
  for (int32_t i = 0; i < reader->score->n_parts; ++i)
    if (!strcmp(reader->score->parts[i].id, id)) reader->part = i;
  if (reader->part >= 0) return;
  if (!nm_score_add_part(reader->score, id, strlen(id))) {
    stop(reader, NM_ERR_UNSUPPORTED, "out of memory, or there are more than %d parts", NM_SCORE_PARTS_MAX);
    return;
  }
  reader->part = reader->score->n_parts - 1;
  reader->states[reader->part] = (PartState){.divisions = {1, 1}};
}

// Ticks of a bar of the meter that holds.
static int64_t get_full_bar(Reader *reader)
{
  NmScorePart *part = get_part(reader);
  const NmSongMeter meter = part->n_meters ? part->meters[part->n_meters - 1] : (NmSongMeter){0, 4, 4};
  if (!nm_score_refine(part, meter.beat_unit))
    stop(reader, NM_ERR_UNSUPPORTED, "its durations are too small");
  return 4 * part->ticks_per_beat * meter.n_beats / meter.beat_unit;
}

static void begin_bar(Reader *reader, bool is_pickup)
{
  NmScorePart *part = get_part(reader);
  int64_t tick = 0;
  if (part->n_bars) {
    NmScoreBar *last = &part->bars[part->n_bars - 1];
    if (last->len == 0) last->len = get_full_bar(reader);
    tick = last->tick + last->len;
  }
  if (tick > NM_SONG_TIME_MAX * part->ticks_per_beat)
    stop(reader, NM_ERR_BAD_DATA, "its time makes no sense");
  NmScoreBar *bar = reader->status ? NULL : nm_score_add_bar(part, tick);
  if (!bar) {
    stop_memory(reader);
    return;
  }
  bar->is_pickup = is_pickup;
  bar->endings = reader->states[reader->part].endings;
  part->time = tick;
  reader->states[reader->part].last = LAST_NONE;
}

// Moves the reader's place in the part.
static void move(Reader *reader, int64_t ticks)
{
  NmScorePart *part = get_part(reader);
  if (part->n_bars == 0) return;
  NmScoreBar *bar = &part->bars[part->n_bars - 1];
  part->time += ticks;
  if (part->time < bar->tick) part->time = bar->tick;
  if (part->time - bar->tick > bar->len) bar->len = part->time - bar->tick;
  if (part->time > NM_SONG_TIME_MAX * part->ticks_per_beat)
    stop(reader, NM_ERR_BAD_DATA, "its time makes no sense");
}

static void read_ending(Reader *reader, const XML_Char **attributes)
{
  NmScorePart *part = get_part(reader);
  PartState *state = &reader->states[reader->part];
  const char *numbers = get_attribute(attributes, "number");
  uint32_t endings = 0;
  for (; numbers && *numbers; ++numbers)
    if (*numbers >= '1' && *numbers <= '9') {
      char *end;
      const long number = strtol(numbers, &end, 10);
      if (number <= NM_SCORE_ENDINGS_MAX) endings |= (uint32_t)1 << number;
      numbers = end - 1;
    }
  state->endings = attribute_is(attributes, "type", "start") ? endings : 0;
  if (part->n_bars) part->bars[part->n_bars - 1].endings |= endings;
}

static void read_repeat(Reader *reader, const XML_Char **attributes)
{
  NmScorePart *part = get_part(reader);
  if (part->n_bars == 0) return;
  NmScoreBar *bar = &part->bars[part->n_bars - 1];
  if (attribute_is(attributes, "direction", "forward")) {
    bar->repeats_from = true;
    return;
  }
  const char *times = get_attribute(attributes, "times");
  bar->n_repeats = times ? parse_int(times) : 2;
  if (bar->n_repeats < 1 || bar->n_repeats > NM_SCORE_ENDINGS_MAX) bar->n_repeats = 2;
}

// --- key, time, tempo ---

static void end_time(Reader *reader)
{
  NmScorePart *part = get_part(reader);
  if (!reader->has_time || reader->n_beats == 0) return;
  if (reader->n_beats > 255 || reader->beat_unit > 64) {
    nm_song_notes_add(reader->notes, "a time signature of %d/%d is left out", reader->n_beats,
                      reader->beat_unit);
    return;
  }
  if (!nm_score_add_meter(part, part->time, reader->n_beats, reader->beat_unit)) stop_memory(reader);
}

static void end_beats(Reader *reader)
{
  int n = 0;
  for (const char *at = reader->text; *at; ++at)
    if (*at >= '0' && *at <= '9') {
      char *end;
      const long value = strtol(at, &end, 10);
      n += value > 1000 ? 1000 : (int)value;
      if (n > 1000) n = 1000;
      at = end - 1;
    }
  reader->beats = n;
}

// Another pair of beats and beat type: 3/8 + 2/4 is 7/8.
static void end_beat_type(Reader *reader)
{
  const int unit = parse_int(reader->text);
  if (unit < 1 || unit > 64 || (unit & (unit - 1)) || reader->beats < 1) {
    reader->has_time = false;
    return;
  }
  const int common = unit > reader->beat_unit ? unit : reader->beat_unit;
  reader->n_beats = reader->n_beats * (common / reader->beat_unit) + reader->beats * (common / unit);
  reader->beat_unit = common;
}

// Keys are read as they sound. The transposition stands behind the key.
static void end_attributes(Reader *reader)
{
  NmScorePart *part = get_part(reader);
  if (!reader->has_key) return;
  int fifths = reader->fifths;
  const int semitones = reader->states[reader->part].transpose % 12;
  if (semitones) fifths = ((fifths + 7 * semitones) % 12 + 12 + 5) % 12 - 5;
  if (fifths > 7 || fifths < -7) fifths %= 12;
  if (fifths > 7) fifths -= 12;
  if (fifths < -7) fifths += 12;
  if (!nm_score_add_key(part, part->time, fifths, reader->key_is_minor)) stop_memory(reader);
}

static void end_fifths(Reader *reader)
{
  if (reader->n_keys != 1) return;
  reader->fifths = parse_int(reader->text) % 100;
  reader->has_key = true;
  reader->key_is_minor = false;
}

static void end_mode(Reader *reader)
{
  static const char *const minor[] = {"minor", "aeolian", "dorian", "phrygian", "locrian"};
  if (reader->n_keys != 1) return;
  for (size_t i = 0; i < sizeof minor / sizeof *minor; ++i)
    if (!strcmp(reader->text, minor[i])) reader->key_is_minor = true;
}

static void add_tempo(Reader *reader, double bpm)
{
  NmScorePart *part = get_part(reader);
  if (!(bpm >= 1 && bpm <= 6e7)) return;
  const int64_t offset = get_ticks(reader, reader->offset);
  int64_t tick = part->time + offset;
  if (tick < 0) tick = 0;
  if (tick > NM_SONG_TIME_MAX * part->ticks_per_beat) return;
  if (!reader->status && !nm_score_add_tempo(part, tick, bpm)) stop_memory(reader);
}

static void end_direction(Reader *reader)
{
  if (reader->tempo > 0)
    add_tempo(reader, reader->tempo);
  else if (reader->per_minute > 0 && reader->n_beat_units == 1)
    add_tempo(reader, reader->per_minute * reader->beat_unit_beats);
}

static void begin_sound(Reader *reader, const XML_Char **attributes)
{
  static const char *const jumps[] = {"dacapo", "segno", "dalsegno", "coda", "tocoda", "fine"};
  const char *tempo = get_attribute(attributes, "tempo");
  if (get_parent(reader) != NM_E_DIRECTION) reader->offset = (Number){0, 1};
  reader->tempo = tempo ? strtod(tempo, NULL) : 0;
  for (size_t i = 0; i < sizeof jumps / sizeof *jumps; ++i)
    if (get_attribute(attributes, jumps[i])) reader->score->has_jumps = true;
}

static void end_beat_unit(Reader *reader)
{
  static const struct {
    const char *name;
    double beats;
  } units[] = {{"breve", 8},   {"whole", 4},  {"half", 2},    {"quarter", 1},
               {"eighth", .5}, {"16th", .25}, {"32nd", .125}, {"64th", .0625}};
  ++reader->n_beat_units;
  for (size_t i = 0; i < sizeof units / sizeof *units; ++i)
    if (!strcmp(reader->text, units[i].name)) reader->beat_unit_beats = units[i].beats;
}

static void end_per_minute(Reader *reader)
{
  const char *at = strpbrk(reader->text, "0123456789");
  reader->per_minute = at ? strtod(at, NULL) : 0;
}

// --- lyrics ---

// The verse that lyrics of this number or name are.
static int16_t find_verse(Reader *reader, const char *number)
{
  char *end;
  if (!number || !*number) number = "1";
  const long value = strtol(number, &end, 10);
  if (!*end && value >= 1 && value <= NM_SONG_VERSES_MAX) {
    reader->numbers[value - 1] = true;
    return (int16_t)value;
  }
  for (int i = 0; i < NAMES_MAX; ++i)
    if (reader->names[i][0] && !strncmp(reader->names[i], number, NAME_MAX - 1)) return (int16_t)(i + 1);
  for (int i = 0; i < NAMES_MAX; ++i)
    if (!reader->names[i][0] && !reader->numbers[i]) {
      snprintf(reader->names[i], NAME_MAX, "%s", number);
      return (int16_t)(i + 1);
    }
  return 0;
}

static void begin_lyric(Reader *reader, const XML_Char **attributes)
{
  reader->syllable = (Syllable){.verse = find_verse(reader, get_attribute(attributes, "number")),
                                .begins_word = true,
                                .ends_word = true};
  reader->has_text = false;
}

static void keep_syllable(Reader *reader)
{
  if (reader->syllable.verse < 1) {
    nm_song_notes_add(reader->notes, "verses after the %dth are left out", NM_SONG_VERSES_MAX);
    return;
  }
  if (reader->n_syllables == SYLLABLES_MAX) {
    nm_song_notes_add(reader->notes, "of a note with more than %d syllables the rest is left out",
                      SYLLABLES_MAX);
    return;
  }
  reader->syllables[reader->n_syllables++] = reader->syllable;
}

static void end_text(Reader *reader)
{
  const size_t len = reader->len_texts + reader->len_text;
  if (len > reader->room_texts) {
    char *moved = realloc(reader->texts, 2 * len);
    if (!moved) {
      stop_memory(reader);
      return;
    }
    reader->texts = moved;
    reader->room_texts = 2 * len;
  }
  if (reader->len_text) memcpy(reader->texts + reader->len_texts, reader->text, reader->len_text);
  if (!reader->has_text) reader->syllable.text = reader->len_texts, reader->syllable.len = 0;
  reader->syllable.len += reader->len_text;
  reader->len_texts = len;
  reader->has_text = true;
}

static void end_syllabic(Reader *reader)
{
  reader->syllable.begins_word = !strcmp(reader->text, "single") || !strcmp(reader->text, "begin");
  reader->syllable.ends_word = !strcmp(reader->text, "single") || !strcmp(reader->text, "end");
}

// What follows is another syllable on the same note.
static void end_elision(Reader *reader)
{
  if (!reader->has_text) return;
  keep_syllable(reader);
  reader->syllable = (Syllable){
      .verse = reader->syllable.verse, .begins_word = true, .ends_word = true, .text = reader->len_texts};
  reader->has_text = false;
}

static void end_lyric(Reader *reader)
{
  reader->syllable.holds = !reader->has_text;
  if (reader->has_text || reader->syllable.extends) keep_syllable(reader);
}

static bool add_syllable(Reader *reader, NmScoreVoice *voice, int32_t note, const Syllable *syllable)
{
  NmScoreLyric lyric = {.note = note,
                        .verse = syllable->verse,
                        .begins_word = syllable->begins_word,
                        .ends_word = syllable->ends_word,
                        .ends_line = syllable->ends_line,
                        .ends_stanza = syllable->ends_stanza,
                        .extends = syllable->extends};
  if (syllable->holds) return nm_score_add_lyric(reader->score, voice, &lyric);
  const char *text = reader->texts + syllable->text;
  if (!reader->score->says_lines)
    return nm_score_add_text(reader->score, voice, &lyric, syllable->len ? text : "", syllable->len);
  lyric.text = nm_score_keep(reader->score, syllable->len ? text : "", syllable->len);
  return lyric.text && nm_score_add_lyric(reader->score, voice, &lyric);
}

static void add_syllables(Reader *reader, NmScoreVoice *voice, int32_t note)
{
  for (int i = 0; i < reader->n_syllables && !reader->status; ++i)
    if (!add_syllable(reader, voice, note, &reader->syllables[i])) stop_memory(reader);
}

// --- notes ---

static void begin_note(Reader *reader, const XML_Char **attributes)
{
  const char *dynamics = get_attribute(attributes, "dynamics");
  const double velocity = dynamics ? strtod(dynamics, NULL) * .9 : 0;
  reader->note = (Note){.step = -1, .duration = {0, 1}, .octave = 4, .voice = 1, .staff = 1};
  if (velocity >= 1 && velocity < 127.5) reader->note.velocity = (int)lround(velocity);
}

static int get_pitch(Reader *reader)
{
  const Note *note = &reader->note;
  const double alter = note->alter > -12 && note->alter < 12 ? note->alter : 0;
  if (alter != rint(alter)) ++reader->n_micro;
  const int octave = note->octave < -10 ? -10 : note->octave > 20 ? 20 : note->octave;
  return 12 * (octave + 1) + note->step + (int)lround(alter) + reader->states[reader->part].transpose;
}

// Joins a note of a chord to the one before: the top one counts.
static void add_to_chord(Reader *reader)
{
  PartState *state = &reader->states[reader->part];
  if (state->last != LAST_NOTE) return;
  NmScoreVoice *voice = &get_part(reader)->voices[state->last_voice];
  NmScoreNote *note = &voice->notes[state->last_note];
  const int pitch = get_pitch(reader);
  ++reader->n_chords;
  if (pitch > note->pitch && pitch <= 127) {
    note->pitch = (int16_t)pitch;
    note->ties_on = reader->note.ties_on;
  }
  voice->n_slurs += reader->note.n_slurs;
  note->slurs_on = voice->n_slurs > 0;
  add_syllables(reader, voice, state->last_note);
}

static void add_note(Reader *reader, int64_t len)
{
  NmScorePart *part = get_part(reader);
  PartState *state = &reader->states[reader->part];
  NmScoreVoice *voice = nm_score_get_voice(part, reader->note.staff * 1000 + reader->note.voice);
  if (!voice) {
    stop(reader, NM_ERR_UNSUPPORTED, "out of memory, or there are more than %d voices", NM_SCORE_PARTS_MAX);
    return;
  }
  const int pitch = get_pitch(reader);
  if (pitch < 0 || pitch > 127) {
    stop(reader, NM_ERR_BAD_DATA, "a note is outside the range of hearing");
    return;
  }
  voice->n_slurs += reader->note.n_slurs;
  const NmScoreNote note = {.onset = part->time,
                            .len = len,
                            .pitch = (int16_t)pitch,
                            .velocity = (int16_t)reader->note.velocity,
                            .ties_on = reader->note.ties_on,
                            .slurs_on = voice->n_slurs > 0};
  if (!nm_score_add_note(reader->score, voice, &note)) {
    stop_memory(reader);
    return;
  }
  state->last = LAST_NOTE;
  state->last_voice = (int32_t)(voice - part->voices);
  state->last_note = voice->n_notes - 1;
  add_syllables(reader, voice, state->last_note);
}

static void end_sounding(Reader *reader)
{
  const Note *note = &reader->note;
  PartState *state = &reader->states[reader->part];
  if (note->duration.value < 0) {
    stop(reader, NM_ERR_BAD_DATA, "a note has a negative duration");
    return;
  }
  const int64_t len = get_ticks(reader, note->duration);
  state->last = LAST_SILENT;
  if (note->is_cue)
    ++reader->n_cues;
  else if (note->is_unpitched)
    ++reader->n_unpitched;
  else if (!note->is_rest && note->step >= 0 && len > 0 && !reader->status)
    add_note(reader, len);
  move(reader, len);
}

static void end_note(Reader *reader)
{
  if (reader->note.is_grace) { // its syllables go to the note that it leads to
    ++reader->n_graces;
    return;
  }
  if (!reader->note.is_chord)
    end_sounding(reader);
  else if (reader->note.step >= 0)
    add_to_chord(reader);
  reader->n_syllables = 0;
  reader->len_texts = 0;
  reader->has_text = false;
}

// --- elements ---

static void begin_in_note(Reader *reader, NmMusicxmlElement element, const XML_Char **attributes)
{
  Note *note = &reader->note;
  const bool starts = attribute_is(attributes, "type", "start"),
             stops = attribute_is(attributes, "type", "stop");
  switch (element) {
  case NM_E_CHORD: note->is_chord = true; break;
  case NM_E_REST: note->is_rest = true; break;
  case NM_E_GRACE: note->is_grace = true; break;
  case NM_E_CUE: note->is_cue = true; break;
  case NM_E_UNPITCHED: note->is_unpitched = true; break;
  case NM_E_TIE:
  case NM_E_TIED: note->ties_on |= starts; break;
  case NM_E_SLUR: note->n_slurs += starts - stops; break;
  case NM_E_LYRIC: begin_lyric(reader, attributes); break;
  case NM_E_EXTEND: reader->syllable.extends = true; break;
  case NM_E_END_LINE: reader->syllable.ends_line = true; break;
  case NM_E_END_PARAGRAPH: reader->syllable.ends_stanza = true; break;
  default: break;
  }
}

static void begin_in_part(Reader *reader, NmMusicxmlElement element, const XML_Char **attributes)
{
  switch (element) {
  case NM_E_NOTE: begin_note(reader, attributes); break;
  case NM_E_BACKUP:
  case NM_E_FORWARD: reader->note.duration = (Number){0, 1}; break;
  case NM_E_ATTRIBUTES: reader->has_key = false, reader->n_keys = 0; break;
  case NM_E_KEY: ++reader->n_keys; break;
  case NM_E_TIME: reader->has_time = true, reader->n_beats = 0, reader->beat_unit = 1; break;
  case NM_E_SENZA_MISURA: reader->has_time = false; break;
  case NM_E_TRANSPOSE: reader->chromatic = reader->octave_change = 0; break;
  case NM_E_DIRECTION:
    reader->tempo = reader->per_minute = 0;
    reader->beat_unit_beats = 1;
    reader->n_beat_units = 0;
    reader->offset = (Number){0, 1};
    break;
  case NM_E_SOUND: begin_sound(reader, attributes); break;
  case NM_E_BEAT_UNIT_DOT: reader->beat_unit_beats *= 1.5; break;
  case NM_E_ENDING: read_ending(reader, attributes); break;
  case NM_E_REPEAT: read_repeat(reader, attributes); break;
  default: begin_in_note(reader, element, attributes); break;
  }
}

static void begin_creator(Reader *reader, const char *type)
{
  reader->role = 0;
  if (!type) return;
  if (!strcmp(type, "composer")) reader->role = 'c';
  if (!strcmp(type, "lyricist") || !strcmp(type, "poet")) reader->role = 'l';
}

static void read_supports(Reader *reader, const XML_Char **attributes)
{
  if (!attribute_is(attributes, "type", "yes")) return;
  if (attribute_is(attributes, "element", "end-line")) reader->score->says_lines = true;
  if (attribute_is(attributes, "element", "extend")) reader->score->says_holds = true;
  if (attribute_is(attributes, "attribute", "implicit")) reader->score->says_pickup = true;
}

static void keep_language(Reader *reader, const XML_Char **attributes)
{
  const char *language = get_attribute(attributes, "xml:lang");
  if (language && !reader->score->language)
    reader->score->language = nm_score_keep(reader->score, language, strlen(language));
}

static void begin_measure(Reader *reader, const XML_Char **attributes)
{
  reader->is_pickup = attribute_is(attributes, "implicit", "yes");
  if (get_parent(reader) == NM_E_PART && reader->part >= 0) begin_bar(reader, reader->is_pickup);
}

static void begin_part(Reader *reader, const XML_Char **attributes)
{
  find_part(reader, get_attribute(attributes, "id"));
  if (!reader->status && get_parent(reader) == NM_E_MEASURE) begin_bar(reader, reader->is_pickup);
}

static void begin_element(Reader *reader, NmMusicxmlElement element, const XML_Char **attributes)
{
  switch (element) {
  case NM_E_PART: begin_part(reader, attributes); break;
  case NM_E_SCORE_PART: find_part(reader, get_attribute(attributes, "id")); break;
  case NM_E_MEASURE: begin_measure(reader, attributes); break;
  case NM_E_CREATOR: begin_creator(reader, get_attribute(attributes, "type")); break;
  case NM_E_MISCELLANEOUS_FIELD:
    reader->role = attribute_is(attributes, "name", "neume-lines") ? 'f' : 0;
    break;
  case NM_E_SUPPORTS: read_supports(reader, attributes); break;
  case NM_E_LYRIC_LANGUAGE: keep_language(reader, attributes); break;
  default:
    if (reader->part >= 0 && get_part(reader)->n_bars) begin_in_part(reader, element, attributes);
    break;
  }
}

static void end_duration(Reader *reader)
{
  if (!parse_number(reader->text, &reader->note.duration))
    stop(reader, NM_ERR_BAD_DATA, "\"%.40s\" is no duration", reader->text);
}

static void end_divisions(Reader *reader)
{
  Number number;
  if (parse_number(reader->text, &number) && number.value > 0)
    reader->states[reader->part].divisions = number;
  else
    stop(reader, NM_ERR_BAD_DATA, "\"%.40s\" is no number of divisions", reader->text);
}

static void end_step(Reader *reader)
{
  static const char steps[] = "C D EF G A B";
  const char *found = reader->text[0] >= 'A' ? strchr(steps, reader->text[0]) : NULL;
  if (found) reader->note.step = (int)(found - steps);
}

static void end_transpose(Reader *reader)
{
  int semitones = reader->chromatic + 12 * reader->octave_change;
  if (semitones < -127 || semitones > 127) semitones = 0;
  reader->states[reader->part].transpose = semitones;
}

static void end_in_note(Reader *reader, NmMusicxmlElement element)
{
  Note *note = &reader->note;
  switch (element) {
  case NM_E_STEP: end_step(reader); break;
  case NM_E_ALTER: note->alter = strtod(reader->text, NULL); break;
  case NM_E_OCTAVE: note->octave = parse_int(reader->text); break;
  case NM_E_VOICE: note->voice = parse_int(reader->text) % 1000; break;
  case NM_E_STAFF: note->staff = parse_int(reader->text) % 1000; break;
  case NM_E_SYLLABIC: end_syllabic(reader); break;
  case NM_E_TEXT:
    if (get_parent(reader) == NM_E_LYRIC) end_text(reader);
    break;
  case NM_E_ELISION: end_elision(reader); break;
  case NM_E_LYRIC: end_lyric(reader); break;
  case NM_E_NOTE: end_note(reader); break;
  default: break;
  }
}

static void end_in_part(Reader *reader, NmMusicxmlElement element)
{
  switch (element) {
  case NM_E_DURATION: end_duration(reader); break;
  case NM_E_BACKUP: move(reader, -get_ticks(reader, reader->note.duration)); break;
  case NM_E_FORWARD: move(reader, get_ticks(reader, reader->note.duration)); break;
  case NM_E_DIVISIONS: end_divisions(reader); break;
  case NM_E_FIFTHS: end_fifths(reader); break;
  case NM_E_MODE: end_mode(reader); break;
  case NM_E_BEATS: end_beats(reader); break;
  case NM_E_BEAT_TYPE: end_beat_type(reader); break;
  case NM_E_TIME: end_time(reader); break;
  case NM_E_CHROMATIC: reader->chromatic = parse_int(reader->text); break;
  case NM_E_OCTAVE_CHANGE: reader->octave_change = parse_int(reader->text); break;
  case NM_E_TRANSPOSE: end_transpose(reader); break;
  case NM_E_ATTRIBUTES: end_attributes(reader); break;
  case NM_E_OFFSET:
    if (!parse_number(reader->text, &reader->offset)) reader->offset = (Number){0, 1};
    break;
  case NM_E_BEAT_UNIT: end_beat_unit(reader); break;
  case NM_E_PER_MINUTE: end_per_minute(reader); break;
  case NM_E_DIRECTION: end_direction(reader); break;
  case NM_E_SOUND:
    if (get_parent(reader) == NM_E_MEASURE && reader->tempo > 0) add_tempo(reader, reader->tempo);
    break;
  default: end_in_note(reader, element); break;
  }
}

static void keep(Reader *reader, const char **to)
{
  *to = nm_score_keep(reader->score, reader->text, reader->len_text);
  if (!*to) stop_memory(reader);
}

static void end_field(Reader *reader)
{
  if (reader->role == 'f' && nm_score_read_lines(reader->score, reader->text) != NM_OK) stop_memory(reader);
}

static void end_element(Reader *reader, NmMusicxmlElement element)
{
  NmScore *score = reader->score;
  switch (element) {
  case NM_E_WORK_TITLE:
    if (!score->title) keep(reader, &score->title);
    break;
  case NM_E_MOVEMENT_TITLE:
    if (reader->len_text) keep(reader, &score->title);
    break;
  case NM_E_CREATOR:
    if (reader->role == 'c') keep(reader, &score->composer);
    if (reader->role == 'l') keep(reader, &score->lyricist);
    break;
  case NM_E_MISCELLANEOUS_FIELD: end_field(reader); break;
  case NM_E_PART_NAME:
    if (reader->part >= 0 && reader->len_text) keep(reader, &get_part(reader)->name);
    break;
  case NM_E_PART:
  case NM_E_SCORE_PART: reader->part = -1; break;
  default:
    if (reader->part >= 0 && get_part(reader)->n_bars) end_in_part(reader, element);
    break;
  }
}

// --- the parser ---

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
  Reader *reader = user;
  if (reader->status) return;
  if (reader->depth == NM_MUSICXML_DEPTH_MAX) {
    stop(reader, NM_ERR_BAD_DATA, "elements lie more than %d deep", NM_MUSICXML_DEPTH_MAX);
    return;
  }
  const NmMusicxmlElement element = nm_musicxml_find_element(name);
  if (reader->depth == 0 && element != NM_E_SCORE_PARTWISE && element != NM_E_SCORE_TIMEWISE) {
    stop(reader, NM_ERR_UNSUPPORTED, "<%.40s> is no MusicXML score", name);
    return;
  }
  reader->stack[reader->depth++] = element;
  reader->len_text = 0;
  begin_element(reader, element, attributes);
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
  Reader *reader = user;
  if (reader->status) return;
  const NmMusicxmlElement element = reader->stack[reader->depth - 1];
  reader->text[reader->len_text] = '\0';
  end_element(reader, element);
  reader->len_text = 0;
  --reader->depth;
}

static void XMLCALL on_text(void *user, const XML_Char *text, int len)
{
  Reader *reader = user;
  if (reader->status || reader->depth == 0 || reader->stack[reader->depth - 1] == NM_E_OTHER) return;
  const size_t needed = reader->len_text + (size_t)len + 1;
  if (needed > NM_MUSICXML_TEXT_MAX) {
    stop(reader, NM_ERR_BAD_DATA, "a text is longer than %d bytes", NM_MUSICXML_TEXT_MAX);
    return;
  }
  if (needed > reader->room_text) {
    char *moved = realloc(reader->text, 2 * needed);
    if (!moved) {
      stop_memory(reader);
      return;
    }
    reader->text = moved;
    reader->room_text = 2 * needed;
  }
  memcpy(reader->text + reader->len_text, text, (size_t)len);
  reader->len_text += (size_t)len;
}

static void XMLCALL on_entity(void *user, const XML_Char *name, int is_parameter, const XML_Char *value,
                              int len, const XML_Char *base, const XML_Char *system_id,
                              const XML_Char *public_id, const XML_Char *notation)
{
  stop(user, NM_ERR_UNSUPPORTED, "the file declares the entity \"%.40s\": entities are not read", name);
}

// Parses all bytes in pieces; a single tag must not grow past NM_MUSICXML_MARKUP_MAX.
static void parse(Reader *reader, const uint8_t *bytes, size_t n)
{
  enum { N_PIECE = 1 << 16 };
  for (size_t at = 0; !reader->status;) {
    const size_t len = n - at < N_PIECE ? n - at : N_PIECE;
    const bool is_last = at + len == n;
    const enum XML_Status status = XML_Parse(reader->parser, (const char *)bytes + at, (int)len, is_last);
    at += len;
    if (status != XML_STATUS_OK && !reader->status)
      stop(reader,
           XML_GetErrorCode(reader->parser) == XML_ERROR_NO_MEMORY ? NM_ERR_NO_MEMORY : NM_ERR_BAD_DATA, "%s",
           XML_ErrorString(XML_GetErrorCode(reader->parser)));
    const int64_t open = (int64_t)at - XML_GetCurrentByteIndex(reader->parser);
    if (!reader->status && !is_last && open > NM_MUSICXML_MARKUP_MAX)
      stop(reader, NM_ERR_BAD_DATA, "a tag is longer than %d bytes", NM_MUSICXML_MARKUP_MAX);
    if (is_last) return;
  }
}

static void note_losses(const Reader *reader)
{
  NmSongNotes *notes = reader->notes;
  if (reader->n_chords) nm_song_notes_add(notes, "chords are reduced to their top notes");
  if (reader->n_graces) nm_song_notes_add(notes, "%d grace notes are left out", reader->n_graces);
  if (reader->n_cues) nm_song_notes_add(notes, "%d cue notes are left out", reader->n_cues);
  if (reader->n_unpitched)
    nm_song_notes_add(notes, "%d notes without pitch are left out", reader->n_unpitched);
  if (reader->n_micro) nm_song_notes_add(notes, "%d microtones are rounded to semitones", reader->n_micro);
}

static NmStatus read_score(Reader *reader, const uint8_t *bytes, size_t n)
{
  reader->parser = XML_ParserCreate(NULL);
  reader->score = nm_score_new();
  reader->states = calloc(NM_SCORE_PARTS_MAX, sizeof *reader->states);
  reader->room_text = 256;
  reader->text = malloc(reader->room_text);
  if (!reader->parser || !reader->score || !reader->states || !reader->text)
    return nm_error_set(reader->err, NM_ERR_NO_MEMORY, "out of memory");
  XML_SetUserData(reader->parser, reader);
  XML_SetElementHandler(reader->parser, on_start, on_end);
  XML_SetCharacterDataHandler(reader->parser, on_text);
  XML_SetEntityDeclHandler(reader->parser, on_entity);
  parse(reader, bytes, n);
  return reader->status;
}

NmStatus nm_musicxml_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                          NmSong **song, NmSongNotes *notes, NmError *err)
{
  *song = NULL;
  Reader *reader = calloc(1, sizeof *reader);
  if (!reader) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  reader->name = name;
  reader->notes = notes;
  reader->err = err;
  reader->part = -1;
  reader->beat_unit = 1;
  NmStatus status = read_score(reader, bytes, n);
  if (status == NM_OK) status = nm_score_make_song(reader->score, name, options, song, notes, err);
  if (status == NM_OK) note_losses(reader);
  if (reader->parser) XML_ParserFree(reader->parser);
  nm_score_free(reader->score);
  free(reader->states);
  free(reader->text);
  free(reader->texts);
  free(reader);
  return status;
}
