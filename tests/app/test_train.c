// SPDX-License-Identifier: GPL-3.0-or-later
// From recordings to a voice as a user goes: prepare, align, train, speak. The recordings are the fake
// voice's, the networks as small as they may be, the trainings a few steps: what is tested is that the parts
// fit.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/engine/cuda/backend.h"
#include "tests/support/program.h"

#define ALIGNER "{\"steps\": 2, \"batch\": 2, \"report_every\": 1}"
#define SPEECH                                                                                               \
  "{\"steps\": 2, \"batch\": 2, \"report_every\": 1, \"d_model\": 16, \"n_encoder\": 1, \"n_decoder\": 1,"   \
  " \"d_encoder_inner\": 16, \"d_decoder_inner\": 16, \"favourite\": \"ann\", \"licence\": \"CC0-1.0\", "    \
  "\"data\": \"what was read aloud\"}"
#define SMALLER                                                                                              \
  "{\"steps\": 2, \"batch\": 2, \"batch_taught\": 2, \"report_every\": 1, \"start\": "                       \
  "\"voice.safetensors\", "                                                                                  \
  "\"d_model\": 16, \"n_encoder\": 1, \"n_decoder\": 1, \"d_encoder_inner\": 16, \"d_decoder_inner\": 8}"
#define TEACHER                                                                                              \
  "{\"steps\": 2, \"batch\": 2, \"report_every\": 1, \"d_model\": 16, \"n_heads\": 2, \"n_encoder\": 1,"     \
  " \"n_decoder\": 1, \"d_encoder_inner\": 16, \"d_decoder_inner\": 16, \"d_prenet\": 8, \"n_stack\": 1}"
#define VOCODER                                                                                              \
  "{\"steps\": 2, \"batch\": 2, \"report_every\": 1, \"frames\": 24, \"d_model\": 16, \"n_blocks\": 1,"      \
  " \"d_inner\": 16}"

enum { N_CLIPS = 4 };

static const char *const texts[N_CLIPS] = {"The cat sat on the mat.", "A dog ran over the hill, and back.",
                                           "Three ships came in.", "Hello world, how are you?"};

static void expect_done(Ran ran)
{
  if (ran.exit_code) fail_msg("exit %d: %s", ran.exit_code, ran.err);
  ran_free(&ran);
}

static void expect_failure(Ran ran, int code, const char *message)
{
  if (ran.exit_code != code || !strstr(ran.err, message)) fail_msg("exit %d: %s", ran.exit_code, ran.err);
  ran_free(&ran);
}

static void write_text(const char *path, const char *text)
{
  write_file(path, text, strlen(text));
}

// A folder "ann" with recordings and their texts.
static int set_up(void **state)
{
  char metadata[1024] = "id\tseconds\ttext\ttext_norm\n";
  enter_scratch();
  mkdir("ann", 0777);
  for (int i = 0; i < N_CLIPS; i++) {
    char path[32];
    const size_t len = strlen(metadata);
    snprintf(path, sizeof path, "ann/a_%d.%s", i, i % 2 ? "flac" : "ogg");
    expect_done(RUN(NULL, NM_PROGRAM_FAKE, "speak", texts[i], "-o", path));
    snprintf(metadata + len, sizeof metadata - len, "a_%d\t2\t%s\t%s\n", i, texts[i], texts[i]);
  }
  write_text("ann/metadata.tsv", metadata);
  write_text("heldout.txt", "a_3\n");
  write_text("aligner.json", ALIGNER);
  write_text("speech.json", SPEECH);
  write_text("vocoder.json", VOCODER);
  write_text("teacher.json", TEACHER);
  return symlink(NM_LEXICON, "english.lexicon");
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static void prepare(void)
{
  expect_done(RUN(NULL, NM_PROGRAM_FAKE, "prepare", "speech", "ann", "-o", "corpus", "--heldout",
                  "heldout.txt", "-j", "2"));
}

static void train(const char *model, const char *recipe, const char *out, const char *threads)
{
  expect_done(RUN(NULL, NM_PROGRAM_FAKE, "train", model, "-r", recipe, "-c", "corpus", "-o", out, "-j",
                  threads, "-f"));
}

static void expect_same_files(const char *a, const char *b)
{
  size_t n, n_other;
  char *one = read_file(a, &n), *other = read_file(b, &n_other);
  assert_int_equal(n, n_other);
  assert_memory_equal(one, other, n);
  free(one);
  free(other);
}

static void train_all(void)
{
  train("aligner", "aligner.json", "aligner.safetensors", "2");
  train("speech", "speech.json", "voice.safetensors", "2");
  train("vocoder", "vocoder.json", "vocoder.safetensors", "2");
}

static void test_from_recordings_to_a_voice(void **state)
{
  prepare();
  train_all();
  Ran ran = RUN(NULL, "/usr/bin/env", "NEUME_ASSETS=.", NM_PROGRAM, "speak", "Hello world.", "-o", "a.wav",
                "--json");
  if (ran.exit_code) fail_msg("exit %d: %s", ran.exit_code, ran.err);
  assert_non_null(strstr(ran.out, "\"complete\": true"));
  assert_non_null(strstr(ran.out, "\"voice\": \"ann\""));
  ran_free(&ran);
  ran = RUN(NULL, NM_PROGRAM, "info", "voice.safetensors");
  assert_non_null(strstr(ran.out, "acoustic"));
  assert_non_null(strstr(ran.out, "CC0-1.0"));
  assert_non_null(strstr(ran.out, "what was read aloud"));
  assert_non_null(strstr(ran.out, "\"n_encoder\":1"));
  assert_non_null(strstr(ran.out, "trained_steps      2\n"));
  ran_free(&ran);
}

static void test_threads_do_not_show(void **state)
{
  prepare();
  train("aligner", "aligner.json", "aligner1.safetensors", "1");
  train("aligner", "aligner.json", "aligner4.safetensors", "4");
  expect_same_files("aligner1.safetensors", "aligner4.safetensors");
  train("speech", "speech.json", "voice1.safetensors", "1");
  train("speech", "speech.json", "voice4.safetensors", "4");
  expect_same_files("voice1.safetensors", "voice4.safetensors");
  train("vocoder", "vocoder.json", "vocoder1.safetensors", "1");
  train("vocoder", "vocoder.json", "vocoder4.safetensors", "4");
  expect_same_files("vocoder1.safetensors", "vocoder4.safetensors");
  train("teacher", "teacher.json", "teacher1.safetensors", "1");
  train("teacher", "teacher.json", "teacher4.safetensors", "4");
  expect_same_files("teacher1.safetensors", "teacher4.safetensors");
}

static Ran bench_voice(const char *speaker)
{
  return RUN(NULL, "/usr/bin/env", "NEUME_ASSETS=.", NM_PROGRAM, "bench", "voice", "-c", "corpus", "-s",
             speaker);
}

// The one recording that was held out is compared, and every number is one.
static void test_a_voice_is_measured_on_what_it_never_saw(void **state)
{
  prepare();
  train_all();
  Ran ran = bench_voice("ann");
  if (ran.exit_code) fail_msg("exit %d: %s", ran.exit_code, ran.err);
  assert_int_equal(strncmp(ran.out, "1 held-out recordings of ann, ", 30), 0);
  assert_non_null(strstr(ran.out, "copies by the vocoder"));
  assert_non_null(strstr(ran.out, "spoken, durations given"));
  assert_non_null(strstr(ran.out, "durations of phones"));
  assert_null(strstr(ran.out, "nan"));
  assert_null(strstr(ran.out, "inf"));
  ran_free(&ran);
  expect_failure(bench_voice("bob"), 2, "must both know the speaker bob");
  expect_failure(RUN(NULL, NM_PROGRAM, "bench", "voice"), 2, "needs --corpus DIR");
}

// A build without the backend says so; one with it says the same of a machine without a card.
static void test_a_backend_that_is_not_there_is_refused(void **state)
{
  NmError err = {0};
  prepare();
  expect_failure(RUN(NULL, NM_PROGRAM_FAKE, "train", "aligner", "-r", "aligner.json", "-c", "corpus", "-o",
                     "a.safetensors", "-b", "abacus"),
                 2, "--backend is cpu or cuda, not abacus");
  if (nm_backend_cuda(&err)) skip();
  assert_int_equal(err.status, NM_ERR_UNSUPPORTED);
  expect_failure(RUN(NULL, NM_PROGRAM_FAKE, "train", "aligner", "-r", "aligner.json", "-c", "corpus", "-o",
                     "a.safetensors", "--backend", "cuda"),
                 2, err.message);
  assert_false(file_exists("a.safetensors"));
}

// A checkpoint holds all that the weights come from.
static void test_resuming_at_the_end_gives_the_same_weights(void **state)
{
  static const char *const models[][2] = {
      {"speech", "speech.json"}, {"vocoder", "vocoder.json"}, {"teacher", "teacher.json"}};
  prepare();
  train("aligner", "aligner.json", "aligner.safetensors", "2");
  for (int i = 0; i < 3; i++) {
    expect_done(RUN(NULL, NM_PROGRAM_FAKE, "train", models[i][0], "-r", models[i][1], "-c", "corpus", "-o",
                    "a.safetensors", "-f", "--checkpoint", "a.checkpoint", "--log", "a.tsv"));
    expect_done(RUN(NULL, NM_PROGRAM_FAKE, "train", models[i][0], "-r", models[i][1], "-c", "corpus", "-o",
                    "b.safetensors", "-f", "--resume", "a.checkpoint", "--log", "a.tsv"));
    expect_same_files("a.safetensors", "b.safetensors");
    char *log = read_file("a.tsv", NULL);
    assert_int_equal(strncmp(log, "step\t", 5), 0);
    free(log);
  }
}

static void distill(const char *take, const char *out)
{
  expect_done(RUN(NULL, NM_PROGRAM_FAKE, "prepare", "distill", "corpus", "--teacher", "teacher.safetensors",
                  "--take", take, "-o", out, "-j", "2"));
}

// What learns from the recordings learns as well from what a teacher made of them.
static void test_a_teacher_teaches(void **state)
{
  prepare();
  train("aligner", "aligner.json", "aligner.safetensors", "2");
  train("teacher", "teacher.json", "teacher.safetensors", "2");
  distill("durations", "timed");
  expect_same_files("corpus/index.tsv", "timed/index.tsv");
  expect_same_files("corpus/envelope.f32", "timed/envelope.f32");
  expect_same_files("corpus/f0.f32", "timed/f0.f32");
  distill("forced", "forced");
  expect_same_files("timed/durations.tsv", "forced/durations.tsv");
  expect_done(RUN(NULL, NM_PROGRAM_FAKE, "train", "speech", "-r", "speech.json", "-c", "forced", "-o",
                  "voice.safetensors"));
  distill("free", "free");
  assert_true(file_exists("free/index.tsv"));
}

// Sentences that only their timings are known of are said by a voice, and a smaller one learns from both.
static void test_a_voice_teaches(void **state)
{
  write_text("timed.tsv", "t_1\tsix cats .\tsix=S:80,IH1:90,K:60,S:70 cats=K:60,AE1:120,T:50,S:90\n"
                          "t_2\tno .\tno=N:70,OW1:150 _=sp:40\n");
  expect_done(RUN(NULL, NM_PROGRAM_FAKE, "prepare", "speech", "ann", "-o", "corpus", "--durations",
                  "timed.tsv", "--durations-speaker", "ann"));
  train_all();
  expect_done(RUN(NULL, "/usr/bin/env", "NEUME_ASSETS=.", NM_PROGRAM, "prepare", "distill", "corpus",
                  "--voice", "voice.safetensors", "-o", "taught", "-j", "2"));
  char *index = read_file("taught/index.tsv", NULL);
  assert_non_null(strstr(index, "ann\tt_1\tt_1\ttaught\t"));
  assert_non_null(strstr(index, "ann\tt_2\tt_2\ttaught\t"));
  assert_non_null(strstr(index, "ann\ta_0\ta_0\ttrain\t"));
  free(index);
  write_text("smaller.json", SMALLER);
  expect_done(RUN(NULL, NM_PROGRAM_FAKE, "train", "speech", "-r", "smaller.json", "-c", "taught", "-o",
                  "smaller.safetensors", "--log", "a.tsv"));
  char *log = read_file("a.tsv", NULL);
  assert_non_null(strstr(log, "\ttaught\t"));
  free(log);
}

static void test_a_voice_that_cannot_teach_is_refused(void **state)
{
  prepare();
  Ran ran = RUN(NULL, NM_PROGRAM_FAKE, "prepare", "distill", "corpus", "--voice", "voice.safetensors",
                "--teacher", "teacher.safetensors", "-o", "taught");
  expect_failure(ran, 2, "--teacher FILE or --voice FILE");
  train_all();
  ran = RUN(NULL, "/usr/bin/env", "NEUME_ASSETS=.", NM_PROGRAM, "prepare", "distill", "corpus", "--voice",
            "voice.safetensors", "--speaker", "bob", "-o", "taught");
  expect_failure(ran, 3, "must both know the speaker bob");
  assert_false(file_exists("taught/index.tsv"));
}

static void test_lines_may_end_in_two_characters(void **state)
{
  write_text("ann/metadata.tsv",
             "id\tseconds\ttext\ttext_norm\r\na_0\t2\tOne.\tone .\r\na_1\t2\tTwo.\ttwo .\r\n");
  write_text("heldout.txt", "# for tests\r\na_1\r\n");
  prepare();
  char *index = read_file("corpus/index.tsv", NULL);
  assert_non_null(strstr(index, "ann\ta_0\ta_0\ttrain\t"));
  assert_non_null(strstr(index, "ann\ta_1\ta_1\ttest\t"));
  assert_null(strchr(index, '\r'));
  free(index);
}

static void test_mistakes_are_told(void **state)
{
  mkdir("broken", 0777);
  write_text("broken/metadata.tsv", "id\tseconds\ttext\ttext_norm\nx\t1\thi\thi\n");
  write_text("broken/x.wav", "RIFFxxxx");
  expect_failure(RUN(NULL, NM_PROGRAM_FAKE, "prepare", "speech", "broken", "-o", "c"), 3, "broken/x.wav");
  expect_failure(RUN(NULL, NM_PROGRAM_FAKE, "prepare", "distill", "corpus", "-o", "c"), 2,
                 "needs one corpus, --teacher FILE or --voice FILE, and --output DIR");
  write_text("ann/metadata.tsv", "id\tseconds\ttext\na_9\t2\tMissing.\n");
  expect_failure(RUN(NULL, NM_PROGRAM_FAKE, "prepare", "speech", "ann", "-o", "c"), 3,
                 "ann/metadata.tsv: line 2: ann: no a_9.opus");
  write_text("ann/metadata.tsv", "id\tseconds\ttext\na_1\n");
  expect_failure(RUN(NULL, NM_PROGRAM_FAKE, "prepare", "speech", "ann", "-o", "c"), 3,
                 "line 2: expected the columns");
  expect_failure(RUN(NULL, NM_PROGRAM_FAKE, "train", "speech", "-r", "speech.json", "-c", "nothing", "-o",
                     "v.safetensors"),
                 3, "nothing/envelope.f32: cannot open");
  write_text("v.safetensors", "mine");
  expect_failure(RUN(NULL, NM_PROGRAM_FAKE, "train", "speech", "-r", "speech.json", "-c", "corpus", "-o",
                     "v.safetensors"),
                 2, "v.safetensors exists");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_from_recordings_to_a_voice),
      T(test_a_voice_is_measured_on_what_it_never_saw),
      T(test_a_backend_that_is_not_there_is_refused),
      T(test_threads_do_not_show),
      T(test_resuming_at_the_end_gives_the_same_weights),
      T(test_a_teacher_teaches),
      T(test_a_voice_teaches),
      T(test_a_voice_that_cannot_teach_is_refused),
      T(test_lines_may_end_in_two_characters),
      T(test_mistakes_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
