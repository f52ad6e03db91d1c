// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/sung.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/frontend.h"
#include "models/text/phones.h"

static const float mel_low = -6, mel_high = 4.5f; // of the log-mel spectrum that is shown

typedef struct {
  NmSungPhrase phrase; // first
  atomic_int n_shares;
} SharedPhrase;

typedef struct {
  NmSung sung; // first
  NmArena arena;
  atomic_int n_shares;
} SharedSung;

// --- phrases ---

static NmStatus make_spectrum(NmSungPhrase *phrase)
{
  NmFrontend *frontend = nm_frontend_new();
  phrase->n_frames = (int32_t)nm_frontend_get_n_frames(phrase->n);
  size_t n = (size_t)phrase->n_frames * NM_N_MELS;
  float *mel = malloc((n + 1) * sizeof *mel);
  phrase->spectrum = malloc(n + 1);
  bool ok = frontend && mel && phrase->spectrum;
  if (ok) nm_frontend_run(frontend, phrase->samples, phrase->n, mel);
  for (size_t i = 0; ok && i < n; i++)
    phrase->spectrum[i] =
        (uint8_t)(fminf(fmaxf((mel[i] - mel_low) / (mel_high - mel_low), 0), 1) * 255 + .5f);
  nm_frontend_free(frontend);
  free(mel);
  return ok ? NM_OK : NM_ERR_NO_MEMORY;
}

NmSungPhrase *nm_sung_phrase_new(NmProject *project, NmCache *cache, const NmHash *salt, int32_t i,
                                 NmError *err)
{
  const NmSingPhrase *place = nm_sing_plan_get_phrase(project->plan, i);
  SharedPhrase *shared = calloc(1, sizeof *shared);
  if (!shared) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  atomic_init(&shared->n_shares, 1);
  NmSungPhrase *phrase = &shared->phrase;
  memcpy(phrase->key, place->key, sizeof phrase->key);
  phrase->n = place->n_samples;
  phrase->samples = malloc(((size_t)phrase->n + 1) * sizeof *phrase->samples);
  NmStatus status = phrase->samples
                        ? nm_project_sing_phrase(project, cache, salt, i, phrase->samples, NULL, err)
                        : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!status) phrase->peaks = nm_peaks_new(phrase->samples, phrase->n);
  if (!status && (!phrase->peaks || make_spectrum(phrase)))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!status) return phrase;
  nm_sung_phrase_release(phrase);
  return NULL;
}

NmSungPhrase *nm_sung_phrase_share(NmSungPhrase *phrase)
{
  if (phrase) atomic_fetch_add(&((SharedPhrase *)phrase)->n_shares, 1);
  return phrase;
}

void nm_sung_phrase_release(NmSungPhrase *phrase)
{
  if (!phrase || atomic_fetch_sub(&((SharedPhrase *)phrase)->n_shares, 1) > 1) return;
  nm_peaks_free(phrase->peaks);
  free(phrase->samples);
  free(phrase->spectrum);
  free(phrase);
}

// --- songs ---

static NmSung *allocate(void)
{
  SharedSung *shared = calloc(1, sizeof *shared);
  if (!shared) return NULL;
  nm_arena_init(&shared->arena, 1 << 16);
  atomic_init(&shared->n_shares, 1);
  return &shared->sung;
}

static NmArena *arena_of(NmSung *sung)
{
  return &((SharedSung *)sung)->arena;
}

// The sample of the project's song at which the document begins.
static int64_t get_offset(const NmProject *project)
{
  return llround(nm_song_get_seconds(project->song, project->n_lead_in) * NM_VOICE_RATE_HZ);
}

typedef struct {
  NmSung *sung;
  const NmProject *project;
  int64_t offset;
  int32_t room; // phones counted when 0
} Telling;

static bool is_by_hand(const NmSong *song, const NmSingSource *source)
{
  if (source->syllable < 0) return false;
  const NmSongSyllable *syllable = &song->syllables[source->syllable];
  return (source->is_anchor && syllable->shift_s != 0) ||
         (syllable->n_lengths == source->n_phones && syllable->lengths_s[source->phone] > 0 &&
          !source->is_held);
}

// Phones once to be counted, once to be kept.
static NmStatus take_phone(void *user, const NmTiming *timing, NmError *err)
{
  Telling *telling = user;
  NmSung *sung = telling->sung;
  if (timing->kind != NM_TIMING_PHONE) return NM_OK;
  if (telling->room == 0) {
    sung->n_phones++;
    return NM_OK;
  }
  if (sung->n_phones == telling->room) return NM_OK;
  int32_t phone = nm_phone_find(timing->text, strlen(timing->text), 0);
  NmSingSource source = nm_sing_plan_get_source(telling->project->plan, sung->n_phones);
  sung->sources[sung->n_phones] = source;
  sung->phones[sung->n_phones++] =
      (NmPhoneBox){.start_s = (double)(timing->start - telling->offset) / NM_VOICE_RATE_HZ,
                   .end_s = (double)(timing->end - telling->offset) / NM_VOICE_RATE_HZ,
                   .text = nm_phone_name(phone < 0 ? 0 : phone),
                   .vowel = nm_phone_is_vowel(phone),
                   .pause = phone <= 0,
                   .movable = source.syllable >= 0 && sung->n_phones > 0,
                   .by_hand = is_by_hand(telling->project->song, &source)};
  return NM_OK;
}

static NmStatus make_phones(NmSung *sung, const NmProject *project)
{
  Telling telling = {sung, project, get_offset(project), 0};
  NmStatus status = nm_sing_plan_tell(project->plan, take_phone, &telling, NULL);
  if (status) return status;
  telling.room = sung->n_phones;
  sung->n_phones = 0;
  sung->phones = nm_arena_calloc(arena_of(sung), (size_t)telling.room + 1, sizeof *sung->phones);
  sung->sources = nm_arena_calloc(arena_of(sung), (size_t)telling.room + 1, sizeof *sung->sources);
  if (!sung->phones || !sung->sources) return NM_ERR_NO_MEMORY;
  if (telling.room == 0) return NM_OK;
  return nm_sing_plan_tell(project->plan, take_phone, &telling, NULL);
}

// Pitch as the notes are written, though it is sung elsewhere.
static NmStatus make_place(NmSung *sung, NmSungPlace *place, const NmSingPhrase *phrase, int64_t offset)
{
  place->start = phrase->start - offset;
  place->n = phrase->n_samples;
  memcpy(place->key, phrase->key, sizeof place->key);
  place->n_frames = (int32_t)(phrase->n_samples / NM_VOICE_HOP);
  if (place->n_frames > phrase->n_frames - phrase->n_skip)
    place->n_frames = phrase->n_frames - phrase->n_skip;
  place->pitch = nm_arena_calloc(arena_of(sung), (size_t)place->n_frames + 1, sizeof *place->pitch);
  if (!place->pitch) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < place->n_frames; i++)
    place->pitch[i] =
        69 + 12 * log2f(phrase->f0_hz[phrase->n_skip + i] / 440) - (float)sung->report.transpose;
  return NM_OK;
}

static NmStatus make_places(NmSung *sung, const NmProject *project)
{
  sung->n_places = nm_sing_plan_get_n_phrases(project->plan);
  sung->places = nm_arena_calloc(arena_of(sung), (size_t)sung->n_places + 1, sizeof *sung->places);
  NmStatus status = sung->places ? NM_OK : NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < sung->n_places && !status; i++)
    status =
        make_place(sung, &sung->places[i], nm_sing_plan_get_phrase(project->plan, i), get_offset(project));
  return status;
}

NmSung *nm_sung_new(const NmProject *project, uint64_t revision)
{
  NmSung *sung = allocate();
  if (!sung) return NULL;
  sung->revision = revision;
  sung->report = *nm_sing_plan_get_report(project->plan);
  if (make_phones(sung, project) == NM_OK && make_places(sung, project) == NM_OK) return sung;
  nm_sung_release(sung);
  return NULL;
}

static void *copy_array(NmSung *to, const void *from, int32_t n, size_t size)
{
  void *copy = nm_arena_calloc(arena_of(to), (size_t)n + 1, size);
  if (copy && n > 0) memcpy(copy, from, (size_t)n * size);
  return copy;
}

NmSung *nm_sung_copy(const NmSung *sung)
{
  NmSung *copy = allocate();
  if (!copy) return NULL;
  copy->revision = sung->revision;
  copy->report = sung->report;
  copy->n_sung = sung->n_sung;
  copy->phones = copy_array(copy, sung->phones, sung->n_phones, sizeof *sung->phones);
  copy->sources = copy_array(copy, sung->sources, sung->n_phones, sizeof *sung->sources);
  copy->places = copy_array(copy, sung->places, sung->n_places, sizeof *sung->places);
  bool ok = copy->phones && copy->sources && copy->places;
  for (int32_t i = 0; ok && i < sung->n_places; i++) {
    NmSungPlace *place = &copy->places[i];
    place->sound = NULL;
    place->pitch = copy_array(copy, sung->places[i].pitch, place->n_frames, sizeof *place->pitch);
    ok = place->pitch;
    if (ok) place->sound = nm_sung_phrase_share(sung->places[i].sound);
    copy->n_places = i + 1;
  }
  copy->n_phones = sung->n_phones;
  if (ok) return copy;
  nm_sung_release(copy);
  return NULL;
}

NmSung *nm_sung_share(NmSung *sung)
{
  if (sung) atomic_fetch_add(&((SharedSung *)sung)->n_shares, 1);
  return sung;
}

void nm_sung_release(NmSung *sung)
{
  SharedSung *shared = (SharedSung *)sung;
  if (!sung || atomic_fetch_sub(&shared->n_shares, 1) > 1) return;
  for (int32_t i = 0; sung->places && i < sung->n_places; i++) nm_sung_phrase_release(sung->places[i].sound);
  nm_arena_fini(&shared->arena);
  free(shared);
}
