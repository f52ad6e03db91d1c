// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <strings.h>

#include "app/commands/backing_options.h"
#include "app/commands/commands.h"
#include "app/commands/project_options.h"
#include "app/formats/audio_out.h"
#include "app/formats/chord_chart.h"
#include "app/formats/song_file.h"
#include "app/formats/song_json.h"
#include "app/interrupt.h"
#include "app/jobs/mix.h"
#include "app/jobs/project.h"
#include "app/output.h"
#include "dsp/audio_file.h"
#include "models/harmony/mood.h"

enum { OUTS_MAX = 16 };

static const NmOption options[] = {
    {"output", 'o', "FILE",
     "write to FILE, by its ending: .mid (melody and band), .musicxml .mxl .abc (melody with chord symbols), "
     ".txt "
     "(the chords), .wav .flac .ogg .opus (the band alone); may be repeated"},
    NM_BACKING_OPTIONS,
    {"sevenths", 0, "X", "0: triads and dominant sevenths; 1: sevenths everywhere (default 0.15)"},
    {"movement", 0, "X", "0: chords seldom change inside of bars; 1: as in hymns (default 0.5)"},
    {"lead-in", 0, "BARS",
     "bars before the song (default: in sound and MIDI as the project says or the band needs, none in "
     "notation)"},
    {"part", 0, "N", "which part or track of the file has the melody (default: found)"},
    {"json", 0, NULL, "print chords, mood and parts"},
    {"seed", 's', "N", "another touch; the same song and seed give the same bytes (default 0)"},
    {"force", 'f', NULL, "overwrite files that exist"},
    {0}};

static const char details[] =
    "SONG is MusicXML, MIDI, ABC or a project (- is standard input). A "
    "project's own chords are kept, and its settings of band and mix. Of all chords that could "
    "stand under the melody those "
    "of least cost are taken: notes on strong beats are chord tones, dominants "
    "lead to tonics, lines end on tonic or "
    "dominant. A band plays them, its instruments and figures chosen by mood and "
    "meter. Without -o the chords are "
    "printed.";

static const NmExample examples[] = {
    {"neume backing song.musicxml", "prints the chords"},
    {"neume backing song.musicxml -o lead.musicxml -o song.mid", "chord symbols; all parts as MIDI"},
    {"neume backing song.neume -o band.wav", "the band of a project, as neume render plays it"},
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
  bool json, force;
  NmSongReading reading;
  json_t *settings; // in the place of the project's own
  const char *stems, *soundfont;
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
  static const NmNumberSetting sevenths = {"sevenths", "/backing/sevenths", 0, 1, 1},
                               movement = {"movement", "/backing/movement", 0, 1, 1};
  int64_t part = 0, n_lead_in = 0;
  *request = (Request){.name = args->operands[0],
                       .json = nm_args_has(args, "json"),
                       .force = nm_args_has(args, "force"),
                       .reading = nm_song_reading_defaults(),
                       .settings = json_object(),
                       .stems = nm_args_get(args, "stems"),
                       .soundfont = nm_args_get(args, "soundfont")};
  json_t *settings = request->settings;
  if (!nm_project_options_put(settings, "/backing/on", json_true()) ||
      !nm_backing_options_read(args, settings) || !nm_project_options_put_number(args, &sevenths, settings) ||
      !nm_project_options_put_number(args, &movement, settings) ||
      !nm_args_get_integer(args, "lead-in", 0, 16, &n_lead_in) ||
      !nm_args_get_integer(args, "part", 1, 512, &part) || !nm_project_options_put_seed(args, settings))
    return false;
  if (nm_args_has(args, "lead-in") &&
      !nm_project_options_put(settings, "/lead_in_bars", json_integer(n_lead_in)))
    return false;
  request->reading.part = (int)part - 1;
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
static int write_sound(const Request *request, const NmProject *project, const char *path)
{
  const NmAudioOutFormat format = {NM_MIX_RATE_HZ, 2};
  NmError err = {0};
  NmAudioOut *out = NULL;
  NmMixer *mixer = NULL;
  NmBacking *backing = nm_backing_new(project->song, &project->band.backing, &err);
  if (backing && (!path || (out = nm_audio_out_new_file_of(path, &format, false, &err)))) {
    const NmMixConfig config = {.backing = backing,
                                .style = &project->band.mix,
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

// What is heard has a lead-in and verses in turn, what is read has not: both are at hand.
typedef struct {
  NmProject plain, led;
  NmDocument *doc; // of the plain one
  NmHarmony *harmony, *harmony_led;
  NmPerformance *performance; // of the song with its lead-in
  NmBandMood mood;
} Work;

static int write_out(const Request *request, const Work *work, const char *path)
{
  if (nm_audio_writer_knows(path)) return write_sound(request, &work->led, path);
  if (is_text(path)) return write_chart(request, work->plain.song, work->harmony, path);
  if (is_midi(path)) return write_song(request, work->led.song, work->harmony_led, work->performance, path);
  return write_song(request, work->plain.song, work->harmony, NULL, path);
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
  json_t *chords = nm_chord_chart_json(work->plain.song, work->harmony);
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
  if (!code && request->stems) code = write_sound(request, &work->led, NULL);
  if (!code && request->json) return print_json(work);
  if (code || request->n_outs || request->stems) return code;
  nm_chord_chart_write(work->plain.song, work->harmony, stdout);
  if (!fflush(stdout) && !ferror(stdout)) return NM_EXIT_DONE;
  return nm_message_fail(NM_EXIT_FAILED, "cannot write to standard output");
}

// --- work ---

static void warn(void *user, const char *message)
{
  const Request *request = user;
  nm_message_warning("%s: %s", request->name, message);
}

static NmStatus read_project(const Request *request, const NmDocument *doc, bool warns, NmProject *project,
                             NmError *err)
{
  NmError own = {0};
  const NmStatus status = nm_project_read(project, doc, NULL, warns ? warn : NULL, (void *)request, &own);
  if (request->soundfont) project->band.backing.soundfont = request->soundfont;
  return status ? nm_error_set(err, status, "%s: %s", request->name, own.message) : NM_OK;
}

// As it is read: without the bars and the verses that are only heard.
static bool set_plain(const Request *request, NmDocument *doc)
{
  bool ok = true;
  json_t *settings = json_object();
  if (!json_object_get(request->settings, "/lead_in_bars"))
    ok = nm_project_options_put(settings, "/lead_in_bars", json_integer(0));
  ok = ok && nm_project_options_put(settings, "/voice/verse", json_integer(1)) &&
       nm_project_options_set(doc, settings);
  json_decref(settings);
  return ok;
}

// Of other songs than projects one verse is accompanied, as neume sing sings one.
static int set_heard(const Request *request, bool is_project, NmDocument *doc)
{
  if (!is_project && !nm_project_options_put(request->settings, "/voice/verse", json_integer(1)))
    return NM_EXIT_FAILED;
  return nm_project_options_set(doc, request->settings) ? NM_EXIT_DONE : NM_EXIT_USAGE;
}

static int read_both(const Request *request, const NmDocument *doc, Work *work)
{
  NmError err = {0};
  if (read_project(request, doc, true, &work->led, &err)) return nm_message_fail_input(&err);
  if (work->led.song->n_notes == 0)
    return nm_message_fail(NM_EXIT_INPUT, "%s: there are no notes to accompany", request->name);
  work->doc = nm_document_copy(doc);
  if (!work->doc) return nm_message_fail(NM_EXIT_FAILED, "out of memory");
  if (!set_plain(request, work->doc)) return NM_EXIT_FAILED;
  return read_project(request, work->doc, false, &work->plain, &err) ? nm_message_fail_input(&err)
                                                                     : NM_EXIT_DONE;
}

static NmHarmony *find_harmony(const NmProject *project, NmError *err)
{
  const NmBackingStyle *style = &project->band.backing;
  NmHarmony *harmony = nm_harmony_new(project->song, &style->harmony, err);
  if (!harmony || !nm_harmony_wish(harmony, project->song, style->wishes, style->n_wishes)) return harmony;
  nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_harmony_free(harmony);
  return NULL;
}

static int find_chords(Work *work)
{
  const NmBackingStyle *style = &work->led.band.backing;
  work->mood = style->has_mood ? style->mood : nm_mood_of_song(work->led.song);
  const NmPerformanceStyle playing = {.mood = work->mood, .seed = style->seed};
  NmError err = {0};
  if ((work->harmony = find_harmony(&work->plain, &err)) &&
      (work->harmony_led = find_harmony(&work->led, &err)))
    work->performance = nm_performance_new(work->led.song, work->harmony_led, &playing, &err);
  return work->performance ? NM_EXIT_DONE : nm_message_fail_input(&err);
}

static int accompany(const Request *request, const NmDocument *doc)
{
  Work work = {0};
  int code = read_both(request, doc, &work);
  if (!code) code = find_chords(&work);
  if (!code) code = write_all(request, &work);
  nm_performance_free(work.performance);
  nm_harmony_free(work.harmony);
  nm_harmony_free(work.harmony_led);
  nm_project_fini(&work.plain);
  nm_project_fini(&work.led);
  nm_document_free(work.doc);
  return code;
}

static int work(const NmArgs *args, const Request *request)
{
  NmError err = {0};
  bool is_project;
  int code = nm_backing_options_check(args);
  if (!code) code = check_outs(request);
  if (code) return code;
  NmDocument *doc = nm_project_options_open(request->name, &request->reading, false, &is_project, &err);
  if (!doc) return nm_message_fail_input(&err);
  code = set_heard(request, is_project, doc);
  if (!code) code = accompany(request, doc);
  nm_document_free(doc);
  return code;
}

static int run(const NmArgs *args)
{
  Request request;
  if (args->n_operands != 1)
    return nm_message_fail(NM_EXIT_USAGE, "backing takes one song; neume backing --help tells more");
  const int code = read_request(args, &request) ? work(args, &request) : NM_EXIT_USAGE;
  json_decref(request.settings);
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
