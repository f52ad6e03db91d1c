// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/batch_fixture.h"

// cmocka.h wants these first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/interrupt.h"
#include "tests/support/program.h"

static char home[PATH_MAX], scratch[64];

// --- stages ---

static const NmOption options[] = {{"output", 'o', "FILE", "where it goes"},
                                   {"audio", 0, "FILE", "sound"},
                                   {"key", 'k', "KEY", "a word that is written too"},
                                   {"with", 0, "FILE", "a file whose text is written too"},
                                   {"seed", 's', "N", "a number"},
                                   {"live", 0, NULL, "not for stages"},
                                   {"json", 0, NULL, "print it"},
                                   {"threads", 'j', "N", "printed with --json"},
                                   {0}};

static char *read_text(const char *path)
{
  size_t n;
  char *text = read_file(path, &n);
  if (text && n && text[n - 1] == '\n') text[n - 1] = '\0';
  return text;
}

static void note_begun(const char *command, const char *text)
{
  char line[256], path[PATH_MAX + 8];
  snprintf(path, sizeof path, "%s/begun", scratch);
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
  const int n = snprintf(line, sizeof line, "%s %.200s\n", command, text);
  if (fd >= 0 && write(fd, line, (size_t)n) == n) close(fd);
}

static void eat_memory(void)
{
  for (volatile char *p; (p = malloc(1 << 20)); p[1] = 1) *p = 1;
}

// The exit code an order asks for, -1 for none.
static int obey(const char *text)
{
  if (!strncmp(text, "crash", 5)) {
    signal(SIGSEGV, SIG_DFL); // cmocka would go on with its own work
    raise(SIGSEGV);
  }
  if (!strncmp(text, "hang", 4)) pause();
  if (!strncmp(text, "slow", 4)) usleep(20000);
  if (!strncmp(text, "warn", 4)) nm_message_warning("that was strange");
  if (!strncmp(text, "memory", 6)) {
    eat_memory();
    return nm_message_fail(NM_EXIT_FAILED, "out of memory");
  }
  if (!strncmp(text, "fail", 4)) return nm_message_fail(NM_EXIT_INPUT, "there is nothing to sing");
  if (!strncmp(text, "nothing", 7)) return NM_EXIT_DONE;
  return nm_interrupt_seen() ? NM_EXIT_INTERRUPTED : -1;
}

static void write_wrapped(const NmArgs *args, const char *path, const char *text)
{
  const char *key = nm_args_get(args, "key"), *with = nm_args_get(args, "with");
  char *other = with ? read_text(with) : NULL;
  FILE *file = fopen(path, "w");
  if (!file) _exit(99);
  fprintf(file, "%s(%s)%s%s\n", !strcmp(args->command->name, "compose") ? "song" : "mood", text,
          key ? key : "", other ? other : "");
  fclose(file);
  free(other);
}

static int run(const NmArgs *args)
{
  const char *path, *names[] = {"output", "audio"};
  char *text = args->n_operands == 1 ? read_text(args->operands[0]) : NULL;
  if (!text) return nm_message_fail(NM_EXIT_INPUT, "cannot read it");
  note_begun(args->command->name, text);
  int code = obey(nm_args_has(args, "key") && !strcmp(nm_args_get(args, "key"), "fail") ? "fail" : text);
  for (int k = 0; k < 2 && code < 0; ++k)
    for (int i = 0; (path = nm_args_get_nth(args, names[k], i)); ++i) write_wrapped(args, path, text);
  if (nm_args_has(args, "json"))
    printf("{\"text\": \"%s\", \"file\": \"%s\", \"threads\": %s}\n", text, args->operands[0],
           nm_args_has(args, "threads") ? nm_args_get(args, "threads") : "0");
  free(text);
  return code < 0 ? NM_EXIT_DONE : code;
}

static const NmCommand
    compose = {.name = "compose", .operands = "FILE", .summary = "", .options = options, .run = run},
    emotion = {.name = "emotion", .operands = "FILE", .summary = "", .options = options, .run = run};
const NmCommand *const batch_commands[] = {&compose, &emotion, NULL};

static int run_stage(int argc, char **argv)
{
  return nm_command_main(batch_commands, argc, argv);
}

static const NmBatchRunner runner = {.run = run_stage};

// --- batches ---

static void tell(void *user, const NmBatchTold *told)
{
  BatchFixture *f = user;
  assert_true(f->n_told < 256);
  BatchTold *t = &f->told[f->n_told++];
  snprintf(t->input, sizeof t->input, "%s", told->task->job->input);
  snprintf(t->reason, sizeof t->reason, "%s", told->reason);
  t->outcome = told->outcome;
  assert_int_equal(told->n_told, f->n_told);
}

void batch_begin(BatchFixture *f, const char *chain)
{
  *f = (BatchFixture){.settings = {.chain = chain, .commands = batch_commands}};
  nm_batch_list_init(&f->list);
  f->run = (NmBatchRun){.list = &f->list,
                        .settings = &f->settings,
                        .runner = &runner,
                        .dir = "out",
                        .shard = {1, 1, false},
                        .n_workers = 2,
                        .tell = tell,
                        .user = f};
}

void batch_add(BatchFixture *f, const char *operand)
{
  if (nm_batch_list_add(&f->list, operand, &f->err)) fail_msg("%s", f->err.message);
}

NmStatus batch_run(BatchFixture *f)
{
  NmStatus status = nm_batch_list_name(&f->list, &f->naming, &f->err);
  if (!status && f->settings.chain)
    status = nm_batch_chain_parse(&f->settings.common, f->settings.chain, NULL, batch_commands, &f->err);
  if (!status) status = nm_batch_check(&f->list, &f->settings, f->run.dir, "jobs", &f->run.hash, &f->err);
  return status ? status : nm_batch_run(&f->run, &f->totals, &f->err);
}

void batch_end(BatchFixture *f)
{
  nm_batch_list_fini(&f->list);
  nm_batch_chain_fini(&f->settings.common);
}

NmStatus batch_run_apart(const char *chain, const char *operand, void (*set)(BatchFixture *f))
{
  static BatchFixture f;
  nm_interrupt_install();
  batch_begin(&f, chain);
  batch_add(&f, operand);
  if (set) set(&f);
  const NmStatus status = batch_run(&f);
  batch_end(&f);
  return status;
}

void batch_expect(const char *chain, const char *operand, void (*set)(BatchFixture *f), NmStatus status,
                  int n_ok, int n_failed, int n_skipped)
{
  BatchFixture *f = malloc(sizeof *f);
  assert_non_null(f);
  batch_begin(f, chain);
  batch_add(f, operand);
  if (set) set(f);
  const NmStatus got = batch_run(f);
  const NmBatchTotals *t = &f->totals;
  if (got != status || t->n_ok != n_ok || t->n_failed != n_failed || t->n_skipped != n_skipped) {
    for (int i = 0; i < f->n_told; ++i)
      print_message("%s: %d %s\n", f->told[i].input, f->told[i].outcome, f->told[i].reason);
    fail_msg("status %d (%s): %d ok, %d failed, %d skipped", got, f->err.message, (int)t->n_ok,
             (int)t->n_failed, (int)t->n_skipped);
  }
  batch_end(f);
  free(f);
}

// --- files ---

void batch_write(const char *path, const char *text)
{
  char whole[PATH_MAX];
  NmError err;
  snprintf(whole, sizeof whole, "%s", path);
  assert_int_equal(nm_batch_make_folders(whole, &err), NM_OK);
  write_file(path, text, strlen(text));
}

void batch_expect_text(const char *path, const char *text)
{
  char *found = read_text(path);
  if (!found) fail_msg("%s is missing", path);
  assert_string_equal(found, text);
  free(found);
}

int batch_count_begun(const char *text)
{
  int n = 0;
  char *all = read_text("begun"), *rest = all, *line;
  while ((line = strsep(&rest, "\n"))) n += strstr(line, text) != NULL;
  free(all);
  return n;
}

void batch_enter(void)
{
  assert_non_null(getcwd(home, sizeof home));
  snprintf(scratch, sizeof scratch, P_tmpdir "/neume-batch-XXXXXX");
  assert_non_null(mkdtemp(scratch));
  assert_int_equal(chdir(scratch), 0);
}

void batch_leave(void)
{
  assert_int_equal(chdir(home), 0);
  nm_batch_remove_tree(scratch);
}

void set_resume(BatchFixture *f)
{
  f->run.resume = true;
}

void set_force(BatchFixture *f)
{
  f->run.force = true;
}

void set_skip_existing(BatchFixture *f)
{
  f->run.skip_existing = true;
}
