// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/dialogs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/document/edits.h"
#include "app/studio/edit.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

static const char *title_transpose(void)
{
  return _("Transpose");
}

static const char *title_marker(void)
{
  return _("Marker");
}

// Whether a dialog is to be done, or left.
typedef struct {
  bool done, left;
} Answer;

static Answer show_buttons(NmKit *kit, const char *verb)
{
  Answer answer = {0};
  nm_kit_space(kit, 6);
  answer.done = nm_kit_button(kit, verb);
  nm_kit_same_row(kit, 8);
  answer.left = nm_kit_button(kit, _("Cancel"));
  return answer;
}

// --- transposing ---

// The key that lies so many semitones higher, with as few sharps or flats as there can be.
static int move_fifths(int fifths, int semitones)
{
  fifths = ((fifths + 7 * semitones) % 12 + 12) % 12;
  return fifths > 6 ? fifths - 12 : fifths;
}

static NmStatus move_keys(NmStudio *studio, int semitones)
{
  NmStatus status = NM_OK;
  for (int32_t i = 0; i < nm_document_get_song(studio->doc)->n_keys && !status; i++) {
    NmSongKey key = nm_document_get_song(studio->doc)->keys[i];
    status =
        nm_edit_set_key(studio->doc, key.tick, move_fifths(key.fifths, semitones), key.minor, &studio->err);
  }
  return status;
}

static int32_t get_ids(NmStudio *studio, bool of_song)
{
  NmStudioModel *model = &studio->model;
  if (!of_song) return nm_studio_model_get_selected(model, model->chosen);
  memcpy(model->chosen, model->ids, (size_t)model->roll.n * sizeof *model->ids);
  return model->roll.n;
}

static void transpose(NmStudio *studio, int steps, bool in_key, bool of_song)
{
  int32_t n = get_ids(studio, of_song);
  const int32_t *ids = studio->model.chosen;
  if (n == 0 || steps == 0 || !nm_studio_begin(studio, _("Transpose"))) return;
  NmStatus status = in_key
                        ? nm_edit_transpose_notes(studio->doc, ids, n, steps, &studio->err)
                        : nm_edit_move_notes(studio->doc, ids, n, 0, steps, NM_OVERLAP_REFUSE, &studio->err);
  if (!status && of_song && !in_key) status = move_keys(studio, steps);
  nm_studio_end(studio, status);
}

void nm_studio_ask_transpose(NmStudio *studio)
{
  studio->dialogs.of_song = nm_studio_get_note(studio) < 0;
  nm_kit_dialog_open(studio->kit, title_transpose());
}

static void show_transpose(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmDialogs *dialogs = &studio->dialogs;
  const char *format = dialogs->in_key ? _("%+.0f steps") : _("%+.0f semitones");
  if (!nm_kit_dialog_begin(kit, title_transpose(), 0, 0)) return;
  nm_kit_set_width(kit, 220);
  nm_kit_number(kit, "##steps", &dialogs->steps, .2, -48, 48, format);
  nm_kit_checkbox(kit, _("Steps of the key's scale"), &dialogs->in_key);
  nm_kit_disable(kit, nm_studio_get_note(studio) < 0);
  nm_kit_checkbox(kit, _("The whole song, with its keys"), &dialogs->of_song);
  nm_kit_enable(kit);
  Answer answer = show_buttons(kit, _("Transpose"));
  if (answer.done || answer.left) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
  if (answer.done) transpose(studio, (int)lround(dialogs->steps), dialogs->in_key, dialogs->of_song);
}

// --- markers ---

void nm_studio_ask_marker(NmStudio *studio)
{
  NmDialogs *dialogs = &studio->dialogs;
  dialogs->tick = nm_axis_snap(&studio->axis, studio->ruler_model.playhead);
  dialogs->is_there = false;
  dialogs->name[0] = 0;
  for (int i = 0; i < studio->model.n_markers; i++)
    if (studio->model.markers[i].tick == dialogs->tick) {
      dialogs->is_there = true;
      snprintf(dialogs->name, sizeof dialogs->name, "%s", studio->model.markers[i].text);
    }
  nm_kit_dialog_open(studio->kit, title_marker());
}

static void set_marker(NmStudio *studio, const char *name)
{
  if (nm_studio_begin(studio, name ? _("Set a marker") : _("Remove a marker")))
    nm_studio_end(studio, nm_edit_set_marker(studio->doc, studio->dialogs.tick, name, &studio->err));
}

static void show_marker(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmDialogs *dialogs = &studio->dialogs;
  if (!nm_kit_dialog_begin(kit, title_marker(), 0, 0)) return;
  nm_kit_set_width(kit, 260);
  NmFieldEvent event =
      nm_kit_field(kit, "##name", _("What begins here"), dialogs->name, sizeof dialogs->name);
  Answer answer = show_buttons(kit, _("Set"));
  bool goes = false;
  if (dialogs->is_there) {
    nm_kit_same_row(kit, 8);
    goes = nm_kit_button(kit, _("Remove"));
  }
  answer.done |= event == NM_FIELD_DONE;
  if (answer.done || answer.left || goes) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
  if (answer.done || goes) set_marker(studio, goes ? NULL : dialogs->name);
}

void nm_studio_go_to_marker(NmStudio *studio, int way)
{
  const NmStudioModel *model = &studio->model;
  double here = studio->ruler_model.playhead;
  int found = -1;
  for (int i = 0; i < model->n_markers; i++) {
    double tick = (double)model->markers[i].tick;
    if (way < 0 && tick < here) found = i;
    if (way > 0 && tick > here && found < 0) found = i;
  }
  if (found < 0) {
    nm_studio_say(studio, "%s", _("There is no further marker"));
    return;
  }
  nm_studio_trace(studio, false);
  nm_studio_seek(studio, (double)model->markers[found].tick);
  nm_axis_follow(&studio->axis, (double)model->markers[found].tick);
}

void nm_studio_show_dialogs(NmStudio *studio)
{
  show_transpose(studio);
  show_marker(studio);
}
