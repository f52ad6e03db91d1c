// SPDX-License-Identifier: GPL-3.0-or-later
// The piano roll: notes with their syllables over the time axis. What the mouse does is answered as an edit
// to be made; the view changes nothing but what is selected.
#ifndef NM_UI_VIEWS_ROLL_H
#define NM_UI_VIEWS_ROLL_H

#include "ui/kit/widget.h"
#include "ui/views/axis.h"

typedef struct {
  int64_t onset, len; // ticks
  int16_t pitch;      // MIDI key
  bool continues;     // sings on the syllable of the note before
  const char *text;   // what is sung, "hap-"; NULL or empty for nothing
} NmRollNote;

// A pitch that moves: a value every so many seconds.
typedef struct {
  double start_s, step_s;
  const float *keys; // [n] MIDI keys
  int32_t n;
} NmRollCurve;

typedef struct {
  const NmRollNote *notes; // [n] by onset, not overlapping
  uint8_t *selected;       // [n] 0 or 1
  int n;
  uint16_t scale;            // bit i: pitch class i is of the key, 0: not known
  int64_t sounding;          // a tick that is heard now, -1: none
  const NmRollCurve *curves; // [n_curves] what is sung, by start
  int n_curves;
  bool draws;        // the left button draws notes
  const char *title; // of the lane, for the keyboard's focus
} NmRollModel;

typedef enum {
  NM_ROLL_NOTHING,
  NM_ROLL_MOVE,    // the selected by ticks, semitones
  NM_ROLL_START,   // their beginnings by ticks
  NM_ROLL_END,     // their ends by ticks
  NM_ROLL_ADD,     // a note at tick, ticks long, of pitch
  NM_ROLL_TEXT,    // the syllable of a note is to be typed: nm_roll_get_rect says where
  NM_ROLL_MENU,    // the right button was pressed
  NM_ROLL_AUDITION // a pitch is to be heard
} NmRollEditKind;

typedef struct {
  NmRollEditKind kind;
  int note; // under the pointer, -1 for none
  int64_t tick, ticks;
  int semitones, pitch;
} NmRollEdit;

typedef enum {
  NM_ROLL_IDLE,
  NM_ROLL_MOVING,
  NM_ROLL_STARTING,
  NM_ROLL_ENDING,
  NM_ROLL_BOXING,
  NM_ROLL_DRAWING
} NmRollDrag;

// Zero-initialised.
typedef struct {
  double top; // pitch at the upper edge, its row below
  float row;  // units of a row, 0: to be chosen
  NmRollDrag drag;
  int note;         // that is dragged
  double tick_from; // where the drag began
  float y_from;
  int pitch_from, audible; // the pitch that was asked to be heard last
  int64_t ticks;           // how far it is now
  int semitones;
  bool was_selected, moved;
  bool selects; // in this frame what is selected may have changed
} NmRoll;

enum { NM_ROLL_KEYS_WIDTH = 56 };

// `rect` has the keys at its left, of NM_ROLL_KEYS_WIDTH; the axis begins behind them. The wheel scrolls,
// with Ctrl zooms along time and with Ctrl and Shift the height of rows. Without Ctrl, what is dragged snaps.
NmRollEdit nm_roll_show(NmKit *kit, NmRoll *roll, const NmRollModel *model, NmAxis *axis, NmRect rect);

// Where a note is drawn; what is needed of the rows to have all notes in sight, or one.
NmRect nm_roll_get_rect(const NmRoll *roll, const NmAxis *axis, NmRect rect, const NmRollNote *note);
void nm_roll_fit(NmRoll *roll, const NmRollModel *model, float height);
void nm_roll_reveal(NmRoll *roll, int pitch, float height);

// The first note that ends after a tick: n when there is none.
int nm_roll_find(const NmRollModel *model, double tick);

// For roll.c: draws everything, the selected notes displaced by a drag. `hovered` may be -1.
void nm_roll_draw(NmKit *kit, const NmRoll *roll, const NmRollModel *model, const NmAxis *axis, NmRect rect,
                  int hovered);
// What a note looks like while it is dragged.
NmRollNote nm_roll_get_dragged(const NmRoll *roll, const NmRollModel *model, const NmAxis *axis, int note);

#endif
