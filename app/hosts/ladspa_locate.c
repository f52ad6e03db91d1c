// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/command.h"
#include "app/hosts/ladspa_plugin.h"

enum { N_LABELS_MAX = 4096, N_NEAR_MAX = 4, LABEL_MAX = 64 };

// Where Debian has what people ask for.
static const struct {
  const char *prefix, *package;
} packages[] = {{"tap_", "tap-plugins"},
                {"amb_", "amb-plugins"},
                {"freeverb", "cmt"},
                {"lofi", "cmt"},
                {"canyon", "cmt"},
                {"Plate", "caps"},
                {"Amp", "caps"},
                {"Eq", "caps"},
                {"plate", "swh-plugins"},
                {"gverb", "swh-plugins"},
                {"sc", "swh-plugins"},
                {"mbeq", "swh-plugins"},
                {"delay", "ladspa-sdk"},
                {"amp_", "ladspa-sdk"},
                {"lpf", "ladspa-sdk"},
                {"hpf", "ladspa-sdk"},
                {"noise", "ladspa-sdk"},
                {"Chorus", "caps"},
                {"pitchScale", "swh-plugins"}};

// What goes through the pipe.
typedef struct {
  NmLadspaPlace place;
  NmError err;
} Answer;

typedef struct {
  const char *name;
  NmLadspaPlace *place;
  bool found;
  char (*labels)[LABEL_MAX]; // [n_labels] of all that was seen
  int n_labels;
} Search;

static bool is_it(const LADSPA_Descriptor *d, const char *name)
{
  char id[32];
  snprintf(id, sizeof id, "%lu", d->UniqueID);
  return !strcmp(d->Label, name) || !strcmp(id, name);
}

static bool look(const char *path, void *user)
{
  Search *s = user;
  const LADSPA_Descriptor *d;
  void *library = nm_ladspa_library_open(path);
  for (unsigned long i = 0; !s->found && (d = nm_ladspa_library_get(library, i)); ++i) {
    if (s->n_labels < N_LABELS_MAX) snprintf(s->labels[s->n_labels++], LABEL_MAX, "%s", d->Label);
    s->found = is_it(d, s->name);
    if (!s->found) continue;
    snprintf(s->place->library, sizeof s->place->library, "%s", path);
    s->place->index = i;
  }
  // It is not closed: libraries that leave something behind, such as handlers of exit, crash later.
  return !s->found;
}

static const char *find_package(const char *name)
{
  for (size_t i = 0; i < sizeof packages / sizeof *packages; ++i)
    if (!strncmp(packages[i].prefix, name, strlen(packages[i].prefix))) return packages[i].package;
  return "swh-plugins, tap-plugins, cmt or caps";
}

static NmStatus fail_missing(Search *s, NmError *err)
{
  const char *names[N_LABELS_MAX], *near;
  char list[256] = "";
  size_t n_list = 0;
  int n = s->n_labels;
  for (int i = 0; i < n; ++i) names[i] = s->labels[i];
  for (int k = 0; k < N_NEAR_MAX && n_list < sizeof list && (near = nm_nearest(s->name, names, n)); ++k) {
    n_list += (size_t)snprintf(list + n_list, sizeof list - n_list, "%s %s", k ? "," : "; near it is", near);
    int n_left = 0;
    for (int i = 0; i < n; ++i)
      if (strcmp(names[i], near)) names[n_left++] = names[i];
    n = n_left;
  }
  return nm_error_set(err, NM_ERR_BAD_ARG,
                      "no LADSPA plug-in is called '%.60s'%.200s; searched in %.150s (Debian's packages: %s)",
                      s->name, list, nm_ladspa_get_path(), find_package(s->name));
}

// What is asked of the process apart: where `name` is, or, for NULL, whether settings are right.
typedef struct {
  const char *name;
  const NmLadspaSetting *settings;
  int n;
  NmLadspaPlace place;
} Question;

static NmStatus locate(const char *name, NmLadspaPlace *place, NmError *err)
{
  Search search = {.name = name, .place = place, .labels = calloc(N_LABELS_MAX, LABEL_MAX)};
  if (!search.labels) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_ladspa_visit_libraries(look, &search);
  return search.found ? NM_OK : fail_missing(&search, err);
}

static NmStatus check(const Question *q, NmError *err)
{
  NmLadspaPlugin plugin;
  double tail_s;
  NmStatus status = nm_ladspa_plugin_open(&plugin, &q->place, err);
  float *values = status ? NULL : calloc(plugin.d->PortCount + 1, sizeof *values);
  if (!status && !values) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!status) status = nm_ladspa_set(plugin.d, q->settings, q->n, 0, values, &tail_s, err);
  if (!status && (!plugin.n_in || !plugin.n_out))
    status = nm_error_set(err, NM_ERR_BAD_ARG,
                          "ladspa:%.60s is no effect: it has %d inputs and %d outputs for sound",
                          plugin.d->Label, plugin.n_in, plugin.n_out);
  return status; // the process ends, and with it what is open
}

static bool read_answer(int fd, Answer *answer)
{
  size_t n = 0;
  while (n < sizeof *answer) {
    const ssize_t n_read = read(fd, (char *)answer + n, sizeof *answer - n);
    if (n_read < 0 && errno == EINTR) continue;
    if (n_read <= 0) return false;
    n += (size_t)n_read;
  }
  return true;
}

static _Noreturn void answer_apart(int fd, Question *q)
{
  static Answer answer;
  const char *at = (const char *)&answer;
  answer.err.status = q->name ? locate(q->name, &q->place, &answer.err) : check(q, &answer.err);
  answer.place = q->place;
  for (size_t left = sizeof answer; left;) {
    const ssize_t n_written = write(fd, at, left);
    if (n_written <= 0) break;
    at += n_written;
    left -= (size_t)n_written;
  }
  _exit(0);
}

static NmStatus ask(Question *q, NmError *err)
{
  Answer answer;
  int fds[2], state;
  if (pipe(fds)) return nm_error_set(err, NM_ERR_IO, "cannot look for plug-ins: %s", strerror(errno));
  const pid_t child = fork();
  if (!child) answer_apart(fds[1], q);
  close(fds[1]);
  const bool known = child > 0 && read_answer(fds[0], &answer);
  close(fds[0]);
  if (child > 0)
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) continue;
  if (!known)
    return nm_error_set(err, NM_ERR_IO,
                        "looking for LADSPA plug-ins crashed: a library in %.150s is broken (neume batch "
                        "--list-ladspa names it)",
                        nm_ladspa_get_path());
  if (err) *err = answer.err;
  q->place = answer.place;
  return answer.err.status;
}

NmStatus nm_ladspa_locate(const char *name, NmLadspaPlace *place, NmError *err)
{
  Question question = {.name = name};
  const NmStatus status = ask(&question, err);
  *place = question.place;
  return status;
}

NmStatus nm_ladspa_check(const NmLadspaPlace *place, const NmLadspaSetting *settings, int n, NmError *err)
{
  Question question = {.settings = settings, .n = n, .place = *place};
  return ask(&question, err);
}
