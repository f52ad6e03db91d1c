// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/tour.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "app/assets.h"
#include "app/studio/file.h"
#include "app/studio/state.h"
#include "ui/kit/widget.h"
#include "ui/kit/words.h"

enum { WIDTH = 350, HEIGHT = 150, GAP = 14, EDGE = 3 };

static const struct {
  NmSight sight;
  const char *title, *text;
} steps[] = {
    {NM_SIGHT_WORDS, N_("Words"),
     N_("A click selects what is sung on a word, a double click changes its line. Whole lyrics go in by "
        "Compose, "
        "Lyrics.")},
    {NM_SIGHT_NOTES, N_("Notes"),
     N_("Drag them, pull at their ends, double click to add one. Enter types words through, Tab goes on to "
        "the "
        "next note.")},
    {NM_SIGHT_PHONES, N_("Sounds of the words"),
     N_("Each in its time. Drag an edge to make one longer; a double click gives it back to the voice.")},
    {NM_SIGHT_SOUND, N_("What is sung"),
     N_("Waveform and spectrogram of the voice. After a change only the phrases that it touches are sung "
        "anew.")},
    {NM_SIGHT_FEELINGS, N_("Feelings"),
     N_("How pleasant and how excited the song feels, moment by moment. Draw over it how it should feel.")},
    {NM_SIGHT_PLANE, N_("Both at once"),
     N_("While it plays the dot walks from calm to lively, from sad to tense.")},
    {NM_SIGHT_BAR, N_("Playing"),
     N_("Space plays from the orange line and stops. F4 tells the voice how to sing.")},
    {NM_SIGHT_MENU, N_("Everything else"),
     N_("Compose finds melodies and words, File renders everything into a folder, F1 shows all keys.")}};

enum { N_STEPS = sizeof steps / sizeof *steps };

// --- remembered ---

static bool get_path(char path[PATH_MAX + 16])
{
  char folder[PATH_MAX];
  if (!nm_studio_get_folder(folder)) return false;
  snprintf(path, PATH_MAX + 16, "%s/toured", folder);
  return true;
}

static void remember(void)
{
  char path[PATH_MAX + 16];
  int fd = get_path(path) ? open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) : -1;
  if (fd >= 0) close(fd);
}

static void open_demo(NmStudio *studio)
{
  char path[PATH_MAX];
  NmError err = {0};
  if (studio->model.roll.n > 0 || studio->no_files) return;
  NmStatus status = nm_assets_find("demo.neume", path, &err);
  if (!status) status = nm_studio_open_copy(studio, path, &err);
  if (status) nm_studio_warn(studio, &err);
}

void nm_tour_begin(NmStudio *studio)
{
  open_demo(studio);
  studio->tour = (NmTour){.on = true, .focuses = true};
}

void nm_tour_offer(NmStudio *studio)
{
  char path[PATH_MAX + 16];
  if (studio->recover[0] || !get_path(path) || access(path, F_OK) == 0) return;
  nm_tour_begin(studio);
}

// --- what is seen ---

void nm_tour_tell(NmStudio *studio, NmSight sight, NmRect rect)
{
  studio->tour.sights[sight] = rect;
}

// A frame around what is meant.
static void show_frame(NmKit *kit, NmRect at)
{
  const NmRect edges[] = {{at.x, at.y, at.w, EDGE},
                          {at.x, at.y + at.h - EDGE, at.w, EDGE},
                          {at.x, at.y, EDGE, at.h},
                          {at.x + at.w - EDGE, at.y, EDGE, at.h}};
  for (int i = 0; i < 4; i++) {
    char name[16];
    snprintf(name, sizeof name, "tour-%d", i);
    nm_kit_overlay_begin(kit, name, edges[i]);
    nm_draw_rect(kit, edges[i], nm_kit_get_ink(kit, NM_PAINT_ACCENT), 0);
    nm_kit_overlay_end(kit);
  }
}

static void show_ground(NmKit *kit, NmRect box)
{
  nm_kit_overlay_begin(kit, "tour-ground", box);
  nm_draw_rect(kit, box, nm_kit_get_ink(kit, NM_PAINT_RAISED), 6);
  nm_draw_outline(kit, box, nm_kit_get_ink(kit, NM_PAINT_ACCENT), 6, 2);
  nm_kit_overlay_end(kit);
}

// Beside what is meant, where there is most room.
static NmRect place_box(NmRect bounds, NmRect at)
{
  float below = bounds.h - at.y - at.h, right = bounds.w - at.x - at.w;
  float x = at.x + GAP, y = at.y + GAP;
  if (right > WIDTH + 2 * GAP)
    x = at.x + at.w + GAP;
  else if (below > HEIGHT + 2 * GAP)
    y = at.y + at.h + GAP;
  else if (at.y > HEIGHT + 2 * GAP)
    y = at.y - HEIGHT - GAP;
  x = fminf(fmaxf(x, GAP), bounds.w - WIDTH - GAP);
  y = fminf(fmaxf(y, GAP), bounds.h - HEIGHT - GAP);
  return (NmRect){x, y, WIDTH, HEIGHT};
}

static void end(NmStudio *studio)
{
  studio->tour.on = false;
  if (!studio->no_files) remember();
}

static void go(NmStudio *studio, int way)
{
  NmTour *tour = &studio->tour;
  int step = tour->step + way;
  while (step >= 0 && step < N_STEPS && tour->sights[steps[step].sight].w <= 0) step += way;
  tour->focuses = true;
  if (step >= N_STEPS)
    end(studio);
  else if (step >= 0)
    tour->step = step;
}

static bool takes_escape(NmKit *kit)
{
  return !nm_kit_is_popup_open(kit) && !nm_kit_is_typing(kit) &&
         nm_kit_take_key_anyway(kit, NM_KEY_ESCAPE, 0);
}

static void show_buttons(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmTour *tour = &studio->tour;
  bool is_last = tour->step == N_STEPS - 1;
  int way = 0;
  if (tour->focuses) nm_kit_focus_next(kit);
  tour->focuses = false;
  if (nm_kit_button(kit, is_last ? _("Done##next") : _("Next##next"))) way = 1;
  nm_kit_same_row(kit, 8);
  nm_kit_disable(kit, tour->step == 0);
  if (nm_kit_button(kit, _("Back"))) way = -1;
  nm_kit_enable(kit);
  nm_kit_same_row(kit, 8);
  if (nm_kit_button(kit, _("Skip")) || takes_escape(kit)) end(studio);
  if (way) go(studio, way);
}

void nm_tour_show(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmTour *tour = &studio->tour;
  char title[128];
  if (!tour->on) return;
  NmRect at = tour->sights[steps[tour->step].sight];
  NmRect box = place_box(nm_kit_get_bounds(kit), at);
  show_frame(kit, at);
  snprintf(title, sizeof title, "%s  (%d/%d)", _(steps[tour->step].title), tour->step + 1, N_STEPS);
  show_ground(kit, box);
  nm_kit_overlay_begin(kit, "tour", (NmRect){box.x + 16, box.y + 12, box.w - 32, box.h - 20});
  nm_kit_text(kit, NM_FONT_BOLD, NM_PAINT_TEXT, title);
  nm_kit_paragraph(kit, _(steps[tour->step].text));
  nm_kit_set_place(kit, box.x + 16, box.y + box.h - 38);
  show_buttons(studio);
  nm_kit_overlay_end(kit);
}
