// SPDX-License-Identifier: GPL-3.0-or-later
// An accompaniment of a song: its chords, what the band plays, and that as sound, part by part.
#ifndef NM_JOBS_BACKING_H
#define NM_JOBS_BACKING_H

#include "models/harmony/performance.h"

enum { NM_BACKING_RATE_HZ = 48000 };

typedef struct {
  NmHarmonyStyle harmony;
  bool has_mood; // else nm_mood_of_song
  NmBandMood mood;
  const char *soundfont; // NULL: nm_soundfont_find's
  int transpose;         // semitones from the song to where the voice sings, octaves aside
  uint64_t seed;
  const NmChordWish *wishes; // [n_wishes] chords that are not to be found but these
  int32_t n_wishes;
} NmBackingStyle;

NmBackingStyle nm_backing_style_defaults(void);

// Puts the lead-in that suits it before the song (models/song/lead_in.h), unless it has empty bars already.
// Call it first: then voice, MIDI, lyrics and backing all count from the same beginning. Returns the ticks by
// which the song moved.
int64_t nm_backing_add_lead_in(NmSong *song);

typedef struct NmBacking NmBacking;

// `song` is finished and not needed afterwards. NULL and `err`: as nm_harmony_new, nm_performance_new,
// nm_synth_new. `style` NULL: the defaults.
NmBacking *nm_backing_new(const NmSong *song, const NmBackingStyle *style, NmError *err);
void nm_backing_free(NmBacking *backing);

const NmHarmony *nm_backing_get_harmony(const NmBacking *backing);
const NmPerformance *nm_backing_get_performance(const NmBacking *backing);

// Frames at NM_BACKING_RATE_HZ until all is silent.
int64_t nm_backing_get_len(const NmBacking *backing);

// The loudness of every part in LUFS, lufs [n_parts], -INFINITY for one that is not heard: of its first
// seconds, played to nobody. Costs as much as playing them.
NmStatus nm_backing_measure(const NmBacking *backing, double *lufs) NM_NODISCARD;

// The next n frames of every part, dry, as the instruments sound: out[2 p] and out[2 p + 1] [n] for part p of
// the performance. Frame 0 is tick 0 of the song; the same sound whatever it is cut into.
NmStatus nm_backing_process(NmBacking *backing, float *const *out, int64_t n) NM_NODISCARD;

#endif
