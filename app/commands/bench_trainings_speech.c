// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "app/commands/bench_corpus.h"
#include "app/commands/bench_trainings.h"
#include "models/speech/aligner_trainer.h"
#include "models/speech/teacher_trainer.h"
#include "models/speech/trainer.h"
#include "models/vocoder/trainer.h"

enum {
  B = 32, // recordings of a step
  N = B * NM_BENCH_CORPUS_N_FRAMES,
  B_VOCODER = 16,   // stretches of a step
  LEN_STRETCH = 64, // frames
  N_VOCODER = B_VOCODER * LEN_STRETCH
};

#define RATE NM_BENCH_TRAINING_RATE

// The corpus and the one trainer on it.
typedef struct {
  NmCorpus corpus;
  NmAlignerTrainer *aligner;
  NmUtteranceSet set;
  NmSpeechTrainer *acoustic;
  NmTeacherTrainer *teacher;
  NmVocoderClip clips[NM_BENCH_CORPUS_N_ITEMS];
  float f0_hz[NM_BENCH_CORPUS_N_FRAMES], voicing[NM_BENCH_CORPUS_N_FRAMES];
  NmVocoderTrainer *vocoder;
} Speech;

static void close(void *trainer)
{
  Speech *s = trainer;
  if (!s) return;
  nm_aligner_trainer_free(s->aligner);
  nm_speech_trainer_free(s->acoustic);
  nm_teacher_trainer_free(s->teacher);
  nm_vocoder_trainer_free(s->vocoder);
  nm_utterances_fini(&s->set);
  nm_bench_corpus_fini(&s->corpus);
  free(s);
}

static NmStatus start_aligner(Speech *s, const NmBackend *backend, NmPool *pool, NmError *err)
{
  s->aligner = nm_aligner_trainer_new(backend, pool, &s->corpus, B, 1, err);
  return s->aligner ? NM_OK : err->status;
}

static NmStatus start_acoustic(Speech *s, const NmBackend *backend, NmPool *pool, NmError *err)
{
  const NmStatus status = nm_utterances_init(&s->set, &s->corpus, err);
  if (status != NM_OK) return status;
  const NmSpeechTraining training = {.config = nm_acoustic_config_defaults(),
                                     .set = &s->set,
                                     .n_batch = B,
                                     .favourite = -1,
                                     .dropout = .1,
                                     .dropout_predictor = .5,
                                     .weight_decay = .01,
                                     .average = .998,
                                     .seed = 1};
  s->acoustic = nm_speech_trainer_new(backend, pool, &training, err);
  return s->acoustic ? NM_OK : err->status;
}

static NmStatus start_teacher(Speech *s, const NmBackend *backend, NmPool *pool, NmError *err)
{
  const NmStatus status = nm_utterances_init(&s->set, &s->corpus, err);
  if (status != NM_OK) return status;
  const NmTeacherTraining training = {.config = nm_teacher_config_defaults(),
                                      .set = &s->set,
                                      .n_batch = B,
                                      .n_frames_max = NM_BENCH_CORPUS_N_FRAMES,
                                      .favourite = -1,
                                      .favour = 1,
                                      .guide = {.width = 2},
                                      .dropout = .1,
                                      .weight_decay = .01,
                                      .average = .998,
                                      .seed = 1};
  s->teacher = nm_teacher_trainer_new(backend, pool, &training, err);
  return s->teacher ? NM_OK : err->status;
}

static void fill_clips(Speech *s)
{
  for (int t = 0; t < NM_BENCH_CORPUS_N_FRAMES; ++t) {
    s->voicing[t] = s->corpus.f0_hz[t] > 0;
    s->f0_hz[t] = s->voicing[t] > 0 ? s->corpus.f0_hz[t] : 160;
  }
  for (int i = 0; i < NM_BENCH_CORPUS_N_ITEMS; ++i) {
    const int64_t at = s->corpus.items[i].frame_first;
    s->clips[i] = (NmVocoderClip){.envelope = s->corpus.envelope + at * NM_VOCODER_N_BANDS,
                                  .f0_hz = s->f0_hz,
                                  .voicing = s->voicing,
                                  .audio = s->corpus.audio + at * NM_VOCODER_HOP,
                                  .T = NM_BENCH_CORPUS_N_FRAMES,
                                  .weight = 1};
  }
}

static NmStatus start_vocoder(Speech *s, const NmBackend *backend, NmPool *pool, NmError *err)
{
  NmSpeechStats stats;
  nm_speech_stats_measure(&stats, &s->corpus);
  fill_clips(s);
  const NmVocoderTraining training = {.config = nm_vocoder_config_defaults(),
                                      .clips = s->clips,
                                      .n_clips = NM_BENCH_CORPUS_N_ITEMS,
                                      .envelope_mean = stats.envelope_mean,
                                      .envelope_std = stats.envelope_std,
                                      .n_batch = B_VOCODER,
                                      .n_frames = LEN_STRETCH,
                                      .seed = 1,
                                      .weight_decay = .01,
                                      .average = .998};
  s->vocoder = nm_vocoder_trainer_new(backend, pool, &training, err);
  return s->vocoder ? NM_OK : err->status;
}

typedef NmStatus (*Start)(Speech *s, const NmBackend *backend, NmPool *pool, NmError *err);

static void *open(Start start, const NmBackend *backend, NmPool *pool, NmError *err)
{
  Speech *s = calloc(1, sizeof *s);
  if (!s) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory"), NULL;
  NmStatus status = nm_bench_corpus_init(&s->corpus, err);
  if (status == NM_OK) status = start(s, backend, pool, err);
  if (status == NM_OK) return s;
  close(s);
  return NULL;
}

static void *open_aligner(const NmBackend *backend, NmPool *pool, NmError *err)
{
  return open(start_aligner, backend, pool, err);
}

static void *open_acoustic(const NmBackend *backend, NmPool *pool, NmError *err)
{
  return open(start_acoustic, backend, pool, err);
}

static void *open_teacher(const NmBackend *backend, NmPool *pool, NmError *err)
{
  return open(start_teacher, backend, pool, err);
}

static void *open_vocoder(const NmBackend *backend, NmPool *pool, NmError *err)
{
  return open(start_vocoder, backend, pool, err);
}

static NmStatus step_aligner(void *trainer, int64_t step, NmError *err)
{
  double loss;
  const Speech *s = trainer;
  return nm_aligner_trainer_step(s->aligner, step, RATE, &loss, err);
}

static NmStatus step_acoustic(void *trainer, int64_t step, NmError *err)
{
  NmSpeechLosses losses;
  const Speech *s = trainer;
  return nm_speech_trainer_step(s->acoustic, step, RATE, 0, &losses, err);
}

static NmStatus step_acoustic_judged(void *trainer, int64_t step, NmError *err)
{
  NmSpeechLosses losses;
  const Speech *s = trainer;
  return nm_speech_trainer_step(s->acoustic, step, RATE, RATE, &losses, err);
}

static NmStatus step_teacher(void *trainer, int64_t step, NmError *err)
{
  NmTeacherLosses losses;
  const Speech *s = trainer;
  return nm_teacher_trainer_step(s->teacher, step, RATE, 1, &losses, err);
}

static NmStatus step_vocoder(void *trainer, int64_t step, NmError *err)
{
  NmVocoderLosses losses;
  const Speech *s = trainer;
  return nm_vocoder_trainer_step(s->vocoder, step, RATE, 0, &losses, err);
}

static NmStatus step_vocoder_judged(void *trainer, int64_t step, NmError *err)
{
  NmVocoderLosses losses;
  const Speech *s = trainer;
  return nm_vocoder_trainer_step(s->vocoder, step, RATE, RATE, &losses, err);
}

static double count(const void *trainer)
{
  const Speech *s = trainer;
  if (s->aligner) return nm_aligner_trainer_count_operations(s->aligner);
  if (s->acoustic) return nm_speech_trainer_count_operations(s->acoustic);
  return s->teacher ? nm_teacher_trainer_count_operations(s->teacher)
                    : nm_vocoder_trainer_count_operations(s->vocoder);
}

const NmBenchTraining nm_bench_trainings_speech[] = {
    {"aligner", "32 x 400, 100 phones", "frames", N, open_aligner, close, step_aligner, count},
    {"acoustic", "32 x 400, 100 phones", "frames", N, open_acoustic, close, step_acoustic, count},
    {"acoustic-gan", "32 x 400, 100 phones", "frames", N, open_acoustic, close, step_acoustic_judged, count},
    {"teacher", "32 x 400, 100 phones", "frames", N, open_teacher, close, step_teacher, count},
    {"vocoder", "16 x 64", "frames", N_VOCODER, open_vocoder, close, step_vocoder, count},
    {"vocoder-gan", "16 x 64", "frames", N_VOCODER, open_vocoder, close, step_vocoder_judged, count},
    {0}};
