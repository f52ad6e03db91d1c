// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "app/formats/abc.h"
#include "app/formats/chord_symbols.h"
#include "app/formats/score.h"
#include "app/formats/score_layout.h"
#include "app/formats/text_write.h"

enum { BARS_IN_LINE = 4, LINES_IN_COMMENT = 12 };

typedef struct {
  const NmSong *song;
  FILE *file;
  NmLayout layout;
  int32_t *link_first;       // [n_notes + 1] each note's links
  int32_t *note_first;       // [n_syllables]
  int32_t piece_last;        // of the last note
  int n_verses;              // the highest
  int8_t signature[7];       // [C D E F G A B]
  bool is_explicit[7];       // the letter had an accidental in this bar: it bears one until the bar ends
  int32_t key, meter, tempo; // the first that is not written
  NmChordSymbols chords;
} Writer;

static const char letters[] = "CDEFGAB";

static int16_t get_verse(const NmSong *song, int32_t syllable)
{
  return song->lines[song->words[song->syllables[syllable].word].line].verse;
}

static int64_t find_gcd(int64_t a, int64_t b)
{
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// --- fields ---

static const char *get_key_name(const NmSongKey *key)
{
  static const char *const names[] = {"Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F",  "C",  "G",
                                      "D",  "A",  "E",  "B",  "F#", "C#", "G#", "D#", "A#"};
  return names[key->fifths + 7 + (key->minor ? 3 : 0)];
}

static void put_key(Writer *writer, const NmSongKey *key)
{
  static const int8_t order[] = {3, 0, 4, 1, 5, 2, 6}; // of the sharps
  fprintf(writer->file, "K:%s%s", get_key_name(key), key->minor ? "m" : "");
  for (int i = 0; i < 7; ++i)
    writer->signature[order[i]] = (int8_t)(key->fifths > i ? 1 : -key->fifths > 6 - i ? -1 : 0);
}

// Quarters a minute in whole numbers: of the note value that says it exactly, or within 4 / 10000.
static void put_tempo(Writer *writer, double bpm)
{
  int64_t unit = 4;
  double rate = bpm, best = 1;
  for (int i = 0; i <= 10 && best > 1e-9; ++i) {
    const double scaled = ldexp(bpm, i), error = fabs(rint(scaled) / scaled - 1);
    if (error >= best * .5 || (best < 4e-4 && error > 1e-9)) continue;
    best = error;
    unit = (int64_t)4 << i;
    rate = rint(scaled);
  }
  fprintf(writer->file, "Q:1/%lld=%.0f", (long long)unit, rate);
}

static void put_text_field(Writer *writer, const char *field, const char *text)
{
  if (!text || !text[0]) return;
  fprintf(writer->file, "%s", field);
  for (const char *at = text; *at; ++at) {
    if (*at == '\\' || *at == '%') fputc('\\', writer->file);
    fputc((unsigned char)*at < ' ' ? ' ' : *at, writer->file);
  }
  fputc('\n', writer->file);
}

static void put_comments(Writer *writer)
{
  const NmSong *song = writer->song;
  const int64_t common = find_gcd(song->pickup, song->ticks_per_beat);
  fprintf(writer->file, "%%neume-pickup %lld/%lld\n", (long long)(song->pickup / common),
          (long long)(song->ticks_per_beat / common));
  put_text_field(writer, "%neume-lyricist ", song->lyricist);
  put_text_field(writer, "%neume-language ", song->language);
  for (int32_t i = 0; i < song->n_lines; ++i) {
    if (i % LINES_IN_COMMENT == 0) fputs(i ? "\n%neume-lines " : "%neume-lines ", writer->file);
    fprintf(writer->file, "%d:%d:%d ", song->lines[i].verse, song->lines[i].stanza, song->lines[i].n_words);
  }
  if (song->n_lines) fputc('\n', writer->file);
}

static void put_header(Writer *writer)
{
  const NmSong *song = writer->song;
  fputs("%abc-2.1\nX:1\n", writer->file);
  put_text_field(writer, "T:", song->title);
  put_text_field(writer, "C:", song->composer);
  put_comments(writer);
  if (song->n_meters && song->meters[0].tick == 0) {
    fprintf(writer->file, "M:%d/%d\n", song->meters[0].n_beats, song->meters[0].beat_unit);
    ++writer->meter;
  } else {
    fputs("M:none\n", writer->file);
  }
  fputs("L:1/8\n", writer->file);
  if (song->n_tempos && song->tempos[0].tick == 0) {
    put_tempo(writer, song->tempos[writer->tempo++].bpm);
    fputc('\n', writer->file);
  }
  if (song->n_keys && song->keys[0].tick == 0)
    put_key(writer, &song->keys[writer->key++]);
  else
    fputs("K:none", writer->file);
  fputc('\n', writer->file);
}

// Fields that take effect at `tick`.
static void put_changes(Writer *writer, int64_t tick)
{
  const NmSong *song = writer->song;
  for (; writer->meter < song->n_meters && song->meters[writer->meter].tick <= tick; ++writer->meter)
    fprintf(writer->file, "[M:%d/%d]", song->meters[writer->meter].n_beats,
            song->meters[writer->meter].beat_unit);
  for (; writer->key < song->n_keys && song->keys[writer->key].tick <= tick; ++writer->key) {
    fputc('[', writer->file);
    put_key(writer, &song->keys[writer->key]);
    fputc(']', writer->file);
    for (int i = 0; i < 7; ++i) writer->is_explicit[i] = true;
  }
  for (; writer->tempo < song->n_tempos && song->tempos[writer->tempo].tick <= tick; ++writer->tempo) {
    fputc('[', writer->file);
    put_tempo(writer, song->tempos[writer->tempo].bpm);
    fputc(']', writer->file);
  }
}

// --- music ---

// The length of a piece as written, in eighths.
static void get_length(const Writer *writer, const NmLayoutPiece *piece, int64_t *value, int64_t *unit)
{
  *value = 2 * piece->len * piece->n_actual;
  *unit = (int64_t)writer->song->ticks_per_beat * piece->n_normal;
  const int64_t common = find_gcd(*value, *unit);
  *value /= common;
  *unit /= common;
}

static void put_length(Writer *writer, const NmLayoutPiece *piece)
{
  int64_t value, unit;
  get_length(writer, piece, &value, &unit);
  if (value != 1) fprintf(writer->file, "%lld", (long long)value);
  if (unit == 2)
    fputc('/', writer->file);
  else if (unit > 2)
    fprintf(writer->file, "/%lld", (long long)unit);
}

static void put_pitch(Writer *writer, const NmLayoutPiece *piece)
{
  static const char *const signs[] = {"__", "_", "=", "^", "^^"};
  const NmSongKey key = nm_song_get_key(writer->song, piece->onset);
  char letter;
  int alter, octave;
  nm_layout_spell(writer->song->notes[piece->note].pitch, &key, &letter, &alter, &octave);
  const int place = (int)(strchr(letters, letter) - letters);
  if (writer->is_explicit[place] || alter != writer->signature[place]) {
    fputs(signs[alter + 2], writer->file);
    writer->is_explicit[place] = true;
  }
  fputc(octave > 4 ? letter | 0x20 : letter, writer->file);
  for (int i = 5; i < octave; ++i) fputc('\'', writer->file);
  for (int i = 4; i > octave; --i) fputc(',', writer->file);
}

static void put_piece(Writer *writer, const NmLayoutBar *bar, int32_t i)
{
  const NmLayoutPiece *piece = &writer->layout.pieces[bar->piece_first + i];
  put_changes(writer, piece->onset);
  if (piece->starts_tuplet) {
    int32_t n = 1;
    while (i + n < bar->n_pieces && !piece[n - 1].stops_tuplet) ++n;
    fprintf(writer->file, "(%d:%d:%d", piece->n_actual, piece->n_normal, n);
  }
  nm_chord_symbols_put_abc(&writer->chords, piece->onset, writer->file);
  if (piece->note < 0)
    fputc('z', writer->file);
  else
    put_pitch(writer, piece);
  put_length(writer, piece);
  if (piece->ties_on) fputc('-', writer->file);
}

// Whether a beam may not join the piece to the one before: a beat begins, or one of them is a quarter or
// more.
static bool begins_group(const Writer *writer, const NmLayoutBar *bar, const NmLayoutPiece *piece)
{
  const NmSongMeter meter = nm_song_get_meter(writer->song, bar->tick);
  const int64_t beat = (int64_t)writer->song->ticks_per_beat;
  const int64_t group = meter.beat_unit == 8 && meter.n_beats % 3 == 0 ? beat * 3 / 2 : beat;
  return (piece->onset - bar->tick) % (group ? group : 1) == 0 || piece->len >= beat;
}

static void put_bar(Writer *writer, const NmLayoutBar *bar, bool is_last)
{
  memset(writer->is_explicit, 0, sizeof writer->is_explicit);
  for (int32_t i = 0; i < bar->n_pieces; ++i) {
    if (i > 0 && begins_group(writer, bar, &writer->layout.pieces[bar->piece_first + i]))
      fputc(' ', writer->file);
    put_piece(writer, bar, i);
  }
  fputs(is_last ? "|]" : "|", writer->file);
}

// --- words ---

static void put_text(Writer *writer, const char *text)
{
  if (!text[0]) fputs("\\u0000", writer->file);
  while (*text) {
    utf8proc_int32_t code;
    const utf8proc_ssize_t n = utf8proc_iterate((const uint8_t *)text, -1, &code);
    if (n <= 0) return; // check_texts has seen to it
    if (code == '-')
      fputs("\\-", writer->file);
    else if (code <= ' ' || code == 0x7f || code == 0x203f || code == 0x85 ||
             (code < 0x80 && strchr("_*~|\\%&", code)))
      fprintf(writer->file, "\\u%04x", (unsigned)code);
    else
      fwrite(text, 1, (size_t)n, writer->file);
    text += n;
  }
}

static bool ends_word(const NmSong *song, int32_t syllable)
{
  const NmSongWord *word = &song->words[song->syllables[syllable].word];
  return syllable == word->syllable_first + word->n_syllables - 1;
}

// The token for the syllables of a verse on a piece; the last of them, or -1 for none.
static int32_t put_syllables(Writer *writer, const NmLayoutPiece *piece, int16_t verse)
{
  const NmSong *song = writer->song;
  int32_t last = -1;
  bool holds = false, has_text = false;
  for (int32_t i = writer->link_first[piece->note]; i < writer->link_first[piece->note + 1]; ++i) {
    const int32_t syllable = song->links[i].syllable;
    if (get_verse(song, syllable) != verse) continue;
    if (piece->ties_back || writer->note_first[syllable] != piece->note) {
      holds = true;
    } else {
      if (holds || has_text)
        fputs(song->syllables[syllable].word == song->syllables[syllable - 1].word ? "‿" : "~", writer->file);
      put_text(writer, song->syllables[syllable].text);
      has_text = true;
      holds = false;
    }
    last = syllable;
  }
  if (last >= 0 && !has_text)
    fputc(ends_word(song, last) ? '_' : '-', writer->file);
  else if (last >= 0 && !ends_word(song, last))
    fputc('-', writer->file);
  return last;
}

// Whether a verse has words in the pieces [from, to).
static bool has_words(const Writer *writer, int32_t from, int32_t to, int16_t verse)
{
  for (int32_t i = from; i < to; ++i) {
    const int32_t note = writer->layout.pieces[i].note;
    if (note < 0) continue;
    for (int32_t j = writer->link_first[note]; j < writer->link_first[note + 1]; ++j)
      if (get_verse(writer->song, writer->song->links[j].syllable) == verse) return true;
  }
  return false;
}

static void put_verse(Writer *writer, int32_t from, int32_t to, int16_t verse)
{
  int32_t n_blank = 0;
  fputs(has_words(writer, from, to, verse) ? "w:" : "w: *", writer->file);
  for (int32_t i = from; i < to; ++i) {
    const NmLayoutPiece *piece = &writer->layout.pieces[i];
    if (piece->note < 0) continue;
    if (!has_words(writer, i, i + 1, verse)) {
      ++n_blank;
      continue;
    }
    for (; n_blank > 0; --n_blank) fputs(" *", writer->file);
    fputc(' ', writer->file);
    put_syllables(writer, piece, verse);
  }
  fputc('\n', writer->file);
}

static void put_words(Writer *writer, int32_t from, int32_t to)
{
  int16_t n = (int16_t)writer->n_verses;
  while (n > 1 && !has_words(writer, from, to, n)) --n;
  for (int16_t verse = 1; verse <= n; ++verse) put_verse(writer, from, to, verse);
}

// Whether a line of the lyrics ends among the pieces [from, to).
static bool has_line_end(const Writer *writer, int32_t from, int32_t to)
{
  const NmSong *song = writer->song;
  for (int32_t i = from; i < to; ++i) {
    const int32_t note = writer->layout.pieces[i].note;
    if (note < 0) continue;
    for (int32_t j = writer->link_first[note]; j < writer->link_first[note + 1]; ++j) {
      const int32_t syllable = song->links[j].syllable;
      const NmSongLine *line = &song->lines[song->words[song->syllables[syllable].word].line];
      if (ends_word(song, syllable) && song->syllables[syllable].word == line->word_first + line->n_words - 1)
        return true;
    }
  }
  return false;
}

static bool has_notes(const Writer *writer, int32_t from, int32_t to)
{
  for (int32_t i = from; i < to; ++i)
    if (writer->layout.pieces[i].note >= 0) return true;
  return false;
}

// Whether the line of music [from, to) may end with its n-th bar, `bar`: with a line of the lyrics or after
// BARS_IN_LINE, but not under a tie and not so that a line has no note: some programs lose their place there.
static bool ends_line(const Writer *writer, const NmLayoutBar *bar, int32_t from, int32_t n)
{
  const int32_t to = bar->piece_first + bar->n_pieces;
  if (to == writer->layout.n_pieces) return true;
  if (writer->layout.pieces[to].ties_back || to > writer->piece_last || !has_notes(writer, from, to))
    return false;
  return n >= BARS_IN_LINE || has_line_end(writer, bar->piece_first, to);
}

static void put_tune(Writer *writer)
{
  const NmLayout *layout = &writer->layout;
  writer->piece_last = layout->n_pieces - 1;
  while (writer->piece_last >= 0 && layout->pieces[writer->piece_last].note < 0) --writer->piece_last;
  put_header(writer);
  for (int32_t i = 0, n = 0, from = 0; i < layout->n_bars; ++i) {
    const NmLayoutBar *bar = &layout->bars[i];
    const int32_t to = bar->piece_first + bar->n_pieces;
    put_bar(writer, bar, i + 1 == layout->n_bars);
    if (!ends_line(writer, bar, from, ++n)) continue;
    fputc('\n', writer->file);
    put_words(writer, from, to);
    from = to;
    n = 0;
  }
}

// --- what cannot be written ---

static NmStatus check_texts(const NmSong *song, NmError *err)
{
  for (int32_t i = 0; i < song->n_syllables; ++i) {
    const char *text = song->syllables[i].text;
    for (utf8proc_ssize_t n; *text; text += n) {
      utf8proc_int32_t code;
      n = utf8proc_iterate((const uint8_t *)text, -1, &code);
      if (n <= 0) return nm_error_set(err, NM_ERR_UNSUPPORTED, "syllable %d is not UTF-8", i + 1);
    }
  }
  return NM_OK;
}

static NmStatus check_lengths(const Writer *writer, NmError *err)
{
  for (int32_t i = 0; i < writer->layout.n_pieces; ++i) {
    int64_t value, unit;
    get_length(writer, &writer->layout.pieces[i], &value, &unit);
    if (value >= 1000000000 || unit >= 1 << 20)
      return nm_error_set(err, NM_ERR_UNSUPPORTED, "ABC cannot say it: a note lasts %lld/%lld eighths",
                          (long long)value, (long long)unit);
  }
  return NM_OK;
}

static NmStatus find_links(Writer *writer, NmError *err)
{
  const NmSong *song = writer->song;
  writer->link_first = malloc(((size_t)song->n_notes + 1) * sizeof *writer->link_first);
  writer->note_first = malloc(((size_t)song->n_syllables + 1) * sizeof *writer->note_first);
  if (!writer->link_first || !writer->note_first) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < song->n_syllables; ++i) writer->note_first[i] = -1;
  int32_t link = 0;
  for (int32_t i = 0; i <= song->n_notes; ++i) {
    writer->link_first[i] = link;
    for (; i < song->n_notes && link < song->n_links && song->links[link].note == i; ++link)
      if (writer->note_first[song->links[link].syllable] < 0)
        writer->note_first[song->links[link].syllable] = i;
  }
  for (int32_t i = 0; i < song->n_lines; ++i)
    if (song->lines[i].verse > writer->n_verses) writer->n_verses = song->lines[i].verse;
  return NM_OK;
}

NmStatus nm_abc_write(const NmSong *song, const NmSongWriting *options, FILE *file, NmError *err)
{
  Writer writer = {.song = song, .file = file};
  if (options) writer.chords.harmony = options->harmony;
  NmStatus status = nm_score_check_song(song, "ABC", err);
  if (status == NM_OK) status = check_texts(song, err);
  if (status != NM_OK) return status;
  status = nm_layout_init(&writer.layout, song, true, err);
  if (status == NM_OK) status = check_lengths(&writer, err);
  if (status == NM_OK) status = find_links(&writer, err);
  if (status == NM_OK) put_tune(&writer);
  free(writer.link_first);
  free(writer.note_first);
  nm_layout_fini(&writer.layout);
  return status;
}
