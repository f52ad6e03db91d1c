// SPDX-License-Identifier: GPL-3.0-or-later
// What ties the transport to what is seen.
#include <math.h>
#include <stdlib.h>

#include "app/studio/state.h"
#include "dsp/mel.h"
#include "ui/kit/words.h"

NmRulerModel *nm_studio_get_ruler(NmStudio *studio)
{
  return studio->tracing.on ? &studio->tracing.ruler_model : &studio->ruler_model;
}

NmAxis *nm_studio_get_axis(NmStudio *studio)
{
  return studio->tracing.on ? &studio->tracing.axis : &studio->axis;
}

static const NmAxisTime *get_time(const NmStudio *studio)
{
  return studio->tracing.on ? &studio->tracing.time : &studio->model.time;
}

static int64_t sample_of(const NmStudio *studio, double tick)
{
  return llround(nm_axis_get_seconds(get_time(studio), tick) * NM_PLAYBACK_RATE_HZ);
}

void nm_studio_play(NmStudio *studio, bool plays)
{
  NmRulerModel *ruler = nm_studio_get_ruler(studio);
  if (plays) {
    studio->played_from = ruler->playhead;
    nm_transport_play(studio->transport, sample_of(studio, ruler->playhead));
  } else {
    nm_transport_stop(studio->transport);
    if (studio->heard.plays) ruler->playhead = studio->played_from;
  }
}

void nm_studio_seek(NmStudio *studio, double tick)
{
  nm_studio_get_ruler(studio)->playhead = studio->played_from = fmax(tick, 0);
  if (studio->heard.plays) nm_transport_play(studio->transport, sample_of(studio, studio->played_from));
}

void nm_studio_scrub(NmStudio *studio, double tick)
{
  bool moves = tick != nm_studio_get_ruler(studio)->playhead;
  nm_studio_seek(studio, tick);
  if (moves && !studio->heard.plays) nm_transport_scrub(studio->transport, sample_of(studio, tick));
}

void nm_studio_set_loop(NmStudio *studio, int64_t from, int64_t to, bool loops)
{
  NmRulerModel *ruler = nm_studio_get_ruler(studio);
  ruler->loop_from = from;
  ruler->loop_to = to;
  ruler->loops = loops && to > from;
  nm_transport_set_loop(studio->transport, ruler->loops ? sample_of(studio, (double)from) : 0,
                        ruler->loops ? sample_of(studio, (double)to) : 0);
}

// A click for every beat from the beginning to a bar after the end.
static bool set_clicks(NmStudio *studio)
{
  const NmAxisTime *time = &studio->model.time;
  int64_t shortest = time->ticks_per_beat / 4 > 0 ? time->ticks_per_beat / 4 : 1, end = time->end;
  size_t room = (size_t)(end / shortest + 16);
  int64_t *at = calloc(room, sizeof *at);
  bool *strong = calloc(room, sizeof *strong);
  int32_t n = 0;
  for (NmBar bar = nm_axis_get_bar(time, 0); at && strong && bar.tick <= end;
       bar = nm_axis_get_bar(time, (double)(bar.tick + bar.len_beat * bar.n_beats)))
    for (int beat = 0; beat < bar.n_beats && (size_t)n < room; beat++) {
      int64_t tick = bar.tick + beat * bar.len_beat;
      if (tick < 0) continue;
      at[n] = sample_of(studio, (double)tick);
      strong[n++] = beat == 0;
    }
  bool done = at && strong && nm_transport_set_clicks(studio->transport, at, strong, n);
  free(at);
  free(strong);
  return done;
}

void nm_studio_set_clicks(NmStudio *studio, bool clicks)
{
  studio->clicks = clicks && (studio->tracing.on || set_clicks(studio));
  if (!studio->clicks || studio->tracing.on) (void)nm_transport_set_clicks(studio->transport, NULL, NULL, 0);
}

void nm_studio_audition(NmStudio *studio, int pitch)
{
  if (!studio->heard.plays) nm_transport_audition(studio->transport, 440 * exp2((pitch - 69) / 12.));
}

static void release_phrase(void *owner)
{
  nm_sung_phrase_release(owner);
}

static void release_pieces(NmPlaybackPiece *pieces, int32_t n)
{
  for (int32_t i = 0; i < n; i++) nm_sung_phrase_release(pieces[i].owner);
}

// The pieces that are sung; a share of each for the playback.
static bool set_voice(NmPlayback *playback, const NmSung *sung)
{
  int32_t n = 0;
  NmPlaybackPiece *pieces = calloc((size_t)sung->n_places + 1, sizeof *pieces);
  if (!pieces) return false;
  for (int32_t i = 0; i < sung->n_places; i++) {
    const NmSungPlace *place = &sung->places[i];
    if (place->sound)
      pieces[n++] = (NmPlaybackPiece){place->start, place->n, place->sound->samples,
                                      nm_sung_phrase_share(place->sound)};
  }
  bool done = nm_playback_set_voice(playback, pieces, n, release_phrase) == NM_OK;
  if (!done) release_pieces(pieces, n);
  free(pieces);
  return done;
}

static void set_playback(NmStudio *studio, const NmSung *sung)
{
  NmPlayback *playback = nm_playback_new(nm_document_get_song(studio->doc));
  if (!playback || (sung && !set_voice(playback, sung))) {
    nm_playback_release(playback);
    return;
  }
  nm_playback_release(studio->playback);
  studio->playback = playback;
  if (!studio->tracing.on) nm_transport_set_playback(studio->transport, playback);
}

// What was sung is heard until it is known what is sung now.
void nm_studio_make_sound(NmStudio *studio)
{
  double from_s = nm_axis_get_seconds(&studio->model.time, studio->ruler_model.playhead);
  if (studio->voice) nm_studio_voice_sing(studio->voice, studio->doc, studio->verse, from_s);
  if (studio->band) nm_studio_band_play(studio->band, studio->doc, studio->verse);
  if (!studio->sung || !studio->voice) set_playback(studio, NULL);
  if (studio->clicks) nm_studio_set_clicks(studio, true);
  const NmRulerModel *ruler = nm_studio_get_ruler(studio);
  nm_studio_set_loop(studio, ruler->loop_from, ruler->loop_to, ruler->loops);
}

static bool make_pieces(NmStudio *studio, const NmSung *sung)
{
  NmWaveformPiece *pieces = calloc((size_t)sung->n_places + 1, sizeof *pieces);
  NmRollCurve *curves = calloc((size_t)sung->n_places + 1, sizeof *curves);
  if (!pieces || !curves) {
    free(pieces);
    free(curves);
    return false;
  }
  free(studio->pieces);
  free(studio->curves);
  studio->pieces = pieces;
  studio->curves = curves;
  studio->n_pieces = 0;
  for (int32_t i = 0; i < sung->n_places; i++) {
    const NmSungPlace *place = &sung->places[i];
    const NmSungPhrase *sound = place->sound;
    curves[i] = (NmRollCurve){(double)place->start / NM_VOICE_RATE_HZ,
                              (double)NM_VOICE_HOP / NM_VOICE_RATE_HZ, place->pitch, place->n_frames};
    if (sound)
      pieces[studio->n_pieces++] = (NmWaveformPiece){
          place->start, place->n, sound->peaks, sound->spectrum, sound->n_frames, NM_N_MELS, place->key[0]};
  }
  return true;
}

void nm_studio_forget_sung(NmStudio *studio)
{
  nm_sung_release(studio->sung);
  studio->sung = NULL;
  studio->n_pieces = 0;
}

void nm_studio_take_sung(NmStudio *studio)
{
  if (!studio->voice) return;
  studio->voice_state = nm_studio_voice_get_state(studio->voice);
  NmSung *sung = nm_studio_voice_get(studio->voice);
  bool is_new = sung && sung != studio->sung && sung->revision == nm_document_get_revision(studio->doc);
  if (!is_new || !make_pieces(studio, sung)) {
    nm_sung_release(sung);
    return;
  }
  nm_sung_release(studio->sung);
  studio->sung = sung;
  set_playback(studio, sung);
}

NmStatus nm_studio_start_voice(NmStudio *studio)
{
  studio->voice = nm_studio_voice_new(nm_studio_wake, studio->kit);
  studio->ear = nm_studio_ear_new(nm_studio_wake, studio->kit);
  studio->band = nm_studio_band_new(nm_studio_wake, studio->kit);
  if (!studio->voice || !studio->ear || !studio->band) return NM_ERR_NO_MEMORY;
  nm_studio_make_sound(studio);
  return NM_OK;
}

// The band plays beside the song, not beside a clip.
static void take_band(NmStudio *studio)
{
  bool heard = studio->band && !studio->mutes_band && !studio->tracing.on;
  NmPlayback *sound = heard ? nm_studio_band_get(studio->band) : NULL;
  if (sound != studio->band_heard) nm_transport_set_band(studio->transport, sound);
  nm_playback_release(studio->band_heard);
  studio->band_heard = sound;
}

static void take_model(NmStudio *studio)
{
  studio->model.roll.curves = studio->curves;
  studio->model.roll.n_curves = studio->sung ? studio->sung->n_places : 0;
}

// Where it is while it plays, and where it began when that has ended.
static void move_playhead(NmStudio *studio, bool played)
{
  NmRulerModel *ruler = nm_studio_get_ruler(studio);
  if (!studio->heard.plays) {
    if (played) ruler->playhead = studio->played_from;
    return;
  }
  double seconds = (double)studio->heard.heard / NM_PLAYBACK_RATE_HZ;
  ruler->playhead = nm_axis_get_tick_of_seconds(get_time(studio), seconds);
  nm_axis_follow(nm_studio_get_axis(studio), ruler->playhead);
  nm_kit_animate(studio->kit, 1. / 60);
}

void nm_studio_hear(NmStudio *studio)
{
  nm_studio_take_sung(studio);
  take_band(studio);
  take_model(studio);
  bool played = studio->heard.plays;
  studio->heard = nm_transport_get_state(studio->transport);
  if (studio->heard.trouble[0]) nm_studio_say(studio, "%s", studio->heard.trouble);
  if (studio->heard.notice[0]) nm_studio_say(studio, "%s", studio->heard.notice);
  move_playhead(studio, played);
  bool sings = studio->heard.plays && !studio->tracing.on;
  nm_studio_model_hear(&studio->model, sings ? (int64_t)studio->ruler_model.playhead : -1);
}
