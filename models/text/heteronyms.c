// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/heteronyms.h"

#include "models/text/context.h"

#include <string.h>

#define is nm_word_is_one_of
#define near nm_context_is_near

// Short names for the kinds, so that rules read as rules.
enum {
  DET = NM_KIND_DET,
  PREP = NM_KIND_PREP,
  TO = NM_KIND_TO,
  SUBJECT = NM_KIND_SUBJECT,
  MODAL = NM_KIND_MODAL,
  BE = NM_KIND_BE,
  OBJECT = NM_KIND_OBJECT,
  ADVERB = NM_KIND_ADVERB,
  NUMBER = NM_KIND_NUMBER,
  CONJUNCTION = NM_KIND_CONJUNCTION,
  PLURAL = NM_KIND_PLURAL,
  NONE = NM_KIND_NONE
};

static const char *prev(const NmContext *c)
{
  return nm_context_word(c, -1);
}

static const char *next(const NmContext *c)
{
  return nm_context_word(c, 1);
}

static int kind_prev(const NmContext *c)
{
  return nm_context_kind(c, -1);
}

static int kind_next(const NmContext *c)
{
  return nm_context_kind(c, 1);
}

typedef bool (*Rule)(const NmContext *context); // true: the second pronunciation

static bool rule_lead(const NmContext *c)
{
  const int before = kind_prev(c);
  if (is(next(c), "pipe pipes paint poisoning pencil pencils shot bullet bullets balloon acetate ore"))
    return true;
  if ((before & PREP) && is(prev(c), "of with in from"))
    return !*next(c) || (kind_next(c) & (CONJUNCTION | PREP));
  return near(
      c, 4, "zinc tin copper iron metal metals melted molten heavy weight roof pounds leaden copper solder");
}

static bool rule_live(const NmContext *c)
{
  const int before = kind_prev(c);
  if (before & (DET | BE | PREP)) return true;
  if (is(prev(c), "go going broadcast broadcasting speak stream streamed reporting performed performing"))
    return true;
  if (is(next(c), "music show shows concert concerts broadcast broadcasts audience performance ammunition "
                  "wire wires stream streaming coverage bait chat television tv recording event events"))
    return !(before & (SUBJECT | TO | MODAL));
  return false;
}

static bool rule_lives(const NmContext *c)
{
  const int before = kind_prev(c);
  if (before & (DET | NUMBER | PREP)) return !(before & SUBJECT);
  if (is(prev(c), "saved save saving lost lose losing cost risk risked ruin ruined changed living human"))
    return true;
  if ((nm_context_kind(c, -2) & (DET | NUMBER)) &&
      is(prev(c),
         "own individual private daily personal public innocent whole past inner human young everyday"))
    return true;
  return is(next(c), "were are have lost");
}

static bool rule_wind(const NmContext *c)
{
  const int before = kind_prev(c);
  if (before & (TO | MODAL)) return true;
  return (before & (SUBJECT | NONE | CONJUNCTION)) && is(next(c), "up down the it around back your");
}

static bool rule_tear(const NmContext *c)
{
  const int before = kind_prev(c);
  if (before & (TO | MODAL | SUBJECT)) return true;
  if (is(next(c), "up down apart off away into through out open it them")) return true;
  if (near(c, 2, "wear fabric muscle ligament cloth paper")) return true;
  return (before & NONE) && (kind_next(c) & DET);
}

static bool rule_bow(const NmContext *c)
{
  if (near(c, 5, "arrow arrows violin fiddle cello tie ribbon hair archer string rain cross")) return false;
  if (near(c, 5, "ship boat stern deck head heads knee king queen audience low deep deeply")) return true;
  return nm_context_is_verb(c);
}

static bool rule_close(const NmContext *c)
{
  const int before = kind_prev(c), after = kind_next(c);
  if ((before & SUBJECT) && !(before & DET)) return true;
  if (is(next(c), "to by behind beside at together enough friend friends call range quarters upon relative "
                  "attention contact relatives ties proximity"))
    return (before & (TO | MODAL)) && !(is(next(c), "to")) && (after & (DET | OBJECT)) != 0;
  if (before & (TO | MODAL)) return true;
  if (is(prev(c), "very so too as quite how pretty is are was were be been get got getting come came stay"))
    return false;
  if ((before & DET) && (is(next(c), "of") || !*next(c))) return true;
  if (before & DET) return false;
  if (!*next(c)) return (before & (SUBJECT | PLURAL)) != 0;
  return nm_context_is_verb(c) || (after & (DET | OBJECT)) != 0;
}

static bool rule_use(const NmContext *c)
{
  const char *before = prev(c);
  if (is(before, "to") && is(nm_context_word(c, -2), "put puts due")) return false;
  return nm_context_is_verb(c) || ((kind_prev(c) & NONE) && (kind_next(c) & (DET | OBJECT | NUMBER)));
}

static bool rule_used(const NmContext *c)
{
  const int before = kind_prev(c);
  if (!is(next(c), "to")) return false;
  if (is(prev(c), "is are was were be been being"))
    return !*nm_context_word(c, 2) || (nm_context_kind(c, 2) & (DET | OBJECT)) != 0;
  if (before & (SUBJECT | DET | NONE | CONJUNCTION | OBJECT)) return true;
  return is(prev(c), "people men women children folks get got getting never always") ||
         is(nm_context_word(c, 2), "be have");
}

static bool rule_does(const NmContext *c)
{
  return is(prev(c), "the two male white") && near(c, 6, "deer buck bucks stag fawn fawns");
}

static bool rule_sow(const NmContext *c)
{
  return (kind_prev(c) & DET) != 0;
}

static bool rule_row(const NmContext *c)
{
  return near(c, 4, "terrible awful noisy blazing argument quarrel shouting") && (kind_prev(c) & DET);
}

static bool rule_bass(const NmContext *c)
{
  return near(c, 6, "fish fishing lake river caught sea largemouth smallmouth striped trout pond");
}

static bool rule_minute(const NmContext *c)
{
  const int before = kind_prev(c);
  if (is(next(c), "detail details particle particles amount amounts quantity quantities fraction traces "
                  "organisms differences inspection examination quantities dust grains"))
    return true;
  return (before & (BE | ADVERB)) != 0 && !(before & NUMBER) && !is(prev(c), "just only");
}

static bool rule_wound(const NmContext *c)
{
  if (is(next(c), "up around round through down its their his her about itself back along")) return true;
  return near(c, 3, "clock watch spring thread road river path") && !(kind_prev(c) & DET);
}

static bool rule_dove(const NmContext *c)
{
  return is(next(c), "into in under down for off") || (kind_prev(c) & SUBJECT);
}

static bool rule_polish(const NmContext *c)
{
  const NmTextToken *token = &c->tokens->tokens[c->i];
  return (token->flags & NM_TOKEN_CAPITAL) && (c->i > 0 || !(kind_next(c) & DET));
}

static bool rule_desert(const NmContext *c)
{
  const int before = nm_context_kind_before(c);
  return (before & (TO | MODAL | SUBJECT)) != 0;
}

static bool rule_content(const NmContext *c)
{
  const int before = kind_prev(c);
  if (is(next(c), "to with")) return !(before & DET);
  return (before & BE) != 0 || ((before & ADVERB) != 0) || is(prev(c), "perfectly quite felt feel");
}

static bool rule_invalid(const NmContext *c)
{
  return !((kind_prev(c) & DET) &&
           ((kind_next(c) & (NONE | PREP | SUBJECT | MODAL | BE | CONJUNCTION)) != 0));
}

static bool rule_house(const NmContext *c)
{
  const int before = nm_context_kind_before(c);
  if (before & TO) return (kind_next(c) & DET) != 0;
  return (before & (MODAL | SUBJECT)) && !(before & DET);
}

static bool rule_resume(const NmContext *c)
{
  return (kind_prev(c) & (DET | PREP)) && !is(prev(c), "that which");
}

static bool rule_number(const NmContext *c)
{
  return is(prev(c), "grew grow got feel felt") && !*next(c);
}

static bool rule_learned(const NmContext *c)
{
  return (kind_prev(c) & DET) && !is(prev(c), "that which") && !(kind_next(c) & (NONE | PREP));
}

static bool rule_blessed(const NmContext *c)
{
  return (kind_prev(c) & DET) && !(kind_next(c) & (PREP | NONE)) && !is(prev(c), "that which");
}

static bool rule_aged(const NmContext *c)
{
  return (kind_prev(c) & (DET | BE)) && !(kind_next(c) & NUMBER) && !is(next(c), "twenty thirty forty fifty");
}

static bool rule_perfect(const NmContext *c)
{
  return (kind_prev(c) & (TO | MODAL)) != 0;
}

static bool rule_present(const NmContext *c)
{
  const int before = kind_prev(c);
  if (before & (TO | MODAL)) return true;
  return (before & (SUBJECT | PLURAL)) && (kind_next(c) & (DET | OBJECT)) && !(before & DET);
}

static bool rule_adjective(const NmContext *c)
{
  const int before = kind_prev(c), after = kind_next(c);
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
    {"abuse", "AH0 B Y UW1 S", "AH0 B Y UW1 Z", nm_context_is_verb},
    {"address", "AE1 D R EH2 S", "AH0 D R EH1 S", nm_context_is_verb},
    {"advocate", "AE1 D V AH0 K AH0 T", "AE1 D V AH0 K EY2 T", nm_context_is_verb},
    {"aged", "EY1 JH D", "EY1 JH IH0 D", rule_aged},
    {"alternate", "AO1 L T ER0 N AH0 T", "AO1 L T ER0 N EY2 T", rule_adjective},
    {"animate", "AE1 N AH0 M AH0 T", "AE1 N AH0 M EY2 T", rule_adjective},
    {"appropriate", "AH0 P R OW1 P R IY0 AH0 T", "AH0 P R OW1 P R IY0 EY2 T", rule_adjective},
    {"approximate", "AH0 P R AA1 K S AH0 M AH0 T", "AH0 P R AA1 K S AH0 M EY2 T", rule_adjective},
    {"articulate", "AA0 R T IH1 K Y AH0 L AH0 T", "AA0 R T IH1 K Y AH0 L EY2 T", rule_adjective},
    {"associate", "AH0 S OW1 SH IY0 AH0 T", "AH0 S OW1 SH IY0 EY2 T", nm_context_is_verb},
    {"attribute", "AE1 T R AH0 B Y UW2 T", "AH0 T R IH1 B Y UW2 T", nm_context_is_verb},
    {"bass", "B EY1 S", "B AE1 S", rule_bass},
    {"blessed", "B L EH1 S T", "B L EH1 S IH0 D", rule_blessed},
    {"bow", "B OW1", "B AW1", rule_bow},
    {"bowed", "B AW1 D", "B OW1 D", NULL},
    {"close", "K L OW1 S", "K L OW1 Z", rule_close},
    {"conduct", "K AA1 N D AH0 K T", "K AH0 N D AH1 K T", nm_context_is_verb},
    {"conflict", "K AA1 N F L IH0 K T", "K AH0 N F L IH1 K T", nm_context_is_verb},
    {"content", "K AA1 N T EH0 N T", "K AH0 N T EH1 N T", rule_content},
    {"contract", "K AA1 N T R AE2 K T", "K AH0 N T R AE1 K T", nm_context_is_verb},
    {"contrast", "K AA1 N T R AE0 S T", "K AH0 N T R AE1 S T", nm_context_is_verb},
    {"convert", "K AA1 N V ER0 T", "K AH0 N V ER1 T", nm_context_is_verb},
    {"convict", "K AA1 N V IH0 K T", "K AH0 N V IH1 K T", nm_context_is_verb},
    {"coordinate", "K OW0 AO1 R D AH0 N AH0 T", "K OW0 AO1 R D AH0 N EY2 T", nm_context_is_verb},
    {"decrease", "D IY1 K R IY2 S", "D IH0 K R IY1 S", nm_context_is_verb},
    {"defect", "D IY1 F EH0 K T", "D IH0 F EH1 K T", nm_context_is_verb},
    {"delegate", "D EH1 L AH0 G AH0 T", "D EH1 L AH0 G EY2 T", nm_context_is_verb},
    {"deliberate", "D IH0 L IH1 B ER0 AH0 T", "D IH0 L IH1 B ER0 EY2 T", rule_adjective},
    {"desert", "D EH1 Z ER0 T", "D IH0 Z ER1 T", rule_desert},
    {"digest", "D AY1 JH EH0 S T", "D AY0 JH EH1 S T", nm_context_is_verb},
    {"discharge", "D IH1 S CH AA2 R JH", "D IH0 S CH AA1 R JH", nm_context_is_verb},
    {"does", "D AH1 Z", "D OW1 Z", rule_does},
    {"dove", "D AH1 V", "D OW1 V", rule_dove},
    {"duplicate", "D UW1 P L AH0 K AH0 T", "D UW1 P L AH0 K EY2 T", nm_context_is_verb},
    {"elaborate", "IH0 L AE1 B R AH0 T", "IH0 L AE1 B ER0 EY2 T", rule_adjective},
    {"escort", "EH1 S K AO0 R T", "EH0 S K AO1 R T", nm_context_is_verb},
    {"estimate", "EH1 S T AH0 M AH0 T", "EH1 S T AH0 M EY2 T", nm_context_is_verb},
    {"excuse", "IH0 K S K Y UW1 S", "IH0 K S K Y UW1 Z", nm_context_is_verb},
    {"exploit", "EH1 K S P L OY2 T", "EH2 K S P L OY1 T", nm_context_is_verb},
    {"export", "EH1 K S P AO0 R T", "EH0 K S P AO1 R T", nm_context_is_verb},
    {"extract", "EH1 K S T R AE2 K T", "IH0 K S T R AE1 K T", nm_context_is_verb},
    {"frequent", "F R IY1 K W AH0 N T", "F R IY0 K W EH1 N T", rule_adjective},
    {"graduate", "G R AE1 JH AH0 W AH0 T", "G R AE1 JH AH0 W EY2 T", nm_context_is_verb},
    {"house", "HH AW1 S", "HH AW1 Z", rule_house},
    {"import", "IH1 M P AO2 R T", "IH0 M P AO1 R T", nm_context_is_verb},
    {"incense", "IH1 N S EH2 N S", "IH0 N S EH1 N S", nm_context_is_verb},
    {"increase", "IH1 N K R IY2 S", "IH0 N K R IY1 S", nm_context_is_verb},
    {"insult", "IH1 N S AH2 L T", "IH0 N S AH1 L T", nm_context_is_verb},
    {"intimate", "IH1 N T AH0 M AH0 T", "IH1 N T AH0 M EY2 T", rule_adjective},
    {"invalid", "IH1 N V AH0 L AH0 D", "IH0 N V AE1 L AH0 D", rule_invalid},
    {"lead", "L IY1 D", "L EH1 D", rule_lead},
    {"learned", "L ER1 N D", "L ER1 N IH0 D", rule_learned},
    {"live", "L IH1 V", "L AY1 V", rule_live},
    {"lives", "L IH1 V Z", "L AY1 V Z", rule_lives},
    {"minute", "M IH1 N AH0 T", "M AY0 N UW1 T", rule_minute},
    {"moderate", "M AA1 D ER0 AH0 T", "M AA1 D ER0 EY2 T", rule_adjective},
    {"number", "N AH1 M B ER0", "N AH1 M ER0", rule_number},
    {"object", "AA1 B JH EH0 K T", "AH0 B JH EH1 K T", nm_context_is_verb},
    {"perfect", "P ER1 F IH2 K T", "P ER0 F EH1 K T", rule_perfect},
    {"permit", "P ER1 M IH2 T", "P ER0 M IH1 T", nm_context_is_verb},
    {"polish", "P AA1 L IH0 SH", "P OW1 L IH0 SH", rule_polish},
    {"present", "P R EH1 Z AH0 N T", "P R IY0 Z EH1 N T", rule_present},
    {"produce", "P R OW1 D UW0 S", "P R AH0 D UW1 S", nm_context_is_verb},
    {"progress", "P R AA1 G R EH2 S", "P R AH0 G R EH1 S", nm_context_is_verb},
    {"project", "P R AA1 JH EH0 K T", "P R AH0 JH EH1 K T", nm_context_is_verb},
    {"protest", "P R OW1 T EH2 S T", "P R AH0 T EH1 S T", nm_context_is_verb},
    {"read", "R IY1 D", "R EH1 D", nm_context_is_past},
    {"rebel", "R EH1 B AH0 L", "R IH0 B EH1 L", nm_context_is_verb},
    {"record", "R EH1 K ER0 D", "R IH0 K AO1 R D", nm_context_is_verb},
    {"refund", "R IY1 F AH2 N D", "R IH0 F AH1 N D", nm_context_is_verb},
    {"refuse", "R EH1 F Y UW2 Z", "R IH0 F Y UW1 Z", rule_adjective},
    {"reject", "R IY1 JH EH0 K T", "R IH0 JH EH1 K T", nm_context_is_verb},
    {"resume", "R IH0 Z UW1 M", "R EH1 Z AH0 M EY2", rule_resume},
    {"row", "R OW1", "R AW1", rule_row},
    {"separate", "S EH1 P ER0 AH0 T", "S EH1 P ER0 EY2 T", rule_adjective},
    {"sow", "S OW1", "S AW1", rule_sow},
    {"subject", "S AH1 B JH IH0 K T", "S AH0 B JH EH1 K T", nm_context_is_verb},
    {"subordinate", "S AH0 B AO1 R D AH0 N AH0 T", "S AH0 B AO1 R D AH0 N EY2 T", nm_context_is_verb},
    {"survey", "S ER1 V EY2", "S ER0 V EY1", nm_context_is_verb},
    {"suspect", "S AH1 S P EH2 K T", "S AH0 S P EH1 K T", nm_context_is_verb},
    {"tear", "T IH1 R", "T EH1 R", rule_tear},
    {"torment", "T AO1 R M EH2 N T", "T AO0 R M EH1 N T", nm_context_is_verb},
    {"transfer", "T R AE1 N S F ER0", "T R AE0 N S F ER1", nm_context_is_verb},
    {"transport", "T R AE1 N S P AO0 R T", "T R AE0 N S P AO1 R T", nm_context_is_verb},
    {"upset", "AH0 P S EH1 T", "AH1 P S EH2 T", NULL},
    {"use", "Y UW1 S", "Y UW1 Z", rule_use},
    {"used", "Y UW1 Z D", "Y UW1 S T", rule_used},
    {"uses", "Y UW1 S IH0 Z", "Y UW1 Z IH0 Z", nm_context_is_verb},
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
static bool read_marked(const NmLexicon *lexicon, const NmContext *context, NmReading *reading)
{
  const NmTextToken *token = &context->tokens->tokens[context->i];
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
  nm_reading_set_pron(reading, &prons[nm_context_is_verb(context) ? verb : other]);
  return true;
}

bool nm_heteronym_read(const NmLexicon *lexicon, const NmTextTokens *tokens, size_t i, NmReading *reading)
{
  const NmContext context = {tokens, i};
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

bool nm_weak_form_read(const NmTextTokens *tokens, size_t i, NmReading *reading)
{
  const NmTextToken *token = &tokens->tokens[i];
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
