// SPDX-License-Identifier: GPL-3.0-or-later
// Wishes of a caller by name, and the functions of a caller.
#ifndef NM_HOSTS_LIBRARY_OPTIONS_H
#define NM_HOSTS_LIBRARY_OPTIONS_H

#include <stdbool.h>

#include "app/hosts/neume.h"
#include "dsp/base/status.h"

// Whether every name is among `known` (NULL at the end) and has a value. NM_ERR_BAD_ARG names the nearest.
NmStatus nm_options_check(const NeumeOption *options, const char *const *known, NmError *err) NM_NODISCARD;

// The last value of that name, NULL when there is none.
const char *nm_options_get(const NeumeOption *options, const char *name);

// Into *value, which keeps its default when the option is not there; NM_ERR_BAD_ARG tells what is allowed.
NmStatus nm_options_get_number(const NeumeOption *options, const char *name, double low, double high,
                               double *value, NmError *err) NM_NODISCARD;
NmStatus nm_options_get_integer(const NeumeOption *options, const char *name, int64_t low, int64_t high,
                                int64_t *value, NmError *err) NM_NODISCARD;
NmStatus nm_options_get_flag(const NeumeOption *options, const char *name, bool *value,
                             NmError *err) NM_NODISCARD;

// NM_ERR_BAD_ARG: "the value 'x' of the option pitch is not understood; <wants>".
NmStatus nm_options_refuse(const char *name, const char *value, const char *wants, NmError *err) NM_NODISCARD;

// A copy with what this library knows of it, all functions NULL for NULL.
NmStatus nm_sink_read(const NeumeSink *sink, NeumeSink *copy, NmError *err) NM_NODISCARD;

void nm_sink_note(const NeumeSink *sink, const char *sentence);

// NM_ERR_CANCELLED when the caller's function wants no more.
NmStatus nm_sink_progress(const NeumeSink *sink, double done, NmError *err) NM_NODISCARD;
NmStatus nm_sink_end(NmError *err) NM_NODISCARD;

#endif
