// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/speak_output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Samples over which the voice's own pause fades into the digital silence of a planned one.
enum { N_FADE = 64 };

// Seconds of silence after a phrase at rate 1, in the order of NmBoundary.
static const double pause_seconds[NM_N_BOUNDARIES] = {.11, .18, .22, .28, .42, .42, .45};
static const double paragraph_seconds = .8;

void nm_speak_output_begin(NmSpeakOutput *out, const NmSpeakerSink *sink)
{
  out->sink = *sink;
  out->stats = (NmSpeakerStats){0};
  out->pause_start = out->n_pause = 0;
  out->n_break = -1;
  out->rate = 1;
  out->started = false;
  out->n_tail = 0;
}

static int64_t to_samples(double seconds)
{
  return llround(seconds * NM_VOICE_RATE_HZ);
}

void nm_speak_output_break(NmSpeakOutput *out, double seconds)
{
  out->n_break = (out->n_break < 0 ? 0 : out->n_break) + to_samples(seconds);
}

void nm_speak_output_paragraph(NmSpeakOutput *out)
{
  const int64_t n = to_samples(paragraph_seconds / out->rate);
  if (out->n_pause < n) out->n_pause = n;
}

static NmStatus hand_out(NmSpeakOutput *out, const float *samples, int64_t n, NmError *err)
{
  if (!n) return NM_OK;
  out->stats.n_samples += n;
  return out->sink.audio(out->sink.user, samples, n, err);
}

static NmStatus hand_out_silence(NmSpeakOutput *out, int64_t n, NmError *err)
{
  static const float zeros[4096];
  const int64_t n_block = (int64_t)(sizeof zeros / sizeof *zeros);
  NmStatus status = NM_OK;
  for (; n > 0 && !status; n -= n_block) status = hand_out(out, zeros, n < n_block ? n : n_block, err);
  return status;
}

static NmStatus tell(NmSpeakOutput *out, NmTiming timing, NmError *err)
{
  return out->sink.timing ? out->sink.timing(out->sink.user, &timing, err) : NM_OK;
}

static NmTiming timing_of(NmTimingKind kind, int64_t start, int64_t end, const char *text, const char *source,
                          int32_t n_frames)
{
  return (NmTiming){
      .kind = kind, .start = start, .end = end, .text = text, .source = source, .n_frames = n_frames};
}

static NmStatus tell_pause(NmSpeakOutput *out, int64_t start, int64_t end, NmError *err)
{
  if (start == end) return NM_OK;
  out->stats.n_pauses++;
  return tell(out, timing_of(NM_TIMING_PHONE, start, end, nm_phone_name(NM_PHONE_PAUSE), "", 0), err);
}

NmStatus nm_speak_output_mark(NmSpeakOutput *out, const char *name, NmError *err)
{
  const int64_t at = out->pause_start + (out->n_break > 0 ? out->n_break : 0);
  return tell(out, timing_of(NM_TIMING_MARK, at, at, name, "", 0), err);
}

static void fade_out(float *end, int32_t n)
{
  for (int32_t i = 0; i < n; i++) end[i - n] *= (float)(n - i) / (float)(n + 1);
}

static void fade_in(float *start, int32_t n)
{
  for (int32_t i = 0; i < n; i++) start[i] *= (float)(i + 1) / (float)(n + 1);
}

static int32_t fade_length(int64_t n)
{
  return n < N_FADE ? (int32_t)n : N_FADE;
}

// The pause between two phrases, exactly `gap` samples: the start of the last phrase's trailing pause,
// silence, the end of this one's leading pause. A gap shorter than both takes a share of each.
static NmStatus join(NmSpeakOutput *out, int64_t gap, int32_t n_lead, NmError *err)
{
  const int64_t both = (int64_t)out->n_tail + n_lead;
  const int64_t n_end = gap >= both ? out->n_tail : gap * out->n_tail / both;
  const int64_t n_start = gap >= both ? n_lead : gap - n_end;
  float *lead = out->lead + n_lead - n_start;
  if (out->started) fade_out(out->tail + n_end, fade_length(n_end));
  if (out->started || gap != n_lead) fade_in(lead, fade_length(n_start));
  NmStatus status = hand_out(out, out->tail, n_end, err);
  if (!status) status = hand_out_silence(out, gap - n_end - n_start, err);
  if (!status) status = hand_out(out, lead, n_start, err);
  return status;
}

static int64_t get_gap(const NmSpeakOutput *out, int32_t n_lead)
{
  if (out->n_break >= 0) return out->n_break;
  return out->started ? out->n_pause : n_lead;
}

static NmStatus hand_out_pause(NmSpeakOutput *out, const float *lead, int32_t n_lead, NmError *err)
{
  memcpy(out->lead, lead, sizeof *lead * (size_t)n_lead);
  NmStatus status = join(out, get_gap(out, n_lead), n_lead, err);
  return status ? status : tell_pause(out, out->pause_start, out->stats.n_samples, err);
}

// The phrase whose timings are being told.
typedef struct {
  NmSpeakOutput *out;
  const NmSpeakPlan *plan;
  const NmSpoken *spoken;
  int64_t start; // of the phrase's first phone
} Telling;

static NmStatus tell_phones(const Telling *t, NmError *err)
{
  NmStatus status = NM_OK;
  int64_t at = t->start;
  NmSpeakerStats *stats = &t->out->stats;
  for (int32_t i = 1; i < t->plan->n_said - 1 && !status; i++) {
    const int32_t phone = t->plan->said[i].phone, n_frames = t->spoken->n_frames[i];
    const int64_t end = at + (int64_t)n_frames * NM_VOICE_HOP;
    if (!stats->n_frames_min || n_frames < stats->n_frames_min) stats->n_frames_min = n_frames;
    stats->n_pauses += phone == NM_PHONE_PAUSE;
    stats->n_phones += phone != NM_PHONE_PAUSE;
    status = tell(t->out, timing_of(NM_TIMING_PHONE, at, end, nm_phone_name(phone), "", n_frames), err);
    at = end;
  }
  return status;
}

static void add_name(char *name, size_t size, int32_t phone)
{
  const size_t len = strlen(name);
  snprintf(name + len, size - len, "%s%s", len ? " " : "", nm_phone_name(phone));
}

static NmStatus tell_syllables(const Telling *t, NmError *err)
{
  const NmSpeakPlan *plan = t->plan;
  NmStatus status = NM_OK;
  int64_t at = t->start;
  char name[256];
  for (int32_t i = 1, next; i < plan->n_said - 1 && !status; i = next) {
    const int32_t i_phone = plan->i_phones[i];
    int64_t end = at;
    name[0] = '\0';
    for (next = i; next < plan->n_said - 1; next++) {
      const int32_t j = plan->i_phones[next];
      if (next > i && (i_phone < 0 || j < 0 || plan->syllables[j] != plan->syllables[i_phone])) break;
      end += (int64_t)t->spoken->n_frames[next] * NM_VOICE_HOP;
      add_name(name, sizeof name, plan->said[next].phone);
    }
    if (i_phone >= 0) {
      t->out->stats.n_syllables++;
      status = tell(t->out, timing_of(NM_TIMING_SYLLABLE, at, end, name, "", 0), err);
    }
    at = end;
  }
  return status;
}

static NmStatus tell_marks(const Telling *t, const NmPlannedWord *word, int64_t at, const NmSpeakMark *marks,
                           int32_t n_marks, int32_t *i_mark, NmError *err)
{
  NmStatus status = NM_OK;
  while (*i_mark < n_marks && marks[*i_mark].offset <= word->source_start && !status) {
    status = tell(t->out, timing_of(NM_TIMING_MARK, at, at, marks[(*i_mark)++].name, "", 0), err);
  }
  return status;
}

static NmStatus tell_words(const Telling *t, int32_t first, const NmSpeakMark *marks, int32_t n_marks,
                           NmError *err)
{
  const NmSpeakPlan *plan = t->plan;
  NmStatus status = NM_OK;
  int64_t at = t->start;
  int32_t i_mark = 0;
  for (int32_t i = 1, next; i < plan->n_said - 1 && !status; i = next) {
    const int32_t i_word = plan->said[i].i_word;
    int64_t end = at;
    for (next = i; next < plan->n_said - 1 && plan->said[next].i_word == i_word; next++) {
      end += (int64_t)t->spoken->n_frames[next] * NM_VOICE_HOP;
    }
    if (i_word >= 0) {
      const NmPlannedWord *word = &plan->words[first + i_word];
      t->out->stats.n_words++;
      status = tell_marks(t, word, at, marks, n_marks, &i_mark, err);
      if (!status) {
        status = tell(t->out, timing_of(NM_TIMING_WORD, at, end, word->text, word->source, 0), err);
      }
    }
    at = end;
  }
  return status;
}

// The promise that nothing is skipped or repeated, checked where it could be broken.
static NmStatus check_spoken(const NmSpeakPlan *plan, const NmSpoken *spoken, NmError *err)
{
  int64_t n_frames = 0;
  for (int32_t i = 0; i < plan->n_said; i++) {
    const int32_t forced = plan->said[i].n_frames;
    if (spoken->n_frames[i] < 1 || (forced && spoken->n_frames[i] != forced)) {
      return nm_error_set(err, NM_ERR_BAD_DATA, "the voice gave phone %d of a phrase %d frames", i,
                          spoken->n_frames[i]);
    }
    n_frames += spoken->n_frames[i];
  }
  if (spoken->n_samples == n_frames * NM_VOICE_HOP && spoken->n_frames_total == n_frames) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "the voice made %lld samples where its phones last %lld",
                      (long long)spoken->n_samples, (long long)(n_frames * NM_VOICE_HOP));
}

static void hold_tail(NmSpeakOutput *out, const NmPlannedWord *last, const float *tail, int32_t n_tail)
{
  memcpy(out->tail, tail, sizeof *tail * (size_t)n_tail);
  out->n_tail = n_tail;
  out->pause_start = out->stats.n_samples;
  out->n_break = -1;
  out->rate = last->prosody.rate;
  out->n_pause = to_samples(pause_seconds[last->boundary] / out->rate);
  out->started = true;
}

static NmStatus tell_phrase(const Telling *t, int64_t n_body, int32_t first, const NmSpeakMark *marks,
                            int32_t n_marks, NmError *err)
{
  const int64_t end = t->start + n_body;
  NmStatus status = tell(t->out, timing_of(NM_TIMING_PHRASE, t->start, end, "", "", 0), err);
  if (!status) status = tell_words(t, first, marks, n_marks, err);
  if (!status) status = tell_syllables(t, err);
  return status ? status : tell_phones(t, err);
}

NmStatus nm_speak_output_phrase(NmSpeakOutput *out, const NmSpeakPlan *plan, int32_t first, int32_t end,
                                const NmSpoken *spoken, const NmSpeakMark *marks, int32_t n_marks,
                                NmError *err)
{
  NmStatus status = check_spoken(plan, spoken, err);
  if (status) return status;
  const int32_t n_lead = spoken->n_frames[0] * NM_VOICE_HOP;
  const int32_t n_tail = spoken->n_frames[plan->n_said - 1] * NM_VOICE_HOP;
  const int64_t n_body = spoken->n_samples - n_lead - n_tail;
  status = hand_out_pause(out, spoken->samples, n_lead, err);
  if (status) return status;
  const Telling telling = {out, plan, spoken, out->stats.n_samples};
  out->stats.n_phrases++;
  status = tell_phrase(&telling, n_body, first, marks, n_marks, err);
  if (!status) status = hand_out(out, spoken->samples + n_lead, n_body, err);
  if (!status && out->sink.pitch) {
    status =
        out->sink.pitch(out->sink.user, telling.start - n_lead, spoken->f0_hz, spoken->n_frames_total, err);
  }
  hold_tail(out, &plan->words[end - 1], spoken->samples + n_lead + n_body, n_tail);
  return status;
}

NmStatus nm_speak_output_finish(NmSpeakOutput *out, NmError *err)
{
  const int64_t gap = out->n_break >= 0 ? out->n_break : out->n_tail;
  const int64_t n_end = gap < out->n_tail ? gap : out->n_tail;
  fade_out(out->tail + n_end, fade_length(n_end));
  NmStatus status = hand_out(out, out->tail, n_end, err);
  if (!status) status = hand_out_silence(out, gap - n_end, err);
  if (!status) status = tell_pause(out, out->pause_start, out->stats.n_samples, err);
  out->pause_start = out->stats.n_samples;
  out->n_tail = 0;
  out->n_break = -1;
  return status;
}
