// SPDX-License-Identifier: GPL-3.0-or-later
// Songs from files and into files. What was not saved is in a journal beside the file, and is offered again.
#ifndef NM_STUDIO_FILE_H
#define NM_STUDIO_FILE_H

#include "app/studio/studio.h"

// What the menu asks for.
void nm_studio_new_song(NmStudio *studio);
void nm_studio_ask_open(NmStudio *studio);
void nm_studio_save(NmStudio *studio);
void nm_studio_ask_save(NmStudio *studio);
void nm_studio_ask_export(NmStudio *studio);
void nm_studio_ask_clip(NmStudio *studio);
void nm_studio_ask_save_listener(NmStudio *studio);
void nm_studio_ask_load_listener(NmStudio *studio);
void nm_studio_quit(NmStudio *studio);

// What it comes to (leave.h): another song, at once; the folder of File > Render, from `path` on.
NmStatus nm_studio_show_new(NmStudio *studio, NmError *err) NM_NODISCARD;
void nm_studio_choose_song(NmStudio *studio);
void nm_studio_ask_folder(NmStudio *studio, const char *path);

// Opens a document as a song in no file: a copy to play with.
NmStatus nm_studio_open_copy(NmStudio *studio, const char *path, NmError *err) NM_NODISCARD;

// The dialogs of all that, every frame; a file that was dropped onto the window is opened.
void nm_studio_show_files(NmStudio *studio);

// The journals of songs that were never saved lie here; NULL: nowhere. Made if it is missing.
const char *nm_studio_get_folder(char folder[4096]);

#endif
