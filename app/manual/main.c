// SPDX-License-Identifier: GPL-3.0-or-later
// neume_manual DIR DATE: writes DIR/man/neume.1, a page for each command, and DIR/completion/neume.bash,
// _neume and neume.fish. Run by the build; the folders must exist.
#include <stdbool.h>
#include <stdio.h>

#include "app/commands/commands.h"
#include "app/manual/manual.h"

static FILE *open_file(const char *dir, const char *sub, const char *name, const char *ending)
{
  char path[4096];
  const int n = snprintf(path, sizeof path, "%s/%s%s%s", dir, sub, name, ending);
  FILE *file = n < (int)sizeof path ? fopen(path, "w") : NULL;
  if (!file) fprintf(stderr, "neume_manual: cannot write %s\n", path);
  return file;
}

static bool close_file(FILE *file)
{
  const bool failed = ferror(file);
  if (!fclose(file) && !failed) return true;
  fprintf(stderr, "neume_manual: a page cannot be written\n");
  return false;
}

static bool write_pages(const char *dir, const NmEdition *edition)
{
  FILE *file = open_file(dir, "man/neume", "", ".1");
  if (!file) return false;
  nm_manual_print_overview(nm_commands, edition, file);
  bool ok = close_file(file);
  for (int i = 0; ok && nm_commands[i]; ++i) {
    file = open_file(dir, "man/neume-", nm_commands[i]->name, ".1");
    if (!file) return false;
    nm_manual_print_page(nm_commands, nm_commands[i], edition, file);
    ok = close_file(file);
  }
  return ok;
}

static bool write_completions(const char *dir)
{
  static const struct {
    const char *name;
    void (*print)(const NmCommand *const *commands, FILE *file);
  } shells[] = {{"neume.bash", nm_completion_print_bash},
                {"_neume", nm_completion_print_zsh},
                {"neume.fish", nm_completion_print_fish}};
  for (size_t i = 0; i < sizeof shells / sizeof *shells; ++i) {
    FILE *file = open_file(dir, "completion/", shells[i].name, "");
    if (!file) return false;
    shells[i].print(nm_commands, file);
    if (!close_file(file)) return false;
  }
  return true;
}

int main(int argc, char **argv)
{
  const NmEdition edition = {.date = argc == 3 ? argv[2] : "", .version = NM_VERSION};
  if (argc != 3) {
    fprintf(stderr, "usage: neume_manual DIR DATE\n");
    return 2;
  }
  return write_pages(argv[1], &edition) && write_completions(argv[1]) ? 0 : 1;
}
