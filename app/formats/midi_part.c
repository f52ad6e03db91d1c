// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/midi_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/midi_file.h"

enum { NOTE_OFF = 0x80, NOTE_ON = 0x90, CONTROL = 0xb0, PROGRAM = 0xc0, PAN = 10 };

typedef struct {
  int64_t tick;
  uint8_t status, key, velocity;
} Event;

// Ends before beginnings.
static int compare_events(const void *a, const void *b)
{
  const Event *x = a, *y = b;
  if (x->tick != y->tick) return x->tick < y->tick ? -1 : 1;
  if (x->status != y->status) return x->status < y->status ? -1 : 1;
  return (x->key > y->key) - (x->key < y->key);
}

static Event *make_events(const NmPart *part, int64_t division, int64_t ticks_per_beat)
{
  const size_t n = (size_t)part->n_notes;
  Event *events = malloc((2 * n + 1) * sizeof *events);
  for (size_t i = 0; events && i < n; ++i) {
    const NmPerformanceNote *note = &part->notes[i];
    const int64_t onset = (note->onset * division + ticks_per_beat / 2) / ticks_per_beat;
    const int64_t end = (note->end * division + ticks_per_beat / 2) / ticks_per_beat;
    events[2 * i] = (Event){onset, (uint8_t)(NOTE_ON + part->channel), note->key, note->velocity};
    events[2 * i + 1] =
        (Event){end > onset ? end : onset + 1, (uint8_t)(NOTE_OFF + part->channel), note->key, 0};
  }
  if (events && n) qsort(events, 2 * n, sizeof *events, compare_events);
  return events;
}

static void put_beginning(NmMidiBytes *out, const NmPart *part)
{
  const size_t len_name = strlen(part->name);
  const int pan = (int)lrint(64 + 63 * part->pan);
  nm_midi_put(out, (const uint8_t[]){0, 0xff, NM_MIDI_TRACK_NAME}, 3);
  nm_midi_put_number(out, len_name);
  nm_midi_put(out, part->name, len_name);
  nm_midi_put(out, (const uint8_t[]){0, (uint8_t)(PROGRAM + part->channel), (uint8_t)part->program}, 3);
  nm_midi_put(out, (const uint8_t[]){0, (uint8_t)(CONTROL + part->channel), PAN, (uint8_t)pan}, 4);
}

void nm_midi_put_part(NmMidiBytes *out, const NmPerformance *performance, int32_t p, int32_t division)
{
  const NmPart *part = &performance->parts[p];
  Event *events = make_events(part, division, performance->ticks_per_beat);
  int64_t tick = 0;
  if (!events) out->failed = true;
  nm_midi_put(out, "MTrk", 4);
  nm_midi_put_u32(out, 0);
  const size_t begin = out->n;
  put_beginning(out, part);
  for (int32_t i = 0; events && i < 2 * part->n_notes; ++i) {
    nm_midi_put_number(out, (uint64_t)(events[i].tick - tick));
    nm_midi_put(out, (const uint8_t[]){events[i].status, events[i].key, events[i].velocity}, 3);
    tick = events[i].tick;
  }
  nm_midi_put(out, (const uint8_t[]){0, 0xff, NM_MIDI_END_OF_TRACK, 0}, 4);
  free(events);
  if (out->failed) return;
  const size_t n = out->n;
  out->n = begin - 4;
  nm_midi_put_u32(out, (uint32_t)(n - begin));
  out->n = n;
}
