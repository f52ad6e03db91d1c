// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/recorder.h"

#include <portaudio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "dsp/device_quiet.h"
#include "dsp/recorder_core.h"

enum { WAIT_MS = 10, PATIENCE_MS = 3000, RING_S = 8 };

struct NmRecorder {
  NmRecorderCore core; // shared with the callback
  PaStream *stream;
  bool initialised; // PortAudio
  int rate_hz;
};

static int callback(const void *input, void *output, unsigned long n, const PaStreamCallbackTimeInfo *time,
                    PaStreamCallbackFlags flags, void *user)
{
  nm_recorder_core_process(user, input, (int64_t)n);
  return paContinue;
}

static PaError open_stream(NmRecorder *recorder, PaDeviceIndex index)
{
  const PaDeviceInfo *device = Pa_GetDeviceInfo(index);
  PaStreamParameters in = {.device = index,
                           .channelCount = 1,
                           .sampleFormat = paFloat32,
                           .suggestedLatency = device->defaultHighInputLatency};
  if (Pa_IsFormatSupported(&in, NULL, device->defaultSampleRate) == paInvalidChannelCount)
    in.channelCount = device->maxInputChannels;
  recorder->rate_hz = (int)device->defaultSampleRate;
  recorder->core.n_channels_device = in.channelCount;
  recorder->core.ring = nm_ring_new((size_t)recorder->rate_hz * RING_S, sizeof(float));
  if (!recorder->core.ring) return paInsufficientMemory;
  const PaError error = Pa_OpenStream(&recorder->stream, &in, NULL, device->defaultSampleRate,
                                      paFramesPerBufferUnspecified, paNoFlag, callback, &recorder->core);
  if (error != paNoError) recorder->stream = NULL;
  return error == paNoError ? Pa_StartStream(recorder->stream) : error;
}

static NmStatus open_device(NmRecorder *recorder, NmError *err)
{
  PaError error = Pa_Initialize();
  if (error != paNoError)
    return nm_error_set(err, NM_ERR_IO, "cannot record: %s; give a sound file instead",
                        Pa_GetErrorText(error));
  recorder->initialised = true;
  const PaDeviceIndex index = Pa_GetDefaultInputDevice();
  if (index == paNoDevice)
    return nm_error_set(err, NM_ERR_IO,
                        "cannot record: this machine has no microphone, or its sound server does not run; "
                        "give a sound file instead");
  error = open_stream(recorder, index);
  if (error == paNoError) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot record from %s: %s; close other programs that use it",
                      Pa_GetDeviceInfo(index)->name, Pa_GetErrorText(error));
}

NmRecorder *nm_recorder_new(NmError *err)
{
  NmRecorder *recorder = calloc(1, sizeof *recorder);
  if (!recorder) {
    (void)nm_error_set(err, NM_ERR_NO_MEMORY, "cannot record: out of memory");
    return NULL;
  }
  const int saved = nm_device_quiet_begin();
  const NmStatus status = open_device(recorder, err);
  nm_device_quiet_end(saved);
  if (status == NM_OK) return recorder;
  nm_recorder_free(recorder);
  return NULL;
}

void nm_recorder_free(NmRecorder *recorder)
{
  if (!recorder) return;
  const int saved = nm_device_quiet_begin();
  if (recorder->stream) {
    Pa_AbortStream(recorder->stream);
    Pa_CloseStream(recorder->stream);
  }
  if (recorder->initialised) Pa_Terminate();
  nm_device_quiet_end(saved);
  nm_ring_free(recorder->core.ring);
  free(recorder);
}

int nm_recorder_get_rate_hz(const NmRecorder *recorder)
{
  return recorder->rate_hz;
}

NmStatus nm_recorder_read(NmRecorder *recorder, float *x, int64_t n, const atomic_bool *cancel,
                          int64_t *n_read, NmError *err)
{
  *n_read = 0;
  for (int waited_ms = 0; n > 0; waited_ms += WAIT_MS) {
    if (cancel && atomic_load(cancel)) return nm_error_set(err, NM_ERR_CANCELLED, "recording was cancelled");
    *n_read = (int64_t)nm_ring_read(recorder->core.ring, x, (size_t)n);
    if (*n_read > 0) break;
    if (Pa_IsStreamActive(recorder->stream) != 1 || waited_ms > PATIENCE_MS)
      return nm_error_set(err, NM_ERR_IO, "the microphone has stopped; was it unplugged?");
    nanosleep(&(struct timespec){.tv_nsec = WAIT_MS * 1000000L}, NULL);
  }
  return NM_OK;
}

int64_t nm_recorder_get_n_lost(const NmRecorder *recorder)
{
  return atomic_load(&recorder->core.n_lost);
}
