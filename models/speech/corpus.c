// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/corpus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_COLUMNS = 8, N_SPLITS = 4, FRAMES_MAX = 1000000 };

static const char boundary_marks[NM_N_BOUNDARIES + 1] = " ,-;.!?";

static NmBoundary find_boundary(char mark)
{
  const char *at = mark ? strchr(boundary_marks, mark) : NULL;
  return at ? (NmBoundary)(at - boundary_marks) : NM_BOUNDARY_NONE;
}

static int32_t count_states(const char *text)
{
  int32_t n = 1;
  for (const char *c = text; *c; ++c) n += *c == '.' || *c == ' ' ? 2 : 0;
  return n + 3;
}

// One word "HH.AH0/," at *text; advances over it and appends its phones and the pause after it.
static NmStatus parse_word(const char **text, int32_t word, NmToken *states, int32_t *n, NmError *err)
{
  const char *end = *text + strcspn(*text, " ");
  const char *slash = memchr(*text, '/', (size_t)(end - *text));
  const NmBoundary boundary = slash ? find_boundary(slash[1]) : NM_BOUNDARY_NONE;
  for (const char *p = *text, *stop = slash ? slash : end; p < stop;) {
    const size_t len = strcspn(p, "./ ");
    const int32_t phone = nm_phone_find(p, len, 0);
    if (phone < 0) return nm_error_set(err, NM_ERR_BAD_DATA, "unknown phone '%.*s'", (int)len, p);
    states[(*n)++] = (NmToken){phone, word, boundary};
    p += len + (p[len] == '.');
  }
  states[(*n)++] = (NmToken){NM_PHONE_PAUSE, -1, boundary};
  *text = end;
  return NM_OK;
}

NmStatus nm_corpus_parse_states(NmArena *arena, const char *text, const NmToken **states, int32_t *n,
                                NmError *err)
{
  NmToken *s = nm_arena_calloc(arena, (size_t)count_states(text), sizeof *s);
  if (!s) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  *n = 0;
  s[(*n)++] = (NmToken){NM_PHONE_PAUSE, -1, NM_BOUNDARY_NONE};
  NmStatus status = NM_OK;
  for (int32_t word = 0; status == NM_OK && *(text += strspn(text, " ")); ++word)
    status = parse_word(&text, word, s, n, err);
  *states = s;
  return status;
}

int32_t nm_corpus_find_speaker(const NmCorpus *corpus, const char *name)
{
  for (int32_t i = 0; name && i < corpus->n_speakers; ++i)
    if (strcmp(corpus->speakers[i], name) == 0) return i;
  return -1;
}

static int32_t add_speaker(NmCorpus *corpus, const char *name)
{
  const int32_t known = nm_corpus_find_speaker(corpus, name);
  if (known >= 0) return known;
  if (corpus->n_speakers == 64) return -1;
  corpus->speakers[corpus->n_speakers] = name;
  return corpus->n_speakers++;
}

const char *nm_corpus_split_name(NmSplit split)
{
  static const char *const names[N_SPLITS] = {"train", "valid", "test", "taught"};
  return names[split];
}

static bool find_split(const char *name, NmSplit *split)
{
  for (int i = 0; i < N_SPLITS; ++i)
    if (strcmp(name, nm_corpus_split_name((NmSplit)i)) == 0) return *split = (NmSplit)i, true;
  return false;
}

static bool parse_whole(const char *text, int64_t high, int64_t *value)
{
  char *end;
  *value = strtoll(text, &end, 10);
  return end != text && !*end && *value >= 0 && *value <= high;
}

static NmStatus parse_item(NmCorpus *corpus, char **column, NmCorpusItem *item, NmError *err)
{
  int64_t n_frames;
  item->speaker = add_speaker(corpus, column[0]);
  if (item->speaker < 0) return nm_error_set(err, NM_ERR_BAD_DATA, "more than 64 speakers");
  item->id = column[1];
  item->prompt = column[2];
  if (!find_split(column[3], &item->split))
    return nm_error_set(err, NM_ERR_BAD_DATA, "'%s' is not train, valid, test or taught", column[3]);
  if (!parse_whole(column[4], INT64_MAX, &item->frame_first) ||
      !parse_whole(column[5], INT32_MAX, &n_frames) || item->frame_first > corpus->n_frames - n_frames)
    return nm_error_set(err, NM_ERR_BAD_DATA, "frames beyond the end of envelope.f32");
  item->n_frames = (int32_t)n_frames;
  item->raise = strtof(column[6], NULL);
  if (!(item->raise > 0 && item->raise < 100))
    return nm_error_set(err, NM_ERR_BAD_DATA, "'%s' is no factor of pitch", column[6]);
  return nm_corpus_parse_states(&corpus->arena, column[7], &item->states, &item->n_states, err);
}

// Cuts a line at its tabs, in place; false unless there are exactly n columns.
static bool split_line(char *line, char **column, int n)
{
  for (int i = 0; i < n; ++i) {
    column[i] = line;
    line += strcspn(line, "\t\n");
    if ((i + 1 < n) != (*line == '\t')) return false;
    *line++ = 0;
  }
  return true;
}

// What is wrong with a file as lines of text; NULL when nothing is.
static const char *find_fault(const NmMap *map)
{
  if (map->size == 0) return NULL;
  if (map->size > INT32_MAX) return "more than 2 GB";
  if (memchr(map->data, 0, map->size)) return "a zero byte in a text";
  return map->data[map->size - 1] == '\n' ? NULL : "the last line is cut short";
}

// The text on the arena, terminated, and its number of lines.
static char *copy_text(NmCorpus *corpus, const char *path, const NmMap *map, int32_t *n_lines, NmError *err)
{
  const char *fault = find_fault(map);
  if (fault) {
    nm_error_set(err, NM_ERR_BAD_DATA, "%s: %s; prepare the corpus again", path, fault);
    return NULL;
  }
  char *text = nm_arena_alloc(&corpus->arena, map->size + 1);
  if (!text) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    return NULL;
  }
  if (map->size) memcpy(text, map->data, map->size);
  text[map->size] = 0;
  *n_lines = 0;
  for (size_t i = 0; i < map->size; ++i) *n_lines += text[i] == '\n';
  return text;
}

// The file as a writable text on the arena, and its number of lines.
static char *load_text(NmCorpus *corpus, const char *path, int32_t *n_lines, NmError *err)
{
  NmMap map;
  if (nm_map_open(&map, path, err) != NM_OK) return NULL;
  char *text = copy_text(corpus, path, &map, n_lines, err);
  nm_map_close(&map);
  return text;
}

static NmStatus load_index(NmCorpus *corpus, const char *dir, NmError *err)
{
  char path[1024];
  NmError inner = {0};
  int32_t n_lines;
  snprintf(path, sizeof path, "%s/index.tsv", dir);
  char *text = load_text(corpus, path, &n_lines, err);
  if (!text) return err->status;
  corpus->items = nm_arena_calloc(&corpus->arena, (size_t)n_lines + 1, sizeof *corpus->items);
  corpus->speakers = nm_arena_calloc(&corpus->arena, 64, sizeof *corpus->speakers);
  if (!corpus->items || !corpus->speakers)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  char *line = text;
  for (int32_t i = 0; i < n_lines; ++i) {
    char *next = strchr(line, '\n') + 1, *column[N_COLUMNS];
    const bool whole = split_line(line, column, N_COLUMNS);
    if (!whole) nm_error_set(&inner, NM_ERR_BAD_DATA, "expected %d columns", N_COLUMNS);
    if (!whole || (i > 0 && parse_item(corpus, column, &corpus->items[corpus->n_items++], &inner) != NM_OK))
      return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, i + 1, "%s: line %d: %s; prepare the corpus again",
                             path, i + 1, inner.message);
    line = next;
  }
  return NM_OK;
}

static NmStatus parse_durations(NmCorpus *corpus, NmCorpusItem *item, char *line, NmError *err)
{
  char *tab = strchr(line, '\t');
  if (!tab || strncmp(line, item->id, (size_t)(tab - line)) != 0 || strlen(item->id) != (size_t)(tab - line))
    return nm_error_set(err, NM_ERR_BAD_DATA, "expected the durations of %s", item->id);
  char *at = tab + 1;
  if (!*at) return NM_OK;
  float *durations = nm_arena_calloc(&corpus->arena, (size_t)item->n_states, sizeof *durations);
  if (!durations) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t k = 0; k < item->n_states; ++k) {
    char *end;
    durations[k] = strtof(at, &end);
    if (end == at || !(durations[k] >= 0 && durations[k] <= FRAMES_MAX))
      return nm_error_set(err, NM_ERR_BAD_DATA, "expected %d durations of 0 to %d frames", item->n_states,
                          FRAMES_MAX);
    at = end;
  }
  if (*at) return nm_error_set(err, NM_ERR_BAD_DATA, "more than %d durations", item->n_states);
  item->durations = durations;
  return NM_OK;
}

// A corpus not aligned yet has no durations.tsv: that is fine.
static NmStatus load_durations(NmCorpus *corpus, const char *dir, NmError *err)
{
  char path[1024];
  NmError inner = {0};
  int32_t n_lines;
  snprintf(path, sizeof path, "%s/durations.tsv", dir);
  FILE *there = fopen(path, "r");
  if (!there) return NM_OK;
  fclose(there);
  char *line = load_text(corpus, path, &n_lines, err);
  if (!line) return err->status;
  if (n_lines != corpus->n_items)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: %d lines for %d items; align the corpus again", path,
                        n_lines, corpus->n_items);
  for (int32_t i = 0; i < n_lines; ++i) {
    char *end = strchr(line, '\n');
    *end = 0;
    if (parse_durations(corpus, &corpus->items[i], line, &inner) != NM_OK)
      return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, i + 1, "%s: line %d: %s; align the corpus again", path,
                             i + 1, inner.message);
    line = end + 1;
  }
  return NM_OK;
}

static NmStatus map_features(NmCorpus *corpus, const char *dir, NmError *err)
{
  static const char *const name[3] = {"envelope.f32", "f0.f32", "audio.s16"};
  static const size_t size_frame[3] = {80 * sizeof(float), sizeof(float), 256 * sizeof(int16_t)};
  char path[1024];
  for (int i = 0; i < 3; ++i) {
    snprintf(path, sizeof path, "%s/%s", dir, name[i]);
    const NmStatus status = nm_map_open(&corpus->maps[i], path, err);
    if (status != NM_OK) return status;
    if (i == 0) corpus->n_frames = (int64_t)(corpus->maps[0].size / size_frame[0]);
    if (corpus->maps[i].size != (size_t)corpus->n_frames * size_frame[i])
      return nm_error_set(err, NM_ERR_BAD_DATA,
                          "%s: %zu bytes do not fit %lld frames; prepare the corpus again", path,
                          corpus->maps[i].size, (long long)corpus->n_frames);
  }
  corpus->envelope = (const float *)(const void *)corpus->maps[0].data;
  corpus->f0_hz = (const float *)(const void *)corpus->maps[1].data;
  corpus->audio = (const int16_t *)(const void *)corpus->maps[2].data;
  return NM_OK;
}

NmStatus nm_corpus_open(NmCorpus *corpus, const char *dir, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  *corpus = (NmCorpus){0};
  nm_arena_init(&corpus->arena, 1 << 20);
  NmStatus status = map_features(corpus, dir, err);
  if (status == NM_OK) status = load_index(corpus, dir, err);
  if (status == NM_OK) status = load_durations(corpus, dir, err);
  if (status != NM_OK) nm_corpus_close(corpus);
  return status;
}

void nm_corpus_close(NmCorpus *corpus)
{
  for (int i = 0; i < 3; ++i) nm_map_close(&corpus->maps[i]);
  nm_arena_fini(&corpus->arena);
  *corpus = (NmCorpus){0};
}

NmStatus nm_corpus_save_durations(const NmCorpus *corpus, const char *dir, NmError *err)
{
  char path[1024], part[1040];
  snprintf(path, sizeof path, "%s/durations.tsv", dir);
  snprintf(part, sizeof part, "%s.part", path);
  FILE *file = fopen(part, "w");
  if (!file) return nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", part, strerror(errno));
  for (int32_t i = 0; i < corpus->n_items; ++i) {
    const NmCorpusItem *item = &corpus->items[i];
    fprintf(file, "%s\t", item->id);
    for (int32_t k = 0; item->durations && k < item->n_states; ++k)
      fprintf(file, k ? " %g" : "%g", (double)item->durations[k]);
    fputc('\n', file);
  }
  const bool bad = ferror(file) != 0;
  if (fclose(file) != 0 || bad || rename(part, path) != 0)
    return nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
  return NM_OK;
}

bool nm_corpus_item_keeps(const NmCorpusItem *item, int32_t k, int32_t min_pause)
{
  const bool edge = k == 0 || k + 1 == item->n_states;
  const float d = item->durations[k];
  return item->states[k].word >= 0 || (d > 0 && (edge || d >= (float)min_pause));
}

void nm_corpus_print_states(const NmCorpusItem *item, FILE *file)
{
  for (int32_t k = 0; k + 1 < item->n_states; ++k) {
    const NmToken *state = &item->states[k], *next = state + 1;
    if (state->word < 0) continue;
    fputs(nm_phone_name(state->phone), file);
    if (next->word >= 0) {
      fputc('.', file);
      continue;
    }
    if (state->boundary != NM_BOUNDARY_NONE) fprintf(file, "/%c", boundary_marks[state->boundary]);
    if (k + 2 < item->n_states) fputc(' ', file);
  }
}

int32_t nm_corpus_item_tokens(const NmCorpusItem *item, int32_t min_pause, NmToken *tokens, float *durations)
{
  int32_t n = 0;
  float owed =
      0; // frames of a short pause that the next token takes: the closure of a stop, or nothing is before
  for (int32_t k = 0; k < item->n_states; ++k) {
    const float d = item->durations[k];
    if (!nm_corpus_item_keeps(item, k, min_pause)) {
      if (n > 0 && !(k + 1 < item->n_states && nm_phone_is_stop(item->states[k + 1].phone)))
        durations[n - 1] += d;
      else
        owed += d;
      continue;
    }
    tokens[n] = item->states[k];
    durations[n++] = d + owed;
    owed = 0;
  }
  return n;
}
