// SPDX-License-Identifier: GPL-3.0-or-later
// neume-studio, which `neume studio` becomes: a program of its own, so that the others need not wait for the
// libraries of a window.
#include <string.h>

#include "app/clock.h"
#include "app/commands/commands.h"
#include "app/message.h"
#include "app/output.h"
#include "app/studio/device.h"
#include "app/studio/studio.h"
#include "app/studio/tour.h"
#include "ui/kit/words.h"

static bool read_theme(const NmArgs *args, NmTheme *theme)
{
  const char *name = nm_args_get(args, "theme");
  *theme = name && !strcmp(name, "light") ? NM_THEME_LIGHT : NM_THEME_DARK;
  if (!name || *theme == NM_THEME_LIGHT || !strcmp(name, "dark")) return true;
  nm_message("--theme '%s' is unknown; there are dark and light", name);
  return false;
}

static NmKitConfig read_options(const NmArgs *args, double scale, NmTheme theme)
{
  NmKitConfig config = nm_kit_defaults();
  config.title = "Neume";
  config.scale = (float)scale;
  config.family = nm_args_get(args, "font");
  config.headless = nm_args_has(args, "screenshot");
  config.theme = theme;
  return config;
}

// Dear ImGui needs a few frames to settle.
static int take_screenshot(NmStudio *studio, NmKit *kit, const char *path, bool force)
{
  NmError err = {0};
  NmOutput out = {0};
  NmStatus status = nm_output_begin(&out, path, force, &err);
  nm_studio_wait_for_voice(studio);
  for (int i = 0; i < 4; i++) nm_studio_frame(studio);
  if (!status) status = nm_kit_screenshot(kit, out.path_work, &err);
  if (!status) status = nm_output_commit(&out, &err);
  nm_output_discard(&out);
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int show(const NmArgs *args, NmStudio *studio, NmKit *kit)
{
  NmError err = {0};
  const char *screenshot = nm_args_get(args, "screenshot");
  if (args->n_operands && nm_studio_open(studio, args->operands[0], &err)) return nm_message_fail_input(&err);
  if (nm_studio_start_voice(studio)) return nm_message_fail(NM_EXIT_FAILED, "out of memory");
  if (screenshot) return take_screenshot(studio, kit, screenshot, nm_args_has(args, "force"));
  if (!args->n_operands) nm_studio_look_for_lost(studio);
  if (!args->n_operands) nm_tour_offer(studio);
  nm_studio_recall_device(studio);
  nm_studio_run(studio);
  return NM_EXIT_DONE;
}

static int run(const NmArgs *args)
{
  NmError err = {0};
  double scale = 0;
  NmTheme theme;
  if (!nm_args_get_number(args, "scale", .5, 4, &scale) || !read_theme(args, &theme)) return NM_EXIT_USAGE;
  if (args->n_operands > 1)
    return nm_message_fail(NM_EXIT_USAGE, "studio takes one song, not %d", args->n_operands);
  NmKitConfig config = read_options(args, scale, theme);
  char folder[PATH_MAX];
  nm_words_init(nm_words_find(folder) ? folder : NULL, nm_args_get(args, "lang"));
  NmKit *kit = nm_kit_new(&config, &err);
  NmStudio *studio = kit ? nm_studio_new(kit) : NULL;
  int code = studio ? show(args, studio, kit)
                    : nm_message_fail(NM_EXIT_FAILED, "%s", kit ? "out of memory" : err.message);
  nm_studio_free(studio);
  nm_kit_free(kit);
  return code;
}

int main(int argc, char **argv)
{
  NmCommand studio = nm_command_studio;
  studio.run = run;
  const NmCommand *commands[] = {&studio, NULL};
  nm_clock_start();
  nm_message_install();
  return nm_command_main(commands, argc, argv);
}
