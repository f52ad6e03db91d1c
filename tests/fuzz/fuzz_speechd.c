// SPDX-License-Identifier: GPL-3.0-or-later
// What speech-dispatcher says: any bytes give events; settings, configuration and messages take any text.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/hosts/speechd/message.h"
#include "app/hosts/speechd/protocol.h"
#include "app/hosts/speechd/settings.h"

static void take(void *user, const NmSdEvent *event)
{
  NmSdSettings *settings = user;
  static NmSdConfig config;
  if (event->text[event->len] || event->awaits_block) return;
  if (event->verb == NM_SD_SET) (void)nm_sd_settings_read(settings, event->text, event->len);
  if (event->verb == NM_SD_AUDIO) (void)nm_sd_config_read(&config, event->text, event->len);
  if (event->verb < NM_SD_SPEAK) return;
  char *ssml = nm_sd_message_compose(event->verb, event->text, event->len, settings);
  char *text = ssml ? nm_sd_message_strip(ssml, strlen(ssml)) : NULL;
  if (ssml && strlen(text) > strlen(ssml)) abort();
  free(text);
  free(ssml);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  NmSdSettings settings = nm_sd_settings_defaults();
  NmSdParser *parser = nm_sd_parser_new(take, &settings);
  const size_t n = size ? data[0] % (size + 1) : 0;
  if (!nm_sd_parser_feed(parser, (const char *)data, n)) abort();
  if (!nm_sd_parser_feed(parser, (const char *)data + n, size - n)) abort();
  nm_sd_parser_free(parser);
  return 0;
}
