// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "app/formats/sing_values.h"
#include "app/hosts/library/song.h"
#include "app/hosts/library/tell.h"
#include "models/sing/sing.h"

enum { BLOCK = 4096 };

// One song being sung.
typedef struct {
  NmTell tell;
  NmSingStyle style;
  bool all_verses;
  NmSinger *singer;
  NmSingPlan *plan;
  NmSingStream *stream;
} Session;

// --- what is wanted ---

static NmStatus read_numbers(const NeumeOption *options, NmSingStyle *style, NmError *err)
{
  double portamento_ms = 1e3 * style->portamento_s;
  const struct {
    const char *name;
    double low, high, *value;
  } numbers[] = {
      {"portamento", 0, 2000, &portamento_ms},     {"vibrato", 0, 300, &style->vibrato_cents},
      {"vibrato-rate", 1, 12, &style->vibrato_hz}, {"vibrato-delay", 0, 10, &style->vibrato_delay_s},
      {"drift", 0, 100, &style->drift_cents},      {"swell", 0, 24, &style->arc_db},
      {"accent", 0, 24, &style->accent_db},        {"consonants", .25, 4, &style->consonants}};
  NmStatus status = NM_OK;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers && !status; ++i)
    status = nm_options_get_number(options, numbers[i].name, numbers[i].low, numbers[i].high,
                                   numbers[i].value, err);
  style->portamento_s = portamento_ms / 1e3;
  return status;
}

static NmStatus read_words(const NeumeOption *options, NmSingStyle *style, NmError *err)
{
  const char *as = nm_options_get(options, "as"), *vowel = nm_options_get(options, "vowel"),
             *transpose = nm_options_get(options, "transpose");
  if (as && !nm_sing_parse_as(as, &style->as))
    return nm_options_refuse("as", as, "write speech, recitative, song or 0 to 1", err);
  if (vowel && !nm_sing_parse_vowel(vowel, &style->filler))
    return nm_options_refuse("vowel", vowel, "write la, ah, oo, hum or none", err);
  if (transpose && !nm_sing_parse_transpose(transpose, &style->transpose))
    return nm_options_refuse("transpose", transpose, "write auto or semitones, -12", err);
  return NM_OK;
}

static NmStatus read_verse(const NeumeOption *options, Session *s, NmError *err)
{
  int64_t verse = 1;
  const char *text = nm_options_get(options, "verse");
  s->all_verses = text && !strcmp(text, "all");
  const NmStatus status =
      s->all_verses ? NM_OK : nm_options_get_integer(options, "verse", 1, NM_SONG_VERSES_MAX, &verse, err);
  s->style.verse = (int32_t)verse;
  return status;
}

static NmStatus read_style(const NeumeOption *options, Session *s, NmError *err)
{
  static const char *const known[] = {
      "as",    "plain",  "portamento", "vibrato",    "vibrato-rate", "vibrato-delay", "drift",
      "swell", "accent", "breaths",    "consonants", "transpose",    "voice",         "verse",
      "vowel", "seed",   NULL};
  int64_t seed = 0;
  s->style = nm_sing_style_defaults();
  NmStatus status = nm_options_check(options, known, err);
  if (!status) status = read_numbers(options, &s->style, err);
  if (!status) status = read_words(options, &s->style, err);
  if (!status) status = read_verse(options, s, err);
  if (!status) status = nm_options_get_flag(options, "plain", &s->style.plain, err);
  if (!status) status = nm_options_get_flag(options, "breaths", &s->style.breaths, err);
  if (!status) status = nm_options_get_integer(options, "seed", 0, INT64_MAX, &seed, err);
  if (!status) status = nm_context_need_speech(s->tell.context, err);
  if (!status) status = nm_options_get_voice(options, s->tell.context->voice, &s->style.speaker, err);
  s->style.seed = (uint64_t)seed;
  return status;
}

// --- singing ---

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus plan(Session *s, const NmSong *song, NmError *err)
{
  NmSong *unfolded = s->all_verses ? nm_sing_unfold(song, err) : NULL;
  if (s->all_verses && !unfolded) return err->status;
  s->singer = nm_singer_new(s->tell.context->text, s->tell.context->voice);
  s->plan = s->singer ? nm_sing_plan_new(s->singer, unfolded ? unfolded : song, &s->style, nm_tell_note,
                                         &s->tell, err)
                      : NULL;
  nm_song_free(unfolded);
  if (!s->plan) return s->singer ? err->status : no_memory(err);
  s->stream = nm_sing_stream_new(s->singer, s->plan, NULL, NULL);
  return s->stream ? NM_OK : no_memory(err);
}

static NmStatus sing_all(Session *s, NmError *err)
{
  float block[BLOCK];
  const int64_t n_samples = nm_sing_plan_get_n_samples(s->plan);
  NmStatus status = nm_sing_plan_tell(s->plan, nm_tell_timing, &s->tell, err);
  for (int64_t at = 0; at < n_samples && !status; at += BLOCK) {
    const int64_t n = n_samples - at < BLOCK ? n_samples - at : BLOCK;
    if (nm_tell_cancelled(&s->tell)) return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
    status = nm_sing_stream_process(s->stream, block, n, err);
    if (!status) status = nm_tell_audio(&s->tell, block, n, err);
    if (!status) status = nm_sink_progress(&s->tell.sink, (double)(at + n) / (double)n_samples, err);
  }
  return status;
}

NeumeStatus neume_sing(NeumeContext *context, const NeumeSong *song, const NeumeOption *options,
                       const NeumeSink *sink, NeumeError *err)
{
  NmError error = {0};
  Session s = {.tell.context = context};
  NmStatus status = nm_sink_read(sink, &s.tell.sink, &error);
  if (!status && !song) status = nm_error_set(&error, NM_ERR_BAD_ARG, "no song was given");
  if (!status) status = nm_context_enter(context, &error);
  if (status) return nm_hand_out_error(&error, err);
  status = read_style(options, &s, &error);
  if (!status) status = plan(&s, song->song, &error);
  if (!status) status = sing_all(&s, &error);
  error.status = status;
  nm_sing_stream_free(s.stream);
  nm_sing_plan_free(s.plan);
  nm_singer_free(s.singer);
  nm_context_leave(context);
  return nm_hand_out_error(&error, err);
}
