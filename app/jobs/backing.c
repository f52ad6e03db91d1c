// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/backing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/loudness.h"
#include "dsp/synth.h"
#include "models/song/lead_in.h"

struct NmBacking {
  NmHarmony *harmony;
  NmPerformance *performance;
  NmSynthEvent *events; // [n_events]
  int64_t n_events;
  NmSynth *synth;  // NULL: no parts
  char *soundfont; // NULL: the usual one
};

enum { N_BLOCK = 1024, MEASURED_FRAMES = 20 * NM_BACKING_RATE_HZ };

NmBackingStyle nm_backing_style_defaults(void)
{
  return (NmBackingStyle){.harmony = nm_harmony_style_defaults()};
}

int64_t nm_backing_add_lead_in(NmSong *song)
{
  return nm_song_add_lead_in(song, nm_performance_get_n_lead_in(song));
}

// Programs, then ends before beginnings.
static int compare_events(const void *a, const void *b)
{
  const NmSynthEvent *x = a, *y = b;
  if (x->frame != y->frame) return x->frame < y->frame ? -1 : 1;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  if (x->channel != y->channel) return x->channel < y->channel ? -1 : 1;
  return (x->key > y->key) - (x->key < y->key);
}

static NmStatus make_events(NmBacking *backing)
{
  const NmPerformance *performance = backing->performance;
  size_t n = 0;
  for (int32_t p = 0; p < performance->n_parts; ++p) n += 1 + 2 * (size_t)performance->parts[p].n_notes;
  backing->events = malloc((n + 1) * sizeof *backing->events);
  if (!backing->events) return NM_ERR_NO_MEMORY;
  NmSynthEvent *event = backing->events;
  for (int32_t p = 0; p < performance->n_parts; ++p) {
    const NmPart *part = &performance->parts[p];
    const uint8_t channel = (uint8_t)part->channel;
    *event++ = (NmSynthEvent){0, NM_SYNTH_PROGRAM, channel, (uint8_t)part->program, 0};
    for (int32_t i = 0; i < part->n_notes; ++i) {
      const NmPerformanceNote *note = &part->notes[i];
      *event++ = (NmSynthEvent){note->frame, NM_SYNTH_NOTE_ON, channel, note->key, note->velocity};
      *event++ = (NmSynthEvent){note->frame_end, NM_SYNTH_NOTE_OFF, channel, note->key, 0};
    }
  }
  backing->n_events = (int64_t)n;
  qsort(backing->events, n, sizeof *backing->events, compare_events);
  return NM_OK;
}

static NmSynth *make_synth(const NmBacking *backing, NmError *err)
{
  const NmPerformance *performance = backing->performance;
  uint8_t channels[NM_PERFORMANCE_PARTS_MAX];
  for (int32_t p = 0; p < performance->n_parts; ++p) channels[p] = (uint8_t)performance->parts[p].channel;
  const NmSynthConfig config = {.soundfont = backing->soundfont,
                                .channels = channels,
                                .n_channels = performance->n_parts,
                                .events = backing->events,
                                .n_events = backing->n_events};
  return nm_synth_new(&config, err);
}

static NmStatus start_synth(NmBacking *backing, const char *soundfont, NmError *err)
{
  NmError own = {0};
  if (backing->performance->n_parts == 0) return NM_OK;
  if (make_events(backing)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (soundfont && !(backing->soundfont = strdup(soundfont)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  backing->synth = make_synth(backing, &own);
  if (!backing->synth && err) *err = own;
  return own.status;
}

static NmStatus prepare(NmBacking *backing, const NmSong *song, const NmBackingStyle *style, NmError *err)
{
  const NmPerformanceStyle playing = {.mood = style->has_mood ? style->mood : nm_mood_of_song(song),
                                      .transpose = style->transpose,
                                      .seed = style->seed};
  NmError own = {0};
  backing->harmony = nm_harmony_new(song, &style->harmony, &own);
  if (backing->harmony && nm_harmony_wish(backing->harmony, song, style->wishes, style->n_wishes))
    nm_error_set(&own, NM_ERR_NO_MEMORY, "out of memory");
  if (backing->harmony && !own.status)
    backing->performance = nm_performance_new(song, backing->harmony, &playing, &own);
  if (backing->performance) return start_synth(backing, style->soundfont, err);
  if (err) *err = own;
  return own.status;
}

NmBacking *nm_backing_new(const NmSong *song, const NmBackingStyle *style, NmError *err)
{
  const NmBackingStyle defaults = nm_backing_style_defaults();
  NmBacking *backing = calloc(1, sizeof *backing);
  if (!backing) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  if (!prepare(backing, song, style ? style : &defaults, err)) return backing;
  nm_backing_free(backing);
  return NULL;
}

void nm_backing_free(NmBacking *backing)
{
  if (!backing) return;
  nm_synth_free(backing->synth);
  free(backing->events);
  free(backing->soundfont);
  nm_performance_free(backing->performance);
  nm_harmony_free(backing->harmony);
  free(backing);
}

const NmHarmony *nm_backing_get_harmony(const NmBacking *backing)
{
  return backing->harmony;
}

const NmPerformance *nm_backing_get_performance(const NmBacking *backing)
{
  return backing->performance;
}

int64_t nm_backing_get_len(const NmBacking *backing)
{
  return backing->synth ? backing->performance->n_frames + NM_SYNTH_TAIL_FRAMES : 0;
}

NmStatus nm_backing_process(NmBacking *backing, float *const *out, int64_t n)
{
  return backing->synth ? nm_synth_process(backing->synth, out, n) : NM_OK;
}

// --- loudness ---

// A synthesizer at its beginning and what hears it.
typedef struct {
  NmSynth *synth;
  NmLoudness loudness[NM_PERFORMANCE_PARTS_MAX];
  float blocks[2 * NM_PERFORMANCE_PARTS_MAX][N_BLOCK], pair[2 * N_BLOCK];
} SoundCheck;

static NmStatus hear_block(SoundCheck *check, int32_t n_parts)
{
  float *out[2 * NM_PERFORMANCE_PARTS_MAX];
  for (int32_t i = 0; i < 2 * n_parts; ++i) out[i] = check->blocks[i];
  const NmStatus status = nm_synth_process(check->synth, out, N_BLOCK);
  for (int32_t p = 0; p < n_parts && !status; ++p) {
    for (int i = 0; i < N_BLOCK; ++i) {
      check->pair[2 * i] = out[2 * p][i];
      check->pair[2 * i + 1] = out[2 * p + 1][i];
    }
    nm_loudness_process(&check->loudness[p], check->pair, N_BLOCK);
  }
  return status;
}

NmStatus nm_backing_measure(const NmBacking *backing, double *lufs)
{
  const int32_t n_parts = backing->performance->n_parts;
  if (n_parts == 0) return NM_OK;
  SoundCheck *check = malloc(sizeof *check);
  if (!check) return NM_ERR_NO_MEMORY;
  NmStatus status = NM_OK;
  check->synth = make_synth(backing, NULL);
  if (!check->synth) status = NM_ERR_NO_MEMORY;
  for (int32_t p = 0; p < n_parts; ++p) nm_loudness_init(&check->loudness[p], NM_BACKING_RATE_HZ, 2);
  const int64_t len = backing->performance->n_frames;
  for (int64_t at = 0; at < MEASURED_FRAMES && at < len && !status; at += N_BLOCK)
    status = hear_block(check, n_parts);
  for (int32_t p = 0; p < n_parts; ++p) lufs[p] = nm_loudness_get_lufs(&check->loudness[p]);
  nm_synth_free(check->synth);
  free(check);
  return status;
}
