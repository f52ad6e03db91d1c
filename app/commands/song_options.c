// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/song_options.h"

#include <string.h>
#include <unistd.h>

#include "app/formats/song_values.h"
#include "app/jobs/song_render.h"
#include "app/output.h"
#include "dsp/audio_file.h"

static bool read_method(const NmArgs *args, NmSearchMethod *chosen)
{
  const char *method = nm_args_get(args, "method");
  if (!method || nm_song_parse_method(method, chosen)) return true;
  nm_message("--method '%s' is unknown; there are sample, beam, diverse and greedy", method);
  return false;
}

bool nm_song_search_read(const NmArgs *args, int32_t n_candidates_max, NmSongSearchChoice *choice)
{
  double temperature = choice->temperature, nucleus = choice->nucleus;
  int64_t seed = 0, n_candidates = 1;
  if (!nm_args_get_number(args, "temperature", .1, 3, &temperature) ||
      !nm_args_get_number(args, "nucleus", .01, 1, &nucleus) ||
      !nm_args_get_integer(args, "seed", 0, INT64_MAX, &seed) ||
      !nm_args_get_integer(args, "candidates", 1, n_candidates_max, &n_candidates) ||
      !read_method(args, &choice->method))
    return false;
  choice->temperature = (float)temperature;
  choice->nucleus = (float)nucleus;
  choice->seed = (uint64_t)seed;
  choice->n_candidates = (int32_t)n_candidates;
  if (choice->method != NM_SEARCH_GREEDY || n_candidates == 1) return true;
  nm_message("a greedy search has one answer; leave out --candidates, or take --method beam or sample");
  return false;
}

static bool is_stream(const char *path)
{
  return path && !strcmp(path, "-");
}

bool nm_song_outputs_take_stdout(const NmSongOutputs *outputs)
{
  for (int k = 0; k < outputs->files.n_outs; ++k)
    if (is_stream(outputs->outs[k])) return true;
  return is_stream(outputs->audio);
}

bool nm_song_outputs_read(const NmArgs *args, const char *format, int64_t n_candidates,
                          NmSongOutputs *outputs)
{
  *outputs = (NmSongOutputs){.weights = nm_args_get(args, "weights"),
                             .audio = nm_args_get(args, "audio"),
                             .json = nm_args_has(args, "json")};
  int *n = &outputs->files.n_outs;
  for (const char *path; (path = nm_args_get_nth(args, "output", *n)); outputs->outs[(*n)++] = path) {
    if (*n < NM_SONG_OUTS_MAX) continue;
    nm_message("-o can be given %d times", NM_SONG_OUTS_MAX);
    return false;
  }
  if (*n == 0 && !outputs->json && !outputs->audio) outputs->outs[(*n)++] = "-";
  const char *given = nm_args_get(args, "format");
  outputs->files = (NmSongFiles){.outs = outputs->outs,
                                 .n_outs = *n,
                                 .n_candidates = n_candidates,
                                 .force = nm_args_has(args, "force"),
                                 .format = given ? given : format};
  const bool as_text = !is_stream(outputs->audio) && nm_song_files_are_words(outputs->files.format);
  if (!nm_song_outputs_take_stdout(outputs) || as_text || !isatty(STDOUT_FILENO)) return true;
  nm_message("standard output is a terminal; name a file after -o, or pipe it");
  return false;
}

static int check_audio(const NmSongOutputs *outputs)
{
  char path[PATH_MAX];
  NmError err = {0};
  if (!outputs->audio || is_stream(outputs->audio)) return NM_EXIT_DONE;
  if (!nm_audio_writer_knows(outputs->audio))
    return nm_message_fail(NM_EXIT_USAGE, "%s: sound goes to files that end in .wav, .flac, .ogg or .opus",
                           outputs->audio);
  for (int64_t i = 0; i < outputs->files.n_candidates; ++i) {
    if (!nm_song_files_name(outputs->audio, outputs->files.n_candidates, i, path))
      return nm_message_fail(NM_EXIT_USAGE, "%s: the name is too long", outputs->audio);
    if (nm_output_check(path, outputs->files.force, &err)) return nm_message_fail_output(&err);
  }
  return NM_EXIT_DONE;
}

int nm_song_outputs_check(const NmSongOutputs *outputs)
{
  const int code = nm_song_files_check(&outputs->files);
  return code ? code : check_audio(outputs);
}

static int write_audio(const NmSongOutputs *outputs, int32_t i, const NmSong *song)
{
  char path[PATH_MAX];
  NmError err = {0};
  if (!outputs->audio || (is_stream(outputs->audio) && i > 0)) return NM_EXIT_DONE;
  nm_song_files_name(outputs->audio, outputs->files.n_candidates, i, path);
  NmAudioOut *out = is_stream(outputs->audio) ? nm_audio_out_new_stream(STDOUT_FILENO, false, &err)
                                              : nm_audio_out_new_file(path, false, &err);
  if (!out) return nm_message_fail_output(&err);
  const NmStatus status = nm_song_render_run(song, out, &err);
  const bool left = status == NM_ERR_CANCELLED && nm_audio_out_is_closed(out);
  nm_audio_out_free(out);
  return status && !left ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

int nm_song_outputs_write(const NmSongOutputs *outputs, int32_t i, const NmSong *song)
{
  const int code = nm_song_files_write(&outputs->files, i, song);
  return code ? code : write_audio(outputs, i, song);
}
