// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/synth.h"

#include <dlfcn.h>
#include <fluidsynth.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/map.h"
#include "dsp/soundfont.h"

enum { CHANNEL_DRUMS = 9, BANK_DRUMS = 128, N_OUTS = 2 * NM_SYNTH_CHANNELS };

struct NmSynth {
  fluid_settings_t *settings;
  fluid_synth_t *fluid;
  int sfont;
  const NmSynthEvent *events; // [n_events]
  int64_t n_events, i_event;
  int64_t at; // frame of the block's beginning
  int n_held; // frames of the block that are not handed out yet
  int n_channels;
  int8_t place[NM_SYNTH_CHANNELS];    // of a MIDI channel among those that are heard; -1: it is not
  float block[N_OUTS][NM_SYNTH_GRID]; // left, right of every channel that is heard
};

// --- the library ---

// FluidSynth brings forty libraries of sound servers and windows with it, which would double the time that
// the program needs to start: it is loaded by the first synthesizer.
#define CALLS(X)                                                                                             \
  X(new_fluid_settings)                                                                                      \
  X(delete_fluid_settings)                                                                                   \
  X(fluid_settings_setint)                                                                                   \
  X(fluid_settings_setnum)                                                                                   \
  X(fluid_set_log_function)                                                                                  \
  X(new_fluid_synth)                                                                                         \
  X(delete_fluid_synth)                                                                                      \
  X(fluid_synth_sfload)                                                                                      \
  X(fluid_synth_program_select)                                                                              \
  X(fluid_synth_noteon)                                                                                      \
  X(fluid_synth_noteoff)                                                                                     \
  X(fluid_synth_process)

#define MEMBER(NAME) __typeof__(&NAME) NAME;
static struct {
  CALLS(MEMBER)
  bool loaded;
} fluid;

static void say_nothing(int level, const char *message, void *user) {}

static bool find_call(void *library, const char *name, void *call, size_t size)
{
  void *found = dlsym(library, name);
  memcpy(call, &found, size); // C has no cast from a pointer to data to one to a function
  return found;
}

static void load(void)
{
  void *library = dlopen("libfluidsynth.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
#define FIND(NAME) &&find_call(library, #NAME, &fluid.NAME, sizeof fluid.NAME)
  fluid.loaded = true CALLS(FIND);
  if (!fluid.loaded) return;
  for (int level = FLUID_PANIC; level < LAST_LOG_LEVEL; ++level)
    fluid.fluid_set_log_function(level, say_nothing, NULL);
}

// --- making it ---

static fluid_settings_t *make_settings(int n_channels)
{
  const struct {
    const char *name;
    int value;
  } integers[] = {{"synth.audio-channels", n_channels},
                  {"synth.audio-groups", n_channels},
                  {"synth.reverb.active", 0},
                  {"synth.chorus.active", 0},
                  {"synth.cpu-cores", 1},
                  {"synth.threadsafe-api", 0},
                  {"synth.lock-memory", 0},
                  {"synth.dynamic-sample-loading", 1},
                  {"synth.polyphony", 256}};
  fluid_settings_t *settings = fluid.new_fluid_settings();
  if (!settings) return NULL;
  for (size_t i = 0; i < sizeof integers / sizeof *integers; ++i)
    fluid.fluid_settings_setint(settings, integers[i].name, integers[i].value);
  fluid.fluid_settings_setnum(settings, "synth.sample-rate", NM_SYNTH_RATE_HZ);
  fluid.fluid_settings_setnum(settings, "synth.gain", .5);
  return settings;
}

static bool are_events_fine(const NmSynthConfig *config)
{
  for (int64_t i = 0; i < config->n_events; ++i) {
    const NmSynthEvent *event = &config->events[i];
    if (event->channel >= NM_SYNTH_CHANNELS || event->key > 127 || event->velocity > 127) return false;
    if (event->frame < (i ? event[-1].frame : 0)) return false;
  }
  for (int c = 0; c < config->n_channels; ++c)
    if (config->channels[c] >= NM_SYNTH_CHANNELS) return false;
  return config->n_channels >= 1 && config->n_channels <= NM_SYNTH_CHANNELS;
}

// FluidSynth says little about a file that it cannot read, and its helpers say it on standard error.
static NmStatus check_soundfont(const char *path, NmError *err)
{
  NmMap map;
  NmStatus status = nm_map_open(&map, path, err);
  if (!status) status = nm_soundfont_check(map.data, map.size, path, err);
  nm_map_close(&map);
  return status;
}

static NmStatus open_soundfont(NmSynth *synth, const char *path, NmError *err)
{
  char found[4096];
  NmStatus status = nm_soundfont_find(path, found, sizeof found, err);
  if (!status) status = check_soundfont(found, err);
  if (status) return status;
  synth->sfont = fluid.fluid_synth_sfload(synth->fluid, found, 1);
  if (synth->sfont != FLUID_FAILED) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s: this soundfont is damaged", found);
}

static NmStatus start(NmSynth *synth, const NmSynthConfig *config, NmError *err)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  if (!fluid.loaded)
    return nm_error_set(
        err, NM_ERR_UNSUPPORTED,
        "there are no instruments without FluidSynth: install the Debian package libfluidsynth3");
  synth->settings = make_settings(synth->n_channels);
  synth->fluid = synth->settings ? fluid.new_fluid_synth(synth->settings) : NULL;
  if (!synth->fluid) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return open_soundfont(synth, config->soundfont, err);
}

NmSynth *nm_synth_new(const NmSynthConfig *config, NmError *err)
{
  if (!are_events_fine(config)) {
    nm_error_set(err, NM_ERR_BAD_ARG, "events of a synthesizer are out of order or range");
    return NULL;
  }
  NmSynth *synth = calloc(1, sizeof *synth);
  if (!synth) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  synth->events = config->events;
  synth->n_events = config->n_events;
  synth->n_channels = config->n_channels;
  memset(synth->place, -1, sizeof synth->place);
  for (int c = 0; c < config->n_channels; ++c) synth->place[config->channels[c]] = (int8_t)c;
  if (!start(synth, config, err)) return synth;
  nm_synth_free(synth);
  return NULL;
}

void nm_synth_free(NmSynth *synth)
{
  if (!synth) return;
  if (synth->fluid) fluid.delete_fluid_synth(synth->fluid);
  if (synth->settings) fluid.delete_fluid_settings(synth->settings);
  free(synth);
}

// --- sound ---

// What a soundfont lacks, it plays as silence.
static void play(NmSynth *synth, const NmSynthEvent *event)
{
  const int channel = synth->place[event->channel];
  if (channel < 0) return;
  switch (event->kind) {
  case NM_SYNTH_PROGRAM:
    fluid.fluid_synth_program_select(synth->fluid, channel, synth->sfont,
                                     event->channel == CHANNEL_DRUMS ? BANK_DRUMS : 0, event->key);
    break;
  case NM_SYNTH_NOTE_ON: fluid.fluid_synth_noteon(synth->fluid, channel, event->key, event->velocity); break;
  default: fluid.fluid_synth_noteoff(synth->fluid, channel, event->key);
  }
}

static NmStatus fill_block(NmSynth *synth)
{
  float *outs[N_OUTS];
  const int n_outs = 2 * synth->n_channels;
  for (int i = 0; i < n_outs; ++i) outs[i] = synth->block[i];
  while (synth->i_event < synth->n_events &&
         synth->events[synth->i_event].frame < synth->at + NM_SYNTH_GRID / 2)
    play(synth, &synth->events[synth->i_event++]);
  memset(synth->block, 0, (size_t)n_outs * sizeof synth->block[0]);
  synth->at += NM_SYNTH_GRID;
  synth->n_held = NM_SYNTH_GRID;
  return fluid.fluid_synth_process(synth->fluid, NM_SYNTH_GRID, 0, NULL, n_outs, outs) == FLUID_OK
             ? NM_OK
             : NM_ERR_NO_MEMORY;
}

NmStatus nm_synth_process(NmSynth *synth, float *const *out, int64_t n)
{
  for (int64_t done = 0; done < n;) {
    if (synth->n_held == 0 && fill_block(synth)) return NM_ERR_NO_MEMORY;
    const int64_t n_now = n - done < synth->n_held ? n - done : synth->n_held;
    const int from = NM_SYNTH_GRID - synth->n_held;
    for (int c = 0; c < 2 * synth->n_channels; ++c)
      memcpy(out[c] + done, synth->block[c] + from, (size_t)n_now * sizeof *out[c]);
    synth->n_held -= (int)n_now;
    done += n_now;
  }
  return NM_OK;
}
