// SPDX-License-Identifier: GPL-3.0-or-later
// Subtitles and lyrics: the words as they were written, gathered into cues.
#include <string.h>

#include "app/formats/text_write.h"
#include "app/formats/timings.h"

enum {
  N_LINE = 42,                          // characters of a line that a viewer reads at ease
  N_CUE = 2 * N_LINE,                   // a cue has at most two
  N_TEXT = 1024,                        // bytes of a cue; a longer word is cut
  N_LINGER = NM_VOICE_RATE_HZ,          // a cue stays until the next when the gap is shorter than this,
  N_LINGER_ALONE = NM_VOICE_RATE_HZ / 2 // else this long
};

typedef struct {
  int64_t start, end;
  int64_t index; // from 1
  char text[N_TEXT];
} Cue;

typedef void (*WriteCue)(FILE *file, const Cue *cue);

// A cue waits for the next one, which tells how long it stays.
typedef struct {
  FILE *file;
  WriteCue write;
  Cue done, open; // index 0: none
  bool phrase_ended;
} Cues;

static void put(Cues *cues, int64_t next_start)
{
  Cue *cue = &cues->done;
  if (!cue->index) return;
  const int64_t alone = cue->end + N_LINGER_ALONE;
  cue->end = next_start - cue->end <= N_LINGER ? next_start : alone;
  cues->write(cues->file, cue);
}

static void close_cue(Cues *cues)
{
  if (!cues->open.index) return;
  put(cues, cues->open.start);
  cues->done = cues->open;
  cues->open.index = 0;
}

static size_t count_characters(const char *text)
{
  size_t n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

static bool ends_clause(const char *text)
{
  const size_t len = strlen(text);
  return len && strchr(",;:.!?", text[len - 1]);
}

static bool fits(const Cues *cues, const NmTiming *word)
{
  const size_t n = count_characters(cues->open.text);
  if (cues->phrase_ended || n + 1 + count_characters(word->source) > N_CUE) return false;
  return n < N_LINE || !ends_clause(cues->open.text);
}

static void add_word(Cues *cues, const NmTiming *word)
{
  Cue *cue = &cues->open;
  if (cue->index && !fits(cues, word) && *word->source) close_cue(cues);
  cues->phrase_ended = false;
  if (!cue->index) {
    *cue = (Cue){.start = word->start, .index = cues->done.index + 1};
  }
  const size_t len = strlen(cue->text);
  snprintf(cue->text + len, sizeof cue->text - len, "%s%s", len && *word->source ? " " : "", word->source);
  cue->end = word->end;
}

// A line of a song is a cue, whatever its length.
static void add_line(Cues *cues, const NmTiming *line)
{
  close_cue(cues);
  cues->open = (Cue){.start = line->start, .end = line->end, .index = cues->done.index + 1};
  snprintf(cues->open.text, sizeof cues->open.text, "%s", line->text);
}

static NmStatus write_cues(NmTimings *timings, int64_t n_samples, FILE *file, WriteCue write, NmError *err)
{
  Cues cues = {.file = file, .write = write};
  NmTiming timing;
  bool found = true, is_song;
  NmStatus status = nm_timings_have(timings, NM_TIMING_LINE, &is_song, err);
  if (!status) status = nm_timings_rewind(timings, err);
  while (!status && !(status = nm_timings_next(timings, &timing, &found, err)) && found) {
    if (timing.kind == NM_TIMING_PHRASE) cues.phrase_ended = true;
    if (timing.kind == NM_TIMING_WORD && !is_song) add_word(&cues, &timing);
    if (timing.kind == NM_TIMING_LINE) add_line(&cues, &timing);
  }
  close_cue(&cues);
  if (!is_song) cues.done.end = n_samples;
  put(&cues, n_samples);
  return status;
}

static int64_t to_ticks(int64_t samples, int64_t per_second)
{
  return (samples * per_second + NM_VOICE_RATE_HZ / 2) / NM_VOICE_RATE_HZ;
}

static void write_clock(FILE *file, int64_t samples, char decimal)
{
  const int64_t ms = to_ticks(samples, 1000);
  fprintf(file, "%02lld:%02lld:%02lld%c%03lld", (long long)(ms / 3600000), (long long)(ms / 60000 % 60),
          (long long)(ms / 1000 % 60), decimal, (long long)(ms % 1000));
}

// Breaks a cue of more than one line at the space nearest to its middle.
static void wrap(const Cue *cue, char text[N_TEXT])
{
  memcpy(text, cue->text, N_TEXT);
  const size_t len = strlen(text);
  if (count_characters(text) <= N_LINE) return;
  for (size_t d = 0; d <= len / 2; d++) {
    const size_t before = len / 2 - d, after = len / 2 + d;
    if (text[before] == ' ')
      text[before] = '\n';
    else if (after < len && text[after] == ' ')
      text[after] = '\n';
    else
      continue;
    return;
  }
}

static void write_lines(FILE *file, const Cue *cue, void (*write)(FILE *file, const char *text))
{
  char text[N_TEXT];
  wrap(cue, text);
  char *second = strchr(text, '\n');
  if (second) *second++ = '\0';
  write(file, text);
  if (second) fputc('\n', file), write(file, second);
  fputs("\n\n", file);
}

static void write_srt_cue(FILE *file, const Cue *cue)
{
  fprintf(file, "%lld\n", (long long)cue->index);
  write_clock(file, cue->start, ',');
  fputs(" --> ", file);
  write_clock(file, cue->end, ',');
  fputc('\n', file);
  write_lines(file, cue, nm_write_plain_text);
}

static void write_vtt_cue(FILE *file, const Cue *cue)
{
  write_clock(file, cue->start, '.');
  fputs(" --> ", file);
  write_clock(file, cue->end, '.');
  fputc('\n', file);
  write_lines(file, cue, nm_write_vtt_text);
}

static void write_lrc_time(FILE *file, int64_t samples, const char brackets[2])
{
  const int64_t cs = to_ticks(samples, 100);
  fprintf(file, "%c%02lld:%02lld.%02lld%c", brackets[0], (long long)(cs / 6000), (long long)(cs / 100 % 60),
          (long long)(cs % 100), brackets[1]);
}

static void write_lrc_cue(FILE *file, const Cue *cue)
{
  write_lrc_time(file, cue->start, "[]");
  nm_write_plain_text(file, cue->text);
  fputc('\n', file);
}

// The enhanced form: a time before every word, at the onset of its first note.
static NmStatus write_lrc_song(NmTimings *timings, FILE *file, NmError *err)
{
  NmTiming timing;
  bool found = true, open = false;
  NmStatus status = nm_timings_rewind(timings, err);
  while (!status && !(status = nm_timings_next(timings, &timing, &found, err)) && found) {
    if (timing.kind == NM_TIMING_LINE) {
      if (open) fputc('\n', file);
      write_lrc_time(file, timing.start, "[]");
      open = true;
    }
    if (timing.kind != NM_TIMING_NOTE || !*timing.source || !open) continue;
    if (timing.begins_word) fputc(' ', file), write_lrc_time(file, timing.start, "<>");
    nm_write_plain_text(file, timing.source);
  }
  if (open) fputc('\n', file);
  return status;
}

NmStatus nm_timings_write_srt(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err)
{
  return write_cues(timings, n_samples, file, write_srt_cue, err);
}

NmStatus nm_timings_write_vtt(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err)
{
  fputs("WEBVTT\n\n", file);
  return write_cues(timings, n_samples, file, write_vtt_cue, err);
}

NmStatus nm_timings_write_lrc(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err)
{
  bool is_song;
  NmStatus status = nm_timings_have(timings, NM_TIMING_LINE, &is_song, err);
  if (!status)
    status = is_song ? write_lrc_song(timings, file, err)
                     : write_cues(timings, n_samples, file, write_lrc_cue, err);
  write_lrc_time(file, n_samples, "[]");
  fputc('\n', file);
  return status;
}
