// SPDX-License-Identifier: GPL-3.0-or-later
// MusicXML in its zip archive.
#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "app/formats/musicxml.h"

enum { CONTAINER_MAX = 1 << 16, PATH_MAX_LEN = 1024, PIECE = 1 << 16 };

typedef struct {
  uint8_t *bytes;
  size_t n, room;
} Content;

// --- reading ---

static NmStatus fail_entry(const char *name, const char *path, const char *cause, NmError *err)
{
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s: cannot unpack %.200s: %s", name, path, cause);
}

// Unpacks an open entry, `most` bytes at most, whatever its header says.
static NmStatus unpack(zip_file_t *entry, const char *name, const char *path, size_t most, Content *content,
                       NmError *err)
{
  for (;;) {
    if (content->n + PIECE > content->room) {
      const size_t room = 2 * content->room + PIECE;
      uint8_t *moved = realloc(content->bytes, room);
      if (!moved) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
      content->bytes = moved;
      content->room = room;
    }
    const zip_int64_t n = zip_fread(entry, content->bytes + content->n, PIECE);
    if (n < 0) return fail_entry(name, path, zip_file_strerror(entry), err);
    content->n += (size_t)n;
    if (content->n > most)
      return nm_error_set(err, NM_ERR_UNSUPPORTED, "%s: %.200s unpacks to more than %zu bytes: no song does",
                          name, path, most);
    if (n == 0) return NM_OK;
  }
}

static NmStatus unpack_path(zip_t *archive, const char *name, const char *path, size_t most, Content *content,
                            NmError *err)
{
  zip_file_t *entry = zip_fopen(archive, path, 0);
  if (!entry) return fail_entry(name, path, zip_strerror(archive), err);
  const NmStatus status = unpack(entry, name, path, most, content, err);
  zip_fclose(entry);
  return status;
}

// The first score that META-INF/container.xml names.
static void XMLCALL on_start(void *user, const XML_Char *element, const XML_Char **attributes)
{
  char *path = user;
  const char *full_path = NULL;
  bool is_score = true;
  if (path[0] || strcmp(element, "rootfile") != 0) return;
  for (; attributes[0]; attributes += 2) {
    if (!strcmp(attributes[0], "full-path")) full_path = attributes[1];
    if (!strcmp(attributes[0], "media-type")) is_score = strstr(attributes[1], "musicxml") != NULL;
  }
  if (full_path && is_score && strlen(full_path) < PATH_MAX_LEN) strcpy(path, full_path);
}

static NmStatus find_score(zip_t *archive, const char *name, char path[PATH_MAX_LEN], NmError *err)
{
  Content content = {0};
  path[0] = '\0';
  NmStatus status = unpack_path(archive, name, "META-INF/container.xml", CONTAINER_MAX, &content, err);
  XML_Parser parser = status == NM_OK ? XML_ParserCreate(NULL) : NULL;
  if (parser) {
    XML_SetUserData(parser, path);
    XML_SetStartElementHandler(parser, on_start);
    XML_Parse(parser, (const char *)content.bytes, (int)content.n, 1);
    XML_ParserFree(parser);
    if (!path[0])
      status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: its META-INF/container.xml names no score", name);
  } else if (status == NM_OK) {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  free(content.bytes);
  return status;
}

static NmStatus read_archive(zip_t *archive, const char *name, Content *content, NmError *err)
{
  char path[PATH_MAX_LEN];
  if (zip_get_num_entries(archive, 0) > NM_MXL_FILES_MAX)
    return nm_error_set(err, NM_ERR_UNSUPPORTED, "%s packs more than %d files", name, NM_MXL_FILES_MAX);
  const NmStatus status = find_score(archive, name, path, err);
  return status == NM_OK ? unpack_path(archive, name, path, NM_SONG_FILE_MAX, content, err) : status;
}

NmStatus nm_mxl_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                     NmSong **song, NmSongNotes *notes, NmError *err)
{
  Content content = {0};
  zip_error_t error;
  *song = NULL;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(bytes, n, 0, &error);
  zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
  NmStatus status;
  if (archive)
    status = read_archive(archive, name, &content, err);
  else
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s is no zip archive: %s", name, zip_error_strerror(&error));
  if (status == NM_OK) status = nm_musicxml_read(content.bytes, content.n, name, options, song, notes, err);
  if (archive)
    zip_discard(archive);
  else if (source)
    zip_source_free(source);
  zip_error_fini(&error);
  free(content.bytes);
  return status;
}

// --- writing ---

static const char container[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                "<container>\n  <rootfiles>\n"
                                "    <rootfile full-path=\"score.musicxml\" "
                                "media-type=\"application/vnd.recordare.musicxml+xml\"/>\n"
                                "  </rootfiles>\n</container>\n";
static const char media_type[] = "application/vnd.recordare.musicxml";

// Adds a file, dated the same every time so that the same song gives the same bytes.
static bool pack(zip_t *archive, const char *path, const void *bytes, size_t n, zip_int32_t method)
{
  enum { EARLIEST = 315532800 }; // 1980-01-01, where zip's calendar begins
  zip_source_t *source = zip_source_buffer(archive, bytes, n, 0);
  if (!source) return false;
  const zip_int64_t index = zip_file_add(archive, path, source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return false;
  }
  return !zip_set_file_compression(archive, (zip_uint64_t)index, method, 0) &&
         !zip_file_set_mtime(archive, (zip_uint64_t)index, EARLIEST, 0);
}

static bool copy_out(zip_source_t *source, FILE *file)
{
  char piece[4096];
  zip_int64_t n = -1;
  if (zip_source_open(source)) return false;
  while ((n = zip_source_read(source, piece, sizeof piece)) > 0) fwrite(piece, 1, (size_t)n, file);
  zip_source_close(source);
  return n == 0;
}

static bool pack_all(zip_source_t *source, const uint8_t *bytes, size_t n, zip_error_t *error)
{
  zip_t *archive = zip_open_from_source(source, ZIP_TRUNCATE, error);
  if (!archive) return false;
  if (pack(archive, "mimetype", media_type, sizeof media_type - 1, ZIP_CM_STORE) &&
      pack(archive, "META-INF/container.xml", container, sizeof container - 1, ZIP_CM_DEFLATE) &&
      pack(archive, "score.musicxml", bytes, n, ZIP_CM_DEFLATE) && !zip_close(archive))
    return true;
  zip_discard(archive);
  return false;
}

NmStatus nm_mxl_write(const NmSong *song, const NmSongWriting *options, FILE *file, NmError *err)
{
  uint8_t *bytes;
  size_t n;
  NmStatus status = nm_song_write_bytes(nm_musicxml_write, song, options, &bytes, &n, err);
  if (status != NM_OK) return status;
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
  if (source) {
    zip_source_keep(source);
    if (!pack_all(source, bytes, n, &error) || !copy_out(source, file))
      status = nm_error_set(err, NM_ERR_IO, "cannot pack the score");
    zip_source_free(source);
  } else {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  zip_error_fini(&error);
  free(bytes);
  return status;
}
