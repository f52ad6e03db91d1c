// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/edit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/document/edits.h"
#include "ui/kit/words.h"

bool nm_studio_begin_joined(NmStudio *studio, const char *label, uint64_t merge)
{
  studio->err = (NmError){0};
  if (nm_document_begin(studio->doc, label, merge, &studio->err) == NM_OK) return true;
  nm_studio_warn(studio, &studio->err);
  return false;
}

bool nm_studio_begin(NmStudio *studio, const char *label)
{
  return nm_studio_begin_joined(studio, label, 0);
}

bool nm_studio_end(NmStudio *studio, NmStatus status)
{
  NmError ignored = {0};
  if (status == NM_OK) status = nm_document_end(studio->doc, &studio->err);
  if (status == NM_OK) {
    studio->status[0] = 0;
    return true;
  }
  nm_studio_warn(studio, &studio->err);
  if (nm_document_cancel(studio->doc, &ignored)) nm_studio_warn(studio, &ignored);
  return false;
}

// The selected notes' ids, and a step begun for them; 0: nothing is selected.
static int32_t begin_chosen(NmStudio *studio, const char *label)
{
  int32_t n = nm_studio_model_get_selected(&studio->model, studio->model.chosen);
  if (n == 0) nm_studio_say(studio, "%s", _("No note is selected: click one, or drag around several"));
  return n > 0 && nm_studio_begin(studio, label) ? n : 0;
}

static int first_pitch(const NmStudio *studio, int semitones)
{
  int note = nm_studio_get_note(studio);
  return note < 0 ? -1 : studio->model.roll.notes[note].pitch + semitones;
}

void nm_studio_move(NmStudio *studio, int64_t ticks, int semitones)
{
  int32_t n = begin_chosen(studio, _("Move notes"));
  if (n == 0) return;
  int pitch = first_pitch(studio, semitones);
  if (nm_studio_end(studio, nm_edit_move_notes(studio->doc, studio->model.chosen, n, ticks, semitones,
                                               NM_OVERLAP_TRIM, &studio->err)) &&
      semitones)
    nm_studio_audition(studio, pitch);
}

void nm_studio_move_by_scale(NmStudio *studio, int steps)
{
  int32_t n = begin_chosen(studio, _("Transpose in the key"));
  if (n > 0)
    nm_studio_end(studio, nm_edit_transpose_notes(studio->doc, studio->model.chosen, n, steps, &studio->err));
}

void nm_studio_resize(NmStudio *studio, bool at_start, int64_t ticks)
{
  int32_t n = begin_chosen(studio, at_start ? _("Move beginnings") : _("Change lengths"));
  if (n > 0)
    nm_studio_end(studio, nm_edit_resize_notes(studio->doc, studio->model.chosen, n, at_start, ticks,
                                               NM_OVERLAP_TRIM, &studio->err));
}

void nm_studio_remove(NmStudio *studio)
{
  int32_t n = begin_chosen(studio, _("Delete notes"));
  if (n > 0) nm_studio_end(studio, nm_edit_remove_notes(studio->doc, studio->model.chosen, n, &studio->err));
}

void nm_studio_merge(NmStudio *studio)
{
  int32_t n = begin_chosen(studio, _("Merge notes"));
  if (n > 0) nm_studio_end(studio, nm_edit_merge_notes(studio->doc, studio->model.chosen, n, &studio->err));
}

void nm_studio_quantise(NmStudio *studio)
{
  int64_t grid = nm_axis_get_snap_len(&studio->axis, 0);
  int32_t n = begin_chosen(studio, _("Quantise notes"));
  if (n > 0)
    nm_studio_end(studio, nm_edit_quantise_notes(studio->doc, studio->model.chosen, n, grid, &studio->err));
}

// Every selected note in its middle, but one under the playhead there.
void nm_studio_split(NmStudio *studio)
{
  int64_t playhead = (int64_t)studio->ruler_model.playhead;
  int32_t n = begin_chosen(studio, _("Split notes"));
  NmStatus status = NM_OK;
  for (int32_t i = 0; i < n && status == NM_OK; i++) {
    int32_t note = nm_document_find_note(studio->doc, studio->model.chosen[i]);
    const NmSongNote *at = &nm_document_get_song(studio->doc)->notes[note];
    bool inside = playhead > at->onset && playhead < at->onset + at->len;
    status = nm_edit_split_note(studio->doc, studio->model.chosen[i],
                                inside ? playhead : at->onset + at->len / 2, NULL, &studio->err);
  }
  if (n > 0) nm_studio_end(studio, status);
}

void nm_studio_add(NmStudio *studio, int64_t tick, int64_t ticks, int pitch)
{
  NmSongNote note = {.onset = tick, .len = ticks, .pitch = (int16_t)pitch};
  int32_t id = 0;
  if (!nm_studio_begin(studio, _("Add a note"))) return;
  if (!nm_studio_end(studio, nm_edit_add_note(studio->doc, &note, NM_OVERLAP_TRIM, &id, &studio->err)))
    return;
  if (nm_studio_update(studio)) return;
  memset(studio->model.roll.selected, 0, (size_t)studio->model.roll.n);
  studio->model.roll.selected[nm_document_find_note(studio->doc, id)] = 1;
  nm_studio_model_mark(&studio->model);
  nm_studio_audition(studio, pitch);
}

void nm_studio_draw_pitch(NmStudio *studio, double from, double to, const NmCurvePoint *points, int n)
{
  NmPitchPoint *made = calloc((size_t)n + 1, sizeof *made);
  int32_t n_made = 0;
  if (!made || !nm_studio_begin(studio, n ? _("Draw pitch") : _("Take drawn pitch away"))) {
    free(made);
    return;
  }
  for (int i = 0; i < n; i++) {
    int64_t tick = llround(points[i].at);
    if (n_made == 0 || tick > made[n_made - 1].tick) made[n_made++] = (NmPitchPoint){tick, points[i].value};
  }
  nm_studio_end(studio,
                nm_edit_draw_pitch(studio->doc, llround(from), llround(to), made, n_made, &studio->err));
  free(made);
}

static void go(NmStudio *studio, NmStatus (*step)(NmDocument *, NmError *), const char *label,
               const char *format)
{
  char said[256];
  if (!label) return;
  snprintf(said, sizeof said, format, label);
  studio->err = (NmError){0};
  if (step(studio->doc, &studio->err))
    nm_studio_warn(studio, &studio->err);
  else
    nm_studio_say(studio, "%s", said);
}

void nm_studio_undo(NmStudio *studio)
{
  go(studio, nm_document_undo, nm_document_get_undo(studio->doc), _("Undone: %s"));
}

void nm_studio_redo(NmStudio *studio)
{
  go(studio, nm_document_redo, nm_document_get_redo(studio->doc), _("Done again: %s"));
}

static NmStatus replace_line(NmStudio *studio, int line, const char *text)
{
  NmSheet sheet = {0};
  NmStatus status = studio->reader.text ? NM_OK : nm_lyrics_reader_open(&studio->reader, &studio->err);
  if (!status)
    status = nm_sheet_read((const uint8_t *)text, strlen(text), _("The line"), studio->reader.syllabifier,
                           &sheet, &studio->err);
  if (!status) status = nm_edit_replace_line_words(studio->doc, line, sheet.song, 0, &studio->err);
  nm_sheet_fini(&sheet);
  return status;
}

void nm_studio_set_line(NmStudio *studio, int line, const char *text)
{
  if (nm_studio_begin(studio, _("Change words"))) nm_studio_end(studio, replace_line(studio, line, text));
}
