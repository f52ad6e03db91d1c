// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/formats/prosody_values.h"
#include "app/hosts/library/tell.h"
#include "app/jobs/speak_input.h"

enum { N_PART = 512 }; // bytes of text from one progress to the next

// One text being spoken.
typedef struct {
  NmTell tell;
  NmSpeakInput input;
  int speaker;
  int64_t seed;
} Session;

// --- what is wanted ---

static NmStatus read_kind(const NeumeOption *options, NmSpeakInputKind *kind, NmError *err)
{
  static const char *const kinds[] = {
      [NM_INPUT_AUTO] = "auto", [NM_INPUT_TEXT] = "text", [NM_INPUT_SSML] = "ssml"};
  const char *value = nm_options_get(options, "input");
  if (!value) return NM_OK;
  for (int i = 0; i < 3; ++i) {
    if (strcmp(value, kinds[i])) continue;
    *kind = (NmSpeakInputKind)i;
    return NM_OK;
  }
  return nm_options_refuse("input", value, "write auto, text or ssml", err);
}

static NmStatus read_prosody(const NeumeOption *options, float voice_hz, NmProsody *prosody, NmError *err)
{
  static const struct {
    const char *name, *wants;
    bool (*parse)(const char *text, NmProsody *prosody);
  } parts[] = {{"rate", "write 0.8, 120% or fast; 0.1 to 10", nm_prosody_parse_rate},
               {"range", "write 0.5, 50% or low", nm_prosody_parse_range},
               {"energy", "write +3dB, 50% or soft", nm_prosody_parse_energy}};
  *prosody = nm_prosody_plain();
  const char *pitch = nm_options_get(options, "pitch");
  if (pitch && !nm_prosody_parse_pitch(pitch, voice_hz, prosody))
    return nm_options_refuse("pitch", pitch, "write semitones (3, -2st), 120% or 180Hz", err);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) {
    const char *value = nm_options_get(options, parts[i].name);
    if (value && !parts[i].parse(value, prosody))
      return nm_options_refuse(parts[i].name, value, parts[i].wants, err);
  }
  return NM_OK;
}

// --- speaking ---

static NmStatus begin(Session *s, const NeumeOption *options, NmError *err)
{
  NeumeContext *context = s->tell.context;
  s->input =
      (NmSpeakInput){.speaker = context->speaker, .name = "the text", .note = nm_tell_note, .user = &s->tell};
  NmStatus status = read_kind(options, &s->input.kind, err);
  if (!status) status = nm_options_get_voice(options, context->voice, &s->speaker, err);
  s->input.voice_hz = nm_voice_get_pitch_hz(context->voice, s->speaker);
  if (!status) status = read_prosody(options, s->input.voice_hz, &s->input.prosody, err);
  if (!status) status = nm_options_get_integer(options, "seed", 0, INT64_MAX, &s->seed, err);
  const NmSpeakerConfig config = {.speaker = s->speaker,
                                  .seed = (uint64_t)s->seed,
                                  .sink = {.user = &s->tell,
                                           .audio = nm_tell_audio,
                                           .timing = nm_tell_timing,
                                           .note = nm_tell_note,
                                           .cancelled = nm_tell_cancelled}};
  if (!status) nm_speaker_begin(context->speaker, &config);
  return status;
}

static NmStatus say(Session *s, const char *text, size_t len, NmError *err)
{
  NmStatus status = NM_OK;
  size_t done = 0;
  do {
    const size_t n = len - done < N_PART ? len - done : N_PART;
    status = nm_speak_input_feed(&s->input, text + done, n, done + n == len, err);
    done += n;
    if (!status && done < len) status = nm_sink_progress(&s->tell.sink, (double)done / (double)len, err);
  } while (!status && done < len);
  if (!status) status = nm_speaker_finish(s->tell.context->speaker, err);
  if (!status && !nm_speaker_get_stats(s->tell.context->speaker)->n_samples)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "nothing to say in the text");
  return status ? status : nm_sink_progress(&s->tell.sink, 1, err);
}

static NmStatus speak(Session *s, const char *text, size_t len, const NeumeOption *options, NmError *err)
{
  static const char *const known[] = {"input", "voice", "rate", "pitch", "range", "energy", "seed", NULL};
  NmStatus status = nm_options_check(options, known, err);
  if (!status) status = nm_context_need_speech(s->tell.context, err);
  if (!status) status = begin(s, options, err);
  if (!status) status = say(s, text, len, err);
  nm_speak_input_fini(&s->input);
  return status;
}

NeumeStatus neume_speak(NeumeContext *context, const char *text, size_t len, const NeumeOption *options,
                        const NeumeSink *sink, NeumeError *err)
{
  NmError error = {0};
  Session session = {.tell.context = context};
  error.status = nm_sink_read(sink, &session.tell.sink, &error);
  if (!error.status && !text && len) error.status = nm_error_set(&error, NM_ERR_BAD_ARG, "no text was given");
  if (!error.status) error.status = nm_context_enter(context, &error);
  if (error.status) return nm_hand_out_error(&error, err);
  error.status = speak(&session, len ? text : "", len, options, &error);
  nm_context_leave(context);
  return nm_hand_out_error(&error, err);
}

// --- into memory ---

typedef struct {
  float *samples; // [n]
  size_t n, capacity;
  bool is_full; // no memory for more
} Collection;

static int collect(void *user, const float *samples, size_t n)
{
  Collection *all = user;
  if (all->capacity - all->n < n) {
    const size_t capacity = 2 * all->capacity + n;
    float *more = capacity > SIZE_MAX / sizeof *more ? NULL : realloc(all->samples, capacity * sizeof *more);
    all->is_full = !more;
    if (!more) return 1;
    all->samples = more;
    all->capacity = capacity;
  }
  memcpy(all->samples + all->n, samples, n * sizeof *samples);
  all->n += n;
  return 0;
}

NeumeStatus neume_speak_all(NeumeContext *context, const char *text, size_t len, const NeumeOption *options,
                            float **samples, size_t *n, NeumeError *err)
{
  Collection all = {0};
  const NeumeSink sink = {.size = sizeof sink, .user = &all, .audio = collect};
  NmError full = {0};
  NeumeStatus status = neume_speak(context, text, len, options, &sink, err);
  *samples = NULL;
  *n = 0;
  if (all.is_full) {
    nm_error_set(&full, NM_ERR_NO_MEMORY, "out of memory for the sound");
    status = nm_hand_out_error(&full, err);
  }
  if (status != NEUME_OK) {
    free(all.samples);
    return status;
  }
  *samples = all.samples;
  *n = all.n;
  return NEUME_OK;
}

void neume_release(void *memory)
{
  free(memory);
}

const char *neume_get_voice(NeumeContext *context, int i, NeumeError *err)
{
  const char *name = NULL;
  NmError error = {0};
  if (nm_context_enter(context, &error)) {
    nm_hand_out_error(&error, err);
    return NULL;
  }
  error.status = nm_context_need_speech(context, &error);
  if (!error.status && i >= 0 && i < nm_voice_get_n_speakers(context->voice))
    name = nm_voice_get_speaker_name(context->voice, i);
  nm_context_leave(context);
  nm_hand_out_error(&error, err);
  return name;
}
