// SPDX-License-Identifier: GPL-3.0-or-later
// Chains: how a line is cut, what follows from the tables, where outputs go.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "app/commands/commands.h"
#include "app/jobs/batch/plan.h"
#include "app/jobs/batch/words.h"
#include "tests/support/fail_alloc.h"

// --- words ---

// The words of all stages, divided by "," and the stages by "|"; what > names behind ">".
static void join(const NmBatchWords *stages, int n, char *text)
{
  *text = '\0';
  for (int k = 0; k < n; ++k) {
    if (k) strcat(text, "|");
    for (int i = 0; i < stages[k].n_words; ++i) {
      if (i) strcat(text, ",");
      strcat(text, stages[k].words[i]);
    }
    if (stages[k].to) strcat(strcat(text, ">"), stages[k].to);
  }
}

static void test_words(void **state)
{
  static const char *const cases[][2] = {
      {"compose", "compose"},
      {"  compose\t-k   D\n", "compose,-k,D"},
      {"a|b | c", "a|b|c"},
      {"a 'b | c' \"d \\\" $e \\x\" f\\ g 'h'\"i\"j", "a,b | c,d \" $e \\x,f g,hij"},
      {"a '' \"\"", "a,,"},
      {"a --x=\"b c\" é", "a,--x=b c,é"},
      {"a > b.json | c>d", "a>b.json|c>d"},
      {"a >\"b c\" d", "a,d>b c"},
      {"a '>' '|' \\; \\&", "a,>,|,;,&"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    NmBatchWords stages[NM_BATCH_STAGES_MAX];
    NmArena arena;
    NmError err = {0};
    char text[256];
    int n;
    nm_arena_init(&arena, 256);
    if (nm_batch_split(cases[i][0], &arena, stages, &n, &err)) fail_msg("%s: %s", cases[i][0], err.message);
    join(stages, n, text);
    assert_string_equal(text, cases[i][1]);
    nm_arena_fini(&arena);
  }
}

static void expect_no_words(const char *line, const char *said)
{
  NmBatchWords stages[NM_BATCH_STAGES_MAX];
  NmArena arena;
  NmError err = {0};
  int n;
  nm_arena_init(&arena, 256);
  assert_int_equal(nm_batch_split(line, &arena, stages, &n, &err), NM_ERR_BAD_ARG);
  if (!strstr(err.message, said)) fail_msg("'%s': %s", line, err.message);
  nm_arena_fini(&arena);
}

static void test_wrong_words(void **state)
{
  static const char *const cases[][2] = {
      {"", "column 1"},
      {"  ", "command is missing"},
      {"a |", "column 4"},
      {"| a", "column 1"},
      {"a || b", "command is missing"},
      {"a 'b", "column 3"},
      {"a \"b\\\"", "column 3"},
      {"a \\", "backslash"},
      {"a ; b", "quotes"},
      {"a & b", "quotes"},
      {"a < b", "quotes"},
      {"a `b`", "quotes"},
      {"a >", "wants a name"},
      {"a > b > c", "one file"},
      {"> b", "command is missing"},
      {"a $(b)", "quotes"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) expect_no_words(cases[i][0], cases[i][1]);
}

static void test_limits(void **state)
{
  char *line = malloc(1 << 18);
  assert_non_null(line);
  strcpy(line, "a");
  for (int i = 0; i < NM_BATCH_STAGES_MAX; ++i) strcat(line, "|a");
  expect_no_words(line, "16 stages");
  strcpy(line, "a");
  for (int i = 0; i < NM_BATCH_WORDS_MAX; ++i) strcat(line, " a");
  expect_no_words(line, "256 words");
  memset(line, 'a', (1 << 18) - 1);
  line[(1 << 18) - 1] = '\0';
  expect_no_words(line, "64 kB");
  free(line);
}

// --- chains ---

// A chain in words: stages as name[arguments]ending.
static void describe(const NmBatchChain *chain, char *text)
{
  static const char *const roles[] = {"", "<", ">", "*"};
  *text = '\0';
  for (int k = 0; k < chain->n; ++k) {
    const NmBatchStage *stage = &chain->stages[k];
    text += sprintf(text, "%s%s[", k ? " " : "", stage->name);
    for (int i = 0; i < stage->n_args; ++i) {
      const NmBatchArg *arg = &stage->args[i];
      text += sprintf(text, "%s%s%s%s%s%s", i ? "," : "", roles[arg->role], arg->option ? arg->option : "",
                      arg->option && arg->value ? "=" : "", arg->value ? arg->value : "",
                      i == stage->arg_flow ? "!" : "");
    }
    text += sprintf(text, "]%s", stage->ending->ending);
  }
}

static void expect_chain(const char *line, const char *options, const char *described)
{
  NmBatchChain chain;
  NmError err = {0};
  char text[512];
  json_t *object = options ? json_loads(options, 0, NULL) : NULL;
  if (nm_batch_chain_parse(&chain, line, object, nm_commands, &err)) fail_msg("%s: %s", line, err.message);
  describe(&chain, text);
  assert_string_equal(text, described);
  nm_batch_chain_fini(&chain);
  json_decref(object);
}

static void test_chains(void **state)
{
  expect_chain("speak", NULL, "speak[*].wav");
  expect_chain("compose | sing | emotion", NULL, "compose[*].musicxml sing[*].wav emotion[*].csv");
  expect_chain("compose | emotion", NULL, "compose[*].wav emotion[*].csv"); // played, for emotion takes sound
  expect_chain("compose -o .mid | sing -o .FLAC", NULL, "compose[*].mid sing[*].flac");
  expect_chain("compose -k 'F# minor' -fq --vary", NULL, "compose[key=F# minor,vary,*].musicxml");
  expect_chain("compose -o {}.lrc -o {}.mid | sing", NULL,
               "compose[>output={}.lrc,>output={}.mid!,*].mid sing[*].wav");
  expect_chain("compose -o {}.lrc --audio {}.ogg | emotion -o {}.png -o {}.csv", NULL,
               "compose[>output={}.lrc,>audio={}.ogg!,*].ogg emotion[>output={}.png!,>output={}.csv,*].png");
  expect_chain("compose | render", NULL, "compose[*].musicxml render[*]");
  expect_chain("compose | backing -o {}.txt --stems {}-band | emotion", NULL,
               "compose[*].musicxml backing[>output={}.txt,>stems={}-band,*].wav emotion[*].csv");
  expect_chain("speak --timings a/{}.srt --lexicon names.txt", NULL,
               "speak[>timings=a/{}.srt,<lexicon=names.txt,*].wav");
  expect_chain("align - {}.mid", NULL, "align[*,<{}.mid].musicxml");
  expect_chain("align words.txt -", NULL, "align[<words.txt,*].musicxml");
  expect_chain("align {}.mid", NULL, "align[*,<{}.mid].musicxml"); // the input comes first
  expect_chain("compose --json > {}.json | sing", NULL, "compose[json,*,>>={}.json].musicxml sing[*].wav");
  expect_chain("speak | ladspa:plate reverb=3 'Dry/wet mix=.5' | ladspa:1423 -o .flac", NULL,
               "speak[*].wav ladspa:plate[reverb=3,Dry/wet mix=.5].wav ladspa:1423[].flac");
}

static void test_options_of_jobs(void **state)
{
  expect_chain("compose | sing", "{\"seed\": 3}", "compose[seed=3,*].musicxml sing[seed=3,*].wav");
  expect_chain("compose -s 1 | sing", "{\"compose\": {\"seed\": 2, \"vary\": true, \"json\": false}}",
               "compose[seed=1,seed=2,vary,*].musicxml sing[*].wav"); // the last one counts
  expect_chain("compose", "{\"output\": [\"{}.mid\", \"{}.abc\"], \"tempo\": 90.5}",
               "compose[>output={}.mid!,>output={}.abc,tempo=90.5,*].mid");
  expect_chain("compose -- -", "{\"seed\": 4}", "compose[seed=4,*].musicxml");
  expect_chain("speak|ladspa:plate", "{\"ladspa:plate\": {\"damping\": 0.25, \"on\": true}}",
               "speak[*].wav ladspa:plate[damping=0.25,on=1].wav");
}

static void expect_wrong(const char *line, const char *options, const char *said)
{
  NmBatchChain chain;
  NmError err = {0};
  json_t *object = options ? json_loads(options, 0, NULL) : NULL;
  if (options) assert_non_null(object);
  const NmStatus status = nm_batch_chain_parse(&chain, line, object, nm_commands, &err);
  if (status != NM_ERR_BAD_ARG || !strstr(err.message, said))
    fail_msg("'%s': %d, %s", line, status, err.message);
  nm_batch_chain_fini(&chain);
  json_decref(object);
}

static void test_wrong_chains(void **state)
{
  expect_wrong("compse", NULL, "did you mean compose?");
  expect_wrong("speak | train", NULL, "column 9 of the chain: 'train' is no stage");
  expect_wrong("ladspa:", NULL, "no stage");
  expect_wrong("compose --kye D", NULL, "did you mean --key?");
  expect_wrong("compose --key", NULL, "--key wants KEY");
  expect_wrong("compose --vary=1", NULL, "takes no value");
  expect_wrong("emotion | compose", NULL, "compose takes words, but emotion gives tables and pictures");
  expect_wrong("compose -o .wav | sing", NULL, "sing takes a song, but compose gives sound, .wav");
  expect_wrong("compose -o .csv", NULL, "compose writes .musicxml");
  expect_wrong("compose -o {}.csv", NULL, "compose writes .musicxml");
  expect_wrong("compose -o .mid -o .abc", NULL, "chosen twice");
  expect_wrong("compose -o song.mid", NULL, "same file for every input");
  expect_wrong("compose -o {}{}.mid", NULL, "{} twice");
  expect_wrong("compose -o ../{}.mid", NULL, "leads out");
  expect_wrong("compose -o /{}.mid", NULL, "leads out");
  expect_wrong("compose -o -", NULL, "writes to files");
  expect_wrong("compose > song.json", NULL, "same file for every input");
  expect_wrong("compose -n 3", NULL, "--candidates of compose is not for a stage");
  expect_wrong("emotion --live", NULL, "--live of emotion is not for a stage");
  expect_wrong("speak --help", NULL, "--help of speak");
  expect_wrong("ladspa:plate reverb", NULL, "NAME=VALUE");
  expect_wrong("ladspa:plate -x=1", NULL, "NAME=VALUE");
  expect_wrong("compose", "{\"sing\": {\"seed\": 3}}", "'sing' are for no stage");
  expect_wrong("compose", "{\"voice\": \"x\"}", "no stage of the chain has the option 'voice'");
  expect_wrong("compose", "{\"seed\": [[1]]}", "neither text nor a number");
  expect_wrong("compose", "{\"compose\": {\"sede\": 1}}", "did you mean --seed?");
  expect_wrong("compose", "{\"compose\": {\"-s\": 1}}", "no name of an option");
}

// --- plans ---

static void expect_plan(const char *line, const char *key, const char *result, bool keep,
                        const char *described)
{
  NmBatchChain chain;
  NmBatchPlan plan;
  NmArena arena;
  NmError err = {0};
  char text[512] = "", *at = text;
  nm_arena_init(&arena, 256);
  assert_int_equal(nm_batch_chain_parse(&chain, line, NULL, nm_commands, &err), NM_OK);
  if (result) assert_int_equal(nm_batch_chain_set_result(&chain, result, &err), NM_OK);
  assert_int_equal(nm_batch_plan_make(&plan, &chain, key, result, keep, &arena, &err), NM_OK);
  for (int i = 0; i < plan.n; ++i)
    at += sprintf(at, "%s%s:%s", i ? " " : "", plan.outputs[i].work,
                  plan.outputs[i].path ? plan.outputs[i].path : "");
  assert_string_equal(text, described);
  nm_arena_fini(&arena);
  nm_batch_chain_fini(&chain);
}

static void test_plans(void **state)
{
  expect_plan("compose | sing", "a", NULL, false, "1/a.musicxml: 2/a.wav:a.wav");
  expect_plan("compose | sing", "x/y/a", NULL, true, "1/a.musicxml:x/y/a.musicxml 2/a.wav:x/y/a.wav");
  expect_plan("speak | ladspa:p | ladspa:q", "x/a", NULL, true,
              "1/a.wav:x/a.1-speak.wav 2/a.wav:x/a.2-ladspa.wav 3/a.wav:x/a.wav");
  expect_plan("compose -o {}.mid -o mid/my-{}.abc | sing", "x/a", NULL, false,
              "1/a.mid:x/a.mid 1/1/my-a.abc:mid/x/my-a.abc 2/a.wav:x/a.wav");
  expect_plan("compose | sing", "x/a", "other/song.flac", false, "1/a.musicxml: 2/a.flac:other/song.flac");
  expect_plan("compose | render", "x/a", NULL, false, "1/a.musicxml: 2/a:x/a");
  expect_plan("compose | render -o all-{}", "x/a", NULL, false, "1/a.musicxml: 2/all-a:x/all-a");
  expect_plan("speak --timings {}.srt -o {}-read.ogg", "a", NULL, false,
              "1/0/a.srt:a.srt 1/a-read.ogg:a-read.ogg");
}

static void test_results(void **state)
{
  NmBatchChain chain;
  NmError err = {0};
  assert_int_equal(nm_batch_chain_parse(&chain, "compose | sing", NULL, nm_commands, &err), NM_OK);
  assert_int_equal(nm_batch_chain_set_result(&chain, "a.mid", &err), NM_ERR_BAD_ARG);
  assert_non_null(strstr(err.message, "sing writes .wav"));
  nm_batch_chain_fini(&chain);
  assert_true(nm_batch_is_below("a/b..c/..d"));
  assert_false(nm_batch_is_below("a/.."));
  assert_false(nm_batch_is_below("../a"));
  assert_false(nm_batch_is_below("/a"));
}

// Two chains that do the same have the same hash, and no others.
static void test_hashes(void **state)
{
  static const char *const lines[] = {
      "compose",         "compose -k D",      "compose -k G",   "compose --key=D -s 1", "compose -s 1 -k D",
      "compose -o .mid", "compose -o {}.mid", "compose | sing", "compose | emotion"};
  enum { N = sizeof lines / sizeof *lines };
  NmHash hashes[N + 1];
  for (int i = 0; i <= N; ++i) {
    NmBatchChain chain;
    NmError err = {0};
    const char *line = i < N ? lines[i] : "compose   --key \"D\" -q";
    assert_int_equal(nm_batch_chain_parse(&chain, line, NULL, nm_commands, &err), NM_OK);
    nm_hash_init(&hashes[i]);
    nm_batch_chain_add_hash(&chain, &hashes[i]);
    for (int k = 0; k < i; ++k) {
      const bool equal = !memcmp(&hashes[i], &hashes[k], sizeof hashes[i]);
      assert_int_equal(equal, i == N && k == 1);
    }
    nm_batch_chain_fini(&chain);
  }
}

static bool parse(void *ctx)
{
  NmBatchChain chain;
  NmBatchPlan plan;
  NmArena arena;
  nm_arena_init(&arena, 64);
  NmStatus status =
      nm_batch_chain_parse(&chain, "compose -k D -o {}.mid | sing > {}.json", NULL, nm_commands, NULL);
  if (!status) status = nm_batch_plan_make(&plan, &chain, "a/b", NULL, true, &arena, NULL);
  nm_batch_chain_fini(&chain);
  nm_arena_fini(&arena);
  return status == NM_OK;
}

static void test_memory_out(void **state)
{
  assert_true(nm_fail_alloc_each(parse, NULL, false) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_words),        cmocka_unit_test(test_wrong_words),
      cmocka_unit_test(test_limits),       cmocka_unit_test(test_chains),
      cmocka_unit_test(test_wrong_chains), cmocka_unit_test(test_options_of_jobs),
      cmocka_unit_test(test_plans),        cmocka_unit_test(test_results),
      cmocka_unit_test(test_hashes),       cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
