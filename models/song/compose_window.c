// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/compose_window.h"

enum { SYLLABLES_ANEW = 160, LINES_BEFORE = 4, LINES_BEHIND = 4 };

int32_t nm_compose_count_syllables(const NmMelodyPlan *plan, int32_t line, int32_t end)
{
  return plan->line_first[end] - plan->line_first[line];
}

NmComposeWindow nm_compose_window(const NmMelodyPlan *plan, const NmLyricToken *tokens, int32_t line)
{
  int32_t end = line + 1, stanza = -1;
  while (end < plan->n_lines && nm_compose_count_syllables(plan, line, end + 1) <= SYLLABLES_ANEW) {
    ++end;
    if (2 * nm_compose_count_syllables(plan, line, end) > SYLLABLES_ANEW &&
        tokens[plan->line_first[end] - 1].end >= NM_END_STANZA)
      stanza = end;
  }
  if (end < plan->n_lines && stanza > 0) end = stanza;
  return (NmComposeWindow){.first = line > LINES_BEFORE ? line - LINES_BEFORE : 0,
                           .line = line,
                           .end = end,
                           .last = end + LINES_BEHIND < plan->n_lines ? end + LINES_BEHIND : plan->n_lines};
}
