// SPDX-License-Identifier: GPL-3.0-or-later
// Widgets, declared anew in every frame. Each answers what the user did to it. A widget is told from others
// of its panel by its label; what follows "##" in a label is not shown. Tab and Shift+Tab go through all of
// them in the order of their declaration, Space and Enter press, arrows move in menus and lists.
#ifndef NM_UI_KIT_WIDGET_H
#define NM_UI_KIT_WIDGET_H

#include "ui/kit/draw.h"

// A panel at a place of the window; widgets follow each other downwards, or to the right after
// nm_kit_same_row. Panels do not nest. `pad` is the space inside its border.
void nm_kit_panel_begin(NmKit *kit, const char *name, NmRect rect, float pad);
void nm_kit_panel_end(NmKit *kit);
// One over the panels that are there, without a ground of its own.
void nm_kit_overlay_begin(NmKit *kit, const char *name, NmRect rect);
void nm_kit_overlay_end(NmKit *kit);
void nm_kit_same_row(NmKit *kit, float gap);
void nm_kit_set_place(NmKit *kit, float x, float y); // of the next widget, in units of the window
void nm_kit_set_width(NmKit *kit, float width); // of the next widget; negative: up to there from the right
NmRect nm_kit_get_last_rect(const NmKit *kit);  // of the last widget
void nm_kit_push_id(NmKit *kit, int id);        // labels below may be those of other ids
void nm_kit_pop_id(NmKit *kit);
void nm_kit_disable(NmKit *kit, bool disabled); // widgets until nm_kit_enable
void nm_kit_enable(NmKit *kit);

// What the pointer and the keyboard do in a part of a panel that draws itself.
typedef struct {
  bool hovered; // the pointer is over it, and nothing else has it
  bool active;  // a button went down over it and still is
  bool focused; // it has the keyboard: keys are its own, by nm_kit_area_take_key
  bool pressed[NM_BUTTONS], released[NM_BUTTONS], double_clicked;
  float wheel_x, wheel_y;
} NmArea;

NmArea nm_kit_area(NmKit *kit, const char *name, NmRect rect);
// A key with modifiers for the area with the keyboard.
bool nm_kit_area_take_key(NmKit *kit, const NmArea *area, int key, unsigned mods);
// Gives the keyboard to the widget declared next.
void nm_kit_focus_next(NmKit *kit);

typedef enum {
  NM_CURSOR_ARROW,
  NM_CURSOR_TEXT,
  NM_CURSOR_MOVE,
  NM_CURSOR_LEFT_RIGHT,
  NM_CURSOR_UP_DOWN,
  NM_CURSOR_HAND,
  NM_CURSOR_FORBIDDEN,
  NM_CURSORS
} NmCursor;

void nm_kit_set_cursor(NmKit *kit, NmCursor cursor); // in this frame

void nm_kit_text(NmKit *kit, NmFont font, NmPaint paint, const char *text);
void nm_kit_paragraph(NmKit *kit, const char *text); // wrapped at the panel's width
void nm_kit_separator(NmKit *kit);
void nm_kit_space(NmKit *kit, float height);

bool nm_kit_button(NmKit *kit, const char *label);
bool nm_kit_toggle(NmKit *kit, const char *label, bool *on); // a button that stays down
// A button of a size without a label, to be drawn on; `on`: it is pressed down and stays so.
bool nm_kit_blank_button(NmKit *kit, const char *name, float width, float height, bool on);
bool nm_kit_checkbox(NmKit *kit, const char *label, bool *on);
bool nm_kit_select(NmKit *kit, const char *label, bool selected); // a row of a list
bool nm_kit_slider(NmKit *kit, const char *label, float *value, float low, float high, const char *format);
bool nm_kit_number(NmKit *kit, const char *label, double *value, double step, double low, double high,
                   const char *format); // dragged or typed
bool nm_kit_choice(NmKit *kit, const char *label, int *chosen, const char *const *names, int n);
void nm_kit_progress(NmKit *kit, float done, const char *text); // 0 to 1; negative: not known

// A tooltip for the last widget, shown after the pointer has rested on it or when it has the keyboard.
void nm_kit_tip(NmKit *kit, const char *text);
// One at the pointer, at once.
void nm_kit_tip_now(NmKit *kit, const char *text);

typedef enum {
  NM_FIELD_NOTHING,
  NM_FIELD_CHANGED,
  NM_FIELD_DONE,   // Enter
  NM_FIELD_LEFT,   // the keyboard went elsewhere
  NM_FIELD_ESCAPED // Escape: the text is as it was
} NmFieldEvent;

// A line of text in buf [size]; `hint` is shown while it is empty and may be NULL. Clipboard, undo, selection
// and input methods as everywhere.
NmFieldEvent nm_kit_field(NmKit *kit, const char *label, const char *hint, char *buf, size_t size);
// Many lines, of a height; 0: down to the panel's end. True when it was changed.
bool nm_kit_text_box(NmKit *kit, const char *label, char *buf, size_t size, float height);

// A list with its own scroll bar, of a height (negative: up to there from the panel's bottom). Rows of the
// same height may be skipped: of n rows, [*first, *end) are to be declared, between the two calls.
void nm_kit_list_begin(NmKit *kit, const char *name, float height, int n, int *first, int *end);
void nm_kit_list_end(NmKit *kit);

// The menu bar at the window's top, answers its height. '&' in a label comes before the letter that opens it
// together with Alt. Menus and items only when the call before answered true.
bool nm_kit_menu_bar_begin(NmKit *kit);
float nm_kit_menu_bar_end(NmKit *kit);
bool nm_kit_menu_begin(NmKit *kit, const char *label);
void nm_kit_menu_end(NmKit *kit);
bool nm_kit_menu_item(NmKit *kit, const char *label, const char *shortcut, bool checked, bool enabled);

// A menu at the pointer, opened by its name.
void nm_kit_popup_open(NmKit *kit, const char *name);
bool nm_kit_popup_begin(NmKit *kit, const char *name);
void nm_kit_popup_end(NmKit *kit);

// A dialog over everything, opened by its title. Escape closes it. `width`, `height` 0: as wide and high as
// it needs.
void nm_kit_dialog_open(NmKit *kit, const char *title);
bool nm_kit_dialog_begin(NmKit *kit, const char *title, float width, float height);
void nm_kit_dialog_close(NmKit *kit); // from within
void nm_kit_dialog_end(NmKit *kit);

#endif
