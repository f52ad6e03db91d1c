// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/formats/song_file.h"
#include "app/formats/song_values.h"
#include "app/hosts/library/context.h"
#include "app/hosts/library/options.h"
#include "app/hosts/library/song.h"
#include "models/song/compose.h"
#include "models/song/fit_song.h"

// --- words ---

static NmStatus check_words(const char *lyrics, NmError *err)
{
  return lyrics ? NM_OK : nm_error_set(err, NM_ERR_BAD_ARG, "no words were given");
}

static NmStatus read_words(NeumeContext *context, const char *lyrics, size_t len, const NeumeSink *sink,
                           NmSheet *sheet, NmError *err)
{
  NmStatus status = nm_context_need_syllables(context, err);
  if (!status && len > NM_SHEET_BYTES_MAX) len = NM_SHEET_BYTES_MAX + 1; // too long: it says so
  if (!status)
    status = nm_sheet_read((const uint8_t *)lyrics, len, "the words", context->syllabifier, sheet, err);
  for (int32_t i = 0; !status && i < sheet->n_notes; ++i) nm_sink_note(sink, sheet->notes[i]);
  return status;
}

// --- composing ---

static NmStatus read_musical(const NeumeOption *options, NmComposeRequest *q, NmError *err)
{
  const char *key = nm_options_get(options, "key"), *meter = nm_options_get(options, "meter"),
             *range = nm_options_get(options, "range"), *style = nm_options_get(options, "style");
  if (key && !nm_song_parse_key(key, &q->fifths, &q->mode))
    return nm_options_refuse("key", key, "write G, Bb, F# minor or Am", err);
  if (meter && !nm_song_parse_meter(meter, &q->meter))
    return nm_options_refuse("meter", meter, "write one that can be composed in, 4/4 or 6/8", err);
  if (range && (!nm_song_parse_range(range, &q->low, &q->high) || q->high - q->low < NM_MELODY_RANGE_LEAST))
    return nm_options_refuse("range", range, "write C4-E5, an octave or so", err);
  if (style && !nm_song_parse_style(style, &q->style))
    return nm_options_refuse("style", style, "write any, hymn, folk...", err);
  return nm_options_get_number(options, "tempo", 20, 400, &q->bpm, err);
}

static NmStatus read_search(const NeumeOption *options, NmComposeRequest *q, NmError *err)
{
  double temperature = q->temperature, nucleus = q->nucleus;
  int64_t seed = 0, n_melisma = 0;
  const char *method = nm_options_get(options, "method");
  if (method && !nm_song_parse_method(method, &q->method))
    return nm_options_refuse("method", method, "write sample, beam, diverse or greedy", err);
  NmStatus status = nm_options_get_number(options, "temperature", .1, 3, &temperature, err);
  if (!status) status = nm_options_get_number(options, "nucleus", .01, 1, &nucleus, err);
  if (!status) status = nm_options_get_integer(options, "seed", 0, INT64_MAX, &seed, err);
  if (!status) status = nm_options_get_integer(options, "melisma", 1, NM_MELODY_MELISMA_MAX, &n_melisma, err);
  if (!status) status = nm_options_get_flag(options, "accidentals", &q->accidentals, err);
  if (!status) status = nm_options_get_flag(options, "syncopation", &q->syncopation, err);
  if (!status) status = nm_options_get_flag(options, "vary", &q->vary, err);
  q->temperature = (float)temperature;
  q->nucleus = (float)nucleus;
  q->seed = (uint64_t)seed;
  q->n_melisma = (int32_t)n_melisma;
  return status;
}

static NmStatus read_request(const NeumeOption *options, NmComposeRequest *q, NmError *err)
{
  static const char *const known[] = {"key",         "meter",       "tempo",   "range", "style",
                                      "method",      "temperature", "nucleus", "seed",  "melisma",
                                      "accidentals", "syncopation", "vary",    NULL};
  *q = nm_compose_defaults();
  NmStatus status = nm_options_check(options, known, err);
  if (!status) status = read_musical(options, q, err);
  return status ? status : read_search(options, q, err);
}

static NmStatus compose(NeumeContext *context, const char *lyrics, size_t len, NmComposeRequest *request,
                        const NeumeSink *sink, NmSong **song, NmError *err)
{
  NmSheet sheet = {0};
  NmComposed composed = {0};
  request->cancel = &context->cancel;
  NmStatus status = nm_sink_progress(sink, 0, err);
  if (!status) status = read_words(context, lyrics, len, sink, &sheet, err);
  if (!status) status = nm_context_need_songs(context, err);
  if (!status) status = nm_compose(&context->songs, &sheet, request, &composed, err);
  nm_sheet_fini(&sheet);
  if (status) return status;
  *song = composed.candidates[0].song;
  composed.candidates[0].song = NULL;
  nm_composed_fini(&composed);
  return nm_sink_progress(sink, 1, err);
}

NeumeSong *neume_compose(NeumeContext *context, const char *lyrics, size_t len, const NeumeOption *options,
                         const NeumeSink *sink, NeumeError *err)
{
  NmError error = {0};
  NeumeSink told;
  NmComposeRequest request;
  NmSong *song = NULL;
  NmStatus status = nm_sink_read(sink, &told, &error);
  if (!status) status = check_words(lyrics, &error);
  if (!status) status = nm_context_enter(context, &error);
  if (status) return nm_hand_out_song(NULL, &error, err);
  status = read_request(options, &request, &error);
  if (!status) error.status = compose(context, lyrics, len, &request, &told, &song, &error);
  nm_context_leave(context);
  return nm_hand_out_song(song, &error, err);
}

// --- aligning ---

static NmStatus align(NeumeContext *context, const char *lyrics, size_t len, const NmSong *melody,
                      const NeumeOption *options, const NeumeSink *sink, NmSong **song, NmError *err)
{
  static const char *const known[] = {"verses", NULL};
  NmSheet sheet = {0};
  NmFitSong fitted = {0};
  const NmFitConfig config = nm_fit_defaults();
  int64_t n_verses = 0;
  NmStatus status = nm_options_check(options, known, err);
  if (!status) status = nm_options_get_integer(options, "verses", 1, NM_SONG_VERSES_MAX, &n_verses, err);
  if (!status) status = nm_sink_progress(sink, 0, err);
  if (!status) status = read_words(context, lyrics, len, sink, &sheet, err);
  if (!status) status = nm_fit_song(sheet.song, melody, &config, (int32_t)n_verses, &fitted, err);
  nm_sheet_fini(&sheet);
  if (status) return status;
  *song = fitted.candidates[0].song;
  fitted.candidates[0].song = NULL;
  nm_fit_song_fini(&fitted);
  return nm_sink_progress(sink, 1, err);
}

NeumeSong *neume_align(NeumeContext *context, const char *lyrics, size_t len, const NeumeSong *melody,
                       const NeumeOption *options, const NeumeSink *sink, NeumeError *err)
{
  NmError error = {0};
  NeumeSink told;
  NmSong *song = NULL;
  NmStatus status = nm_sink_read(sink, &told, &error);
  if (!status) status = check_words(lyrics, &error);
  if (!status && !melody) status = nm_error_set(&error, NM_ERR_BAD_ARG, "no melody was given");
  if (!status) status = nm_context_enter(context, &error);
  if (status) return nm_hand_out_song(NULL, &error, err);
  error.status = align(context, lyrics, len, melody->song, options, &told, &song, &error);
  nm_context_leave(context);
  return nm_hand_out_song(song, &error, err);
}
