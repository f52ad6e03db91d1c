// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/sing.h"
#include <stdlib.h>
NmSingPlan *nm_sing_plan_new(NmSinger *singer, const NmSong *song, const NmSingStyle *style,
                             void (*note)(void *user, const char *message), void *user, NmError *err)
{
  nm_error_set(err, NM_ERR_UNSUPPORTED, "singing is not there yet");
  return NULL;
}
void nm_sing_plan_free(NmSingPlan *plan) {}
int32_t nm_sing_plan_get_n_phrases(const NmSingPlan *plan)
{
  return 0;
}
const NmSingPhrase *nm_sing_plan_get_phrase(const NmSingPlan *plan, int32_t i)
{
  return NULL;
}
int64_t nm_sing_plan_get_n_samples(const NmSingPlan *plan)
{
  return 0;
}
int64_t nm_sing_plan_get_lead_in(const NmSingPlan *plan)
{
  return 0;
}
const NmSingReport *nm_sing_plan_get_report(const NmSingPlan *plan)
{
  return NULL;
}
NmStatus nm_sing_plan_tell(const NmSingPlan *plan,
                           NmStatus (*timing)(void *user, const NmTiming *timing, NmError *err), void *user,
                           NmError *err)
{
  return nm_error_set(err, NM_ERR_UNSUPPORTED, "singing is not there yet");
}
NmStatus nm_singer_sing_phrase(NmSinger *singer, const NmSingPlan *plan, int32_t i, float *samples,
                               NmError *err)
{
  return nm_error_set(err, NM_ERR_UNSUPPORTED, "singing is not there yet");
}
NmSingStream *nm_sing_stream_new(NmSinger *singer, const NmSingPlan *plan, NmSingFetch fetch, void *user)
{
  return NULL;
}
void nm_sing_stream_free(NmSingStream *stream) {}
NmStatus nm_sing_stream_process(NmSingStream *stream, float *samples, int64_t n, NmError *err)
{
  return nm_error_set(err, NM_ERR_UNSUPPORTED, "singing is not there yet");
}
NmSong *nm_sing_unfold(const NmSong *song, NmError *err)
{
  nm_error_set(err, NM_ERR_UNSUPPORTED, "singing is not there yet");
  return NULL;
}
