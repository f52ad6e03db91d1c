// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/lyric_rules.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/song/network.h"

enum {
  BANS_MAX = 32,
  FOLLOWERS_MAX = 64,
  LINES_OF_STANZA_LEAST = 2,
  WORDS_BETWEEN_MARKS = 2,
  WORDS_BETWEEN_THEMES = 8
};

// What cannot always be kept, but is broken only where nothing else is left.
static const float very_unlikely = -30;
// Two words that come together once more.
static const float pair_again = -1;

typedef struct {
  NmLyricSyllable *syllables; // [n_units]
  int32_t *words;             // [n_units] words so far
  int32_t n, replay, n_words;
  int32_t node;                    // 0 between words
  int32_t since_mark, since_theme; // words
  int32_t since_stanza;            // lines
  bool has_theme;
  NmLyricSyllable next;
} Row;

// Which words may end a line that rhymes: all those of a group.
typedef struct {
  int32_t rhyme;
  uint8_t *rest; // [n_nodes]
} Group;

struct NmLyricRules {
  const NmLyricPlan *plan;
  Row *rows, *spare;                            // [n_rows]
  NmLyricSyllable *syllables, *spare_syllables; // [n_rows, n_units]
  int32_t *words, *spare_words;                 // [n_rows, n_units]
  uint8_t *rest_rhymable, *rest_theme;          // [n_nodes]
  Group *groups;                                // [n_groups] of rhymes that were met
  int32_t n_groups, room_groups;
  int32_t n_rows, n_tokens, unit_end;
};

char nm_lyric_get_letter(const NmLyricPlan *plan, int32_t line)
{
  const size_t n = plan->scheme ? strlen(plan->scheme) : 0;
  const char letter = n ? (char)toupper((unsigned char)plan->scheme[(size_t)line % n]) : 0;
  return letter >= 'A' && letter <= 'Z' && letter != 'X' ? letter : 0;
}

// Lines of a letter belong together within one round of the scheme. The first of them, or the line itself.
static int32_t find_first_rhyme(const NmLyricPlan *plan, int32_t line)
{
  const char letter = nm_lyric_get_letter(plan, line);
  if (!letter) return line;
  const int32_t n = (int32_t)strlen(plan->scheme), round = line / n * n;
  for (int32_t l = round; l < line; ++l)
    if (nm_lyric_get_letter(plan, l) == letter) return l;
  return line;
}

static bool is_rhymed_later(const NmLyricPlan *plan, int32_t line)
{
  for (int32_t l = line + 1; l < plan->n_lines && plan->scheme; ++l)
    if (find_first_rhyme(plan, l) == line) return true;
  return false;
}

// --- sets of words ---

// Enough words of one syllable rhyme with it for a whole round of the scheme.
static bool is_rhymable(const void *user, int32_t word)
{
  const NmLyricPlan *plan = user;
  const int32_t n = plan->lexis->n_short[plan->lexis->words[word].rhyme];
  return n > 1 && n >= (plan->scheme ? (int32_t)strlen(plan->scheme) : 0);
}

static bool is_pair_rhymable(const void *user, int32_t word)
{
  const NmLyricPlan *plan = user;
  return plan->lexis->n_short[plan->lexis->words[word].rhyme] > 1;
}

static bool is_theme(const void *user, int32_t word)
{
  const NmLyricPlan *plan = user;
  for (int32_t i = 0; i < plan->n_theme; ++i)
    if (plan->theme[i] == word) return true;
  return false;
}

typedef struct {
  const NmLexis *lexis;
  int32_t rhyme;
} Rhyming;

static bool does_rhyme(const void *user, int32_t word)
{
  const Rhyming *rhyming = user;
  return rhyming->lexis->words[word].rhyme == rhyming->rhyme;
}

static const uint8_t *find_group(NmLyricRules *rules, int32_t rhyme)
{
  for (int32_t i = 0; i < rules->n_groups; ++i)
    if (rules->groups[i].rhyme == rhyme) return rules->groups[i].rest;
  if (rules->n_groups == rules->room_groups) rules->n_groups = 0; // the oldest go first
  Group *group = &rules->groups[rules->n_groups++];
  const Rhyming rhyming = {rules->plan->lexis, rhyme};
  group->rhyme = rhyme;
  nm_lexis_mark(rules->plan->lexis, does_rhyme, &rhyming, group->rest);
  return group->rest;
}

// --- rows ---

static bool allocate(NmLyricRules *rules)
{
  const size_t n_rows = (size_t)rules->n_rows, n = n_rows * (size_t)rules->plan->n_units;
  const size_t n_nodes = (size_t)rules->plan->lexis->n_nodes;
  rules->room_groups = 2 * rules->n_rows + 8;
  rules->rows = calloc(n_rows, sizeof *rules->rows);
  rules->spare = calloc(n_rows, sizeof *rules->spare);
  rules->syllables = calloc(n, sizeof *rules->syllables);
  rules->spare_syllables = calloc(n, sizeof *rules->spare_syllables);
  rules->words = calloc(n, sizeof *rules->words);
  rules->spare_words = calloc(n, sizeof *rules->spare_words);
  rules->rest_rhymable = calloc(n_nodes, 1);
  rules->rest_theme = calloc(n_nodes, 1);
  rules->groups = calloc((size_t)rules->room_groups, sizeof *rules->groups);
  bool ok = rules->rows && rules->spare && rules->syllables && rules->spare_syllables && rules->words &&
            rules->spare_words && rules->rest_rhymable && rules->rest_theme && rules->groups;
  for (int32_t i = 0; ok && i < (rules->plan->scheme ? rules->room_groups : 0); ++i)
    ok = (rules->groups[i].rest = calloc(n_nodes, 1)) != NULL;
  return ok;
}

NmLyricRules *nm_lyric_rules_new(const NmLyricPlan *plan, int32_t n_rows)
{
  NmLyricRules *rules = calloc(1, sizeof *rules);
  if (!rules) return NULL;
  *rules = (NmLyricRules){.plan = plan, .n_rows = n_rows, .unit_end = plan->n_units};
  if (!allocate(rules)) {
    nm_lyric_rules_free(rules);
    return NULL;
  }
  for (int32_t r = 0; r < n_rows; ++r) {
    rules->rows[r].syllables = rules->syllables + (int64_t)r * plan->n_units;
    rules->rows[r].words = rules->words + (int64_t)r * plan->n_units;
    rules->rows[r].since_theme = WORDS_BETWEEN_THEMES;
  }
  nm_lexis_mark(plan->lexis, is_rhymable, plan, rules->rest_rhymable);
  if (!(rules->rest_rhymable[0] & 2))
    nm_lexis_mark(plan->lexis, is_pair_rhymable, plan, rules->rest_rhymable);
  nm_lexis_mark(plan->lexis, is_theme, plan, rules->rest_theme);
  return rules;
}

void nm_lyric_rules_free(NmLyricRules *rules)
{
  if (!rules) return;
  for (int32_t i = 0; rules->groups && i < rules->room_groups; ++i) free(rules->groups[i].rest);
  void *const held[] = {rules->rows,  rules->spare,       rules->syllables,     rules->spare_syllables,
                        rules->words, rules->spare_words, rules->rest_rhymable, rules->rest_theme,
                        rules->groups};
  for (size_t i = 0; i < sizeof held / sizeof *held; ++i) free(held[i]);
  free(rules);
}

static bool is_done(void *self, int32_t r)
{
  const NmLyricRules *rules = self;
  return rules->rows[r].replay >= rules->rows[r].n && rules->rows[r].n >= rules->unit_end;
}

// Units of the line from this one on.
static int32_t count_left(const NmLyricPlan *plan, int32_t unit)
{
  int32_t end = unit;
  while (end < plan->n_units && plan->lines[end] == plan->lines[unit]) ++end;
  return end - unit;
}

static int32_t find_last_word(const NmLyricRules *rules, const Row *row, int32_t line)
{
  for (int32_t i = row->n - 1; i >= 0; --i)
    if (rules->plan->lines[i] == line) return rules->plan->lexis->nodes[row->syllables[i].node].word;
  return -1;
}

// The words that may end the line a row is in; NULL: all.
static const uint8_t *find_endings(NmLyricRules *rules, const Row *row)
{
  const NmLyricPlan *plan = rules->plan;
  const int32_t line = plan->lines[row->n], first = find_first_rhyme(plan, line);
  if (first == line) return is_rhymed_later(plan, line) ? rules->rest_rhymable : NULL;
  return find_group(rules, plan->lexis->words[find_last_word(rules, row, first)].rhyme);
}

// --- what a row may go on with ---

// What is known of a step, so that every field asks the same.
typedef struct {
  const NmLyricPlan *plan;
  const Row *row;
  const uint8_t *endings; // NULL: any word
  const uint8_t *theme;   // NULL: no need for one here
  int32_t left;           // units of the line
  int32_t bans[BANS_MAX], n_bans;
  int32_t followers[FOLLOWERS_MAX], n_followers; // of the word before, so far
  int32_t used[NM_LYRIC_SCHEME_MAX], n_used;     // words that ended lines this one rhymes with
} View;

static bool is_one_of(const int32_t *words, int32_t n, int32_t word)
{
  for (int32_t i = 0; i < n; ++i)
    if (words[i] == word) return true;
  return false;
}

// Whether a word that may end the line, and did not yet end one it rhymes with, lies `left` syllables behind
// a node.
static bool has_fresh_end(const View *view, int32_t node, int32_t left)
{
  const NmLexisNode *at = &view->plan->lexis->nodes[node];
  const uint8_t ends = view->endings ? view->endings[node] : at->rest;
  if (left > 7 || !(ends >> left & 1)) return false;
  if (left == 0) return !is_one_of(view->used, view->n_used, at->word);
  if (view->n_used == 0) return true;
  for (int32_t k = 0; k < at->n_children; ++k)
    if (has_fresh_end(view, at->child_first + k, left - 1)) return true;
  return false;
}

// Whether every word at or behind a node is banned.
static bool is_all_banned(const View *view, int32_t node)
{
  const NmLexisNode *at = &view->plan->lexis->nodes[node];
  if (at->word >= 0 && !is_one_of(view->bans, view->n_bans, at->word)) return false;
  for (int32_t k = 0; k < at->n_children; ++k)
    if (!is_all_banned(view, at->child_first + k)) return false;
  return true;
}

// Whether a word that goes on behind this node can come to its end before the line does, or with it.
static bool can_end(const View *view, int32_t child, int32_t left)
{
  const uint8_t rest = view->plan->lexis->nodes[child].rest;
  const uint8_t before = left > 8 ? 0xff : (uint8_t)((1u << left) - 1);
  return rest & before & ~1u || has_fresh_end(view, child, left);
}

// Whether the word may end at this child, or (`goes_on`) go on behind it.
static bool allows(const View *view, int32_t child, bool goes_on)
{
  const NmLexisNode *node = &view->plan->lexis->nodes[child];
  if (view->theme && !(goes_on ? view->theme[child] & ~1u : view->theme[child] & 1u)) return false;
  if (goes_on) return view->left > 1 && can_end(view, child, view->left - 1);
  if (node->word < 0) return false;
  return view->left > 1 || !view->endings || view->endings[child] & 1;
}

// Three words in a row do not come twice, nor one word after itself, nor two rhymes by the same word.
static void find_bans(const NmLyricRules *rules, View *view)
{
  const Row *row = view->row;
  const int32_t n = row->n_words, line = rules->plan->lines[row->n],
                first = find_first_rhyme(rules->plan, line);
  const int32_t *w = row->words;
  for (int32_t i = n - 2; i >= 0; --i) {
    if (w[i] != w[n - 1]) continue;
    if (view->n_followers < FOLLOWERS_MAX) view->followers[view->n_followers++] = w[i + 1];
    if (i > 0 && w[i - 1] == w[n - 2] && view->n_bans + 2 < BANS_MAX) view->bans[view->n_bans++] = w[i + 1];
  }
  if (n > 0) view->bans[view->n_bans++] = w[n - 1];
  for (int32_t l = first; l < line && view->n_used < NM_LYRIC_SCHEME_MAX; ++l)
    if (find_first_rhyme(rules->plan, l) == first) view->used[view->n_used++] = find_last_word(rules, row, l);
}

// A word of the theme is due in the last third if there was none, where one fits.
static bool fits_theme(const View *view, const uint8_t *theme)
{
  View with = *view;
  with.theme = theme;
  const NmLexisNode *node = &view->plan->lexis->nodes[view->row->node];
  for (int32_t k = 0; k < node->n_children; ++k)
    if (allows(&with, node->child_first + k, false) || allows(&with, node->child_first + k, true))
      return true;
  return false;
}

static View look(NmLyricRules *rules, const Row *row)
{
  const NmLyricPlan *plan = rules->plan;
  View view = {.plan = plan, .row = row, .left = count_left(plan, row->n)};
  view.endings = find_endings(rules, row);
  find_bans(rules, &view);
  const bool due = plan->n_theme > 0 && !row->has_theme && 3 * row->n >= 2 * plan->n_units;
  if (due && rules->rest_theme[row->node] && fits_theme(&view, rules->rest_theme))
    view.theme = rules->rest_theme;
  return view;
}

// The allowed values of the fields up to `field`, those before it being chosen: marks `seen` [values].
static void mark_allowed(const View *view, int32_t field, bool *seen)
{
  const NmLexis *lexis = view->plan->lexis;
  const NmLexisNode *node = &lexis->nodes[view->row->node];
  const NmLyricSyllable *next = &view->row->next;
  for (int32_t k = 0; k < node->n_children; ++k) {
    const int32_t child = node->child_first + k;
    const NmLexisNode *to = &lexis->nodes[child];
    if (field == NM_CHOICE_END) {
      seen[0] = seen[0] || allows(view, child, true);
      seen[1] = seen[1] || allows(view, child, false);
      if (seen[0] && seen[1]) return;
    } else if (allows(view, child, next->end == NM_END_NOTHING)) {
      if (field == NM_CHOICE_STRESS)
        seen[to->stress] = true;
      else if (to->stress == next->stress)
        seen[to->syllable] = true;
    }
  }
}

static void bias_ends(const View *view, float *bias)
{
  const NmLyricPlan *plan = view->plan;
  const Row *row = view->row;
  bool seen[2] = {false, false};
  mark_allowed(view, NM_CHOICE_END, seen);
  const bool last = row->n + 1 == plan->n_units, ends = view->left == 1;
  for (int i = 0; i < NM_N_ENDS; ++i) bias[i] = -INFINITY;
  if (seen[0]) bias[NM_END_NOTHING] = 0;
  if (!seen[1]) return;
  if (!ends) bias[NM_END_WORD] = 0;
  if (ends) bias[last ? NM_END_SONG : NM_END_LINE] = 0;
  if (ends && !last && row->since_stanza + 1 >= LINES_OF_STANZA_LEAST) bias[NM_END_STANZA] = 0;
}

static void bias_stresses(const View *view, float *bias)
{
  bool seen[NM_N_STRESSES] = {false};
  const float strength = view->plan->strengths[view->row->n];
  mark_allowed(view, NM_CHOICE_STRESS, seen);
  for (int i = 0; i < NM_STRESS_UNKNOWN; ++i) {
    if (!seen[i])
      bias[i] = -INFINITY;
    else if (i == NM_STRESS_PRIMARY)
      bias[i] = view->plan->stress * (2 * strength - 1);
    else if (i == NM_STRESS_NONE && view->plan->strict && strength >= .8f)
      bias[i] = very_unlikely;
  }
}

// How often the word before was followed by this one already.
static int32_t count_pair(const View *view, int32_t word)
{
  int32_t n = 0;
  for (int32_t i = 0; i < view->n_followers; ++i) n += view->followers[i] == word;
  return n;
}

static float rate_child(const NmLyricRules *rules, const View *view, int32_t child, bool goes_on)
{
  const int32_t word = rules->plan->lexis->nodes[child].word;
  if (goes_on) return view->n_bans > 0 && is_all_banned(view, child) ? very_unlikely : 0;
  if (is_one_of(view->bans, view->n_bans, word)) return very_unlikely;
  if (view->left == 1 && is_one_of(view->used, view->n_used, word)) return very_unlikely;
  return pair_again * (float)count_pair(view, word);
}

static void bias_syllables(const NmLyricRules *rules, const View *view, float *bias, int32_t n_tokens)
{
  const NmLexis *lexis = view->plan->lexis;
  const NmLexisNode *node = &lexis->nodes[view->row->node];
  const NmLyricSyllable *next = &view->row->next;
  const bool goes_on = next->end == NM_END_NOTHING;
  for (int32_t i = 0; i < n_tokens; ++i) bias[i] = -INFINITY;
  for (int32_t k = 0; k < node->n_children; ++k) {
    const int32_t child = node->child_first + k;
    const NmLexisNode *to = &lexis->nodes[child];
    if (to->stress != next->stress || !allows(view, child, goes_on)) continue;
    bias[to->syllable] = rate_child(rules, view, child, goes_on);
    const uint8_t wanted = goes_on ? rules->rest_theme[child] & 0xfe : rules->rest_theme[child] & 1;
    if (wanted && view->row->since_theme >= WORDS_BETWEEN_THEMES) bias[to->syllable] += view->plan->boost;
  }
}

static void bias_marks(const View *view, float *bias)
{
  const Row *row = view->row;
  const int end = row->next.end;
  for (int i = 0; i < NM_N_MARKS; ++i) {
    const bool stops = i == NM_MARK_PERIOD || i == NM_MARK_EXCLAMATION || i == NM_MARK_QUESTION;
    bool allowed = i == NM_MARK_NONE;
    if (end == NM_END_WORD)
      allowed = allowed ||
                ((i == NM_MARK_COMMA || stops) && row->since_mark >= WORDS_BETWEEN_MARKS && view->left > 2);
    else if (end != NM_END_NOTHING)
      allowed = end == NM_END_SONG ? stops : true;
    if (!allowed) bias[i] = -INFINITY;
  }
}

static void force(float *bias, int32_t n, int32_t token)
{
  for (int32_t i = 0; i < n; ++i)
    if (i != token) bias[i] = -INFINITY;
}

static int32_t get_token(const NmLyricSyllable *s, int32_t field)
{
  const int32_t tokens[NM_SONG_N_CHOICES] = {s->end, s->stress, s->syllable, s->mark};
  return tokens[field];
}

static int32_t count_tokens(const NmLyricRules *rules, int32_t field)
{
  const int32_t n[NM_SONG_N_CHOICES] = {NM_N_ENDS, NM_STRESS_UNKNOWN, rules->n_tokens, NM_N_MARKS};
  return n[field];
}

static void get_bias(void *self, int32_t r, int32_t field, float *bias)
{
  NmLyricRules *rules = self;
  const Row *row = &rules->rows[r];
  if (row->replay < row->n) {
    force(bias, count_tokens(rules, field), get_token(&row->syllables[row->replay], field));
    return;
  }
  const View view = look(rules, row);
  switch (field) {
  case NM_CHOICE_END: bias_ends(&view, bias); break;
  case NM_CHOICE_STRESS: bias_stresses(&view, bias); break;
  case NM_CHOICE_SYLLABLE: bias_syllables(rules, &view, bias, rules->n_tokens); break;
  default: bias_marks(&view, bias);
  }
}

// --- going on ---

static int32_t find_child(const NmLexis *lexis, int32_t node, int32_t syllable, int stress)
{
  const NmLexisNode *at = &lexis->nodes[node];
  int32_t low = at->child_first, high = low + at->n_children;
  while (low < high) {
    const int32_t middle = (low + high) / 2;
    const NmLexisNode *child = &lexis->nodes[middle];
    if (child->syllable < syllable || (child->syllable == syllable && child->stress < stress))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void end_word(const NmLyricRules *rules, Row *row)
{
  const int32_t word = rules->plan->lexis->nodes[row->next.node].word;
  const bool theme = is_theme(rules->plan, word);
  row->words[row->n_words++] = word;
  row->node = 0;
  row->has_theme = row->has_theme || theme;
  row->since_theme = theme ? 0 : row->since_theme + 1;
  row->since_mark = row->next.mark ? 0 : row->since_mark + 1;
  if (row->next.end >= NM_END_LINE) {
    row->since_mark = 0;
    row->since_stanza = row->next.end >= NM_END_STANZA ? 0 : row->since_stanza + 1;
  }
}

static void commit(const NmLyricRules *rules, Row *row)
{
  row->next.node = find_child(rules->plan->lexis, row->node, row->next.syllable, row->next.stress);
  row->syllables[row->n++] = row->next;
  row->replay = row->n;
  row->node = row->next.node;
  if (row->next.end != NM_END_NOTHING) end_word(rules, row);
}

static void take(void *self, int32_t r, int32_t field, int32_t token)
{
  NmLyricRules *rules = self;
  Row *row = &rules->rows[r];
  if (row->replay < row->n) {
    row->replay += field == NM_CHOICE_MARK;
    return;
  }
  switch (field) {
  case NM_CHOICE_END: row->next.end = (int8_t)token; break;
  case NM_CHOICE_STRESS: row->next.stress = (int8_t)token; break;
  case NM_CHOICE_SYLLABLE: row->next.syllable = token; break;
  default: row->next.mark = (int8_t)token; commit(rules, row);
  }
}

static NmStatus reorder(void *self, const int32_t *index)
{
  NmLyricRules *rules = self;
  for (int32_t r = 0; r < rules->n_rows; ++r) {
    const Row *from = &rules->rows[index[r]];
    Row *to = &rules->spare[r];
    *to = *from;
    to->syllables = rules->spare_syllables + (int64_t)r * rules->plan->n_units;
    to->words = rules->spare_words + (int64_t)r * rules->plan->n_units;
    memcpy(to->syllables, from->syllables, (size_t)from->n * sizeof *to->syllables);
    memcpy(to->words, from->words, (size_t)from->n_words * sizeof *to->words);
  }
  const NmLyricRules before = *rules;
  rules->rows = before.spare;
  rules->spare = before.rows;
  rules->syllables = before.spare_syllables;
  rules->spare_syllables = before.syllables;
  rules->words = before.spare_words;
  rules->spare_words = before.words;
  return NM_OK;
}

void nm_lyric_rules_set_task(NmLyricRules *rules, int32_t n_syllables, NmSearchTask *task)
{
  rules->n_tokens = n_syllables;
  *task = (NmSearchTask){.n_fields = NM_SONG_N_CHOICES,
                         .n_tokens = {NM_N_ENDS, NM_STRESS_UNKNOWN, n_syllables, NM_N_MARKS},
                         .rules = {rules, is_done, get_bias, take, reorder},
                         .n_steps_max = rules->plan->n_units + 1};
}

void nm_lyric_rules_set_window(NmLyricRules *rules, int32_t unit_first, int32_t unit_end)
{
  rules->unit_end = unit_end;
  for (int32_t r = 0; r < rules->n_rows; ++r)
    rules->rows[r].replay = unit_first < rules->rows[r].n ? unit_first : rules->rows[r].n;
}

const NmLyricSyllable *nm_lyric_rules_get(const NmLyricRules *rules, int32_t r, int32_t *n)
{
  *n = rules->rows[r].n;
  return rules->rows[r].syllables;
}

// --- the same promises, looked at from outside ---

static const char *find_fault(const NmLyricPlan *plan, const NmLyricSyllable *s, int32_t n, int32_t i,
                              int32_t *node)
{
  const NmLexis *lexis = plan->lexis;
  const bool ends_line = i + 1 == n || plan->lines[i + 1] != plan->lines[i];
  const int32_t child = find_child(lexis, *node, s[i].syllable, s[i].stress);
  const NmLexisNode *at = &lexis->nodes[child];
  if (child >= lexis->nodes[*node].child_first + lexis->nodes[*node].n_children ||
      at->syllable != s[i].syllable || at->stress != s[i].stress)
    return "word";
  if (ends_line != (s[i].end >= NM_END_LINE)) return "line";
  if ((i + 1 == n) != (s[i].end == NM_END_SONG)) return "end";
  if (s[i].end != NM_END_NOTHING && at->word < 0) return "word";
  *node = s[i].end == NM_END_NOTHING ? child : 0;
  const int32_t first = find_first_rhyme(plan, plan->lines[i]);
  if (!ends_line || first == plan->lines[i]) return NULL;
  int32_t k = i;
  while (plan->lines[k] != first) --k;
  return lexis->words[at->word].rhyme == lexis->words[lexis->nodes[s[k].node].word].rhyme ? NULL : "rhyme";
}

int32_t nm_lyric_check(const NmLyricPlan *plan, const NmLyricSyllable *syllables, int32_t n, const char **why)
{
  const char *fault = n == plan->n_units ? NULL : "count";
  int32_t i = 0, node = 0;
  while (!fault && i < n)
    if (!(fault = find_fault(plan, syllables, n, i, &node))) ++i;
  if (why) *why = fault;
  return fault ? i : -1;
}
