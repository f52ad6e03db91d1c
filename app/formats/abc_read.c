// SPDX-License-Identifier: GPL-3.0-or-later
// ABC files and the tunes in them.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "app/formats/abc.h"
#include "app/formats/abc_reader.h"

// A line of the file, NUL-terminated in the copy that the reader works on.
typedef struct {
  char *text;
  int number;
} Line;

typedef struct {
  Line *lines; // [n]
  size_t n, room;
  char *bytes; // the copy, UTF-8
} Lines;

void nm_abc_stop(NmAbcReader *reader, NmStatus status, const char *fmt, ...)
{
  if (reader->status) return;
  char text[256];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  reader->status = nm_error_set_at(reader->err, status, -1, reader->line, "%s, line %d: %s", reader->name,
                                   reader->line, text);
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

int64_t nm_abc_read_number(const char **at, int64_t otherwise)
{
  if (!is_digit(**at)) return otherwise;
  int64_t number = 0;
  for (int n = 0; is_digit(**at); ++*at)
    if (n++ < 9) number = 10 * number + **at - '0';
  return number;
}

static const char *skip_blanks(const char *text)
{
  while (*text == ' ' || *text == '\t') ++text;
  return text;
}

// --- lines and tunes ---

static bool is_field(const char *text)
{
  return ((text[0] >= 'A' && text[0] <= 'Z') || (text[0] >= 'a' && text[0] <= 'z')) && text[1] == ':' &&
         text[2] != '|' && text[2] != ':';
}

// Cuts a comment off a line, and blanks at its end.
static void cut_comment(char *text)
{
  for (char *at = text; *at; ++at) {
    if (*at == '\\' && at[1])
      ++at;
    else if (*at == '%')
      *at = '\0';
    if (!*at) break;
  }
  size_t len = strlen(text);
  while (len && strchr(" \t\r", text[len - 1]) && !(len > 1 && text[len - 2] == '\\')) text[--len] = '\0';
}

static void read_line(NmAbcReader *reader, char *text)
{
  if (text[0] == '%') {
    nm_abc_read_comment(reader, text);
    return;
  }
  cut_comment(text);
  if (is_field(text)) {
    if (reader->in_body)
      nm_abc_read_field(reader, text[0], text + 2);
    else
      nm_abc_read_header_field(reader, text[0], text + 2);
  } else if (reader->in_body) {
    nm_abc_read_music(reader, text);
  }
}

// Lines [from, to) of one tune; the file's own header has come before.
static void read_lines(NmAbcReader *reader, const Lines *lines, size_t from, size_t to)
{
  bool in_text = false;
  for (size_t i = from; i < to && !reader->status; ++i) {
    char *text = lines->lines[i].text;
    reader->line = lines->lines[i].number;
    if (!strncmp(text, "%%begin", 7))
      in_text = true;
    else if (!strncmp(text, "%%end", 5))
      in_text = false;
    else if (!in_text)
      read_line(reader, text);
  }
}

static bool is_tune(const char *text)
{
  return text[0] == 'X' && text[1] == ':';
}

// The lines [*from, *to) of tune `wanted` (from 0), *n_tunes in all; a file without X: is one tune.
static bool find_tune(const Lines *lines, int wanted, size_t *from, size_t *to, int *n_tunes)
{
  *n_tunes = 0;
  *from = *to = lines->n;
  bool is_inside = false;
  for (size_t i = 0; i < lines->n; ++i) {
    const char *text = lines->lines[i].text;
    const bool ends = is_inside && !*skip_blanks(text);
    if (is_inside && (ends || is_tune(text))) {
      is_inside = false;
      *to = i;
    }
    if (!is_tune(text)) continue;
    if (*n_tunes == wanted) *from = i, is_inside = true;
    ++*n_tunes;
  }
  if (*n_tunes == 0) *from = 0;
  return *from < lines->n;
}

// Ends the last bar of every voice, and makes the first the pick-up that the file says.
static void finish_bars(NmAbcReader *reader)
{
  for (int32_t i = 0; i < reader->score->n_parts && !reader->status; ++i) {
    NmScorePart *part = &reader->score->parts[i];
    if (part->n_bars == 0) continue;
    NmScoreBar *last = &part->bars[part->n_bars - 1];
    last->len = part->time - last->tick;
    if (last->len == 0 && part->n_bars > 1) --part->n_bars;
    if (!reader->has_pickup) continue;
    if (reader->pickup.value > 255 * 4 * reader->pickup.unit || !nm_score_refine(part, reader->pickup.unit)) {
      nm_abc_stop(reader, NM_ERR_BAD_DATA, "the pick-up is no length");
      return;
    }
    part->bars[0].len = part->ticks_per_beat / reader->pickup.unit * reader->pickup.value;
    part->bars[0].is_pickup = reader->pickup.value > 0;
  }
}

static void note_losses(const NmAbcReader *reader, int n_tunes, int tune)
{
  NmSongNotes *notes = reader->notes;
  if (n_tunes > 1) nm_song_notes_add(notes, "tune %d of %d is read", tune + 1, n_tunes);
  if (reader->n_chords) nm_song_notes_add(notes, "chords are reduced to their top notes");
  if (reader->n_graces) nm_song_notes_add(notes, "%d groups of grace notes are left out", reader->n_graces);
  if (reader->n_overlays) nm_song_notes_add(notes, "overlays (&) are left out");
  if (reader->n_excess)
    nm_song_notes_add(notes,
                      reader->n_excess == 1 ? "%d syllable has no note and is left out"
                                            : "%d syllables have no note and are left out",
                      reader->n_excess);
  if (reader->n_unknown) nm_song_notes_add(notes, "%d signs are not understood", reader->n_unknown);
  if (reader->has_parts) nm_song_notes_add(notes, "the order of parts (P:) is not followed");
  if (reader->has_words_after) nm_song_notes_add(notes, "words after the tune (W:) are left out");
}

// --- the file ---

// A copy as UTF-8: Latin-1 when it is not UTF-8 already. NULL when memory is out.
static char *copy_text(const uint8_t *bytes, size_t n)
{
  const bool has_mark = n >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3);
  if (has_mark) bytes += 3, n -= 3;
  bool is_utf8 = true;
  for (size_t at = 0; at < n && is_utf8;) {
    utf8proc_int32_t code;
    const utf8proc_ssize_t len = utf8proc_iterate(bytes + at, (utf8proc_ssize_t)(n - at), &code);
    is_utf8 = len > 0;
    at += is_utf8 ? (size_t)len : 0;
  }
  char *text = malloc(2 * n + 1);
  size_t len = 0;
  for (size_t at = 0; text && at < n; ++at) {
    const uint8_t byte = bytes[at] ? bytes[at] : ' ';
    if (is_utf8 || byte < 0x80)
      text[len++] = (char)byte;
    else
      len += (size_t)utf8proc_encode_char(byte, (uint8_t *)text + len);
  }
  if (text) text[len] = '\0';
  return text;
}

static bool add_line(Lines *lines, char *text, int number)
{
  if (lines->n == lines->room) {
    const size_t room = lines->room ? 2 * lines->room : 256;
    Line *moved = realloc(lines->lines, room * sizeof *moved);
    if (!moved) return false;
    lines->lines = moved;
    lines->room = room;
  }
  lines->lines[lines->n++] = (Line){text, number};
  return true;
}

// A "+:" line goes on with the line before.
static bool joins(const Lines *lines, const char *text)
{
  return text[0] == '+' && text[1] == ':' && lines->n > 0;
}

static bool split_lines(Lines *lines)
{
  char *at = lines->bytes;
  for (int number = 1; *at; ++number) {
    const size_t len = strcspn(at, "\n\r");
    char *next = at + len;
    if (*next == '\r' && next[1] == '\n') *next++ = '\0';
    if (*next) *next++ = '\0';
    if (joins(lines, at)) {
      char *end = lines->lines[lines->n - 1].text;
      end += strlen(end);
      *end++ = ' ';
      memmove(end, at + 2, len - 1);
    } else if (!add_line(lines, at, number)) {
      return false;
    }
    at = next;
  }
  return true;
}

static NmStatus read_tune(NmAbcReader *reader, const Lines *lines, const NmSongReading *options,
                          NmSong **song)
{
  const int part = options ? options->part : -1;
  size_t from, to, first = 0;
  int n_tunes;
  bool found = find_tune(lines, 0, &from, &to, &n_tunes);
  const bool picks_tune = n_tunes > 1 && part >= 0;
  const int tune = picks_tune ? part : 0;
  if (found && tune) found = find_tune(lines, tune, &from, &to, &n_tunes);
  if (!found)
    return nm_error_set(reader->err, n_tunes ? NM_ERR_BAD_ARG : NM_ERR_BAD_DATA, "%s has %d tunes",
                        reader->name, n_tunes);
  while (n_tunes && first < from && !is_tune(lines->lines[first].text)) ++first;
  if (n_tunes) read_lines(reader, lines, 0, first);
  reader->in_body = false;
  read_lines(reader, lines, from, to);
  finish_bars(reader);
  if (reader->status) return reader->status;
  reader->score->says_holds = true;
  reader->score->says_pickup = reader->has_pickup;
  const NmSongReading reading = {.part = picks_tune ? -1 : part,
                                 .unfolds_repeats = options && options->unfolds_repeats};
  const NmStatus status =
      nm_score_make_song(reader->score, reader->name, &reading, song, reader->notes, reader->err);
  if (status == NM_OK) note_losses(reader, n_tunes, tune);
  return status;
}

NmStatus nm_abc_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                     NmSong **song, NmSongNotes *notes, NmError *err)
{
  *song = NULL;
  Lines lines = {.bytes = copy_text(bytes, n)};
  NmAbcReader reader = {.score = nm_score_new(),
                        .voices = calloc(NM_SCORE_PARTS_MAX, sizeof *reader.voices),
                        .voice = -1,
                        .unit = {1, 8},
                        .name = name,
                        .notes = notes,
                        .err = err};
  NmStatus status = NM_ERR_NO_MEMORY;
  if (lines.bytes && reader.score && reader.voices && split_lines(&lines))
    status = read_tune(&reader, &lines, options, song);
  else
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_score_free(reader.score);
  free(reader.voices);
  free(lines.lines);
  free(lines.bytes);
  return status;
}
