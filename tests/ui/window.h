// SPDX-License-Identifier: GPL-3.0-or-later
// The studio in a window of an X server without a screen, driven by the events that a mouse and a keyboard
// send (xdotool), and looked at by its pixels. Nothing here waits for a fixed time: what is waited for is
// seen, with patience for slow machines.
#ifndef NM_TESTS_UI_WINDOW_H
#define NM_TESTS_UI_WINDOW_H

#include <stdbool.h>
#include <sys/types.h>

#include "ui/kit/theme.h"

enum { WINDOW_WIDTH = 1280, WINDOW_HEIGHT = 800, WINDOW_PATIENCE_S = 100 };

typedef struct {
  int x, y, w, h; // pixels
} WindowPart;

#define WINDOW_ALL ((WindowPart){0, 0, WINDOW_WIDTH, WINDOW_HEIGHT})

// Starts a server with a folder of its own in `folder` [64], which is the home of what is started, and in
// which sound goes nowhere. Stops the test when there is no Xvfb or xdotool.
void window_begin(char *folder);
void window_end(void);

// Starts the studio with a song, NULL for none, and waits until the window is there and still; kills it;
// asks whether it has ended, with its exit code.
void window_open(const char *path);
void window_kill(void);
bool window_has_ended(int *code);
pid_t window_get_pid(void);

// Keys ("Up Up ctrl+s") and text; none of them waits for what comes of it.
void window_press(const char *keys);
void window_type(const char *text);
void window_click(int x, int y);
void window_drag(int x0, int y0, int x1, int y1);

// Pixels of a colour, by 0xRRGGBBAA, each part no farther than `tolerance`; a number that stands for what is
// there.
int window_count(WindowPart part, NmInk ink, int tolerance);
uint64_t window_hash(WindowPart part);

// Waits until nothing has changed for so many seconds.
void window_wait_until_still(WindowPart part, double seconds);

// Keeps a picture in `folder`.
void window_keep(const char *folder, const char *name);

void window_sleep(double seconds);

// Waits for a condition; says which one when it does not come true.
#define WINDOW_WAIT(condition)                                                                               \
  do {                                                                                                       \
    for (int i_wait = 0; !(condition); i_wait++) {                                                           \
      if (i_wait == WINDOW_PATIENCE_S * 20) {                                                                \
        window_keep("window-pictures", "stuck");                                                             \
        fail_msg("waited in vain for %s: see window-pictures/stuck.png", #condition);                        \
      }                                                                                                      \
      window_sleep(.05);                                                                                     \
    }                                                                                                        \
  } while (0)

#endif
