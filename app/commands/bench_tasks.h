// SPDX-License-Identifier: GPL-3.0-or-later
// The measurements of `neume bench`, one file each.
#ifndef NM_COMMANDS_BENCH_TASKS_H
#define NM_COMMANDS_BENCH_TASKS_H

#include "app/command.h"

int nm_bench_attention(const NmArgs *args);
int nm_bench_ops(const NmArgs *args);
int nm_bench_speech(const NmArgs *args);
int nm_bench_voice(const NmArgs *args);

#endif
