// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/library/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/command.h"

static bool is_known(const char *name, const char *const *known)
{
  for (; *known; ++known)
    if (!strcmp(name, *known)) return true;
  return false;
}

static NmStatus refuse_name(const char *name, const char *const *known, NmError *err)
{
  int n = 0;
  while (known[n]) ++n;
  const char *nearest = nm_nearest(name, known, n);
  if (!n) return nm_error_set(err, NM_ERR_BAD_ARG, "there is no option '%s', nor any other", name);
  return nm_error_set(err, NM_ERR_BAD_ARG, "there is no option '%s'%s%s%s; neume.h lists them", name,
                      nearest ? ", but there is '" : "", nearest ? nearest : "", nearest ? "'" : "");
}

NmStatus nm_options_check(const NeumeOption *options, const char *const *known, NmError *err)
{
  for (; options && options->name; ++options) {
    if (!is_known(options->name, known)) return refuse_name(options->name, known, err);
    if (!options->value) return nm_error_set(err, NM_ERR_BAD_ARG, "option '%s' has no value", options->name);
  }
  return NM_OK;
}

const char *nm_options_get(const NeumeOption *options, const char *name)
{
  const char *value = NULL;
  for (; options && options->name; ++options)
    if (!strcmp(options->name, name)) value = options->value;
  return value;
}

NmStatus nm_options_refuse(const char *name, const char *value, const char *wants, NmError *err)
{
  return nm_error_set(err, NM_ERR_BAD_ARG, "the value '%.100s' of option '%s' is not understood; %s", value,
                      name, wants);
}

NmStatus nm_options_get_number(const NeumeOption *options, const char *name, double low, double high,
                               double *value, NmError *err)
{
  char *end;
  const char *text = nm_options_get(options, name);
  if (!text) return NM_OK;
  const double read = strtod(text, &end);
  if (end == text || *end || !(read >= low && read <= high))
    return nm_error_set(err, NM_ERR_BAD_ARG, "option '%s' wants a number from %g to %g, not '%.100s'", name,
                        low, high, text);
  *value = read;
  return NM_OK;
}

NmStatus nm_options_get_integer(const NeumeOption *options, const char *name, int64_t low, int64_t high,
                                int64_t *value, NmError *err)
{
  char *end;
  const char *text = nm_options_get(options, name);
  if (!text) return NM_OK;
  errno = 0;
  const long long read = strtoll(text, &end, 10);
  if (end == text || *end || errno || read < low || read > high)
    return nm_error_set(err, NM_ERR_BAD_ARG,
                        "option '%s' wants a whole number from %lld to %lld, not '%.100s'", name,
                        (long long)low, (long long)high, text);
  *value = read;
  return NM_OK;
}

NmStatus nm_options_get_flag(const NeumeOption *options, const char *name, bool *value, NmError *err)
{
  const char *text = nm_options_get(options, name);
  if (!text) return NM_OK;
  if (strcasecmp(text, "yes") && strcasecmp(text, "no"))
    return nm_options_refuse(name, text, "write yes or no", err);
  *value = !strcasecmp(text, "yes");
  return NM_OK;
}

NmStatus nm_sink_read(const NeumeSink *sink, NeumeSink *copy, NmError *err)
{
  memset(copy, 0, sizeof *copy);
  if (!sink) return NM_OK;
  if (sink->size < offsetof(NeumeSink, audio))
    return nm_error_set(err, NM_ERR_BAD_ARG, "the size of the sink is not set; write sizeof (NeumeSink)");
  memcpy(copy, sink, sink->size < sizeof *copy ? sink->size : sizeof *copy);
  return NM_OK;
}

void nm_sink_note(const NeumeSink *sink, const char *sentence)
{
  if (sink->note) sink->note(sink->user, sentence);
}

NmStatus nm_sink_end(NmError *err)
{
  return nm_error_set(err, NM_ERR_CANCELLED, "ended by the caller's function");
}

NmStatus nm_sink_progress(const NeumeSink *sink, double done, NmError *err)
{
  return sink->progress && sink->progress(sink->user, done) ? nm_sink_end(err) : NM_OK;
}
