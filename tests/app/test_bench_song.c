// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench song` as a user drives it: a small corpus, untrained models of both kinds.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/song/corpus.h"
#include "models/song/model.h"
#include "tests/support/program.h"

enum { N_SONGS = 6, N_WORDS = 8 };

static const char vocabulary[] = "la\nlo\nli\n";

static void save_corpus(void)
{
  static NmLyricToken words[N_SONGS][N_WORDS];
  static NmNoteToken notes[N_SONGS][N_WORDS];
  NmSongItem items[N_SONGS];
  NmError err = {0};
  for (int s = 0; s < N_SONGS; ++s) {
    for (int i = 0; i < N_WORDS; ++i) {
      const int8_t end = i + 1 == N_WORDS ? NM_END_SONG : i == N_WORDS / 2 ? NM_END_LINE : NM_END_WORD;
      words[s][i] = (NmLyricToken){.syllable = NM_SYLLABLE_FIRST + (i + s) % 3, .end = end};
      notes[s][i] = (NmNoteToken){.len = 24,
                                  .pitch = (int8_t)(60 + (i * (s + 2)) % 12),
                                  .end = end >= NM_END_LINE ? end : NM_END_NOTHING};
    }
    items[s] = (NmSongItem){.lyrics = words[s],
                            .notes = notes[s],
                            .n_lyrics = N_WORDS,
                            .n_notes = N_WORDS,
                            .frame = {.style = NM_STYLE_HYMN, .shift = NM_SONG_NO_SHIFT},
                            .split = s < 3 ? NM_SONG_TRAIN : NM_SONG_TEST};
  }
  if (nm_song_corpus_save("corpus", vocabulary, items, N_SONGS, &err) != NM_OK) fail_msg("%s", err.message);
}

static void save_model(const char *path, int recurrent)
{
  NmError err = {0};
  NmSongModel model;
  NmSongConfig config = nm_song_config_defaults();
  config.d_model = 16;
  config.d_inner = 16;
  config.n_heads = 2;
  config.n_encoder = config.n_decoder = 1;
  config.recurrent = recurrent;
  if (nm_song_model_init(&model, &config, vocabulary, 1, &err) != NM_OK) fail_msg("%s", err.message);
  char *metadata = nm_song_model_metadata(&model.config, model.vocabulary);
  assert_non_null(metadata);
  if (nm_params_save(model.params, path, NM_STORE_F16, false, metadata, &err) != NM_OK)
    fail_msg("%s", err.message);
  free(metadata);
  nm_song_model_close(&model);
}

// Without the lines that tell times.
static void drop_times(char *text)
{
  char *to = text;
  for (char *line = text, *next; *line; line = next) {
    next = strchr(line, '\n') ? strchr(line, '\n') + 1 : line + strlen(line);
    const size_t n = (size_t)(next - line);
    const char kept = *next;
    *next = 0;
    const int timed = strstr(line, " ms") || strstr(line, "a second") || strstr(line, " MB");
    *next = kept;
    if (timed) continue;
    memmove(to, line, n);
    to += n;
  }
  *to = 0;
}

static void test_table(void **state)
{
  (void)state;
  enter_scratch();
  save_corpus();
  save_model("song.safetensors", 0);
  save_model("lstm.safetensors", 1);
  Ran ran[2];
  for (int i = 0; i < 2; ++i) {
    ran[i] = RUN(NULL, NM_PROGRAM, "bench", "song", "--corpus", "corpus", "--candidates", "3", "--song",
                 "song.safetensors", "--lstm", "lstm.safetensors", "-j", i ? "2" : "1");
    if (ran[i].exit_code) fail_msg("%s", ran[i].err);
    drop_times(ran[i].out);
  }
  assert_string_equal(ran[0].out, ran[1].out);
  const char *const wanted[] = {"3 songs, 3 candidates",     "the songs themselves", "another song's melody",
                                "SongMASS, least risk",      "LSTM, least risk",     "LSTM: perplexity",
                                "--without-pretraining FILE"};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; ++i) assert_non_null(strstr(ran[0].out, wanted[i]));
  ran_free(&ran[0]);
  ran_free(&ran[1]);
  leave_scratch();
}

static void test_errors(void **state)
{
  (void)state;
  enter_scratch();
  save_corpus();
  Ran none = RUN(NULL, NM_PROGRAM, "bench", "song"), empty, split, model;
  assert_int_equal(none.exit_code, 2);
  empty = RUN(NULL, NM_PROGRAM, "bench", "song", "--corpus", "corpus", "--split", "valid");
  assert_int_equal(empty.exit_code, 3);
  split = RUN(NULL, NM_PROGRAM, "bench", "song", "--corpus", "corpus", "--split", "all");
  assert_int_equal(split.exit_code, 2);
  model = RUN(NULL, NM_PROGRAM, "bench", "song", "--corpus", "corpus", "--lstm", "missing.safetensors");
  assert_int_equal(model.exit_code, 3);
  assert_non_null(strstr(model.err, "missing.safetensors"));
  ran_free(&none);
  ran_free(&empty);
  ran_free(&split);
  ran_free(&model);
  leave_scratch();
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_errors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
