// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/transport.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dsp/player.h"
#include "dsp/tone.h"

enum {
  N_BLOCK = 512,
  N_SPANS = 256,
  N_TONE = NM_PLAYBACK_RATE_HZ / 4,
  N_CLICK = NM_PLAYBACK_RATE_HZ / 50,
  N_AHEAD = NM_PLAYBACK_RATE_HZ * 3 / 20 // samples that are given before they are played
};

// A stretch of samples that was given to the device: `played` counts what it has taken, from its beginning.
typedef struct {
  int64_t played, at, n;
} Span;

typedef struct {
  int64_t *at; // [n]
  bool *strong;
  int32_t n;
} Clicks;

// Under the lock but for what the thread alone uses.
struct NmTransport {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  void (*wake)(void *user);
  void *user;
  NmPlayback *playback; // may be NULL
  Clicks clicks;
  bool quits, plays;
  bool discards; // what waits in the device is to be dropped
  int64_t at;    // the next sample to be given to the device
  int64_t loop_from, loop_to;
  double audition_hz; // 0: none asked for
  float peak;
  char trouble[512];
  Span spans[N_SPANS];    // a ring of what the device has not played for long
  int64_t n_spans, given; // spans since the beginning, samples since the device was opened
  NmPlayer *player;
  atomic_bool interrupts; // a push that waits is to return

  // The thread's own.
  NmPlayback *fading; // what was played before
  NmTone tone;
  int64_t tone_at; // N_TONE and more: silent
};

// Under the lock: samples that the device has taken since it was opened.
static int64_t get_played(const NmTransport *transport)
{
  return (int64_t)(nm_player_get_time_s(transport->player) * NM_PLAYBACK_RATE_HZ);
}

// Drops what waits in the device; only the thread may.
static void discard(NmTransport *transport)
{
  transport->discards = false;
  if (!transport->player) return;
  pthread_mutex_unlock(&transport->lock);
  nm_player_discard(transport->player);
  pthread_mutex_lock(&transport->lock);
  transport->n_spans = 0;
  transport->given = get_played(transport);
}

static void add_clicks(const Clicks *clicks, int64_t from, float *out, int64_t n)
{
  int32_t low = 0, high = clicks->n;
  while (low < high) {
    int32_t middle = (low + high) / 2;
    if (clicks->at[middle] + N_CLICK <= from)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < clicks->n && clicks->at[low] < from + n; low++) {
    NmTone tone = {NM_PLAYBACK_RATE_HZ, clicks->strong[low] ? 1760 : 1174.7, clicks->strong[low] ? .35 : .2,
                   N_CLICK / 2};
    nm_tone_add(&tone, from - clicks->at[low], out, n);
  }
}

// The next n samples, at most up to the loop's end; answers how many.
static int64_t read_song(NmTransport *transport, float *out, int64_t n)
{
  bool loops = transport->loop_to > transport->loop_from && transport->at < transport->loop_to;
  if (loops && n > transport->loop_to - transport->at) n = transport->loop_to - transport->at;
  if (transport->playback) nm_playback_add(transport->playback, transport->at, out, n);
  if (transport->fading) {
    float before[N_BLOCK] = {0};
    nm_playback_add(transport->fading, transport->at, before, n);
    for (int64_t i = 0; i < n; i++) out[i] += (before[i] - out[i]) * (1 - (float)i / (float)n);
    nm_playback_release(transport->fading);
    transport->fading = NULL;
  }
  add_clicks(&transport->clicks, transport->at, out, n);
  transport->spans[transport->n_spans++ % N_SPANS] = (Span){transport->given, transport->at, n};
  transport->at += n;
  if (loops && transport->at == transport->loop_to) transport->at = transport->loop_from;
  return n;
}

static bool is_over(const NmTransport *transport)
{
  bool loops = transport->loop_to > transport->loop_from && transport->at < transport->loop_to;
  return !loops && (!transport->playback || transport->at >= nm_playback_get_len(transport->playback));
}

static void take_audition(NmTransport *transport)
{
  if (transport->audition_hz == 0) return;
  transport->tone = (NmTone){NM_PLAYBACK_RATE_HZ, transport->audition_hz, .25, N_TONE / 2};
  transport->tone_at = 0;
  transport->audition_hz = 0;
}

// Under the lock: what is to be heard next; 0: nothing.
static int64_t make_block(NmTransport *transport, float *out)
{
  int64_t n = N_BLOCK;
  memset(out, 0, N_BLOCK * sizeof *out);
  take_audition(transport);
  if (transport->plays)
    n = read_song(transport, out, N_BLOCK);
  else if (transport->tone_at >= N_TONE)
    return 0;
  if (transport->tone_at < N_TONE) nm_tone_add(&transport->tone, transport->tone_at, out, n);
  transport->tone_at += n;
  transport->given += n;
  transport->peak = 0;
  for (int64_t i = 0; i < n; i++) transport->peak = fmaxf(transport->peak, fabsf(out[i]));
  return n;
}

// Under the lock.
static void fail(NmTransport *transport, const NmError *err)
{
  snprintf(transport->trouble, sizeof transport->trouble, "%s", err->message);
  transport->plays = false;
  transport->tone_at = N_TONE;
}

// Opening searches for devices, which takes time: the lock is not held.
static NmPlayer *open_player(NmTransport *transport)
{
  NmError err = {0};
  pthread_mutex_unlock(&transport->lock);
  NmPlayer *player = nm_player_new(NM_PLAYBACK_RATE_HZ, 1, &err);
  pthread_mutex_lock(&transport->lock);
  transport->player = player;
  transport->given = 0;
  transport->n_spans = 0;
  if (player)
    transport->trouble[0] = 0;
  else
    fail(transport, &err);
  return player;
}

// Gives a block to the device, without the lock. A device that has gone is closed.
static void push(NmTransport *transport, const float *block, int64_t n)
{
  NmError err = {0};
  pthread_mutex_unlock(&transport->lock);
  NmStatus status = nm_player_push(transport->player, block, n, &transport->interrupts, &err);
  pthread_mutex_lock(&transport->lock);
  if (status == NM_OK || status == NM_ERR_CANCELLED) return;
  nm_player_free(transport->player);
  transport->player = NULL;
  fail(transport, &err);
  transport->wake(transport->user);
}

// What the device still has is heard to its end.
static void finish(NmTransport *transport)
{
  NmError err = {0};
  pthread_mutex_unlock(&transport->lock);
  NmStatus status = nm_player_drain(transport->player, &transport->interrupts, &err);
  pthread_mutex_lock(&transport->lock);
  if (status != NM_ERR_CANCELLED) transport->plays = transport->plays && !is_over(transport);
  transport->wake(transport->user);
}

// Little is given ahead, so that what changes is soon heard.
static void rest(NmTransport *transport)
{
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 10000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  pthread_cond_timedwait(&transport->changed, &transport->lock, &until);
}

static void work(NmTransport *transport)
{
  float block[N_BLOCK];
  atomic_store(&transport->interrupts, false);
  if (transport->discards) {
    discard(transport);
    return;
  }
  if (!transport->player && !open_player(transport)) {
    transport->wake(transport->user);
    return;
  }
  if (transport->plays && is_over(transport)) {
    finish(transport);
    return;
  }
  if (transport->given - get_played(transport) > N_AHEAD) {
    rest(transport);
    return;
  }
  int64_t n = make_block(transport, block);
  if (n > 0) push(transport, block, n);
}

static bool has_work(const NmTransport *transport)
{
  return transport->plays || transport->discards || transport->audition_hz > 0 || transport->tone_at < N_TONE;
}

static void *run(void *user)
{
  NmTransport *transport = user;
  pthread_mutex_lock(&transport->lock);
  while (!transport->quits) {
    if (has_work(transport))
      work(transport);
    else
      pthread_cond_wait(&transport->changed, &transport->lock);
  }
  pthread_mutex_unlock(&transport->lock);
  return NULL;
}

NmTransport *nm_transport_new(void (*wake)(void *user), void *user)
{
  NmTransport *transport = calloc(1, sizeof *transport);
  if (!transport) return NULL;
  transport->wake = wake;
  transport->user = user;
  transport->tone_at = N_TONE;
  pthread_mutex_init(&transport->lock, NULL);
  pthread_cond_init(&transport->changed, NULL);
  if (pthread_create(&transport->thread, NULL, run, transport) == 0) return transport;
  pthread_mutex_destroy(&transport->lock);
  pthread_cond_destroy(&transport->changed);
  free(transport);
  return NULL;
}

// A push that waits returns; the thread goes on with what has changed.
static void tell(NmTransport *transport)
{
  atomic_store(&transport->interrupts, true);
  pthread_cond_signal(&transport->changed);
  pthread_mutex_unlock(&transport->lock);
}

void nm_transport_free(NmTransport *transport)
{
  if (!transport) return;
  pthread_mutex_lock(&transport->lock);
  transport->quits = true;
  tell(transport);
  pthread_join(transport->thread, NULL);
  nm_player_free(transport->player);
  nm_playback_release(transport->playback);
  nm_playback_release(transport->fading);
  free(transport->clicks.at);
  free(transport->clicks.strong);
  pthread_mutex_destroy(&transport->lock);
  pthread_cond_destroy(&transport->changed);
  free(transport);
}

void nm_transport_set_playback(NmTransport *transport, NmPlayback *playback)
{
  pthread_mutex_lock(&transport->lock);
  nm_playback_release(transport->fading);
  transport->fading = transport->playback;
  transport->playback = nm_playback_share(playback);
  pthread_mutex_unlock(&transport->lock);
}

void nm_transport_play(NmTransport *transport, int64_t from)
{
  pthread_mutex_lock(&transport->lock);
  transport->plays = true;
  transport->at = from > 0 ? from : 0;
  transport->trouble[0] = 0;
  transport->discards = true;
  tell(transport);
}

void nm_transport_stop(NmTransport *transport)
{
  pthread_mutex_lock(&transport->lock);
  transport->plays = false;
  transport->peak = 0;
  transport->discards = true;
  tell(transport);
}

void nm_transport_set_loop(NmTransport *transport, int64_t from, int64_t to)
{
  pthread_mutex_lock(&transport->lock);
  transport->loop_from = from;
  transport->loop_to = to;
  pthread_mutex_unlock(&transport->lock);
}

bool nm_transport_set_clicks(NmTransport *transport, const int64_t *clicks, const bool *strong, int32_t n)
{
  Clicks copy = {calloc((size_t)n + 1, sizeof *copy.at), calloc((size_t)n + 1, sizeof *copy.strong), n};
  if (!copy.at || !copy.strong) {
    free(copy.at);
    free(copy.strong);
    return false;
  }
  if (n > 0) {
    memcpy(copy.at, clicks, (size_t)n * sizeof *clicks);
    memcpy(copy.strong, strong, (size_t)n * sizeof *strong);
  }
  pthread_mutex_lock(&transport->lock);
  Clicks before = transport->clicks;
  transport->clicks = copy;
  pthread_mutex_unlock(&transport->lock);
  free(before.at);
  free(before.strong);
  return true;
}

void nm_transport_audition(NmTransport *transport, double hz)
{
  pthread_mutex_lock(&transport->lock);
  transport->audition_hz = hz;
  transport->discards |= !transport->plays;
  transport->trouble[0] = 0;
  tell(transport);
}

// Under the lock: the sample of the song that the device plays now.
static int64_t find_heard(const NmTransport *transport)
{
  double latency_s = nm_player_get_latency_s(transport->player);
  int64_t played = get_played(transport) - (int64_t)(latency_s * NM_PLAYBACK_RATE_HZ);
  int64_t oldest = transport->n_spans > N_SPANS ? transport->n_spans - N_SPANS : 0;
  for (int64_t i = transport->n_spans - 1; i >= oldest; i--) {
    const Span *span = &transport->spans[i % N_SPANS];
    if (span->played > played && i > oldest) continue;
    int64_t into = played - span->played;
    return span->at + (into < 0 ? 0 : into > span->n ? span->n : into);
  }
  return transport->at;
}

NmTransportState nm_transport_get_state(NmTransport *transport)
{
  NmTransportState state = {0};
  pthread_mutex_lock(&transport->lock);
  state.plays = transport->plays;
  state.peak = transport->peak;
  state.heard = transport->plays && transport->player ? find_heard(transport) : transport->at;
  memcpy(state.trouble, transport->trouble, sizeof state.trouble);
  pthread_mutex_unlock(&transport->lock);
  return state;
}
