// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/songs.h"

#include <string.h>
#include <strings.h>

#include "app/assets.h"
#include "app/formats/text_write.h"
#include "app/jobs/resident.h"
#include "app/message.h"
#include "app/output.h"

NmStatus nm_songs_open_model(NmSongModel *model, const char *path, NmError *err)
{
  char found[PATH_MAX];
  if (!path) {
    if (nm_resident_take_song(model)) return NM_OK;
    const NmStatus status = nm_assets_find("song.safetensors", found, err);
    if (status) return status;
    path = found;
  }
  return nm_song_model_open(model, path, NULL, err);
}

void nm_songs_close_model(NmSongModel *model)
{
  if (!nm_resident_keeps(model->params)) nm_song_model_close(model);
}

static bool is_stream(const char *path)
{
  return !strcmp(path, "-");
}

bool nm_song_files_name(const char *out, int64_t n, int64_t i, char path[PATH_MAX])
{
  const char *slash = strrchr(out, '/'), *dot = strrchr(slash ? slash : out, '.');
  const int n_stem = dot ? (int)(dot - out) : (int)strlen(out);
  const int len = n > 1 && !is_stream(out)
                      ? snprintf(path, PATH_MAX, "%.*s-%d%s", n_stem, out, (int)i + 1, dot ? dot : "")
                      : snprintf(path, PATH_MAX, "%s", out);
  return len < PATH_MAX;
}

bool nm_song_files_are_words(const char *path)
{
  const size_t n = strlen(path);
  return n >= 4 && !strcasecmp(path + n - 4, ".txt");
}

// A song can be written in the format of this ending.
static bool check_format(const char *path)
{
  NmError err = {0};
  if (nm_song_files_are_words(path)) return true;
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
    if (!nm_song_files_name(files->outs[k], files->n_candidates, i, path))
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

static void print_words(const NmSong *song, FILE *file)
{
  for (int32_t l = 0; l < song->n_lines; ++l) {
    const NmSongLine *line = &song->lines[l];
    if (l > 0 && line->stanza != song->lines[l - 1].stanza) fputc('\n', file);
    for (int32_t w = line->word_first; w < line->word_first + line->n_words; ++w) {
      const NmSongWord *word = &song->words[w];
      if (w > line->word_first) fputc(' ', file);
      for (int32_t s = 0; s < word->n_syllables; ++s)
        nm_write_plain_text(file, song->syllables[word->syllable_first + s].text);
    }
    fputc('\n', file);
  }
}

static NmStatus write_words(const char *path, const NmSong *song, bool force, NmError *err)
{
  NmOutput out = {0};
  if (is_stream(path)) {
    print_words(song, stdout);
    return fflush(stdout) ? nm_error_set(err, NM_ERR_IO, "standard output cannot be written") : NM_OK;
  }
  NmStatus status = nm_output_begin(&out, path, force, err);
  FILE *file = status ? NULL : nm_output_open(&out, err);
  if (!status && !file) status = err->status;
  if (file) print_words(song, file);
  if (file) status = nm_output_close(file, path, err);
  if (!status) status = nm_output_commit(&out, err);
  nm_output_discard(&out);
  return status;
}

static int write_file(const NmSongFiles *files, const char *path, const NmSong *song)
{
  NmError err = {0};
  NmSongNotes notes = {0};
  NmSongWriting writing = nm_song_writing_defaults();
  writing.format = files->format;
  writing.notes = &notes;
  const bool words = nm_song_files_are_words(is_stream(path) && files->format ? files->format : path);
  const NmStatus status = words ? write_words(path, song, files->force, &err)
                                : nm_song_file_write(path, song, &writing, files->force, &err);
  if (status) return nm_message_fail_output(&err);
  for (int32_t n = 0; n < notes.n; ++n) nm_message_warning("%s: %s", path, notes.text[n]);
  return NM_EXIT_DONE;
}

int nm_song_files_write(const NmSongFiles *files, int64_t i, const NmSong *song)
{
  int code = NM_EXIT_DONE;
  for (int k = 0; k < files->n_outs && !code; ++k) {
    char path[PATH_MAX];
    if (is_stream(files->outs[k]) && i > 0) continue;
    nm_song_files_name(files->outs[k], files->n_candidates, i, path);
    code = write_file(files, path, song);
  }
  return code;
}
