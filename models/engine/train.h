// SPDX-License-Identifier: GPL-3.0-or-later
// What all trainings share: recipes, the learning rate's course, the loss log.
#ifndef NM_ENGINE_TRAIN_H
#define NM_ENGINE_TRAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "dsp/base/status.h"

// A recipe: a JSON object of numbers and texts. The first error sticks and nm_recipe_check reports it.
typedef struct NmRecipe NmRecipe;

// NULL and `err` (file, line, cause) when it cannot be read.
NmRecipe *nm_recipe_open(const char *path, NmError *err);
void nm_recipe_close(NmRecipe *recipe);

// The number `key`, `otherwise` when the recipe has none; one outside [low, high] is an error.
double nm_recipe_get_number(NmRecipe *recipe, const char *key, double otherwise, double low, double high);
int64_t nm_recipe_get_integer(NmRecipe *recipe, const char *key, int64_t otherwise, int64_t low,
                              int64_t high);
// The text `key`, `otherwise` when the recipe has none. Lives as long as the recipe.
const char *nm_recipe_get_text(NmRecipe *recipe, const char *key, const char *otherwise);

// The recipe as one line of JSON, for the metadata of what came of it; freed by the caller, NULL when memory
// is out.
char *nm_recipe_print(const NmRecipe *recipe);

// After everything was asked for: the first error, or a key that nobody asked for (a misspelling) by name.
// The key "note" is free.
NmStatus nm_recipe_check(const NmRecipe *recipe, NmError *err) NM_NODISCARD;

// The learning rate of step 0, 1... of n_steps: linear warm-up over n_warm steps, then a half cosine down to
// a hundredth of `peak` (Loshchilov, Hutter 2017, without restarts).
double nm_train_rate(int64_t step, int64_t n_steps, int64_t n_warm, double peak);

// A loss log as TSV: "step", then the columns. An existing log is continued when `resume_step` > 0: rows from
// that step on are dropped. NULL and `err` when it cannot be written.
FILE *nm_train_log_open(const char *path, const char *columns, int64_t resume_step, NmError *err);

#endif
