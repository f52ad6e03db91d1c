// SPDX-License-Identifier: GPL-3.0-or-later
// Speed of the front end on sound files, as multiples of real time on one core (median of five runs); or,
// with
// --f0, the pitch of one file, a line per frame, and its samples as a WAV for another tracker:
//   bench_dsp FILE...
//   bench_dsp --f0 FLOOR_HZ CEILING_HZ WAV_OUT FILE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dsp/audio_file.h"
#include "dsp/envelope.h"
#include "dsp/frontend.h"
#include "dsp/pitch.h"

enum { N_RUNS = 5 };

typedef struct {
  NmFrontend *frontend;
  NmPitch *pitch;
  NmEnvelope *envelope;
  float *samples;       // [n]
  float *f0, *features; // [n_frames], [n_frames, NM_N_MELS]
  int64_t n, n_frames;
} Bench;

static double now_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int append(Bench *b, const char *path, NmError *err)
{
  float *samples = NULL, *all;
  int64_t n = 0;
  if (nm_audio_load_mono(path, NM_RATE_HZ, &samples, &n, err) != NM_OK) return 0;
  all = realloc(b->samples, (size_t)(b->n + n) * sizeof *all);
  if (all) {
    memcpy(all + b->n, samples, (size_t)n * sizeof *all);
    b->samples = all;
    b->n += n;
  }
  free(samples);
  return all != NULL;
}

static int prepare(Bench *b, double floor_hz, double ceiling_hz)
{
  NmPitchOptions options = nm_pitch_defaults();
  options.floor_hz = floor_hz;
  options.ceiling_hz = ceiling_hz;
  b->frontend = nm_frontend_new();
  b->pitch = nm_pitch_new(&options);
  b->envelope = nm_envelope_new();
  b->n_frames = nm_frontend_get_n_frames(b->n);
  b->f0 = malloc((size_t)b->n_frames * sizeof *b->f0);
  b->features = malloc((size_t)b->n_frames * NM_N_MELS * sizeof *b->features);
  return b->frontend && b->pitch && b->envelope && b->f0 && b->features;
}

static void finish(Bench *b)
{
  nm_frontend_free(b->frontend);
  nm_pitch_free(b->pitch);
  nm_envelope_free(b->envelope);
  free(b->samples);
  free(b->f0);
  free(b->features);
}

static void run_mel(Bench *b)
{
  nm_frontend_run(b->frontend, b->samples, b->n, b->features);
}

static void run_pitch(Bench *b)
{
  nm_pitch_run(b->pitch, b->samples, b->n, b->n_frames, b->f0, NULL);
}

static void run_envelope(Bench *b)
{
  nm_f0_interpolate(b->f0, b->n_frames, 160);
  nm_envelope_run(b->envelope, b->samples, b->n, b->f0, b->n_frames, b->features);
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(Bench *b, const char *name, void (*run)(Bench *))
{
  double seconds[N_RUNS];
  for (int i = 0; i < N_RUNS; ++i) {
    const double start = now_s();
    run(b);
    seconds[i] = now_s() - start;
  }
  qsort(seconds, N_RUNS, sizeof *seconds, by_size);
  printf("%-10s %6.0f x real time\n", name, (double)b->n / NM_RATE_HZ / seconds[N_RUNS / 2]);
}

static int measure_files(Bench *b, int n_paths, char **paths, NmError *err)
{
  for (int i = 0; i < n_paths; ++i)
    if (!append(b, paths[i], err)) return 0;
  if (!prepare(b, 75, 600)) return 0;
  printf("%.1f s of sound\n", (double)b->n / NM_RATE_HZ);
  measure(b, "log mel", run_mel);
  measure(b, "pitch", run_pitch);
  measure(b, "envelope", run_envelope);
  return 1;
}

static int print_f0(Bench *b, char **args, NmError *err)
{
  const NmAudioFormat format = {NM_RATE_HZ, 1, NM_AUDIO_FLOAT};
  if (!append(b, args[3], err) || !prepare(b, atof(args[0]), atof(args[1]))) return 0;
  NmAudioWriter *writer = nm_audio_writer_open(args[2], &format, err);
  if (!writer) return 0;
  const int written = nm_audio_writer_write(writer, b->samples, b->n, err) == NM_OK;
  if (nm_audio_writer_close(writer, written, err) != NM_OK || !written) return 0;
  run_pitch(b);
  for (int64_t t = 0; t < b->n_frames; ++t) printf("%.4f\n", b->f0[t]);
  return 1;
}

int main(int argc, char **argv)
{
  Bench b = {0};
  NmError err = {.message = "out of memory"};
  const int f0 = argc == 6 && strcmp(argv[1], "--f0") == 0;
  if (argc < 2) {
    fprintf(stderr, "usage: bench_dsp FILE... | --f0 FLOOR_HZ CEILING_HZ WAV_OUT FILE\n");
    return 2;
  }
  const int ok = f0 ? print_f0(&b, argv + 2, &err) : measure_files(&b, argc - 1, argv + 1, &err);
  finish(&b);
  if (!ok) fprintf(stderr, "bench_dsp: %s\n", err.message);
  return ok ? 0 : 1;
}
