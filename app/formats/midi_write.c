// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/midi.h"
#include "app/formats/midi_exact.h"
#include "app/formats/midi_file.h"
#include "app/formats/midi_part.h"

enum {
  DIVISION_LEAST = 480, // what other programs expect
  DELTA_MOST = 0x0fffffff,
  VELOCITY_USUAL = 90,
  PROGRAM_VOICE = 53, // General MIDI's voice, from 0
  US_MOST = 0xffffff
};

typedef struct {
  const NmSong *song;
  const NmPerformance *performance; // NULL: the melody alone
  NmMidiScale scale;
  int32_t division;
  const int32_t *note_first; // [n_syllables]
  NmMidiBytes out;
  size_t track;  // where the track's events begin
  int64_t tick;  // of the last event
  uint32_t hash; // midi_exact.h
  NmMidiBytes text;
} Writer;

static int64_t to_file(const Writer *w, int64_t ticks)
{
  return (int64_t)((__int128)ticks * w->scale.by / w->scale.over);
}

// --- events ---

static void begin_track(Writer *w)
{
  nm_midi_put(&w->out, "MTrk", 4);
  nm_midi_put_u32(&w->out, 0);
  w->track = w->out.n;
  w->tick = 0;
}

static void put_delta(Writer *w, int64_t tick)
{
  int64_t delta = tick - w->tick;
  for (; delta > DELTA_MOST; delta -= DELTA_MOST) { // an empty text on the way
    nm_midi_put_number(&w->out, DELTA_MOST);
    nm_midi_put(&w->out, "\xff\x01\0", 3);
  }
  nm_midi_put_number(&w->out, (uint64_t)delta);
  w->tick = tick;
}

static void put_meta(Writer *w, int64_t tick, int kind, const void *bytes, size_t n)
{
  if (n > DELTA_MOST) w->out.failed = true;
  put_delta(w, tick);
  nm_midi_put_byte(&w->out, 0xff);
  nm_midi_put_byte(&w->out, kind);
  nm_midi_put_number(&w->out, n);
  nm_midi_put(&w->out, bytes, n);
}

static void end_track(Writer *w)
{
  put_meta(w, w->tick, NM_MIDI_END_OF_TRACK, NULL, 0);
  if (w->out.failed) return;
  const size_t n = w->out.n;
  w->out.n = w->track - 4;
  nm_midi_put_u32(&w->out, (uint32_t)(n - w->track));
  w->out.n = n;
}

static void put_text(Writer *w, int kind, const char *label, const char *text)
{
  if (!text) return;
  w->text.n = 0;
  nm_midi_put(&w->text, label, strlen(label));
  nm_midi_put(&w->text, text, strlen(text));
  put_meta(w, w->tick, kind, w->text.bytes, w->text.n);
}

// --- the first track ---

static void put_key(Writer *w, const NmSongKey *key)
{
  const uint8_t bytes[2] = {(uint8_t)key->fifths, key->minor};
  put_meta(w, to_file(w, key->tick), NM_MIDI_KEY, bytes, sizeof bytes);
}

static void put_meter_at(Writer *w, int64_t tick, int n_beats, int unit)
{
  int power = 0;
  while (1 << power < unit) ++power;
  const uint8_t bytes[4] = {(uint8_t)n_beats, (uint8_t)power, (uint8_t)(96 / unit ? 96 / unit : 1), 8};
  put_meta(w, tick, NM_MIDI_METER, bytes, sizeof bytes);
}

static void put_tempo(Writer *w, const NmSongTempo *tempo)
{
  const double us = round(6e7 / tempo->bpm);
  const int value = us > US_MOST ? US_MOST : us < 1 ? 1 : (int)us;
  const uint8_t bytes[3] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
  put_meta(w, to_file(w, tempo->tick), NM_MIDI_TEMPO, bytes, sizeof bytes);
}

// The pick-up as a bar of its own where a meter has its length; else the bar's meter, which is said again at
// the first full bar.
static void put_pickup(Writer *w)
{
  const NmSongMeter meter = nm_song_get_meter(w->song, 0);
  const int64_t whole = 4 * (int64_t)w->song->ticks_per_beat;
  for (int unit = 1; unit <= 64; unit *= 2)
    if (w->song->pickup * unit % whole == 0 && w->song->pickup * unit / whole <= 255) {
      put_meter_at(w, 0, (int)(w->song->pickup * unit / whole), unit);
      return;
    }
  put_meter_at(w, 0, meter.n_beats, meter.beat_unit);
}

// When a meter is written: the first one after the pick-up.
static int64_t get_meter_tick(const NmSong *song, int32_t i)
{
  const int64_t tick = song->meters[i].tick;
  return i == 0 && tick < song->pickup ? song->pickup : tick;
}

static void put_maps(Writer *w)
{
  const NmSong *song = w->song;
  int32_t key = 0, meter = 0, tempo = 0;
  if (song->pickup > 0 && song->n_meters > 0) put_pickup(w);
  while (key < song->n_keys || meter < song->n_meters || tempo < song->n_tempos) {
    const int64_t at_key = key < song->n_keys ? song->keys[key].tick : INT64_MAX;
    const int64_t at_meter = meter < song->n_meters ? get_meter_tick(song, meter) : INT64_MAX;
    const int64_t at_tempo = tempo < song->n_tempos ? song->tempos[tempo].tick : INT64_MAX;
    if (at_key <= at_meter && at_key <= at_tempo) {
      put_key(w, &song->keys[key++]);
    } else if (at_meter <= at_tempo) {
      const NmSongMeter *m = &song->meters[meter++];
      const int64_t tick = to_file(w, at_meter);
      put_meter_at(w, tick > w->tick ? tick : w->tick, m->n_beats, m->beat_unit);
    } else {
      put_tempo(w, &song->tempos[tempo++]);
    }
  }
}

static void put_first_track(Writer *w, bool exact)
{
  begin_track(w);
  put_text(w, NM_MIDI_TRACK_NAME, "", w->song->title);
  put_text(w, NM_MIDI_TEXT, "Composer: ", w->song->composer);
  put_text(w, NM_MIDI_TEXT, "Lyricist: ", w->song->lyricist);
  put_text(w, NM_MIDI_TEXT, "@L", w->song->language);
  if (exact) {
    w->text.n = 0;
    nm_midi_exact_put(&w->text, w->song, w->scale, w->hash);
    put_meta(w, 0, NM_MIDI_SPECIFIC, w->text.bytes, w->text.n);
  }
  put_maps(w);
  end_track(w);
}

// --- the melody ---

static const NmSongLine *get_line(const NmSong *song, int32_t syllable)
{
  return &song->lines[song->words[song->syllables[syllable].word].line];
}

// What stands behind a syllable: nothing within a word, else a space, or the end of line or stanza.
static const char *get_end(const NmSong *song, int32_t syllable)
{
  const NmSongWord *word = &song->words[song->syllables[syllable].word];
  const NmSongLine *line = &song->lines[word->line];
  if (syllable + 1 < word->syllable_first + word->n_syllables) return "";
  if (word - song->words + 1 < line->word_first + line->n_words) return " ";
  if (word->line + 1 == song->n_lines || line[1].stanza == line->stanza || line[1].verse != line->verse)
    return "\r";
  return "\n";
}

// The syllables of the first verse that begin on a note, from its link *link on; moves that behind them.
static void gather_lyric(Writer *w, int32_t note, int32_t *link)
{
  const NmSong *song = w->song;
  w->text.n = 0;
  for (; *link < song->n_links && song->links[*link].note == note; ++*link) {
    const int32_t syllable = song->links[*link].syllable;
    if (w->note_first[syllable] != note || get_line(song, syllable)->verse != 1) continue;
    const char *text = song->syllables[syllable].text, *end = get_end(song, syllable);
    nm_midi_put(&w->text, text, strlen(text));
    nm_midi_put(&w->text, end, strlen(end));
  }
}

static void put_note_event(Writer *w, int64_t tick, int status, int pitch, int velocity)
{
  const uint8_t bytes[3] = {(uint8_t)status, (uint8_t)pitch, (uint8_t)velocity};
  put_delta(w, tick);
  nm_midi_put(&w->out, bytes, sizeof bytes);
}

static void put_melody(Writer *w)
{
  int32_t link = 0;
  w->hash = nm_midi_exact_hash(w->song, w->scale);
  begin_track(w);
  put_meta(w, 0, NM_MIDI_TRACK_NAME, "Melody", 6);
  nm_midi_put(&w->out, (const uint8_t[]){0, 0xc0, PROGRAM_VOICE}, 3);
  for (int32_t i = 0; i < w->song->n_notes; ++i) {
    const NmSongNote *note = &w->song->notes[i];
    const int64_t onset = to_file(w, note->onset);
    gather_lyric(w, i, &link);
    if (w->text.n) {
      put_meta(w, onset, NM_MIDI_LYRIC, w->text.bytes, w->text.n);
      w->hash = nm_midi_exact_hash_lyric(w->hash, onset, w->text.bytes, w->text.n);
    }
    put_note_event(w, onset, 0x90, note->pitch, note->velocity ? note->velocity : VELOCITY_USUAL);
    put_note_event(w, onset + to_file(w, note->len), 0x80, note->pitch, 0);
  }
  end_track(w);
}

// --- the file ---

// All tracks in the order of the file; the melody is made first, for its hash.
static NmStatus put_file(Writer *w, bool exact)
{
  w->out.n = 0;
  put_melody(w);
  NmMidiBytes melody = w->out;
  w->out = (NmMidiBytes){.failed = melody.failed};
  const int32_t n_parts = w->performance ? w->performance->n_parts : 0;
  nm_midi_put(&w->out, "MThd\0\0\0\6\0\1\0", 11);
  nm_midi_put_byte(&w->out, 2 + n_parts);
  nm_midi_put_byte(&w->out, w->division >> 8);
  nm_midi_put_byte(&w->out, w->division & 0xff);
  put_first_track(w, exact);
  nm_midi_put(&w->out, melody.bytes, melody.n);
  free(melody.bytes);
  for (int32_t p = 0; p < n_parts; ++p) nm_midi_put_part(&w->out, w->performance, p, w->division);
  return w->out.failed || w->text.failed ? NM_ERR_NO_MEMORY : NM_OK;
}

static int64_t find_divisor(int64_t a, int64_t b)
{
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// The division: the song's own, twice or more when that is coarse, or what its times have in common.
static bool find_scale(Writer *w)
{
  const NmSong *song = w->song;
  const int32_t own = song->ticks_per_beat;
  int64_t common = own;
  w->scale = (NmMidiScale){1, 1};
  if (own < DIVISION_LEAST) w->scale.by = (DIVISION_LEAST + own - 1) / own;
  if (own > NM_MIDI_DIVISION_MAX) {
    common = find_divisor(common, song->pickup);
    for (int32_t i = 0; i < song->n_notes; ++i)
      common = find_divisor(find_divisor(common, song->notes[i].onset), song->notes[i].len);
    for (int32_t i = 0; i < song->n_keys; ++i) common = find_divisor(common, song->keys[i].tick);
    for (int32_t i = 0; i < song->n_meters; ++i) common = find_divisor(common, song->meters[i].tick);
    for (int32_t i = 0; i < song->n_tempos; ++i) common = find_divisor(common, song->tempos[i].tick);
    w->scale.over = common;
  }
  w->division = (int32_t)(own * w->scale.by / w->scale.over);
  return w->division <= NM_MIDI_DIVISION_MAX;
}

static bool has_further_verses(const NmSong *song)
{
  for (int32_t i = 0; i < song->n_lines; ++i)
    if (song->lines[i].verse != 1) return true;
  return false;
}

// Whether the file as it stands is read as the song.
static NmStatus read_again(const Writer *w, bool *same, NmError *err)
{
  NmSong *again;
  *same = false;
  NmStatus status = nm_midi_read(w->out.bytes, w->out.n, "MIDI", NULL, &again, NULL, err);
  if (!status) *same = nm_song_equal(w->song, again, NULL, 0);
  if (!status) nm_song_free(again);
  return status == NM_ERR_NO_MEMORY ? status : NM_OK;
}

static NmStatus write_song(Writer *w, FILE *file, NmError *err)
{
  bool same = false;
  NmStatus status = put_file(w, false);
  if (!status) status = read_again(w, &same, err);
  if (!status && !same) {
    free(w->out.bytes);
    w->out = (NmMidiBytes){0};
    status = put_file(w, true);
  }
  if (status) return nm_error_set(err, status, "out of memory");
  fwrite(w->out.bytes, 1, w->out.n, file);
  return NM_OK;
}

NmStatus nm_midi_write(const NmSong *song, const NmSongWriting *options, FILE *file, NmError *err)
{
  Writer w = {.song = song, .performance = options ? options->performance : NULL};
  if (!find_scale(&w))
    return nm_error_set(err, NM_ERR_UNSUPPORTED, "MIDI has at most %d ticks to a beat; these notes need %d",
                        NM_MIDI_DIVISION_MAX, w.division);
  if (song->n_notes == 0) return nm_error_set(err, NM_ERR_UNSUPPORTED, "a MIDI file needs a note at least");
  int32_t *spans = malloc((size_t)(song->n_syllables + 1) * 2 * sizeof *spans);
  if (!spans) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_song_get_notes_of_syllables(song, spans, spans + song->n_syllables);
  w.note_first = spans;
  if (options && has_further_verses(song))
    nm_song_notes_add(options->notes, "of the MIDI file, other programs show the first verse alone");
  const NmStatus status = write_song(&w, file, err);
  free(spans);
  free(w.out.bytes);
  free(w.text.bytes);
  return status;
}
