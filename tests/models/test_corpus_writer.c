// SPDX-License-Identifier: GPL-3.0-or-later
// A corpus made of what a model said: what was kept is as it was, what was added is read back, and without a
// good end there is no index.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/speech/batch.h"
#include "models/speech/corpus_writer.h"
#include "tests/support/program.h"

#define INDEX                                                                                                \
  "speaker\tid\tprompt\tsplit\tframe_first\tn_frames\traise\ttokens\n"                                       \
  "ann\ta_1\ta\ttrain\t0\t16\t1\tHH.AH0/, L.OW1/.\n"                                                         \
  "bob\tb_1\tb\ttrain\t16\t0\t1\tAY1\n"
#define DURATIONS "a_1\t2 3 3 0 4 3 1\nb_1\t0 4.5 1\n"

enum { N_FRAMES = 16, N_ADDED = 6, N_BANDS = NM_ACOUSTIC_N_BANDS };

static int set_up(void **state)
{
  static float envelope[N_FRAMES * N_BANDS], f0_hz[N_FRAMES];
  static const int16_t audio[N_FRAMES * 256];
  for (int i = 0; i < N_FRAMES * N_BANDS; ++i) envelope[i] = (float)i;
  for (int i = 0; i < N_FRAMES; ++i) f0_hz[i] = i % 3 ? 100 + (float)i : 0;
  enter_scratch();
  mkdir("corpus", 0777);
  write_file("corpus/envelope.f32", envelope, sizeof envelope);
  write_file("corpus/f0.f32", f0_hz, sizeof f0_hz);
  write_file("corpus/audio.s16", audio, sizeof audio);
  write_file("corpus/index.tsv", INDEX, strlen(INDEX));
  write_file("corpus/durations.tsv", DURATIONS, strlen(DURATIONS));
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static void open_corpus(NmCorpus *corpus, const char *dir)
{
  NmError err = {0};
  if (nm_corpus_open(corpus, dir, &err) != NM_OK) fail_msg("%s", err.message);
}

// The first item as it is; the second, whose pauses at the ends are too short to be said, with six frames.
static NmStatus write_both(const NmCorpus *corpus, NmStatus status)
{
  static float envelope[N_ADDED * N_BANDS], f0_hz[N_ADDED];
  static const int32_t durations[] = {5, 1};
  NmCorpusWriter w = {0};
  NmError err = {0};
  for (int i = 0; i < N_ADDED; ++i) f0_hz[i] = 200 + (float)i;
  if (nm_corpus_writer_open(&w, "made", &err) != NM_OK) fail_msg("%s", err.message);
  nm_corpus_writer_keep(&w, corpus, &corpus->items[0]);
  const NmCorpusFrames frames = {envelope, f0_hz, durations, N_ADDED};
  nm_corpus_writer_add(&w, &corpus->items[1], "ann", NM_SPLIT_TAUGHT, &frames);
  return nm_corpus_writer_close(&w, status, &err);
}

static void test_what_was_written_is_read(void **state)
{
  NmCorpus corpus, made;
  NmUtteranceSet set;
  NmError err = {0};
  open_corpus(&corpus, "corpus");
  assert_int_equal(write_both(&corpus, NM_OK), NM_OK);
  open_corpus(&made, "made");
  assert_int_equal(made.n_items, 2);
  assert_int_equal(made.n_speakers, 1);
  assert_int_equal(made.items[0].split, NM_SPLIT_TRAIN);
  assert_int_equal(made.items[1].split, NM_SPLIT_TAUGHT);
  assert_int_equal(made.items[1].frame_first, N_FRAMES);
  assert_int_equal(made.items[1].n_frames, N_ADDED);
  assert_memory_equal(made.envelope, corpus.envelope, N_FRAMES * N_BANDS * sizeof(float));
  assert_memory_equal(made.f0_hz, corpus.f0_hz, N_FRAMES * sizeof(float));
  assert_true(made.f0_hz[N_FRAMES + 1] == 201);
  if (nm_utterances_init(&set, &made, &err) != NM_OK) fail_msg("%s", err.message);
  assert_int_equal(set.utterances[1].T, N_ADDED);
  nm_utterances_fini(&set);
  nm_corpus_close(&made);
  nm_corpus_close(&corpus);
}

static void test_after_an_error_there_is_no_index(void **state)
{
  NmCorpus corpus;
  open_corpus(&corpus, "corpus");
  assert_int_equal(write_both(&corpus, NM_ERR_CANCELLED), NM_ERR_CANCELLED);
  assert_false(file_exists("made/index.tsv"));
  nm_corpus_close(&corpus);
}

static void test_a_folder_that_cannot_be_made_is_told(void **state)
{
  NmCorpusWriter w = {0};
  NmError err = {0};
  assert_int_equal(nm_corpus_writer_open(&w, "no/where", &err), NM_ERR_IO);
  assert_non_null(strstr(err.message, "no/where: cannot make the folder"));
  assert_int_equal(nm_corpus_writer_close(&w, NM_ERR_IO, NULL), NM_ERR_IO);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_what_was_written_is_read),
      T(test_after_an_error_there_is_no_index),
      T(test_a_folder_that_cannot_be_made_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
