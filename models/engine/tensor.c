// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/tensor.h"

#include <stdio.h>

int64_t nm_shape_count(NmShape shape)
{
  int64_t n = shape.n_dims > 0 ? 1 : -1;
  for (int32_t i = 0; i < shape.n_dims; ++i)
    if (shape.dim[i] < 0 || __builtin_mul_overflow(n, shape.dim[i], &n)) return -1;
  return n;
}

int64_t nm_shape_rows(NmShape shape)
{
  int64_t n = 1;
  for (int32_t i = 0; i + 1 < shape.n_dims; ++i) n *= shape.dim[i];
  return n;
}

bool nm_shape_equal(NmShape a, NmShape b)
{
  bool equal = a.n_dims == b.n_dims;
  for (int32_t i = 0; i < a.n_dims && equal; ++i) equal = a.dim[i] == b.dim[i];
  return equal;
}

const char *nm_shape_print(NmShape shape, char *text, size_t size)
{
  size_t len = (size_t)snprintf(text, size, "[");
  for (int32_t i = 0; i < shape.n_dims && len < size; ++i)
    len += (size_t)snprintf(text + len, size - len, i ? ", %lld" : "%lld", (long long)shape.dim[i]);
  if (len < size) snprintf(text + len, size - len, "]");
  return text;
}
