// SPDX-License-Identifier: GPL-3.0-or-later
// `neume train listener`: what listeners have in common, from a corpus of their curves and an emotion model.
#include <stdlib.h>

#include "app/commands/train_tasks.h"
#include "models/emotion/listener_bench.h"
#include "models/emotion/listener_fit.h"
#include "models/emotion/listener_prior.h"

static NmStatus learn(const NmTrainJob *job, const NmEmotionCorpus *corpus, NmEmotionModel *model,
                      double seconds, NmError *err)
{
  float weights[2][NM_MIX_N], *block = NULL;
  NmProtocolTasks tasks = {0};
  float **curves = calloc((size_t)corpus->n_items + 1, sizeof *curves);
  NmStatus status = curves ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) status = nm_listener_hear(model, corpus, curves, &block, err);
  if (status == NM_OK) status = nm_protocol_p1(&tasks, corpus, NM_EMOTION_TRAIN, seconds, false, err);
  if (status == NM_OK && tasks.n == 0)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: no listeners' curves to learn from", job->corpus);
  if (status == NM_OK) status = nm_listener_fit(&tasks, curves, weights, err);
  if (status == NM_OK)
    status = nm_listener_prior_save(job->out, nm_emotion_model_get_hash(model), job->licence, job->data,
                                    weights, err);
  if (status == NM_OK) nm_train_job_say(job, 1, 1, "%d tasks", (int)tasks.n);
  nm_protocol_fini(&tasks);
  free(block);
  free(curves);
  return status;
}

static NmStatus train(const NmTrainJob *job, const NmEmotionCorpus *corpus, NmError *err)
{
  const char *path = nm_recipe_get_text(job->recipe, "emotion_model", "assets/emotion.safetensors");
  const double seconds = nm_recipe_get_number(job->recipe, "support_seconds", 30, 1, 600);
  const NmStatus status = nm_recipe_check(job->recipe, err);
  NmEmotionModel *model = status == NM_OK ? nm_emotion_model_open(path, err) : NULL;
  if (!model) return err->status;
  const NmStatus done = learn(job, corpus, model, seconds, err);
  nm_emotion_model_close(model);
  return done;
}

int nm_train_listener(const NmArgs *args)
{
  return nm_train_job_run_emotion(args, train);
}
