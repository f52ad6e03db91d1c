// SPDX-License-Identifier: GPL-3.0-or-later
// One opened plug-in: its ports, its controls.
#ifndef NM_HOSTS_LADSPA_PLUGIN_H
#define NM_HOSTS_LADSPA_PLUGIN_H

#include <ladspa.h>

#include "app/hosts/ladspa.h"

typedef struct {
  void *library;
  const LADSPA_Descriptor *d;
  int n_in, n_out; // audio ports
} NmLadspaPlugin;

// Opens a library: its i-th plug-in is nm_ladspa_get. NULL when it is none.
void *nm_ladspa_library_open(const char *path);
const LADSPA_Descriptor *nm_ladspa_library_get(void *library, unsigned long index);

// NM_ERR_IO when the library has gone or changed.
NmStatus nm_ladspa_plugin_open(NmLadspaPlugin *plugin, const NmLadspaPlace *place, NmError *err) NM_NODISCARD;
void nm_ladspa_plugin_close(NmLadspaPlugin *plugin);

// Calls `visit` for every library of the search path, in order, files sorted; it answers whether to go on.
void nm_ladspa_visit_libraries(bool (*visit)(const char *path, void *user), void *user);

// The folders that are searched, divided by colons.
const char *nm_ladspa_get_path(void);

// Lower and upper bound of a port at `rate_hz`; false when there is none.
bool nm_ladspa_get_low(const LADSPA_Descriptor *d, unsigned long port, double rate_hz, double *low);
bool nm_ladspa_get_high(const LADSPA_Descriptor *d, unsigned long port, double rate_hz, double *high);

// The value of a control that was not set.
float nm_ladspa_get_default(const LADSPA_Descriptor *d, unsigned long port, double rate_hz);

// The seconds of "tail", else -1; all other settings into `values` [PortCount]. rate_hz 0: bounds that depend
// on it are not checked. NM_ERR_BAD_ARG.
NmStatus nm_ladspa_set(const LADSPA_Descriptor *d, const NmLadspaSetting *settings, int n, double rate_hz,
                       float *values, double *tail_s, NmError *err) NM_NODISCARD;

#endif
