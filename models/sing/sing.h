// SPDX-License-Identifier: GPL-3.0-or-later
// A song to sung audio. A plan lays every phone of the words on the notes, frame by frame, with the pitch and
// the level of each frame; the voice of models/speech then makes the sound of one phrase after the other.
//
// Time: sample 0 is tick 0 of the song (models/song/lead_in.h puts bars before it), at NM_VOICE_RATE_HZ.
// Everything stands on a grid of NM_VOICE_HOP samples. A syllable's vowel begins in the frame nearest to the
// onset of its first note; the consonants before it lead the beat and take their time from what was before;
// those after it stand before the next syllable's. Where there is no room consonants shrink to a frame each;
// only then may a vowel begin late, which NmSingReport counts. No phone is left out and none said twice.
//
// A phrase's sound depends on its key alone. Phrases may overlap by a few frames, in which they are faded:
// the song is their sum. So the bytes are the same for any number of threads, and whether a song is sung as a
// whole or phrase by phrase.
#ifndef NM_SING_SING_H
#define NM_SING_SING_H

#include "models/song/song.h"
#include "models/speech/speak.h"
#include "models/speech/voice.h"
#include "models/text/text.h"

enum {
  NM_SING_SECONDS_MAX = 4 * 3600, // of a song
  NM_SING_TRANSPOSE_AUTO = INT32_MIN
};

// What notes without words are sung on.
typedef enum {
  NM_SING_LA,
  NM_SING_AH,
  NM_SING_OO,
  NM_SING_HUM,
  NM_SING_REST,
  NM_SING_N_FILLERS
} NmSingFiller;

// A curve drawn over the song: straight lines between points by rising tick, the outer values beyond them.
typedef struct {
  int64_t tick;
  float value;
} NmSingPoint;

typedef struct {
  const NmSingPoint *points; // [n] borrowed while the plan is made
  int32_t n;                 // 0: zero everywhere
} NmSingCurve;

// How to sing; nm_sing_style_defaults first. `plain` wins over all that follows it down to `breaths`.
typedef struct NmSingStyle {
  double as;           // 0: lines are read at the voice's own tempo and pitch ... 1: exactly as the notes say
  bool plain;          // straight notes: none of the following
  double portamento_s; // length of a glide between joined notes
  double vibrato_cents, vibrato_hz, vibrato_delay_s; // peak deviation; delay from the onset of a note
  double drift_cents;                                // root mean square of a slow wandering
  double arc_db, accent_db;                          // swelling of a phrase; of a bar's first beat
  bool breaths;                                      // a soft breath before a line where there is room
  double consonants;                                 // length of consonants, 1: as the voice speaks
  int32_t transpose; // semitones; NM_SING_TRANSPOSE_AUTO: the octaves at which the voice fits best
  int32_t verse;     // 1...; songs of several verses in turn: nm_sing_unfold first
  NmSingFiller filler;
  int speaker; // of the voice
  uint64_t seed;
  double level_db;                    // louder or softer, plain or not
  NmSingCurve pitch_cents, energy_db; // added to what is sung
  // How each line of the song is sung, [n_lines] borrowed while the plan is made; NULL: all as this says. Of
  // a line count `as` (how much of the notes' pitch there is, in the notes' time) to `consonants`,
  // `level_db`, speaker and seed; `transpose` is further to that of the song, AUTO: octaves where the line
  // has another speaker, else 0.
  const struct NmSingStyle *lines;
  int32_t n_lines;
} NmSingStyle;

NmSingStyle nm_sing_style_defaults(void);

// A singer over a text front end (may be NULL when every syllable of its songs has phones) and a voice, both
// borrowed. One thread at a time. NULL when memory is out.
typedef struct NmSinger NmSinger;
NmSinger *nm_singer_new(NmText *text, NmVoice *voice);
void nm_singer_free(NmSinger *singer);

// One phrase. Arrays belong to the plan. The voice sings n_frames of it, of which those from n_skip on are
// heard: what is before and behind them leads into it and out of it.
typedef struct {
  int64_t start, n_samples; // in the song, of what is heard; whole hops
  uint64_t key[2];          // of all that its sound depends on
  int32_t n_phones, n_frames, n_skip;
  const NmVoicePhone *phones;    // [n_phones] with their frames
  const float *f0_hz;            // [n_frames]
  const float *energy_db;        // [n_frames]
  int32_t n_breath;              // frames of a breath that it begins with, 0: none
  int32_t n_fade_in, n_fade_out; // frames that it shares with the phrase before and after
  int32_t line;                  // of the song, that it begins in; -1: notes without words
} NmSingPhrase;

// What a plan had to do that a listener may want to know.
typedef struct {
  int32_t n_notes, n_syllables, n_phones, n_phrases; // sung
  int32_t transpose;                                 // semitones from the score to what is sung
  bool transposed_to_fit;                            // the plan chose it, and it is not 0
  int32_t n_folded;   // notes moved by further octaves because the voice cannot reach them
  int32_t n_late;     // syllables that begin more than half a frame off their note for lack of room
  double late_s_max;  // the worst of them
  int32_t n_too_late; // of them, by more than 30 ms
  int32_t n_guessed;  // syllables whose phones came from the text front end
  int32_t n_filled;   // notes without words
  int32_t n_unsung;   // syllables without a note in this verse
} NmSingReport;

// An immutable plan: any number of threads may read it.
typedef struct NmSingPlan NmSingPlan;

// Plans all of a song (finished), which is not needed afterwards. `note` (may be NULL) hears what cannot be
// sung as written. NULL and `err`: NM_ERR_BAD_ARG for a style out of range, NM_ERR_BAD_DATA for a song with
// nothing to sing, NM_ERR_UNSUPPORTED for one longer than NM_SING_SECONDS_MAX, NM_ERR_NO_MEMORY.
NmSingPlan *nm_sing_plan_new(NmSinger *singer, const NmSong *song, const NmSingStyle *style,
                             void (*note)(void *user, const char *message), void *user, NmError *err);
void nm_sing_plan_free(NmSingPlan *plan);

int32_t nm_sing_plan_get_n_phrases(const NmSingPlan *plan);
const NmSingPhrase *nm_sing_plan_get_phrase(const NmSingPlan *plan, int32_t i);
int64_t nm_sing_plan_get_n_samples(const NmSingPlan *plan); // of the song, all phrases within
const NmSingReport *nm_sing_plan_get_report(const NmSingPlan *plan);

// Where the phones that are told come from: `phone` of the n_phones of a syllable of the song; syllable -1: a
// pause, or a note without words. `is_anchor`: the vowel that stands on the beat; `is_held`: it lasts as long
// as others leave it room.
typedef struct {
  int32_t syllable, phone, n_phones;
  bool is_anchor, is_held;
} NmSingSource;

int32_t nm_sing_plan_get_n_phones(const NmSingPlan *plan); // that are told, pauses too
NmSingSource nm_sing_plan_get_source(const NmSingPlan *plan, int32_t i);

// Tells phones (pauses between phrases too: they tile the song), syllables, words, lines and notes, line by
// line in their order. Phones, syllables and words stand where they sound; lines and notes where the score
// has them, on the grid.
NmStatus nm_sing_plan_tell(const NmSingPlan *plan,
                           NmStatus (*timing)(void *user, const NmTiming *timing, NmError *err), void *user,
                           NmError *err) NM_NODISCARD;

// Sings phrase i into samples [n_samples], faded at its ends where it overlaps its neighbours.
NmStatus nm_singer_sing_phrase(NmSinger *singer, const NmSingPlan *plan, int32_t i, float *samples,
                               NmError *err) NM_NODISCARD;

// The song as a stream. `fetch` gives a phrase's samples (a cache may stand there); NULL: they are sung.
typedef struct NmSingStream NmSingStream;
typedef NmStatus (*NmSingFetch)(void *user, const NmSingPlan *plan, int32_t i, float *samples, NmError *err);

// Over a singer (only when `fetch` is NULL) and a plan, borrowed. NULL when memory is out.
NmSingStream *nm_sing_stream_new(NmSinger *singer, const NmSingPlan *plan, NmSingFetch fetch, void *user);
void nm_sing_stream_free(NmSingStream *stream);

// The next n samples, silence behind the end. The same bytes whatever it is cut into; memory for two phrases.
NmStatus nm_sing_stream_process(NmSingStream *stream, float *samples, int64_t n, NmError *err) NM_NODISCARD;

// A song in which all verses of the words follow each other, the notes repeated for each (from the next bar
// line on); lines that only the first verse has are sung in each. A copy when there is one verse. The
// caller's; NULL and `err` when memory is out or there are too many notes.
NmSong *nm_sing_unfold(const NmSong *song, NmError *err);
// Ticks from one verse of that to the next, which begins where a bar would, after the same pick-up.
int64_t nm_sing_get_period(const NmSong *song);

#endif
