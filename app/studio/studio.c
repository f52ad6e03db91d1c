// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/studio.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/song_file.h"
#include "app/studio/actions.h"
#include "app/studio/frame.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

// Shows another song, which the studio owns from now on.
static NmStatus take_song(NmStudio *studio, NmSong *song)
{
  NmStudioModel model = {0};
  NmStatus status = nm_studio_model_make(&model, song);
  if (status) return status;
  nm_song_free(studio->song);
  nm_studio_model_fini(&studio->model);
  studio->song = song;
  studio->model = model;
  studio->axis.time = &studio->model.time;
  studio->ruler_model = (NmRulerModel){0};
  studio->fits = true;
  return NM_OK;
}

NmStudio *nm_studio_new(NmKit *kit)
{
  NmStudio *studio = calloc(1, sizeof *studio);
  NmSong *song = nm_song_new();
  if (studio) studio->kit = kit;
  if (studio && song && nm_song_finish(song, NULL) == NM_OK && take_song(studio, song) == NM_OK) {
    studio->axis.zoom = 40;
    studio->axis.snap = 4;
    return studio;
  }
  nm_song_free(song);
  free(studio);
  return NULL;
}

void nm_studio_free(NmStudio *studio)
{
  if (!studio) return;
  nm_studio_model_fini(&studio->model);
  nm_song_free(studio->song);
  free(studio);
}

NmStatus nm_studio_open(NmStudio *studio, const char *path, NmError *err)
{
  NmSong *song = NULL;
  NmStatus status = nm_song_file_read(path, NULL, &song, NULL, err);
  if (status) return status;
  status = take_song(studio, song);
  if (status) {
    nm_song_free(song);
    return nm_error_set(err, status, "%s cannot be opened: %s", path, nm_status_text(status));
  }
  snprintf(studio->path, sizeof studio->path, "%s", path);
  nm_studio_say(studio, _("%s: %d notes, %d syllables"), path, song->n_notes, song->n_syllables);
  return NM_OK;
}

void nm_studio_say(NmStudio *studio, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  vsnprintf(studio->status, sizeof studio->status, fmt, args);
  va_end(args);
}

bool nm_studio_frame(NmStudio *studio)
{
  nm_kit_begin(studio->kit);
  nm_studio_show(studio);
  if (nm_kit_get_input(studio->kit)->close) studio->done = true;
  nm_kit_end(studio->kit);
  return !studio->done;
}

void nm_studio_run(NmStudio *studio)
{
  do nm_kit_wait(studio->kit);
  while (nm_studio_frame(studio));
}
