// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/formats/midi.h"
#include "app/formats/midi_exact.h"
#include "app/formats/midi_file.h"
#include "app/formats/song_lines.h"

static bool keep(NmSong *song, const char **field, const char *text)
{
  while (*text == ' ') ++text;
  if (*field || !*text) return true;
  *field = nm_song_keep(song, text, strlen(text));
  return *field != NULL;
}

// The text behind a label such as "Composer:"; NULL when it has another or none.
static const char *find_behind(const char *text, const char *label)
{
  const size_t n = strlen(label);
  return strncasecmp(text, label, n) ? NULL : text + n;
}

static bool take_text(NmSong *song, const NmMidiText *text)
{
  const char *t = text->text, *behind;
  if ((behind = find_behind(t, "@L"))) return keep(song, &song->language, behind);
  if ((behind = find_behind(t, "@T")))
    return keep(song, song->title ? &song->composer : &song->title, behind);
  if ((behind = find_behind(t, "Composer:"))) return keep(song, &song->composer, behind);
  if ((behind = find_behind(t, "Lyricist:"))) return keep(song, &song->lyricist, behind);
  return true;
}

// A karaoke file's title counts before the name of the first track, which is often a program's.
static bool take_names(const NmMidi *midi)
{
  for (int32_t i = 0; i < midi->n_texts; ++i)
    if (midi->texts[i].kind == NM_MIDI_TEXT && midi->texts[i].tick == 0 &&
        !take_text(midi->song, &midi->texts[i]))
      return false;
  for (int32_t i = 0; i < midi->n_texts && midi->texts[i].track == 0; ++i)
    if (midi->texts[i].kind == NM_MIDI_TRACK_NAME &&
        !keep(midi->song, &midi->song->title, midi->texts[i].text))
      return false;
  return true;
}

// A first bar that is shorter than those behind it, or cut short by the meter said again, is a pick-up.
static void find_pickup(NmSong *song)
{
  if (song->n_meters < 2 || song->meters[0].tick != 0) return;
  const int64_t whole = (int64_t)song->ticks_per_beat * 4, next = song->meters[1].tick;
  const int64_t len = whole * song->meters[0].n_beats / song->meters[0].beat_unit;
  const int64_t len_next = whole * song->meters[1].n_beats / song->meters[1].beat_unit;
  if (next > len || next >= len_next) return;
  song->pickup = next;
  memmove(song->meters, song->meters + 1, (size_t)--song->n_meters * sizeof *song->meters);
  song->meters[0].tick = 0;
}

// Finer ticks, until the bars of all meters are whole.
static NmStatus make_bars_whole(NmSong *song)
{
  int64_t least = song->ticks_per_beat;
  for (int32_t i = 0; i < song->n_meters; ++i)
    while (least * 4 * song->meters[i].n_beats % song->meters[i].beat_unit) least *= 2;
  return least == song->ticks_per_beat ? NM_OK : nm_song_set_resolution(song, (int32_t)least);
}

static bool is_exact(const NmMidi *midi)
{
  if (!midi->exact) return false;
  uint32_t hash = nm_midi_exact_hash(midi->song, (NmMidiScale){1, 1});
  for (int32_t i = 0; i < midi->n_texts; ++i)
    if (midi->texts[i].kind == NM_MIDI_LYRIC)
      hash = nm_midi_exact_hash_lyric(hash, midi->texts[i].tick, midi->texts[i].bytes, midi->texts[i].len);
  return nm_midi_exact_is_for(midi->exact, midi->n_exact, hash);
}

static NmStatus finish(NmMidi *midi, NmError *err)
{
  NmError own = {0};
  NmStatus status = make_bars_whole(midi->song);
  if (status == NM_ERR_BAD_ARG) status = NM_ERR_BAD_DATA;
  if (!status) status = nm_song_finish(midi->song, &own);
  return status
             ? nm_error_set(err, status, "%s: %s", midi->name, own.message[0] ? own.message : "out of range")
             : NM_OK;
}

static NmStatus read_exact(NmMidi *midi, NmError *err)
{
  const NmStatus status = nm_midi_exact_apply(midi->exact, midi->n_exact, midi->song);
  if (status == NM_ERR_BAD_DATA)
    return nm_error_set_at(err, status, (int64_t)midi->at_exact, 0,
                           "%s: byte %zu: the account of the lyrics is damaged", midi->name, midi->at_exact);
  if (status) return nm_error_set(err, status, "out of memory");
  return finish(midi, err);
}

static NmStatus read_plain(NmMidi *midi, NmMidiSource source, NmError *err)
{
  bool has_lines;
  if (midi->exact)
    nm_song_notes_add(midi->remarks, "another program changed the file; verses beyond the first are lost");
  nm_midi_snap(midi);
  NmStatus status = nm_midi_add_lyrics(midi, source, &has_lines, err);
  if (!status) status = finish(midi, err);
  if (status) return status;
  find_pickup(midi->song);
  if (has_lines || midi->song->n_words == 0) return NM_OK;
  status = nm_song_divide_lines(midi->song, NULL);
  return status ? nm_error_set(err, status, "out of memory") : NM_OK;
}

static NmStatus read_song(NmMidi *midi, const uint8_t *bytes, size_t n, int wanted, NmError *err)
{
  int32_t part;
  NmMidiSource source;
  NmStatus status = nm_midi_parse(midi, bytes, n, err);
  if (!status) status = nm_midi_choose(midi, wanted, &part, &source, err);
  if (!status) status = nm_midi_add_melody(midi, part, err);
  if (!status && !take_names(midi)) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status) return status;
  if (midi->n_parts > 1 && wanted < 0)
    nm_song_notes_add(midi->remarks, "the melody is part %d of %d%s%s", part, midi->n_parts,
                      midi->parts[part].name ? ": " : "",
                      midi->parts[part].name ? midi->parts[part].name : "");
  return is_exact(midi) ? read_exact(midi, err) : read_plain(midi, source, err);
}

NmStatus nm_midi_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                      NmSong **song, NmSongNotes *notes, NmError *err)
{
  NmMidi midi = {.song = nm_song_new(), .remarks = notes, .name = name};
  *song = NULL;
  if (!midi.song) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmStatus status = read_song(&midi, bytes, n, options ? options->part : -1, err);
  nm_midi_fini(&midi);
  if (!status)
    *song = midi.song;
  else
    nm_song_free(midi.song);
  return status;
}
