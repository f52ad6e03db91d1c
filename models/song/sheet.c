// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/sheet.h"

#include "models/song/sheet_rows.h"
#include "models/song/sheet_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// One line to be sung.
typedef struct {
  const char *text;
  size_t len;
  int32_t stanza, line; // line: of the text
} Entry;

// A stanza while it is gathered.
typedef struct {
  const char *label; // not terminated; NULL: none
  size_t len_label;
  int32_t first, n; // entries
} Stanza;

typedef struct {
  Entry entries[NM_SHEET_LINES_MAX];
  Stanza stanzas[NM_SHEET_LINES_MAX];
  int32_t n_entries, n_stanzas;
  bool open;         // the last stanza takes further lines
  int32_t n_times;   // of the stanza under a label
  const char *label; // waits for words
  size_t len_label;
  bool too_long;
  int32_t n_parted, n_recalled;
} Gathered;

static void NM_PRINTF(2, 3) add_note(NmSheet *sheet, const char *fmt, ...)
{
  va_list args;
  if (sheet->n_notes == NM_SHEET_NOTES_MAX) return;
  va_start(args, fmt);
  vsnprintf(sheet->notes[sheet->n_notes++], sizeof *sheet->notes, fmt, args);
  va_end(args);
}

// --- stanzas ---

static void open_stanza(Gathered *g, const char *label, size_t len_label)
{
  g->stanzas[g->n_stanzas++] = (Stanza){label, len_label, g->n_entries, 0};
  g->open = true;
}

static void add_entry(Gathered *g, const char *text, size_t len, int32_t line)
{
  if (g->n_entries == NM_SHEET_LINES_MAX) {
    g->too_long = true;
    return;
  }
  g->entries[g->n_entries++] = (Entry){text, len, g->n_stanzas - 1, line};
  ++g->stanzas[g->n_stanzas - 1].n;
}

static void copy_stanza(Gathered *g, int32_t i)
{
  const Stanza from = g->stanzas[i];
  if (g->n_entries + from.n > NM_SHEET_LINES_MAX || g->n_stanzas == NM_SHEET_LINES_MAX) {
    g->too_long = true;
    return;
  }
  open_stanza(g, from.label, from.len_label);
  for (int32_t k = 0; k < from.n; ++k) {
    const Entry entry = g->entries[from.first + k];
    add_entry(g, entry.text, entry.len, entry.line);
  }
  g->open = false;
  ++g->n_recalled;
}

static void close_stanza(Gathered *g)
{
  const int32_t last = g->n_stanzas - 1;
  if (!g->open) return;
  g->open = false;
  for (int32_t i = 1; i < g->n_times; ++i) copy_stanza(g, last);
  g->n_times = 1;
}

// The name of a label without its number: "Chorus 2" is the chorus.
static size_t trim_number(const char *label, size_t len)
{
  while (len && (label[len - 1] == ' ' || (label[len - 1] >= '0' && label[len - 1] <= '9'))) --len;
  return len;
}

// Words that came under the same label before; a repeated "Chorus" needs no number, a verse does.
static int32_t find_labelled(const Gathered *g)
{
  static const char repeat[] = "repeat ";
  const char *label = g->label;
  size_t len = g->len_label;
  if (len > sizeof repeat - 1 && strncasecmp(label, repeat, sizeof repeat - 1) == 0) {
    label += sizeof repeat - 1;
    len -= sizeof repeat - 1;
  }
  const size_t len_name = trim_number(label, len);
  int32_t found = -1;
  for (int32_t i = 0; i < g->n_stanzas; ++i) {
    const Stanza *stanza = &g->stanzas[i];
    if (!stanza->label) continue;
    if (stanza->len_label == len && strncasecmp(stanza->label, label, len) == 0) return i;
    const size_t n = trim_number(stanza->label, stanza->len_label);
    if (found < 0 && n == len_name && n && strncasecmp(stanza->label, label, n) == 0 &&
        strncasecmp(label, "verse", 5) != 0)
      found = i;
  }
  return found;
}

// A label that no words followed stands for those it had before.
static void settle_label(Gathered *g)
{
  if (!g->label) return;
  const int32_t i = find_labelled(g), n_times = g->n_times;
  g->label = NULL;
  g->n_times = 1;
  for (int32_t k = 0; i >= 0 && k < n_times; ++k) copy_stanza(g, i);
}

// --- lines ---

static bool is_clause_mark(const char *text, size_t at)
{
  return strchr(",;:.!?", text[at]) || (at >= 2 && memcmp(text + at - 2, "\xE2\x80\x94", 3) == 0) ||
         (at >= 1 && text[at] == '-' && text[at - 1] == '-');
}

static int32_t count_words(const char *text, size_t len)
{
  int32_t n = 0;
  for (size_t i = 0; i < len; ++i) n += text[i] != ' ' && (i == 0 || text[i - 1] == ' ');
  return n;
}

// The byte to part a line of `n` words at: behind a clause mark near the middle, else in the middle.
static size_t find_parting(const char *text, size_t len, int32_t n)
{
  size_t best = 0;
  int32_t word = 0, cost_best = INT32_MAX;
  for (size_t i = 1; i < len; ++i) {
    if (text[i] == ' ' || text[i - 1] != ' ') continue;
    size_t end = i;
    while (end > 1 && text[end - 1] == ' ') --end;
    ++word;
    int32_t cost = 4 * abs(2 * word - n);
    if (is_clause_mark(text, end - 1)) cost -= 3 * n;
    if (cost < cost_best) best = i, cost_best = cost;
  }
  return best;
}

static void add_parted(Gathered *g, const char *text, size_t len, int32_t line)
{
  while (len && text[len - 1] == ' ') --len;
  const int32_t n = count_words(text, len);
  const size_t at = n > NM_SHEET_LINE_WORDS_MAX ? find_parting(text, len, n) : 0;
  if (!at) {
    add_entry(g, text, len, line);
    return;
  }
  add_parted(g, text, at, line);
  add_parted(g, text + at, len - at, line);
}

static void add_words(Gathered *g, const NmSheetRow *row)
{
  if (g->too_long) return;
  if (g->n_stanzas == NM_SHEET_LINES_MAX) {
    g->too_long = true;
    return;
  }
  if (!g->open) open_stanza(g, g->label, g->len_label);
  g->label = NULL;
  g->n_parted += count_words(row->text, row->len) > NM_SHEET_LINE_WORDS_MAX;
  for (int32_t i = 0; i < row->n_times; ++i) add_parted(g, row->text, row->len, row->line);
}

static void repeat_stanza(Gathered *g, int32_t n_times)
{
  close_stanza(g);
  const int32_t last = g->n_stanzas - 1;
  for (int32_t i = 1; last >= 0 && i < n_times; ++i) copy_stanza(g, last);
}

static void begin_label(Gathered *g, const NmSheetRow *row)
{
  close_stanza(g);
  settle_label(g);
  g->label = row->text;
  g->len_label = row->len;
  g->n_times = row->n_times;
}

// Whether blank lines stand between all lines, so that one alone ends no stanza.
static bool is_double_spaced(const NmSheetRow *rows, size_t n)
{
  size_t n_words = 0;
  for (size_t i = 0; i < n; ++i) {
    if (rows[i].kind != NM_ROW_WORDS) continue;
    if (i > 0 && rows[i - 1].kind == NM_ROW_WORDS) return false;
    ++n_words;
  }
  return n_words >= 4;
}

static bool is_blank_between(const NmSheetRow *rows, size_t n, size_t i)
{
  return i > 0 && i + 1 < n && rows[i - 1].kind == NM_ROW_WORDS && rows[i + 1].kind == NM_ROW_WORDS;
}

static void gather(Gathered *g, const NmSheetRow *rows, size_t n)
{
  const bool double_spaced = is_double_spaced(rows, n);
  g->n_times = 1;
  for (size_t i = 0; i < n && !g->too_long; ++i) {
    switch (rows[i].kind) {
    case NM_ROW_WORDS: add_words(g, &rows[i]); break;
    case NM_ROW_LABEL: begin_label(g, &rows[i]); break;
    case NM_ROW_REPEAT: repeat_stanza(g, rows[i].n_times); break;
    case NM_ROW_CHORDS: break;
    default:
      if (!(double_spaced && is_blank_between(rows, n, i))) close_stanza(g);
    }
  }
  close_stanza(g);
  settle_label(g);
}

// --- the song ---

static NmStatus add_lines(const Gathered *g, NmSyllabifier *syllabifier, const char *name, NmSheet *sheet,
                          NmError *err)
{
  int32_t n_stanzas = 0, stanza_last = -1, n_unsung = 0;
  sheet->labels = nm_arena_calloc(&sheet->song->arena, (size_t)g->n_stanzas + 1, sizeof *sheet->labels);
  if (!sheet->labels) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", name);
  for (int32_t i = 0; i < g->n_entries; ++i) {
    const Entry *entry = &g->entries[i];
    int32_t n_words;
    const int32_t stanza = entry->stanza == stanza_last ? n_stanzas - 1 : n_stanzas;
    const NmStatus status =
        nm_syllabifier_add_line(syllabifier, sheet->song, entry->text, entry->len, 1, stanza, &n_words, err);
    if (status != NM_OK)
      return nm_error_set_at(err, status, -1, entry->line,
                             "%s, line %d: there are too many words for one song", name, (int)entry->line);
    n_unsung += n_words == 0;
    if (n_words == 0 || stanza < n_stanzas) continue;
    const Stanza *from = &g->stanzas[entry->stanza];
    if (from->label && !(sheet->labels[stanza] = nm_song_keep(sheet->song, from->label, from->len_label)))
      return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", name);
    stanza_last = entry->stanza;
    ++n_stanzas;
  }
  sheet->n_stanzas = n_stanzas;
  if (n_unsung) add_note(sheet, "lines with nothing to sing are left out: %d", (int)n_unsung);
  return NM_OK;
}

static void set_names(NmSong *song, const NmSheetRow *rows, size_t n)
{
  for (size_t i = 0; i < n; ++i) {
    const NmSheetRow *row = &rows[i];
    const char **place = row->kind == NM_ROW_TITLE      ? &song->title
                         : row->kind == NM_ROW_COMPOSER ? &song->composer
                         : row->kind == NM_ROW_LYRICIST ? &song->lyricist
                                                        : NULL;
    if (place && !*place && row->len) *place = nm_song_keep(song, row->text, row->len);
  }
}

// --- repeated words ---

// A number for the letters and digits of a line, the same for the same words.
static uint64_t hash_line(const NmSong *song, const NmSongLine *line)
{
  uint64_t hash = 1469598103934665603u;
  for (int32_t i = 0; i < line->n_words; ++i) {
    const NmSongWord *word = &song->words[line->word_first + i];
    for (int32_t k = 0; k < word->n_syllables; ++k)
      for (const char *c = song->syllables[word->syllable_first + k].text; *c; ++c) {
        const unsigned char small = *c >= 'A' && *c <= 'Z' ? (unsigned char)(*c + 32) : (unsigned char)*c;
        if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') || small >= 0xC3)
          hash = (hash ^ small) * 1099511628211u;
      }
    hash = (hash ^ ' ') * 1099511628211u;
  }
  return hash;
}

static int32_t find_first(const uint64_t *hashes, int32_t i)
{
  for (int32_t k = 0; k < i; ++k)
    if (hashes[k] == hashes[i]) return k;
  return i;
}

NmStatus nm_sheet_mark_repeats(NmSheet *sheet, const char *name, NmError *err)
{
  NmSong *song = sheet->song;
  uint64_t *lines = calloc((size_t)song->n_lines + (size_t)sheet->n_stanzas, sizeof *lines);
  sheet->same_as = nm_arena_calloc(&song->arena, (size_t)song->n_lines, sizeof *sheet->same_as);
  sheet->stanza_same_as =
      nm_arena_calloc(&song->arena, (size_t)sheet->n_stanzas, sizeof *sheet->stanza_same_as);
  if (!lines || !sheet->same_as || !sheet->stanza_same_as) {
    free(lines);
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", name);
  }
  uint64_t *stanzas = lines + song->n_lines;
  for (int32_t i = 0; i < song->n_lines; ++i) {
    lines[i] = hash_line(song, &song->lines[i]);
    sheet->same_as[i] = find_first(lines, i);
    uint64_t *stanza = &stanzas[song->lines[i].stanza];
    *stanza = (*stanza ^ lines[i]) * 1099511628211u + 1;
  }
  for (int32_t i = 0; i < sheet->n_stanzas; ++i) sheet->stanza_same_as[i] = find_first(stanzas, i);
  free(lines);
  return NM_OK;
}

// --- all together ---

static void note_rows(NmSheet *sheet, const NmSheetRow *rows, size_t n, int32_t n_cut_chords,
                      const Gathered *g)
{
  int32_t n_chords = 0, n_remarks = 0;
  for (size_t i = 0; i < n; ++i) {
    n_chords += rows[i].kind == NM_ROW_CHORDS;
    n_remarks += rows[i].kind == NM_ROW_REMARK;
  }
  if (n_chords) add_note(sheet, "lines of chords or tablature are left out: %d", (int)n_chords);
  if (n_cut_chords) add_note(sheet, "lines with chords among the words, now without: %d", (int)n_cut_chords);
  if (n_remarks) add_note(sheet, "lines about the song, not of it, are left out: %d", (int)n_remarks);
  if (g->n_parted) add_note(sheet, "very long lines are parted: %d", (int)g->n_parted);
  if (g->n_recalled) add_note(sheet, "repeated stanzas are written out: %d", (int)g->n_recalled);
}

static NmStatus read_rows(NmSheetRow *rows, size_t n, Gathered *g, const char *name,
                          NmSyllabifier *syllabifier, NmSheet *sheet, NmError *err)
{
  nm_sheet_find_title(rows, n);
  gather(g, rows, n);
  if (g->too_long)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: a song has at most %d lines; give a part of it", name,
                        NM_SHEET_LINES_MAX);
  set_names(sheet->song, rows, n);
  NmStatus status = add_lines(g, syllabifier, name, sheet, err);
  if (status == NM_OK && sheet->song->n_lines == 0)
    status =
        nm_error_set(err, NM_ERR_BAD_DATA,
                     "%s: no words to sing were found; give lyrics as plain text, a line of verse on each "
                     "line",
                     name);
  if (status == NM_OK) status = nm_sheet_mark_repeats(sheet, name, err);
  return status == NM_OK ? nm_song_finish(sheet->song, err) : status;
}

static size_t count_lines(const char *text)
{
  size_t n = 1;
  for (; *text; ++text) n += *text == '\n';
  return n;
}

static NmStatus read_text(char *text, size_t len, const char *name, NmSyllabifier *syllabifier,
                          NmSheet *sheet, NmError *err)
{
  NmSheetRow *rows = calloc(2 * count_lines(text), sizeof *rows);
  Gathered *g = calloc(1, sizeof *g);
  NmStatus status = NM_ERR_NO_MEMORY;
  sheet->song = nm_song_new();
  if (rows && g && sheet->song) {
    size_t n;
    int32_t n_cut_chords;
    nm_sheet_find_rows(text, len, rows, &n, &n_cut_chords);
    status = read_rows(rows, n, g, name, syllabifier, sheet, err);
    note_rows(sheet, rows, n, n_cut_chords, g);
  } else
    nm_error_set(err, status, "%s: out of memory", name);
  free(rows);
  free(g);
  return status;
}

NmStatus nm_sheet_read(const uint8_t *bytes, size_t n, const char *name, NmSyllabifier *syllabifier,
                       NmSheet *sheet, NmError *err)
{
  char *text;
  size_t len;
  *sheet = (NmSheet){0};
  if (n > NM_SHEET_BYTES_MAX)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: lyrics have at most %d kilobytes; this is %zu", name,
                        NM_SHEET_BYTES_MAX >> 10, n >> 10);
  NmStatus status = nm_sheet_decode(bytes, n, name, &text, &len, err);
  if (status == NM_OK) status = read_text(text, len, name, syllabifier, sheet, err);
  if (status != NM_OK) nm_sheet_fini(sheet);
  free(text);
  return status;
}

void nm_sheet_fini(NmSheet *sheet)
{
  nm_song_free(sheet->song);
  *sheet = (NmSheet){0};
}
