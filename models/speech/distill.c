// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/distill.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/speech/corpus_writer.h"
#include "models/speech/focus.h"
#include "models/speech/teacher_model.h"
#include "models/speech/teacher_voice.h"

enum { ROUND = 16, THREADS_MAX = 256, N_BANDS = NM_ACOUSTIC_N_BANDS };

#define FRAME_MS (1000.0 * 256 / 24000)
#define STRAYED .6 // of the focus rate, along the path: below, attention went back or passed tokens over

// One recording as the teacher says it.
typedef struct {
  const NmUtterance *utterance;
  float *envelope, *f0_hz; // [T, 80] [T]
  int32_t *durations;      // [utterance->n] frames
  int32_t T;
  double focus, path;
  bool good;
} Taught;

typedef struct {
  const NmDistill *options;
  NmDistilled done;
  NmUtteranceSet set;
  NmTeacherFile file; // DURATIONS and FORCED
  NmGraph *graph;
  float *positions;
  NmTeacher *teachers[THREADS_MAX]; // FREE, one a thread
  int n_teachers;
  NmArena arena; // of one round
  Taught round[ROUND];
  int32_t which[ROUND], n_round; // utterances of the round
  NmCorpusWriter writer;
} Work;

static const NmTeacherFile *get_file(const Work *w)
{
  return w->options->kind == NM_DISTILL_FREE ? nm_teacher_get_file(w->teachers[0]) : &w->file;
}

static NmStatus open_teachers(Work *w, NmError *err)
{
  const NmDistill *o = w->options;
  const int n = nm_pool_get_n_threads(o->pool);
  for (; w->n_teachers < n && w->n_teachers < THREADS_MAX; ++w->n_teachers)
    if (!(w->teachers[w->n_teachers] = nm_teacher_new(o->path_teacher, NULL, err))) return err->status;
  return NM_OK;
}

static NmStatus open_forced(Work *w, NmError *err)
{
  const NmDistill *o = w->options;
  const NmStatus status = nm_teacher_file_open(&w->file, o->path_teacher, o->backend, o->pool, err);
  if (status != NM_OK) return status;
  const int64_t d = w->file.config.d_model;
  w->graph = nm_graph_new(o->backend, o->pool);
  w->positions = calloc(NM_TEACHER_STEPS_MAX * (size_t)d, sizeof *w->positions);
  if (!w->graph || !w->positions) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_teacher_positions(NM_TEACHER_STEPS_MAX, d, w->positions);
  return NM_OK;
}

static NmStatus check_speakers(const Work *w, NmError *err)
{
  const NmTeacherFile *file = get_file(w);
  for (int32_t i = 0; i < w->set.n; ++i) {
    const NmUtterance *u = &w->set.utterances[i];
    const int32_t speaker = u->item->speaker;
    const char *name = w->options->corpus->speakers[speaker];
    if (u->T && (speaker >= file->config.n_speakers || strcmp(file->speakers[speaker], name) != 0))
      return nm_error_set(err, NM_ERR_BAD_DATA, "%s: the corpus's speaker %d, %s, is not the teacher's",
                          w->options->path_teacher, speaker, name);
  }
  return NM_OK;
}

static NmStatus start(Work *w, NmError *err)
{
  nm_arena_init(&w->arena, 1 << 22);
  NmStatus status = w->options->kind == NM_DISTILL_FREE ? open_teachers(w, err) : open_forced(w, err);
  if (status == NM_OK) status = nm_utterances_init_as(&w->set, w->options->corpus, &get_file(w)->stats, err);
  return status == NM_OK ? check_speakers(w, err) : status;
}

static void keep_item(Work *w, const NmCorpusItem *item)
{
  nm_corpus_writer_keep(&w->writer, w->options->corpus, item);
  ++w->done.n_kept;
}

static void write_taught(Work *w, const Taught *t)
{
  const NmCorpusItem *item = t->utterance->item;
  const NmCorpusFrames frames = {t->envelope, t->f0_hz, t->durations, t->T};
  nm_corpus_writer_add(&w->writer, item, w->options->corpus->speakers[item->speaker], item->split, &frames);
}

static bool allocate(Taught *t, int32_t T)
{
  t->T = T;
  t->envelope = malloc((size_t)T * N_BANDS * sizeof *t->envelope);
  t->f0_hz = malloc((size_t)T * sizeof *t->f0_hz);
  t->durations = malloc((size_t)t->utterance->n * sizeof *t->durations);
  return t->envelope && t->f0_hz && t->durations;
}

// Steps to frames; what the last step has beyond the end is the last token's. Not `good` without a path.
static NmStatus find_durations(Taught *t, const NmFocus *focus, int32_t n_stack)
{
  NmArena arena;
  nm_arena_init(&arena, 1 << 16);
  const NmStatus status = nm_focus_durations(focus, &arena, t->durations, &t->path);
  nm_arena_fini(&arena);
  t->good = status == NM_OK;
  if (status == NM_ERR_BAD_DATA) return NM_OK;
  t->focus = nm_focus_rate(focus);
  for (int64_t k = 0; k < focus->K && t->good; ++k) t->durations[k] *= n_stack;
  if (t->good) t->durations[focus->K - 1] -= (int32_t)(focus->S * n_stack) - t->T;
  return status;
}

static NmStatus read_forced(Work *w, const NmTeacherBatch *b, int64_t row, const float *out,
                            const float *weights, Taught *t)
{
  const NmTeacherConfig *c = &w->file.config;
  const NmCorpus *corpus = w->options->corpus;
  const NmCorpusItem *item = t->utterance->item;
  const NmFocus focus = {.weights = weights + row * b->S * b->speech.K,
                         .S = b->n_item_steps[row],
                         .K = b->speech.len[row],
                         .stride = b->speech.K};
  if (!allocate(t, item->n_frames)) return NM_ERR_NO_MEMORY;
  nm_teacher_read_frames(out + row * b->speech.T * NM_ACOUSTIC_N_OUT, t->T, &w->file.stats, item->speaker,
                         t->envelope, t->f0_hz);
  if (w->options->kind == NM_DISTILL_DURATIONS) {
    memcpy(t->envelope, corpus->envelope + item->frame_first * N_BANDS,
           (size_t)t->T * N_BANDS * sizeof(float));
    memcpy(t->f0_hz, corpus->f0_hz + item->frame_first, (size_t)t->T * sizeof(float));
  }
  return find_durations(t, &focus, c->n_stack);
}

// All of the round's recordings in one pass of the network.
static NmStatus teach_forced(Work *w, NmError *err)
{
  NmTeacherBatch b;
  NmGraph *g = w->graph;
  const NmTeacherConfig *c = &w->file.config;
  nm_arena_reset(&w->arena);
  nm_graph_reset(g);
  NmStatus status =
      nm_teacher_batch_fill(&b, &w->arena, w->options->pool, &w->set, w->which, w->n_round, c, NULL);
  const size_t n = (size_t)b.speech.B * (size_t)b.S;
  float *out = nm_arena_alloc(&w->arena, n * (size_t)c->n_stack * NM_ACOUSTIC_N_OUT * sizeof *out);
  float *weights = nm_arena_alloc(&w->arena, n * (size_t)b.speech.K * sizeof *weights);
  if (status != NM_OK || !out || !weights) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmTeacherModel m = nm_teacher_model_build(&(NmNet){g, w->file.params, 0}, c, &b, true);
  const NmVar head =
      nm_slice(g, m.frames.weights[c->align_head / c->n_heads], 1, c->align_head % c->n_heads, 1);
  nm_graph_output(g, m.frames.out);
  nm_graph_output(g, head);
  if ((status = nm_graph_plan(g, false, err)) != NM_OK) return status;
  nm_teacher_model_set(g, &m, &b, w->positions);
  nm_graph_forward(g);
  nm_graph_get(g, m.frames.out, out);
  nm_graph_get(g, head, weights);
  for (int32_t i = 0; i < w->n_round && status == NM_OK; ++i)
    status = read_forced(w, &b, i, out, weights, &w->round[i]);
  return status == NM_OK ? status : nm_error_set(err, status, "%s", nm_status_text(status));
}

typedef struct {
  Work *work;
  NmStatus status[ROUND];
  NmError error[ROUND];
} FreeJob;

static NmStatus say(Work *w, NmTeacher *teacher, Taught *t, NmError *err)
{
  const NmUtterance *u = t->utterance;
  const NmTeacherFile *file = nm_teacher_get_file(teacher);
  const NmTeacherText text = {u->phones, u->places, u->features, u->n, u->item->speaker};
  const NmTeacherOptions options = {.noise = w->options->noise, .seed = w->options->seed};
  NmTeacherSaid said;
  NmStatus status = nm_teacher_say(teacher, &text, &options, &said, err);
  if (status != NM_OK) return status;
  const NmFocus focus = {said.weights, said.S, u->n, u->n};
  if (!allocate(t, (int32_t)said.T)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_teacher_read_frames(said.frames, said.T, &file->stats, u->item->speaker, t->envelope, t->f0_hz);
  status = find_durations(t, &focus, file->config.n_stack);
  t->good = t->good && said.ended && t->path > STRAYED * t->focus;
  return status;
}

static void say_job(void *ctx, int64_t i, int worker)
{
  FreeJob *job = ctx;
  job->status[i] = say(job->work, job->work->teachers[worker], &job->work->round[i], &job->error[i]);
}

static NmStatus teach_free(Work *w, NmError *err)
{
  FreeJob job = {.work = w};
  nm_pool_run(w->options->pool, w->n_round, say_job, &job);
  for (int32_t i = 0; i < w->n_round; ++i)
    if (job.status[i] != NM_OK) {
      if (err) *err = job.error[i];
      return job.status[i];
    }
  return NM_OK;
}

static void count(Work *w, const Taught *t)
{
  NmDistilled *d = &w->done;
  if (!t->good) {
    ++d->n_left_out;
    return;
  }
  double error = 0;
  for (int32_t k = 0; k < t->utterance->n; ++k)
    error += fabs(t->durations[k] - exp((double)t->utterance->log_duration[k]));
  ++d->n_taught;
  d->n_frames += t->T;
  d->focus += t->focus;
  d->path += t->path;
  d->duration_ms += FRAME_MS * error / t->utterance->n;
}

static NmStatus run_round(Work *w, NmError *err)
{
  const NmDistill *o = w->options;
  if (w->n_round == 0) return NM_OK;
  for (int32_t i = 0; i < w->n_round; ++i)
    w->round[i] = (Taught){.utterance = &w->set.utterances[w->which[i]]};
  NmStatus status = o->kind == NM_DISTILL_FREE ? teach_free(w, err) : teach_forced(w, err);
  for (int32_t i = 0; i < w->n_round; ++i) {
    Taught *t = &w->round[i];
    if (status == NM_OK) count(w, t);
    if (status == NM_OK && t->good) write_taught(w, t);
    free(t->envelope);
    free(t->f0_hz);
    free(t->durations);
  }
  w->n_round = 0;
  if (status == NM_OK && o->cancel && atomic_load(o->cancel))
    status = nm_error_set(err, NM_ERR_CANCELLED, "cancelled");
  return status;
}

static NmStatus run(Work *w, NmError *err)
{
  NmStatus status = NM_OK;
  int32_t n = 0;
  for (int32_t i = 0; i < w->set.n && status == NM_OK; ++i) {
    const NmUtterance *u = &w->set.utterances[i];
    if (u->T == 0 || u->item->split != NM_SPLIT_TRAIN) { // in the order of the corpus
      if ((status = run_round(w, err)) == NM_OK) keep_item(w, u->item);
      continue;
    }
    if ((w->options->limit && n >= w->options->limit) || u->T > NM_TEACHER_STEPS_MAX - 8) continue;
    ++n;
    w->which[w->n_round++] = i;
    if (w->n_round == ROUND) status = run_round(w, err);
  }
  return status == NM_OK ? run_round(w, err) : status;
}

static void finish(Work *w)
{
  for (int i = 0; i < w->n_teachers; ++i) nm_teacher_free(w->teachers[i]);
  nm_graph_free(w->graph);
  nm_teacher_file_close(&w->file);
  if (w->set.utterances) nm_utterances_fini(&w->set);
  nm_arena_fini(&w->arena);
  free(w->positions);
}

NmStatus nm_distill(const NmDistill *distill, NmDistilled *distilled, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  Work w = {.options = distill};
  NmStatus status = start(&w, err);
  if (status == NM_OK) {
    status = nm_corpus_writer_open(&w.writer, distill->out, err);
    if (status == NM_OK) status = run(&w, err);
    status = nm_corpus_writer_close(&w.writer, status, err);
  }
  finish(&w);
  const double n = w.done.n_taught ? (double)w.done.n_taught : 1;
  w.done.focus /= n;
  w.done.path /= n;
  w.done.duration_ms /= n;
  *distilled = w.done;
  return status;
}
