// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/prosody_values.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct {
  const char *name;
  float value;
} Keyword;

// A number, whether it had a sign, and the unit after it.
typedef struct {
  double value;
  bool has_sign;
  const char *unit;
} Quantity;

static bool find_keyword(const Keyword *keywords, const char *text, float *value)
{
  for (; keywords->name; keywords++) {
    if (strcasecmp(keywords->name, text)) continue;
    *value = keywords->value;
    return true;
  }
  return false;
}

// Hexadecimal, "inf" and "nan" are numbers to strtod, not to us.
static bool parse_quantity(const char *text, Quantity *quantity)
{
  char *end;
  while (isspace((unsigned char)*text)) text++;
  quantity->has_sign = *text == '+' || *text == '-';
  const char *digits = text + quantity->has_sign;
  if (!isdigit((unsigned char)*digits) && *digits != '.') return false;
  if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) return false;
  quantity->value = strtod(text, &end);
  if (end == text || !isfinite(quantity->value)) return false;
  while (isspace((unsigned char)*end)) end++;
  quantity->unit = end;
  return true;
}

static bool is_unit(const Quantity *quantity, const char *unit)
{
  return !strcasecmp(quantity->unit, unit);
}

static bool set_within(double value, double low, double high, float *field)
{
  if (!(value >= low && value <= high)) return false;
  *field = (float)value;
  return true;
}

// "120%" is 1.2, "+20%" too.
static double to_ratio(const Quantity *quantity)
{
  return (quantity->has_sign ? 1 : 0) + quantity->value / 100;
}

bool nm_prosody_parse_rate(const char *text, NmProsody *prosody)
{
  static const Keyword keywords[] = {{"x-slow", .5f}, {"slow", .75f},   {"medium", 1}, {"default", 1},
                                     {"fast", 1.35f}, {"x-fast", 1.8f}, {NULL, 0}};
  Quantity quantity;
  if (find_keyword(keywords, text, &prosody->rate)) return true;
  if (!parse_quantity(text, &quantity)) return false;
  const double rate = is_unit(&quantity, "%") ? to_ratio(&quantity) : quantity.value;
  return (is_unit(&quantity, "%") || !*quantity.unit) && set_within(rate, .1, 10, &prosody->rate);
}

static bool set_pitch_hz(const Quantity *quantity, float voice_hz, NmProsody *prosody)
{
  if (!quantity->has_sign) return set_within(quantity->value, 20, 2000, &prosody->pitch_hz);
  const double ratio = 1 + quantity->value / voice_hz;
  return ratio > 0 && set_within(12 * log2(ratio), -36, 36, &prosody->pitch_semitones);
}

bool nm_prosody_parse_pitch(const char *text, float voice_hz, NmProsody *prosody)
{
  static const Keyword keywords[] = {{"x-low", -5},  {"low", -2.5f}, {"medium", 0}, {"default", 0},
                                     {"high", 2.5f}, {"x-high", 5},  {NULL, 0}};
  Quantity quantity;
  if (find_keyword(keywords, text, &prosody->pitch_semitones)) return true;
  if (!parse_quantity(text, &quantity)) return false;
  if (is_unit(&quantity, "Hz")) return set_pitch_hz(&quantity, voice_hz, prosody);
  if (is_unit(&quantity, "%")) {
    const double ratio = to_ratio(&quantity);
    return ratio > 0 && set_within(12 * log2(ratio), -36, 36, &prosody->pitch_semitones);
  }
  return (is_unit(&quantity, "st") || !*quantity.unit) &&
         set_within(quantity.value, -36, 36, &prosody->pitch_semitones);
}

bool nm_prosody_parse_range(const char *text, NmProsody *prosody)
{
  static const Keyword keywords[] = {{"x-low", .3f}, {"low", .6f},  {"medium", 1}, {"default", 1},
                                     {"high", 1.5f}, {"x-high", 2}, {NULL, 0}};
  Quantity quantity;
  if (find_keyword(keywords, text, &prosody->pitch_range)) return true;
  if (!parse_quantity(text, &quantity)) return false;
  const double range = is_unit(&quantity, "%") ? to_ratio(&quantity) : quantity.value;
  return (is_unit(&quantity, "%") || !*quantity.unit) && set_within(range, 0, 4, &prosody->pitch_range);
}

bool nm_prosody_parse_energy(const char *text, NmProsody *prosody)
{
  static const Keyword keywords[] = {{"silent", -60}, {"x-soft", -12}, {"soft", -6},  {"medium", 0},
                                     {"default", 0},  {"loud", 4},     {"x-loud", 8}, {NULL, 0}};
  Quantity quantity;
  if (find_keyword(keywords, text, &prosody->energy_db)) return true;
  if (!parse_quantity(text, &quantity)) return false;
  if (is_unit(&quantity, "%")) {
    const double ratio = to_ratio(&quantity);
    return set_within(ratio > .001 ? 20 * log10(ratio) : -60, -60, 20, &prosody->energy_db);
  }
  return (is_unit(&quantity, "dB") || !*quantity.unit) &&
         set_within(quantity.value, -60, 20, &prosody->energy_db);
}

bool nm_prosody_parse_emphasis(const char *text, NmProsody *prosody)
{
  static const struct {
    const char *level;
    float rate, semitones, db;
  } levels[] = {
      {"strong", .8f, 2.5f, 4}, {"moderate", .9f, 1.5f, 2}, {"reduced", 1.1f, -1, -3}, {"none", 1, 0, 0}};
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
    if (strcasecmp(levels[i].level, text)) continue;
    *prosody = nm_prosody_plain();
    prosody->rate = levels[i].rate;
    prosody->pitch_semitones = levels[i].semitones;
    prosody->energy_db = levels[i].db;
    return true;
  }
  return false;
}

bool nm_prosody_parse_time(const char *text, double *seconds)
{
  Quantity quantity;
  if (!parse_quantity(text, &quantity) || quantity.value < 0) return false;
  if (is_unit(&quantity, "ms"))
    quantity.value /= 1000;
  else if (!is_unit(&quantity, "s"))
    return false;
  if (quantity.value > 1e6) return false;
  *seconds = quantity.value;
  return true;
}
