// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/commands/emotion_request.h"
#include "app/interrupt.h"
#include "app/jobs/ear.h"
#include "app/output.h"

// --- writing ---

// What a format is given: segments only where they are wanted.
static NmMood view(const NmEmotionRequest *request, const NmMoodFormat *format, const NmMood *mood)
{
  NmMood seen = *mood;
  if (!request->wants_segments && !format->wants_segments) seen.n_segments = 0;
  return seen;
}

static NmStatus write_file(const NmEmotionRequest *request, const char *path, const NmMoodFormat *format,
                           const NmMood *mood, NmError *err)
{
  NmOutput out = {0};
  const NmMood seen = view(request, format, mood);
  NmStatus status = nm_output_begin(&out, path, request->force, err);
  if (status != NM_OK) return status;
  FILE *file = nm_output_open(&out, err);
  status = file ? format->write(&seen, file, err) : NM_ERR_IO;
  if (file) {
    const NmStatus closed = nm_output_close(file, path, status == NM_OK ? err : NULL);
    if (status == NM_OK) status = closed;
  }
  if (status == NM_OK) return nm_output_commit(&out, err);
  nm_output_discard(&out);
  return status;
}

static NmStatus flush(FILE *file, NmError *err)
{
  if (fflush(file) == 0 && !ferror(file)) return NM_OK;
  if (errno == EPIPE) return nm_error_set(err, NM_ERR_CANCELLED, "nobody reads the rows any more");
  return nm_error_set(err, NM_ERR_IO, "cannot write the rows: %s", strerror(errno));
}

// Rows on standard output as they come.
static NmStatus print_row(void *user, const NmEmotionRow *row, NmError *err)
{
  bool *has_header = user;
  if (!*has_header) nm_mood_write_csv_header(stdout);
  *has_header = true;
  nm_mood_write_csv_row(row, stdout);
  return flush(stdout, err);
}

static void warn_of_doubt(const NmMood *mood)
{
  const char *doubt = nm_mood_doubt(mood);
  if (doubt) nm_message_warning("%s: %s", mood->name, doubt);
}

// --- one sound ---

static bool is_streamed(const NmEmotionRequest *request)
{
  return request->stream && !strcmp(request->stream->name, "csv") && !request->wants_segments;
}

static bool wants_segments(const NmEmotionRequest *request)
{
  bool wants = request->wants_segments || (request->stream && request->stream->wants_segments);
  for (int i = 0; i < request->n_outputs; ++i) wants |= request->outputs[i].format->wants_segments;
  return wants;
}

static int write_outputs(const NmEmotionRequest *request, const NmMood *mood)
{
  NmError err = {0};
  NmStatus status = NM_OK;
  if (request->stream && !is_streamed(request)) {
    const NmMood seen = view(request, request->stream, mood);
    status = request->stream->write(&seen, stdout, &err);
    if (status == NM_OK) status = flush(stdout, &err);
  }
  for (int i = 0; i < request->n_outputs && status == NM_OK; ++i)
    status = write_file(request, request->outputs[i].path, request->outputs[i].format, mood, &err);
  return status == NM_OK ? NM_EXIT_DONE : nm_message_fail_output(&err);
}

static int hear_one(const NmEmotionRequest *request, NmEar *ear, NmSound *sound)
{
  NmError err = {0};
  NmHeard heard;
  bool has_header = false;
  const bool streams = is_streamed(request);
  const NmHearing hearing = {.keeps_rows = !streams || request->n_outputs > 0,
                             .is_live = request->is_live,
                             .seconds = request->seconds,
                             .change = wants_segments(request) ? request->change : 0,
                             .hear = streams ? print_row : NULL,
                             .user = &has_header};
  int code = NM_EXIT_DONE;
  const NmStatus status = nm_ear_hear(ear, sound, &hearing, &heard, &err);
  if (status == NM_ERR_CANCELLED && !nm_interrupt_seen()) {
    nm_heard_fini(&heard); // the reader of the rows has what it wanted
    return NM_EXIT_DONE;
  }
  if (status == NM_OK) {
    code = write_outputs(request, &heard.mood);
    warn_of_doubt(&heard.mood);
  } else {
    code = nm_message_fail_input(&err);
  }
  nm_heard_fini(&heard);
  return code;
}

static NmSound *open_sound(const NmEmotionRequest *request, const char *path, NmError *err)
{
  return request->is_live ? nm_sound_open_microphone(err)
                          : nm_sound_open(path, request->is_raw ? &request->raw : NULL, err);
}

int nm_emotion_run_one(const NmEmotionRequest *request, const char *listener, int n_threads)
{
  NmError err = {0};
  NmEar ear;
  NmSound *sound = NULL;
  int code = NM_EXIT_DONE;
  for (int i = 0; i < request->n_outputs; ++i)
    if (nm_output_check(request->outputs[i].path, request->force, &err)) return nm_message_fail_output(&err);
  if (nm_ear_open(&ear, listener, n_threads, &err) != NM_OK)
    code = nm_message_fail_input(&err);
  else if (!(sound = open_sound(request, request->n_inputs ? request->inputs[0] : NULL, &err)))
    code = request->is_live ? nm_message_fail_output(&err) : nm_message_fail_input(&err);
  else
    code = hear_one(request, &ear, sound);
  nm_sound_close(sound);
  nm_ear_close(&ear);
  return code;
}

// --- many sounds ---

// "moods/song.png" for the sound "music/song.mp3".
static bool name_file(const NmEmotionRequest *request, const char *input, const NmMoodFormat *format,
                      char path[PATH_MAX])
{
  const char *slash = strrchr(input, '/'), *name = slash ? slash + 1 : input, *dot = strrchr(name, '.');
  if (!strcmp(input, "-")) name = "standard-input", dot = NULL;
  const int n = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
  return snprintf(path, PATH_MAX, "%s/%.*s%s", request->folder, n, name, format->ending) < PATH_MAX;
}

// Whether two sounds would be written to one file.
static bool find_clash(const NmEmotionRequest *request, int i, int k)
{
  char a[PATH_MAX], b[PATH_MAX];
  if (!name_file(request, request->inputs[i], request->outputs[0].format, a) ||
      !name_file(request, request->inputs[k], request->outputs[0].format, b) || strcmp(a, b))
    return false;
  nm_message("%s and %s would both be written to %s: give them apart, or rename one", request->inputs[i],
             request->inputs[k], a);
  return true;
}

static bool check_names(const NmEmotionRequest *request)
{
  for (int i = 0; request->folder && i < request->n_inputs; ++i)
    for (int k = 0; k < i; ++k)
      if (find_clash(request, k, i)) return false;
  return true;
}

static NmStatus write_files(const NmEmotionRequest *request, const char *input, const NmMood *mood,
                            NmError *err)
{
  char path[PATH_MAX];
  NmStatus status = NM_OK;
  for (int i = 0; request->folder && i < request->n_outputs && status == NM_OK; ++i) {
    if (!name_file(request, input, request->outputs[i].format, path))
      return nm_error_set(err, NM_ERR_IO, "%s: its name is too long", input);
    status = write_file(request, path, request->outputs[i].format, mood, err);
  }
  return status;
}

// One of many: its files and its row of the table, or a message.
static int hear_of_many(const NmEmotionRequest *request, NmEar *ear, const char *input, FILE *table)
{
  NmError err = {0};
  NmHeard heard = {0};
  const NmHearing hearing = {.keeps_rows = request->folder != NULL,
                             .seconds = request->seconds,
                             .change = wants_segments(request) ? request->change : 0};
  NmSound *sound = open_sound(request, input, &err);
  NmStatus status = sound ? nm_ear_hear(ear, sound, &hearing, &heard, &err) : err.status;
  int code = status == NM_OK ? NM_EXIT_DONE : nm_message_fail_input(&err);
  if (status == NM_OK && write_files(request, input, &heard.mood, &err) != NM_OK)
    code = nm_message_fail_output(&err);
  if (status == NM_OK) {
    nm_mood_table_row(request->table_kind, &heard.mood, table);
    fflush(table);
    warn_of_doubt(&heard.mood);
  }
  nm_heard_fini(&heard);
  nm_sound_close(sound);
  return code;
}

static int hear_many(const NmEmotionRequest *request, NmEar *ear, FILE *table)
{
  int n_failed = 0, code = NM_EXIT_DONE;
  nm_mood_table_header(request->table_kind, table);
  for (int i = 0; i < request->n_inputs; ++i) {
    const int code_one = hear_of_many(request, ear, request->inputs[i], table);
    if (code_one == NM_EXIT_INTERRUPTED) return code_one;
    n_failed += code_one != NM_EXIT_DONE;
    if (code_one != NM_EXIT_DONE) code = code_one;
  }
  return n_failed == 0 || n_failed == request->n_inputs ? code : NM_EXIT_PARTIAL;
}

// Into the table's file, which appears when all is done.
static int write_table(const NmEmotionRequest *request, NmEar *ear)
{
  NmError err = {0};
  NmOutput out = {0};
  if (!request->table) {
    const int code = hear_many(request, ear, stdout);
    return flush(stdout, &err) == NM_OK || code ? code : nm_message_fail_output(&err);
  }
  if (nm_output_begin(&out, request->table, request->force, &err) != NM_OK)
    return nm_message_fail_output(&err);
  FILE *file = nm_output_open(&out, &err);
  int code = file ? hear_many(request, ear, file) : nm_message_fail_output(&err);
  if (file && (nm_output_close(file, request->table, &err) != NM_OK ||
               (code != NM_EXIT_INTERRUPTED && nm_output_commit(&out, &err) != NM_OK)))
    code = nm_message_fail_output(&err);
  nm_output_discard(&out);
  return code;
}

static bool make_folder(const char *path, NmError *err)
{
  if (!path || mkdir(path, 0777) == 0 || errno == EEXIST) return true;
  nm_error_set(err, NM_ERR_IO, "cannot make the folder %s: %s", path, strerror(errno));
  return false;
}

int nm_emotion_run_batch(const NmEmotionRequest *request, const char *listener, int n_threads)
{
  NmError err = {0};
  NmEar ear;
  int code = NM_EXIT_DONE;
  if (!check_names(request)) return NM_EXIT_USAGE;
  if (!make_folder(request->folder, &err)) return nm_message_fail_output(&err);
  if (nm_ear_open(&ear, listener, n_threads, &err) != NM_OK)
    code = nm_message_fail_input(&err);
  else
    code = write_table(request, &ear);
  nm_ear_close(&ear);
  return code;
}
