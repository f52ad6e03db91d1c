// SPDX-License-Identifier: GPL-3.0-or-later
// A song's melody as sound, on a plain instrument (dsp/tone.h), at the rate of the voice.
#ifndef NM_JOBS_SONG_RENDER_H
#define NM_JOBS_SONG_RENDER_H

#include "app/formats/audio_out.h"
#include "models/song/song.h"

enum { NM_SONG_RENDER_S_MAX = 24 * 3600 };

typedef struct NmSongRender NmSongRender;

// `song` is read here and not needed afterwards. Notes begin at the sample nearest to nm_song_get_seconds.
// NULL and `err` (NM_ERR_UNSUPPORTED) when the song is longer than NM_SONG_RENDER_S_MAX, or memory is out.
NmSongRender *nm_song_render_new(const NmSong *song, NmError *err);
void nm_song_render_free(NmSongRender *render);

// Samples of the song, with the end of the last tone; at NM_VOICE_RATE_HZ.
int64_t nm_song_render_get_len(const NmSongRender *render);

// The next n samples, silence behind the end; never allocates. The same sound whatever it is cut into.
void nm_song_render_process(NmSongRender *render, float *out, int64_t n);

// Renders all of a song into `out` and finishes it. NM_ERR_CANCELLED when interrupted or nobody listens.
NmStatus nm_song_render_run(const NmSong *song, NmAudioOut *out, NmError *err) NM_NODISCARD;

#endif
