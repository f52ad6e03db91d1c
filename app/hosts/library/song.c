// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/library/song.h"

#include <stdlib.h>
#include <string.h>

#include "app/formats/song_file.h"
#include "app/hosts/library/options.h"
#include "app/hosts/library/scope.h"

NeumeSong *nm_hand_out_song(NmSong *song, NmError *error, NeumeError *err)
{
  NeumeSong *handed = error->status ? NULL : malloc(sizeof *handed);
  if (!error->status && !handed) nm_error_set(error, NM_ERR_NO_MEMORY, "out of memory");
  if (handed)
    handed->song = song;
  else
    nm_song_free(song);
  nm_hand_out_error(error, err);
  return handed;
}

void neume_song_free(NeumeSong *song)
{
  if (!song) return;
  nm_song_free(song->song);
  free(song);
}

// --- reading ---

static NmStatus read_options(const NeumeOption *options, NmSongReading *reading, NmError *err)
{
  static const char *const known[] = {"part", NULL};
  int64_t part = 0;
  *reading = nm_song_reading_defaults();
  NmStatus status = nm_options_check(options, known, err);
  if (!status) status = nm_options_get_integer(options, "part", 1, 1024, &part, err);
  reading->part = (int)part - 1;
  return status;
}

// The command line's name of the standard streams is none here.
static NmStatus check_path(const char *path, NmError *err)
{
  if (path && *path && strcmp(path, "-")) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_ARG, "a song has a file of its own, not '%s'", path ? path : "NULL");
}

NeumeSong *neume_song_load(const char *path, const NeumeOption *options, NeumeError *err)
{
  NmScope scope;
  NmError error = {0};
  NmSongReading reading;
  NmSong *song = NULL;
  nm_scope_begin(&scope, NULL, NULL);
  NmStatus status = check_path(path, &error);
  if (!status) status = read_options(options, &reading, &error);
  if (!status) error.status = nm_song_file_read(path, &reading, &song, NULL, &error);
  nm_scope_end(&scope);
  return nm_hand_out_song(song, &error, err);
}

static const NmSongFormat *find_read(const void *bytes, size_t n, const char *name, NmError *err)
{
  const NmSongFormat *format = nm_song_format_guess(bytes, n);
  if (!format && !(format = nm_song_format_find(name, NULL)))
    nm_error_set(err, NM_ERR_BAD_DATA, "%s is no song in a format we know", name);
  if (!format || format->read) return format;
  nm_error_set(err, NM_ERR_UNSUPPORTED, "%s: %s files are only written", name, format->name);
  return NULL;
}

NeumeSong *neume_song_read(const void *bytes, size_t n, const char *name, const NeumeOption *options,
                           NeumeError *err)
{
  NmScope scope;
  NmError error = {0};
  NmSongReading reading;
  NmSong *song = NULL;
  if (!name) name = "the song";
  nm_scope_begin(&scope, NULL, NULL);
  NmStatus status = read_options(options, &reading, &error);
  if (!status && !bytes) status = nm_error_set(&error, NM_ERR_BAD_ARG, "no bytes were given");
  const NmSongFormat *format = status ? NULL : find_read(bytes, n, name, &error);
  if (format) error.status = format->read(bytes, n, name, &reading, &song, NULL, &error);
  nm_scope_end(&scope);
  return nm_hand_out_song(song, &error, err);
}

// --- writing ---

NeumeStatus neume_song_save(const NeumeSong *song, const char *path, const NeumeOption *options,
                            NeumeError *err)
{
  static const char *const known[] = {"force", NULL};
  NmScope scope;
  NmError error = {0};
  bool force = false;
  nm_scope_begin(&scope, NULL, NULL);
  NmStatus status = check_path(path, &error);
  if (!status && !song) status = nm_error_set(&error, NM_ERR_BAD_ARG, "no song was given");
  if (!status) status = nm_options_check(options, known, &error);
  if (!status) status = nm_options_get_flag(options, "force", &force, &error);
  if (!status) error.status = nm_song_file_write(path, song->song, NULL, force, &error);
  nm_scope_end(&scope);
  return nm_hand_out_error(&error, err);
}

static NmStatus write(const NmSong *song, const char *ending, uint8_t **bytes, size_t *n, NmError *err)
{
  const NmSongFormat *format = nm_song_format_find(ending, err);
  if (!format) return NM_ERR_BAD_ARG;
  if (!format->write) return nm_error_set(err, NM_ERR_UNSUPPORTED, "%s files are only read", format->name);
  return nm_song_write_bytes(format->write, song, NULL, bytes, n, err);
}

NeumeStatus neume_song_write(const NeumeSong *song, const char *ending, void **bytes, size_t *n,
                             NeumeError *err)
{
  NmScope scope;
  NmError error = {0};
  uint8_t *written = NULL;
  *bytes = NULL;
  *n = 0;
  nm_scope_begin(&scope, NULL, NULL);
  if (song && ending)
    error.status = write(song->song, ending, &written, n, &error);
  else
    nm_error_set(&error, NM_ERR_BAD_ARG, "a song and an ending are needed, \".mid\"");
  nm_scope_end(&scope);
  *bytes = written;
  return nm_hand_out_error(&error, err);
}
