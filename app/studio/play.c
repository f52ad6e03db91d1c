// SPDX-License-Identifier: GPL-3.0-or-later
// What ties the transport to what is seen.
#include <math.h>
#include <stdlib.h>

#include "app/studio/state.h"
#include "ui/kit/words.h"

static int64_t sample_of(const NmStudio *studio, double tick)
{
  return llround(nm_axis_get_seconds(&studio->model.time, tick) * NM_SOUND_RATE_HZ);
}

void nm_studio_play(NmStudio *studio, bool plays)
{
  NmRulerModel *ruler = &studio->ruler_model;
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
  studio->ruler_model.playhead = studio->played_from = fmax(tick, 0);
  if (studio->heard.plays) nm_transport_play(studio->transport, sample_of(studio, studio->played_from));
}

void nm_studio_set_loop(NmStudio *studio, int64_t from, int64_t to, bool loops)
{
  NmRulerModel *ruler = &studio->ruler_model;
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
  studio->clicks = clicks && set_clicks(studio);
  if (!studio->clicks) (void)nm_transport_set_clicks(studio->transport, NULL, NULL, 0);
}

void nm_studio_audition(NmStudio *studio, int pitch)
{
  if (!studio->heard.plays) nm_transport_audition(studio->transport, 440 * exp2((pitch - 69) / 12.));
}

void nm_studio_make_sound(NmStudio *studio)
{
  NmSound *sound = nm_sound_new(nm_document_get_song(studio->doc));
  if (!sound) return;
  nm_sound_release(studio->sound);
  studio->sound = sound;
  nm_transport_set_sound(studio->transport, sound);
  if (studio->clicks) nm_studio_set_clicks(studio, true);
  nm_studio_set_loop(studio, studio->ruler_model.loop_from, studio->ruler_model.loop_to,
                     studio->ruler_model.loops);
}

void nm_studio_hear(NmStudio *studio)
{
  bool played = studio->heard.plays;
  studio->heard = nm_transport_get_state(studio->transport);
  if (studio->heard.trouble[0]) nm_studio_say(studio, "%s", studio->heard.trouble);
  if (studio->heard.plays) {
    double tick =
        nm_axis_get_tick_of_seconds(&studio->model.time, (double)studio->heard.heard / NM_SOUND_RATE_HZ);
    studio->ruler_model.playhead = tick;
    nm_axis_follow(&studio->axis, tick);
    nm_kit_animate(studio->kit, 1. / 60);
  } else if (played) {
    studio->ruler_model.playhead = studio->played_from;
  }
  nm_studio_model_hear(&studio->model, studio->heard.plays ? (int64_t)studio->ruler_model.playhead : -1);
}
