// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/speak.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dsp/base/clock.h"
#include "models/speech/speak_grow.h"
#include "models/speech/speak_output.h"
#include "models/speech/speak_plan.h"

enum {
  N_FEED = 4096,      // bytes of text taken at a time, so that the pending text stays short
  N_MARKS_MAX = 4096, // marks that may wait for the same word
};

struct NmSpeaker {
  NmText *front;
  NmVoice *voice;
  NmSpeakerConfig config;
  NmSpeakPlan plan;
  NmSpeakOutput out;
  char *text;         // [len] what has not been said yet
  NmSpeakRun *runs;   // [n_runs] tile the text
  NmSpeakMark *marks; // [n_marks] by offset in the text
  size_t len, capacity_text, capacity_runs, capacity_marks;
  int32_t n_runs, n_marks;
};

static float clamp(float value, float low, float high)
{
  return fminf(fmaxf(value, low), high);
}

NmProsody nm_prosody_within(const NmProsody *outer, const NmProsody *inner)
{
  const bool replaces = inner->pitch_hz > 0;
  const float semitones = inner->pitch_semitones + (replaces ? 0 : outer->pitch_semitones);
  return (NmProsody){.rate = clamp(outer->rate * inner->rate, .1f, 10),
                     .pitch_semitones = clamp(semitones, -36, 36),
                     .pitch_range = clamp(outer->pitch_range * inner->pitch_range, 0, 4),
                     .pitch_hz = replaces ? clamp(inner->pitch_hz, 20, 2000) : outer->pitch_hz,
                     .energy_db = clamp(outer->energy_db + inner->energy_db, -60, 20)};
}

NmSpeaker *nm_speaker_new(NmText *text, NmVoice *voice)
{
  NmSpeaker *speaker = calloc(1, sizeof *speaker);
  if (!speaker) return NULL;
  speaker->front = text;
  speaker->voice = voice;
  nm_speak_plan_init(&speaker->plan);
  return speaker;
}

static void forget_runs(NmSpeaker *speaker)
{
  for (int32_t i = 0; i < speaker->n_runs; i++) free(speaker->runs[i].written);
  speaker->n_runs = 0;
}

static void forget_marks(NmSpeaker *speaker, int32_t n)
{
  for (int32_t i = 0; i < n; i++) free(speaker->marks[i].name);
  speaker->n_marks -= n;
  if (n) memmove(speaker->marks, speaker->marks + n, sizeof *speaker->marks * (size_t)speaker->n_marks);
}

void nm_speaker_free(NmSpeaker *speaker)
{
  if (!speaker) return;
  forget_marks(speaker, speaker->n_marks);
  forget_runs(speaker);
  nm_speak_plan_fini(&speaker->plan);
  free(speaker->text);
  free(speaker->runs);
  free(speaker->marks);
  free(speaker);
}

void nm_speaker_begin(NmSpeaker *speaker, const NmSpeakerConfig *config)
{
  forget_marks(speaker, speaker->n_marks);
  speaker->config = *config;
  speaker->len = 0;
  forget_runs(speaker);
  nm_speak_output_begin(&speaker->out, &config->sink);
}

const NmSpeakerStats *nm_speaker_get_stats(const NmSpeaker *speaker)
{
  return &speaker->out.stats;
}

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory while collecting a sentence");
}

// Marks, of the first `n`, that stand before the word at `offset` or on it.
static int32_t count_marks(const NmSpeaker *speaker, size_t offset)
{
  int32_t n = 0;
  while (n < speaker->n_marks && speaker->marks[n].offset <= offset) n++;
  return n;
}

static NmStatus say_phrase(NmSpeaker *speaker, int32_t first, int32_t end, NmError *err)
{
  NmSpeakPlan *plan = &speaker->plan;
  const NmSpeakerConfig *config = &speaker->config;
  NmSpoken spoken;
  const float pitch_hz = nm_voice_get_pitch_hz(speaker->voice, config->speaker);
  NmStatus status = nm_speak_plan_phrase(plan, first, end, pitch_hz, err);
  if (status) return status;
  const double start = nm_clock_now();
  status =
      nm_voice_say(speaker->voice, plan->said, plan->n_said, config->speaker, config->seed, &spoken, err);
  speaker->out.stats.seconds_voice += nm_clock_now() - start;
  if (status) return status;
  speaker->out.stats.seconds_vocoder += spoken.seconds_vocoder;
  const int32_t n_marks = count_marks(speaker, plan->words[end - 1].source_start);
  status = nm_speak_output_phrase(&speaker->out, plan, first, end, &spoken, speaker->marks, n_marks, err);
  forget_marks(speaker, n_marks);
  return status;
}

static NmStatus say_plan(NmSpeaker *speaker, NmError *err)
{
  const NmSpeakerSink *sink = &speaker->config.sink;
  NmStatus status = NM_OK;
  for (int32_t first = 0, end; first < speaker->plan.n_words && !status; first = end) {
    end = nm_speak_plan_cut(&speaker->plan, first);
    if (sink->cancelled && sink->cancelled(sink->user)) {
      return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
    }
    status = say_phrase(speaker, first, end, err);
  }
  return status;
}

static NmStatus read_plan(NmSpeaker *speaker, size_t n, NmBoundary boundary_end, NmError *err)
{
  int32_t n_runs = 0;
  const double start = nm_clock_now();
  while (n_runs < speaker->n_runs && speaker->runs[n_runs].start < n) n_runs++;
  NmSpeakRun *last = &speaker->runs[n_runs - 1];
  const size_t end = last->end;
  last->end = n;
  NmStatus status = nm_speak_plan_read(&speaker->plan, speaker->front, speaker->text, n, speaker->runs,
                                       n_runs, boundary_end, &speaker->config.sink, err);
  last->end = end;
  speaker->out.stats.seconds_text += nm_clock_now() - start;
  speaker->out.stats.n_phones_asked += speaker->plan.n_phones;
  return status;
}

// Marks left at the end of a sentence belong to the pause after it.
static NmStatus tell_marks(NmSpeaker *speaker, size_t end, NmError *err)
{
  NmStatus status = NM_OK;
  int32_t n = 0;
  while (n < speaker->n_marks && speaker->marks[n].offset < end && !status) {
    status = nm_speak_output_mark(&speaker->out, speaker->marks[n++].name, err);
  }
  forget_marks(speaker, n);
  return status;
}

static void drop_text(NmSpeaker *speaker, size_t n)
{
  int32_t n_kept = 0;
  speaker->len -= n;
  memmove(speaker->text, speaker->text + n, speaker->len);
  for (int32_t i = 0; i < speaker->n_runs; i++) {
    NmSpeakRun run = speaker->runs[i];
    if (run.end <= n) {
      free(run.written);
      continue;
    }
    run.start = run.start > n ? run.start - n : 0;
    run.end -= n;
    speaker->runs[n_kept++] = run;
  }
  speaker->n_runs = n_kept;
  for (int32_t i = 0; i < speaker->n_marks; i++) {
    speaker->marks[i].offset -= n < speaker->marks[i].offset ? n : speaker->marks[i].offset;
  }
}

static NmStatus say_text(NmSpeaker *speaker, size_t n, NmBoundary boundary_end, NmError *err)
{
  NmStatus status = read_plan(speaker, n, boundary_end, err);
  if (!status) status = say_plan(speaker, err);
  if (!status) status = tell_marks(speaker, n, err);
  drop_text(speaker, n);
  return status;
}

// A sentence does not end within a span that is to be read as one thing, "<say-as>A. B.</say-as>".
static size_t widen_to_run(const NmSpeaker *speaker, size_t n)
{
  for (int32_t i = 0; i < speaker->n_runs; i++) {
    const NmSpeakRun *run = &speaker->runs[i];
    if (run->atomic && run->start < n && n < run->end) return run->end;
  }
  return n;
}

// Says the sentences that are complete; with `at_end` all that is there, the last one ending in
// `boundary_end`.
static NmStatus drain(NmSpeaker *speaker, bool at_end, NmBoundary boundary_end, NmError *err)
{
  while (speaker->len) {
    bool paragraph = false;
    size_t n = nm_text_find_sentence(speaker->text, speaker->len, at_end, &paragraph);
    if (!n) return NM_OK;
    n = widen_to_run(speaker, n);
    // A cut in an endless sentence is not its end.
    const NmBoundary inner = n > NM_SENTENCE_LEN_MAX / 2 ? NM_BOUNDARY_NONE : NM_BOUNDARY_PERIOD;
    const NmBoundary boundary = at_end && n == speaker->len ? boundary_end : inner;
    NmStatus status = say_text(speaker, n, boundary, err);
    if (status) return status;
    if (paragraph) nm_speak_output_paragraph(&speaker->out);
  }
  return NM_OK;
}

static NmStatus flush(NmSpeaker *speaker, NmBoundary boundary_end, NmError *err)
{
  NmStatus status = drain(speaker, true, boundary_end, err);
  return status ? status : tell_marks(speaker, SIZE_MAX, err);
}

static bool same_way(const NmSpeakRun *run, const NmSpan *span)
{
  const NmProsody *a = &run->prosody, *b = &span->prosody;
  return !run->atomic && run->say_as == span->say_as && a->rate == b->rate &&
         a->pitch_semitones == b->pitch_semitones && a->pitch_range == b->pitch_range &&
         a->pitch_hz == b->pitch_hz && a->energy_db == b->energy_db;
}

// Adds text under a run of its own when it is `atomic`, else to the last run when that is said the same way.
static NmStatus append(NmSpeaker *speaker, const NmSpan *span, const char *text, size_t len, bool atomic,
                       NmError *err)
{
  if (!len) return NM_OK;
  char *written = atomic && span->written ? strdup(span->written) : NULL;
  if (atomic && span->written && !written) return no_memory(err);
  if (!nm_grow((void **)&speaker->text, &speaker->capacity_text, speaker->len + len, 1) ||
      !nm_grow((void **)&speaker->runs, &speaker->capacity_runs, (size_t)speaker->n_runs + 1,
               sizeof *speaker->runs)) {
    free(written);
    return no_memory(err);
  }
  memcpy(speaker->text + speaker->len, text, len);
  NmSpeakRun *last = speaker->n_runs ? &speaker->runs[speaker->n_runs - 1] : NULL;
  if (last && !atomic && same_way(last, span))
    last->end += len;
  else {
    speaker->runs[speaker->n_runs++] = (NmSpeakRun){.start = speaker->len,
                                                    .end = speaker->len + len,
                                                    .say_as = span->say_as,
                                                    .atomic = atomic,
                                                    .is_phones = span->kind == NM_SPAN_PHONES,
                                                    .written = written,
                                                    .prosody = span->prosody};
  }
  speaker->len += len;
  return NM_OK;
}

static bool touches_phones(const NmSpeaker *speaker)
{
  return speaker->len > 1 && !memcmp(speaker->text + speaker->len - 2, "]]", 2);
}

static NmStatus feed_text(NmSpeaker *speaker, const NmSpan *span, NmError *err)
{
  const bool is_one = span->say_as != NM_SAY_PLAIN || span->written;
  const bool atomic = is_one && span->len <= NM_SENTENCE_LEN_MAX;
  NmStatus status = NM_OK;
  if (span->len && isalnum((unsigned char)span->text[0]) && touches_phones(speaker)) {
    status = append(speaker, span, " ", 1, false, err);
  }
  for (size_t done = 0; done < span->len && !status;) {
    const size_t left = span->len - done, n = left < N_FEED ? left : N_FEED;
    status = append(speaker, span, span->text + done, n, atomic, err);
    if (!status) status = drain(speaker, false, NM_BOUNDARY_NONE, err);
    done += n;
  }
  return status;
}

static bool touches_word(const NmSpeaker *speaker)
{
  return speaker->len &&
         (isalnum((unsigned char)speaker->text[speaker->len - 1]) ||
          (unsigned char)speaker->text[speaker->len - 1] >= 0x80 || speaker->text[speaker->len - 1] == ']');
}

// Phones go through the text in the front end's own notation, so that the words around them keep their
// context.
static NmStatus feed_phones(NmSpeaker *speaker, const NmSpan *span, NmError *err)
{
  NmStatus status = NM_OK;
  char phones[NM_SENTENCE_LEN_MAX];
  const int n = snprintf(phones, sizeof phones, "[[%.*s]]", (int)span->len, span->text);
  if (span->len > sizeof phones || n >= (int)sizeof phones) {
    return nm_error_set(err, NM_ERR_BAD_ARG, "a word in phones is longer than %zu bytes", sizeof phones);
  }
  const NmSpan space = {.kind = NM_SPAN_TEXT, .prosody = span->prosody};
  if (touches_word(speaker)) status = append(speaker, &space, " ", 1, false, err);
  return status ? status : append(speaker, span, phones, (size_t)n, true, err);
}

static NmStatus feed_mark(NmSpeaker *speaker, const NmSpan *span, NmError *err)
{
  if (speaker->n_marks == N_MARKS_MAX) {
    return nm_error_set(err, NM_ERR_BAD_DATA, "more than %d marks at one place; thin them out", N_MARKS_MAX);
  }
  char *name = strndup(span->text, span->len);
  if (!name || !nm_grow((void **)&speaker->marks, &speaker->capacity_marks, (size_t)speaker->n_marks + 1,
                        sizeof *speaker->marks)) {
    free(name);
    return no_memory(err);
  }
  speaker->marks[speaker->n_marks++] = (NmSpeakMark){.offset = speaker->len, .name = name};
  return NM_OK;
}

static NmStatus feed_break(NmSpeaker *speaker, const NmSpan *span, NmError *err)
{
  if (!(span->seconds >= 0 && span->seconds <= NM_BREAK_SECONDS_MAX)) {
    return nm_error_set(err, NM_ERR_BAD_ARG, "a break of %g s is not between 0 and %d", span->seconds,
                        NM_BREAK_SECONDS_MAX);
  }
  NmStatus status = flush(speaker, NM_BOUNDARY_COMMA, err);
  if (!status) nm_speak_output_break(&speaker->out, span->seconds);
  return status;
}

static bool prosody_is_finite(const NmProsody *prosody)
{
  return isfinite(prosody->rate) && prosody->rate > 0 && isfinite(prosody->pitch_semitones) &&
         isfinite(prosody->pitch_range) && isfinite(prosody->pitch_hz) && isfinite(prosody->energy_db);
}

NmStatus nm_speaker_feed(NmSpeaker *speaker, const NmSpan *span, NmError *err)
{
  const bool has_prosody = span->kind == NM_SPAN_TEXT || span->kind == NM_SPAN_PHONES;
  NmStatus status;
  if (has_prosody && !prosody_is_finite(&span->prosody)) {
    return nm_error_set(err, NM_ERR_BAD_ARG, "the prosody of a span is not finite or its rate not above 0");
  }
  switch (span->kind) {
  case NM_SPAN_TEXT: return feed_text(speaker, span, err);
  case NM_SPAN_PHONES: return feed_phones(speaker, span, err);
  case NM_SPAN_BREAK: return feed_break(speaker, span, err);
  case NM_SPAN_MARK: return feed_mark(speaker, span, err);
  case NM_SPAN_SENTENCE: return flush(speaker, NM_BOUNDARY_PERIOD, err);
  case NM_SPAN_PARAGRAPH:
    status = flush(speaker, NM_BOUNDARY_PERIOD, err);
    if (!status) nm_speak_output_paragraph(&speaker->out);
    return status;
  }
  return nm_error_set(err, NM_ERR_BAD_ARG, "unknown kind of span %d", (int)span->kind);
}

NmStatus nm_speaker_finish(NmSpeaker *speaker, NmError *err)
{
  NmStatus status = flush(speaker, NM_BOUNDARY_PERIOD, err);
  return status ? status : nm_speak_output_finish(&speaker->out, err);
}
