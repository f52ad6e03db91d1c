// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/song_check.h"

// cmocka.h wants these first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdlib.h>

#include "app/formats/song_file.h"
#include "tests/support/song_text.h"

void nm_song_expect(const NmSong *song, const char *expected)
{
  char *printed = NULL;
  size_t n;
  FILE *file = open_memstream(&printed, &n);
  nm_song_print(file, song);
  fclose(file);
  assert_string_equal(printed, expected);
  free(printed);
}

NmSong *nm_song_read_file(const char *path)
{
  NmSong *song;
  NmError err = {0};
  if (nm_song_file_read(path, NULL, &song, NULL, &err) != NM_OK) fail_msg("%s", err.message);
  return song;
}
