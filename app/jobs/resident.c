// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/resident.h"

#include "models/song/compose.h"

static struct Kept {
  unsigned tried, there; // bits
  NmLyricsReader reader;
  NmSongModel song;
  NmSpeech speech;
  NmEar ear;
} kept;

static bool take(unsigned what)
{
  const bool is_there = kept.there & what;
  kept.there &= ~what;
  return is_there;
}

// A first song: with it parameters are packed for the kernels that read them, and OpenBLAS is told to keep to
// one thread, which would otherwise be started, and spin, in every process.
static void warm_song(void)
{
  NmSheet sheet = {0};
  NmComposed composed;
  const NmComposeRequest request = nm_compose_defaults();
  const bool ready = kept.there & NM_RESIDENT_READER && kept.there & NM_RESIDENT_SONG;
  if (ready && !nm_lyrics_read(&kept.reader, "la la la", &sheet, NULL, NULL)) {
    if (!nm_compose(&kept.song, &sheet, &request, &composed, NULL)) nm_composed_fini(&composed);
    nm_sheet_fini(&sheet);
  }
}

static NmStatus drop(void *user, const float *samples, int64_t n, NmError *err)
{
  return NM_OK;
}

static void warm_speech(void)
{
  const NmSpeakerConfig config = {.sink = {.audio = drop}};
  const NmSpan span = {.kind = NM_SPAN_TEXT, .text = "La.", .len = 3, .prosody = nm_prosody_plain()};
  nm_voice_get_identity(kept.speech.voice); // remembered
  nm_speaker_begin(kept.speech.speaker, &config);
  if (!nm_speaker_feed(kept.speech.speaker, &span, NULL)) (void)!nm_speaker_finish(kept.speech.speaker, NULL);
}

static bool open_ear(void)
{
  if (nm_ear_open(&kept.ear, NULL, 1, NULL) == NM_OK) return true;
  nm_ear_close(&kept.ear);
  return false;
}

void nm_resident_load(unsigned what)
{
  NmError err;
  what &= ~kept.tried;
  kept.tried |= what;
  if (what & NM_RESIDENT_READER && !nm_lyrics_reader_open(&kept.reader, &err))
    kept.there |= NM_RESIDENT_READER;
  if (what & NM_RESIDENT_SONG && !nm_songs_open_model(&kept.song, NULL, &err)) kept.there |= NM_RESIDENT_SONG;
  if (what & NM_RESIDENT_SONG) warm_song();
  if (what & NM_RESIDENT_SPEECH && !nm_speech_open(&kept.speech, 1, &err)) kept.there |= NM_RESIDENT_SPEECH;
  if (kept.there & what & NM_RESIDENT_SPEECH) warm_speech();
  if (what & NM_RESIDENT_EAR && open_ear()) kept.there |= NM_RESIDENT_EAR;
}

bool nm_resident_take_reader(NmLyricsReader *reader)
{
  if (!take(NM_RESIDENT_READER)) return false;
  *reader = kept.reader;
  return true;
}

bool nm_resident_take_song(NmSongModel *model)
{
  if (!take(NM_RESIDENT_SONG)) return false;
  *model = kept.song;
  return true;
}

bool nm_resident_take_speech(NmSpeech *speech, int n_threads)
{
  if (n_threads != 1 || !take(NM_RESIDENT_SPEECH)) return false;
  *speech = kept.speech;
  return true;
}

bool nm_resident_take_ear(NmEar *ear, int n_threads)
{
  if (n_threads != 1 || !take(NM_RESIDENT_EAR)) return false;
  *ear = kept.ear;
  return true;
}

bool nm_resident_keeps(const void *object)
{
  return object && (object == kept.reader.text || object == kept.song.params || object == kept.speech.text ||
                    object == kept.ear.model);
}

void nm_resident_free(void)
{
  NmLyricsReader reader = kept.reader;
  NmSongModel song = kept.song;
  NmSpeech speech = kept.speech;
  NmEar ear = kept.ear;
  kept = (struct Kept){0};
  nm_lyrics_reader_close(&reader);
  if (song.params) nm_song_model_close(&song);
  nm_speech_close(&speech);
  nm_ear_close(&ear);
}
