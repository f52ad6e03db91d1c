// SPDX-License-Identifier: GPL-3.0-or-later
// Songs as the network sees them: a position per syllable, a position per note. Every field is a small whole
// number; what lies between them and a song (keys, ticks, spelling) is here.
//
// Pitches are brought to C major or A minor (NmSongFrame.shift), times to classes of 1/24 beats. A song
// without a known meter has meter 0, and its notes have no place in the bar.
#ifndef NM_SONG_TOKENS_H
#define NM_SONG_TOKENS_H

#include "models/song/song.h"
#include "models/text/phones.h"

enum {
  NM_SONG_TICKS = 24,        // to a beat
  NM_SONG_N_PITCHES = 128,   // MIDI keys
  NM_SONG_N_GAPS = 30,       // classes of the rest before a note; class 0 is none
  NM_SONG_N_LENS = 34,       // classes of a note's length
  NM_SONG_N_METERS = 12,     // 0: none
  NM_SONG_N_BAR_PLACES = 33, // sixteenths from the bar line; the last: no meter
  NM_SONG_NO_BAR_PLACE = NM_SONG_N_BAR_PLACES - 1,
  NM_SONG_N_SHIFTS = 7, // transposed copies, -3 to 3 semitones from C; 3 is none
  NM_SONG_NO_SHIFT = 3,
  NM_SONG_N_PLACES = 32,   // syllables from a line's start or end, at most
  NM_SONG_N_RUNS = 4,      // notes of a melisma that are told apart
  NM_SONG_N_LINES_LEFT = 4 // lines to the song's end that are told apart
};

// How a syllable ends. Each includes the ones before it: a line ends with a word.
typedef enum {
  NM_END_NOTHING, // the word goes on
  NM_END_WORD,
  NM_END_LINE,
  NM_END_STANZA,
  NM_END_SONG,
  NM_N_ENDS
} NmSongEnd;

typedef enum {
  NM_MARK_NONE,
  NM_MARK_COMMA,
  NM_MARK_SEMICOLON, // and colons
  NM_MARK_PERIOD,
  NM_MARK_EXCLAMATION,
  NM_MARK_QUESTION,
  NM_MARK_DASH, // and dots that trail off
  NM_N_MARKS
} NmSongMark;

enum {
  NM_STRESS_NONE,
  NM_STRESS_PRIMARY,
  NM_STRESS_SECONDARY,
  NM_STRESS_UNKNOWN,
  NM_N_STRESSES,
  NM_SONG_N_VOWELS = 16 // 0: not known; then in the order of the phones
};

// Whether a syllable goes on after a note: the note is followed by one more of the same syllable.
enum {
  NM_TIE_NO,
  NM_TIE_YES,
  NM_TIE_UNKNOWN, // a melody without words; never predicted
  NM_N_TIES
};

// What kind of songs, where that is known.
typedef enum {
  NM_STYLE_ANY,
  NM_STYLE_ART,     // art song
  NM_STYLE_POPULAR, // old popular song
  NM_STYLE_HYMN,
  NM_STYLE_CAROL, // and traditional songs
  NM_STYLE_KARAOKE,
  NM_STYLE_DANCE,  // instrumental
  NM_STYLE_MODERN, // today's popular song
  NM_STYLE_FOLK,
  NM_STYLE_VERSE, // words alone
  NM_SONG_N_STYLES
} NmSongStyle;

enum { NM_MODE_UNKNOWN, NM_MODE_MAJOR, NM_MODE_MINOR, NM_N_MODES };

// Ids of syllables; those of the vocabulary follow, the commonest first.
enum {
  NM_SYLLABLE_MASK,    // hidden, or before the beginning
  NM_SYLLABLE_UNKNOWN, // not in the vocabulary
  NM_SYLLABLE_FIRST,
  NM_SYLLABLES_MAX = 32000,
  NM_SYLLABLE_LEN_MAX = 23 // bytes
};

typedef struct {
  int32_t syllable;
  int8_t end, stress, vowel, mark;
} NmLyricToken;

typedef struct {
  int16_t gap, len; // 1/24 beats: the rest before it, and its length, >= 1
  int8_t pitch;     // after the shift
  int8_t tie;
  int8_t end; // NM_END_LINE or above when it ends its line, NM_END_NOTHING otherwise
} NmNoteToken;

// What holds for all of a song.
typedef struct {
  int32_t style, mode, meter; // meter: a class
  int32_t pickup;             // 1/24 beats before the first full bar
  int32_t shift;              // class of a transposed copy; NM_SONG_NO_SHIFT
} NmSongFrame;

// Where a position lies, the same for a syllable and for the notes it is sung on.
typedef struct {
  int32_t line;                // from 0, the segment
  int8_t from_start, from_end; // syllables before and behind it in its line, at most NM_SONG_N_PLACES - 1
  int8_t run;                  // which note of its syllable; 0 for syllables
  int8_t lines_left;
} NmSongPlace;

// --- time ---
// Ticks of a class, and the nearest class (of equals the shorter).
int32_t nm_song_gap_ticks(int gap_class);
int32_t nm_song_len_ticks(int len_class);
int nm_song_gap_class(int32_t ticks);
int nm_song_len_class(int32_t ticks);

// The class of a meter, 0 when it has none; and back (0/0 for class 0).
int nm_song_meter_class(int n_beats, int beat_unit);
NmSongMeter nm_song_class_meter(int meter_class);
// Ticks of a bar, 0 without a meter.
int32_t nm_song_bar_ticks(int meter_class);
// The class of twice (or half) its note values: 4/4 to 4/2; -1 when there is none. 0 stays.
int nm_song_scale_meter(int meter_class, bool twice);

// Place in the bar of a time in ticks from the song's beginning.
int nm_song_bar_place(const NmSongFrame *frame, int64_t ticks);

// --- spelling ---
// A syllable's text as the vocabulary has it: lower case, without accents, a-z and the apostrophe alone.
// `folded` [NM_SYLLABLE_LEN_MAX + 1]; answers its length, 0 when nothing is left.
int nm_syllable_fold(const char *text, size_t len, char *folded);
// The mark behind a syllable as printed.
NmSongMark nm_syllable_mark(const char *text, size_t len);
// "", ",", ";", ".", "!", "?", " -".
const char *nm_song_mark_text(int mark);

typedef struct NmVocabulary NmVocabulary;

// A vocabulary from its text, a syllable a line; NULL and `err` when memory is out, a line is empty, too
// long, there twice or holds anything but a-z and the apostrophe, or there are more than NM_SYLLABLES_MAX.
NmVocabulary *nm_vocabulary_new(const char *text, size_t len, NmError *err);
void nm_vocabulary_free(NmVocabulary *vocabulary);
// Ids, all of them: NM_SYLLABLE_FIRST more than lines.
int32_t nm_vocabulary_get_n(const NmVocabulary *vocabulary);
// The id of a printed syllable (folded here).
int32_t nm_vocabulary_find(const NmVocabulary *vocabulary, const char *text, size_t len);
// The folded text of an id; "" for the first ones.
const char *nm_vocabulary_get(const NmVocabulary *vocabulary, int32_t id);
// The text it was made from.
const char *nm_vocabulary_get_text(const NmVocabulary *vocabulary);

// --- songs ---
// The lines of one verse. tokens [song->n_syllables]; answers how many. `song` must be finished.
int32_t nm_song_encode_lyrics(const NmSong *song, int verse, const NmVocabulary *vocabulary,
                              NmLyricToken *tokens);

// The notes, shifted; ties and line ends come from the links of one verse, and from nothing where no syllable
// is linked (tie unknown, one line). tokens [song->n_notes]. `frame`: mode, meter and pick-up of the first
// key and meter (a song that changes its meter has none), style any. *n_semitones: what was added to the
// pitches.
void nm_song_encode_notes(const NmSong *song, int verse, NmNoteToken *tokens, NmSongFrame *frame,
                          int *n_semitones);

// The semitones that bring a melody of this key to C major or A minor, its mean nearest to G4.
int nm_song_find_shift(const int16_t *pitches, int32_t n, int fifths, bool minor);

// Cuts a melody without known lines into some: after long notes and rests, near every eighth note or bar
// line. Sets `end`.
void nm_song_cut_lines(NmNoteToken *tokens, int32_t n, const NmSongFrame *frame);

// places [n].
void nm_lyric_places(const NmLyricToken *tokens, int32_t n, NmSongPlace *places);
void nm_note_places(const NmNoteToken *tokens, int32_t n, NmSongPlace *places);

#endif
