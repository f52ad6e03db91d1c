// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/commands.h"

const NmCommand *const nm_commands[] = {
    &nm_command_speak,   &nm_command_compose,  &nm_command_lyrics, &nm_command_align,
    &nm_command_sing,    &nm_command_backing,  &nm_command_render, &nm_command_studio,
    &nm_command_emotion, &nm_command_listener, &nm_command_batch,  &nm_command_prepare,
    &nm_command_train,   &nm_command_bench,    &nm_command_info,   NULL};
