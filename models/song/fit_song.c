// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/fit_song.h"

#include <stdlib.h>
#include <string.h>

// The lyrics cut into verses, and the ways of each.
typedef struct {
  NmFitPair *pairs; // [n]
  NmFitWays *ways;  // [n]
  int32_t n;
  double cost; // of the cheapest ways
} Plan;

// Choices of a way for each verse, the cheapest first.
typedef struct {
  double *costs;  // [n]
  int32_t *ranks; // [n, n_verses]
  int32_t n;
} Choices;

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static void plan_fini(Plan *plan)
{
  for (int32_t i = 0; plan->ways && i < plan->n; ++i) nm_fit_ways_fini(&plan->ways[i]);
  free(plan->pairs);
  free(plan->ways);
  *plan = (Plan){0};
}

static int32_t count_stanzas(const NmSong *song)
{
  int32_t n = 0;
  for (int32_t i = 0; i < song->n_lines; ++i)
    n += i == 0 || song->lines[i].stanza != song->lines[i - 1].stanza;
  return n;
}

static int32_t first_syllable(const NmSong *song, int32_t line)
{
  return line < song->n_lines ? song->words[song->lines[line].word_first].syllable_first : song->n_syllables;
}

// The verses' syllables, when each takes `n_each` stanzas.
static void cut_verses(const NmSong *lyrics, const NmSong *melody, int32_t n_each, Plan *plan)
{
  int32_t stanza = 0;
  for (int32_t i = 0; i < lyrics->n_lines; ++i) {
    const bool begins = i == 0 || lyrics->lines[i].stanza != lyrics->lines[i - 1].stanza;
    if (begins && stanza++ % n_each == 0) {
      plan->pairs[plan->n] = nm_fit_pair_all(lyrics, melody);
      plan->pairs[plan->n++].syllable_first = first_syllable(lyrics, i);
    }
  }
  for (int32_t k = 0; k < plan->n; ++k) {
    const int32_t end = k + 1 < plan->n ? plan->pairs[k + 1].syllable_first : lyrics->n_syllables;
    plan->pairs[k].n_syllables = end - plan->pairs[k].syllable_first;
  }
}

static NmStatus plan_make(Plan *plan, const NmSong *lyrics, const NmSong *melody, const NmFitConfig *config,
                          int32_t n_verses, int32_t n_stanzas, NmError *err)
{
  *plan = (Plan){.pairs = calloc((size_t)n_verses, sizeof *plan->pairs),
                 .ways = calloc((size_t)n_verses, sizeof *plan->ways)};
  if (!plan->pairs || !plan->ways) {
    plan_fini(plan);
    return no_memory(err);
  }
  cut_verses(lyrics, melody, n_stanzas / n_verses, plan);
  NmStatus status = NM_OK;
  for (int32_t k = 0; status == NM_OK && k < plan->n; ++k) {
    status = nm_fit_run(&plan->pairs[k], config, &plan->ways[k], err);
    if (status == NM_OK) plan->cost += plan->ways[k].costs[0];
  }
  if (status != NM_OK) plan_fini(plan);
  return status;
}

// Whether the lyrics may be cut into so many verses: each of about as many syllables, and those not far fewer
// than notes.
static bool may_cut(const NmSong *lyrics, const NmSong *melody, int32_t n_verses, int32_t n_stanzas)
{
  if (n_stanzas % n_verses || (int64_t)lyrics->n_syllables * 5 < (int64_t)melody->n_notes * 3 * n_verses)
    return false;
  const int32_t n_each = n_stanzas / n_verses;
  int32_t least = INT32_MAX, most = 0, stanza = 0, first = 0;
  for (int32_t i = 1; i <= lyrics->n_lines; ++i) {
    if (i < lyrics->n_lines && lyrics->lines[i].stanza == lyrics->lines[i - 1].stanza) continue;
    if (++stanza % n_each) continue;
    const int32_t n = first_syllable(lyrics, i) - first_syllable(lyrics, first);
    if (n < least) least = n;
    if (n > most) most = n;
    first = i;
  }
  return most * 2 <= least * 3;
}

// Plans the verses; of all that may be, the cheapest.
static NmStatus choose_plan(const NmSong *lyrics, const NmSong *melody, const NmFitConfig *config,
                            int32_t n_verses, Plan *plan, NmError *err)
{
  const int32_t n_stanzas = count_stanzas(lyrics),
                most = n_stanzas < NM_SONG_VERSES_MAX ? n_stanzas : NM_SONG_VERSES_MAX;
  if (n_verses > most || (n_verses > 0 && n_stanzas % n_verses))
    return nm_error_set(err, NM_ERR_BAD_DATA, "%d stanzas cannot be cut into %d verses", n_stanzas, n_verses);
  if (n_verses > 0) return plan_make(plan, lyrics, melody, config, n_verses, n_stanzas, err);
  NmStatus status = plan_make(plan, lyrics, melody, config, 1, n_stanzas, err);
  for (int32_t n = 2; n <= most && status != NM_ERR_NO_MEMORY; ++n) {
    Plan other;
    NmError unused = {0};
    if (!may_cut(lyrics, melody, n, n_stanzas)) continue;
    const NmStatus status_other = plan_make(&other, lyrics, melody, config, n, n_stanzas, &unused);
    if (status_other == NM_OK && (status != NM_OK || other.cost < plan->cost)) {
      plan_fini(plan);
      *plan = other;
      status = NM_OK;
    } else if (status_other == NM_OK)
      plan_fini(&other);
  }
  return status;
}

// --- the best choices of a way for each verse ---

typedef struct {
  double cost;
  int32_t from, rank; // choice of the verses before, and way of this one
} Sum;

static int compare_sums(const void *a, const void *b)
{
  const Sum *x = a, *y = b;
  if (x->cost != y->cost) return x->cost < y->cost ? -1 : 1;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  return x->rank - y->rank;
}

// Goes on from the choices for k verses to those for k + 1.
static void choose_verse(const Plan *plan, int32_t k, int32_t n_best, Sum *sums, int32_t *ranks,
                         Choices *choices)
{
  const NmFitWays *ways = &plan->ways[k];
  int32_t n = 0;
  for (int32_t from = 0; from < choices->n; ++from)
    for (int32_t rank = 0; rank < ways->n; ++rank)
      sums[n++] = (Sum){choices->costs[from] + ways->costs[rank], from, rank};
  qsort(sums, (size_t)n, sizeof *sums, compare_sums);
  if (n > n_best) n = n_best;
  memcpy(ranks, choices->ranks, (size_t)n_best * (size_t)plan->n * sizeof *ranks);
  for (int32_t i = 0; i < n; ++i) {
    memcpy(choices->ranks + (size_t)i * (size_t)plan->n, ranks + (size_t)sums[i].from * (size_t)plan->n,
           (size_t)k * sizeof *ranks);
    choices->ranks[(size_t)i * (size_t)plan->n + (size_t)k] = sums[i].rank;
    choices->costs[i] = sums[i].cost;
  }
  choices->n = n;
}

static void choices_fini(Choices *choices)
{
  free(choices->costs);
  free(choices->ranks);
  *choices = (Choices){0};
}

static NmStatus choose(const Plan *plan, int32_t n_best, Choices *choices, NmError *err)
{
  const size_t n = (size_t)n_best;
  Sum *sums = calloc(n * n, sizeof *sums);
  int32_t *ranks = calloc(n * (size_t)plan->n, sizeof *ranks);
  *choices = (Choices){
      .costs = calloc(n, sizeof(double)), .ranks = calloc(n * (size_t)plan->n, sizeof(int32_t)), .n = 1};
  const bool ok = sums && ranks && choices->costs && choices->ranks;
  for (int32_t k = 0; ok && k < plan->n; ++k) choose_verse(plan, k, n_best, sums, ranks, choices);
  free(sums);
  free(ranks);
  if (!ok) choices_fini(choices);
  return ok ? NM_OK : no_memory(err);
}

// --- the song ---

static const char *keep(NmSong *song, const char *text, bool *ok)
{
  const char *kept = text ? nm_song_keep(song, text, strlen(text)) : NULL;
  *ok &= !text || kept;
  return kept;
}

static bool copy_melody(NmSong *song, const NmSong *melody, const NmSong *lyrics)
{
  bool ok = true;
  song->ticks_per_beat = melody->ticks_per_beat;
  song->pickup = melody->pickup;
  song->title = keep(song, lyrics->title ? lyrics->title : melody->title, &ok);
  song->composer = keep(song, melody->composer ? melody->composer : lyrics->composer, &ok);
  song->lyricist = keep(song, lyrics->lyricist, &ok);
  song->language = keep(song, lyrics->language, &ok);
  for (int32_t i = 0; ok && i < melody->n_notes; ++i) {
    const NmSongNote *note = &melody->notes[i];
    ok = nm_song_add_note(song, note->onset, note->len, note->pitch, note->velocity) >= 0;
  }
  for (int32_t i = 0; ok && i < melody->n_keys; ++i)
    ok = nm_song_add_key(song, melody->keys[i].tick, melody->keys[i].fifths, melody->keys[i].minor) >= 0;
  for (int32_t i = 0; ok && i < melody->n_meters; ++i)
    ok = nm_song_add_meter(song, melody->meters[i].tick, melody->meters[i].n_beats,
                           melody->meters[i].beat_unit) >= 0;
  for (int32_t i = 0; ok && i < melody->n_tempos; ++i)
    ok = nm_song_add_tempo(song, melody->tempos[i].tick, melody->tempos[i].bpm) >= 0;
  return ok;
}

static bool copy_word(NmSong *song, const NmSong *lyrics, const NmSongWord *word)
{
  bool ok = nm_song_add_word(song) >= 0;
  for (int32_t k = 0; ok && k < word->n_syllables; ++k) {
    const NmSongSyllable *s = &lyrics->syllables[word->syllable_first + k];
    ok = nm_song_add_syllable(song, s->text, strlen(s->text), s->stress) >= 0 &&
         (s->n_phones == 0 || nm_song_add_phones(song, lyrics->phones + s->phone_first, s->n_phones) >= 0);
  }
  return ok;
}

static bool copy_lyrics(NmSong *song, const NmSong *lyrics, const Plan *plan)
{
  int32_t verse = 0;
  bool ok = true;
  for (int32_t i = 0; ok && i < lyrics->n_lines; ++i) {
    const NmSongLine *line = &lyrics->lines[i];
    while (verse + 1 < plan->n && plan->pairs[verse + 1].syllable_first <= first_syllable(lyrics, i)) ++verse;
    ok = nm_song_add_line(song, verse + 1, line->stanza) >= 0;
    for (int32_t k = 0; ok && k < line->n_words; ++k)
      ok = copy_word(song, lyrics, &lyrics->words[line->word_first + k]);
  }
  return ok;
}

static bool add_links(NmSong *song, const Plan *plan, const int32_t *ranks)
{
  for (int32_t k = 0; k < plan->n; ++k) {
    const NmFitWays *ways = &plan->ways[k];
    const size_t at = (size_t)ranks[k] * (size_t)ways->n_syllables;
    for (int32_t j = 0; j < ways->n_syllables; ++j)
      for (int32_t n = 0; n < ways->n_notes[at + (size_t)j]; ++n)
        if (nm_song_add_link(song, plan->pairs[k].syllable_first + j, ways->note_first[at + (size_t)j] + n) <
            0)
          return false;
  }
  return true;
}

static NmStatus measure(NmFitCandidate *candidate, const Plan *plan, const int32_t *ranks,
                        const NmFitConfig *config, NmError *err)
{
  const int32_t n_lines = candidate->song->n_lines;
  double *line_costs = calloc((size_t)n_lines, sizeof *line_costs);
  candidate->line_costs = calloc((size_t)n_lines, sizeof *line_costs);
  NmStatus status = line_costs && candidate->line_costs ? NM_OK : no_memory(err);
  for (int32_t k = 0; status == NM_OK && k < plan->n; ++k) {
    const size_t at = (size_t)ranks[k] * (size_t)plan->ways[k].n_syllables;
    double parts[NM_N_FIT_PARTS];
    status = nm_fit_measure(&plan->pairs[k], config, plan->ways[k].note_first + at,
                            plan->ways[k].n_notes + at, parts, line_costs, err);
    for (int32_t i = 0; status == NM_OK && i < n_lines; ++i) candidate->line_costs[i] += line_costs[i];
    for (int part = 0; status == NM_OK && part < NM_N_FIT_PARTS; ++part)
      candidate->parts[part] += parts[part];
  }
  free(line_costs);
  return status;
}

static NmStatus make_candidate(NmFitCandidate *candidate, const NmSong *lyrics, const NmSong *melody,
                               const Plan *plan, const int32_t *ranks, const NmFitConfig *config,
                               NmError *err)
{
  candidate->song = nm_song_new();
  if (!candidate->song || !copy_melody(candidate->song, melody, lyrics) ||
      !copy_lyrics(candidate->song, lyrics, plan) || !add_links(candidate->song, plan, ranks))
    return no_memory(err);
  const NmStatus status = nm_song_finish(candidate->song, err);
  return status == NM_OK ? measure(candidate, plan, ranks, config, err) : status;
}

void nm_fit_song_fini(NmFitSong *fitted)
{
  for (int32_t i = 0; i < fitted->n; ++i) {
    nm_song_free(fitted->candidates[i].song);
    free(fitted->candidates[i].line_costs);
  }
  free(fitted->candidates);
  *fitted = (NmFitSong){0};
}

static NmStatus make_all(const NmSong *lyrics, const NmSong *melody, const Plan *plan, const Choices *choices,
                         const NmFitConfig *config, NmFitSong *fitted, NmError *err)
{
  fitted->candidates = calloc((size_t)choices->n, sizeof *fitted->candidates);
  if (!fitted->candidates) return no_memory(err);
  fitted->n_verses = plan->n;
  NmStatus status = NM_OK;
  while (status == NM_OK && fitted->n < choices->n) {
    const int32_t i = fitted->n++;
    fitted->candidates[i].cost = choices->costs[i];
    status = make_candidate(&fitted->candidates[i], lyrics, melody, plan,
                            choices->ranks + (size_t)i * (size_t)plan->n, config, err);
  }
  return status;
}

NmStatus nm_fit_song(const NmSong *lyrics, const NmSong *melody, const NmFitConfig *config, int32_t n_verses,
                     NmFitSong *fitted, NmError *err)
{
  Plan plan;
  Choices choices = {0};
  *fitted = (NmFitSong){0};
  if (lyrics->n_syllables < 1) return nm_error_set(err, NM_ERR_BAD_DATA, "there are no words");
  NmStatus status = choose_plan(lyrics, melody, config, n_verses, &plan, err);
  if (status != NM_OK) return status;
  status = choose(&plan, config->n_best, &choices, err);
  if (status == NM_OK) status = make_all(lyrics, melody, &plan, &choices, config, fitted, err);
  choices_fini(&choices);
  plan_fini(&plan);
  if (status != NM_OK) nm_fit_song_fini(fitted);
  return status;
}
