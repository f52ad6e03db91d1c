// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/shortcut.h"

#include <stdio.h>
#include <string.h>

#include "ui/kit/words.h"

static const struct {
  int key;
  const char *name;
} names[] = {
    {NM_KEY_TAB, N_("Tab")},     {NM_KEY_ENTER, N_("Enter")},     {NM_KEY_ESCAPE, N_("Esc")},
    {NM_KEY_SPACE, N_("Space")}, {NM_KEY_DELETE, N_("Delete")},   {NM_KEY_BACKSPACE, N_("Backspace")},
    {NM_KEY_LEFT, N_("Left")},   {NM_KEY_RIGHT, N_("Right")},     {NM_KEY_UP, N_("Up")},
    {NM_KEY_DOWN, N_("Down")},   {NM_KEY_PAGE_UP, N_("Page Up")}, {NM_KEY_PAGE_DOWN, N_("Page Down")},
    {NM_KEY_HOME, N_("Home")},   {NM_KEY_END, N_("End")},         {NM_KEY_INSERT, N_("Insert")},
    {NM_KEY_MENU, N_("Menu")}};

static const struct {
  unsigned mod;
  const char *name;
} modifiers[] = {{NM_MOD_CTRL, N_("Ctrl")},
                 {NM_MOD_ALT, N_("Alt")},
                 {NM_MOD_SHIFT, N_("Shift")},
                 {NM_MOD_SUPER, N_("Super")}};

static void write_key(int key, char *text, size_t size)
{
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].key == key) {
      snprintf(text, size, "%s", _(names[i].name));
      return;
    }
  if (key >= NM_KEY_F1 && key <= NM_KEY_F12)
    snprintf(text, size, "F%d", key - NM_KEY_F1 + 1);
  else
    snprintf(text, size, "%c", key >= 'a' && key <= 'z' ? key + 'A' - 'a' : key);
}

const char *nm_shortcut_write(NmShortcut shortcut, char text[NM_SHORTCUT_TEXT_MAX])
{
  size_t n = 0;
  text[0] = 0;
  if (!shortcut.key) return text;
  for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++) {
    if (!(shortcut.mods & modifiers[i].mod)) continue;
    snprintf(text + n, NM_SHORTCUT_TEXT_MAX - n, "%s+", _(modifiers[i].name));
    n = strlen(text);
  }
  write_key(shortcut.key, text + n, NM_SHORTCUT_TEXT_MAX - n);
  return text;
}

// Where + needs Shift, the key is that of = on some keyboards.
bool nm_shortcut_take(NmKit *kit, NmShortcut shortcut)
{
  if (shortcut.key == '+' &&
      (nm_kit_take_key(kit, '=', shortcut.mods) || nm_kit_take_key(kit, '=', shortcut.mods | NM_MOD_SHIFT) ||
       nm_kit_take_key(kit, '+', shortcut.mods | NM_MOD_SHIFT)))
    return true;
  return nm_kit_take_key(kit, shortcut.key, shortcut.mods);
}
