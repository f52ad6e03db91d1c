// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/sing.h"

#include <stdlib.h>

struct NmSinger {
  NmText *text;   // borrowed, may be NULL
  NmVoice *voice; // borrowed
};

NmSingStyle nm_sing_style_defaults(void)
{
  return (NmSingStyle){.as = 1,
                       .portamento_s = .09,
                       .vibrato_cents = 35,
                       .vibrato_hz = 5.5,
                       .vibrato_delay_s = .3,
                       .drift_cents = 3,
                       .arc_db = 3,
                       .accent_db = 1,
                       .breaths = true,
                       .consonants = 1,
                       .transpose = NM_SING_TRANSPOSE_AUTO,
                       .verse = 1};
}

NmSinger *nm_singer_new(NmText *text, NmVoice *voice)
{
  NmSinger *singer = calloc(1, sizeof *singer);
  if (singer) *singer = (NmSinger){text, voice};
  return singer;
}

void nm_singer_free(NmSinger *singer)
{
  free(singer);
}
