// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_portaudio.h"

#include <math.h>
#include <portaudio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/fail_alloc.h"

enum { CARDS_MAX = 8 };

typedef struct {
  int card, n_channels;
  PaStreamCallback *callback;
  void *user;
  pthread_t thread;
  bool runs;
  atomic_bool quits, is_active;
} Stream;

static atomic_int n_cards = 1, open_card = -1, n_opened;
static _Atomic int64_t n_allocations, n_calls;
static _Atomic float peak, least = HUGE_VALF;
static _Atomic double heard_s;
static atomic_bool unplugged;
static PaDeviceInfo infos[CARDS_MAX];
static char names[CARDS_MAX][16];

void fake_portaudio_set_cards(int n)
{
  atomic_store(&n_cards, n);
}

void fake_portaudio_unplug(void)
{
  atomic_store(&unplugged, true);
}

int fake_portaudio_get_card(void)
{
  return atomic_load(&open_card);
}

int fake_portaudio_get_n_opened(void)
{
  return atomic_load(&n_opened);
}

int64_t fake_portaudio_get_n_allocations(void)
{
  return atomic_load(&n_allocations);
}

int64_t fake_portaudio_get_n_calls(void)
{
  return atomic_load(&n_calls);
}

float fake_portaudio_take_peak(void)
{
  return atomic_exchange(&peak, 0);
}

void fake_portaudio_listen(float value)
{
  atomic_store(&heard_s, 0);
  atomic_store(&least, value);
}

double fake_portaudio_get_heard_s(void)
{
  return atomic_load(&heard_s);
}

// --- the cards' thread ---

static double now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void hear(const float *frames, int n)
{
  float loudest = 0;
  for (int i = 0; i < n; i++) loudest = fmaxf(loudest, fabsf(frames[i]));
  if (loudest > atomic_load(&peak)) atomic_store(&peak, loudest);
  if (loudest > atomic_load(&least) && atomic_load(&heard_s) == 0) atomic_store(&heard_s, now_s());
}

static void *play(void *user)
{
  Stream *stream = user;
  float frames[FAKE_BLOCK * 2];
  double next_s = now_s();
  PaStreamCallbackTimeInfo time = {0};
  while (!atomic_load(&stream->quits) && !atomic_load(&unplugged)) {
    nm_alloc_guard_begin();
    stream->callback(NULL, frames, FAKE_BLOCK, &time, 0, stream->user);
    atomic_fetch_add(&n_allocations, nm_alloc_guard_end());
    atomic_fetch_add(&n_calls, 1);
    hear(frames, FAKE_BLOCK * stream->n_channels);
    next_s += (double)FAKE_BLOCK / FAKE_RATE_HZ;
    double wait_s = next_s - now_s();
    if (wait_s > 0) nanosleep(&(struct timespec){.tv_nsec = (long)(wait_s * 1e9)}, NULL);
    if (wait_s < -.1) next_s = now_s();
  }
  atomic_store(&stream->is_active, false);
  return NULL;
}

// --- PortAudio ---

PaError Pa_Initialize(void)
{
  return paNoError;
}

PaError Pa_Terminate(void)
{
  return paNoError;
}

const char *Pa_GetErrorText(PaError error)
{
  return error == paDeviceUnavailable ? "Device unavailable" : "Success";
}

PaDeviceIndex Pa_GetDeviceCount(void)
{
  return atomic_load(&n_cards);
}

PaDeviceIndex Pa_GetDefaultOutputDevice(void)
{
  return atomic_load(&n_cards) > 0 ? 0 : paNoDevice;
}

const PaDeviceInfo *Pa_GetDeviceInfo(PaDeviceIndex i)
{
  snprintf(names[i], sizeof names[i], "card %d", i);
  infos[i] = (PaDeviceInfo){.name = names[i], .maxOutputChannels = 2, .defaultSampleRate = FAKE_RATE_HZ};
  return &infos[i];
}

const PaHostApiInfo *Pa_GetHostApiInfo(PaHostApiIndex i)
{
  static const PaHostApiInfo info = {.name = "fake"};
  return &info;
}

PaError Pa_IsFormatSupported(const PaStreamParameters *in, const PaStreamParameters *out, double rate_hz)
{
  return paFormatIsSupported;
}

PaError Pa_OpenStream(PaStream **stream, const PaStreamParameters *in, const PaStreamParameters *out,
                      double rate_hz, unsigned long n, PaStreamFlags flags, PaStreamCallback *callback,
                      void *user)
{
  Stream *made = calloc(1, sizeof *made);
  if (!made || out->device >= atomic_load(&n_cards)) {
    free(made);
    return paDeviceUnavailable;
  }
  made->card = out->device;
  made->n_channels = out->channelCount;
  made->callback = callback;
  made->user = user;
  *stream = made;
  return paNoError;
}

PaError Pa_StartStream(PaStream *user)
{
  Stream *stream = user;
  atomic_store(&stream->is_active, true);
  atomic_store(&unplugged, false);
  stream->runs = pthread_create(&stream->thread, NULL, play, stream) == 0;
  atomic_store(&open_card, stream->card);
  atomic_fetch_add(&n_opened, 1);
  return stream->runs ? paNoError : paDeviceUnavailable;
}

PaError Pa_AbortStream(PaStream *user)
{
  Stream *stream = user;
  atomic_store(&stream->quits, true);
  if (stream->runs) pthread_join(stream->thread, NULL);
  stream->runs = false;
  return paNoError;
}

PaError Pa_CloseStream(PaStream *user)
{
  Pa_AbortStream(user);
  atomic_store(&open_card, -1);
  free(user);
  return paNoError;
}

PaError Pa_IsStreamActive(PaStream *user)
{
  return atomic_load(&((Stream *)user)->is_active);
}

const PaStreamInfo *Pa_GetStreamInfo(PaStream *stream)
{
  static const PaStreamInfo info = {.outputLatency = .02, .sampleRate = FAKE_RATE_HZ};
  return &info;
}
