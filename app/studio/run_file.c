// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the menus "File" and "Help".
#include "app/studio/file.h"
#include "app/studio/run.h"
#include "app/studio/sheet.h"
#include "app/studio/state.h"

void nm_run_new(NmStudio *studio)
{
  nm_studio_new_song(studio);
}

void nm_run_open(NmStudio *studio)
{
  nm_studio_ask_open(studio);
}

void nm_run_save(NmStudio *studio)
{
  nm_studio_save(studio);
}

void nm_run_save_as(NmStudio *studio)
{
  nm_studio_ask_save(studio);
}

void nm_run_export(NmStudio *studio)
{
  nm_studio_ask_export(studio);
}

void nm_run_render(NmStudio *studio)
{
  nm_studio_ask_render(studio);
}

void nm_run_stop_render(NmStudio *studio)
{
  nm_studio_stop_render(studio);
}

bool nm_is_rendering(const NmStudio *studio)
{
  return studio->render.rendering;
}

void nm_run_quit(NmStudio *studio)
{
  nm_studio_quit(studio);
}

void nm_run_tour(NmStudio *studio)
{
  nm_tour_begin(studio);
}

void nm_run_sheet(NmStudio *studio)
{
  nm_studio_open_sheet(studio);
}
