// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/assets.h"
#include "app/clock.h"
#include "app/commands/commands.h"
#include "app/commands/song_options.h"
#include "app/formats/song_values.h"
#include "app/formats/write_report.h"
#include "app/interrupt.h"
#include "app/jobs/lyrics.h"
#include "app/jobs/songs.h"
#include "dsp/base/map.h"

enum { THEME_MAX = 64 };

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

// What the words are written with.
typedef struct {
  NmLyricsReader reader;
  NmLexicon *lexicon;
  NmMap words;
  NmLexisSource source;
  NmLexis lexis;
  NmSongModel model;
} Tools;

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

static NmStatus open_words(Tools *tools, NmError *err)
{
  char lexicon[PATH_MAX], words[PATH_MAX];
  NmStatus status = nm_assets_find("english.lexicon", lexicon, err);
  if (!status) status = nm_assets_find("song.words", words, err);
  if (!status) status = nm_map_open(&tools->words, words, err);
  if (status) return status;
  tools->lexicon = nm_lexicon_new(lexicon, err);
  if (!tools->lexicon) return err->status;
  tools->source = (NmLexisSource){.list = (const char *)tools->words.data,
                                  .len = tools->words.size,
                                  .lexicon = tools->lexicon,
                                  .syllabifier = tools->reader.syllabifier,
                                  .vocabulary = tools->model.vocabulary};
  return nm_lexis_init(&tools->lexis, &tools->source, err);
}

static NmStatus tools_open(Tools *tools, const char *weights, NmError *err)
{
  NmStatus status = nm_lyrics_reader_open(&tools->reader, err);
  if (!status) status = nm_songs_open_model(&tools->model, weights, err);
  return status ? status : open_words(tools, err);
}

static void tools_close(Tools *tools)
{
  nm_lexis_fini(&tools->lexis);
  nm_songs_close_model(&tools->model);
  nm_lexicon_free(tools->lexicon);
  nm_map_close(&tools->words);
  nm_lyrics_reader_close(&tools->reader);
}

// The theme's words that can be sung; warns of others.
static int32_t find_theme(const Tools *tools, const char *theme, int32_t words[THEME_MAX])
{
  char word[NM_LEXICON_WORD_MAX + 1];
  int32_t n_words = 0;
  while (theme && *theme && n_words < THEME_MAX) {
    size_t n = 0;
    while (*theme && !isalpha((unsigned char)*theme)) ++theme;
    while (isalpha((unsigned char)theme[n]) || theme[n] == '\'') ++n;
    if (n == 0) break;
    const size_t len = n < sizeof word - 1 ? n : sizeof word - 1;
    for (size_t i = 0; i < len; ++i) word[i] = (char)tolower((unsigned char)theme[i]);
    word[len] = '\0';
    words[n_words] = nm_lexis_find(&tools->lexis, &tools->source, word, len);
    if (words[n_words] < 0)
      nm_message_warning("the song model does not know the word '%s' of the theme", word);
    else
      ++n_words;
    theme += n;
  }
  return n_words;
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

static int write_words(Request *request, Tools *tools, const NmSong *melody)
{
  int32_t theme[THEME_MAX];
  NmWritten written;
  NmError err = {0};
  const double start = nm_clock_now();
  request->write.n_theme = find_theme(tools, request->theme, theme);
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
  Tools tools = {0};
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
  if (tools_open(&tools, request.outputs.weights, &err))
    code = request.outputs.weights ? nm_message_fail_input(&err) : nm_message_fail_output(&err);
  else
    code = write_words(&request, &tools, melody);
  tools_close(&tools);
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
