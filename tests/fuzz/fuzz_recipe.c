// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a training's recipe: refused with a reason, or numbers within the bounds that were asked for.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "models/engine/train.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
  if (!holds) abort();
}

static void ask(NmRecipe *recipe)
{
  NmError err = {0};
  const int64_t steps = nm_recipe_get_integer(recipe, "steps", 10, 1, 1000000);
  const double rate = nm_recipe_get_number(recipe, "rate", .5, 0, 1);
  const char *licence = nm_recipe_get_text(recipe, "licence", "unknown");
  check(steps >= 1 && steps <= 1000000 && rate >= 0 && rate <= 1 && licence);
  if (nm_recipe_check(recipe, &err) != NM_OK) check(err.status == NM_ERR_BAD_DATA && err.message[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[64];
  const int fd = memfd_create("recipe", 0);
  if (fd < 0) return 0;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (write(fd, data, size) == (ssize_t)size) {
    NmError err = {0};
    NmRecipe *recipe = nm_recipe_open(path, &err);
    if (recipe)
      ask(recipe);
    else
      check(strncmp(err.message, path, strlen(path)) == 0);
    nm_recipe_close(recipe);
  }
  close(fd);
  return 0;
}
