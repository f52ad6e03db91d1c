// SPDX-License-Identifier: GPL-3.0-or-later
// The Vamp plug-in through its own interface, and in vamp-simple-host, against `neume emotion`.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vamp/vamp.h>

#include "app/hosts/neume.h"
#include "dsp/audio_file.h"
#include "tests/support/program.h"
#include "tests/support/tiny_assets.h"

enum { RATE_HZ = 44100, N_SECONDS = 32, N_CHANNELS = 2 };
enum { VALENCE, AROUSAL, CONFIDENCE, MOODS, N_OUTPUTS };

static const VampPluginDescriptor *plugin;
static VampGetPluginDescriptorFunction get_descriptor;
static float *sound[N_CHANNELS]; // [n_frames]
static int64_t n_frames;

static int set_up(void **state)
{
  enter_scratch();
  make_tiny_assets("assets", NM_LEXICON, NM_HYPHENS);
  setenv("NEUME_ASSETS", "assets", 1);
  void *library = dlopen(NM_VAMP_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  if (!library) fail_msg("%s", dlerror());
  get_descriptor = (VampGetPluginDescriptorFunction)dlsym(library, "vampGetPluginDescriptor");
  assert_non_null(get_descriptor);
  plugin = get_descriptor(2, 0);
  n_frames = (int64_t)N_SECONDS * RATE_HZ + 123;
  for (int c = 0; c < N_CHANNELS; ++c) {
    sound[c] = malloc((size_t)n_frames * sizeof *sound[c]);
    for (int64_t i = 0; i < n_frames; ++i) {
      const double t = (double)i / RATE_HZ, hz = 220 * pow(2, floor(fmod(t * 2, 8)) / 12);
      sound[c][i] = (float)((t < 20 ? .1 : .8) * exp(-4 * fmod(t, .5)) * sin(2 * M_PI * hz * t + c + .1));
    }
  }
  return plugin ? 0 : -1;
}

static int tear_down(void **state)
{
  for (int c = 0; c < N_CHANNELS; ++c) free(sound[c]);
  leave_scratch();
  return 0;
}

// --- a host ---

typedef struct {
  NeumeEmotion *emotion; // what rows are compared with
  NeumeEmotionRow rows[4 * N_SECONDS];
  int n_rows, n_expected, n_moods;
  double offset_s, end_s;
} Comparison;

static double get_seconds(const VampFeature *f)
{
  return f->sec + f->nsec * 1e-9;
}

static void compare(Comparison *c, const VampFeatureList *lists)
{
  assert_int_equal(lists[VALENCE].featureCount, lists[CONFIDENCE].featureCount);
  for (unsigned i = 0; i < lists[VALENCE].featureCount; ++i) {
    const VampFeature *v = &lists[VALENCE].features[i].v1, *a = &lists[AROUSAL].features[i].v1;
    const NeumeEmotionRow *row = &c->rows[c->n_rows++];
    assert_true(c->n_rows <= c->n_expected && v->hasTimestamp && v->valueCount == 1);
    assert_true(fabs(get_seconds(v) - c->offset_s - row->time_s) < 2e-9);
    assert_true(v->values[0] == row->valence && a->values[0] == row->arousal);
    assert_true(lists[CONFIDENCE].features[i].v1.values[0] == row->confidence);
  }
  const unsigned n = lists[MOODS].featureCount;
  for (unsigned i = 0; i < n; ++i, ++c->n_moods) {
    NeumeEmotionSegment s;
    const VampFeature *mood = &lists[MOODS].features[i].v1;
    const VampFeatureV2 *len = &lists[MOODS].features[n + i].v2;
    assert_int_equal(neume_emotion_read_segment(c->emotion, &s, sizeof s), 1);
    assert_true(mood->values[0] == s.valence && mood->values[1] == s.arousal && len->hasDuration);
    assert_string_equal(mood->label, neume_name_mood(s.valence, s.arousal));
    assert_true(fabs(get_seconds(mood) - c->offset_s - c->end_s) < 3e-9);
    c->end_s += len->durationSec + len->durationNsec * 1e-9;
  }
}

// What the library says of the sound; freed by the end of the comparison.
static void expect_rows(Comparison *c)
{
  const NeumeOption options[] = {{"segments", "0.02"}, {NULL, NULL}};
  NeumeError err = {0};
  NeumeContext *context = neume_context_new(NULL, &err);
  c->emotion = neume_emotion_new(context, RATE_HZ, N_CHANNELS, options, &err);
  if (!c->emotion) fail_msg("%s", err.message);
  float *frames = malloc((size_t)n_frames * N_CHANNELS * sizeof *frames);
  for (int64_t i = 0; i < n_frames * N_CHANNELS; ++i) frames[i] = sound[i % N_CHANNELS][i / N_CHANNELS];
  assert_int_equal(neume_emotion_push(c->emotion, frames, (size_t)n_frames, &err), NEUME_OK);
  free(frames);
  assert_int_equal(neume_emotion_finish(c->emotion, &err), NEUME_OK);
  while (neume_emotion_read(c->emotion, &c->rows[c->n_expected], sizeof *c->rows)) ++c->n_expected;
  neume_context_free(context);
}

// As hosts do: the last blocks are filled up with zeros.
static void run(VampPluginHandle handle, Comparison *c, int n_channels, int64_t len_step, int64_t len_block)
{
  float *blocks[N_CHANNELS];
  for (int k = 0; k < N_CHANNELS; ++k) blocks[k] = malloc((size_t)len_block * sizeof *blocks[k]);
  for (int64_t start = 0; start < n_frames; start += len_step) {
    const double t = c->offset_s + (double)start / RATE_HZ;
    for (int k = 0; k < n_channels; ++k)
      for (int64_t i = 0; i < len_block; ++i) blocks[k][i] = start + i < n_frames ? sound[k][start + i] : 0;
    const float *const view[] = {blocks[0], blocks[1]};
    compare(c, plugin->process(handle, view, (int)t, (int)((t - (int)t) * 1e9)));
    if (start + len_block >= n_frames) break;
  }
  compare(c, plugin->getRemainingFeatures(handle));
  for (int k = 0; k < N_CHANNELS; ++k) free(blocks[k]);
  assert_int_equal(c->n_rows, c->n_expected);
  assert_true(c->n_moods > 0 && fabs(c->end_s - (double)n_frames / RATE_HZ) < 1e-4);
  neume_emotion_free(c->emotion);
}

static VampPluginHandle open_plugin(int n_channels, unsigned len_step, unsigned len_block)
{
  VampPluginHandle handle = plugin->instantiate(plugin, RATE_HZ);
  assert_non_null(handle);
  plugin->setParameter(handle, 0, .02f);
  assert_true(plugin->getParameter(handle, 0) == .02f);
  assert_int_equal(plugin->initialise(handle, (unsigned)n_channels, len_step, len_block), 1);
  return handle;
}

// --- tests ---

static void test_description(void **state)
{
  assert_null(get_descriptor(1, 0));
  assert_null(get_descriptor(2, 1));
  assert_string_equal(plugin->identifier, "emotion");
  VampPluginHandle handle = plugin->instantiate(plugin, RATE_HZ);
  assert_int_equal(plugin->getOutputCount(handle), N_OUTPUTS);
  assert_string_equal(plugin->getOutputDescriptor(handle, MOODS)->identifier, "moods");
  assert_null(plugin->getOutputDescriptor(handle, N_OUTPUTS));
  plugin->setParameter(handle, 0, 100);
  assert_true(plugin->getParameter(handle, 0) == 2);
  plugin->cleanup(handle);
}

static void test_what_it_refuses(void **state)
{
  static const unsigned cases[][3] = {{0, 1, 1}, {65, 64, 64}, {1, 0, 1}, {1, 65, 64}};
  VampPluginHandle handle = plugin->instantiate(plugin, RATE_HZ);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    assert_int_equal(plugin->initialise(handle, cases[i][0], cases[i][1], cases[i][2]), 0);
  assert_int_equal(plugin->getRemainingFeatures(handle)[VALENCE].featureCount, 0);
  plugin->cleanup(handle);
}

static void test_any_block_size(void **state)
{
  static const int64_t sizes[][2] = {{1024, 1024}, {7, 7}, {777, 777}, {512, 2048}, {1 << 21, 1 << 21}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    Comparison c = {0};
    VampPluginHandle handle = open_plugin(N_CHANNELS, (unsigned)sizes[i][0], (unsigned)sizes[i][1]);
    expect_rows(&c);
    run(handle, &c, N_CHANNELS, sizes[i][0], sizes[i][1]);
    plugin->cleanup(handle);
  }
}

static void test_again_and_from_elsewhere(void **state)
{
  VampPluginHandle handle = open_plugin(N_CHANNELS, 4096, 4096);
  for (int i = 0; i < 2; ++i) {
    Comparison c = {.offset_s = 100.5 * i};
    expect_rows(&c);
    run(handle, &c, N_CHANNELS, 4096, 4096);
    plugin->reset(handle);
  }
  plugin->cleanup(handle);
}

// --- the host of the SDK ---

static void write_sound(const char *path)
{
  const NmAudioFormat format = {RATE_HZ, N_CHANNELS, NM_AUDIO_16_BITS};
  NmError err = {0};
  NmAudioWriter *writer = nm_audio_writer_open(path, &format, &err);
  assert_non_null(writer);
  for (int64_t i = 0; i < n_frames; ++i) {
    const float frame[] = {sound[0][i], sound[1][i]};
    assert_int_equal(nm_audio_writer_write(writer, frame, 1, &err), NM_OK);
  }
  assert_int_equal(nm_audio_writer_close(writer, true, &err), NM_OK);
}

// "0.250000000: -0.0200618" in every line, beside a column of the program's CSV.
static void compare_tables(const char *rows, const char *csv, int column)
{
  int n = 0;
  const char *line = strchr(csv, '\n') + 1;
  for (; *line; ++n, line = strchr(line, '\n') + 1) {
    double time_s, value, row[4];
    assert_int_equal(sscanf(line, "%lf,%lf,%lf,%lf", &row[0], &row[1], &row[2], &row[3]), 4);
    if (sscanf(rows, " %lf: %lf", &time_s, &value) != 2) fail_msg("after %d rows: %.50s", n, rows);
    rows = strchr(rows, '\n') + 1;
    assert_true(fabs(time_s - row[0]) < 1e-6);
    if (!(fabs(value - row[column]) < 5.1e-5)) fail_msg("%s in place of %s", rows, line);
  }
  assert_int_equal(*rows, '\0');
  assert_true(n >= 2 * N_SECONDS);
}

// A host that knows nothing of the sanitizers needs their library before all others.
static void let_host_load_sanitizers(void)
{
#ifdef __SANITIZE_ADDRESS__
  char path[400] = "";
  FILE *pipe = popen("cc -print-file-name=libasan.so", "r");
  assert_non_null(fgets(path, sizeof path, pipe));
  pclose(pipe);
  path[strcspn(path, "\n")] = '\0';
  setenv("LD_PRELOAD", path, 1);
  setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
#endif
}

static void test_in_vamp_simple_host(void **state)
{
  static const char *const names[] = {"neume:emotion:valence", "neume:emotion:arousal",
                                      "neume:emotion:confidence"};
  char folder[sizeof NM_VAMP_PLUGIN] = NM_VAMP_PLUGIN;
  if (system("command -v vamp-simple-host >/dev/null") != 0) skip();
  *strrchr(folder, '/') = '\0';
  setenv("VAMP_PATH", folder, 1);
  write_sound("sound.wav");
  Ran program = RUN(NULL, NM_PROGRAM, "emotion", "sound.wav", "-o", "sound.csv");
  expect_exit(program, 0, NULL);
  char *csv = read_file("sound.csv", NULL);
  let_host_load_sanitizers();
  for (int i = 0; i < 3; ++i) {
    expect_exit(RUN(NULL, "/usr/bin/vamp-simple-host", names[i], "sound.wav", "-o", "rows"), 0, NULL);
    char *rows = read_file("rows", NULL);
    compare_tables(rows, csv, i + 1);
    free(rows);
  }
  unsetenv("LD_PRELOAD");
  free(csv);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_description),         cmocka_unit_test(test_what_it_refuses),
      cmocka_unit_test(test_any_block_size),      cmocka_unit_test(test_again_and_from_elsewhere),
      cmocka_unit_test(test_in_vamp_simple_host),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
