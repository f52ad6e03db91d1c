// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/songs.h"

#include <string.h>

#include "app/assets.h"
#include "app/message.h"
#include "app/output.h"

NmStatus nm_songs_open_model(NmSongModel *model, const char *path, NmError *err)
{
  char found[PATH_MAX];
  if (!path) {
    const NmStatus status = nm_assets_find("song.safetensors", found, err);
    if (status) return status;
    path = found;
  }
  return nm_song_model_open(model, path, NULL, err);
}

static bool is_stream(const char *path)
{
  return !strcmp(path, "-");
}

bool nm_song_files_name(const NmSongFiles *files, int k, int64_t i, char path[PATH_MAX])
{
  const char *out = files->outs[k], *slash = strrchr(out, '/'), *dot = strrchr(slash ? slash : out, '.');
  const int n_stem = dot ? (int)(dot - out) : (int)strlen(out);
  const bool numbered = files->n_candidates > 1 && !is_stream(out);
  const int n = numbered ? snprintf(path, PATH_MAX, "%.*s-%d%s", n_stem, out, (int)i + 1, dot ? dot : "")
                         : snprintf(path, PATH_MAX, "%s", out);
  return n < PATH_MAX;
}

// A song can be written in the format of this ending.
static bool check_format(const char *path)
{
  NmError err = {0};
  const NmSongFormat *format = nm_song_format_find(path, &err);
  if (!format)
    nm_message("%s", err.message);
  else if (!format->write)
    nm_message("%s: %s files are only read", path, format->name);
  return format && format->write;
}

static int check_paths(const NmSongFiles *files, int k)
{
  char path[PATH_MAX];
  NmError err = {0};
  for (int64_t i = 0; i < files->n_candidates; ++i) {
    if (!nm_song_files_name(files, k, i, path))
      return nm_message_fail(NM_EXIT_USAGE, "%s: the name is too long", files->outs[k]);
    if (nm_output_check(path, files->force, &err)) return nm_message_fail_output(&err);
  }
  return NM_EXIT_DONE;
}

int nm_song_files_check(const NmSongFiles *files)
{
  if (files->format && !check_format(files->format)) return NM_EXIT_USAGE;
  for (int k = 0; k < files->n_outs; ++k) {
    for (int j = 0; j < k; ++j)
      if (!strcmp(files->outs[j], files->outs[k]))
        return nm_message_fail(NM_EXIT_USAGE, "%s is named twice", files->outs[k]);
    if (is_stream(files->outs[k])) continue;
    if (!check_format(files->outs[k])) return NM_EXIT_USAGE;
    const int code = check_paths(files, k);
    if (code) return code;
  }
  return NM_EXIT_DONE;
}

int nm_song_files_write(const NmSongFiles *files, int64_t i, const NmSong *song)
{
  for (int k = 0; k < files->n_outs; ++k) {
    char path[PATH_MAX];
    NmError err = {0};
    NmSongNotes notes = {0};
    NmSongWriting writing = nm_song_writing_defaults();
    writing.format = files->format;
    writing.notes = &notes;
    if (is_stream(files->outs[k]) && i > 0) continue;
    nm_song_files_name(files, k, i, path);
    if (nm_song_file_write(path, song, &writing, files->force, &err)) return nm_message_fail_output(&err);
    for (int32_t n = 0; n < notes.n; ++n) nm_message_warning("%s: %s", path, notes.text[n]);
  }
  return NM_EXIT_DONE;
}
