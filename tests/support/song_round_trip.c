// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/song_round_trip.h"

#include <dirent.h>
#include <stdlib.h>

static void fail(const char *what, const char *why)
{
  fprintf(stderr, "%s: %s\n", what, why);
  abort();
}

bool nm_check_song_round_trip(NmSongRead read, NmSongWrite write, const NmSong *song)
{
  NmError err = {0};
  NmSongNotes notes = {0};
  NmSong *again;
  uint8_t *bytes;
  size_t n;
  char why[256] = "";
  const NmStatus status = nm_song_write_bytes(write, song, NULL, &bytes, &n, &err);
  if (status == NM_ERR_UNSUPPORTED && err.message[0]) return false;
  if (status != NM_OK) fail("not written", err.message);
  if (read(bytes, n, "what was written", NULL, &again, &notes, &err) != NM_OK) fail("not read", err.message);
  if (!nm_song_equal(song, again, why, sizeof why)) fail("another song", why);
  nm_song_free(again);
  free(bytes);
  return true;
}

static void check_reading(NmSongRead read, NmSongWrite write, const uint8_t *bytes, size_t n,
                          const NmSongReading *reading)
{
  NmError err = {0};
  NmSongNotes notes = {0};
  NmSong *song = NULL;
  const NmStatus status = read(bytes, n, "fuzz", reading, &song, &notes, &err);
  if (status != NM_OK && (!err.message[0] || song)) fail("an error without words", nm_status_text(status));
  if (status == NM_OK) nm_check_song_round_trip(read, write, song);
  nm_song_free(song);
}

void nm_check_song_bytes(NmSongRead read, NmSongWrite write, const uint8_t *bytes, size_t n)
{
  const NmSongReading unfolds = {.part = -1, .unfolds_repeats = true};
  check_reading(read, write, bytes, n, NULL);
  check_reading(read, write, bytes, n, &unfolds);
}

static void check_file(NmSongRead read, NmSongWrite write, const char *path)
{
  FILE *file = fopen(path, "rb");
  char *bytes = malloc(1 << 20);
  if (!file || !bytes) fail(path, "cannot be read");
  const size_t n = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  nm_check_song_bytes(read, write, (const uint8_t *)bytes, n);
  free(bytes);
}

int nm_check_song_folder(NmSongRead read, NmSongWrite write, const char *folder)
{
  DIR *entries = opendir(folder);
  if (!entries) fail(folder, "cannot be opened");
  int n = 0;
  for (struct dirent *entry; (entry = readdir(entries));) {
    char path[1024];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    check_file(read, write, path);
    ++n;
  }
  closedir(entries);
  return n;
}
