// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/commands/commands.h"
#include "app/commands/project_options.h"
#include "app/document/edits.h"
#include "app/formats/render_report.h"
#include "app/interrupt.h"
#include "app/jobs/render.h"
#include "app/message.h"
#include "app/progress.h"
#include "models/harmony/mood.h"

static const NmOption options[] = {
    {"output", 'o', "DIR", "the folder for all files (default: the project's name without its ending)"},
    {"backing", 'b', NULL, "with a band, even if the project has none"},
    {"mood", 0, "MOOD",
     "of the band: calm bright dark driving sad solemn, or valence,arousal (brings a band)"},
    {"set", 0, "NAME=VALUE",
     "another value than the project's, by its place there: voice/speaker=philipp mix/voice_db=3 (may be "
     "repeated)"},
    {"format", 0, "ENDING", "of the mix: .wav (default) .flac .ogg .opus"},
    {"no-stems", 0, NULL, "the mix alone, without the parts it is made of"},
    {"no-emotion", 0, NULL, "without how it feels"},
    {"recover", 0, NULL, "with the changes that a crashed session did not save"},
    {"cache", 0, "DIR", "where phrases that were sung are kept (default: ~/.cache/neume/phrases)"},
    {"cache-size", 0, "MB", "what is not used longest goes when there is more (default 512)"},
    {"no-cache", 0, NULL, "sing everything anew, keep nothing"},
    {"stats", 0, NULL, "tell what was sung anew, what was found, and how long it took (on stderr)"},
    {"json", 0, NULL, "print the same, and the files, as JSON"},
    {"lexicon", 'l', "FILE", "your own pronunciations: word, then phones; may be repeated"},
    {"threads", 'j', "N", "threads to use; the result is the same for any number"},
    {"force", 'f', NULL, "overwrite files that exist"},
    {0}};

static const char details[] =
    "Makes everything of a project: the mix (stereo, 48000 per second) and its stems, when each phone, "
    "syllable, "
    "word and line is sung (.json .TextGrid .srt .vtt .lrc .txt), the song for other programs (.musicxml "
    ".mid), and "
    "how it feels (.csv .png). How it is sung and played stands in the project; other songs (.musicxml .mid "
    ".abc) "
    "are sung as usual. The same project gives the same bytes, and a phrase that did not change is not sung "
    "again.";

static const NmExample examples[] = {
    {"neume render song.neume -o out", "everything into a folder"},
    {"neume render song.neume -o band --mood bright --set mix/voice_db=2", "with a band, and a louder voice"},
    {"neume render song.neume -o out --force --stats", "again, after a change: only what changed is sung"},
    {0}};

static const NmVariable environment[] = {
    {"NEUME_SOUNDFONT",
     "the soundfont of the accompaniment, .sf2 or .sf3 (default: the first of Debian's that is there)"},
    {"XDG_CACHE_HOME", "where the folder neume/phrases keeps what was sung (default: ~/.cache)"},
    {0}};

static const NmChoice choices[] = {{"format", ".wav .flac .ogg .opus"},
                                   {"mood", "calm bright dark driving sad solemn"},
                                   {"", ".neume .musicxml .mxl .mid .abc"},
                                   {0}};

typedef struct {
  NmRenderRequest render;
  const char *path, *cache;
  char *name, *folder; // owned
  int64_t n_cache_mb, n_threads;
  bool recover, no_cache, stats, json;
} Request;

// --- options ---

static const char *find_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// "song" of "songs/song.neume".
static bool name_files(Request *request, const char *folder)
{
  const char *name = find_name(request->path), *dot = strrchr(name, '.');
  const size_t len = dot && dot > name ? (size_t)(dot - name) : strlen(name);
  const size_t len_path = (size_t)(name - request->path) + len;
  request->name = strndup(name, len);
  request->folder = folder ? strdup(folder) : strndup(request->path, len_path);
  request->render.name = request->name;
  request->render.folder = request->folder;
  return request->name && request->folder;
}

static bool read_format(const NmArgs *args, NmRenderRequest *render)
{
  static const char *const endings[] = {".wav", ".flac", ".ogg", ".opus"};
  const char *format = nm_args_get(args, "format");
  for (size_t i = 0; format && i < sizeof endings / sizeof *endings; ++i)
    if (!strcasecmp(format, endings[i]) || !strcasecmp(format, endings[i] + 1)) {
      render->ending = endings[i];
      return true;
    }
  if (format) nm_message("--format '%s' is unknown; there are .wav, .flac, .ogg and .opus", format);
  return !format;
}

static void show_progress(void *user, const char *what, double done)
{
  if (done < 1)
    nm_progress_show(what, done, 1);
  else
    nm_progress_clear();
}

static void warn(void *user, const char *message)
{
  const Request *request = user;
  nm_message_warning("%s: %s", request->path, message);
}

static bool read_request(const NmArgs *args, Request *request)
{
  *request = (Request){.render = nm_render_defaults(),
                       .path = args->operands[0],
                       .cache = nm_args_get(args, "cache"),
                       .n_cache_mb = 512,
                       .recover = nm_args_has(args, "recover"),
                       .no_cache = nm_args_has(args, "no-cache"),
                       .stats = nm_args_has(args, "stats"),
                       .json = nm_args_has(args, "json")};
  NmRenderRequest *render = &request->render;
  render->stems = !nm_args_has(args, "no-stems");
  render->emotion = !nm_args_has(args, "no-emotion");
  render->force = nm_args_has(args, "force");
  render->cancel = nm_interrupt_get_flag();
  render->progress = show_progress;
  render->note = warn;
  render->user = request;
  if (!nm_args_get_integer(args, "cache-size", 1, 1 << 20, &request->n_cache_mb) ||
      !nm_args_get_integer(args, "threads", 1, 256, &request->n_threads) || !read_format(args, render))
    return false;
  render->n_threads = (int)request->n_threads;
  if (!strcmp(request->path, "-")) {
    nm_message("render takes a file, not standard input");
    return false;
  }
  return true;
}

// --- what is asked for in place of the project's own ---

// What the schema leaves open: moods are names or numbers.
static bool check_value(const char *place, const json_t *value)
{
  NmBandMood mood;
  if (strcmp(place, "/backing/mood") || !json_is_string(value) ||
      nm_mood_parse(json_string_value(value), &mood))
    return true;
  nm_message(
      "mood '%s' is unknown; there are calm, bright, dark, driving, sad, solemn, or two numbers from -1 "
      "to 1 such as 0.4,-0.2",
      json_string_value(value));
  return false;
}

static bool set_value(NmDocument *doc, const char *place, json_t *value)
{
  NmError err = {0};
  if (!check_value(place, value)) {
    json_decref(value);
    return false;
  }
  if (nm_edit_set_value(doc, place, value, &err) == NM_OK) return true;
  nm_message("%s", err.message);
  return false;
}

// "voice/as=0.5": what reads as JSON is that, all else a text.
static bool set_named(NmDocument *doc, const char *text)
{
  char place[256];
  const char *equals = strchr(text, '=');
  const int n =
      equals ? snprintf(place, sizeof place, "%s%.*s", *text == '/' ? "" : "/", (int)(equals - text), text)
             : -1;
  if (n < 2 || n >= (int)sizeof place) {
    nm_message("--set '%s' is no NAME=VALUE, such as mix/voice_db=3", text);
    return false;
  }
  json_t *value = json_loads(equals + 1, JSON_DECODE_ANY, NULL);
  return set_value(doc, place, value ? value : json_string(equals + 1));
}

static bool change(const NmArgs *args, NmDocument *doc)
{
  const char *mood = nm_args_get(args, "mood"), *text;
  if ((mood || nm_args_has(args, "backing")) && !set_value(doc, "/backing/on", json_true())) return false;
  if (mood && !set_value(doc, "/backing/mood", json_string(mood))) return false;
  for (int i = 0; (text = nm_args_get_nth(args, "set", i)); ++i)
    if (!set_named(doc, text)) return false;
  return true;
}

// --- work ---

static int report(const Request *request, const NmRenderStats *stats)
{
  NmError err = {0};
  const NmCacheStats cache = nm_cache_get_stats(request->render.cache);
  if (request->stats) nm_render_report_print(stats, &cache, stderr);
  if (!request->json) return NM_EXIT_DONE;
  const NmStatus status = nm_render_report_write(stats, &cache, request->folder, stdout, &err);
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int fail(const Request *request, const NmError *err)
{
  switch (err->status) {
  case NM_ERR_IO: return nm_message_fail_output(err);
  case NM_ERR_BAD_ARG:
  case NM_ERR_BAD_DATA:
  case NM_ERR_UNSUPPORTED: return nm_message_fail(NM_EXIT_INPUT, "%s: %s", request->path, err->message);
  default: return nm_message_fail_input(err);
  }
}

static void open_cache(Request *request)
{
  NmError err = {0};
  if (request->no_cache) return;
  request->render.cache = nm_cache_new(request->cache, request->n_cache_mb << 20, &err);
  if (!request->render.cache) nm_message_warning("%s; everything is sung anew", err.message);
}

static int render(Request *request, NmSpeech *speech, const NmDocument *doc)
{
  NmError err = {0};
  NmRenderStats stats;
  open_cache(request);
  const NmStatus status = nm_render_run(speech, doc, &request->render, &stats, &err);
  const int code = status ? fail(request, &err) : report(request, &stats);
  nm_cache_free(request->render.cache);
  return code;
}

static int open_voice(const NmArgs *args, const Request *request, NmSpeech *speech)
{
  NmError err = {0};
  const char *path;
  if (nm_speech_open(speech, (int)request->n_threads, &err)) return nm_message_fail_output(&err);
  for (int i = 0; (path = nm_args_get_nth(args, "lexicon", i)); ++i)
    if (nm_text_add_user_lexicon(speech->text, path, &err)) {
      nm_speech_close(speech);
      return nm_message_fail_input(&err);
    }
  return NM_EXIT_DONE;
}

// A speaker that --set names, which only the voice knows.
static bool check_speaker(const NmArgs *args, const NmDocument *doc, const NmSpeech *speech)
{
  NmError err = {0};
  const char *text, *speaker = json_string_value(nm_document_get(doc, "/voice/speaker"));
  for (int i = 0; speaker && (text = nm_args_get_nth(args, "set", i)); ++i)
    if (strstr(text, "speaker=") && nm_speech_find_speaker(speech, speaker, &err) < 0) {
      nm_message("%s", err.message);
      return false;
    }
  return true;
}

static int work(const NmArgs *args, Request *request)
{
  NmError err = {0};
  NmSpeech speech;
  NmDocument *doc = nm_project_options_open(request->path, NULL, request->recover, NULL, &err);
  if (!doc && err.status == NM_ERR_BAD_ARG) return nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  if (!doc) return nm_message_fail_input(&err);
  int code = change(args, doc) ? open_voice(args, request, &speech) : NM_EXIT_USAGE;
  if (code == NM_EXIT_DONE) {
    code = check_speaker(args, doc, &speech) ? render(request, &speech, doc) : NM_EXIT_USAGE;
    nm_speech_close(&speech);
  }
  nm_document_free(doc);
  return code;
}

static int run(const NmArgs *args)
{
  Request request;
  if (args->n_operands != 1)
    return nm_message_fail(NM_EXIT_USAGE, "render takes one project; neume render --help tells more");
  if (!read_request(args, &request)) return NM_EXIT_USAGE;
  int code = NM_EXIT_FAILED;
  if (name_files(&request, nm_args_get(args, "output")))
    code = work(args, &request);
  else
    nm_message("out of memory");
  free(request.name);
  free(request.folder);
  return code;
}

const NmCommand nm_command_render = {.name = "render",
                                     .operands = "PROJECT",
                                     .summary = "everything of a project into a folder",
                                     .details = details,
                                     .examples = examples,
                                     .choices = choices,
                                     .environment = environment,
                                     .options = options,
                                     .run = run};
