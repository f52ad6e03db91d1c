// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/train.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct NmRecipe {
  char *path;
  json_t *root, *asked; // `asked`: the keys somebody wanted
  NmError error;
};

void nm_recipe_close(NmRecipe *r)
{
  if (!r) return;
  json_decref(r->root);
  json_decref(r->asked);
  free(r->path);
  free(r);
}

NmRecipe *nm_recipe_open(const char *path, NmError *err)
{
  json_error_t where;
  NmRecipe *r = calloc(1, sizeof *r);
  if (r) {
    r->path = strdup(path);
    r->asked = json_object();
    r->root = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
  }
  if (r && r->path && r->asked && json_is_object(r->root)) return r;
  if (r && r->path && r->asked)
    nm_error_set_at(err, r->root || where.line > 0 ? NM_ERR_BAD_DATA : NM_ERR_IO, where.position, where.line,
                    "%s: line %d: %s; a recipe is a JSON object of numbers and texts", path, where.line,
                    r->root ? "not an object" : where.text);
  else
    nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  nm_recipe_close(r);
  return NULL;
}

static const json_t *ask(NmRecipe *r, const char *key)
{
  json_object_set_new(r->asked, key, json_true());
  return json_object_get(r->root, key);
}

double nm_recipe_get_number(NmRecipe *r, const char *key, double otherwise, double low, double high)
{
  const json_t *value = ask(r, key);
  if (!value) return otherwise;
  const double x = json_number_value(value);
  if (json_is_number(value) && x >= low && x <= high) return x;
  if (r->error.status == NM_OK)
    nm_error_set(&r->error, NM_ERR_BAD_DATA, "%s: \"%s\" must be a number from %g to %g", r->path, key, low,
                 high);
  return otherwise;
}

int64_t nm_recipe_get_integer(NmRecipe *r, const char *key, int64_t otherwise, int64_t low, int64_t high)
{
  const double x = nm_recipe_get_number(r, key, (double)otherwise, (double)low, (double)high);
  if (x == floor(x)) return (int64_t)x;
  if (r->error.status == NM_OK)
    nm_error_set(&r->error, NM_ERR_BAD_DATA, "%s: \"%s\" must be a whole number", r->path, key);
  return otherwise;
}

const char *nm_recipe_get_text(NmRecipe *r, const char *key, const char *otherwise)
{
  const json_t *value = ask(r, key);
  if (!value) return otherwise;
  if (json_is_string(value)) return json_string_value(value);
  if (r->error.status == NM_OK)
    nm_error_set(&r->error, NM_ERR_BAD_DATA, "%s: \"%s\" must be a text", r->path, key);
  return otherwise;
}

char *nm_recipe_print(const NmRecipe *r)
{
  return json_dumps(r->root, JSON_COMPACT);
}

NmStatus nm_recipe_check(const NmRecipe *r, NmError *err)
{
  const char *key;
  json_t *value;
  if (r->error.status != NM_OK) {
    if (err) *err = r->error;
    return r->error.status;
  }
  json_object_foreach(r->root, key, value)
  {
    if (strcmp(key, "note") != 0 && !json_object_get(r->asked, key))
      return nm_error_set(err, NM_ERR_BAD_DATA, "%s: \"%s\" means nothing to this training; is it misspelt?",
                          r->path, key);
  }
  return NM_OK;
}

double nm_train_rate(int64_t step, int64_t n_steps, int64_t n_warm, double peak)
{
  if (step < n_warm) return peak * (double)(step + 1) / (double)n_warm;
  const double done = n_steps > n_warm ? (double)(step - n_warm) / (double)(n_steps - n_warm) : 1;
  return peak * (.01 + .99 * (.5 + .5 * cos(3.14159265358979 * fmin(done, 1))));
}

// Keeps the header and the rows before `step` of the log at `path`.
static void drop_rows(const char *path, int64_t step)
{
  FILE *file = fopen(path, "r+");
  char line[1024];
  if (!file) return;
  long end = 0;
  for (int64_t n = 0; fgets(line, sizeof line, file); ++n) {
    if (n > 0 && atoll(line) >= step) break;
    end = ftell(file);
  }
  if (ftruncate(fileno(file), end) != 0) end = 0;
  fclose(file);
}

FILE *nm_train_log_open(const char *path, const char *columns, int64_t resume_step, NmError *err)
{
  if (resume_step > 0) drop_rows(path, resume_step);
  FILE *file = fopen(path, resume_step > 0 ? "a" : "w");
  if (!file) {
    nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
    return NULL;
  }
  setvbuf(file, NULL, _IOLBF, 0);
  if (resume_step <= 0) fprintf(file, "step\t%s\n", columns);
  return file;
}
