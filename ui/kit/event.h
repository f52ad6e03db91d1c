// SPDX-License-Identifier: GPL-3.0-or-later
// What the window system tells, in plain structs: from SDL, or made up by a test.
#ifndef NM_UI_KIT_EVENT_H
#define NM_UI_KIT_EVENT_H

#include <stdbool.h>

// A key: the lower-case character that it bears without Shift for those that bear one in ASCII ('a', '1',
// '+'), else one of these. By the keyboard's layout, not by place.
enum {
  NM_KEY_TAB = 9,
  NM_KEY_ENTER = 13,
  NM_KEY_ESCAPE = 27,
  NM_KEY_SPACE = 32,
  NM_KEY_DELETE = 127,
  NM_KEY_BACKSPACE,
  NM_KEY_LEFT,
  NM_KEY_RIGHT,
  NM_KEY_UP,
  NM_KEY_DOWN,
  NM_KEY_PAGE_UP,
  NM_KEY_PAGE_DOWN,
  NM_KEY_HOME,
  NM_KEY_END,
  NM_KEY_INSERT,
  NM_KEY_MENU,
  NM_KEY_SHIFT,
  NM_KEY_CTRL,
  NM_KEY_ALT,
  NM_KEY_SUPER,
  NM_KEY_F1,
  NM_KEY_F12 = NM_KEY_F1 + 11,
  NM_KEYS // how many
};

enum { NM_MOD_SHIFT = 1, NM_MOD_CTRL = 2, NM_MOD_ALT = 4, NM_MOD_SUPER = 8 };
enum { NM_BUTTON_LEFT, NM_BUTTON_RIGHT, NM_BUTTON_MIDDLE, NM_BUTTONS };

typedef enum {
  NM_EVENT_WAKE,    // nothing happened; a frame is due
  NM_EVENT_MOVE,    // x, y
  NM_EVENT_LEAVE,   // the pointer left the window
  NM_EVENT_BUTTON,  // button, down; at x, y
  NM_EVENT_WHEEL,   // x, y: steps to the right and up
  NM_EVENT_KEY,     // key, down, repeat
  NM_EVENT_TEXT,    // text: typed, or the end of a composition
  NM_EVENT_COMPOSE, // text: what an input method has composed so far
  NM_EVENT_DROP,    // path, owned by the event: a file dragged onto the window
  NM_EVENT_FOCUS,   // down: whether the window has the keyboard
  NM_EVENT_CLOSE    // the window is asked to close
} NmEventKind;

typedef struct {
  NmEventKind kind;
  float x, y; // units of the interface (ui/kit/kit.h)
  int button, key;
  bool down, repeat;
  char text[32]; // UTF-8
  char *path;
} NmEvent;

#endif
