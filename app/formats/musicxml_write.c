// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/formats/chord_symbols.h"
#include "app/formats/musicxml.h"
#include "app/formats/score.h"
#include "app/formats/score_layout.h"
#include "app/formats/text_write.h"

typedef struct {
  const NmSong *song;
  FILE *file;
  NmLayout layout;
  int64_t common;            // song ticks to a division
  int n_octaves;             // that the notes are written too high, for pitches below MusicXML's lowest
  int32_t *n_notes;          // [n_syllables] of each syllable
  int32_t *n_done;           // [n_syllables] of them written
  int32_t link;              // the first that is not written
  int32_t key, meter, tempo; // likewise
  NmChordSymbols chords;
  int32_t slur_from, slur_to; // notes of the slur at hand, the last of the song's if it is over
} Writer;

static const char *const value_names[] = {"1024th", "512th",   "256th", "128th", "64th",  "32nd", "16th",
                                          "eighth", "quarter", "half",  "whole", "breve", "long"};

static const char *get_value_name(int value)
{
  return value_names[value + 10];
}

static int16_t get_verse(const NmSong *song, int32_t syllable)
{
  return song->lines[song->words[song->syllables[syllable].word].line].verse;
}

// --- what the file says of itself ---

static void put_text(FILE *file, const char *before, const char *text, const char *after)
{
  if (!text || !text[0]) return;
  fputs(before, file);
  nm_write_xml_text(file, text);
  fputs(after, file);
}

static void put_lines(Writer *writer)
{
  const NmSong *song = writer->song;
  if (nm_score_lines_are_plain(song)) return;
  fputs("    <miscellaneous>\n      <miscellaneous-field name=\"neume-lines\">", writer->file);
  for (int32_t i = 0; i < song->n_lines; ++i)
    fprintf(writer->file, "%d:%d:%d ", song->lines[i].verse, song->lines[i].stanza, song->lines[i].n_words);
  fputs("</miscellaneous-field>\n    </miscellaneous>\n", writer->file);
}

static void put_header(Writer *writer)
{
  const NmSong *song = writer->song;
  FILE *file = writer->file;
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 3.1 Partwise//EN\" "
        "\"http://www.musicxml.org/dtds/partwise.dtd\">\n"
        "<score-partwise version=\"3.1\">\n",
        file);
  put_text(file, "  <work>\n    <work-title>", song->title, "</work-title>\n  </work>\n");
  fputs("  <identification>\n", file);
  put_text(file, "    <creator type=\"composer\">", song->composer, "</creator>\n");
  put_text(file, "    <creator type=\"lyricist\">", song->lyricist, "</creator>\n");
  fputs("    <encoding>\n      <software>Neume</software>\n", file);
  for (int i = 0; i < 3; ++i)
    fprintf(file, "      <supports element=\"%s\" type=\"yes\"/>\n",
            (const char *[]){"end-line", "end-paragraph", "extend"}[i]);
  fputs("      <supports attribute=\"implicit\" element=\"measure\" type=\"yes\" value=\"yes\"/>\n"
        "    </encoding>\n",
        file);
  put_lines(writer);
  fputs("  </identification>\n", file);
  put_text(file, "  <defaults>\n    <lyric-language xml:lang=\"", song->language, "\"/>\n  </defaults>\n");
  fputs("  <part-list>\n    <score-part id=\"P1\">\n      <part-name>Voice</part-name>\n    </score-part>\n"
        "  </part-list>\n  <part id=\"P1\">\n",
        file);
}

// --- maps ---

static void put_key(Writer *writer, const NmSongKey *key)
{
  fprintf(writer->file,
          "        <key>\n          <fifths>%d</fifths>\n          <mode>%s</mode>\n        </key>\n",
          key->fifths, key->minor ? "minor" : "major");
}

static void put_meter(Writer *writer, const NmSongMeter *meter)
{
  fprintf(
      writer->file,
      "        <time>\n          <beats>%d</beats>\n          <beat-type>%d</beat-type>\n        </time>\n",
      meter->n_beats, meter->beat_unit);
}

// A clef that most of the melody is near to.
static void put_clef(Writer *writer)
{
  int64_t sum = 0;
  for (int32_t i = 0; i < writer->song->n_notes; ++i) sum += writer->song->notes[i].pitch;
  const bool is_low = writer->song->n_notes && sum < 57 * (int64_t)writer->song->n_notes;
  fprintf(writer->file,
          "        <clef>\n          <sign>%c</sign>\n          <line>%d</line>\n        </clef>\n",
          is_low ? 'F' : 'G', is_low ? 4 : 2);
}

// Key and meter that begin at `tick`, and at the song's beginning what holds for all of it.
static void put_attributes(Writer *writer, int64_t tick)
{
  const NmSong *song = writer->song;
  const bool has_key = writer->key < song->n_keys && song->keys[writer->key].tick <= tick;
  const bool has_meter = writer->meter < song->n_meters && song->meters[writer->meter].tick <= tick;
  if (!has_key && !has_meter && tick > 0) return;
  fputs("      <attributes>\n", writer->file);
  if (tick == 0)
    fprintf(writer->file, "        <divisions>%lld</divisions>\n",
            (long long)(song->ticks_per_beat / writer->common));
  if (has_key) put_key(writer, &song->keys[writer->key++]);
  if (has_meter) put_meter(writer, &song->meters[writer->meter++]);
  if (tick == 0) put_clef(writer);
  if (tick == 0 && writer->n_octaves)
    fprintf(writer->file,
            "        <transpose>\n          <chromatic>0</chromatic>\n"
            "          <octave-change>%d</octave-change>\n        </transpose>\n",
            -writer->n_octaves);
  fputs("      </attributes>\n", writer->file);
}

static void put_tempos(Writer *writer, int64_t tick, int64_t end)
{
  const NmSong *song = writer->song;
  for (; writer->tempo < song->n_tempos && song->tempos[writer->tempo].tick < end; ++writer->tempo) {
    const NmSongTempo *tempo = &song->tempos[writer->tempo];
    fprintf(writer->file,
            "      <direction placement=\"above\">\n        <direction-type>\n          <metronome>\n"
            "            <beat-unit>quarter</beat-unit>\n            <per-minute>%.6g</per-minute>\n"
            "          </metronome>\n        </direction-type>\n",
            tempo->bpm);
    if (tempo->tick > tick)
      fprintf(writer->file, "        <offset sound=\"yes\">%lld</offset>\n",
              (long long)((tempo->tick - tick) / writer->common));
    fprintf(writer->file, "        <sound tempo=\"%.9g\"/>\n      </direction>\n", tempo->bpm);
  }
}

// --- lyrics ---

static void put_syllabic(Writer *writer, int32_t syllable)
{
  const NmSongWord *word = &writer->song->words[writer->song->syllables[syllable].word];
  const bool begins = syllable == word->syllable_first;
  const bool ends = syllable == word->syllable_first + word->n_syllables - 1;
  fprintf(writer->file, "          <syllabic>%s</syllabic>\n",
          begins && ends ? "single"
          : begins       ? "begin"
          : ends         ? "end"
                         : "middle");
  fputs("          <text>", writer->file);
  nm_write_xml_text(writer->file, writer->song->syllables[syllable].text);
  fputs("</text>\n", writer->file);
}

// Whether a line ends with the syllable, and whether a stanza does.
static bool ends_line(const NmSong *song, int32_t syllable, bool *ends_stanza)
{
  const NmSongWord *word = &song->words[song->syllables[syllable].word];
  const NmSongLine *line = &song->lines[word->line];
  if (syllable != word->syllable_first + word->n_syllables - 1) return false;
  if (song->syllables[syllable].word != line->word_first + line->n_words - 1) return false;
  *ends_stanza |= word->line + 1 == song->n_lines || line[1].stanza != line->stanza;
  return true;
}

// A lyric of the syllables links[from] to links[to - 1] of one verse that begin on one note.
static void put_lyric(Writer *writer, int32_t from, int32_t to)
{
  const NmSong *song = writer->song;
  bool line_ends = false, stanza_ends = false;
  const int16_t verse = get_verse(song, song->links[from].syllable);
  int32_t last = -1;
  for (int32_t i = from; i < to; ++i) {
    const int32_t syllable = song->links[i].syllable;
    if (get_verse(song, syllable) != verse || writer->n_done[syllable]) continue;
    if (last < 0)
      fprintf(writer->file, "        <lyric number=\"%d\">\n", verse);
    else
      fputs("          <elision>‿</elision>\n", writer->file);
    put_syllabic(writer, syllable);
    line_ends |= ends_line(song, syllable, &stanza_ends);
    ++writer->n_done[syllable];
    last = syllable;
  }
  const NmSongWord *word = &song->words[song->syllables[last].word];
  if (writer->n_notes[last] > 1 && last == word->syllable_first + word->n_syllables - 1)
    fputs("          <extend type=\"start\"/>\n", writer->file);
  if (line_ends) fputs("          <end-line/>\n", writer->file);
  if (stanza_ends) fputs("          <end-paragraph/>\n", writer->file);
  fputs("        </lyric>\n", writer->file);
}

// The lyrics of a note, whose links find_slur has found: syllables that go on, then those that begin, each
// verse in one element.
static void put_lyrics(Writer *writer, int32_t note)
{
  const NmSong *song = writer->song;
  int32_t end = writer->link;
  while (end < song->n_links && song->links[end].note == note) ++end;
  for (int32_t i = writer->link; i < end; ++i) {
    const int32_t syllable = song->links[i].syllable;
    if (writer->n_done[syllable] == 0) continue;
    const bool is_last = ++writer->n_done[syllable] == writer->n_notes[syllable];
    fprintf(writer->file,
            "        <lyric number=\"%d\">\n          <extend type=\"%s\"/>\n        </lyric>\n",
            get_verse(song, syllable), is_last ? "stop" : "continue");
  }
  for (int32_t i = writer->link; i < end; ++i)
    if (writer->n_done[song->links[i].syllable] == 0) put_lyric(writer, i, end);
}

// --- notes ---

static void put_pitch(Writer *writer, const NmLayoutPiece *piece)
{
  const NmSongKey key = nm_song_get_key(writer->song, piece->onset);
  char letter;
  int alter, octave;
  nm_layout_spell(writer->song->notes[piece->note].pitch, &key, &letter, &alter, &octave);
  fprintf(writer->file, "        <pitch>\n          <step>%c</step>\n", letter);
  if (alter) fprintf(writer->file, "          <alter>%d</alter>\n", alter);
  fprintf(writer->file, "          <octave>%d</octave>\n        </pitch>\n", octave + writer->n_octaves);
}

static void put_value(Writer *writer, const NmLayoutPiece *piece)
{
  if (piece->value == NM_LAYOUT_NO_VALUE) return;
  fprintf(writer->file, "        <type>%s</type>\n", get_value_name(piece->value));
  for (int i = 0; i < piece->n_dots; ++i) fputs("        <dot/>\n", writer->file);
  if (piece->n_actual == 1) return;
  fprintf(writer->file,
          "        <time-modification>\n          <actual-notes>%d</actual-notes>\n"
          "          <normal-notes>%d</normal-notes>\n",
          piece->n_actual, piece->n_normal);
  if (piece->value_tuplet >= -10)
    fprintf(writer->file, "          <normal-type>%s</normal-type>\n", get_value_name(piece->value_tuplet));
  fputs("        </time-modification>\n", writer->file);
}

// The notes of the melisma that begins at `note` in the song's first verse follow each other: they get a
// slur.
static void find_slur(Writer *writer, int32_t note)
{
  const NmSong *song = writer->song;
  while (writer->link < song->n_links && song->links[writer->link].note < note) ++writer->link;
  if (note <= writer->slur_to) return;
  for (int32_t i = writer->link; i < song->n_links && song->links[i].note == note; ++i) {
    const int32_t n = writer->n_notes[song->links[i].syllable];
    if (n < 2 || writer->n_done[song->links[i].syllable] != 0) continue;
    for (int32_t j = note + 1; j < note + n; ++j)
      if (song->notes[j].onset != song->notes[j - 1].onset + song->notes[j - 1].len) return;
    writer->slur_from = note;
    writer->slur_to = note + n - 1;
    return;
  }
}

static void put_notations(Writer *writer, const NmLayoutPiece *piece)
{
  const bool slur_starts = piece->note >= 0 && !piece->ties_back && piece->note == writer->slur_from;
  const bool slur_stops = piece->note >= 0 && !piece->ties_on && piece->note == writer->slur_to;
  if (!piece->ties_back && !piece->ties_on && !slur_starts && !slur_stops && !piece->starts_tuplet &&
      !piece->stops_tuplet)
    return;
  fputs("        <notations>\n", writer->file);
  if (piece->ties_back) fputs("          <tied type=\"stop\"/>\n", writer->file);
  if (piece->ties_on) fputs("          <tied type=\"start\"/>\n", writer->file);
  if (slur_stops) fputs("          <slur number=\"1\" type=\"stop\"/>\n", writer->file);
  if (slur_starts) fputs("          <slur number=\"1\" type=\"start\"/>\n", writer->file);
  if (piece->starts_tuplet) fputs("          <tuplet type=\"start\"/>\n", writer->file);
  if (piece->stops_tuplet) fputs("          <tuplet type=\"stop\"/>\n", writer->file);
  fputs("        </notations>\n", writer->file);
}

static void put_piece(Writer *writer, const NmLayoutPiece *piece)
{
  const bool is_rest = piece->note < 0;
  const int velocity = is_rest ? 0 : writer->song->notes[piece->note].velocity;
  if (velocity)
    fprintf(writer->file, "      <note dynamics=\"%.2f\">\n", velocity / .9);
  else
    fputs("      <note>\n", writer->file);
  if (is_rest)
    fprintf(writer->file, "        <rest%s/>\n", piece->fills_bar ? " measure=\"yes\"" : "");
  else
    put_pitch(writer, piece);
  fprintf(writer->file, "        <duration>%lld</duration>\n", (long long)(piece->len / writer->common));
  if (piece->ties_back) fputs("        <tie type=\"stop\"/>\n", writer->file);
  if (piece->ties_on) fputs("        <tie type=\"start\"/>\n", writer->file);
  fputs("        <voice>1</voice>\n", writer->file);
  put_value(writer, piece);
  if (!is_rest && !piece->ties_back) find_slur(writer, piece->note);
  put_notations(writer, piece);
  if (!is_rest && !piece->ties_back) put_lyrics(writer, piece->note);
  fputs("      </note>\n", writer->file);
}

static void put_bar(Writer *writer, const NmLayoutBar *bar, int number)
{
  fprintf(writer->file, "    <measure number=\"%d\"%s>\n", number, bar->is_pickup ? " implicit=\"yes\"" : "");
  for (int32_t i = 0; i < bar->n_pieces; ++i) {
    const NmLayoutPiece *piece = &writer->layout.pieces[bar->piece_first + i];
    put_attributes(writer, piece->onset);
    put_tempos(writer, piece->onset, piece->onset + piece->len);
    nm_chord_symbols_put_xml(&writer->chords, piece->onset, piece->onset + piece->len, writer->common,
                             writer->file);
    put_piece(writer, piece);
  }
  fputs("    </measure>\n", writer->file);
}

static void put_score(Writer *writer)
{
  const NmLayout *layout = &writer->layout;
  put_header(writer);
  const int number = layout->n_bars && layout->bars[0].is_pickup ? 0 : 1;
  for (int32_t i = 0; i < layout->n_bars; ++i) put_bar(writer, &layout->bars[i], number + i);
  fputs("  </part>\n</score-partwise>\n", writer->file);
}

// --- what cannot be written ---

static NmStatus check_texts(const NmSong *song, NmError *err)
{
  for (int32_t i = 0; i < song->n_syllables; ++i)
    if (!nm_text_fits_xml(song->syllables[i].text))
      return nm_error_set(err, NM_ERR_UNSUPPORTED, "syllable %d has characters that XML cannot hold", i + 1);
  return NM_OK;
}

static NmStatus find_octaves(Writer *writer, NmError *err)
{
  const NmSong *song = writer->song;
  int lowest = 0, highest = 0;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    const NmSongKey key = nm_song_get_key(song, song->notes[i].onset);
    char letter;
    int alter, octave;
    nm_layout_spell(song->notes[i].pitch, &key, &letter, &alter, &octave);
    if (octave < lowest) lowest = octave;
    if (octave > highest) highest = octave;
  }
  writer->n_octaves = -lowest;
  if (highest + writer->n_octaves > 9)
    return nm_error_set(err, NM_ERR_UNSUPPORTED, "MusicXML has ten octaves: the melody spans more");
  return NM_OK;
}

NmStatus nm_musicxml_write(const NmSong *song, const NmSongWriting *options, FILE *file, NmError *err)
{
  Writer writer = {.song = song, .file = file, .slur_from = -1, .slur_to = -1};
  if (options) writer.chords.harmony = options->harmony;
  NmStatus status = nm_score_check_song(song, "MusicXML", err);
  if (status == NM_OK) status = check_texts(song, err);
  if (status == NM_OK) status = find_octaves(&writer, err);
  if (status != NM_OK) return status;
  status = nm_layout_init(&writer.layout, song, false, err);
  writer.common = nm_layout_get_common_ticks(song);
  writer.n_notes = calloc((size_t)song->n_syllables + 1, sizeof *writer.n_notes);
  writer.n_done = calloc((size_t)song->n_syllables + 1, sizeof *writer.n_done);
  if (status == NM_OK && (!writer.n_notes || !writer.n_done))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    for (int32_t i = 0; i < song->n_links; ++i) ++writer.n_notes[song->links[i].syllable];
    put_score(&writer);
  }
  free(writer.n_notes);
  free(writer.n_done);
  nm_layout_fini(&writer.layout);
  return status;
}
