// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/lrc.h"

#include <math.h>
#include <stdlib.h>

#include "app/formats/text_write.h"

// When a stretch of the lyrics is sung; start < 0: it is not.
typedef struct {
  double start, end; // seconds
} Sung;

typedef struct {
  const NmSong *song;
  bool word_times;
  FILE *file;
  const int32_t *note_first, *n_notes; // [n_syllables]
} Lrc;

static void put_clock(FILE *file, const char *brackets, double seconds)
{
  const long long hundredths = llround(seconds * 100);
  fprintf(file, "%c%02lld:%02lld.%02lld%c", brackets[0], hundredths / 6000, hundredths / 100 % 60,
          hundredths % 100, brackets[1]);
}

static void put_tag(FILE *file, const char *tag, const char *text)
{
  if (!text || !*text) return;
  fprintf(file, "[%s:", tag);
  nm_write_plain_text(file, text);
  fputs("]\n", file);
}

static void widen(Sung *all, Sung part)
{
  if (part.start < 0) return;
  if (all->start < 0) *all = part;
  if (part.start < all->start) all->start = part.start;
  if (part.end > all->end) all->end = part.end;
}

static Sung find_word(const Lrc *lrc, int32_t word)
{
  const NmSong *song = lrc->song;
  Sung sung = {-1, -1};
  for (int32_t i = 0; i < song->words[word].n_syllables; ++i) {
    const int32_t syllable = song->words[word].syllable_first + i;
    const int32_t first = lrc->note_first[syllable];
    if (first < 0) continue;
    const NmSongNote *last = &song->notes[first + lrc->n_notes[syllable] - 1];
    widen(&sung, (Sung){nm_song_get_seconds(song, song->notes[first].onset),
                        nm_song_get_seconds(song, last->onset + last->len)});
  }
  return sung;
}

static Sung find_line(const Lrc *lrc, const NmSongLine *line)
{
  Sung sung = {-1, -1};
  for (int32_t i = 0; i < line->n_words; ++i) widen(&sung, find_word(lrc, line->word_first + i));
  return sung;
}

static void put_word(const Lrc *lrc, int32_t word)
{
  const NmSongWord *w = &lrc->song->words[word];
  const Sung sung = find_word(lrc, word);
  if (lrc->word_times && sung.start >= 0) put_clock(lrc->file, "<>", sung.start);
  for (int32_t i = 0; i < w->n_syllables; ++i)
    nm_write_plain_text(lrc->file, lrc->song->syllables[w->syllable_first + i].text);
}

static void put_line(const Lrc *lrc, const NmSongLine *line, Sung sung)
{
  put_clock(lrc->file, "[]", sung.start);
  for (int32_t i = 0; i < line->n_words; ++i) {
    if (i > 0) fputc(' ', lrc->file);
    put_word(lrc, line->word_first + i);
  }
  if (lrc->word_times) fputc(' ', lrc->file), put_clock(lrc->file, "<>", sung.end);
  fputc('\n', lrc->file);
}

static void put_lines(const Lrc *lrc)
{
  double end = INFINITY;
  for (int32_t i = 0; i < lrc->song->n_lines; ++i) {
    const NmSongLine *line = &lrc->song->lines[i];
    const Sung sung = find_line(lrc, line);
    if (line->verse != 1 || sung.start < 0) continue;
    if (sung.start - end >= NM_LRC_REST_S) put_clock(lrc->file, "[]", end), fputc('\n', lrc->file);
    put_line(lrc, line, sung);
    end = sung.end;
  }
  if (isfinite(end)) put_clock(lrc->file, "[]", end), fputc('\n', lrc->file);
}

static void put_head(const Lrc *lrc)
{
  const NmSong *song = lrc->song;
  put_tag(lrc->file, "ti", song->title);
  put_tag(lrc->file, "au", song->composer);
  put_tag(lrc->file, "lr", song->lyricist);
  put_tag(lrc->file, "la", song->language);
  fputs("[length:", lrc->file);
  const long long seconds = llround(nm_song_get_seconds(song, nm_song_get_end(song)));
  fprintf(lrc->file, "%02lld:%02lld]\n", seconds / 60, seconds % 60);
}

static bool has_further_verses(const NmSong *song)
{
  for (int32_t i = 0; i < song->n_lines; ++i)
    if (song->lines[i].verse != 1) return true;
  return false;
}

NmStatus nm_lrc_write(const NmSong *song, const NmSongWriting *options, FILE *file, NmError *err)
{
  int32_t *spans = malloc((size_t)(song->n_syllables + 1) * 2 * sizeof *spans);
  if (!spans) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  int32_t *n_notes = spans + song->n_syllables;
  nm_song_get_notes_of_syllables(song, spans, n_notes);
  const Lrc lrc = {song, options && options->word_times, file, spans, n_notes};
  put_head(&lrc);
  put_lines(&lrc);
  if (options && has_further_verses(song))
    nm_song_notes_add(options->notes, "only the first verse is in the LRC file");
  free(spans);
  return NM_OK;
}
