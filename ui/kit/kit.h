// SPDX-License-Identifier: GPL-3.0-or-later
// The window and the widgets of the studio behind a small C interface. This header has the window, the frame
// and the input; ui/kit/draw.h draws, ui/kit/widget.h has widgets. Dear ImGui and SDL2 do the work
// (ui/kit/kit.cpp, ui/kit/window.c) and are seen nowhere else.
//
//   while (!done) {
//     nm_kit_wait(kit);  // sleeps until something happened
//     nm_kit_begin(kit);
//     ...                // all widgets and drawing of this frame
//     nm_kit_end(kit);
//   }
//
// Places and sizes are in units of 1/96 inch, x to the right and y down from the window's corner; the kit
// multiplies them by the scale of the display. Strings are UTF-8. All calls from one thread but for
// nm_kit_wake. Nothing is drawn between events: who moves something by itself says so by nm_kit_animate.
#ifndef NM_UI_KIT_KIT_H
#define NM_UI_KIT_KIT_H

#include <stddef.h>
#include <stdint.h>

#include "dsp/base/status.h"
#include "ui/kit/input.h"
#include "ui/kit/theme.h"

typedef struct NmKit NmKit;

typedef struct {
  float x, y, w, h;
} NmRect;

typedef struct {
  const char *title;
  int width, height; // units
  float scale;       // pixels per unit; 0: what the display asks for
  NmTheme theme;
  const char *family; // of the font, as fontconfig names it; NULL: the system's sans-serif
  bool headless;      // no window: events come from nm_kit_post, pictures from nm_kit_screenshot
} NmKitConfig;

NmKitConfig nm_kit_defaults(void);

// Opens the window. NULL and `err` when there is no display, no font or no memory.
NmKit *nm_kit_new(const NmKitConfig *config, NmError *err);
void nm_kit_free(NmKit *kit);

// Waits until a frame is due: an event came, nm_kit_wake was called, or the time of nm_kit_animate is over.
// Headless it never waits.
void nm_kit_wait(NmKit *kit);
void nm_kit_begin(NmKit *kit);
void nm_kit_end(NmKit *kit);

// Any thread: another frame is due.
void nm_kit_wake(NmKit *kit);

// Asks for another frame within so many seconds.
void nm_kit_animate(NmKit *kit, double within_s);

// An event as if the window had told it; takes what it owns.
void nm_kit_post(NmKit *kit, const NmEvent *event);
// Whether events wait that did not fit into the last frame.
bool nm_kit_has_events(const NmKit *kit);

// Of this frame.
const NmInput *nm_kit_get_input(const NmKit *kit);
NmRect nm_kit_get_bounds(const NmKit *kit); // of the window
double nm_kit_get_time_s(const NmKit *kit); // since the kit was made; headless 1/60 a frame

// A key went down with these modifiers in this frame and no text field, menu or dialog wants it. Each is seen
// once.
bool nm_kit_take_key(NmKit *kit, int key, unsigned mods);
// As that, though a dialog or text field is open.
bool nm_kit_take_key_anyway(NmKit *kit, int key, unsigned mods);

// The window's title; whether a dialog, menu or text field has the keyboard.
void nm_kit_set_title(NmKit *kit, const char *title);
bool nm_kit_is_typing(const NmKit *kit);
bool nm_kit_is_popup_open(const NmKit *kit);
// Whether what has the keyboard is marked, as it is after Tab and not after a click.
bool nm_kit_is_focus_shown(const NmKit *kit);

void nm_kit_set_theme(NmKit *kit, NmTheme theme);
NmTheme nm_kit_get_theme(const NmKit *kit);
NmInk nm_kit_get_ink(const NmKit *kit, NmPaint paint);
void nm_kit_set_scale(NmKit *kit, float scale); // from the next frame; 0: that of the display
float nm_kit_get_scale(const NmKit *kit);

// The system's clipboard; the text is valid until the next call. Headless a private one.
const char *nm_kit_get_clipboard(NmKit *kit);
void nm_kit_set_clipboard(NmKit *kit, const char *text);

// A character that no installed font has and that was to be drawn, 0 when there was none so far.
unsigned nm_kit_get_missing_character(const NmKit *kit);

// Corners of all that was drawn in the last frame: what drawing costs.
int nm_kit_get_n_corners(const NmKit *kit);

// The last frame as a PNG file. NM_ERR_IO, NM_ERR_NO_MEMORY.
NmStatus nm_kit_screenshot(NmKit *kit, const char *path, NmError *err) NM_NODISCARD;

#endif
