// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/vocoder.h"

#include <stdlib.h>
#include <string.h>

#include "dsp/base/arena.h"
#include "dsp/fft.h"
#include "dsp/mel.h"
#include "models/engine/config.h"
#include "models/vocoder/filter.h"

enum { FRAMES_PER_CHUNK = 32, WORKERS_MAX = 64 };

#define FIELD(name, low, high)                                                                               \
  {                                                                                                          \
#name, offsetof(NmVocoderConfig, name), low, high                                                        \
  }

static const NmConfigField fields[] = {FIELD(d_model, 8, 2048), FIELD(n_blocks, 1, 32),
                                       FIELD(d_inner, 8, 8192), FIELD(len_kernel, 1, 31)};
enum { N_FIELDS = sizeof fields / sizeof *fields };

struct NmVocoder {
  NmParams *params;
  NmPool *pool;
  NmGraph *graph;
  NmVocoderConfig config;
  float mean[NM_VOCODER_N_BANDS], std[NM_VOCODER_N_BANDS];
  NmFilter *filters[WORKERS_MAX]; // one for each thread of the pool
  int n_filters;
  NmArena arena;
};

// One run. Frames are counted from -1, a copy of the first, to T, a copy of the last: n = T + 2.
typedef struct {
  NmVocoder *vocoder;
  int64_t n;
  float *features, *envelope, *f0_hz, *voicing; // [n, 82] [n, 80] [n] [n]
  float *pulses, *noise; // [(n + 3) hop] from half a frame before the first frame's centre
  const float *heads;    // [n, 3 n_bins]
  float *frames;         // [n, n_fft] filtered and windowed
  float *samples;        // [T hop]
} Run;

char *nm_vocoder_metadata(const NmVocoderConfig *config, const char *const (*texts)[2], int n_texts)
{
  return nm_config_write("vocoder", fields, N_FIELDS, config, texts, n_texts);
}

void nm_vocoder_free(NmVocoder *vocoder)
{
  if (!vocoder) return;
  for (int i = 0; i < vocoder->n_filters; ++i) nm_filter_free(vocoder->filters[i]);
  nm_graph_free(vocoder->graph);
  nm_params_free(vocoder->params);
  nm_arena_fini(&vocoder->arena);
  free(vocoder);
}

// Builds the network over n frames; returns its output.
static NmVar build(NmVocoder *vocoder, int64_t n, NmVar *features)
{
  NmGraph *g = vocoder->graph;
  nm_graph_reset(g);
  const NmNet net = {g, vocoder->params, 0};
  *features = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, n, NM_VOCODER_N_FEATURES));
  const NmVar heads = nm_vocoder_network(&net, &vocoder->config, *features);
  nm_graph_output(g, heads);
  return heads;
}

static NmStatus load(NmVocoder *vocoder, const char *path, NmError *err)
{
  char *metadata = NULL;
  NmError inner = {0};
  NmVar features;
  vocoder->params = nm_params_load(nm_backend_cpu(), vocoder->pool, path, &metadata, err);
  if (!vocoder->params) return err->status;
  NmStatus status = nm_config_read(metadata, path, "vocoder", fields, N_FIELDS, &vocoder->config, err);
  free(metadata);
  if (status != NM_OK) return status;
  build(vocoder, 1, &features);
  if ((status = nm_graph_plan(vocoder->graph, false, &inner)) != NM_OK)
    return nm_error_set(err, status, "%s: %s", path, inner.message);
  if ((status = nm_params_check_all_used(vocoder->params, path, err)) != NM_OK) return status;
  nm_params_get(vocoder->params, nm_params_find(vocoder->params, "stats.envelope_mean"), vocoder->mean);
  nm_params_get(vocoder->params, nm_params_find(vocoder->params, "stats.envelope_std"), vocoder->std);
  for (int i = 0; i < NM_VOCODER_N_BANDS; ++i)
    if (!(vocoder->std[i] > 0))
      return nm_error_set(err, NM_ERR_BAD_DATA, "%s: tensor \"stats.envelope_std\": value %d is not above 0",
                          path, i);
  return NM_OK;
}

NmVocoder *nm_vocoder_new(const char *path, NmPool *pool, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  NmVocoder *vocoder = calloc(1, sizeof *vocoder);
  if (!vocoder) goto no_memory;
  vocoder->pool = pool;
  nm_arena_init(&vocoder->arena, 1 << 20);
  if (!(vocoder->graph = nm_graph_new(nm_backend_cpu(), pool))) goto no_memory;
  const int n_threads = nm_pool_get_n_threads(pool);
  for (; vocoder->n_filters < n_threads && vocoder->n_filters < WORKERS_MAX; ++vocoder->n_filters)
    if (!(vocoder->filters[vocoder->n_filters] = nm_filter_new())) goto no_memory;
  if (load(vocoder, path, err) == NM_OK) return vocoder;
  nm_vocoder_free(vocoder);
  return NULL;
no_memory:
  nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  nm_vocoder_free(vocoder);
  return NULL;
}

static bool allocate(Run *run)
{
  NmArena *arena = &run->vocoder->arena;
  const size_t n = (size_t)run->n, n_source = (n + 3) * NM_VOCODER_HOP;
  run->features = nm_arena_alloc(arena, n * NM_VOCODER_N_FEATURES * sizeof(float));
  run->envelope = nm_arena_alloc(arena, n * NM_VOCODER_N_BANDS * sizeof(float));
  run->f0_hz = nm_arena_alloc(arena, n * sizeof(float));
  run->voicing = nm_arena_alloc(arena, n * sizeof(float));
  run->pulses = nm_arena_calloc(arena, n_source, sizeof(float));
  run->noise = nm_arena_alloc(arena, n_source * sizeof(float));
  run->frames = nm_arena_alloc(arena, n * NM_VOCODER_N_FFT * sizeof(float));
  return run->features && run->envelope && run->f0_hz && run->voicing && run->pulses && run->noise &&
         run->frames;
}

// Copies rows [T, width] to [T + 2, width], the first and the last one doubled.
static void pad(const float *from, int64_t T, size_t width, float *to)
{
  memcpy(to, from, width * sizeof *to);
  memcpy(to + width, from, (size_t)T * width * sizeof *to);
  memcpy(to + (size_t)(T + 1) * width, from + (size_t)(T - 1) * width, width * sizeof *to);
}

// The sources, half a window longer than the frames at both ends: pulses are silent there, noise is not.
static void make_sources(Run *run, uint64_t seed)
{
  const int64_t half = NM_VOCODER_N_FFT / 2;
  nm_vocoder_pulses(run->f0_hz, run->voicing, run->n, 0, run->pulses + half);
  nm_filter_noise(seed, (run->n + 3) * NM_VOCODER_HOP, run->noise);
}

static NmStatus run_network(Run *run, NmError *err)
{
  NmVocoder *v = run->vocoder;
  NmVar features;
  nm_vocoder_features(run->envelope, run->f0_hz, run->voicing, run->n, v->mean, v->std, run->features);
  const NmVar heads = build(v, run->n, &features);
  const NmStatus status = nm_graph_plan(v->graph, false, err);
  if (status != NM_OK) return status;
  nm_graph_set(v->graph, features, run->features);
  nm_graph_forward(v->graph);
  run->heads = nm_graph_data(v->graph, heads);
  return NM_OK;
}

static void filter_chunk(void *ctx, int64_t chunk, int worker)
{
  Run *run = ctx;
  const int64_t first = chunk * FRAMES_PER_CHUNK;
  for (int64_t t = first; t < first + FRAMES_PER_CHUNK && t < run->n; ++t) {
    const bool voiced = run->voicing[t] > 0 || (t > 0 && run->voicing[t - 1] > 0) ||
                        (t > 1 && run->voicing[t - 2] > 0) || (t + 1 < run->n && run->voicing[t + 1] > 0) ||
                        (t + 2 < run->n && run->voicing[t + 2] > 0);
    nm_filter_frame(run->vocoder->filters[worker], run->envelope + t * NM_VOCODER_N_BANDS,
                    run->heads + t * 3 * NM_VOCODER_N_BINS, voiced ? run->pulses + t * NM_VOCODER_HOP : NULL,
                    run->noise + t * NM_VOCODER_HOP, run->frames + t * NM_VOCODER_N_FFT);
  }
}

// Overlap-add. The sound of frame t of the caller starts half a hop before its centre; it is frame t + 1
// here, whose window starts half a window before its centre.
static void add_chunk(void *ctx, int64_t chunk, int worker)
{
  Run *run = ctx;
  const int64_t n_out = (run->n - 2) * NM_VOCODER_HOP, first = chunk * FRAMES_PER_CHUNK * NM_VOCODER_HOP;
  const int64_t last =
      first + FRAMES_PER_CHUNK * NM_VOCODER_HOP < n_out ? first + FRAMES_PER_CHUNK * NM_VOCODER_HOP : n_out;
  memset(run->samples + first, 0, (size_t)(last - first) * sizeof(float));
  const int64_t t_last = last / NM_VOCODER_HOP + 4;
  for (int64_t t = first / NM_VOCODER_HOP > 2 ? first / NM_VOCODER_HOP - 2 : 0; t < run->n && t <= t_last;
       ++t) {
    const int64_t start = (t - 1) * NM_VOCODER_HOP + NM_VOCODER_HOP / 2 - NM_VOCODER_N_FFT / 2;
    const int64_t from = start > first ? start : first;
    const int64_t to = start + NM_VOCODER_N_FFT < last ? start + NM_VOCODER_N_FFT : last;
    const float *frame = run->frames + t * NM_VOCODER_N_FFT;
    for (int64_t i = from; i < to; ++i) run->samples[i] += frame[i - start];
  }
}

NmStatus nm_vocoder_run(NmVocoder *vocoder, const float *envelope, const float *f0_hz, const float *voicing,
                        int64_t T, uint64_t seed, float *samples, NmError *err)
{
  if (T < 1) return nm_error_set(err, NM_ERR_BAD_ARG, "the vocoder needs at least one frame");
  nm_arena_reset(&vocoder->arena);
  Run run = {.vocoder = vocoder, .n = T + 2, .samples = samples};
  if (!allocate(&run)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  pad(envelope, T, NM_VOCODER_N_BANDS, run.envelope);
  pad(f0_hz, T, 1, run.f0_hz);
  pad(voicing, T, 1, run.voicing);
  make_sources(&run, seed);
  const NmStatus status = run_network(&run, err);
  if (status != NM_OK) return status;
  nm_pool_run(vocoder->pool, (run.n + FRAMES_PER_CHUNK - 1) / FRAMES_PER_CHUNK, filter_chunk, &run);
  nm_pool_run(vocoder->pool, (T + FRAMES_PER_CHUNK - 1) / FRAMES_PER_CHUNK, add_chunk, &run);
  return NM_OK;
}
