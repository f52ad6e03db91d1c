// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/compose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/song/compose_choose.h"
#include "models/song/compose_window.h"
#include "models/song/consensus.h"
#include "models/song/decoder_scorer.h"

enum {
  ROWS_SAMPLED = 8, // side by side
  ROWS_BEAM = 4,
  NOTES_MORE = 16,
  CONSENSUS_STEPS = 1500 // beyond them, warping every pair costs too much
};

// A melody that was made.
typedef struct {
  NmMelodyNote *notes;
  int32_t n;
  double log_prob, score;
  double reasons[NM_N_RANKS];
  bool dropped;
} Made;

typedef struct {
  const NmSongModel *model;
  const NmSheet *sheet;
  const NmComposeRequest *request;
  NmComposeChoice choice;
  NmLyricToken *tokens;
  int32_t n_tokens;
  NmMelodyPlan plan;
  NmArena arena;
  Made *made; // [n_made]
  int32_t n_made;
} Composer;

NmComposeRequest nm_compose_defaults(void)
{
  return (NmComposeRequest){.fifths = NM_COMPOSE_AUTO,
                            .meter = NM_COMPOSE_AUTO,
                            .pickup = NM_COMPOSE_AUTO,
                            .low = NM_COMPOSE_AUTO,
                            .high = NM_COMPOSE_AUTO,
                            .n_candidates = 1,
                            .method = NM_SEARCH_SAMPLE,
                            .temperature = 1,
                            .nucleus = .95f};
}

static NmStatus out_of_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// --- the plan ---

static NmMelodyOptions get_options(const Composer *c)
{
  NmMelodyOptions o = nm_melody_defaults();
  o.meter = c->choice.meter;
  o.pickup = c->choice.pickup;
  o.minor = c->choice.minor;
  o.low = (int16_t)(c->choice.low - c->choice.transpose);
  o.high = (int16_t)(c->choice.high - c->choice.transpose);
  o.accidentals = c->request->accidentals;
  o.syncopation = c->request->syncopation;
  if (c->request->n_melisma > 0) o.n_melisma = c->request->n_melisma;
  return o;
}

static NmStatus make_plan(Composer *c, NmError *err)
{
  const NmSong *words = c->sheet->song;
  const int32_t *same_as = c->request->vary ? NULL : c->sheet->same_as;
  c->tokens = nm_arena_calloc(&c->arena, (size_t)words->n_syllables, sizeof *c->tokens);
  if (!c->tokens) return out_of_memory(err);
  c->n_tokens = nm_song_encode_lyrics(words, 1, c->model->vocabulary, c->tokens);
  NmStatus status = nm_compose_choose(c->request, c->tokens, c->n_tokens, &c->choice, err);
  if (status != NM_OK) return status;
  NmMelodyOptions options = get_options(c);
  status = nm_melody_plan_init(&c->plan, &options, c->tokens, c->n_tokens, same_as, &c->arena, err);
  // A first line of a word or two may have to begin with the bar.
  if (status != NM_ERR_BAD_DATA || options.pickup == 0 || c->request->pickup != NM_COMPOSE_AUTO)
    return status;
  options.pickup = 0;
  return nm_melody_plan_init(&c->plan, &options, c->tokens, c->n_tokens, same_as, &c->arena, err);
}

// --- the search ---

static NmSongFrame get_frame(const Composer *c)
{
  return (NmSongFrame){.style = c->request->style,
                       .mode = c->choice.minor ? NM_MODE_MINOR : NM_MODE_MAJOR,
                       .meter = c->choice.meter,
                       .shift = NM_SONG_NO_SHIFT};
}

// What the rows' time is past a bar line goes to their frames as a pick-up.
static NmStatus start_window(Composer *c, NmSongDecoder *decoder, NmMelodyRules *rules,
                             const NmComposeWindow *window, int32_t n_rows, NmError *err)
{
  const NmMelodyPlan *plan = &c->plan;
  NmSongFrame *frames = nm_arena_calloc(&c->arena, (size_t)n_rows, sizeof *frames);
  if (!frames) return out_of_memory(err);
  nm_melody_rules_set_window(rules, window->first, window->end);
  for (int32_t r = 0; r < n_rows; ++r) {
    const int32_t start = nm_melody_rules_get_start(rules, r);
    frames[r] = get_frame(c);
    frames[r].pickup = start ? plan->bar - start : 0;
  }
  return nm_song_decoder_set_lyrics(decoder, c->tokens + plan->line_first[window->first],
                                    nm_compose_count_syllables(plan, window->first, window->last), frames,
                                    err);
}

static NmStatus search_windows(Composer *c, const NmSearchConfig *config, NmSongDecoder *decoder,
                               NmMelodyRules *rules, NmSearchRow *rows, NmError *err)
{
  NmSearchTask task;
  NmDecoderScorer scorer = {.model = c->model, .side = NM_SONG_MELODY, .decoder = decoder};
  nm_melody_rules_set_task(rules, &task);
  task.scorer = nm_decoder_scorer(&scorer);
  nm_search_begin(config, rows);
  NmStatus status = NM_OK;
  for (int32_t line = 0; line < c->plan.n_lines && status == NM_OK;) {
    const NmComposeWindow window = nm_compose_window(&c->plan, c->tokens, line);
    status = start_window(c, decoder, rules, &window, config->n_rows, err);
    if (status != NM_OK) break;
    status = nm_search_run(config, &task, &c->arena, rows);
    if (status != NM_OK)
      nm_error_set(err, status, "the search for a melody failed: %s", nm_status_text(status));
    line = window.end;
  }
  return status;
}

static NmStatus keep_rows(Composer *c, const NmMelodyRules *rules, const NmSearchRow *rows, int32_t n_rows,
                          NmError *err)
{
  for (int32_t r = 0; r < n_rows; ++r) {
    if (!(rows[r].score > -INFINITY)) continue;
    Made *made = &c->made[c->n_made];
    const NmMelodyNote *notes = nm_melody_rules_get_notes(rules, r, &made->n);
    made->notes = nm_arena_calloc(&c->arena, (size_t)made->n, sizeof *made->notes);
    if (!made->notes) return out_of_memory(err);
    memcpy(made->notes, notes, (size_t)made->n * sizeof *notes);
    made->log_prob = rows[r].n_choices ? rows[r].log_prob / rows[r].n_choices : 0;
    ++c->n_made;
  }
  return NM_OK;
}

static int32_t find_longest_window(const Composer *c)
{
  int32_t most = 0;
  for (int32_t line = 0; line < c->plan.n_lines;) {
    const NmComposeWindow window = nm_compose_window(&c->plan, c->tokens, line);
    const int32_t n = nm_compose_count_syllables(&c->plan, window.first, window.end);
    if (n > most) most = n;
    line = window.end;
  }
  return most;
}

static NmStatus search_round(Composer *c, const NmSearchConfig *config, NmSongDecoder *decoder, NmError *err)
{
  NmSearchRow *rows = nm_arena_calloc(&c->arena, (size_t)config->n_rows, sizeof *rows);
  NmMelodyRules *rules = nm_melody_rules_new(&c->plan, config->n_rows);
  NmStatus status = rows && rules ? search_windows(c, config, decoder, rules, rows, err) : out_of_memory(err);
  if (status == NM_OK) status = keep_rows(c, rules, rows, config->n_rows, err);
  nm_melody_rules_free(rules);
  return status;
}

static NmSearchConfig get_config(const Composer *c)
{
  const NmComposeRequest *q = c->request;
  NmSearchConfig config = nm_search_defaults();
  const int32_t least =
      q->method == NM_SEARCH_SAMPLE || q->method == NM_SEARCH_DIVERSE ? ROWS_SAMPLED : ROWS_BEAM;
  config.method = q->method;
  config.temperature = q->temperature;
  config.nucleus = q->nucleus;
  config.seed = q->seed;
  config.cancel = q->cancel;
  config.n_steps = q->n_steps;
  config.n_rows = q->method == NM_SEARCH_GREEDY ? 1 : least;
  if (q->method == NM_SEARCH_BEAM && q->n_candidates > least) config.n_rows = q->n_candidates;
  if (q->method == NM_SEARCH_DIVERSE && q->n_candidates > least)
    config.n_rows = (q->n_candidates + 3) / 4 * 4;
  return config;
}

// Samples come in rounds of a few rows, half as many again as are wanted, so that there is something to
// choose from.
static NmStatus search_all(Composer *c, NmError *err)
{
  NmSearchConfig config = get_config(c);
  const int32_t n_wanted = c->request->n_candidates + c->request->n_candidates / 2;
  const int32_t n_rounds =
      config.method == NM_SEARCH_SAMPLE ? (n_wanted + config.n_rows - 1) / config.n_rows : 1;
  const int32_t n_syllables = find_longest_window(c);
  c->made = nm_arena_calloc(&c->arena, (size_t)(n_rounds * config.n_rows), sizeof *c->made);
  if (!c->made) return out_of_memory(err);
  NmSongDecoder *decoder = nm_song_decoder_new(c->model, NM_SONG_MELODY, config.n_rows,
                                               n_syllables + n_syllables / 2 + NOTES_MORE, err);
  NmStatus status = decoder ? NM_OK : err->status;
  for (int32_t i = 0; i < n_rounds && status == NM_OK; ++i) {
    config.seed = nm_rng_mix(c->request->seed + (uint64_t)i * 0x632be59bd9b4e019u);
    status = search_round(c, &config, decoder, err);
  }
  nm_song_decoder_free(decoder);
  return status;
}

// --- the choice ---

static bool are_alike(const Made *a, const Made *b)
{
  if (a->n != b->n) return false;
  for (int32_t i = 0; i < a->n; ++i)
    if (a->notes[i].onset != b->notes[i].onset || a->notes[i].len != b->notes[i].len ||
        a->notes[i].pitch != b->notes[i].pitch || a->notes[i].syllable != b->notes[i].syllable)
      return false;
  return true;
}

static NmStatus profile(Composer *c, const Made *made, NmMetricsProfile *of)
{
  enum { STEP = NM_SONG_TICKS / NM_METRICS_GRID };
  NmMetricsNote *notes = nm_arena_calloc(&c->arena, (size_t)made->n, sizeof *notes);
  if (!notes) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < made->n; ++i) {
    const int32_t len = (made->notes[i].len + STEP / 2) / STEP;
    notes[i] = (NmMetricsNote){.gap = (made->notes[i].gap + STEP / 2) / STEP,
                               .len = len > 0 ? len : 1,
                               .pitch = made->notes[i].pitch,
                               .joined = i > 0 && made->notes[i - 1].tie};
  }
  nm_metrics_normalise(notes, made->n);
  return nm_metrics_profile(notes, made->n, NM_METRICS_SONGMASS, &c->arena, of);
}

// How near each is to all the others.
static NmStatus add_agreement(Composer *c)
{
  const NmConsensus weights = nm_consensus_defaults();
  NmMetricsProfile *profiles = nm_arena_calloc(&c->arena, (size_t)c->n_made, sizeof *profiles);
  double *risks = nm_arena_calloc(&c->arena, (size_t)c->n_made, sizeof *risks);
  NmStatus status = profiles && risks ? NM_OK : NM_ERR_NO_MEMORY;
  int32_t best;
  for (int32_t i = 0; i < c->n_made && status == NM_OK; ++i) status = profile(c, &c->made[i], &profiles[i]);
  if (status != NM_OK || c->n_made < 2 || profiles[0].n_steps > CONSENSUS_STEPS) return status;
  status = nm_consensus_choose(&weights, profiles, c->n_made, &c->arena, risks, &best);
  for (int32_t i = 0; i < c->n_made && status == NM_OK; ++i)
    c->made[i].reasons[NM_RANK_AGREEMENT] = -risks[i];
  return status;
}

static int compare_made(const void *a, const void *b)
{
  const Made *x = a, *y = b;
  if (x->dropped != y->dropped) return x->dropped ? 1 : -1;
  return (x->score < y->score) - (x->score > y->score);
}

// The first `n` are then the best that are no two alike.
static NmStatus rank(Composer *c, int32_t *n, NmError *err)
{
  for (int32_t i = 0; i < c->n_made; ++i)
    nm_rank_measure(&c->plan, c->made[i].notes, c->made[i].n, c->made[i].log_prob, c->made[i].reasons);
  if (add_agreement(c) != NM_OK) return out_of_memory(err);
  *n = 0;
  for (int32_t i = 0; i < c->n_made; ++i) {
    c->made[i].score = nm_rank_score(c->made[i].reasons);
    for (int32_t j = 0; j < i && !c->made[i].dropped; ++j)
      c->made[i].dropped = !c->made[j].dropped && are_alike(&c->made[i], &c->made[j]);
    *n += !c->made[i].dropped;
  }
  qsort(c->made, (size_t)c->n_made, sizeof *c->made, compare_made);
  if (*n > c->request->n_candidates) *n = c->request->n_candidates;
  return NM_OK;
}

// --- songs ---

static bool add_syllable(NmSong *song, const NmSong *words, int32_t i)
{
  const NmSongSyllable *s = &words->syllables[i];
  return nm_song_add_syllable(song, s->text, strlen(s->text), s->stress) >= 0 &&
         (s->n_phones == 0 || nm_song_add_phones(song, words->phones + s->phone_first, s->n_phones) >= 0);
}

static bool add_words(NmSong *song, const NmSong *words)
{
  song->title = words->title ? nm_song_keep(song, words->title, strlen(words->title)) : NULL;
  song->lyricist = words->lyricist ? nm_song_keep(song, words->lyricist, strlen(words->lyricist)) : NULL;
  song->language = words->language ? nm_song_keep(song, words->language, strlen(words->language)) : NULL;
  bool ok = true;
  for (int32_t l = 0; l < words->n_lines && ok; ++l) {
    const NmSongLine *line = &words->lines[l];
    ok = nm_song_add_line(song, line->verse, line->stanza) >= 0;
    for (int32_t w = line->word_first; w < line->word_first + line->n_words && ok; ++w) {
      const NmSongWord *word = &words->words[w];
      ok = nm_song_add_word(song) >= 0;
      for (int32_t s = 0; s < word->n_syllables && ok; ++s)
        ok = add_syllable(song, words, word->syllable_first + s);
    }
  }
  return ok;
}

static bool add_maps(const Composer *c, NmSong *song)
{
  const NmSongMeter meter = nm_song_class_meter(c->choice.meter);
  song->pickup = c->plan.options.pickup;
  return nm_song_add_key(song, 0, c->choice.fifths, c->choice.minor) >= 0 &&
         (!meter.beat_unit || nm_song_add_meter(song, 0, meter.n_beats, meter.beat_unit) >= 0) &&
         nm_song_add_tempo(song, 0, c->choice.bpm) >= 0;
}

static bool add_notes(const Composer *c, const Made *made, NmSong *song)
{
  const int64_t start = c->plan.options.pickup ? c->plan.bar - c->plan.options.pickup : 0;
  for (int32_t i = 0; i < made->n; ++i) {
    const NmMelodyNote *note = &made->notes[i];
    const int32_t index =
        nm_song_add_note(song, note->onset - start, note->len, note->pitch + c->choice.transpose, 0);
    if (index < 0 || nm_song_add_link(song, note->syllable, index) < 0) return false;
  }
  return true;
}

static NmStatus make_song(const Composer *c, const Made *made, NmSong **song, NmError *err)
{
  *song = nm_song_new();
  if (!*song) return out_of_memory(err);
  (*song)->ticks_per_beat = NM_SONG_TICKS;
  if (!add_words(*song, c->sheet->song) || !add_maps(c, *song) || !add_notes(c, made, *song))
    return out_of_memory(err);
  return nm_song_finish(*song, err);
}

static NmStatus align(Composer *c, const Made *made, NmComposeCandidate *candidate, NmError *err)
{
  const NmSongFrame frame = get_frame(c);
  return nm_compose_align(c->model, &c->plan, c->tokens, &frame, made->notes, made->n,
                          &candidate->song->arena, &candidate->alignment, err);
}

static NmStatus make_songs(Composer *c, int32_t n, NmComposed *composed, NmError *err)
{
  composed->candidates = calloc((size_t)n, sizeof *composed->candidates);
  if (!composed->candidates) return out_of_memory(err);
  NmStatus status = NM_OK;
  for (; composed->n < n && status == NM_OK; ++composed->n) {
    const Made *made = &c->made[composed->n];
    NmComposeCandidate *candidate = &composed->candidates[composed->n];
    candidate->score = made->score;
    candidate->log_prob = made->log_prob;
    memcpy(candidate->reasons, made->reasons, sizeof candidate->reasons);
    status = make_song(c, made, &candidate->song, err);
    if (status == NM_OK && c->request->align) status = align(c, made, candidate, err);
  }
  return status;
}

static NmStatus run(Composer *c, NmComposed *composed, NmError *err)
{
  int32_t n = 0;
  NmStatus status = make_plan(c, err);
  if (status == NM_OK) status = search_all(c, err);
  if (status == NM_OK) status = rank(c, &n, err);
  if (status != NM_OK) return status;
  composed->n_made = c->n_made;
  composed->fifths = c->choice.fifths;
  composed->minor = c->choice.minor;
  composed->meter = c->choice.meter;
  composed->bpm = c->choice.bpm;
  return make_songs(c, n, composed, err);
}

NmStatus nm_compose(const NmSongModel *model, const NmSheet *sheet, const NmComposeRequest *request,
                    NmComposed *composed, NmError *err)
{
  NmError local = {0};
  Composer composer = {.model = model, .sheet = sheet, .request = request};
  *composed = (NmComposed){0};
  nm_arena_init(&composer.arena, 1 << 16);
  const NmStatus status = run(&composer, composed, err ? err : &local);
  nm_arena_fini(&composer.arena);
  if (status != NM_OK) nm_composed_fini(composed);
  return status;
}

void nm_composed_fini(NmComposed *composed)
{
  for (int32_t i = 0; composed->candidates && i < composed->n; ++i)
    nm_song_free(composed->candidates[i].song);
  free(composed->candidates);
  *composed = (NmComposed){0};
}
