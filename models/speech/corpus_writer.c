// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/corpus_writer.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/speech/batch.h"

enum { N_BANDS = NM_ACOUSTIC_N_BANDS, HOP = 256 };

static FILE *open_file(const char *dir, const char *name, NmError *err)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *file = fopen(path, "wb");
  if (!file) nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
  return file;
}

NmStatus nm_corpus_writer_open(NmCorpusWriter *w, const char *dir, NmError *err)
{
  w->dir = dir;
  if (mkdir(dir, 0777) != 0 && errno != EEXIST)
    return nm_error_set(err, NM_ERR_IO, "%s: cannot make the folder: %s", dir, strerror(errno));
  if (!(w->index = open_file(dir, "index.tsv.part", err)) ||
      !(w->envelope = open_file(dir, "envelope.f32", err)) || !(w->f0 = open_file(dir, "f0.f32", err)) ||
      !(w->durations = open_file(dir, "durations.tsv", err)))
    return NM_ERR_IO;
  fprintf(w->index, "speaker\tid\tprompt\tsplit\tframe_first\tn_frames\traise\ttokens\n");
  return NM_OK;
}

// Silence as long as the frames; it takes no room on the disk.
static bool write_silence(const NmCorpusWriter *w)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/audio.s16", w->dir);
  FILE *file = fopen(path, "wb");
  if (!file) return false;
  const bool good = ftruncate(fileno(file), (off_t)(w->n_frames * HOP * (int64_t)sizeof(int16_t))) == 0;
  return fclose(file) == 0 && good;
}

NmStatus nm_corpus_writer_close(NmCorpusWriter *w, NmStatus status, NmError *err)
{
  FILE *files[] = {w->index, w->envelope, w->f0, w->durations};
  char part[1024], path[1024];
  bool good = true;
  snprintf(path, sizeof path, "%s/index.tsv", w->dir);
  snprintf(part, sizeof part, "%s/index.tsv.part", w->dir);
  for (size_t i = 0; i < sizeof files / sizeof *files; ++i)
    if (files[i]) good = !ferror(files[i]) && fclose(files[i]) == 0 && good;
  if (status != NM_OK) return status;
  if (good && write_silence(w) && rename(part, path) == 0) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
}

static void write_item(NmCorpusWriter *w, const NmCorpusItem *item, const char *speaker, NmSplit split,
                       const NmCorpusFrames *f)
{
  fprintf(w->index, "%s\t%s\t%s\t%s\t%lld\t%d\t1\t", speaker, item->id, item->prompt,
          nm_corpus_split_name(split), (long long)w->n_frames, f->T);
  nm_corpus_print_states(item, w->index);
  fputc('\n', w->index);
  if (f->T) fwrite(f->envelope, N_BANDS * sizeof *f->envelope, (size_t)f->T, w->envelope);
  if (f->T) fwrite(f->f0_hz, sizeof *f->f0_hz, (size_t)f->T, w->f0);
  w->n_frames += f->T;
}

void nm_corpus_writer_keep(NmCorpusWriter *w, const NmCorpus *corpus, const NmCorpusItem *item)
{
  const NmCorpusFrames frames = {.envelope = corpus->envelope + item->frame_first * N_BANDS,
                                 .f0_hz = corpus->f0_hz + item->frame_first,
                                 .T = item->n_frames};
  write_item(w, item, corpus->speakers[item->speaker], item->split, &frames);
  fprintf(w->durations, "%s\t", item->id);
  for (int32_t k = 0; k < item->n_states; ++k)
    fprintf(w->durations, k ? " %g" : "%g", (double)item->durations[k]);
  fputc('\n', w->durations);
}

void nm_corpus_writer_add(NmCorpusWriter *w, const NmCorpusItem *item, const char *speaker, NmSplit split,
                          const NmCorpusFrames *frames)
{
  write_item(w, item, speaker, split, frames);
  fprintf(w->durations, "%s\t", item->id);
  for (int32_t k = 0, token = 0; k < item->n_states; ++k) {
    const bool kept = nm_corpus_item_keeps(item, k, NM_UTTERANCE_MIN_PAUSE);
    fprintf(w->durations, k ? " %d" : "%d", kept ? frames->durations[token] : 0);
    token += kept;
  }
  fputc('\n', w->durations);
}
