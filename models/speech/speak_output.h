// SPDX-License-Identifier: GPL-3.0-or-later
// The time line of a session: places phrases and the pauses between them, to the sample, and hands out audio
// and timings.
#ifndef NM_SPEECH_SPEAK_OUTPUT_H
#define NM_SPEECH_SPEAK_OUTPUT_H

#include <stdbool.h>

#include "models/speech/speak_plan.h"

enum { NM_EDGE_SAMPLES_MAX = NM_EDGE_TAIL_FRAMES * NM_VOICE_HOP };

// Zeroed, then nm_speak_output_begin.
typedef struct {
  NmSpeakerSink sink;
  NmSpeakerStats stats;
  int64_t pause_start; // end of the last phone so far, 0 before the first
  int64_t n_break;     // samples that breaks have asked for since; -1: none
  int64_t n_pause;     // samples of the pause that belongs here without a break
  float rate;          // of the last word
  bool started;        // a phrase has been said
  int32_t n_tail;      // samples of the last phrase's trailing pause, held back until the pause is known
  float tail[NM_EDGE_SAMPLES_MAX], lead[NM_EDGE_SAMPLES_MAX];
} NmSpeakOutput;

void nm_speak_output_begin(NmSpeakOutput *out, const NmSpeakerSink *sink);

// Adds a break of `seconds`, or makes the coming pause at least that of a paragraph.
void nm_speak_output_break(NmSpeakOutput *out, double seconds);
void nm_speak_output_paragraph(NmSpeakOutput *out);

// A mark where the pause stands now, after the breaks given so far.
NmStatus nm_speak_output_mark(NmSpeakOutput *out, const char *name, NmError *err) NM_NODISCARD;

// What is to be marked within a phrase: `name` before the first word with source_start >= offset.
typedef struct {
  size_t offset;
  char *name;
} NmSpeakMark;

// Hands out the pause before the phrase of words [first, end) and the phrase up to its last phone, and keeps
// its trailing pause. marks[0 .. n_marks), in order, are those before its last word.
NmStatus nm_speak_output_phrase(NmSpeakOutput *out, const NmSpeakPlan *plan, int32_t first, int32_t end,
                                const NmSpoken *spoken, const NmSpeakMark *marks, int32_t n_marks,
                                NmError *err) NM_NODISCARD;

// Hands out the last pause.
NmStatus nm_speak_output_finish(NmSpeakOutput *out, NmError *err) NM_NODISCARD;

#endif
