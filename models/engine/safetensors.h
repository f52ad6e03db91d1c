// SPDX-License-Identifier: GPL-3.0-or-later
// The safetensors file format: 8 bytes little-endian header length, a JSON header {"name": {"dtype", "shape",
// "data_offsets"}}, then the tensors' bytes.
#ifndef NM_ENGINE_SAFETENSORS_H
#define NM_ENGINE_SAFETENSORS_H

#include "dsp/base/map.h"
#include "models/engine/tensor.h"

typedef enum { NM_DTYPE_F32, NM_DTYPE_F16, NM_DTYPE_F64, NM_DTYPE_BF16 } NmDtype;

size_t nm_dtype_size(NmDtype dtype); // bytes

// One tensor of a file; `data` points into the map and need not be aligned.
typedef struct {
  const char *name;
  NmDtype dtype;
  NmShape shape;
  const uint8_t *data; // [count * size of dtype]
  int64_t count;
} NmStored;

typedef struct NmSafetensors NmSafetensors;

// Opens and checks everything: header in bounds, known dtypes, shapes of 1 to 4 dimensions that do not
// overflow, offsets in range, without gaps or overlaps, no name twice, metadata of texts alone. NULL and
// `err` (file, tensor, cause) otherwise.
NmSafetensors *nm_safetensors_open(const char *path, NmError *err);
// The same over memory that must outlive the object; `path` is for messages.
NmSafetensors *nm_safetensors_open_memory(const uint8_t *data, size_t size, const char *path, NmError *err);
void nm_safetensors_close(NmSafetensors *file);

int32_t nm_safetensors_get_n(const NmSafetensors *file);
const NmStored *nm_safetensors_get(const NmSafetensors *file, int32_t i);
// NULL when there is no tensor of that name.
const NmStored *nm_safetensors_find(const NmSafetensors *file, const char *name);
// The __metadata__ object as JSON text, "{}" when absent; freed by the caller.
char *nm_safetensors_get_metadata(const NmSafetensors *file);

// Whether every value is.
bool nm_stored_is_finite(const NmStored *stored);

// The tensor's values as float; false when one is not finite, and the values are undefined then.
bool nm_stored_get(const NmStored *stored, float *values);

// One tensor to be written, as float (or, for dtype F64, double) in `values`.
typedef struct {
  const char *name;
  NmShape shape;
  const void *values;
  bool bf16; // as BF16, cut to its upper 16 bits, whatever the others are
} NmToStore;

// Writes a file atomically: temporary file, fsync, rename. Same input, same bytes. `metadata` is a JSON
// object of strings or NULL.
NmStatus nm_safetensors_save(const char *path, const NmToStore *tensors, int32_t n, NmDtype dtype,
                             const char *metadata, NmError *err) NM_NODISCARD;

// IEEE 754 half precision, round to nearest even.
float nm_half_to_float(uint16_t half);
uint16_t nm_half_from_float(float value);

#endif
