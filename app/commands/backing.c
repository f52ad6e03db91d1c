// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <strings.h>

#include "app/commands/backing_options.h"
#include "app/commands/commands.h"
#include "app/formats/audio_out.h"
#include "app/formats/chord_chart.h"
#include "app/formats/song_file.h"
#include "app/formats/song_json.h"
#include "app/interrupt.h"
#include "app/jobs/mix.h"
#include "app/output.h"
#include "dsp/audio_file.h"
#include "models/song/copy.h"
#include "models/song/lead_in.h"

enum { OUTS_MAX = 16 };

static const NmOption options[] = {
    {"output", 'o', "FILE",
     "write to FILE, by its ending: .mid (melody and band), .musicxml .mxl .abc (melody with chord symbols), "
     ".txt "
     "(the chords), .wav .flac .ogg .opus (the band alone); may be repeated"},
    NM_BACKING_OPTIONS,
    {"sevenths", 0, "X", "0: triads and dominant sevenths; 1: sevenths everywhere (default 0.15)"},
    {"movement", 0, "X", "0: chords seldom change inside of bars; 1: as in hymns (default 0.5)"},
    {"lead-in", 0, "BARS", "bars before the song (default: in sound and MIDI as it needs, none in notation)"},
    {"part", 0, "N", "which part or track of the file has the melody (default: found)"},
    {"json", 0, NULL, "print chords, mood and parts"},
    {"seed", 's', "N", "another touch; the same song and seed give the same bytes (default 0)"},
    {"force", 'f', NULL, "overwrite files that exist"},
    {0}};

static const char details[] = "SONG is MusicXML, MIDI, ABC or the song of a project, whose own chords are "
                              "for neume render (- is standard input). Of all chords that could "
                              "stand under the melody those "
                              "of least cost are taken: notes on strong beats are chord tones, dominants "
                              "lead to tonics, lines end on tonic or "
                              "dominant. A band plays them, its instruments and figures chosen by mood and "
                              "meter. Without -o the chords are "
                              "printed.";

static const NmExample examples[] = {
    {"neume backing song.musicxml", "prints the chords"},
    {"neume backing song.musicxml -o lead.musicxml -o song.mid", "chord symbols; all parts as MIDI"},
    {"neume backing song.musicxml --mood bright -o band.wav --stems stems", "the band as sound"},
    {0}};

static const NmChoice choices[] = {{"output", ".mid .musicxml .mxl .abc .txt .wav .flac .ogg .opus"},
                                   {"mood", "calm bright dark driving sad solemn"},
                                   {"", ".musicxml .mxl .mid .abc .neume"},
                                   {0}};

typedef struct {
  const char *name;
  const char *outs[OUTS_MAX]; // [n_outs]
  int n_outs;
  bool json, force, has_lead_in;
  int64_t n_lead_in;
  NmSongReading reading;
  NmBackingStyle style;
  const char *stems;
} Request;

// --- options ---

static bool is_text(const char *path)
{
  const size_t n = strlen(path);
  return n >= 4 && !strcasecmp(path + n - 4, ".txt");
}

static bool read_outs(const NmArgs *args, Request *request)
{
  for (const char *path; (path = nm_args_get_nth(args, "output", request->n_outs)); ++request->n_outs) {
    if (request->n_outs == OUTS_MAX) {
      nm_message("-o can be given %d times", OUTS_MAX);
      return false;
    }
    request->outs[request->n_outs] = path;
  }
  return true;
}

static bool read_request(const NmArgs *args, Request *request)
{
  int64_t part = 0, seed = 0;
  *request = (Request){.name = args->operands[0],
                       .json = nm_args_has(args, "json"),
                       .force = nm_args_has(args, "force"),
                       .has_lead_in = nm_args_has(args, "lead-in"),
                       .reading = nm_song_reading_defaults(),
                       .style = nm_backing_style_defaults(),
                       .stems = nm_args_get(args, "stems")};
  if (!nm_backing_options_read(args, &request->style) ||
      !nm_args_get_number(args, "sevenths", 0, 1, &request->style.harmony.sevenths) ||
      !nm_args_get_number(args, "movement", 0, 1, &request->style.harmony.movement) ||
      !nm_args_get_integer(args, "lead-in", 0, 16, &request->n_lead_in) ||
      !nm_args_get_integer(args, "part", 1, 512, &part) ||
      !nm_args_get_integer(args, "seed", 0, INT64_MAX, &seed))
    return false;
  request->reading.part = (int)part - 1;
  request->style.seed = (uint64_t)seed;
  return read_outs(args, request);
}

// Finds before the work what could not be written after it.
static int check_outs(const Request *request)
{
  NmError err = {0};
  for (int k = 0; k < request->n_outs; ++k) {
    const char *path = request->outs[k];
    if (!is_text(path) && !nm_audio_writer_knows(path)) {
      const NmSongFormat *format = nm_song_format_find(path, &err);
      if (!format)
        return nm_message_fail(NM_EXIT_USAGE, "%s, sound in .wav .flac .ogg .opus, chords in .txt",
                               err.message);
      if (!format->write)
        return nm_message_fail(NM_EXIT_USAGE, "%s: %s files are only read", path, format->name);
    }
    for (int j = 0; j < k; ++j)
      if (!strcmp(request->outs[j], path)) return nm_message_fail(NM_EXIT_USAGE, "%s is named twice", path);
    if (nm_output_check(path, request->force, &err)) return nm_message_fail_output(&err);
  }
  return NM_EXIT_DONE;
}

// --- outputs ---

static NmStatus take_sound(void *user, const float *frames, int64_t n, NmError *err)
{
  if (nm_interrupt_seen()) return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
  return user ? nm_audio_out_write(user, frames, n, err) : NM_OK;
}

// The band alone, to a file or only to the stems.
static int write_sound(const Request *request, const NmSong *song, const char *path)
{
  const NmAudioOutFormat format = {NM_MIX_RATE_HZ, 2};
  NmError err = {0};
  NmAudioOut *out = NULL;
  NmMixer *mixer = NULL;
  NmBacking *backing = nm_backing_new(song, &request->style, &err);
  if (backing && (!path || (out = nm_audio_out_new_file_of(path, &format, false, &err)))) {
    const NmMixConfig config = {.backing = backing,
                                .sink = take_sound,
                                .user = out,
                                .stems = path ? NULL : request->stems,
                                .force = request->force};
    mixer = nm_mixer_new(&config, &err);
  }
  NmStatus status = mixer ? nm_mixer_finish(mixer, &err) : err.status;
  if (!status && out) status = nm_audio_out_finish(out, &err);
  nm_mixer_free(mixer);
  nm_audio_out_free(out);
  nm_backing_free(backing);
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int write_chart(const Request *request, const NmSong *song, const NmHarmony *harmony, const char *path)
{
  NmOutput output = {0};
  NmError err = {0};
  NmStatus status = nm_output_begin(&output, path, request->force, &err);
  FILE *file = status ? NULL : nm_output_open(&output, &err);
  if (file) {
    nm_chord_chart_write(song, harmony, file);
    status = nm_output_close(file, path, &err);
  } else if (!status) {
    status = err.status;
  }
  if (!status) status = nm_output_commit(&output, &err);
  nm_output_discard(&output);
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int write_song(const Request *request, const NmSong *song, const NmHarmony *harmony,
                      const NmPerformance *performance, const char *path)
{
  NmSongNotes notes = {0};
  NmSongWriting writing = nm_song_writing_defaults();
  NmError err = {0};
  writing.notes = &notes;
  writing.harmony = harmony;
  writing.performance = performance;
  if (nm_song_file_write(path, song, &writing, request->force, &err)) return nm_message_fail_output(&err);
  for (int32_t i = 0; i < notes.n; ++i) nm_message_warning("%s: %s", path, notes.text[i]);
  return NM_EXIT_DONE;
}

static bool is_midi(const char *path)
{
  const size_t n = strlen(path);
  return n >= 4 && !strcasecmp(path + n - 4, ".mid");
}

// What is heard has a lead-in, what is read has none: both are at hand.
typedef struct {
  NmSong *plain, *led;
  NmHarmony *harmony, *harmony_led;
  NmPerformance *performance; // of the song with its lead-in
  NmBandMood mood;
} Work;

static int write_out(const Request *request, const Work *work, const char *path)
{
  if (nm_audio_writer_knows(path)) return write_sound(request, work->led, path);
  if (is_text(path)) return write_chart(request, work->plain, work->harmony, path);
  if (is_midi(path)) return write_song(request, work->led, work->harmony_led, work->performance, path);
  return write_song(request, work->plain, work->harmony, NULL, path);
}

static json_t *make_parts(const NmPerformance *performance)
{
  json_t *parts = json_array();
  for (int32_t p = 0; parts && p < performance->n_parts; ++p) {
    const NmPart *part = &performance->parts[p];
    json_array_append_new(parts,
                          json_pack("{s:s, s:i, s:i, s:i}", "name", part->name, "channel", part->channel + 1,
                                    "program", part->program + 1, "notes", part->n_notes));
  }
  return parts;
}

static int print_json(const Work *work)
{
  NmError err = {0};
  json_t *chords = nm_chord_chart_json(work->plain, work->harmony);
  json_t *answer = chords ? json_pack("{s:{s:f, s:f}, s:f, s:o, s:o}", "mood", "valence", work->mood.valence,
                                      "arousal", work->mood.arousal, "cost", work->harmony->cost, "parts",
                                      make_parts(work->performance), "chords", chords)
                          : NULL;
  NmStatus status = nm_song_json_print(answer, stdout, &err);
  if (!status && fflush(stdout)) status = nm_error_set(&err, NM_ERR_IO, "cannot write the report");
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int write_all(const Request *request, const Work *work)
{
  int code = NM_EXIT_DONE;
  for (int k = 0; k < request->n_outs && !code; ++k) code = write_out(request, work, request->outs[k]);
  if (!code && request->stems) code = write_sound(request, work->led, NULL);
  if (!code && request->json) return print_json(work);
  if (code || request->n_outs || request->stems) return code;
  nm_chord_chart_write(work->plain, work->harmony, stdout);
  if (!fflush(stdout) && !ferror(stdout)) return NM_EXIT_DONE;
  return nm_message_fail(NM_EXIT_FAILED, "cannot write to standard output");
}

// --- work ---

static NmStatus read_songs(const Request *request, Work *work, NmError *err)
{
  NmSongNotes notes = {0};
  NmStatus status = nm_song_file_read(request->name, &request->reading, &work->plain, &notes, err);
  for (int32_t i = 0; i < notes.n && !status; ++i) nm_message_warning("%s: %s", request->name, notes.text[i]);
  if (!status && work->plain->n_notes == 0)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: there are no notes to accompany", request->name);
  if (status) return status;
  if (request->has_lead_in) nm_song_add_lead_in(work->plain, (int)request->n_lead_in);
  work->led = nm_song_copy(work->plain);
  if (!work->led) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!request->has_lead_in) nm_backing_add_lead_in(work->led);
  return NM_OK;
}

static NmStatus find_chords(const Request *request, Work *work, NmError *err)
{
  const NmHarmonyStyle *style = &request->style.harmony;
  work->mood = request->style.has_mood ? request->style.mood : nm_mood_of_song(work->plain);
  const NmPerformanceStyle playing = {.mood = work->mood, .seed = request->style.seed};
  NmError own = {0};
  if ((work->harmony = nm_harmony_new(work->plain, style, &own)) &&
      (work->harmony_led = nm_harmony_new(work->led, style, &own)))
    work->performance = nm_performance_new(work->led, work->harmony_led, &playing, &own);
  if (!work->performance) *err = own;
  return own.status;
}

static int run(const NmArgs *args)
{
  Request request;
  Work work = {0};
  NmError err = {0};
  if (args->n_operands != 1)
    return nm_message_fail(NM_EXIT_USAGE, "backing takes one song; neume backing --help tells more");
  if (!read_request(args, &request)) return NM_EXIT_USAGE;
  int code = nm_backing_options_check(&request.style);
  if (!code) code = check_outs(&request);
  if (code) return code;
  if (read_songs(&request, &work, &err) || find_chords(&request, &work, &err))
    code = nm_message_fail_input(&err);
  else
    code = write_all(&request, &work);
  nm_performance_free(work.performance);
  nm_harmony_free(work.harmony);
  nm_harmony_free(work.harmony_led);
  nm_song_free(work.plain);
  nm_song_free(work.led);
  return code;
}

const NmCommand nm_command_backing = {.name = "backing",
                                      .operands = "SONG",
                                      .summary = "chords and a band for a song",
                                      .details = details,
                                      .examples = examples,
                                      .choices = choices,
                                      .options = options,
                                      .run = run};
