// SPDX-License-Identifier: GPL-3.0-or-later
// A written score as its reader meets it: parts, voices, tied pieces, lyrics under notes. nm_score_make_song
// picks the melody and makes the song of it. Readers of notation (MusicXML, ABC) fill one.
//
// Times are ticks of the part, whose resolution grows as the reader needs it. One thread at a time.
#ifndef NM_FORMATS_SCORE_H
#define NM_FORMATS_SCORE_H

#include "app/formats/song_file.h"
#include "models/song/song.h"

enum {
  NM_SCORE_NOTES_MAX = 1 << 20,      // of all parts; and lyrics
  NM_SCORE_PARTS_MAX = 512,          // and voices of one part
  NM_SCORE_ENDINGS_MAX = 31,         // times a passage is repeated
  NM_SCORE_TICKS_MAX = (1 << 27) - 1 // ticks_per_beat of a part
};

typedef struct {
  int64_t onset, len;
  int16_t pitch, velocity; // velocity 0: none given
  bool ties_on;            // tied to what follows
  bool slurs_on;           // a slur goes on to what follows
} NmScoreNote;

// A syllable under a note, or, without a text, the sign that the open syllable is still sung there.
typedef struct {
  int32_t note; // of its voice
  int16_t verse;
  bool begins_word, ends_word, ends_line, ends_stanza;
  bool extends;     // a line is drawn after it: it lasts until the next syllable or a rest
  bool ends_source; // a line of the source ends behind it: a hint
  bool has_hyphen;  // so that the next one belongs to its word, whatever it says itself
  const char *text; // in the score's arena; NULL: holds
} NmScoreLyric;

typedef struct {
  int32_t key;          // whatever tells it from the part's other voices
  NmScoreNote *notes;   // [n_notes]
  NmScoreLyric *lyrics; // [n_lyrics]
  int32_t n_notes, n_lyrics, room_notes, room_lyrics;
  int32_t n_slurs; // open where the reader is
} NmScoreVoice;

typedef struct {
  int64_t tick, len;
  bool is_pickup;    // said to be no full bar
  bool repeats_from; // a repeat begins with it
  int32_t n_repeats; // times it is played in all when a repeat ends with it, else 0
  uint32_t endings;  // bit n: it belongs to ending n
} NmScoreBar;

typedef struct {
  const char *id, *name;
  int64_t ticks_per_beat;
  int64_t time; // where the reader is
  NmScoreVoice *voices;
  NmScoreBar *bars;
  NmSongKey *keys;
  NmSongMeter *meters;
  NmSongTempo *tempos;
  int32_t n_voices, n_bars, n_keys, n_meters, n_tempos;
  int32_t room_voices, room_bars, room_keys, room_meters, room_tempos;
} NmScorePart;

// A line of the lyrics as the file says it outright, in the song's order.
typedef struct {
  int32_t verse, stanza, n_words;
} NmScoreLine;

typedef struct {
  NmArena arena;
  const char *title, *composer, *lyricist, *language;
  NmScorePart *parts;
  NmScoreLine *lines; // empty: as the lyrics say
  int32_t n_parts, n_lines, room_parts, room_lines;
  int32_t n_notes, n_lyrics; // of all parts
  bool says_holds;           // a note without a sign of a syllable is not sung
  bool says_lines;           // a line ends only where it is said to
  bool says_pickup;          // the first bar is a pick-up only if it is said to be
  bool has_jumps;            // da capo, segno, coda
} NmScore;

// NULL when memory is out. free(NULL) is fine.
NmScore *nm_score_new(void);
void nm_score_free(NmScore *score);

// A copy of `len` bytes in the arena, NUL-terminated; NULL when memory is out.
const char *nm_score_keep(NmScore *score, const char *text, size_t len);

// Each appends and answers a pointer that holds until the next call of the same function, or NULL when memory
// is out or there are too many. A part starts with one tick to a beat.
NmScorePart *nm_score_add_part(NmScore *score, const char *id, size_t len_id);
NmScoreVoice *nm_score_get_voice(NmScorePart *part, int32_t key); // added when it is not there
NmScoreNote *nm_score_add_note(NmScore *score, NmScoreVoice *voice, const NmScoreNote *note);
NmScoreLyric *nm_score_add_lyric(NmScore *score, NmScoreVoice *voice, const NmScoreLyric *lyric);
// A lyric whose text is `len` bytes as other programs write them: blank ends and hyphens that only divide go,
// several words under one note ("the‿eve", "O the") become several lyrics, the number of the verse before one
// ("1. O") goes. False when memory is out.
bool nm_score_add_text(NmScore *score, NmScoreVoice *voice, const NmScoreLyric *lyric, const char *text,
                       size_t len);
NmScoreBar *nm_score_add_bar(NmScorePart *part, int64_t tick);
bool nm_score_add_key(NmScorePart *part, int64_t tick, int fifths, bool minor);
bool nm_score_add_meter(NmScorePart *part, int64_t tick, int n_beats, int beat_unit);
bool nm_score_add_tempo(NmScorePart *part, int64_t tick, double bpm);
bool nm_score_add_line(NmScore *score, int verse, int stanza, int n_words);

// Makes the part's resolution a multiple of `divisor`; false when that passes NM_SCORE_TICKS_MAX.
bool nm_score_refine(NmScorePart *part, int64_t divisor) NM_NODISCARD;

// Lines as text, "verse:stanza:words " for each, added to score->lines; what is of another shape ends it.
// Writers put it where a format has a place for it.
NmStatus nm_score_read_lines(NmScore *score, const char *text) NM_NODISCARD;
// Whether a reader that is told where lines and stanzas end, verse after verse, finds the song's lines.
bool nm_score_lines_are_plain(const NmSong *song);

// Whether notation can hold the song's lyrics: every syllable sung, in the order of the text, on neighbouring
// places. NM_ERR_UNSUPPORTED naming the first syllable that is not; `format` is for the message.
NmStatus nm_score_check_song(const NmSong *song, const char *format, NmError *err) NM_NODISCARD;

// Adds a part with one voice: that voice with its repeats and endings played out, the n-th time with the
// words of verse n where a bar has them. Da capo and segno are not followed. NM_ERR_NO_MEMORY,
// NM_ERR_UNSUPPORTED.
NmStatus nm_score_unfold(NmScore *score, int32_t part, int32_t voice, NmError *err) NM_NODISCARD;

// The song of one voice: of part reading->part if that is not negative, else the voice with the most
// syllables. Ties become one note, notes without a sign of a syllable join the melisma before them where
// slurs, extenders and open words say so, lines are derived where the file says none. What was left out goes
// to `notes`. The song is the caller's. NM_ERR_BAD_DATA, NM_ERR_UNSUPPORTED, NM_ERR_NO_MEMORY.
NmStatus nm_score_make_song(NmScore *score, const char *name, const NmSongReading *reading, NmSong **song,
                            NmSongNotes *notes, NmError *err) NM_NODISCARD;

#endif
