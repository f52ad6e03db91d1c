// SPDX-License-Identifier: GPL-3.0-or-later
// A batch of cheap stages. `compose` and `emotion` wrap the text of a file: "a" becomes "song(a)", then
// "mood(song(a))". The first word of an input can be an order: crash, hang, fail, warn, nothing (is written),
// memory (more than there is), slow. Every stage that is begun adds a line to the file "begun": its command
// and its input.
#ifndef NM_TEST_SUPPORT_BATCH_FIXTURE_H
#define NM_TEST_SUPPORT_BATCH_FIXTURE_H

#include "app/jobs/batch/run.h"

extern const NmCommand *const batch_commands[];

// What was told of one input.
typedef struct {
  char input[128], reason[512];
  NmBatchOutcome outcome;
} BatchTold;

typedef struct {
  NmBatchList list;
  NmBatchSettings settings;
  NmBatchRun run;
  NmBatchTotals totals;
  NmBatchNaming naming;
  NmError err;
  BatchTold told[256];
  int n_told;
} BatchFixture;

// An empty batch of `chain` into the folder "out".
void batch_begin(BatchFixture *f, const char *chain);
void batch_add(BatchFixture *f, const char *operand);

// Names, checks and runs.
NmStatus batch_run(BatchFixture *f);
void batch_end(BatchFixture *f);

// The same in a process of its own, which ends with the status; batch_begin ... batch_run.
NmStatus batch_run_apart(const char *chain, const char *operand, void (*set)(BatchFixture *f));

// Runs a batch of `chain` over `operand` with what `set` sets (or NULL), and checks the status and the
// counts.
void batch_expect(const char *chain, const char *operand, void (*set)(BatchFixture *f), NmStatus status,
                  int n_ok, int n_failed, int n_skipped);

// Writes a text file, making folders.
void batch_write(const char *path, const char *text);

// Fails the test unless the file has that text.
void batch_expect_text(const char *path, const char *text);

// Lines of the file "begun" that contain `text`.
int batch_count_begun(const char *text);

// An empty folder to be in, and back; as enter_scratch, for folders in folders.
void batch_enter(void);
void batch_leave(void);

void set_resume(BatchFixture *f);
void set_force(BatchFixture *f);
void set_skip_existing(BatchFixture *f);

#endif
