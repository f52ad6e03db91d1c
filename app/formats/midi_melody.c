// SPDX-License-Identifier: GPL-3.0-or-later
// The notes of a part as one voice.
#include <stdlib.h>
#include <string.h>

#include "app/formats/midi_file.h"

enum { GRID = 24, REACH = 100 }; // parts of a beat

typedef struct {
  NmMidiNote *notes; // [n]
  int32_t n, n_chords, n_under, n_overlaps;
  int64_t beat;
} Voice;

static int compare_notes(const void *a, const void *b)
{
  const NmMidiNote *x = a, *y = b;
  if (x->onset != y->onset) return x->onset < y->onset ? -1 : 1;
  if (x->pitch != y->pitch) return x->pitch > y->pitch ? -1 : 1;
  return (x->end < y->end) - (x->end > y->end);
}

// Whether a note begins with the one before it but for the fingers of a player.
static bool is_played_chord(const Voice *voice, const NmMidiNote *last, const NmMidiNote *note)
{
  return 16 * (note->onset - last->onset) < voice->beat &&
         2 * (last->end - note->onset) > last->end - last->onset;
}

static void push(Voice *voice, const NmMidiNote *note)
{
  NmMidiNote *last = voice->n ? &voice->notes[voice->n - 1] : NULL;
  if (last && last->onset == note->onset) {
    ++voice->n_chords;
    return;
  }
  if (last && last->end > note->onset) {
    if (is_played_chord(voice, last, note)) {
      ++voice->n_chords;
      if (note->pitch > last->pitch) last->pitch = note->pitch, last->end = note->end;
      return;
    }
    if (note->pitch < last->pitch && note->end <= last->end) {
      ++voice->n_under;
      return;
    }
    if (4 * (last->end - note->onset) > voice->beat) ++voice->n_overlaps;
    last->end = note->onset;
  }
  voice->notes[voice->n++] = *note;
}

// A note of no length lasts until the next one, but no longer than a quarter of a beat.
static int32_t lengthen(Voice *voice)
{
  int32_t n = 0;
  for (int32_t i = 0; i < voice->n; ++i) {
    NmMidiNote *note = &voice->notes[i];
    if (note->end > note->onset) continue;
    ++n;
    note->end = note->onset + (voice->beat >= 4 ? voice->beat / 4 : 1);
    if (i + 1 < voice->n && voice->notes[i + 1].onset < note->end) note->end = voice->notes[i + 1].onset;
  }
  return n;
}

static void remark(const NmMidi *midi, const Voice *voice, int32_t n_lengthened)
{
  if (voice->n_chords) nm_song_notes_add(midi->remarks, "chords were reduced to their top note");
  if (voice->n_under) nm_song_notes_add(midi->remarks, "notes under longer, higher ones were left out");
  if (voice->n_overlaps) nm_song_notes_add(midi->remarks, "overlapping notes were cut where the next begins");
  if (n_lengthened) nm_song_notes_add(midi->remarks, "notes of no length were given some");
}

NmStatus nm_midi_add_melody(NmMidi *midi, int32_t part, NmError *err)
{
  const NmMidiPart *p = &midi->parts[part];
  NmMidiNote *notes = &midi->notes[p->first];
  qsort(notes, (size_t)p->n_notes, sizeof *notes, compare_notes);
  Voice voice = {.notes = notes, .beat = midi->song->ticks_per_beat};
  for (int32_t i = 0; i < p->n_notes; ++i) {
    const NmMidiNote note = notes[i];
    push(&voice, &note);
  }
  remark(midi, &voice, lengthen(&voice));
  if (voice.n > NM_SONG_NOTES_MAX)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: more than %d notes are no melody", midi->name,
                        NM_SONG_NOTES_MAX);
  for (int32_t i = 0; i < voice.n; ++i)
    if (nm_song_add_note(midi->song, notes[i].onset, notes[i].end - notes[i].onset, notes[i].pitch,
                         notes[i].velocity) < 0)
      return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return NM_OK;
}

// --- the grid ---

// The place on the grid next to a tick.
static int64_t find_place(int64_t step, int64_t tick)
{
  return (tick + step / 2) / step * step;
}

static void snap(NmSong *song, int64_t step, int64_t reach)
{
  for (int32_t i = 0; i < song->n_notes; ++i) {
    NmSongNote *note = &song->notes[i];
    const int64_t end = note->onset + note->len, onset = find_place(step, note->onset),
                  stop = find_place(step, end);
    const int64_t next = i + 1 < song->n_notes ? find_place(step, note[1].onset) : INT64_MAX;
    if (llabs(onset - note->onset) <= reach) note->onset = onset;
    note->len = llabs(stop - end) <= reach && stop > note->onset ? stop - note->onset : end - note->onset;
    if (note->onset < next && note->onset + note->len > next) note->len = next - note->onset;
  }
}

void nm_midi_snap(NmMidi *midi)
{
  NmSong *song = midi->song;
  const int64_t step = song->ticks_per_beat / GRID, reach = song->ticks_per_beat / REACH;
  int32_t n_near = 0, n_exact = 0;
  if (midi->in_seconds || song->ticks_per_beat % GRID || reach < 1) return;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    const int64_t off = llabs(find_place(step, song->notes[i].onset) - song->notes[i].onset);
    n_near += off <= reach;
    n_exact += off == 0;
  }
  if (n_near < song->n_notes || 2 * n_exact > song->n_notes) return;
  snap(song, step, reach);
  nm_song_notes_add(midi->remarks, "notes a little off the beat were put on it");
}
