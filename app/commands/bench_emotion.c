// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench emotion`: the model beside simple ways on clips that training never saw, and on listeners
// (protocols P1 to P3) on pieces that nothing was learned from. These are the numbers of the model card.
#include <stdio.h>
#include <stdlib.h>

#include "app/assets.h"
#include "app/commands/bench_tasks.h"
#include "models/emotion/baseline.h"
#include "models/emotion/listener_bench.h"
#include "models/emotion/metrics.h"
#include "models/emotion/model.h"

static NmStatus open_model(const NmArgs *args, NmEmotionModel **model, NmError *err)
{
  char path[PATH_MAX];
  const char *weights = nm_args_get(args, "weights");
  if (!weights) {
    const NmStatus status = nm_assets_find("emotion.safetensors", path, err);
    if (status != NM_OK) return status;
  }
  *model = nm_emotion_model_open(weights ? weights : path, err);
  return *model ? NM_OK : err->status;
}

static void print_scores(const char *what, const NmEmotionScore score[2])
{
  printf("%-22s", what);
  for (int d = 0; d < 2; ++d)
    printf("  %6.3f %6.3f %6.3f %6.3f", score[d].rmse, score[d].ccc, score[d].r, score[d].r2);
  printf("\n");
}

static void print_header(const char *what)
{
  printf("\n%-22s  %-27s  %-27s\n%-22s", what, "valence", "arousal", "");
  for (int d = 0; d < 2; ++d) printf("  %6s %6s %6s %6s", "RMSE", "CCC", "r", "R2");
  printf("\n");
}

static void print_table(const char *what, const NmEmotionTable *t)
{
  print_header(what);
  print_scores("mean of training", t->mean);
  print_scores("ridge", t->ridge);
  print_scores("kernel machine alone", t->kernel);
  print_scores("network alone", t->network);
  print_scores("the model", t->model);
}

static NmStatus bench_clips(NmEmotionModel *model, const char *dir, NmError *err)
{
  NmEmotionCorpus corpus;
  NmEmotionTable now, whole;
  double far = 0;
  NmStatus status = nm_emotion_corpus_open(&corpus, dir, err);
  if (status == NM_OK) status = nm_emotion_compare(model, &corpus, &now, &whole, &far, err);
  if (status == NM_OK) {
    printf("%lld clips held out, %lld half seconds\n", (long long)now.n_items, (long long)now.n);
    print_table("half seconds, pooled", &now);
    print_table("clips, as rated whole", &whole);
    printf("\n%.1f %% of the clips held out are told to be far from what the model knows\n", 100 * far);
  }
  nm_emotion_corpus_fini(&corpus);
  return status;
}

static void print_protocol(const char *what, const NmListenerTable *t)
{
  printf("\n%s: mean RMSE of %d and %d tasks (pooled CCC)\n%-34s %-15s %-15s %-15s %s\n", what, t->n[0],
         t->n[1], "", "valence", "arousal", "control: val.", "aro.");
  for (int i = 0; i < NM_WAYS; ++i) {
    if (!t->ways[i].known) continue;
    printf("%-34s", nm_listener_ways[i]);
    for (int control = 0; control < 2; ++control)
      for (int d = 0; d < 2; ++d)
        printf(" %.4f (%.3f) ", t->ways[i].rmse[control][d], t->ways[i].ccc[control][d]);
    printf("\n");
  }
}

static NmStatus bench_listeners(NmEmotionModel *model, const NmArgs *args, const char *dir, NmError *err)
{
  NmEmotionCorpus corpus;
  NmListenerTable table;
  char path[PATH_MAX];
  const char *prior = nm_args_get(args, "prior");
  NmStatus status = nm_emotion_corpus_open(&corpus, dir, err);
  if (status == NM_OK && !prior && (status = nm_assets_find("listener.safetensors", path, err)) == NM_OK)
    prior = path;
  static const struct {
    const char *what;
    NmListenerProtocol protocol;
  } tests[] = {{"P1, 30 s of the same piece", {.seconds = 30}},
               {"P1, 15 s of the same piece", {.seconds = 15}},
               {"P2, another piece", {.other_piece = true}}};
  for (size_t i = 0; i < sizeof tests / sizeof *tests && status == NM_OK; ++i) {
    status = nm_listener_compare(model, prior, &corpus, &tests[i].protocol, &table, err);
    if (status == NM_OK) print_protocol(tests[i].what, &table);
  }
  nm_emotion_corpus_fini(&corpus);
  return status;
}

int nm_bench_emotion(const NmArgs *args)
{
  NmEmotionModel *model = NULL;
  NmError err = {0};
  const char *clips = nm_args_get(args, "corpus"), *listeners = nm_args_get(args, "listeners");
  if (!clips && !listeners)
    return nm_message_fail(NM_EXIT_USAGE, "bench emotion needs --corpus DIR, --listeners DIR or both");
  NmStatus status = open_model(args, &model, &err);
  if (status == NM_OK && clips) status = bench_clips(model, clips, &err);
  if (status == NM_OK && listeners) status = bench_listeners(model, args, listeners, &err);
  nm_emotion_model_close(model);
  return status == NM_OK ? 0 : nm_message_fail_input(&err);
}
