// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/commands/commands.h"
#include "app/commands/speak_jsonl.h"
#include "app/formats/prosody_values.h"
#include "app/formats/speak_report.h"
#include "app/formats/ssml.h"
#include "app/jobs/source.h"
#include "app/progress.h"

enum { N_PART = 4096 };

static const NmOption options[] = {
    {"output", 'o', "FILE",
     "write the sound to FILE: .wav .flac .ogg .opus; - streams WAV to standard output"},
    {"raw", 0, NULL, "no header: 16-bit little-endian samples, mono, 24000 per second, as they are made"},
    {"play", 'p', NULL, "play it, also when it goes to a file"},
    {"rate", 'r', "RATE", "tempo: 1.2, 120%, +20%, slow, fast; 0.1 to 10"},
    {"pitch", 0, "PITCH", "higher or lower: 3 or +3st (semitones), 120%, 180Hz, low, high"},
    {"range", 0, "RANGE", "liveliness of the melody: 0 monotone, 1 as it is, 2 lively, 50%"},
    {"energy", 0, "DB", "louder or softer: +6dB, -3"},
    {"voice", 'v', "NAME", "the speaker (neume info lists them)"},
    {"ssml", 0, NULL, "the text is SSML (known also by .ssml or a leading <speak>)"},
    {"lexicon", 'l', "FILE", "your own pronunciations: word, then phones; may be repeated"},
    {"timings", 't', "FILE",
     "when each phone, syllable and word is said: .json .TextGrid .srt .vtt .lrc .txt (Audacity labels); may "
     "be "
     "repeated"},
    {"picture", 0, "FILE.png", "draw waveform, mel spectrogram, phones and pitch"},
    {"json", 0, NULL, "print a report: phones with their spans, counts, proof, times (on stderr with -o -)"},
    {"jsonl", 0, NULL, "stay resident: one JSON request per line, one answer per line"},
    {"seed", 's', "N", "the same text and seed give the same bytes (default 0)"},
    {"threads", 'j', "N", "threads to use; the result is the same for any number"},
    {"force", 'f', NULL, "overwrite files that exist"},
    {0}};

static const char details[] =
    "The text is the argument itself, or a file of that name when there is one, or standard input (-), "
    "which is spoken sentence by sentence as it comes. Without -o it is played on a terminal and streamed "
    "as WAV into a pipe. [[HH AH0 L OW1]] in a text gives a word in ARPAbet.\n\n"
    "Requests of --jsonl: {\"id\", \"text\" or \"ssml\", \"out\", \"timings\", \"picture\", \"voice\", "
    "\"rate\", \"pitch\", \"range\", \"energy\", \"seed\", \"force\", \"raw\"}.";

static const NmExample examples[] = {
    {"neume speak \"Hello, world.\"", "plays it"},
    {"neume speak book.txt -o book.opus --timings book.srt", "a whole book, with subtitles"},
    {"fortune | neume speak - --rate 1.2 -o - | aplay", "streams sentence by sentence"},
    {"neume speak \"Slowly now\" --rate 0.8 --pitch -2st -o slow.flac", "slower, two semitones lower"},
    {"neume speak \"I said [[T AH0 M EY1 T OW0]].\" -o tomato.wav", "a word given in phones"},
    {"neume speak letter.ssml -o letter.wav --timings letter.TextGrid", "SSML, boundaries for Praat"},
    {"neume speak notes.txt --lexicon names.txt -o notes.wav", "names said your way"},
    {"neume speak --jsonl < requests.jsonl > answers.jsonl", "stays in memory, a request a line"},
    {0}};

static const NmChoice choices[] = {{"output", ".wav .flac .ogg .opus"},
                                   {"rate", "slow fast"},
                                   {"pitch", "low high"},
                                   {"voice", "@voices"},
                                   {"timings", ".json .TextGrid .srt .vtt .lrc .txt"},
                                   {"picture", ".png"},
                                   {"", ".txt .ssml .jsonl"},
                                   {0}};

static bool read_value(const NmArgs *args, const char *name, bool (*parse)(const char *, NmProsody *),
                       NmProsody *prosody)
{
  const char *text = nm_args_get(args, name);
  if (!text || parse(text, prosody)) return true;
  nm_message("--%s '%s' is not understood; neume speak --help shows how it is written", name, text);
  return false;
}

static bool read_prosody(const NmArgs *args, float voice_hz, NmProsody *prosody)
{
  const char *pitch = nm_args_get(args, "pitch");
  *prosody = nm_prosody_plain();
  if (pitch && !nm_prosody_parse_pitch(pitch, voice_hz, prosody)) {
    nm_message("--pitch '%s' is not understood; write semitones (3, -2st), 120%% or 180Hz", pitch);
    return false;
  }
  return read_value(args, "rate", nm_prosody_parse_rate, prosody) &&
         read_value(args, "range", nm_prosody_parse_range, prosody) &&
         read_value(args, "energy", nm_prosody_parse_energy, prosody);
}

static bool read_timings(const NmArgs *args, NmSpeakRequest *request)
{
  for (const char *path; (path = nm_args_get_nth(args, "timings", request->n_timings));
       request->n_timings++) {
    if (request->n_timings == NM_SPEAK_TIMINGS_MAX) {
      nm_message("--timings can be given %d times", NM_SPEAK_TIMINGS_MAX);
      return false;
    }
    request->timings[request->n_timings] = path;
  }
  return true;
}

// Where the sound goes when nobody said: the loudspeaker on a terminal, WAV into a pipe, nowhere when only
// other results were asked for.
static bool choose_output(NmSpeakRequest *request)
{
  const bool is_terminal = isatty(STDOUT_FILENO);
  const bool wants_other = request->report || request->n_timings || request->picture;
  if (request->out && !strcmp(request->out, "-") && is_terminal) {
    nm_message("standard output is a terminal; name a file after -o, or pipe it");
    return false;
  }
  if (request->out || request->play || wants_other) return true;
  if (is_terminal && !request->raw)
    request->play = true;
  else
    request->out = "-";
  return true;
}

static bool read_request(const NmArgs *args, NmSpeakRequest *request)
{
  int64_t seed = 0;
  *request = (NmSpeakRequest){.out = nm_args_get(args, "output"),
                              .raw = nm_args_has(args, "raw"),
                              .play = nm_args_has(args, "play"),
                              .force = nm_args_has(args, "force"),
                              .report = nm_args_has(args, "json"),
                              .picture = nm_args_get(args, "picture"),
                              .warn = true};
  if (nm_args_has(args, "ssml")) request->input = NM_INPUT_SSML;
  if (!nm_args_get_integer(args, "seed", 0, INT64_MAX, &seed)) return false;
  request->seed = (uint64_t)seed;
  return read_prosody(args, 150, &request->prosody) && read_timings(args, request);
}

// SSML that can be read twice is checked first, so that a mistake at its end is told before a long job.
static NmStatus check_ssml_span(void *user, const NmSpan *span, NmError *err)
{
  return NM_OK;
}

static NmStatus check_ssml(NmSource *source, NmError *err)
{
  const NmProsody plain = nm_prosody_plain();
  const NmSsmlSink sink = {.span = check_ssml_span};
  char part[N_PART];
  size_t n = 1;
  NmSsml *ssml = nm_ssml_new(source->name, &plain, 150, &sink);
  NmStatus status = ssml ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  while (!status && n) {
    status = nm_source_read(source, part, sizeof part, &n, err);
    if (!status) status = nm_ssml_parse(ssml, part, n, !n, err);
  }
  nm_ssml_free(ssml);
  return status;
}

static NmStatus feed_all(NmSpeakJob *job, NmSource *source, NmError *err)
{
  char part[N_PART];
  size_t n = 1;
  NmStatus status = NM_OK;
  while (!status && n) {
    status = nm_source_read(source, part, sizeof part, &n, err);
    if (!status) status = nm_speak_job_feed(job, part, n, !n, err);
    if (!status && source->len > 0) nm_progress_show(source->name, (double)source->at, (double)source->len);
  }
  nm_progress_clear();
  return status;
}

static int fail_job(const NmSpeakJob *job, const NmError *err)
{
  if (nm_speak_job_is_closed(job)) return NM_EXIT_DONE;
  return nm_speak_job_failed_writing(job) ? nm_message_fail_output(err) : nm_message_fail_input(err);
}

static int print_report(NmSpeakJob *job)
{
  NmError err = {0};
  const NmSpeakResult result = nm_speak_job_get_result(job);
  FILE *file = result.request->out && !strcmp(result.request->out, "-") ? stderr : stdout;
  NmStatus status = nm_speak_report_write(&result, file, &err);
  if (!status && fflush(file)) status = nm_error_set(&err, NM_ERR_IO, "cannot write the report");
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int fail_opening(const NmError *err)
{
  if (err->status == NM_ERR_BAD_ARG) return nm_message_fail(NM_EXIT_USAGE, "%s", err->message);
  return nm_message_fail_output(err);
}

static int speak_source(NmSpeech *speech, NmSpeakRequest *request, NmSource *source)
{
  NmError err = {0};
  request->name = source->name;
  request->start = nm_clock_start();
  if (source->is_ssml) request->input = NM_INPUT_SSML;
  if (request->input == NM_INPUT_SSML && nm_source_rewind(source)) {
    if (check_ssml(source, &err)) return nm_message_fail_input(&err);
    nm_source_rewind(source);
  }
  NmSpeakJob *job = nm_speak_job_new(speech, request, &err);
  if (!job) return fail_opening(&err);
  NmStatus status = feed_all(job, source, &err);
  if (!status) status = nm_speak_job_finish(job, &err);
  int code = status ? fail_job(job, &err) : NM_EXIT_DONE;
  if (!status && request->report) code = print_report(job);
  nm_speak_job_free(job);
  return code;
}

static int add_lexicons(NmSpeech *speech, const NmArgs *args)
{
  NmError err = {0};
  const char *path;
  for (int i = 0; (path = nm_args_get_nth(args, "lexicon", i)); i++) {
    if (nm_text_add_user_lexicon(speech->text, path, &err)) return nm_message_fail_input(&err);
  }
  return NM_EXIT_DONE;
}

static int choose_voice(NmSpeech *speech, const NmArgs *args, NmSpeakRequest *request)
{
  NmError err = {0};
  request->speaker = nm_speech_find_speaker(speech, nm_args_get(args, "voice"), &err);
  if (request->speaker < 0) return nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  const float voice_hz = nm_voice_get_pitch_hz(speech->voice, request->speaker);
  return read_prosody(args, voice_hz, &request->prosody) ? NM_EXIT_DONE : NM_EXIT_USAGE;
}

static int run_loaded(const NmArgs *args, NmSpeech *speech, NmSpeakRequest *request, NmSource *source)
{
  int code = add_lexicons(speech, args);
  if (!code) code = choose_voice(speech, args, request);
  if (code) return code;
  if (nm_args_has(args, "jsonl")) {
    return nm_speak_jsonl_run(speech, request, args->n_operands ? args->operands[0] : NULL);
  }
  return speak_source(speech, request, source);
}

static int check_usage(const NmArgs *args, NmSpeakRequest *request)
{
  if (args->n_operands > 1) {
    return nm_message_fail(NM_EXIT_USAGE,
                           "speak takes one text or file; put a text of several words in quotes");
  }
  if (!args->n_operands && isatty(STDIN_FILENO)) {
    return nm_message_fail(NM_EXIT_USAGE, "nothing to say: give a text or a file, or pipe one in "
                                          "(neume speak --help tells more)");
  }
  if (nm_args_has(args, "jsonl") &&
      (request->out || request->play || request->report || request->n_timings)) {
    return nm_message_fail(NM_EXIT_USAGE,
                           "with --jsonl each request names its own files; leave out -o, --play, "
                           "--json and --timings");
  }
  if (!nm_args_has(args, "jsonl") && !choose_output(request)) return NM_EXIT_USAGE;
  return NM_EXIT_DONE;
}

static int run(const NmArgs *args)
{
  NmSpeech speech;
  NmSpeakRequest request;
  NmSource source = {.fd = -1};
  NmError err = {0};
  int64_t n_threads = 0;
  if (!read_request(args, &request) || !nm_args_get_integer(args, "threads", 1, 256, &n_threads)) {
    return NM_EXIT_USAGE;
  }
  int code = check_usage(args, &request);
  if (code) return code;
  if (!nm_args_has(args, "jsonl") &&
      nm_source_open(&source, args->n_operands ? args->operands[0] : NULL, &err)) {
    return nm_message_fail_input(&err);
  }
  if (nm_speech_open(&speech, (int)n_threads, &err)) {
    nm_source_close(&source);
    return nm_message_fail_output(&err);
  }
  code = run_loaded(args, &speech, &request, &source);
  nm_speech_close(&speech);
  nm_source_close(&source);
  return code;
}

const NmCommand nm_command_speak = {.name = "speak",
                                    .operands = "[TEXT|FILE|-]",
                                    .summary = "speak a text",
                                    .details = details,
                                    .group = "Speech",
                                    .examples = examples,
                                    .choices = choices,
                                    .options = options,
                                    .run = run};
