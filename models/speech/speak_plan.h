// SPDX-License-Identifier: GPL-3.0-or-later
// The plan of one sentence: its words and phones, cut into phrases for the voice.
#ifndef NM_SPEECH_SPEAK_PLAN_H
#define NM_SPEECH_SPEAK_PLAN_H

#include <stdbool.h>

#include "dsp/base/arena.h"
#include "models/speech/speak.h"

enum {
  NM_PHRASE_PHONES_MAX = 200, // a longer sentence is cut at its best clause mark
  NM_EDGE_LEAD_FRAMES = 4,    // forced pause before and after every phrase, so that each is made alike
  NM_EDGE_TAIL_FRAMES = 8
};

// A stretch of the sentence's text that is said one way.
typedef struct {
  size_t start, end; // bytes
  NmSayAs say_as;
  bool atomic;    // a sentence does not end within it
  bool is_phones; // one word in phones, called `written`
  char *written;  // shown in place of its bytes, or NULL
  NmProsody prosody;
} NmSpeakRun;

// A word of the plan. Strings live in the plan's arena until the next read.
typedef struct {
  const char *text, *source; // as spoken; as written, "" when the word before has it
  size_t source_start;
  int32_t phone_first, n_phones;
  NmBoundary boundary;
  NmProsody prosody;
} NmPlannedWord;

// Zero-initialise, then nm_speak_plan_init. Buffers grow and stay for the next sentence.
typedef struct {
  NmArena strings;
  NmPlannedWord *words; // [n_words]
  int32_t *phones;      // [n_phones] no pauses
  int32_t *syllables;   // [n_phones] index of the phone's syllable in the sentence
  NmVoicePhone *said;   // [n_said] the phrase for the voice, with pauses
  int32_t *i_phones;    // [n_said] index into phones, -1 for pauses
  int32_t n_words, n_phones, n_syllables, n_said;
  size_t capacity_words, capacity_phones, capacity_syllables, capacity_said, capacity_i_phones;
} NmSpeakPlan;

void nm_speak_plan_init(NmSpeakPlan *plan);
void nm_speak_plan_fini(NmSpeakPlan *plan);

// Reads the sentence `text` under its runs, which cover it in order. Notes of the front end go to `sink`.
// `boundary_end` is what follows the last word when the text does not say.
NmStatus nm_speak_plan_read(NmSpeakPlan *plan, NmText *front, const char *text, size_t len,
                            const NmSpeakRun *runs, int32_t n_runs, NmBoundary boundary_end,
                            const NmSpeakerSink *sink, NmError *err) NM_NODISCARD;

// The end of the phrase that begins with word `first` < n_words: at most NM_PHRASE_PHONES_MAX phones (one
// word at least), cut where it hurts least.
int32_t nm_speak_plan_cut(const NmSpeakPlan *plan, int32_t first);

// Fills said and i_phones for the words [first, end): an edge pause, the phones with a pause after each inner
// clause mark, an edge pause. `pitch_hz` is the voice's own middle pitch.
NmStatus nm_speak_plan_phrase(NmSpeakPlan *plan, int32_t first, int32_t end, float pitch_hz,
                              NmError *err) NM_NODISCARD;

#endif
