// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/bench_song_table.h"

#include <math.h>
#include <stdio.h>

static void add_similarity(NmMetricsSimilarity *sum, const NmMetricsSimilarity *one)
{
  sum->pd += one->pd;
  sum->dd += one->dd;
  if (!isnan(one->md)) sum->md += one->md;
}

static void add_character(NmMetricsCharacter *sum, const NmMetricsCharacter *one)
{
  sum->scale += one->scale;
  sum->repetition += one->repetition;
  sum->rest += one->rest;
  sum->range += one->range;
  sum->step += one->step;
}

static NmStatus compare(const NmMetricsNote *reference, int32_t n_reference, const NmMetricsNote *hypothesis,
                        int32_t n_hypothesis, NmMetricsKind kind, NmArena *arena,
                        NmMetricsSimilarity *similarity)
{
  NmMetricsProfile of_reference, of_hypothesis;
  NmStatus status = nm_metrics_profile(reference, n_reference, kind, arena, &of_reference);
  if (status == NM_OK) status = nm_metrics_profile(hypothesis, n_hypothesis, kind, arena, &of_hypothesis);
  if (status != NM_OK) return status;
  float *work = nm_arena_alloc(arena, nm_metrics_size_work(&of_reference, &of_hypothesis) * sizeof *work);
  if (!work) return NM_ERR_NO_MEMORY;
  *similarity = nm_metrics_compare(&of_reference, &of_hypothesis, work);
  return NM_OK;
}

NmStatus nm_bench_row_add(NmBenchRow *row, const NmMetricsNote *reference, int32_t n_reference,
                          const NmMetricsNote *hypothesis, int32_t n_hypothesis, NmArena *arena)
{
  NmMetricsSimilarity songmass, telemelody;
  NmStatus status =
      compare(reference, n_reference, hypothesis, n_hypothesis, NM_METRICS_SONGMASS, arena, &songmass);
  if (status == NM_OK)
    status =
        compare(reference, n_reference, hypothesis, n_hypothesis, NM_METRICS_TELEMELODY, arena, &telemelody);
  if (status != NM_OK) return status;
  const NmMetricsCharacter character = nm_metrics_describe(hypothesis, n_hypothesis);
  add_similarity(&row->songmass, &songmass);
  add_similarity(&row->telemelody, &telemelody);
  add_character(&row->character, &character);
  row->n_distances += !isnan(songmass.md);
  ++row->n;
  return NM_OK;
}

void nm_bench_row_print_heading(void)
{
  printf("%-28s %5s | %21s | %21s |\n", "", "", "as SongMASS", "as TeleMelody");
  printf("%-28s %5s | %6s %6s %7s | %6s %6s %7s | %6s %6s %6s %6s %6s\n", "", "songs", "PD %", "DD %", "MD",
         "PD %", "DD %", "MD", "scale%", "again%", "rest%", "range", "step");
}

void nm_bench_row_print(const NmBenchRow *row)
{
  if (row->n == 0) return;
  const double n = row->n, n_md = row->n_distances ? row->n_distances : 1;
  const NmMetricsSimilarity *s = &row->songmass, *t = &row->telemelody;
  const NmMetricsCharacter *c = &row->character;
  printf("%-28s %5d | %6.1f %6.1f %7.2f | %6.1f %6.1f %7.2f | %6.1f %6.1f %6.1f %6.1f %6.2f\n", row->name,
         row->n, 100 * s->pd / n, 100 * s->dd / n, s->md / n_md, 100 * t->pd / n, 100 * t->dd / n,
         t->md / n_md, 100 * c->scale / n, 100 * c->repetition / n, 100 * c->rest / n, c->range / n,
         c->step / n);
  fflush(stdout);
}
