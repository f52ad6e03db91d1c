// SPDX-License-Identifier: GPL-3.0-or-later
// `neume speak --jsonl`: the voice stays loaded and speaks one request per line.
#ifndef NM_COMMANDS_SPEAK_JSONL_H
#define NM_COMMANDS_SPEAK_JSONL_H

#include "app/jobs/speak_job.h"

// Reads requests from the file at `path` (NULL or "-": standard input), each starting from `defaults`, and
// answers each with a line on standard output. Returns the exit code: 4 when some failed.
int nm_speak_jsonl_run(NmSpeech *speech, const NmSpeakRequest *defaults, const char *path);

#endif
