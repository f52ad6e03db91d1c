// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/speechd/protocol.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  char *bytes; // [len], and a zero
  size_t len, capacity;
  bool is_too_long;
} Buffer;

struct NmSdParser {
  NmSdHandler handler;
  void *user;
  Buffer line, block;
  NmSdVerb verb; // whose block comes
  bool in_block;
  size_t n_lines; // of the block so far
};

static const struct {
  const char *name;
  NmSdVerb verb;
} verbs[] = {{"INIT", NM_SD_INIT},         {"LIST VOICES", NM_SD_LIST_VOICES},
             {"STOP", NM_SD_STOP},         {"PAUSE", NM_SD_PAUSE},
             {"QUIT", NM_SD_QUIT},         {"AUDIO", NM_SD_AUDIO},
             {"LOGLEVEL", NM_SD_LOGLEVEL}, {"SET", NM_SD_SET},
             {"SPEAK", NM_SD_SPEAK},       {"CHAR", NM_SD_CHAR},
             {"KEY", NM_SD_KEY},           {"SOUND_ICON", NM_SD_SOUND_ICON}};

NmSdParser *nm_sd_parser_new(NmSdHandler handler, void *user)
{
  NmSdParser *parser = calloc(1, sizeof *parser);
  if (!parser) return NULL;
  parser->handler = handler;
  parser->user = user;
  return parser;
}

void nm_sd_parser_free(NmSdParser *parser)
{
  if (!parser) return;
  free(parser->line.bytes);
  free(parser->block.bytes);
  free(parser);
}

static void empty(Buffer *buffer)
{
  buffer->len = 0;
  buffer->is_too_long = false;
  if (buffer->bytes) buffer->bytes[0] = '\0';
}

// Beyond `max` bytes nothing is kept.
static bool append(Buffer *buffer, const char *bytes, size_t n, size_t max)
{
  if (buffer->is_too_long || n > max - buffer->len) {
    buffer->is_too_long = true;
    return true;
  }
  if (buffer->len + n >= buffer->capacity) {
    const size_t capacity = 2 * (buffer->len + n) + 256;
    char *moved = realloc(buffer->bytes, capacity);
    if (!moved) return false;
    buffer->bytes = moved;
    buffer->capacity = capacity;
  }
  if (n) memcpy(buffer->bytes + buffer->len, bytes, n);
  buffer->len += n;
  buffer->bytes[buffer->len] = '\0';
  return true;
}

static void tell(const NmSdParser *parser, NmSdEvent event)
{
  if (!event.text) event.text = "";
  parser->handler(parser->user, &event);
}

static NmSdVerb find_verb(const char *line)
{
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; ++i)
    if (!strcmp(line, verbs[i].name)) return verbs[i].verb;
  return strncmp(line, "DEBUG ", 6) ? NM_SD_UNKNOWN : NM_SD_DEBUG;
}

static bool is_line(const Buffer *line, const char *text)
{
  return line->len == strlen(text) && !memcmp(line->bytes, text, line->len);
}

static void end_block(NmSdParser *parser)
{
  parser->in_block = false;
  const bool too_long = parser->block.is_too_long;
  tell(parser, (NmSdEvent){.verb = parser->verb,
                           .is_too_long = too_long,
                           .text = too_long ? "" : parser->block.bytes,
                           .len = too_long ? 0 : parser->block.len});
  empty(&parser->block);
}

// A line that is a dot is written as two.
static bool take_block_line(NmSdParser *parser)
{
  Buffer *line = &parser->line;
  if (is_line(line, ".")) {
    end_block(parser);
    return true;
  }
  const size_t skip = is_line(line, "..") ? 1 : 0;
  if (parser->n_lines++ && !append(&parser->block, "\n", 1, NM_SD_BLOCK_MAX)) return false;
  if (line->is_too_long) parser->block.is_too_long = true;
  return append(&parser->block, line->bytes + skip, line->len - skip, NM_SD_BLOCK_MAX);
}

static void take_command(NmSdParser *parser)
{
  Buffer *line = &parser->line;
  while (line->len && strchr(" \t\r", line->bytes[line->len - 1])) line->bytes[--line->len] = '\0';
  const bool is_odd = line->is_too_long || strlen(line->bytes) != line->len;
  NmSdEvent event = {.verb = is_odd ? NM_SD_UNKNOWN : find_verb(line->bytes)};
  event.awaits_block = event.verb >= NM_SD_AUDIO;
  if (event.verb == NM_SD_DEBUG) {
    event.text = line->bytes + 6;
    event.len = line->len - 6;
  }
  parser->verb = event.verb;
  parser->in_block = event.awaits_block;
  parser->n_lines = 0;
  tell(parser, event);
}

static bool take_line(NmSdParser *parser)
{
  bool done = append(&parser->line, "", 0, NM_SD_BLOCK_MAX);
  if (done && parser->in_block)
    done = take_block_line(parser);
  else if (done)
    take_command(parser);
  empty(&parser->line);
  return done;
}

bool nm_sd_parser_feed(NmSdParser *parser, const char *bytes, size_t n)
{
  for (size_t i = 0; i < n;) {
    const char *end = memchr(bytes + i, '\n', n - i);
    const size_t len = end ? (size_t)(end - bytes) - i : n - i;
    const size_t max = parser->in_block ? NM_SD_BLOCK_MAX : NM_SD_LINE_MAX;
    if (!append(&parser->line, bytes + i, len, max)) return false;
    if (end && !take_line(parser)) return false;
    i += len + (end != NULL);
  }
  return true;
}
