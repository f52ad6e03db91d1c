// SPDX-License-Identifier: GPL-3.0-or-later
#define _GNU_SOURCE
#include "tests/support/weights_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DATA_MAX = 1 << 20 };

static size_t find_largest_number(const uint8_t *text, size_t n)
{
  size_t largest = 0;
  for (size_t i = 0; i < n; ++i) {
    size_t value = 0;
    for (; i < n && text[i] >= '0' && text[i] <= '9'; ++i)
      value = value < DATA_MAX ? 10 * value + (size_t)(text[i] - '0') : DATA_MAX;
    if (value < DATA_MAX && value > largest) largest = value;
  }
  return largest;
}

int open_weights_of_header(const uint8_t *header, size_t n, char path[64])
{
  const size_t n_data = find_largest_number(header, n), size = 8 + n + n_data;
  uint8_t *bytes = malloc(size);
  const int fd = bytes ? memfd_create("weights", 0) : -1;
  if (fd >= 0) {
    for (size_t i = 0; i < 8; ++i) bytes[i] = (uint8_t)(n >> (8 * i));
    if (n) memcpy(bytes + 8, header, n);
    for (size_t i = 0; i < n_data; ++i) bytes[8 + n + i] = i % 2 ? 0x44 : 0;
    if (write(fd, bytes, size) != (ssize_t)size) abort();
    snprintf(path, 64, "/proc/self/fd/%d", fd);
  }
  free(bytes);
  return fd;
}
