// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a listener file: no crash, and what is taken can be used.
#include <math.h>
#include <stdlib.h>

#include "models/emotion/listener.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  NmError err = {0};
  NmListener *listener = nm_listener_read((const char *)bytes, n, "fuzz", NULL, &err);
  if (!listener && !err.message[0]) abort();
  if (listener) {
    const NmListenerSummary s = nm_listener_get_summary(listener);
    if (!(s.seconds > 0 && isfinite(s.mean[0]) && isfinite(s.model_mean[1]))) abort();
  }
  nm_listener_free(listener);
  return 0;
}
