// SPDX-License-Identifier: GPL-3.0-or-later
// Tunes and their fields in ABC.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "app/formats/abc.h"
#include "app/formats/abc_reader.h"

// A line of the file, NUL-terminated in the copy that the reader works on.
typedef struct {
  char *text;
  int number;
} Line;

typedef struct {
  Line *lines; // [n]
  size_t n, room;
  char *bytes; // the copy, UTF-8
} Lines;

void nm_abc_stop(NmAbcReader *reader, NmStatus status, const char *fmt, ...)
{
  if (reader->status) return;
  char text[256];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  reader->status = nm_error_set_at(reader->err, status, -1, reader->line, "%s, line %d: %s", reader->name,
                                   reader->line, text);
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

int64_t nm_abc_read_number(const char **at, int64_t otherwise)
{
  if (!is_digit(**at)) return otherwise;
  int64_t number = 0;
  for (int n = 0; is_digit(**at); ++*at)
    if (n++ < 9) number = 10 * number + **at - '0';
  return number;
}

static const char *skip_blanks(const char *text)
{
  while (*text == ' ' || *text == '\t') ++text;
  return text;
}

// --- voices ---

static void find_voice(NmAbcReader *reader, const char *id, size_t len)
{
  NmScore *score = reader->score;
  for (int32_t i = 0; i < score->n_parts; ++i)
    if (strlen(score->parts[i].id) == len && !memcmp(score->parts[i].id, id, len)) {
      reader->voice = i;
      return;
    }
  if (!nm_score_add_part(score, id, len)) {
    nm_abc_stop(reader, NM_ERR_UNSUPPORTED, "out of memory, or there are more than %d voices",
                NM_SCORE_PARTS_MAX);
    return;
  }
  reader->voice = score->n_parts - 1;
  reader->voices[reader->voice] = (NmAbcVoice){.tied_place = NM_ABC_NO_PLACE};
}

static void keep_key(NmAbcReader *reader, const NmAbcKey *key)
{
  NmScorePart *part = &reader->score->parts[reader->voice];
  if (key->is_given && !nm_score_add_key(part, part->time, key->fifths, key->minor))
    nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory");
}

static void keep_meter(NmAbcReader *reader, const NmAbcMeter *meter)
{
  NmScorePart *part = &reader->score->parts[reader->voice];
  if (meter->n_beats && !nm_score_add_meter(part, part->time, meter->n_beats, meter->beat_unit))
    nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory");
}

static void keep_tempo(NmAbcReader *reader, double bpm)
{
  NmScorePart *part = &reader->score->parts[reader->voice];
  if (bpm >= 1 && bpm <= 6e7 && !nm_score_add_tempo(part, part->time, bpm))
    nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory");
}

NmAbcVoice *nm_abc_begin_voice(NmAbcReader *reader)
{
  if (reader->voice < 0) find_voice(reader, "1", 1);
  if (reader->status) return NULL;
  NmAbcVoice *voice = &reader->voices[reader->voice];
  NmScorePart *part = &reader->score->parts[reader->voice];
  if (voice->has_begun) return voice;
  const NmAbcKey own = voice->key; // a voice's own octaves and transposition
  voice->has_begun = true;
  voice->key = reader->key;
  voice->key.octaves += own.octaves;
  voice->key.transpose += own.transpose;
  voice->unit = reader->unit;
  voice->meter = reader->meter;
  voice->tuplet = voice->broken = (NmAbcFraction){1, 1};
  memcpy(voice->alters, voice->key.alters, sizeof voice->alters);
  keep_key(reader, &voice->key);
  keep_meter(reader, &voice->meter);
  keep_tempo(reader, reader->bpm);
  if (!reader->status && (!nm_score_add_bar(part, 0) || !nm_score_get_voice(part, 0)))
    nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory");
  return reader->status ? NULL : voice;
}

// --- fields ---

// Semitones of the signature's notes: sharps come in the order FCGDAEB, flats backwards.
static void set_signature(NmAbcKey *key)
{
  static const int8_t order[] = {3, 0, 4, 1, 5, 2, 6};
  for (int i = 0; i < 7; ++i) {
    const int sharps = key->fifths - i + 6, flats = -key->fifths - (6 - i) + 6;
    key->alters[order[i]] = (int8_t)(sharps >= 7 ? 1 : flats >= 7 ? -1 : 0);
  }
}

// "octave=-1", "transpose=2": notes sound so much higher than they are written.
static void read_sounding(const char *text, NmAbcKey *key)
{
  const char *octave = strstr(text, "octave="), *transpose = strstr(text, "transpose=");
  const long octaves = octave ? strtol(octave + 7, NULL, 10) : key->octaves;
  const long semitones = transpose ? strtol(transpose + 10, NULL, 10) : key->transpose;
  if (octaves > -10 && octaves < 10) key->octaves = (int)octaves;
  if (semitones > -100 && semitones < 100) key->transpose = (int)semitones;
}

static bool read_mode(const char *text, NmAbcKey *key)
{
  static const struct {
    char name[4];
    int8_t fifths;
    bool minor;
  } modes[] = {{"maj", 0, false}, {"ion", 0, false}, {"mix", -1, false}, {"dor", -2, true}, {"min", -3, true},
               {"aeo", -3, true}, {"phr", -4, true}, {"loc", -5, true},  {"lyd", 1, false}};
  for (size_t i = 0; i < sizeof modes / sizeof *modes; ++i)
    if (!strncasecmp(text, modes[i].name, 3)) {
      key->fifths += modes[i].fifths;
      key->minor = modes[i].minor;
      return true;
    }
  if (*text != 'm' || (text[1] && text[1] != ' ')) return false;
  key->fifths -= 3;
  key->minor = true;
  return true;
}

// Accidentals of their own: "=c ^g", among other words.
static void read_own_accidentals(const char *text, NmAbcKey *key)
{
  while (*text) {
    int alter = 0;
    const char *at = text;
    for (; *at == '^' || *at == '_' || *at == '='; ++at) alter += *at == '^' ? 1 : *at == '_' ? -1 : 0;
    const char letter = (char)(*at | 0x20);
    if (at > text && letter >= 'a' && letter <= 'g' && alter >= -2 && alter <= 2)
      key->alters[(letter - 'a' + 5) % 7] = (int8_t)alter;
    text = skip_blanks(at + strcspn(at, " \t"));
  }
}

// Changes *key; false when the field names no key, only a clef or accidentals.
static bool read_key(const char *text, NmAbcKey *key)
{
  text = skip_blanks(text);
  read_sounding(text, key);
  if (!strncasecmp(text, "none", 4) || !*text) {
    key->fifths = 0;
    key->is_given = key->minor = false;
  } else if (!strncasecmp(text, "HP", 2)) {
    key->fifths = 2;
    key->is_given = true;
    key->minor = false;
  } else if (*text >= 'A' && *text <= 'G') {
    key->fifths = (int)(strchr("FCGDAEB", *text) - "FCGDAEB") - 1;
    key->is_given = true;
    key->minor = false;
    if (text[1] == '#' || text[1] == 'b') key->fifths += *++text == '#' ? 7 : -7;
    read_mode(skip_blanks(text + 1), key);
    while (key->fifths > 7) key->fifths -= 12;
    while (key->fifths < -7) key->fifths += 12;
  } else {
    read_own_accidentals(text, key);
    return false;
  }
  set_signature(key);
  read_own_accidentals(text + strcspn(text, " \t"), key);
  return true;
}

static bool read_meter(const char *text, NmAbcMeter *meter)
{
  text = skip_blanks(text);
  if (*text == 'C') {
    *meter = text[1] == '|' ? (NmAbcMeter){2, 2} : (NmAbcMeter){4, 4};
    return true;
  }
  int64_t n_beats = 0;
  for (; *text && *text != '/'; ++text) {
    n_beats += nm_abc_read_number(&text, 0);
    if (n_beats > 255 || !*text || *text == '/') break;
  }
  if (*text != '/') {
    *meter = (NmAbcMeter){0};
    return false;
  }
  ++text;
  const int64_t unit = nm_abc_read_number(&text, 0);
  if (n_beats < 1 || n_beats > 255 || unit < 1 || unit > 64 || (unit & (unit - 1))) return false;
  *meter = (NmAbcMeter){(int)n_beats, (int)unit};
  return true;
}

static bool read_unit(const char *text, NmAbcFraction *unit)
{
  text = skip_blanks(text);
  const int64_t value = nm_abc_read_number(&text, 0),
                parts = *text == '/' ? (++text, nm_abc_read_number(&text, 0)) : 1;
  if (value < 1 || value > 9999 || parts < 1 || parts > 9999) return false;
  *unit = (NmAbcFraction){value, parts};
  return true;
}

// Quarter notes a minute of "1/4=120", "3/8 3/8 = 40", "120" and the like, 0: none.
static double read_tempo(const char *text)
{
  double wholes = 0;
  const char *equals = strchr(text, '=');
  for (; equals && text < equals; ++text) {
    if (*text == '"') {
      const char *end = strchr(text + 1, '"');
      if (!end || end > equals) return 0;
      text = end;
      continue;
    }
    if (!is_digit(*text)) continue;
    const double value = (double)nm_abc_read_number(&text, 1);
    const double unit = *text == '/' ? (++text, (double)nm_abc_read_number(&text, 4)) : 4;
    if (unit > 0) wholes += value / unit;
    --text;
  }
  if (equals) text = equals + 1;
  while (*text && !is_digit(*text) && *text != '"') ++text;
  if (!is_digit(*text)) return 0;
  return strtod(text, NULL) * (wholes > 0 ? 4 * wholes : 1);
}

static void keep_text(NmAbcReader *reader, const char *text, const char **to)
{
  text = skip_blanks(text);
  const size_t len = strlen(text);
  if (*to || !len) return;
  char *decoded = malloc(len);
  if (decoded) *to = nm_score_keep(reader->score, decoded, nm_abc_decode(text, len, decoded));
  if (!*to) nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory");
  free(decoded);
}

static void read_voice(NmAbcReader *reader, const char *text)
{
  text = skip_blanks(text);
  size_t len = 0;
  while (text[len] && text[len] != ' ' && text[len] != '\t') ++len;
  if (len == 0) return;
  find_voice(reader, text, len);
  if (reader->status || reader->voices[reader->voice].has_begun) return;
  read_sounding(text + len, &reader->voices[reader->voice].key);
}

static void change_key(NmAbcReader *reader, const char *text)
{
  NmAbcVoice *voice = nm_abc_begin_voice(reader);
  if (!voice) return;
  const bool is_key = read_key(text, &voice->key);
  memcpy(voice->alters, voice->key.alters, sizeof voice->alters);
  if (is_key) keep_key(reader, &voice->key);
}

static void change_meter(NmAbcReader *reader, const char *text)
{
  NmAbcVoice *voice = nm_abc_begin_voice(reader);
  if (voice && read_meter(text, &voice->meter)) keep_meter(reader, &voice->meter);
}

// A field of the header, which holds for all voices.
static void read_header_field(NmAbcReader *reader, char field, const char *text)
{
  NmScore *score = reader->score;
  switch (field) {
  case 'T': keep_text(reader, text, &score->title); break;
  case 'C': keep_text(reader, text, &score->composer); break;
  case 'M': read_meter(text, &reader->meter); break;
  case 'L': reader->has_unit |= read_unit(text, &reader->unit); break;
  case 'Q': reader->bpm = read_tempo(text); break;
  case 'P': reader->has_parts = true; break;
  case 'V': read_voice(reader, text); break;
  case 'W': reader->has_words_after = true; break;
  case 'K':
    read_key(text, &reader->key);
    reader->in_body = true;
    if (reader->score->n_parts) reader->voice = 0;
    if (!reader->has_unit && reader->meter.n_beats && 4 * reader->meter.n_beats < 3 * reader->meter.beat_unit)
      reader->unit = (NmAbcFraction){1, 16};
    break;
  default: break;
  }
}

void nm_abc_read_field(NmAbcReader *reader, char field, const char *text)
{
  switch (field) {
  case 'K': change_key(reader, text); break;
  case 'M': change_meter(reader, text); break;
  case 'L':
    if (nm_abc_begin_voice(reader)) read_unit(text, &reader->voices[reader->voice].unit);
    break;
  case 'Q':
    if (nm_abc_begin_voice(reader)) keep_tempo(reader, read_tempo(text));
    break;
  case 'V': read_voice(reader, text); break;
  case 'w': nm_abc_read_words(reader, text); break;
  case 'W': reader->has_words_after = true; break;
  default: break;
  }
}

static const char *match(const char *text, const char *directive)
{
  const size_t len = strlen(directive);
  return !strncmp(text, directive, len) && (text[len] == ' ' || !text[len]) ? skip_blanks(text + len) : NULL;
}

static void read_directive(NmAbcReader *reader, const char *text)
{
  const char *value;
  if ((value = match(text, "%%neume-lines"))) {
    reader->is_ours = reader->score->says_lines = true;
    if (nm_score_read_lines(reader->score, value) != NM_OK)
      nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory");
  } else if ((value = match(text, "%%neume-lyricist"))) {
    keep_text(reader, value, &reader->score->lyricist);
  } else if ((value = match(text, "%%neume-language"))) {
    keep_text(reader, value, &reader->score->language);
  } else if ((value = match(text, "%%neume-pickup"))) {
    char *end;
    const long long number = strtoll(value, &end, 10), unit = *end == '/' ? strtoll(end + 1, NULL, 10) : 1;
    if (number < 0 || unit < 1 || unit > NM_SONG_TICKS_MAX) return;
    reader->pickup = (NmAbcFraction){number, unit};
    reader->has_pickup = true;
  }
}

// --- lines and tunes ---

static bool is_field(const char *text)
{
  return ((text[0] >= 'A' && text[0] <= 'Z') || (text[0] >= 'a' && text[0] <= 'z')) && text[1] == ':' &&
         text[2] != '|' && text[2] != ':';
}

// Cuts a comment off a line, and blanks at its end.
static void cut_comment(char *text)
{
  for (char *at = text; *at; ++at) {
    if (*at == '\\' && at[1])
      ++at;
    else if (*at == '%')
      *at = '\0';
    if (!*at) break;
  }
  size_t len = strlen(text);
  while (len && strchr(" \t\r", text[len - 1]) && !(len > 1 && text[len - 2] == '\\')) text[--len] = '\0';
}

static void read_line(NmAbcReader *reader, char *text)
{
  if (!strncmp(text, "%%", 2)) {
    read_directive(reader, text);
    return;
  }
  if (text[0] == '%') return;
  cut_comment(text);
  if (is_field(text)) {
    if (reader->in_body)
      nm_abc_read_field(reader, text[0], text + 2);
    else
      read_header_field(reader, text[0], text + 2);
  } else if (reader->in_body) {
    nm_abc_read_music(reader, text);
  }
}

// Lines [from, to) of one tune; the file's own header has come before.
static void read_lines(NmAbcReader *reader, const Lines *lines, size_t from, size_t to)
{
  bool in_text = false;
  for (size_t i = from; i < to && !reader->status; ++i) {
    char *text = lines->lines[i].text;
    reader->line = lines->lines[i].number;
    if (!strncmp(text, "%%begin", 7))
      in_text = true;
    else if (!strncmp(text, "%%end", 5))
      in_text = false;
    else if (!in_text)
      read_line(reader, text);
  }
}

static bool is_tune(const char *text)
{
  return text[0] == 'X' && text[1] == ':';
}

// The lines [*from, *to) of tune `wanted` (from 0), *n_tunes in all; a file without X: is one tune.
static bool find_tune(const Lines *lines, int wanted, size_t *from, size_t *to, int *n_tunes)
{
  *n_tunes = 0;
  *from = *to = lines->n;
  bool is_inside = false;
  for (size_t i = 0; i < lines->n; ++i) {
    const char *text = lines->lines[i].text;
    const bool ends = is_inside && !*skip_blanks(text);
    if (is_inside && (ends || is_tune(text))) {
      is_inside = false;
      *to = i;
    }
    if (!is_tune(text)) continue;
    if (*n_tunes == wanted) *from = i, is_inside = true;
    ++*n_tunes;
  }
  if (*n_tunes == 0) *from = 0;
  return *from < lines->n;
}

// Ends the last bar of every voice, and makes the first the pick-up that the file says.
static void finish_bars(NmAbcReader *reader)
{
  for (int32_t i = 0; i < reader->score->n_parts && !reader->status; ++i) {
    NmScorePart *part = &reader->score->parts[i];
    if (part->n_bars == 0) continue;
    NmScoreBar *last = &part->bars[part->n_bars - 1];
    last->len = part->time - last->tick;
    if (last->len == 0 && part->n_bars > 1) --part->n_bars;
    if (!reader->has_pickup) continue;
    if (reader->pickup.value > 255 * 4 * reader->pickup.unit || !nm_score_refine(part, reader->pickup.unit)) {
      nm_abc_stop(reader, NM_ERR_BAD_DATA, "the pick-up is no length");
      return;
    }
    part->bars[0].len = part->ticks_per_beat / reader->pickup.unit * reader->pickup.value;
    part->bars[0].is_pickup = reader->pickup.value > 0;
  }
}

static void note_losses(const NmAbcReader *reader, int n_tunes, int tune)
{
  NmSongNotes *notes = reader->notes;
  if (n_tunes > 1) nm_song_notes_add(notes, "tune %d of %d is read", tune + 1, n_tunes);
  if (reader->n_chords) nm_song_notes_add(notes, "chords are reduced to their top notes");
  if (reader->n_graces) nm_song_notes_add(notes, "%d groups of grace notes are left out", reader->n_graces);
  if (reader->n_overlays) nm_song_notes_add(notes, "overlays (&) are left out");
  if (reader->n_excess)
    nm_song_notes_add(notes, "%d syllables have no note and are left out", reader->n_excess);
  if (reader->n_unknown) nm_song_notes_add(notes, "%d signs are not understood", reader->n_unknown);
  if (reader->has_parts) nm_song_notes_add(notes, "the order of parts (P:) is not followed");
  if (reader->has_words_after) nm_song_notes_add(notes, "words after the tune (W:) are left out");
}

// --- the file ---

// A copy as UTF-8: Latin-1 when it is not UTF-8 already. NULL when memory is out.
static char *copy_text(const uint8_t *bytes, size_t n)
{
  const bool has_mark = n >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3);
  if (has_mark) bytes += 3, n -= 3;
  bool is_utf8 = true;
  for (size_t at = 0; at < n && is_utf8;) {
    utf8proc_int32_t code;
    const utf8proc_ssize_t len = utf8proc_iterate(bytes + at, (utf8proc_ssize_t)(n - at), &code);
    is_utf8 = len > 0;
    at += is_utf8 ? (size_t)len : 0;
  }
  char *text = malloc(2 * n + 1);
  size_t len = 0;
  for (size_t at = 0; text && at < n; ++at) {
    const uint8_t byte = bytes[at] ? bytes[at] : ' ';
    if (is_utf8 || byte < 0x80)
      text[len++] = (char)byte;
    else
      len += (size_t)utf8proc_encode_char(byte, (uint8_t *)text + len);
  }
  if (text) text[len] = '\0';
  return text;
}

static bool add_line(Lines *lines, char *text, int number)
{
  if (lines->n == lines->room) {
    const size_t room = lines->room ? 2 * lines->room : 256;
    Line *moved = realloc(lines->lines, room * sizeof *moved);
    if (!moved) return false;
    lines->lines = moved;
    lines->room = room;
  }
  lines->lines[lines->n++] = (Line){text, number};
  return true;
}

// A "+:" line goes on with the line before.
static bool joins(const Lines *lines, const char *text)
{
  return text[0] == '+' && text[1] == ':' && lines->n > 0;
}

static bool split_lines(Lines *lines)
{
  char *at = lines->bytes;
  for (int number = 1; *at; ++number) {
    const size_t len = strcspn(at, "\n\r");
    char *next = at + len;
    if (*next == '\r' && next[1] == '\n') *next++ = '\0';
    if (*next) *next++ = '\0';
    if (joins(lines, at)) {
      char *end = lines->lines[lines->n - 1].text;
      end += strlen(end);
      *end++ = ' ';
      memmove(end, at + 2, len - 1);
    } else if (!add_line(lines, at, number)) {
      return false;
    }
    at = next;
  }
  return true;
}

static NmStatus read_tune(NmAbcReader *reader, const Lines *lines, const NmSongReading *options,
                          NmSong **song)
{
  const int part = options ? options->part : -1;
  size_t from, to, first = 0;
  int n_tunes;
  bool found = find_tune(lines, 0, &from, &to, &n_tunes);
  const bool picks_tune = n_tunes > 1 && part >= 0;
  const int tune = picks_tune ? part : 0;
  if (found && tune) found = find_tune(lines, tune, &from, &to, &n_tunes);
  if (!found)
    return nm_error_set(reader->err, n_tunes ? NM_ERR_BAD_ARG : NM_ERR_BAD_DATA, "%s has %d tunes",
                        reader->name, n_tunes);
  while (n_tunes && first < from && !is_tune(lines->lines[first].text)) ++first;
  if (n_tunes) read_lines(reader, lines, 0, first);
  reader->in_body = false;
  read_lines(reader, lines, from, to);
  finish_bars(reader);
  if (reader->status) return reader->status;
  reader->score->says_holds = true;
  reader->score->says_pickup = reader->has_pickup;
  const NmSongReading reading = {.part = picks_tune ? -1 : part};
  const NmStatus status =
      nm_score_make_song(reader->score, reader->name, &reading, song, reader->notes, reader->err);
  if (status == NM_OK) note_losses(reader, n_tunes, tune);
  return status;
}

NmStatus nm_abc_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                     NmSong **song, NmSongNotes *notes, NmError *err)
{
  *song = NULL;
  Lines lines = {.bytes = copy_text(bytes, n)};
  NmAbcReader reader = {.score = nm_score_new(),
                        .voices = calloc(NM_SCORE_PARTS_MAX, sizeof *reader.voices),
                        .voice = -1,
                        .unit = {1, 8},
                        .name = name,
                        .notes = notes,
                        .err = err};
  NmStatus status = NM_ERR_NO_MEMORY;
  if (lines.bytes && reader.score && reader.voices && split_lines(&lines))
    status = read_tune(&reader, &lines, options, song);
  else
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_score_free(reader.score);
  free(reader.voices);
  free(lines.lines);
  free(lines.bytes);
  return status;
}
