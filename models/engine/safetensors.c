// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsp/base/clones.h"

enum { HEADER_MAX = 16 << 20, N_DTYPES = 4 };

struct NmSafetensors {
  NmMap map;
  json_t *header;
  NmStored *tensors; // [n], by name
  int32_t n;
};

static const char *const dtype_names[] = {"F32", "F16", "F64", "BF16"};
static const size_t dtype_sizes[] = {4, 2, 8, 2};

size_t nm_dtype_size(NmDtype dtype)
{
  return dtype_sizes[dtype];
}

float nm_half_to_float(uint16_t half)
{
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = (half >> 10) & 31,
                 mantissa = half & 0x3ffu;
  union {
    uint32_t u;
    float f;
  } bits;
  if (exponent == 0) { // zero and subnormals: mantissa * 2^-24
    bits.f = (float)mantissa * 0x1p-24f;
    bits.u |= sign;
  } else {
    bits.u = sign | ((exponent == 31 ? 255 : exponent + 112) << 23) | mantissa << 13;
  }
  return bits.f;
}

uint16_t nm_half_from_float(float value)
{
  union {
    float f;
    uint32_t u;
  } bits = {value};
  const uint16_t sign = (uint16_t)(bits.u >> 16 & 0x8000u);
  const uint32_t rest = bits.u & 0x7fffffffu;
  if (rest > 0x7f800000u) return sign | 0x7e00u;
  if (rest >= 0x477ff000u) return sign | 0x7c00u; // 65520 and above round to infinity
  if (rest < 0x38800000u) {                       // below 2^-14: subnormal
    bits.u = rest;
    return sign | (uint16_t)lrintf(bits.f * 0x1p24f);
  }
  const uint32_t rounded = rest + 0xfffu + (rest >> 13 & 1);
  return sign | (uint16_t)((rounded - 0x38000000u) >> 13);
}

void nm_safetensors_close(NmSafetensors *file)
{
  if (!file) return;
  nm_map_close(&file->map);
  json_decref(file->header);
  free(file->tensors);
  free(file);
}

static NmStatus bad_tensor(NmError *err, const char *path, const char *name, const char *why)
{
  return nm_error_set(err, NM_ERR_BAD_DATA,
                      "%s: tensor \"%s\": %s; the file is damaged or was not made by this program", path,
                      name, why);
}

static bool read_shape(const json_t *array, NmShape *shape)
{
  *shape = (NmShape){.n_dims = (int32_t)json_array_size(array), .dim = {1, 1, 1, 1}};
  if (!json_is_array(array) || shape->n_dims < 1 || shape->n_dims > NM_MAX_DIMS) return false;
  for (int32_t i = 0; i < shape->n_dims; ++i) {
    const json_t *dim = json_array_get(array, (size_t)i);
    if (!json_is_integer(dim) || json_integer_value(dim) < 1) return false;
    shape->dim[i] = json_integer_value(dim);
  }
  return nm_shape_count(*shape) > 0;
}

static NmStatus read_tensor(const char *path, const char *name, const json_t *entry, const uint8_t *data,
                            size_t size, NmStored *tensor, NmError *err)
{
  const char *dtype = json_string_value(json_object_get(entry, "dtype"));
  const json_t *offsets = json_object_get(entry, "data_offsets");
  int kind = -1;
  size_t bytes;
  for (int i = 0; dtype && i < N_DTYPES; ++i)
    if (strcmp(dtype, dtype_names[i]) == 0) kind = i;
  if (kind < 0) return bad_tensor(err, path, name, "its dtype is not F32, F16, BF16 or F64");
  if (!read_shape(json_object_get(entry, "shape"), &tensor->shape))
    return bad_tensor(err, path, name, "its shape is not 1 to 4 dimensions of at least 1, or is too large");
  const json_t *first = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
  if (json_array_size(offsets) != 2 || !json_is_integer(first) || !json_is_integer(end))
    return bad_tensor(err, path, name, "its data_offsets are not two whole numbers");
  const json_int_t from = json_integer_value(first), to = json_integer_value(end);
  tensor->name = name;
  tensor->dtype = (NmDtype)kind;
  tensor->count = nm_shape_count(tensor->shape);
  if (nm_size_mul((size_t)tensor->count, dtype_sizes[kind], &bytes) != NM_OK || from < 0 || to < from ||
      (size_t)to > size || (size_t)(to - from) != bytes)
    return bad_tensor(err, path, name, "its data_offsets do not fit its shape or lie outside the file");
  tensor->data = data + from;
  return NM_OK;
}

static int by_data(const void *a, const void *b)
{
  const NmStored *x = a, *y = b;
  return x->data < y->data ? -1 : x->data > y->data;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const NmStored *)a)->name, ((const NmStored *)b)->name);
}

// The tensors must tile the data.
static NmStatus check_tiling(NmSafetensors *file, const char *path, const uint8_t *data, size_t size,
                             NmError *err)
{
  const uint8_t *at = data;
  qsort(file->tensors, (size_t)file->n, sizeof *file->tensors, by_data);
  for (int32_t i = 0; i < file->n; ++i) {
    const NmStored *t = &file->tensors[i];
    if (t->data != at) return bad_tensor(err, path, t->name, "its bytes overlap another's or leave a gap");
    at += (size_t)t->count * dtype_sizes[t->dtype];
  }
  if (at != data + size)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: %zu bytes behind the last tensor; the file is damaged",
                        path, (size_t)(data + size - at));
  qsort(file->tensors, (size_t)file->n, sizeof *file->tensors, by_name);
  return NM_OK;
}

static NmStatus read_header(NmSafetensors *file, const uint8_t *data, size_t size, const char *path,
                            NmError *err)
{
  uint64_t n_header = 0;
  for (int i = 0; i < 8 && size >= 8; ++i) n_header |= (uint64_t)data[i] << (8 * i);
  if (size < 8 || n_header > size - 8 || n_header > HEADER_MAX)
    return nm_error_set_at(
        err, NM_ERR_BAD_DATA, 0, 0,
        "%s: not a safetensors file, or cut short: its header would take %llu of %zu bytes", path,
        (unsigned long long)n_header, size);
  json_error_t where;
  file->header = json_loadb((const char *)data + 8, n_header, JSON_REJECT_DUPLICATES, &where);
  if (!json_is_object(file->header))
    return nm_error_set_at(err, NM_ERR_BAD_DATA, 8 + where.position, 0,
                           "%s: header, byte %d: %s; the file is damaged", path, 8 + where.position,
                           file->header ? "not an object" : where.text);
  return NM_OK;
}

static NmStatus check_metadata(const char *path, json_t *metadata, NmError *err)
{
  const char *key;
  json_t *value;
  if (!json_is_object(metadata))
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        "%s: header: __metadata__ is not an object; the file is damaged", path);
  json_object_foreach(metadata, key, value)
  {
    if (!json_is_string(value))
      return nm_error_set(err, NM_ERR_BAD_DATA,
                          "%s: header: __metadata__: \"%s\" is not a text; the file is damaged", path, key);
  }
  return NM_OK;
}

static NmStatus read_file(NmSafetensors *file, const uint8_t *data, size_t size, const char *path,
                          NmError *err)
{
  NmStatus status = read_header(file, data, size, path, err);
  if (status != NM_OK) return status;
  uint64_t n_header = 0;
  for (int i = 0; i < 8; ++i) n_header |= (uint64_t)data[i] << (8 * i);
  data += 8 + n_header;
  size -= 8 + n_header;
  file->tensors = calloc(json_object_size(file->header) + 1, sizeof *file->tensors);
  if (!file->tensors) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  const char *name;
  json_t *entry;
  json_object_foreach(file->header, name, entry)
  {
    if (strcmp(name, "__metadata__") == 0)
      status = check_metadata(path, entry, err);
    else
      status = read_tensor(path, name, entry, data, size, &file->tensors[file->n++], err);
    if (status != NM_OK) return status;
  }
  return check_tiling(file, path, data, size, err);
}

NmSafetensors *nm_safetensors_open_memory(const uint8_t *data, size_t size, const char *path, NmError *err)
{
  NmSafetensors *file = calloc(1, sizeof *file);
  if (!file) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    return NULL;
  }
  if (read_file(file, data, size, path, err) == NM_OK) return file;
  nm_safetensors_close(file);
  return NULL;
}

NmSafetensors *nm_safetensors_open(const char *path, NmError *err)
{
  NmMap map;
  if (nm_map_open(&map, path, err) != NM_OK) return NULL;
  NmSafetensors *file = nm_safetensors_open_memory(map.data, map.size, path, err);
  if (file)
    file->map = map;
  else
    nm_map_close(&map);
  return file;
}

int32_t nm_safetensors_get_n(const NmSafetensors *file)
{
  return file->n;
}
const NmStored *nm_safetensors_get(const NmSafetensors *file, int32_t i)
{
  return &file->tensors[i];
}

const NmStored *nm_safetensors_find(const NmSafetensors *file, const char *name)
{
  const NmStored key = {.name = name};
  return file->n ? bsearch(&key, file->tensors, (size_t)file->n, sizeof key, by_name) : NULL;
}

char *nm_safetensors_get_metadata(const NmSafetensors *file)
{
  const json_t *metadata = json_object_get(file->header, "__metadata__");
  return json_is_object(metadata) ? json_dumps(metadata, JSON_COMPACT) : strdup("{}");
}

// The bits moved to where a float has them, the exponent's bias corrected by a product; finite values only.
NM_CLONES static void widen(const uint8_t *data, int64_t n, float *values)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    uint16_t half;
    memcpy(&half, data + 2 * i, sizeof half);
    union {
      uint32_t u;
      float f;
    } bits = {(uint32_t)(half & 0x7fff) << 13};
    bits.f *= 0x1p112f;
    bits.u |= (uint32_t)(half & 0x8000) << 16;
    values[i] = bits.f;
  }
}

NM_CLONES static bool halves_are_finite(const uint8_t *data, int64_t n)
{
  uint16_t found = 0;
#pragma omp simd reduction(| : found)
  for (int64_t i = 0; i < n; ++i) {
    uint16_t half;
    memcpy(&half, data + 2 * i, sizeof half);
    found |= (uint16_t)((half & 0x7c00) == 0x7c00);
  }
  return !found;
}

static float read_brief(const NmStored *stored, int64_t i)
{
  union {
    uint32_t u;
    float f;
  } bits = {(uint32_t)stored->data[2 * i] << 16 | (uint32_t)stored->data[2 * i + 1] << 24};
  return bits.f;
}

static double read_wide(const NmStored *stored, int64_t i)
{
  if (stored->dtype == NM_DTYPE_BF16) return (double)read_brief(stored, i);
  float single;
  double wide;
  memcpy(&single, stored->data + 4 * i, sizeof single);
  if (stored->dtype == NM_DTYPE_F32) return single;
  memcpy(&wide, stored->data + 8 * i, sizeof wide);
  return wide;
}

bool nm_stored_is_finite(const NmStored *stored)
{
  bool finite = true;
  if (stored->dtype == NM_DTYPE_F16) return halves_are_finite(stored->data, stored->count);
  for (int64_t i = 0; i < stored->count && finite; ++i) finite = isfinite((float)read_wide(stored, i));
  return finite;
}

bool nm_stored_get(const NmStored *stored, float *values)
{
  const int64_t n = stored->count;
  if (stored->dtype == NM_DTYPE_F32) memcpy(values, stored->data, (size_t)n * 4);
  if (stored->dtype == NM_DTYPE_F16) widen(stored->data, n, values);
  if (stored->dtype == NM_DTYPE_F64 || stored->dtype == NM_DTYPE_BF16)
    for (int64_t i = 0; i < n; ++i) values[i] = (float)read_wide(stored, i);
  return nm_stored_is_finite(stored);
}

static NmDtype get_dtype(const NmToStore *tensor, NmDtype dtype)
{
  return tensor->bf16 ? NM_DTYPE_BF16 : dtype;
}

static json_t *make_header(const NmToStore *tensors, int32_t n, NmDtype dtype, const char *metadata)
{
  json_t *header = json_object();
  json_int_t at = 0;
  if (metadata) json_object_set_new(header, "__metadata__", json_loads(metadata, 0, NULL));
  for (int32_t i = 0; i < n; ++i) {
    json_t *shape = json_array();
    for (int32_t d = 0; d < tensors[i].shape.n_dims; ++d)
      json_array_append_new(shape, json_integer(tensors[i].shape.dim[d]));
    const NmDtype own = get_dtype(&tensors[i], dtype);
    const json_int_t size = nm_shape_count(tensors[i].shape) * (json_int_t)dtype_sizes[own];
    json_object_set_new(header, tensors[i].name,
                        json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype_names[own], "shape", shape,
                                  "data_offsets", at, at + size));
    at += size;
  }
  return header;
}

static uint16_t get_upper(float value)
{
  union {
    float f;
    uint32_t u;
  } bits = {value};
  return (uint16_t)(bits.u >> 16);
}

static bool write_values(FILE *file, const NmToStore *tensor, NmDtype dtype)
{
  const size_t n = (size_t)nm_shape_count(tensor->shape);
  if (dtype_sizes[dtype] != 2) return fwrite(tensor->values, dtype_sizes[dtype], n, file) == n;
  const float *values = tensor->values;
  bool good = true;
  for (size_t i = 0; i < n && good; ++i) {
    const uint16_t half = dtype == NM_DTYPE_BF16 ? get_upper(values[i]) : nm_half_from_float(values[i]);
    good = fputc(half & 255, file) != EOF && fputc(half >> 8, file) != EOF;
  }
  return good;
}

static bool write_file(FILE *file, const char *header, const NmToStore *tensors, int32_t n, NmDtype dtype)
{
  const size_t len = strlen(header), padded = (len + 7) / 8 * 8;
  bool good = true;
  for (int i = 0; i < 8; ++i) good = good && fputc((int)((uint64_t)padded >> (8 * i) & 255), file) != EOF;
  good = good && fwrite(header, 1, len, file) == len;
  for (size_t i = len; i < padded; ++i) good = good && fputc(' ', file) != EOF;
  for (int32_t i = 0; i < n && good; ++i)
    good = write_values(file, &tensors[i], get_dtype(&tensors[i], dtype));
  return good && fflush(file) == 0 && fsync(fileno(file)) == 0;
}

NmStatus nm_safetensors_save(const char *path, const NmToStore *tensors, int32_t n, NmDtype dtype,
                             const char *metadata, NmError *err)
{
  json_t *header = make_header(tensors, n, dtype, metadata);
  char *text = json_dumps(header, JSON_COMPACT);
  char *part = malloc(strlen(path) + 6);
  FILE *file = NULL;
  NmStatus status = NM_ERR_NO_MEMORY;
  json_decref(header);
  if (!text || !part) {
    nm_error_set(err, status, "%s: out of memory", path);
    goto done;
  }
  sprintf(part, "%s.part", path);
  file = fopen(part, "wb");
  status = file && write_file(file, text, tensors, n, dtype) ? NM_OK : NM_ERR_IO;
  if (file && fclose(file) != 0) status = NM_ERR_IO;
  if (status == NM_OK && rename(part, path) != 0) status = NM_ERR_IO;
  if (status != NM_OK) {
    nm_error_set(err, status, "%s: cannot write: %s", path, strerror(errno));
    unlink(part);
  }
done:
  free(text);
  free(part);
  return status;
}
