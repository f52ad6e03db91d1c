// SPDX-License-Identifier: GPL-3.0-or-later
// Events become frames that can tell them apart, however fast they came.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/fail_alloc.h"
#include "ui/kit/input.h"

typedef struct {
  NmInputQueue *queue;
  NmInput input;
} Case;

static void set_up(Case *c)
{
  memset(c, 0, sizeof *c);
  c->queue = nm_input_queue_new();
  assert_non_null(c->queue);
}

static void tear_down(Case *c)
{
  nm_input_queue_free(c->queue);
  nm_input_fini(&c->input);
}

static void push_key(Case *c, int key, bool down)
{
  nm_input_queue_push(c->queue, &(NmEvent){.kind = NM_EVENT_KEY, .key = key, .down = down});
}

static void push_text(Case *c, const char *text)
{
  NmEvent event = {.kind = NM_EVENT_TEXT};
  strcpy(event.text, text);
  nm_input_queue_push(c->queue, &event);
}

static void push_move(Case *c, float x, float y)
{
  nm_input_queue_push(c->queue, &(NmEvent){.kind = NM_EVENT_MOVE, .x = x, .y = y});
}

static void push_button(Case *c, int button, bool down, float x, float y)
{
  nm_input_queue_push(c->queue,
                      &(NmEvent){.kind = NM_EVENT_BUTTON, .button = button, .down = down, .x = x, .y = y});
}

static const NmInput *next(Case *c)
{
  nm_input_queue_next(c->queue, &c->input);
  return &c->input;
}

static void a_key_that_goes_down_and_up_is_seen(void **state)
{
  Case c;
  set_up(&c);
  push_key(&c, 'a', true);
  push_text(&c, "a");
  push_key(&c, 'a', false);
  push_key(&c, 'b', true);
  push_text(&c, "b");
  push_key(&c, 'b', false);
  const NmInput *in = next(&c);
  assert_int_equal(in->key, 'a');
  assert_string_equal(in->text, "a");
  assert_true(in->held['a']);
  next(&c);
  assert_int_equal(in->key, 'b');
  assert_string_equal(in->text, "b");
  assert_false(in->held['a']);
  next(&c);
  assert_int_equal(in->key, 0);
  assert_string_equal(in->text, "");
  assert_false(in->held['b']);
  assert_true(nm_input_queue_is_empty(c.queue));
  tear_down(&c);
}

static void a_click_is_where_it_was(void **state)
{
  Case c;
  set_up(&c);
  push_move(&c, 10, 20);
  push_button(&c, NM_BUTTON_LEFT, true, 11, 20);
  push_move(&c, 50, 60);
  push_move(&c, 70, 80);
  push_button(&c, NM_BUTTON_LEFT, false, 70, 80);
  push_move(&c, 0, 0);
  const NmInput *in = next(&c);
  assert_true(in->pressed[NM_BUTTON_LEFT] && in->down[NM_BUTTON_LEFT]);
  assert_true(in->x == 11 && in->y == 20);
  next(&c);
  assert_true(in->released[NM_BUTTON_LEFT] && !in->down[NM_BUTTON_LEFT] && !in->pressed[NM_BUTTON_LEFT]);
  assert_true(in->x == 70 && in->y == 80 && in->dx == 59 && in->dy == 60);
  assert_int_equal(in->n_path, 3);
  assert_true(in->path[0].x == 50 && in->path[1].x == 70);
  next(&c);
  assert_true(in->x == 0 && !in->released[NM_BUTTON_LEFT]);
  tear_down(&c);
}

static void modifiers_count_for_what_comes_after_them(void **state)
{
  Case c;
  set_up(&c);
  push_key(&c, 'z', true);
  push_key(&c, 'z', false);
  push_key(&c, NM_KEY_CTRL, true);
  push_key(&c, 'z', true);
  push_key(&c, 'z', false);
  push_key(&c, NM_KEY_CTRL, false);
  push_button(&c, NM_BUTTON_RIGHT, true, 1, 1);
  const NmInput *in = next(&c);
  assert_true(in->key == 'z' && in->mods == 0);
  bool seen = false;
  while (!nm_input_queue_is_empty(c.queue)) {
    next(&c);
    if (in->key == 'z') {
      assert_int_equal(in->mods, NM_MOD_CTRL);
      seen = true;
    }
  }
  assert_true(seen);
  assert_true(in->pressed[NM_BUTTON_RIGHT] && in->mods == 0);
  tear_down(&c);
}

static void nothing_is_held_after_the_keyboard_went_elsewhere(void **state)
{
  Case c;
  set_up(&c);
  push_key(&c, NM_KEY_ALT, true);
  push_key(&c, NM_KEY_TAB, true);
  nm_input_queue_push(c.queue, &(NmEvent){.kind = NM_EVENT_FOCUS, .down = false});
  while (!nm_input_queue_is_empty(c.queue)) next(&c);
  assert_int_equal(c.input.mods, 0);
  assert_false(c.input.held[NM_KEY_TAB]);
  assert_false(c.input.has_focus);
  tear_down(&c);
}

static void files_are_dropped_one_a_frame(void **state)
{
  Case c;
  set_up(&c);
  nm_input_queue_push(c.queue, &(NmEvent){.kind = NM_EVENT_DROP, .path = strdup("a.mid")});
  nm_input_queue_push(c.queue, &(NmEvent){.kind = NM_EVENT_DROP, .path = strdup("b.mid")});
  nm_input_queue_push(c.queue, &(NmEvent){.kind = NM_EVENT_DROP, .path = strdup("c.mid")});
  assert_string_equal(next(&c)->dropped, "a.mid");
  assert_string_equal(next(&c)->dropped, "b.mid");
  tear_down(&c); // with one in the frame and one that waits: nothing leaks
}

static void long_texts_and_paths_are_cut_into_frames(void **state)
{
  Case c;
  size_t n = 0;
  int n_points = 0, n_frames = 0;
  set_up(&c);
  for (int i = 0; i < 40; i++) push_text(&c, "twelve bytes");
  for (int i = 0; i < 1000; i++) push_move(&c, (float)i, 0);
  do {
    next(&c);
    n += strlen(c.input.text);
    n_points += c.input.n_path;
    n_frames++;
  } while (!nm_input_queue_is_empty(c.queue));
  assert_int_equal(n, 480);
  assert_int_equal(n_points, 1000);
  assert_true(n_frames >= 8 && n_frames < 12);
  tear_down(&c);
}

static bool push_many(void *ctx)
{
  NmInputQueue *queue = nm_input_queue_new();
  NmInput input = {0};
  bool complete = queue;
  for (int i = 0; queue && i < 200; i++) {
    char *path = strdup("file");
    complete = complete && path;
    nm_input_queue_push(queue, &(NmEvent){.kind = NM_EVENT_DROP, .path = path});
  }
  int n = 0;
  while (queue && !nm_input_queue_is_empty(queue)) {
    nm_input_queue_next(queue, &input);
    n += input.dropped != NULL;
  }
  nm_input_queue_free(queue);
  nm_input_fini(&input);
  return complete && n == 200;
}

static void memory_may_run_out(void **state)
{
  assert_true(nm_fail_alloc_each(push_many, NULL, false) > 200);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_key_that_goes_down_and_up_is_seen),
                                     cmocka_unit_test(a_click_is_where_it_was),
                                     cmocka_unit_test(modifiers_count_for_what_comes_after_them),
                                     cmocka_unit_test(nothing_is_held_after_the_keyboard_went_elsewhere),
                                     cmocka_unit_test(files_are_dropped_one_a_frame),
                                     cmocka_unit_test(long_texts_and_paths_are_cut_into_frames),
                                     cmocka_unit_test(memory_may_run_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
