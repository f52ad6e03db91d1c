// SPDX-License-Identifier: GPL-3.0-or-later
// An accompaniment: chords played by a small band. The mood chooses instruments and figures, the meter their
// rhythm; voices of a chord move as little as they can, the bass walks, lines get lift and the end a close.
#ifndef NM_HARMONY_PERFORMANCE_H
#define NM_HARMONY_PERFORMANCE_H

#include "models/harmony/harmony.h"
#include "models/harmony/mood.h"

enum {
  NM_PERFORMANCE_PARTS_MAX = 6,
  NM_PERFORMANCE_RATE_HZ = 48000,
  NM_PERFORMANCE_DRUMS = 9, // General MIDI's channel of drums, from 0
  NM_PERFORMANCE_S_MAX = 24 * 3600
};

typedef struct {
  int64_t onset, end;       // ticks of the performance
  int64_t frame, frame_end; // the same at NM_PERFORMANCE_RATE_HZ, nearest frame by the song's tempo map
  uint8_t key, velocity;    // MIDI
} NmPerformanceNote;

typedef struct {
  const char *name;         // "piano", "guitar", "bass", "pad", "drums": static
  int8_t channel;           // MIDI, from 0; no two parts share one
  int8_t program;           // General MIDI, from 0
  float pan;                // -1 left ... 1 right
  float level_db;           // in the mix, relative to a part of 0
  float room_db;            // what it sends to the room
  NmPerformanceNote *notes; // by onset, then key; no two of one key overlap
  int32_t n_notes, room;
} NmPart;

typedef struct {
  int32_t ticks_per_beat; // a multiple of the song's
  NmPart parts[NM_PERFORMANCE_PARTS_MAX];
  int32_t n_parts;
  int64_t n_frames; // to the end of the last note
} NmPerformance;

typedef struct {
  NmBandMood mood;
  int transpose; // semitones, from the song to what is played
  uint64_t seed; // of what varies from bar to bar: velocities
} NmPerformanceStyle;

// `song` and `harmony` are read here and not needed afterwards. A harmony without chords gives no parts. NULL
// and `err`: NM_ERR_UNSUPPORTED when it is longer than NM_PERFORMANCE_S_MAX, NM_ERR_NO_MEMORY. Same
// arguments: same notes. Any thread.
NmPerformance *nm_performance_new(const NmSong *song, const NmHarmony *harmony,
                                  const NmPerformanceStyle *style, NmError *err);
void nm_performance_free(NmPerformance *performance);

// The bars that an accompaniment plays before the song: one, or two of fast ones; 0 when the song begins with
// empty bars of its own, or has no notes.
int nm_performance_get_n_lead_in(const NmSong *song);

#endif
