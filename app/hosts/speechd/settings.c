// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/speechd/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

NmSdSettings nm_sd_settings_defaults(void)
{
  return (NmSdSettings){.volume = 100};
}

// --- lines ---

// The next line of [*text, *text + *len) into `line`; false when there is none or, *fits false, it is longer
// than that.
static bool next_line(const char **text, size_t *len, char *line, size_t size, bool *fits)
{
  if (!*len) return false;
  const char *end = memchr(*text, '\n', *len);
  const size_t n = end ? (size_t)(end - *text) : *len;
  *fits = n < size && !memchr(*text, 0, n);
  if (*fits) memcpy(line, *text, n);
  line[*fits ? n : 0] = '\0';
  *text += n + (end != NULL);
  *len -= n + (end != NULL);
  return true;
}

static bool read_number(const char *value, int low, int high, int *number)
{
  char *end;
  const long read = strtol(value, &end, 10);
  if (end == value || *end || read < low || read > high) return false;
  *number = (int)read;
  return true;
}

static bool read_name(const char *value, char *name, size_t size)
{
  if (strlen(value) >= size) return false;
  strcpy(name, strcmp(value, "NULL") ? value : "");
  return true;
}

static bool read_choice(const char *value, const char *const *choices, int n, int *choice)
{
  for (int i = 0; i < n; ++i) {
    if (strcasecmp(value, choices[i])) continue;
    *choice = i;
    return true;
  }
  return false;
}

// --- what a message is read with ---

static bool read_punctuation(const char *value, NmSdSettings *s)
{
  static const char *const modes[] = {"none", "some", "most", "all"};
  int mode;
  if (!read_choice(value, modes, 4, &mode)) return false;
  s->punctuation = (NmSdPunctuation)mode;
  return true;
}

static bool read_spelling(const char *value, NmSdSettings *s)
{
  static const char *const modes[] = {"off", "on"};
  int mode;
  if (!read_choice(value, modes, 2, &mode)) return false;
  s->spells = mode;
  return true;
}

static bool read_capitals(const char *value, NmSdSettings *s)
{
  static const char *const modes[] = {"none", "spell", "icon"};
  int mode;
  if (!read_choice(value, modes, 3, &mode)) return false;
  s->capitals = (NmSdCapitals)mode;
  return true;
}

static bool read_setting(const char *name, const char *value, NmSdSettings *s)
{
  const struct {
    const char *name;
    int *number;
  } numbers[] = {
      {"rate", &s->rate}, {"pitch", &s->pitch}, {"pitch_range", &s->pitch_range}, {"volume", &s->volume}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
    if (!strcmp(name, numbers[i].name)) return read_number(value, -100, 100, numbers[i].number);
  if (!strcmp(name, "punctuation_mode")) return read_punctuation(value, s);
  if (!strcmp(name, "spelling_mode")) return read_spelling(value, s);
  if (!strcmp(name, "cap_let_recogn")) return read_capitals(value, s);
  if (!strcmp(name, "voice")) return read_name(value, s->voice_type, sizeof s->voice_type);
  if (!strcmp(name, "synthesis_voice")) return read_name(value, s->voice, sizeof s->voice);
  if (!strcmp(name, "language")) return read_name(value, s->language, sizeof s->language);
  return true;
}

NmSdReading nm_sd_settings_read(NmSdSettings *settings, const char *text, size_t len)
{
  char line[256];
  bool fits;
  NmSdSettings read = *settings;
  while (next_line(&text, &len, line, sizeof line, &fits)) {
    char *equals = strchr(line, '=');
    if (!fits || !equals || equals == line) return NM_SD_BAD_SYNTAX;
    *equals = '\0';
    if (!read_setting(line, equals + 1, &read)) return NM_SD_BAD_VALUE;
  }
  *settings = read;
  return NM_SD_READ;
}

// --- the configuration file ---

// The next word, or what stands in quotes; NULL at the end of the line. Cuts `*at`.
static char *next_word(char **at)
{
  char *word = *at + strspn(*at, " \t\r");
  if (!*word || *word == '#') return NULL;
  const bool is_quoted = *word == '"';
  word += is_quoted;
  char *end = word + strcspn(word, is_quoted ? "\"" : " \t\r");
  *at = end + (*end != '\0');
  *end = '\0';
  return word;
}

static bool add_voice(NmSdConfig *config, const char *type, const char *name)
{
  if (config->n_voices == NM_SD_VOICES_MAX || !name) return false;
  const int i = config->n_voices;
  if (!read_name(type, config->voices[i].type, NM_SD_NAME_LEN) ||
      !read_name(name, config->voices[i].name, NM_SD_NAME_LEN))
    return false;
  ++config->n_voices;
  return true;
}

static bool read_config_line(NmSdConfig *config, char *line)
{
  const char *name = next_word(&line);
  if (!name) return true;
  const char *value = next_word(&line), *second = next_word(&line);
  if (!value) return false;
  if (!strcasecmp(name, "NeumeVoice")) return add_voice(config, value, second);
  if (second) return false;
  if (!strcasecmp(name, "NeumeAssets")) return read_name(value, config->assets, sizeof config->assets);
  if (!strcasecmp(name, "NeumeLexicon")) return read_name(value, config->lexicon, sizeof config->lexicon);
  return !strcasecmp(name, "NeumeThreads") && read_number(value, 0, 256, &config->n_threads);
}

int nm_sd_config_read(NmSdConfig *config, const char *text, size_t len)
{
  char line[2 * NM_SD_PATH_LEN];
  bool fits;
  int wrong = 0;
  for (int i = 1; next_line(&text, &len, line, sizeof line, &fits); ++i)
    if ((!fits || !read_config_line(config, line)) && !wrong) wrong = i;
  return wrong;
}

const char *nm_sd_find_voice(const NmSdConfig *config, const NmSdSettings *settings)
{
  if (settings->voice[0]) return settings->voice;
  for (int i = 0; i < config->n_voices; ++i)
    if (!strcasecmp(config->voices[i].type, settings->voice_type)) return config->voices[i].name;
  return "";
}

// --- values ---

NmSdValues nm_sd_print_values(const NmSdSettings *s)
{
  NmSdValues v;
  const double amplitude = (s->volume + 100) / 200.;
  const double energy_db = amplitude > .001 ? 20 * log10(amplitude) : -60;
  snprintf(v.rate, sizeof v.rate, "%.4f", pow(s->rate < 0 ? 2.5 : 3, s->rate / 100.));
  snprintf(v.pitch, sizeof v.pitch, "%.2f", s->pitch * 12 / 100.);
  snprintf(v.range, sizeof v.range, "%.2f", 1 + s->pitch_range / 100.);
  snprintf(v.energy, sizeof v.energy, "%.2f", energy_db);
  return v;
}
