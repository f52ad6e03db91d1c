// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/heteronyms.h"

#include <string.h>

// What kinds of word something may be, as far as small words and endings tell.
enum {
  DET = 1,  // a the this every; possessives my his
  PREP = 2, // of in by; not to
  TO = 4,
  SUBJECT = 8, // I you he she it we they who
  MODAL = 16,  // can will do does did to-less infinitives follow
  BE = 32,
  HAVE = 64,
  OBJECT = 128, // me him them us it you
  ADVERB = 256,
  NUMBER = 512,
  CONJUNCTION = 1024,
  NOT = 2048,
  PLURAL = 4096,
  PARTICIPLE = 8192, // ends in -ed
  NAME = 16384,
  NONE = 32768 // no word: the edge of a clause
};

typedef struct {
  const char *word;
  int kinds;
} Kind;

// Sorted.
static const Kind kinds[] = {{"a", DET},
                             {"about", PREP},
                             {"above", PREP},
                             {"across", PREP},
                             {"after", PREP},
                             {"against", PREP},
                             {"all", DET},
                             {"already", ADVERB},
                             {"also", ADVERB},
                             {"always", ADVERB},
                             {"am", BE},
                             {"among", PREP},
                             {"an", DET},
                             {"and", CONJUNCTION},
                             {"another", DET},
                             {"any", DET},
                             {"are", BE},
                             {"around", PREP},
                             {"as", PREP},
                             {"at", PREP},
                             {"be", BE},
                             {"been", BE},
                             {"before", PREP},
                             {"behind", PREP},
                             {"being", BE},
                             {"between", PREP},
                             {"both", DET},
                             {"but", CONJUNCTION},
                             {"by", PREP},
                             {"can", MODAL},
                             {"can't", MODAL},
                             {"cannot", MODAL},
                             {"could", MODAL},
                             {"couldn't", MODAL},
                             {"did", MODAL},
                             {"didn't", MODAL},
                             {"do", MODAL},
                             {"does", MODAL},
                             {"doesn't", MODAL},
                             {"don't", MODAL},
                             {"during", PREP},
                             {"each", DET},
                             {"eight", NUMBER},
                             {"every", DET},
                             {"few", DET},
                             {"first", DET},
                             {"five", NUMBER},
                             {"for", PREP},
                             {"four", NUMBER},
                             {"from", PREP},
                             {"had", HAVE},
                             {"has", HAVE},
                             {"have", HAVE},
                             {"having", HAVE},
                             {"he", SUBJECT},
                             {"he'd", HAVE | MODAL},
                             {"he'll", MODAL},
                             {"her", DET | OBJECT},
                             {"him", OBJECT},
                             {"his", DET},
                             {"hundred", NUMBER},
                             {"i", SUBJECT},
                             {"i'd", HAVE | MODAL},
                             {"i'll", MODAL},
                             {"i've", HAVE},
                             {"if", CONJUNCTION},
                             {"in", PREP},
                             {"into", PREP},
                             {"is", BE},
                             {"it", SUBJECT | OBJECT},
                             {"its", DET},
                             {"just", ADVERB},
                             {"last", DET},
                             {"let", MODAL},
                             {"let's", MODAL},
                             {"many", DET},
                             {"may", MODAL},
                             {"me", OBJECT},
                             {"might", MODAL},
                             {"more", DET},
                             {"most", DET},
                             {"must", MODAL},
                             {"my", DET},
                             {"never", ADVERB},
                             {"next", DET},
                             {"nine", NUMBER},
                             {"no", DET},
                             {"not", NOT},
                             {"of", PREP},
                             {"off", PREP},
                             {"often", ADVERB},
                             {"on", PREP},
                             {"one", NUMBER},
                             {"or", CONJUNCTION},
                             {"other", DET},
                             {"our", DET},
                             {"out", PREP},
                             {"over", PREP},
                             {"please", MODAL},
                             {"same", DET},
                             {"seven", NUMBER},
                             {"shall", MODAL},
                             {"she", SUBJECT},
                             {"she'd", HAVE | MODAL},
                             {"she'll", MODAL},
                             {"should", MODAL},
                             {"shouldn't", MODAL},
                             {"six", NUMBER},
                             {"some", DET},
                             {"still", ADVERB},
                             {"such", DET},
                             {"ten", NUMBER},
                             {"that", DET | SUBJECT},
                             {"the", DET},
                             {"their", DET},
                             {"them", OBJECT},
                             {"these", DET},
                             {"they", SUBJECT},
                             {"they'd", HAVE | MODAL},
                             {"they'll", MODAL},
                             {"they've", HAVE},
                             {"this", DET},
                             {"those", DET},
                             {"thousand", NUMBER},
                             {"three", NUMBER},
                             {"through", PREP},
                             {"to", TO},
                             {"two", NUMBER},
                             {"under", PREP},
                             {"until", PREP},
                             {"up", PREP},
                             {"us", OBJECT},
                             {"was", BE},
                             {"we", SUBJECT},
                             {"we'd", HAVE | MODAL},
                             {"we'll", MODAL},
                             {"we've", HAVE},
                             {"were", BE},
                             {"what", DET},
                             {"which", DET | SUBJECT},
                             {"who", SUBJECT},
                             {"whose", DET},
                             {"will", MODAL},
                             {"with", PREP},
                             {"without", PREP},
                             {"won't", MODAL},
                             {"would", MODAL},
                             {"wouldn't", MODAL},
                             {"you", SUBJECT | OBJECT},
                             {"you'd", HAVE | MODAL},
                             {"you'll", MODAL},
                             {"you've", HAVE},
                             {"your", DET}};

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
  if (ends_with(word, "'s") || ends_with(word, "s'")) return DET;
  if (ends_with(word, "ly")) return ADVERB;
  if (ends_with(word, "ed")) return PARTICIPLE;
  if (ends_with(word, "s") && !ends_with(word, "ss") && !ends_with(word, "us")) return PLURAL;
  return 0;
}

// The words around one word.
typedef struct {
  const NmTokens *tokens;
  size_t i;
} Context;

// The word `offset` places away, "" beyond a boundary or the text.
static const char *word_at(const Context *context, int offset)
{
  const NmTokens *tokens = context->tokens;
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

static int kind_at(const Context *context, int offset)
{
  const char *word = word_at(context, offset);
  return *word ? classify(word) : NONE;
}

static bool is_one_of(const char *word, const char *list)
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
static bool is_near(const Context *context, int n, const char *list)
{
  const NmTokens *tokens = context->tokens;
  const size_t first = context->i > (size_t)n ? context->i - (size_t)n : 0;
  for (size_t k = first; k < tokens->n && k <= context->i + (size_t)n; k++)
    if (k != context->i && is_one_of(nm_token_text(tokens, &tokens->tokens[k]), list)) return true;
  return false;
}

// The kinds of the word before, adverbs and "not" skipped.
static int kind_before(const Context *context)
{
  int offset = -1;
  while (offset > -4 && (kind_at(context, offset) & (ADVERB | NOT))) offset--;
  return kind_at(context, offset);
}

// Verb or noun (adjective), from the word before, adverbs skipped, and the word behind.
static bool is_verb(const Context *context)
{
  static const char before_noun[] =
      "opposed barrier due according subject contrary prior thanks key obstacle devoted "
      "similar addition reference relation regard return access respect objection";
  int offset = -1;
  while (offset > -3 && (kind_at(context, offset) & (ADVERB | NOT)) && !(kind_at(context, offset) & NONE))
    offset--;
  const int before = kind_at(context, offset), after = kind_at(context, 1);
  const char *word = word_at(context, 0);
  const bool plural = ends_with(word, "s") && !ends_with(word, "ss");
  const bool takes_object = (after & (DET | OBJECT)) != 0;
  if ((before & TO) && is_one_of(word_at(context, offset - 1), before_noun)) return false;
  if (before & (TO | MODAL)) return !plural;
  if (before & HAVE) return false;
  if (before & DET) return (before & SUBJECT) && takes_object && !plural;
  if (before & SUBJECT) return true;
  if (before & (PREP | NUMBER | BE)) return false;
  if (before & NONE) return takes_object && !plural;
  if (before & CONJUNCTION) return takes_object;
  if (before & (PLURAL | OBJECT)) return !plural && (takes_object || (after & (PREP | TO | ADVERB)) != 0);
  return takes_object && plural;
}

// Past tense or participle rather than the plain verb: for "read".
static bool is_past(const Context *context)
{
  int offset = -1;
  while (offset > -4 && (kind_at(context, offset) & (ADVERB | NOT)) && !(kind_at(context, offset) & NONE))
    offset--;
  const int before = kind_at(context, offset);
  if (before & (HAVE | BE)) return !(is_one_of(word_at(context, offset), "had") && false);
  if (before & (TO | MODAL)) return false;
  if ((before & SUBJECT) && is_one_of(word_at(context, offset), "he she it")) return true;
  if (before & SUBJECT && (before & DET)) return true;
  if (is_near(context, 8, "yesterday ago last was were had said went told wrote heard came thought asked"))
    return true;
  if (before & (SUBJECT | NONE | CONJUNCTION | PLURAL)) return false;
  if (before & (DET | PREP)) return false;
  return true;
}

typedef bool (*Rule)(const Context *context); // true: the second pronunciation

static bool rule_read(const Context *c)
{
  return is_past(c);
}
static bool rule_verb(const Context *c)
{
  return is_verb(c);
}
static bool rule_lead(const Context *c)
{
  const int before = kind_at(c, -1);
  if (is_one_of(word_at(c, 1),
                "pipe pipes paint poisoning pencil pencils shot bullet bullets balloon acetate ore"))
    return true;
  if ((before & PREP) && is_one_of(word_at(c, -1), "of with in from"))
    return !*word_at(c, 1) || (kind_at(c, 1) & (CONJUNCTION | PREP));
  return is_near(
      c, 4, "zinc tin copper iron metal metals melted molten heavy weight roof pounds leaden copper solder");
}
static bool rule_live(const Context *c)
{
  const int before = kind_at(c, -1), after = kind_at(c, 1);
  if (before & (DET | BE | PREP)) return true;
  if (is_one_of(word_at(c, -1),
                "go going broadcast broadcasting speak stream streamed reporting performed performing"))
    return true;
  if (is_one_of(word_at(c, 1),
                "music show shows concert concerts broadcast broadcasts audience performance ammunition "
                "wire wires stream streaming coverage bait chat television tv recording event events"))
    return !(before & (SUBJECT | TO | MODAL));
  (void)after;
  return false;
}
static bool rule_lives(const Context *c)
{
  const int before = kind_at(c, -1);
  if (before & (DET | NUMBER | PREP)) return !(before & SUBJECT);
  if (is_one_of(word_at(c, -1),
                "saved save saving lost lose losing cost risk risked ruin ruined changed living human"))
    return true;
  if ((kind_at(c, -2) & (DET | NUMBER)) &&
      is_one_of(word_at(c, -1), "own individual private daily personal public "
                                "innocent whole past inner human young everyday"))
    return true;
  return is_one_of(word_at(c, 1), "were are have lost");
}
static bool rule_wind(const Context *c)
{
  const int before = kind_at(c, -1);
  if (before & (TO | MODAL)) return true;
  return (before & (SUBJECT | NONE | CONJUNCTION)) &&
         is_one_of(word_at(c, 1), "up down the it around back your");
}
static bool rule_tear(const Context *c)
{
  const int before = kind_at(c, -1);
  if (before & (TO | MODAL | SUBJECT)) return true;
  if (is_one_of(word_at(c, 1), "up down apart off away into through out open it them")) return true;
  if (is_near(c, 2, "wear fabric muscle ligament cloth paper")) return true;
  return (before & NONE) && (kind_at(c, 1) & DET);
}
static bool rule_bow(const Context *c)
{
  if (is_near(c, 5, "arrow arrows violin fiddle cello tie ribbon hair archer string rain cross"))
    return false;
  if (is_near(c, 5, "ship boat stern deck head heads knee king queen audience low deep deeply")) return true;
  return is_verb(c);
}
static bool rule_close(const Context *c)
{
  const int before = kind_at(c, -1), after = kind_at(c, 1);
  if ((before & SUBJECT) && !(before & DET)) return true;
  if (is_one_of(word_at(c, 1),
                "to by behind beside at together enough friend friends call range quarters upon relative "
                "attention contact relatives ties proximity"))
    return (before & (TO | MODAL)) && !(is_one_of(word_at(c, 1), "to")) && (after & (DET | OBJECT)) != 0;
  if (before & (TO | MODAL)) return true;
  if (is_one_of(word_at(c, -1),
                "very so too as quite how pretty is are was were be been get got getting come came stay"))
    return false;
  if ((before & DET) && (is_one_of(word_at(c, 1), "of") || !*word_at(c, 1))) return true;
  if (before & DET) return false;
  if (!*word_at(c, 1)) return (before & (SUBJECT | PLURAL)) != 0;
  return is_verb(c) || (after & (DET | OBJECT)) != 0;
}
static bool rule_use(const Context *c)
{
  const char *before = word_at(c, -1);
  if (is_one_of(before, "to") && is_one_of(word_at(c, -2), "put puts due")) return false;
  return is_verb(c) || ((kind_at(c, -1) & NONE) && (kind_at(c, 1) & (DET | OBJECT | NUMBER)));
}
static bool rule_used(const Context *c)
{
  const int before = kind_at(c, -1);
  if (!is_one_of(word_at(c, 1), "to")) return false;
  if (is_one_of(word_at(c, -1), "is are was were be been being"))
    return !*word_at(c, 2) || (kind_at(c, 2) & (DET | OBJECT)) != 0;
  if (before & (SUBJECT | DET | NONE | CONJUNCTION | OBJECT)) return true;
  return is_one_of(word_at(c, -1), "people men women children folks get got getting never always") ||
         is_one_of(word_at(c, 2), "be have");
}
static bool rule_does(const Context *c)
{
  return is_one_of(word_at(c, -1), "the two male white") && is_near(c, 6, "deer buck bucks stag fawn fawns");
}
static bool rule_sow(const Context *c)
{
  return (kind_at(c, -1) & DET) != 0;
}
static bool rule_row(const Context *c)
{
  return is_near(c, 4, "terrible awful noisy blazing argument quarrel shouting") &&
         (kind_at(c, -1) & (DET | 0));
}
static bool rule_bass(const Context *c)
{
  return is_near(c, 6, "fish fishing lake river caught sea largemouth smallmouth striped trout pond");
}
static bool rule_minute(const Context *c)
{
  const int before = kind_at(c, -1);
  if (is_one_of(word_at(c, 1),
                "detail details particle particles amount amounts quantity quantities fraction traces "
                "organisms differences inspection examination quantities dust grains"))
    return true;
  return (before & (BE | ADVERB)) != 0 && !(before & NUMBER) && !is_one_of(word_at(c, -1), "just only");
}
static bool rule_wound(const Context *c)
{
  if (is_one_of(word_at(c, 1), "up around round through down its their his her about itself back along"))
    return true;
  return is_near(c, 3, "clock watch spring thread road river path") && !(kind_at(c, -1) & DET);
}
static bool rule_dove(const Context *c)
{
  return is_one_of(word_at(c, 1), "into in under down for off") || (kind_at(c, -1) & SUBJECT);
}
static bool rule_polish(const Context *c)
{
  const NmToken *token = &c->tokens->tokens[c->i];
  return (token->flags & NM_TOKEN_CAPITAL) && (c->i > 0 || !(kind_at(c, 1) & DET));
}
static bool rule_desert(const Context *c)
{
  const int before = kind_before(c);
  return (before & (TO | MODAL | SUBJECT)) != 0;
}
static bool rule_content(const Context *c)
{
  const int before = kind_at(c, -1);
  if (is_one_of(word_at(c, 1), "to with")) return !(before & DET);
  return (before & BE) != 0 || ((before & ADVERB) != 0) ||
         is_one_of(word_at(c, -1), "perfectly quite felt feel");
}
static bool rule_invalid(const Context *c)
{
  return !((kind_at(c, -1) & DET) &&
           ((kind_at(c, 1) & (NONE | PREP | SUBJECT | MODAL | BE | CONJUNCTION)) != 0));
}
static bool rule_house(const Context *c)
{
  const int before = kind_before(c);
  if (before & TO) return (kind_at(c, 1) & DET) != 0;
  return (before & (MODAL | SUBJECT)) && !(before & DET);
}
static bool rule_resume(const Context *c)
{
  return (kind_at(c, -1) & (DET | PREP)) && !is_one_of(word_at(c, -1), "that which");
}
static bool rule_number(const Context *c)
{
  return is_one_of(word_at(c, -1), "grew grow got feel felt") && !*word_at(c, 1);
}
static bool rule_learned(const Context *c)
{
  return (kind_at(c, -1) & DET) && !is_one_of(word_at(c, -1), "that which") &&
         !(kind_at(c, 1) & (NONE | PREP));
}
static bool rule_blessed(const Context *c)
{
  return (kind_at(c, -1) & DET) && !(kind_at(c, 1) & (PREP | NONE)) &&
         !is_one_of(word_at(c, -1), "that which");
}
static bool rule_aged(const Context *c)
{
  return (kind_at(c, -1) & (DET | BE)) && !(kind_at(c, 1) & NUMBER) &&
         !is_one_of(word_at(c, 1), "twenty thirty forty fifty");
}
static bool rule_perfect(const Context *c)
{
  return (kind_at(c, -1) & (TO | MODAL)) != 0;
}
static bool rule_present(const Context *c)
{
  const int before = kind_at(c, -1);
  if (before & (TO | MODAL)) return true;
  return (before & (SUBJECT | PLURAL)) && (kind_at(c, 1) & (DET | OBJECT)) && !(before & DET);
}
static bool rule_adjective(const Context *c)
{
  const int before = kind_at(c, -1), after = kind_at(c, 1);
  if (before & (TO | MODAL)) return true;
  if (before & (SUBJECT | PLURAL)) return (before & DET) == 0 && !(after & NONE);
  return (before & (NONE | CONJUNCTION)) && (after & (DET | OBJECT));
}

typedef struct {
  const char *word, *first, *second;
  Rule rule;
} Heteronym;

// Sorted. The second pronunciation is the one the rule speaks for.
static const Heteronym heteronyms[] = {
    {"abuse", "AH0 B Y UW1 S", "AH0 B Y UW1 Z", rule_verb},
    {"address", "AE1 D R EH2 S", "AH0 D R EH1 S", rule_verb},
    {"advocate", "AE1 D V AH0 K AH0 T", "AE1 D V AH0 K EY2 T", rule_verb},
    {"aged", "EY1 JH D", "EY1 JH IH0 D", rule_aged},
    {"alternate", "AO1 L T ER0 N AH0 T", "AO1 L T ER0 N EY2 T", rule_adjective},
    {"animate", "AE1 N AH0 M AH0 T", "AE1 N AH0 M EY2 T", rule_adjective},
    {"appropriate", "AH0 P R OW1 P R IY0 AH0 T", "AH0 P R OW1 P R IY0 EY2 T", rule_adjective},
    {"approximate", "AH0 P R AA1 K S AH0 M AH0 T", "AH0 P R AA1 K S AH0 M EY2 T", rule_adjective},
    {"articulate", "AA0 R T IH1 K Y AH0 L AH0 T", "AA0 R T IH1 K Y AH0 L EY2 T", rule_adjective},
    {"associate", "AH0 S OW1 SH IY0 AH0 T", "AH0 S OW1 SH IY0 EY2 T", rule_verb},
    {"attribute", "AE1 T R AH0 B Y UW2 T", "AH0 T R IH1 B Y UW2 T", rule_verb},
    {"bass", "B EY1 S", "B AE1 S", rule_bass},
    {"blessed", "B L EH1 S T", "B L EH1 S IH0 D", rule_blessed},
    {"bow", "B OW1", "B AW1", rule_bow},
    {"bowed", "B AW1 D", "B OW1 D", NULL},
    {"close", "K L OW1 S", "K L OW1 Z", rule_close},
    {"conduct", "K AA1 N D AH0 K T", "K AH0 N D AH1 K T", rule_verb},
    {"conflict", "K AA1 N F L IH0 K T", "K AH0 N F L IH1 K T", rule_verb},
    {"content", "K AA1 N T EH0 N T", "K AH0 N T EH1 N T", rule_content},
    {"contract", "K AA1 N T R AE2 K T", "K AH0 N T R AE1 K T", rule_verb},
    {"contrast", "K AA1 N T R AE0 S T", "K AH0 N T R AE1 S T", rule_verb},
    {"convert", "K AA1 N V ER0 T", "K AH0 N V ER1 T", rule_verb},
    {"convict", "K AA1 N V IH0 K T", "K AH0 N V IH1 K T", rule_verb},
    {"coordinate", "K OW0 AO1 R D AH0 N AH0 T", "K OW0 AO1 R D AH0 N EY2 T", rule_verb},
    {"decrease", "D IY1 K R IY2 S", "D IH0 K R IY1 S", rule_verb},
    {"defect", "D IY1 F EH0 K T", "D IH0 F EH1 K T", rule_verb},
    {"delegate", "D EH1 L AH0 G AH0 T", "D EH1 L AH0 G EY2 T", rule_verb},
    {"deliberate", "D IH0 L IH1 B ER0 AH0 T", "D IH0 L IH1 B ER0 EY2 T", rule_adjective},
    {"desert", "D EH1 Z ER0 T", "D IH0 Z ER1 T", rule_desert},
    {"digest", "D AY1 JH EH0 S T", "D AY0 JH EH1 S T", rule_verb},
    {"discharge", "D IH1 S CH AA2 R JH", "D IH0 S CH AA1 R JH", rule_verb},
    {"does", "D AH1 Z", "D OW1 Z", rule_does},
    {"dove", "D AH1 V", "D OW1 V", rule_dove},
    {"duplicate", "D UW1 P L AH0 K AH0 T", "D UW1 P L AH0 K EY2 T", rule_verb},
    {"elaborate", "IH0 L AE1 B R AH0 T", "IH0 L AE1 B ER0 EY2 T", rule_adjective},
    {"escort", "EH1 S K AO0 R T", "EH0 S K AO1 R T", rule_verb},
    {"estimate", "EH1 S T AH0 M AH0 T", "EH1 S T AH0 M EY2 T", rule_verb},
    {"excuse", "IH0 K S K Y UW1 S", "IH0 K S K Y UW1 Z", rule_verb},
    {"exploit", "EH1 K S P L OY2 T", "EH2 K S P L OY1 T", rule_verb},
    {"export", "EH1 K S P AO0 R T", "EH0 K S P AO1 R T", rule_verb},
    {"extract", "EH1 K S T R AE2 K T", "IH0 K S T R AE1 K T", rule_verb},
    {"frequent", "F R IY1 K W AH0 N T", "F R IY0 K W EH1 N T", rule_adjective},
    {"graduate", "G R AE1 JH AH0 W AH0 T", "G R AE1 JH AH0 W EY2 T", rule_verb},
    {"house", "HH AW1 S", "HH AW1 Z", rule_house},
    {"import", "IH1 M P AO2 R T", "IH0 M P AO1 R T", rule_verb},
    {"incense", "IH1 N S EH2 N S", "IH0 N S EH1 N S", rule_verb},
    {"increase", "IH1 N K R IY2 S", "IH0 N K R IY1 S", rule_verb},
    {"insult", "IH1 N S AH2 L T", "IH0 N S AH1 L T", rule_verb},
    {"intimate", "IH1 N T AH0 M AH0 T", "IH1 N T AH0 M EY2 T", rule_adjective},
    {"invalid", "IH1 N V AH0 L AH0 D", "IH0 N V AE1 L AH0 D", rule_invalid},
    {"lead", "L IY1 D", "L EH1 D", rule_lead},
    {"learned", "L ER1 N D", "L ER1 N IH0 D", rule_learned},
    {"live", "L IH1 V", "L AY1 V", rule_live},
    {"lives", "L IH1 V Z", "L AY1 V Z", rule_lives},
    {"minute", "M IH1 N AH0 T", "M AY0 N UW1 T", rule_minute},
    {"moderate", "M AA1 D ER0 AH0 T", "M AA1 D ER0 EY2 T", rule_adjective},
    {"number", "N AH1 M B ER0", "N AH1 M ER0", rule_number},
    {"object", "AA1 B JH EH0 K T", "AH0 B JH EH1 K T", rule_verb},
    {"perfect", "P ER1 F IH2 K T", "P ER0 F EH1 K T", rule_perfect},
    {"permit", "P ER1 M IH2 T", "P ER0 M IH1 T", rule_verb},
    {"polish", "P AA1 L IH0 SH", "P OW1 L IH0 SH", rule_polish},
    {"present", "P R EH1 Z AH0 N T", "P R IY0 Z EH1 N T", rule_present},
    {"produce", "P R OW1 D UW0 S", "P R AH0 D UW1 S", rule_verb},
    {"progress", "P R AA1 G R EH2 S", "P R AH0 G R EH1 S", rule_verb},
    {"project", "P R AA1 JH EH0 K T", "P R AH0 JH EH1 K T", rule_verb},
    {"protest", "P R OW1 T EH2 S T", "P R AH0 T EH1 S T", rule_verb},
    {"read", "R IY1 D", "R EH1 D", rule_read},
    {"rebel", "R EH1 B AH0 L", "R IH0 B EH1 L", rule_verb},
    {"record", "R EH1 K ER0 D", "R IH0 K AO1 R D", rule_verb},
    {"refund", "R IY1 F AH2 N D", "R IH0 F AH1 N D", rule_verb},
    {"refuse", "R EH1 F Y UW2 Z", "R IH0 F Y UW1 Z", rule_adjective},
    {"reject", "R IY1 JH EH0 K T", "R IH0 JH EH1 K T", rule_verb},
    {"resume", "R IH0 Z UW1 M", "R EH1 Z AH0 M EY2", rule_resume},
    {"row", "R OW1", "R AW1", rule_row},
    {"separate", "S EH1 P ER0 AH0 T", "S EH1 P ER0 EY2 T", rule_adjective},
    {"sow", "S OW1", "S AW1", rule_sow},
    {"subject", "S AH1 B JH IH0 K T", "S AH0 B JH EH1 K T", rule_verb},
    {"subordinate", "S AH0 B AO1 R D AH0 N AH0 T", "S AH0 B AO1 R D AH0 N EY2 T", rule_verb},
    {"survey", "S ER1 V EY2", "S ER0 V EY1", rule_verb},
    {"suspect", "S AH1 S P EH2 K T", "S AH0 S P EH1 K T", rule_verb},
    {"tear", "T IH1 R", "T EH1 R", rule_tear},
    {"torment", "T AO1 R M EH2 N T", "T AO0 R M EH1 N T", rule_verb},
    {"transfer", "T R AE1 N S F ER0", "T R AE0 N S F ER1", rule_verb},
    {"transport", "T R AE1 N S P AO0 R T", "T R AE0 N S P AO1 R T", rule_verb},
    {"upset", "AH0 P S EH1 T", "AH1 P S EH2 T", NULL},
    {"use", "Y UW1 S", "Y UW1 Z", rule_use},
    {"used", "Y UW1 Z D", "Y UW1 S T", rule_used},
    {"uses", "Y UW1 S IH0 Z", "Y UW1 Z IH0 Z", rule_verb},
    {"wind", "W IH1 N D", "W AY1 N D", rule_wind},
    {"wound", "W UW1 N D", "W AW1 N D", rule_wound}};

static const Heteronym *find_heteronym(const char *word)
{
  size_t low = 0, high = sizeof heteronyms / sizeof *heteronyms;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    const int order = strcmp(heteronyms[mid].word, word);
    if (order == 0) return &heteronyms[mid];
    if (order < 0)
      low = mid + 1;
    else
      high = mid;
  }
  return NULL;
}

// Words of the lexicon with several pronunciations, marked by part of speech.
static bool read_marked(const NmLexicon *lexicon, const Context *context, NmReading *reading)
{
  const NmToken *token = &context->tokens->tokens[context->i];
  NmPron prons[NM_LEXICON_PRONS_MAX];
  const int n = nm_lexicon_find(lexicon, nm_token_text(context->tokens, token), token->len_text, prons);
  int verb = -1, other = -1;
  if (n < 2) return false;
  for (int i = n - 1; i >= 0; i--) {
    if (prons[i].pos == 'v')
      verb = i;
    else
      other = i;
  }
  if (verb < 0 || other < 0) return false;
  nm_reading_set_pron(reading, &prons[is_verb(context) ? verb : other]);
  return true;
}

bool nm_heteronym_read(const NmLexicon *lexicon, const NmTokens *tokens, size_t i, NmReading *reading)
{
  const Context context = {tokens, i};
  if (tokens->tokens[i].kind != NM_TOKEN_WORD) return false;
  const Heteronym *heteronym = find_heteronym(nm_token_text(tokens, &tokens->tokens[i]));
  if (!heteronym) return read_marked(lexicon, &context, reading);
  const bool second = heteronym->rule && heteronym->rule(&context);
  const char *names = second ? heteronym->second : heteronym->first;
  return nm_reading_parse(reading, names, strlen(names));
}

// Small words: weak inside a phrase, strong before a boundary. Sorted.
static const struct {
  const char *word, *weak, *strong;
} weak_forms[] = {{"a", "AH0", "AH0"},
                  {"an", "AE0 N", "AE1 N"},
                  {"and", "AE0 N D", "AE1 N D"},
                  {"as", "AE0 Z", "AE1 Z"},
                  {"at", "AE0 T", "AE1 T"},
                  {"for", "F AO0 R", "F AO1 R"},
                  {"from", "F R AH0 M", "F R AH1 M"},
                  {"in", "IH0 N", "IH1 N"},
                  {"of", "AH0 V", "AH1 V"},
                  {"or", "AO0 R", "AO1 R"},
                  {"than", "DH AE0 N", "DH AE1 N"},
                  {"the", "DH AH0", "DH AH0"},
                  {"to", "T AH0", "T UW1"},
                  {"was", "W AH0 Z", "W AA1 Z"},
                  {"were", "W ER0", "W ER1"}};

bool nm_weak_form_read(const NmTokens *tokens, size_t i, NmReading *reading)
{
  const NmToken *token = &tokens->tokens[i];
  if (token->kind != NM_TOKEN_WORD || token->len_text > 4) return false;
  const char *word = nm_token_text(tokens, token);
  const bool last = token->boundary != NM_BOUNDARY_NONE || i + 1 == tokens->n;
  for (size_t k = 0; k < sizeof weak_forms / sizeof *weak_forms; k++) {
    if (strcmp(word, weak_forms[k].word) != 0) continue;
    const char *names = last ? weak_forms[k].strong : weak_forms[k].weak;
    return nm_reading_parse(reading, names, strlen(names));
  }
  return false;
}

void nm_weak_form_join(const char *word, int32_t *phone, int32_t next)
{
  const bool vowel = nm_phone_is_vowel(next);
  if (strcmp(word, "the") == 0 && vowel) *phone = nm_phone_find("IY", 2, 0);
  if (strcmp(word, "to") == 0 && vowel) *phone = nm_phone_find("UW", 2, 0);
}
