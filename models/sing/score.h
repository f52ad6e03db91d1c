// SPDX-License-Identifier: GPL-3.0-or-later
// What is sung: the notes of a song in seconds, and the units of words on them. A unit is a syllable on its
// notes, or a note without words. The first stage of a plan.
#ifndef NM_SING_SCORE_H
#define NM_SING_SCORE_H

#include "models/sing/sing.h"

// Frames of NM_VOICE_HOP samples a second.
#define NM_SING_FRAMES_PER_S ((double)NM_VOICE_RATE_HZ / NM_VOICE_HOP)

// A note, or a part of one that several syllables share. Times count from sample 0.
typedef struct {
  double start_s, end_s;
  int64_t start, end; // the nearest frames; end >= start
  int32_t note, line; // of the song; line -1: none
  int16_t key, velocity;
  bool is_part; // not the first part of its note
  bool is_flat; // written where the key has flats
  float accent; // 0 ... 1: of the place in the bar
  double pitch; // MIDI key that is sung: transposed, folded
} NmSungNote;

typedef struct {
  int32_t syllable, word, line;  // of the song; -1 where there are no words
  int32_t note_first, n_notes;   // of the score
  int32_t phone_first, n_phones; // of the score; n_phones >= 1 once words are read
  int32_t anchor, held;          // among its phones: the first vowel, which stands on the beat; the one that
                                 // lasts as long as the notes do
  bool begins_word, ends_word, ends_line;
  int32_t shift;       // frames from its first note to its vowel, set by hand
  NmBoundary boundary; // behind its word
} NmSungUnit;

// Read directly; all in the arena.
typedef struct {
  NmArena arena;
  NmSungNote *notes; // [n_notes] by time
  NmSungUnit *units; // [n_units] by time
  int32_t *phones;   // [n_phones]
  float *natural;    // [n_phones] frames that each would last in speech
  float *wished;     // [n_phones] frames set by hand, 0: none
  float *pauses;     // [n_units] frames of the pause that speech would make behind each
  int32_t n_notes, n_units, n_phones;
  int32_t n_filled, n_unsung;
} NmSungScore;

// How a line is sung.
static inline const NmSingStyle *nm_sung_style_of(const NmSingStyle *style, int32_t line)
{
  return style->lines && line >= 0 && line < style->n_lines ? &style->lines[line] : style;
}

// The notes of a verse and their units, without phones. NM_ERR_BAD_DATA when nothing is to be sung,
// NM_ERR_BAD_ARG when there is no such verse, NM_ERR_UNSUPPORTED when it is too long, NM_ERR_NO_MEMORY.
NmStatus nm_sung_score_init(NmSungScore *score, const NmSong *song, const NmSingStyle *style,
                            NmError *err) NM_NODISCARD;
void nm_sung_score_fini(NmSungScore *score);

#endif
