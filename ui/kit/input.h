// SPDX-License-Identifier: GPL-3.0-or-later
// What happened between two frames. Events wait in a queue, and a frame takes as many as it can tell apart: a
// key that went down and up again, or a click and the movement after it, fall into different frames, however
// fast they came.
#ifndef NM_UI_KIT_INPUT_H
#define NM_UI_KIT_INPUT_H

#include "ui/kit/event.h"

enum { NM_INPUT_TEXT_MAX = 256, NM_INPUT_PATH_MAX = 128 };

// All belongs to the frame; x, y, inside, down, held and mods last.
typedef struct {
  float x, y, dx, dy; // d: since the last frame
  bool inside;        // the pointer is in the window
  bool down[NM_BUTTONS], pressed[NM_BUTTONS], released[NM_BUTTONS];
  float wheel_x, wheel_y;
  struct {
    float x, y;
  } path[NM_INPUT_PATH_MAX]; // where the pointer went, the last being x, y
  int n_path;
  int key; // that went down, 0 for none
  bool repeat;
  bool held[NM_KEYS];
  unsigned mods; // NM_MOD_...
  char text[NM_INPUT_TEXT_MAX], composed[32];
  char *dropped; // a file's path, or NULL
  bool close, has_focus;
} NmInput;

typedef struct NmInputQueue NmInputQueue;

NmInputQueue *nm_input_queue_new(void);
void nm_input_queue_free(NmInputQueue *queue);

// Takes the event and what it owns. It is dropped when memory is out.
void nm_input_queue_push(NmInputQueue *queue, const NmEvent *event);
bool nm_input_queue_is_empty(const NmInputQueue *queue);

// Makes `input` (zeroed before the first) that of the next frame.
void nm_input_queue_next(NmInputQueue *queue, NmInput *input);

// Frees what `input` owns.
void nm_input_fini(NmInput *input);

#endif
