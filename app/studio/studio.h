// SPDX-License-Identifier: GPL-3.0-or-later
// The studio: a song in a window. It ties the document to the views of ui/views, which know nothing of it.
#ifndef NM_STUDIO_STUDIO_H
#define NM_STUDIO_STUDIO_H

#include "models/song/song.h"
#include "ui/kit/kit.h"

typedef struct NmStudio NmStudio;

// Over a kit that outlives it. NULL when memory is out.
NmStudio *nm_studio_new(NmKit *kit);
void nm_studio_free(NmStudio *studio);

// Shows a finished song that is in no file yet, which is not needed afterwards. `err` is not NULL.
NmStatus nm_studio_show_song(NmStudio *studio, const NmSong *song, NmError *err) NM_NODISCARD;

// Opens the document or song at `path`, whatever nm_song_file_read reads; on an error what was before stays.
// When there is work that was not saved, a dialog asks first.
NmStatus nm_studio_open(NmStudio *studio, const char *path, NmError *err) NM_NODISCARD;

// Sings with the voice from now on, in the background, once it is loaded. NM_ERR_NO_MEMORY.
NmStatus nm_studio_start_voice(NmStudio *studio) NM_NODISCARD;

// Offers what a studio that crashed left unsaved.
void nm_studio_look_for_lost(NmStudio *studio);

// One frame, between nm_kit_wait and the next. False when the user is done.
bool nm_studio_frame(NmStudio *studio);

// Frames until the voice has nothing more to sing and it is known how that feels.
void nm_studio_wait_for_voice(NmStudio *studio);

// Frames until the user is done.
void nm_studio_run(NmStudio *studio);

// A message in the status bar; what went wrong.
void nm_studio_say(NmStudio *studio, const char *fmt, ...) NM_PRINTF(2, 3);
void nm_studio_warn(NmStudio *studio, const NmError *err);

#endif
