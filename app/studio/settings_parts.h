// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of the settings, each in its own file: app/studio/settings_voice.c, ..._time.c, ..._band.c.
#ifndef NM_STUDIO_SETTINGS_PARTS_H
#define NM_STUDIO_SETTINGS_PARTS_H

#include "app/studio/studio.h"

void nm_settings_show_voice(NmStudio *studio);
void nm_settings_show_time(NmStudio *studio);
void nm_settings_show_band(NmStudio *studio);

#endif
