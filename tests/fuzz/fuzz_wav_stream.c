// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a WAV stream that arrives byte by byte: what it is does not change once known, more is asked
// for only when more is needed, and its samples are numbers.
#include <math.h>
#include <stdlib.h>

#include "app/formats/pcm.h"

enum { N_MAX = 1 << 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
  if (!holds) abort();
}

static void check_samples(const NmPcmFormat *format, const uint8_t *data, size_t size)
{
  float x[N_MAX];
  int64_t n = (int64_t)(size / (size_t)nm_pcm_get_size(format));
  if (n > N_MAX) n = N_MAX;
  check(nm_pcm_mix_down(format, data, n, x) >= 0);
  for (int64_t i = 0; i < n; ++i) check(isfinite(x[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  NmPcmFormat format;
  size_t n_header = 0, n = size < N_MAX ? size : N_MAX;
  for (size_t i = 0; i <= n; ++i) {
    const NmWavHeader header = nm_wav_parse(data, i, &format, &n_header);
    if (header == NM_WAV_MORE) {
      check(n_header > i);
      continue;
    }
    check(nm_wav_parse(data, size, &format, &n_header) == header);
    if (header == NM_WAV_READY) {
      check(n_header == i);
      check_samples(&format, data + n_header, size - n_header);
    }
    break;
  }
  return 0;
}
