// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/render_emotion.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "app/assets.h"
#include "app/jobs/ear.h"
#include "app/output.h"
#include "dsp/base/map.h"

// A file's text, as it will be.
typedef struct {
  char *bytes;
  size_t n;
} Text;

static NmStatus print(const NmMood *mood, NmStatus (*write)(const NmMood *mood, FILE *file, NmError *err),
                      Text *text, NmError *err)
{
  FILE *file = open_memstream(&text->bytes, &text->n);
  if (!file) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = write(mood, file, err);
  if (fclose(file) && status == NM_OK) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return status;
}

static NmStatus check_cancel(void *user, const NmEmotionRow *row, NmError *err)
{
  const NmRenderEmotion *request = user;
  if (!request->cancel || !atomic_load(request->cancel)) return NM_OK;
  return nm_error_set(err, NM_ERR_CANCELLED, "cancelled");
}

static NmStatus listen(const NmRenderEmotion *request, NmEar *ear, NmSound *sound, Text texts[2],
                       NmError *err)
{
  NmHeard heard;
  const NmHearing hearing = {.keeps_rows = true, .hear = check_cancel, .user = (void *)request};
  NmStatus status = nm_ear_hear(ear, sound, &hearing, &heard, err);
  heard.mood.name = request->name;
  if (status == NM_OK) status = print(&heard.mood, nm_mood_write_csv, &texts[0], err);
  if (status == NM_OK) status = print(&heard.mood, nm_mood_write_picture, &texts[1], err);
  nm_heard_fini(&heard);
  return status;
}

static NmStatus hear(const NmRenderEmotion *request, Text texts[2], NmError *err)
{
  NmEar ear;
  NmSound *sound = NULL;
  NmStatus status = nm_ear_open(&ear, NULL, request->n_threads, err);
  if (status == NM_OK && !(sound = nm_sound_open(request->path, NULL, err))) status = err->status;
  if (status == NM_OK) status = listen(request, &ear, sound, texts, err);
  nm_sound_close(sound);
  nm_ear_close(&ear);
  return status;
}

// Of the sound, its name and the model.
static NmStatus make_keys(const NmRenderEmotion *request, NmHash keys[2], NmError *err)
{
  NmMap map;
  char path[PATH_MAX];
  keys[0] = *request->salt;
  nm_hash_add(&keys[0], request->name, strlen(request->name));
  NmStatus status = nm_map_open(&map, request->path, err);
  if (status != NM_OK) return status;
  nm_hash_add(&keys[0], map.data, map.size);
  nm_map_close(&map);
  status = nm_assets_find("emotion.safetensors", path, err);
  if (status == NM_OK) status = nm_map_open(&map, path, err);
  if (status != NM_OK) return status;
  nm_hash_add(&keys[0], map.data, map.size);
  nm_map_close(&map);
  keys[1] = keys[0];
  nm_hash_add_u64(&keys[1], 1);
  return NM_OK;
}

static bool find(NmCache *cache, const NmHash keys[2], Text texts[2])
{
  if (!cache) return false;
  for (int i = 0; i < 2; ++i)
    if (!(texts[i].bytes = nm_cache_get_any(cache, &keys[i], &texts[i].n))) return false;
  return true;
}

static NmStatus write_text(const char *path, const Text *text, NmError *err)
{
  FILE *file = fopen(path, "we");
  if (!file) return nm_error_set(err, NM_ERR_IO, "cannot write %s", path);
  fwrite(text->bytes, 1, text->n, file);
  return nm_output_close(file, path, err);
}

NmStatus nm_render_emotion(const NmRenderEmotion *request, bool *heard, NmError *err)
{
  NmHash keys[2];
  Text texts[2] = {0};
  NmError own = {0};
  if (!err) err = &own;
  NmStatus status = make_keys(request, keys, err);
  *heard = status == NM_OK && !find(request->cache, keys, texts);
  if (*heard) {
    free(texts[0].bytes);
    texts[0] = (Text){0};
    status = hear(request, texts, err);
    for (int i = 0; status == NM_OK && i < 2; ++i)
      nm_cache_put(request->cache, &keys[i], texts[i].bytes, texts[i].n);
  }
  if (status == NM_OK) status = write_text(request->path_csv, &texts[0], err);
  if (status == NM_OK) status = write_text(request->path_png, &texts[1], err);
  for (int i = 0; i < 2; ++i) free(texts[i].bytes);
  return status;
}
