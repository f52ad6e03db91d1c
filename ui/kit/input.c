// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/input.h"

#include <stdlib.h>
#include <string.h>

struct NmInputQueue {
  NmEvent *events; // [n], from `first`
  int first, n, room;
};

NmInputQueue *nm_input_queue_new(void)
{
  return calloc(1, sizeof(NmInputQueue));
}

void nm_input_queue_free(NmInputQueue *queue)
{
  if (!queue) return;
  for (int i = queue->first; i < queue->n; i++) free(queue->events[i].path);
  free(queue->events);
  free(queue);
}

bool nm_input_queue_is_empty(const NmInputQueue *queue)
{
  return queue->first == queue->n;
}

static bool make_room(NmInputQueue *queue)
{
  if (queue->first > 0 && queue->n == queue->room) {
    queue->n -= queue->first;
    memmove(queue->events, queue->events + queue->first, (size_t)queue->n * sizeof *queue->events);
    queue->first = 0;
  }
  if (queue->n < queue->room) return true;
  int room = queue->room ? 2 * queue->room : 64;
  NmEvent *events = realloc(queue->events, (size_t)room * sizeof *events);
  if (!events) return false;
  queue->events = events;
  queue->room = room;
  return true;
}

void nm_input_queue_push(NmInputQueue *queue, const NmEvent *event)
{
  if (make_room(queue))
    queue->events[queue->n++] = *event;
  else
    free(event->path);
}

static const struct {
  int key;
  unsigned mod;
} modifiers[] = {{NM_KEY_SHIFT, NM_MOD_SHIFT},
                 {NM_KEY_CTRL, NM_MOD_CTRL},
                 {NM_KEY_ALT, NM_MOD_ALT},
                 {NM_KEY_SUPER, NM_MOD_SUPER}};

static unsigned modifier_of(int key)
{
  for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++)
    if (modifiers[i].key == key) return modifiers[i].mod;
  return 0;
}

static void begin_frame(NmInput *input)
{
  if (input->dropped) free(input->dropped);
  input->dropped = NULL;
  memset(input->pressed, 0, sizeof input->pressed);
  memset(input->released, 0, sizeof input->released);
  input->wheel_x = input->wheel_y = 0;
  input->n_path = 0;
  input->key = 0;
  input->repeat = input->close = false;
  input->text[0] = 0;
}

static bool has_click(const NmInput *input)
{
  for (int i = 0; i < NM_BUTTONS; i++)
    if (input->pressed[i] || input->released[i]) return true;
  return false;
}

static bool take_move(NmInput *input, const NmEvent *event)
{
  if (has_click(input) || input->n_path == NM_INPUT_PATH_MAX) return false;
  input->x = event->x;
  input->y = event->y;
  input->inside = true;
  input->path[input->n_path].x = event->x;
  input->path[input->n_path++].y = event->y;
  return true;
}

static bool take_button(NmInput *input, const NmEvent *event)
{
  if (has_click(input) || input->wheel_x != 0 || input->wheel_y != 0 || !take_move(input, event))
    return false;
  (event->down ? input->pressed : input->released)[event->button] = true;
  input->down[event->button] = event->down;
  return true;
}

static bool take_wheel(NmInput *input, const NmEvent *event)
{
  if (has_click(input)) return false;
  input->wheel_x += event->x;
  input->wheel_y += event->y;
  return true;
}

// A modifier changes the meaning of everything else in its frame, hence it begins one.
static bool take_modifier(NmInput *input, unsigned mod, bool down)
{
  if (input->key || has_click(input) || input->wheel_x != 0 || input->wheel_y != 0) return false;
  input->mods = down ? input->mods | mod : input->mods & ~mod;
  return true;
}

static bool take_key(NmInput *input, const NmEvent *event)
{
  unsigned mod = modifier_of(event->key);
  if (mod && !take_modifier(input, mod, event->down)) return false;
  if (event->down ? input->key != 0 || input->text[0] : input->key == event->key) return false;
  input->held[event->key] = event->down;
  if (!event->down) return true;
  input->key = event->key;
  input->repeat = event->repeat;
  return true;
}

static bool take_text(NmInput *input, const NmEvent *event)
{
  size_t len = strlen(input->text);
  if (len + strlen(event->text) >= sizeof input->text) return false;
  strcpy(input->text + len, event->text);
  input->composed[0] = 0;
  return true;
}

// Keys that go up while another window has the keyboard are never told.
static bool take_focus(NmInput *input, const NmEvent *event)
{
  input->has_focus = event->down;
  input->mods = 0;
  memset(input->held, 0, sizeof input->held);
  return true;
}

static bool take_drop(NmInput *input, const NmEvent *event)
{
  if (input->dropped) return false;
  input->dropped = event->path;
  return true;
}

static bool take(NmInput *input, const NmEvent *event)
{
  switch (event->kind) {
  case NM_EVENT_WAKE: return true;
  case NM_EVENT_MOVE: return take_move(input, event);
  case NM_EVENT_LEAVE: input->inside = false; return true;
  case NM_EVENT_BUTTON: return take_button(input, event);
  case NM_EVENT_WHEEL: return take_wheel(input, event);
  case NM_EVENT_KEY: return take_key(input, event);
  case NM_EVENT_TEXT: return take_text(input, event);
  case NM_EVENT_COMPOSE: memcpy(input->composed, event->text, sizeof input->composed); return true;
  case NM_EVENT_DROP: return take_drop(input, event);
  case NM_EVENT_FOCUS: return take_focus(input, event);
  case NM_EVENT_CLOSE: input->close = true; return true;
  }
  return true;
}

void nm_input_queue_next(NmInputQueue *queue, NmInput *input)
{
  float x = input->x, y = input->y;
  begin_frame(input);
  while (queue->first < queue->n && take(input, &queue->events[queue->first])) queue->first++;
  if (queue->first == queue->n) queue->first = queue->n = 0;
  input->dx = input->x - x;
  input->dy = input->y - y;
}

void nm_input_fini(NmInput *input)
{
  free(input->dropped);
  input->dropped = NULL;
}
