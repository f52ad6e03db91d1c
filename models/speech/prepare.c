// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/prepare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dsp/base/arena.h"
#include "dsp/base/log.h"
#include "dsp/base/map.h"
#include "models/speech/corpus.h"
#include "models/speech/extract.h"

enum {
  N_BANDS = 80,
  HOP = 256,
  ITEMS_PER_ROUND = 64,
  VALID_EVERY = 40,
  LINE_MAX_BYTES = 65536,
  MS_MAX = 600000
};

// A recording to be read, or a text-only item.
typedef struct {
  const char *path, *speaker, *id, *prompt, *tokens, *durations; // path NULL: text only
  NmSplit split;
  float raise;
} Source;

typedef struct {
  const NmPrepare *options;
  NmArena arena;
  Source *sources;
  int64_t n_sources, capacity;
  char **heldout; // [n_heldout]
  char *flagged;  // text of the quality table, NULL without
  int64_t n_heldout;
  FILE *index, *envelope, *f0, *audio, *durations;
  NmExtractor *extractors[64]; // one for each thread
  int n_extractors;
  NmPrepared done;
} Work;

static char *arena_print(NmArena *arena, const char *a, const char *b, const char *c)
{
  const size_t n = strlen(a) + strlen(b) + strlen(c) + 1;
  char *text = nm_arena_alloc(arena, n);
  if (text) snprintf(text, n, "%s%s%s", a, b, c);
  return text;
}

static char *load_text(Work *w, const char *path, NmError *err)
{
  NmMap map;
  if (nm_map_open(&map, path, err) != NM_OK) return NULL;
  char *text = nm_arena_alloc(&w->arena, map.size + 1);
  if (text) {
    if (map.size) memcpy(text, map.data, map.size);
    text[map.size] = 0;
  } else {
    nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  }
  nm_map_close(&map);
  return text;
}

// Cuts the next line off *text, in place; NULL at the end.
static char *next_line(char **text)
{
  char *line = *text;
  if (!*line) return NULL;
  size_t len = strcspn(line, "\n");
  *text = line + len + (line[len] == '\n');
  if (len && line[len - 1] == '\r') --len;
  line[len] = 0;
  return line;
}

static NmStatus load_heldout(Work *w, NmError *err)
{
  if (!w->options->path_heldout) return NM_OK;
  char *text = load_text(w, w->options->path_heldout, err);
  if (!text) return err->status;
  size_t n = 1;
  for (const char *c = text; *c; ++c) n += *c == '\n';
  w->heldout = nm_arena_calloc(&w->arena, n, sizeof *w->heldout);
  if (!w->heldout) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (char *line; (line = next_line(&text));)
    if (*line && *line != '#') w->heldout[w->n_heldout++] = line;
  return NM_OK;
}

static bool is_heldout(const Work *w, const char *prompt)
{
  for (int64_t i = 0; i < w->n_heldout; ++i)
    if (strcmp(w->heldout[i], prompt) == 0) return true;
  return false;
}

static uint32_t hash(const char *text)
{
  uint32_t h = 2166136261u;
  for (; *text; ++text) h = (h ^ (uint8_t)*text) * 16777619u;
  return h;
}

// "arctic_a0001_1592748574" is a take of the prompt "arctic_a0001".
static const char *find_prompt(NmArena *arena, const char *id)
{
  const char *last = strrchr(id, '_');
  const size_t n_digits = last ? strspn(last + 1, "0123456789") : 0;
  if (n_digits < 9 || last[1 + n_digits]) return id;
  char *prompt = nm_arena_alloc(arena, (size_t)(last - id) + 1);
  if (!prompt) return NULL;
  memcpy(prompt, id, (size_t)(last - id));
  prompt[last - id] = 0;
  return prompt;
}

static NmStatus append_source(Work *w, const Source *source)
{
  if (w->n_sources == w->capacity) {
    const int64_t n = w->capacity ? 2 * w->capacity : 4096;
    Source *grown = realloc(w->sources, (size_t)n * sizeof *grown);
    if (!grown) return NM_ERR_NO_MEMORY;
    w->sources = grown;
    w->capacity = n;
  }
  w->sources[w->n_sources++] = *source;
  return NM_OK;
}

// Appends the words of one sentence in the form of corpus.h; false when there is no room.
static bool print_words(const NmSentence *s, char *out, size_t size, size_t *len)
{
  static const char marks[NM_N_BOUNDARIES + 1] = " ,-;.!?";
  for (int32_t i = 0; i < s->n_words; ++i) {
    const NmWord *word = &s->words[i];
    for (int32_t k = 0; k < word->n_phones; ++k) {
      const char *before = k ? "." : *len ? " " : "";
      const char *name = nm_phone_name(s->phones[word->phone_first + k]);
      *len += (size_t)snprintf(out + *len, size - *len, "%s%s", before, name);
      if (*len + 16 > size) return false;
    }
    if (word->boundary != NM_BOUNDARY_NONE)
      *len += (size_t)snprintf(out + *len, size - *len, "/%c", marks[word->boundary]);
  }
  return true;
}

// The tokens column for a transcript, on the arena; "" when nothing is spoken.
static const char *make_tokens(Work *w, const char *text, NmError *err)
{
  static char out[LINE_MAX_BYTES];
  size_t len = 0, n = strlen(text);
  out[0] = 0;
  while (n > 0) {
    NmSentence sentence;
    const size_t taken = nm_text_find_sentence(text, n, true, NULL);
    if (taken == 0) break;
    if (nm_text_analyse(w->options->text, text, taken, NM_SAY_PLAIN, &sentence, err) != NM_OK) return NULL;
    if (!print_words(&sentence, out, sizeof out, &len)) break;
    text += taken;
    n -= taken;
  }
  const char *kept = arena_print(&w->arena, out, "", "");
  if (!kept) nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return kept;
}

static bool is_flagged(const Work *w, const char *speaker, const char *id)
{
  char key[256];
  snprintf(key, sizeof key, "\n%s\t%s\t", speaker, id);
  const char *line = w->flagged ? strstr(w->flagged, key) : NULL;
  if (!line) return false;
  const size_t len = strcspn(line + 1, "\n");
  const char *flag = strstr(line, "src_clipped");
  return flag && flag < line + 1 + len;
}

static const char *find_audio(Work *w, const char *dir, const char *id)
{
  static const char *const endings[] = {".opus", ".flac", ".wav", ".ogg", ".mp3"};
  char name[512];
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    struct stat info;
    snprintf(name, sizeof name, "/%s%s", id, endings[i]);
    const char *path = arena_print(&w->arena, dir, name, "");
    if (!path || stat(path, &info) == 0) return path;
  }
  return NULL;
}

// The recording and, for some, its raised copies.
static NmStatus append_recording(Work *w, Source *source)
{
  NmStatus status = append_source(w, source);
  const int32_t every = w->options->raise_every > 0 ? w->options->raise_every : 1;
  if (source->split != NM_SPLIT_TRAIN || hash(source->id) / 64 % (uint32_t)every != 0) return status;
  for (int32_t i = 0; i < w->options->n_raises && status == NM_OK; ++i) {
    source->raise = w->options->raises[i];
    status = append_source(w, source);
  }
  return status;
}

static NmStatus add_row(Work *w, const char *dir, const char *speaker, char *line, bool voice_only,
                        NmError *err)
{
  const char *id = strtok(line, "\t");
  if (id) strtok(NULL, "\t");
  const char *text = strtok(NULL, "\t"), *norm = strtok(NULL, "\t");
  if (!id || !text)
    return nm_error_set(err, NM_ERR_BAD_DATA, "expected the columns id, seconds, text, text_norm");
  Source source = {.speaker = speaker, .id = id, .raise = 1, .tokens = ""};
  source.prompt = find_prompt(&w->arena, id);
  source.path = find_audio(w, dir, id);
  if (!source.path || !source.prompt)
    return nm_error_set(err, NM_ERR_IO, "%s: no %s.opus, .flac, .wav, .ogg or .mp3 there", dir, id);
  if (is_flagged(w, speaker, id)) return ++w->done.n_left_out, NM_OK;
  if (is_heldout(w, source.prompt))
    source.split = NM_SPLIT_TEST;
  else
    source.split = hash(source.prompt) % VALID_EVERY == 0 ? NM_SPLIT_VALID : NM_SPLIT_TRAIN;
  if (!voice_only && !(source.tokens = make_tokens(w, norm ? norm : text, err))) return err->status;
  if (append_recording(w, &source) != NM_OK) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return NM_OK;
}

static NmStatus add_folder(Work *w, const char *dir, bool voice_only, NmError *err)
{
  const char *slash = strrchr(dir, '/');
  const char *speaker = slash ? slash + 1 : dir;
  const char *path = arena_print(&w->arena, dir, "/metadata.tsv", "");
  char *text = path ? load_text(w, path, err) : NULL;
  NmError inner = {0};
  if (!text) return err->status;
  next_line(&text);
  int32_t n = 1;
  for (char *line; (line = next_line(&text)) && (!w->options->limit || n <= w->options->limit); ++n)
    if (add_row(w, dir, speaker, line, voice_only, &inner) != NM_OK)
      return nm_error_set_at(err, inner.status, -1, n + 1, "%s: line %d: %s", path, n + 1, inner.message);
  return NM_OK;
}

// One line of the durations file: id, text, then groups word=PH:ms,PH:ms with _=sp:ms for a pause and
// *word=spn:ms for a word whose phones are unknown (then the line is cut there: false). The text tells the
// boundaries, word by word.
static bool convert_durations(char *groups, char *text, char *tokens, char *durations, size_t size)
{
  size_t n_tokens = 0, n_durations = 0;
  double pause_ms = 0;
  const double ms_per_frame = 1000.0 * HOP / 24000;
  char *save = NULL;
  const char *at_text = text;
  for (char *group = strtok_r(groups, " ", &save); group; group = strtok_r(NULL, " ", &save)) {
    char *equals = strchr(group, '=');
    if (!equals || *group == '*') return false;
    *equals = 0;
    if (strcmp(group, "_") == 0) {
      const char *colon = strchr(equals + 1, ':');
      pause_ms += colon ? atof(colon + 1) : 0;
      continue;
    }
    if (!(pause_ms >= 0 && pause_ms < MS_MAX) || n_durations + 64 > size) return false;
    n_durations += (size_t)snprintf(durations + n_durations, size - n_durations, "%s%.2f",
                                    n_durations ? " " : "", pause_ms / ms_per_frame);
    pause_ms = 0;
    const char *before = n_tokens ? " " : "";
    char *inner = NULL;
    for (char *phone = strtok_r(equals + 1, ",", &inner); phone;
         phone = strtok_r(NULL, ",", &inner), before = ".") {
      char *colon = strchr(phone, ':');
      const double ms = colon ? atof(colon + 1) : -1;
      if (!(ms >= 0 && ms < MS_MAX) || nm_phone_find(phone, (size_t)(colon - phone), 1) < 0 ||
          n_tokens + 64 > size || n_durations + 64 > size)
        return false;
      *colon = 0;
      n_tokens += (size_t)snprintf(tokens + n_tokens, size - n_tokens, "%s%s", before, phone);
      n_durations +=
          (size_t)snprintf(durations + n_durations, size - n_durations, " %.2f", ms / ms_per_frame);
    }
    const char *found = strstr(at_text, group);
    if (found) at_text = found + strlen(group);
    if (found && at_text[0] == ' ' && strchr(",-;:.!?", at_text[1]) && at_text[1])
      n_tokens +=
          (size_t)snprintf(tokens + n_tokens, size - n_tokens, "/%c", at_text[1] == ':' ? ';' : at_text[1]);
  }
  snprintf(durations + n_durations, size - n_durations, " %.2f", pause_ms / ms_per_frame);
  return n_tokens > 0 && pause_ms >= 0 && pause_ms < MS_MAX;
}

static NmStatus add_durations(Work *w, NmError *err)
{
  static char tokens[LINE_MAX_BYTES], durations[LINE_MAX_BYTES];
  if (!w->options->path_durations) return NM_OK;
  char *all = load_text(w, w->options->path_durations, err);
  if (!all) return err->status;
  for (char *line; (line = next_line(&all));) {
    char *tab = strchr(line, '\t'), *tab2 = tab ? strchr(tab + 1, '\t') : NULL;
    if (!tab2)
      return nm_error_set(err, NM_ERR_BAD_DATA, "%s: expected three columns", w->options->path_durations);
    *tab = *tab2 = 0;
    if (!convert_durations(tab2 + 1, tab + 1, tokens, durations, sizeof tokens)) {
      ++w->done.n_left_out;
      continue;
    }
    const Source source = {.speaker = w->options->speaker_durations,
                           .id = line,
                           .prompt = line,
                           .raise = 1,
                           .tokens = arena_print(&w->arena, tokens, "", ""),
                           .durations = arena_print(&w->arena, durations, "", ""),
                           .split = hash(line) % VALID_EVERY == 0 ? NM_SPLIT_VALID : NM_SPLIT_TRAIN};
    if (!source.tokens || !source.durations || append_source(w, &source) != NM_OK)
      return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  return NM_OK;
}

// Some items at a time: read and analysed in parallel, written in order.
typedef struct {
  Work *work;
  int64_t first;
  NmExtract extract[ITEMS_PER_ROUND];
  NmStatus status[ITEMS_PER_ROUND];
  NmError error[ITEMS_PER_ROUND];
} Round;

static void extract_job(void *ctx, int64_t i, int worker)
{
  Round *round = ctx;
  const Source *source = &round->work->sources[round->first + i];
  round->status[i] = NM_OK;
  round->extract[i] = (NmExtract){0};
  if (source->path)
    round->status[i] = nm_extract_run(round->work->extractors[worker], source->path, source->raise,
                                      &round->extract[i], &round->error[i]);
}

static bool write_item(Work *w, const Source *source, const NmExtract *x)
{
  const size_t T = (size_t)x->n_frames;
  fprintf(w->index, "%s\t%s\t%s\t%s\t%lld\t%lld\t%g\t%s\n", source->speaker, source->id, source->prompt,
          nm_corpus_split_name(source->split), (long long)w->done.n_frames, (long long)T,
          (double)source->raise, source->raise == 1 ? source->tokens : "");
  fprintf(w->durations, "%s\t%s\n", source->id, source->durations ? source->durations : "");
  bool good = T == 0 || (fwrite(x->envelope, N_BANDS * sizeof(float), T, w->envelope) == T &&
                         fwrite(x->f0_hz, sizeof(float), T, w->f0) == T &&
                         fwrite(x->audio, HOP * sizeof(int16_t), T, w->audio) == T);
  w->done.n_frames += x->n_frames;
  ++w->done.n_items;
  w->done.n_text_only += T == 0;
  return good && !ferror(w->index) && !ferror(w->durations);
}

static NmStatus write_round(Work *w, Round *round, int64_t n, NmError *err)
{
  NmStatus status = NM_OK;
  for (int64_t i = 0; i < n; ++i) {
    const Source *source = &w->sources[round->first + i];
    if (status == NM_OK && round->status[i] == NM_ERR_BAD_DATA) {
      nm_log(NM_LOG_WARNING, "left out: %s", round->error[i].message);
      ++w->done.n_left_out;
    } else if (status == NM_OK && round->status[i] != NM_OK) {
      status = round->status[i];
      if (err) *err = round->error[i];
    } else if (status == NM_OK && !write_item(w, source, &round->extract[i])) {
      status = nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", w->options->out, strerror(errno));
    }
    nm_extract_free(&round->extract[i]);
  }
  return status;
}

static FILE *open_part(const Work *w, const char *name, NmError *err)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", w->options->out, name);
  FILE *file = fopen(path, "wb");
  if (!file) nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
  return file;
}

static NmStatus open_files(Work *w, NmError *err)
{
  if (mkdir(w->options->out, 0777) != 0 && errno != EEXIST)
    return nm_error_set(err, NM_ERR_IO, "%s: cannot make the folder: %s", w->options->out, strerror(errno));
  if (!(w->index = open_part(w, "index.tsv.part", err)) ||
      !(w->envelope = open_part(w, "envelope.f32", err)) || !(w->f0 = open_part(w, "f0.f32", err)) ||
      !(w->audio = open_part(w, "audio.s16", err)) || !(w->durations = open_part(w, "durations.tsv", err)))
    return NM_ERR_IO;
  fprintf(w->index, "speaker\tid\tprompt\tsplit\tframe_first\tn_frames\traise\ttokens\n");
  return NM_OK;
}

static NmStatus close_files(Work *w, NmStatus status, NmError *err)
{
  FILE *files[] = {w->index, w->envelope, w->f0, w->audio, w->durations};
  char part[1024], path[1024];
  bool good = true;
  for (int i = 0; i < 5; ++i)
    if (files[i]) good = fclose(files[i]) == 0 && good;
  if (status != NM_OK) return status;
  snprintf(part, sizeof part, "%s/index.tsv.part", w->options->out);
  snprintf(path, sizeof path, "%s/index.tsv", w->options->out);
  if (good && rename(part, path) == 0) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
}

static NmStatus extract_all(Work *w, NmError *err)
{
  Round *round = calloc(1, sizeof *round);
  NmStatus status = round ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int64_t first = 0; first < w->n_sources && status == NM_OK; first += ITEMS_PER_ROUND) {
    const int64_t left = w->n_sources - first, n = left < ITEMS_PER_ROUND ? left : ITEMS_PER_ROUND;
    round->work = w;
    round->first = first;
    nm_pool_run(w->options->pool, n, extract_job, round);
    status = write_round(w, round, n, err);
    if (w->options->cancel && atomic_load(w->options->cancel))
      status = nm_error_set(err, NM_ERR_CANCELLED, "cancelled");
  }
  free(round);
  return status;
}

static NmStatus collect(Work *w, NmError *err)
{
  const NmPrepare *o = w->options;
  NmStatus status = load_heldout(w, err);
  if (status == NM_OK && o->path_quality && !(w->flagged = load_text(w, o->path_quality, err)))
    status = err->status;
  for (int32_t i = 0; i < o->n_dirs && status == NM_OK; ++i) status = add_folder(w, o->dirs[i], false, err);
  for (int32_t i = 0; i < o->n_voices_only && status == NM_OK; ++i)
    status = add_folder(w, o->voices_only[i], true, err);
  if (status == NM_OK) status = add_durations(w, err);
  return status;
}

static NmStatus make_extractors(Work *w, NmError *err)
{
  const int n = nm_pool_get_n_threads(w->options->pool);
  for (; w->n_extractors < n && w->n_extractors < 64; ++w->n_extractors)
    if (!(w->extractors[w->n_extractors] = nm_extractor_new(w->options->floor_hz, w->options->ceiling_hz)))
      return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return NM_OK;
}

NmStatus nm_prepare_speech(const NmPrepare *prepare, NmPrepared *prepared, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  Work w = {.options = prepare};
  nm_arena_init(&w.arena, 1 << 20);
  NmStatus status = collect(&w, err);
  if (status == NM_OK) status = make_extractors(&w, err);
  if (status == NM_OK) status = open_files(&w, err);
  if (status == NM_OK) status = extract_all(&w, err);
  status = close_files(&w, status, err);
  for (int i = 0; i < w.n_extractors; ++i) nm_extractor_free(w.extractors[i]);
  free(w.sources);
  nm_arena_fini(&w.arena);
  *prepared = w.done;
  return status;
}
