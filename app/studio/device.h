// SPDX-License-Identifier: GPL-3.0-or-later
// Play > Sound device: where it is heard. What was chosen is kept for the next time.
#ifndef NM_STUDIO_DEVICE_H
#define NM_STUDIO_DEVICE_H

#include "app/studio/studio.h"
#include "dsp/player.h"

// Zero-initialise.
typedef struct {
  char chosen[NM_PLAYER_NAME_MAX]; // empty: the system's
  NmPlayerDevices found;
  bool knows, searches;
} NmStudioDevice;

// Takes what was chosen last time.
void nm_studio_recall_device(NmStudio *studio);
void nm_studio_choose_device(NmStudio *studio, const char *name);
void nm_studio_ask_device(NmStudio *studio);

// The dialog, every frame.
void nm_studio_show_device(NmStudio *studio);

#endif
