// SPDX-License-Identifier: GPL-3.0-or-later
// Songs in files: the formats by their ending, reading and writing.
//
// A format is a row of the table in song_file.c with a function that reads a song from bytes and one that
// writes it to a stream; either may be missing.
#ifndef NM_FORMATS_SONG_FILE_H
#define NM_FORMATS_SONG_FILE_H

#include <stdio.h>

#include "app/document/document.h"
#include "models/harmony/performance.h"
#include "models/song/song.h"

enum {
  NM_SONG_FILE_MAX = 64 << 20, // bytes of a file, and of what a packed one unpacks to
  NM_SONG_NOTES_TEXTS = 16,
  NM_SONG_NOTES_LEN = 160
};

// What a reader or writer could not keep, in words ("repeats are not unfolded"). Zero-initialise.
typedef struct {
  int32_t n;
  char text[NM_SONG_NOTES_TEXTS][NM_SONG_NOTES_LEN];
} NmSongNotes;

// Adds a note unless the same one is there; more than NM_SONG_NOTES_TEXTS are dropped. `notes` may be NULL.
void nm_song_notes_add(NmSongNotes *notes, const char *fmt, ...) NM_PRINTF(2, 3);

typedef struct {
  int part;             // which part or track has the melody, from 0; -1: the reader chooses
  bool unfolds_repeats; // notation: repeats and endings are played out, with the verses in turn
} NmSongReading;

typedef struct {
  const char *format;       // for standard output: an ending such as ".musicxml"; NULL: ".mid"
  bool word_times;          // LRC: a time before every word, not only every line
  NmSongNotes *notes;       // what was left out; may be NULL
  const NmHarmony *harmony; // MusicXML, ABC: chord symbols; may be NULL. In ABC one that begins within a note
                            // stands at the next
  const NmPerformance *performance; // MIDI: further tracks; may be NULL
} NmSongWriting;

NmSongReading nm_song_reading_defaults(void);
NmSongWriting nm_song_writing_defaults(void);

// Makes *song, finished (nm_song_finish), from the n bytes of a file; the caller frees it. `name` is for
// messages. Any bytes are met with a song or an error (bad data, unsupported, no memory), whose message names
// the file, the place and the cause. On an error *song is NULL. `options` and `notes` may be NULL.
typedef NmStatus (*NmSongRead)(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                               NmSong **song, NmSongNotes *notes, NmError *err);

// Writes a finished song. Whether the stream took it all is the caller's to ask (ferror). NM_ERR_UNSUPPORTED
// when the format has no room for the song, NM_ERR_NO_MEMORY. `options` may be NULL.
typedef NmStatus (*NmSongWrite)(const NmSong *song, const NmSongWriting *options, FILE *file, NmError *err);

typedef struct {
  const char *ending; // ".mid"
  const char *name;   // "MIDI"
  NmSongRead read;    // NULL: only written
  NmSongWrite write;  // NULL: only read
} NmSongFormat;

// All formats, the preferred ending of one first; *n of them.
const NmSongFormat *nm_song_formats(int *n);

// The format of a path by its ending, in either case; NULL and `err` (NM_ERR_BAD_ARG, naming those there are)
// for another.
const NmSongFormat *nm_song_format_find(const char *path, NmError *err);

// The format of a file's bytes by how they begin; NULL when it is none we read.
const NmSongFormat *nm_song_format_guess(const uint8_t *bytes, size_t n);

// Reads the file at `path`, or standard input for "-"; the format is that of the content, else of the ending.
// NM_ERR_IO when it cannot be read or is longer than NM_SONG_FILE_MAX.
NmStatus nm_song_file_read(const char *path, const NmSongReading *options, NmSong **song, NmSongNotes *notes,
                           NmError *err) NM_NODISCARD;

// The same as a document: a project with its settings (*is_project), any other song with none. The journal of
// a project is not looked at (app/document/file.h).
NmStatus nm_song_file_read_document(const char *path, const NmSongReading *options, NmDocument **doc,
                                    bool *is_project, NmSongNotes *notes, NmError *err) NM_NODISCARD;

// Writes the file at `path` in the format of its ending, whole or not at all (app/output.h), or standard
// output for "-".
NmStatus nm_song_file_write(const char *path, const NmSong *song, const NmSongWriting *options, bool force,
                            NmError *err) NM_NODISCARD;

// Writes into memory, *n bytes that the caller frees with free(). Tests and packed formats use it.
NmStatus nm_song_write_bytes(NmSongWrite write, const NmSong *song, const NmSongWriting *options,
                             uint8_t **bytes, size_t *n, NmError *err) NM_NODISCARD;

#endif
