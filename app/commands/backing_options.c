// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/backing_options.h"

#include "app/commands/project_options.h"
#include "dsp/soundfont.h"
#include "models/harmony/mood.h"

bool nm_backing_options_read(const NmArgs *args, json_t *settings)
{
  NmBandMood unused;
  const char *mood = nm_args_get(args, "mood");
  if (!mood) return true;
  if (nm_mood_parse(mood, &unused))
    return nm_project_options_put(settings, "/backing/mood", json_string(mood));
  nm_message("--mood '%s' is unknown; there are calm, bright, dark, driving, sad, solemn, or two numbers "
             "from -1 to 1 such as 0.4,-0.2",
             mood);
  return false;
}

int nm_backing_options_check(const NmArgs *args)
{
  char found[512];
  NmError err = {0};
  const char *soundfont = nm_args_get(args, "soundfont");
  if (!soundfont || nm_soundfont_find(soundfont, found, sizeof found, &err) == NM_OK) return NM_EXIT_DONE;
  return nm_message_fail_input(&err);
}

bool nm_backing_options_given(const NmArgs *args)
{
  return nm_args_has(args, "mood") || nm_args_has(args, "stems") || nm_args_has(args, "soundfont");
}
