// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench speech --teacher FILE`: the acoustic model against its autoregressive teacher, one phrase at a
// time on one thread, the same text and vocoder: the table of Ren et al. 2019, section 4.2.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/assets.h"
#include "app/commands/bench_tasks.h"
#include "app/jobs/speech.h"
#include "dsp/base/clock.h"
#include "dsp/pitch.h"
#include "models/speech/speak_plan.h"
#include "models/speech/teacher_voice.h"
#include "models/vocoder/vocoder.h"

enum { N_RUNS = 5, FRAMES_OVER = 2 }; // the teacher may take twice the frames of the student

#define PAPER_MEL 269.4
#define PAPER_WHOLE 38.3

// Seconds taken, of one run, and of sound made.
typedef struct {
  double mel, whole, sound;
} Times;

typedef struct {
  NmSpeech speech;
  NmTeacher *teacher;
  NmVocoder *vocoder;
  NmSpeakPlan plan;
  NmArena arena; // of one phrase
  Times student[N_RUNS], taught;
  int64_t n_phrases, n_ended;
  int32_t speaker; // of the teacher
} Bench;

static NmStatus open_models(Bench *b, const char *path, NmError *err)
{
  char vocoder[PATH_MAX];
  nm_speak_plan_init(&b->plan);
  nm_arena_init(&b->arena, 1 << 20);
  NmStatus status = nm_speech_open(&b->speech, 1, err);
  if (status == NM_OK) status = nm_assets_find("vocoder.safetensors", vocoder, err);
  if (status != NM_OK) return status;
  if (!(b->vocoder = nm_vocoder_new(vocoder, b->speech.pool, err))) return err->status;
  if (!(b->teacher = nm_teacher_new(path, b->speech.pool, err))) return err->status;
  const NmTeacherFile *file = nm_teacher_get_file(b->teacher);
  const char *name = nm_voice_get_speaker_name(b->speech.voice, 0);
  for (int32_t i = 0; i < file->config.n_speakers; ++i)
    if (strcmp(file->speakers[i], name) == 0) b->speaker = i;
  return NM_OK;
}

static NmStatus say_student(Bench *b, Times *times, int64_t *n_frames, NmError *err)
{
  NmSpoken spoken;
  const double start = nm_clock_now();
  const NmStatus status = nm_voice_say(b->speech.voice, b->plan.said, b->plan.n_said, 0, 1, &spoken, err);
  if (status != NM_OK) return status;
  const double seconds = nm_clock_now() - start;
  times->whole += seconds;
  times->mel += seconds - spoken.seconds_vocoder;
  times->sound += (double)spoken.n_samples / NM_VOICE_RATE_HZ;
  *n_frames = spoken.n_frames_total;
  return status;
}

static NmStatus make_sound(Bench *b, const NmTeacherSaid *said, NmError *err)
{
  const size_t T = (size_t)said->T;
  float *envelope = nm_arena_calloc(&b->arena, T * NM_ACOUSTIC_N_BANDS, sizeof *envelope);
  float *f0_hz = nm_arena_calloc(&b->arena, T, sizeof *f0_hz);
  float *voicing = nm_arena_calloc(&b->arena, T, sizeof *voicing);
  float *samples = nm_arena_calloc(&b->arena, T * NM_VOICE_HOP, sizeof *samples);
  if (!envelope || !f0_hz || !voicing || !samples)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_teacher_read_frames(said->frames, said->T, &nm_teacher_get_file(b->teacher)->stats, b->speaker, envelope,
                         f0_hz);
  for (size_t t = 0; t < T; ++t) voicing[t] = f0_hz[t] > 0;
  nm_f0_interpolate(f0_hz, said->T, 160);
  const NmVocoderFrames frames = {.envelope = envelope, .f0_hz = f0_hz, .voicing = voicing, .T = said->T};
  return nm_vocoder_run(b->vocoder, &frames, 1, samples, err);
}

static NmStatus say_teacher(Bench *b, int64_t n_frames, NmError *err)
{
  const int32_t n = b->plan.n_said;
  NmToken *tokens = nm_arena_calloc(&b->arena, (size_t)n, sizeof *tokens);
  int32_t *phones = nm_arena_calloc(&b->arena, (size_t)n, sizeof *phones);
  int32_t *places = nm_arena_calloc(&b->arena, (size_t)n, sizeof *places);
  float *features = nm_arena_calloc(&b->arena, (size_t)n * NM_TOKEN_N_FEATURES, sizeof *features);
  if (!tokens || !phones || !places || !features) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const double start = nm_clock_now();
  for (int32_t k = 0; k < n; ++k) {
    const NmVoicePhone *p = &b->plan.said[k];
    tokens[k] = (NmToken){p->phone, p->i_word, p->boundary};
    phones[k] = p->phone;
  }
  nm_tokens_describe(tokens, n, features, places);
  const NmTeacherText text = {phones, places, features, n, b->speaker};
  const NmTeacherOptions options = {.n_frames_max = FRAMES_OVER * n_frames};
  NmTeacherSaid said;
  NmStatus status = nm_teacher_say(b->teacher, &text, &options, &said, err);
  b->taught.mel += nm_clock_now() - start;
  if (status == NM_OK) status = make_sound(b, &said, err);
  if (status != NM_OK) return status;
  b->taught.whole += nm_clock_now() - start;
  b->taught.sound += (double)(said.T * NM_VOICE_HOP) / NM_VOICE_RATE_HZ;
  b->n_ended += said.ended;
  b->n_phrases += 1;
  return status;
}

static NmStatus say_phrase(Bench *b, NmError *err)
{
  int64_t n_frames = 0;
  NmStatus status = NM_OK;
  nm_arena_reset(&b->arena);
  for (int run = 0; run < N_RUNS && status == NM_OK; ++run)
    status = say_student(b, &b->student[run], &n_frames, err);
  return status == NM_OK ? say_teacher(b, n_frames, err) : status;
}

static NmStatus say_sentence(Bench *b, const char *text, size_t len, NmError *err)
{
  const NmSpeakerSink sink = {0};
  const NmSpeakRun all = {.end = len, .prosody = nm_prosody_plain()};
  const float pitch_hz = nm_voice_get_pitch_hz(b->speech.voice, 0);
  NmStatus status =
      nm_speak_plan_read(&b->plan, b->speech.text, text, len, &all, 1, NM_BOUNDARY_PERIOD, &sink, err);
  for (int32_t first = 0, end; first < b->plan.n_words && status == NM_OK; first = end) {
    end = nm_speak_plan_cut(&b->plan, first);
    status = nm_speak_plan_phrase(&b->plan, first, end, pitch_hz, err);
    if (status == NM_OK) status = say_phrase(b, err);
  }
  return status;
}

static int by_whole(const void *a, const void *b)
{
  const double x = ((const Times *)a)->whole, y = ((const Times *)b)->whole;
  return (x > y) - (x < y);
}

static void print_row(const char *name, const Times *times)
{
  printf("%-9s %9.1f %11.3f %11.3f %11.5f\n", name, times->sound, 1e3 * times->mel / times->sound,
         1e3 * times->whole / times->sound, times->whole / times->sound);
}

static void report(Bench *b)
{
  const NmTeacherConfig *c = &nm_teacher_get_file(b->teacher)->config;
  qsort(b->student, N_RUNS, sizeof *b->student, by_whole);
  const Times *student = &b->student[N_RUNS / 2], *taught = &b->taught;
  const double mel = taught->mel / taught->sound / (student->mel / student->sound);
  const double whole = taught->whole / taught->sound / (student->whole / student->sound);
  printf(
      "\nteacher: %d + %d blocks, width %d, %d frames a step, with its cache; one thread; it ended %lld of "
      "%lld phrases itself\n",
      c->n_encoder, c->n_decoder, c->d_model, c->n_stack, (long long)b->n_ended, (long long)b->n_phrases);
  printf("%-9s %9s %11s %11s %11s\n", "", "speech s", "mel ms/s", "whole ms/s", "real-time");
  print_row("student", student);
  print_row("teacher", taught);
  printf("%-9s %9s %10.1fx %10.1fx\n", "faster", "", mel, whole);
  printf("%-9s %9s %10.1fx %10.1fx\n", "paper", "", PAPER_MEL, PAPER_WHOLE);
}

NmStatus nm_bench_teacher(const char *path, const char *text, size_t len, NmError *err)
{
  Bench b = {0};
  NmStatus status = open_models(&b, path, err);
  for (size_t at = 0, n; at < len && status == NM_OK; at += n) {
    n = nm_text_find_sentence(text + at, len - at, true, &(bool){0});
    status = say_sentence(&b, text + at, n, err);
  }
  if (status == NM_OK) report(&b);
  nm_teacher_free(b.teacher);
  nm_vocoder_free(b.vocoder);
  nm_speech_close(&b.speech);
  nm_speak_plan_fini(&b.plan);
  nm_arena_fini(&b.arena);
  return status;
}
