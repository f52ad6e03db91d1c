// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/assets.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const NmAsset nm_assets[] = {{"voice.safetensors", "the voice: phones to spectral envelope and pitch"},
                             {"vocoder.safetensors", "the vocoder: envelope and pitch to sound"},
                             {"g2p.safetensors", "the spelling of unknown words"},
                             {"song.safetensors", "songs: words to melodies and melodies to words"},
                             {"song.words", "the words that lyrics are written with"},
                             {"emotion.safetensors", "what music feels like"},
                             {"listener.safetensors", "what listeners have in common"},
                             {"english.lexicon", "the English dictionary"},
                             {"english.hyphens", "where English words are divided"},
                             {NULL, NULL}};

static bool cut_to_folder(char *path)
{
  char *slash = strrchr(path, '/');
  if (slash) *slash = '\0';
  return slash != NULL;
}

// The folder that the program lies in.
static bool find_program_folder(char folder[PATH_MAX])
{
  const ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
  folder[n > 0 ? n : 0] = '\0';
  return cut_to_folder(folder);
}

// The folder of the file that this code is in, when that is a library.
static bool find_library_folder(char folder[PATH_MAX])
{
  Dl_info info;
  return dladdr(nm_assets, &info) && info.dli_fname && strstr(info.dli_fname, ".so") &&
         realpath(info.dli_fname, folder) && cut_to_folder(folder);
}

static int add_place(char places[NM_ASSET_PLACES_MAX][PATH_MAX], int n, const char *folder, const char *below)
{
  return snprintf(places[n], PATH_MAX, "%s/%s", folder, below) < PATH_MAX ? n + 1 : n;
}

int nm_assets_get_places(char places[NM_ASSET_PLACES_MAX][PATH_MAX])
{
  char folder[PATH_MAX];
  int n = 0;
  const char *own = getenv("NEUME_ASSETS");
  if (own && *own) snprintf(places[n++], PATH_MAX, "%s", own);
  if (find_library_folder(folder)) {
    n = add_place(places, n, folder, "assets");
    n = add_place(places, n, folder, "../share/neume");
    n = add_place(places, n, folder, "../../share/neume"); // below lib/x86_64-linux-gnu
  }
  if (!find_program_folder(folder)) return n;
  n = add_place(places, n, folder, "assets");
  return add_place(places, n, folder, "../share/neume");
}

static bool is_there(const char *folder, const char *name, char path[PATH_MAX])
{
  return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX && !access(path, R_OK);
}

NmStatus nm_assets_find(const char *name, char path[PATH_MAX], NmError *err)
{
  char places[NM_ASSET_PLACES_MAX][PATH_MAX];
  char searched[400];
  size_t len = 0;
  const int n = nm_assets_get_places(places);
  for (int i = 0; i < n; i++) {
    if (is_there(places[i], name, path)) return NM_OK;
    const int n_more = snprintf(searched + len, sizeof searched - len, "%s%.120s", i ? ", " : "", places[i]);
    if (n_more > 0 && len + (size_t)n_more < sizeof searched) len += (size_t)n_more;
  }
  searched[len] = '\0';
  return nm_error_set(
      err, NM_ERR_IO,
      "cannot find %s in %s; install all of Neume, or set NEUME_ASSETS to the folder that holds its weights",
      name, searched);
}

NmStatus nm_assets_find_in(const char *folder, const char *name, char path[PATH_MAX], NmError *err)
{
  if (!folder) return nm_assets_find(name, path, err);
  if (is_there(folder, name, path)) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot find %s in %s, which should hold Neume's weights", name,
                      folder);
}
