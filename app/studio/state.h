// SPDX-License-Identifier: GPL-3.0-or-later
// What the studio knows, for the files of this folder.
#ifndef NM_STUDIO_STATE_H
#define NM_STUDIO_STATE_H

#include <limits.h>

#include "app/jobs/lyrics.h"
#include "app/studio/attend.h"
#include "app/studio/audition.h"
#include "app/studio/band.h"
#include "app/studio/composing.h"
#include "app/studio/device.h"
#include "app/studio/dialogs.h"
#include "app/studio/feel.h"
#include "app/studio/lanes.h"
#include "app/studio/leave.h"
#include "app/studio/model.h"
#include "app/studio/render.h"
#include "app/studio/settings.h"
#include "app/studio/studio.h"
#include "app/studio/tour.h"
#include "app/studio/tracing.h"
#include "app/studio/transport.h"
#include "app/studio/voice.h"
#include "ui/kit/chooser.h"
#include "ui/views/phones.h"
#include "ui/views/waveform.h"

typedef enum {
  NM_CHOOSING_OPEN,
  NM_CHOOSING_SAVE,
  NM_CHOOSING_EXPORT,
  NM_CHOOSING_CLIP,
  NM_CHOOSING_SAVE_LISTENER,
  NM_CHOOSING_LOAD_LISTENER,
  NM_CHOOSING_FOLDER
} NmStudioChoosing;

struct NmStudio {
  NmKit *kit;
  NmDocument *doc; // never NULL
  NmStudioModel model;
  char path[PATH_MAX];   // empty: not in a file
  int verse;             // shown over the notes, 1...
  NmLyricsReader reader; // opened when it is first needed
  NmError err;           // of the last edit
  bool done;

  // Files.
  NmStudioWish wish;
  bool asks_song, asks_listener;
  char wished[PATH_MAX]; // the file that is to be opened
  NmChooser chooser;
  NmStudioChoosing choosing;
  char recover[PATH_MAX + 300]; // a document, or a journal of one that was never saved; empty: none
  int32_t n_recover;            // steps
  int n_journals;               // made so far
  NmStudioRender render;
  bool no_files; // nothing is opened and nothing written: for tests that press every key

  // What is heard.
  NmTransport *transport;
  NmPlayback *playback;
  NmTransportState heard; // in this frame
  NmStudioVoice *voice;   // NULL: the instrument alone plays
  NmStudioVoiceState voice_state;
  NmSung *sung;            // NULL: nothing is
  NmWaveformPiece *pieces; // [n_pieces] of what is sung
  NmRollCurve *curves;     // [sung->n_places]
  int n_pieces;
  NmStudioBand *band; // NULL: no band is heard
  NmPlayback *band_heard;
  bool mutes_band;
  NmStudioEar *ear;    // NULL: nobody listens
  NmPlayback *felt_of; // what it was given last
  NmFelt felt;
  bool clicks;        // a metronome
  double played_from; // tick to go back to
  NmTracing tracing;
  NmStudioDevice device;

  // What is composed.
  NmComposing composing;
  NmAudition audition;
  NmStudioAttention attention;

  // How it is looked at.
  NmAxis axis;
  bool fits; // the axis is to show the whole song once its width is known
  NmRulerModel ruler_model;
  NmRuler ruler;
  NmRoll roll;
  NmLyrics lyrics;
  NmWaveform waveform;
  NmLane lanes[NM_LANES];
  NmPhones phones;
  NmCurve curve_pitch, curve_valence, curve_arousal;
  bool hides_plane;
  NmSettings settings;
  NmDialogs dialogs;
  NmTour tour;
  int32_t typing_id; // of the note whose syllable is being typed, 0: none
  bool typing_begins;
  char typed[512], typed_before[512];
  bool draws;        // the mouse draws notes
  float width_words; // units
  NmRect roll_rect;  // where its notes are, in the last frame
  char status[600];
  bool status_is_warning;
};

// Of what is shown: the song, or the clip that is listened to.
NmRulerModel *nm_studio_get_ruler(NmStudio *studio);
NmAxis *nm_studio_get_axis(NmStudio *studio);

// Plays from the playhead, or stops and goes back to where it began.
void nm_studio_play(NmStudio *studio, bool plays);
// Moves the playhead, and what plays.
void nm_studio_seek(NmStudio *studio, double tick);
// As that, and a moment of it is heard.
void nm_studio_scrub(NmStudio *studio, double tick);
void nm_studio_set_loop(NmStudio *studio, int64_t from, int64_t to, bool loops);
void nm_studio_set_clicks(NmStudio *studio, bool clicks);
void nm_studio_audition(NmStudio *studio, int pitch);
// Before a frame is shown: where the playhead is.
void nm_studio_hear(NmStudio *studio);
// The document sounds otherwise.
void nm_studio_make_sound(NmStudio *studio);
// Takes what the voice has sung meanwhile.
void nm_studio_take_sung(NmStudio *studio);
void nm_studio_forget_sung(NmStudio *studio); // of another document
void nm_studio_wake(void *kit);               // for other threads

// Shows another document, which is the studio's from now on. On an error it stays the caller's.
NmStatus nm_studio_take(NmStudio *studio, NmDocument *doc) NM_NODISCARD;

// Makes the model anew when the document changed. NM_ERR_NO_MEMORY leaves the old one, which must not be
// shown.
NmStatus nm_studio_update(NmStudio *studio);

// The first and the last selected note, -1 for none; selects that one alone and brings it into sight.
int nm_studio_get_note(const NmStudio *studio);
int nm_studio_get_last_note(const NmStudio *studio);
void nm_studio_choose_note(NmStudio *studio, int note, bool extends);

#endif
