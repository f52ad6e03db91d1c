// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/spelling.h"

#include <string.h>

// The usual spellings of each phone, stress aside, apart by spaces.
static const struct {
  const char *phone, *spellings;
} table[] = {{"B", "b bb bu"},
             {"CH", "ch tch t c cc"},
             {"D", "d dd ed ld"},
             {"DH", "th"},
             {"F", "f ff ph gh lf ft"},
             {"G", "g gg gh gu gue"},
             {"HH", "h wh"},
             {"JH", "j g dg gg d"},
             {"K", "k c ck ch cc q qu que x lk cq"},
             {"L", "l ll ln sl"},
             {"M", "m mm mb mn lm"},
             {"N", "n nn kn gn pn nd mn"},
             {"NG", "n ng ngue"},
             {"P", "p pp"},
             {"R", "r rr wr rh rrh"},
             {"S", "s ss c sc ps st sw x z"},
             {"SH", "sh s ss ti ci si ch sci ssi ce c t x"},
             {"T", "t tt ed th pt bt ght"},
             {"TH", "th"},
             {"V", "v f vv lv ph"},
             {"W", "w u wh o"},
             {"Y", "y i j u e"},
             {"Z", "z s zz ss x"},
             {"ZH", "s g si z zi j"},
             {"AA", "a o e au ah ow aa ea"},
             {"AE", "a au ai"},
             {"AH", "u o a e i y ou oo io ia ai au ea ei ie oe eo iou eou ah oa"},
             {"AO", "o a au aw oa ou ough augh oo"},
             {"AW", "ou ow au ough"},
             {"AY", "i y ie igh ye ei eigh ey ai uy ui eye is aye"},
             {"EH", "e ea a ai ie ei eo u ae ay"},
             {"ER", "er ir ur or ear ar our yr re err irr urr orr eur ier r olo ere"},
             {"EY", "a ai ay ei eigh ey ea e ae aigh au et"},
             {"IH", "i y e ie a u ui o ei ea ee ai ia eo"},
             {"IY", "e ee ea i y ie ei ey eo ae ay oe ui"},
             {"OW", "o oa ow oe ough ou eau ew oh owe au"},
             {"OY", "oi oy"},
             {"UH", "oo u ou o"},
             {"UW", "oo u ew ue ou o ui ough eu oe wo ieu"}};

// What a step of the alignment costs.
static const float cost_unheard_vowel = 1.2f, cost_unheard_consonant = 1.5f, cost_unheard_e = .3f,
                   cost_odd = 3, cost_unwritten = 2.5f, cost_unwritten_vowel = 4, reward_letter = .1f;

static bool is_vowel_letter(char c)
{
  return c && strchr("aeiouy", c) != NULL;
}

static const char *find_spellings(int32_t phone)
{
  const char *name = nm_phone_name(phone);
  const size_t len = name ? strcspn(name, "012") : 0;
  for (size_t i = 0; len && i < sizeof table / sizeof *table; ++i)
    if (strlen(table[i].phone) == len && memcmp(table[i].phone, name, len) == 0) return table[i].spellings;
  return "";
}

static bool spells(const char *spellings, const char *letters, int32_t n)
{
  while (*spellings) {
    const size_t len = strcspn(spellings, " ");
    if (len == (size_t)n && memcmp(spellings, letters, len) == 0) return true;
    spellings += len + (spellings[len] == ' ');
  }
  return false;
}

// The price of `n` letters for a phone; one letter of the same sort (vowel, consonant) may stand for any.
static float price(const char *spellings, int32_t phone, const char *letters, int32_t n)
{
  if (spells(spellings, letters, n)) return -reward_letter * (float)(n - 1);
  if (n > 1) return -1;
  return is_vowel_letter(*letters) == nm_phone_is_vowel(phone) ? cost_odd : 2 * cost_odd;
}

static float price_silent(const char *letters, int32_t n_letters, int32_t at)
{
  if (letters[at] == 'e' && at > 0) return cost_unheard_e;
  return is_vowel_letter(letters[at]) ? cost_unheard_vowel : cost_unheard_consonant;
}

enum { LEN_MAX = 4, BACK_SILENT = -1 };

typedef struct {
  float cost;
  int8_t back; // letters of the phone of this step, or BACK_SILENT
} Cell;

static void relax(Cell *cell, float cost, int back)
{
  if (cost < cell->cost) *cell = (Cell){cost, (int8_t)back};
}

// cells[j][i]: j phones and i letters done.
static void fill(Cell (*cells)[NM_SPELLING_LETTERS_MAX + 1], const char *letters, int32_t n_letters,
                 const int32_t *phones, int32_t n_phones)
{
  for (int32_t j = 0; j <= n_phones; ++j) {
    const char *spellings = j ? find_spellings(phones[j - 1]) : "";
    for (int32_t i = 0; i <= n_letters; ++i) {
      Cell *cell = &cells[j][i];
      *cell = (Cell){i + j ? 1e9f : 0, 0};
      if (i > 0) relax(cell, cells[j][i - 1].cost + price_silent(letters, n_letters, i - 1), BACK_SILENT);
      if (j == 0) continue;
      relax(cell,
            cells[j - 1][i].cost + (nm_phone_is_vowel(phones[j - 1]) ? cost_unwritten_vowel : cost_unwritten),
            0);
      for (int32_t n = 1; n <= LEN_MAX && n <= i; ++n) {
        const float cost = price(spellings, phones[j - 1], letters + i - n, n);
        if (n > 1 && cost == -1) continue;
        relax(cell, cells[j - 1][i - n].cost + cost, n);
      }
    }
  }
}

bool nm_spelling_align(const char *letters, int32_t n_letters, const int32_t *phones, int32_t n_phones,
                       int32_t *first, int32_t *len)
{
  if (n_letters > NM_SPELLING_LETTERS_MAX || n_phones > NM_SPELLING_PHONES_MAX) return false;
  Cell cells[NM_SPELLING_PHONES_MAX + 1][NM_SPELLING_LETTERS_MAX + 1];
  fill(cells, letters, n_letters, phones, n_phones);
  int32_t i = n_letters, j = n_phones;
  first[n_phones] = n_letters;
  while (j > 0) {
    const int back = cells[j][i].back;
    if (back == BACK_SILENT) {
      --i;
      continue;
    }
    --j;
    i -= back;
    first[j] = i;
    len[j] = back;
  }
  if (n_phones) first[0] = 0;
  return true;
}
