// SPDX-License-Identifier: GPL-3.0-or-later
// Typing words through, note after note.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/document/edits.h"
#include "app/studio/edit.h"
#include "ui/kit/words.h"

// What the note has now, as nm_edit_type_lyrics would read it.
static void write_present(const NmStudio *studio, int note, char *text, size_t size)
{
  const NmRollNote *at = &studio->model.roll.notes[note];
  snprintf(text, size, "%s", at->continues ? "_" : at->text ? at->text : "");
}

void nm_studio_type(NmStudio *studio, int note)
{
  if (note < 0 || note >= studio->model.roll.n) return;
  studio->typing_id = studio->model.ids[note];
  write_present(studio, note, studio->typed, sizeof studio->typed);
  snprintf(studio->typed_before, sizeof studio->typed_before, "%s", studio->typed);
  nm_studio_choose_note(studio, note, false);
  studio->typing_begins = true;
}

// Notes that the text takes: words, syllables after a hyphen, and "_".
static int count_notes(const char *text)
{
  int n = 0;
  bool inside = false;
  for (; *text; text++) {
    bool divides = *text == ' ' || *text == '-';
    n += (!divides && !inside) || *text == '_';
    inside = !divides && *text != '_';
  }
  return n > 0 ? n : 1;
}

// False when it cannot be.
static bool commit(NmStudio *studio)
{
  int32_t note = nm_document_find_note(studio->doc, studio->typing_id);
  if (!strcmp(studio->typed, "-")) strcpy(studio->typed, "_"); // alone it means the same
  if (!strcmp(studio->typed, studio->typed_before) || note < 0) return true;
  if (!nm_studio_begin(studio, _("Type words"))) return false;
  return nm_studio_end(studio, nm_edit_type_lyrics(studio->doc, studio->typing_id, studio->verse,
                                                   studio->typed, &studio->err)) &&
         nm_studio_update(studio) == NM_OK;
}

static void go_on(NmStudio *studio, int way)
{
  int n = way > 0 ? count_notes(studio->typed) : -1;
  if (!commit(studio)) return;
  int note = nm_document_find_note(studio->doc, studio->typing_id);
  studio->typing_id = 0;
  nm_studio_type(studio, note < 0 ? -1 : note + n);
}

static void obey(NmStudio *studio, NmFieldEvent event)
{
  if (nm_kit_take_key_anyway(studio->kit, NM_KEY_TAB, 0))
    go_on(studio, 1);
  else if (nm_kit_take_key_anyway(studio->kit, NM_KEY_TAB, NM_MOD_SHIFT))
    go_on(studio, -1);
  else if (event == NM_FIELD_ESCAPED ||
           ((event == NM_FIELD_DONE || event == NM_FIELD_LEFT) && commit(studio)))
    studio->typing_id = 0;
}

void nm_studio_show_typing(NmStudio *studio, NmRect roll)
{
  NmKit *kit = studio->kit;
  int note = studio->typing_id ? nm_document_find_note(studio->doc, studio->typing_id) : -1;
  if (note < 0 || note >= studio->model.roll.n) {
    studio->typing_id = 0;
    return;
  }
  NmRect at = nm_roll_get_rect(&studio->roll, &studio->axis, roll, &studio->model.roll.notes[note]);
  float width = fmaxf(at.w + 12, 110), x = fminf(at.x - 6, roll.x + roll.w - width);
  nm_kit_overlay_begin(kit, "typing", (NmRect){fmaxf(x, roll.x), at.y + at.h / 2 - 12, width, 24});
  nm_kit_push_id(kit, studio->typing_id);
  nm_kit_set_width(kit, width);
  if (studio->typing_begins) nm_kit_focus_next(kit);
  studio->typing_begins = false;
  NmFieldEvent event = nm_kit_field(kit, "##syllable", NULL, studio->typed, sizeof studio->typed);
  nm_kit_pop_id(kit);
  nm_kit_overlay_end(kit);
  obey(studio, event);
}
