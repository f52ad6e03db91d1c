// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/sheet.h"

#include <math.h>
#include <string.h>

#include "app/studio/actions.h"
#include "app/studio/state.h"
#include "ui/kit/widget.h"
#include "ui/kit/words.h"

enum { WIDTH = 1240, HEIGHT = 660, ROW = 19, COLUMN = 302, CHORD = 184 };

// What no menu has.
typedef struct {
  const char *what, *how; // what NULL: a title
} Gesture;

static const Gesture gestures[] = {{NULL, N_("Mouse")},
                                   {N_("Add a note"), N_("double click")},
                                   {N_("Select several"), N_("drag around them")},
                                   {N_("Not in the grid"), N_("drag with Ctrl")},
                                   {N_("Play from there"), N_("click on the bars")},
                                   {N_("Again and again"), N_("drag over the bars")},
                                   {N_("Move a sound's edge"), N_("drag it")},
                                   {N_("Sound as it was"), N_("double click")},
                                   {N_("Take a curve away"), N_("right button")},
                                   {N_("Scroll, zoom"), N_("wheel, with Ctrl")},
                                   {NULL, N_("Typing words")},
                                   {N_("On to the next note"), N_("Tab")},
                                   {N_("Back"), N_("Shift+Tab")},
                                   {N_("The word goes on"), "-"},
                                   {N_("Held over the note"), "_"},
                                   {NULL, N_("Lane of phones")},
                                   {N_("Another sound"), N_("Left, Right")},
                                   {N_("Move its edge"), N_("Alt+Left, Right")},
                                   {N_("As the voice says"), N_("Delete")}};

// Where the next row goes.
typedef struct {
  NmKit *kit;
  float x, y, top;
} Pen;

static void break_column(Pen *pen, int n_rows)
{
  if (pen->y <= pen->top || pen->y + (float)n_rows * ROW <= pen->top + HEIGHT - 90) return;
  pen->x += COLUMN;
  pen->y = pen->top;
}

static void write_title(Pen *pen, const char *text, int n_rows)
{
  if (pen->y > pen->top) pen->y += ROW / 2.f;
  break_column(pen, n_rows + 1);
  nm_draw_text(pen->kit, NM_FONT_BOLD, pen->x, pen->y, nm_kit_get_ink(pen->kit, NM_PAINT_TEXT), text, -1);
  pen->y += ROW;
}

static void write_row(Pen *pen, const char *what, const char *how)
{
  break_column(pen, 1);
  nm_draw_label(pen->kit, NM_FONT_BODY, (NmRect){pen->x, pen->y, CHORD - 6, ROW},
                nm_kit_get_ink(pen->kit, NM_PAINT_TEXT), what);
  nm_draw_label(pen->kit, NM_FONT_BODY, (NmRect){pen->x + CHORD, pen->y, COLUMN - CHORD - 6, ROW},
                nm_kit_get_ink(pen->kit, NM_PAINT_ACCENT), how);
  pen->y += ROW;
}

// A label without its '&'.
static const char *plain_label(const char *label, char *plain, size_t size)
{
  size_t n = 0;
  for (; *label && n + 1 < size; label++)
    if (*label != '&') plain[n++] = *label;
  plain[n] = 0;
  return plain;
}

static void write_menu(Pen *pen, const NmAction *first)
{
  char label[128], text[NM_SHORTCUT_TEXT_MAX];
  int n = 0;
  for (const NmAction *a = first; a->menu && !strcmp(a->menu, first->menu); a++) n += a->shortcut.key != 0;
  if (n == 0) return;
  write_title(pen, plain_label(_(first->menu), label, sizeof label), n < 8 ? n : 8);
  for (const NmAction *a = first; a->menu && !strcmp(a->menu, first->menu); a++)
    if (a->shortcut.key)
      write_row(pen, plain_label(_(a->label), label, sizeof label), nm_shortcut_write(a->shortcut, text));
}

static void write_gestures(Pen *pen)
{
  for (size_t i = 0; i < sizeof gestures / sizeof *gestures; i++)
    if (gestures[i].what)
      write_row(pen, _(gestures[i].what), _(gestures[i].how));
    else
      write_title(pen, _(gestures[i].how), 3);
}

void nm_studio_open_sheet(NmStudio *studio)
{
  nm_kit_dialog_open(studio->kit, _("Keyboard"));
}

void nm_studio_show_sheet(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmRect bounds = nm_kit_get_bounds(kit);
  if (!nm_kit_dialog_begin(kit, _("Keyboard"), WIDTH, HEIGHT)) return;
  float x = fmaxf((bounds.w - WIDTH) / 2, 0), top = fmaxf((bounds.h - HEIGHT) / 2, 0) + 38;
  Pen pen = {kit, x + 20, top, top};
  const char *menu = NULL;
  for (const NmAction *action = nm_actions; action->menu; action++) {
    if (menu && !strcmp(menu, action->menu)) continue;
    menu = action->menu;
    write_menu(&pen, action);
  }
  write_gestures(&pen);
  nm_kit_set_place(kit, fminf((bounds.w + WIDTH) / 2, bounds.w) - 90,
                   fminf((bounds.h + HEIGHT) / 2, bounds.h) - 42);
  if (nm_kit_button(kit, _("Close"))) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
}
