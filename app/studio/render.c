// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/studio/file.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

enum {
  DIALOG_WIDTH = 520,
  DIALOG_HEIGHT = 272,
  CHOOSE_WIDTH = 96,
  PROGRESS_WIDTH = 190,
  PROGRESS_SPACE = 300
};

static const char *const endings[] = {".wav", ".flac", ".ogg", ".opus"};
enum { N_ENDINGS = sizeof endings / sizeof *endings };

static const char *title(void)
{
  return _("Render");
}

// --- where ---

// "song" of "songs/song.neume", or the title of a song in no file.
static void name_files(const NmStudio *studio, char *name, size_t size)
{
  const char *slash = strrchr(studio->path, '/'), *base = slash ? slash + 1 : studio->path;
  const char *dot = strrchr(base, '.'), *song = nm_document_get_song(studio->doc)->title;
  size_t n = dot && dot > base ? (size_t)(dot - base) : strlen(base);
  if (n > 0)
    snprintf(name, size, "%.*s", (int)n, base);
  else
    snprintf(name, size, "%.100s", song && *song && !strchr(song, '/') ? song : _("song"));
}

// Beside the song's file, else at home.
static void suggest(const NmStudio *studio, NmRenderingOrder *order)
{
  const char *slash = strrchr(studio->path, '/'), *home = getenv("HOME");
  name_files(studio, order->name, sizeof order->name);
  int n = slash ? (int)(slash - studio->path) + 1 : studio->path[0] ? 0 : -1;
  if (n >= 0)
    snprintf(order->folder, sizeof order->folder, "%.*s%s", n, studio->path, order->name);
  else
    snprintf(order->folder, sizeof order->folder, "%s/%s", home ? home : ".", order->name);
}

static bool is_in_folder(const NmRenderingOrder *order, const char *ending)
{
  char path[PATH_MAX + NM_RENDER_NAME_LEN + 16];
  struct stat about;
  snprintf(path, sizeof path, "%s/%s%s", order->folder, order->name, ending);
  return stat(path, &about) == 0;
}

static void look_into_folder(NmStudioRender *render)
{
  static const char *const others[] = {".json", ".TextGrid", ".srt", ".vtt",      ".lrc",
                                       ".txt",  ".csv",      ".png", ".musicxml", ".mid"};
  char stems[PATH_MAX + 32];
  struct stat about;
  snprintf(stems, sizeof stems, "%s/stems", render->order.folder);
  render->is_there = stat(stems, &about) == 0 || is_in_folder(&render->order, endings[render->format]);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    render->is_there |= is_in_folder(&render->order, others[i]);
}

void nm_studio_ask_render(NmStudio *studio)
{
  NmStudioRender *render = &studio->render;
  if (studio->no_files) return;
  if (!render->order.ending) render->order.stems = render->order.emotion = true;
  suggest(studio, &render->order);
  render->focuses = true;
  look_into_folder(render);
  nm_kit_dialog_open(studio->kit, title());
}

void nm_studio_go_on_rendering(NmStudio *studio, const char *folder)
{
  NmStudioRender *render = &studio->render;
  if (folder) snprintf(render->order.folder, sizeof render->order.folder, "%s", folder);
  render->focuses = true;
  look_into_folder(render);
  nm_kit_dialog_open(studio->kit, title());
}

// --- the work ---

static void begin(NmStudio *studio)
{
  NmStudioRender *render = &studio->render;
  render->order.ending = endings[render->format];
  render->order.force = render->is_there;
  nm_rendering_free(render->rendering);
  render->rendering = nm_rendering_new(studio->doc, &render->order, nm_studio_wake, studio->kit);
  if (!render->rendering)
    nm_studio_warn(studio, &(NmError){.status = NM_ERR_NO_MEMORY, .message = "out of memory"});
}

void nm_studio_stop_render(NmStudio *studio)
{
  if (studio->render.rendering) nm_rendering_cancel(studio->render.rendering);
}

static void take_result(NmStudio *studio)
{
  NmStudioRender *render = &studio->render;
  if (!render->rendering) return;
  NmRenderingState state = nm_rendering_get_state(render->rendering);
  if (!state.is_over) return;
  nm_rendering_free(render->rendering);
  render->rendering = NULL;
  if (state.err.status == NM_ERR_CANCELLED)
    nm_studio_say(studio, "%s", _("Rendering was stopped; the folder is as it was"));
  else if (state.err.status)
    nm_studio_warn(studio, &state.err);
  else if (state.n_notes)
    nm_studio_say(studio, _("Rendered: %d files in %s; %s"), state.n_files, render->order.folder, state.note);
  else
    nm_studio_say(studio, _("Rendered: %d files in %s"), state.n_files, render->order.folder);
}

// --- what is seen ---

// The folder, to be typed or chosen.
static NmFieldEvent show_folder(NmKit *kit, NmStudioRender *render, bool *chooses)
{
  nm_kit_set_width(kit, -CHOOSE_WIDTH);
  if (render->focuses) nm_kit_focus_next(kit);
  render->focuses = false;
  NmFieldEvent event =
      nm_kit_field(kit, "##folder", _("Folder"), render->order.folder, sizeof render->order.folder);
  nm_kit_same_row(kit, 8);
  *chooses = nm_kit_button(kit, _("Choose..."));
  return event;
}

// What goes into the folder; true when Enter was pressed.
static bool show_fields(NmKit *kit, NmStudioRender *render, bool *chooses)
{
  const char *names[N_ENDINGS];
  for (int i = 0; i < N_ENDINGS; i++) names[i] = endings[i] + 1;
  nm_kit_text(kit, NM_FONT_BODY, NM_PAINT_TEXT_DIM, _("Sound, timings, notes and feelings, into the folder"));
  NmFieldEvent event = show_folder(kit, render, chooses);
  nm_kit_space(kit, 2);
  nm_kit_set_width(kit, 90);
  bool changed = nm_kit_choice(kit, _("kind of sound"), &render->format, names, N_ENDINGS);
  nm_kit_checkbox(kit, _("The parts of the mix one by one too"), &render->order.stems);
  nm_kit_checkbox(kit, _("How it feels: a table and a picture"), &render->order.emotion);
  if (changed || event != NM_FIELD_NOTHING) look_into_folder(render);
  return event == NM_FIELD_DONE;
}

static void show_dialog(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmStudioRender *render = &studio->render;
  if (!nm_kit_dialog_begin(kit, title(), DIALOG_WIDTH, DIALOG_HEIGHT)) return;
  bool chooses, goes = show_fields(kit, render, &chooses);
  nm_kit_text(kit, NM_FONT_BODY, NM_PAINT_WARNING,
              render->is_there ? _("Files of these names are there; they are replaced") : "");
  nm_kit_space(kit, 4);
  nm_kit_disable(kit, !render->order.folder[0]);
  goes |= nm_kit_button(kit, render->is_there ? _("Replace") : _("Render"));
  nm_kit_enable(kit);
  nm_kit_same_row(kit, 8);
  bool stays = nm_kit_button(kit, _("Cancel"));
  goes = goes && render->order.folder[0];
  if (goes || stays || chooses) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
  if (chooses)
    nm_studio_ask_folder(studio, render->order.folder);
  else if (goes)
    begin(studio);
}

void nm_studio_show_render(NmStudio *studio)
{
  show_dialog(studio);
  take_result(studio);
}

float nm_studio_show_render_progress(NmStudio *studio, NmRect bar)
{
  NmKit *kit = studio->kit;
  char text[96];
  if (!studio->render.rendering) return 0;
  NmRenderingState state = nm_rendering_get_state(studio->render.rendering);
  snprintf(text, sizeof text, "%s %.0f %%", *state.doing ? _(state.doing) : _("loading the voice"),
           100 * state.done);
  nm_kit_set_place(kit, bar.x + bar.w - PROGRESS_SPACE, bar.y + 3);
  nm_kit_set_width(kit, PROGRESS_WIDTH);
  nm_kit_progress(kit, (float)state.done, text);
  nm_kit_same_row(kit, 8);
  nm_kit_set_place(kit, bar.x + bar.w - PROGRESS_SPACE + PROGRESS_WIDTH + 8, bar.y + 2);
  if (nm_kit_button(kit, _("Cancel"))) nm_studio_stop_render(studio);
  return PROGRESS_SPACE;
}
