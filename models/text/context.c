// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/context.h"

#include <string.h>

typedef struct {
  const char *word;
  int kinds;
} Kind;

// Sorted.
static const Kind kinds[] = {{"a", NM_KIND_DET},
                             {"about", NM_KIND_PREP},
                             {"above", NM_KIND_PREP},
                             {"across", NM_KIND_PREP},
                             {"after", NM_KIND_PREP},
                             {"against", NM_KIND_PREP},
                             {"all", NM_KIND_DET},
                             {"already", NM_KIND_ADVERB},
                             {"also", NM_KIND_ADVERB},
                             {"always", NM_KIND_ADVERB},
                             {"am", NM_KIND_BE},
                             {"among", NM_KIND_PREP},
                             {"an", NM_KIND_DET},
                             {"and", NM_KIND_CONJUNCTION},
                             {"another", NM_KIND_DET},
                             {"any", NM_KIND_DET},
                             {"are", NM_KIND_BE},
                             {"around", NM_KIND_PREP},
                             {"as", NM_KIND_PREP},
                             {"at", NM_KIND_PREP},
                             {"be", NM_KIND_BE},
                             {"been", NM_KIND_BE},
                             {"before", NM_KIND_PREP},
                             {"behind", NM_KIND_PREP},
                             {"being", NM_KIND_BE},
                             {"between", NM_KIND_PREP},
                             {"both", NM_KIND_DET},
                             {"but", NM_KIND_CONJUNCTION},
                             {"by", NM_KIND_PREP},
                             {"can", NM_KIND_MODAL},
                             {"can't", NM_KIND_MODAL},
                             {"cannot", NM_KIND_MODAL},
                             {"could", NM_KIND_MODAL},
                             {"couldn't", NM_KIND_MODAL},
                             {"did", NM_KIND_MODAL},
                             {"didn't", NM_KIND_MODAL},
                             {"do", NM_KIND_MODAL},
                             {"does", NM_KIND_MODAL},
                             {"doesn't", NM_KIND_MODAL},
                             {"don't", NM_KIND_MODAL},
                             {"during", NM_KIND_PREP},
                             {"each", NM_KIND_DET},
                             {"eight", NM_KIND_NUMBER},
                             {"every", NM_KIND_DET},
                             {"few", NM_KIND_DET},
                             {"first", NM_KIND_DET},
                             {"five", NM_KIND_NUMBER},
                             {"for", NM_KIND_PREP},
                             {"four", NM_KIND_NUMBER},
                             {"from", NM_KIND_PREP},
                             {"had", NM_KIND_HAVE},
                             {"has", NM_KIND_HAVE},
                             {"have", NM_KIND_HAVE},
                             {"having", NM_KIND_HAVE},
                             {"he", NM_KIND_SUBJECT},
                             {"he'd", NM_KIND_HAVE | NM_KIND_MODAL},
                             {"he'll", NM_KIND_MODAL},
                             {"her", NM_KIND_DET | NM_KIND_OBJECT},
                             {"him", NM_KIND_OBJECT},
                             {"his", NM_KIND_DET},
                             {"hundred", NM_KIND_NUMBER},
                             {"i", NM_KIND_SUBJECT},
                             {"i'd", NM_KIND_HAVE | NM_KIND_MODAL},
                             {"i'll", NM_KIND_MODAL},
                             {"i've", NM_KIND_HAVE},
                             {"if", NM_KIND_CONJUNCTION},
                             {"in", NM_KIND_PREP},
                             {"into", NM_KIND_PREP},
                             {"is", NM_KIND_BE},
                             {"it", NM_KIND_SUBJECT | NM_KIND_OBJECT},
                             {"its", NM_KIND_DET},
                             {"just", NM_KIND_ADVERB},
                             {"last", NM_KIND_DET},
                             {"let", NM_KIND_MODAL},
                             {"let's", NM_KIND_MODAL},
                             {"many", NM_KIND_DET},
                             {"may", NM_KIND_MODAL},
                             {"me", NM_KIND_OBJECT},
                             {"might", NM_KIND_MODAL},
                             {"more", NM_KIND_DET},
                             {"most", NM_KIND_DET},
                             {"must", NM_KIND_MODAL},
                             {"my", NM_KIND_DET},
                             {"never", NM_KIND_ADVERB},
                             {"next", NM_KIND_DET},
                             {"nine", NM_KIND_NUMBER},
                             {"no", NM_KIND_DET},
                             {"not", NM_KIND_NOT},
                             {"of", NM_KIND_PREP},
                             {"off", NM_KIND_PREP},
                             {"often", NM_KIND_ADVERB},
                             {"on", NM_KIND_PREP},
                             {"one", NM_KIND_NUMBER},
                             {"or", NM_KIND_CONJUNCTION},
                             {"other", NM_KIND_DET},
                             {"our", NM_KIND_DET},
                             {"out", NM_KIND_PREP},
                             {"over", NM_KIND_PREP},
                             {"please", NM_KIND_MODAL},
                             {"same", NM_KIND_DET},
                             {"seven", NM_KIND_NUMBER},
                             {"shall", NM_KIND_MODAL},
                             {"she", NM_KIND_SUBJECT},
                             {"she'd", NM_KIND_HAVE | NM_KIND_MODAL},
                             {"she'll", NM_KIND_MODAL},
                             {"should", NM_KIND_MODAL},
                             {"shouldn't", NM_KIND_MODAL},
                             {"six", NM_KIND_NUMBER},
                             {"some", NM_KIND_DET},
                             {"still", NM_KIND_ADVERB},
                             {"such", NM_KIND_DET},
                             {"ten", NM_KIND_NUMBER},
                             {"that", NM_KIND_DET | NM_KIND_SUBJECT},
                             {"the", NM_KIND_DET},
                             {"their", NM_KIND_DET},
                             {"them", NM_KIND_OBJECT},
                             {"these", NM_KIND_DET},
                             {"they", NM_KIND_SUBJECT},
                             {"they'd", NM_KIND_HAVE | NM_KIND_MODAL},
                             {"they'll", NM_KIND_MODAL},
                             {"they've", NM_KIND_HAVE},
                             {"this", NM_KIND_DET},
                             {"those", NM_KIND_DET},
                             {"thousand", NM_KIND_NUMBER},
                             {"three", NM_KIND_NUMBER},
                             {"through", NM_KIND_PREP},
                             {"to", NM_KIND_TO},
                             {"two", NM_KIND_NUMBER},
                             {"under", NM_KIND_PREP},
                             {"until", NM_KIND_PREP},
                             {"up", NM_KIND_PREP},
                             {"us", NM_KIND_OBJECT},
                             {"was", NM_KIND_BE},
                             {"we", NM_KIND_SUBJECT},
                             {"we'd", NM_KIND_HAVE | NM_KIND_MODAL},
                             {"we'll", NM_KIND_MODAL},
                             {"we've", NM_KIND_HAVE},
                             {"were", NM_KIND_BE},
                             {"what", NM_KIND_DET},
                             {"which", NM_KIND_DET | NM_KIND_SUBJECT},
                             {"who", NM_KIND_SUBJECT},
                             {"whose", NM_KIND_DET},
                             {"will", NM_KIND_MODAL},
                             {"with", NM_KIND_PREP},
                             {"without", NM_KIND_PREP},
                             {"won't", NM_KIND_MODAL},
                             {"would", NM_KIND_MODAL},
                             {"wouldn't", NM_KIND_MODAL},
                             {"you", NM_KIND_SUBJECT | NM_KIND_OBJECT},
                             {"you'd", NM_KIND_HAVE | NM_KIND_MODAL},
                             {"you'll", NM_KIND_MODAL},
                             {"you've", NM_KIND_HAVE},
                             {"your", NM_KIND_DET}};

static bool ends_with(const char *word, const char *ending)
{
  const size_t len = strlen(word), len_ending = strlen(ending);
  return len > len_ending && strcmp(word + len - len_ending, ending) == 0;
}

static int classify(const char *word)
{
  size_t low = 0, high = sizeof kinds / sizeof *kinds;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    const int order = strcmp(kinds[mid].word, word);
    if (order == 0) return kinds[mid].kinds;
    if (order < 0)
      low = mid + 1;
    else
      high = mid;
  }
  if (ends_with(word, "'s") || ends_with(word, "s'")) return NM_KIND_DET;
  if (ends_with(word, "ly")) return NM_KIND_ADVERB;
  if (ends_with(word, "ed")) return NM_KIND_PARTICIPLE;
  if (ends_with(word, "s") && !ends_with(word, "ss") && !ends_with(word, "us")) return NM_KIND_PLURAL;
  return 0;
}

// The word `offset` places away, "" beyond a boundary or the text.
const char *nm_context_word(const NmContext *context, int offset)
{
  const NmTextTokens *tokens = context->tokens;
  size_t i = context->i;
  for (; offset < 0; offset++) {
    if (i == 0 || tokens->tokens[i - 1].boundary != NM_BOUNDARY_NONE) return "";
    i--;
  }
  for (; offset > 0; offset--) {
    if (tokens->tokens[i].boundary != NM_BOUNDARY_NONE || i + 1 >= tokens->n) return "";
    i++;
  }
  return nm_token_text(tokens, &tokens->tokens[i]);
}

int nm_context_kind(const NmContext *context, int offset)
{
  const char *word = nm_context_word(context, offset);
  return *word ? classify(word) : NM_KIND_NONE;
}

bool nm_word_is_one_of(const char *word, const char *list)
{
  const size_t len = strlen(word);
  for (; *list; list += strspn(list, " ")) {
    const size_t len_item = strcspn(list, " ");
    if (len_item == len && memcmp(list, word, len) == 0) return true;
    list += len_item;
  }
  return false;
}

// Whether one of the words up to `n` places before or behind is in the list, boundaries or not.
bool nm_context_is_near(const NmContext *context, int n, const char *list)
{
  const NmTextTokens *tokens = context->tokens;
  const size_t first = context->i > (size_t)n ? context->i - (size_t)n : 0;
  for (size_t k = first; k < tokens->n && k <= context->i + (size_t)n; k++)
    if (k != context->i && nm_word_is_one_of(nm_token_text(tokens, &tokens->tokens[k]), list)) return true;
  return false;
}

// The kinds of the word before, adverbs and "not" skipped.
int nm_context_kind_before(const NmContext *context)
{
  int offset = -1;
  while (offset > -4 && (nm_context_kind(context, offset) & (NM_KIND_ADVERB | NM_KIND_NOT))) offset--;
  return nm_context_kind(context, offset);
}

// Verb or noun (adjective), from the word before, adverbs skipped, and the word behind.
bool nm_context_is_verb(const NmContext *context)
{
  static const char before_noun[] =
      "opposed barrier due according subject contrary prior thanks key obstacle devoted "
      "similar addition reference relation regard return access respect objection";
  int offset = -1;
  while (offset > -3 && (nm_context_kind(context, offset) & (NM_KIND_ADVERB | NM_KIND_NOT)) &&
         !(nm_context_kind(context, offset) & NM_KIND_NONE))
    offset--;
  const int before = nm_context_kind(context, offset), after = nm_context_kind(context, 1);
  const char *word = nm_context_word(context, 0);
  const bool plural = ends_with(word, "s") && !ends_with(word, "ss");
  const bool takes_object = (after & (NM_KIND_DET | NM_KIND_OBJECT)) != 0;
  if ((before & NM_KIND_TO) && nm_word_is_one_of(nm_context_word(context, offset - 1), before_noun))
    return false;
  if (before & (NM_KIND_TO | NM_KIND_MODAL)) return !plural;
  if (before & NM_KIND_HAVE) return false;
  if (before & NM_KIND_DET) return (before & NM_KIND_SUBJECT) && takes_object && !plural;
  if (before & NM_KIND_SUBJECT) return true;
  if (before & (NM_KIND_PREP | NM_KIND_NUMBER | NM_KIND_BE)) return false;
  if (before & NM_KIND_NONE) return takes_object && !plural;
  if (before & NM_KIND_CONJUNCTION) return takes_object;
  if (before & (NM_KIND_PLURAL | NM_KIND_OBJECT))
    return !plural && (takes_object || (after & (NM_KIND_PREP | NM_KIND_TO | NM_KIND_ADVERB)) != 0);
  return takes_object && plural;
}

// Past tense or participle rather than the plain verb: for "read".
bool nm_context_is_past(const NmContext *context)
{
  int offset = -1;
  while (offset > -4 && (nm_context_kind(context, offset) & (NM_KIND_ADVERB | NM_KIND_NOT)) &&
         !(nm_context_kind(context, offset) & NM_KIND_NONE))
    offset--;
  const int before = nm_context_kind(context, offset);
  if (before & (NM_KIND_HAVE | NM_KIND_BE)) return true;
  if (before & (NM_KIND_TO | NM_KIND_MODAL)) return false;
  if ((before & NM_KIND_SUBJECT) && nm_word_is_one_of(nm_context_word(context, offset), "he she it"))
    return true;
  if (before & NM_KIND_SUBJECT && (before & NM_KIND_DET)) return true;
  if (nm_context_is_near(context, 8,
                         "yesterday ago last was were had said went told wrote heard came thought asked"))
    return true;
  if (before & (NM_KIND_SUBJECT | NM_KIND_NONE | NM_KIND_CONJUNCTION | NM_KIND_PLURAL)) return false;
  if (before & (NM_KIND_DET | NM_KIND_PREP)) return false;
  return true;
}
