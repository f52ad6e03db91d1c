// SPDX-License-Identifier: GPL-3.0-or-later
// sd_neume, an output module of speech-dispatcher: commands on standard input, replies, events and sound on
// standard output, its log on standard error. The only argument is the configuration file.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/hosts/speechd/message.h"
#include "app/hosts/speechd/speaker.h"

typedef struct {
  NmSdConfig config;
  NmSdSettings settings;
  NmSdSpeaker *speaker; // NULL before INIT
  bool is_over;
} Module;

static void reply(Module *m, const char *line)
{
  if (m->speaker)
    m->is_over |= !nm_sd_speaker_reply(m->speaker, line);
  else
    m->is_over |= printf("%s\n", line) < 0 || fflush(stdout);
}

static void read_config(NmSdConfig *config, const char *path)
{
  static char text[1 << 16];
  FILE *file = fopen(path, "r");
  const size_t n = file ? fread(text, 1, sizeof text, file) : 0;
  if (!file) fprintf(stderr, "neume: cannot read %s: %s; as if it were empty\n", path, strerror(errno));
  if (file) fclose(file);
  const int line = nm_sd_config_read(config, text, n);
  if (line) fprintf(stderr, "neume: %s, line %d: is not understood and passed over\n", path, line);
}

static void init(Module *m)
{
  NeumeError err;
  char line[600];
  if (!m->speaker) m->speaker = nm_sd_speaker_new(&m->config, stdout, stderr, &err);
  snprintf(line, sizeof line, m->speaker ? "299-Neume %s is ready." : "399-%s",
           m->speaker ? neume_get_version() : err.message);
  reply(m, line);
  reply(m, m->speaker ? "299 OK LOADED SUCCESSFULLY" : "399 ERR CANT INIT MODULE");
  m->is_over |= !m->speaker;
}

static void list_voices(Module *m)
{
  char line[256];
  const char *name;
  for (int i = 0; m->speaker && (name = nm_sd_speaker_get_voice(m->speaker, i)); ++i) {
    snprintf(line, sizeof line, "200-%s\ten\tnone", name);
    reply(m, line);
  }
  reply(m, m->speaker ? "200 OK VOICE LIST SENT" : "304 CANT LIST VOICES");
}

// The server plays, or there is no sound.
static void take_audio(Module *m, const NmSdEvent *event)
{
  if (strstr(event->text, "audio_output_method=server")) {
    reply(m, "203 OK AUDIO INITIALIZED");
    return;
  }
  reply(m, "300-Neume hands its sound to the server, speech-dispatcher 0.11 or later.");
  reply(m, "300 MODULE ERROR");
}

static void take_settings(Module *m, const NmSdEvent *event)
{
  static const char *const replies[] = {[NM_SD_READ] = "203 OK SETTINGS RECEIVED",
                                        [NM_SD_BAD_SYNTAX] = "302 ERROR BAD SYNTAX",
                                        [NM_SD_BAD_VALUE] = "303 ERROR INVALID PARAMETER OR VALUE"};
  reply(m, replies[nm_sd_settings_read(&m->settings, event->text, event->len)]);
}

static void take_message(Module *m, const NmSdEvent *event)
{
  if (event->verb != NM_SD_SPEAK && event->verb != NM_SD_CHAR && strchr(event->text, '\n')) {
    reply(m, "305 DATA MORE THAN ONE LINE");
    return;
  }
  char *ssml = m->speaker && !event->is_too_long
                   ? nm_sd_message_compose(event->verb, event->text, event->len, &m->settings)
                   : NULL;
  if (!ssml || !nm_sd_speaker_speak(m->speaker, ssml, &m->settings)) reply(m, "301 ERROR CANT SPEAK");
}

static void await_block(Module *m, NmSdVerb verb)
{
  reply(m, verb == NM_SD_SET        ? "203 OK RECEIVING SETTINGS"
           : verb == NM_SD_AUDIO    ? "207 OK RECEIVING AUDIO SETTINGS"
           : verb == NM_SD_LOGLEVEL ? "207 OK RECEIVING LOGLEVEL SETTINGS"
                                    : "202 OK RECEIVING MESSAGE");
}

static void take_block(Module *m, const NmSdEvent *event)
{
  switch (event->verb) {
  case NM_SD_AUDIO: take_audio(m, event); break;
  case NM_SD_LOGLEVEL: reply(m, "203 OK LOGLEVEL SET"); break;
  case NM_SD_SET: take_settings(m, event); break;
  default: take_message(m, event);
  }
}

static void take_event(void *user, const NmSdEvent *event)
{
  Module *m = user;
  if (m->is_over) return;
  if (event->awaits_block) {
    await_block(m, event->verb);
    return;
  }
  switch (event->verb) {
  case NM_SD_INIT: init(m); break;
  case NM_SD_LIST_VOICES: list_voices(m); break;
  case NM_SD_STOP:
    if (m->speaker) nm_sd_speaker_stop(m->speaker);
    break;
  case NM_SD_PAUSE:
    if (m->speaker) nm_sd_speaker_pause(m->speaker);
    break;
  case NM_SD_DEBUG:
    reply(m, strcmp(event->text, "OFF") ? "200 OK DEBUGGING ON" : "200 OK DEBUGGING OFF");
    break;
  case NM_SD_QUIT:
    reply(m, "210 OK QUIT");
    m->is_over = true;
    break;
  case NM_SD_UNKNOWN: reply(m, "300 ERR UNKNOWN COMMAND"); break;
  default: take_block(m, event);
  }
}

int main(int argc, char **argv)
{
  static Module m;
  char bytes[4096];
  ssize_t n = 1;
  signal(SIGPIPE, SIG_IGN);
  m.settings = nm_sd_settings_defaults();
  if (argc > 1) read_config(&m.config, argv[1]);
  NmSdParser *parser = nm_sd_parser_new(take_event, &m);
  while (parser && n && !m.is_over) {
    n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 || !nm_sd_parser_feed(parser, bytes, (size_t)n)) break;
  }
  nm_sd_parser_free(parser);
  nm_sd_speaker_free(m.speaker);
  return 0;
}
