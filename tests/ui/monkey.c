// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/monkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/studio/actions.h"
#include "dsp/base/rng.h"
#include "tests/ui/fake_muse.h"

typedef struct {
  Puppet *puppet;
  NmRng rng;
  float x, y;
  bool down[NM_BUTTONS];
} Monkey;

static int below(Monkey *monkey, int n)
{
  return (int)nm_rng_below(&monkey->rng, (uint64_t)n);
}

static void post(Monkey *monkey, NmEvent event)
{
  nm_kit_post(monkey->puppet->kit, &event);
}

static void move(Monkey *monkey)
{
  bool far = below(monkey, 3) == 0;
  monkey->x = far ? (float)below(monkey, 1290) - 5 : monkey->x + (float)below(monkey, 41) - 20;
  monkey->y = far ? (float)below(monkey, 810) - 5 : monkey->y + (float)below(monkey, 41) - 20;
  post(monkey, (NmEvent){.kind = NM_EVENT_MOVE, .x = monkey->x, .y = monkey->y});
}

static void press(Monkey *monkey)
{
  int button = below(monkey, 6) == 0 ? 1 + below(monkey, 2) : 0;
  monkey->down[button] = !monkey->down[button];
  post(monkey, (NmEvent){.kind = NM_EVENT_BUTTON,
                         .button = button,
                         .down = monkey->down[button],
                         .x = monkey->x,
                         .y = monkey->y});
}

static void turn_wheel(Monkey *monkey)
{
  post(monkey,
       (NmEvent){.kind = NM_EVENT_WHEEL, .x = (float)below(monkey, 5) - 2, .y = (float)below(monkey, 5) - 2});
}

static int random_key(Monkey *monkey)
{
  static const int keys[] = {NM_KEY_TAB,  NM_KEY_ENTER,   NM_KEY_ESCAPE,   NM_KEY_SPACE, NM_KEY_DELETE,
                             NM_KEY_LEFT, NM_KEY_RIGHT,   NM_KEY_UP,       NM_KEY_DOWN,  NM_KEY_HOME,
                             NM_KEY_END,  NM_KEY_PAGE_UP, NM_KEY_BACKSPACE};
  int n = sizeof keys / sizeof *keys;
  return below(monkey, 2) ? keys[below(monkey, n)] : 1 + below(monkey, NM_KEYS - 1);
}

static void press_key(Monkey *monkey)
{
  static const int mods[] = {NM_KEY_SHIFT, NM_KEY_CTRL, NM_KEY_ALT};
  int key = random_key(monkey), mod = below(monkey, 2) ? mods[below(monkey, 3)] : 0;
  if (mod) post(monkey, (NmEvent){.kind = NM_EVENT_KEY, .key = mod, .down = true});
  post(monkey, (NmEvent){.kind = NM_EVENT_KEY, .key = key, .down = true});
  if (key < 127 && key >= 32 && !mod) post(monkey, (NmEvent){.kind = NM_EVENT_TEXT, .text = {(char)key}});
  post(monkey, (NmEvent){.kind = NM_EVENT_KEY, .key = key});
  if (mod) post(monkey, (NmEvent){.kind = NM_EVENT_KEY, .key = mod});
}

// A key that does something: one of the table.
static void press_shortcut(Monkey *monkey)
{
  int n = 0;
  while (nm_actions[n].menu) n++;
  NmShortcut shortcut = nm_actions[below(monkey, n)].shortcut;
  if (shortcut.key) puppet_key(monkey->puppet, shortcut.key, shortcut.mods);
}

static void type(Monkey *monkey)
{
  static const char *const texts[] = {"a", "-", " ", "_", "la-", "é", "ж", "歌", "\xf0\x9f\x8e\xb5", "'"};
  NmEvent event = {.kind = NM_EVENT_TEXT};
  strcpy(event.text, texts[below(monkey, sizeof texts / sizeof *texts)]);
  post(monkey, event);
}

static void upset(Monkey *monkey)
{
  static const NmEventKind kinds[] = {NM_EVENT_LEAVE, NM_EVENT_FOCUS, NM_EVENT_WAKE, NM_EVENT_COMPOSE};
  post(monkey, (NmEvent){.kind = kinds[below(monkey, 4)], .down = below(monkey, 2), .text = "か"});
}

static void (*const deeds[])(Monkey *) = {move,       move,      move,           press, press,
                                          turn_wheel, press_key, press_shortcut, type,  upset};

static char *print(const Puppet *puppet)
{
  char *bytes;
  size_t n;
  assert_int_equal(nm_document_print(puppet->studio->doc, &bytes, &n, NULL), NM_OK);
  return bytes;
}

static void let_go(Monkey *monkey)
{
  for (int i = 0; i < NM_BUTTONS; i++)
    if (monkey->down[i])
      post(monkey, (NmEvent){.kind = NM_EVENT_BUTTON, .button = i, .x = monkey->x, .y = monkey->y});
  post(monkey, (NmEvent){.kind = NM_EVENT_FOCUS, .down = true});
  for (int i = 0; i < 8; i++) puppet_key(monkey->puppet, NM_KEY_ESCAPE, 0);
}

// Undone one after the other; nothing may stand in the way.
static int go_through(NmDocument *doc, NmStatus (*step)(NmDocument *, NmError *),
                      const char *(*next)(const NmDocument *))
{
  NmError err = {0};
  int n = 0;
  for (; next(doc); n++)
    if (step(doc, &err)) fail_msg("%s", err.message);
  return n;
}

void monkey_play(Puppet *puppet, uint64_t seed, int64_t n_deeds)
{
  Monkey monkey = {.puppet = puppet, .x = 600, .y = 400};
  NmDocument *doc = puppet->studio->doc;
  char *before = print(puppet);
  nm_rng_init(&monkey.rng, seed);
  puppet->studio->no_files = true;
  fake_muse_install(puppet);
  for (int64_t i = 0; i < n_deeds; i++) {
    deeds[below(&monkey, sizeof deeds / sizeof *deeds)](&monkey);
    if (below(&monkey, 3) == 0) nm_studio_frame(puppet->studio);
  }
  let_go(&monkey);
  while (nm_document_get_redo(doc)) assert_int_equal(nm_document_redo(doc, NULL), NM_OK);
  char *after = print(puppet);
  int n_undone = go_through(doc, nm_document_undo, nm_document_get_undo);
  char *undone = print(puppet);
  assert_string_equal(before, undone);
  assert_int_equal(go_through(doc, nm_document_redo, nm_document_get_redo), n_undone);
  char *redone = print(puppet);
  assert_string_equal(after, redone);
  puppet_rest(puppet);
  print_message("seed %llu: %lld deeds, %d steps\n", (unsigned long long)seed, (long long)n_deeds, n_undone);
  free(before);
  free(after);
  free(undone);
  free(redone);
}
