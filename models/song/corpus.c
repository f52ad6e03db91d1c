// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/corpus.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "dsp/base/map.h"

enum {
  SIZE_HEAD = 20,
  SIZE_ITEM = 16,
  SIZE_SYLLABLE = 4,
  SIZE_NOTE = 6,
  TICKS_MAX = INT16_MAX,
  PICKUP_MAX = 1 << 20
};
static const char magic[8] = {'N', 'M', 'S', 'O', 'N', 'G', 'S', '1'};

static uint32_t get_u32(const uint8_t *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t get_u16(const uint8_t *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static bool ends_line(int end)
{
  return end >= NM_END_LINE;
}

int32_t nm_song_count_groups(const NmNoteToken *notes, int32_t n)
{
  int32_t groups = 0;
  for (int32_t i = 0; i < n; ++i) groups += notes[i].tie != NM_TIE_YES || ends_line(notes[i].end);
  return groups;
}

bool nm_song_item_fits(const NmSongItem *item)
{
  int32_t at = 0;
  if (item->n_lyrics == 0 || item->n_notes == 0) return true;
  for (int32_t i = 0; i < item->n_notes; ++i) {
    const NmNoteToken *note = &item->notes[i];
    if (note->tie == NM_TIE_UNKNOWN || (note->tie == NM_TIE_YES && ends_line(note->end))) return false;
    if (note->tie == NM_TIE_YES) continue;
    if (at == item->n_lyrics || ends_line(item->lyrics[at].end) != ends_line(note->end)) return false;
    ++at;
  }
  return at == item->n_lyrics;
}

static const char *read_lyric(const uint8_t *p, int32_t n_ids, NmLyricToken *t)
{
  const uint32_t bits = get_u16(p + 2);
  *t = (NmLyricToken){.syllable = (int32_t)get_u16(p),
                      .end = (int8_t)(bits & 7),
                      .stress = (int8_t)(bits >> 3 & 3),
                      .vowel = (int8_t)(bits >> 5 & 15),
                      .mark = (int8_t)(bits >> 9 & 127)};
  if (t->syllable < NM_SYLLABLE_UNKNOWN || t->syllable >= n_ids) return "a syllable outside the vocabulary";
  return t->end >= NM_N_ENDS || t->mark >= NM_N_MARKS ? "a syllable's end or mark is unknown" : NULL;
}

static const char *read_note(const uint8_t *p, NmNoteToken *t)
{
  const uint32_t gap = get_u16(p), len = get_u16(p + 2);
  if (gap > TICKS_MAX || len > TICKS_MAX || len == 0) return "a note's time is out of range";
  if (p[4] > 127 || (p[5] & 3) >= NM_N_TIES || p[5] >> 2 >= NM_N_ENDS) return "a note's fields are unknown";
  *t = (NmNoteToken){.gap = (int16_t)gap,
                     .len = (int16_t)len,
                     .pitch = (int8_t)p[4],
                     .tie = (int8_t)(p[5] & 3),
                     .end = (int8_t)(p[5] >> 2)};
  return NULL;
}

static const char *read_item(const uint8_t *p, NmSongItem *item)
{
  const int32_t pickup = (int32_t)get_u32(p + 8);
  const uint32_t n_lyrics = get_u32(p), n_notes = get_u32(p + 4);
  if (n_lyrics > NM_SONG_NOTES_MAX || n_notes > NM_SONG_NOTES_MAX || n_lyrics + n_notes == 0)
    return "too many or no notes and syllables";
  if (p[12] >= NM_SONG_N_SPLITS || p[13] >= NM_SONG_N_STYLES || p[14] >= NM_N_MODES ||
      p[15] >= NM_SONG_N_METERS || pickup < -PICKUP_MAX || pickup > PICKUP_MAX)
    return "fields are out of range";
  item->n_lyrics = (int32_t)n_lyrics;
  item->n_notes = (int32_t)n_notes;
  item->split = (NmSongSplit)p[12];
  item->frame = (NmSongFrame){
      .style = p[13], .mode = p[14], .meter = p[15], .pickup = pickup, .shift = NM_SONG_NO_SHIFT};
  return NULL;
}

// Where the reading is, and how much is left.
typedef struct {
  const uint8_t *items, *syllables, *notes;
  uint64_t n_syllables, n_notes;
} Reader;

static const char *fill_item(const NmSongCorpus *corpus, Reader *r, NmSongItem *item, NmLyricToken *lyrics,
                             NmNoteToken *notes)
{
  const char *fault = NULL;
  for (int32_t i = 0; i < item->n_lyrics && !fault; ++i, r->syllables += SIZE_SYLLABLE)
    fault = read_lyric(r->syllables, nm_vocabulary_get_n(corpus->vocabulary), &lyrics[i]);
  for (int32_t i = 0; i < item->n_notes && !fault; ++i, r->notes += SIZE_NOTE)
    fault = read_note(r->notes, &notes[i]);
  item->lyrics = lyrics;
  item->notes = notes;
  if (fault) return fault;
  if ((item->n_lyrics && lyrics[item->n_lyrics - 1].end != NM_END_SONG) ||
      (item->n_notes && notes[item->n_notes - 1].end != NM_END_SONG))
    return "the song's end is not marked";
  return nm_song_item_fits(item) ? NULL : "words and notes do not fit";
}

static NmStatus read_items(NmSongCorpus *corpus, Reader *r, NmError *err)
{
  NmLyricToken *lyrics = nm_arena_calloc(&corpus->arena, (size_t)r->n_syllables + 1, sizeof *lyrics);
  NmNoteToken *notes = nm_arena_calloc(&corpus->arena, (size_t)r->n_notes + 1, sizeof *notes);
  if (!lyrics || !notes) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < corpus->n_items; ++i, r->items += SIZE_ITEM) {
    NmSongItem *item = &corpus->items[i];
    const char *fault = read_item(r->items, item);
    if (!fault && ((uint64_t)item->n_lyrics > r->n_syllables || (uint64_t)item->n_notes > r->n_notes))
      fault = "more notes or syllables than the file has";
    if (!fault) fault = fill_item(corpus, r, item, lyrics, notes);
    if (fault) return nm_error_set(err, NM_ERR_BAD_DATA, "songs.bin: song %d: %s", i + 1, fault);
    r->n_syllables -= (uint64_t)item->n_lyrics;
    r->n_notes -= (uint64_t)item->n_notes;
    lyrics += item->n_lyrics;
    notes += item->n_notes;
  }
  if (r->n_syllables || r->n_notes)
    return nm_error_set(err, NM_ERR_BAD_DATA, "songs.bin: notes or syllables belong to no song");
  return NM_OK;
}

static NmStatus read_songs(NmSongCorpus *corpus, const uint8_t *songs, size_t size, NmError *err)
{
  if (size < SIZE_HEAD || memcmp(songs, magic, sizeof magic) != 0)
    return nm_error_set(err, NM_ERR_BAD_DATA, "songs.bin: not a corpus of songs");
  Reader r = {songs + SIZE_HEAD, NULL, NULL, get_u32(songs + 12), get_u32(songs + 16)};
  const uint64_t n_items = get_u32(songs + 8);
  const uint64_t wanted =
      SIZE_HEAD + n_items * SIZE_ITEM + r.n_syllables * SIZE_SYLLABLE + r.n_notes * SIZE_NOTE;
  if (wanted != size)
    return nm_error_set(err, NM_ERR_BAD_DATA, "songs.bin: %zu bytes where %llu are due", size,
                        (unsigned long long)wanted);
  r.syllables = r.items + n_items * SIZE_ITEM;
  r.notes = r.syllables + r.n_syllables * SIZE_SYLLABLE;
  corpus->items = nm_arena_calloc(&corpus->arena, (size_t)n_items + 1, sizeof *corpus->items);
  if (!corpus->items || n_items > INT32_MAX) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  corpus->n_items = (int32_t)n_items;
  return read_items(corpus, &r, err);
}

NmStatus nm_song_corpus_read(NmSongCorpus *corpus, const uint8_t *songs, size_t size, const char *syllables,
                             size_t size_syllables, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  *corpus = (NmSongCorpus){.vocabulary = nm_vocabulary_new(syllables, size_syllables, err)};
  nm_arena_init(&corpus->arena, 1 << 20);
  const NmStatus status = corpus->vocabulary ? read_songs(corpus, songs, size, err) : err->status;
  if (status != NM_OK) nm_song_corpus_close(corpus);
  return status;
}

NmStatus nm_song_corpus_open(NmSongCorpus *corpus, const char *dir, NmError *err)
{
  static const char *const names[2] = {"songs.bin", "syllables.txt"};
  NmMap maps[2] = {{0}};
  NmError local = {0}, inner = {0};
  NmStatus status = NM_OK;
  char path[1024];
  if (!err) err = &local;
  *corpus = (NmSongCorpus){0};
  for (int i = 0; i < 2 && status == NM_OK; ++i) {
    snprintf(path, sizeof path, "%s/%s", dir, names[i]);
    status = nm_map_open(&maps[i], path, err);
  }
  if (status == NM_OK &&
      (status = nm_song_corpus_read(corpus, maps[0].data, maps[0].size, (const char *)maps[1].data,
                                    maps[1].size, &inner)) != NM_OK)
    nm_error_set(err, status, "%s: %s; prepare the corpus again", dir, inner.message);
  for (int i = 0; i < 2; ++i) nm_map_close(&maps[i]);
  return status;
}

void nm_song_corpus_close(NmSongCorpus *corpus)
{
  nm_vocabulary_free(corpus->vocabulary);
  nm_arena_fini(&corpus->arena);
  *corpus = (NmSongCorpus){0};
}

// --- writing ---

static void put_u16(FILE *file, uint32_t x)
{
  fputc((int)(x & 255), file);
  fputc((int)(x >> 8 & 255), file);
}

static void put_u32(FILE *file, uint32_t x)
{
  put_u16(file, x & 65535);
  put_u16(file, x >> 16);
}

static void put_item(FILE *file, const NmSongItem *item)
{
  put_u32(file, (uint32_t)item->n_lyrics);
  put_u32(file, (uint32_t)item->n_notes);
  put_u32(file, (uint32_t)item->frame.pickup);
  fputc((int)item->split, file);
  fputc(item->frame.style, file);
  fputc(item->frame.mode, file);
  fputc(item->frame.meter, file);
}

static void put_lyrics(FILE *file, const NmSongItem *item)
{
  for (const NmLyricToken *t = item->lyrics; t < item->lyrics + item->n_lyrics; ++t) {
    put_u16(file, (uint32_t)t->syllable);
    put_u16(file, (uint32_t)(t->end | t->stress << 3 | t->vowel << 5 | t->mark << 9));
  }
}

static void put_notes(FILE *file, const NmSongItem *item)
{
  for (const NmNoteToken *t = item->notes; t < item->notes + item->n_notes; ++t) {
    put_u16(file, (uint32_t)t->gap);
    put_u16(file, (uint32_t)t->len);
    fputc(t->pitch, file);
    fputc(t->tie | t->end << 2, file);
  }
}

static void put_songs(FILE *file, const NmSongItem *items, int32_t n)
{
  uint64_t n_syllables = 0, n_notes = 0;
  for (int32_t i = 0; i < n; ++i)
    n_syllables += (uint64_t)items[i].n_lyrics, n_notes += (uint64_t)items[i].n_notes;
  fwrite(magic, 1, sizeof magic, file);
  put_u32(file, (uint32_t)n);
  put_u32(file, (uint32_t)n_syllables);
  put_u32(file, (uint32_t)n_notes);
  for (int32_t i = 0; i < n; ++i) put_item(file, &items[i]);
  for (int32_t i = 0; i < n; ++i) put_lyrics(file, &items[i]);
  for (int32_t i = 0; i < n; ++i) put_notes(file, &items[i]);
}

static FILE *open_part(const char *dir, const char *name, char *path, size_t size, NmError *err)
{
  snprintf(path, size, "%s/%s", dir, name);
  FILE *file = fopen(path, "wb");
  if (!file) nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
  return file;
}

static NmStatus close_part(FILE *file, const char *path, NmError *err)
{
  const bool bad = ferror(file) != 0;
  if (fclose(file) == 0 && !bad) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
}

NmStatus nm_song_corpus_save(const char *dir, const char *syllables, const NmSongItem *items, int32_t n_items,
                             NmError *err)
{
  char path[1024];
  if (mkdir(dir, 0777) != 0 && errno != EEXIST)
    return nm_error_set(err, NM_ERR_IO, "%s: cannot be made: %s", dir, strerror(errno));
  FILE *file = open_part(dir, "syllables.txt", path, sizeof path, err);
  if (!file) return NM_ERR_IO;
  fputs(syllables, file);
  NmStatus status = close_part(file, path, err);
  if (status != NM_OK || !(file = open_part(dir, "songs.bin", path, sizeof path, err))) return NM_ERR_IO;
  put_songs(file, items, n_items);
  return close_part(file, path, err);
}
