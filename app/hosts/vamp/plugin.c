// SPDX-License-Identifier: GPL-3.0-or-later
// How music feels, as a Vamp plug-in (vamp.h, C interface version 2): valence, arousal and confidence for
// every half second, and where the mood changes. Rows are those of `neume emotion`; they come up to 28 s late
// and bear their own time.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vamp/vamp.h>

#include "app/hosts/neume.h"

enum { VALENCE, AROUSAL, CONFIDENCE, MOODS, N_OUTPUTS };
enum { CHANNELS_MAX = 64, BLOCK_PREFERRED = 1024, LABEL_LEN = 24 };

static const double change_usual = .15;

// What a feature points to.
typedef struct {
  float values[2];
  char label[LABEL_LEN]; // "": none
  double len_s;          // of outputs with durations
} Content;

// Features of one output. Durations follow behind all of them (vamp.h).
typedef struct {
  VampFeatureUnion *features; // [2 * capacity]
  Content *contents;          // [capacity]
  unsigned n, capacity;
} Features;

typedef struct {
  NeumeContext *context;
  NeumeEmotion *emotion; // NULL before it is initialised
  float rate_hz, change;
  unsigned n_channels, len_step, len_block;
  float *mono;     // [len_block] of the last block
  unsigned n_held; // zeros that are heard when something follows
  int has_begun;
  double start_s; // when the first block stands
  Features outputs[N_OUTPUTS];
  VampFeatureList lists[N_OUTPUTS];
} Plugin;

// --- what it is ---

static const VampParameterDescriptor parameter_change = {
    .identifier = "change",
    .name = "Change of mood",
    .description = "How far apart two moods must be, over ten seconds, to be two",
    .unit = "",
    .minValue = .01f,
    .maxValue = 2,
    .defaultValue = .15f};
static const VampParameterDescriptor *parameters[] = {&parameter_change};

static const char *value_names[] = {""}, *mood_names[] = {"valence", "arousal"};

#define OF_ROWS(ID, NAME, TEXT, LOW)                                                                         \
  {                                                                                                          \
    .identifier = ID, .name = NAME, .description = TEXT, .unit = "", .hasFixedBinCount = 1, .binCount = 1,   \
    .binNames = value_names, .hasKnownExtents = 1, .minValue = LOW, .maxValue = 1,                           \
    .sampleType = vampVariableSampleRate, .sampleRate = 2                                                    \
  }

static VampOutputDescriptor described[N_OUTPUTS] = {
    [VALENCE] = OF_ROWS("valence", "Valence", "Unpleasant (-1) to pleasant (1), each half second", -1),
    [AROUSAL] = OF_ROWS("arousal", "Arousal", "Calm (-1) to excited (1), each half second", -1),
    [CONFIDENCE] = OF_ROWS("confidence", "Confidence", "How sure both are, from 0 to 1", 0),
    [MOODS] = {.identifier = "moods",
               .name = "Moods",
               .description = "Where the mood changes: a name, valence and arousal of each part",
               .unit = "",
               .hasFixedBinCount = 1,
               .binCount = 2,
               .binNames = mood_names,
               .hasKnownExtents = 1,
               .minValue = -1,
               .maxValue = 1,
               .sampleType = vampVariableSampleRate,
               .hasDuration = 1}};

static unsigned get_n_outputs(VampPluginHandle handle)
{
  return N_OUTPUTS;
}

static VampOutputDescriptor *get_output(VampPluginHandle handle, unsigned i)
{
  return i < N_OUTPUTS ? &described[i] : NULL;
}

static void release_output(VampOutputDescriptor *output) {}

static unsigned get_preferred_len(VampPluginHandle handle)
{
  return BLOCK_PREFERRED;
}

static unsigned get_n_channels_min(VampPluginHandle handle)
{
  return 1;
}

static unsigned get_n_channels_max(VampPluginHandle handle)
{
  return CHANNELS_MAX;
}

static unsigned get_program(VampPluginHandle handle)
{
  return 0;
}

static void select_program(VampPluginHandle handle, unsigned i) {}

static float get_parameter(VampPluginHandle handle, int i)
{
  return i == 0 ? ((const Plugin *)handle)->change : 0;
}

static void set_parameter(VampPluginHandle handle, int i, float value)
{
  Plugin *p = handle;
  if (i == 0) p->change = fminf(fmaxf(value, parameter_change.minValue), parameter_change.maxValue);
}

// --- making ---

// A host has no place for reasons.
static void complain(const NeumeError *err)
{
  fprintf(stderr, "neume: %s\n", err->message);
}

static VampPluginHandle instantiate(const VampPluginDescriptor *descriptor, float rate_hz)
{
  NeumeError err;
  Plugin *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->rate_hz = rate_hz;
  p->change = (float)change_usual;
  p->context = neume_context_new(NULL, &err);
  if (p->context) return p;
  complain(&err);
  free(p);
  return NULL;
}

static void cleanup(VampPluginHandle handle)
{
  Plugin *p = handle;
  if (!p) return;
  neume_emotion_free(p->emotion);
  neume_context_free(p->context);
  for (int i = 0; i < N_OUTPUTS; ++i) {
    free(p->outputs[i].features);
    free(p->outputs[i].contents);
  }
  free(p->mono);
  free(p);
}

// $NEUME_LISTENER: as one person hears it (neume listener).
static NeumeEmotion *open_emotion(const Plugin *p, NeumeError *err)
{
  char change[32];
  const char *listener = getenv("NEUME_LISTENER");
  const long thousandths = lrintf(p->change * 1000);
  snprintf(change, sizeof change, "%ld.%03ld", thousandths / 1000, thousandths % 1000); // in any locale
  const NeumeOption options[] = {
      {"segments", change}, {listener && *listener ? "listener" : NULL, listener}, {NULL, NULL}};
  return neume_emotion_new(p->context, p->rate_hz, 1, options, err);
}

// Blocks may overlap, but nothing between them may be left out.
static int initialise(VampPluginHandle handle, unsigned n_channels, unsigned len_step, unsigned len_block)
{
  Plugin *p = handle;
  NeumeError err;
  if (n_channels < 1 || n_channels > CHANNELS_MAX || len_step < 1 || len_step > len_block) return 0;
  neume_emotion_free(p->emotion);
  free(p->mono);
  p->n_channels = n_channels;
  p->len_step = len_step;
  p->len_block = len_block;
  p->has_begun = 0;
  p->n_held = 0;
  p->mono = calloc(len_block, sizeof *p->mono);
  p->emotion = p->mono ? open_emotion(p, &err) : NULL;
  if (p->mono && !p->emotion) complain(&err);
  return p->emotion != NULL;
}

static void reset(VampPluginHandle handle)
{
  Plugin *p = handle;
  p->has_begun = 0;
  p->n_held = 0;
  if (p->emotion) neume_emotion_reset(p->emotion);
}

// --- features ---

static int reserve(Features *f)
{
  if (f->n < f->capacity) return 1;
  const unsigned capacity = 2 * f->capacity + 64;
  void *features = realloc(f->features, 2 * capacity * sizeof *f->features);
  if (features) f->features = features;
  void *contents = realloc(f->contents, capacity * sizeof *f->contents);
  if (contents) f->contents = contents;
  if (!features || !contents) return 0;
  f->capacity = capacity;
  return 1;
}

static void split_time(double seconds, int *sec, int *nsec)
{
  *sec = (int)floor(seconds);
  *nsec = (int)lrint((seconds - *sec) * 1e9);
  if (*nsec < 1000000000) return;
  ++*sec;
  *nsec -= 1000000000;
}

// What they point to may still move: hand_out does the pointing.
static void add(Plugin *p, int output, double time_s, Content content)
{
  Features *f = &p->outputs[output];
  if (!reserve(f)) return;
  VampFeature *v = &f->features[f->n].v1;
  *v = (VampFeature){.hasTimestamp = 1, .valueCount = described[output].binCount};
  split_time(p->start_s + time_s, &v->sec, &v->nsec);
  f->contents[f->n++] = content;
}

static void take_rows(Plugin *p)
{
  NeumeEmotionRow row;
  while (neume_emotion_read(p->emotion, &row, sizeof row)) {
    add(p, VALENCE, row.time_s, (Content){.values = {row.valence}});
    add(p, AROUSAL, row.time_s, (Content){.values = {row.arousal}});
    add(p, CONFIDENCE, row.time_s, (Content){.values = {row.confidence}});
  }
}

static void take_moods(Plugin *p)
{
  NeumeEmotionSegment mood;
  while (neume_emotion_read_segment(p->emotion, &mood, sizeof mood)) {
    Content content = {.values = {mood.valence, mood.arousal}, .len_s = mood.end_s - mood.start_s};
    snprintf(content.label, sizeof content.label, "%s", neume_name_mood(mood.valence, mood.arousal));
    add(p, MOODS, mood.start_s, content);
  }
}

static void forget_features(Plugin *p)
{
  for (int i = 0; i < N_OUTPUTS; ++i) p->outputs[i].n = 0;
}

static VampFeatureList *hand_out(Plugin *p)
{
  for (int i = 0; i < N_OUTPUTS; ++i) {
    Features *f = &p->outputs[i];
    for (unsigned k = 0; k < f->n; ++k) {
      VampFeatureV2 *v2 = &f->features[f->n + k].v2;
      f->features[k].v1.values = f->contents[k].values;
      f->features[k].v1.label = f->contents[k].label[0] ? f->contents[k].label : NULL;
      *v2 = (VampFeatureV2){.hasDuration = described[i].hasDuration};
      if (v2->hasDuration) split_time(f->contents[k].len_s, &v2->durationSec, &v2->durationNsec);
    }
    p->lists[i] = (VampFeatureList){f->n, f->features};
  }
  return p->lists;
}

// --- listening ---

// As `neume emotion` joins channels, to the bit: beyond a thousand million is no sound.
static void mix(Plugin *p, const float *const *channels)
{
  const float scale = 1.0f / (float)p->n_channels;
  for (unsigned i = 0; i < p->len_block; ++i) {
    float sum = 0;
    for (unsigned c = 0; c < p->n_channels; ++c) sum += fabsf(channels[c][i]) <= 1e9f ? channels[c][i] : 0;
    p->mono[i] = sum * scale;
  }
}

static void push(Plugin *p, const float *x, unsigned n)
{
  NeumeError err;
  if (neume_emotion_push(p->emotion, x, n, &err) != NEUME_OK) complain(&err);
}

static void push_held(Plugin *p)
{
  static const float zeros[256];
  for (unsigned n; p->n_held > 0; p->n_held -= n) {
    n = p->n_held < 256 ? p->n_held : 256;
    push(p, zeros, n);
  }
}

// Of the new samples x [n] the zeros at their end wait.
static void hear(Plugin *p, const float *x, unsigned n, int is_last)
{
  unsigned n_sound = n;
  while (n_sound > 0 && x[n_sound - 1] == 0) --n_sound;
  if (n_sound > 0 || !is_last) push_held(p);
  push(p, x, n_sound);
  p->n_held += n - n_sound;
}

static VampFeatureList *process(VampPluginHandle handle, const float *const *channels, int sec, int nsec)
{
  Plugin *p = handle;
  forget_features(p);
  if (!p->emotion) return hand_out(p);
  if (!p->has_begun) p->start_s = sec + nsec * 1e-9;
  p->has_begun = 1;
  mix(p, channels);
  hear(p, p->mono, p->len_step, 0);
  take_rows(p);
  return hand_out(p);
}

static VampFeatureList *get_remaining(VampPluginHandle handle)
{
  Plugin *p = handle;
  NeumeError err;
  forget_features(p);
  if (!p->emotion || !p->has_begun) return hand_out(p);
  hear(p, p->mono + p->len_step, p->len_block - p->len_step, 1);
  if (neume_emotion_finish(p->emotion, &err) != NEUME_OK) complain(&err);
  take_rows(p);
  take_moods(p);
  return hand_out(p);
}

static void release_features(VampFeatureList *lists) {}

static const VampPluginDescriptor descriptor = {
    .vampApiVersion = 2,
    .identifier = "emotion",
    .name = "Neume: how music feels",
    .description = "Valence and arousal from moment to moment, as people feel on average, and where the mood "
                   "changes",
    .maker = "Neume",
    .pluginVersion = 1,
    .copyright = "GPL-3.0-or-later",
    .parameterCount = 1,
    .parameters = parameters,
    .inputDomain = vampTimeDomain,
    .instantiate = instantiate,
    .cleanup = cleanup,
    .initialise = initialise,
    .reset = reset,
    .getParameter = get_parameter,
    .setParameter = set_parameter,
    .getCurrentProgram = get_program,
    .selectProgram = select_program,
    .getPreferredStepSize = get_preferred_len,
    .getPreferredBlockSize = get_preferred_len,
    .getMinChannelCount = get_n_channels_min,
    .getMaxChannelCount = get_n_channels_max,
    .getOutputCount = get_n_outputs,
    .getOutputDescriptor = get_output,
    .releaseOutputDescriptor = release_output,
    .process = process,
    .getRemainingFeatures = get_remaining,
    .releaseFeatureSet = release_features};

__attribute__((visibility("default"))) const VampPluginDescriptor *vampGetPluginDescriptor(unsigned version,
                                                                                           unsigned i)
{
  return version >= 2 && i == 0 ? &descriptor : NULL;
}
