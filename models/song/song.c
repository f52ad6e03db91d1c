// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/song.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_NOTES, ROOM_SYLLABLES, ROOM_WORDS, ROOM_LINES, ROOM_LINKS, ROOM_KEYS, ROOM_METERS, ROOM_TEMPOS };
enum { ROOM_PHONES = 8, PHONES_MAX = 16 * NM_SONG_NOTES_MAX };

NmSong *nm_song_new(void)
{
  NmSong *song = calloc(1, sizeof *song);
  if (!song) return NULL;
  nm_arena_init(&song->arena, 4096);
  song->ticks_per_beat = NM_SONG_TICKS_DEFAULT;
  return song;
}

void nm_song_free(NmSong *song)
{
  if (!song) return;
  free(song->notes);
  free(song->syllables);
  free(song->words);
  free(song->lines);
  free(song->links);
  free(song->keys);
  free(song->meters);
  free(song->tempos);
  free(song->phones);
  nm_arena_fini(&song->arena);
  free(song);
}

const char *nm_song_keep(NmSong *song, const char *text, size_t len)
{
  char *copy = nm_arena_alloc(&song->arena, len + 1);
  if (!copy) return NULL;
  memcpy(copy, text, len);
  copy[len] = 0;
  return copy;
}

// Room for `more` further elements of `size` bytes behind n of them.
static bool grow(NmSong *song, int room, void **array, size_t size, int32_t n, int32_t more, int32_t most)
{
  if (more > most - n) return false;
  if (n + more <= song->room[room]) return true;
  int32_t wanted = song->room[room] ? song->room[room] * 2 : 32;
  if (wanted < n + more) wanted = n + more;
  void *moved = realloc(*array, (size_t)wanted * size);
  if (!moved) return false;
  *array = moved;
  song->room[room] = wanted;
  return true;
}

#define APPEND(ROOM, ARRAY, COUNT, ...)                                                                      \
  do {                                                                                                       \
    void *array_ = song->ARRAY;                                                                              \
    if (!grow(song, ROOM, &array_, sizeof *song->ARRAY, song->COUNT, 1, NM_SONG_NOTES_MAX)) return -1;       \
    song->ARRAY = array_;                                                                                    \
    song->ARRAY[song->COUNT] = __VA_ARGS__;                                                                  \
    return song->COUNT++;                                                                                    \
  } while (0)

// Into 16 bits, so that what is out of range stays so.
static int16_t narrow(int value)
{
  return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

// Into 8 bits.
static int8_t narrow8(int value)
{
  return (int8_t)(value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value);
}

int32_t nm_song_add_note(NmSong *song, int64_t onset, int64_t len, int pitch, int velocity)
{
  const NmSongNote note = {.onset = onset, .len = len, .pitch = narrow(pitch), .velocity = narrow(velocity)};
  APPEND(ROOM_NOTES, notes, n_notes, note);
}

int32_t nm_song_add_line(NmSong *song, int verse, int stanza)
{
  const NmSongLine line = {.word_first = song->n_words, .verse = narrow(verse), .stanza = narrow(stanza)};
  APPEND(ROOM_LINES, lines, n_lines, line);
}

int32_t nm_song_add_word(NmSong *song)
{
  if (song->n_lines == 0 && nm_song_add_line(song, 1, 0) < 0) return -1;
  const NmSongWord word = {.line = song->n_lines - 1, .syllable_first = song->n_syllables};
  void *words = song->words;
  if (!grow(song, ROOM_WORDS, &words, sizeof *song->words, song->n_words, 1, NM_SONG_NOTES_MAX)) return -1;
  song->words = words;
  song->words[song->n_words] = word;
  ++song->lines[word.line].n_words;
  return song->n_words++;
}

int32_t nm_song_add_syllable(NmSong *song, const char *text, size_t len, int stress)
{
  if (song->n_words == 0 && nm_song_add_word(song) < 0) return -1;
  void *syllables = song->syllables;
  const NmSongSyllable syllable = {.text = nm_song_keep(song, text, len),
                                   .word = song->n_words - 1,
                                   .phone_first = song->n_phones,
                                   .stress = narrow8(stress)};
  if (!syllable.text ||
      !grow(song, ROOM_SYLLABLES, &syllables, sizeof syllable, song->n_syllables, 1, NM_SONG_NOTES_MAX))
    return -1;
  song->syllables = syllables;
  song->syllables[song->n_syllables] = syllable;
  ++song->words[syllable.word].n_syllables;
  return song->n_syllables++;
}

int32_t nm_song_add_link(NmSong *song, int32_t syllable, int32_t note)
{
  const NmSongLink link = {syllable, note};
  APPEND(ROOM_LINKS, links, n_links, link);
}

int32_t nm_song_add_key(NmSong *song, int64_t tick, int fifths, bool minor)
{
  const NmSongKey key = {tick, narrow8(fifths), minor};
  APPEND(ROOM_KEYS, keys, n_keys, key);
}

int32_t nm_song_add_meter(NmSong *song, int64_t tick, int n_beats, int beat_unit)
{
  const NmSongMeter meter = {tick, narrow(n_beats), narrow(beat_unit)};
  APPEND(ROOM_METERS, meters, n_meters, meter);
}

int32_t nm_song_add_tempo(NmSong *song, int64_t tick, double bpm)
{
  const NmSongTempo tempo = {tick, bpm};
  APPEND(ROOM_TEMPOS, tempos, n_tempos, tempo);
}

int32_t nm_song_add_phones(NmSong *song, const int32_t *phones, int32_t n)
{
  void *array = song->phones;
  if (song->n_syllables == 0 ||
      !grow(song, ROOM_PHONES, &array, sizeof *song->phones, song->n_phones, n, PHONES_MAX))
    return -1;
  song->phones = array;
  if (n > 0) memcpy(song->phones + song->n_phones, phones, (size_t)n * sizeof *phones);
  song->syllables[song->n_syllables - 1].n_phones += n;
  song->n_phones += n;
  return song->n_phones - n;
}

bool nm_song_set_lengths(NmSong *song, const float *lengths_s, int32_t n, float shift_s)
{
  if (song->n_syllables == 0) return false;
  NmSongSyllable *syllable = &song->syllables[song->n_syllables - 1];
  float *copy = n > 0 ? nm_arena_alloc(&song->arena, (size_t)n * sizeof *copy) : NULL;
  if (n > 0 && !copy) return false;
  for (int32_t i = 0; i < n; ++i) copy[i] = lengths_s[i];
  syllable->lengths_s = copy;
  syllable->n_lengths = n;
  syllable->shift_s = shift_s;
  return true;
}

// --- order and checks ---

// A note and where it stood.
typedef struct {
  NmSongNote note;
  int32_t index;
} Placed;

static int compare_placed(const void *a, const void *b)
{
  const Placed *x = a, *y = b;
  if (x->note.onset != y->note.onset) return x->note.onset < y->note.onset ? -1 : 1;
  return x->index < y->index ? -1 : 1;
}

static NmStatus sort_notes(NmSong *song, NmError *err)
{
  const size_t n = (size_t)song->n_notes;
  if (n == 0) return NM_OK;
  Placed *placed = malloc(n * sizeof *placed);
  int32_t *place = malloc(n * sizeof *place);
  if (placed && place) {
    for (size_t i = 0; i < n; ++i) placed[i] = (Placed){song->notes[i], (int32_t)i};
    qsort(placed, n, sizeof *placed, compare_placed);
    for (size_t i = 0; i < n; ++i) {
      song->notes[i] = placed[i].note;
      place[placed[i].index] = (int32_t)i;
    }
    for (int32_t i = 0; i < song->n_links; ++i)
      if (song->links[i].note >= 0 && song->links[i].note < song->n_notes)
        song->links[i].note = place[song->links[i].note];
  }
  const bool ok = placed && place;
  free(placed);
  free(place);
  return ok ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static int compare_links(const void *a, const void *b)
{
  const NmSongLink *x = a, *y = b;
  if (x->note != y->note) return x->note < y->note ? -1 : 1;
  return (x->syllable > y->syllable) - (x->syllable < y->syllable);
}

static void sort_links(NmSong *song)
{
  if (song->n_links == 0) return;
  qsort(song->links, (size_t)song->n_links, sizeof *song->links, compare_links);
  int32_t n = 1;
  for (int32_t i = 1; i < song->n_links; ++i)
    if (compare_links(&song->links[i], &song->links[n - 1]) != 0) song->links[n++] = song->links[i];
  song->n_links = n;
}

// An entry of a map as it is sorted: they all begin with their tick.
enum { ENTRY_MAX = sizeof(NmSongTempo) > sizeof(NmSongKey) ? sizeof(NmSongTempo) : sizeof(NmSongKey) };
typedef struct {
  int64_t tick;
  int32_t index;
  char bytes[ENTRY_MAX];
} Entry;

static int compare_entries(const void *a, const void *b)
{
  const Entry *x = a, *y = b;
  if (x->tick != y->tick) return x->tick < y->tick ? -1 : 1;
  return x->index < y->index ? -1 : 1;
}

// Sorts a map by tick, and of entries at one tick keeps the last.
static NmStatus sort_map(void *map, size_t size, int32_t *n, NmError *err)
{
  if (*n == 0) return NM_OK;
  char *bytes = map;
  Entry *entries = malloc((size_t)*n * sizeof *entries);
  if (!entries) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < *n; ++i) {
    entries[i].index = i;
    memcpy(entries[i].bytes, bytes + (size_t)i * size, size);
    memcpy(&entries[i].tick, entries[i].bytes, sizeof entries[i].tick);
  }
  qsort(entries, (size_t)*n, sizeof *entries, compare_entries);
  int32_t n_kept = 0;
  for (int32_t i = 0; i < *n; ++i) {
    if (i + 1 < *n && entries[i + 1].tick == entries[i].tick) continue;
    memcpy(bytes + (size_t)n_kept++ * size, entries[i].bytes, size);
  }
  *n = n_kept;
  free(entries);
  return NM_OK;
}

static NmStatus check_notes(const NmSong *song, NmError *err)
{
  const int64_t most = (int64_t)NM_SONG_TIME_MAX * song->ticks_per_beat;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    const NmSongNote *note = &song->notes[i];
    if (note->pitch < 0 || note->pitch > 127)
      return nm_error_set(err, NM_ERR_BAD_DATA, "note %d: pitch %d is outside 0 to 127", i + 1, note->pitch);
    if (note->velocity < 0 || note->velocity > 127)
      return nm_error_set(err, NM_ERR_BAD_DATA, "note %d: velocity %d is outside 0 to 127", i + 1,
                          note->velocity);
    if (note->len <= 0 || note->onset < 0 || note->onset > most || note->len > most)
      return nm_error_set(err, NM_ERR_BAD_DATA, "note %d: its time makes no sense", i + 1);
    if (i > 0 && song->notes[i - 1].onset + song->notes[i - 1].len > note->onset)
      return nm_error_set(err, NM_ERR_BAD_DATA,
                          "note %d begins before the one before it ends: a melody has one note at a time",
                          i + 1);
  }
  return NM_OK;
}

static NmStatus check_lyrics(const NmSong *song, NmError *err)
{
  for (int32_t i = 0; i < song->n_lines; ++i) {
    if (song->lines[i].n_words < 1)
      return nm_error_set(err, NM_ERR_BAD_DATA, "line %d of the lyrics has no word", i + 1);
    if (song->lines[i].verse < 1 || song->lines[i].verse > NM_SONG_VERSES_MAX || song->lines[i].stanza < 0)
      return nm_error_set(err, NM_ERR_BAD_DATA, "line %d of the lyrics: verses are numbered 1 to %d", i + 1,
                          NM_SONG_VERSES_MAX);
  }
  for (int32_t i = 0; i < song->n_words; ++i)
    if (song->words[i].n_syllables < 1)
      return nm_error_set(err, NM_ERR_BAD_DATA, "word %d of the lyrics has no syllable", i + 1);
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    if (link->note < 0 || link->note >= song->n_notes || link->syllable < 0 ||
        link->syllable >= song->n_syllables)
      return nm_error_set(err, NM_ERR_BAD_DATA, "syllable %d is on note %d, which is not there",
                          link->syllable + 1, link->note + 1);
  }
  return NM_OK;
}

static bool is_time(const NmSong *song, int64_t tick)
{
  return tick >= 0 && tick <= (int64_t)NM_SONG_TIME_MAX * song->ticks_per_beat;
}

static NmStatus check_map_times(const NmSong *song, NmError *err)
{
  bool ok = true;
  for (int32_t i = 0; i < song->n_keys; ++i) ok &= is_time(song, song->keys[i].tick);
  for (int32_t i = 0; i < song->n_meters; ++i) ok &= is_time(song, song->meters[i].tick);
  for (int32_t i = 0; i < song->n_tempos; ++i) ok &= is_time(song, song->tempos[i].tick);
  return ok ? NM_OK
            : nm_error_set(err, NM_ERR_BAD_DATA, "the time of a key, a meter or a tempo makes no sense");
}

static NmStatus check_maps(const NmSong *song, NmError *err)
{
  for (int32_t i = 0; i < song->n_keys; ++i)
    if (abs(song->keys[i].fifths) > 7)
      return nm_error_set(err, NM_ERR_BAD_DATA, "a key has at most 7 sharps or flats, not %d",
                          song->keys[i].fifths);
  for (int32_t i = 0; i < song->n_meters; ++i) {
    const NmSongMeter *meter = &song->meters[i];
    const int unit = meter->beat_unit;
    if (meter->n_beats < 1 || meter->n_beats > 255 || unit < 1 || unit > 64 || (unit & (unit - 1)))
      return nm_error_set(err, NM_ERR_BAD_DATA, "%d/%d is no meter", meter->n_beats, unit);
    if ((int64_t)song->ticks_per_beat * 4 * meter->n_beats % unit)
      return nm_error_set(err, NM_ERR_BAD_DATA, "a bar of %d/%d is no whole number of ticks", meter->n_beats,
                          unit);
  }
  for (int32_t i = 0; i < song->n_tempos; ++i)
    if (!(song->tempos[i].bpm >= 1 && song->tempos[i].bpm <= 6e7))
      return nm_error_set(err, NM_ERR_BAD_DATA, "%g beats a minute is no tempo", song->tempos[i].bpm);
  const int64_t bar = (int64_t)song->ticks_per_beat * 4 * 255;
  if (song->pickup < 0 || song->pickup > bar)
    return nm_error_set(err, NM_ERR_BAD_DATA, "the pick-up is longer than any bar");
  return NM_OK;
}

NmStatus nm_song_finish(NmSong *song, NmError *err)
{
  if (song->ticks_per_beat < 1 || song->ticks_per_beat > NM_SONG_TICKS_MAX)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%d ticks to a beat are outside 1 to %d", song->ticks_per_beat,
                        NM_SONG_TICKS_MAX);
  NmStatus status = check_lyrics(song, err);
  if (status == NM_OK) status = sort_notes(song, err);
  if (status != NM_OK) return status;
  sort_links(song);
  if (status == NM_OK) status = sort_map(song->keys, sizeof *song->keys, &song->n_keys, err);
  if (status == NM_OK) status = sort_map(song->meters, sizeof *song->meters, &song->n_meters, err);
  if (status == NM_OK) status = sort_map(song->tempos, sizeof *song->tempos, &song->n_tempos, err);
  if (status == NM_OK) status = check_notes(song, err);
  if (status == NM_OK) status = check_map_times(song, err);
  return status == NM_OK ? check_maps(song, err) : status;
}

// --- resolution ---

// Calls `visit` for every time of the song until it answers false.
static bool each_time(NmSong *song, bool (*visit)(int64_t *ticks, const int64_t *context),
                      const int64_t *context)
{
  bool ok = visit(&song->pickup, context);
  for (int32_t i = 0; ok && i < song->n_notes; ++i)
    ok = visit(&song->notes[i].onset, context) && visit(&song->notes[i].len, context);
  for (int32_t i = 0; ok && i < song->n_keys; ++i) ok = visit(&song->keys[i].tick, context);
  for (int32_t i = 0; ok && i < song->n_meters; ++i) ok = visit(&song->meters[i].tick, context);
  for (int32_t i = 0; ok && i < song->n_tempos; ++i) ok = visit(&song->tempos[i].tick, context);
  return ok;
}

static bool can_scale(int64_t *ticks, const int64_t *ratio)
{
  const __int128 scaled = (__int128)*ticks * ratio[0];
  return scaled % ratio[1] == 0 && scaled / ratio[1] <= INT64_MAX / 4 && scaled / ratio[1] >= INT64_MIN / 4;
}

static bool scale(int64_t *ticks, const int64_t *ratio)
{
  *ticks = (int64_t)((__int128)*ticks * ratio[0] / ratio[1]);
  return true;
}

static bool bars_are_whole(const NmSong *song, int64_t ticks_per_beat)
{
  for (int32_t i = 0; i < song->n_meters; ++i)
    if (ticks_per_beat * 4 * song->meters[i].n_beats % song->meters[i].beat_unit) return false;
  return true;
}

NmStatus nm_song_set_resolution(NmSong *song, int32_t ticks_per_beat)
{
  const int64_t ratio[2] = {ticks_per_beat, song->ticks_per_beat};
  if (ticks_per_beat < 1 || ticks_per_beat > NM_SONG_TICKS_MAX || !bars_are_whole(song, ticks_per_beat) ||
      !each_time(song, can_scale, ratio))
    return NM_ERR_BAD_ARG;
  each_time(song, scale, ratio);
  song->ticks_per_beat = ticks_per_beat;
  return NM_OK;
}

void nm_song_reduce_resolution(NmSong *song)
{
  for (int32_t divisor = song->ticks_per_beat; divisor > 1; --divisor)
    if (song->ticks_per_beat % divisor == 0 &&
        nm_song_set_resolution(song, song->ticks_per_beat / divisor) == NM_OK)
      return;
}

// --- time ---

double nm_song_get_seconds(const NmSong *song, int64_t tick)
{
  double seconds = 0, bpm = song->n_tempos ? song->tempos[0].bpm : 120;
  int64_t from = 0;
  for (int32_t i = 0; i < song->n_tempos && song->tempos[i].tick < tick; ++i) {
    seconds += (double)(song->tempos[i].tick - from) / song->ticks_per_beat * 60 / bpm;
    from = song->tempos[i].tick;
    bpm = song->tempos[i].bpm;
  }
  return seconds + (double)(tick - from) / song->ticks_per_beat * 60 / bpm;
}

int64_t nm_song_get_end(const NmSong *song)
{
  if (song->n_notes == 0) return 0;
  const NmSongNote *last = &song->notes[song->n_notes - 1];
  return last->onset + last->len;
}

NmSongKey nm_song_get_key(const NmSong *song, int64_t tick)
{
  NmSongKey key = {0, 0, false};
  for (int32_t i = 0; i < song->n_keys && (i == 0 || song->keys[i].tick <= tick); ++i) key = song->keys[i];
  return key;
}

NmSongMeter nm_song_get_meter(const NmSong *song, int64_t tick)
{
  NmSongMeter meter = {0, 4, 4};
  for (int32_t i = 0; i < song->n_meters && (i == 0 || song->meters[i].tick <= tick); ++i)
    meter = song->meters[i];
  return meter;
}

static int64_t get_len_bar(const NmSong *song, const NmSongMeter *meter)
{
  return (int64_t)song->ticks_per_beat * 4 * meter->n_beats / meter->beat_unit;
}

int64_t nm_song_get_bar(const NmSong *song, int64_t tick, int64_t *place, int64_t *len_bar)
{
  NmSongMeter meter = nm_song_get_meter(song, 0);
  int64_t bar = 0, from = song->pickup, len = get_len_bar(song, &meter);
  for (int32_t i = 1; i < song->n_meters && song->meters[i].tick <= tick; ++i) {
    if (song->meters[i].tick > from) {
      bar += (song->meters[i].tick - from + len - 1) / len;
      from = song->meters[i].tick;
    }
    meter = song->meters[i];
    len = get_len_bar(song, &meter);
  }
  if (len_bar) *len_bar = len;
  if (tick < from) {
    *place = len > from ? tick + len - from : tick; // the pick-up ends with the bar
    return -1;
  }
  *place = (tick - from) % len;
  return bar + (tick - from) / len;
}

void nm_song_get_notes_of_syllables(const NmSong *song, int32_t *note_first, int32_t *n_notes)
{
  for (int32_t i = 0; i < song->n_syllables; ++i) note_first[i] = -1, n_notes[i] = 0;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    if (note_first[link->syllable] < 0) note_first[link->syllable] = link->note;
    ++n_notes[link->syllable];
  }
}

// --- equality ---

static bool differ(char *why, size_t size, const char *what, int64_t i)
{
  if (why) snprintf(why, size, "%s %lld differs", what, (long long)i + 1);
  return false;
}

static bool equal_ticks(const NmSong *a, int64_t x, const NmSong *b, int64_t y)
{
  return (__int128)x * b->ticks_per_beat == (__int128)y * a->ticks_per_beat;
}

static bool equal_lyrics(const NmSong *a, const NmSong *b, char *why, size_t size)
{
  if (a->n_lines != b->n_lines || a->n_words != b->n_words || a->n_syllables != b->n_syllables) {
    if (why)
      snprintf(why, size, "%d, %d lines, %d, %d words, %d, %d syllables", a->n_lines, b->n_lines, a->n_words,
               b->n_words, a->n_syllables, b->n_syllables);
    return false;
  }
  for (int32_t i = 0; i < a->n_lines; ++i)
    if (a->lines[i].n_words != b->lines[i].n_words || a->lines[i].verse != b->lines[i].verse ||
        a->lines[i].stanza != b->lines[i].stanza)
      return differ(why, size, "line", i);
  for (int32_t i = 0; i < a->n_words; ++i)
    if (a->words[i].n_syllables != b->words[i].n_syllables) return differ(why, size, "word", i);
  for (int32_t i = 0; i < a->n_syllables; ++i)
    if (strcmp(a->syllables[i].text, b->syllables[i].text) != 0) return differ(why, size, "syllable", i);
  return true;
}

static bool equal_notes(const NmSong *a, const NmSong *b, char *why, size_t size)
{
  if (a->n_notes != b->n_notes || a->n_links != b->n_links) {
    if (why)
      snprintf(why, size, "%d, %d notes, %d, %d links", a->n_notes, b->n_notes, a->n_links, b->n_links);
    return false;
  }
  for (int32_t i = 0; i < a->n_notes; ++i)
    if (a->notes[i].pitch != b->notes[i].pitch || !equal_ticks(a, a->notes[i].onset, b, b->notes[i].onset) ||
        !equal_ticks(a, a->notes[i].len, b, b->notes[i].len))
      return differ(why, size, "note", i);
  for (int32_t i = 0; i < a->n_links; ++i)
    if (a->links[i].note != b->links[i].note || a->links[i].syllable != b->links[i].syllable)
      return differ(why, size, "link", i);
  return true;
}

static bool equal_maps(const NmSong *a, const NmSong *b, char *why, size_t size)
{
  if (a->n_keys != b->n_keys || a->n_meters != b->n_meters || a->n_tempos != b->n_tempos ||
      !equal_ticks(a, a->pickup, b, b->pickup)) {
    if (why) snprintf(why, size, "the maps or the pick-up differ");
    return false;
  }
  for (int32_t i = 0; i < a->n_keys; ++i)
    if (!equal_ticks(a, a->keys[i].tick, b, b->keys[i].tick) || a->keys[i].fifths != b->keys[i].fifths ||
        a->keys[i].minor != b->keys[i].minor)
      return differ(why, size, "key", i);
  for (int32_t i = 0; i < a->n_meters; ++i)
    if (!equal_ticks(a, a->meters[i].tick, b, b->meters[i].tick) ||
        a->meters[i].n_beats != b->meters[i].n_beats || a->meters[i].beat_unit != b->meters[i].beat_unit)
      return differ(why, size, "meter", i);
  for (int32_t i = 0; i < a->n_tempos; ++i)
    if (!equal_ticks(a, a->tempos[i].tick, b, b->tempos[i].tick) ||
        !(fabs(a->tempos[i].bpm - b->tempos[i].bpm) <= 1e-3 * a->tempos[i].bpm))
      return differ(why, size, "tempo", i);
  return true;
}

bool nm_song_equal(const NmSong *a, const NmSong *b, char *why, size_t size_why)
{
  return equal_notes(a, b, why, size_why) && equal_lyrics(a, b, why, size_why) &&
         equal_maps(a, b, why, size_why);
}
