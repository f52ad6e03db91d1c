// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/midi_exact.h"

#include <string.h>

static const uint8_t head[] = {0x7d, 'n', 'e', 'u', 'm', 'e', 1};
enum { N_HEAD = sizeof head, N_HASH = 4 };

static uint32_t hash_bytes(uint32_t hash, const void *data, size_t n)
{
  const uint8_t *bytes = data;
  for (size_t i = 0; i < n; ++i) hash = (hash ^ bytes[i]) * 0x01000193u;
  return hash;
}

// The same on machines of either byte order.
static uint32_t hash_number(uint32_t hash, int64_t value)
{
  for (int i = 0; i < 8; ++i) hash = (hash ^ (uint8_t)((uint64_t)value >> 8 * i)) * 0x01000193u;
  return hash;
}

static int64_t scale_ticks(NmMidiScale scale, int64_t ticks)
{
  return (int64_t)((__int128)ticks * scale.by / scale.over);
}

uint32_t nm_midi_exact_hash(const NmSong *song, NmMidiScale scale)
{
  uint32_t hash = 0x811c9dc5u;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    hash = hash_number(hash, scale_ticks(scale, song->notes[i].onset));
    hash = hash_number(hash, scale_ticks(scale, song->notes[i].len));
    hash = hash_number(hash, song->notes[i].pitch);
  }
  return hash;
}

uint32_t nm_midi_exact_hash_lyric(uint32_t hash, int64_t tick, const uint8_t *bytes, size_t len)
{
  return hash_bytes(hash_number(hash, tick), bytes, len);
}

// --- writing ---

static void put_word(NmMidiBytes *out, const NmSong *song, const NmSongWord *word)
{
  nm_midi_put_number(out, (uint64_t)word->n_syllables);
  for (int32_t i = 0; i < word->n_syllables; ++i) {
    const NmSongSyllable *syllable = &song->syllables[word->syllable_first + i];
    const size_t len = strlen(syllable->text);
    nm_midi_put_number(out, (uint64_t)(syllable->stress + 1));
    nm_midi_put_number(out, len);
    nm_midi_put(out, syllable->text, len);
  }
}

static void put_lines(NmMidiBytes *out, const NmSong *song)
{
  nm_midi_put_number(out, (uint64_t)song->n_lines);
  for (int32_t i = 0; i < song->n_lines; ++i) {
    const NmSongLine *line = &song->lines[i];
    nm_midi_put_number(out, (uint64_t)line->verse);
    nm_midi_put_number(out, (uint64_t)line->stanza);
    nm_midi_put_number(out, (uint64_t)line->n_words);
    for (int32_t j = 0; j < line->n_words; ++j) put_word(out, song, &song->words[line->word_first + j]);
  }
}

void nm_midi_exact_put(NmMidiBytes *out, const NmSong *song, NmMidiScale scale, uint32_t hash)
{
  nm_midi_put(out, head, N_HEAD);
  nm_midi_put_u32(out, hash);
  nm_midi_put_number(out, (uint64_t)scale_ticks(scale, song->pickup));
  nm_midi_put_number(out, (uint64_t)song->n_meters);
  for (int32_t i = 0; i < song->n_meters; ++i) {
    nm_midi_put_number(out, (uint64_t)scale_ticks(scale, song->meters[i].tick));
    nm_midi_put_number(out, (uint64_t)song->meters[i].n_beats);
    nm_midi_put_number(out, (uint64_t)song->meters[i].beat_unit);
  }
  put_lines(out, song);
  nm_midi_put_number(out, (uint64_t)song->n_links);
  for (int32_t i = 0; i < song->n_links; ++i) {
    nm_midi_put_number(out, (uint64_t)song->links[i].syllable);
    nm_midi_put_number(out, (uint64_t)song->links[i].note);
  }
}

// --- reading ---

bool nm_midi_exact_is(const uint8_t *bytes, size_t n)
{
  return n >= N_HEAD + N_HASH && !memcmp(bytes, head, N_HEAD);
}

bool nm_midi_exact_is_for(const uint8_t *bytes, size_t n, uint32_t hash)
{
  if (!nm_midi_exact_is(bytes, n)) return false;
  const uint8_t *b = bytes + N_HEAD;
  return hash == ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
}

typedef struct {
  const uint8_t *at, *end;
  NmSong *song;
  NmStatus status;
} Reader;

// A number of at most `most`; 0 when there is none.
static int64_t get_number(Reader *r, int64_t most)
{
  uint64_t value = 0;
  while (!r->status) {
    if (r->at == r->end || value >> 50) break;
    value = value << 7 | (*r->at & 0x7f);
    if (!(*r->at++ & 0x80)) {
      if (value > (uint64_t)most) break;
      return (int64_t)value;
    }
  }
  if (!r->status) r->status = NM_ERR_BAD_DATA;
  return 0;
}

static void check_added(Reader *r, int32_t index)
{
  if (!r->status && index < 0) r->status = NM_ERR_NO_MEMORY;
}

static void get_syllable(Reader *r)
{
  const int64_t stress = get_number(r, 3), len = get_number(r, r->end - r->at);
  if (!r->status && len > r->end - r->at) r->status = NM_ERR_BAD_DATA;
  if (r->status) return;
  check_added(r, nm_song_add_syllable(r->song, (const char *)r->at, (size_t)len, (int)stress - 1));
  r->at += len;
}

static void get_line(Reader *r)
{
  const int64_t verse = get_number(r, NM_SONG_VERSES_MAX), stanza = get_number(r, INT16_MAX);
  int64_t n_words = get_number(r, NM_SONG_NOTES_MAX);
  if (r->status) return;
  check_added(r, nm_song_add_line(r->song, (int)verse, (int)stanza));
  for (; n_words > 0 && !r->status; --n_words) {
    int64_t n = get_number(r, NM_SONG_NOTES_MAX);
    if (!r->status) check_added(r, nm_song_add_word(r->song));
    for (; n > 0 && !r->status; --n) get_syllable(r);
  }
}

static void get_meter(Reader *r)
{
  const int64_t tick = get_number(r, INT64_MAX >> 8), n = get_number(r, 255), unit = get_number(r, 64);
  if (!r->status && (unit == 0 || (unit & (unit - 1)))) r->status = NM_ERR_BAD_DATA;
  if (!r->status) check_added(r, nm_song_add_meter(r->song, tick, (int)n, (int)unit));
}

static void get_link(Reader *r)
{
  const int64_t syllable = get_number(r, NM_SONG_NOTES_MAX), note = get_number(r, NM_SONG_NOTES_MAX);
  if (!r->status) check_added(r, nm_song_add_link(r->song, (int32_t)syllable, (int32_t)note));
}

static void get_list(Reader *r, void (*get)(Reader *r))
{
  for (int64_t n = get_number(r, NM_SONG_NOTES_MAX); n > 0 && !r->status; --n) get(r);
}

NmStatus nm_midi_exact_apply(const uint8_t *bytes, size_t n, NmSong *song)
{
  Reader r = {.at = bytes + N_HEAD + N_HASH, .end = bytes + n, .song = song};
  song->n_meters = 0;
  song->pickup = get_number(&r, INT64_MAX >> 8);
  get_list(&r, get_meter);
  get_list(&r, get_line);
  get_list(&r, get_link);
  return r.status;
}
