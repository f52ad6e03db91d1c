// SPDX-License-Identifier: GPL-3.0-or-later
// Singing with a band: what a sing job needs beside the voice.
#ifndef NM_JOBS_SING_MIX_H
#define NM_JOBS_SING_MIX_H

#include "app/jobs/mix.h"
#include "models/sing/sing.h"

// Strings are borrowed until the mix is freed.
typedef struct {
  NmBackingStyle backing;
  NmMixStyle mix;
  const char *stems; // folder; NULL: none
} NmSingBand;

NmSingBand nm_sing_band_defaults(void);

// The band's way to where the voice is: the least transposition that differs from it by octaves.
int nm_sing_mix_fold(int32_t semitones);

typedef struct NmSingMix NmSingMix;

// The band of a song, a whole number of octaves from what the plan sings. `song` is not needed afterwards.
// NULL and `err`: as nm_backing_new and nm_mixer_new.
NmSingMix *nm_sing_mix_new(const NmSong *song, const NmSingPlan *plan, const NmSingBand *band, bool force,
                           NmMixSink sink, void *user, NmError *err);
void nm_sing_mix_free(NmSingMix *mix);

NmMixer *nm_sing_mix_get_mixer(const NmSingMix *mix);
const NmBacking *nm_sing_mix_get_backing(const NmSingMix *mix);

#endif
