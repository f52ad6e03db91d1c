// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench voice`: how near the vocoder's copies of recordings that training never saw, and the whole
// voice given their durations, come to the recordings. These are the numbers of the model cards.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/assets.h"
#include "app/commands/bench_tasks.h"
#include "dsp/pitch.h"
#include "models/speech/batch.h"
#include "models/speech/measure.h"
#include "models/speech/voice.h"
#include "models/vocoder/vocoder.h"

enum { HOP = 256, HALF = HOP / 2, N_BANDS = 80 };

typedef struct {
  NmCorpus corpus;
  NmPool *pool;
  NmVoice *voice;
  NmVocoder *vocoder;
  NmMeasure *copies, *sayings;
  NmArena arena; // of one recording
  int speaker;   // in the corpus
  int voice_speaker;
  int64_t n_phones;
  double duration_error, duration, duration_recorded; // frames
} Bench;

static void finish(Bench *b)
{
  nm_measure_free(b->copies);
  nm_measure_free(b->sayings);
  nm_voice_free(b->voice);
  nm_vocoder_free(b->vocoder);
  nm_pool_free(b->pool);
  nm_arena_fini(&b->arena);
  if (b->corpus.items) nm_corpus_close(&b->corpus);
}

static NmStatus open_models(Bench *b, const char *name, NmError *err)
{
  char acoustic[PATH_MAX], vocoder[PATH_MAX];
  NmStatus status = nm_assets_find("voice.safetensors", acoustic, err);
  if (status == NM_OK) status = nm_assets_find("vocoder.safetensors", vocoder, err);
  if (status != NM_OK) return status;
  if (!(b->voice = nm_voice_new(acoustic, vocoder, b->pool, err))) return err->status;
  if (!(b->vocoder = nm_vocoder_new(vocoder, b->pool, err))) return err->status;
  b->speaker = nm_corpus_find_speaker(&b->corpus, name);
  b->voice_speaker = nm_voice_find_speaker(b->voice, name);
  if (b->speaker >= 0 && b->voice_speaker >= 0) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_ARG, "the corpus and the voice must both know the speaker %s", name);
}

static NmStatus start(Bench *b, const NmArgs *args, NmError *err)
{
  const char *speaker = nm_args_get(args, "speaker");
  NmStatus status = nm_corpus_open(&b->corpus, nm_args_get(args, "corpus"), err);
  if (status != NM_OK) return status;
  nm_arena_init(&b->arena, 1 << 22);
  b->pool = nm_pool_new(0);
  b->copies = nm_measure_new();
  b->sayings = nm_measure_new();
  if (!b->pool || !b->copies || !b->sayings) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return open_models(b, speaker ? speaker : "kathleen", err);
}

// One recording and room for what is made of it. Frame t of a recording is centred on sample 256 t, of sound
// that was made on sample 256 t + 128: the first half frame of such sound has nothing to be compared with.
typedef struct {
  const NmCorpusItem *item;
  NmToken *tokens;          // [n]
  float *durations;         // [n]
  NmVoicePhone *phones;     // [n]
  bool *spoken;             // [T]
  float *recording, *sound; // [T hop]
  float *f0_hz, *voicing;   // [T]
  int32_t n;
} Case;

static bool prepare(Bench *b, Case *c)
{
  const size_t n = (size_t)c->item->n_states, T = (size_t)c->item->n_frames;
  NmArena *arena = &b->arena;
  nm_arena_reset(arena);
  c->tokens = nm_arena_calloc(arena, n, sizeof *c->tokens);
  c->durations = nm_arena_calloc(arena, n, sizeof *c->durations);
  c->phones = nm_arena_calloc(arena, n, sizeof *c->phones);
  c->spoken = nm_arena_calloc(arena, T, sizeof *c->spoken);
  c->recording = nm_arena_calloc(arena, T * HOP, sizeof(float));
  c->sound = nm_arena_calloc(arena, T * HOP, sizeof(float));
  c->f0_hz = nm_arena_calloc(arena, T, sizeof(float));
  c->voicing = nm_arena_calloc(arena, T, sizeof(float));
  return c->tokens && c->durations && c->phones && c->spoken && c->recording && c->sound && c->f0_hz &&
         c->voicing;
}

static void describe(const NmCorpus *corpus, Case *c)
{
  const NmCorpusItem *item = c->item;
  int64_t t = 0;
  c->n = nm_corpus_item_tokens(item, NM_UTTERANCE_MIN_PAUSE, c->tokens, c->durations);
  for (int32_t k = 0; k < c->n; ++k) {
    c->phones[k] = (NmVoicePhone){.phone = c->tokens[k].phone,
                                  .i_word = c->tokens[k].word,
                                  .boundary = c->tokens[k].boundary,
                                  .n_frames = (int32_t)c->durations[k],
                                  .rate = 1,
                                  .pitch_range = 1};
    for (int32_t i = 0; i < (int32_t)c->durations[k]; ++i, ++t)
      c->spoken[t] = c->tokens[k].phone != NM_PHONE_PAUSE;
  }
  for (t = 0; t < item->n_frames; ++t) {
    c->f0_hz[t] = corpus->f0_hz[item->frame_first + t];
    c->voicing[t] = c->f0_hz[t] > 0;
  }
  nm_f0_interpolate(c->f0_hz, item->n_frames, 160);
  for (t = 0; t < (int64_t)item->n_frames * HOP; ++t)
    c->recording[t] = (float)corpus->audio[item->frame_first * HOP + t] / 32768;
}

static NmStatus compare(NmMeasure *measure, const Case *c, const float *sound)
{
  return nm_measure_add(measure, c->recording, sound + HALF, (int64_t)(c->item->n_frames - 1) * HOP,
                        c->spoken);
}

static NmStatus copy(Bench *b, Case *c, NmError *err)
{
  const float *envelope = b->corpus.envelope + c->item->frame_first * N_BANDS;
  const NmVocoderFrames frames = {
      .envelope = envelope, .f0_hz = c->f0_hz, .voicing = c->voicing, .T = c->item->n_frames};
  const NmStatus status = nm_vocoder_run(b->vocoder, &frames, 1, c->sound, err);
  return status == NM_OK ? compare(b->copies, c, c->sound) : status;
}

static NmStatus say(Bench *b, Case *c, NmError *err)
{
  NmSpoken spoken;
  NmStatus status = nm_voice_say(b->voice, c->phones, c->n, b->voice_speaker, 1, &spoken, err);
  if (status == NM_OK) status = compare(b->sayings, c, spoken.samples);
  for (int32_t k = 0; k < c->n; ++k) c->phones[k].n_frames = 0;
  if (status == NM_OK) status = nm_voice_say(b->voice, c->phones, c->n, b->voice_speaker, 1, &spoken, err);
  for (int32_t k = 0; k < c->n && status == NM_OK; ++k) {
    if (c->tokens[k].phone == NM_PHONE_PAUSE) continue;
    b->n_phones += 1;
    b->duration += spoken.n_frames[k];
    b->duration_recorded += (double)c->durations[k];
    b->duration_error += fabs(spoken.n_frames[k] - (double)c->durations[k]);
  }
  return status;
}

static NmStatus run(Bench *b, int64_t *n, NmError *err)
{
  NmStatus status = NM_OK;
  for (int32_t i = 0; i < b->corpus.n_items && status == NM_OK; ++i) {
    Case c = {.item = &b->corpus.items[i]};
    const NmCorpusItem *item = c.item;
    if (item->speaker != b->speaker || item->split != NM_SPLIT_TEST || item->raise != 1 ||
        item->n_frames < 2 || !item->durations)
      continue;
    if (!prepare(b, &c)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    describe(&b->corpus, &c);
    if ((status = copy(b, &c, err)) == NM_OK) status = say(b, &c, err);
    *n += 1;
  }
  return status;
}

static void print(const char *what, const NmSoundDistance *d)
{
  printf("%-22s %8.2f dB %10.1f %8.1f %8.2f %% %8.2f %% %10.3f %8.3f\n", what, d->distortion_db, d->f0_cents,
         d->f0_cents_median, 100 * d->f0_gross, 100 * d->voicing_error, d->stft_convergence, d->stft_log);
}

static void report(const Bench *b, int64_t n)
{
  const double phones = b->n_phones ? (double)b->n_phones : 1;
  const NmSoundDistance copies = nm_measure_get(b->copies), sayings = nm_measure_get(b->sayings);
  printf("%lld held-out recordings of %s, %lld frames of speech\n", (long long)n,
         b->corpus.speakers[b->speaker], (long long)copies.n_frames);
  printf("%-22s %11s %10s %8s %10s %10s %10s %8s\n", "", "distortion", "f0 cents", "median", "gross",
         "voicing", "spectra", "ln");
  print("copies by the vocoder", &copies);
  print("spoken, durations given", &sayings);
  printf("durations of phones: mean error %.1f ms, in all %.3f of the recorded\n",
         b->duration_error / phones * 1000 * HOP / 24000, b->duration / fmax(b->duration_recorded, 1));
}

int nm_bench_voice(const NmArgs *args)
{
  Bench b = {0};
  NmError err = {0};
  int64_t n = 0;
  if (!nm_args_get(args, "corpus")) return nm_message_fail(NM_EXIT_USAGE, "bench voice needs --corpus DIR");
  NmStatus status = start(&b, args, &err);
  if (status == NM_OK) status = run(&b, &n, &err);
  if (status == NM_OK && n == 0)
    status =
        nm_error_set(&err, NM_ERR_BAD_DATA, "the corpus has no aligned held-out recordings of this speaker");
  if (status == NM_OK) report(&b, n);
  finish(&b);
  if (status == NM_ERR_BAD_ARG) return nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  return status == NM_OK ? 0 : nm_message_fail_input(&err);
}
