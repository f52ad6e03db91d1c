// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench speech`: what the stages of speaking a minute of text cost, each beside its floor: for the
// text the look-up of every word, for the networks their bare products of matrices on the same shapes, for
// the vocoder the Fourier transforms as well.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/assets.h"
#include "app/clock.h"
#include "app/commands/bench_measure.h"
#include "app/commands/bench_tasks.h"
#include "app/jobs/speech.h"
#include "dsp/fft_lanes.h"
#include "models/text/lexicon.h"

enum { N_RUNS = 7, FFTS_PER_FRAME = 5 };

static const char text[] =
    "The harbour was quiet when the boats came in. A boy of seven stood on the wall and counted them, one by "
    "one, as his father had taught him to do. There should have been eleven; there were ten. He counted "
    "again, slowly this time, because he did not want to be wrong, and because the light was going. Ten. "
    "Behind him the church clock struck six, and the women who had come down from the houses began to call "
    "out names across the water. Answers came back, some cheerful, some tired. Then the eleventh boat turned "
    "the corner of the breakwater, low in the sea and heavy with fish, and everybody laughed at once. \"I "
    "knew it,\" said the boy to nobody in particular. He had not known it at all. He ran down the steps, two "
    "at a time, to catch the first rope that was thrown.";

typedef enum { STAGE_TEXT, STAGE_ACOUSTIC, STAGE_VOCODER, N_STAGES } Stage;

static const char *const names[N_STAGES] = {"text", "acoustic", "vocoder"};

typedef struct {
  NmBench bench;
  NmSpeech speech;
  NmSpeakerStats stats;
  double seconds[N_STAGES][N_RUNS], floor[N_STAGES];
} Speech;

static NmStatus drop_audio(void *user, const float *samples, int64_t n, NmError *err)
{
  return NM_OK;
}

static NmStatus speak(Speech *s, int run, NmError *err)
{
  const NmSpeakerConfig config = {.sink = {.audio = drop_audio}};
  const NmSpan span = {
      .kind = NM_SPAN_TEXT, .text = text, .len = sizeof text - 1, .prosody = nm_prosody_plain()};
  nm_speaker_begin(s->speech.speaker, &config);
  NmStatus status = nm_speaker_feed(s->speech.speaker, &span, err);
  if (status == NM_OK) status = nm_speaker_finish(s->speech.speaker, err);
  s->stats = *nm_speaker_get_stats(s->speech.speaker);
  s->seconds[STAGE_TEXT][run] = s->stats.seconds_text;
  s->seconds[STAGE_ACOUSTIC][run] = s->stats.seconds_voice - s->stats.seconds_vocoder;
  s->seconds[STAGE_VOCODER][run] = s->stats.seconds_vocoder;
  return status;
}

static void look_up(void *ctx)
{
  const NmLexicon *lexicon = ctx;
  NmPron prons[NM_LEXICON_PRONS_MAX];
  char word[NM_LEXICON_WORD_MAX];
  size_t len = 0;
  for (const char *c = text; *c; ++c) {
    if (isalpha((unsigned char)*c)) {
      word[len++] = (char)tolower((unsigned char)*c);
      continue;
    }
    if (len) (void)nm_lexicon_find(lexicon, word, len, prons);
    len = 0;
  }
}

static NmStatus measure_text(Speech *s, NmError *err)
{
  char path[PATH_MAX];
  NmStatus status = nm_assets_find("english.lexicon", path, err);
  if (status != NM_OK) return status;
  NmLexicon *lexicon = nm_lexicon_new(path, err);
  if (!lexicon) return err->status;
  s->floor[STAGE_TEXT] = nm_bench_median(look_up, lexicon);
  nm_lexicon_free(lexicon);
  return NM_OK;
}

// How many rows the matrices of that name are applied to: tokens, frames or stacks of frames.
typedef struct {
  const char *prefix;
  double rows;
} Rows;

static double find_rows(const char *name, const Rows *rows)
{
  for (; rows->prefix; ++rows)
    if (strncmp(name, rows->prefix, strlen(rows->prefix)) == 0) return rows->rows;
  return 0;
}

static bool is_matrix(const char *name)
{
  const char *end = strrchr(name, '.');
  return end && strcmp(end, ".w") == 0 && !strstr(name, "depthwise");
}

static void forward(void *ctx)
{
  nm_graph_forward(ctx);
}

// The bare product of one matrix with n rows.
static NmStatus measure_product(NmBench *bench, NmParams *params, int32_t i, int64_t n, double *seconds)
{
  NmGraph *g = bench->graph;
  const NmShape shape = nm_params_get_shape(params, i);
  const int64_t n_in = shape.dim[shape.n_dims - 2];
  nm_graph_reset(g);
  const NmVar x = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, n, n_in));
  const NmVar w = nm_graph_param(g, params, nm_params_get_name(params, i), shape, NM_INIT_ZEROS);
  nm_graph_output(g, shape.n_dims == 2 ? nm_linear(g, x, w, NM_VAR_NONE)
                                       : nm_conv1d(g, x, w, NM_VAR_NONE, nm_conv_same(shape.dim[0], 1)));
  const NmStatus status = nm_graph_plan(g, false, &bench->err);
  if (status != NM_OK) return status;
  nm_bench_draw(bench, x);
  *seconds += nm_bench_median(forward, g);
  return NM_OK;
}

// All matrices of a file, for as many phrases as were spoken, at their mean length.
static NmStatus measure_products(Speech *s, const char *file, const Rows *rows, Stage stage, NmError *err)
{
  char path[PATH_MAX];
  double sum = 0;
  const double n_phrases = (double)s->stats.n_phrases;
  NmStatus status = nm_assets_find(file, path, err);
  if (status != NM_OK) return status;
  NmParams *params = nm_params_load(nm_backend_cpu(), s->bench.pool, path, NULL, err);
  if (!params) return err->status;
  for (int32_t i = 0; i < nm_params_get_n(params) && status == NM_OK; ++i) {
    const char *name = nm_params_get_name(params, i);
    const int64_t n = (int64_t)(find_rows(name, rows) / n_phrases + .5);
    if (n && is_matrix(name)) status = measure_product(&s->bench, params, i, n, &sum);
  }
  nm_graph_reset(s->bench.graph);
  nm_params_free(params);
  s->floor[stage] += sum * n_phrases;
  return status == NM_OK ? status : nm_error_set(err, status, "%s", s->bench.err.message);
}

static void transform(void *ctx)
{
  static _Alignas(64) float x[NM_LANES_N * NM_LANES], work[NM_LANES_N * NM_LANES],
      re[NM_LANES_N_BINS * NM_LANES], im[NM_LANES_N_BINS * NM_LANES];
  nm_lanes_fft_forward(ctx, x, work, re, im);
}

static void measure_transforms(Speech *s, double n_frames)
{
  static NmLanesFft fft;
  nm_lanes_fft_init(&fft);
  s->floor[STAGE_VOCODER] += FFTS_PER_FRAME * n_frames / NM_LANES * nm_bench_median(transform, &fft);
}

static NmStatus measure_floors(Speech *s, NmError *err)
{
  const double n_frames = (double)s->stats.n_samples / NM_VOICE_HOP,
               n_tokens = (double)(s->stats.n_phones + s->stats.n_pauses);
  const double n_stacks = n_frames / nm_voice_get_config(s->speech.voice)->n_stack;
  const Rows acoustic[] = {{"encoder", n_tokens}, {"position", n_tokens}, {"duration", n_tokens},
                           {"prosody", n_tokens}, {"frame", n_stacks},    {"stack", n_stacks},
                           {"decoder", n_stacks}, {"out", n_stacks},      {0}};
  const Rows vocoder[] = {{"", n_frames}, {0}};
  NmStatus status = measure_text(s, err);
  if (status == NM_OK) status = measure_products(s, "voice.safetensors", acoustic, STAGE_ACOUSTIC, err);
  if (status == NM_OK) status = measure_products(s, "vocoder.safetensors", vocoder, STAGE_VOCODER, err);
  if (status == NM_OK) measure_transforms(s, n_frames);
  return status;
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void print_row(const char *name, double seconds, double floor, double sound)
{
  printf("%-9s %9.2f %9.2f %7.2f %10.5f\n", name, 1e3 * seconds, 1e3 * floor, seconds / floor,
         seconds / sound);
}

static void report(Speech *s)
{
  const double sound = (double)s->stats.n_samples / NM_VOICE_RATE_HZ;
  double total = 0, floors = 0;
  printf("%.1f s of speech, %lld phrases, %d threads; loading took %.1f ms\n", sound,
         (long long)s->stats.n_phrases, nm_pool_get_n_threads(s->bench.pool), 1e3 * s->speech.seconds_load);
  printf("%-9s %9s %9s %7s %10s\n", "", "ms", "floor ms", "ratio", "real-time");
  for (int i = 0; i < N_STAGES; ++i) {
    qsort(s->seconds[i], N_RUNS, sizeof(double), by_size);
    const double median = s->seconds[i][N_RUNS / 2];
    print_row(names[i], median, s->floor[i], sound);
    total += median;
    floors += s->floor[i];
  }
  print_row("all", total, floors, sound);
}

int nm_bench_speech(const NmArgs *args)
{
  Speech s = {0};
  NmError err = {0};
  NmStatus status = NM_OK;
  int exit_code = nm_bench_open(&s.bench, args);
  if (exit_code == 0) status = nm_speech_open(&s.speech, nm_pool_get_n_threads(s.bench.pool), &err);
  for (int run = 0; run < N_RUNS && exit_code == 0 && status == NM_OK; ++run) status = speak(&s, run, &err);
  if (exit_code == 0 && status == NM_OK) status = measure_floors(&s, &err);
  if (exit_code == 0 && status == NM_OK) report(&s);
  const char *teacher = nm_args_get(args, "teacher");
  if (exit_code == 0 && status == NM_OK && teacher)
    status = nm_bench_teacher(teacher, text, sizeof text - 1, &err);
  if (status != NM_OK) exit_code = nm_message_fail_input(&err);
  nm_speech_close(&s.speech);
  nm_bench_close(&s.bench);
  return exit_code;
}
