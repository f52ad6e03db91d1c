// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the menu "Edit".
#include <string.h>

#include "app/studio/edit.h"
#include "app/studio/run.h"
#include "app/studio/state.h"

// Of the song, or of what is drawn over a clip.
void nm_run_undo(NmStudio *studio)
{
  if (studio->tracing.on)
    nm_drawn_undo(&studio->tracing.drawn);
  else
    nm_studio_undo(studio);
}

void nm_run_redo(NmStudio *studio)
{
  if (studio->tracing.on)
    nm_drawn_redo(&studio->tracing.drawn);
  else
    nm_studio_redo(studio);
}

bool nm_can_undo(const NmStudio *studio)
{
  return studio->tracing.on ? nm_drawn_can_undo(&studio->tracing.drawn)
                            : nm_document_get_undo(studio->doc) != NULL;
}

bool nm_can_redo(const NmStudio *studio)
{
  return studio->tracing.on ? nm_drawn_can_redo(&studio->tracing.drawn)
                            : nm_document_get_redo(studio->doc) != NULL;
}

static void select_all(NmStudio *studio, uint8_t selected)
{
  memset(studio->model.roll.selected, selected, (size_t)studio->model.roll.n);
  nm_studio_model_mark(&studio->model);
}

void nm_run_select_all(NmStudio *studio)
{
  select_all(studio, 1);
}

void nm_run_select_none(NmStudio *studio)
{
  select_all(studio, 0);
}

bool nm_has_chosen(const NmStudio *studio)
{
  return !studio->tracing.on && nm_studio_get_note(studio) >= 0;
}

// The note beside the selected ones, or nearest to the playhead.
static int note_beside(const NmStudio *studio, int way)
{
  const NmRollModel *roll = &studio->model.roll;
  int note = way < 0 ? nm_studio_get_note(studio) : nm_studio_get_last_note(studio);
  if (note < 0) return nm_roll_find(roll, studio->ruler_model.playhead);
  return note + way < 0 ? 0 : note + way >= roll->n ? roll->n - 1 : note + way;
}

static void step(NmStudio *studio, int way, bool extends)
{
  int note = note_beside(studio, way);
  nm_studio_choose_note(studio, note, extends);
  if (note >= 0 && note < studio->model.roll.n)
    nm_studio_audition(studio, studio->model.roll.notes[note].pitch);
}

void nm_run_next(NmStudio *studio)
{
  step(studio, 1, false);
}

void nm_run_previous(NmStudio *studio)
{
  step(studio, -1, false);
}

void nm_run_next_too(NmStudio *studio)
{
  step(studio, 1, true);
}

void nm_run_previous_too(NmStudio *studio)
{
  step(studio, -1, true);
}

void nm_run_type(NmStudio *studio)
{
  nm_studio_type(studio, nm_studio_get_note(studio));
}
