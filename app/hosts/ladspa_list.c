// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/hosts/ladspa_plugin.h"
#include "app/message.h"

#define RATE_HZ 48000. // bounds that depend on the rate are shown for this one

typedef struct {
  const char *word;
  bool json;
  FILE *file;
  int n;
} List;

static bool is_wanted(const LADSPA_Descriptor *d, const char *word)
{
  char id[32];
  snprintf(id, sizeof id, "%lu", d->UniqueID);
  return !word || strcasestr(d->Label, word) || strcasestr(d->Name, word) || !strcmp(id, word);
}

static int count_audio(const LADSPA_Descriptor *d, int direction)
{
  int n = 0;
  for (unsigned long i = 0; i < d->PortCount; ++i)
    n += LADSPA_IS_PORT_AUDIO(d->PortDescriptors[i]) && (d->PortDescriptors[i] & direction);
  return n;
}

static bool is_control(const LADSPA_Descriptor *d, unsigned long i)
{
  return LADSPA_IS_PORT_CONTROL(d->PortDescriptors[i]) && LADSPA_IS_PORT_INPUT(d->PortDescriptors[i]);
}

static void print_text(const LADSPA_Descriptor *d, FILE *file)
{
  double low, high;
  fprintf(file, "%s (%lu): %s, %d in, %d out\n", d->Label, d->UniqueID, d->Name,
          count_audio(d, LADSPA_PORT_INPUT), count_audio(d, LADSPA_PORT_OUTPUT));
  for (unsigned long i = 0; i < d->PortCount; ++i) {
    if (!is_control(d, i)) continue;
    const int hint = d->PortRangeHints[i].HintDescriptor;
    fprintf(file, "    #%-3lu %s", i, d->PortNames[i]);
    if (LADSPA_IS_HINT_TOGGLED(hint)) fprintf(file, ", on or off");
    if (nm_ladspa_get_low(d, i, RATE_HZ, &low)) fprintf(file, ", from %g", low);
    if (nm_ladspa_get_high(d, i, RATE_HZ, &high)) fprintf(file, ", to %g", high);
    fprintf(file, ", usually %g%s\n", (double)nm_ladspa_get_default(d, i, RATE_HZ),
            LADSPA_IS_HINT_SAMPLE_RATE(hint) ? " (at 48 kHz)" : "");
  }
}

static json_t *describe_control(const LADSPA_Descriptor *d, unsigned long i)
{
  double low, high;
  const int hint = d->PortRangeHints[i].HintDescriptor;
  json_t *control = json_pack(
      "{s:I, s:s*, s:f, s:b, s:b, s:b}", "port", (json_int_t)i, "name", d->PortNames[i], "default",
      (double)nm_ladspa_get_default(d, i, RATE_HZ), "integer", LADSPA_IS_HINT_INTEGER(hint) != 0, "toggled",
      LADSPA_IS_HINT_TOGGLED(hint) != 0, "of_rate", LADSPA_IS_HINT_SAMPLE_RATE(hint) != 0);
  if (nm_ladspa_get_low(d, i, RATE_HZ, &low)) json_object_set_new(control, "low", json_real(low));
  if (nm_ladspa_get_high(d, i, RATE_HZ, &high)) json_object_set_new(control, "high", json_real(high));
  return control;
}

static void print_json(const LADSPA_Descriptor *d, const char *path, FILE *file)
{
  json_t *controls = json_array();
  for (unsigned long i = 0; i < d->PortCount; ++i)
    if (is_control(d, i)) json_array_append_new(controls, describe_control(d, i));
  json_t *line = json_pack("{s:s*, s:I, s:s*, s:s*, s:s*, s:i, s:i, s:o}", "label", d->Label, "id",
                           (json_int_t)d->UniqueID, "name", d->Name, "maker", d->Maker, "library", path,
                           "inputs", count_audio(d, LADSPA_PORT_INPUT), "outputs",
                           count_audio(d, LADSPA_PORT_OUTPUT), "controls", controls);
  json_dumpf(line, file, JSON_COMPACT | JSON_REAL_PRECISION(7));
  fputc('\n', file);
  json_decref(line);
}

// The number of plug-ins that were printed is the exit code, as far as that goes.
static _Noreturn void list_apart(const char *path, const List *list)
{
  int n = 0;
  const LADSPA_Descriptor *d;
  void *library = nm_ladspa_library_open(path);
  for (unsigned long i = 0; (d = nm_ladspa_library_get(library, i)); ++i) {
    if (!is_wanted(d, list->word)) continue;
    if (list->json)
      print_json(d, path, list->file);
    else
      print_text(d, list->file);
    ++n;
  }
  fflush(list->file);
  _exit(n < 255 ? n : 255);
}

static bool list_library(const char *path, void *user)
{
  List *list = user;
  int state;
  fflush(list->file);
  const pid_t child = fork();
  if (!child) list_apart(path, list);
  if (child < 0) return false;
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) continue;
  if (WIFSIGNALED(state)) nm_message_warning("%s crashes when it is looked at; remove it", path);
  if (WIFEXITED(state)) list->n += WEXITSTATUS(state);
  return true;
}

NmStatus nm_ladspa_list(const char *word, bool json, FILE *file, int *n, NmError *err)
{
  List list = {word, json, file, 0};
  nm_ladspa_visit_libraries(list_library, &list);
  *n = list.n;
  if (list.n) return NM_OK;
  return nm_error_set(err, NM_ERR_IO,
                      "no LADSPA plug-in%s%.60s was found in %.200s (Debian's packages: swh-plugins, "
                      "tap-plugins, cmt, caps)",
                      word ? " like " : "", word ? word : "", nm_ladspa_get_path());
}
