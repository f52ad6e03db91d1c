// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/library/tell.h"

NmStatus nm_tell_audio(void *user, const float *samples, int64_t n, NmError *err)
{
  const NeumeSink *sink = &((const NmTell *)user)->sink;
  return sink->audio && sink->audio(sink->user, samples, (size_t)n) ? nm_sink_end(err) : NM_OK;
}

NmStatus nm_tell_timing(void *user, const NmTiming *timing, NmError *err)
{
  static const NeumeTimingKind kinds[] = {
      [NM_TIMING_PHONE] = NEUME_TIMING_PHONE, [NM_TIMING_SYLLABLE] = NEUME_TIMING_SYLLABLE,
      [NM_TIMING_WORD] = NEUME_TIMING_WORD,   [NM_TIMING_PHRASE] = NEUME_TIMING_PHRASE,
      [NM_TIMING_MARK] = NEUME_TIMING_MARK,   [NM_TIMING_LINE] = NEUME_TIMING_LINE,
      [NM_TIMING_NOTE] = NEUME_TIMING_NOTE};
  const NeumeSink *sink = &((const NmTell *)user)->sink;
  const NeumeTiming told = {.size = sizeof told,
                            .kind = kinds[timing->kind],
                            .pitch = timing->pitch,
                            .start = timing->start,
                            .end = timing->end,
                            .text = timing->text,
                            .source = timing->source};
  return sink->timing && sink->timing(sink->user, &told) ? nm_sink_end(err) : NM_OK;
}

void nm_tell_note(void *user, const char *message)
{
  nm_sink_note(&((const NmTell *)user)->sink, message);
}

int nm_tell_cancelled(void *user)
{
  return atomic_load(&((const NmTell *)user)->context->cancel);
}

NmStatus nm_options_get_voice(const NeumeOption *options, const NmVoice *voice, int *speaker, NmError *err)
{
  const char *name = nm_options_get(options, "voice");
  *speaker = name ? nm_voice_find_speaker(voice, name) : 0;
  if (*speaker >= 0) return NM_OK;
  *speaker = 0;
  return nm_options_refuse("voice", name, "neume_get_voice lists them", err);
}
