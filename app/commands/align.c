// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands/commands.h"
#include "app/formats/fit_report.h"
#include "app/formats/song_file.h"
#include "app/jobs/lyrics.h"
#include "app/output.h"

enum { CANDIDATES_MAX = 100 };

static const NmOption options[] = {
    {"output", 'o', "FILE",
     "write the song to FILE: .neume .mid .musicxml .mxl .abc .lrc; - is standard output"},
    {"format", 0, "ENDING", "of a song on standard output (default .mid)"},
    {"candidates", 'n', "N", "the N best ways; the others are written beside FILE, as FILE-2, FILE-3..."},
    {"verses", 0, "N", "sing the stanzas as N verses on the same notes (default: what fits best)"},
    {"part", 0, "N", "the part or track that has the melody, from 1 (default: found by its notes)"},
    {"json", 0, NULL, "print costs, their parts, the notes of each syllable and the alternatives"},
    {"force", 'f', NULL, "overwrite files that exist"},
    {0}};

static const char details[] =
    "LYRICS is a text file as people write them: a line of verse on each line, blank lines between "
    "stanzas; titles, labels and chords are known and left out. MELODY is MIDI, MusicXML (also packed) or "
    "ABC. Either may be - for standard input.\n\n"
    "Every syllable gets a note or several, every note a syllable, or two where words are too many; whole "
    "phrases may stay unsung. Of all ways the one is taken whose cost is least: stress on strong beats, "
    "lines that end at rests and on long notes, melismas of quick neighbouring notes.";

static const NmExample examples[] = {
    {"neume align words.txt tune.mid -o song.musicxml", "given words on given notes"},
    {"neume align words.txt tune.abc --candidates 3 -o song.mid --json",
     "the three best ways, and their costs"},
    {0}};

static const NmChoice choices[] = {{"output", ".neume .mid .musicxml .mxl .abc .lrc"},
                                   {"format", ".neume .mid .musicxml .mxl .abc .lrc"},
                                   {"", ".txt .neume .mid .midi .kar .musicxml .xml .mxl .abc"},
                                   {0}};

// What was asked for, and the names of the files.
typedef struct {
  const char *lyrics, *melody, *out;
  NmSongWriting writing;
  NmSongReading reading;
  int64_t n_candidates, n_verses;
  bool json, force;
  char (*paths)[PATH_MAX]; // [n_candidates]
  const char **files;      // [n_candidates] into paths; NULL: not written
} Request;

static void request_fini(Request *request)
{
  free(request->paths);
  free(request->files);
}

// "song.mid" becomes "song-2.mid".
static bool name_file(const char *out, int64_t i, char *path)
{
  const char *slash = strrchr(out, '/'), *dot = strrchr(slash ? slash : out, '.');
  const int n_stem = dot ? (int)(dot - out) : (int)strlen(out);
  const int n = i ? snprintf(path, PATH_MAX, "%.*s-%d%s", n_stem, out, (int)i + 1, dot ? dot : "")
                  : snprintf(path, PATH_MAX, "%s", out);
  return n < PATH_MAX;
}

static bool name_files(Request *request)
{
  request->paths = calloc((size_t)request->n_candidates, sizeof *request->paths);
  request->files = calloc((size_t)request->n_candidates, sizeof *request->files);
  if (!request->paths || !request->files) return false;
  const bool is_stream = request->out && !strcmp(request->out, "-");
  for (int64_t i = 0; request->out && i < (is_stream ? 1 : request->n_candidates); ++i) {
    if (!name_file(request->out, i, request->paths[i])) return false;
    request->files[i] = request->paths[i];
  }
  return true;
}

static bool choose_output(Request *request)
{
  const bool is_terminal = isatty(STDOUT_FILENO);
  if (!request->out && !request->json) request->out = "-";
  if (!request->out || strcmp(request->out, "-") || !is_terminal) return true;
  nm_message("standard output is a terminal; name a file after -o, or pipe it");
  return false;
}

static bool read_request(const NmArgs *args, Request *request)
{
  int64_t part = 0;
  *request = (Request){.out = nm_args_get(args, "output"),
                       .writing = nm_song_writing_defaults(),
                       .reading = nm_song_reading_defaults(),
                       .n_candidates = 1,
                       .json = nm_args_has(args, "json"),
                       .force = nm_args_has(args, "force")};
  if (args->n_operands != 2) {
    nm_message("align takes lyrics and a melody; neume align --help shows how");
    return false;
  }
  request->lyrics = args->operands[0];
  request->melody = args->operands[1];
  request->writing.format = nm_args_get(args, "format");
  if (!strcmp(request->lyrics, "-") && !strcmp(request->melody, "-")) {
    nm_message("only one of lyrics and melody can be standard input");
    return false;
  }
  if (!nm_args_get_integer(args, "candidates", 1, CANDIDATES_MAX, &request->n_candidates) ||
      !nm_args_get_integer(args, "verses", 1, NM_SONG_VERSES_MAX, &request->n_verses) ||
      !nm_args_get_integer(args, "part", 1, 1024, &part))
    return false;
  if (part) request->reading.part = (int)part - 1;
  return choose_output(request);
}

// A song can be written in this format.
static bool check_format(const char *path)
{
  NmError err = {0};
  const NmSongFormat *format = nm_song_format_find(path, &err);
  if (!format)
    nm_message("%s", err.message);
  else if (!format->write)
    nm_message("%s: %s files are only read", path, format->name);
  return format && format->write;
}

// Finds before the work what could not be written after it.
static int check_outputs(const Request *request)
{
  NmError err = {0};
  if (request->writing.format && !check_format(request->writing.format)) return NM_EXIT_USAGE;
  if (!request->out || !strcmp(request->out, "-")) return NM_EXIT_DONE;
  if (!check_format(request->out)) return NM_EXIT_USAGE;
  for (int64_t i = 0; i < request->n_candidates; ++i)
    if (nm_output_check(request->files[i], request->force, &err)) return nm_message_fail_output(&err);
  return NM_EXIT_DONE;
}

static void warn(const char *name, const NmSheet *sheet, const NmSongNotes *notes)
{
  for (int32_t i = 0; sheet && i < sheet->n_notes; ++i) nm_message_warning("%s: %s", name, sheet->notes[i]);
  for (int32_t i = 0; notes && i < notes->n; ++i) nm_message_warning("%s: %s", name, notes->text[i]);
}

static int write_songs(const Request *request, const NmFitSong *fitted)
{
  NmSongNotes notes = {0};
  NmSongWriting writing = request->writing;
  writing.notes = &notes;
  for (int32_t i = 0; i < fitted->n; ++i) {
    NmError err = {0};
    if (!request->files[i]) continue;
    if (nm_song_file_write(request->files[i], fitted->candidates[i].song, &writing, request->force, &err))
      return nm_message_fail_output(&err);
  }
  warn(request->out ? request->out : "the song", NULL, &notes);
  return NM_EXIT_DONE;
}

static int print_report(const Request *request, const char *lyrics, const NmFitSong *fitted)
{
  NmError err = {0};
  const bool taken = request->out && !strcmp(request->out, "-");
  FILE *file = taken ? stderr : stdout;
  const NmFitReport report = {.lyrics = lyrics,
                              .melody = strcmp(request->melody, "-") ? request->melody : "standard input",
                              .files = request->files,
                              .fitted = fitted};
  NmStatus status = nm_fit_report_write(&report, file, &err);
  if (!status && fflush(file)) status = nm_error_set(&err, NM_ERR_IO, "cannot write the report");
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int fit_and_write(const Request *request, const char *name, const NmSheet *sheet, const NmSong *melody)
{
  NmFitConfig config = nm_fit_defaults();
  NmFitSong fitted;
  NmError err = {0};
  config.n_best = (int32_t)request->n_candidates;
  if (nm_fit_song(sheet->song, melody, &config, (int32_t)request->n_verses, &fitted, &err)) {
    if (err.status == NM_ERR_NO_MEMORY) return nm_message_fail_input(&err);
    return nm_message_fail(
        NM_EXIT_INPUT,
        "%s does not fit %s: %s; give a longer melody, fewer words, or one stanza for each verse", name,
        request->melody, err.message);
  }
  if (fitted.n < request->n_candidates)
    nm_message_warning(
        "%d of the %d ways that were asked for are given: there are no more, or they are too long "
        "to weigh so many",
        (int)fitted.n, (int)request->n_candidates);
  int code = write_songs(request, &fitted);
  if (code == NM_EXIT_DONE && request->json) code = print_report(request, name, &fitted);
  nm_fit_song_fini(&fitted);
  return code;
}

static NmStatus read_melody(const Request *request, NmSong **melody, NmError *err)
{
  NmSongNotes notes = {0};
  NmStatus status = nm_song_file_read(request->melody, &request->reading, melody, &notes, err);
  if (status == NM_ERR_BAD_ARG) status = err->status = NM_ERR_BAD_DATA;
  if (!status) warn(request->melody, NULL, &notes);
  if (!status && (*melody)->n_notes == 0)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s has no notes; choose another part with --part",
                          request->melody);
  return status;
}

static int align(const Request *request)
{
  NmLyricsReader reader = {0};
  NmSheet sheet = {0};
  NmSong *melody = NULL;
  NmError err = {0};
  const char *name = NULL;
  int code = check_outputs(request);
  if (code) return code;
  if (nm_lyrics_reader_open(&reader, &err)) return nm_message_fail_output(&err);
  NmStatus status = nm_lyrics_read(&reader, request->lyrics, &sheet, &name, &err);
  if (!status) warn(name, &sheet, NULL);
  if (!status) status = read_melody(request, &melody, &err);
  code = status ? nm_message_fail_input(&err) : fit_and_write(request, name, &sheet, melody);
  nm_song_free(melody);
  nm_sheet_fini(&sheet);
  nm_lyrics_reader_close(&reader);
  return code;
}

static int run(const NmArgs *args)
{
  Request request;
  if (!read_request(args, &request)) return NM_EXIT_USAGE;
  const int code = name_files(&request) ? align(&request) : nm_message_fail(NM_EXIT_FAILED, "out of memory");
  request_fini(&request);
  return code;
}

const NmCommand nm_command_align = {.name = "align",
                                    .operands = "LYRICS MELODY",
                                    .summary = "given words and given notes to a song",
                                    .details = details,
                                    .examples = examples,
                                    .choices = choices,
                                    .options = options,
                                    .run = run};
