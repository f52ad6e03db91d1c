// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/commands/backing_options.h"
#include "app/commands/commands.h"
#include "app/formats/sing_report.h"
#include "app/formats/sing_values.h"
#include "app/formats/song_file.h"
#include "app/jobs/sing_job.h"
#include "models/song/lead_in.h"

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
    {"verse", 0, "N", "which verse of several (default 1); all: one after the other"},
    {"vowel", 0, "SOUND", "what notes without words are sung on: la (default), ah, oo, hum, none"},
    {"lead-in", 0, "BARS", "empty bars before the song (default: none; with --backing, as it needs)"},
    {"backing", 'b', NULL, "a band plays along: chords found for the melody; stereo, 48000 per second"},
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
    "played on a terminal and streamed as WAV into a pipe.";

static const NmExample examples[] = {
    {"neume sing song.musicxml -o song.wav", "sings it"},
    {"neume sing song.mid -o song.opus --timings song.lrc --timings song.TextGrid", "with karaoke lines"},
    {"neume sing song.musicxml --plain -o straight.wav", "exact notes, nothing else"},
    {"neume sing song.musicxml --as recitative -o recitative.wav", "half read, half sung"},
    {"neume sing song.musicxml --backing --mood calm -o song.wav --stems stems", "with a band"},
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

typedef struct {
  NmSingRequest sing;
  NmSongReading reading;
  bool all_verses, has_lead_in;
  int64_t n_lead_in, n_threads;
  NmSingBand band;
} Request;

// --- options ---

static bool read_words(const NmArgs *args, NmSingStyle *style)
{
  const char *as = nm_args_get(args, "as"), *vowel = nm_args_get(args, "vowel"),
             *transpose = nm_args_get(args, "transpose");
  if (as && !nm_sing_parse_as(as, &style->as))
    nm_message("--as '%s' is not understood; write speech, recitative, song or a number from 0 to 1", as);
  else if (vowel && !nm_sing_parse_vowel(vowel, &style->filler))
    nm_message("--vowel '%s' is unknown; there are la, ah, oo, hum and none", vowel);
  else if (transpose && !nm_sing_parse_transpose(transpose, &style->transpose))
    nm_message("--transpose '%s' is not understood; write auto, or semitones from -48 to 48", transpose);
  else
    return true;
  return false;
}

static bool read_verse(const NmArgs *args, Request *request)
{
  const char *text = nm_args_get(args, "verse");
  int64_t verse = 1;
  request->all_verses = text && !strcmp(text, "all");
  if (!request->all_verses && !nm_args_get_integer(args, "verse", 1, NM_SONG_VERSES_MAX, &verse))
    return false;
  request->sing.style.verse = (int32_t)verse;
  return true;
}

static bool read_style(const NmArgs *args, Request *request)
{
  NmSingStyle *style = &request->sing.style;
  double portamento_ms = 1e3 * style->portamento_s;
  int64_t seed = 0;
  if (!read_words(args, style) || !nm_args_get_number(args, "portamento", 0, 2000, &portamento_ms) ||
      !nm_args_get_number(args, "vibrato", 0, 300, &style->vibrato_cents) ||
      !nm_args_get_number(args, "vibrato-rate", 1, 12, &style->vibrato_hz) ||
      !nm_args_get_number(args, "vibrato-delay", 0, 10, &style->vibrato_delay_s) ||
      !nm_args_get_number(args, "drift", 0, 100, &style->drift_cents) ||
      !nm_args_get_number(args, "swell", 0, 24, &style->arc_db) ||
      !nm_args_get_number(args, "accent", 0, 24, &style->accent_db) ||
      !nm_args_get_number(args, "consonants", .25, 4, &style->consonants) ||
      !nm_args_get_integer(args, "seed", 0, INT64_MAX, &seed))
    return false;
  style->portamento_s = portamento_ms / 1e3;
  style->seed = (uint64_t)seed;
  style->plain = nm_args_has(args, "plain");
  style->breaths = !nm_args_has(args, "no-breaths");
  return read_verse(args, request);
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
  request->band = nm_sing_band_defaults();
  request->band.stems = nm_args_get(args, "stems");
  request->band.backing.seed = request->sing.style.seed;
  if (nm_args_has(args, "backing") || nm_backing_options_given(args)) request->sing.band = &request->band;
  return nm_backing_options_read(args, &request->band.backing);
}

// Where the sound goes when nobody said: the loudspeaker on a terminal, WAV into a pipe, nowhere when only
// other results were asked for.
static bool choose_output(NmSingRequest *sing)
{
  const bool is_terminal = isatty(STDOUT_FILENO);
  if (sing->out && !strcmp(sing->out, "-") && is_terminal) {
    nm_message("standard output is a terminal; name a file after -o, or pipe it");
    return false;
  }
  if (sing->out || sing->play || sing->report || sing->n_timings || (sing->band && sing->band->stems))
    return true;
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
                                .style = nm_sing_style_defaults(),
                                .warn = true,
                                .start = nm_clock_start()},
                       .reading = nm_song_reading_defaults()};
  if (!nm_args_get_integer(args, "part", 1, 512, &part) ||
      !nm_args_get_integer(args, "lead-in", 0, 16, &request->n_lead_in) ||
      !nm_args_get_integer(args, "threads", 1, 256, &request->n_threads))
    return false;
  request->reading.part = (int)part - 1;
  request->has_lead_in = nm_args_has(args, "lead-in");
  return read_style(args, request) && read_band(args, request) && read_timings(args, &request->sing) &&
         choose_output(&request->sing);
}

// --- work ---

static int read_song(const Request *request, NmSong **song)
{
  NmError err = {0};
  NmSongNotes notes = {0};
  if (nm_song_file_read(request->sing.name, &request->reading, song, &notes, &err)) {
    if (err.status == NM_ERR_BAD_ARG) err.status = NM_ERR_BAD_DATA;
    return nm_message_fail_input(&err);
  }
  for (int32_t n = 0; n < notes.n; ++n) nm_message_warning("%s: %s", request->sing.name, notes.text[n]);
  if (request->all_verses) {
    NmSong *unfolded = nm_sing_unfold(*song, &err);
    if (!unfolded) return nm_message_fail_input(&err);
    nm_song_free(*song);
    *song = unfolded;
  }
  if (request->sing.band && !request->has_lead_in)
    nm_backing_add_lead_in(*song);
  else
    nm_song_add_lead_in(*song, (int)request->n_lead_in);
  return NM_EXIT_DONE;
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

static int sing_song(NmSpeech *speech, const Request *request, const NmSong *song)
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

static int open_voice(NmSpeech *speech, const NmArgs *args, Request *request)
{
  NmError err = {0};
  const char *path;
  for (int i = 0; (path = nm_args_get_nth(args, "lexicon", i)); i++)
    if (nm_text_add_user_lexicon(speech->text, path, &err)) return nm_message_fail_input(&err);
  request->sing.style.speaker = nm_speech_find_speaker(speech, nm_args_get(args, "voice"), &err);
  if (request->sing.style.speaker < 0) return nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  return NM_EXIT_DONE;
}

static int run(const NmArgs *args)
{
  Request request;
  NmSpeech speech;
  NmError err = {0};
  NmSong *song = NULL;
  if (args->n_operands != 1)
    return nm_message_fail(NM_EXIT_USAGE, "sing takes one song; neume sing --help tells more");
  if (!read_request(args, &request)) return NM_EXIT_USAGE;
  int code = nm_backing_options_check(&request.band.backing);
  if (!code) code = read_song(&request, &song);
  if (!code && nm_speech_open(&speech, (int)request.n_threads, &err)) {
    code = nm_message_fail_output(&err);
  } else if (!code) {
    code = open_voice(&speech, args, &request);
    if (!code) code = sing_song(&speech, &request, song);
    nm_speech_close(&speech);
  }
  nm_song_free(song);
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
