// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/bench_corpus.h"

#include "dsp/base/rng.h"

enum {
  N_ITEMS = NM_BENCH_CORPUS_N_ITEMS,
  N_TOKENS = NM_BENCH_CORPUS_N_TOKENS,
  N_STATES = N_TOKENS + 1, // the pause at the start is passed over
  T = NM_BENCH_CORPUS_N_FRAMES,
  N_FRAMES = N_ITEMS * T,
  N_BANDS = 80,
  HOP = 256,
  LEN_WORD = 4,  // phones
  LEN_PHONE = 3, // frames
  LEN_PAUSE = 8,
  LEN_VOICED = 300 // frames of each item with a pitch
};

static const char *const speaker = "nobody";

// The state k: a pause, then words with a pause behind each.
static NmToken make_state(int k)
{
  if (k % (LEN_WORD + 1) == 0) return (NmToken){NM_PHONE_PAUSE, -1, NM_BOUNDARY_NONE};
  return (NmToken){1 + k % (NM_N_PHONES - 1), k / (LEN_WORD + 1), NM_BOUNDARY_NONE};
}

static bool make_items(NmCorpus *c)
{
  NmToken *states = nm_arena_calloc(&c->arena, N_STATES, sizeof *states);
  float *durations = nm_arena_calloc(&c->arena, N_STATES, sizeof *durations);
  c->items = nm_arena_calloc(&c->arena, N_ITEMS, sizeof *c->items);
  if (!states || !durations || !c->items) return false;
  for (int k = 0; k < N_STATES; ++k) {
    states[k] = make_state(k);
    durations[k] = k == 0 ? 0 : states[k].word < 0 ? LEN_PAUSE : LEN_PHONE;
  }
  for (int i = 0; i < N_ITEMS; ++i)
    c->items[i] = (NmCorpusItem){.id = speaker,
                                 .prompt = "",
                                 .split = NM_SPLIT_TRAIN,
                                 .frame_first = (int64_t)i * T,
                                 .n_frames = T,
                                 .raise = 1,
                                 .states = states,
                                 .n_states = N_STATES,
                                 .durations = durations};
  return true;
}

static bool make_frames(NmCorpus *c)
{
  NmRng rng;
  float *envelope = nm_arena_alloc(&c->arena, sizeof *envelope * N_FRAMES * N_BANDS);
  float *f0_hz = nm_arena_alloc(&c->arena, sizeof *f0_hz * N_FRAMES);
  int16_t *audio = nm_arena_alloc(&c->arena, sizeof *audio * N_FRAMES * HOP);
  if (!envelope || !f0_hz || !audio) return false;
  nm_rng_init(&rng, 1);
  for (int i = 0; i < N_FRAMES * N_BANDS; ++i) envelope[i] = (float)(nm_rng_uniform(&rng) * 4 - 4);
  for (int i = 0; i < N_FRAMES; ++i)
    f0_hz[i] = i % T < LEN_VOICED ? (float)(100 + 100 * nm_rng_uniform(&rng)) : 0;
  for (int i = 0; i < N_FRAMES * HOP; ++i) audio[i] = (int16_t)(nm_rng_next(&rng) >> 52);
  c->envelope = envelope;
  c->f0_hz = f0_hz;
  c->audio = audio;
  return true;
}

NmStatus nm_bench_corpus_init(NmCorpus *c, NmError *err)
{
  *c = (NmCorpus){.n_items = N_ITEMS, .n_speakers = 1, .n_frames = N_FRAMES};
  nm_arena_init(&c->arena, 1 << 20);
  c->speakers = nm_arena_calloc(&c->arena, 1, sizeof *c->speakers);
  if (!c->speakers || !make_items(c) || !make_frames(c))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  c->speakers[0] = speaker;
  return NM_OK;
}

void nm_bench_corpus_fini(NmCorpus *c)
{
  nm_arena_fini(&c->arena);
  *c = (NmCorpus){0};
}
