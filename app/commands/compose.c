// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/commands/commands.h"
#include "app/commands/song_options.h"
#include "app/formats/compose_report.h"
#include "app/formats/song_values.h"
#include "app/interrupt.h"
#include "app/jobs/lyrics.h"
#include "app/jobs/songs.h"

static const NmOption options[] = {
    {"output", 'o', "FILE",
     "write the song to FILE: .neume .mid .musicxml .mxl .abc .lrc; - is standard output; may be repeated"},
    {"format", 0, "ENDING", "of a song on standard output (default .mid)"},
    {"key", 'k', "KEY", "G, Bb, F# minor, Am, or just major or minor (default: chosen)"},
    {"meter", 'm', "METER", "2/4 3/4 4/4 6/8 9/8 12/8 3/8 2/2 3/2 4/2 6/4 (default: as the stresses go)"},
    {"tempo", 't', "BPM", "quarter notes a minute, 20 to 400"},
    {"range", 'r', "RANGE", "lowest and highest note: C4-E5 or 60-76 (default: an octave and a tone)"},
    {"style", 0, "STYLE", "any art popular hymn carol dance modern folk"},
    {"candidates", 'n', "N", "N songs, no two alike, the best first: FILE-1, FILE-2..."},
    {"melisma", 0, "N", "notes of a syllable, at most (default 4)"},
    {"accidentals", 0, NULL, "allow notes outside the key"},
    {"syncopation", 0, NULL, "allow notes across bar lines"},
    {"vary", 0, NULL, "lines that return get another tune"},
    {"json", 0, NULL,
     "print key, meter, tempo, and every candidate with its notes and the reasons of its rank"},
    {"audio", 0, "FILE.wav",
     "play the song on a plain instrument into .wav .flac .ogg or .opus; - is standard output"},
    NM_SONG_SEARCH_OPTIONS,
    {0}};

static const char details[] =
    "LYRICS is a text file as people write them, the words themselves in quotes, or standard input (-): a "
    "line of verse on each line, blank lines between stanzas; titles, labels and chords are known and "
    "left out. Every syllable gets a note or a few; lines breathe at their ends, and lines of the same "
    "words have the same tune.";

static const NmExample examples[] = {
    {"neume compose words.txt -o song.musicxml -o song.mid", "a song to print, and to play"},
    {"neume compose words.txt --audio song.wav", "played on a plain instrument"},
    {"neume compose \"Row, row, row your boat\" --key D --meter 6/8 -o row.abc", "key and meter given"},
    {"neume compose words.txt --candidates 5 --json -o song.mid", "five songs, the best first, and why"},
    {"neume compose words.txt --seed 7 --vary > song.mid", "another one; lines that return are varied"},
    {0}};

static const NmChoice choices[] = {{"output", ".neume .mid .musicxml .mxl .abc .lrc"},
                                   {"format", ".neume .mid .musicxml .mxl .abc .lrc"},
                                   {"key", "major minor C D E F G A B Bb Eb Am Em Dm"},
                                   {"meter", "2/4 3/4 4/4 6/8 9/8 12/8 3/8 2/2 3/2 4/2 6/4"},
                                   {"style", "any art popular hymn carol dance modern folk"},
                                   {"method", "sample beam diverse greedy"},
                                   {"audio", ".wav .flac .ogg .opus"},
                                   {"weights", ".safetensors"},
                                   {"", ".txt"},
                                   {0}};

typedef struct {
  NmComposeRequest compose;
  NmSongOutputs outputs;
} Request;

static bool read_musical(const NmArgs *args, NmComposeRequest *q)
{
  const char *key = nm_args_get(args, "key"), *meter = nm_args_get(args, "meter"),
             *range = nm_args_get(args, "range"), *style = nm_args_get(args, "style");
  if (key && !nm_song_parse_key(key, &q->fifths, &q->mode)) {
    nm_message("--key '%s' is not understood; write G, Bb, F# minor or Am", key);
    return false;
  }
  if (meter && !nm_song_parse_meter(meter, &q->meter)) {
    nm_message("--meter '%s' is none that can be composed in; neume compose --help lists them", meter);
    return false;
  }
  if (range && (!nm_song_parse_range(range, &q->low, &q->high) || q->high - q->low < NM_MELODY_RANGE_LEAST)) {
    nm_message("--range '%s' is not understood; write C4-E5 or 60-76, %d semitones or more", range,
               NM_MELODY_RANGE_LEAST);
    return false;
  }
  if (style && !nm_song_parse_style(style, &q->style)) {
    nm_message("--style '%s' is unknown; neume compose --help lists them", style);
    return false;
  }
  return true;
}

static bool read_search(const NmArgs *args, Request *request)
{
  NmComposeRequest *q = &request->compose;
  NmSongSearchChoice search = {q->method, q->temperature, q->nucleus, q->seed, q->n_candidates};
  int64_t n_melisma = 0;
  if (!nm_args_get_integer(args, "melisma", 1, NM_MELODY_MELISMA_MAX, &n_melisma) ||
      !nm_args_get_number(args, "tempo", 20, 400, &q->bpm) ||
      !nm_song_search_read(args, NM_COMPOSE_CANDIDATES_MAX, &search))
    return false;
  q->method = search.method;
  q->temperature = search.temperature;
  q->nucleus = search.nucleus;
  q->seed = search.seed;
  q->n_candidates = search.n_candidates;
  q->n_melisma = (int32_t)n_melisma;
  q->accidentals = nm_args_has(args, "accidentals");
  q->syncopation = nm_args_has(args, "syncopation");
  q->vary = nm_args_has(args, "vary");
  return true;
}

static bool read_request(const NmArgs *args, Request *request)
{
  request->compose = nm_compose_defaults();
  if (args->n_operands > 1) {
    nm_message("compose takes one text or file; put words in quotes");
    return false;
  }
  if (!args->n_operands && isatty(STDIN_FILENO)) {
    nm_message("nothing to sing: give words or a file, or pipe them in (neume compose --help tells more)");
    return false;
  }
  request->compose.align = nm_args_has(args, "json");
  request->compose.cancel = nm_interrupt_get_flag();
  return read_musical(args, &request->compose) && read_search(args, request) &&
         nm_song_outputs_read(args, ".mid", request->compose.n_candidates, &request->outputs);
}

static bool name_file(const void *user, int k, int32_t i, char *path)
{
  const NmSongFiles *files = user;
  return strcmp(files->outs[k], "-") && nm_song_files_name(files->outs[k], files->n_candidates, i, path);
}

static int print_report(const Request *request, const char *name, const NmComposed *composed, double seconds)
{
  NmError err = {0};
  const NmComposeReport report = {.lyrics = name,
                                  .seed = request->compose.seed,
                                  .seconds = seconds,
                                  .composed = composed,
                                  .name_file = name_file,
                                  .user = &request->outputs.files,
                                  .n_files = request->outputs.files.n_outs};
  FILE *file = nm_song_outputs_take_stdout(&request->outputs) ? stderr : stdout;
  return nm_compose_report_write(&report, file, &err) ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int write_all(const Request *request, const char *name, const NmComposed *composed, double seconds)
{
  int code = NM_EXIT_DONE;
  if (composed->n < request->compose.n_candidates)
    nm_message_warning("only %d songs came out that differ", (int)composed->n);
  for (int32_t i = 0; i < composed->n && !code; ++i)
    code = nm_song_outputs_write(&request->outputs, i, composed->candidates[i].song);
  return code || !request->outputs.json ? code : print_report(request, name, composed, seconds);
}

static int compose_sheet(const Request *request, const char *name, const NmSheet *sheet)
{
  NmSongModel model = {0};
  NmComposed composed;
  NmError err = {0};
  const double start = nm_clock_now();
  if (nm_songs_open_model(&model, request->outputs.weights, &err))
    return request->outputs.weights ? nm_message_fail_input(&err) : nm_message_fail_output(&err);
  const NmStatus status = nm_compose(&model, sheet, &request->compose, &composed, &err);
  int code = NM_EXIT_DONE;
  if (status == NM_ERR_BAD_ARG)
    code = nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  else if (status)
    code = nm_message_fail_input(&err);
  else
    code = write_all(request, name, &composed, nm_clock_now() - start);
  if (!status) nm_composed_fini(&composed);
  nm_songs_close_model(&model);
  return code;
}

static int run(const NmArgs *args)
{
  Request request;
  NmLyricsReader reader = {0};
  NmSheet sheet = {0};
  NmError err = {0};
  const char *name = NULL;
  if (!read_request(args, &request)) return NM_EXIT_USAGE;
  int code = nm_song_outputs_check(&request.outputs);
  if (code) return code;
  if (nm_lyrics_reader_open(&reader, &err)) return nm_message_fail_output(&err);
  const NmStatus status =
      nm_lyrics_read(&reader, args->n_operands ? args->operands[0] : "-", &sheet, &name, &err);
  for (int32_t i = 0; !status && i < sheet.n_notes; ++i) nm_message_warning("%s: %s", name, sheet.notes[i]);
  code = status ? nm_message_fail_input(&err) : compose_sheet(&request, name, &sheet);
  nm_sheet_fini(&sheet);
  nm_lyrics_reader_close(&reader);
  return code;
}

const NmCommand nm_command_compose = {.name = "compose",
                                      .operands = "[LYRICS|FILE|-]",
                                      .summary = "words to a melody",
                                      .details = details,
                                      .group = "Songs",
                                      .examples = examples,
                                      .choices = choices,
                                      .options = options,
                                      .run = run};
