// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "models/sing/plan.h"

// Phrases that overlap are held side by side, two at the most.
typedef struct {
  float *samples; // [room]
  int64_t room;
  int32_t phrase; // -1: none
} Held;

struct NmSingStream {
  NmSinger *singer;
  const NmSingPlan *plan;
  NmSingFetch fetch;
  void *user;
  int64_t at;
  int32_t next; // phrase that has not been fetched
  Held held[2];
};

static NmStatus sing(void *user, const NmSingPlan *plan, int32_t i, float *samples, NmError *err)
{
  return nm_singer_sing_phrase(user, plan, i, samples, err);
}

NmSingStream *nm_sing_stream_new(NmSinger *singer, const NmSingPlan *plan, NmSingFetch fetch, void *user)
{
  NmSingStream *stream = calloc(1, sizeof *stream);
  if (!stream) return NULL;
  *stream = (NmSingStream){.singer = singer,
                           .plan = plan,
                           .fetch = fetch ? fetch : sing,
                           .user = fetch ? user : singer,
                           .held = {{.phrase = -1}, {.phrase = -1}}};
  return stream;
}

void nm_sing_stream_free(NmSingStream *stream)
{
  if (!stream) return;
  for (int k = 0; k < 2; ++k) free(stream->held[k].samples);
  free(stream);
}

static const NmSingPhrase *get_phrase(const NmSingStream *stream, const Held *held)
{
  return held->phrase >= 0 ? &stream->plan->phrases[held->phrase] : NULL;
}

// A place for the next phrase: one whose own is over. NULL when both still sound.
static Held *find_place(NmSingStream *stream, int64_t at)
{
  for (int k = 0; k < 2; ++k) {
    const NmSingPhrase *phrase = get_phrase(stream, &stream->held[k]);
    if (!phrase || phrase->start + phrase->n_samples <= at) return &stream->held[k];
  }
  return NULL;
}

static NmStatus fetch_next(NmSingStream *stream, Held *held, NmError *err)
{
  const NmSingPhrase *phrase = &stream->plan->phrases[stream->next];
  held->phrase = -1;
  if (phrase->n_samples > held->room) {
    free(held->samples);
    held->samples = malloc((size_t)phrase->n_samples * sizeof *held->samples);
    held->room = held->samples ? phrase->n_samples : 0;
    if (!held->samples) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  const NmStatus status = stream->fetch(stream->user, stream->plan, stream->next, held->samples, err);
  if (status == NM_OK) held->phrase = stream->next++;
  return status;
}

// Adds what `held` has in [at, at + n).
static void add_held(const NmSingStream *stream, const Held *held, int64_t at, int64_t n, float *samples)
{
  const NmSingPhrase *phrase = get_phrase(stream, held);
  if (!phrase) return;
  const int64_t from = phrase->start > at ? phrase->start : at;
  const int64_t end = phrase->start + phrase->n_samples;
  const int64_t to = end < at + n ? end : at + n;
  for (int64_t i = from; i < to; ++i) samples[i - at] += held->samples[i - phrase->start];
}

// Samples up to where the next phrase begins, at most n.
static int64_t count_until_next(const NmSingStream *stream, int64_t n)
{
  if (stream->next == stream->plan->n_phrases) return n;
  const int64_t left = stream->plan->phrases[stream->next].start - stream->at;
  return left < n ? left : n;
}

NmStatus nm_sing_stream_process(NmSingStream *stream, float *samples, int64_t n, NmError *err)
{
  memset(samples, 0, (size_t)n * sizeof *samples);
  while (n > 0) {
    int64_t part = count_until_next(stream, n);
    if (part <= 0) {
      Held *place = find_place(stream, stream->at);
      if (!place) return nm_error_set(err, NM_ERR_BAD_ARG, "three phrases of a plan overlap");
      const NmStatus status = fetch_next(stream, place, err);
      if (status != NM_OK) return status;
      continue;
    }
    // The lower phrase first, so that sums do not depend on how the stream is cut.
    const int lower = stream->held[0].phrase > stream->held[1].phrase;
    add_held(stream, &stream->held[lower], stream->at, part, samples);
    add_held(stream, &stream->held[!lower], stream->at, part, samples);
    stream->at += part;
    samples += part;
    n -= part;
  }
  return NM_OK;
}
