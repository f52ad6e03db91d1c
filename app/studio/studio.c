// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/studio.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/document/file.h"
#include "app/studio/actions.h"
#include "app/studio/file.h"
#include "app/studio/frame.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

NmStatus nm_studio_update(NmStudio *studio)
{
  NmStudioModel model = {0};
  if (studio->model.time.n_bars && studio->model.revision == nm_document_get_revision(studio->doc))
    return NM_OK;
  NmStatus status = nm_studio_model_make(&model, studio->doc, studio->verse, &studio->model);
  if (status) return status;
  nm_studio_model_fini(&studio->model);
  studio->model = model;
  studio->axis.time = &studio->model.time;
  nm_studio_make_sound(studio);
  return NM_OK;
}

NmStatus nm_studio_take(NmStudio *studio, NmDocument *doc)
{
  NmStudioModel model = {0};
  NmStatus status = nm_studio_model_make(&model, doc, 1, NULL);
  if (status) return status;
  nm_studio_audition_close(studio);
  nm_studio_attention_fini(&studio->attention);
  nm_document_free(studio->doc);
  nm_studio_model_fini(&studio->model);
  studio->doc = doc;
  studio->model = model;
  studio->verse = 1;
  studio->axis.time = &studio->model.time;
  studio->ruler_model = (NmRulerModel){0};
  studio->roll = (NmRoll){0};
  studio->lyrics = (NmLyrics){0};
  studio->axis.zoom = 64;
  studio->axis.first = -.5 * studio->model.time.ticks_per_beat;
  nm_studio_trace(studio, false);
  nm_transport_stop(studio->transport);
  nm_studio_forget_sung(studio);
  nm_studio_make_sound(studio);
  return NM_OK;
}

void nm_studio_wake(void *kit)
{
  nm_kit_wake(kit);
}

NmStudio *nm_studio_new(NmKit *kit)
{
  NmStudio *studio = calloc(1, sizeof *studio);
  NmDocument *doc = nm_document_new(NULL);
  if (studio) {
    studio->kit = kit;
    studio->transport = nm_transport_new(nm_studio_wake, kit);
    studio->axis.snap = 4;
    studio->width_words = 300;
    nm_tracing_init(&studio->tracing);
    nm_lanes_init(studio->lanes);
  }
  if (studio && studio->transport && doc && nm_studio_take(studio, doc) == NM_OK) return studio;
  nm_document_free(doc);
  nm_studio_free(studio);
  return NULL;
}

void nm_studio_free(NmStudio *studio)
{
  if (!studio) return;
  nm_rendering_free(studio->render.rendering);
  if (studio->doc) nm_studio_audition_close(studio);
  nm_composing_fini(&studio->composing);
  nm_studio_attention_fini(&studio->attention);
  nm_transport_free(studio->transport);
  nm_studio_voice_free(studio->voice);
  nm_studio_ear_free(studio->ear);
  nm_studio_band_free(studio->band);
  nm_playback_release(studio->band_heard);
  nm_tracing_fini(&studio->tracing);
  nm_playback_release(studio->felt_of);
  nm_felt_fini(&studio->felt);
  nm_sung_release(studio->sung);
  free(studio->pieces);
  free(studio->curves);
  nm_waveform_fini(&studio->waveform);
  nm_playback_release(studio->playback);
  nm_lyrics_reader_close(&studio->reader);
  nm_chooser_fini(&studio->chooser);
  if (studio->doc) nm_document_close_journal(studio->doc, false);
  nm_studio_model_fini(&studio->model);
  nm_document_free(studio->doc);
  free(studio);
}

void nm_studio_say(NmStudio *studio, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  vsnprintf(studio->status, sizeof studio->status, fmt, args);
  va_end(args);
  studio->status_is_warning = false;
}

void nm_studio_warn(NmStudio *studio, const NmError *err)
{
  nm_studio_say(studio, "%s", err->message[0] ? err->message : nm_status_text(err->status));
  studio->status_is_warning = true;
}

int nm_studio_get_note(const NmStudio *studio)
{
  const uint8_t *first = memchr(studio->model.roll.selected, 1, (size_t)studio->model.roll.n);
  return first ? (int)(first - studio->model.roll.selected) : -1;
}

int nm_studio_get_last_note(const NmStudio *studio)
{
  const uint8_t *last = memrchr(studio->model.roll.selected, 1, (size_t)studio->model.roll.n);
  return last ? (int)(last - studio->model.roll.selected) : -1;
}

void nm_studio_choose_note(NmStudio *studio, int note, bool extends)
{
  NmStudioModel *model = &studio->model;
  if (note < 0 || note >= model->roll.n) return;
  if (!extends) memset(model->roll.selected, 0, (size_t)model->roll.n);
  model->roll.selected[note] = 1;
  nm_studio_model_mark(model);
  nm_axis_follow(&studio->axis, (double)model->roll.notes[note].onset);
  nm_roll_reveal(&studio->roll, model->roll.notes[note].pitch, studio->roll_rect.h);
  nm_lyrics_reveal(&studio->lyrics, &model->lyrics, model->syllable_of_note[note], studio->roll_rect.h);
}

bool nm_studio_frame(NmStudio *studio)
{
  nm_kit_begin(studio->kit);
  if (nm_studio_update(studio) == NM_OK) {
    nm_studio_hear(studio);
    nm_studio_feel(studio);
    nm_studio_follow_learner(studio);
    nm_studio_show(studio);
  }
  if (nm_kit_get_input(studio->kit)->close) nm_studio_quit(studio);
  nm_kit_end(studio->kit);
  return !studio->done;
}

void nm_studio_run(NmStudio *studio)
{
  do nm_kit_wait(studio->kit);
  while (nm_studio_frame(studio));
}

static bool is_busy(const NmStudio *studio)
{
  return (studio->voice && nm_studio_voice_is_busy(studio->voice)) ||
         (studio->ear && nm_studio_ear_is_busy(studio->ear)) ||
         (studio->band && nm_studio_band_is_busy(studio->band, NULL)) ||
         (studio->tracing.learner && nm_learner_is_busy(studio->tracing.learner, NULL));
}

void nm_studio_wait_for_voice(NmStudio *studio)
{
  // One may begin when the other has ended, in the frame after that.
  for (int n_idle = 0; n_idle < 3; n_idle = is_busy(studio) ? 0 : n_idle + 1) {
    nm_studio_frame(studio);
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  }
}
