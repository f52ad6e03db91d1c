// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/ogg_serial.h"

#include <string.h>
#include <unistd.h>

enum { SIZE_HEADER = 27, SIZE_PAGE_MAX = SIZE_HEADER + 255 + 255 * 255, AT_SERIAL = 14, AT_CHECKSUM = 22 };

// The polynomial 0x04c11db7, most significant bit first, from 0, not inverted.
static uint32_t checksum(const unsigned char *page, size_t size)
{
  uint32_t crc = 0;
  for (size_t i = 0; i < size; ++i) {
    crc ^= (uint32_t)page[i] << 24;
    for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ (crc & 0x80000000u ? 0x04c11db7u : 0);
  }
  return crc;
}

static void put_little_endian(unsigned char *p, uint32_t value)
{
  for (int i = 0; i < 4; ++i) p[i] = (unsigned char)(value >> 8 * i);
}

// Bytes of the page that begins at p, of which `size` are known; 0 when there is none.
static size_t page_size(const unsigned char *p, size_t size)
{
  if (size < SIZE_HEADER || memcmp(p, "OggS", 4) != 0 || size < SIZE_HEADER + (size_t)p[26]) return 0;
  size_t total = SIZE_HEADER + (size_t)p[26];
  for (int i = 0; i < p[26]; ++i) total += p[SIZE_HEADER + i];
  return total <= size ? total : 0;
}

NmStatus nm_ogg_set_serial(int fd, uint32_t serial)
{
  unsigned char page[SIZE_PAGE_MAX];
  for (off_t at = 0;;) {
    const ssize_t n = pread(fd, page, sizeof page, at);
    if (n < 0) return NM_ERR_IO;
    if (n == 0) return NM_OK;
    const size_t size = page_size(page, (size_t)n);
    if (size == 0) return NM_ERR_BAD_DATA;
    put_little_endian(page + AT_SERIAL, serial);
    put_little_endian(page + AT_CHECKSUM, 0);
    put_little_endian(page + AT_CHECKSUM, checksum(page, size));
    if (pwrite(fd, page, SIZE_HEADER, at) != SIZE_HEADER) return NM_ERR_IO;
    at += (off_t)size;
  }
}
