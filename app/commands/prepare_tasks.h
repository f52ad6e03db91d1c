// SPDX-License-Identifier: GPL-3.0-or-later
// The preparations of `neume prepare`, one file each.
#ifndef NM_COMMANDS_PREPARE_TASKS_H
#define NM_COMMANDS_PREPARE_TASKS_H

#include "app/command.h"

int nm_prepare_speech_task(const NmArgs *args);
int nm_prepare_song_task(const NmArgs *args);
int nm_prepare_distill_task(const NmArgs *args);
int nm_prepare_emotion_task(const NmArgs *args);

#endif
