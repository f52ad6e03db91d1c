// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/write.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/song/decoder_scorer.h"
#include "models/song/melody_plan.h"
#include "models/song/metrics.h"

enum { ROWS = 8, UNITS_ANEW = 160, LINES_BEFORE = 4, LINES_BEHIND = 4, WORD_MAX = 96 };

typedef struct {
  NmLyricSyllable *syllables; // [n_units]
  double score, reasons[NM_N_WRITES];
  bool dropped;
} Made;

typedef struct {
  const NmSongModel *model;
  const NmSong *melody;
  const NmWriteRequest *request;
  NmArena arena;
  NmNoteToken *notes; // [n_notes]
  NmSongFrame frame;
  int32_t n_notes;
  int32_t *unit_first; // [n_units + 1] notes
  int32_t *line_first; // [n_lines + 1] units
  int32_t *lines;      // [n_units]
  float *strengths;    // [n_units]
  NmLyricPlan plan;
  Made *made; // [n_made]
  int32_t n_made;
} Writer;

static const struct {
  const char *name;
  double weight;
} reasons[NM_N_WRITES] = {[NM_WRITE_LIKELIHOOD] = {"likelihood", 1},
                          [NM_WRITE_STRESS] = {"stress", .5},
                          [NM_WRITE_VARIETY] = {"variety", 1.5},
                          [NM_WRITE_RHYME] = {"rhyme", .3},
                          [NM_WRITE_THEME] = {"theme", .3}};

const char *nm_write_name(NmWriteReason reason)
{
  return reasons[reason].name;
}

double nm_write_weight(NmWriteReason reason)
{
  return reasons[reason].weight;
}

NmWriteRequest nm_write_defaults(void)
{
  return (NmWriteRequest){.style = NM_STYLE_ANY,
                          .n_candidates = 1,
                          .method = NM_SEARCH_SAMPLE,
                          .temperature = .9f,
                          .nucleus = .9f};
}

static NmStatus out_of_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// --- the melody ---

// A melody that does not say its key is in that which most of its notes belong to.
static void find_key(Writer *w, int n_semitones, NmMetricsNote *notes, int16_t *pitches)
{
  int tonic;
  bool minor;
  nm_metrics_read(w->melody, notes);
  nm_metrics_find_scale(notes, w->n_notes, &tonic, &minor);
  const int major = (tonic + (minor ? 3 : 0)) % 12, up = 7 * major % 12;
  for (int32_t i = 0; i < w->n_notes; ++i) pitches[i] = w->melody->notes[i].pitch;
  const int wanted = nm_song_find_shift(pitches, w->n_notes, up > 6 ? up - 12 : up, minor);
  w->frame.mode = minor ? NM_MODE_MINOR : NM_MODE_MAJOR;
  for (int32_t i = 0; i < w->n_notes; ++i) {
    const int pitch = w->notes[i].pitch + wanted - n_semitones;
    w->notes[i].pitch = (int8_t)(pitch < 0 ? 0 : pitch > 127 ? 127 : pitch);
  }
}

static NmStatus read_melody(Writer *w, NmError *err)
{
  int n_semitones = 0;
  w->n_notes = w->melody->n_notes;
  if (w->n_notes < 1) return nm_error_set(err, NM_ERR_BAD_DATA, "the melody has no notes");
  w->notes = nm_arena_calloc(&w->arena, (size_t)w->n_notes, sizeof *w->notes);
  NmMetricsNote *measured = nm_arena_calloc(&w->arena, (size_t)w->n_notes, sizeof *measured);
  int16_t *pitches = nm_arena_calloc(&w->arena, (size_t)w->n_notes, sizeof *pitches);
  if (!w->notes || !measured || !pitches) return out_of_memory(err);
  nm_song_encode_notes(w->melody, 1, w->notes, &w->frame, &n_semitones);
  if (w->melody->n_keys == 0) find_key(w, n_semitones, measured, pitches);
  w->frame.style = w->request->style;
  w->frame.shift = NM_SONG_NO_SHIFT;
  bool has_lines = w->request->keep_lines;
  for (int32_t i = 0; i + 1 < w->n_notes; ++i) has_lines = has_lines || w->notes[i].end >= NM_END_LINE;
  if (!has_lines) nm_song_cut_lines(w->notes, w->n_notes, &w->frame);
  w->notes[w->n_notes - 1].end = NM_END_SONG;
  if (w->notes[w->n_notes - 1].tie == NM_TIE_YES) w->notes[w->n_notes - 1].tie = NM_TIE_NO;
  return NM_OK;
}

// The places units begin at, and how strong they are; without a meter all alike.
static void read_units(Writer *w)
{
  NmMelodyPlan bar = {.options = {.meter = w->frame.meter}, .bar = nm_song_bar_ticks(w->frame.meter)};
  const NmSongMeter meter = nm_song_class_meter(w->frame.meter);
  bar.pulse = meter.beat_unit ? 4 * NM_SONG_TICKS / meter.beat_unit : 0;
  int32_t unit = 0, line = 0;
  int64_t time = bar.bar ? bar.bar - w->frame.pickup % bar.bar : 0;
  bool begins = true, begins_line = true;
  for (int32_t i = 0; i < w->n_notes; ++i) {
    time += w->notes[i].gap;
    if (begins_line) w->line_first[line] = unit;
    if (begins) {
      w->unit_first[unit] = i;
      w->lines[unit] = line;
      w->strengths[unit] = bar.bar ? nm_melody_strength(&bar, nm_melody_place(&bar, time)) : .5f;
    }
    time += w->notes[i].len;
    begins = w->notes[i].tie != NM_TIE_YES;
    begins_line = begins && w->notes[i].end >= NM_END_LINE;
    unit += begins;
    line += begins_line;
  }
  w->unit_first[unit] = w->n_notes;
  w->line_first[line] = unit;
  w->plan.n_units = unit;
  w->plan.n_lines = line;
}

static NmStatus make_plan(Writer *w, const NmLexis *lexis, NmError *err)
{
  const size_t n = (size_t)w->n_notes + 1;
  w->unit_first = nm_arena_calloc(&w->arena, n, sizeof *w->unit_first);
  w->line_first = nm_arena_calloc(&w->arena, n, sizeof *w->line_first);
  w->lines = nm_arena_calloc(&w->arena, n, sizeof *w->lines);
  w->strengths = nm_arena_calloc(&w->arena, n, sizeof *w->strengths);
  if (!w->unit_first || !w->line_first || !w->lines || !w->strengths) return out_of_memory(err);
  read_units(w);
  w->plan.lexis = lexis;
  w->plan.lines = w->lines;
  w->plan.strengths = w->strengths;
  w->plan.scheme = w->request->scheme;
  w->plan.theme = w->request->theme;
  w->plan.n_theme = w->request->n_theme;
  w->plan.strict = w->request->strict;
  w->plan.stress = .7f;
  w->plan.boost = 2.5f;
  return NM_OK;
}

// --- the search ---

static int32_t find_window_end(const Writer *w, int32_t line)
{
  int32_t end = line + 1;
  while (end < w->plan.n_lines && w->line_first[end + 1] - w->line_first[line] <= UNITS_ANEW) ++end;
  return end;
}

// Where in the bar the window begins goes to the frame as a pick-up.
static NmStatus start_window(Writer *w, NmSongDecoder *decoder, NmLyricRules *rules, int32_t line,
                             int32_t end, int32_t n_rows, NmError *err)
{
  const int32_t first = line > LINES_BEFORE ? line - LINES_BEFORE : 0;
  const int32_t last = end + LINES_BEHIND < w->plan.n_lines ? end + LINES_BEHIND : w->plan.n_lines;
  const int32_t note = w->unit_first[w->line_first[first]], note_end = w->unit_first[w->line_first[last]];
  const int64_t bar = nm_song_bar_ticks(w->frame.meter);
  NmSongFrame *frames = nm_arena_calloc(&w->arena, (size_t)n_rows, sizeof *frames);
  if (!frames) return out_of_memory(err);
  int64_t time = 0;
  for (int32_t i = 0; i < note; ++i) time += w->notes[i].gap + w->notes[i].len;
  for (int32_t r = 0; r < n_rows; ++r) {
    frames[r] = w->frame;
    if (bar) frames[r].pickup = (int32_t)(((w->frame.pickup - time) % bar + bar) % bar);
  }
  nm_lyric_rules_set_window(rules, w->line_first[first], w->line_first[end]);
  return nm_song_decoder_set_melody(decoder, w->notes + note, note_end - note, frames, err);
}

static NmStatus search_windows(Writer *w, const NmSearchConfig *config, NmSongDecoder *decoder,
                               NmLyricRules *rules, NmSearchRow *rows, NmError *err)
{
  NmSearchTask task;
  NmDecoderScorer scorer = {.model = w->model, .side = NM_SONG_LYRIC, .decoder = decoder};
  nm_lyric_rules_set_task(rules, w->model->config.n_syllables, &task);
  task.scorer = nm_decoder_scorer(&scorer);
  nm_search_begin(config, rows);
  for (int32_t line = 0, end; line < w->plan.n_lines; line = end) {
    end = find_window_end(w, line);
    NmStatus status = start_window(w, decoder, rules, line, end, config->n_rows, err);
    if (status != NM_OK) return status;
    status = nm_search_run(config, &task, &w->arena, rows);
    if (status == NM_ERR_BAD_DATA)
      return nm_error_set(err, status, "there are no words that keep to the rhymes %s",
                          w->plan.scheme ? w->plan.scheme : "");
    if (status != NM_OK) return nm_error_set(err, status, "%s", nm_status_text(status));
  }
  return NM_OK;
}

static NmStatus keep_rows(Writer *w, const NmLyricRules *rules, const NmSearchRow *rows, int32_t n_rows,
                          NmError *err)
{
  for (int32_t r = 0; r < n_rows; ++r) {
    if (!(rows[r].score > -INFINITY)) continue;
    Made *made = &w->made[w->n_made];
    int32_t n;
    const NmLyricSyllable *syllables = nm_lyric_rules_get(rules, r, &n);
    made->syllables = nm_arena_calloc(&w->arena, (size_t)n, sizeof *syllables);
    if (!made->syllables) return out_of_memory(err);
    memcpy(made->syllables, syllables, (size_t)n * sizeof *syllables);
    made->reasons[NM_WRITE_LIKELIHOOD] = rows[r].n_choices ? rows[r].log_prob / rows[r].n_choices : 0;
    ++w->n_made;
  }
  return NM_OK;
}

static NmStatus search_round(Writer *w, const NmSearchConfig *config, NmSongDecoder *decoder, NmError *err)
{
  NmSearchRow *rows = nm_arena_calloc(&w->arena, (size_t)config->n_rows, sizeof *rows);
  NmLyricRules *rules = nm_lyric_rules_new(&w->plan, config->n_rows);
  NmStatus status = rows && rules ? search_windows(w, config, decoder, rules, rows, err) : out_of_memory(err);
  if (status == NM_OK) status = keep_rows(w, rules, rows, config->n_rows, err);
  nm_lyric_rules_free(rules);
  return status;
}

static int32_t find_longest_window(const Writer *w)
{
  int32_t most = 0;
  for (int32_t line = 0, end; line < w->plan.n_lines; line = end) {
    end = find_window_end(w, line);
    const int32_t n = w->line_first[end] - w->line_first[line > LINES_BEFORE ? line - LINES_BEFORE : 0];
    if (n > most) most = n;
  }
  return most;
}

static NmStatus search_all(Writer *w, NmError *err)
{
  const NmWriteRequest *q = w->request;
  NmSearchConfig config = nm_search_defaults();
  const bool sampled = q->method == NM_SEARCH_SAMPLE;
  config.method = q->method;
  config.temperature = q->temperature;
  config.nucleus = q->nucleus;
  config.cancel = q->cancel;
  config.n_steps = q->n_steps;
  config.n_rows = q->method == NM_SEARCH_GREEDY       ? 1
                  : sampled || q->n_candidates < ROWS ? ROWS
                                                      : (q->n_candidates + 3) / 4 * 4;
  const int32_t n_rounds = sampled ? (q->n_candidates + q->n_candidates / 2 + ROWS - 1) / ROWS : 1;
  w->made = nm_arena_calloc(&w->arena, (size_t)(n_rounds * config.n_rows), sizeof *w->made);
  if (!w->made) return out_of_memory(err);
  NmSongDecoder *decoder =
      nm_song_decoder_new(w->model, NM_SONG_LYRIC, config.n_rows, find_longest_window(w) + 1, err);
  NmStatus status = decoder ? NM_OK : err->status;
  for (int32_t i = 0; i < n_rounds && status == NM_OK; ++i) {
    config.seed = nm_rng_mix(q->seed + (uint64_t)i * 0x632be59bd9b4e019u);
    status = search_round(w, &config, decoder, err);
  }
  nm_song_decoder_free(decoder);
  return status;
}

// --- the choice ---

static int32_t get_word(const Writer *w, const Made *made, int32_t unit)
{
  return made->syllables[unit].end == NM_END_NOTHING ? -1
                                                     : w->plan.lexis->nodes[made->syllables[unit].node].word;
}

static double rate_stress(const Writer *w, const Made *made)
{
  double sum[2] = {0};
  int32_t n[2] = {0};
  for (int32_t i = 0; i < w->plan.n_units; ++i) {
    const int stress = made->syllables[i].stress;
    if (stress != NM_STRESS_NONE && stress != NM_STRESS_PRIMARY) continue;
    sum[stress == NM_STRESS_PRIMARY] += w->strengths[i];
    ++n[stress == NM_STRESS_PRIMARY];
  }
  return n[0] && n[1] ? sum[1] / n[1] - sum[0] / n[0] : 0;
}

static double rate_variety(const Writer *w, const Made *made)
{
  int32_t n = 0, n_new = 0;
  for (int32_t i = 0; i < w->plan.n_units; ++i) {
    const int32_t word = get_word(w, made, i);
    if (word < 0) continue;
    int32_t k = i > 400 ? i - 400 : 0;
    while (k < i && get_word(w, made, k) != word) ++k;
    n_new += k == i;
    ++n;
  }
  return n ? (double)n_new / n : 0;
}

static double rate_rhymes(const Writer *w, const Made *made)
{
  const NmLexisWord *words = w->plan.lexis->words;
  int32_t n = 0;
  for (int32_t l = 1; l < w->plan.n_lines; ++l) {
    const int32_t word = get_word(w, made, w->line_first[l + 1] - 1);
    bool rhymes = false;
    for (int32_t k = l > 1 ? l - 2 : 0; k < l; ++k) {
      const int32_t other = get_word(w, made, w->line_first[k + 1] - 1);
      rhymes = rhymes || (other != word && words[other].rhyme == words[word].rhyme);
    }
    n += rhymes;
  }
  return w->plan.n_lines > 1 ? (double)n / (w->plan.n_lines - 1) : 0;
}

static double rate_theme(const Writer *w, const Made *made)
{
  int32_t n = 0;
  for (int32_t k = 0; k < w->plan.n_theme; ++k) {
    int32_t i = 0;
    while (i < w->plan.n_units && get_word(w, made, i) != w->plan.theme[k]) ++i;
    n += i < w->plan.n_units;
  }
  return w->plan.n_theme ? (double)n / w->plan.n_theme : 0;
}

static bool are_alike(const Writer *w, const Made *a, const Made *b)
{
  for (int32_t i = 0; i < w->plan.n_units; ++i)
    if (a->syllables[i].node != b->syllables[i].node || a->syllables[i].end != b->syllables[i].end)
      return false;
  return true;
}

static int compare_made(const void *a, const void *b)
{
  const Made *x = a, *y = b;
  if (x->dropped != y->dropped) return x->dropped ? 1 : -1;
  return (x->score < y->score) - (x->score > y->score);
}

static int32_t rank(Writer *w)
{
  int32_t n = 0;
  for (int32_t i = 0; i < w->n_made; ++i) {
    Made *made = &w->made[i];
    made->reasons[NM_WRITE_STRESS] = rate_stress(w, made);
    made->reasons[NM_WRITE_VARIETY] = rate_variety(w, made);
    made->reasons[NM_WRITE_RHYME] = rate_rhymes(w, made);
    made->reasons[NM_WRITE_THEME] = rate_theme(w, made);
    for (int k = 0; k < NM_N_WRITES; ++k) made->score += reasons[k].weight * made->reasons[k];
    for (int32_t j = 0; j < i && !made->dropped; ++j)
      made->dropped = !w->made[j].dropped && are_alike(w, made, &w->made[j]);
    n += !made->dropped;
  }
  qsort(w->made, (size_t)w->n_made, sizeof *w->made, compare_made);
  return n < w->request->n_candidates ? n : w->request->n_candidates;
}

// --- songs ---

static bool copy_melody(NmSong *song, const NmSong *from)
{
  bool ok = true;
  song->title = from->title ? nm_song_keep(song, from->title, strlen(from->title)) : NULL;
  song->composer = from->composer ? nm_song_keep(song, from->composer, strlen(from->composer)) : NULL;
  song->ticks_per_beat = from->ticks_per_beat;
  song->pickup = from->pickup;
  for (int32_t i = 0; i < from->n_notes && ok; ++i) {
    const NmSongNote *note = &from->notes[i];
    ok = nm_song_add_note(song, note->onset, note->len, note->pitch, note->velocity) >= 0;
  }
  for (int32_t i = 0; i < from->n_keys && ok; ++i)
    ok = nm_song_add_key(song, from->keys[i].tick, from->keys[i].fifths, from->keys[i].minor) >= 0;
  for (int32_t i = 0; i < from->n_meters && ok; ++i)
    ok = nm_song_add_meter(song, from->meters[i].tick, from->meters[i].n_beats, from->meters[i].beat_unit) >=
         0;
  for (int32_t i = 0; i < from->n_tempos && ok; ++i)
    ok = nm_song_add_tempo(song, from->tempos[i].tick, from->tempos[i].bpm) >= 0;
  return ok;
}

// "i", "i'm" are written large.
static bool is_i(const NmLexis *lexis, const NmVocabulary *vocabulary, int32_t word)
{
  const char *text = nm_vocabulary_get(vocabulary, lexis->words[word].syllables[0]);
  return text[0] == 'i' && (text[1] == '\'' || (!text[1] && lexis->words[word].n == 1));
}

// The word that goes on at unit i, by looking where it ends.
static int32_t find_word(const Writer *w, const Made *made, int32_t i)
{
  while (made->syllables[i].end == NM_END_NOTHING) ++i;
  return get_word(w, made, i);
}

static bool add_syllable(const Writer *w, const Made *made, int32_t i, bool begins_word, bool large,
                         NmSong *song)
{
  const NmLyricSyllable *s = &made->syllables[i];
  char text[WORD_MAX];
  snprintf(text, sizeof text, "%s%s", nm_vocabulary_get(w->model->vocabulary, s->syllable),
           nm_song_mark_text(s->mark));
  if (begins_word && (large || is_i(w->plan.lexis, w->model->vocabulary, find_word(w, made, i))))
    text[0] = (char)toupper((unsigned char)text[0]);
  const int32_t syllable = nm_song_add_syllable(song, text, strlen(text), s->stress);
  bool ok = syllable >= 0;
  for (int32_t n = w->unit_first[i]; n < w->unit_first[i + 1] && ok; ++n)
    ok = nm_song_add_link(song, syllable, n) >= 0;
  return ok;
}

static bool ends_sentence(const NmLyricSyllable *s)
{
  return s->mark == NM_MARK_PERIOD || s->mark == NM_MARK_EXCLAMATION || s->mark == NM_MARK_QUESTION;
}

static bool add_words(const Writer *w, const Made *made, NmSong *song)
{
  int stanza = 0;
  bool ok = true;
  for (int32_t i = 0; i < w->plan.n_units && ok; ++i) {
    const NmLyricSyllable *before = i ? &made->syllables[i - 1] : NULL;
    const bool begins_word = !before || before->end != NM_END_NOTHING;
    const bool begins_line = !before || before->end >= NM_END_LINE;
    if (before && before->end == NM_END_STANZA) ++stanza;
    if (begins_line) ok = nm_song_add_line(song, 1, stanza) >= 0;
    if (begins_word && ok) ok = nm_song_add_word(song) >= 0;
    ok = ok && add_syllable(w, made, i, begins_word, begins_line || ends_sentence(before), song);
  }
  return ok;
}

static NmStatus make_songs(Writer *w, int32_t n, NmWritten *written, NmError *err)
{
  written->n_made = w->n_made;
  written->n_lines = w->plan.n_lines;
  written->n_syllables = w->plan.n_units;
  written->candidates = calloc((size_t)n + 1, sizeof *written->candidates);
  if (!written->candidates) return out_of_memory(err);
  NmStatus status = NM_OK;
  for (; written->n < n && status == NM_OK; ++written->n) {
    NmWriteCandidate *candidate = &written->candidates[written->n];
    const Made *made = &w->made[written->n];
    candidate->score = made->score;
    memcpy(candidate->reasons, made->reasons, sizeof candidate->reasons);
    candidate->song = nm_song_new();
    if (!candidate->song || !copy_melody(candidate->song, w->melody) || !add_words(w, made, candidate->song))
      status = out_of_memory(err);
    else
      status = nm_song_finish(candidate->song, err);
  }
  return status;
}

// --- all of it ---

static NmStatus check(const NmWriteRequest *q, NmError *err)
{
  const size_t n = q->scheme ? strlen(q->scheme) : 0;
  if (n > NM_LYRIC_SCHEME_MAX || (q->scheme && n < 1))
    return nm_error_set(err, NM_ERR_BAD_ARG, "a rhyme scheme has 1 to %d letters", NM_LYRIC_SCHEME_MAX);
  if (q->n_candidates >= 1 && q->n_candidates <= NM_WRITE_CANDIDATES_MAX &&
      (q->method != NM_SEARCH_GREEDY || q->n_candidates == 1))
    return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_ARG, "there can be 1 to %d candidates, and only one of a greedy search",
                      NM_WRITE_CANDIDATES_MAX);
}

NmStatus nm_write(const NmSongModel *model, const NmLexis *lexis, const NmSong *melody,
                  const NmWriteRequest *request, NmWritten *written, NmError *err)
{
  NmError local = {0};
  Writer writer = {.model = model, .melody = melody, .request = request};
  if (!err) err = &local;
  *written = (NmWritten){0};
  nm_arena_init(&writer.arena, 1 << 16);
  NmStatus status = check(request, err);
  if (status == NM_OK) status = read_melody(&writer, err);
  if (status == NM_OK) status = make_plan(&writer, lexis, err);
  if (status == NM_OK) status = search_all(&writer, err);
  if (status == NM_OK) status = make_songs(&writer, rank(&writer), written, err);
  nm_arena_fini(&writer.arena);
  if (status != NM_OK) nm_written_fini(written);
  return status;
}

void nm_written_fini(NmWritten *written)
{
  for (int32_t i = 0; written->candidates && i < written->n; ++i) nm_song_free(written->candidates[i].song);
  free(written->candidates);
  *written = (NmWritten){0};
}
