// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the studio in which somebody shows how they hear: they listen to a clip, draw valence and
// arousal over it, and a listener is learned from that.
#ifndef NM_STUDIO_TRACING_H
#define NM_STUDIO_TRACING_H

#include "app/studio/drawn.h"
#include "app/studio/learner.h"
#include "app/studio/studio.h"
#include "ui/views/plane.h"
#include "ui/views/ruler.h"
#include "ui/views/waveform.h"

// How a clip is heard, for the views. [valence, arousal]
typedef struct {
  NmCurvePoint *points[2]; // [n]
  NmFeeling *path;         // [n]
  int32_t n;
} NmHeardCurve;

// Zero-initialise, then nm_tracing_init.
typedef struct {
  bool on;     // it is shown instead of the song
  bool traces; // the mouse draws where the clip is played
  NmLearner *learner;
  NmClip *clip; // NULL: none yet
  NmPlayback *playback;
  NmEmotionRow *rows; // [before.n] people on average
  NmHeardCurve before, after;
  NmDrawn drawn;
  NmListener *listener; // NULL: none yet
  bool is_saved;
  uint64_t learns_step, learned_step; // nm_drawn_get_step of what is and what was learned from
  NmLearnScore score;

  NmAxisTime time;
  int64_t map_ticks[2];
  double map_seconds[2];
  NmBar bar;
  NmAxis axis;
  bool fits;
  NmRulerModel ruler_model;
  NmRuler ruler;
  NmWaveform waveform;
  NmWaveformPiece piece;
  uint64_t n_clips;              // so far
  NmCurve curves[2], strokes[2]; // of the lanes; of the plane
  NmRect lanes[2];               // where they are, in the last frame
} NmTracing;

void nm_tracing_init(NmTracing *tracing);
void nm_tracing_fini(NmTracing *tracing);

// Shows it or the song; what plays stops.
void nm_studio_trace(NmStudio *studio, bool on);

// What is listened to: the song as it sounds now, or a file.
void nm_studio_trace_song(NmStudio *studio);
void nm_studio_trace_file(NmStudio *studio, const char *path);

// Whether enough is drawn. Learns from what is drawn; gives up what is under way.
bool nm_studio_can_adapt(const NmStudio *studio);
void nm_studio_adapt(NmStudio *studio);
void nm_studio_stop_adapting(NmStudio *studio);

// What would be lost at the end.
typedef enum {
  NM_TRACING_KEPT,
  NM_TRACING_DRAWN, // what is drawn, and not learned from yet
  NM_TRACING_LEARNED
} NmTracingUnkept;
NmTracingUnkept nm_studio_get_unkept(const NmStudio *studio);

void nm_studio_clear_tracing(NmStudio *studio);
bool nm_studio_save_listener(NmStudio *studio, const char *path); // false after a warning
void nm_studio_load_listener(NmStudio *studio, const char *path);

// One step of drawing. [valence, arousal]
void nm_studio_trace_feeling(NmStudio *studio, const NmCurveEdit edits[2]);

// Every frame: takes what was found.
void nm_studio_follow_learner(NmStudio *studio);

// Instead of the song's lanes and of its plane.
void nm_studio_show_tracing(NmStudio *studio, NmRect rect);
void nm_studio_show_traced_plane(NmStudio *studio, NmRect rect);

#endif
