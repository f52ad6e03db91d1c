// SPDX-License-Identifier: GPL-3.0-or-later
// A window of the system by SDL2: its events, its clipboard, and getting a picture onto it, by OpenGL or,
// where that is missing, pixel by pixel. For the kit; one thread but for nm_window_wake.
#ifndef NM_UI_KIT_WINDOW_H
#define NM_UI_KIT_WINDOW_H

#include "dsp/base/status.h"
#include "ui/kit/input.h"
#include "ui/kit/raster.h"

typedef struct NmWindow NmWindow;

// width, height in units of 1/96 inch; scale pixels for each, 0: what the display asks for. Events go to
// `queue`. NULL and `err` (NM_ERR_IO) when there is no display.
NmWindow *nm_window_new(const char *title, int width, int height, float scale, NmInputQueue *queue,
                        NmError *err);
void nm_window_free(NmWindow *window);

// Puts the events that came into the queue; waits for the first for at most timeout_s, without end when it is
// negative.
void nm_window_wait(NmWindow *window, double timeout_s);
void nm_window_wake(NmWindow *window); // any thread

void nm_window_set_title(NmWindow *window, const char *title);
void nm_window_get_size(const NmWindow *window, int *width, int *height); // pixels
float nm_window_get_scale(const NmWindow *window);                        // pixels per unit
void nm_window_set_scale(NmWindow *window, float scale);                  // 0: what the display asks for
void nm_window_set_cursor(NmWindow *window, int cursor);                  // NmCursor

// Whether text is typed, and where (units), for input methods.
void nm_window_set_typing(NmWindow *window, bool typing);
void nm_window_set_typing_place(NmWindow *window, float x, float y, float height);

// To be freed by nm_window_free_text.
char *nm_window_get_clipboard(void);
void nm_window_free_text(char *text);
void nm_window_set_clipboard(const char *text);

// With OpenGL: clears, shows, and reads the picture before it is shown; textures, 0 when it fails.
bool nm_window_has_gl(const NmWindow *window);
void nm_window_clear(NmWindow *window, uint32_t ink);
void nm_window_show(NmWindow *window);
void nm_window_read(NmWindow *window, NmPixels *pixels);
unsigned nm_window_texture_new(NmWindow *window, int width, int height);
void nm_window_texture_set(NmWindow *window, unsigned texture, const NmPixels *pixels);
void nm_window_texture_free(NmWindow *window, unsigned texture);

// Without it.
void nm_window_show_pixels(NmWindow *window, const NmPixels *pixels);

#endif
