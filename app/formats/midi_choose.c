// SPDX-License-Identifier: GPL-3.0-or-later
// Which part of a MIDI file is the melody, and which texts are its words.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/midi_file.h"

enum {
  DRUMS = 9,        // the channel, from 0
  SOURCES_MAX = 16, // texts that are tried
  TEXTS_LEAST = 4   // text events that may be lyrics; fewer are remarks
};
static const double bonus_name = .1, bonus_lyric = .05, bonus_track = .02, polyphony_most = .1;

typedef struct {
  NmMidiSource source;
  int32_t n;
  int64_t *ticks; // [n], increasing, distinct
} Words;

static bool is_header(const char *text)
{
  return text[0] == '@' || (text[0] == '{' && (text[1] == '@' || text[1] == '#'));
}

bool nm_midi_is_lyric(const NmMidiText *text, NmMidiSource source)
{
  if (text->track != source.track || text->kind != source.kind || !text->text[0] || is_header(text->text))
    return false;
  return text->kind == NM_MIDI_LYRIC || text->tick > 0 || strchr("\\/", text->text[0]);
}

static bool is_named_melody(const NmMidiPart *part)
{
  static const char *const words[] = {"melod", "vocal", "voice", "vox", "lead", "sing", "sopran", "gesang"};
  char name[64];
  size_t n = 0;
  for (; part->name && part->name[n] && n < sizeof name - 1; ++n)
    name[n] = (char)tolower((unsigned char)part->name[n]);
  name[n] = 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
    if (strstr(name, words[i])) return true;
  return false;
}

// --- the texts ---

static bool gather(const NmMidi *midi, int32_t first, NmMidiSource source, Words *words)
{
  int32_t n = 0;
  words->ticks = malloc(((size_t)words->n + 1) * sizeof *words->ticks);
  if (!words->ticks) return false;
  for (int32_t i = first; i < midi->n_texts && midi->texts[i].track == source.track; ++i)
    if (nm_midi_is_lyric(&midi->texts[i], source) && (n == 0 || words->ticks[n - 1] != midi->texts[i].tick))
      words->ticks[n++] = midi->texts[i].tick;
  words->n = n;
  words->source = source;
  return true;
}

static int32_t count_words(const NmMidi *midi, int32_t first, NmMidiSource source)
{
  int32_t n = 0;
  for (int32_t i = first; i < midi->n_texts && midi->texts[i].track == source.track; ++i)
    n += nm_midi_is_lyric(&midi->texts[i], source);
  return source.kind == NM_MIDI_TEXT && n < TEXTS_LEAST ? 0 : n;
}

// Calls for each track with texts, and of each kind; `least`: only those with as many.
static bool each_source(const NmMidi *midi, int32_t least, Words *words, int *n_words, int32_t *most)
{
  *n_words = 0;
  *most = 0;
  for (int32_t i = 0; i < midi->n_texts; ++i) {
    if (i > 0 && midi->texts[i].track == midi->texts[i - 1].track) continue;
    for (int k = 0; k < 2; ++k) {
      const NmMidiSource source = {midi->texts[i].track, k ? NM_MIDI_TEXT : NM_MIDI_LYRIC};
      const int32_t n = count_words(midi, i, source);
      if (n > *most) *most = n;
      if (!words || n < least || *n_words == SOURCES_MAX) continue;
      words[*n_words].n = n;
      if (!gather(midi, i, source, &words[*n_words])) return false;
      ++*n_words;
    }
  }
  return true;
}

// --- how well notes and texts agree ---

static int32_t find_nearest(const Words *words, int64_t tick)
{
  int32_t low = 0, high = words->n - 1;
  while (low < high) {
    const int32_t mid = (low + high) / 2;
    if (words->ticks[mid] < tick)
      low = mid + 1;
    else
      high = mid;
  }
  if (low > 0 && tick - words->ticks[low - 1] < words->ticks[low] - tick) --low;
  return low;
}

// Twice the matches over notes and texts, each onset counted once.
static double rate_agreement(const NmMidi *midi, const NmMidiPart *part, const Words *words)
{
  const int64_t tolerance = midi->song->ticks_per_beat / 8;
  int32_t n_onsets = 0, n_matches = 0, last = -1;
  for (int32_t i = part->first; i < part->first + part->n_notes; ++i) {
    const int64_t onset = midi->notes[i].onset;
    if (i > part->first && midi->notes[i - 1].onset == onset) continue;
    ++n_onsets;
    const int32_t nearest = find_nearest(words, onset);
    if (nearest == last || llabs(words->ticks[nearest] - onset) > tolerance) continue;
    last = nearest;
    ++n_matches;
  }
  double rate = 2.0 * n_matches / (n_onsets + words->n);
  if (words->source.kind == NM_MIDI_LYRIC) rate += bonus_lyric;
  if (words->source.track == part->track) rate += bonus_track;
  return rate;
}

static bool has_other_than_drums(const NmMidi *midi)
{
  for (int32_t i = 0; i < midi->n_parts; ++i)
    if (midi->parts[i].channel != DRUMS) return true;
  return false;
}

// --- without lyrics ---

// The mean pitch, and a rank above all others for one note at a time.
static double rate_melody(const NmMidi *midi, const NmMidiPart *part, int32_t n_most)
{
  int64_t end = 0, sum = 0;
  int32_t n_over = 0;
  for (int32_t i = part->first; i < part->first + part->n_notes; ++i) {
    const NmMidiNote *note = &midi->notes[i];
    if (i > part->first && note->onset + midi->song->ticks_per_beat / 8 < end) ++n_over;
    if (note->end > end) end = note->end;
    sum += note->pitch;
  }
  double rate = (double)sum / part->n_notes;
  if (n_over <= polyphony_most * part->n_notes) rate += 200;
  if (part->n_notes >= n_most / 8) rate += 400;
  if (is_named_melody(part)) rate += 800;
  return rate;
}

static double rate_part(const NmMidi *midi, int32_t part, const Words *words, int n_words, int32_t n_most,
                        int *best_words)
{
  const NmMidiPart *p = &midi->parts[part];
  if (n_words == 0) return rate_melody(midi, p, n_most);
  double best = -1;
  for (int i = 0; i < n_words; ++i) {
    const double rate = rate_agreement(midi, p, &words[i]);
    if (rate > best) best = rate, *best_words = i;
  }
  return best + (is_named_melody(p) ? bonus_name : 0);
}

static void choose(const NmMidi *midi, int wanted, const Words *words, int n_words, int32_t *part,
                   NmMidiSource *source)
{
  const bool skip_drums = has_other_than_drums(midi);
  double best = -1;
  int32_t n_most = 0;
  for (int32_t i = 0; i < midi->n_parts; ++i)
    if (midi->parts[i].n_notes > n_most) n_most = midi->parts[i].n_notes;
  for (int32_t i = 0; i < midi->n_parts; ++i) {
    int w = 0;
    if (wanted >= 0 ? i != wanted : skip_drums && midi->parts[i].channel == DRUMS) continue;
    const double rate = rate_part(midi, i, words, n_words, n_most, &w);
    if (rate <= best) continue;
    best = rate;
    *part = i;
    if (n_words) *source = words[w].source;
  }
}

// The melody of a file that was written here with an account of its lyrics (midi_exact.h); -1 for another.
static int32_t find_own_melody(const NmMidi *midi)
{
  for (int32_t i = 0; midi->exact && i < midi->n_parts; ++i)
    if (midi->parts[i].name && !strcmp(midi->parts[i].name, "Melody")) return i;
  return -1;
}

NmStatus nm_midi_choose(const NmMidi *midi, int wanted, int32_t *part, NmMidiSource *source, NmError *err)
{
  Words words[SOURCES_MAX] = {0};
  int n_words = 0;
  int32_t most;
  *source = (NmMidiSource){0};
  *part = 0;
  if (midi->n_parts == 0)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: there are no notes in it", midi->name);
  if (wanted >= midi->n_parts)
    return nm_error_set(err, NM_ERR_BAD_ARG, "%s: there is no part %d; the last of those with notes is %d",
                        midi->name, wanted, midi->n_parts - 1);
  if (wanted < 0) wanted = find_own_melody(midi);
  bool ok = each_source(midi, 0, NULL, &n_words, &most);
  if (ok && most > 0) ok = each_source(midi, (most + 1) / 2, words, &n_words, &most);
  if (ok) choose(midi, wanted, words, n_words, part, source);
  for (int i = 0; i < SOURCES_MAX; ++i) free(words[i].ticks);
  return ok ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}
