// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/rank.h"

#include <math.h>
#include <stdlib.h>

static const struct {
  const char *name;
  double weight;
} ranks[NM_N_RANKS] = {[NM_RANK_LIKELIHOOD] = {"likelihood", 1},  [NM_RANK_STRESS] = {"stress", .5},
                       [NM_RANK_CADENCE] = {"cadence", .3},       [NM_RANK_BREATH] = {"breath", .3},
                       [NM_RANK_CONTOUR] = {"contour", .3},       [NM_RANK_RANGE] = {"range", .2},
                       [NM_RANK_REPETITION] = {"repetition", .6}, [NM_RANK_SYLLABIC] = {"syllabic", .5},
                       [NM_RANK_AGREEMENT] = {"agreement", .3}};

const char *nm_rank_name(NmRank rank)
{
  return ranks[rank].name;
}

double nm_rank_weight(NmRank rank)
{
  return ranks[rank].weight;
}

double nm_rank_score(const double *reasons)
{
  double score = 0;
  for (int i = 0; i < NM_N_RANKS; ++i) score += ranks[i].weight * reasons[i];
  return score;
}

static bool begins(const NmMelodyNote *notes, int32_t i)
{
  return i == 0 || !notes[i - 1].tie;
}

static double rate_stress(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n)
{
  double sum[2] = {0};
  int32_t count[2] = {0};
  for (int32_t i = 0; i < n; ++i) {
    const int stress = plan->syllables[notes[i].syllable].stress;
    if (!begins(notes, i) || (stress != NM_STRESS_NONE && stress != NM_STRESS_PRIMARY)) continue;
    sum[stress == NM_STRESS_PRIMARY] += nm_melody_strength(plan, nm_melody_place(plan, notes[i].onset));
    ++count[stress == NM_STRESS_PRIMARY];
  }
  if (!count[0] || !count[1]) return 0;
  return sum[1] / count[1] - sum[0] / count[0];
}

// Cadences and breaths, line by line.
static void rate_lines(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, double *cadence,
                       double *breath)
{
  int32_t first = 0, n_good = 0, n_long = 0;
  double len = 0;
  for (int32_t i = 0; i < n; ++i) {
    const NmMelodySyllable *syllable = &plan->syllables[notes[i].syllable];
    len += notes[i].len;
    if (!syllable->ends_line || notes[i].tie) continue;
    n_good += nm_melody_rate_closing(plan, notes[i].pitch) >= (i + 1 == n ? 2 : 1);
    n_long += notes[i].len > len / (i + 1 - first) || (i + 1 < n && notes[i + 1].gap > 0);
    first = i + 1;
    len = 0;
  }
  *cadence = (double)n_good / plan->n_lines;
  *breath = (double)n_long / plan->n_lines;
}

// 1 within [low, high], falling to 0 at `reach` beyond.
static double rate_within(double x, double low, double high, double reach)
{
  const double beyond = x < low ? low - x : x > high ? x - high : 0;
  return beyond < reach ? 1 - beyond / reach : 0;
}

static double rate_syllabic(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n)
{
  int32_t run = 0, n_few = 0;
  for (int32_t i = 0; i < n; ++i) {
    run = begins(notes, i) ? 1 : run + 1;
    if (!notes[i].tie) n_few += run <= 2;
  }
  return (double)n_few / plan->n_syllables;
}

// Mean step, range, and the share of runs of four intervals that were there before. What is right is what
// most of the songs of the corpus have: a step of 1.6 to 2.8 semitones, 9 to 15 in all, .1 to .45 come back.
static void rate_shape(const NmMelodyNote *notes, int32_t n, double *reasons)
{
  int32_t low = notes[0].pitch, high = low, n_back = 0, n_runs = 0;
  double step = 0;
  for (int32_t i = 1; i < n; ++i) {
    step += abs(notes[i].pitch - notes[i - 1].pitch);
    if (notes[i].pitch < low) low = notes[i].pitch;
    if (notes[i].pitch > high) high = notes[i].pitch;
  }
  enum { RUN = 5, FAR = 400 };
  for (int32_t i = RUN; i + RUN <= n; ++i, ++n_runs) {
    bool found = false;
    for (int32_t j = i - RUN; j >= 0 && j >= i - FAR && !found; --j) {
      int32_t k = 0;
      while (k < RUN && notes[i + k].pitch - notes[i].pitch == notes[j + k].pitch - notes[j].pitch) ++k;
      found = k == RUN;
    }
    n_back += found;
  }
  reasons[NM_RANK_CONTOUR] = rate_within(n > 1 ? step / (n - 1) : 2, 1.6, 2.8, 1.5);
  reasons[NM_RANK_RANGE] = rate_within(high - low, 9, 15, 6);
  reasons[NM_RANK_REPETITION] = rate_within(n_runs ? (double)n_back / n_runs : .2, .1, .45, .4);
}

void nm_rank_measure(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, double log_prob,
                     double *reasons)
{
  for (int i = 0; i < NM_N_RANKS; ++i) reasons[i] = 0;
  reasons[NM_RANK_LIKELIHOOD] = log_prob;
  if (n < 1) return;
  reasons[NM_RANK_STRESS] = rate_stress(plan, notes, n);
  rate_lines(plan, notes, n, &reasons[NM_RANK_CADENCE], &reasons[NM_RANK_BREATH]);
  reasons[NM_RANK_SYLLABIC] = rate_syllabic(plan, notes, n);
  rate_shape(notes, n, reasons);
}
