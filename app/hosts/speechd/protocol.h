// SPDX-License-Identifier: GPL-3.0-or-later
// What speech-dispatcher says to an output module, line by line (its manual, "Communication Protocol for
// Output Modules"). Bytes in, events out; nothing is read or written here.
#ifndef NM_HOSTS_SPEECHD_PROTOCOL_H
#define NM_HOSTS_SPEECHD_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

enum {
  NM_SD_LINE_MAX = 4096,     // bytes of a command
  NM_SD_BLOCK_MAX = 16 << 20 // of the text that follows one
};

// Those from NM_SD_AUDIO to NM_SD_SOUND_ICON are followed by a block of lines, ended by a line ".".
typedef enum {
  NM_SD_INIT,
  NM_SD_LIST_VOICES,
  NM_SD_STOP,
  NM_SD_PAUSE,
  NM_SD_DEBUG, // with its argument: "ON file", "OFF"
  NM_SD_QUIT,
  NM_SD_UNKNOWN,
  NM_SD_AUDIO,
  NM_SD_LOGLEVEL,
  NM_SD_SET,
  NM_SD_SPEAK,
  NM_SD_CHAR,
  NM_SD_KEY,
  NM_SD_SOUND_ICON
} NmSdVerb;

typedef struct {
  NmSdVerb verb;
  bool awaits_block; // the command stands, its block comes: time for the first reply
  bool is_too_long;  // the block is left out
  const char *text;  // [len] the argument or the block, lines joined by newlines; and a zero after it
  size_t len;
} NmSdEvent;

typedef void (*NmSdHandler)(void *user, const NmSdEvent *event);

// One thread at a time. NULL when memory is out.
typedef struct NmSdParser NmSdParser;
NmSdParser *nm_sd_parser_new(NmSdHandler handler, void *user);
void nm_sd_parser_free(NmSdParser *parser);

// The next n bytes, cut anywhere. False when memory is out.
bool nm_sd_parser_feed(NmSdParser *parser, const char *bytes, size_t n);

#endif
