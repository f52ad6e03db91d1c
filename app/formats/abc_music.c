// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of music in ABC.
#include <stdlib.h>
#include <string.h>

#include "app/formats/abc_reader.h"

static int64_t find_gcd(int64_t a, int64_t b)
{
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static NmAbcFraction reduce(NmAbcFraction fraction)
{
  const int64_t common = find_gcd(fraction.value, fraction.unit);
  return common ? (NmAbcFraction){fraction.value / common, fraction.unit / common} : (NmAbcFraction){0, 1};
}

static NmScorePart *get_part(NmAbcReader *reader)
{
  return &reader->score->parts[reader->voice];
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

// --- lengths ---

// "3/2", "/", "//", "/4", "" behind a note.
static NmAbcFraction read_length(const char **at)
{
  NmAbcFraction length = {nm_abc_read_number(at, 1), 1};
  for (int n = 0; **at == '/'; ++n) {
    ++*at;
    const int64_t unit = nm_abc_read_number(at, 2);
    if (n < 16 && unit > 0 && length.unit * unit < (int64_t)1 << 27) length.unit *= unit;
  }
  return length;
}

// Ticks of a length in units, tuplets and broken rhythm included; the part's resolution grows.
static int64_t get_ticks(NmAbcReader *reader, NmAbcFraction length, bool is_note)
{
  NmAbcVoice *voice = &reader->voices[reader->voice];
  NmScorePart *part = get_part(reader);
  NmAbcFraction beats =
      reduce((NmAbcFraction){4 * length.value * voice->unit.value, length.unit * voice->unit.unit});
  if (is_note && voice->n_tuplet > 0) {
    beats = reduce((NmAbcFraction){beats.value * voice->tuplet.value, beats.unit * voice->tuplet.unit});
    --voice->n_tuplet;
  }
  if (is_note)
    beats = reduce((NmAbcFraction){beats.value * voice->broken.value, beats.unit * voice->broken.unit});
  if (is_note) voice->broken = (NmAbcFraction){1, 1};
  if (beats.unit > NM_SCORE_TICKS_MAX || !nm_score_refine(part, beats.unit)) {
    nm_abc_stop(reader, NM_ERR_UNSUPPORTED, "its durations need more than %d parts of a beat",
                NM_SONG_TICKS_MAX);
    return 0;
  }
  if (part->time / part->ticks_per_beat + beats.value / beats.unit > NM_SONG_TIME_MAX) {
    nm_abc_stop(reader, NM_ERR_BAD_DATA, "the tune is too long");
    return 0;
  }
  return part->ticks_per_beat / beats.unit * beats.value;
}

// Multiplies the length of the last note, when a ">" or "<" shows that it is dotted or halved.
static void stretch_last(NmAbcReader *reader, NmAbcFraction factor)
{
  NmScorePart *part = get_part(reader);
  NmScoreVoice *notes = nm_score_get_voice(part, 0);
  NmScoreNote *last = notes && notes->n_notes ? &notes->notes[notes->n_notes - 1] : NULL;
  if (!last || last->onset + last->len != part->time) return; // nothing, or a rest, lies before
  const int64_t missing = factor.unit / find_gcd(last->len, factor.unit);
  if (!nm_score_refine(part, part->ticks_per_beat * missing)) return;
  const int64_t len = last->len / factor.unit * factor.value;
  part->time += len - last->len;
  last->len = len;
}

static void read_broken(NmAbcReader *reader, const char **at)
{
  NmAbcVoice *voice = &reader->voices[reader->voice];
  const char sign = **at;
  int n = 0;
  while (**at == sign) ++*at, ++n;
  if (n > 3) n = 3;
  const int64_t half = (int64_t)1 << n;
  const NmAbcFraction is_long = {2 * half - 1, half}, is_short = {1, half};
  stretch_last(reader, sign == '>' ? is_long : is_short);
  voice->broken = sign == '>' ? is_short : is_long;
}

// (3 (3:2 (3:2:3 (3::2
static void read_tuplet(NmAbcReader *reader, const char **at)
{
  static const int8_t usual[] = {1, 1, 3, 2, 3, 0, 2, 0, 3, 0}; // 0: two, or three in compound time
  NmAbcVoice *voice = &reader->voices[reader->voice];
  const NmAbcMeter meter = voice->meter;
  const bool is_compound = meter.beat_unit == 8 && meter.n_beats % 3 == 0;
  const int64_t p = nm_abc_read_number(at, 3);
  int64_t q = p < 10 && usual[p] ? usual[p] : is_compound ? 3 : 2, r = p;
  if (**at == ':') {
    ++*at;
    q = nm_abc_read_number(at, q);
    if (**at == ':') {
      ++*at;
      r = nm_abc_read_number(at, p);
    }
  }
  if (p < 1 || p > 99 || q < 1 || q > 99 || r < 1 || r > 1 << 20) return;
  voice->tuplet = (NmAbcFraction){q, p};
  voice->n_tuplet = (int)r;
}

// --- bars ---

static void end_bar(NmAbcReader *reader)
{
  NmAbcVoice *voice = &reader->voices[reader->voice];
  NmScorePart *part = get_part(reader);
  memcpy(voice->alters, voice->key.alters, sizeof voice->alters);
  memset(voice->is_altered, 0, sizeof voice->is_altered);
  NmScoreBar *bar = &part->bars[part->n_bars - 1];
  if (part->time > bar->tick) {
    bar->len = part->time - bar->tick;
    bar = nm_score_add_bar(part, part->time);
    if (!bar) {
      nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory, or there are more than %d bars",
                  NM_SCORE_NOTES_MAX);
      return;
    }
    bar->endings = voice->endings;
  }
  bar->repeats_from |= voice->repeats_from;
  voice->repeats_from = false;
}

// The ending "1" or "1,3" or "1-2" that a bar begins.
static void read_ending(NmAbcReader *reader, const char **at)
{
  NmScorePart *part = get_part(reader);
  uint32_t endings = 0;
  while (is_digit(**at)) {
    const int64_t number = nm_abc_read_number(at, 1);
    if (number >= 1 && number <= NM_SCORE_ENDINGS_MAX) endings |= (uint32_t)1 << number;
    if ((**at == ',' || **at == '-') && is_digit((*at)[1])) ++*at;
  }
  reader->voices[reader->voice].endings = endings;
  part->bars[part->n_bars - 1].endings |= endings;
}

// A bar line of any kind: | || |] [| |: :| :: and the ending behind it.
static void read_bar_line(NmAbcReader *reader, const char **at)
{
  NmAbcVoice *voice = &reader->voices[reader->voice];
  NmScorePart *part = get_part(reader);
  const char *begin = *at;
  while (**at && strchr("|]:", **at)) ++*at;
  if (**at == '[' && (*at)[1] == '|') ++*at;
  const bool repeats_to = *begin == ':', repeats_from = *at - begin > 1 && (*at)[-1] == ':';
  if (repeats_to && part->n_bars) {
    const bool is_empty = part->time == part->bars[part->n_bars - 1].tick && part->n_bars > 1;
    part->bars[part->n_bars - 1 - is_empty].n_repeats = 2;
  }
  if (repeats_to || repeats_from) voice->endings = 0;
  voice->repeats_from = repeats_from;
  end_bar(reader);
  if (!reader->status && is_digit(**at)) read_ending(reader, at);
}

// --- notes ---

typedef struct {
  int letter; // C D E F G A B
  int octave; // 0: that of C
  int alter;
  bool has_accidental;
} Pitch;

// A note's accidental, letter and octave; false when there is none at *at.
static bool read_pitch(const char **at, Pitch *pitch)
{
  const char *text = *at;
  *pitch = (Pitch){0};
  for (; *text == '^' || *text == '_' || *text == '='; ++text) {
    pitch->has_accidental = true;
    pitch->alter += *text == '^' ? 1 : *text == '_' ? -1 : 0;
  }
  const bool is_lower = *text >= 'a' && *text <= 'g';
  if (!is_lower && !(*text >= 'A' && *text <= 'G')) return false;
  pitch->letter = (*text - (is_lower ? 'a' : 'A') + 5) % 7;
  pitch->octave = is_lower;
  for (++text; *text == ',' || *text == '\''; ++text) pitch->octave += *text == '\'' ? 1 : -1;
  *at = text;
  return true;
}

// The MIDI key; accidentals hold until the bar ends, and over it for a tied note.
static int get_key(NmAbcVoice *voice, const Pitch *pitch)
{
  static const int8_t semitones[] = {0, 2, 4, 5, 7, 9, 11};
  const int place = pitch->letter + 7 * pitch->octave;
  if (pitch->has_accidental) {
    voice->alters[pitch->letter] = (int8_t)(pitch->alter > 12 ? 12 : pitch->alter < -12 ? -12 : pitch->alter);
    voice->is_altered[pitch->letter] = true;
  } else if (place == voice->tied_place && !voice->is_altered[pitch->letter]) {
    return voice->tied_pitch;
  }
  const int octave = pitch->octave + voice->key.octaves;
  if (octave < -20 || octave > 20) return -1;
  return 60 + 12 * octave + semitones[pitch->letter] + voice->alters[pitch->letter] + voice->key.transpose;
}

static void set_tie(NmAbcVoice *voice, NmScoreNote *note, int place)
{
  note->ties_on = true;
  voice->tied_place = place;
  voice->tied_pitch = note->pitch;
}

static void add_note(NmAbcReader *reader, int key, int64_t len, int place, bool ties_on)
{
  NmAbcVoice *voice = &reader->voices[reader->voice];
  NmScorePart *part = get_part(reader);
  voice->tied_place = NM_ABC_NO_PLACE;
  if (key < 0 || key > 127) {
    nm_abc_stop(reader, NM_ERR_BAD_DATA, "a note is outside the range of hearing");
    return;
  }
  if (len <= 0) return;
  NmScoreVoice *notes = nm_score_get_voice(part, 0);
  const NmScoreNote note = {.onset = part->time, .len = len, .pitch = (int16_t)key};
  NmScoreNote *added = notes ? nm_score_add_note(reader->score, notes, &note) : NULL;
  if (!added) {
    nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory, or there are more than %d notes",
                NM_SCORE_NOTES_MAX);
    return;
  }
  part->time += len;
  if (ties_on) set_tie(voice, added, place);
}

static bool read_tie(const char **at)
{
  if (**at != '-') return false;
  ++*at;
  return true;
}

static bool read_note(NmAbcReader *reader, const char **at)
{
  Pitch pitch;
  if (!read_pitch(at, &pitch)) return false;
  const int key = get_key(&reader->voices[reader->voice], &pitch);
  const int64_t len = get_ticks(reader, read_length(at), true);
  const bool ties_on = read_tie(at);
  if (!reader->status) add_note(reader, key, len, pitch.letter + 7 * pitch.octave, ties_on);
  return true;
}

// [CEG]2: the top note.
static void read_chord(NmAbcReader *reader, const char **at)
{
  NmAbcVoice *voice = &reader->voices[reader->voice];
  NmAbcFraction length = {1, 1};
  int top = -1, place = 0, n = 0;
  bool ties_on = false;
  for (++*at; **at && **at != ']';) {
    Pitch pitch;
    if (!read_pitch(at, &pitch)) {
      ++*at;
      continue;
    }
    const int key = get_key(voice, &pitch);
    const NmAbcFraction own = read_length(at);
    const bool ties = read_tie(at);
    if (n++ == 0) length = own;
    if (key > top) top = key, place = pitch.letter + 7 * pitch.octave, ties_on = ties;
  }
  if (**at) ++*at;
  if (n == 0) return;
  const NmAbcFraction outer = read_length(at);
  length = reduce((NmAbcFraction){length.value * outer.value, length.unit * outer.unit});
  reader->n_chords += n > 1;
  if (length.value >= 1000000000 || length.unit >= 1 << 27) return;
  const int64_t len = get_ticks(reader, length, true);
  ties_on |= read_tie(at);
  if (!reader->status) add_note(reader, top, len, place, ties_on);
}

static void read_rest(NmAbcReader *reader, const char **at)
{
  NmAbcVoice *voice = &reader->voices[reader->voice];
  const bool counts_bars = **at == 'Z' || **at == 'X';
  ++*at;
  NmAbcFraction length = read_length(at);
  int64_t len;
  if (counts_bars) {
    const NmAbcMeter meter = voice->meter.n_beats ? voice->meter : (NmAbcMeter){4, 4};
    const int64_t n = length.value < 10000 ? length.value : 10000;
    length =
        reduce((NmAbcFraction){n * meter.n_beats * voice->unit.unit, meter.beat_unit * voice->unit.value});
  }
  len = get_ticks(reader, length, !counts_bars);
  get_part(reader)->time += len;
  voice->tied_place = NM_ABC_NO_PLACE;
}

// --- the line ---

// Skips to behind `end`, or answers false and stays when it does not come.
static bool skip_to(const char **at, char end)
{
  const char *found = strchr(*at + 1, end);
  if (!found) return false;
  *at = found + 1;
  return true;
}

// "[" begins a chord, a field, a bar line or an ending.
static void read_bracket(NmAbcReader *reader, const char **at)
{
  const char *text = *at;
  if (text[1] == '|') {
    ++*at;
    read_bar_line(reader, at);
  } else if (is_digit(text[1])) {
    ++*at;
    read_ending(reader, at);
  } else if (text[1] && text[2] == ':' && strchr(text, ']')) {
    const char *end = strchr(text, ']');
    char field[256];
    const size_t len = (size_t)(end - text) - 3;
    if (len < sizeof field) {
      memcpy(field, text + 3, len);
      field[len] = '\0';
      nm_abc_read_field(reader, text[1], field);
    }
    *at = end + 1;
  } else {
    read_chord(reader, at);
  }
}

// Another voice in the same bar: left out.
static void skip_overlay(NmAbcReader *reader, const char **at)
{
  ++reader->n_overlays;
  while (**at && **at != '|') ++*at;
}

static void read_sign(NmAbcReader *reader, const char **at)
{
  NmScoreVoice *notes;
  switch (**at) {
  case '[': read_bracket(reader, at); return;
  case '|':
  case ':': read_bar_line(reader, at); return;
  case ']': ++*at; return;
  case '(': // a tuplet, or a slur, which says nothing of the syllables
    ++*at;
    if (is_digit(**at)) read_tuplet(reader, at);
    return;
  case '<':
  case '>': read_broken(reader, at); return;
  case 'z':
  case 'x':
  case 'Z':
  case 'X': read_rest(reader, at); return;
  case '&': skip_overlay(reader, at); return;
  case '{':
    ++reader->n_graces;
    if (!skip_to(at, '}')) ++*at;
    return;
  case '"':
  case '!':
  case '+':
    if (!skip_to(at, **at)) ++*at;
    return;
  case '-':
    notes = nm_score_get_voice(get_part(reader), 0);
    if (notes && notes->n_notes) notes->notes[notes->n_notes - 1].ties_on = true;
    ++*at;
    return;
  case 'y':
    ++*at;
    read_length(at);
    return;
  default:
    reader->n_unknown += !strchr(" \t).~`$*\\@#;?HIJKLMNOPQRSTUVWhijklmnopqrstuvw", **at);
    ++*at;
    return;
  }
}

void nm_abc_read_music(NmAbcReader *reader, const char *text)
{
  bool has_begun = false;
  for (const char *at = text; *at && !reader->status;) {
    if (*at == '[' && at[1] == 'V' && at[2] == ':') {
      read_bracket(reader, &at);
      continue;
    }
    NmAbcVoice *voice = nm_abc_begin_voice(reader);
    if (!voice) return;
    if (!has_begun && !voice->line_goes_on) {
      NmScoreVoice *notes = nm_score_get_voice(get_part(reader), 0);
      voice->line_first = notes ? notes->n_notes : 0;
      voice->n_words = 0;
    }
    has_begun = true;
    if (!read_note(reader, &at)) read_sign(reader, &at);
  }
  if (reader->voice < 0) return;
  const size_t len = strlen(text);
  reader->voices[reader->voice].line_goes_on = len > 0 && text[len - 1] == '\\';
}
