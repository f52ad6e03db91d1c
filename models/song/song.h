// SPDX-License-Identifier: GPL-3.0-or-later
// A song in memory: lines of words of syllables, one melody at exact places, and which syllable is sung on
// which notes. Every reader fills one, every writer and the singing take one.
//
// Times are whole ticks, `ticks_per_beat` to a quarter note, counted from the beginning of the first bar (or
// of the pick-up). A reader chooses ticks_per_beat so that nothing is rounded (nm_song_set_resolution).
//
// Arrays are read directly and grow through nm_song_add_*; nm_song_finish puts them in order and checks them.
// One thread at a time; a finished song that nobody changes may be read by any number of threads.
#ifndef NM_SONG_SONG_H
#define NM_SONG_SONG_H

#include <stdbool.h>

#include "dsp/base/arena.h"

enum {
  NM_SONG_TICKS_MAX = 1 << 20, // ticks_per_beat
  NM_SONG_NOTES_MAX = 1 << 18, // notes, and syllables
  NM_SONG_TIME_MAX = 1 << 30,  // beats of a whole song
  NM_SONG_TICKS_DEFAULT = 480,
  NM_SONG_VERSES_MAX = 99
};

typedef struct {
  int64_t onset, len; // ticks; len > 0
  int16_t pitch;      // MIDI key, 60 is middle C
  int16_t velocity;   // 1-127; 0: none given
} NmSongNote;

typedef struct {
  const char
      *text; // UTF-8 as printed, punctuation included, no hyphens that only divide; in the song's arena
  int32_t word;
  int32_t phone_first, n_phones; // in song->phones; n_phones 0: not known
  int8_t stress;                 // 0 none, 1 primary, 2 secondary, -1 not known
  // Set by hand: how long each sound lasts, 0: as the voice says, [n_lengths] in the song's arena; none when
  // they are not as many as its phones. How much later than its first note its vowel begins.
  const float *lengths_s;
  int32_t n_lengths;
  float shift_s;
} NmSongSyllable;

typedef struct {
  int32_t line, syllable_first, n_syllables; // n_syllables >= 1
} NmSongWord;

typedef struct {
  int32_t word_first, n_words; // n_words >= 1
  int16_t verse;               // 1...: which of several texts under the same notes
  int16_t stanza;              // 0...: a blank line lies between stanzas
} NmSongLine;

// Syllable and note belong together. A syllable of several notes is a melisma, a note of several syllables of
// one verse an elision, one of several verses is sung again.
typedef struct {
  int32_t syllable, note;
} NmSongLink;

typedef struct {
  int64_t tick;
  int8_t fifths; // -7 flats ... 7 sharps
  bool minor;
} NmSongKey;

typedef struct {
  int64_t tick;
  int16_t n_beats, beat_unit; // 3, 4 is three four
} NmSongMeter;

typedef struct {
  int64_t tick;
  double bpm; // quarter notes a minute
} NmSongTempo;

typedef struct {
  NmArena arena;
  const char *title, *composer, *lyricist, *language; // NULL: not known
  int32_t ticks_per_beat;
  int64_t pickup; // ticks before the first full bar, 0: it starts on a bar line
  NmSongNote *notes;
  NmSongSyllable *syllables;
  NmSongWord *words;
  NmSongLine *lines;
  NmSongLink *links;   // by note, then syllable
  NmSongKey *keys;     // by tick; empty: not known
  NmSongMeter *meters; // by tick, each at a bar line; empty: not known (writers take 4/4)
  NmSongTempo *tempos; // by tick; empty: not known (120)
  int32_t *phones;     // models/text/phones.h
  int32_t n_notes, n_syllables, n_words, n_lines, n_links, n_keys, n_meters, n_tempos, n_phones;
  int32_t room[9]; // of the arrays above, in that order
} NmSong;

// An empty song of NM_SONG_TICKS_DEFAULT; NULL when memory is out.
NmSong *nm_song_new(void);
void nm_song_free(NmSong *song);

// A copy of `len` bytes in the song's arena, NUL-terminated; NULL when memory is out.
const char *nm_song_keep(NmSong *song, const char *text, size_t len);

// Each appends and answers the new index, -1 when memory is out or there are NM_SONG_NOTES_MAX already.
// Words belong to the last line, syllables to the last word. Notes may come in any order until finished, but
// links name notes by their index, which nm_song_finish keeps right.
int32_t nm_song_add_note(NmSong *song, int64_t onset, int64_t len, int pitch, int velocity);
int32_t nm_song_add_line(NmSong *song, int verse, int stanza);
int32_t nm_song_add_word(NmSong *song);
int32_t nm_song_add_syllable(NmSong *song, const char *text, size_t len, int stress);
int32_t nm_song_add_link(NmSong *song, int32_t syllable, int32_t note);
int32_t nm_song_add_key(NmSong *song, int64_t tick, int fifths, bool minor);
int32_t nm_song_add_meter(NmSong *song, int64_t tick, int n_beats, int beat_unit);
int32_t nm_song_add_tempo(NmSong *song, int64_t tick, double bpm);
// The phones of the last syllable, copied.
int32_t nm_song_add_phones(NmSong *song, const int32_t *phones, int32_t n);

// The lengths (copied) and the shift of the last syllable; false when memory is out.
bool nm_song_set_lengths(NmSong *song, const float *lengths_s, int32_t n, float shift_s);

// Sorts everything (stable), drops exact duplicates of links and map entries (the last at a tick counts), and
// checks: pitches 0-127, len > 0, times in range, notes do not overlap (the melody is one voice), links name
// what exists, no empty line or word, meters and keys make sense. NM_ERR_BAD_DATA with the cause otherwise.
NmStatus nm_song_finish(NmSong *song, NmError *err) NM_NODISCARD;

// Another resolution, without rounding: NM_ERR_BAD_ARG when a time is not a whole number of the new ticks or
// one is outside [1, NM_SONG_TICKS_MAX].
NmStatus nm_song_set_resolution(NmSong *song, int32_t ticks_per_beat) NM_NODISCARD;
// The least resolution at which all times are whole, and that.
void nm_song_reduce_resolution(NmSong *song);

// Ticks to seconds through the tempo map, and the end of the last note.
double nm_song_get_seconds(const NmSong *song, int64_t tick);
int64_t nm_song_get_end(const NmSong *song);

// Bar (from 0; the pick-up is -1) and place in the bar (ticks) of a tick; `len_bar` (may be NULL) ticks.
int64_t nm_song_get_bar(const NmSong *song, int64_t tick, int64_t *place, int64_t *len_bar);

// The map entry in force at a tick; a default where there is none (C major, 4/4, 120).
NmSongKey nm_song_get_key(const NmSong *song, int64_t tick);
NmSongMeter nm_song_get_meter(const NmSong *song, int64_t tick);

// Links of a syllable: its notes are links of one syllable, found by scanning. First note and how many; the
// notes of a syllable are neighbours among those of its verse. -1 when it has none. [n_syllables] each.
void nm_song_get_notes_of_syllables(const NmSong *song, int32_t *note_first, int32_t *n_notes);

// Notes, lyrics, links and maps are the same, whatever the resolution (stress, phones and velocity are not
// compared). For round trips; `why` (may be NULL) gets a sentence about the first difference.
bool nm_song_equal(const NmSong *a, const NmSong *b, char *why, size_t size_why);

#endif
