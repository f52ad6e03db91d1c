// SPDX-License-Identifier: GPL-3.0-or-later
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands/batch_plugins.h"
#include "app/commands/batch_report.h"
#include "app/commands/commands.h"
#include "app/jobs/batch/known.h"
#include "app/jobs/batch/run.h"
#include "app/jobs/batch/summary.h"
#include "app/jobs/resident.h"

static const NmOption options[] = {
    {"output", 'o', "DIR", "the folder for what is made; with merge, the summary to write"},
    {"jobs", 'j', "N", "processes at a time (default: the processors there are)"},
    {"jobs-file", 0, "FILE",
     "the inputs as JSON Lines: {\"input\", \"id\", \"chain\", \"options\", \"output\"}"},
    {"resume", 'r', NULL, "go on where an earlier batch ended: what is done and unchanged is left"},
    {"skip-existing", 0, NULL, "leave inputs whose outputs exist, whatever made them"},
    {"force", 'f', NULL, "do all of it and overwrite what exists"},
    {"keep", 'k', NULL, "keep also what goes from stage to stage"},
    {"flat", 0, NULL, "all outputs in one folder"},
    {"root", 0, "FOLDER", "mirror the folders below this one (default: the deepest that all inputs share)"},
    {"timeout", 't', "SECONDS", "an input that takes longer has failed"},
    {"memory", 0, "MB", "a process that wants more has failed"},
    {"shard", 0, "K/N", "do the K-th of N parts; slurm: as the array of this job says"},
    {"split", 0, "HOW", "into parts by index (default), or by hash: lists may then grow"},
    {"summary", 0, "FILE", "what became of each input: .csv or .json"},
    {"json", 0, NULL, "print a JSON object for each input"},
    {"dry-run", 0, NULL, "only print which files would be made of which"},
    {"list-ladspa", 0, NULL, "print the LADSPA plug-ins there are (those like WORD), with their controls"},
    {0}};

static const char details[] =
    "CHAIN is a line of commands and their options, each taking the file that the one before made: \"compose "
    "--key D | sing\". It is read as a shell would read it, but no shell is started. Stages are compose, "
    "lyrics, "
    "align, backing, sing, speak, render, emotion, and LADSPA plug-ins, ladspa:LABEL NAME=VALUE. What goes "
    "from stage to "
    "stage "
    "follows "
    "from what the next one takes; -o .flac chooses another ending. A name with {} in it, for the name of "
    "the "
    "input, keeps the file: compose -o {}.mid | ... --timings {}.srt; > {}.json keeps standard output. In "
    "options "
    "that read files {} is the input's path without its ending.\n\n"
    "FILE is a file, a pattern ('songs/**/*.txt'), or @LIST, a file with a name in each line.\n\n"
    "Each input is done by a process of its own: one that crashes, takes too long or fails is told and does "
    "not "
    "disturb the others. Results appear whole, when all stages of an input are done. Sub-folders of the "
    "inputs "
    "are mirrored; inputs that differ only in their ending keep it in the names of their outputs. The state "
    "of the "
    "batch lies in DIR/.neume-batch: --resume goes on after whatever ended it, and does nothing twice.\n\n"
    "On several machines that share DIR, each does a part, --shard K/N, and neume batch merge DIR -o "
    "FILE.csv sums "
    "up and names what is missing. --shard slurm counts by SLURM_ARRAY_TASK_ID, _MIN, _STEP and _COUNT; "
    "SLURM_CPUS_PER_TASK limits --jobs.\n\n"
    "Exit codes: 0 all is done, 4 some inputs failed, 130 interrupted.";

static const NmExample examples[] = {
    {"neume batch \"compose | sing | emotion\" 'words/*.txt' -o moods",
     "words to sung songs, and how they feel"},
    {"neume batch \"compose --key G -o {}.mid | sing -o {}.flac | emotion -o {}.png\" words/*.txt -o songs "
     "--resume",
     "keeps the songs, goes on after a break"},
    {"neume batch speak @chapters.txt -o spoken --jobs 4 --summary spoken.csv",
     "a book, four chapters at a time"},
    {"neume batch --jobs-file jobs.jsonl -o out --shard 1/4", "the first of four parts of a list of jobs"},
    {"neume batch merge out -o summary.csv", "the summaries of all parts as one"},
    {0}};

static const NmVariable environment[] = {
    {"SLURM_ARRAY_TASK_ID, SLURM_ARRAY_TASK_MIN, SLURM_ARRAY_TASK_STEP, SLURM_ARRAY_TASK_COUNT",
     "which part --shard slurm does"},
    {"SLURM_CPUS_PER_TASK", "how many processes at a time, unless --jobs says"},
    {"LADSPA_PATH", "folders of LADSPA plug-ins, parted by colons"},
    {0}};

static const NmChoice choices[] = {
    {"jobs-file", ".jsonl"}, {"split", "index hash"}, {"summary", ".csv .json"}, {0}};

typedef struct {
  NmBatchList list;
  NmBatchSettings settings;
  NmBatchRun run;
  NmBatchReport report;
  const char *jobs_file, *summary;
  bool dry_run;
} Request;

// --- reading ---

static int count_processors(void)
{
  cpu_set_t set;
  const char *text = getenv("SLURM_CPUS_PER_TASK");
  const int n_granted = text ? atoi(text) : 0;
  const int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
  return n_granted > 0 && n_granted < n ? n_granted : n;
}

static bool read_workers(const NmArgs *args, NmBatchRun *run)
{
  const int n_processors = count_processors();
  int64_t n = n_processors, memory_mb = 0;
  if (!nm_args_get_integer(args, "jobs", 1, 1024, &n) ||
      !nm_args_get_integer(args, "memory", 16, 1 << 24, &memory_mb) ||
      !nm_args_get_number(args, "timeout", .001, 1e7, &run->timeout_s))
    return false;
  run->n_workers = (int)n;
  run->n_threads = n_processors > n ? (int)(n_processors / n) : 1;
  run->memory_bytes = memory_mb << 20;
  return true;
}

static bool read_shard(const NmArgs *args, NmBatchShard *shard)
{
  NmError err = {0};
  const char *text = nm_args_get(args, "shard"), *split = nm_args_get(args, "split");
  *shard = (NmBatchShard){1, 1, split && !strcmp(split, "hash")};
  if (split && strcmp(split, "hash") && strcmp(split, "index")) {
    nm_message("--split wants index or hash, not '%s'", split);
    return false;
  }
  if (!text || !nm_batch_shard_parse(text, shard, &err)) return true;
  nm_message("%s", err.message);
  return false;
}

static bool read_request(const NmArgs *args, Request *q)
{
  NmBatchRun *run = &q->run;
  NmError err = {0};
  q->jobs_file = nm_args_get(args, "jobs-file");
  q->summary = nm_args_get(args, "summary");
  q->dry_run = nm_args_has(args, "dry-run");
  q->settings.chain = args->n_operands ? args->operands[0] : NULL;
  q->settings.keep = nm_args_has(args, "keep");
  run->dir = nm_args_get(args, "output");
  run->resume = nm_args_has(args, "resume");
  run->skip_existing = nm_args_has(args, "skip-existing");
  run->force = nm_args_has(args, "force");
  q->report.json = nm_args_has(args, "json");
  if (!q->settings.chain && !q->jobs_file)
    nm_message("a chain of commands is missing (neume batch --help shows some)");
  else if (args->n_operands < 2 && !q->jobs_file)
    nm_message("files are missing behind the chain '%s'", q->settings.chain);
  else if (!run->dir)
    nm_message("-o DIR is missing: the folder for what is made");
  else if (run->force && (run->resume || run->skip_existing))
    nm_message("--force does all anew; leave out --resume and --skip-existing, or --force");
  else if (q->summary && nm_batch_summary_check(q->summary, &err))
    nm_message("%s", err.message);
  else
    return read_workers(args, run) && read_shard(args, &run->shard);
  return false;
}

static int read_chain(Request *q)
{
  NmError err = {0};
  if (!q->settings.chain) return NM_EXIT_DONE;
  NmStatus status =
      nm_batch_chain_parse(&q->settings.common, q->settings.chain, NULL, q->settings.commands, &err);
  if (!status) status = q->settings.check(&q->settings.common, &err);
  return status ? nm_message_fail(NM_EXIT_USAGE, "%s", err.message) : NM_EXIT_DONE;
}

static int fail_inputs(NmStatus status, const NmError *err)
{
  return status == NM_ERR_BAD_ARG ? nm_message_fail(NM_EXIT_USAGE, "%s", err->message)
                                  : nm_message_fail_input(err);
}

static NmStatus add_operands(const NmArgs *args, Request *q, NmError *err)
{
  NmBatchKnown known;
  NmStatus status = nm_batch_known_open(&known, q->run.dir, &q->settings.common, err);
  q->list.skips = nm_batch_known_has;
  q->list.user = &known;
  for (int i = 1; i < args->n_operands && !status; ++i)
    status = nm_batch_list_add(&q->list, args->operands[i], err);
  q->list.skips = NULL;
  nm_batch_known_close(&known);
  return status;
}

static int collect(const NmArgs *args, Request *q)
{
  NmError err = {0};
  const NmBatchNaming naming = {nm_args_get(args, "root"), nm_args_has(args, "flat")};
  NmStatus status = add_operands(args, q, &err);
  if (!status && q->jobs_file) status = nm_batch_list_read(&q->list, q->jobs_file, &err);
  if (!status) status = nm_batch_list_name(&q->list, &naming, &err);
  if (status) return fail_inputs(status, &err);
  if (!q->list.n) return nm_message_fail(NM_EXIT_INPUT, "there are no inputs: the lists are empty");
  if (q->list.n_double)
    nm_message_warning(q->list.n_double == 1 ? "%lld input was given twice and is done once"
                                             : "%lld inputs were given twice and are done once",
                       (long long)q->list.n_double);
  status = nm_batch_check(&q->list, &q->settings, q->run.dir, q->jobs_file, &q->run.hash, &err);
  return status ? fail_inputs(status, &err) : NM_EXIT_DONE;
}

// --- doing ---

static int write_summary(const Request *q)
{
  NmBatchState state;
  NmBatchSums sums;
  NmError err = {0};
  if (!q->summary) return NM_EXIT_DONE;
  NmStatus status = nm_batch_state_look(&state, q->run.dir, &err);
  if (!status)
    status = nm_batch_summary_write(&state, q->run.shard.k, q->summary, true, NULL, NULL, &sums, &err);
  return status ? nm_message_fail_output(&err) : NM_EXIT_DONE;
}

static int run_batch(Request *q)
{
  NmError err = {0};
  NmBatchTotals totals;
  const NmStatus status = nm_batch_run(&q->run, &totals, &err);
  if (status != NM_ERR_BAD_ARG) nm_batch_report_end(&q->report, &totals);
  int code = totals.n_failed ? NM_EXIT_PARTIAL : NM_EXIT_DONE;
  if (status)
    code = status == NM_ERR_BAD_ARG ? nm_message_fail(NM_EXIT_USAGE, "%s", err.message)
                                    : nm_message_fail_output(&err);
  if (status && status != NM_ERR_CANCELLED) return code;
  const int code_summary = write_summary(q);
  return code ? code : code_summary;
}

static int do_request(const NmArgs *args, Request *q)
{
  int code = read_chain(q);
  if (!code) code = collect(args, q);
  if (code) return code;
  if (q->dry_run) return nm_batch_report_plan(&q->list, &q->settings, &q->run.shard);
  return run_batch(q);
}

static int run_stage(int argc, char **argv)
{
  return nm_command_main(nm_commands, argc, argv);
}

static void prepare(const NmBatchChain *chain)
{
  unsigned needs = 0;
  for (int k = 0; k < chain->n; ++k) needs |= chain->stages[k].kind->needs;
  nm_resident_load(needs);
}

static int run(const NmArgs *args)
{
  static const NmBatchRunner runner = {
      .run = run_stage, .run_plugin = nm_batch_plugins_run, .prepare = prepare};
  Request request = {.settings = {.commands = nm_commands, .check = nm_batch_plugins_check}};
  request.run.list = &request.list;
  request.run.settings = &request.settings;
  request.run.runner = &runner;
  request.run.tell = nm_batch_report_tell;
  request.run.user = &request.report;
  if (nm_args_has(args, "list-ladspa")) return nm_batch_plugins_list(args);
  if (args->n_operands && !strcmp(args->operands[0], "merge")) return nm_batch_report_merge(args);
  if (!read_request(args, &request)) return NM_EXIT_USAGE;
  nm_batch_list_init(&request.list);
  const int code = do_request(args, &request);
  nm_batch_list_fini(&request.list);
  nm_batch_chain_fini(&request.settings.common);
  nm_resident_free();
  return code;
}

const NmCommand nm_command_batch = {.name = "batch",
                                    .operands = "CHAIN FILE... | merge DIR | --list-ladspa [WORD]",
                                    .summary = "a chain of commands over many files",
                                    .group = "Many files",
                                    .details = details,
                                    .examples = examples,
                                    .choices = choices,
                                    .environment = environment,
                                    .options = options,
                                    .run = run};
