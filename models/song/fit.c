// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/fit.h"

#include "models/align/lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORK_BYTES_MAX = 400 << 20 };

// The parts' names and weights. Weights are those of an averaged structured perceptron
// (Collins 2002) over 1173 songs whose links are known; those of elisions and of
// notes left unsung, which such songs hardly have, were set by hand.
static const struct {
  const char *name;
  double weight;
} table[NM_N_FIT_PARTS] = {[NM_FIT_STRESS_OFF_BEAT] = {"stress_off_beat", 0.55},
                           [NM_FIT_WEAK_ON_BEAT] = {"weak_on_beat", 0.7},
                           [NM_FIT_WEAK_LONG] = {"weak_long", 1.4},
                           [NM_FIT_LINE_END] = {"line_end", 0.6},
                           [NM_FIT_BREAK_IN_LINE] = {"break_in_line", 2.5},
                           [NM_FIT_BREAK_IN_WORD] = {"break_in_word", 55},
                           [NM_FIT_LONG_IN_LINE] = {"long_in_line", 0.5},
                           [NM_FIT_MELISMA] = {"melisma", 1},
                           [NM_FIT_MELISMA_WEAK] = {"melisma_weak", 0.4},
                           [NM_FIT_MELISMA_REPEAT] = {"melisma_repeat", 0.95},
                           [NM_FIT_MELISMA_REST] = {"melisma_rest", 6},
                           [NM_FIT_MELISMA_LEAP] = {"melisma_leap", 0.55},
                           [NM_FIT_MELISMA_SLOW] = {"melisma_slow", 0.4},
                           [NM_FIT_MELISMA_UNLIKE] = {"melisma_unlike", 0.35},
                           [NM_FIT_MELISMA_ON_BEAT] = {"melisma_on_beat", 0.5},
                           [NM_FIT_MELISMA_AHEAD] = {"melisma_ahead", 0.4},
                           [NM_FIT_MELISMA_UP] = {"melisma_up", 0.2},
                           [NM_FIT_MELISMA_END] = {"melisma_end", 0.1},
                           [NM_FIT_UNEVEN] = {"uneven", 0.4},
                           [NM_FIT_ELISION] = {"elision", 6},
                           [NM_FIT_ELISION_WORDS] = {"elision_words", 0.5},
                           [NM_FIT_UNSUNG] = {"unsung", 2}};

const char *nm_fit_part_name(NmFitPart part)
{
  return part < NM_N_FIT_PARTS ? table[part].name : NULL;
}

NmFitConfig nm_fit_defaults(void)
{
  NmFitConfig config = {.max_notes = 16, .max_syllables = 4, .n_best = 1};
  for (int part = 0; part < NM_N_FIT_PARTS; ++part) config.weights[part] = table[part].weight;
  return config;
}

NmFitPair nm_fit_pair_all(const NmSong *lyrics, const NmSong *melody)
{
  return (NmFitPair){lyrics, melody, 0, lyrics->n_syllables, 0, melody->n_notes};
}

// --- what is known of notes and syllables ---

// What a note has to do with the one before it, if one syllable is sung on both.
typedef struct {
  double repeat, rest, leap, slow, unlike, on_beat, ahead, up;
} Joint;

typedef struct {
  double strength; // of its place in the bar, 0 to 1
  double rest;     // behind it, 1: a beat or more
  double length;   // 0: no longer than usual, 1: much longer
  Joint joint;
  int32_t n_phrase; // notes of the phrase that ends with this note; 0: none ends here
  double joints;    // weighted sum of the joints up to this note
} Note;

typedef struct {
  int8_t stress;
  bool ends_word, ends_line;
} Syllable;

typedef struct {
  const NmFitPair *pair;
  const NmFitConfig *config;
  Note *notes;         // [n_notes]
  Syllable *syllables; // [n_syllables]
  double *uneven; // [n_notes, max_notes] octaves that the n + 1 notes up to note i differ from usual_syllable
  double len_usual; // of a note, ticks
} Fit;

// How strong a place of the bar is: 1 its beginning, less for halves, beats and parts of beats.
static double get_strength(const NmSong *song, int64_t tick)
{
  int64_t place, len_bar;
  (void)nm_song_get_bar(song, tick, &place, &len_bar);
  const NmSongMeter meter = nm_song_get_meter(song, tick);
  const bool compound = meter.n_beats % 3 == 0 && meter.n_beats > 3 && meter.beat_unit >= 8;
  const int64_t unit = (int64_t)song->ticks_per_beat * 4 / meter.beat_unit;
  const int64_t beat = compound ? 3 * unit : unit;
  if (place == 0) return 1;
  if (beat > 0 && place % beat == 0) return len_bar % (2 * beat) == 0 && place % (2 * beat) == 0 ? .75 : .5;
  if (compound && unit > 0 && place % unit == 0) return .25;
  return beat > 1 && place % ((beat + 1) / 2) == 0 ? .25 : 0;
}

static double limit(double x)
{
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

static Joint joint_of(const NmSong *song, const NmSongNote *a, const NmSongNote *b, double before,
                      double strength)
{
  const int leap = abs(b->pitch - a->pitch);
  const int64_t shorter = a->len < b->len ? a->len : b->len;
  return (Joint){.repeat = leap == 0,
                 .rest = b->onset > a->onset + a->len,
                 .leap = leap > 2 ? (leap - 2) / 12.0 : 0,
                 .slow = (double)shorter / song->ticks_per_beat,
                 .unlike = fabs(log2((double)a->len / (double)b->len)),
                 .on_beat = strength,
                 .ahead = strength >= before,
                 .up = b->pitch > a->pitch};
}

static double weigh_joint(const NmFitConfig *config, const Joint *joint)
{
  const double *w = config->weights;
  return w[NM_FIT_MELISMA_REPEAT] * joint->repeat + w[NM_FIT_MELISMA_REST] * joint->rest +
         w[NM_FIT_MELISMA_LEAP] * joint->leap + w[NM_FIT_MELISMA_SLOW] * joint->slow +
         w[NM_FIT_MELISMA_UNLIKE] * joint->unlike + w[NM_FIT_MELISMA_ON_BEAT] * joint->on_beat +
         w[NM_FIT_MELISMA_AHEAD] * joint->ahead + w[NM_FIT_MELISMA_UP] * joint->up;
}

static double find_usual_length(const NmFitPair *pair)
{
  double sum = 0;
  for (int32_t i = 0; i < pair->n_notes; ++i)
    sum += log((double)pair->melody->notes[pair->note_first + i].len);
  return exp(sum / pair->n_notes);
}

static double get_length(const Fit *fit, double ticks)
{
  return limit(log2(ticks / fit->len_usual) / 2);
}

static void know_notes(Fit *fit)
{
  const NmSong *song = fit->pair->melody;
  fit->len_usual = find_usual_length(fit->pair);
  for (int32_t i = 0; i < fit->pair->n_notes; ++i) {
    const NmSongNote *note = &song->notes[fit->pair->note_first + i];
    const bool last = fit->pair->note_first + i + 1 == song->n_notes;
    const int64_t gap = last ? song->ticks_per_beat : note[1].onset - note->onset - note->len;
    Note *known = &fit->notes[i];
    known->strength = get_strength(song, note->onset);
    known->rest = limit((double)gap / song->ticks_per_beat);
    known->length = get_length(fit, (double)note->len);
    known->joint = i ? joint_of(song, note - 1, note, known[-1].strength, known->strength) : (Joint){0};
    known->joints = i ? known[-1].joints + weigh_joint(fit->config, &known->joint) : 0;
  }
}

// The usual length of a syllable is that of a note where there are as many; the more notes there are, the
// longer.
static void know_lengths(Fit *fit)
{
  const NmSongNote *notes = fit->pair->melody->notes + fit->pair->note_first;
  const int32_t n_max = fit->config->max_notes;
  double sum = 0;
  for (int32_t i = 0; i < fit->pair->n_notes; ++i) sum += (double)notes[i].len;
  const double usual = sum / fit->pair->n_syllables;
  for (int32_t i = 0; i < fit->pair->n_notes; ++i)
    for (int32_t n = 0; n < n_max && n <= i; ++n)
      fit->uneven[(int64_t)i * n_max + n] =
          fabs(log2((double)(notes[i].onset + notes[i].len - notes[i - n].onset) / usual));
}

// How unusual a syllable on n notes that end before note i is.
static double get_uneven(const Fit *fit, int32_t i, int32_t n)
{
  const int32_t n_max = fit->config->max_notes;
  return fit->uneven[(int64_t)(i - 1) * n_max + (n < n_max ? n : n_max) - 1];
}

// Phrases end at rests and at long notes; only whole ones may be left unsung.
static void know_phrases(Fit *fit)
{
  int32_t first = 0;
  for (int32_t i = 0; i < fit->pair->n_notes; ++i) {
    Note *note = &fit->notes[i];
    const bool ends = i + 1 == fit->pair->n_notes || note->rest >= .5 || note->length >= .75;
    note->n_phrase = ends ? i + 1 - first : 0;
    if (ends) first = i + 1;
  }
}

static void know_syllables(Fit *fit)
{
  const NmSong *song = fit->pair->lyrics;
  for (int32_t j = 0; j < fit->pair->n_syllables; ++j) {
    const int32_t at = fit->pair->syllable_first + j;
    const NmSongWord *word = &song->words[song->syllables[at].word];
    const NmSongLine *line = &song->lines[word->line];
    const bool ends_word = at + 1 == word->syllable_first + word->n_syllables;
    const bool last_word = song->syllables[at].word + 1 == line->word_first + line->n_words;
    fit->syllables[j] = (Syllable){song->syllables[at].stress, ends_word, ends_word && last_word};
  }
}

static NmStatus fit_init(Fit *fit, const NmFitPair *pair, const NmFitConfig *config, NmError *err)
{
  *fit = (Fit){.pair = pair, .config = config};
  fit->notes = calloc((size_t)pair->n_notes + 1, sizeof *fit->notes);
  fit->syllables = calloc((size_t)pair->n_syllables + 1, sizeof *fit->syllables);
  fit->uneven = calloc((size_t)pair->n_notes * (size_t)config->max_notes + 1, sizeof *fit->uneven);
  if (!fit->notes || !fit->syllables || !fit->uneven)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  know_notes(fit);
  know_phrases(fit);
  know_lengths(fit);
  know_syllables(fit);
  return NM_OK;
}

static void fit_fini(Fit *fit)
{
  free(fit->uneven);
  free(fit->notes);
  free(fit->syllables);
}

// --- measures ---

static double stressed(const Syllable *syllable)
{
  return syllable->stress == 1 ? 1 : syllable->stress == 2 ? .5 : 0;
}

static double unstressed(const Syllable *syllable)
{
  return syllable->stress == 0;
}

// Adds the measures of syllable j for beginning on note i...
static void measure_begin(const Fit *fit, int32_t j, int32_t i, double *parts)
{
  const Syllable *s = &fit->syllables[j];
  parts[NM_FIT_STRESS_OFF_BEAT] += stressed(s) * (1 - fit->notes[i].strength);
  parts[NM_FIT_WEAK_ON_BEAT] += unstressed(s) * fit->notes[i].strength;
}

// ... and for ending on it.
static void measure_end(const Fit *fit, int32_t j, int32_t i, double *parts)
{
  const Syllable *s = &fit->syllables[j];
  const Note *note = &fit->notes[i];
  if (s->ends_line) {
    parts[NM_FIT_LINE_END] += 1 - (note->rest > note->length ? note->rest : note->length);
    return;
  }
  parts[NM_FIT_WEAK_LONG] += unstressed(s) * note->length;
  parts[NM_FIT_BREAK_IN_LINE] += note->rest;
  parts[NM_FIT_LONG_IN_LINE] += note->length;
  if (!s->ends_word) parts[NM_FIT_BREAK_IN_WORD] += note->rest;
}

static void measure_melisma(const Fit *fit, int32_t j, int32_t i, int32_t n, double *parts)
{
  parts[NM_FIT_MELISMA] += n - 1;
  parts[NM_FIT_MELISMA_END] += (n - 1) * fit->syllables[j].ends_line;
  if (!fit->syllables[j].ends_line) parts[NM_FIT_UNEVEN] += get_uneven(fit, i + n, n);
  parts[NM_FIT_MELISMA_WEAK] += (n - 1) * unstressed(&fit->syllables[j]);
  for (int32_t k = i + 1; k < i + n; ++k) {
    const Joint *joint = &fit->notes[k].joint;
    parts[NM_FIT_MELISMA_REPEAT] += joint->repeat;
    parts[NM_FIT_MELISMA_REST] += joint->rest;
    parts[NM_FIT_MELISMA_LEAP] += joint->leap;
    parts[NM_FIT_MELISMA_SLOW] += joint->slow;
    parts[NM_FIT_MELISMA_UNLIKE] += joint->unlike;
    parts[NM_FIT_MELISMA_ON_BEAT] += joint->on_beat;
    parts[NM_FIT_MELISMA_AHEAD] += joint->ahead;
    parts[NM_FIT_MELISMA_UP] += joint->up;
  }
}

// Syllable j shares its note with the one behind it.
static void measure_elision(const Fit *fit, int32_t j, double *parts)
{
  parts[NM_FIT_ELISION] += 1;
  parts[NM_FIT_ELISION_WORDS] += fit->syllables[j].ends_word;
}

static double weigh(const Fit *fit, const double *parts)
{
  double cost = 0;
  for (int part = 0; part < NM_N_FIT_PARTS; ++part) cost += fit->config->weights[part] * parts[part];
  return cost;
}

// --- the lattice's scores, costs below zero ---

static void score_notes(const void *user, int32_t i, int32_t j, int32_t n_max, double *scores)
{
  const Fit *fit = user;
  const double *w = fit->config->weights;
  const Syllable *s = &fit->syllables[j - 1];
  const double further =
      w[NM_FIT_MELISMA] + w[NM_FIT_MELISMA_END] * s->ends_line + w[NM_FIT_MELISMA_WEAK] * unstressed(s);
  const double off = w[NM_FIT_STRESS_OFF_BEAT] * stressed(s), on = w[NM_FIT_WEAK_ON_BEAT] * unstressed(s);
  double parts[NM_N_FIT_PARTS] = {0};
  const double uneven = s->ends_line ? 0 : w[NM_FIT_UNEVEN];
  measure_end(fit, j - 1, i - 1, parts);
  const double end = weigh(fit, parts) + fit->notes[i - 1].joints;
  for (int32_t n = 1; n <= n_max; ++n) {
    const Note *first = &fit->notes[i - n];
    scores[n - 1] = -(end + off * (1 - first->strength) + on * first->strength + (n - 1) * further -
                      first->joints + uneven * get_uneven(fit, i, n));
  }
}

static void score_syllables(const void *user, int32_t i, int32_t j, int32_t n_max, double *scores)
{
  const Fit *fit = user;
  double parts[NM_N_FIT_PARTS] = {0};
  measure_end(fit, j - 1, i - 1, parts);
  measure_begin(fit, j - 1, i - 1, parts);
  measure_melisma(fit, j - 1, i - 1, 1, parts);
  bool may = true;
  scores[0] = -INFINITY;
  for (int32_t n = 2; n <= n_max; ++n) {
    measure_elision(fit, j - n, parts);
    measure_begin(fit, j - n, i - 1, parts);
    may = may && !fit->syllables[j - n].ends_line;
    scores[n - 1] = may ? -weigh(fit, parts) : -INFINITY;
  }
}

static double score_rest(const void *user, int32_t i, int32_t j, int32_t *n)
{
  const Fit *fit = user;
  const bool between = j == 0 || fit->syllables[j - 1].ends_line;
  *n = fit->notes[i - 1].n_phrase;
  return between && *n ? -*n * fit->config->weights[NM_FIT_UNSUNG] : -INFINITY;
}

static NmLattice lattice_of(const Fit *fit)
{
  const NmFitConfig *config = fit->config;
  return (NmLattice){.n_notes = fit->pair->n_notes,
                     .n_syllables = fit->pair->n_syllables,
                     .max_notes = config->max_notes,
                     .max_syllables = config->max_syllables,
                     .n_best = config->n_best,
                     .score_notes = score_notes,
                     .score_syllables = score_syllables,
                     .score_rest = config->all_sung ? NULL : score_rest,
                     .user = fit};
}

// --- ways ---

void nm_fit_ways_fini(NmFitWays *ways)
{
  free(ways->note_first);
  free(ways->n_notes);
  free(ways->costs);
  *ways = (NmFitWays){0};
}

static NmStatus ways_init(NmFitWays *ways, const NmLattice *lattice, NmError *err)
{
  const size_t n = (size_t)lattice->n_best, n_all = n * (size_t)lattice->n_syllables;
  *ways = (NmFitWays){.n_syllables = lattice->n_syllables,
                      .note_first = calloc(n_all, sizeof(int32_t)),
                      .n_notes = calloc(n_all, sizeof(int32_t)),
                      .costs = calloc(n, sizeof(double))};
  return ways->note_first && ways->n_notes && ways->costs
             ? NM_OK
             : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus run_lattice(const Fit *fit, NmFitWays *ways, NmError *err)
{
  NmLattice lattice = lattice_of(fit);
  size_t size = nm_lattice_size_work(&lattice);
  while (lattice.n_best > 1 && (size == 0 || size > WORK_BYTES_MAX)) {
    lattice.n_best /= 2;
    size = nm_lattice_size_work(&lattice);
  }
  if (size == 0 || size > WORK_BYTES_MAX)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%d syllables and %d notes are too many to weigh at once",
                        lattice.n_syllables, lattice.n_notes);
  NmStatus status = ways_init(ways, &lattice, err);
  void *work = status == NM_OK ? malloc(size) : NULL;
  if (status == NM_OK && !work) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK)
    status = nm_lattice_run(&lattice, work, ways->note_first, ways->n_notes, ways->costs, &ways->n);
  free(work);
  if (status == NM_ERR_BAD_DATA)
    nm_error_set(err, status, "%d syllables cannot be sung on %d notes", lattice.n_syllables,
                 lattice.n_notes);
  return status;
}

NmStatus nm_fit_run(const NmFitPair *pair, const NmFitConfig *config, NmFitWays *ways, NmError *err)
{
  Fit fit;
  *ways = (NmFitWays){0};
  if (pair->n_notes < 1 || pair->n_syllables < 1)
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        pair->n_notes < 1 ? "there are no notes" : "there are no words");
  NmStatus status = fit_init(&fit, pair, config, err);
  if (status == NM_OK) status = run_lattice(&fit, ways, err);
  for (int32_t k = 0; status == NM_OK && k < ways->n; ++k) ways->costs[k] = -ways->costs[k];
  for (int64_t k = 0; status == NM_OK && k < (int64_t)ways->n * ways->n_syllables; ++k)
    ways->note_first[k] += pair->note_first;
  fit_fini(&fit);
  if (status != NM_OK) nm_fit_ways_fini(ways);
  return status;
}

// --- one way, measured ---

// Adds what syllable j adds, given its notes and the first note that the syllable before it left over.
static void measure_syllable(const Fit *fit, int32_t j, const int32_t *note_first, const int32_t *n_notes,
                             int32_t free_from, double *parts)
{
  const int32_t i = note_first[j] - fit->pair->note_first, n = n_notes[j];
  const bool shares = j + 1 < fit->pair->n_syllables && note_first[j + 1] == note_first[j];
  if (i > free_from) parts[NM_FIT_UNSUNG] += i - free_from;
  measure_begin(fit, j, i, parts);
  if (shares) {
    measure_elision(fit, j, parts);
  } else {
    measure_end(fit, j, i + n - 1, parts);
    measure_melisma(fit, j, i, n, parts);
  }
}

NmStatus nm_fit_measure(const NmFitPair *pair, const NmFitConfig *config, const int32_t *note_first,
                        const int32_t *n_notes, double *parts, double *per_line, NmError *err)
{
  Fit fit;
  const NmSong *song = pair->lyrics;
  int32_t free_from = 0;
  NmStatus status = fit_init(&fit, pair, config, err);
  for (int part = 0; part < NM_N_FIT_PARTS; ++part) parts[part] = 0;
  for (int32_t k = 0; per_line && k < song->n_lines; ++k) per_line[k] = 0;
  for (int32_t j = 0; status == NM_OK && j < pair->n_syllables; ++j) {
    const double before = weigh(&fit, parts);
    measure_syllable(&fit, j, note_first, n_notes, free_from, parts);
    free_from = note_first[j] - pair->note_first + n_notes[j];
    if (per_line)
      per_line[song->words[song->syllables[pair->syllable_first + j].word].line] +=
          weigh(&fit, parts) - before;
  }
  if (status == NM_OK && free_from < pair->n_notes) parts[NM_FIT_UNSUNG] += pair->n_notes - free_from;
  for (int part = 0; part < NM_N_FIT_PARTS; ++part) parts[part] *= config->weights[part];
  fit_fini(&fit);
  return status;
}
