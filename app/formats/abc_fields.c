// SPDX-License-Identifier: GPL-3.0-or-later
// Fields and directives in ABC, and the voices they set up.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/formats/abc_reader.h"

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
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

void nm_abc_read_header_field(NmAbcReader *reader, char field, const char *text)
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

void nm_abc_read_comment(NmAbcReader *reader, const char *text)
{
  const char *value;
  if ((value = match(text, "%neume-lines"))) {
    reader->is_ours = reader->score->says_lines = true;
    if (nm_score_read_lines(reader->score, value) != NM_OK)
      nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory");
  } else if ((value = match(text, "%neume-lyricist"))) {
    keep_text(reader, value, &reader->score->lyricist);
  } else if ((value = match(text, "%neume-language"))) {
    keep_text(reader, value, &reader->score->language);
  } else if ((value = match(text, "%neume-pickup"))) {
    char *end;
    const long long number = strtoll(value, &end, 10), unit = *end == '/' ? strtoll(end + 1, NULL, 10) : 1;
    if (number < 0 || unit < 1 || unit > NM_SONG_TICKS_MAX) return;
    reader->pickup = (NmAbcFraction){number, unit};
    reader->has_pickup = true;
  }
}
