// SPDX-License-Identifier: GPL-3.0-or-later
// The trainings of `neume train`, one file each, and what their loops share.
#ifndef NM_COMMANDS_TRAIN_TASKS_H
#define NM_COMMANDS_TRAIN_TASKS_H

#include "app/command.h"
#include "dsp/base/pool.h"
#include "models/emotion/corpus.h"
#include "models/engine/params.h"
#include "models/engine/train.h"
#include "models/speech/corpus.h"

int nm_train_aligner(const NmArgs *args);
int nm_train_speech(const NmArgs *args);
int nm_train_teacher(const NmArgs *args);
int nm_train_vocoder(const NmArgs *args);
int nm_train_g2p(const NmArgs *args);
int nm_train_song(const NmArgs *args);
int nm_train_emotion(const NmArgs *args);
int nm_train_listener(const NmArgs *args);

// What every training command line says. Close what was opened, also after a failure.
typedef struct {
  NmRecipe *recipe;
  NmPool *pool;
  const NmBackend *backend;
  const char *corpus, *out, *checkpoint, *resume, *log; // checkpoint, resume, log may be NULL
  const char *licence, *data;                           // from the recipe, for the weights
  double seconds;                                       // stop (with a checkpoint) after this long; 0: never
  double started;
} NmTrainJob;

// Reads the options; 0 or an exit code, with the message given.
int nm_train_job_open(NmTrainJob *job, const NmArgs *args);
void nm_train_job_close(NmTrainJob *job);

// All of a training on a prepared corpus: opens the job and its corpus, calls `train` and closes them. The
// exit code.
int nm_train_job_run(const NmArgs *args,
                     NmStatus (*train)(const NmTrainJob *job, NmCorpus *corpus, NmError *err));

// The same on one or several corpora of neume prepare emotion.
int nm_train_job_run_emotion(const NmArgs *args,
                             NmStatus (*train)(const NmTrainJob *job, const NmEmotionCorpus *corpus,
                                               NmError *err));

// Whether the loop should stop now: interrupted, or out of time.
bool nm_train_job_is_over(const NmTrainJob *job);
double nm_train_job_get_seconds(const NmTrainJob *job);

// Writes the weights to job->out, with the moving average if there is one. `metadata` says what they are (a
// JSON object of strings, freed here; NULL: memory is out); what they come from is added: licence, training
// data, recipe and steps done.
NmStatus nm_train_job_save(const NmTrainJob *job, NmParams *params, NmStore store, char *metadata,
                           NmError *err) NM_NODISCARD;

// A progress line on stderr.
void nm_train_job_say(const NmTrainJob *job, int64_t step, int64_t n_steps, const char *fmt, ...)
    NM_PRINTF(4, 5);

#endif
