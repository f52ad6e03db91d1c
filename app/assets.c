// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/assets.h"

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

// The folder that the program lies in.
static bool find_program_folder(char *folder)
{
  const ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
  if (n <= 0) return false;
  folder[n] = '\0';
  char *slash = strrchr(folder, '/');
  if (!slash) return false;
  *slash = '\0';
  return true;
}

int nm_assets_get_places(char places[NM_ASSET_PLACES_MAX][PATH_MAX])
{
  char folder[PATH_MAX];
  int n = 0;
  const char *own = getenv("NEUME_ASSETS");
  if (own && *own) snprintf(places[n++], PATH_MAX, "%s", own);
  if (!find_program_folder(folder)) return n;
  if (snprintf(places[n], PATH_MAX, "%s/assets", folder) < PATH_MAX) n++;
  if (snprintf(places[n], PATH_MAX, "%s/../share/neume", folder) < PATH_MAX) n++;
  return n;
}

NmStatus nm_assets_find(const char *name, char path[PATH_MAX], NmError *err)
{
  char places[NM_ASSET_PLACES_MAX][PATH_MAX];
  char searched[400];
  size_t len = 0;
  const int n = nm_assets_get_places(places);
  for (int i = 0; i < n; i++) {
    const bool fits = snprintf(path, PATH_MAX, "%s/%s", places[i], name) < PATH_MAX;
    if (fits && !access(path, R_OK)) return NM_OK;
    const int n_more = snprintf(searched + len, sizeof searched - len, "%s%.120s", i ? ", " : "", places[i]);
    if (n_more > 0 && len + (size_t)n_more < sizeof searched) len += (size_t)n_more;
  }
  searched[len] = '\0';
  return nm_error_set(err, NM_ERR_IO,
                      "cannot find %s in %s; set NEUME_ASSETS to the folder that holds Neume's weights", name,
                      searched);
}
