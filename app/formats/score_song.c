// SPDX-License-Identifier: GPL-3.0-or-later
// A score's melody as a song.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/score.h"
#include "app/formats/score_layout.h"
#include "app/formats/song_lines.h"

typedef struct {
  NmScore *score;
  NmScorePart *part;
  NmScoreVoice *voice;
  NmSong *song;
  NmSongNotes *notes;
  NmError *err;
  int32_t *place;    // [voice->n_notes] which of the song's notes it became
  bool *has_text;    // [voice->n_notes] a syllable begins there
  bool *slurs_on;    // [song->n_notes]
  bool *ends_source; // [words] hints for the lines
  int32_t n_hints, room_hints;
  int64_t scale; // song ticks to a tick of the part
  int32_t n_overlaps;
} Work;

static NmStatus fail_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// --- which voice ---

static int32_t count_texts(const NmScoreVoice *voice)
{
  int32_t n = 0;
  for (int32_t i = 0; i < voice->n_lyrics; ++i) n += voice->lyrics[i].text != NULL;
  return n;
}

static void take_richest_voice(Work *work, NmScorePart *part, int64_t *most)
{
  for (int32_t i = 0; i < part->n_voices; ++i) {
    NmScoreVoice *voice = &part->voices[i];
    const int64_t n_texts = count_texts(voice);
    const int64_t rank = n_texts ? n_texts + 1 : voice->n_notes ? 1 : 0;
    if (rank > *most || !work->voice) {
      *most = rank;
      work->part = part;
      work->voice = voice;
    }
  }
}

static NmStatus choose_voice(Work *work, const char *name, int wanted)
{
  NmScore *score = work->score;
  int64_t most = 0;
  if (wanted >= score->n_parts)
    return nm_error_set(work->err, NM_ERR_BAD_ARG, "%s has %d parts: there is no part %d", name,
                        score->n_parts, wanted + 1);
  for (int32_t i = 0; i < score->n_parts; ++i)
    if (wanted < 0 || wanted == i) take_richest_voice(work, &score->parts[i], &most);
  if (!work->voice) return nm_error_set(work->err, NM_ERR_BAD_DATA, "%s has no notes", name);
  if (score->n_parts > 1 && wanted < 0)
    nm_song_notes_add(work->notes, "the melody is read from part %d of %d%s%s",
                      (int)(work->part - score->parts) + 1, score->n_parts, work->part->name ? ", " : "",
                      work->part->name ? work->part->name : "");
  int32_t n_other = 0;
  for (int32_t i = 0; i < work->part->n_voices; ++i)
    if (&work->part->voices[i] != work->voice) n_other += count_texts(&work->part->voices[i]);
  if (n_other) nm_song_notes_add(work->notes, "%d syllables of other voices are left out", n_other);
  return NM_OK;
}

// --- notes ---

typedef struct {
  NmScoreNote note;
  int32_t index;
} Placed;

static int compare_placed(const void *a, const void *b)
{
  const Placed *x = a, *y = b;
  if (x->note.onset != y->note.onset) return x->note.onset < y->note.onset ? -1 : 1;
  return x->index < y->index ? -1 : 1;
}

// Adds one note of the voice in order of time: to the note that it is tied to, to the chord that began with
// it, or as the next.
static bool add_note(Work *work, const Placed *placed, bool *ties_on)
{
  NmSong *song = work->song;
  NmSongNote *last = song->n_notes ? &song->notes[song->n_notes - 1] : NULL;
  const NmScoreNote *note = &placed->note;
  const int64_t onset = note->onset * work->scale, len = note->len * work->scale;
  int32_t at = song->n_notes - 1;
  if (last && onset == last->onset) {
    if (note->pitch > last->pitch) last->pitch = note->pitch, last->len = len, *ties_on = note->ties_on;
  } else if (last && *ties_on && last->onset + last->len == onset && last->pitch == note->pitch &&
             !work->has_text[placed->index]) {
    last->len += len;
    *ties_on = note->ties_on;
  } else {
    if (last && last->onset + last->len > onset) {
      last->len = onset - last->onset;
      ++work->n_overlaps;
    }
    at = nm_song_add_note(song, onset, len, note->pitch, note->velocity);
    if (at < 0) return false;
    *ties_on = note->ties_on;
    work->slurs_on[at] = false;
  }
  work->slurs_on[at] = note->slurs_on;
  work->place[placed->index] = at;
  return true;
}

static NmStatus add_notes(Work *work)
{
  const NmScoreVoice *voice = work->voice;
  const size_t n = (size_t)voice->n_notes;
  if (n > NM_SONG_NOTES_MAX)
    return nm_error_set(work->err, NM_ERR_UNSUPPORTED, "the melody has more than %d notes",
                        NM_SONG_NOTES_MAX);
  Placed *placed = malloc((n + 1) * sizeof *placed);
  work->place = malloc((n + 1) * sizeof *work->place);
  work->has_text = calloc(n + 1, sizeof *work->has_text);
  work->slurs_on = malloc((n + 1) * sizeof *work->slurs_on);
  bool ok = placed && work->place && work->has_text && work->slurs_on, ties_on = false;
  for (int32_t i = 0; ok && i < voice->n_lyrics; ++i)
    if (voice->lyrics[i].text) work->has_text[voice->lyrics[i].note] = true;
  for (size_t i = 0; ok && i < n; ++i) placed[i] = (Placed){voice->notes[i], (int32_t)i};
  if (ok && n) qsort(placed, n, sizeof *placed, compare_placed);
  for (size_t i = 0; ok && i < n; ++i) ok = add_note(work, &placed[i], &ties_on);
  free(placed);
  if (!ok) return fail_memory(work->err);
  if (work->n_overlaps)
    nm_song_notes_add(work->notes, "%d notes were cut short where the next one began", work->n_overlaps);
  return NM_OK;
}

// --- lyrics ---

typedef struct {
  NmScoreLyric lyric; // note: of the song
  int32_t index;
} PlacedLyric;

static int compare_lyrics(const void *a, const void *b)
{
  const PlacedLyric *x = a, *y = b;
  if (x->lyric.verse != y->lyric.verse) return x->lyric.verse < y->lyric.verse ? -1 : 1;
  if (x->lyric.note != y->lyric.note) return x->lyric.note < y->lyric.note ? -1 : 1;
  return x->index < y->index ? -1 : 1;
}

// The verse at hand.
typedef struct {
  int32_t syllable; // the last one, -1: none yet
  int32_t note;     // the last it is sung on
  int stanza;
  bool extends, word_is_open, has_hyphen, line_ends, stanza_ends;
} Verse;

// Whether the melisma of the verse's last syllable goes on from `note` - 1 to `note`, which has no lyric.
static bool is_held(const Work *work, const Verse *verse, int32_t note)
{
  const NmSongNote *a = &work->song->notes[note - 1], *b = &work->song->notes[note];
  if (work->score->says_holds || verse->note != note - 1 || a->onset + a->len != b->onset) return false;
  return work->slurs_on[note - 1] || verse->extends || verse->word_is_open;
}

static bool hold_until(Work *work, Verse *verse, int32_t note)
{
  for (int32_t i = verse->note + 1; verse->syllable >= 0 && i < note && is_held(work, verse, i); ++i) {
    if (nm_song_add_link(work->song, verse->syllable, i) < 0) return false;
    verse->note = i;
  }
  return true;
}

static bool add_hint(Work *work, bool ends_source)
{
  if (work->n_hints == work->room_hints) {
    const int32_t wanted = work->room_hints ? work->room_hints * 2 : 64;
    bool *moved = realloc(work->ends_source, (size_t)wanted * sizeof *moved);
    if (!moved) return false;
    work->ends_source = moved;
    work->room_hints = wanted;
  }
  work->ends_source[work->n_hints++] = ends_source;
  return true;
}

// Opens the line and the word that the syllable belongs to.
static bool open_word(Work *work, Verse *verse, const NmScoreLyric *lyric)
{
  NmSong *song = work->song;
  if (verse->word_is_open && (!lyric->begins_word || verse->has_hyphen)) return true;
  if (verse->line_ends || verse->syllable < 0) {
    verse->stanza += verse->stanza_ends;
    if (nm_song_add_line(song, lyric->verse, verse->stanza) < 0) return false;
    verse->line_ends = verse->stanza_ends = false;
  }
  return nm_song_add_word(song) >= 0 && add_hint(work, false);
}

static bool add_syllable(Work *work, Verse *verse, const NmScoreLyric *lyric)
{
  if (!open_word(work, verse, lyric)) return false;
  verse->syllable = nm_song_add_syllable(work->song, lyric->text, strlen(lyric->text), -1);
  if (verse->syllable < 0 || nm_song_add_link(work->song, verse->syllable, lyric->note) < 0) return false;
  verse->note = lyric->note;
  verse->extends = lyric->extends;
  verse->word_is_open = !lyric->ends_word;
  verse->has_hyphen = lyric->has_hyphen;
  return true;
}

static bool add_lyric(Work *work, Verse *verse, const NmScoreLyric *lyric)
{
  if (!hold_until(work, verse, lyric->note)) return false;
  if (lyric->text) {
    if (!add_syllable(work, verse, lyric)) return false;
  } else if (verse->syllable >= 0 && lyric->note != verse->note) {
    if (nm_song_add_link(work->song, verse->syllable, lyric->note) < 0) return false;
    verse->note = lyric->note;
    verse->extends |= lyric->extends;
  }
  verse->line_ends |= lyric->ends_line || lyric->ends_stanza;
  verse->stanza_ends |= lyric->ends_stanza;
  if (lyric->ends_source && work->n_hints) work->ends_source[work->n_hints - 1] = true;
  return true;
}

static bool add_verses(Work *work, PlacedLyric *lyrics, int32_t n)
{
  Verse verse = {.syllable = -1, .note = -1};
  for (int32_t i = 0; i < n; ++i) {
    if (i > 0 && lyrics[i].lyric.verse != lyrics[i - 1].lyric.verse) {
      if (!hold_until(work, &verse, work->song->n_notes)) return false;
      verse = (Verse){.syllable = -1, .note = -1, .stanza = verse.stanza + (verse.syllable >= 0)};
    }
    if (!add_lyric(work, &verse, &lyrics[i].lyric)) return false;
  }
  return hold_until(work, &verse, work->song->n_notes);
}

static NmStatus add_lyrics(Work *work)
{
  const NmScoreVoice *voice = work->voice;
  const size_t n = (size_t)voice->n_lyrics;
  if (n > NM_SONG_NOTES_MAX)
    return nm_error_set(work->err, NM_ERR_UNSUPPORTED, "the lyrics have more than %d syllables",
                        NM_SONG_NOTES_MAX);
  PlacedLyric *lyrics = malloc((n + 1) * sizeof *lyrics);
  for (size_t i = 0; lyrics && i < n; ++i) {
    lyrics[i] = (PlacedLyric){voice->lyrics[i], (int32_t)i};
    lyrics[i].lyric.note = work->place[voice->lyrics[i].note];
  }
  if (lyrics && n) qsort(lyrics, n, sizeof *lyrics, compare_lyrics);
  const bool ok = lyrics && add_verses(work, lyrics, (int32_t)n);
  free(lyrics);
  return ok ? NM_OK : fail_memory(work->err);
}

// --- maps ---

static NmStatus add_maps(Work *work)
{
  NmSong *song = work->song;
  const NmScorePart *part = work->part, *timed = part;
  for (int32_t i = 0; i < work->score->n_parts && timed->n_tempos == 0; ++i) timed = &work->score->parts[i];
  bool ok = true;
  for (int32_t i = 0; ok && i < part->n_keys; ++i)
    ok = nm_song_add_key(song, part->keys[i].tick * work->scale, part->keys[i].fifths, part->keys[i].minor) >=
         0;
  for (int32_t i = 0; ok && i < part->n_meters; ++i)
    ok = nm_song_add_meter(song, part->meters[i].tick * work->scale, part->meters[i].n_beats,
                           part->meters[i].beat_unit) >= 0;
  for (int32_t i = 0; ok && i < timed->n_tempos; ++i) // at another resolution if it is another part
    ok = nm_song_add_tempo(
             song, (int64_t)((__int128)timed->tempos[i].tick * song->ticks_per_beat / timed->ticks_per_beat),
             timed->tempos[i].bpm) >= 0;
  return ok ? NM_OK : fail_memory(work->err);
}

static NmSongMeter get_meter(const NmScorePart *part, int64_t tick)
{
  NmSongMeter meter = {0, 4, 4};
  for (int32_t i = 0; i < part->n_meters && (i == 0 || part->meters[i].tick <= tick); ++i)
    meter = part->meters[i];
  return meter;
}

static int64_t get_len_bar(const NmScorePart *part, const NmSongMeter *meter)
{
  return 4 * part->ticks_per_beat * meter->n_beats / meter->beat_unit;
}

static int64_t find_pickup(const Work *work)
{
  const NmScorePart *part = work->part;
  if (part->n_bars == 0) return 0;
  const NmScoreBar *bar = &part->bars[0];
  if (work->score->says_pickup) return bar->is_pickup ? bar->len : 0;
  const NmSongMeter meter = get_meter(part, 0);
  const int64_t full = get_len_bar(part, &meter);
  return part->n_bars > 1 && (bar->is_pickup || bar->len < full) && bar->len != full ? bar->len : 0;
}

// Where bars of the file are shorter or longer than their meter says, the meter is said again behind them, so
// that bar lines stay where they are. A bar in two parts (at a repeat) needs none.
static NmStatus add_irregular_bars(Work *work, int64_t pickup)
{
  const NmScorePart *part = work->part;
  int64_t from = pickup;
  int32_t at = 0;
  for (int32_t i = 0; i < part->n_bars; ++i) {
    const NmScoreBar *bar = &part->bars[i];
    if (bar->tick < pickup) continue;
    for (; at < part->n_meters && part->meters[at].tick <= bar->tick; ++at) from = part->meters[at].tick;
    if (from < pickup) from = pickup;
    const NmSongMeter meter = get_meter(part, bar->tick);
    const int64_t len = get_len_bar(part, &meter);
    if (len <= 0 || (bar->tick - from) % len == 0) continue;
    const int64_t next = i + 1 < part->n_bars ? part->bars[i + 1].tick : bar->tick + bar->len;
    if ((next - from) % len == 0) continue;
    from = bar->tick;
    if (nm_song_add_meter(work->song, from * work->scale, meter.n_beats, meter.beat_unit) < 0)
      return fail_memory(work->err);
  }
  return NM_OK;
}

// --- lines ---

// The lines as the file says them outright, if they fit the words that were read.
static NmStatus order_lines(Work *work)
{
  NmScore *score = work->score;
  if (score->n_lines == 0) return NM_OK;
  NmSongNewLine *lines = malloc((size_t)score->n_lines * sizeof *lines);
  if (!lines) return fail_memory(work->err);
  for (int32_t i = 0; i < score->n_lines; ++i)
    lines[i] = (NmSongNewLine){(int16_t)score->lines[i].verse, (int16_t)score->lines[i].stanza,
                               score->lines[i].n_words};
  const NmStatus status = nm_song_lines_set(work->song, lines, score->n_lines);
  free(lines);
  if (status == NM_ERR_NO_MEMORY) return fail_memory(work->err);
  if (status != NM_OK) nm_song_notes_add(work->notes, "the lines written in the file do not fit its words");
  return NM_OK;
}

static bool has_line_ends(const NmScoreVoice *voice)
{
  for (int32_t i = 0; i < voice->n_lyrics; ++i)
    if (voice->lyrics[i].ends_line || voice->lyrics[i].ends_stanza) return true;
  return false;
}

static NmStatus finish_lines(Work *work)
{
  if (work->score->says_lines) return order_lines(work);
  if (has_line_ends(work->voice)) return NM_OK;
  if (nm_song_divide_lines(work->song, work->ends_source) != NM_OK) return fail_memory(work->err);
  return NM_OK;
}

// --- the whole ---

static bool keep_texts(Work *work)
{
  const char *from[] = {work->score->title, work->score->composer, work->score->lyricist,
                        work->score->language};
  const char **to[] = {&work->song->title, &work->song->composer, &work->song->lyricist,
                       &work->song->language};
  for (size_t i = 0; i < sizeof from / sizeof *from; ++i) {
    if (!from[i] || !from[i][0]) continue;
    *to[i] = nm_song_keep(work->song, from[i], strlen(from[i]));
    if (!*to[i]) return false;
  }
  return true;
}

static bool has_repeats(const NmScorePart *part)
{
  for (int32_t i = 0; i < part->n_bars; ++i)
    if (part->bars[i].n_repeats || part->bars[i].endings) return true;
  return false;
}

// Plays the repeats out if the reading wants it, and says what becomes of them.
static NmStatus follow_repeats(Work *work, bool unfolds)
{
  NmScore *score = work->score;
  if (score->has_jumps)
    nm_song_notes_add(work->notes, "da capo, segno and coda are not followed: the song is read as written");
  if (!has_repeats(work->part)) return NM_OK;
  if (!unfolds) {
    nm_song_notes_add(work->notes, "repeats are not played: the song is read as it is written, once");
    return NM_OK;
  }
  const int32_t n_before = work->part->n_bars;
  const int32_t part = (int32_t)(work->part - score->parts),
                voice = (int32_t)(work->voice - work->part->voices);
  const NmStatus status = nm_score_unfold(score, part, voice, work->err);
  if (status != NM_OK) return status;
  work->part = &score->parts[score->n_parts - 1];
  work->voice = &work->part->voices[0];
  nm_song_notes_add(work->notes, "repeats are played out: %d bars are %d", n_before, work->part->n_bars);
  return NM_OK;
}

// Divides all times by what they share, so that the resolution is the least.
static NmStatus reduce(Work *work)
{
  NmSong *song = work->song;
  const int64_t common = nm_layout_get_common_ticks(song);
  if (song->ticks_per_beat / common > NM_SONG_TICKS_MAX)
    return nm_error_set(work->err, NM_ERR_UNSUPPORTED, "its durations need more than %d parts of a beat",
                        NM_SONG_TICKS_MAX);
  song->pickup /= common;
  for (int32_t i = 0; i < song->n_notes; ++i) song->notes[i].onset /= common, song->notes[i].len /= common;
  for (int32_t i = 0; i < song->n_keys; ++i) song->keys[i].tick /= common;
  for (int32_t i = 0; i < song->n_meters; ++i) song->meters[i].tick /= common;
  for (int32_t i = 0; i < song->n_tempos; ++i) song->tempos[i].tick /= common;
  song->ticks_per_beat /= (int32_t)common;
  return NM_OK;
}

static NmStatus make(Work *work)
{
  work->scale = 16; // so that a bar of any meter is whole
  work->song->ticks_per_beat = (int32_t)(work->part->ticks_per_beat * work->scale);
  const int64_t pickup = find_pickup(work);
  work->song->pickup = pickup * work->scale;
  if (!keep_texts(work)) return fail_memory(work->err);
  NmStatus status = add_notes(work);
  if (status == NM_OK) status = add_lyrics(work);
  if (status == NM_OK) status = add_maps(work);
  if (status == NM_OK && !work->score->says_pickup) status = add_irregular_bars(work, pickup);
  if (status == NM_OK) status = reduce(work);
  if (status == NM_OK) status = nm_song_finish(work->song, work->err);
  if (status == NM_OK) status = finish_lines(work);
  return status;
}

NmStatus nm_score_make_song(NmScore *score, const char *name, const NmSongReading *reading, NmSong **song,
                            NmSongNotes *notes, NmError *err)
{
  *song = NULL;
  Work work = {.score = score, .notes = notes, .err = err};
  NmStatus status = choose_voice(&work, name, reading ? reading->part : -1);
  if (status == NM_OK) status = follow_repeats(&work, reading && reading->unfolds_repeats);
  if (status != NM_OK) return status;
  work.song = nm_song_new();
  status = work.song ? make(&work) : fail_memory(err);
  free(work.place);
  free(work.has_text);
  free(work.slurs_on);
  free(work.ends_source);
  if (status == NM_OK)
    *song = work.song;
  else
    nm_song_free(work.song);
  return status;
}
