// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/project.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/sing/verse.h"
#include "models/song/lead_in.h"

// --- settings ---

static void read_number(const json_t *object, const char *name, double *value)
{
  const json_t *found = json_object_get(object, name);
  if (found) *value = json_number_value(found);
}

static void read_truth(const json_t *object, const char *name, bool *value)
{
  const json_t *found = json_object_get(object, name);
  if (found) *value = json_is_true(found);
}

static NmSingFiller find_filler(const json_t *name)
{
  static const char *const names[NM_SING_N_FILLERS] = {"la", "ah", "oo", "hum", "none"};
  for (int i = 0; name && i < NM_SING_N_FILLERS; ++i)
    if (!strcmp(names[i], json_string_value(name))) return (NmSingFiller)i;
  return NM_SING_LA;
}

// What the song and its lines may both set, over what is set already.
static NmStatus read_sound(NmSingStyle *style, const json_t *voice, const NmSpeech *speech, NmError *err)
{
  const json_t *seed = json_object_get(voice, "seed"), *speaker = json_object_get(voice, "speaker");
  read_number(voice, "as", &style->as);
  read_truth(voice, "plain", &style->plain);
  read_number(voice, "portamento_s", &style->portamento_s);
  read_number(voice, "vibrato_cents", &style->vibrato_cents);
  read_number(voice, "vibrato_hz", &style->vibrato_hz);
  read_number(voice, "vibrato_delay_s", &style->vibrato_delay_s);
  read_number(voice, "drift_cents", &style->drift_cents);
  read_number(voice, "arc_db", &style->arc_db);
  read_number(voice, "accent_db", &style->accent_db);
  read_truth(voice, "breaths", &style->breaths);
  read_number(voice, "consonants", &style->consonants);
  read_number(voice, "level_db", &style->level_db);
  if (seed) style->seed = (uint64_t)json_integer_value(seed);
  if (speaker && speech) style->speaker = nm_speech_find_speaker(speech, json_string_value(speaker), err);
  return style->speaker < 0 ? err->status : NM_OK;
}

static NmStatus read_style(NmProject *project, const NmDocument *doc, const NmSpeech *speech, NmError *err)
{
  NmSingStyle *style = &project->style;
  const json_t *voice = nm_document_get(doc, "/voice"), *transpose = json_object_get(voice, "transpose");
  const json_t *verse = json_object_get(voice, "verse");
  *style = nm_sing_style_defaults();
  if (transpose) style->transpose = (int32_t)json_integer_value(transpose);
  style->filler = find_filler(json_object_get(voice, "filler"));
  if (verse) style->verse = (int32_t)json_integer_value(verse);
  return read_sound(style, voice, speech, err);
}

static NmStatus read_band(NmProject *project, const NmDocument *doc, NmError *err)
{
  const json_t *backing = nm_document_get(doc, "/backing"), *mix = nm_document_get(doc, "/mix");
  NmBackingStyle *style = &project->band.backing;
  NmMixStyle *levels = &project->band.mix;
  project->band = nm_sing_band_defaults();
  read_truth(backing, "on", &project->has_band);
  read_number(backing, "sevenths", &style->harmony.sevenths);
  read_number(backing, "movement", &style->harmony.movement);
  read_truth(backing, "secondary", &style->harmony.secondary);
  read_truth(backing, "inversions", &style->harmony.inversions);
  style->seed = (uint64_t)json_integer_value(json_object_get(backing, "seed"));
  if (project->style.transpose != NM_SING_TRANSPOSE_AUTO)
    style->transpose = nm_sing_mix_fold(project->style.transpose);
  style->soundfont = json_string_value(json_object_get(backing, "soundfont"));
  read_number(mix, "voice_db", &levels->voice_db);
  read_number(mix, "backing_db", &levels->backing_db);
  read_number(mix, "room_db", &levels->room_db);
  read_number(mix, "duck_db", &levels->duck_db);
  read_number(mix, "peak_db", &levels->peak_db);
  const char *mood = json_string_value(json_object_get(backing, "mood"));
  style->has_mood = mood != NULL;
  if (!mood || nm_mood_parse(mood, &style->mood)) return NM_OK;
  return nm_error_set(
      err, NM_ERR_BAD_DATA,
      "backing.mood: \"%.40s\" is none of calm, bright, dark, driving, sad, solemn, and no two "
      "numbers from -1 to 1 either",
      mood);
}

// --- the song ---

static int32_t count_verses(const NmSong *song)
{
  int32_t n = 0;
  for (int32_t verse = 1; verse <= nm_verse_count(song); ++verse) n += nm_verse_exists(song, verse);
  return n;
}

static NmStatus make_song(NmProject *project, const NmDocument *doc, NmError *err)
{
  const json_t *lead_in = nm_document_get(doc, "/lead_in_bars");
  project->song = nm_document_make_song(doc, err);
  if (!project->song) return err->status;
  project->n_passes = 1;
  if (count_verses(project->song) > 1 && !nm_document_get(doc, "/voice/verse")) {
    project->n_passes = count_verses(project->song);
    project->period = nm_sing_get_period(project->song);
    NmSong *unfolded = nm_sing_unfold(project->song, err);
    if (!unfolded) return err->status;
    nm_song_free(project->song);
    project->song = unfolded;
  }
  if (lead_in)
    project->n_lead_in = nm_song_add_lead_in(project->song, (int)json_integer_value(lead_in));
  else if (project->has_band)
    project->n_lead_in = nm_backing_add_lead_in(project->song);
  return NM_OK;
}

// --- curves ---

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// A tick of the document in a pass of the song.
static int64_t find_tick(const NmProject *project, int64_t tick, int32_t pass)
{
  return tick + project->n_lead_in + pass * project->period;
}

// Nothing is added before the first point of a drawn curve and behind the last.
static NmStatus make_pitch(NmProject *project, const NmDocument *doc, NmError *err)
{
  int32_t n, n_made = 0;
  const NmPitchPoint *points = nm_document_get_pitch_curve(doc, &n);
  if (n == 0) return NM_OK;
  NmSingPoint *made = calloc(((size_t)n + 2) * (size_t)project->n_passes, sizeof *made);
  if (!made) return no_memory(err);
  project->pitch_points = made;
  for (int32_t pass = 0; pass < project->n_passes; ++pass) {
    const int64_t end = find_tick(project, 0, pass + 1);
    made[n_made++] = (NmSingPoint){find_tick(project, points[0].tick, pass), 0};
    for (int32_t i = 0; i < n && (project->n_passes == 1 || find_tick(project, points[i].tick, pass) < end);
         ++i)
      made[n_made++] = (NmSingPoint){find_tick(project, points[i].tick, pass), (float)points[i].cents};
    made[n_made] = (NmSingPoint){made[n_made - 1].tick, 0};
    ++n_made;
  }
  project->style.pitch_cents = (NmSingCurve){made, n_made};
  return NM_OK;
}

// The chords of the document, in every pass. Names that are none are told, and left to the melody.
static NmStatus make_wishes(NmProject *project, const NmDocument *doc,
                            void (*note)(void *user, const char *message), void *user, NmError *err)
{
  int32_t n, n_made = 0;
  const NmChordMark *marks = nm_document_get_chords(doc, &n);
  if (n == 0 || !project->has_band) return NM_OK;
  project->wishes = calloc((size_t)n * (size_t)project->n_passes, sizeof *project->wishes);
  if (!project->wishes) return no_memory(err);
  for (int32_t pass = 0; pass < project->n_passes; ++pass)
    for (int32_t i = 0; i < n; ++i) {
      char message[120];
      NmChord chord = {0};
      const bool is_chord = nm_chord_parse(marks[i].name, &chord);
      const int64_t tick = find_tick(project, marks[i].tick, pass);
      if (project->n_passes > 1 && tick >= find_tick(project, 0, pass + 1)) break;
      snprintf(message, sizeof message, "chord \"%.40s\" is not known, and found for the melody instead",
               marks[i].name);
      if (!is_chord && marks[i].name[0] && pass == 0 && note) note(user, message);
      project->wishes[n_made++] = (NmChordWish){tick, is_chord ? marks[i].name : NULL};
    }
  project->band.backing.wishes = project->wishes;
  project->band.backing.n_wishes = n_made;
  return NM_OK;
}

// --- lines ---

// Which line of the document each line of the unfolded song is: of [n_lines].
static bool find_lines(const NmSong *song, int32_t *of, int32_t n_lines)
{
  int32_t n = 0;
  int32_t *line_of = malloc(((size_t)song->n_syllables + 1) * sizeof *line_of);
  bool *active = malloc((size_t)song->n_lines + 1);
  int8_t *on = malloc((size_t)song->n_notes + 1);
  const bool ok = line_of && active && on;
  if (ok) nm_verse_find_lines(song, line_of);
  for (int32_t verse = 1; ok && verse <= nm_verse_count(song); ++verse) {
    if (!nm_verse_exists(song, verse)) continue;
    nm_verse_choose(song, verse, line_of, active, on);
    for (int32_t l = 0; l < song->n_lines && n < n_lines; ++l)
      if (active[l]) of[n++] = l;
  }
  free(line_of);
  free(active);
  free(on);
  return ok && n == n_lines;
}

static NmStatus read_lines(NmProject *project, const NmDocument *doc, const int32_t *of,
                           const NmSpeech *speech, NmError *err)
{
  NmStatus status = NM_OK;
  const json_t *lines = nm_document_get(doc, "/lines");
  for (int32_t i = 0; i < project->song->n_lines && status == NM_OK; ++i) {
    const json_t *voice = json_object_get(json_array_get(lines, (size_t)of[i]), "voice");
    const json_t *transpose = json_object_get(voice, "transpose");
    double level = 0;
    NmSingStyle *style = &project->lines[i];
    *style = project->style;
    style->pitch_cents = (NmSingCurve){0};
    style->transpose = transpose ? (int32_t)json_integer_value(transpose) : NM_SING_TRANSPOSE_AUTO;
    status = read_sound(style, voice, speech, err);
    read_number(voice, "level_db", &level);
    style->level_db = fmax(-60, fmin(60, project->style.level_db + level));
  }
  return status;
}

static bool has_own_voice(const NmDocument *doc)
{
  size_t i;
  json_t *line;
  json_array_foreach(nm_document_get(doc, "/lines"), i, line)
  {
    if (json_object_get(line, "voice")) return true;
  }
  return false;
}

static NmStatus make_lines(NmProject *project, const NmDocument *doc, const NmSpeech *speech, NmError *err)
{
  const NmSong *song = nm_document_get_song(doc);
  const int32_t n = project->song->n_lines;
  if (!has_own_voice(doc)) return NM_OK;
  int32_t *of = malloc(((size_t)n + 1) * sizeof *of);
  project->lines = calloc((size_t)n + 1, sizeof *project->lines);
  NmStatus status = of && project->lines ? NM_OK : no_memory(err);
  for (int32_t i = 0; i < n && status == NM_OK; ++i) of[i] = i;
  if (status == NM_OK && project->n_passes > 1 && !find_lines(song, of, n)) status = no_memory(err);
  if (status == NM_OK) status = read_lines(project, doc, of, speech, err);
  free(of);
  project->style.lines = project->lines;
  project->style.n_lines = n;
  return status;
}

// --- all of it ---

NmStatus nm_project_read(NmProject *project, const NmDocument *doc, const NmSpeech *speech,
                         void (*note)(void *user, const char *message), void *user, NmError *err)
{
  NmError own = {0};
  if (!err) err = &own;
  *project = (NmProject){0};
  NmStatus status = read_style(project, doc, speech, err);
  if (status == NM_OK) status = read_band(project, doc, err);
  if (status == NM_OK) status = make_song(project, doc, err);
  if (status == NM_OK) status = make_pitch(project, doc, err);
  if (status == NM_OK) status = make_wishes(project, doc, note, user, err);
  if (status == NM_OK) status = make_lines(project, doc, speech, err);
  return status;
}

NmStatus nm_project_init(NmProject *project, const NmDocument *doc, NmSpeech *speech,
                         void (*note)(void *user, const char *message), void *user, NmError *err)
{
  NmError own = {0};
  if (!err) err = &own;
  const NmStatus status = nm_project_read(project, doc, speech, note, user, err);
  if (status != NM_OK) return status;
  project->singer = nm_singer_new(speech->text, speech->voice);
  if (!project->singer) return no_memory(err);
  project->plan = nm_sing_plan_new(project->singer, project->song, &project->style, note, user, err);
  return project->plan ? NM_OK : err->status;
}

void nm_project_fini(NmProject *project)
{
  nm_sing_plan_free(project->plan);
  nm_singer_free(project->singer);
  nm_song_free(project->song);
  free(project->pitch_points);
  free(project->lines);
  free(project->wishes);
  *project = (NmProject){0};
}

NmStatus nm_project_sing_phrase(NmProject *project, NmCache *cache, const NmHash *salt, int32_t i,
                                float *samples, bool *was_there, NmError *err)
{
  const NmSingPhrase *phrase = nm_sing_plan_get_phrase(project->plan, i);
  const size_t n = (size_t)phrase->n_samples * sizeof *samples;
  NmHash key = *salt;
  nm_hash_add_u64(&key, phrase->key[0]);
  nm_hash_add_u64(&key, phrase->key[1]);
  const bool found = nm_cache_get(cache, &key, samples, n);
  if (was_there) *was_there = found;
  if (found) return NM_OK;
  const NmStatus status = nm_singer_sing_phrase(project->singer, project->plan, i, samples, err);
  if (status == NM_OK) nm_cache_put(cache, &key, samples, n);
  return status;
}
