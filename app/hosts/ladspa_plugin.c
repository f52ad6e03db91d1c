// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/ladspa_plugin.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void *nm_ladspa_library_open(const char *path)
{
  return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

const LADSPA_Descriptor *nm_ladspa_library_get(void *library, unsigned long index)
{
  LADSPA_Descriptor_Function function;
  *(void **)&function = library ? dlsym(library, "ladspa_descriptor") : NULL; // as POSIX writes it
  return function ? function(index) : NULL;
}

static void count_ports(NmLadspaPlugin *plugin)
{
  for (unsigned long i = 0; i < plugin->d->PortCount; ++i) {
    const LADSPA_PortDescriptor port = plugin->d->PortDescriptors[i];
    if (!LADSPA_IS_PORT_AUDIO(port)) continue;
    plugin->n_in += LADSPA_IS_PORT_INPUT(port) != 0;
    plugin->n_out += LADSPA_IS_PORT_OUTPUT(port) != 0;
  }
}

NmStatus nm_ladspa_plugin_open(NmLadspaPlugin *plugin, const NmLadspaPlace *place, NmError *err)
{
  *plugin = (NmLadspaPlugin){.library = nm_ladspa_library_open(place->library)};
  if (!plugin->library) return nm_error_set(err, NM_ERR_IO, "cannot open the plug-in library: %s", dlerror());
  plugin->d = nm_ladspa_library_get(plugin->library, place->index);
  if (plugin->d) {
    count_ports(plugin);
    return NM_OK;
  }
  nm_ladspa_plugin_close(plugin);
  return nm_error_set(err, NM_ERR_IO, "%s has no plug-in %lu any more", place->library, place->index);
}

void nm_ladspa_plugin_close(NmLadspaPlugin *plugin)
{
  if (plugin->library) dlclose(plugin->library);
  *plugin = (NmLadspaPlugin){0};
}

const char *nm_ladspa_get_path(void)
{
  const char *path = getenv("LADSPA_PATH");
  if (path && *path) return path;
  return "/usr/local/lib/ladspa:/usr/lib/ladspa:/usr/lib64/ladspa"
#if defined(__x86_64__)
         ":/usr/lib/x86_64-linux-gnu/ladspa"
#elif defined(__aarch64__)
         ":/usr/lib/aarch64-linux-gnu/ladspa"
#endif
      ;
}

static int is_library(const struct dirent *entry)
{
  const char *dot = strrchr(entry->d_name, '.');
  return dot && !strcmp(dot, ".so");
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static bool visit_folder(const char *folder, bool (*visit)(const char *path, void *user), void *user)
{
  char path[PATH_MAX];
  struct dirent **entries;
  bool goes_on = true;
  const int n = scandir(folder, &entries, is_library, compare_names);
  for (int i = 0; i < n; ++i) {
    if (goes_on && snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name) < (int)sizeof path)
      goes_on = visit(path, user);
    free(entries[i]);
  }
  if (n >= 0) free(entries);
  return goes_on;
}

void nm_ladspa_visit_libraries(bool (*visit)(const char *path, void *user), void *user)
{
  char folder[PATH_MAX];
  for (const char *at = nm_ladspa_get_path(); *at; at += *at == ':') {
    const size_t n = strcspn(at, ":");
    if (n && n < sizeof folder) {
      memcpy(folder, at, n);
      folder[n] = '\0';
      if (!visit_folder(folder, visit, user)) return;
    }
    at += n;
  }
}
