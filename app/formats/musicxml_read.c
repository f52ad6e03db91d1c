// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/musicxml_reader.h"

// --- helpers ---

void nm_musicxml_stop(NmMusicxmlReader *reader, NmStatus status, const char *fmt, ...)
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

void nm_musicxml_stop_memory(NmMusicxmlReader *reader)
{
  nm_musicxml_stop(reader, NM_ERR_NO_MEMORY, "out of memory, or the score has more than %d notes",
                   NM_SCORE_NOTES_MAX);
}

const char *nm_musicxml_get_attribute(const XML_Char **attributes, const char *name)
{
  for (; attributes[0]; attributes += 2)
    if (!strcmp(attributes[0], name)) return attributes[1];
  return NULL;
}

bool nm_musicxml_attribute_is(const XML_Char **attributes, const char *name, const char *value)
{
  const char *found = nm_musicxml_get_attribute(attributes, name);
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

static NmMusicxmlNumber reduce(NmMusicxmlNumber number)
{
  const int64_t common = find_gcd(number.value, number.unit);
  return (NmMusicxmlNumber){number.value / common, number.unit / common};
}

bool nm_musicxml_parse_number(const char *text, NmMusicxmlNumber *number)
{
  int n_before = 0, n_behind = 0;
  while (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t') ++text;
  const bool is_negative = *text == '-';
  if (*text == '-' || *text == '+') ++text;
  *number = (NmMusicxmlNumber){0, 1};
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

int nm_musicxml_parse_int(const char *text)
{
  const long value = strtol(text, NULL, 10);
  return value > 1000000 ? 1000000 : value < -1000000 ? -1000000 : (int)value;
}

NmScorePart *nm_musicxml_get_part(NmMusicxmlReader *reader)
{
  return &reader->score->parts[reader->part];
}

NmMusicxmlElement nm_musicxml_get_parent(const NmMusicxmlReader *reader)
{
  return reader->depth >= 2 ? reader->stack[reader->depth - 2] : NM_E_OTHER;
}

int64_t nm_musicxml_get_ticks(NmMusicxmlReader *reader, NmMusicxmlNumber number)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  const NmMusicxmlNumber divisions = reader->states[reader->part].divisions;
  const NmMusicxmlNumber beats =
      reduce((NmMusicxmlNumber){number.value * divisions.unit, number.unit * divisions.value});
  if (beats.value / beats.unit > NM_SONG_TIME_MAX || beats.unit > NM_SCORE_TICKS_MAX ||
      !nm_score_refine(part, beats.unit)) {
    nm_musicxml_stop(reader, NM_ERR_UNSUPPORTED, "its durations need more than %d parts of a beat",
                     NM_SONG_TICKS_MAX);
    return 0;
  }
  return part->ticks_per_beat / beats.unit * beats.value;
}

// --- elements ---

static void begin_creator(NmMusicxmlReader *reader, const char *type)
{
  reader->role = 0;
  if (!type) return;
  if (!strcmp(type, "composer")) reader->role = 'c';
  if (!strcmp(type, "lyricist") || !strcmp(type, "poet")) reader->role = 'l';
}

static void read_supports(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  if (!nm_musicxml_attribute_is(attributes, "type", "yes")) return;
  if (nm_musicxml_attribute_is(attributes, "element", "end-line")) reader->score->says_lines = true;
  if (nm_musicxml_attribute_is(attributes, "element", "extend")) reader->score->says_holds = true;
  if (nm_musicxml_attribute_is(attributes, "attribute", "implicit")) reader->score->says_pickup = true;
}

static void keep_language(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  const char *language = nm_musicxml_get_attribute(attributes, "xml:lang");
  if (language && !reader->score->language)
    reader->score->language = nm_score_keep(reader->score, language, strlen(language));
}

static void begin_measure(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  reader->is_pickup = nm_musicxml_attribute_is(attributes, "implicit", "yes");
  if (nm_musicxml_get_parent(reader) == NM_E_PART && reader->part >= 0)
    nm_musicxml_begin_bar(reader, reader->is_pickup);
}

static void begin_part(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  nm_musicxml_find_part(reader, nm_musicxml_get_attribute(attributes, "id"));
  if (!reader->status && nm_musicxml_get_parent(reader) == NM_E_MEASURE)
    nm_musicxml_begin_bar(reader, reader->is_pickup);
}

static void begin_element(NmMusicxmlReader *reader, NmMusicxmlElement element, const XML_Char **attributes)
{
  switch (element) {
  case NM_E_PART: begin_part(reader, attributes); break;
  case NM_E_SCORE_PART: nm_musicxml_find_part(reader, nm_musicxml_get_attribute(attributes, "id")); break;
  case NM_E_MEASURE: begin_measure(reader, attributes); break;
  case NM_E_CREATOR: begin_creator(reader, nm_musicxml_get_attribute(attributes, "type")); break;
  case NM_E_MISCELLANEOUS_FIELD:
    reader->role = nm_musicxml_attribute_is(attributes, "name", "neume-lines") ? 'f' : 0;
    break;
  case NM_E_SUPPORTS: read_supports(reader, attributes); break;
  case NM_E_LYRIC_LANGUAGE: keep_language(reader, attributes); break;
  default:
    if (reader->part >= 0 && nm_musicxml_get_part(reader)->n_bars)
      nm_musicxml_begin_in_part(reader, element, attributes);
    break;
  }
}

static void keep(NmMusicxmlReader *reader, const char **to)
{
  *to = nm_score_keep(reader->score, reader->text, reader->len_text);
  if (!*to) nm_musicxml_stop_memory(reader);
}

static void end_field(NmMusicxmlReader *reader)
{
  if (reader->role == 'f' && nm_score_read_lines(reader->score, reader->text) != NM_OK)
    nm_musicxml_stop_memory(reader);
}

static void end_element(NmMusicxmlReader *reader, NmMusicxmlElement element)
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
    if (reader->part >= 0 && reader->len_text) keep(reader, &nm_musicxml_get_part(reader)->name);
    break;
  case NM_E_PART:
  case NM_E_SCORE_PART: reader->part = -1; break;
  default:
    if (reader->part >= 0 && nm_musicxml_get_part(reader)->n_bars) nm_musicxml_end_in_part(reader, element);
    break;
  }
}

// --- the parser ---

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
  NmMusicxmlReader *reader = user;
  if (reader->status) return;
  if (reader->depth == NM_MUSICXML_DEPTH_MAX) {
    nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "elements lie more than %d deep", NM_MUSICXML_DEPTH_MAX);
    return;
  }
  const NmMusicxmlElement element = nm_musicxml_find_element(name);
  if (reader->depth == 0 && element != NM_E_SCORE_PARTWISE && element != NM_E_SCORE_TIMEWISE) {
    nm_musicxml_stop(reader, NM_ERR_UNSUPPORTED, "<%.40s> is no MusicXML score", name);
    return;
  }
  reader->stack[reader->depth++] = element;
  reader->len_text = 0;
  begin_element(reader, element, attributes);
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
  NmMusicxmlReader *reader = user;
  if (reader->status) return;
  const NmMusicxmlElement element = reader->stack[reader->depth - 1];
  reader->text[reader->len_text] = '\0';
  end_element(reader, element);
  reader->len_text = 0;
  --reader->depth;
}

static void XMLCALL on_text(void *user, const XML_Char *text, int len)
{
  NmMusicxmlReader *reader = user;
  if (reader->status || reader->depth == 0 || reader->stack[reader->depth - 1] == NM_E_OTHER) return;
  const size_t needed = reader->len_text + (size_t)len + 1;
  if (needed > NM_MUSICXML_TEXT_MAX) {
    nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "a text is longer than %d bytes", NM_MUSICXML_TEXT_MAX);
    return;
  }
  if (needed > reader->room_text) {
    char *moved = realloc(reader->text, 2 * needed);
    if (!moved) {
      nm_musicxml_stop_memory(reader);
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
  nm_musicxml_stop(user, NM_ERR_UNSUPPORTED, "the file declares the entity \"%.40s\": entities are not read",
                   name);
}

// Parses all bytes in pieces; a single tag must not grow past NM_MUSICXML_MARKUP_MAX.
static void parse(NmMusicxmlReader *reader, const uint8_t *bytes, size_t n)
{
  enum { N_PIECE = 1 << 16 };
  for (size_t at = 0; !reader->status;) {
    const size_t len = n - at < N_PIECE ? n - at : N_PIECE;
    const bool is_last = at + len == n;
    const enum XML_Status status = XML_Parse(reader->parser, (const char *)bytes + at, (int)len, is_last);
    at += len;
    if (status != XML_STATUS_OK && !reader->status)
      nm_musicxml_stop(reader,
                       XML_GetErrorCode(reader->parser) == XML_ERROR_NO_MEMORY ? NM_ERR_NO_MEMORY
                                                                               : NM_ERR_BAD_DATA,
                       "%s", XML_ErrorString(XML_GetErrorCode(reader->parser)));
    const int64_t open = (int64_t)at - XML_GetCurrentByteIndex(reader->parser);
    if (!reader->status && !is_last && open > NM_MUSICXML_MARKUP_MAX)
      nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "a tag is longer than %d bytes", NM_MUSICXML_MARKUP_MAX);
    if (is_last) return;
  }
}

static void note_losses(const NmMusicxmlReader *reader)
{
  NmSongNotes *notes = reader->notes;
  if (reader->n_chords) nm_song_notes_add(notes, "chords are reduced to their top notes");
  if (reader->n_graces) nm_song_notes_add(notes, "%d grace notes are left out", reader->n_graces);
  if (reader->n_cues) nm_song_notes_add(notes, "%d cue notes are left out", reader->n_cues);
  if (reader->n_unpitched)
    nm_song_notes_add(notes, "%d notes without pitch are left out", reader->n_unpitched);
  if (reader->n_micro) nm_song_notes_add(notes, "%d microtones are rounded to semitones", reader->n_micro);
}

static NmStatus read_score(NmMusicxmlReader *reader, const uint8_t *bytes, size_t n)
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
  NmMusicxmlReader *reader = calloc(1, sizeof *reader);
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
