// SPDX-License-Identifier: GPL-3.0-or-later
// Notes and their lyrics.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/musicxml_reader.h"

// --- lyrics ---

// The verse that lyrics of this number or name are.
static int16_t find_verse(NmMusicxmlReader *reader, const char *number)
{
  char *end;
  if (!number || !*number) number = "1";
  const long value = strtol(number, &end, 10);
  if (!*end && value >= 1 && value <= NM_SONG_VERSES_MAX) {
    reader->numbers[value - 1] = true;
    return (int16_t)value;
  }
  for (int i = 0; i < NM_MUSICXML_NAMES_MAX; ++i)
    if (reader->names[i][0] && !strncmp(reader->names[i], number, NM_MUSICXML_NAME_MAX - 1))
      return (int16_t)(i + 1);
  for (int i = 0; i < NM_MUSICXML_NAMES_MAX; ++i)
    if (!reader->names[i][0] && !reader->numbers[i]) {
      snprintf(reader->names[i], NM_MUSICXML_NAME_MAX, "%s", number);
      return (int16_t)(i + 1);
    }
  return 0;
}

static void begin_lyric(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  reader->syllable =
      (NmMusicxmlSyllable){.verse = find_verse(reader, nm_musicxml_get_attribute(attributes, "number")),
                           .begins_word = true,
                           .ends_word = true};
  reader->has_text = false;
}

static void keep_syllable(NmMusicxmlReader *reader)
{
  if (reader->syllable.verse < 1) {
    nm_song_notes_add(reader->notes, "verses after the %dth are left out", NM_SONG_VERSES_MAX);
    return;
  }
  if (reader->n_syllables == NM_MUSICXML_SYLLABLES_MAX) {
    nm_song_notes_add(reader->notes, "of a note with more than %d syllables the rest is left out",
                      NM_MUSICXML_SYLLABLES_MAX);
    return;
  }
  reader->syllables[reader->n_syllables++] = reader->syllable;
}

static void end_text(NmMusicxmlReader *reader)
{
  const size_t len = reader->len_texts + reader->len_text;
  if (len > reader->room_texts) {
    char *moved = realloc(reader->texts, 2 * len);
    if (!moved) {
      nm_musicxml_stop_memory(reader);
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

static void end_syllabic(NmMusicxmlReader *reader)
{
  reader->syllable.begins_word = !strcmp(reader->text, "single") || !strcmp(reader->text, "begin");
  reader->syllable.ends_word = !strcmp(reader->text, "single") || !strcmp(reader->text, "end");
}

// What follows is another syllable on the same note.
static void end_elision(NmMusicxmlReader *reader)
{
  if (!reader->has_text) return;
  keep_syllable(reader);
  reader->syllable = (NmMusicxmlSyllable){
      .verse = reader->syllable.verse, .begins_word = true, .ends_word = true, .text = reader->len_texts};
  reader->has_text = false;
}

static void end_lyric(NmMusicxmlReader *reader)
{
  reader->syllable.holds = !reader->has_text;
  if (reader->has_text || reader->syllable.extends) keep_syllable(reader);
}

static bool add_syllable(NmMusicxmlReader *reader, NmScoreVoice *voice, int32_t note,
                         const NmMusicxmlSyllable *syllable)
{
  NmScoreLyric lyric = {.note = note,
                        .verse = syllable->verse,
                        .begins_word = syllable->begins_word,
                        .ends_word = syllable->ends_word,
                        .ends_line = syllable->ends_line,
                        .ends_stanza = syllable->ends_stanza,
                        .extends = syllable->extends};
  if (syllable->holds) return nm_score_add_lyric(reader->score, voice, &lyric);
  const char *text = syllable->len ? reader->texts + syllable->text : "";
  if (!reader->score->says_lines) return nm_score_add_text(reader->score, voice, &lyric, text, syllable->len);
  lyric.text = nm_score_keep(reader->score, text, syllable->len);
  return lyric.text && nm_score_add_lyric(reader->score, voice, &lyric);
}

static void add_syllables(NmMusicxmlReader *reader, NmScoreVoice *voice, int32_t note)
{
  for (int i = 0; i < reader->n_syllables && !reader->status; ++i)
    if (!add_syllable(reader, voice, note, &reader->syllables[i])) nm_musicxml_stop_memory(reader);
}
// --- notes ---

static void begin_note(NmMusicxmlReader *reader, const XML_Char **attributes)
{
  const char *dynamics = nm_musicxml_get_attribute(attributes, "dynamics");
  const double velocity = dynamics ? strtod(dynamics, NULL) * .9 : 0;
  reader->note = (NmMusicxmlNote){.step = -1, .duration = {0, 1}, .octave = 4, .voice = 1, .staff = 1};
  if (velocity >= 1 && velocity < 127.5) reader->note.velocity = (int)lround(velocity);
}

static int get_pitch(NmMusicxmlReader *reader)
{
  const NmMusicxmlNote *note = &reader->note;
  const double alter = note->alter > -12 && note->alter < 12 ? note->alter : 0;
  if (alter != rint(alter)) ++reader->n_micro;
  const int octave = note->octave < -10 ? -10 : note->octave > 20 ? 20 : note->octave;
  return 12 * (octave + 1) + note->step + (int)lround(alter) + reader->states[reader->part].transpose;
}

// Joins a note of a chord to the one before: the top one counts.
static void add_to_chord(NmMusicxmlReader *reader)
{
  NmMusicxmlPart *state = &reader->states[reader->part];
  if (state->last != NM_MUSICXML_LAST_NOTE) return;
  NmScoreVoice *voice = &nm_musicxml_get_part(reader)->voices[state->last_voice];
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

static void add_note(NmMusicxmlReader *reader, int64_t len)
{
  NmScorePart *part = nm_musicxml_get_part(reader);
  NmMusicxmlPart *state = &reader->states[reader->part];
  NmScoreVoice *voice = nm_score_get_voice(part, reader->note.staff * 1000 + reader->note.voice);
  if (!voice) {
    nm_musicxml_stop(reader, NM_ERR_UNSUPPORTED, "out of memory, or there are more than %d voices",
                     NM_SCORE_PARTS_MAX);
    return;
  }
  const int pitch = get_pitch(reader);
  if (pitch < 0 || pitch > 127) {
    nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "a note is outside the range of hearing");
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
    nm_musicxml_stop_memory(reader);
    return;
  }
  state->last = NM_MUSICXML_LAST_NOTE;
  state->last_voice = (int32_t)(voice - part->voices);
  state->last_note = voice->n_notes - 1;
  add_syllables(reader, voice, state->last_note);
}

static void end_sounding(NmMusicxmlReader *reader)
{
  const NmMusicxmlNote *note = &reader->note;
  NmMusicxmlPart *state = &reader->states[reader->part];
  if (note->duration.value < 0) {
    nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "a note has a negative duration");
    return;
  }
  const int64_t len = nm_musicxml_get_ticks(reader, note->duration);
  state->last = NM_MUSICXML_LAST_SILENT;
  if (note->is_cue)
    ++reader->n_cues;
  else if (note->is_unpitched)
    ++reader->n_unpitched;
  else if (!note->is_rest && note->step >= 0 && len > 0 && !reader->status)
    add_note(reader, len);
  nm_musicxml_move(reader, len);
}

static void end_note(NmMusicxmlReader *reader)
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

static void end_duration(NmMusicxmlReader *reader)
{
  if (!nm_musicxml_parse_number(reader->text, &reader->note.duration))
    nm_musicxml_stop(reader, NM_ERR_BAD_DATA, "\"%.40s\" is no duration", reader->text);
}

static void end_step(NmMusicxmlReader *reader)
{
  static const char steps[] = "C D EF G A B";
  const char *found = reader->text[0] >= 'A' ? strchr(steps, reader->text[0]) : NULL;
  if (found) reader->note.step = (int)(found - steps);
}

// --- elements ---

void nm_musicxml_begin_in_note(NmMusicxmlReader *reader, NmMusicxmlElement element,
                               const XML_Char **attributes)
{
  NmMusicxmlNote *note = &reader->note;
  const bool starts = nm_musicxml_attribute_is(attributes, "type", "start"),
             stops = nm_musicxml_attribute_is(attributes, "type", "stop");
  switch (element) {
  case NM_E_NOTE: begin_note(reader, attributes); break;
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

void nm_musicxml_end_in_note(NmMusicxmlReader *reader, NmMusicxmlElement element)
{
  NmMusicxmlNote *note = &reader->note;
  switch (element) {
  case NM_E_DURATION: end_duration(reader); break;
  case NM_E_STEP: end_step(reader); break;
  case NM_E_ALTER: note->alter = strtod(reader->text, NULL); break;
  case NM_E_OCTAVE: note->octave = nm_musicxml_parse_int(reader->text); break;
  case NM_E_VOICE: note->voice = nm_musicxml_parse_int(reader->text) % 1000; break;
  case NM_E_STAFF: note->staff = nm_musicxml_parse_int(reader->text) % 1000; break;
  case NM_E_SYLLABIC: end_syllabic(reader); break;
  case NM_E_TEXT:
    if (nm_musicxml_get_parent(reader) == NM_E_LYRIC) end_text(reader);
    break;
  case NM_E_ELISION: end_elision(reader); break;
  case NM_E_LYRIC: end_lyric(reader); break;
  case NM_E_NOTE: end_note(reader); break;
  default: break;
  }
}
