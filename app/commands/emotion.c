// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands/commands.h"
#include "app/commands/emotion_request.h"
#include "dsp/audio_file.h"

static const NmOption options[] = {
    {"output", 'o', "FILE", "write to FILE, by its ending; may be repeated (- is standard output)"},
    {"format", 0, "FORMAT", "csv (default), json, jams, labels, summary or png, on standard output"},
    {"to", 0, "FOLDER", "write a file of each sound there, in the formats of --format (may be repeated)"},
    {"summary", 's', NULL, "tell in words: as --format summary"},
    {"json", 0, NULL, "for machines: as --format json; of several files a line for each"},
    {"segments", 0, NULL, "find where the mood changes: CSV is then a table of segments"},
    {"change", 0, "X", "how far apart moods must be, over ten seconds, to be two (default 0.15)"},
    {"listener", 0, "FILE", "as one person hears it (neume listener)"},
    {"live", 0, NULL, "listen to the microphone, until Ctrl-C"},
    {"seconds", 0, "N", "listen no longer than this"},
    {"raw", 0, "ENCODING", "the sound is bare samples: u8, s16, s24, s32, f32 or f64, little-endian"},
    {"rate", 0, "HZ", "of bare samples (default 24000)"},
    {"channels", 0, "N", "of bare samples (default 1)"},
    {"threads", 'j', "N", "threads to use; the result is the same for any number"},
    {"force", 'f', NULL, "overwrite files that exist"},
    {0}};

static const char details[] =
    "How music feels, as people on average say: for every half second its valence (unpleasant to "
    "pleasant) and its arousal (calm to excited), from -1 to 1, and how sure that is, from 0 to 1. AUDIO "
    "is any sound file, of any length, or - for standard input. Plain WAV and bare samples from a pipe "
    "are heard as they come, and rows are printed as soon as what stands around them is known, some 40 "
    "seconds later. --live prints them after some two seconds, from what is known by then; files written "
    "with -o have what was known at the end.\n\n"
    "Formats: .csv (time_s,valence,arousal,confidence), .json, .jams, .txt (labels of segments for "
    "Audacity), .summary (words), .png (a picture). Of several files a table is printed, a row for each; "
    "-o writes it to a file, .csv or .json.";

static const NmExample examples[] = {
    {"neume emotion song.mp3 -o song.png -o song.csv", "a picture, and the numbers"},
    {"neume emotion song.flac --segments", "where the mood changes"},
    {"neume emotion *.mp3 --to moods --format png --format csv", "many; prints a table, a row for each"},
    {"ffmpeg -i film.mkv -f wav - | neume emotion - > curve.csv", "streams, in constant memory"},
    {"neume emotion piece.wav --listener me.listener --summary", "as one person hears it, in words"},
    {"neume emotion --live", "the microphone"},
    {0}};

static const NmChoice choices[] = {{"output", ".csv .json .jams .txt .summary .png"},
                                   {"format", "csv json jams labels summary png"},
                                   {"raw", "u8 s16 s24 s32 f32 f64"},
                                   {"listener", ".listener"},
                                   {"", ".wav .flac .ogg .opus .mp3 .aiff"},
                                   {0}};

static bool find_format(const char *path, const NmMoodFormat **format)
{
  NmError err = {0};
  *format = nm_mood_format_find(path, &err);
  if (!*format) nm_message("%s", err.message);
  return *format != NULL;
}

static bool read_raw(NmEmotionRequest *r, const NmArgs *args)
{
  const char *encoding = nm_args_get(args, "raw");
  int64_t rate_hz = NM_SOUND_RATE_HZ, n_channels = 1;
  if (!nm_args_get_integer(args, "rate", NM_AUDIO_RATE_MIN_HZ, NM_AUDIO_RATE_MAX_HZ, &rate_hz) ||
      !nm_args_get_integer(args, "channels", 1, NM_AUDIO_CHANNELS_MAX, &n_channels))
    return false;
  r->is_raw = encoding != NULL;
  r->raw = (NmPcmFormat){.rate_hz = (int)rate_hz, .n_channels = (int)n_channels, .n_bytes = -1};
  if (encoding && !nm_pcm_find_encoding(encoding, &r->raw.encoding)) {
    nm_message("--raw wants u8, s16, s24, s32, f32 or f64, not '%s'", encoding);
    return false;
  }
  if (encoding || (!nm_args_has(args, "rate") && !nm_args_has(args, "channels"))) return true;
  nm_message("--rate and --channels are of bare samples: --raw says of which encoding");
  return false;
}

static const char *get_format_name(const NmArgs *args, int i)
{
  const char *name = nm_args_get_nth(args, "format", i);
  if (name || i > 0) return name;
  if (nm_args_has(args, "summary")) return "summary";
  return nm_args_has(args, "json") ? "json" : NULL;
}

// For --to: a file of each format that was asked for.
static bool read_formats(NmEmotionRequest *r, const NmArgs *args)
{
  const char *name = nm_args_get_nth(args, "format", 0);
  for (int i = 0; i == 0 || name; name = nm_args_get_nth(args, "format", ++i)) {
    if (r->n_outputs == NM_EMOTION_OUTPUTS_MAX) break;
    if (!find_format(name ? name : "csv", &r->outputs[r->n_outputs++].format)) return false;
  }
  return true;
}

static bool add_output(NmEmotionRequest *r, const char *path, const char *format)
{
  NmEmotionOutputFile *out = &r->outputs[r->n_outputs];
  if (!strcmp(path, "-")) return find_format(format ? format : "csv", &r->stream);
  if (r->n_outputs == NM_EMOTION_OUTPUTS_MAX) {
    nm_message("-o can be given %d times at most", NM_EMOTION_OUTPUTS_MAX);
    return false;
  }
  out->path = path;
  ++r->n_outputs;
  return find_format(path, &out->format);
}

static bool read_outputs_of_one(NmEmotionRequest *r, const NmArgs *args)
{
  const char *path, *format = get_format_name(args, 0);
  if (nm_args_get_nth(args, "format", 1)) {
    nm_message("one --format for standard output; others go to files, -o song.png, or with --to a folder");
    return false;
  }
  for (int i = 0; (path = nm_args_get_nth(args, "output", i)); ++i)
    if (!add_output(r, path, format)) return false;
  if (r->n_outputs == 0 || format || r->is_live)
    if (!find_format(format ? format : "csv", &r->stream)) return false;
  if (!r->stream || strcmp(r->stream->name, "png") || !isatty(STDOUT_FILENO)) return true;
  nm_message("standard output is a terminal; name a file after -o, or pipe the picture");
  return false;
}

static bool read_outputs_of_many(NmEmotionRequest *r, const NmArgs *args)
{
  const NmMoodFormat *format = NULL;
  const char *table = nm_args_get(args, "output");
  if (!r->folder && nm_args_has(args, "format")) {
    nm_message("--format of several files needs a folder to write them in: --to FOLDER");
    return false;
  }
  r->table_kind = nm_args_has(args, "json")      ? NM_TABLE_JSON
                  : nm_args_has(args, "summary") ? NM_TABLE_TEXT
                                                 : NM_TABLE_CSV;
  r->table = table && strcmp(table, "-") ? table : NULL;
  if (!r->table) return true;
  if (nm_args_get_nth(args, "output", 1)) {
    nm_message("of several files -o writes one table; --to FOLDER writes a file of each");
    return false;
  }
  if (!find_format(r->table, &format)) return false;
  if (!strcmp(format->name, "json")) r->table_kind = NM_TABLE_JSON;
  if (!strcmp(format->name, "json") || !strcmp(format->name, "csv")) return true;
  if (!strcmp(format->name, "labels") || !strcmp(format->name, "summary")) {
    r->table_kind = NM_TABLE_TEXT;
    return true;
  }
  nm_message("the table of several files is written as .csv, .json or .txt, not as %s", r->table);
  return false;
}

static bool read_inputs(NmEmotionRequest *r, const NmArgs *args)
{
  int n_streams = 0;
  r->inputs = args->operands;
  r->n_inputs = args->n_operands;
  for (int i = 0; i < r->n_inputs; ++i) n_streams += !strcmp(r->inputs[i], "-");
  if (r->is_live && r->n_inputs) {
    nm_message("--live listens to the microphone, and to no file");
    return false;
  }
  if (!r->is_live && !r->n_inputs) {
    nm_message("emotion takes sound files; neume emotion --help shows how");
    return false;
  }
  if (n_streams > 1) nm_message("standard input can be heard once");
  return n_streams <= 1;
}

bool nm_emotion_request_read(NmEmotionRequest *r, const NmArgs *args)
{
  *r = (NmEmotionRequest){.folder = nm_args_get(args, "to"),
                          .is_live = nm_args_has(args, "live"),
                          .wants_segments = nm_args_has(args, "segments") || nm_args_has(args, "change"),
                          .force = nm_args_has(args, "force"),
                          .change = .15};
  if (!nm_args_get_number(args, "change", .01, 2, &r->change) ||
      !nm_args_get_number(args, "seconds", .5, 1e7, &r->seconds) || !read_raw(r, args) ||
      !read_inputs(r, args))
    return false;
  r->is_batch = r->n_inputs > 1 || r->folder;
  if (!r->is_batch) return read_outputs_of_one(r, args);
  return (!r->folder || read_formats(r, args)) && read_outputs_of_many(r, args);
}

static int run(const NmArgs *args)
{
  NmEmotionRequest request;
  int64_t n_threads = 0;
  const char *listener = nm_args_get(args, "listener");
  if (!nm_emotion_request_read(&request, args) || !nm_args_get_integer(args, "threads", 1, 256, &n_threads))
    return NM_EXIT_USAGE;
  return request.is_batch ? nm_emotion_run_batch(&request, listener, (int)n_threads)
                          : nm_emotion_run_one(&request, listener, (int)n_threads);
}

const NmCommand nm_command_emotion = {.name = "emotion",
                                      .operands = "AUDIO...",
                                      .summary = "what music feels like, moment by moment",
                                      .details = details,
                                      .group = "How music feels",
                                      .examples = examples,
                                      .choices = choices,
                                      .options = options,
                                      .run = run};
