// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_assets.h"

// cmocka.h wants these first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/emotion_weights.h"
#include "tests/support/song_weights.h"
#include "tests/support/tiny_voice.h"

static const char *name_in(const char *folder, const char *name, char path[PATH_MAX])
{
  snprintf(path, PATH_MAX, "%s/%s", folder, name);
  return path;
}

void make_tiny_assets(const char *folder, const char *lexicon, const char *hyphens)
{
  char path[PATH_MAX];
  const NmSongConfig songs = tiny_song_config();
  assert_int_equal(mkdir(folder, 0777), 0);
  write_emotion_weights(folder);
  write_song_weights(name_in(folder, "song.safetensors", path), &songs, tiny_song_vocabulary, 1);
  assert_true(save_tiny_acoustic(name_in(folder, "voice.safetensors", path)));
  assert_true(save_tiny_vocoder(name_in(folder, "vocoder.safetensors", path)));
  assert_int_equal(symlink(lexicon, name_in(folder, "english.lexicon", path)), 0);
  assert_int_equal(symlink(hyphens, name_in(folder, "english.hyphens", path)), 0);
}
