// SPDX-License-Identifier: GPL-3.0-or-later
// Parts, measures and what stands in them besides notes.
#include <stdlib.h>
#include <string.h>

#include "app/formats/musicxml_reader.h"

// --- parts and measures ---

void nm_musicxml_find_part(NmMusicxmlReader *reader, const char *id)
{
  if (!id) id = "";
  reader->part = -1;
  for (int32_t i = 0; i < reader->score->n_parts; ++i)
    if (!strcmp(reader->score->parts[i].id, id)) reader->part = i;
  if (reader->part >= 0) return;
  if (!nm_score_add_part(reader->score, id, strlen(id))) {
    nm_musicxml_stop(reader, NM_ERR_UNSUPPORTED, "out of memory, or there are more than %d parts",
                     NM_SCORE_PARTS_MAX);
    return;
  }
  reader->part = reader->score->n_parts - 1;
  reader->states[reader->part] = (NmMusicxmlPart){.divisions = {1, 1}};
}

// Ticks of a bar of the meter that holds.
static int64_t get_full_bar(NmMusicxmlReader *reader)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  const NmSongMeter meter = part->n_meters ? part->meters[part->n_meters - 1] : (NmSongMeter){0, 4, 4};
  if (!nm_score_refine(part, meter.beat_unit))
    nm_musicxml_stop(reader, NM_ERR_UNSUPPORTED, "its durations are too small");
  return 4 * part->ticks_per_beat * meter.n_beats / meter.beat_unit;
}

void nm_musicxml_begin_bar(NmMusicxmlReader *reader, bool is_pickup)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  int64_t tick = 0;
  if (part->n_bars) {
    NmScoreBar *last = &part->bars[part->n_bars - 1];
    if (last->len == 0) last->len = get_full_bar(reader);
    tick = last->tick + last->len;
  }
  if (tick > NM_SONG_TIME_MAX * part->ticks_per_beat)
    nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "its time makes no sense");
  NmScoreBar *bar = reader->status ? NULL : nm_score_add_bar(part, tick);
  if (!bar) {
    nm_musicxml_stop_memory(reader);
    return;
  }
  bar->is_pickup = is_pickup;
  bar->endings = reader->states[reader->part].endings;
  part->time = tick;
  reader->states[reader->part].last = NM_MUSICXML_LAST_NONE;
}

// Moves the reader's place in the part.
void nm_musicxml_move(NmMusicxmlReader *reader, int64_t ticks)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  if (part->n_bars == 0) return;
  NmScoreBar *bar = &part->bars[part->n_bars - 1];
  part->time += ticks;
  if (part->time < bar->tick) part->time = bar->tick;
  if (part->time - bar->tick > bar->len) bar->len = part->time - bar->tick;
  if (part->time > NM_SONG_TIME_MAX * part->ticks_per_beat)
    nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "its time makes no sense");
}

static void read_ending(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  NmMusicxmlPart *state = &reader->states[reader->part];
  const char *numbers = nm_musicxml_get_attribute(attributes, "number");
  uint32_t endings = 0;
  for (; numbers && *numbers; ++numbers)
    if (*numbers >= '1' && *numbers <= '9') {
      char *end;
      const long number = strtol(numbers, &end, 10);
      if (number <= NM_SCORE_ENDINGS_MAX) endings |= (uint32_t)1 << number;
      numbers = end - 1;
    }
  state->endings = nm_musicxml_attribute_is(attributes, "type", "start") ? endings : 0;
  if (part->n_bars) part->bars[part->n_bars - 1].endings |= endings;
}

static void read_repeat(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  if (part->n_bars == 0) return;
  NmScoreBar *bar = &part->bars[part->n_bars - 1];
  if (nm_musicxml_attribute_is(attributes, "direction", "forward")) {
    bar->repeats_from = true;
    return;
  }
  const char *times = nm_musicxml_get_attribute(attributes, "times");
  bar->n_repeats = times ? nm_musicxml_parse_int(times) : 2;
  if (bar->n_repeats < 1 || bar->n_repeats > NM_SCORE_ENDINGS_MAX) bar->n_repeats = 2;
}
// --- key, time, tempo ---

static void end_time(NmMusicxmlReader *reader)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  if (!reader->has_time || reader->n_beats == 0) return;
  if (reader->n_beats > 255 || reader->beat_unit > 64) {
    nm_song_notes_add(reader->notes, "a time signature of %d/%d is left out", reader->n_beats,
                      reader->beat_unit);
    return;
  }
  if (!nm_score_add_meter(part, part->time, reader->n_beats, reader->beat_unit))
    nm_musicxml_stop_memory(reader);
}

static void end_beats(NmMusicxmlReader *reader)
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
static void end_beat_type(NmMusicxmlReader *reader)
{
  const int unit = nm_musicxml_parse_int(reader->text);
  if (unit < 1 || unit > 64 || (unit & (unit - 1)) || reader->beats < 1) {
    reader->has_time = false;
    return;
  }
  const int common = unit > reader->beat_unit ? unit : reader->beat_unit;
  reader->n_beats = reader->n_beats * (common / reader->beat_unit) + reader->beats * (common / unit);
  reader->beat_unit = common;
}

// Keys are read as they sound. The transposition stands behind the key.
static void end_attributes(NmMusicxmlReader *reader)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  if (!reader->has_key) return;
  int fifths = reader->fifths;
  const int semitones = reader->states[reader->part].transpose % 12;
  if (semitones) fifths = ((fifths + 7 * semitones) % 12 + 12 + 5) % 12 - 5;
  if (fifths > 7 || fifths < -7) fifths %= 12;
  if (fifths > 7) fifths -= 12;
  if (fifths < -7) fifths += 12;
  if (!nm_score_add_key(part, part->time, fifths, reader->key_is_minor)) nm_musicxml_stop_memory(reader);
}

static void end_fifths(NmMusicxmlReader *reader)
{
  if (reader->n_keys != 1) return;
  reader->fifths = nm_musicxml_parse_int(reader->text) % 100;
  reader->has_key = true;
  reader->key_is_minor = false;
}

static void end_mode(NmMusicxmlReader *reader)
{
  static const char *const minor[] = {"minor", "aeolian", "dorian", "phrygian", "locrian"};
  if (reader->n_keys != 1) return;
  for (size_t i = 0; i < sizeof minor / sizeof *minor; ++i)
    if (!strcmp(reader->text, minor[i])) reader->key_is_minor = true;
}

static void add_tempo(NmMusicxmlReader *reader, double bpm)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  if (!(bpm >= 1 && bpm <= 6e7)) return;
  const int64_t offset = nm_musicxml_get_ticks(reader, reader->offset);
  int64_t tick = part->time + offset;
  if (tick < 0) tick = 0;
  if (tick > NM_SONG_TIME_MAX * part->ticks_per_beat) return;
  if (!reader->status && !nm_score_add_tempo(part, tick, bpm)) nm_musicxml_stop_memory(reader);
}

static void end_direction(NmMusicxmlReader *reader)
{
  if (reader->tempo > 0)
    add_tempo(reader, reader->tempo);
  else if (reader->per_minute > 0 && reader->n_beat_units == 1)
    add_tempo(reader, reader->per_minute * reader->beat_unit_beats);
}

static void begin_sound(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  static const char *const jumps[] = {"dacapo", "segno", "dalsegno", "coda", "tocoda", "fine"};
  const char *tempo = nm_musicxml_get_attribute(attributes, "tempo");
  if (nm_musicxml_get_parent(reader) != NM_E_DIRECTION) reader->offset = (NmMusicxmlNumber){0, 1};
  reader->tempo = tempo ? strtod(tempo, NULL) : 0;
  for (size_t i = 0; i < sizeof jumps / sizeof *jumps; ++i)
    if (nm_musicxml_get_attribute(attributes, jumps[i])) reader->score->has_jumps = true;
}

static void end_beat_unit(NmMusicxmlReader *reader)
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

static void end_per_minute(NmMusicxmlReader *reader)
{
  const char *at = strpbrk(reader->text, "0123456789");
  reader->per_minute = at ? strtod(at, NULL) : 0;
}

static void end_divisions(NmMusicxmlReader *reader)
{
  NmMusicxmlNumber number;
  if (nm_musicxml_parse_number(reader->text, &number) && number.value > 0)
    reader->states[reader->part].divisions = number;
  else
    nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "\"%.40s\" is no number of divisions", reader->text);
}

static void end_transpose(NmMusicxmlReader *reader)
{
  int semitones = reader->chromatic + 12 * reader->octave_change;
  if (semitones < -127 || semitones > 127) semitones = 0;
  reader->states[reader->part].transpose = semitones;
}

// --- elements ---

void nm_musicxml_begin_in_part(NmMusicxmlReader *reader, NmMusicxmlElement element,
                               const XML_Char **attributes)
{
  switch (element) {
  case NM_E_BACKUP:
  case NM_E_FORWARD: reader->note.duration = (NmMusicxmlNumber){0, 1}; break;
  case NM_E_ATTRIBUTES: reader->has_key = false, reader->n_keys = 0; break;
  case NM_E_KEY: ++reader->n_keys; break;
  case NM_E_TIME: reader->has_time = true, reader->n_beats = 0, reader->beat_unit = 1; break;
  case NM_E_SENZA_MISURA: reader->has_time = false; break;
  case NM_E_TRANSPOSE: reader->chromatic = reader->octave_change = 0; break;
  case NM_E_DIRECTION:
    reader->tempo = reader->per_minute = 0;
    reader->beat_unit_beats = 1;
    reader->n_beat_units = 0;
    reader->offset = (NmMusicxmlNumber){0, 1};
    break;
  case NM_E_SOUND: begin_sound(reader, attributes); break;
  case NM_E_BEAT_UNIT_DOT: reader->beat_unit_beats *= 1.5; break;
  case NM_E_ENDING: read_ending(reader, attributes); break;
  case NM_E_REPEAT: read_repeat(reader, attributes); break;
  default: nm_musicxml_begin_in_note(reader, element, attributes); break;
  }
}

void nm_musicxml_end_in_part(NmMusicxmlReader *reader, NmMusicxmlElement element)
{
  switch (element) {
  case NM_E_BACKUP: nm_musicxml_move(reader, -nm_musicxml_get_ticks(reader, reader->note.duration)); break;
  case NM_E_FORWARD: nm_musicxml_move(reader, nm_musicxml_get_ticks(reader, reader->note.duration)); break;
  case NM_E_DIVISIONS: end_divisions(reader); break;
  case NM_E_FIFTHS: end_fifths(reader); break;
  case NM_E_MODE: end_mode(reader); break;
  case NM_E_BEATS: end_beats(reader); break;
  case NM_E_BEAT_TYPE: end_beat_type(reader); break;
  case NM_E_TIME: end_time(reader); break;
  case NM_E_CHROMATIC: reader->chromatic = nm_musicxml_parse_int(reader->text); break;
  case NM_E_OCTAVE_CHANGE: reader->octave_change = nm_musicxml_parse_int(reader->text); break;
  case NM_E_TRANSPOSE: end_transpose(reader); break;
  case NM_E_ATTRIBUTES: end_attributes(reader); break;
  case NM_E_OFFSET:
    if (!nm_musicxml_parse_number(reader->text, &reader->offset)) reader->offset = (NmMusicxmlNumber){0, 1};
    break;
  case NM_E_BEAT_UNIT: end_beat_unit(reader); break;
  case NM_E_PER_MINUTE: end_per_minute(reader); break;
  case NM_E_DIRECTION: end_direction(reader); break;
  case NM_E_SOUND:
    if (nm_musicxml_get_parent(reader) == NM_E_MEASURE && reader->tempo > 0) add_tempo(reader, reader->tempo);
    break;
  default: nm_musicxml_end_in_note(reader, element); break;
  }
}
