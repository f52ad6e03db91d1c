// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a MIDI file into notes, texts and maps.
#include <stdlib.h>
#include <string.h>

#include "app/formats/midi_encoding.h"
#include "app/formats/midi_exact.h"
#include "app/formats/midi_file.h"

typedef struct {
  NmMidi *midi;
  const uint8_t *bytes;
  size_t at, end; // of the chunk
  bool cut;       // the chunk is longer than the file
  int32_t track, type;
  int64_t tick;
  int status; // running; 0: none
  int32_t part[16];
  int32_t open[16][128]; // sounding note, -1: none
  NmError *err;
} Track;

static NmStatus fail(const Track *t, size_t at, const char *what)
{
  return nm_error_set_at(t->err, NM_ERR_BAD_DATA, (int64_t)at, 0, "%s: byte %zu: %s", t->midi->name, at,
                         what);
}

static NmStatus fail_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static bool grow(void **array, int32_t *room, size_t size, int32_t n)
{
  if (n < *room) return true;
  const int32_t wanted = *room ? 2 * *room : 64;
  void *moved = realloc(*array, (size_t)wanted * size);
  if (!moved) return false;
  *array = moved;
  *room = wanted;
  return true;
}

static uint32_t get_u32(const uint8_t *b)
{
  return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

// --- notes ---

static NmStatus get_part(Track *t, int channel, int32_t *part)
{
  NmMidi *midi = t->midi;
  if (t->part[channel] < 0) {
    void *parts = midi->parts;
    if (!grow(&parts, &midi->room_parts, sizeof *midi->parts, midi->n_parts)) return fail_memory(t->err);
    midi->parts = parts;
    midi->parts[midi->n_parts] = (NmMidiPart){.track = t->track, .channel = channel};
    t->part[channel] = midi->n_parts++;
  }
  *part = t->part[channel];
  return NM_OK;
}

static NmStatus begin_note(Track *t, int channel, uint8_t pitch, uint8_t velocity)
{
  NmMidi *midi = t->midi;
  int32_t *open = &t->open[channel][pitch], part = -1;
  const bool restruck = *open >= 0;
  if (restruck && midi->notes[*open].onset == t->tick) return NM_OK;
  if (restruck) midi->notes[*open].end = t->tick;
  if (midi->n_notes == NM_MIDI_NOTES_MAX) return fail(t, t->at, "more notes than any song has");
  const NmStatus status = get_part(t, channel, &part);
  if (status) return status;
  void *notes = midi->notes;
  if (!grow(&notes, &midi->room_notes, sizeof *midi->notes, midi->n_notes)) return fail_memory(t->err);
  midi->notes = notes;
  midi->notes[midi->n_notes] = (NmMidiNote){t->tick, t->tick, part, pitch, velocity, restruck};
  *open = midi->n_notes++;
  ++midi->parts[part].n_notes;
  return NM_OK;
}

static void end_note(Track *t, int channel, int pitch)
{
  int32_t *open = &t->open[channel][pitch];
  if (*open < 0) return;
  NmMidiNote *note = &t->midi->notes[*open];
  // The end of the note before it, written behind its own beginning.
  if (note->restruck && note->onset == t->tick) {
    note->restruck = false;
    return;
  }
  note->end = t->tick;
  *open = -1;
}

static void end_track(Track *t)
{
  for (int channel = 0; channel < 16; ++channel)
    for (int pitch = 0; pitch < 128; ++pitch) {
      if (t->open[channel][pitch] < 0) continue;
      t->midi->notes[t->open[channel][pitch]].end = t->tick;
      ++t->midi->n_stuck;
    }
}

// Puts the notes of a part together.
static NmStatus group_notes(NmMidi *midi, NmError *err)
{
  if (midi->n_notes == 0) return NM_OK;
  NmMidiNote *grouped = malloc((size_t)midi->n_notes * sizeof *grouped);
  if (!grouped) return fail_memory(err);
  int32_t first = 0;
  for (int32_t i = 0; i < midi->n_parts; ++i) {
    midi->parts[i].first = first;
    first += midi->parts[i].n_notes;
    midi->parts[i].n_notes = 0;
  }
  for (int32_t i = 0; i < midi->n_notes; ++i) {
    NmMidiPart *part = &midi->parts[midi->notes[i].part];
    grouped[part->first + part->n_notes++] = midi->notes[i];
  }
  free(midi->notes);
  midi->notes = grouped;
  return NM_OK;
}

// --- events ---

static NmStatus get_varlen(Track *t, uint32_t *value)
{
  const size_t from = t->at;
  *value = 0;
  for (int i = 0; i < 4; ++i) {
    if (t->at == t->end) return fail(t, t->at, "the track ends within an event");
    const uint8_t byte = t->bytes[t->at++];
    *value = *value << 7 | (byte & 0x7f);
    if (!(byte & 0x80)) return NM_OK;
  }
  return fail(t, from, "a number of more than four bytes");
}

static NmStatus add_text(Track *t, int kind, const uint8_t *bytes, size_t len)
{
  NmMidi *midi = t->midi;
  if (midi->n_texts == NM_MIDI_TEXTS_MAX) return fail(t, t->at, "more texts than any song has");
  void *texts = midi->texts;
  if (!grow(&texts, &midi->room_texts, sizeof *midi->texts, midi->n_texts)) return fail_memory(t->err);
  midi->texts = texts;
  midi->texts[midi->n_texts++] = (NmMidiText){t->tick, t->track, kind, bytes, len, ""};
  return NM_OK;
}

static NmStatus check_added(Track *t, int32_t index, int32_t n)
{
  if (index >= 0) return NM_OK;
  return n >= NM_SONG_NOTES_MAX ? fail(t, t->at, "more changes of key, meter or tempo than any song has")
                                : fail_memory(t->err);
}

static NmStatus add_tempo(Track *t, const uint8_t *b)
{
  const int us = b[0] << 16 | b[1] << 8 | b[2];
  if (us == 0) nm_song_notes_add(t->midi->remarks, "a tempo of no time a beat is left out");
  if (us == 0 || t->midi->in_seconds) return NM_OK;
  return check_added(t, nm_song_add_tempo(t->midi->song, t->tick, 6e7 / us), t->midi->song->n_tempos);
}

static NmStatus add_meter(Track *t, const uint8_t *b)
{
  if (b[0] == 0 || b[1] > 6) {
    nm_song_notes_add(t->midi->remarks, "a meter that makes no sense is left out");
    return NM_OK;
  }
  return check_added(t, nm_song_add_meter(t->midi->song, t->tick, b[0], 1 << b[1]), t->midi->song->n_meters);
}

static NmStatus add_key(Track *t, const uint8_t *b)
{
  const int fifths = (int8_t)b[0];
  if (abs(fifths) > 7 || b[1] > 1) {
    nm_song_notes_add(t->midi->remarks, "a key that makes no sense is left out");
    return NM_OK;
  }
  return check_added(t, nm_song_add_key(t->midi->song, t->tick, fifths, b[1] == 1), t->midi->song->n_keys);
}

static void keep_exact(NmMidi *midi, const uint8_t *bytes, size_t len, size_t at)
{
  midi->exact = bytes;
  midi->n_exact = len;
  midi->at_exact = at;
}

static NmStatus take_meta(Track *t, int kind, const uint8_t *bytes, size_t len)
{
  switch (kind) {
  case NM_MIDI_TEXT:
  case NM_MIDI_TRACK_NAME:
  case NM_MIDI_INSTRUMENT:
  case NM_MIDI_LYRIC: return len ? add_text(t, kind, bytes, len) : NM_OK;
  case NM_MIDI_TEMPO: return len >= 3 ? add_tempo(t, bytes) : NM_OK;
  case NM_MIDI_METER: return len >= 2 ? add_meter(t, bytes) : NM_OK;
  case NM_MIDI_KEY: return len >= 2 ? add_key(t, bytes) : NM_OK;
  case NM_MIDI_SPECIFIC:
    if (nm_midi_exact_is(bytes, len)) keep_exact(t->midi, bytes, len, (size_t)(bytes - t->bytes));
    return NM_OK;
  default: return NM_OK;
  }
}

static NmStatus read_meta(Track *t, bool *ended)
{
  uint32_t len;
  if (t->at == t->end) return fail(t, t->at, "the track ends within an event");
  const int kind = t->bytes[t->at++];
  const NmStatus status = get_varlen(t, &len);
  if (status) return status;
  if (len > t->end - t->at) return fail(t, t->at, "an event longer than its track");
  *ended = kind == NM_MIDI_END_OF_TRACK;
  const uint8_t *bytes = t->bytes + t->at;
  t->at += len;
  return take_meta(t, kind, bytes, len);
}

static NmStatus skip_exclusive(Track *t)
{
  uint32_t len;
  const NmStatus status = get_varlen(t, &len);
  if (status) return status;
  if (len > t->end - t->at) return fail(t, t->at, "an event longer than its track");
  t->at += len;
  return NM_OK;
}

static NmStatus read_channel_event(Track *t)
{
  const int kind = t->status >> 4, channel = t->status & 15, n = kind == 0xc || kind == 0xd ? 1 : 2;
  if (t->end - t->at < (size_t)n) return fail(t, t->at, "the track ends within an event");
  const uint8_t *data = t->bytes + t->at;
  if (data[0] > 127 || (n == 2 && data[1] > 127)) return fail(t, t->at, "a status byte within an event");
  t->at += (size_t)n;
  if (kind == 9 && data[1] > 0) return begin_note(t, channel, data[0], data[1]);
  if (kind == 8 || kind == 9) end_note(t, channel, data[0]);
  return NM_OK;
}

static NmStatus read_event(Track *t, bool *ended)
{
  uint32_t delta;
  NmStatus status = get_varlen(t, &delta);
  if (status) return status;
  t->tick += delta;
  if (t->at == t->end) return fail(t, t->at, "the track ends within an event");
  const int first = t->bytes[t->at];
  if (first == 0xff) return ++t->at, read_meta(t, ended);
  if (first == 0xf0 || first == 0xf7) return ++t->at, skip_exclusive(t);
  if (first >= 0xf0) return fail(t, t->at, "a system message that has no place in a file");
  if (first >= 0x80) t->status = first, ++t->at;
  if (t->status == 0) return fail(t, t->at, "an event without a status byte");
  return read_channel_event(t);
}

static NmStatus read_track(Track *t)
{
  NmStatus status = NM_OK;
  bool ended = false;
  memset(t->part, -1, sizeof t->part);
  memset(t->open, -1, sizeof t->open);
  t->tick = 0;
  t->status = 0;
  while (!status && !ended && t->at < t->end) status = read_event(t, &ended);
  if (status == NM_ERR_BAD_DATA && t->cut) status = NM_OK;
  end_track(t);
  if (t->cut) nm_song_notes_add(t->midi->remarks, "the file is cut short; what is there was read");
  return status;
}

// --- chunks ---

// The time of SMPTE divisions is known in seconds alone: they serve as beats at 60 a minute.
static NmStatus set_division(Track *t, size_t at)
{
  NmMidi *midi = t->midi;
  const uint8_t *b = t->bytes + at;
  int32_t division = b[0] << 8 | b[1];
  midi->in_seconds = b[0] & 0x80;
  if (midi->in_seconds) {
    const int frames = 256 - b[0];
    if (frames != 24 && frames != 25 && frames != 30)
      return nm_error_set_at(t->err, NM_ERR_UNSUPPORTED, (int64_t)at, 0,
                             "%s: byte %zu: time in %d frames a second is not read", midi->name, at, frames);
    division = frames * b[1];
    nm_song_notes_add(midi->remarks, "the file counts seconds, not beats: a beat is a second");
  }
  if (division == 0) return fail(t, at, "no ticks to a beat");
  midi->song->ticks_per_beat = division;
  if (midi->in_seconds && nm_song_add_tempo(midi->song, 0, 60) < 0) return fail_memory(t->err);
  return NM_OK;
}

static NmStatus read_header(Track *t, size_t n)
{
  if (n - t->at < 14 || memcmp(t->bytes + t->at, "MThd", 4)) return fail(t, t->at, "no MIDI file begins so");
  const uint8_t *b = t->bytes + t->at;
  const uint32_t len = get_u32(b + 4);
  if (len < 6 || len > n - t->at - 8) return fail(t, t->at + 4, "the header has a wrong length");
  t->type = b[8] << 8 | b[9];
  if (t->type > 1)
    return nm_error_set_at(t->err, NM_ERR_UNSUPPORTED, (int64_t)t->at + 8, 0,
                           "%s: byte %zu: a MIDI file of type %d holds %s; types 0 and 1 are read",
                           t->midi->name, t->at + 8, t->type,
                           t->type == 2 ? "several independent patterns" : "what nobody has defined");
  const size_t at = t->at + 12;
  t->at += 8 + len;
  return set_division(t, at);
}

static NmStatus read_chunks(Track *t, size_t n)
{
  NmStatus status = NM_OK;
  while (!status && n - t->at >= 8) {
    const bool is_track = !memcmp(t->bytes + t->at, "MTrk", 4);
    const uint32_t len = get_u32(t->bytes + t->at + 4);
    t->at += 8;
    t->cut = len > n - t->at;
    t->end = t->cut ? n : t->at + len;
    if (is_track) {
      status = read_track(t);
      t->track = ++t->midi->n_tracks;
    }
    t->at = t->end;
  }
  if (!status && t->midi->n_tracks == 0) return fail(t, t->at, "the file has no track");
  return status;
}

// A RIFF file holds the MIDI file as its chunk "data".
static void find_data(Track *t, size_t *n)
{
  if (*n < 12 || memcmp(t->bytes, "RIFF", 4) || memcmp(t->bytes + 8, "RMID", 4)) return;
  for (size_t at = 12; *n - at >= 8;) {
    const uint8_t *b = t->bytes + at;
    const size_t len = (size_t)b[4] | (size_t)b[5] << 8 | (size_t)b[6] << 16 | (size_t)b[7] << 24;
    at += 8;
    if (!memcmp(b, "data", 4)) {
      t->at = at;
      if (len < *n - at) *n = at + len;
      return;
    }
    if (len >= *n - at) return;
    at += len + (len & 1 && len + 1 <= *n - at);
  }
}

// --- texts ---

static bool decode(NmMidi *midi, NmMidiText *text, NmMidiEncoding encoding)
{
  const uint8_t *nul = memchr(text->bytes, 0, text->len);
  const size_t len = nul ? (size_t)(nul - text->bytes) : text->len;
  char *out = nm_arena_alloc(&midi->arena, 3 * len + 1);
  if (!out) return false;
  out[nm_midi_encoding_decode(encoding, text->bytes, len, out)] = 0;
  text->text = out;
  return true;
}

static NmStatus decode_texts(NmMidi *midi, NmError *err)
{
  const NmMidiEncoding encoding = nm_midi_encoding_guess(midi);
  for (int32_t i = 0; i < midi->n_texts; ++i)
    if (!decode(midi, &midi->texts[i], encoding)) return fail_memory(err);
  return NM_OK;
}

static void name_parts(NmMidi *midi)
{
  int32_t part = 0;
  for (int32_t i = 0; i < midi->n_texts; ++i) {
    const NmMidiText *text = &midi->texts[i];
    if (text->kind != NM_MIDI_TRACK_NAME && text->kind != NM_MIDI_INSTRUMENT) continue;
    while (part < midi->n_parts && midi->parts[part].track < text->track) ++part;
    for (int32_t j = part; j < midi->n_parts && midi->parts[j].track == text->track; ++j)
      if (!midi->parts[j].name) midi->parts[j].name = text->text;
  }
}

NmStatus nm_midi_parse(NmMidi *midi, const uint8_t *bytes, size_t n, NmError *err)
{
  Track track = {.midi = midi, .bytes = bytes, .err = err};
  nm_arena_init(&midi->arena, 4096);
  find_data(&track, &n);
  NmStatus status = read_header(&track, n);
  if (!status) status = read_chunks(&track, n);
  if (!status) status = group_notes(midi, err);
  if (!status) status = decode_texts(midi, err);
  if (!status) name_parts(midi);
  if (midi->n_stuck) nm_song_notes_add(midi->remarks, "notes that never end were ended with their track");
  return status;
}

void nm_midi_fini(NmMidi *midi)
{
  free(midi->notes);
  free(midi->parts);
  free(midi->texts);
  nm_arena_fini(&midi->arena);
}
