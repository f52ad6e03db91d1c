// SPDX-License-Identifier: GPL-3.0-or-later
// How messages are to be read: what speech-dispatcher sets, and what the module's configuration file says.
#ifndef NM_HOSTS_SPEECHD_SETTINGS_H
#define NM_HOSTS_SPEECHD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

enum { NM_SD_NAME_LEN = 64, NM_SD_VOICES_MAX = 16, NM_SD_PATH_LEN = 1024 };

typedef enum { NM_SD_PUNCT_NONE, NM_SD_PUNCT_SOME, NM_SD_PUNCT_MOST, NM_SD_PUNCT_ALL } NmSdPunctuation;
typedef enum { NM_SD_CAPS_NONE, NM_SD_CAPS_SPELL, NM_SD_CAPS_ICON } NmSdCapitals;

// Of a message. Numbers are -100 to 100.
typedef struct {
  int rate, pitch, pitch_range, volume;
  NmSdPunctuation punctuation;
  NmSdCapitals capitals;
  bool spells;
  char voice_type[NM_SD_NAME_LEN]; // "male1"
  char voice[NM_SD_NAME_LEN];      // of the synthesis, "" when the type decides
  char language[NM_SD_NAME_LEN];
} NmSdSettings;

NmSdSettings nm_sd_settings_defaults(void);

typedef enum { NM_SD_READ, NM_SD_BAD_SYNTAX, NM_SD_BAD_VALUE } NmSdReading;

// Lines of name=value, text [len]. All of them or, when one is wrong, none. Names that are not known are
// passed over.
NmSdReading nm_sd_settings_read(NmSdSettings *settings, const char *text, size_t len);

// Of the module.
typedef struct {
  char assets[NM_SD_PATH_LEN], lexicon[NM_SD_PATH_LEN]; // "": the usual
  int n_threads;                                        // 0: as many as are useful
  struct {
    char type[NM_SD_NAME_LEN], name[NM_SD_NAME_LEN];
  } voices[NM_SD_VOICES_MAX]; // [n_voices]
  int n_voices;
} NmSdConfig;

// Reads the configuration file's text [len]: lines of a name and values, quoted or not; # begins a comment.
// Returns the number of the first line that is not understood, 0 when all are. The others count.
int nm_sd_config_read(NmSdConfig *config, const char *text, size_t len);

// The voice that a message asks for, "" when any will do.
const char *nm_sd_find_voice(const NmSdConfig *config, const NmSdSettings *settings);

// The values of libneume's options: tempo from 0.4 to 3, pitch an octave up or down, range from none to twice
// as lively, volume from silence to the voice's own. Each is printed into [16].
typedef struct {
  char rate[16], pitch[16], range[16], energy[16];
} NmSdValues;

NmSdValues nm_sd_print_values(const NmSdSettings *settings);

#endif
