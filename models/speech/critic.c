// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/critic.h"

#include <stdlib.h>

enum { N_BANDS = 80, N_LAYERS = 3, LEN_GROUP = 20, N_GROUPS = 7, LEN_STEP = 10 };

#define WEIGHT_ADVERSARIAL 0.15
#define WEIGHT_MATCHING 0.3

// One judge sees all bands at once, the other groups of neighbouring bands with the same weights.
static const NmJudgeLayer whole_layers[N_LAYERS] = {
    {5, 192, {1, 1, 2, 2, 1}}, {5, 192, {1, 2, 4, 4, 1}}, {5, 192, {1, 4, 8, 8, 1}}};
static const NmJudgeLayer group_layers[N_LAYERS] = {
    {5, 64, {1, 1, 2, 2, 1}}, {5, 128, {2, 1, 2, 2, 1}}, {5, 128, {1, 1, 2, 2, 1}}};

struct NmCritic {
  NmParams *params;
  NmGraph *graph;
  NmVar generated, recorded, adversarial, matching; // in the acoustic model's graph
  float *host[2];                                   // [capacity] stretches on their way
  size_t capacity;
};

static NmVar groups(NmGraph *g, NmVar x)
{
  NmVar part[N_GROUPS];
  for (int i = 0; i < N_GROUPS; ++i) part[i] = nm_slice(g, x, 2, i * LEN_STEP, LEN_GROUP);
  return nm_concat(g, part, N_GROUPS, 0);
}

static NmJudgement judge(const NmNet *net, NmVar envelope)
{
  NmJudgement j = {.n = 2, .n_layers = N_LAYERS};
  nm_judge_run(net, 0, envelope, whole_layers, &j);
  nm_judge_run(net, 1, groups(net->graph, envelope), group_layers, &j);
  return j;
}

void nm_critic_free(NmCritic *critic)
{
  if (!critic) return;
  nm_graph_free(critic->graph);
  nm_params_free(critic->params);
  free(critic->host[0]);
  free(critic->host[1]);
  free(critic);
}

NmCritic *nm_critic_new(const NmBackend *backend, NmPool *pool, uint64_t seed, NmError *err)
{
  NmCritic *critic = calloc(1, sizeof *critic);
  NmStatus status = NM_ERR_NO_MEMORY;
  if (critic) {
    critic->params = nm_params_new(backend, pool);
    critic->graph = nm_graph_new(backend, pool);
  }
  if (critic && critic->params && critic->graph) {
    const NmNet net = {critic->graph, critic->params, 0};
    judge(&net, nm_graph_input(critic->graph, NM_TYPE_REAL, NM_SHAPE3(1, NM_CRITIC_N_FRAMES, N_BANDS)));
    status = nm_params_seal(critic->params, seed, err);
  } else {
    nm_error_set(err, status, "out of memory");
  }
  if (status == NM_OK) return critic;
  nm_critic_free(critic);
  return NULL;
}

NmVar nm_critic_add_loss(NmCritic *critic, NmGraph *g, NmVar generated, NmVar recorded, NmVar index)
{
  nm_params_set_frozen(critic->params, true);
  const NmNet net = {g, critic->params, 0};
  critic->generated = nm_gather_rows(g, generated, index);
  critic->recorded = nm_gather_rows(g, recorded, index);
  nm_graph_output(g, critic->generated);
  nm_graph_output(g, critic->recorded);
  const NmJudgement a = judge(&net, critic->generated), b = judge(&net, critic->recorded);
  critic->adversarial = nm_judge_loss(g, &a, 1);
  critic->matching = nm_judge_matching_loss(g, &a, &b);
  return nm_add(g, nm_affine(g, critic->adversarial, WEIGHT_ADVERSARIAL, 0),
                nm_affine(g, critic->matching, WEIGHT_MATCHING, 0));
}

static bool fetch(NmCritic *critic, NmGraph *g, size_t n)
{
  for (int i = 0; i < 2 && n > critic->capacity; ++i) {
    float *grown = realloc(critic->host[i], n * sizeof *grown);
    if (!grown) return false;
    critic->host[i] = grown;
  }
  if (n > critic->capacity) critic->capacity = n;
  nm_graph_get(g, critic->generated, critic->host[0]);
  nm_graph_get(g, critic->recorded, critic->host[1]);
  return true;
}

NmStatus nm_critic_step(NmCritic *critic, NmGraph *g, double lr, NmCriticLosses *losses, NmError *err)
{
  const NmShape shape = nm_graph_shape(g, critic->generated);
  if (!fetch(critic, g, (size_t)nm_shape_count(shape)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmGraph *own = critic->graph;
  nm_graph_reset(own);
  nm_params_set_frozen(critic->params, false);
  const NmNet net = {own, critic->params, 0};
  const NmVar generated = nm_graph_input(own, NM_TYPE_REAL, shape),
              recorded = nm_graph_input(own, NM_TYPE_REAL, shape);
  const NmJudgement a = judge(&net, generated), b = judge(&net, recorded);
  const NmVar loss = nm_add(own, nm_judge_loss(own, &a, 0), nm_judge_loss(own, &b, 1));
  NmStatus status = nm_graph_plan(own, true, err);
  if (status != NM_OK) return status;
  nm_graph_set(own, generated, critic->host[0]);
  nm_graph_set(own, recorded, critic->host[1]);
  nm_graph_forward(own);
  nm_params_zero_grad(critic->params);
  nm_graph_backward(own, loss);
  *losses = (NmCriticLosses){nm_graph_get_scalar(g, critic->adversarial),
                             nm_graph_get_scalar(g, critic->matching), nm_graph_get_scalar(own, loss)};
  NmAdamConfig adam = nm_adam_defaults();
  adam.lr = lr;
  adam.beta1 = .5;
  adam.beta2 = .9;
  adam.clip_norm = 10;
  status = nm_params_step(critic->params, &adam, NULL, err);
  return status == NM_ERR_BAD_DATA ? NM_OK : status; // a step without finite gradients is passed over
}

NmParams *nm_critic_get_params(NmCritic *critic)
{
  return critic->params;
}

double nm_critic_count_operations(const NmCritic *critic)
{
  return nm_graph_count_operations(critic->graph);
}
