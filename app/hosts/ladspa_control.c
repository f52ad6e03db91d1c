// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/hosts/ladspa_plugin.h"

enum { NAME_MAX_CHARS = 128, LIST_MAX = 400 };

// --- bounds and defaults ---

static double get_scale(const LADSPA_PortRangeHint *hint, double rate_hz)
{
  return LADSPA_IS_HINT_SAMPLE_RATE(hint->HintDescriptor) ? rate_hz : 1;
}

bool nm_ladspa_get_low(const LADSPA_Descriptor *d, unsigned long port, double rate_hz, double *low)
{
  const LADSPA_PortRangeHint *hint = &d->PortRangeHints[port];
  *low = hint->LowerBound * get_scale(hint, rate_hz);
  return LADSPA_IS_HINT_BOUNDED_BELOW(hint->HintDescriptor) && get_scale(hint, rate_hz) > 0;
}

bool nm_ladspa_get_high(const LADSPA_Descriptor *d, unsigned long port, double rate_hz, double *high)
{
  const LADSPA_PortRangeHint *hint = &d->PortRangeHints[port];
  *high = hint->UpperBound * get_scale(hint, rate_hz);
  return LADSPA_IS_HINT_BOUNDED_ABOVE(hint->HintDescriptor) && get_scale(hint, rate_hz) > 0;
}

// Between the bounds, `part` of the way.
static double mix(int hint, double low, double high, double part)
{
  if (LADSPA_IS_HINT_LOGARITHMIC(hint) && low > 0 && high > 0)
    return exp(log(low) * (1 - part) + log(high) * part);
  return low * (1 - part) + high * part;
}

static double choose_default(int hint, double low, double high)
{
  switch (hint & LADSPA_HINT_DEFAULT_MASK) {
  case LADSPA_HINT_DEFAULT_MINIMUM: return low;
  case LADSPA_HINT_DEFAULT_LOW: return mix(hint, low, high, .25);
  case LADSPA_HINT_DEFAULT_MIDDLE: return mix(hint, low, high, .5);
  case LADSPA_HINT_DEFAULT_HIGH: return mix(hint, low, high, .75);
  case LADSPA_HINT_DEFAULT_MAXIMUM: return high;
  case LADSPA_HINT_DEFAULT_1: return 1;
  case LADSPA_HINT_DEFAULT_100: return 100;
  case LADSPA_HINT_DEFAULT_440: return 440;
  default: return 0;
  }
}

float nm_ladspa_get_default(const LADSPA_Descriptor *d, unsigned long port, double rate_hz)
{
  double low, high;
  const int hint = d->PortRangeHints[port].HintDescriptor;
  const bool has_low = nm_ladspa_get_low(d, port, rate_hz, &low),
             has_high = nm_ladspa_get_high(d, port, rate_hz, &high);
  double value = choose_default(hint, low, high);
  if (LADSPA_IS_HINT_INTEGER(hint)) value = round(value);
  if (has_low && value < low) value = low;
  if (has_high && value > high) value = high;
  return (float)value;
}

// --- names ---

// Letters and digits alone, in lower case: "Dry/wet mix" is "drywetmix".
static void simplify(const char *name, char text[NAME_MAX_CHARS])
{
  size_t n = 0;
  for (; *name && n + 1 < NAME_MAX_CHARS; ++name)
    if (isalnum((unsigned char)*name)) text[n++] = (char)tolower((unsigned char)*name);
  text[n] = '\0';
}

static bool is_control(const LADSPA_Descriptor *d, unsigned long port)
{
  return LADSPA_IS_PORT_CONTROL(d->PortDescriptors[port]) && LADSPA_IS_PORT_INPUT(d->PortDescriptors[port]);
}

// 3: the name itself, 2: its beginning, 1: a part of it, 0: not it.
static int rate_match(const char *name, const char *wanted)
{
  char simple[NAME_MAX_CHARS];
  simplify(name, simple);
  const char *at = strstr(simple, wanted);
  if (!at || !*wanted) return 0;
  return at > simple ? 1 : simple[strlen(wanted)] ? 2 : 3;
}

static void list_controls(const LADSPA_Descriptor *d, char text[LIST_MAX])
{
  size_t n = 0;
  *text = '\0';
  for (unsigned long i = 0; i < d->PortCount && n < LIST_MAX; ++i)
    if (is_control(d, i))
      n += (size_t)snprintf(text + n, LIST_MAX - n, "%s'%s'", n ? ", " : "", d->PortNames[i]);
}

static NmStatus fail_control(const LADSPA_Descriptor *d, const char *name, const char *cause, NmError *err)
{
  char controls[LIST_MAX];
  list_controls(d, controls);
  return nm_error_set(err, NM_ERR_BAD_ARG, "ladspa:%.40s %s control '%.60s'; it has %s", d->Label, cause,
                      name, *controls ? controls : "none at all");
}

static NmStatus find_by_number(const LADSPA_Descriptor *d, const char *name, unsigned long *port,
                               NmError *err)
{
  char *end;
  *port = strtoul(name + 1, &end, 10);
  const bool found = isdigit((unsigned char)name[1]) && !*end && *port < d->PortCount && is_control(d, *port);
  return found ? NM_OK : fail_control(d, name, "has no", err);
}

static NmStatus find_control(const LADSPA_Descriptor *d, const char *name, unsigned long *port, NmError *err)
{
  char wanted[NAME_MAX_CHARS];
  int best = 0, n_best = 0;
  if (*name == '#') return find_by_number(d, name, port, err);
  simplify(name, wanted);
  for (unsigned long i = 0; i < d->PortCount; ++i) {
    const int match = is_control(d, i) ? rate_match(d->PortNames[i], wanted) : 0;
    if (match > best) best = match, n_best = 0;
    if (!match || match < best) continue;
    if (!n_best++) *port = i;
  }
  if (!best) return fail_control(d, name, "has no", err);
  return n_best == 1 ? NM_OK : fail_control(d, name, "has more than one", err);
}

// --- values ---

static bool parse_value(const char *text, double *value)
{
  static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};
  char *end;
  for (int i = 0; i < 6; ++i) {
    if (strcmp(text, words[i])) continue;
    *value = i % 2;
    return true;
  }
  *value = strtod(text, &end);
  return end != text && !*end && isfinite(*value);
}

static NmStatus check_range(const LADSPA_Descriptor *d, unsigned long port, double rate_hz, double value,
                            NmError *err)
{
  double low, high;
  const int hint = d->PortRangeHints[port].HintDescriptor;
  const char *name = d->PortNames[port];
  const bool has_low = nm_ladspa_get_low(d, port, rate_hz, &low),
             has_high = nm_ladspa_get_high(d, port, rate_hz, &high);
  const double slack = 1e-6 * (fabs(value) + 1e-6); // bounds are floats
  if (LADSPA_IS_HINT_INTEGER(hint) && value != round(value))
    return nm_error_set(err, NM_ERR_BAD_ARG, "ladspa:%.40s: '%.60s' takes whole numbers, not %g", d->Label,
                        name, value);
  if ((!has_low || value >= low - slack) && (!has_high || value <= high + slack)) return NM_OK;
  if (has_low && has_high)
    return nm_error_set(err, NM_ERR_BAD_ARG, "ladspa:%.40s: '%.60s' goes from %g to %g, not to %g", d->Label,
                        name, low, high, value);
  return nm_error_set(err, NM_ERR_BAD_ARG, "ladspa:%.40s: '%.60s' is %g at %s, not %g", d->Label, name,
                      has_low ? low : high, has_low ? "least" : "most", value);
}

static NmStatus set_one(const LADSPA_Descriptor *d, const NmLadspaSetting *setting, double rate_hz,
                        float *values, double *tail_s, NmError *err)
{
  double value;
  unsigned long port = 0;
  if (!parse_value(setting->value, &value))
    return nm_error_set(err, NM_ERR_BAD_ARG, "ladspa:%.40s: '%.60s' of %.60s is no number", d->Label,
                        setting->value, setting->name);
  if (!strcmp(setting->name, "tail")) {
    *tail_s = value;
    if (value >= 0 && value <= 3600) return NM_OK;
    return nm_error_set(err, NM_ERR_BAD_ARG, "ladspa:%.40s: tail goes from 0 to 3600 seconds", d->Label);
  }
  NmStatus status = find_control(d, setting->name, &port, err);
  if (!status) status = check_range(d, port, rate_hz, value, err);
  if (!status) values[port] = (float)value;
  return status;
}

NmStatus nm_ladspa_set(const LADSPA_Descriptor *d, const NmLadspaSetting *settings, int n, double rate_hz,
                       float *values, double *tail_s, NmError *err)
{
  NmStatus status = NM_OK;
  *tail_s = -1;
  for (int i = 0; i < n && !status; ++i) status = set_one(d, &settings[i], rate_hz, values, tail_s, err);
  return status;
}
