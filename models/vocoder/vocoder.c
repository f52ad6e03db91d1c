// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/vocoder.h"

#include <stdlib.h>
#include <string.h>

#include "dsp/base/arena.h"
#include "dsp/fft.h"
#include "dsp/mel.h"
#include "models/engine/config.h"
#include "models/vocoder/filter.h"

enum {
  CHUNK = 48,  // frames that are finished while they are in the cache
  OVERLAP = 3, // hops by which a frame outlasts its own
  LEN_CHUNK = (CHUNK + OVERLAP) * NM_VOCODER_HOP,
  WORKERS_MAX = 64
};

#define BREATH_HZ 400.0f // above it breath falls by 12 dB an octave

#define FIELD(name, low, high)                                                                               \
  {                                                                                                          \
#name, offsetof(NmVocoderConfig, name), low, high                                                        \
  }

static const NmConfigField fields[] = {FIELD(d_model, 8, 2048), FIELD(n_blocks, 1, 32),
                                       FIELD(d_inner, 8, 8192), FIELD(len_kernel, 1, 31)};
enum { N_FIELDS = sizeof fields / sizeof *fields };

// What one thread of the pool works with.
typedef struct {
  NmFilter *filter;
  NmGraph *graph; // the head, over CHUNK frames
  NmVar x, heads; // [1, CHUNK, d_model], [1, CHUNK, 3 n_bins]
} Worker;

struct NmVocoder {
  NmParams *params;
  NmPool *pool;
  NmGraph *graph;
  NmVocoderConfig config;
  float mean[NM_VOCODER_N_BANDS], std[NM_VOCODER_N_BANDS];
  Worker *workers[WORKERS_MAX]; // one for each thread of the pool
  int n_workers;
  NmArena arena;
};

// One run. Frames are counted from -1, a copy of the first, to T, a copy of the last: n = T + 2.
typedef struct {
  NmVocoder *vocoder;
  int64_t n;
  float *features, *envelope, *f0_hz, *f0_own_hz, *voicing; // [n, 82] [n, 80] [n] [n] [n]
  float *pulses, *noise; // [(n + 3) hop] from half a frame before the first frame's centre
  const float *hidden;   // [n, d_model]
  float *chunks;         // [n / CHUNK, LEN_CHUNK] sums of the frames of a chunk
  float *samples;        // [T hop]
} Run;

char *nm_vocoder_metadata(const NmVocoderConfig *config)
{
  return nm_config_write("vocoder", fields, N_FIELDS, config, NULL, 0);
}

static void worker_free(Worker *worker)
{
  if (!worker) return;
  nm_filter_free(worker->filter);
  nm_graph_free(worker->graph);
  free(worker);
}

// Within a loop of the pool a worker's graph must do with its own thread.
static Worker *worker_new(void)
{
  Worker *worker = calloc(1, sizeof *worker);
  if (!worker) return NULL;
  worker->filter = nm_filter_new();
  worker->graph = nm_graph_new(nm_backend_cpu(), NULL);
  if (worker->filter && worker->graph) return worker;
  worker_free(worker);
  return NULL;
}

void nm_vocoder_free(NmVocoder *vocoder)
{
  if (!vocoder) return;
  for (int i = 0; i < vocoder->n_workers; ++i) worker_free(vocoder->workers[i]);
  nm_graph_free(vocoder->graph);
  nm_params_free(vocoder->params);
  nm_arena_fini(&vocoder->arena);
  free(vocoder);
}

// Builds the trunk over n frames; returns its output.
static NmVar build(NmVocoder *vocoder, int64_t n, NmVar *features)
{
  NmGraph *g = vocoder->graph;
  nm_graph_reset(g);
  const NmNet net = {g, vocoder->params, 0};
  *features = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, n, NM_VOCODER_N_FEATURES));
  const NmVar hidden = nm_vocoder_trunk(&net, &vocoder->config, *features);
  nm_graph_output(g, hidden);
  return hidden;
}

static NmStatus build_head(NmVocoder *vocoder, Worker *worker, NmError *err)
{
  NmGraph *g = worker->graph;
  const NmNet net = {g, vocoder->params, 0};
  worker->x = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, CHUNK, vocoder->config.d_model));
  worker->heads = nm_vocoder_head(&net, worker->x);
  nm_graph_output(g, worker->heads);
  const NmStatus status = nm_graph_plan(g, false, err);
  nm_graph_prepare(g);
  return status;
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
  status = nm_graph_plan(vocoder->graph, false, &inner);
  for (int i = 0; i < vocoder->n_workers && status == NM_OK; ++i)
    status = build_head(vocoder, vocoder->workers[i], &inner);
  if (status != NM_OK) return nm_error_set(err, status, "%s: %s", path, inner.message);
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
  for (; vocoder->n_workers < n_threads && vocoder->n_workers < WORKERS_MAX; ++vocoder->n_workers)
    if (!(vocoder->workers[vocoder->n_workers] = worker_new())) goto no_memory;
  if (load(vocoder, path, err) == NM_OK) return vocoder;
  nm_vocoder_free(vocoder);
  return NULL;
no_memory:
  nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  nm_vocoder_free(vocoder);
  return NULL;
}

uint64_t nm_vocoder_get_identity(const NmVocoder *vocoder)
{
  return nm_params_get_identity(vocoder->params);
}

static int64_t count_chunks(int64_t n)
{
  return (n + CHUNK - 1) / CHUNK;
}

static bool allocate(Run *run)
{
  NmArena *arena = &run->vocoder->arena;
  const size_t n = (size_t)run->n, n_source = (n + 3) * NM_VOCODER_HOP;
  run->features = nm_arena_alloc(arena, n * NM_VOCODER_N_FEATURES * sizeof(float));
  run->envelope = nm_arena_alloc(arena, n * NM_VOCODER_N_BANDS * sizeof(float));
  run->f0_hz = nm_arena_alloc(arena, n * sizeof(float));
  run->f0_own_hz = nm_arena_alloc(arena, n * sizeof(float));
  run->voicing = nm_arena_alloc(arena, n * sizeof(float));
  run->pulses = nm_arena_calloc(arena, n_source, sizeof(float));
  run->noise = nm_arena_alloc(arena, n_source * sizeof(float));
  run->chunks = nm_arena_alloc(arena, (size_t)count_chunks(run->n) * LEN_CHUNK * sizeof(float));
  return run->features && run->envelope && run->f0_hz && run->f0_own_hz && run->voicing && run->pulses &&
         run->noise && run->chunks;
}

// Copies rows [T, width] to [T + 2, width], the first and the last one doubled.
static void pad(const float *from, int64_t T, size_t width, float *to)
{
  memcpy(to, from, width * sizeof *to);
  memcpy(to + width, from, (size_t)T * width * sizeof *to);
  memcpy(to + (size_t)(T + 1) * width, from + (size_t)(T - 1) * width, width * sizeof *to);
}

// Recordings teach the breath beside voices of speech; beside higher ones it would hide the pitch.
static float breath(const Run *run, int64_t t)
{
  const float f = run->f0_hz[t] / BREATH_HZ;
  return run->voicing[t] > 0 && f > 1 ? 1 / (f * f) : 1;
}

static void quieten_breath(Run *run)
{
  float a = breath(run, 0);
  for (int64_t t = 0; t + 1 < run->n; ++t) {
    const float b = breath(run, t + 1);
    float *noise = run->noise + NM_VOCODER_N_FFT / 2 + t * NM_VOCODER_HOP;
    for (int i = 0; (a < 1 || b < 1) && i < NM_VOCODER_HOP; ++i)
      noise[i] *= a + (b - a) * (float)i / NM_VOCODER_HOP;
    a = b;
  }
}

// The sources, half a window longer than the frames at both ends: pulses are silent there, noise is not.
static void make_sources(Run *run, uint64_t seed)
{
  const int64_t half = NM_VOCODER_N_FFT / 2;
  nm_vocoder_pulses(run->f0_hz, run->voicing, run->n, 0, run->pulses + half);
  nm_filter_noise(seed, (run->n + 3) * NM_VOCODER_HOP, run->noise);
  quieten_breath(run);
}

static NmStatus run_trunk(Run *run, NmError *err)
{
  NmVocoder *v = run->vocoder;
  NmVar features;
  nm_vocoder_features(run->envelope, run->f0_own_hz, run->voicing, run->n, v->mean, v->std, run->features);
  const NmVar hidden = build(v, run->n, &features);
  const NmStatus status = nm_graph_plan(v->graph, false, err);
  if (status != NM_OK) return status;
  nm_graph_set(v->graph, features, run->features);
  nm_graph_forward(v->graph);
  run->hidden = nm_graph_data(v->graph, hidden);
  return NM_OK;
}

// The voice is heard in frames that reach a voiced stretch.
static bool is_voiced(const Run *run, int64_t t)
{
  bool voiced = false;
  for (int64_t i = t - 2; i <= t + 2; ++i) voiced |= i >= 0 && i < run->n && run->voicing[i] > 0;
  return voiced;
}

static void add(float *restrict sum, const float *restrict x, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) sum[i] += x[i];
}

static const float *run_head(const Run *run, Worker *worker, int64_t first, int64_t n)
{
  const int64_t d_model = run->vocoder->config.d_model;
  float *x = nm_graph_data(worker->graph, worker->x);
  memcpy(x, run->hidden + first * d_model, (size_t)(n * d_model) * sizeof *x);
  memset(x + n * d_model, 0, (size_t)((CHUNK - n) * d_model) * sizeof *x);
  nm_graph_forward(worker->graph);
  return nm_graph_data(worker->graph, worker->heads);
}

// Filters the frames of a chunk and adds them up.
static void filter_chunk(void *ctx, int64_t chunk, int i_worker)
{
  const Run *run = ctx;
  Worker *worker = run->vocoder->workers[i_worker];
  const int64_t first = chunk * CHUNK, n = run->n - first < CHUNK ? run->n - first : CHUNK;
  const float *heads = run_head(run, worker, first, n);
  float *sum = run->chunks + chunk * LEN_CHUNK;
  memset(sum, 0, LEN_CHUNK * sizeof *sum);
  for (int64_t i = 0; i < n; i += NM_FILTER_N) {
    const int64_t t = first + i;
    NmFilterFrames frames = {.n = (int)(n - i < NM_FILTER_N ? n - i : NM_FILTER_N),
                             .envelope = run->envelope + t * NM_VOCODER_N_BANDS,
                             .heads = heads + i * 3 * NM_VOCODER_N_BINS,
                             .pulses = run->pulses + t * NM_VOCODER_HOP,
                             .noise = run->noise + t * NM_VOCODER_HOP};
    for (int j = 0; j < frames.n; ++j) frames.voiced[j] = is_voiced(run, t + j);
    nm_filter_run(worker->filter, &frames, sum + i * NM_VOCODER_HOP);
  }
}

// Lays the chunks over each other. The sound of the caller's frame t starts half a hop before its centre;
// here that is frame t + 1, whose window starts half a window before its centre.
static void add_chunks(const Run *run)
{
  const int64_t n_out = (run->n - 2) * NM_VOCODER_HOP,
                lead = NM_VOCODER_HOP + (NM_VOCODER_N_FFT - NM_VOCODER_HOP) / 2;
  memset(run->samples, 0, (size_t)n_out * sizeof(float));
  for (int64_t chunk = 0; chunk < count_chunks(run->n); ++chunk) {
    const int64_t start = chunk * CHUNK * NM_VOCODER_HOP - lead, skipped = start < 0 ? -start : 0;
    const int64_t len = n_out - start < LEN_CHUNK ? n_out - start : LEN_CHUNK;
    add(run->samples + start + skipped, run->chunks + chunk * LEN_CHUNK + skipped, len - skipped);
  }
}

NmStatus nm_vocoder_run(NmVocoder *vocoder, const NmVocoderFrames *frames, uint64_t seed, float *samples,
                        NmError *err)
{
  const int64_t T = frames->T;
  if (T < 1) return nm_error_set(err, NM_ERR_BAD_ARG, "the vocoder needs at least one frame");
  nm_arena_reset(&vocoder->arena);
  Run run = {.vocoder = vocoder, .n = T + 2, .samples = samples};
  if (!allocate(&run)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  pad(frames->envelope, T, NM_VOCODER_N_BANDS, run.envelope);
  pad(frames->f0_hz, T, 1, run.f0_hz);
  pad(frames->f0_own_hz ? frames->f0_own_hz : frames->f0_hz, T, 1, run.f0_own_hz);
  pad(frames->voicing, T, 1, run.voicing);
  make_sources(&run, seed);
  const NmStatus status = run_trunk(&run, err);
  if (status != NM_OK) return status;
  nm_pool_run(vocoder->pool, count_chunks(run.n), filter_chunk, &run);
  add_chunks(&run);
  return NM_OK;
}
