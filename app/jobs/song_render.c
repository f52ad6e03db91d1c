// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/song_render.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/interrupt.h"
#include "dsp/tone.h"
#include "models/speech/voice.h"

enum { N_BLOCK = 4096, VELOCITY_USUAL = 90 };
static const double peak_loudest = .4;

typedef struct {
  int64_t onset; // sample
  NmTone tone;
} Note;

struct NmSongRender {
  Note *notes; // [n]
  int32_t n;
  int32_t first; // the first that sounds yet
  int64_t at, len;
};

static Note make_note(const NmSong *song, const NmSongNote *note)
{
  const int velocity = note->velocity ? note->velocity : VELOCITY_USUAL;
  const int64_t onset = llround(nm_song_get_seconds(song, note->onset) * NM_VOICE_RATE_HZ);
  const int64_t end = llround(nm_song_get_seconds(song, note->onset + note->len) * NM_VOICE_RATE_HZ);
  return (Note){.onset = onset,
                .tone = {.rate_hz = NM_VOICE_RATE_HZ,
                         .f0_hz = 440 * exp2((note->pitch - 69) / 12.),
                         .peak = peak_loudest * velocity / 127,
                         .n_held = end - onset}};
}

NmSongRender *nm_song_render_new(const NmSong *song, NmError *err)
{
  if (nm_song_get_seconds(song, nm_song_get_end(song)) > NM_SONG_RENDER_S_MAX) {
    nm_error_set(err, NM_ERR_UNSUPPORTED, "the song is longer than %d hours", NM_SONG_RENDER_S_MAX / 3600);
    return NULL;
  }
  NmSongRender *render = calloc(1, sizeof *render);
  if (render) render->notes = malloc(((size_t)song->n_notes + 1) * sizeof *render->notes);
  if (!render || !render->notes) {
    free(render);
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  for (; render->n < song->n_notes; ++render->n) {
    const Note note = make_note(song, &song->notes[render->n]);
    render->notes[render->n] = note;
    render->len = note.onset + nm_tone_get_len(&note.tone);
  }
  return render;
}

void nm_song_render_free(NmSongRender *render)
{
  if (!render) return;
  free(render->notes);
  free(render);
}

int64_t nm_song_render_get_len(const NmSongRender *render)
{
  return render->len;
}

void nm_song_render_process(NmSongRender *render, float *out, int64_t n)
{
  memset(out, 0, (size_t)n * sizeof *out);
  for (int32_t i = render->first; i < render->n && render->notes[i].onset < render->at + n; ++i) {
    const Note *note = &render->notes[i];
    if (i == render->first && note->onset + nm_tone_get_len(&note->tone) <= render->at)
      ++render->first;
    else
      nm_tone_add(&note->tone, render->at - note->onset, out, n);
  }
  render->at += n;
}

static NmStatus run(NmSongRender *render, NmAudioOut *out, NmError *err)
{
  float block[N_BLOCK];
  NmStatus status = NM_OK;
  for (int64_t left = render->len; left > 0 && !status; left -= N_BLOCK) {
    const int64_t n = left < N_BLOCK ? left : N_BLOCK;
    nm_song_render_process(render, block, n);
    status = nm_audio_out_write(out, block, n, err);
    if (!status && nm_interrupt_seen()) status = nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
  }
  return status ? status : nm_audio_out_finish(out, err);
}

NmStatus nm_song_render_run(const NmSong *song, NmAudioOut *out, NmError *err)
{
  NmError own = {0};
  NmSongRender *render = nm_song_render_new(song, &own);
  if (!render) {
    if (err) *err = own;
    return own.status;
  }
  const NmStatus status = run(render, out, err);
  nm_song_render_free(render);
  return status;
}
