// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/assets.h"
#include "app/commands/commands.h"
#include "app/formats/text_write.h"
#include "dsp/base/map.h"
#include "dsp/soundfont.h"

static const NmOption options[] = {{"json", 0, NULL, "print JSON"}, {0}};

static const NmExample examples[] = {
    {"neume info", "version, places, weights, voices"},
    {"neume info voice.safetensors --json", "one file: licence, data, recipe, sizes"},
    {0}};

static const NmChoice choices[] = {{"", ".safetensors"}, {0}};

enum { N_HEADER_MAX = 16 << 20, N_VALUE_SHOWN = 2000 };

// What a person asks first; the rest of the metadata describes the network.
static const char *const origins[] = {"licence", "training_data", "recipe", "trained_steps", NULL};
// And of all files at once.
static const char *const essentials[] = {"licence", "speakers", NULL};

// The header of a safetensors file: eight bytes of length, then a JSON object.
static json_t *load_header(const char *path, NmError *err)
{
  NmMap map = {0};
  json_error_t cause;
  json_t *header = NULL;
  uint64_t n = 0;
  if (nm_map_open(&map, path, err)) return NULL;
  for (int i = 0; i < 8 && map.size >= 8; i++) n |= (uint64_t)map.data[i] << (8 * i);
  if (map.size < 8 || n > map.size - 8 || n > N_HEADER_MAX) {
    nm_error_set(err, NM_ERR_BAD_DATA,
                 "%s is no weights file (safetensors): its header does not fit its size", path);
  } else if (!(header = json_loadb((const char *)map.data + 8, (size_t)n, 0, &cause)) ||
             !json_is_object(header)) {
    nm_error_set(err, NM_ERR_BAD_DATA, "%s is no weights file (safetensors): its header is no JSON object",
                 path);
    json_decref(header);
    header = NULL;
  }
  nm_map_close(&map);
  return header;
}

static int64_t count_elements(const json_t *tensor)
{
  const json_t *shape = json_object_get(tensor, "shape");
  int64_t n = json_is_array(shape);
  for (size_t i = 0; i < json_array_size(shape); i++) {
    if (__builtin_mul_overflow(n, json_integer_value(json_array_get(shape, i)), &n)) return 0;
  }
  return n;
}

static void describe_weights(json_t *header, json_t *answer)
{
  const char *name;
  json_t *tensor;
  int64_t n_tensors = 0, n_parameters = 0;
  json_t *metadata = json_object_get(header, "__metadata__");
  json_object_foreach(header, name, tensor)
  {
    if (!strcmp(name, "__metadata__")) continue;
    n_tensors++;
    n_parameters += count_elements(tensor);
  }
  json_object_set_new(answer, "tensors", json_integer(n_tensors));
  json_object_set_new(answer, "parameters", json_integer(n_parameters));
  if (metadata) json_object_set(answer, "metadata", metadata);
}

static void describe_size(const char *path, json_t *answer)
{
  struct stat about;
  if (!stat(path, &about)) json_object_set_new(answer, "bytes", json_integer(about.st_size));
}

static bool is_weights(const char *path)
{
  const size_t n = strlen(path), n_ending = strlen(".safetensors");
  return n > n_ending && !strcmp(path + n - n_ending, ".safetensors");
}

static json_t *describe_asset(const NmAsset *asset)
{
  char path[PATH_MAX];
  NmError err = {0};
  json_t *answer = json_pack("{s:s, s:s}", "name", asset->name, "what", asset->what);
  if (nm_assets_find(asset->name, path, &err)) {
    json_object_set_new(answer, "missing", json_true());
    return answer;
  }
  json_object_set_new(answer, "path", json_string(path));
  describe_size(path, answer);
  json_t *header = is_weights(path) ? load_header(path, &err) : NULL;
  if (header)
    describe_weights(header, answer);
  else if (is_weights(path))
    json_object_set_new(answer, "error", json_string(err.message));
  json_decref(header);
  return answer;
}

static json_t *describe_soundfont(void)
{
  char path[PATH_MAX];
  json_t *answer = json_pack("{s:s, s:s}", "name", "soundfont", "what", "instruments of the band");
  if (nm_soundfont_find(NULL, path, sizeof path, NULL)) {
    json_object_set_new(answer, "missing", json_true());
    return answer;
  }
  json_object_set_new(answer, "path", json_string(path));
  describe_size(path, answer);
  return answer;
}

static json_t *describe_all(void)
{
  char places[NM_ASSET_PLACES_MAX][PATH_MAX];
  const int n = nm_assets_get_places(places);
  json_t *assets = json_array(), *searched = json_array();
  for (int i = 0; i < n; i++) json_array_append_new(searched, json_string(places[i]));
  for (const NmAsset *asset = nm_assets; asset->name; asset++)
    json_array_append_new(assets, describe_asset(asset));
  json_array_append_new(assets, describe_soundfont());
  return json_pack("{s:s, s:s, s:o, s:o}", "program", "neume", "version", NM_VERSION, "searched", searched,
                   "assets", assets);
}

static void print_value(const char *name, json_t *value)
{
  char *text = json_is_string(value) ? strdup(json_string_value(value)) : json_dumps(value, JSON_ENCODE_ANY);
  if (!text) return;
  const bool is_long = strlen(text) > N_VALUE_SHOWN;
  if (is_long) text[N_VALUE_SHOWN] = '\0';
  printf("      %-18s ", name);
  nm_write_plain_text(stdout, text);
  printf("%s\n", is_long ? "..." : "");
  free(text);
}

static void print_named(json_t *metadata, const char *const *names)
{
  json_t *value;
  for (; *names; names++)
    if ((value = json_object_get(metadata, *names))) print_value(*names, value);
}

static bool is_origin(const char *name)
{
  for (const char *const *origin = origins; *origin; origin++)
    if (!strcmp(*origin, name)) return true;
  return false;
}

static void print_metadata(json_t *metadata)
{
  const char *name;
  json_t *value;
  print_named(metadata, origins);
  json_object_foreach(metadata, name, value)
  {
    if (!is_origin(name)) print_value(name, value);
  }
}

static void print_size(const json_t *asset)
{
  const json_t *bytes = json_object_get(asset, "bytes"), *parameters = json_object_get(asset, "parameters");
  if (bytes) printf("      %-18s %.2f MB", "size", (double)json_integer_value(bytes) / 1e6);
  if (bytes && parameters) printf(", %" PRId64 " parameters", (int64_t)json_integer_value(parameters));
  if (bytes) putchar('\n');
}

static void print_asset(const json_t *asset, bool briefly)
{
  const char *path = json_string_value(json_object_get(asset, "path"));
  const char *error = json_string_value(json_object_get(asset, "error"));
  const char *what = json_string_value(json_object_get(asset, "what"));
  printf("  %-20s %s\n", json_string_value(json_object_get(asset, "name")), path ? path : "missing");
  if (what) printf("      %s\n", what);
  if (error) printf("      %s\n", error);
  print_size(asset);
  if (briefly)
    print_named(json_object_get(asset, "metadata"), essentials);
  else
    print_metadata(json_object_get(asset, "metadata"));
}

static void print_all(const json_t *answer)
{
  const json_t *assets = json_object_get(answer, "assets"), *searched = json_object_get(answer, "searched");
  printf("neume %s\nLooks for its files in:\n", NM_VERSION);
  for (size_t i = 0; i < json_array_size(searched); i++) {
    printf("  %s\n", json_string_value(json_array_get(searched, i)));
  }
  printf("Files:\n");
  for (size_t i = 0; i < json_array_size(assets); i++) print_asset(json_array_get(assets, i), true);
}

static json_t *describe_file(const char *path, NmError *err)
{
  json_t *header = load_header(path, err);
  if (!header) return NULL;
  const char *slash = strrchr(path, '/');
  json_t *answer = json_pack("{s:s, s:s}", "name", slash ? slash + 1 : path, "path", path);
  describe_size(path, answer);
  describe_weights(header, answer);
  json_decref(header);
  return answer;
}

static int run(const NmArgs *args)
{
  NmError err = {0};
  if (args->n_operands > 1) return nm_message_fail(NM_EXIT_USAGE, "info takes one file");
  json_t *answer = args->n_operands ? describe_file(args->operands[0], &err) : describe_all();
  if (!answer)
    return err.status ? nm_message_fail_input(&err) : nm_message_fail(NM_EXIT_FAILED, "out of memory");
  if (nm_args_has(args, "json")) {
    json_dumpf(answer, stdout, JSON_INDENT(1));
    putchar('\n');
  } else if (args->n_operands)
    print_asset(answer, false);
  else
    print_all(answer);
  json_decref(answer);
  return NM_EXIT_DONE;
}

const NmCommand nm_command_info = {.name = "info",
                                   .operands = "[FILE]",
                                   .summary = "the program, its weights and voices; or one file of weights",
                                   .group = "This program",
                                   .examples = examples,
                                   .choices = choices,
                                   .options = options,
                                   .run = run};
