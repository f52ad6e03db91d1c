// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/batch.h"

#include <math.h>
#include <string.h>

#include "dsp/pitch.h"

enum { PAD_T = 8 };

static float level_of(const float *row)
{
  float sum = 0;
  for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b) sum += row[b];
  return sum / NM_ACOUSTIC_N_BANDS;
}

typedef struct {
  double n, sum, squares;
} Moments;

static void moments_add(Moments *m, double x)
{
  m->n += 1;
  m->sum += x;
  m->squares += x * x;
}

static void moments_get(const Moments *m, float *mean, float *deviation)
{
  const double mu = m->n > 0 ? m->sum / m->n : 0;
  const double var = m->n > 1 ? m->squares / m->n - mu * mu : 1;
  *mean = (float)mu;
  *deviation = (float)sqrt(var > 1e-6 ? var : 1e-6);
}

void nm_speech_stats_measure(NmSpeechStats *stats, const NmCorpus *corpus)
{
  Moments band[NM_ACOUSTIC_N_BANDS] = {{0}}, f0[NM_ACOUSTIC_SPEAKERS_MAX] = {{0}}, level = {0};
  for (int32_t i = 0; i < corpus->n_items; ++i) {
    const NmCorpusItem *item = &corpus->items[i];
    if (item->raise != 1 || item->split != NM_SPLIT_TRAIN) continue;
    for (int64_t t = item->frame_first; t < item->frame_first + item->n_frames; ++t) {
      const float *row = corpus->envelope + t * NM_ACOUSTIC_N_BANDS;
      for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b) moments_add(&band[b], row[b]);
      moments_add(&level, level_of(row));
      if (corpus->f0_hz[t] > 0) moments_add(&f0[item->speaker], log(corpus->f0_hz[t]));
    }
  }
  for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b)
    moments_get(&band[b], &stats->envelope_mean[b], &stats->envelope_std[b]);
  for (int s = 0; s < NM_ACOUSTIC_SPEAKERS_MAX; ++s)
    moments_get(&f0[s], &stats->f0[2 * s], &stats->f0[2 * s + 1]);
  moments_get(&level, &stats->level[0], &stats->level[1]);
}

// ln f0 of the utterance's frames, unvoiced gaps bridged, normalised by its speaker.
static void fill_f0(NmUtterance *u, const NmCorpus *corpus, const NmSpeechStats *stats)
{
  const float mean = stats->f0[2 * u->item->speaker], deviation = stats->f0[2 * u->item->speaker + 1];
  memcpy(u->f0, corpus->f0_hz + u->item->frame_first, (size_t)u->T * sizeof *u->f0);
  nm_f0_interpolate(u->f0, u->T, expf(mean));
  for (int32_t t = 0; t < u->T; ++t) u->f0[t] = (logf(u->f0[t]) - mean) / deviation;
}

// Means over each token's frames: of f0 with unvoiced frames counting a thousandth, and of the level.
static void fill_prosody(NmUtterance *u, const NmCorpus *corpus, const NmSpeechStats *stats,
                         const int32_t *n_frames)
{
  int64_t t = 0;
  for (int32_t k = 0; k < u->n; ++k) {
    double pitch = 0, weight = 0, voiced = 0, level = 0;
    for (int32_t i = 0; i < n_frames[k]; ++i, ++t) {
      const bool v = corpus->f0_hz[u->item->frame_first + t] > 0;
      const double w = v ? 1 : .001;
      pitch += w * u->f0[t];
      weight += w;
      voiced += v;
      level += level_of(corpus->envelope + (u->item->frame_first + t) * NM_ACOUSTIC_N_BANDS);
    }
    u->prosody[2 * k] = (float)(pitch / weight);
    u->prosody[2 * k + 1] = (float)((level / n_frames[k] - stats->level[0]) / stats->level[1]);
    u->voiced[k] = (float)(voiced / n_frames[k]);
  }
}

static bool allocate_utterance(NmUtterance *u, NmArena *arena, int32_t n, int32_t T)
{
  u->n = n;
  u->T = T;
  u->phones = nm_arena_calloc(arena, (size_t)n, sizeof(int32_t));
  u->places = nm_arena_calloc(arena, (size_t)n, sizeof(int32_t));
  u->features = nm_arena_calloc(arena, (size_t)n * NM_TOKEN_N_FEATURES, sizeof(float));
  u->log_duration = nm_arena_calloc(arena, (size_t)n, sizeof(float));
  u->prosody = nm_arena_calloc(arena, (size_t)n * 2, sizeof(float));
  u->voiced = nm_arena_calloc(arena, (size_t)n, sizeof(float));
  u->index = nm_arena_calloc(arena, (size_t)T + 1, sizeof(int32_t));
  u->frame_features = nm_arena_calloc(arena, (size_t)T * NM_FRAME_N_FEATURES + 1, sizeof(float));
  u->f0 = nm_arena_calloc(arena, (size_t)T + 1, sizeof(float));
  return u->phones && u->places && u->features && u->log_duration && u->prosody && u->voiced && u->index &&
         u->frame_features && u->f0;
}

static NmStatus fill_utterance(NmUtteranceSet *set, NmUtterance *u, const NmCorpusItem *item)
{
  NmToken *tokens = nm_arena_calloc(&set->arena, (size_t)item->n_states, sizeof *tokens);
  float *durations = nm_arena_calloc(&set->arena, (size_t)item->n_states, sizeof *durations);
  int32_t *n_frames = nm_arena_calloc(&set->arena, (size_t)item->n_states, sizeof *n_frames);
  if (!tokens || !durations || !n_frames) return NM_ERR_NO_MEMORY;
  const int32_t n =
      nm_corpus_item_tokens(item, item->n_frames ? NM_UTTERANCE_MIN_PAUSE : 1, tokens, durations);
  if (!allocate_utterance(u, &set->arena, n, item->n_frames)) return NM_ERR_NO_MEMORY;
  u->item = item;
  nm_tokens_describe(tokens, n, u->features, u->places);
  int64_t total = 0;
  for (int32_t k = 0; k < n; ++k) {
    u->phones[k] = tokens[k].phone;
    u->log_duration[k] = logf(fmaxf(durations[k], .5f));
    total += n_frames[k] = (int32_t)durations[k];
    if (item->n_frames && n_frames[k] < 1) return NM_ERR_BAD_DATA;
  }
  if (item->n_frames == 0) return NM_OK;
  if (total != item->n_frames) return NM_ERR_BAD_DATA;
  nm_frames_describe(n_frames, n, u->index, u->frame_features);
  fill_f0(u, set->corpus, &set->stats);
  fill_prosody(u, set->corpus, &set->stats, n_frames);
  return NM_OK;
}

NmStatus nm_utterances_init_as(NmUtteranceSet *set, const NmCorpus *corpus, const NmSpeechStats *stats,
                               NmError *err)
{
  *set = (NmUtteranceSet){.corpus = corpus, .stats = *stats};
  nm_arena_init(&set->arena, 1 << 22);
  NmStatus status = NM_OK;
  set->utterances = nm_arena_calloc(&set->arena, (size_t)corpus->n_items + 1, sizeof *set->utterances);
  if (!set->utterances) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < corpus->n_items && status == NM_OK; ++i) {
    const NmCorpusItem *item = &corpus->items[i];
    if (item->raise != 1 || !item->durations) continue;
    status = fill_utterance(set, &set->utterances[set->n++], item);
    if (status != NM_OK)
      nm_error_set(err, status, "durations.tsv: %s: %s; align the corpus again", item->id,
                   nm_status_text(status));
  }
  if (status != NM_OK) nm_utterances_fini(set);
  return status;
}

NmStatus nm_utterances_init(NmUtteranceSet *set, const NmCorpus *corpus, NmError *err)
{
  NmSpeechStats stats;
  nm_speech_stats_measure(&stats, corpus);
  return nm_utterances_init_as(set, corpus, &stats, err);
}

void nm_utterances_fini(NmUtteranceSet *set)
{
  nm_arena_fini(&set->arena);
  *set = (NmUtteranceSet){0};
}

int32_t nm_utterances_count_speakers(const NmUtteranceSet *set)
{
  int32_t n = 1;
  for (int32_t i = 0; i < set->n; ++i)
    if (set->utterances[i].T && set->utterances[i].item->speaker >= n)
      n = set->utterances[i].item->speaker + 1;
  return n;
}

static bool allocate_tokens(NmSpeechBatch *b, NmArena *arena)
{
  const size_t n = (size_t)b->B * (size_t)b->K, B = (size_t)b->B;
  b->phones = nm_arena_calloc(arena, n, sizeof(int32_t));
  b->places = nm_arena_calloc(arena, n, sizeof(int32_t));
  b->speaker = nm_arena_calloc(arena, B, sizeof(int32_t));
  b->len = nm_arena_calloc(arena, B, sizeof(int32_t));
  b->len_stacks = nm_arena_calloc(arena, B, sizeof(int32_t));
  b->features = nm_arena_calloc(arena, n * NM_TOKEN_N_FEATURES, sizeof(float));
  b->log_duration = nm_arena_calloc(arena, n, sizeof(float));
  b->prosody = nm_arena_calloc(arena, n * 2, sizeof(float));
  b->token_mask = nm_arena_calloc(arena, n, sizeof(float));
  b->prosody_mask = nm_arena_calloc(arena, n * 2, sizeof(float));
  return b->phones && b->places && b->speaker && b->len && b->len_stacks && b->features && b->log_duration &&
         b->prosody && b->token_mask && b->prosody_mask;
}

static bool allocate_frames(NmSpeechBatch *b, NmArena *arena)
{
  const size_t n = (size_t)b->B * (size_t)b->T;
  b->index = nm_arena_calloc(arena, n + 1, sizeof(int32_t));
  b->frame_features = nm_arena_calloc(arena, n * NM_FRAME_N_FEATURES + 1, sizeof(float));
  b->envelope = nm_arena_calloc(arena, n * NM_ACOUSTIC_N_BANDS + 1, sizeof(float));
  b->f0 = nm_arena_calloc(arena, n + 1, sizeof(float));
  b->voicing = nm_arena_calloc(arena, n + 1, sizeof(float));
  b->frame_mask = nm_arena_calloc(arena, n + 1, sizeof(float));
  b->f0_mask = nm_arena_calloc(arena, n + 1, sizeof(float));
  return b->index && b->frame_features && b->envelope && b->f0 && b->voicing && b->frame_mask && b->f0_mask;
}

static void fill_tokens(NmSpeechBatch *b, int32_t row, const NmUtterance *u)
{
  const size_t at = (size_t)row * (size_t)b->K;
  memcpy(b->phones + at, u->phones, (size_t)u->n * sizeof(int32_t));
  memcpy(b->places + at, u->places, (size_t)u->n * sizeof(int32_t));
  memcpy(b->features + at * NM_TOKEN_N_FEATURES, u->features,
         (size_t)u->n * NM_TOKEN_N_FEATURES * sizeof(float));
  memcpy(b->log_duration + at, u->log_duration, (size_t)u->n * sizeof(float));
  memcpy(b->prosody + at * 2, u->prosody, (size_t)u->n * 2 * sizeof(float));
  b->speaker[row] = u->item->speaker;
  b->len[row] = u->n;
  for (int32_t k = 0; k < u->n; ++k) {
    b->token_mask[at + (size_t)k] = 1;
    b->prosody_mask[2 * (at + (size_t)k)] = u->T ? .05f + .95f * u->voiced[k] : 0;
    b->prosody_mask[2 * (at + (size_t)k) + 1] = u->T ? 1 : 0;
  }
}

static void fill_frames(NmSpeechBatch *b, int32_t row, const NmUtteranceSet *set, const NmUtterance *u)
{
  const size_t at = (size_t)row * (size_t)b->T;
  for (int32_t t = 0; t < b->T; ++t) b->index[at + (size_t)t] = t < u->T ? u->index[t] : -1;
  memcpy(b->frame_features + at * NM_FRAME_N_FEATURES, u->frame_features,
         (size_t)u->T * NM_FRAME_N_FEATURES * sizeof(float));
  memcpy(b->f0 + at, u->f0, (size_t)u->T * sizeof(float));
  for (int32_t t = 0; t < u->T; ++t) {
    const int64_t frame = u->item->frame_first + t;
    const float *row_in = set->corpus->envelope + frame * NM_ACOUSTIC_N_BANDS;
    float *row_out = b->envelope + (at + (size_t)t) * NM_ACOUSTIC_N_BANDS;
    for (int c = 0; c < NM_ACOUSTIC_N_BANDS; ++c)
      row_out[c] = (row_in[c] - set->stats.envelope_mean[c]) / set->stats.envelope_std[c];
    b->voicing[at + (size_t)t] = set->corpus->f0_hz[frame] > 0;
    b->frame_mask[at + (size_t)t] = 1;
    b->f0_mask[at + (size_t)t] = set->corpus->f0_hz[frame] > 0 ? 1 : .05f;
  }
}

static int32_t round_up(int32_t n, int32_t step)
{
  return (n + step - 1) / step * step;
}

NmStatus nm_speech_batch_fill(NmSpeechBatch *batch, NmArena *arena, const NmUtteranceSet *set,
                              const int32_t *which, int32_t B, int32_t n_stack)
{
  *batch = (NmSpeechBatch){.B = B, .K = 1};
  for (int32_t i = 0; i < B; ++i) {
    const NmUtterance *u = &set->utterances[which[i]];
    if (u->n > batch->K) batch->K = u->n;
    if (u->T > batch->T) batch->T = u->T;
  }
  batch->T = round_up(batch->T, PAD_T % n_stack ? PAD_T * n_stack : PAD_T);
  if (!allocate_tokens(batch, arena) || !allocate_frames(batch, arena)) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < B; ++i) {
    const NmUtterance *u = &set->utterances[which[i]];
    fill_tokens(batch, i, u);
    batch->len_stacks[i] = (u->T + n_stack - 1) / n_stack;
    if (batch->T) fill_frames(batch, i, set, u);
  }
  return NM_OK;
}
