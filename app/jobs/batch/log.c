// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/log.h"

#include <stdio.h>
#include <string.h>

#include "app/jobs/batch/text.h"

enum { N_LOG_MAX = 1 << 16, N_WARNINGS_MAX = 20 };

static void read_line(char *line, json_t *warnings, char *reason)
{
  static const char us[] = "neume: ", warning[] = "warning: ";
  if (!strncmp(line, us, sizeof us - 1)) line += sizeof us - 1;
  if (strncmp(line, warning, sizeof warning - 1)) {
    if (*line) snprintf(reason, NM_BATCH_REASON_SIZE, "%s", line);
  } else if (json_array_size(warnings) < N_WARNINGS_MAX) {
    json_array_append_new(warnings, nm_batch_text_encode(line + sizeof warning - 1));
  }
}

void nm_batch_log_read(const char *path, json_t *warnings, char reason[NM_BATCH_REASON_SIZE])
{
  static char text[N_LOG_MAX + 1];
  char *rest = text, *line;
  FILE *file = fopen(path, "re");
  *reason = '\0';
  if (!file) return;
  if (fseek(file, -N_LOG_MAX, SEEK_END)) rewind(file);
  text[fread(text, 1, N_LOG_MAX, file)] = '\0';
  fclose(file);
  while ((line = strsep(&rest, "\n"))) read_line(line, warnings, reason);
}
