// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/voice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/document/edits.h"
#include "app/studio/worker.h"

enum { N_KEPT = 1024, CACHE_BYTES = 512 << 20 };

// Under the lock but for what the thread alone uses.
struct NmStudioVoice {
  NmWorker worker;
  NmDocument *wanted; // to be sung next, NULL: nothing
  uint64_t revision;  // of it
  double from_s;
  NmSung *sung; // NULL: nothing
  NmStudioVoiceState state;

  // The thread's own.
  NmSpeech speech;
  bool is_open;
  NmCache *cache;
  NmHash salt;
  NmSungPhrase *kept[N_KEPT]; // a ring of those that were last sung
  int64_t n_kept;
};

static void set_trouble(NmStudioVoice *voice, const NmError *err)
{
  nm_worker_lock(&voice->worker);
  snprintf(voice->state.trouble, sizeof voice->state.trouble, "%s", err ? err->message : "");
  voice->state.loads = false;
  nm_worker_unlock(&voice->worker);
  nm_worker_wake(&voice->worker);
}

static void tell_speakers(NmStudioVoice *voice)
{
  int n = nm_voice_get_n_speakers(voice->speech.voice);
  nm_worker_lock(&voice->worker);
  for (int i = 0; i < n && i < NM_VOICE_STATE_SPEAKERS; i++)
    voice->state.speakers[voice->state.n_speakers++] = nm_voice_get_speaker_name(voice->speech.voice, i);
  nm_worker_unlock(&voice->worker);
}

static bool open_speech(NmStudioVoice *voice)
{
  NmError err = {0};
  if (voice->is_open) return true;
  nm_worker_lock(&voice->worker);
  voice->state.loads = true;
  nm_worker_unlock(&voice->worker);
  voice->is_open = nm_speech_open(&voice->speech, 1, &err) == NM_OK;
  set_trouble(voice, voice->is_open ? NULL : &err);
  if (!voice->is_open) return false;
  tell_speakers(voice);
  voice->salt = nm_cache_get_salt();
  voice->cache = nm_cache_new(NULL, CACHE_BYTES, NULL); // without one everything is sung anew
  return true;
}

// A share of the phrase with that key, NULL when it is not kept.
static NmSungPhrase *find_kept(const NmStudioVoice *voice, const uint64_t key[2])
{
  int64_t n = voice->n_kept < N_KEPT ? voice->n_kept : N_KEPT;
  for (int64_t i = 0; i < n; i++)
    if (!memcmp(voice->kept[i]->key, key, sizeof voice->kept[i]->key))
      return nm_sung_phrase_share(voice->kept[i]);
  return NULL;
}

static void keep(NmStudioVoice *voice, NmSungPhrase *phrase)
{
  int64_t i = voice->n_kept++ % N_KEPT;
  nm_sung_phrase_release(voice->kept[i]);
  voice->kept[i] = nm_sung_phrase_share(phrase);
}

// Hands what is known to the user; takes the share.
static void publish(NmStudioVoice *voice, NmSung *sung)
{
  nm_worker_lock(&voice->worker);
  NmSung *before = voice->sung;
  voice->sung = sung;
  voice->state.n_sung = sung->n_sung;
  voice->state.n_phrases = sung->n_places;
  nm_worker_unlock(&voice->worker);
  nm_sung_release(before);
  nm_worker_wake(&voice->worker);
}

static void put(NmSung *sung, int32_t place, NmSungPhrase *phrase)
{
  sung->places[place].sound = phrase;
  sung->n_sung++;
}

// The next phrase to be sung: the first that is missing from second `from_s` on, else from the beginning; -1:
// none.
static int32_t find_missing(const NmSung *sung, double from_s)
{
  int32_t first = -1;
  for (int32_t i = 0; i < sung->n_places; i++) {
    const NmSungPlace *place = &sung->places[i];
    if (place->sound) continue;
    if ((double)(place->start + place->n) / NM_VOICE_RATE_HZ >= from_s) return i;
    if (first < 0) first = i;
  }
  return first;
}

// Sings one more phrase; false when that failed.
static bool sing_one(NmStudioVoice *voice, NmProject *project, NmSung **sung, int32_t place)
{
  NmError err = {0};
  NmSungPhrase *phrase = nm_sung_phrase_new(project, voice->cache, &voice->salt, place, &err);
  NmSung *next = phrase ? nm_sung_copy(*sung) : NULL;
  if (!next) {
    nm_sung_phrase_release(phrase);
    set_trouble(voice, &err);
    return false;
  }
  keep(voice, phrase);
  put(next, place, phrase);
  nm_sung_release(*sung);
  *sung = nm_sung_share(next);
  publish(voice, next);
  return true;
}

static void sing_all(NmStudioVoice *voice, NmProject *project, NmSung *sung, double from_s)
{
  for (int32_t i = 0; i < sung->n_places; i++) {
    NmSungPhrase *phrase = find_kept(voice, sung->places[i].key);
    if (phrase) put(sung, i, phrase);
  }
  publish(voice, nm_sung_share(sung));
  for (int32_t place; !nm_worker_is_cancelled(&voice->worker) && (place = find_missing(sung, from_s)) >= 0;)
    if (!sing_one(voice, project, &sung, place)) break;
  nm_sung_release(sung);
}

static void sing(NmStudioVoice *voice, NmDocument *doc, double from_s, uint64_t revision)
{
  NmProject project = {0};
  NmError err = {0};
  if (!open_speech(voice)) return;
  NmStatus status = nm_project_init(&project, doc, &voice->speech, NULL, NULL, &err);
  NmSung *sung = status ? NULL : nm_sung_new(&project, revision);
  set_trouble(voice, status ? &err : NULL);
  if (sung) sing_all(voice, &project, sung, from_s);
  nm_project_fini(&project);
}

static bool work(void *owner)
{
  NmStudioVoice *voice = owner;
  NmDocument *doc = voice->wanted;
  uint64_t revision = voice->revision;
  double from_s = voice->from_s;
  if (!doc) return false;
  voice->wanted = NULL;
  voice->state.works = true;
  nm_worker_unlock(&voice->worker);
  sing(voice, doc, from_s, revision);
  nm_document_free(doc);
  nm_worker_lock(&voice->worker);
  voice->state.works = voice->wanted;
  nm_worker_wake(&voice->worker);
  return true;
}

NmStudioVoice *nm_studio_voice_new(void (*wake)(void *user), void *user)
{
  NmStudioVoice *voice = calloc(1, sizeof *voice);
  if (voice && nm_worker_init(&voice->worker, true, work, voice, wake, user)) return voice;
  free(voice);
  return NULL;
}

void nm_studio_voice_free(NmStudioVoice *voice)
{
  if (!voice) return;
  nm_worker_fini(&voice->worker);
  nm_document_free(voice->wanted);
  nm_sung_release(voice->sung);
  for (int i = 0; i < N_KEPT; i++) nm_sung_phrase_release(voice->kept[i]);
  nm_cache_free(voice->cache);
  if (voice->is_open) nm_speech_close(&voice->speech);
  free(voice);
}

NmDocument *nm_studio_copy_verse(const NmDocument *doc, int verse)
{
  const NmSong *song = nm_document_get_song(doc);
  NmDocument *copy = nm_document_copy(doc);
  bool several = song->n_lines > 0 && song->lines[song->n_lines - 1].verse != song->lines[0].verse;
  if (!copy || !several || nm_edit_set_value(copy, "/voice/verse", json_integer(verse), NULL) == NM_OK)
    return copy;
  nm_document_free(copy);
  return NULL;
}

void nm_studio_voice_sing(NmStudioVoice *voice, const NmDocument *doc, int verse, double from_s)
{
  NmDocument *copy = nm_studio_copy_verse(doc, verse);
  if (!copy) return;
  nm_worker_lock(&voice->worker);
  NmDocument *before = voice->wanted;
  voice->wanted = copy;
  voice->revision = nm_document_get_revision(doc);
  voice->from_s = from_s;
  nm_worker_cancel(&voice->worker);
  nm_worker_tell(&voice->worker);
  nm_worker_unlock(&voice->worker);
  nm_document_free(before);
}

NmStudioVoiceState nm_studio_voice_get_state(NmStudioVoice *voice)
{
  nm_worker_lock(&voice->worker);
  NmStudioVoiceState state = voice->state;
  nm_worker_unlock(&voice->worker);
  return state;
}

bool nm_studio_voice_is_busy(NmStudioVoice *voice)
{
  nm_worker_lock(&voice->worker);
  bool busy = voice->wanted || voice->state.works;
  nm_worker_unlock(&voice->worker);
  return busy;
}

NmSung *nm_studio_voice_get(NmStudioVoice *voice)
{
  nm_worker_lock(&voice->worker);
  NmSung *sung = nm_sung_share(voice->sung);
  nm_worker_unlock(&voice->worker);
  return sung;
}
