// SPDX-License-Identifier: GPL-3.0-or-later
// The MusicXML reader's inside: what holds while a score is parsed. musicxml_read.c has the parser and what
// lies outside the parts, musicxml_measures.c parts, measures and attributes, musicxml_notes.c notes and
// lyrics.
#ifndef NM_FORMATS_MUSICXML_READER_H
#define NM_FORMATS_MUSICXML_READER_H

#include <expat.h>

#include "app/formats/musicxml.h"
#include "app/formats/musicxml_elements.h"
#include "app/formats/score.h"

// A number as written, value / unit exactly; unit > 0.
typedef struct {
  int64_t value, unit;
} NmMusicxmlNumber;

typedef enum { NM_MUSICXML_LAST_NONE, NM_MUSICXML_LAST_NOTE, NM_MUSICXML_LAST_SILENT } NmMusicxmlLast;

// What holds in a part where the reader is.
typedef struct {
  NmMusicxmlNumber divisions;
  int transpose; // semitones from written to sounding
  uint32_t endings;
  NmMusicxmlLast last;           // what a chord would be joined to
  int32_t last_voice, last_note; // if it is a note
} NmMusicxmlPart;

// A syllable of the note at hand.
typedef struct {
  int16_t verse;
  bool holds, begins_word, ends_word, extends, ends_line, ends_stanza;
  size_t text, len; // in the reader's texts
} NmMusicxmlSyllable;

enum {
  NM_MUSICXML_SYLLABLES_MAX = 1024,
  NM_MUSICXML_NAMES_MAX = NM_SONG_VERSES_MAX,
  NM_MUSICXML_NAME_MAX = 48
};

typedef struct {
  bool is_chord, is_rest, is_grace, is_cue, is_unpitched, ties_on;
  int step, octave; // step: semitones above C, -1: none
  double alter;
  NmMusicxmlNumber duration;
  int voice, staff, n_slurs; // slurs that begin less those that end
  int velocity;
} NmMusicxmlNote;

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
  NmMusicxmlPart *states; // [NM_SCORE_PARTS_MAX]
  int32_t part;           // where the reader is, -1: outside
  NmMusicxmlNote note;
  NmMusicxmlSyllable syllables[NM_MUSICXML_SYLLABLES_MAX]; // [n_syllables] of the note
  int n_syllables;
  char *texts; // [len_texts] of its syllables
  size_t len_texts, room_texts;
  NmMusicxmlSyllable syllable; // of the lyric at hand
  bool has_text;
  char names[NM_MUSICXML_NAMES_MAX][NM_MUSICXML_NAME_MAX]; // [verse - 1] of lyrics that bear no number
  bool numbers[NM_MUSICXML_NAMES_MAX];                     // [verse - 1] taken
  int fifths, n_beats, beat_unit, beats; // of the key and time at hand; n_beats 0: none so far
  bool has_key, key_is_minor, has_time;
  int n_keys; // in these attributes: of several staves the first counts
  int chromatic, octave_change;
  bool is_pickup; // of the measure at hand (score-timewise)
  double tempo, per_minute, beat_unit_beats;
  int n_beat_units;
  NmMusicxmlNumber offset;
  char role; // of the creator or field at hand: 'c', 'l', 'f' or 0
  int32_t n_chords, n_graces, n_cues, n_unpitched, n_micro;
} NmMusicxmlReader;

// Stops the parser with an error at its place; the first one counts.
void nm_musicxml_stop(NmMusicxmlReader *reader, NmStatus status, const char *fmt, ...) NM_PRINTF(3, 4);
void nm_musicxml_stop_memory(NmMusicxmlReader *reader);

// The value of an attribute, NULL when it is not there; and whether it is `value`.
const char *nm_musicxml_get_attribute(const XML_Char **attributes, const char *name);
bool nm_musicxml_attribute_is(const XML_Char **attributes, const char *name, const char *value);

// A decimal of at most nine digits before the point, of which three behind it count; false for anything else.
bool nm_musicxml_parse_number(const char *text, NmMusicxmlNumber *number);
// The whole number that a text begins with, within a million; 0: none.
int nm_musicxml_parse_int(const char *text);

// The part where the reader is, and the element around the one at hand.
NmScorePart *nm_musicxml_get_part(NmMusicxmlReader *reader);
NmMusicxmlElement nm_musicxml_get_parent(const NmMusicxmlReader *reader);

// Divisions of the part as its ticks; the part's resolution grows until they are whole.
int64_t nm_musicxml_get_ticks(NmMusicxmlReader *reader, NmMusicxmlNumber number);

// Goes to the part of that id, added when it is not there; begins a measure of it; moves the place in it.
void nm_musicxml_find_part(NmMusicxmlReader *reader, const char *id);
void nm_musicxml_begin_bar(NmMusicxmlReader *reader, bool is_pickup);
void nm_musicxml_move(NmMusicxmlReader *reader, int64_t ticks);

// What begins and ends inside a measure, and of that what belongs to notes. At the end reader->text is the
// element's text.
void nm_musicxml_begin_in_part(NmMusicxmlReader *reader, NmMusicxmlElement element,
                               const XML_Char **attributes);
void nm_musicxml_end_in_part(NmMusicxmlReader *reader, NmMusicxmlElement element);
void nm_musicxml_begin_in_note(NmMusicxmlReader *reader, NmMusicxmlElement element,
                               const XML_Char **attributes);
void nm_musicxml_end_in_note(NmMusicxmlReader *reader, NmMusicxmlElement element);

#endif
