// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/commands/commands.h"
#include "app/commands/song_options.h"
#include "app/formats/song_values.h"
#include "app/formats/write_report.h"
#include "app/interrupt.h"
#include "app/jobs/song_tools.h"

static const NmOption options[] = {
    {"output", 'o', "FILE",
     "write the song to FILE: .neume .mid .musicxml .mxl .abc .lrc, or its words to .txt; - is "
     "standard "
     "output; may "
     "be "
     "repeated"},
    {"format", 0, "ENDING", "of standard output (default .txt: the words alone)"},
    {"part", 0, "N", "the part or track that has the melody, from 1 (default: found by its notes)"},
    {"rhyme", 0, "SCHEME", "AABB, ABAB, XAXA...: lines of one letter rhyme, X does not; goes round"},
    {"theme", 0, "TEXT", "words that are wanted; one at least comes, where it fits"},
    {"strict", 0, NULL, "keep weak syllables off strong beats wherever there is a choice"},
    {"style", 0, "STYLE", "any art popular hymn carol modern folk verse"},
    {"candidates", 'n', "N", "N lyrics, no two alike, the best first: FILE-1, FILE-2..."},
    NM_SONG_SEARCH_OPTIONS,
    {"json", 0, NULL, "print every candidate with its syllables and notes and the reasons of its rank"},
    {"audio", 0, "FILE.wav", "play the melody of the best into a sound file"},
    {0}};

static const char details[] =
    "MELODY is MIDI, MusicXML (also packed) or ABC, or - for standard input. Its phrases become lines: "
    "those of the words it has, or found by rests, long notes and bars. Every syllable is one of a word "
    "of the dictionary, and stressed ones are drawn to strong beats.";

static const NmExample examples[] = {
    {"neume lyrics tune.mid", "words for a melody, a line for each phrase"},
    {"neume lyrics tune.mid --rhyme ABAB --theme \"moon river\"", "rhymed, and about something"},
    {"neume lyrics tune.musicxml --candidates 3 -o song.musicxml --json", "three, under the notes, and why"},
    {0}};

static const NmChoice choices[] = {{"output", ".neume .mid .musicxml .mxl .abc .lrc .txt"},
                                   {"format", ".neume .mid .musicxml .mxl .abc .lrc .txt"},
                                   {"rhyme", "AABB ABAB ABBA XAXA AAAA"},
                                   {"style", "any art popular hymn carol modern folk verse"},
                                   {"method", "sample beam diverse greedy"},
                                   {"audio", ".wav .flac .ogg .opus"},
                                   {"weights", ".safetensors"},
                                   {"", ".neume .mid .midi .kar .musicxml .xml .mxl .abc"},
                                   {0}};

typedef struct {
  NmWriteRequest write;
  NmSongOutputs outputs;
  NmSongReading reading;
  const char *melody, *theme;
} Request;

static bool is_scheme(const char *scheme)
{
  const size_t n = strlen(scheme);
  for (size_t i = 0; i < n; ++i)
    if (!isalpha((unsigned char)scheme[i]) && !strchr("-.", scheme[i])) return false;
  return n >= 1 && n <= NM_LYRIC_SCHEME_MAX;
}

static bool read_words(const NmArgs *args, Request *request)
{
  const char *style = nm_args_get(args, "style"), *rhyme = nm_args_get(args, "rhyme");
  if (style && !nm_song_parse_style(style, &request->write.style)) {
    nm_message("--style '%s' is unknown; neume lyrics --help lists them", style);
    return false;
  }
  if (rhyme && !is_scheme(rhyme)) {
    nm_message("--rhyme '%s' is not understood; write letters such as AABB, at most %d", rhyme,
               NM_LYRIC_SCHEME_MAX);
    return false;
  }
  request->write.scheme = rhyme;
  request->write.strict = nm_args_has(args, "strict");
  request->theme = nm_args_get(args, "theme");
  return true;
}

static bool read_request(const NmArgs *args, Request *request)
{
  int64_t part = 0;
  NmSongSearchChoice search;
  *request = (Request){.write = nm_write_defaults(), .reading = nm_song_reading_defaults(), .melody = "-"};
  if (args->n_operands > 1) {
    nm_message("lyrics takes one melody");
    return false;
  }
  if (args->n_operands) request->melody = args->operands[0];
  if (!args->n_operands && isatty(STDIN_FILENO)) {
    nm_message("no melody: name a file, or pipe one in (neume lyrics --help tells more)");
    return false;
  }
  search =
      (NmSongSearchChoice){request->write.method, request->write.temperature, request->write.nucleus, 0, 1};
  if (!nm_song_search_read(args, NM_WRITE_CANDIDATES_MAX, &search) ||
      !nm_args_get_integer(args, "part", 1, 1024, &part) || !read_words(args, request) ||
      !nm_song_outputs_read(args, ".txt", search.n_candidates, &request->outputs))
    return false;
  if (part) request->reading.part = (int)part - 1;
  request->write.method = search.method;
  request->write.temperature = search.temperature;
  request->write.nucleus = search.nucleus;
  request->write.seed = search.seed;
  request->write.n_candidates = search.n_candidates;
  request->write.cancel = nm_interrupt_get_flag();
  return true;
}

static void warn_of_theme(const char *word)
{
  nm_message_warning("the song model does not know the word '%s' of the theme", word);
}

static int print_report(const Request *request, const NmWritten *written, double seconds)
{
  NmError err = {0};
  const NmWriteReport report = {.melody = strcmp(request->melody, "-") ? request->melody : "standard input",
                                .scheme = request->write.scheme,
                                .seed = request->write.seed,
                                .seconds = seconds,
                                .written = written};
  FILE *file = nm_song_outputs_take_stdout(&request->outputs) ? stderr : stdout;
  return nm_write_report_write(&report, file, &err) ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int write_all(const Request *request, const NmWritten *written, double seconds)
{
  int code = NM_EXIT_DONE;
  if (written->n < request->write.n_candidates)
    nm_message_warning("only %d lyrics came out that differ", (int)written->n);
  for (int32_t i = 0; i < written->n && !code; ++i)
    code = nm_song_outputs_write(&request->outputs, i, written->candidates[i].song);
  return code || !request->outputs.json ? code : print_report(request, written, seconds);
}

static int write_words(Request *request, NmSongTools *tools, const NmSong *melody)
{
  int32_t theme[NM_SONG_THEME_MAX];
  NmWritten written;
  NmError err = {0};
  const double start = nm_clock_now();
  request->write.n_theme = nm_song_tools_find_theme(tools, request->theme, theme, warn_of_theme);
  request->write.theme = theme;
  const NmStatus status = nm_write(&tools->model, &tools->lexis, melody, &request->write, &written, &err);
  if (status == NM_ERR_BAD_ARG) return nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  if (status == NM_ERR_BAD_DATA)
    return nm_message_fail(NM_EXIT_INPUT, "%s: %s", request->melody, err.message);
  if (status) return nm_message_fail_input(&err);
  const int code = write_all(request, &written, nm_clock_now() - start);
  nm_written_fini(&written);
  return code;
}

static int run(const NmArgs *args)
{
  Request request;
  NmSongTools tools = {0};
  NmSong *melody = NULL;
  NmSongNotes notes = {0};
  NmError err = {0};
  if (!read_request(args, &request)) return NM_EXIT_USAGE;
  int code = nm_song_outputs_check(&request.outputs);
  if (code) return code;
  if (nm_song_file_read(request.melody, &request.reading, &melody, &notes, &err)) {
    if (err.status == NM_ERR_BAD_ARG) err.status = NM_ERR_BAD_DATA;
    return nm_message_fail_input(&err);
  }
  for (int32_t i = 0; i < notes.n; ++i) nm_message_warning("%s: %s", request.melody, notes.text[i]);
  if (nm_song_tools_open(&tools, request.outputs.weights, &err) || nm_song_tools_open_words(&tools, &err))
    code = request.outputs.weights ? nm_message_fail_input(&err) : nm_message_fail_output(&err);
  else
    code = write_words(&request, &tools, melody);
  nm_song_tools_close(&tools);
  nm_song_free(melody);
  return code;
}

const NmCommand nm_command_lyrics = {.name = "lyrics",
                                     .operands = "MELODY",
                                     .summary = "a melody to words",
                                     .details = details,
                                     .examples = examples,
                                     .choices = choices,
                                     .options = options,
                                     .run = run};
