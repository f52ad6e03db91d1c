// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/song_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/formats/abc.h"
#include "app/formats/lrc.h"
#include "app/formats/midi.h"
#include "app/formats/musicxml.h"
#include "app/formats/neume.h"
#include "app/interrupt.h"
#include "app/output.h"

static const NmSongFormat formats[] = {
    {".mid", "MIDI", nm_midi_read, nm_midi_write},
    {".midi", "MIDI", nm_midi_read, nm_midi_write},
    {".kar", "MIDI", nm_midi_read, nm_midi_write},
    {".musicxml", "MusicXML", nm_musicxml_read, nm_musicxml_write},
    {".xml", "MusicXML", nm_musicxml_read, nm_musicxml_write},
    {".mxl", "packed MusicXML", nm_mxl_read, nm_mxl_write},
    {".abc", "ABC", nm_abc_read, nm_abc_write},
    {".neume", "Neume", nm_neume_read, nm_neume_write},
    {".lrc", "LRC", NULL, nm_lrc_write},
};
enum { N_FORMATS = sizeof formats / sizeof *formats };

void nm_song_notes_add(NmSongNotes *notes, const char *fmt, ...)
{
  if (!notes || notes->n >= NM_SONG_NOTES_TEXTS) return;
  va_list args;
  va_start(args, fmt);
  vsnprintf(notes->text[notes->n], NM_SONG_NOTES_LEN, fmt, args);
  va_end(args);
  for (int32_t i = 0; i < notes->n; ++i)
    if (!strcmp(notes->text[i], notes->text[notes->n])) return;
  ++notes->n;
}

NmSongReading nm_song_reading_defaults(void)
{
  return (NmSongReading){.part = -1};
}

NmSongWriting nm_song_writing_defaults(void)
{
  return (NmSongWriting){0};
}

const NmSongFormat *nm_song_formats(int *n)
{
  *n = N_FORMATS;
  return formats;
}

static const NmSongFormat *find_ending(const char *path)
{
  const size_t len = strlen(path);
  for (size_t i = 0; i < N_FORMATS; ++i) {
    const size_t len_ending = strlen(formats[i].ending);
    if (len >= len_ending && !strcasecmp(path + len - len_ending, formats[i].ending)) return &formats[i];
  }
  return NULL;
}

const NmSongFormat *nm_song_format_find(const char *path, NmError *err)
{
  const NmSongFormat *format = find_ending(path);
  if (format) return format;
  char list[256] = "";
  for (size_t i = 0; i < N_FORMATS; ++i) {
    const size_t len = strlen(list);
    snprintf(list + len, sizeof list - len, " %s", formats[i].ending);
  }
  nm_error_set(err, NM_ERR_BAD_ARG, "%s: songs are in files that end in one of%s", path, list);
  return NULL;
}

static bool begins(const uint8_t *bytes, size_t n, const char *magic)
{
  return n >= strlen(magic) && !memcmp(bytes, magic, strlen(magic));
}

static size_t skip_blanks(const uint8_t *bytes, size_t n)
{
  size_t at = begins(bytes, n, "\xef\xbb\xbf") ? 3 : 0;
  while (at < n && strchr(" \t\r\n", bytes[at]) && bytes[at]) ++at;
  return at;
}

// ABC begins with fields, comments and directives; the first field of a tune is X:.
static bool looks_like_abc(const uint8_t *bytes, size_t n)
{
  while (n > 0) {
    if (n >= 2 && bytes[0] == 'X' && bytes[1] == ':') return true;
    const bool is_field = n >= 2 && bytes[1] == ':' && strchr("ABCDFGHILMNOPQRSTUVZmrs", bytes[0]);
    if (!is_field && !strchr("%\r\n", bytes[0])) return false;
    const uint8_t *end = memchr(bytes, '\n', n);
    if (!end) return false;
    n -= (size_t)(end + 1 - bytes);
    bytes = end + 1;
  }
  return false;
}

// An object with a member; ChordPro begins with a brace too, but not with a quote behind it.
static bool looks_like_json(const uint8_t *bytes, size_t n)
{
  if (!begins(bytes, n, "{")) return false;
  const size_t at = 1 + skip_blanks(bytes + 1, n - 1);
  return begins(bytes + at, n - at, "\"");
}

const NmSongFormat *nm_song_format_guess(const uint8_t *bytes, size_t n)
{
  const size_t at = skip_blanks(bytes, n);
  const NmSongFormat *format = NULL;
  if (begins(bytes, n, "MThd") || (n >= 12 && begins(bytes, n, "RIFF") && !memcmp(bytes + 8, "RMID", 4)))
    format = find_ending(".mid");
  else if (begins(bytes, n, "PK\3\4"))
    format = find_ending(".mxl");
  else if (begins(bytes + at, n - at, "<") || begins(bytes, n, "\xff\xfe<") || begins(bytes, n, "\xfe\xff"))
    format = find_ending(".musicxml");
  else if (looks_like_json(bytes + at, n - at))
    format = find_ending(".neume");
  else if (looks_like_abc(bytes + at, n - at))
    format = find_ending(".abc");
  return format && format->read ? format : NULL;
}

// --- reading ---

typedef struct {
  uint8_t *bytes;
  size_t n, room;
} Content;

static NmStatus fail_read(const char *name, NmError *err)
{
  return nm_error_set(err, NM_ERR_IO, "cannot read %s: %s", name, strerror(errno));
}

static NmStatus make_room(Content *content, const char *name, NmError *err)
{
  if (content->n < content->room) return NM_OK;
  if (content->n >= NM_SONG_FILE_MAX)
    return nm_error_set(err, NM_ERR_IO, "%s is longer than %d MiB: no song is", name, NM_SONG_FILE_MAX >> 20);
  const size_t room = content->room ? 2 * content->room : 1 << 16;
  uint8_t *moved = realloc(content->bytes, room);
  if (!moved) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  content->bytes = moved;
  content->room = room;
  return NM_OK;
}

static NmStatus read_all(int fd, const char *name, Content *content, NmError *err)
{
  NmStatus status;
  ssize_t n = 1;
  while (!(status = make_room(content, name, err)) && n) {
    n = read(fd, content->bytes + content->n, content->room - content->n);
    if (nm_interrupt_seen()) return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
    if (n < 0 && errno != EINTR) return fail_read(name, err);
    if (n > 0) content->n += (size_t)n;
  }
  return status;
}

static bool is_text(const char *path)
{
  const size_t len = strlen(path);
  return len >= 4 && !strcasecmp(path + len - 4, ".txt");
}

static NmStatus find_read(const Content *content, const char *name, const char *path,
                          const NmSongFormat **found, NmError *err)
{
  const NmSongFormat *format = nm_song_format_guess(content->bytes, content->n);
  if (!format && path && is_text(path))
    return nm_error_set(err, NM_ERR_BAD_ARG, "%s: words are no song yet; neume compose makes one of them",
                        name);
  if (!format && path) format = nm_song_format_find(path, err);
  if (!format && path) return NM_ERR_BAD_ARG;
  if (!format) return nm_error_set(err, NM_ERR_BAD_DATA, "%s is no song in a format we know", name);
  if (!format->read)
    return nm_error_set(err, NM_ERR_UNSUPPORTED, "%s: %s files are only written", name, format->name);
  *found = format;
  return NM_OK;
}

// What a file or standard input has, and how it is read. `content` is freed by the caller.
static NmStatus open_content(const char *path, Content *content, const NmSongFormat **format,
                             const char **name, NmError *err)
{
  const bool is_stream = !strcmp(path, "-");
  *name = is_stream ? "standard input" : path;
  const int fd = is_stream ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail_read(*name, err);
  NmStatus status = read_all(fd, *name, content, err);
  if (!is_stream) close(fd);
  if (!status) status = find_read(content, *name, is_stream ? NULL : path, format, err);
  return status;
}

NmStatus nm_song_file_read(const char *path, const NmSongReading *options, NmSong **song, NmSongNotes *notes,
                           NmError *err)
{
  Content content = {0};
  const NmSongFormat *format;
  const char *name;
  *song = NULL;
  NmStatus status = open_content(path, &content, &format, &name, err);
  if (!status) status = format->read(content.bytes, content.n, name, options, song, notes, err);
  free(content.bytes);
  return status;
}

static NmStatus make_document(const Content *content, const NmSongFormat *format, const char *name,
                              const NmSongReading *options, NmDocument **doc, NmSongNotes *notes,
                              NmError *err)
{
  NmSong *song = NULL;
  const NmStatus status = format->read(content->bytes, content->n, name, options, &song, notes, err);
  if (!status) *doc = nm_document_from_song(song, err);
  nm_song_free(song);
  return status;
}

NmStatus nm_song_file_read_document(const char *path, const NmSongReading *options, NmDocument **doc,
                                    bool *is_project, NmSongNotes *notes, NmError *err)
{
  NmError own = {0};
  Content content = {0};
  const NmSongFormat *format;
  const char *name;
  if (!err) err = &own;
  *doc = NULL;
  NmStatus status = open_content(path, &content, &format, &name, err);
  *is_project = !status && format->read == nm_neume_read;
  if (*is_project)
    *doc = nm_document_parse((const char *)content.bytes, content.n, name, err);
  else if (!status)
    status = make_document(&content, format, name, options, doc, notes, err);
  free(content.bytes);
  return !status && !*doc ? err->status : status;
}

// --- writing ---

static const NmSongFormat *find_written(const char *path, const NmSongWriting *options, NmError *err)
{
  const char *stream = options && options->format ? options->format : ".mid";
  const NmSongFormat *format = nm_song_format_find(strcmp(path, "-") ? path : stream, err);
  if (!format || format->write) return format;
  nm_error_set(err, NM_ERR_UNSUPPORTED, "%s: %s files are only read", path, format->name);
  return NULL;
}

static NmStatus write_stdout(NmSongWrite write, const NmSong *song, const NmSongWriting *options,
                             NmError *err)
{
  const NmStatus status = write(song, options, stdout, err);
  if (status) return status;
  if (!fflush(stdout) && !ferror(stdout)) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot write to standard output: %s", strerror(errno));
}

static NmStatus write_file(const char *path, NmSongWrite write, const NmSong *song,
                           const NmSongWriting *options, bool force, NmError *err)
{
  NmOutput out;
  NmStatus status = nm_output_begin(&out, path, force, err);
  if (status) return status;
  FILE *file = nm_output_open(&out, err);
  if (!file) status = NM_ERR_IO;
  if (!status) {
    status = write(song, options, file, err);
    const NmStatus status_close = nm_output_close(file, path, status ? NULL : err);
    if (!status) status = status_close;
  }
  if (!status) return nm_output_commit(&out, err);
  nm_output_discard(&out);
  return status;
}

NmStatus nm_song_file_write(const char *path, const NmSong *song, const NmSongWriting *options, bool force,
                            NmError *err)
{
  NmError unused;
  if (!err) err = &unused;
  const NmSongFormat *format = find_written(path, options, err);
  if (!format) return err->status;
  if (!strcmp(path, "-")) return write_stdout(format->write, song, options, err);
  return write_file(path, format->write, song, options, force, err);
}

NmStatus nm_song_write_bytes(NmSongWrite write, const NmSong *song, const NmSongWriting *options,
                             uint8_t **bytes, size_t *n, NmError *err)
{
  char *text = NULL;
  *bytes = NULL;
  *n = 0;
  FILE *file = open_memstream(&text, n);
  if (!file) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = write(song, options, file, err);
  const bool failed = ferror(file);
  if ((fclose(file) || failed) && !status) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status) {
    free(text);
    *n = 0;
    return status;
  }
  *bytes = (uint8_t *)text;
  return NM_OK;
}
