// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/transport.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/studio/mixer.h"
#include "app/studio/worker.h"
#include "ui/kit/words.h"

enum {
  N_BLOCK = 512,
  N_SPANS = 256,
  REST_MS = 10,
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
  NmWorker worker;
  NmMixer mixer;
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
  nm_worker_unlock(&transport->worker);
  nm_player_discard(transport->player);
  nm_worker_lock(&transport->worker);
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
  snprintf(transport->trouble, sizeof transport->trouble, _("%s (see Play > Sound device, File > Render)"),
           err->message);
  transport->notice[0] = 0;
  nm_mixer_silence(&transport->mixer);
}

// Without the lock while it closes.
static void close_player(NmTransport *transport)
{
  NmPlayer *player = transport->player;
  transport->player = NULL;
  nm_worker_unlock(&transport->worker);
  nm_player_free(player);
  nm_worker_lock(&transport->worker);
}

// Opening searches for devices, which takes time: the lock is not held.
static NmPlayer *open_player(NmTransport *transport)
{
  NmError err = {0};
  char device[NM_PLAYER_NAME_MAX];
  memcpy(device, transport->device, sizeof device);
  nm_worker_unlock(&transport->worker);
  NmPlayer *player = nm_player_new_on(device, NM_PLAYBACK_RATE_HZ, 1, &err);
  nm_worker_lock(&transport->worker);
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
  nm_worker_wake(&transport->worker);
}

// Gives a block to the device, without the lock.
static void push(NmTransport *transport, const float *block, int64_t n)
{
  NmError err = {0};
  nm_worker_unlock(&transport->worker);
  NmStatus status = nm_player_push(transport->player, block, n, &transport->worker.cancels, &err);
  nm_worker_lock(&transport->worker);
  if (status != NM_OK && status != NM_ERR_CANCELLED) lose_device(transport, &err);
}

// What the device still has is heard to its end.
static void finish(NmTransport *transport)
{
  NmError err = {0};
  nm_worker_unlock(&transport->worker);
  NmStatus status = nm_player_drain(transport->player, &transport->worker.cancels, &err);
  nm_worker_lock(&transport->worker);
  if (status != NM_ERR_CANCELLED)
    transport->mixer.plays = transport->mixer.plays && !nm_mixer_is_over(&transport->mixer);
  if (status == NM_ERR_IO) close_player(transport);
  nm_worker_wake(&transport->worker);
}

// Little is given ahead, so that what changes is soon heard. A device that has gone takes nothing more.
static void rest(NmTransport *transport)
{
  NmError err = {0};
  int64_t played = get_played(transport);
  nm_worker_rest(&transport->worker, REST_MS);
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
  nm_worker_unlock(&transport->worker);
  NmStatus status = nm_player_find_devices(&found, &err);
  nm_worker_lock(&transport->worker);
  if (status) snprintf(transport->trouble, sizeof transport->trouble, "%s", err.message);
  transport->found = found;
  transport->has_found = true;
  nm_worker_wake(&transport->worker);
}

static void do_next(NmTransport *transport)
{
  float block[N_BLOCK];
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
    nm_worker_wake(&transport->worker);
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

static bool work(void *owner)
{
  NmTransport *transport = owner;
  if (!has_work(transport)) return false;
  do_next(transport);
  return true;
}

NmTransport *nm_transport_new(void (*wake)(void *user), void *user)
{
  NmTransport *transport = calloc(1, sizeof *transport);
  if (!transport) return NULL;
  nm_mixer_silence(&transport->mixer);
  if (nm_worker_init(&transport->worker, true, work, transport, wake, user)) return transport;
  free(transport);
  return NULL;
}

// A push that waits returns; the thread goes on with what has changed.
static void tell(NmTransport *transport)
{
  nm_worker_cancel(&transport->worker);
  nm_worker_tell(&transport->worker);
  nm_worker_unlock(&transport->worker);
}

void nm_transport_free(NmTransport *transport)
{
  if (!transport) return;
  nm_worker_fini(&transport->worker);
  nm_player_free(transport->player);
  nm_mixer_fini(&transport->mixer);
  free(transport);
}

void nm_transport_set_playback(NmTransport *transport, NmPlayback *playback)
{
  nm_worker_lock(&transport->worker);
  nm_mixer_set_playback(&transport->mixer, playback);
  nm_worker_unlock(&transport->worker);
}

void nm_transport_set_band(NmTransport *transport, NmPlayback *band)
{
  nm_worker_lock(&transport->worker);
  nm_mixer_set_band(&transport->mixer, band);
  nm_worker_unlock(&transport->worker);
}

void nm_transport_play(NmTransport *transport, int64_t from)
{
  nm_worker_lock(&transport->worker);
  transport->mixer.plays = true;
  transport->mixer.at = from > 0 ? from : 0;
  transport->trouble[0] = 0;
  transport->discards = true;
  tell(transport);
}

void nm_transport_stop(NmTransport *transport)
{
  nm_worker_lock(&transport->worker);
  transport->mixer.plays = false;
  transport->peak = 0;
  transport->mixer.n_scrub = 0;
  transport->discards = true;
  tell(transport);
}

void nm_transport_set_loop(NmTransport *transport, int64_t from, int64_t to)
{
  nm_worker_lock(&transport->worker);
  transport->mixer.loop_from = from;
  transport->mixer.loop_to = to;
  nm_worker_unlock(&transport->worker);
}

bool nm_transport_set_clicks(NmTransport *transport, const int64_t *clicks, const bool *strong, int32_t n)
{
  nm_worker_lock(&transport->worker);
  bool done = nm_mixer_set_clicks(&transport->mixer, clicks, strong, n);
  nm_worker_unlock(&transport->worker);
  return done;
}

void nm_transport_scrub(NmTransport *transport, int64_t at)
{
  nm_worker_lock(&transport->worker);
  if (!transport->mixer.plays) {
    nm_mixer_scrub(&transport->mixer, at > 0 ? at : 0);
    transport->discards = true;
  }
  tell(transport);
}

void nm_transport_set_device(NmTransport *transport, const char *name)
{
  nm_worker_lock(&transport->worker);
  snprintf(transport->device, sizeof transport->device, "%s", name);
  transport->changes_device = true;
  transport->trouble[0] = 0;
  tell(transport);
}

void nm_transport_search(NmTransport *transport)
{
  nm_worker_lock(&transport->worker);
  transport->searches = true;
  tell(transport);
}

bool nm_transport_take_devices(NmTransport *transport, NmPlayerDevices *devices)
{
  nm_worker_lock(&transport->worker);
  bool has_found = transport->has_found;
  if (has_found) *devices = transport->found;
  transport->has_found = false;
  nm_worker_unlock(&transport->worker);
  return has_found;
}

void nm_transport_audition(NmTransport *transport, double hz)
{
  nm_worker_lock(&transport->worker);
  transport->mixer.audition_hz = hz;
  transport->discards |= !transport->mixer.plays;
  transport->trouble[0] = 0;
  tell(transport);
}

NmTransportState nm_transport_get_state(NmTransport *transport)
{
  NmTransportState state = {0};
  nm_worker_lock(&transport->worker);
  state.plays = transport->mixer.plays;
  state.peak = transport->peak;
  state.heard = transport->mixer.plays && transport->player ? find_heard(transport) : transport->mixer.at;
  memcpy(state.trouble, transport->trouble, sizeof state.trouble);
  memcpy(state.notice, transport->notice, sizeof state.notice);
  transport->notice[0] = 0;
  nm_worker_unlock(&transport->worker);
  return state;
}
