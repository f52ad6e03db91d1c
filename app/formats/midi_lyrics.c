// SPDX-License-Identifier: GPL-3.0-or-later
// Lyric events into words, lines and stanzas, and onto their notes. RP-017 of the MIDI Association divides
// words by spaces and lines by CR and LF; karaoke files divide by spaces, and lines by / and \ before the
// syllable; notation programs divide syllables by hyphens.
#include <stdlib.h>
#include <string.h>

#include "app/formats/midi_file.h"

typedef enum { BREAK_NONE, BREAK_LINE, BREAK_STANZA } Break;

typedef enum {
  DIVIDE_SPACES,         // words end at spaces, hyphens are printed
  DIVIDE_SPACES_HYPHENS, // words end at spaces, hyphens only divide
  DIVIDE_HYPHENS,        // words end where there is no hyphen
  DIVIDE_ALL             // every event is a word
} Divide;

// A lyric event without what surrounds it.
typedef struct {
  int64_t tick;
  const char *text; // [len]; 0: nothing is sung
  size_t len;
  Break before, after;
  bool space_before, space_after;
} Event;

typedef struct {
  int64_t tick;
  int32_t syllable;
  bool in_turn; // of an event of many words: on the next note, not on the same
} Sung;

typedef struct {
  NmMidi *midi;
  Event *events; // [n]
  int32_t n;
  Divide divide;
  bool lf_is_stanza; // as RP-017 has it; alone it ends lines
  Sung *sung;        // [n_sung]
  int32_t n_sung, room_sung;
  Break pending;
  bool joins;  // the next syllable continues the word,
  bool hyphen; // for the last one ended in a hyphen
  int stanza;
  bool has_breaks, by_line;
} Lyrics;

enum { WORDS_AT_ONCE = 3 }; // of one event that are meant for as many notes

// --- events ---

static Break add_break(Break a, Break b)
{
  return a == BREAK_NONE ? b : b == BREAK_NONE ? a : BREAK_STANZA;
}

// The break that the character at `at` means; CR LF is one.
static Break get_break(const Lyrics *l, const char *at, const char *end, size_t *n)
{
  *n = 1;
  if (*at == '\r' && at + 1 < end && at[1] == '\n') *n = 2;
  if (*at == '\r' || *at == '/') return BREAK_LINE;
  if (*at == '\n') return l->lf_is_stanza ? BREAK_STANZA : BREAK_LINE;
  if (*at == '\\') return BREAK_STANZA;
  *n = 0;
  return BREAK_NONE;
}

static bool is_space(char c)
{
  return c == ' ' || c == '\t';
}

static Event trim(const Lyrics *l, const NmMidiText *text)
{
  Event event = {.tick = text->tick, .text = text->text, .len = strlen(text->text)};
  const char *end = event.text + event.len;
  size_t n;
  while (event.text < end) {
    event.before = add_break(event.before, get_break(l, event.text, end, &n));
    if (n == 0 && !is_space(*event.text)) break;
    if (n == 0) n = 1, event.space_before = true;
    event.text += n;
  }
  while (end > event.text) {
    const char *from = end - 1;
    if (*from == '\n' && from > event.text && from[-1] == '\r') --from;
    const Break found = get_break(l, from, end, &n);
    if (n == 0 && !is_space(*from)) break;
    event.after = add_break(event.after, found);
    if (n == 0) event.space_after = true;
    end = from;
  }
  event.len = (size_t)(end - event.text);
  return event;
}

static bool is_same(const NmMidiText *a, const NmMidiText *b)
{
  return a->tick == b->tick && !strcmp(a->text, b->text);
}

static bool gather(Lyrics *l, NmMidiSource source)
{
  const NmMidi *midi = l->midi;
  const NmMidiText *last = NULL;
  l->events = malloc(((size_t)midi->n_texts + 1) * sizeof *l->events);
  if (!l->events) return false;
  for (int32_t i = 0; i < midi->n_texts; ++i)
    if (nm_midi_is_lyric(&midi->texts[i], source) && strchr(midi->texts[i].text, '\r'))
      l->lf_is_stanza = true;
  for (int32_t i = 0; i < midi->n_texts; ++i) {
    const NmMidiText *text = &midi->texts[i];
    if (!nm_midi_is_lyric(text, source) || (last && is_same(last, text))) continue;
    last = text;
    l->events[l->n++] = trim(l, text);
  }
  return true;
}

// --- how words are divided ---

static bool ends_in_hyphen(const Event *event)
{
  return event->len > 1 && event->text[event->len - 1] == '-';
}

// Whether the word has ended between two events, by space or line.
static bool is_divided(const Event *a, const Event *b)
{
  return a->space_after || b->space_before || a->after || b->before;
}

static Divide find_division(const Lyrics *l)
{
  int32_t n = 0, n_spaces = 0, n_hyphens = 0, n_hyphens_joined = 0, n_joined = 0;
  for (int32_t i = 0; i + 1 < l->n; ++i) {
    const Event *a = &l->events[i], *b = &l->events[i + 1];
    const bool hyphen = ends_in_hyphen(a), divided = is_divided(a, b);
    ++n;
    n_spaces += (a->space_after || b->space_before) && a->len;
    n_hyphens += hyphen;
    n_joined += !divided;
    n_hyphens_joined += hyphen && !divided;
  }
  if (n_spaces > 0 && 10 * n_spaces >= n)
    return n_hyphens > 1 && 2 * n_hyphens_joined >= n_joined ? DIVIDE_SPACES_HYPHENS : DIVIDE_SPACES;
  return n_hyphens > 0 ? DIVIDE_HYPHENS : DIVIDE_ALL;
}

// --- syllables ---

static bool begin_word(Lyrics *l)
{
  NmSong *song = l->midi->song;
  const bool first = song->n_words == 0;
  if (!first && l->pending == BREAK_STANZA && l->stanza < INT16_MAX) ++l->stanza;
  if ((first || l->pending) && nm_song_add_line(song, 1, l->stanza) < 0) return false;
  if (!first && l->pending) l->has_breaks = true;
  l->pending = BREAK_NONE;
  return nm_song_add_word(song) >= 0;
}

static bool add_sung(Lyrics *l, Sung sung)
{
  if (l->n_sung == l->room_sung) {
    const int32_t room = l->room_sung ? 2 * l->room_sung : 256;
    Sung *moved = realloc(l->sung, (size_t)room * sizeof *moved);
    if (!moved) return false;
    l->sung = moved;
    l->room_sung = room;
  }
  l->sung[l->n_sung++] = sung;
  return true;
}

static bool is_by_spaces(const Lyrics *l)
{
  return l->divide == DIVIDE_SPACES || l->divide == DIVIDE_SPACES_HYPHENS;
}

static bool is_by_hyphens(const Lyrics *l)
{
  return l->divide == DIVIDE_HYPHENS || l->divide == DIVIDE_SPACES_HYPHENS;
}

static void take_space(Lyrics *l)
{
  if (is_by_spaces(l) && !l->hyphen) l->joins = false;
}

// A piece of an event between spaces.
static bool add_piece(Lyrics *l, int64_t tick, const char *text, size_t len, bool in_turn)
{
  const bool hyphen_before = is_by_hyphens(l) && len > 1 && text[0] == '-';
  if (hyphen_before) ++text, --len;
  l->hyphen = is_by_hyphens(l) && len > 1 && text[len - 1] == '-';
  if (l->hyphen) --len;
  const bool joins = (l->joins || hyphen_before) && !l->pending && l->midi->song->n_words > 0;
  l->joins = l->hyphen || is_by_spaces(l);
  if (!joins && !begin_word(l)) return false;
  const int32_t syllable = nm_song_add_syllable(l->midi->song, text, len, -1);
  return syllable >= 0 && add_sung(l, (Sung){tick, syllable, in_turn});
}

static int32_t count_pieces(const Event *event)
{
  int32_t n = event->len > 0;
  for (size_t i = 0; i + 1 < event->len; ++i) n += is_space(event->text[i]) && !is_space(event->text[i + 1]);
  return n;
}

// A mark that the syllable before is held.
static bool is_hold(const Event *event)
{
  return event->len == 1 && strchr("-_~+", event->text[0]);
}

static bool add_pieces(Lyrics *l, const Event *event)
{
  const bool many = count_pieces(event) >= WORDS_AT_ONCE;
  if (many) l->by_line = true;
  for (size_t at = 0, n; at < event->len; at += n) {
    n = 0;
    while (at + n < event->len && !is_space(event->text[at + n])) ++n;
    if (!add_piece(l, event->tick, event->text + at, n, many && at > 0)) return false;
    while (at + n < event->len && is_space(event->text[at + n])) ++n, take_space(l);
  }
  return true;
}

static bool add_event(Lyrics *l, const Event *event)
{
  l->pending = add_break(l->pending, event->before);
  if (event->space_before) take_space(l);
  if (!is_hold(event) && !add_pieces(l, event)) return false;
  if (event->space_after) take_space(l);
  l->pending = add_break(l->pending, event->after);
  return true;
}

// --- notes ---

static int64_t distance(const NmSong *song, int32_t note, int64_t tick)
{
  return llabs(song->notes[note].onset - tick);
}

// The note at a tick, not before `from`: the nearest onset within half a beat, else the one that sounds; -1:
// none.
static int32_t find_note(const NmSong *song, int32_t from, int64_t tick)
{
  int32_t note = from;
  while (note + 1 < song->n_notes && distance(song, note + 1, tick) <= distance(song, note, tick)) ++note;
  if (note >= song->n_notes) return -1;
  if (2 * distance(song, note, tick) <= song->ticks_per_beat) return note;
  const NmSongNote *sounding = &song->notes[note];
  return sounding->onset <= tick && tick < sounding->onset + sounding->len ? note : -1;
}

// The first note of each syllable; links in order of both.
static bool link_first_notes(Lyrics *l, int32_t *n_lost)
{
  NmSong *song = l->midi->song;
  int32_t last = -1;
  for (int32_t i = 0; i < l->n_sung; ++i) {
    const Sung *sung = &l->sung[i];
    int32_t note = last;
    if (!sung->in_turn || last < 0) {
      note = find_note(song, last < 0 ? 0 : last, sung->tick);
    } else if (last + 1 < song->n_notes) {
      int32_t next = i + 1;
      while (next < l->n_sung && l->sung[next].in_turn) ++next;
      if (next == l->n_sung || song->notes[last + 1].onset < l->sung[next].tick) note = last + 1;
    }
    if (note < 0) {
      ++*n_lost;
      continue;
    }
    // A syllable that is late for its own note has the one before it only when that is nearer.
    if (note == last && !sung->in_turn && i > 0 && sung->tick > l->sung[i - 1].tick &&
        note + 1 < song->n_notes && 2 * distance(song, note + 1, sung->tick) <= song->ticks_per_beat)
      ++note;
    if (nm_song_add_link(song, sung->syllable, note) < 0) return false;
    last = note;
  }
  return true;
}

// Notes that follow a sung one directly and have no syllable of their own continue its last one.
static bool link_melismas(Lyrics *l)
{
  NmSong *song = l->midi->song;
  const int32_t n_links = song->n_links;
  for (int32_t i = 0; i < n_links; ++i) {
    const NmSongLink link = song->links[i];
    if (i + 1 < n_links && song->links[i + 1].note == link.note) continue;
    const int32_t end = i + 1 < n_links ? song->links[i + 1].note : song->n_notes;
    for (int32_t note = link.note + 1; note < end; ++note) {
      const NmSongNote *before = &song->notes[note - 1];
      if (4 * (song->notes[note].onset - before->onset - before->len) > song->ticks_per_beat) break;
      if (nm_song_add_link(song, link.syllable, note) < 0) return false;
    }
  }
  return true;
}

static bool build(Lyrics *l, NmMidiSource source, int32_t *n_lost)
{
  if (!gather(l, source)) return false;
  l->divide = find_division(l);
  for (int32_t i = 0; i < l->n; ++i)
    if (!add_event(l, &l->events[i])) return false;
  return link_first_notes(l, n_lost) && link_melismas(l);
}

NmStatus nm_midi_add_lyrics(NmMidi *midi, NmMidiSource source, bool *has_lines, NmError *err)
{
  Lyrics lyrics = {.midi = midi};
  int32_t n_lost = 0;
  *has_lines = false;
  if (source.kind == 0) return NM_OK;
  const bool ok = build(&lyrics, source, &n_lost);
  *has_lines = lyrics.has_breaks || lyrics.pending;
  free(lyrics.events);
  free(lyrics.sung);
  if (n_lost)
    nm_song_notes_add(midi->remarks,
                      n_lost == 1 ? "%d syllable has no note near it" : "%d syllables have no note near them",
                      n_lost);
  if (lyrics.by_line)
    nm_song_notes_add(midi->remarks, "lyrics given by the line were put on the notes word by word");
  return ok ? NM_OK
            : nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory, or lyrics without end", midi->name);
}
