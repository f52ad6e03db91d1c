// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/recorder_core.h"

enum { N_BLOCK = 256 };

static void mix_down(const float *frames, int64_t n, int n_channels, float *out)
{
  for (int64_t i = 0; i < n; ++i) {
    float sum = 0;
    for (int c = 0; frames && c < n_channels; ++c) sum += frames[i * n_channels + c];
    out[i] = sum / (float)n_channels;
  }
}

void nm_recorder_core_process(NmRecorderCore *core, const float *frames, int64_t n)
{
  float block[N_BLOCK];
  for (int64_t i = 0, len; i < n; i += len) {
    len = n - i < N_BLOCK ? n - i : N_BLOCK;
    mix_down(frames ? frames + i * core->n_channels_device : NULL, len, core->n_channels_device, block);
    const int64_t n_written = (int64_t)nm_ring_write(core->ring, block, (size_t)len);
    if (n_written < len) atomic_fetch_add(&core->n_lost, len - n_written);
  }
}
