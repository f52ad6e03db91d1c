// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/consensus.h"

#include <math.h>

NmConsensus nm_consensus_defaults(void)
{
  return (NmConsensus){.pd = 1, .dd = 1, .md = .5};
}

double nm_consensus_get_distance(const NmConsensus *weights, const NmMetricsSimilarity *similarity)
{
  const double md = isnan(similarity->md) ? 0 : similarity->md;
  return weights->pd * (1 - similarity->pd) + weights->dd * (1 - similarity->dd) + weights->md * md;
}

// Both ways round: all but the length that the distance is divided by is the same.
static void add_pair(const NmConsensus *weights, const NmMetricsProfile *a, const NmMetricsProfile *b,
                     float *work, double *risk_a, double *risk_b)
{
  NmMetricsSimilarity s = nm_metrics_compare(a, b, work);
  *risk_b += nm_consensus_get_distance(weights, &s);
  if (a->n_steps > 0) s.md *= (double)b->n_steps / (double)a->n_steps;
  *risk_a += nm_consensus_get_distance(weights, &s);
}

NmStatus nm_consensus_choose(const NmConsensus *weights, const NmMetricsProfile *candidates, int32_t n,
                             NmArena *arena, double *risks, int32_t *best)
{
  if (n < 1) return NM_ERR_BAD_ARG;
  const NmMetricsProfile *longest = candidates;
  for (int32_t i = 0; i < n; ++i)
    if (candidates[i].n_steps > longest->n_steps) longest = &candidates[i];
  float *work = nm_arena_alloc(arena, nm_metrics_size_work(longest, longest) * sizeof *work);
  if (!work) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < n; ++i) risks[i] = 0;
  for (int32_t i = 0; i < n; ++i)
    for (int32_t j = i + 1; j < n; ++j)
      add_pair(weights, &candidates[i], &candidates[j], work, &risks[i], &risks[j]);
  *best = 0;
  for (int32_t i = 0; i < n; ++i) {
    if (n > 1) risks[i] /= n - 1;
    if (risks[i] < risks[*best]) *best = i;
  }
  return NM_OK;
}
