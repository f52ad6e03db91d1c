// SPDX-License-Identifier: GPL-3.0-or-later
// What speech-dispatcher sends, as SSML that the voice reads: characters and keys by their names,
// punctuation aloud, words spelt, as the settings want.
#ifndef NM_HOSTS_SPEECHD_MESSAGE_H
#define NM_HOSTS_SPEECHD_MESSAGE_H

#include "app/hosts/speechd/protocol.h"
#include "app/hosts/speechd/settings.h"

// Of a block `text` [len] of the verb SPEAK, CHAR, KEY or SOUND_ICON. Marks stay where they are. The caller
// frees it; NULL when memory is out.
char *nm_sd_message_compose(NmSdVerb verb, const char *text, size_t len, const NmSdSettings *settings);

// The text of SSML that is not well formed, without what looks like tags. The caller frees it; NULL when
// memory is out.
char *nm_sd_message_strip(const char *ssml, size_t len);

#endif
