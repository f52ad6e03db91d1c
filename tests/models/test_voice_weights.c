// SPDX-License-Identifier: GPL-3.0-or-later
// The weights of a voice, whole and spoilt in every way that a file can be: what does not fit is refused with
// the file, the tensor or the number, and the cause.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/engine/safetensors.h"
#include "models/speech/voice.h"
#include "tests/support/program.h"
#include "tests/support/tiny_voice.h"

#define ACOUSTIC "voice.safetensors"
#define VOCODER "vocoder.safetensors"
#define SPOILT "spoilt.safetensors"

enum { TENSORS_MAX = 256 };

// What is done to a copy of the weights. One of the first four, or `from` becomes `to` in the metadata.
typedef struct {
  const char *drop, *add, *turn, *fill; // names of tensors: left out, put in, dimensions swapped, filled
  float value;                          // to fill with
  const char *from, *to;
  const char *cause; // what the error must say
} Spoil;

static int set_up(void **state)
{
  enter_scratch();
  return save_tiny_acoustic(ACOUSTIC) && save_tiny_vocoder(VOCODER) ? 0 : -1;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static bool is_named(const char *name, const char *wanted)
{
  return wanted && strcmp(name, wanted) == 0;
}

static NmShape turned(NmShape shape)
{
  const int64_t first = shape.dim[0];
  shape.dim[0] = shape.dim[shape.n_dims - 1];
  shape.dim[shape.n_dims - 1] = first;
  return shape;
}

static void copy_tensor(const NmStored *stored, const Spoil *spoil, NmToStore *tensor)
{
  float *values = malloc((size_t)stored->count * sizeof *values);
  assert_non_null(values);
  assert_true(nm_stored_get(stored, values));
  for (int64_t i = 0; is_named(stored->name, spoil->fill) && i < stored->count; ++i) values[i] = spoil->value;
  const NmShape shape = is_named(stored->name, spoil->turn) ? turned(stored->shape) : stored->shape;
  *tensor = (NmToStore){stored->name, shape, values};
}

static char *replace(char *text, const char *from, const char *to)
{
  const char *at = from ? strstr(text, from) : NULL;
  if (!from) return text;
  if (!at) fail_msg("no '%s' in %s", from, text);
  const size_t size = strlen(text) + strlen(to) + 1;
  char *changed = malloc(size);
  assert_non_null(changed);
  snprintf(changed, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  free(text);
  return changed;
}

static void spoil_file(const char *path, const Spoil *spoil)
{
  static const float one = 1;
  NmToStore tensors[TENSORS_MAX];
  int32_t n = 0;
  NmSafetensors *file = nm_safetensors_open(path, NULL);
  assert_non_null(file);
  for (int32_t i = 0; i < nm_safetensors_get_n(file); ++i)
    if (!is_named(nm_safetensors_get(file, i)->name, spoil->drop))
      copy_tensor(nm_safetensors_get(file, i), spoil, &tensors[n++]);
  const int32_t n_owned = n;
  if (spoil->add) tensors[n++] = (NmToStore){spoil->add, NM_SHAPE1(1), &one};
  char *metadata = replace(nm_safetensors_get_metadata(file), spoil->from, spoil->to);
  assert_int_equal(nm_safetensors_save(SPOILT, tensors, n, NM_DTYPE_F16, metadata, NULL), NM_OK);
  for (int32_t i = 0; i < n_owned; ++i) free((void *)(uintptr_t)tensors[i].values);
  free(metadata);
  nm_safetensors_close(file);
}

static void expect_refusal(const char *acoustic, const char *vocoder, const char *cause)
{
  NmError err = {0};
  NmVoice *voice = nm_voice_new(acoustic, vocoder, NULL, &err);
  nm_voice_free(voice);
  if (voice || err.status != NM_ERR_BAD_DATA || strncmp(err.message, SPOILT ": ", strlen(SPOILT) + 2) != 0 ||
      !strstr(err.message, cause))
    fail_msg("expected '%s', got '%s'", cause, voice ? "no error" : err.message);
}

static const NmVoicePhone phones[] = {{.phone = NM_PHONE_PAUSE, .i_word = -1, .rate = 1, .pitch_range = 1},
                                      {.phone = NM_PHONE_PAUSE + 1, .rate = 1, .pitch_range = 1},
                                      {.phone = NM_N_PHONES - 1, .rate = 1, .pitch_range = 1}};

static void test_the_smallest_voice_speaks(void **state)
{
  NmError err = {0};
  NmSpoken spoken;
  NmVoice *voice = nm_voice_new(ACOUSTIC, VOCODER, NULL, &err);
  if (!voice) fail_msg("%s", err.message);
  assert_int_equal(nm_voice_find_speaker(voice, "tiny"), 0);
  assert_true(fabsf(nm_voice_get_pitch_hz(voice, 0) - expf(5)) < .1f);
  assert_int_equal(nm_voice_say(voice, phones, 3, 0, 1, &spoken, &err), NM_OK);
  assert_true(spoken.n_samples >= 3 * NM_VOICE_HOP);
  for (int64_t i = 0; i < spoken.n_samples; ++i) assert_true(isfinite(spoken.samples[i]));
  nm_voice_free(voice);
}

static void test_spoilt_acoustic_weights_are_refused(void **state)
{
  static const Spoil spoils[] = {
      {.drop = "phone.table", .cause = "lack the tensor \"phone.table\""},
      {.drop = "stats.f0", .cause = "lack the tensor \"stats.f0\""},
      {.add = "extra", .cause = "tensor \"extra\" is not part of this model"},
      {.turn = "phone.table", .cause = "\"phone.table\" has the shape"},
      {.turn = "stack.w", .cause = "\"stack.w\" has the shape"},
      {.fill = "out.w", .value = INFINITY, .cause = "\"out.w\" holds a value that is not finite"},
      {.fill = "out.w", .value = NAN, .cause = "\"out.w\" holds a value that is not finite"},
      {.fill = "stats.envelope_std", .value = 0, .cause = "\"stats.envelope_std\": value 0 is not above 0"},
      {.fill = "stats.f0", .value = 100, .cause = "\"stats.f0\": speaker 0"},
      {.from = "\"model\":\"acoustic\"", .to = "\"model\":\"vocoder\"", .cause = "holds the model vocoder"},
      {.from = "\"model\":\"acoustic\"", .to = "\"no\":\"model\"", .cause = "no model of this program"},
      {.from = "\"d_model\":\"8\"", .to = "\"d_model\":\"16\"", .cause = "has the shape"},
      {.from = "\"d_model\":\"8\"", .to = "\"d_model\":\"2147483648\"", .cause = "\"d_model\" must be"},
      {.from = "\"d_model\":\"8\"", .to = "\"d_model\":\"-8\"", .cause = "\"d_model\" must be"},
      {.from = "\"d_model\":\"8\"", .to = "\"d_model\":\"eight\"", .cause = "\"d_model\" must be"},
      {.from = "\"d_model\":\"8\"", .to = "\"d_modell\":\"8\"", .cause = "\"d_model\" must be"},
      {.from = "\"n_heads\":\"2\"", .to = "\"n_heads\":\"3\"", .cause = "has the shape"},
      {.from = "\"n_encoder\":\"1\"", .to = "\"n_encoder\":\"2\"", .cause = "lack the tensor \"encoder1"},
      {.from = "\"n_stack\":\"2\"", .to = "\"n_stack\":\"8\"", .cause = "has the shape"},
      {.from = "\"reach\":\"2\"", .to = "\"reach\":\"256\"", .cause = "has the shape"},
      {.from = "\"attention\":\"1\"", .to = "\"attention\":\"0\"", .cause = "lack the tensor \"encoder0"},
      {.from = "\"n_speakers\":\"1\"", .to = "\"n_speakers\":\"2\"", .cause = "must name 2 speakers"},
      {.from = "\"tiny\"", .to = "\"\"", .cause = "must name 1 speakers"},
      {.from = "\"duration_scale\":\"1.0000\"",
       .to = "\"duration_scale\":\"nan\"",
       .cause = "duration_scale"},
  };
  for (size_t i = 0; i < sizeof spoils / sizeof *spoils; ++i) {
    spoil_file(ACOUSTIC, &spoils[i]);
    expect_refusal(SPOILT, VOCODER, spoils[i].cause);
  }
}

static void test_spoilt_vocoders_are_refused(void **state)
{
  static const Spoil spoils[] = {
      {.drop = "head.w", .cause = "lack the tensor \"head.w\""},
      {.add = "extra", .cause = "tensor \"extra\" is not part of this model"},
      {.turn = "head.w", .cause = "\"head.w\" has the shape"},
      {.fill = "head.b", .value = NAN, .cause = "\"head.b\" holds a value that is not finite"},
      {.fill = "stats.envelope_std", .value = -1, .cause = "\"stats.envelope_std\": value 0 is not above 0"},
      {.from = "\"len_kernel\":\"3\"", .to = "\"len_kernel\":\"32\"", .cause = "\"len_kernel\" must be"},
      {.from = "\"len_kernel\":\"3\"", .to = "\"len_kernel\":\"5\"", .cause = "has the shape"},
      {.from = "\"n_blocks\":\"1\"", .to = "\"n_blocks\":\"2\"", .cause = "lack the tensor \"block1"},
  };
  for (size_t i = 0; i < sizeof spoils / sizeof *spoils; ++i) {
    spoil_file(VOCODER, &spoils[i]);
    expect_refusal(ACOUSTIC, SPOILT, spoils[i].cause);
  }
}

// Every tensor is needed, and its absence told by its name.
static void drop_each(const char *path, const char *acoustic, const char *vocoder)
{
  NmSafetensors *file = nm_safetensors_open(path, NULL);
  assert_non_null(file);
  assert_true(nm_safetensors_get_n(file) > 10);
  for (int32_t i = 0; i < nm_safetensors_get_n(file); ++i) {
    char cause[128];
    const char *name = nm_safetensors_get(file, i)->name;
    snprintf(cause, sizeof cause, "lack the tensor \"%s\"", name);
    spoil_file(path, &(Spoil){.drop = name});
    expect_refusal(acoustic, vocoder, cause);
  }
  nm_safetensors_close(file);
}

static void test_every_tensor_is_needed(void **state)
{
  drop_each(ACOUSTIC, SPOILT, VOCODER);
  drop_each(VOCODER, ACOUSTIC, SPOILT);
}

// Finite weights that give no finite sound are told when they speak.
static void test_sound_that_is_not_finite_is_an_error(void **state)
{
  NmError err = {0};
  NmSpoken spoken;
  spoil_file(VOCODER, &(Spoil){.fill = "norm_out.gain", .value = 65504});
  rename(SPOILT, "loud.safetensors");
  rename(VOCODER, "kept.safetensors");
  rename("loud.safetensors", VOCODER);
  spoil_file(VOCODER, &(Spoil){.fill = "head.w", .value = 65504});
  NmVoice *voice = nm_voice_new(ACOUSTIC, SPOILT, NULL, &err);
  if (!voice) fail_msg("%s", err.message);
  if (nm_voice_say(voice, phones, 3, 0, 1, &spoken, &err) == NM_OK)
    for (int64_t i = 0; i < spoken.n_samples; ++i) assert_true(isfinite(spoken.samples[i]));
  else
    assert_non_null(strstr(err.message, "not finite"));
  nm_voice_free(voice);
}

static void test_truncated_weights_are_refused(void **state)
{
  size_t size;
  char *whole = read_file(ACOUSTIC, &size);
  for (size_t n = 0; n < size; n += n < 16 ? 1 : 211) {
    write_file(SPOILT, whole, n);
    expect_refusal(SPOILT, VOCODER, "");
  }
  free(whole);
}

// As a user meets it: the file, the cause, and exit code 3.
static void test_the_program_tells(void **state)
{
  char assets[] = "NEUME_ASSETS=.";
  assert_int_equal(symlink(NM_LEXICON, "english.lexicon"), 0);
  Ran ran = RUN(NULL, "/usr/bin/env", assets, NM_PROGRAM, "speak", "Hi.", "-o", "a.wav");
  if (ran.exit_code) fail_msg("%s", ran.err);
  ran_free(&ran);
  spoil_file(VOCODER, &(Spoil){.turn = "head.w"});
  rename(SPOILT, VOCODER);
  ran = RUN(NULL, "/usr/bin/env", assets, NM_PROGRAM, "speak", "Hi.", "-o", "b.wav");
  assert_int_equal(ran.exit_code, 3);
  assert_non_null(strstr(ran.err, VOCODER ": the tensor \"head.w\" has the shape"));
  assert_false(file_exists("b.wav"));
  ran_free(&ran);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_the_smallest_voice_speaks),
      T(test_spoilt_acoustic_weights_are_refused),
      T(test_spoilt_vocoders_are_refused),
      T(test_every_tensor_is_needed),
      T(test_sound_that_is_not_finite_is_an_error),
      T(test_truncated_weights_are_refused),
      T(test_the_program_tells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
