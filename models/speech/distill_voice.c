// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/distill_voice.h"

#include <stdlib.h>
#include <string.h>

#include "models/speech/batch.h"
#include "models/speech/corpus_writer.h"
#include "models/speech/voice.h"

enum { ROUND = 64, THREADS_MAX = 64, N_BANDS = NM_ACOUSTIC_N_BANDS };

typedef struct {
  const NmCorpusItem *item;
  float *envelope, *f0_hz; // [T, 80] [T]
  int32_t *durations;      // [n]
  int32_t T;
  NmStatus status;
  NmError error;
} Said;

typedef struct {
  const NmDistillVoice *options;
  NmVoice *voices[THREADS_MAX]; // one a thread
  int n_voices, speaker;
  NmCorpusWriter writer;
  Said round[ROUND];
  int32_t n_round;
  NmDistilledVoice done;
} Work;

static NmStatus start(Work *w, NmError *err)
{
  const NmDistillVoice *o = w->options;
  const int n = nm_pool_get_n_threads(o->pool);
  for (; w->n_voices < n && w->n_voices < THREADS_MAX; ++w->n_voices)
    if (!(w->voices[w->n_voices] = nm_voice_new(o->path_acoustic, o->path_vocoder, NULL, err)))
      return err->status;
  w->speaker = nm_voice_find_speaker(w->voices[0], o->speaker);
  if (w->speaker < 0 || nm_corpus_find_speaker(o->corpus, o->speaker) < 0)
    return nm_error_set(err, NM_ERR_BAD_DATA, "the corpus and the voice must both know the speaker %s",
                        o->speaker);
  for (int32_t i = 0; i < o->corpus->n_items; ++i)
    if (o->corpus->items[i].n_states > NM_VOICE_PHONES_MAX)
      return nm_error_set(err, NM_ERR_BAD_DATA, "%s: more than %d phones", o->corpus->items[i].id,
                          NM_VOICE_PHONES_MAX);
  return NM_OK;
}

static NmStatus copy(Said *s, const NmSpoken *spoken, int32_t n)
{
  s->T = (int32_t)spoken->n_frames_total;
  const size_t T = (size_t)s->T;
  s->envelope = malloc(T * N_BANDS * sizeof *s->envelope);
  s->f0_hz = malloc(T * sizeof *s->f0_hz);
  s->durations = malloc((size_t)n * sizeof *s->durations);
  if (!s->envelope || !s->f0_hz || !s->durations) return NM_ERR_NO_MEMORY;
  memcpy(s->envelope, spoken->envelope, T * N_BANDS * sizeof *s->envelope);
  memcpy(s->f0_hz, spoken->f0_hz, T * sizeof *s->f0_hz);
  memcpy(s->durations, spoken->n_frames, (size_t)n * sizeof *s->durations);
  return NM_OK;
}

// The words and pauses of the item, in the time that the voice takes for them.
static NmStatus say(Work *w, NmVoice *voice, Said *s, NmError *err)
{
  const size_t n_states = (size_t)s->item->n_states;
  NmToken *tokens = calloc(n_states, sizeof *tokens);
  float *durations = calloc(n_states, sizeof *durations);
  NmVoicePhone *phones = calloc(n_states, sizeof *phones);
  NmStatus status = tokens && durations && phones ? NM_OK : NM_ERR_NO_MEMORY;
  NmSpoken spoken;
  if (status == NM_OK) {
    const int32_t n = nm_corpus_item_tokens(s->item, NM_UTTERANCE_MIN_PAUSE, tokens, durations);
    for (int32_t k = 0; k < n; ++k)
      phones[k] = (NmVoicePhone){.phone = tokens[k].phone,
                                 .i_word = tokens[k].word,
                                 .boundary = tokens[k].boundary,
                                 .rate = 1,
                                 .pitch_range = 1};
    status = nm_voice_say(voice, phones, n, w->speaker, 1, &spoken, err);
    if (status == NM_OK) status = copy(s, &spoken, n);
  }
  free(tokens);
  free(durations);
  free(phones);
  return status == NM_ERR_NO_MEMORY ? nm_error_set(err, status, "out of memory") : status;
}

static void say_job(void *ctx, int64_t i, int worker)
{
  Work *w = ctx;
  Said *s = &w->round[i];
  s->status = say(w, w->voices[worker], s, &s->error);
}

static NmStatus run_round(Work *w, NmError *err)
{
  const NmDistillVoice *o = w->options;
  const NmCorpusItem *item;
  NmStatus status = NM_OK;
  nm_pool_run(o->pool, w->n_round, say_job, w);
  for (int32_t i = 0; i < w->n_round; ++i) {
    Said *s = &w->round[i];
    item = s->item;
    if (status == NM_OK && s->status != NM_OK) *err = s->error, status = s->status;
    if (status == NM_OK) {
      const NmCorpusFrames frames = {s->envelope, s->f0_hz, s->durations, s->T};
      nm_corpus_writer_add(&w->writer, item, o->speaker, NM_SPLIT_TAUGHT, &frames);
      w->done.n_frames += s->T;
      ++w->done.n_taught;
    }
    free(s->envelope);
    free(s->f0_hz);
    free(s->durations);
  }
  w->n_round = 0;
  if (status == NM_OK && o->cancel && atomic_load(o->cancel))
    status = nm_error_set(err, NM_ERR_CANCELLED, "cancelled");
  return status;
}

static NmStatus run(Work *w, NmError *err)
{
  const NmDistillVoice *o = w->options;
  NmStatus status = NM_OK;
  int32_t n = 0;
  for (int32_t i = 0; i < o->corpus->n_items; ++i) { // raised copies are the vocoder's
    const NmCorpusItem *item = &o->corpus->items[i];
    if (item->raise != 1 || !item->durations) continue;
    nm_corpus_writer_keep(&w->writer, o->corpus, item);
    ++w->done.n_kept;
  }
  for (int32_t i = 0; i < o->corpus->n_items && status == NM_OK; ++i) {
    const NmCorpusItem *item = &o->corpus->items[i];
    if (item->n_frames || !item->durations || item->split != NM_SPLIT_TRAIN) continue;
    if (o->limit && n++ == o->limit) break;
    w->round[w->n_round++] = (Said){.item = item};
    if (w->n_round == ROUND) status = run_round(w, err);
  }
  return status == NM_OK ? run_round(w, err) : status;
}

NmStatus nm_distill_voice(const NmDistillVoice *distill, NmDistilledVoice *done, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  Work *w = calloc(1, sizeof *w);
  if (!w) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  w->options = distill;
  NmStatus status = start(w, err);
  if (status == NM_OK) {
    status = nm_corpus_writer_open(&w->writer, distill->out, err);
    if (status == NM_OK) status = run(w, err);
    status = nm_corpus_writer_close(&w->writer, status, err);
  }
  for (int i = 0; i < w->n_voices; ++i) nm_voice_free(w->voices[i]);
  *done = w->done;
  free(w);
  return status;
}
