// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench song`: melodies for the words of held-out songs against their own, by the measures of SongMASS
// and TeleMelody.
#include "app/commands/bench_song.h"

#include <stdio.h>
#include <string.h>

#include "app/commands/bench_tasks.h"
#include "models/song/consensus.h"
#include "models/song/corpus.h"

enum { TICKS_PER_STEP = NM_SONG_TICKS / NM_METRICS_GRID, SONGS_MAX = 100000, CANDIDATES_MAX = 1024 };

// The models of the table and the options that name their files.
static const struct {
  const char *option, *name;
} rows[] = {{"song", "SongMASS"},
            {"without-pretraining", "without pre-training"},
            {"without-constraint", "without the constraint"},
            {"lstm", "LSTM"}};

static int32_t to_steps(int32_t ticks)
{
  return (ticks + TICKS_PER_STEP / 2) / TICKS_PER_STEP;
}

void nm_bench_song_measure(const NmNoteToken *melody, int32_t n, NmMetricsNote *notes)
{
  for (int32_t i = 0; i < n; ++i) {
    const int32_t len = to_steps(melody[i].len);
    notes[i] = (NmMetricsNote){.gap = to_steps(melody[i].gap),
                               .len = len > 0 ? len : 1,
                               .pitch = melody[i].pitch,
                               .joined = i > 0 && melody[i - 1].tie == NM_TIE_YES};
  }
  nm_metrics_normalise(notes, n);
}

static NmStatus choose(const NmMetricsNote *const *candidates, const int32_t *n_notes, int32_t n,
                       NmArena *arena, int32_t *best)
{
  const NmConsensus weights = nm_consensus_defaults();
  NmMetricsProfile *profiles = nm_arena_calloc(arena, (size_t)n, sizeof *profiles);
  double *risks = nm_arena_calloc(arena, (size_t)n, sizeof *risks);
  if (!profiles || !risks) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < n; ++i)
    if (nm_metrics_profile(candidates[i], n_notes[i], NM_METRICS_SONGMASS, arena, &profiles[i]) != NM_OK)
      return NM_ERR_NO_MEMORY;
  return nm_consensus_choose(&weights, profiles, n, arena, risks, best);
}

NmStatus nm_bench_song_add(const NmBenchSong *song, const NmMetricsNote *const *candidates,
                           const int32_t *n_notes, int32_t n, NmBenchRow *row_first, NmBenchRow *row_best,
                           NmArena *arena)
{
  int32_t best = 0;
  NmStatus status = NM_OK;
  if (row_first)
    status = nm_bench_row_add(row_first, song->notes, song->n_notes, candidates[0], n_notes[0], arena);
  if (!row_best || status != NM_OK) return status;
  status = choose(candidates, n_notes, n, arena, &best);
  if (status != NM_OK) return status;
  return nm_bench_row_add(row_best, song->notes, song->n_notes, candidates[best], n_notes[best], arena);
}

// --- songs ---

static NmStatus fill(NmBenchSongs *songs, const NmSongCorpus *corpus, NmSongSplit split, int32_t n_most,
                     NmArena *arena)
{
  songs->songs = nm_arena_calloc(arena, (size_t)corpus->n_items + 1, sizeof *songs->songs);
  if (!songs->songs) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < corpus->n_items && songs->n < n_most; ++i) {
    const NmSongItem *item = &corpus->items[i];
    if (item->split != split || item->n_lyrics == 0 || item->n_notes == 0) continue;
    NmBenchSong *song = &songs->songs[songs->n++];
    *song = (NmBenchSong){.words = item->lyrics,
                          .melody = item->notes,
                          .frame = item->frame,
                          .n_words = item->n_lyrics,
                          .n_notes = item->n_notes};
    song->notes = nm_arena_calloc(arena, (size_t)item->n_notes, sizeof *song->notes);
    if (!song->notes) return NM_ERR_NO_MEMORY;
    nm_bench_song_measure(item->notes, item->n_notes, song->notes);
  }
  return NM_OK;
}

static NmStatus load(NmBenchSongRun *run, const NmSongCorpus *corpus, NmSongSplit split, int64_t n_songs,
                     NmArena *arena, NmError *err)
{
  NmStatus status = fill(&run->train, corpus, NM_SONG_TRAIN, INT32_MAX, arena);
  if (status == NM_OK) status = fill(&run->held, corpus, split, (int32_t)n_songs, arena);
  if (status != NM_OK) return nm_error_set(err, status, "out of memory");
  if (run->train.n > 0 && run->held.n > 0) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "the corpus has no songs with words and notes in %s",
                      run->train.n ? "the split that was asked for" : "its training split");
}

// --- the command ---

static bool read_options(const NmArgs *args, NmBenchSongRun *run, NmSongSplit *split, int64_t *n_songs)
{
  static const char *const names[NM_SONG_N_SPLITS] = {"train", "valid", "test"};
  const char *wanted = nm_args_get(args, "split");
  int64_t n_candidates = 32, seed = 1;
  *run = (NmBenchSongRun){.temperature = 1, .nucleus = 1};
  *split = NM_SONG_TEST;
  for (int i = 0; i < NM_SONG_N_SPLITS && wanted; ++i)
    if (strcmp(wanted, names[i]) == 0) *split = (NmSongSplit)i;
  if (wanted && strcmp(wanted, names[*split]) != 0) {
    nm_message_fail(NM_EXIT_USAGE, "--split is train, valid or test, not %s", wanted);
    return false;
  }
  const bool good = nm_args_get_integer(args, "songs", 1, SONGS_MAX, n_songs) &&
                    nm_args_get_integer(args, "candidates", 1, CANDIDATES_MAX, &n_candidates) &&
                    nm_args_get_integer(args, "seed", 0, INT32_MAX, &seed) &&
                    nm_args_get_number(args, "temperature", .01, 100, &run->temperature) &&
                    nm_args_get_number(args, "nucleus", .01, 1, &run->nucleus);
  run->n_candidates = (int32_t)n_candidates;
  run->seed = (uint64_t)seed;
  return good;
}

static NmStatus run_table(const NmArgs *args, const NmBenchSongRun *run, NmPool *pool, NmError *err)
{
  printf("%d songs, %d candidates for each, temperature %g, nucleus %g, seed %llu\n", run->held.n,
         run->n_candidates, run->temperature, run->nucleus, (unsigned long long)run->seed);
  nm_bench_row_print_heading();
  NmStatus status = nm_bench_song_naive(run, err);
  for (size_t i = 0; i < sizeof rows / sizeof *rows && status == NM_OK; ++i) {
    const char *path = nm_args_get(args, rows[i].option);
    if (path) status = nm_bench_song_model(run, rows[i].name, path, pool, err);
    if (path && status == NM_OK) status = nm_bench_song_speed(rows[i].name, path, err);
    if (!path) printf("%-28s not measured: --%s FILE\n", rows[i].name, rows[i].option);
  }
  return status == NM_OK ? nm_bench_song_lattice(err) : status;
}

int nm_bench_song(const NmArgs *args)
{
  NmBenchSongRun run;
  NmSongCorpus corpus = {0};
  NmSongSplit split;
  NmArena arena;
  NmError err = {0};
  int64_t n_songs = SONGS_MAX, n_threads = 0;
  const char *dir = nm_args_get(args, "corpus");
  if (!dir) return nm_message_fail(NM_EXIT_USAGE, "bench song needs --corpus DIR (neume prepare song)");
  if (!read_options(args, &run, &split, &n_songs)) return NM_EXIT_USAGE;
  if (!nm_args_get_integer(args, "threads", 0, 256, &n_threads)) return NM_EXIT_USAGE;
  NmPool *pool = nm_pool_new((int)n_threads);
  if (!pool) return nm_message_fail(NM_EXIT_FAILED, "cannot start the threads");
  nm_arena_init(&arena, 1 << 20);
  NmStatus status = nm_song_corpus_open(&corpus, dir, &err);
  if (status == NM_OK) status = load(&run, &corpus, split, n_songs, &arena, &err);
  if (status == NM_OK) status = run_table(args, &run, pool, &err);
  if (corpus.items) nm_song_corpus_close(&corpus);
  nm_arena_fini(&arena);
  nm_pool_free(pool);
  return status == NM_OK ? 0 : nm_message_fail_input(&err);
}
