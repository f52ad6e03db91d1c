// SPDX-License-Identifier: GPL-3.0-or-later
// The measurements of `neume bench`, one file each.
#ifndef NM_COMMANDS_BENCH_TASKS_H
#define NM_COMMANDS_BENCH_TASKS_H

#include "app/command.h"
#include "dsp/base/status.h"

int nm_bench_attention(const NmArgs *args);
int nm_bench_ops(const NmArgs *args);
int nm_bench_song(const NmArgs *args);
int nm_bench_speech(const NmArgs *args);
int nm_bench_train(const NmArgs *args);
int nm_bench_voice(const NmArgs *args);
int nm_bench_emotion(const NmArgs *args);

// Of `bench speech`: prints the acoustic model's speed beside that of the teacher in the weights file `path`,
// both saying `text`.
NmStatus nm_bench_teacher(const char *path, const char *text, size_t len, NmError *err) NM_NODISCARD;

#endif
