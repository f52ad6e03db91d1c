// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/commands/commands.h"
#include "app/jobs/learn.h"
#include "app/output.h"
#include "dsp/audio_file.h"
#include "dsp/base/map.h"

static const NmOption options[] = {
    {"audio", 'a', "FILE", "adapt: the clip that was listened to"},
    {"labels", 'l', "FILE", "adapt: the curve that was drawn over it: time_s,valence,arousal"},
    {"output", 'o', "FILE", "adapt: the listener to write"},
    {"force", 'f', NULL, "overwrite a file that exists"},
    {"json", 0, NULL, "show: for machines"},
    {0}};

static const char details[] =
    "A listener is one person's way of hearing: adapt learns it from one clip and the curve that this "
    "person drew over it, and neume emotion --listener uses it. The curve is a table, separated by commas "
    "or tabs, with a header that names time_s, valence and arousal (-1 to 1); what neume emotion prints "
    "is one. A listener speaks only where a sound begins with that clip: it carries on what was drawn "
    "through the rest of the same piece, and leaves other music alone.";

static const NmExample examples[] = {
    {"neume listener adapt --audio opening.wav --labels mine.csv -o me.listener",
     "learns from a curve drawn over a clip"},
    {"neume listener show me.listener", "what it holds"},
    {"neume emotion piece.wav --listener me.listener", "uses it on the rest of the piece"},
    {0}};

static const NmChoice choices[] = {{"audio", ".wav .flac .ogg .opus .mp3"},
                                   {"labels", ".csv .tsv"},
                                   {"output", ".listener"},
                                   {"", ".listener"},
                                   {0}};

// --- adapt ---

static bool read_files(const NmArgs *args, const char *paths[3])
{
  static const char *const names[] = {"audio", "labels", "output"};
  for (int i = 0; i < 3; ++i) {
    paths[i] = nm_args_get(args, names[i]);
    if (paths[i] && args->n_operands == 0) continue;
    nm_message("listener adapt takes --audio FILE, --labels FILE and -o FILE");
    return false;
  }
  return true;
}

static NmStatus read_points(const char *path, NmListenerPoints *points, NmError *err)
{
  NmMap map;
  *points = (NmListenerPoints){0};
  NmStatus status = nm_map_open(&map, path, err);
  if (status != NM_OK) return status;
  status = nm_listener_points_read(points, (const char *)map.data, map.size, path, err);
  nm_map_close(&map);
  return status;
}

static NmListener *make_listener(const float *x, int64_t n, const NmListenerPoints *points, NmError *err)
{
  const NmListenerClip clip = {x, n, points->points, points->n, NULL};
  NmEmotionModel *model = nm_learn_open_model(err);
  NmListener *listener = model ? nm_learn_listener(model, &clip, err) : NULL;
  nm_emotion_model_close(model);
  return listener;
}

static int adapt(const char *const paths[3], bool force)
{
  NmError err = {0};
  NmListenerPoints points = {0};
  NmListener *listener = NULL;
  float *x = NULL;
  int64_t n;
  int code = NM_EXIT_DONE;
  if (nm_output_check(paths[2], force, &err) != NM_OK) return nm_message_fail_output(&err);
  if (read_points(paths[1], &points, &err) != NM_OK ||
      nm_audio_load_mono(paths[0], NM_EMOTION_RATE_HZ, &x, &n, &err) != NM_OK ||
      !(listener = make_listener(x, n, &points, &err)))
    code = nm_message_fail_input(&err);
  else if (nm_listener_save(listener, paths[2], &err) != NM_OK)
    code = nm_message_fail_output(&err);
  nm_listener_free(listener);
  nm_listener_points_fini(&points);
  free(x);
  return code;
}

static int run_adapt(const NmArgs *args)
{
  const char *paths[3];
  return read_files(args, paths) ? adapt(paths, nm_args_has(args, "force")) : NM_EXIT_USAGE;
}

// --- show ---

static void print_text(const char *path, const NmListenerSummary *s)
{
  static const char *const names[2] = {"valence", "arousal"};
  printf("%s: a listener of %.1f s, for the model %s\n", path, s->seconds, s->model_hash);
  for (int d = 0; d < 2; ++d)
    printf("  %s  %+.2f on average (the model says %+.2f), %+.2f at the end, spread %.2f\n", names[d],
           s->mean[d], s->model_mean[d], s->last[d], s->spread[d]);
}

static void print_json(const NmListenerSummary *s)
{
  static const char *const names[2] = {"valence", "arousal"};
  printf("{\"model\": \"%s\", \"seconds\": %.2f", s->model_hash, s->seconds);
  for (int d = 0; d < 2; ++d)
    printf(", \"%s\": {\"mean\": %.4f, \"model_mean\": %.4f, \"last\": %.4f, \"spread\": %.4f}", names[d],
           s->mean[d], s->model_mean[d], s->last[d], s->spread[d]);
  printf("}\n");
}

static int run_show(const NmArgs *args)
{
  NmError err = {0};
  if (args->n_operands != 1) return nm_message_fail(NM_EXIT_USAGE, "listener show takes one listener file");
  NmListener *listener = nm_listener_load(args->operands[0], NULL, &err);
  if (!listener) return nm_message_fail_input(&err);
  const NmListenerSummary summary = nm_listener_get_summary(listener);
  if (nm_args_has(args, "json"))
    print_json(&summary);
  else
    print_text(args->operands[0], &summary);
  nm_listener_free(listener);
  return fflush(stdout) == 0 ? NM_EXIT_DONE
                             : nm_message_fail(NM_EXIT_FAILED, "cannot write to standard output");
}

static const NmTask tasks[] = {{"adapt", "learn from one annotated clip", run_adapt},
                               {"show", "what a listener file holds", run_show},
                               {0}};

const NmCommand nm_command_listener = {.name = "listener",
                                       .operands = "TASK [FILE]",
                                       .summary = "how one person hears music, from a curve they drew",
                                       .details = details,
                                       .examples = examples,
                                       .choices = choices,
                                       .options = options,
                                       .tasks = tasks};
