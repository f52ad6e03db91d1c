// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/player.h"

#include <portaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dsp/device_quiet.h"
#include "dsp/player_core.h"
#include "dsp/resample.h"

enum { N_BLOCK = 1024, WAIT_MS = 4, PATIENCE_MS = 3000 };

struct NmPlayer {
  NmPlayerCore core; // shared with the callback
  NmRing *ring;
  PaStream *stream;
  bool initialised; // PortAudio
  int n_channels;
  double rate_hz, rate_device_hz;
  NmResampler *resamplers[2]; // per channel, NULL when the rates are equal
  float channel[N_BLOCK];     // scratch: a channel before and after conversion, frames after it
  float converted[2][N_BLOCK];
  float frames[2 * N_BLOCK];
};

static int callback(const void *input, void *output, unsigned long n, const PaStreamCallbackTimeInfo *time,
                    PaStreamCallbackFlags flags, void *user)
{
  nm_player_core_process(user, output, (int64_t)n);
  return paContinue;
}

// The device's own rate when it cannot play ours.
static double choose_rate(const PaStreamParameters *out, const PaDeviceInfo *device, double rate_hz)
{
  return Pa_IsFormatSupported(NULL, out, rate_hz) == paFormatIsSupported ? rate_hz
                                                                         : device->defaultSampleRate;
}

static PaError open_stream(NmPlayer *player, PaDeviceIndex index)
{
  const PaDeviceInfo *device = Pa_GetDeviceInfo(index);
  PaStreamParameters out = {.device = index, .channelCount = player->n_channels, .sampleFormat = paFloat32};
  if (out.channelCount > device->maxOutputChannels) out.channelCount = device->maxOutputChannels;
  out.suggestedLatency = device->defaultHighOutputLatency;
  player->rate_device_hz = choose_rate(&out, device, player->rate_hz);
  nm_player_core_init(&player->core, player->ring, player->n_channels, out.channelCount);
  PaError error = Pa_OpenStream(&player->stream, NULL, &out, player->rate_device_hz,
                                paFramesPerBufferUnspecified, paNoFlag, callback, &player->core);
  if (error == paInvalidChannelCount && device->maxOutputChannels > out.channelCount) {
    out.channelCount = device->maxOutputChannels;
    player->core.n_channels_device = out.channelCount;
    error = Pa_OpenStream(&player->stream, NULL, &out, player->rate_device_hz, paFramesPerBufferUnspecified,
                          paNoFlag, callback, &player->core);
  }
  if (error != paNoError) player->stream = NULL;
  return error == paNoError ? Pa_StartStream(player->stream) : error;
}

// Names that several systems of sound give are told apart by the system.
static void write_name(PaDeviceIndex i, char name[NM_PLAYER_NAME_MAX])
{
  const PaDeviceInfo *device = Pa_GetDeviceInfo(i);
  const PaHostApiInfo *api = Pa_GetHostApiInfo(device->hostApi);
  snprintf(name, NM_PLAYER_NAME_MAX, "%s (%s)", device->name, api ? api->name : "?");
}

// -1: none.
static PaDeviceIndex find_device(const char *wanted)
{
  char name[NM_PLAYER_NAME_MAX];
  if (!wanted || !*wanted) return Pa_GetDefaultOutputDevice();
  for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); ++i) {
    write_name(i, name);
    if (!strcmp(name, wanted) && Pa_GetDeviceInfo(i)->maxOutputChannels > 0) return i;
  }
  return paNoDevice;
}

static NmStatus list_devices(NmPlayerDevices *devices, NmError *err)
{
  PaError error = Pa_Initialize();
  devices->n = 0;
  devices->i_default = -1;
  if (error != paNoError)
    return nm_error_set(err, NM_ERR_IO, "sound devices cannot be found: %s", Pa_GetErrorText(error));
  for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount() && devices->n < NM_PLAYER_DEVICES_MAX; ++i) {
    if (Pa_GetDeviceInfo(i)->maxOutputChannels < 1) continue;
    if (i == Pa_GetDefaultOutputDevice()) devices->i_default = devices->n;
    write_name(i, devices->names[devices->n++]);
  }
  Pa_Terminate();
  return NM_OK;
}

NmStatus nm_player_find_devices(NmPlayerDevices *devices, NmError *err)
{
  const int saved = nm_device_quiet_begin();
  const NmStatus status = list_devices(devices, err);
  nm_device_quiet_end(saved);
  return status;
}

static NmStatus open_device(NmPlayer *player, const char *name, NmError *err)
{
  PaError error = Pa_Initialize();
  if (error != paNoError)
    return nm_error_set(err, NM_ERR_IO, "sound cannot be played: %s", Pa_GetErrorText(error));
  player->initialised = true;
  const PaDeviceIndex index = find_device(name);
  if (index == paNoDevice && name && *name)
    return nm_error_set(err, NM_ERR_IO, "sound cannot be played: there is no device %s; choose another",
                        name);
  if (index == paNoDevice)
    return nm_error_set(err, NM_ERR_IO,
                        "sound cannot be played: this machine has no sound device, or its sound server "
                        "does not run");
  error = open_stream(player, index);
  if (error == paNoError) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "sound cannot be played on %s: %s; close other programs that use it",
                      Pa_GetDeviceInfo(index)->name, Pa_GetErrorText(error));
}

static bool make_resamplers(NmPlayer *player)
{
  if (player->rate_device_hz == player->rate_hz) return true;
  for (int c = 0; c < player->n_channels; ++c) {
    player->resamplers[c] = nm_resampler_new(player->rate_hz, player->rate_device_hz, NM_RESAMPLE_MEDIUM);
    if (!player->resamplers[c]) return false;
  }
  return true;
}

NmPlayer *nm_player_new(int rate_hz, int n_channels, NmError *err)
{
  return nm_player_new_on(NULL, rate_hz, n_channels, err);
}

NmPlayer *nm_player_new_on(const char *device, int rate_hz, int n_channels, NmError *err)
{
  NmPlayer *player = NULL;
  NmStatus status = NM_ERR_BAD_ARG;
  if (rate_hz < 1000 || n_channels < 1 || n_channels > 2) {
    (void)nm_error_set(err, status, "sound of %d channels at %d Hz cannot be played", n_channels, rate_hz);
    return NULL;
  }
  player = calloc(1, sizeof *player);
  if (player) player->ring = nm_ring_new((size_t)rate_hz / 2, (size_t)n_channels * sizeof(float));
  if (!player || !player->ring) {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "sound cannot be played: out of memory");
    goto done;
  }
  player->rate_hz = rate_hz;
  player->n_channels = n_channels;
  const int saved = nm_device_quiet_begin();
  status = open_device(player, device, err);
  nm_device_quiet_end(saved);
  if (status == NM_OK && !make_resamplers(player))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "sound cannot be played: out of memory");
done:
  if (status == NM_OK) return player;
  nm_player_free(player);
  return NULL;
}

void nm_player_free(NmPlayer *player)
{
  if (!player) return;
  const int saved = nm_device_quiet_begin();
  if (player->stream) {
    Pa_AbortStream(player->stream);
    Pa_CloseStream(player->stream);
  }
  if (player->initialised) Pa_Terminate();
  nm_device_quiet_end(saved);
  nm_resampler_free(player->resamplers[0]);
  nm_resampler_free(player->resamplers[1]);
  nm_ring_free(player->ring);
  free(player);
}

static void sleep_ms(int ms)
{
  nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static NmStatus say_gone(NmError *err)
{
  return nm_error_set(err, NM_ERR_IO, "the sound device has stopped playing; was it unplugged?");
}

NmStatus nm_player_check(const NmPlayer *player, NmError *err)
{
  return Pa_IsStreamActive(player->stream) == 1 ? NM_OK : say_gone(err);
}

// One step of waiting for the callback. *waited_ms counts how long it has taken nothing.
static NmStatus wait_for_device(NmPlayer *player, const atomic_bool *cancel, int64_t *n_played,
                                int *waited_ms, NmError *err)
{
  if (cancel && atomic_load(cancel)) return nm_error_set(err, NM_ERR_CANCELLED, "playing was cancelled");
  const int64_t n_now = atomic_load(&player->core.n_played);
  *waited_ms = n_now != *n_played || atomic_load(&player->core.paused) ? 0 : *waited_ms + WAIT_MS;
  *n_played = n_now;
  if (Pa_IsStreamActive(player->stream) != 1 || *waited_ms > PATIENCE_MS) return say_gone(err);
  sleep_ms(WAIT_MS);
  return NM_OK;
}

static NmStatus push_frames(NmPlayer *player, const float *frames, int64_t n, const atomic_bool *cancel,
                            NmError *err)
{
  int64_t n_played = -1;
  int waited_ms = 0;
  for (int64_t i = 0;;) {
    i += (int64_t)nm_ring_write(player->ring, frames + i * player->n_channels, (size_t)(n - i));
    atomic_store(&player->core.ended, false); // after the first frames, or their absence would be an underrun
    if (i == n) return NM_OK;
    const NmStatus status = wait_for_device(player, cancel, &n_played, &waited_ms, err);
    if (status != NM_OK) return status;
  }
}

// Puts the converted channels side by side and pushes them.
static NmStatus push_converted(NmPlayer *player, int64_t n, const atomic_bool *cancel, NmError *err)
{
  for (int c = 0; c < player->n_channels; ++c)
    for (int64_t i = 0; i < n; ++i) player->frames[i * player->n_channels + c] = player->converted[c][i];
  return push_frames(player, player->frames, n, cancel, err);
}

NmStatus nm_player_push(NmPlayer *player, const float *frames, int64_t n, const atomic_bool *cancel,
                        NmError *err)
{
  const int n_channels = player->n_channels;
  if (!player->resamplers[0]) return push_frames(player, frames, n, cancel, err);
  for (int64_t i = 0; i < n;) {
    const int64_t n_block = n - i < N_BLOCK ? n - i : N_BLOCK;
    int64_t n_taken = 0, n_out = 0;
    for (int c = 0; c < n_channels; ++c) {
      for (int64_t k = 0; k < n_block; ++k) player->channel[k] = frames[(i + k) * n_channels + c];
      n_out = nm_resampler_push(player->resamplers[c], player->channel, n_block, &n_taken,
                                player->converted[c], N_BLOCK);
    }
    const NmStatus status = push_converted(player, n_out, cancel, err);
    if (status != NM_OK) return status;
    i += n_taken;
  }
  return NM_OK;
}

static NmStatus push_rest(NmPlayer *player, const atomic_bool *cancel, NmError *err)
{
  NmStatus status = NM_OK;
  for (int64_t n_out = 1; player->resamplers[0] && n_out > 0 && status == NM_OK;) {
    for (int c = 0; c < player->n_channels; ++c)
      n_out = nm_resampler_finish(player->resamplers[c], player->converted[c], N_BLOCK);
    status = push_converted(player, n_out, cancel, err);
  }
  return status;
}

NmStatus nm_player_drain(NmPlayer *player, const atomic_bool *cancel, NmError *err)
{
  int64_t n_played = -1;
  int waited_ms = 0;
  NmStatus status = push_rest(player, cancel, err);
  atomic_store(&player->core.ended, true);
  while (status == NM_OK && nm_ring_get_n_readable(player->ring) > 0)
    status = wait_for_device(player, cancel, &n_played, &waited_ms, err);
  for (int ms = (int)(1000 * nm_player_get_latency_s(player)); status == NM_OK && ms > 0; ms -= WAIT_MS) {
    if (cancel && atomic_load(cancel)) status = nm_error_set(err, NM_ERR_CANCELLED, "playing was cancelled");
    sleep_ms(WAIT_MS);
  }
  return status;
}

void nm_player_discard(NmPlayer *player)
{
  for (int c = 0; c < player->n_channels; ++c)
    if (player->resamplers[c]) nm_resampler_reset(player->resamplers[c]);
  atomic_store(&player->core.ended, true);
  atomic_store(&player->core.discard, true);
  for (int ms = 0; ms < PATIENCE_MS && atomic_load(&player->core.discard); ms += WAIT_MS) sleep_ms(WAIT_MS);
}

void nm_player_pause(NmPlayer *player, bool paused)
{
  atomic_store(&player->core.paused, paused);
}

double nm_player_get_time_s(const NmPlayer *player)
{
  return (double)atomic_load(&player->core.n_played) / player->rate_device_hz;
}

double nm_player_get_latency_s(const NmPlayer *player)
{
  const PaStreamInfo *info = Pa_GetStreamInfo(player->stream);
  return info ? info->outputLatency : 0;
}

int64_t nm_player_get_n_underruns(const NmPlayer *player)
{
  return atomic_load(&player->core.n_underruns);
}
