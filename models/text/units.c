// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

typedef struct {
  const char *symbol, *one, *many;
  bool tight; // only right behind the digits: "10k", "3x"
} Unit;

// Symbols in their own case; the longest that fits counts. \x88 is the degree, \x91 and \x92 the exponents.
static const Unit units[] = {{"km/h", "kilometer per hour", "kilometers per hour", false},
                             {"kmh", "kilometer per hour", "kilometers per hour", false},
                             {"kph", "kilometer per hour", "kilometers per hour", false},
                             {"mph", "mile per hour", "miles per hour", false},
                             {"MPH", "mile per hour", "miles per hour", false},
                             {"m/s", "meter per second", "meters per second", false},
                             {"ft/s", "foot per second", "feet per second", false},
                             {"Mbps", "megabit per second", "megabits per second", false},
                             {"Gbps", "gigabit per second", "gigabits per second", false},
                             {"kbps", "kilobit per second", "kilobits per second", false},
                             {"Mb/s", "megabit per second", "megabits per second", false},
                             {"MB/s", "megabyte per second", "megabytes per second", false},
                             {"fps", "frame per second", "frames per second", false},
                             {"rpm", "revolution per minute", "revolutions per minute", false},
                             {"bpm", "beat per minute", "beats per minute", false},
                             {"mpg", "mile per gallon", "miles per gallon", false},
                             {"km2", "square kilometer", "square kilometers", false},
                             {"km", "kilometer", "kilometers", false},
                             {"cm", "centimeter", "centimeters", false},
                             {"mm", "millimeter", "millimeters", false},
                             {"nm", "nanometer", "nanometers", false},
                             {"m", "meter", "meters", false},
                             {"kg", "kilogram", "kilograms", false},
                             {"kgs", "kilogram", "kilograms", false},
                             {"mg", "milligram", "milligrams", false},
                             {"g", "gram", "grams", false},
                             {"lb", "pound", "pounds", false},
                             {"lbs", "pound", "pounds", false},
                             {"oz", "ounce", "ounces", false},
                             {"ft", "foot", "feet", false},
                             {"yd", "yard", "yards", false},
                             {"yds", "yard", "yards", false},
                             {"mi", "mile", "miles", false},
                             {"ml", "milliliter", "milliliters", false},
                             {"mL", "milliliter", "milliliters", false},
                             {"cl", "centiliter", "centiliters", false},
                             {"L", "liter", "liters", false},
                             {"l", "liter", "liters", true},
                             {"gal", "gallon", "gallons", false},
                             {"tsp", "teaspoon", "teaspoons", false},
                             {"tbsp", "tablespoon", "tablespoons", false},
                             {"Hz", "hertz", "hertz", false},
                             {"kHz", "kilohertz", "kilohertz", false},
                             {"MHz", "megahertz", "megahertz", false},
                             {"GHz", "gigahertz", "gigahertz", false},
                             {"KB", "kilobyte", "kilobytes", false},
                             {"kB", "kilobyte", "kilobytes", false},
                             {"MB", "megabyte", "megabytes", false},
                             {"GB", "gigabyte", "gigabytes", false},
                             {"TB", "terabyte", "terabytes", false},
                             {"PB", "petabyte", "petabytes", false},
                             {"W", "watt", "watts", false},
                             {"kW", "kilowatt", "kilowatts", false},
                             {"MW", "megawatt", "megawatts", false},
                             {"GW", "gigawatt", "gigawatts", false},
                             {"kWh", "kilowatt hour", "kilowatt hours", false},
                             {"V", "volt", "volts", false},
                             {"kV", "kilovolt", "kilovolts", false},
                             {"mA", "milliamp", "milliamps", false},
                             {"mAh", "milliamp hour", "milliamp hours", false},
                             {"J", "joule", "joules", false},
                             {"kJ", "kilojoule", "kilojoules", false},
                             {"kcal", "kilocalorie", "kilocalories", false},
                             {"cal", "calorie", "calories", false},
                             {"Pa", "pascal", "pascals", false},
                             {"kPa", "kilopascal", "kilopascals", false},
                             {"psi", "p s i", "p s i", false},
                             {"dB", "decibel", "decibels", false},
                             {"ha", "hectare", "hectares", false},
                             {"sq ft", "square foot", "square feet", false},
                             {"sq. ft", "square foot", "square feet", false},
                             {"cu ft", "cubic foot", "cubic feet", false},
                             {"cu. ft", "cubic foot", "cubic feet", false},
                             {"\x9bm", "micrometer", "micrometers", false},
                             {"\x9bg", "microgram", "micrograms", false},
                             {"\x9bs", "microsecond", "microseconds", false},
                             {"\x9bL", "microliter", "microliters", false},
                             {"\xb3", "ohm", "ohms", false},
                             {"k\xb3", "kilohm", "kilohms", false},
                             {"M\xb3", "megohm", "megohms", false},
                             {"sq km", "square kilometer", "square kilometers", false},
                             {"sq mi", "square mile", "square miles", false},
                             {"h", "hour", "hours", true},
                             {"hr", "hour", "hours", false},
                             {"hrs", "hour", "hours", false},
                             {"min", "minute", "minutes", false},
                             {"mins", "minute", "minutes", false},
                             {"s", "second", "seconds", false},
                             {"sec", "second", "seconds", false},
                             {"secs", "second", "seconds", false},
                             {"ms", "millisecond", "milliseconds", false},
                             {"ns", "nanosecond", "nanoseconds", false},
                             {"yr", "year", "years", false},
                             {"yrs", "year", "years", false},
                             {"px", "pixel", "pixels", false},
                             {"dpi", "dot per inch", "dots per inch", false},
                             {"pt", "point", "points", false},
                             {"k", "thousand", "thousand", true},
                             {"M", "million", "million", true},
                             {"x", "times", "times", true},
                             {"\x88"
                              "C",
                              "degree celsius", "degrees celsius", false},
                             {"\x88"
                              "F",
                              "degree fahrenheit", "degrees fahrenheit", false},
                             {"\x88 C", "degree celsius", "degrees celsius", false},
                             {"\x88 F", "degree fahrenheit", "degrees fahrenheit", false},
                             {"\x88", "degree", "degrees", false},
                             {"%", "percent", "percent", false},
                             {"\x9a", "per mille", "per mille", false},
                             {"pct", "percent", "percent", false},
                             {"bn", "billion", "billion", true},
                             {"mn", "million", "million", true}};

enum { UNITS_N = sizeof units / sizeof *units };

// The longest unit at `s`, none of whose neighbours is a letter; its length in *len.
static const Unit *find_unit(const char *s, bool tight, size_t *len)
{
  const Unit *best = NULL;
  *len = 0;
  for (int i = 0; i < UNITS_N; i++) {
    const size_t len_symbol = strlen(units[i].symbol);
    if (len_symbol <= *len || strncmp(s, units[i].symbol, len_symbol) != 0) continue;
    if (units[i].tight && !tight) continue;
    const uint8_t last = (uint8_t)units[i].symbol[len_symbol - 1];
    if (nm_is_alpha(last) && nm_is_alnum((uint8_t)s[len_symbol])) continue;
    if (nm_is_alpha(last) && s[len_symbol] == '\'') continue;
    best = &units[i];
    *len = len_symbol;
  }
  return best;
}

// The exponent behind a unit: 2, 3 or 0.
static int scan_exponent(const char *s, size_t *len)
{
  const uint8_t c = (uint8_t)s[0];
  *len = 1;
  if (c == NM_SYM_SQUARED) return 2;
  if (c == NM_SYM_CUBED) return 3;
  *len = 2;
  if (c == '^' && (s[1] == '2' || s[1] == '3') && !nm_is_alnum((uint8_t)s[2])) return s[1] - '0';
  *len = 0;
  return 0;
}

// Says a unit with its exponent and what it is divided by; answers the length of all that.
static size_t say_unit(NmNormaliser *n, const char *s, const Unit *unit, size_t len, bool one)
{
  size_t len_exponent, len_per;
  const int exponent = scan_exponent(s + len, &len_exponent);
  const size_t len_one = strlen(unit->one);
  const bool behind = len_one >= 6 && strcmp(unit->one + len_one - 6, "second") == 0;
  if (exponent && !behind) nm_say(n, exponent == 2 ? "square" : "cubic");
  nm_say(n, one ? unit->one : unit->many);
  if (exponent && behind) nm_say(n, exponent == 2 ? "squared" : "cubed");
  len += len_exponent;
  if (s[len] != '/') return len;
  const Unit *per = find_unit(s + len + 1, true, &len_per);
  if (!per || !nm_is_alpha((uint8_t)s[len + 1])) return len;
  nm_say(n, "per");
  return len + 1 + say_unit(n, s + len + 1, per, len_per, true);
}

static size_t count_before(const NmNormaliser *n, size_t at, uint8_t c)
{
  size_t count = 0;
  for (size_t i = 0; i < at; i++) count += n->folded.chars[i] == c;
  return count;
}

// A noun follows, of which the inches are an attribute: a 12" pipe, but 12" long.
static bool is_attribute_inch(const char *s)
{
  static const char *const others[] = {"long", "wide", "tall",  "high",  "deep",   "thick",
                                       "by",   "x",    "of",    "and",   "or",     "in",
                                       "to",   "from", "above", "below", "across", "apart"};
  if (s[0] != ' ' || !nm_is_lower((uint8_t)s[1])) return false;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (nm_scan_word(s + 1, others[i])) return false;
  return true;
}

// 5'11", 6', 12"
static size_t match_feet(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len = nm_scan_digits(s);
  if (!len || len > 3) return 0;
  if (s[len] == '\'') {
    const size_t len_inches = nm_scan_digits(s + len + 1);
    if (len_inches >= 1 && len_inches <= 2 &&
        (s[len + 1 + len_inches] == '"' || s[len + 1 + len_inches] == ' ' || s[len + 1 + len_inches] == 0)) {
      nm_say_cardinal(n, s, len);
      nm_say(n, "foot");
      nm_say_cardinal(n, s + len + 1, len_inches);
      return len + 1 + len_inches + (s[len + 1 + len_inches] == '"');
    }
    if (n->i_quote_open || nm_is_alnum((uint8_t)s[len + 1])) return 0;
    nm_say_cardinal(n, s, len);
    nm_say(n, len == 1 && s[0] == '1' ? "foot" : "feet");
    return len + 1;
  }
  if (s[len] != '"' || nm_is_alnum((uint8_t)s[len + 1]) || count_before(n, at, '"') % 2 == 1) return 0;
  nm_say_cardinal(n, s, len);
  nm_say(n, (len == 1 && s[0] == '1') || is_attribute_inch(s + len + 1) ? "inch" : "inches");
  return len + 1;
}

// "in" means inches only with its point, or between a number and a closing mark.
static size_t scan_inches(const char *s)
{
  if (strncmp(s, "in.", 3) == 0) {
    const size_t spaces = nm_scan_spaces(s + 3);
    return s[3 + spaces] && !nm_is_upper((uint8_t)s[3 + spaces]) ? 3 : 2;
  }
  return strncmp(s, "in", 2) == 0 && strchr(",;)", s[2]) ? 2 : 0;
}

// The point of an abbreviated unit inside a sentence: 5 lbs. 3 oz.
static size_t scan_unit_point(const char *s, size_t len)
{
  if (s[len] != '.' || !nm_is_alpha((uint8_t)s[len - 1])) return 0;
  const size_t spaces = nm_scan_spaces(s + len + 1);
  const uint8_t next = (uint8_t)s[len + 1 + spaces];
  return nm_is_lower(next) || nm_is_digit(next) || nm_is_one_of(next, ",;)") ? 1 : 0;
}

// The x of 3x + 2 is a letter, not "times".
static bool is_variable(const char *s)
{
  return s[0] == 'x' && nm_is_one_of((uint8_t)s[1 + nm_scan_spaces(s + 1)], "+-=^*/") && s[1] != '-';
}

size_t nm_match_measure(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const bool negative = s[0] == '-' && !nm_is_alnum(nm_before(n, at));
  NmLiteral literal;
  if (!nm_is_digit((uint8_t)s[negative]) && s[negative] != '.') return 0;
  const size_t len_feet = negative ? 0 : match_feet(n, at);
  if (len_feet) return len_feet;
  if (!nm_literal_parse(s + negative, &literal)) return 0;
  size_t len = negative + literal.len, len_unit;
  const bool hyphen = s[len] == '-' && nm_is_alpha((uint8_t)s[len + 1]) && nm_is_alpha((uint8_t)s[len + 2]);
  const size_t spaces = hyphen ? 1 : nm_scan_spaces(s + len);
  if (spaces > 1) return 0;
  const size_t len_inches = scan_inches(s + len + spaces);
  const Unit *unit = find_unit(s + len + spaces, spaces == 0, &len_unit);
  if ((!unit && !len_inches) || is_variable(s + len)) return 0;
  const bool one = hyphen || nm_literal_is_one(&literal);
  if (negative) nm_say(n, "minus");
  nm_say_literal(n, &literal);
  if (unit) {
    len += spaces + say_unit(n, s + len + spaces, unit, len_unit, one);
    return len + scan_unit_point(s, len);
  }
  nm_say(n, one ? "inch" : "inches");
  return len + spaces + len_inches;
}

typedef struct {
  const char *symbol, *one, *many, *cent, *cents;
} Currency;

static const Currency currencies[] = {{"US$", "u s dollar", "u s dollars", "cent", "cents"},
                                      {"A$", "australian dollar", "australian dollars", "cent", "cents"},
                                      {"C$", "canadian dollar", "canadian dollars", "cent", "cents"},
                                      {"HK$", "hong kong dollar", "hong kong dollars", "cent", "cents"},
                                      {"$", "dollar", "dollars", "cent", "cents"},
                                      {"\x83", "pound", "pounds", "penny", "pence"},
                                      {"\x84", "euro", "euros", "cent", "cents"},
                                      {"\x85", "yen", "yen", "sen", "sen"},
                                      {"\x86", "rupee", "rupees", "paisa", "paise"},
                                      {"USD", "u s dollar", "u s dollars", "cent", "cents"},
                                      {"EUR", "euro", "euros", "cent", "cents"},
                                      {"GBP", "pound", "pounds", "penny", "pence"}};
enum { CURRENCIES_N = sizeof currencies / sizeof *currencies };

static const Currency *find_currency(const char *s, size_t *len)
{
  for (int i = 0; i < CURRENCIES_N; i++) {
    *len = strlen(currencies[i].symbol);
    if (strncmp(s, currencies[i].symbol, *len) == 0) return &currencies[i];
  }
  *len = 0;
  return NULL;
}

// "million", "bn", "k" behind an amount, a space allowed before words.
static size_t scan_scale(const char *s, const char **scale)
{
  static const char *const names[][2] = {
      {"hundred", "hundred"},   {"thousand", "thousand"}, {"million", "million"}, {"billion", "billion"},
      {"trillion", "trillion"}, {"bn", "billion"},        {"mn", "million"},      {"mil", "million"},
      {"tn", "trillion"},       {"m", "million"},         {"b", "billion"},       {"k", "thousand"}};
  size_t spaces = nm_scan_spaces(s);
  if (spaces > 1) return 0;
  if (s[0] == '-' && nm_is_alpha((uint8_t)s[1])) spaces = 1;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const size_t len = nm_scan_word(s + spaces, names[i][0]);
    if (!len || (spaces && len < 3 && i != 5)) continue;
    *scale = names[i][1];
    return spaces + len;
  }
  return 0;
}

static void say_amount(NmNormaliser *n, const Currency *currency, const NmLiteral *literal)
{
  const bool has_cents = literal->fraction && literal->len_fraction == 2;
  const bool zero = literal->len_digits == 0 || (literal->len_digits == 1 && literal->digits[0] == '0');
  const bool no_cents = has_cents && strncmp(literal->fraction, "00", 2) == 0;
  if (!has_cents) {
    nm_say_literal(n, literal);
    nm_say(n, nm_literal_is_one(literal) ? currency->one : currency->many);
    return;
  }
  if (!zero || no_cents) {
    NmLiteral whole = *literal;
    whole.fraction = NULL;
    nm_say_literal(n, &whole);
    nm_say(n, nm_literal_is_one(&whole) ? currency->one : currency->many);
    if (no_cents) return;
    nm_say(n, "and");
  }
  const int32_t cents = nm_parse_int(literal->fraction, 2);
  nm_say_integer(n, (uint64_t)cents);
  nm_say(n, cents == 1 ? currency->cent : currency->cents);
}

// A coin or a note bears its amount as an adjective: "a $20 bill".
static bool is_attribute(const char *s)
{
  static const char *const nouns[] = {"bill",  "bills", "note",   "notes", "coin",
                                      "coins", "bet",   "ticket", "fine"};
  if (s[0] == '-' && nm_is_alpha((uint8_t)s[1])) return true;
  const size_t spaces = nm_scan_spaces(s);
  for (size_t i = 0; spaces && i < sizeof nouns / sizeof *nouns; i++)
    if (nm_scan_word(s + spaces, nouns[i])) return true;
  return false;
}

static size_t match_currency_first(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const bool negative = s[0] == '-' && !nm_is_alnum(nm_before(n, at));
  size_t len_symbol;
  NmLiteral literal;
  const char *scale;
  const Currency *currency = find_currency(s + negative, &len_symbol);
  size_t len = negative + len_symbol;
  if (!currency) return 0;
  if (s[len] == ' ') len++;
  if (!nm_literal_parse(s + len, &literal)) return 0;
  len += literal.len;
  const size_t len_scale = scan_scale(s + len, &scale);
  if (negative) nm_say(n, "minus");
  if (!len_scale && is_attribute(s + len) && !literal.fraction) {
    nm_say_literal(n, &literal);
    nm_say(n, currency->one);
  } else if (!len_scale) {
    say_amount(n, currency, &literal);
  } else {
    nm_say_literal(n, &literal);
    nm_say(n, scale);
    nm_say(n, is_attribute(s + len + len_scale) ? currency->one : currency->many);
  }
  return len + len_scale;
}

// 20 euro signs, 5 cents, 99 pence
static size_t match_currency_last(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  NmLiteral literal;
  size_t len_symbol;
  if (!nm_is_digit((uint8_t)s[0]) || !nm_literal_parse(s, &literal)) return 0;
  const size_t spaces = nm_scan_spaces(s + literal.len);
  const char *unit = s + literal.len + spaces;
  const bool one = nm_literal_is_one(&literal);
  if (spaces > 1) return 0;
  if ((uint8_t)*unit == NM_SYM_CENT) {
    nm_say_literal(n, &literal);
    nm_say(n, one ? "cent" : "cents");
    return literal.len + spaces + 1;
  }
  const Currency *currency = find_currency(unit, &len_symbol);
  if (!currency || (*unit == '$' && nm_is_digit((uint8_t)unit[1])) || nm_is_alnum((uint8_t)unit[len_symbol]))
    return 0;
  say_amount(n, currency, &literal);
  return literal.len + spaces + len_symbol;
}

// What an amount buys: $3/lb, 2 euros/kg.
static size_t say_price_unit(NmNormaliser *n, const char *s)
{
  size_t len;
  const Unit *unit = s[0] == '/' && nm_is_alpha((uint8_t)s[1]) ? find_unit(s + 1, true, &len) : NULL;
  if (!unit) return 0;
  nm_say(n, "per");
  nm_say(n, unit->one);
  return 1 + len;
}

size_t nm_match_money(NmNormaliser *n, size_t at)
{
  const size_t len_first = match_currency_first(n, at);
  const size_t len = len_first ? len_first : match_currency_last(n, at);
  return len ? len + say_price_unit(n, nm_at(n, at + len)) : 0;
}
