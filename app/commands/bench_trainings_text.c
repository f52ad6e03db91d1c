// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "app/assets.h"
#include "app/commands/bench_trainings.h"
#include "models/text/g2p_train.h"

enum { N_BATCH = 256 };

typedef struct {
  NmLexicon *lexicon;
  NmG2pTrainer *trainer;
} G2p;

static void close(void *trainer)
{
  G2p *g = trainer;
  if (!g) return;
  nm_g2p_trainer_free(g->trainer);
  nm_lexicon_free(g->lexicon);
  free(g);
}

static NmStatus start(G2p *g, const NmBackend *backend, NmPool *pool, NmError *err)
{
  char path[PATH_MAX];
  const NmStatus status = nm_assets_find("english.lexicon", path, err);
  if (status != NM_OK) return status;
  if (!(g->lexicon = nm_lexicon_new(path, err))) return err->status;
  const NmG2pTraining training = {.config = nm_g2p_defaults(),
                                  .lexicon = g->lexicon,
                                  .n_batch = N_BATCH,
                                  .dropout = .05,
                                  .weight_decay = .01,
                                  .average = .999,
                                  .weight_between = .3,
                                  .seed = 1};
  g->trainer = nm_g2p_trainer_new(backend, pool, &training, err);
  return g->trainer ? NM_OK : err->status;
}

static void *open(const NmBackend *backend, NmPool *pool, NmError *err)
{
  G2p *g = calloc(1, sizeof *g);
  if (!g) nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (g && start(g, backend, pool, err) == NM_OK) return g;
  close(g);
  return NULL;
}

static NmStatus step(void *trainer, int64_t step, NmError *err)
{
  double loss;
  const G2p *g = trainer;
  return nm_g2p_trainer_step(g->trainer, step, NM_BENCH_TRAINING_RATE, &loss, err);
}

static double count(const void *trainer)
{
  const G2p *g = trainer;
  return nm_g2p_trainer_count_operations(g->trainer);
}

const NmBenchTraining nm_bench_trainings_text[] = {
    {"g2p", "256 of one length", "words", N_BATCH, open, close, step, count}, {0}};
