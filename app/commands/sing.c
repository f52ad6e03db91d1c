// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/commands/backing_options.h"
#include "app/commands/commands.h"
#include "app/commands/project_options.h"
#include "app/formats/sing_report.h"
#include "app/formats/sing_values.h"
#include "app/jobs/project.h"
#include "app/jobs/sing_job.h"

static const NmOption options[] = {
    {"output", 'o', "FILE",
     "write the sound to FILE: .wav .flac .ogg .opus; - streams WAV to standard output"},
    {"raw", 0, NULL,
     "no header: 16-bit little-endian samples, mono, 24000 per second (with a band stereo, 48000), as they "
     "are made"},
    {"play", 'p', NULL, "play it, also when it goes to a file"},
    {"timings", 't', "FILE",
     "when each phone, syllable, word, note and line is sung: .json .TextGrid .srt .vtt .lrc .txt (Audacity "
     "labels); may be repeated"},
    {"as", 0, "HOW", "speech, recitative, song or anything between: 0 reads, 1 sings (default song)"},
    {"plain", 0, NULL, "straight notes: no portamento, vibrato, drift, swelling, breaths"},
    {"portamento", 0, "MS", "how long a glide between notes takes (default 90)"},
    {"vibrato", 0, "CENTS", "how far it swings to each side (default 35; 0: none)"},
    {"vibrato-rate", 0, "HZ", "swings a second (default 5.5)"},
    {"vibrato-delay", 0, "S", "how long a note is held straight before it (default 0.3)"},
    {"drift", 0, "CENTS", "a slow wandering (default 3)"},
    {"swell", 0, "DB", "how much a phrase swells towards its middle (default 3)"},
    {"accent", 0, "DB", "how much stronger a bar begins (default 1)"},
    {"no-breaths", 0, NULL, "no breath before lines, and no time taken for it"},
    {"consonants", 0, "X", "their length: 0.7 shorter than in speech, 1.3 longer"},
    {"transpose", 0, "N", "semitones; auto (default): the octave in which the voice is at home"},
    {"voice", 'v', "NAME", "the singer (neume info lists them)"},
    {"verse", 0, "N", "which verse of several (default 1; of a project all); all: one after the other"},
    {"vowel", 0, "SOUND", "what notes without words are sung on: la (default), ah, oo, hum, none"},
    {"lead-in", 0, "BARS", "empty bars before the song (default: none; with a band, as it needs)"},
    {"backing", 'b', NULL, "a band plays along: chords found for the melody; stereo, 48000 per second"},
    {"no-backing", 0, NULL, "the voice alone, even if the project has a band"},
    NM_BACKING_OPTIONS,
    {"part", 0, "N", "which part or track of the file has the melody (default: found)"},
    {"lexicon", 'l', "FILE", "your own pronunciations: word, then phones; may be repeated"},
    {"json", 0, NULL, "print a report (on stderr with -o -)"},
    {"seed", 's', "N", "the same song and seed give the same bytes (default 0)"},
    {"threads", 'j', "N", "threads to use; the result is the same for any number"},
    {"force", 'f', NULL, "overwrite files that exist"},
    {0}};

static const char details[] =
    "The song is MusicXML (.musicxml .mxl), MIDI with lyrics (.mid .kar), ABC (.abc) or a project (.neume); "
    "- is "
    "standard input. Vowels begin on the beat and last as long as the notes, consonants lead the beat; what "
    "has no room is shortened, never left out. The sound begins with the song's first bar. Without -o it is "
    "played on a terminal and streamed as WAV into a pipe.\n"
    "A project is sung as it says: with its voice, its drawn pitch, its chords and its band, as neume render "
    "does it. Options stand in the place of the song's settings; lines that have their own keep them.";

static const NmExample examples[] = {
    {"neume sing song.musicxml -o song.wav", "sings it"},
    {"neume sing song.mid -o song.opus --timings song.lrc --timings song.TextGrid", "with karaoke lines"},
    {"neume sing song.musicxml --plain -o straight.wav", "exact notes, nothing else"},
    {"neume sing song.musicxml --as recitative -o recitative.wav", "half read, half sung"},
    {"neume sing song.musicxml --backing --mood calm -o song.wav --stems stems", "with a band"},
    {"neume sing song.neume --no-backing --as speech -o said.wav", "a project, read out"},
    {"neume compose words.txt --format .musicxml | neume sing - -o song.wav", "words to a sung song"},
    {0}};

static const NmVariable environment[] = {
    {"NEUME_SOUNDFONT",
     "the soundfont of the accompaniment, .sf2 or .sf3 (default: the first of Debian's that is there)"},
    {0}};

static const NmChoice choices[] = {{"output", ".wav .flac .ogg .opus"},
                                   {"timings", ".json .TextGrid .srt .vtt .lrc .txt"},
                                   {"voice", "@voices"},
                                   {"as", "speech recitative song"},
                                   {"transpose", "auto"},
                                   {"verse", "all"},
                                   {"mood", "calm bright dark driving sad solemn"},
                                   {"vowel", "la ah oo hum none"},
                                   {"", ".musicxml .mxl .mid .abc .neume"},
                                   {0}};

static const NmNumberSetting numbers[] = {{"portamento", "/voice/portamento_s", 0, 2000, 1e3},
                                          {"vibrato", "/voice/vibrato_cents", 0, 300, 1},
                                          {"vibrato-rate", "/voice/vibrato_hz", 1, 12, 1},
                                          {"vibrato-delay", "/voice/vibrato_delay_s", 0, 10, 1},
                                          {"drift", "/voice/drift_cents", 0, 100, 1},
                                          {"swell", "/voice/arc_db", 0, 24, 1},
                                          {"accent", "/voice/accent_db", 0, 24, 1},
                                          {"consonants", "/voice/consonants", .25, 4, 1}};

typedef struct {
  NmSingRequest sing;
  NmSongReading reading;
  json_t *settings; // in the place of the project's own
  bool has_verse;
  int64_t n_threads;
} Request;

// --- options ---

static bool put(Request *request, const char *place, json_t *value)
{
  return nm_project_options_put(request->settings, place, value);
}

static bool read_as(const NmArgs *args, Request *request)
{
  double as;
  const char *text = nm_args_get(args, "as");
  if (!text) return true;
  if (nm_sing_parse_as(text, &as)) return put(request, "/voice/as", json_real(as));
  nm_message("--as '%s' is not understood; write speech, recitative, song or a number from 0 to 1", text);
  return false;
}

static bool read_vowel(const NmArgs *args, Request *request)
{
  NmSingFiller unused;
  const char *text = nm_args_get(args, "vowel");
  if (!text) return true;
  if (nm_sing_parse_vowel(text, &unused)) return put(request, "/voice/filler", json_string(text));
  nm_message("--vowel '%s' is unknown; there are la, ah, oo, hum and none", text);
  return false;
}

static bool read_transpose(const NmArgs *args, Request *request)
{
  int32_t semitones;
  const char *text = nm_args_get(args, "transpose");
  if (!text) return true;
  if (nm_sing_parse_transpose(text, &semitones))
    return put(request, "/voice/transpose",
               semitones == NM_SING_TRANSPOSE_AUTO ? NULL : json_integer(semitones));
  nm_message("--transpose '%s' is not understood; write auto, or semitones from -48 to 48", text);
  return false;
}

static bool read_verse(const NmArgs *args, Request *request)
{
  int64_t verse = 1;
  const char *text = nm_args_get(args, "verse");
  request->has_verse = text;
  if (!text) return true;
  if (!strcmp(text, "all")) return put(request, "/voice/verse", NULL);
  return nm_args_get_integer(args, "verse", 1, NM_SONG_VERSES_MAX, &verse) &&
         put(request, "/voice/verse", json_integer(verse));
}

static bool read_style(const NmArgs *args, Request *request)
{
  if (!read_as(args, request) || !read_vowel(args, request) || !read_transpose(args, request)) return false;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
    if (!nm_project_options_put_number(args, &numbers[i], request->settings)) return false;
  if (nm_args_has(args, "plain") && !put(request, "/voice/plain", json_true())) return false;
  if (nm_args_has(args, "no-breaths") && !put(request, "/voice/breaths", json_false())) return false;
  return nm_project_options_put_seed(args, request->settings) && read_verse(args, request);
}

static bool read_timings(const NmArgs *args, NmSingRequest *sing)
{
  for (const char *path; (path = nm_args_get_nth(args, "timings", sing->n_timings)); sing->n_timings++) {
    if (sing->n_timings == NM_TIMING_FILES_MAX) {
      nm_message("--timings can be given %d times", NM_TIMING_FILES_MAX);
      return false;
    }
    sing->timings[sing->n_timings] = path;
  }
  return true;
}

// --mood, --stems and --soundfont ask for a band too.
static bool read_band(const NmArgs *args, Request *request)
{
  const bool wanted = nm_args_has(args, "backing") || nm_backing_options_given(args);
  if (wanted && nm_args_has(args, "no-backing")) {
    nm_message("--no-backing and --backing, --mood, --stems or --soundfont contradict each other");
    return false;
  }
  if (wanted && !put(request, "/backing/on", json_true())) return false;
  if (nm_args_has(args, "no-backing") && !put(request, "/backing/on", json_false())) return false;
  return nm_backing_options_read(args, request->settings);
}

static bool read_lead_in(const NmArgs *args, Request *request)
{
  int64_t n_bars = 0;
  if (!nm_args_has(args, "lead-in")) return true;
  return nm_args_get_integer(args, "lead-in", 0, 16, &n_bars) &&
         put(request, "/lead_in_bars", json_integer(n_bars));
}

// Where the sound goes when nobody said: the loudspeaker on a terminal, WAV into a pipe, nowhere when only
// other results were asked for.
static bool choose_output(const NmArgs *args, NmSingRequest *sing)
{
  const bool is_terminal = isatty(STDOUT_FILENO);
  if (sing->out && !strcmp(sing->out, "-") && is_terminal) {
    nm_message("standard output is a terminal; name a file after -o, or pipe it");
    return false;
  }
  if (sing->out || sing->play || sing->report || sing->n_timings || nm_args_has(args, "stems")) return true;
  if (is_terminal && !sing->raw)
    sing->play = true;
  else
    sing->out = "-";
  return true;
}

static bool read_request(const NmArgs *args, Request *request)
{
  int64_t part = 0;
  *request = (Request){.sing = {.name = args->operands[0],
                                .out = nm_args_get(args, "output"),
                                .raw = nm_args_has(args, "raw"),
                                .play = nm_args_has(args, "play"),
                                .force = nm_args_has(args, "force"),
                                .report = nm_args_has(args, "json"),
                                .warn = true,
                                .start = nm_clock_start()},
                       .reading = nm_song_reading_defaults(),
                       .settings = json_object()};
  if (!nm_args_get_integer(args, "part", 1, 512, &part) ||
      !nm_args_get_integer(args, "threads", 1, 256, &request->n_threads))
    return false;
  request->reading.part = (int)part - 1;
  return read_lead_in(args, request) && read_style(args, request) && read_band(args, request) &&
         read_timings(args, &request->sing) && choose_output(args, &request->sing);
}

// --- work ---

// Of other songs the first verse is sung.
static int read_song(Request *request, NmDocument **doc)
{
  NmError err = {0};
  bool is_project;
  *doc = nm_project_options_open(request->sing.name, &request->reading, false, &is_project, &err);
  if (!*doc && err.status == NM_ERR_BAD_ARG) err.status = NM_ERR_BAD_DATA;
  if (!*doc) return nm_message_fail_input(&err);
  if (is_project || request->has_verse || put(request, "/voice/verse", json_integer(1))) return NM_EXIT_DONE;
  return NM_EXIT_FAILED;
}

static int print_report(const NmSingJob *job)
{
  NmError err = {0};
  const NmSingResult result = nm_sing_job_get_result(job);
  FILE *file = result.request->out && !strcmp(result.request->out, "-") ? stderr : stdout;
  NmStatus status = nm_sing_report_write(&result, file, &err);
  if (!status && fflush(file)) status = nm_error_set(&err, NM_ERR_IO, "cannot write the report");
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int fail_opening(const Request *request, const NmError *err)
{
  if (err->status == NM_ERR_BAD_ARG) return nm_message_fail(NM_EXIT_USAGE, "%s", err->message);
  if (err->status == NM_ERR_IO) return nm_message_fail_output(err);
  if (err->status != NM_ERR_BAD_DATA && err->status != NM_ERR_UNSUPPORTED) return nm_message_fail_input(err);
  return nm_message_fail(NM_EXIT_INPUT, "%s: %s", request->sing.name, err->message);
}

static int sing_planned(NmSpeech *speech, const Request *request, const NmSong *song)
{
  NmError err = {0};
  NmSingJob *job = nm_sing_job_new(speech, song, &request->sing, &err);
  if (!job) return fail_opening(request, &err);
  int code = NM_EXIT_DONE;
  if (nm_sing_job_run(job, &err)) {
    if (!nm_sing_job_is_closed(job))
      code = nm_sing_job_failed_writing(job) ? nm_message_fail_output(&err) : nm_message_fail_input(&err);
  } else if (request->sing.report) {
    code = print_report(job);
  }
  nm_sing_job_free(job);
  return code;
}

static void warn(void *user, const char *message)
{
  const Request *request = user;
  nm_message_warning("%s: %s", request->sing.name, message);
}

static int fail_reading(const Request *request, NmError *err)
{
  if (err->status == NM_ERR_NO_MEMORY) return nm_message_fail_output(err);
  return nm_message_fail(NM_EXIT_INPUT, "%s: %s", request->sing.name, err->message);
}

static int sing_project(NmSpeech *speech, const NmArgs *args, Request *request, const NmDocument *doc)
{
  NmError err = {0};
  NmProject project;
  int code = NM_EXIT_DONE;
  if (nm_project_read(&project, doc, speech, warn, request, &err)) {
    code = fail_reading(request, &err);
  } else {
    request->sing.style = project.style;
    if (project.has_band) request->sing.band = &project.band;
    project.band.stems = nm_args_get(args, "stems");
    if (nm_args_has(args, "soundfont")) project.band.backing.soundfont = nm_args_get(args, "soundfont");
    code = sing_planned(speech, request, project.song);
  }
  nm_project_fini(&project);
  return code;
}

static int open_voice(NmSpeech *speech, const NmArgs *args, Request *request, NmDocument *doc)
{
  NmError err = {0};
  const char *path, *voice = nm_args_get(args, "voice");
  for (int i = 0; (path = nm_args_get_nth(args, "lexicon", i)); i++)
    if (nm_text_add_user_lexicon(speech->text, path, &err)) return nm_message_fail_input(&err);
  if (nm_speech_find_speaker(speech, voice, &err) < 0)
    return nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  if (voice && !put(request, "/voice/speaker", json_string(voice))) return NM_EXIT_FAILED;
  return nm_project_options_set(doc, request->settings) ? NM_EXIT_DONE : NM_EXIT_USAGE;
}

static int work(const NmArgs *args, Request *request)
{
  NmSpeech speech;
  NmError err = {0};
  NmDocument *doc = NULL;
  int code = nm_backing_options_check(args);
  if (!code) code = read_song(request, &doc);
  if (!code && nm_speech_open(&speech, (int)request->n_threads, &err)) {
    code = nm_message_fail_output(&err);
  } else if (!code) {
    code = open_voice(&speech, args, request, doc);
    if (!code) code = sing_project(&speech, args, request, doc);
    nm_speech_close(&speech);
  }
  nm_document_free(doc);
  return code;
}

static int run(const NmArgs *args)
{
  Request request;
  if (args->n_operands != 1)
    return nm_message_fail(NM_EXIT_USAGE, "sing takes one song; neume sing --help tells more");
  const int code = read_request(args, &request) ? work(args, &request) : NM_EXIT_USAGE;
  json_decref(request.settings);
  return code;
}

const NmCommand nm_command_sing = {.name = "sing",
                                   .operands = "SONG",
                                   .summary = "sing a song",
                                   .details = details,
                                   .examples = examples,
                                   .choices = choices,
                                   .environment = environment,
                                   .options = options,
                                   .run = run};
