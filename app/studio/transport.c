// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/transport.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/studio/mixer.h"
#include "ui/kit/words.h"

enum {
  N_BLOCK = 512,
  N_SPANS = 256,
  N_RESTS_MAX = 300,
  N_LASTING = NM_PLAYBACK_RATE_HZ / 2, // a device that has played less is not replaced
  N_AHEAD = NM_PLAYBACK_RATE_HZ / 10   // samples that are given before they are played
};

// A stretch of samples that was given to the device: `played` counts what it has taken, from its beginning.
typedef struct {
  int64_t played, at, n;
} Span;

// Under the lock but for what the thread alone uses.
struct NmTransport {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  void (*wake)(void *user);
  void *user;
  NmMixer mixer;
  bool quits;
  bool discards; // what waits in the device is to be dropped
  float peak;
  char trouble[512], notice[256];
  char device[NM_PLAYER_NAME_MAX]; // empty: the system's
  bool changes_device, searches, has_found;
  NmPlayerDevices found;
  Span spans[N_SPANS];    // a ring of what the device has not played for long
  int64_t n_spans, given; // spans since the beginning, samples since the device was opened
  int n_rests;            // in which the device took nothing
  NmPlayer *player;
  atomic_bool interrupts; // a push that waits is to return
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

// Under the lock: what is to be heard next; 0: nothing.
static int64_t make_block(NmTransport *transport, float *out)
{
  int64_t at = transport->mixer.at, n;
  bool plays = transport->mixer.plays;
  n = nm_mixer_read(&transport->mixer, out, N_BLOCK);
  if (plays) transport->spans[transport->n_spans++ % N_SPANS] = (Span){transport->given, at, n};
  transport->given += n;
  transport->peak = 0;
  for (int64_t i = 0; i < n; i++) transport->peak = fmaxf(transport->peak, fabsf(out[i]));
  return n;
}

// Under the lock.
static void fail(NmTransport *transport, const NmError *err)
{
  snprintf(transport->trouble, sizeof transport->trouble, "%s", err->message);
  transport->notice[0] = 0;
  nm_mixer_silence(&transport->mixer);
}

// Without the lock while it closes.
static void close_player(NmTransport *transport)
{
  NmPlayer *player = transport->player;
  transport->player = NULL;
  pthread_mutex_unlock(&transport->lock);
  nm_player_free(player);
  pthread_mutex_lock(&transport->lock);
}

// Opening searches for devices, which takes time: the lock is not held.
static NmPlayer *open_player(NmTransport *transport)
{
  NmError err = {0};
  char device[NM_PLAYER_NAME_MAX];
  memcpy(device, transport->device, sizeof device);
  pthread_mutex_unlock(&transport->lock);
  NmPlayer *player = nm_player_new_on(device, NM_PLAYBACK_RATE_HZ, 1, &err);
  pthread_mutex_lock(&transport->lock);
  transport->player = player;
  transport->given = 0;
  transport->n_spans = 0;
  transport->n_rests = 0;
  if (player)
    transport->trouble[0] = 0;
  else
    fail(transport, &err);
  return player;
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
  return transport->mixer.at;
}

// A device that has gone away, unplugged perhaps: the system's takes over where it was, unless that one has
// gone at once, too.
static void lose_device(NmTransport *transport, const NmError *err)
{
  bool lasted = get_played(transport) >= N_LASTING, plays = transport->mixer.plays;
  int64_t heard = find_heard(transport);
  close_player(transport);
  if (lasted && plays && transport->mixer.plays) {
    transport->mixer.at = heard;
    transport->device[0] = 0;
    snprintf(transport->notice, sizeof transport->notice, "%s",
             _("The sound device has gone away; the system's own takes over"));
  } else {
    fail(transport, err);
  }
  transport->wake(transport->user);
}

// Gives a block to the device, without the lock.
static void push(NmTransport *transport, const float *block, int64_t n)
{
  NmError err = {0};
  pthread_mutex_unlock(&transport->lock);
  NmStatus status = nm_player_push(transport->player, block, n, &transport->interrupts, &err);
  pthread_mutex_lock(&transport->lock);
  if (status != NM_OK && status != NM_ERR_CANCELLED) lose_device(transport, &err);
}

// What the device still has is heard to its end.
static void finish(NmTransport *transport)
{
  NmError err = {0};
  pthread_mutex_unlock(&transport->lock);
  NmStatus status = nm_player_drain(transport->player, &transport->interrupts, &err);
  pthread_mutex_lock(&transport->lock);
  if (status != NM_ERR_CANCELLED)
    transport->mixer.plays = transport->mixer.plays && !nm_mixer_is_over(&transport->mixer);
  if (status == NM_ERR_IO) close_player(transport);
  transport->wake(transport->user);
}

// Little is given ahead, so that what changes is soon heard. A device that has gone takes nothing more.
static void rest(NmTransport *transport)
{
  struct timespec until;
  NmError err = {0};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 10000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  int64_t played = get_played(transport);
  pthread_cond_timedwait(&transport->changed, &transport->lock, &until);
  transport->n_rests = get_played(transport) == played ? transport->n_rests + 1 : 0;
  NmStatus status = nm_player_check(transport->player, &err);
  if (!status && transport->n_rests > N_RESTS_MAX)
    status = nm_error_set(&err, NM_ERR_IO, "%s", _("the sound device takes no sound any more"));
  if (status) lose_device(transport, &err);
}

// What plays goes on with another device.
static void change_device(NmTransport *transport)
{
  transport->changes_device = false;
  if (!transport->player) return;
  if (transport->mixer.plays) transport->mixer.at = find_heard(transport);
  close_player(transport);
}

// Devices that came after the player was opened are not seen by it.
static void search(NmTransport *transport)
{
  NmError err = {0};
  NmPlayerDevices found = {.i_default = -1};
  transport->searches = false;
  if (transport->player && !transport->mixer.plays) close_player(transport);
  pthread_mutex_unlock(&transport->lock);
  NmStatus status = nm_player_find_devices(&found, &err);
  pthread_mutex_lock(&transport->lock);
  if (status) snprintf(transport->trouble, sizeof transport->trouble, "%s", err.message);
  transport->found = found;
  transport->has_found = true;
  transport->wake(transport->user);
}

static void work(NmTransport *transport)
{
  float block[N_BLOCK];
  atomic_store(&transport->interrupts, false);
  if (transport->changes_device) {
    change_device(transport);
    return;
  }
  if (transport->searches) {
    search(transport);
    return;
  }
  if (transport->discards) {
    discard(transport);
    return;
  }
  if (!transport->player && !open_player(transport)) {
    transport->wake(transport->user);
    return;
  }
  if (transport->mixer.plays && nm_mixer_is_over(&transport->mixer)) {
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
  return transport->discards || transport->changes_device || transport->searches ||
         nm_mixer_sounds(&transport->mixer);
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
  nm_mixer_silence(&transport->mixer);
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
  nm_mixer_fini(&transport->mixer);
  pthread_mutex_destroy(&transport->lock);
  pthread_cond_destroy(&transport->changed);
  free(transport);
}

void nm_transport_set_playback(NmTransport *transport, NmPlayback *playback)
{
  pthread_mutex_lock(&transport->lock);
  nm_mixer_set_playback(&transport->mixer, playback);
  pthread_mutex_unlock(&transport->lock);
}

void nm_transport_play(NmTransport *transport, int64_t from)
{
  pthread_mutex_lock(&transport->lock);
  transport->mixer.plays = true;
  transport->mixer.at = from > 0 ? from : 0;
  transport->trouble[0] = 0;
  transport->discards = true;
  tell(transport);
}

void nm_transport_stop(NmTransport *transport)
{
  pthread_mutex_lock(&transport->lock);
  transport->mixer.plays = false;
  transport->peak = 0;
  transport->mixer.n_scrub = 0;
  transport->discards = true;
  tell(transport);
}

void nm_transport_set_loop(NmTransport *transport, int64_t from, int64_t to)
{
  pthread_mutex_lock(&transport->lock);
  transport->mixer.loop_from = from;
  transport->mixer.loop_to = to;
  pthread_mutex_unlock(&transport->lock);
}

bool nm_transport_set_clicks(NmTransport *transport, const int64_t *clicks, const bool *strong, int32_t n)
{
  pthread_mutex_lock(&transport->lock);
  bool done = nm_mixer_set_clicks(&transport->mixer, clicks, strong, n);
  pthread_mutex_unlock(&transport->lock);
  return done;
}

void nm_transport_scrub(NmTransport *transport, int64_t at)
{
  pthread_mutex_lock(&transport->lock);
  if (!transport->mixer.plays) {
    nm_mixer_scrub(&transport->mixer, at > 0 ? at : 0);
    transport->discards = true;
  }
  tell(transport);
}

void nm_transport_set_device(NmTransport *transport, const char *name)
{
  pthread_mutex_lock(&transport->lock);
  snprintf(transport->device, sizeof transport->device, "%s", name);
  transport->changes_device = true;
  transport->trouble[0] = 0;
  tell(transport);
}

void nm_transport_search(NmTransport *transport)
{
  pthread_mutex_lock(&transport->lock);
  transport->searches = true;
  tell(transport);
}

bool nm_transport_take_devices(NmTransport *transport, NmPlayerDevices *devices)
{
  pthread_mutex_lock(&transport->lock);
  bool has_found = transport->has_found;
  if (has_found) *devices = transport->found;
  transport->has_found = false;
  pthread_mutex_unlock(&transport->lock);
  return has_found;
}

void nm_transport_audition(NmTransport *transport, double hz)
{
  pthread_mutex_lock(&transport->lock);
  transport->mixer.audition_hz = hz;
  transport->discards |= !transport->mixer.plays;
  transport->trouble[0] = 0;
  tell(transport);
}

NmTransportState nm_transport_get_state(NmTransport *transport)
{
  NmTransportState state = {0};
  pthread_mutex_lock(&transport->lock);
  state.plays = transport->mixer.plays;
  state.peak = transport->peak;
  state.heard = transport->mixer.plays && transport->player ? find_heard(transport) : transport->mixer.at;
  memcpy(state.trouble, transport->trouble, sizeof state.trouble);
  memcpy(state.notice, transport->notice, sizeof state.notice);
  transport->notice[0] = 0;
  pthread_mutex_unlock(&transport->lock);
  return state;
}
