/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speaks its argument into raw 16-bit samples on standard output, and tells on standard error when each word
 * begins.
 *
 *   cc hello.c $(pkg-config --cflags --libs neume) -o hello
 *   ./hello "Hello, world." | aplay -f S16_LE -r 24000 */
#include <neume.h>
#include <stdio.h>
#include <string.h>

static int write_samples(void *user, const float *samples, size_t n)
{
  FILE *file = user;
  for (size_t i = 0; i < n; i++) {
    const float x = samples[i] < -1 ? -1 : samples[i] > 1 ? 1 : samples[i];
    const int value = (int)(x * 32767);
    putc(value & 0xff, file);
    putc(value >> 8 & 0xff, file);
  }
  return ferror(file); /* not 0: nobody listens any more */
}

static int tell_word(void *user, const NeumeTiming *timing)
{
  const double seconds = (double)timing->start / NEUME_RATE_HZ;
  (void)user;
  if (timing->kind == NEUME_TIMING_WORD) fprintf(stderr, "%6.3f  %s\n", seconds, timing->text);
  return 0;
}

int main(int argc, char **argv)
{
  const char *text = argc > 1 ? argv[1] : "Hello, world.";
  const NeumeOption options[] = {{"rate", "0.9"}, {"pitch", "+1st"}, {NULL, NULL}};
  const NeumeSink sink = {.size = sizeof sink, .user = stdout, .audio = write_samples, .timing = tell_word};
  NeumeError error;
  NeumeContext *neume = neume_context_new(NULL, &error);
  const int failed = !neume || neume_speak(neume, text, strlen(text), options, &sink, &error) != NEUME_OK;
  if (failed) fprintf(stderr, "hello: %s\n", error.message);
  neume_context_free(neume);
  return failed;
}
