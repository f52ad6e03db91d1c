// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/attention_case.h"

#include <stdlib.h>

static int64_t draw_from(NmRng *rng, int64_t low, int64_t high)
{
  return low + (int64_t)nm_rng_below(rng, (uint64_t)(high - low + 1));
}

NmAttentionArrays nm_attention_wish_draw(NmPattern pattern, int64_t T, NmRng *rng)
{
  static const int64_t sizes[] = {1, 3, 8, 16, 33, 48};
  NmAttentionArrays a = {.sight = {.B = draw_from(rng, 1, 3),
                                   .H = draw_from(rng, 1, 3),
                                   .Tq = draw_from(rng, 1, T),
                                   .Tk = draw_from(rng, 1, T),
                                   .pattern = pattern,
                                   .left = draw_from(rng, -1, 70),
                                   .right = draw_from(rng, -1, 70),
                                   .n_sinks = draw_from(rng, 0, 6)},
                         .D = sizes[nm_rng_below(rng, 6)],
                         .Dv = sizes[nm_rng_below(rng, 6)]};
  if (nm_rng_below(rng, 3) == 0) a.sight.Tq = a.sight.Tk;
  if (nm_rng_below(rng, 4) == 0) a.sight.Tq = 1;
  if (nm_rng_below(rng, 2)) a.sight.left = a.sight.left % 7, a.sight.right = a.sight.right % 7;
  if (nm_rng_below(rng, 3) == 0) a.n_bias = nm_rng_below(rng, 2) ? 1 : a.sight.H;
  if (nm_rng_below(rng, 3) == 0) a.n_relative = 2 * draw_from(rng, 0, 90) + 1;
  a.scale = nm_rng_below(rng, 2) ? .7f : .31f;
  return a;
}

static bool draw_array(NmAttentionCase *c, int which, int64_t n, NmRng *rng)
{
  c->count[which] = n;
  c->narrow[which] = calloc((size_t)n + 1, sizeof(float));
  c->wide[which] = calloc((size_t)n + 1, sizeof(double));
  if (!c->narrow[which] || !c->wide[which]) return false;
  for (int64_t i = 0; i < n; ++i) {
    c->narrow[which][i] = (float)(2 * nm_rng_uniform(rng) - 1);
    c->wide[which][i] = (double)c->narrow[which][i];
  }
  return true;
}

static void draw_segments(int32_t *segment, int64_t B, int64_t T, NmRng *rng)
{
  for (int64_t b = 0; b < B; ++b)
    for (int64_t t = 0, left = 0, id = -1; t < T; ++t, --left) {
      if (left == 0) {
        left = draw_from(rng, 1, 40);
        id = nm_rng_below(rng, 5) ? id + 1 : draw_from(rng, 0, 3);
      }
      segment[b * T + t] = (int32_t)id;
    }
}

static bool draw_lengths(NmAttentionCase *c, NmSight *s, bool padded, NmRng *rng)
{
  c->lengths = calloc((size_t)(s->B * (2 + s->Tq + s->Tk)), sizeof *c->lengths);
  if (!c->lengths) return false;
  int32_t *len_k = c->lengths, *len_q = len_k + s->B, *segment_q = len_q + s->B,
          *segment_k = segment_q + s->B * s->Tq;
  for (int64_t b = 0; b < s->B; ++b) {
    len_k[b] = (int32_t)draw_from(rng, 0, s->Tk);
    len_q[b] = (int32_t)draw_from(rng, 0, s->Tq);
  }
  if (padded) s->len_k = len_k, s->len_q = len_q;
  if (s->pattern != NM_PATTERN_SEGMENTS) return true;
  draw_segments(segment_q, s->B, s->Tq, rng);
  draw_segments(segment_k, s->B, s->Tk, rng);
  s->segment_q = segment_q;
  s->segment_k = segment_k;
  return true;
}

static bool draw_arrays(NmAttentionCase *c, const NmAttentionArrays *w, NmRng *rng)
{
  const NmSight *s = &w->sight;
  return draw_array(c, 0, s->B * s->Tq * s->H * w->D, rng) &&
         draw_array(c, 1, s->B * s->Tk * s->H * w->D, rng) &&
         draw_array(c, 2, s->B * s->Tk * s->H * w->Dv, rng) &&
         draw_array(c, 3, w->n_bias * s->Tq * s->Tk, rng) && draw_array(c, 4, s->H * w->n_relative, rng);
}

bool nm_attention_case_init(NmAttentionCase *c, const NmAttentionArrays *w, bool padded, NmRng *rng)
{
  *c = (NmAttentionCase){.arrays = *w};
  if (!draw_lengths(c, &c->arrays.sight, padded, rng) || !draw_arrays(c, w, rng)) return false;
  NmAttentionArrays *a = &c->arrays;
  const NmSight *s = &a->sight;
  a->q = c->narrow[0], a->k = c->narrow[1], a->v = c->narrow[2], a->bias = c->narrow[3],
  a->relative = c->narrow[4];
  a->item_k = s->Tk * s->H * a->D;
  a->item_v = s->Tk * s->H * a->Dv;
  c->naive = (NmNaiveAttention){*s,         a->D,       a->Dv,     c->wide[0],    c->wide[1],      c->wide[2],
                                c->wide[3], c->wide[4], a->n_bias, a->n_relative, (double)a->scale};
  c->count_out = s->B * s->Tq * s->H * a->Dv;
  c->count_weights = s->B * s->H * s->Tq * s->Tk;
  return true;
}

void nm_attention_case_fini(NmAttentionCase *c)
{
  for (int i = 0; i < NM_CASE_ARRAYS; ++i) {
    free(c->narrow[i]);
    free(c->wide[i]);
  }
  free(c->lengths);
}
