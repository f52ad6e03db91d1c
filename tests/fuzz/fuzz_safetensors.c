// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a weights file: refused with a reason, or every tensor can be read and found by its name.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/engine/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
  if (!holds) abort();
}

static void read_tensor(const NmStored *tensor)
{
  check(tensor->count > 0 && nm_shape_count(tensor->shape) == tensor->count);
  float *values = malloc((size_t)tensor->count * sizeof *values);
  if (values && nm_stored_get(tensor, values))
    for (int64_t i = 0; i < tensor->count; ++i) check(isfinite(values[i]));
  free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  NmError err = {0};
  NmSafetensors *file = nm_safetensors_open_memory(data, size, "input", &err);
  if (!file) {
    check(err.status != NM_OK && strncmp(err.message, "input: ", 7) == 0);
    return 0;
  }
  for (int32_t i = 0; i < nm_safetensors_get_n(file); ++i) {
    read_tensor(nm_safetensors_get(file, i));
    check(nm_safetensors_find(file, nm_safetensors_get(file, i)->name) == nm_safetensors_get(file, i));
  }
  free(nm_safetensors_get_metadata(file));
  nm_safetensors_close(file);
  return 0;
}
