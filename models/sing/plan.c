// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/plan.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/sing/level.h"
#include "models/sing/melody.h"
#include "models/sing/predict.h"
#include "models/sing/read.h"
#include "models/sing/words.h"

NmSingStyle nm_sing_style_defaults(void)
{
  return (NmSingStyle){.as = 1,
                       .portamento_s = .09,
                       .vibrato_cents = 35,
                       .vibrato_hz = 5.5,
                       .vibrato_delay_s = .3,
                       .drift_cents = 3,
                       .arc_db = 3,
                       .accent_db = 1,
                       .breaths = true,
                       .consonants = 1,
                       .transpose = NM_SING_TRANSPOSE_AUTO,
                       .verse = 1};
}

// One planning.
typedef struct {
  NmSingPlan *plan;
  NmSinger *singer;
  const NmSong *song;
  const NmSingStyle *style;
  void (*note)(void *user, const char *message);
  void *user;
} Planner;

// --- what was asked for ---

static NmStatus check_number(const char *name, double value, double low, double high, NmError *err)
{
  if (value >= low && value <= high) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_ARG, "%s is %g, outside %g to %g", name, value, low, high);
}

static NmStatus check_curve(const char *name, const NmSingCurve *curve, double most, NmError *err)
{
  for (int32_t i = 0; i < curve->n; ++i) {
    if (!(fabsf(curve->points[i].value) <= most))
      return nm_error_set(err, NM_ERR_BAD_ARG, "point %d of the curve of %s is out of range", i, name);
    if (i > 0 && curve->points[i].tick < curve->points[i - 1].tick)
      return nm_error_set(err, NM_ERR_BAD_ARG, "the points of the curve of %s are not in order", name);
  }
  return NM_OK;
}

static NmStatus check_style(const NmSinger *singer, const NmSingStyle *style, NmError *err)
{
  const struct {
    const char *name;
    double value, low, high;
  } numbers[] = {{"the share of singing", style->as, 0, 1},
                 {"portamento", style->portamento_s, 0, 2},
                 {"the depth of vibrato", style->vibrato_cents, 0, 300},
                 {"the rate of vibrato", style->vibrato_hz, 1, 12},
                 {"the delay of vibrato", style->vibrato_delay_s, 0, 10},
                 {"drift", style->drift_cents, 0, 100},
                 {"the swelling of phrases", style->arc_db, 0, 24},
                 {"the accent of a beat", style->accent_db, 0, 24},
                 {"the length of consonants", style->consonants, .25, 4},
                 {"the level", style->level_db, -60, 60},
                 {"the verse", style->verse, 1, NM_SONG_VERSES_MAX},
                 {"the filler", style->filler, 0, NM_SING_N_FILLERS - 1},
                 {"the speaker", style->speaker, 0, nm_voice_get_n_speakers(singer->voice) - 1}};
  NmStatus status = NM_OK;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers && status == NM_OK; ++i)
    status = check_number(numbers[i].name, numbers[i].value, numbers[i].low, numbers[i].high, err);
  if (status == NM_OK && style->transpose != NM_SING_TRANSPOSE_AUTO)
    status = check_number("transposition", style->transpose, -127, 127, err);
  if (status == NM_OK) status = check_curve("pitch", &style->pitch_cents, 4800, err);
  if (status == NM_OK) status = check_curve("level", &style->energy_db, 60, err);
  for (int32_t i = 0; style->lines && i < style->n_lines && status == NM_OK; ++i)
    status = style->lines[i].lines ? nm_error_set(err, NM_ERR_BAD_ARG, "a line has no lines")
                                   : check_style(singer, &style->lines[i], err);
  return status;
}

// --- curves ---

// The drawn value at frame f; *i is where the search goes on.
static double read_curve(const NmSingCurve *curve, const int64_t *frames, int32_t *i, int64_t f)
{
  while (*i < curve->n && frames[*i] <= f) ++*i;
  if (*i == 0) return curve->points[0].value;
  if (*i == curve->n) return curve->points[*i - 1].value;
  const NmSingPoint *a = &curve->points[*i - 1], *b = a + 1;
  const double x = (double)(f - frames[*i - 1]) / (double)(frames[*i] - frames[*i - 1]);
  return a->value + (b->value - a->value) * x;
}

static int64_t frame_of_tick(const Planner *planner, int64_t tick)
{
  return llround(nm_song_get_seconds(planner->song, tick) * NM_SING_FRAMES_PER_S);
}

// Adds a drawn curve to the pitch (in cents) or the level.
static bool add_curve(Planner *planner, const NmSingCurve *curve, float *values, bool cents)
{
  const int64_t n = planner->plan->n_frames + 2 * NM_SING_MARGIN;
  int32_t at = 0;
  if (curve->n == 0) return true;
  int64_t *frames = malloc((size_t)curve->n * sizeof *frames);
  if (!frames) return false;
  for (int32_t i = 0; i < curve->n; ++i) frames[i] = frame_of_tick(planner, curve->points[i].tick);
  for (int64_t f = 0; f < n; ++f) {
    const double value = read_curve(curve, frames, &at, f - NM_SING_MARGIN);
    values[f] =
        cents ? (float)fmin(fmax(values[f] * exp2(value / 1200), 40), 2000) : values[f] + (float)value;
  }
  free(frames);
  return true;
}

// Pitch and level of n frames, as the notes have them.
static NmStatus write_curves(Planner *planner, int64_t n_frames, NmError *err)
{
  NmSingPlan *plan = planner->plan;
  const int64_t n = n_frames + 2 * NM_SING_MARGIN;
  plan->n_frames = n_frames;
  plan->f0_hz = nm_arena_alloc(&plan->score.arena, (size_t)n * sizeof(float));
  plan->energy_db = nm_arena_alloc(&plan->score.arena, (size_t)n * sizeof(float));
  if (!plan->f0_hz || !plan->energy_db) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_sung_melody_write(&plan->score, planner->style, -NM_SING_MARGIN, n, plan->f0_hz);
  nm_sung_level_write(&plan->score, &plan->laid, planner->style, -NM_SING_MARGIN, n, plan->energy_db);
  for (int64_t f = 0; f < n; ++f) plan->energy_db[f] *= (float)planner->style->as; // speech has its own
  if (add_curve(planner, &planner->style->pitch_cents, plan->f0_hz, true) &&
      add_curve(planner, &planner->style->energy_db, plan->energy_db, false))
    return NM_OK;
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static bool move_curve(NmSingPlan *plan, const NmLaid *before, const int32_t *sources, float **curve)
{
  const int64_t n = plan->n_frames + 2 * NM_SING_MARGIN;
  float *moved = nm_arena_alloc(&plan->score.arena, (size_t)n * sizeof *moved);
  if (moved) nm_laid_move_curve(before, &plan->laid, sources, NM_SING_MARGIN, *curve, moved);
  *curve = moved;
  return moved != NULL;
}

// --- the stages ---

// Silence to the end of the song, which is one of the notes that are not sung too.
static int64_t lay_end(Planner *planner)
{
  NmLaid *laid = &planner->plan->laid;
  int64_t end = frame_of_tick(planner, nm_song_get_end(planner->song));
  if (end < laid->n_frames + NM_SING_TAIL) end = laid->n_frames + NM_SING_TAIL;
  laid->phones[laid->n++] =
      (NmLaidPhone){NM_PHONE_PAUSE, -1, -1, (int32_t)(end - laid->n_frames), laid->n_frames};
  laid->n_frames = end;
  return end;
}

// What is half read, or read, is laid by the song first, with its curves, and then moved.
static NmStatus read_instead(Planner *planner, NmError *err)
{
  NmSingPlan *plan = planner->plan;
  NmLaid before = plan->laid;
  int32_t *sources;
  const NmStatus status = nm_laid_read(&plan->laid, &plan->score, planner->style->as, &sources, err);
  if (status != NM_OK) return status;
  plan->n_frames = lay_end(planner);
  sources[plan->laid.n - 1] = -1;
  if (move_curve(plan, &before, sources, &plan->f0_hz) &&
      move_curve(plan, &before, sources, &plan->energy_db))
    return NM_OK;
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus lay_song(Planner *planner, NmSungRange *range, NmError *err)
{
  NmSingPlan *plan = planner->plan;
  NmVoice *voice = planner->singer->voice;
  const NmSingStyle *style = planner->style;
  NmStatus status = nm_laid_init(&plan->laid, &plan->score, style, err);
  if (status != NM_OK) return status;
  *range = nm_sung_range_fit(&plan->score, style, voice);
  const int64_t n_frames = style->as < 1 ? plan->laid.n_frames : lay_end(planner);
  status = write_curves(planner, n_frames, err);
  return status == NM_OK && style->as < 1 ? read_instead(planner, err) : status;
}

static void tell(const Planner *planner, const char *fmt, ...) NM_PRINTF(2, 3);
static void tell(const Planner *planner, const char *fmt, ...)
{
  char message[240];
  va_list args;
  if (!planner->note) return;
  va_start(args, fmt);
  vsnprintf(message, sizeof message, fmt, args);
  va_end(args);
  planner->note(planner->user, message);
}

static void report(Planner *planner, const NmSungRange *range, int32_t n_guessed)
{
  NmSingPlan *plan = planner->plan;
  NmSingReport *report = &plan->report;
  const bool chosen = planner->style->transpose == NM_SING_TRANSPOSE_AUTO && range->transpose != 0;
  *report = (NmSingReport){.n_phrases = plan->n_phrases,
                           .transpose = range->transpose,
                           .transposed_to_fit = chosen,
                           .n_folded = range->n_folded,
                           .n_late = plan->laid.n_late,
                           .late_s_max = plan->laid.late_s_max,
                           .n_too_late = plan->laid.n_too_late,
                           .n_guessed = n_guessed,
                           .n_filled = plan->score.n_filled,
                           .n_unsung = plan->score.n_unsung};
  for (int32_t i = 0; i < plan->score.n_notes; ++i) report->n_notes += !plan->score.notes[i].is_part;
  report->n_syllables = plan->score.n_units - plan->score.n_filled;
  report->n_phones = plan->score.n_phones;
  if (chosen)
    tell(planner, "sung %d octave%s %s than written, where the voice is at home", abs(range->transpose) / 12,
         abs(range->transpose) == 12 ? "" : "s", range->transpose < 0 ? "lower" : "higher");
  if (range->n_folded)
    tell(planner,
         range->n_folded == 1 ? "%d note is out of the voice's reach and sung an octave or more away"
                              : "%d notes are out of the voice's reach and sung an octave or more away",
         range->n_folded);
  if (report->n_too_late)
    tell(planner, "%d syllables begin more than 30 ms off their notes, which leave their sounds no room",
         report->n_too_late);
  if (report->n_unsung)
    tell(planner,
         report->n_unsung == 1 ? "%d syllable has no note and is not sung"
                               : "%d syllables have no note and are not sung",
         report->n_unsung);
}

static NmStatus make_plan(Planner *planner, NmError *err)
{
  NmSingPlan *plan = planner->plan;
  const NmSingStyle *style = planner->style;
  NmVoice *voice = planner->singer->voice;
  NmSungWords words = {.text = planner->singer->text,
                       .song = planner->song,
                       .style = style,
                       .note = planner->note,
                       .user = planner->user};
  NmStatus status = nm_sung_words_read(&words, &plan->score, err);
  if (status == NM_OK) status = nm_sung_predict(&plan->score, voice, style->speaker, err);
  if (status == NM_OK) status = nm_sung_take_lengths(&plan->score, planner->song, err);
  NmSungRange range = {0};
  if (status == NM_OK) status = lay_song(planner, &range, err);
  if (status != NM_OK) return status;
  plan->voice = nm_voice_get_identity(voice);
  if (!nm_sing_plan_keep_texts(plan, planner->song))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if ((status = nm_sing_plan_cut(plan, err)) != NM_OK) return status;
  report(planner, &range, words.n_guessed);
  return NM_OK;
}

// In the plan's memory, without curves.
static NmStatus keep_style(NmSingPlan *plan, const NmSingStyle *style, NmError *err)
{
  plan->style = *style;
  plan->style.pitch_cents = plan->style.energy_db = (NmSingCurve){0};
  if (!style->lines) return NM_OK;
  NmSingStyle *lines = nm_arena_calloc(&plan->score.arena, (size_t)style->n_lines + 1, sizeof *lines);
  if (!lines) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < style->n_lines; ++i) {
    lines[i] = style->lines[i];
    lines[i].pitch_cents = lines[i].energy_db = (NmSingCurve){0};
  }
  plan->style.lines = lines;
  return NM_OK;
}

NmSingPlan *nm_sing_plan_new(NmSinger *singer, const NmSong *song, const NmSingStyle *style,
                             void (*note)(void *user, const char *message), void *user, NmError *err)
{
  if (check_style(singer, style, err) != NM_OK) return NULL;
  NmSingPlan *plan = calloc(1, sizeof *plan);
  if (!plan) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  Planner planner = {plan, singer, song, style, note, user};
  if (nm_sung_score_init(&plan->score, song, style, err) == NM_OK && keep_style(plan, style, err) == NM_OK &&
      make_plan(&planner, err) == NM_OK)
    return plan;
  nm_sing_plan_free(plan);
  return NULL;
}

void nm_sing_plan_free(NmSingPlan *plan)
{
  if (!plan) return;
  nm_sung_score_fini(&plan->score);
  free(plan);
}

int32_t nm_sing_plan_get_n_phrases(const NmSingPlan *plan)
{
  return plan->n_phrases;
}

const NmSingPhrase *nm_sing_plan_get_phrase(const NmSingPlan *plan, int32_t i)
{
  return &plan->phrases[i];
}

int64_t nm_sing_plan_get_n_samples(const NmSingPlan *plan)
{
  return plan->n_frames * NM_VOICE_HOP;
}

const NmSingReport *nm_sing_plan_get_report(const NmSingPlan *plan)
{
  return &plan->report;
}
