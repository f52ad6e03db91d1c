// SPDX-License-Identifier: GPL-3.0-or-later
// From text to speech: spans of text, breaks and marks go in, audio and timings come out, phrase by phrase
// and in constant memory. A sentence is synthesised alone, so that its sound does not depend on its
// neighbours; only the pauses between phrases do. The timings are those that were used to make the sound.
#ifndef NM_SPEECH_SPEAK_H
#define NM_SPEECH_SPEAK_H

#include "models/speech/voice.h"
#include "models/text/text.h"

typedef struct NmSpeaker NmSpeaker;

// How a stretch of text is to be said.
typedef struct {
  float rate;            // 1: the voice's own tempo, 2: twice as fast
  float pitch_semitones; // added to the voice's own pitch
  float pitch_range;     // 1 as predicted, 0 monotone, 2 lively
  float pitch_hz;        // > 0: the middle pitch to speak at, in place of the voice's own
  float energy_db;       // added to the voice's own level
} NmProsody;

// The voice as it is.
static inline NmProsody nm_prosody_plain(void)
{
  return (NmProsody){.rate = 1, .pitch_range = 1};
}

// `inner` within `outer`: rates and ranges multiply, semitones and decibels add, an absolute pitch replaces.
// The result is kept within what a voice can be asked for.
NmProsody nm_prosody_within(const NmProsody *outer, const NmProsody *inner);

typedef enum {
  NM_SPAN_TEXT,     // `text` is read; sentences are found across neighbouring spans
  NM_SPAN_PHONES,   // `text` is one word in ARPAbet, valid by nm_phone_find
  NM_SPAN_BREAK,    // silence of exactly `seconds` in place of the pause that would be here; several add up
  NM_SPAN_MARK,     // `text` names a place
  NM_SPAN_SENTENCE, // a sentence ends here, whatever the text says
  NM_SPAN_PARAGRAPH // a paragraph ends here
} NmSpanKind;

// One piece of what is to be said. `text` need not be terminated and is copied.
typedef struct {
  NmSpanKind kind;
  const char *text;
  size_t len;
  const char *written; // what timings show as the source of text or phones; NULL: the text itself
  NmSayAs say_as;
  NmProsody prosody;
  double seconds; // of a break, 0 to NM_BREAK_SECONDS_MAX
} NmSpan;

enum { NM_BREAK_SECONDS_MAX = 600 };

typedef enum {
  NM_TIMING_PHONE,    // text "HH"; a pause is "pau". Phones tile the audio to the sample
  NM_TIMING_SYLLABLE, // text "HH AH0"
  NM_TIMING_WORD,   // text as spoken, source as written with its punctuation ("" when the word before has it)
  NM_TIMING_PHRASE, // what was synthesised in one piece, without the pauses around it
  NM_TIMING_MARK,   // start == end
  NM_TIMING_LINE,   // of a song: text as written, from the onset of its first note to the end of its last
  NM_TIMING_NOTE    // of a song: text "C4", source the syllable it carries, "" where the one before goes on
} NmTimingKind;

// Where something stands in the audio, in samples from its start. Strings live until the callback returns.
typedef struct {
  NmTimingKind kind;
  int64_t start, end;
  const char *text, *source;
  int32_t n_frames; // of a phone: the frames the voice gave it; 0 for a pause between phrases
  int16_t pitch;    // of a note: the MIDI key as written
  bool begins_word; // of a note: with it
} NmTiming;

// Where the speaker's output goes. Any function but `audio` may be NULL. A status other than NM_OK ends the
// session with that status. The timings of a phrase and the marks in it come before its audio, a pause is
// told after its own.
typedef struct {
  void *user;
  NmStatus (*audio)(void *user, const float *samples, int64_t n, NmError *err);
  NmStatus (*timing)(void *user, const NmTiming *timing, NmError *err);
  // Pitch of the frames of one phrase; frame i covers NM_VOICE_HOP samples from start + i * NM_VOICE_HOP.
  // `start` may be negative where the phrase's own leading pause was cut short.
  NmStatus (*pitch)(void *user, int64_t start, const float *f0_hz, int64_t n_frames, NmError *err);
  void (*note)(void *user, const char *message); // something was not said as written
  int (*cancelled)(void *user); // asked before each phrase: nonzero ends with NM_ERR_CANCELLED
} NmSpeakerSink;

// One session's options. Zero-initialise, then set.
typedef struct {
  int speaker; // of the voice
  uint64_t seed;
  NmSpeakerSink sink;
} NmSpeakerConfig;

// What a session has done so far.
typedef struct {
  int64_t n_samples, n_phrases, n_words, n_syllables;
  int64_t n_phones;       // without pauses, as spoken
  int64_t n_phones_asked; // as the text gave them
  int64_t n_pauses;
  int64_t n_frames_min;               // of the shortest phone; 0 before the first
  double seconds_text, seconds_voice; // time taken by the stages
  double seconds_vocoder;             // of seconds_voice
} NmSpeakerStats;

// A speaker over a text front end and a voice, both borrowed. One thread at a time. NULL when memory is out.
NmSpeaker *nm_speaker_new(NmText *text, NmVoice *voice);
void nm_speaker_free(NmSpeaker *speaker);

// Starts a session; forgets the one before. The sink's `user` must outlive it.
void nm_speaker_begin(NmSpeaker *speaker, const NmSpeakerConfig *config);

// Takes the next span and speaks every sentence that is complete. Text may be cut anywhere, also within a
// UTF-8 character, without a change to the result. NM_ERR_BAD_ARG for a break out of range or a prosody that
// is not finite; otherwise what the text front end, the voice or the sink answers.
NmStatus nm_speaker_feed(NmSpeaker *speaker, const NmSpan *span, NmError *err) NM_NODISCARD;

// Speaks what is left and the last pause. A session in which nothing was said has n_samples 0.
NmStatus nm_speaker_finish(NmSpeaker *speaker, NmError *err) NM_NODISCARD;

// Statistics of the current session; valid until the next begin.
const NmSpeakerStats *nm_speaker_get_stats(const NmSpeaker *speaker);

#endif
