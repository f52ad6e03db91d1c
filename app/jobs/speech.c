// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/speech.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/assets.h"
#include "app/clock.h"
#include "app/jobs/resident.h"

// More threads than this gain nothing on the shapes of a sentence.
enum { N_THREADS_USEFUL = 4 };

static int choose_threads(int n_threads)
{
  const long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (n_threads > 0) return n_threads;
  return n_processors < 1 ? 1 : n_processors < N_THREADS_USEFUL ? (int)n_processors : N_THREADS_USEFUL;
}

// The spelling of unknown words is the one asset that speech can do without.
static NmStatus open_text(NmSpeech *speech, NmError *err)
{
  char lexicon[PATH_MAX], g2p[PATH_MAX];
  NmStatus status = nm_assets_find("english.lexicon", lexicon, err);
  if (status) return status;
  const bool has_g2p = !nm_assets_find("g2p.safetensors", g2p, NULL);
  speech->text = nm_text_new(lexicon, has_g2p ? g2p : NULL, err);
  return speech->text ? NM_OK : err->status;
}

static NmStatus open_voice(NmSpeech *speech, NmError *err)
{
  char acoustic[PATH_MAX], vocoder[PATH_MAX];
  NmStatus status = nm_assets_find("voice.safetensors", acoustic, err);
  if (!status) status = nm_assets_find("vocoder.safetensors", vocoder, err);
  if (status) return status;
  speech->voice = nm_voice_new(acoustic, vocoder, speech->pool, err);
  return speech->voice ? NM_OK : err->status;
}

NmStatus nm_speech_open(NmSpeech *speech, int n_threads, NmError *err)
{
  const double start = nm_clock_now();
  if (nm_resident_take_speech(speech, n_threads)) return NM_OK;
  *speech = (NmSpeech){0};
  speech->pool = nm_pool_new(choose_threads(n_threads));
  NmStatus status = speech->pool ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "cannot start the threads");
  if (!status) status = open_text(speech, err);
  if (!status) status = open_voice(speech, err);
  if (!status) speech->speaker = nm_speaker_new(speech->text, speech->voice);
  if (!status && !speech->speaker) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status) nm_speech_close(speech);
  speech->seconds_load = nm_clock_now() - start;
  return status;
}

void nm_speech_close(NmSpeech *speech)
{
  if (!nm_resident_keeps(speech->text)) {
    nm_speaker_free(speech->speaker);
    nm_voice_free(speech->voice);
    nm_text_free(speech->text);
    nm_pool_free(speech->pool);
  }
  *speech = (NmSpeech){0};
}

int nm_speech_find_speaker(const NmSpeech *speech, const char *name, NmError *err)
{
  char known[400] = "";
  const int speaker = name ? nm_voice_find_speaker(speech->voice, name) : 0;
  if (speaker >= 0) return speaker;
  for (int i = 0; i < nm_voice_get_n_speakers(speech->voice); i++) {
    const size_t len = strlen(known);
    snprintf(known + len, sizeof known - len, "%s%s", i ? ", " : "",
             nm_voice_get_speaker_name(speech->voice, i));
  }
  nm_error_set(err, NM_ERR_BAD_ARG, "there is no voice '%s'; there are: %s", name, known);
  return -1;
}
