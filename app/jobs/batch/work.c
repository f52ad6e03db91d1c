// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/jobs/batch/facts.h"
#include "app/jobs/batch/state.h"
#include "app/jobs/batch/text.h"
#include "app/jobs/batch/words.h"

enum { N_WORDS_MAX = 2 * NM_BATCH_WORDS_MAX + 16 };

typedef struct {
  const NmBatchWork *work;
  json_t *result, *outputs, *stages;
  char *argv[N_WORDS_MAX];
  int argc;
} Worker;

static const char *get_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int fail_memory(void)
{
  return nm_message_fail(NM_EXIT_FAILED, "out of memory");
}

// --- the command line of a stage, which is run in the folder of its number ---

NM_PRINTF(2, 3) static void add(Worker *w, const char *fmt, ...)
{
  va_list args;
  char *text = NULL;
  va_start(args, fmt);
  if (vasprintf(&text, fmt, args) < 0) text = NULL;
  va_end(args);
  if (!text || w->argc == N_WORDS_MAX - 1) _exit(fail_memory());
  w->argv[w->argc++] = text; // as long as the process
}

// "{}" is the input's path without its ending; relative to where batch was started.
static char *resolve(const Worker *w, const char *value)
{
  const char *place = strstr(value, "{}"), *input = w->work->job->input, *dot = strrchr(get_name(input), '.');
  const int n_input = dot && dot > get_name(input) ? (int)(dot - input) : (int)strlen(input);
  char *whole = NULL, *path = NULL;
  const int n = place ? asprintf(&whole, "%.*s%.*s%s", (int)(place - value), value, n_input, input, place + 2)
                      : asprintf(&whole, "%s", value);
  if (n < 0) _exit(fail_memory());
  if (*whole == '/' || !strcmp(whole, "-")) return whole;
  if (asprintf(&path, "%s/%s", w->work->folder_start, whole) < 0) _exit(fail_memory());
  free(whole);
  return path;
}

static const char *find_written(const Worker *w, int stage, int arg)
{
  for (int i = 0; i < w->work->plan->n; ++i) {
    const NmBatchOutput *out = &w->work->plan->outputs[i];
    if (out->stage == stage && out->arg == arg) return out->work;
  }
  return NULL;
}

static const char *get_flow(const Worker *w, int stage)
{
  return get_name(stage ? w->work->plan->flows[stage - 1]->work : w->work->job->input);
}

static bool has_option(const NmBatchStage *stage, const char *name)
{
  for (int i = 0; i < stage->n_args; ++i)
    if (stage->args[i].option && !strcmp(stage->args[i].option, name)) return true;
  return false;
}

static bool knows_option(const NmCommand *command, const char *name)
{
  const NmOption *option;
  for (int i = 0; (option = nm_command_get_option(command, i)); ++i)
    if (!strcmp(option->name, name)) return true;
  return false;
}

static void add_option(Worker *w, int k, int i)
{
  const NmBatchArg *arg = &w->work->chain->stages[k].args[i];
  if (!arg->option || !strcmp(arg->option, ">")) return;
  if (!arg->value)
    add(w, "--%s", arg->option);
  else if (arg->role == NM_BATCH_WRITES)
    add(w, "--%s=../%s", arg->option, find_written(w, k, i));
  else
    add(w, "--%s=%s", arg->option, arg->role == NM_BATCH_READS ? resolve(w, arg->value) : arg->value);
}

static void make_line(Worker *w, int k)
{
  const NmBatchStage *stage = &w->work->chain->stages[k];
  w->argc = 0;
  add(w, "neume");
  add(w, "%s", stage->name);
  for (int i = 0; i < stage->n_args; ++i) add_option(w, k, i);
  if (stage->arg_flow < 0) add(w, "--%s=../%s", stage->ending->option, find_written(w, k, -1));
  if (w->work->n_threads && knows_option(stage->command, "threads") && !has_option(stage, "threads"))
    add(w, "--threads=%d", w->work->n_threads);
  add(w, "--");
  for (int i = 0; i < stage->n_args; ++i) {
    const NmBatchArg *arg = &stage->args[i];
    if (!arg->option) add(w, "%s", arg->role == NM_BATCH_FLOW ? get_flow(w, k) : resolve(w, arg->value));
  }
  w->argv[w->argc] = NULL;
}

// --- stages ---

static bool open_as(int fd_target, const char *path, int flags)
{
  const int fd = open(path, flags | O_CLOEXEC, 0666);
  const bool done = fd >= 0 && dup2(fd, fd_target) >= 0;
  if (fd >= 0 && fd != fd_target) close(fd);
  return done;
}

static bool direct_output(const Worker *w, int k)
{
  const NmBatchStage *stage = &w->work->chain->stages[k];
  char path[PATH_MAX];
  for (int i = 0; i < stage->n_args; ++i) {
    if (!stage->args[i].option || strcmp(stage->args[i].option, ">")) continue;
    snprintf(path, sizeof path, "../%s", find_written(w, k, i));
    return open_as(STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC);
  }
  return open_as(STDOUT_FILENO, "/dev/null", O_WRONLY);
}

static int run_stage(Worker *w, int k)
{
  const NmBatchStage *stage = &w->work->chain->stages[k];
  char path_out[PATH_MAX];
  if (!direct_output(w, k))
    return nm_message_fail(NM_EXIT_FAILED, "%s: cannot write its output: %s", stage->name, strerror(errno));
  if (!stage->command) {
    const char *out = find_written(w, k, stage->arg_flow);
    snprintf(path_out, sizeof path_out, "../%s", out);
    return w->work->runner->run_plugin(stage, get_flow(w, k), path_out);
  }
  make_line(w, k);
  nm_message_set_quiet(false);
  const int code = w->work->runner->run(w->argc, w->argv);
  if (!fflush(stdout) && !ferror(stdout)) return code;
  return code ? code : nm_message_fail(NM_EXIT_FAILED, "%s: its output cannot be written", stage->name);
}

static bool make_folders(const Worker *w, int k)
{
  char path[PATH_MAX];
  NmError err;
  for (int i = 0; i < w->work->plan->n; ++i) {
    const NmBatchOutput *out = &w->work->plan->outputs[i];
    if (out->stage != k) continue;
    const int n = snprintf(path, sizeof path, "%s/%s", w->work->folder_work, out->work);
    if (n >= (int)sizeof path || nm_batch_make_folders(path, &err)) return false;
  }
  const int n = snprintf(path, sizeof path, "%s/%d", w->work->folder_work, k);
  return n < (int)sizeof path && !chdir(path);
}

// A command that answers "done" need not have written what the next one reads.
static int check_written(const Worker *w, int k)
{
  char path[PATH_MAX];
  for (int i = 0; i < w->work->plan->n; ++i) {
    const NmBatchOutput *out = &w->work->plan->outputs[i];
    snprintf(path, sizeof path, "../%s", out->work);
    if (out->stage == k && access(path, F_OK))
      return nm_message_fail(NM_EXIT_FAILED, "%s was not written", get_name(out->work));
  }
  return NM_EXIT_DONE;
}

static int do_stage(Worker *w, int k)
{
  const double start = nm_clock_now();
  const char *name = w->work->chain->stages[k].name;
  atomic_store(&w->work->shared->stage, k);
  if (!make_folders(w, k))
    return nm_message_fail(NM_EXIT_FAILED, "cannot make a work folder: %s", strerror(errno));
  int code = run_stage(w, k);
  if (!code) code = check_written(w, k);
  json_array_append_new(w->stages, json_pack("{s:o?, s:f}", "name", nm_batch_text_encode(name), "seconds",
                                             nm_clock_now() - start));
  return code;
}

// --- the input, and what came out ---

// The first stage finds its input under its own name in its folder, so that what it says of it, in messages
// and outputs, does not depend on where all this is done.
static int take_input(Worker *w)
{
  char path[PATH_MAX];
  NmError err = {0};
  const char *input = w->work->job->input;
  char *whole = NULL;
  const bool is_whole = *input == '/';
  if (asprintf(&whole, "%s%s%s", is_whole ? "" : w->work->folder_start, is_whole ? "" : "/", input) < 0)
    return fail_memory();
  if (nm_batch_facts_add(w->result, whole, false, &err))
    return nm_message_fail(NM_EXIT_INPUT, "cannot be read%s", strrchr(err.message, ':'));
  snprintf(path, sizeof path, "%s/0", w->work->folder_work);
  if (mkdir(path, 0777) || chdir(path) || symlink(whole, get_name(input)))
    return nm_message_fail(NM_EXIT_FAILED, "cannot make a work folder: %s", strerror(errno));
  free(whole);
  return NM_EXIT_DONE;
}

static int tell_output(Worker *w, const char *path, const char *work);

static int tell_folder(Worker *w, const char *path, const char *work)
{
  struct dirent **entries = NULL;
  int code = NM_EXIT_DONE;
  const int n = scandir(work, &entries, NULL, alphasort);
  for (int i = 0; i < n; ++i) {
    char *path_one = NULL, *work_one = NULL;
    const char *name = entries[i]->d_name;
    const bool is_file = strcmp(name, ".") && strcmp(name, "..");
    if (is_file && !code) {
      if (asprintf(&path_one, "%s/%s", path, name) < 0 || asprintf(&work_one, "%s/%s", work, name) < 0)
        code = fail_memory();
      else
        code = tell_output(w, path_one, work_one);
      free(path_one);
      free(work_one);
    }
    free(entries[i]);
  }
  free(entries);
  return n < 0 ? nm_message_fail(NM_EXIT_FAILED, "cannot read %s: %s", work, strerror(errno)) : code;
}

static int tell_output(Worker *w, const char *path, const char *work)
{
  struct stat info;
  NmError err = {0};
  if (!lstat(work, &info) && S_ISDIR(info.st_mode)) return tell_folder(w, path, work);
  json_t *output =
      json_pack("{s:o?, s:o?}", "path", nm_batch_text_encode(path), "work", nm_batch_text_encode(work));
  if (nm_batch_facts_add(output, work, true, &err)) {
    json_decref(output);
    return nm_message_fail(NM_EXIT_FAILED, "%s was not written%s", get_name(path), strrchr(err.message, ':'));
  }
  json_array_append_new(w->outputs, output);
  return NM_EXIT_DONE;
}

static int tell_outputs(Worker *w)
{
  int code = chdir(w->work->folder_work) ? NM_EXIT_FAILED : NM_EXIT_DONE;
  for (int i = 0; i < w->work->plan->n && !code; ++i) {
    const NmBatchOutput *out = &w->work->plan->outputs[i];
    atomic_store(&w->work->shared->stage, out->stage);
    if (out->path) code = tell_output(w, out->path, out->work);
  }
  if (!code && json_dump_file(w->result, "result", JSON_COMPACT))
    code = nm_message_fail(NM_EXIT_FAILED, "cannot write the result: %s", strerror(errno));
  return code;
}

static bool set_limits(const NmBatchWork *work)
{
  const struct rlimit none = {0, 0};
  const struct rlimit memory = {(rlim_t)work->memory_bytes, (rlim_t)work->memory_bytes};
  setrlimit(RLIMIT_CORE, &none); // ten thousand of them would fill a disk
  return !work->memory_bytes || !setrlimit(RLIMIT_DATA, &memory);
}

static int do_all(Worker *w)
{
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/log", w->work->folder_work);
  if (!open_as(STDIN_FILENO, "/dev/null", O_RDONLY) || !open_as(STDOUT_FILENO, "/dev/null", O_WRONLY) ||
      !open_as(STDERR_FILENO, path, O_WRONLY | O_CREAT | O_APPEND) || !set_limits(w->work))
    return NM_EXIT_FAILED;
  w->outputs = json_array();
  w->stages = json_array();
  w->result = json_pack("{s:o?, s:o?}", "outputs", w->outputs, "stages", w->stages);
  if (!w->result) return fail_memory();
  int code = take_input(w);
  for (int k = 0; k < w->work->chain->n && !code; ++k) code = do_stage(w, k);
  return code ? code : tell_outputs(w);
}

_Noreturn void nm_batch_work(const NmBatchWork *work)
{
  static Worker worker; // too large for a stack of unknown size
  worker.work = work;
  _exit(do_all(&worker));
}
