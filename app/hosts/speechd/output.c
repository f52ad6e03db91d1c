// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/speechd/output.h"

#include <math.h>

enum { ESCAPE = 0x7d, FLIP = 0x20 };

static bool flush(FILE *out)
{
  return fflush(out) == 0 && !ferror(out);
}

bool nm_sd_write_line(FILE *out, const char *line)
{
  fprintf(out, "%s\n", line);
  return flush(out);
}

bool nm_sd_write_mark(FILE *out, const char *name)
{
  fputs("700-", out);
  for (; *name; ++name) putc((unsigned char)*name < ' ' ? '_' : *name, out);
  fputs("\n700 INDEX MARK\n", out);
  return flush(out);
}

static void write_byte(FILE *out, int byte)
{
  if (byte == '\n' || byte == ESCAPE) {
    putc(ESCAPE, out);
    byte ^= FLIP;
  }
  putc(byte, out);
}

bool nm_sd_write_audio(FILE *out, const float *samples, size_t n, int rate_hz)
{
  fprintf(out, "705-bits=16\n705-num_channels=1\n705-sample_rate=%d\n705-num_samples=%zu\n", rate_hz, n);
  fputs("705-big_endian=0\n705-AUDIO", out);
  putc(0, out);
  for (size_t i = 0; i < n; ++i) {
    const unsigned value = (unsigned)lrintf(fminf(fmaxf(samples[i], -1) * 32768, 32767)); // as neume speak
    write_byte(out, (int)(value & 0xff));
    write_byte(out, (int)(value >> 8 & 0xff));
  }
  fputs("\n705 AUDIO\n", out);
  return flush(out);
}
