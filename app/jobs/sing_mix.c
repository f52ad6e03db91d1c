// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/sing_mix.h"

#include <stdlib.h>

struct NmSingMix {
  NmBacking *backing;
  NmMixer *mixer;
};

NmSingBand nm_sing_band_defaults(void)
{
  return (NmSingBand){.backing = nm_backing_style_defaults(), .mix = nm_mix_style_defaults()};
}

int nm_sing_mix_fold(int32_t semitones)
{
  const int rest = (int)(semitones % 12);
  return rest > 6 ? rest - 12 : rest < -6 ? rest + 12 : rest;
}

NmSingMix *nm_sing_mix_new(const NmSong *song, const NmSingPlan *plan, const NmSingBand *band, bool force,
                           NmMixSink sink, void *user, NmError *err)
{
  NmSingMix *mix = calloc(1, sizeof *mix);
  if (!mix) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  NmBackingStyle style = band->backing;
  style.transpose = nm_sing_mix_fold(nm_sing_plan_get_report(plan)->transpose);
  mix->backing = nm_backing_new(song, &style, err);
  if (mix->backing) {
    const NmMixConfig config = {.backing = mix->backing,
                                .style = &band->mix,
                                .sink = sink,
                                .user = user,
                                .stems = band->stems,
                                .force = force};
    mix->mixer = nm_mixer_new(&config, err);
  }
  if (mix->mixer) return mix;
  nm_sing_mix_free(mix);
  return NULL;
}

void nm_sing_mix_free(NmSingMix *mix)
{
  if (!mix) return;
  nm_mixer_free(mix->mixer);
  nm_backing_free(mix->backing);
  free(mix);
}

NmMixer *nm_sing_mix_get_mixer(const NmSingMix *mix)
{
  return mix->mixer;
}

const NmBacking *nm_sing_mix_get_backing(const NmSingMix *mix)
{
  return mix->backing;
}
