// SPDX-License-Identifier: GPL-3.0-or-later
// Syllables as programs and people write them under notes.
#include <string.h>
#include <utf8proc.h>

#include "app/formats/score.h"

typedef struct {
  const char *begin, *end;
} Piece;

// The character at `text`, its bytes in *n; invalid bytes are one each.
static utf8proc_int32_t get_char(const char *text, const char *end, int *n)
{
  utf8proc_int32_t c;
  const utf8proc_ssize_t len = utf8proc_iterate((const uint8_t *)text, end - text, &c);
  *n = len > 0 ? (int)len : 1;
  return len > 0 ? c : 0xfffd;
}

static bool is_blank(utf8proc_int32_t c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xa0 || c == 0x202f || c == 0x2009;
}

static bool is_hyphen(utf8proc_int32_t c)
{
  return c == '-' || c == 0x2010 || c == 0x2011 || c == 0xad;
}

// Whether something in it can be sung: a letter or a digit. A mark alone is none; pictures often end with
// one.
static bool is_sung(Piece piece)
{
  int n;
  for (const char *at = piece.begin; at < piece.end; at += n) {
    const utf8proc_category_t category = utf8proc_category(get_char(at, piece.end, &n));
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) return true;
    if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) return true;
  }
  return false;
}

static Piece trim(Piece piece)
{
  int n;
  while (piece.begin < piece.end && is_blank(get_char(piece.begin, piece.end, &n))) piece.begin += n;
  const char *end = piece.begin;
  for (const char *at = piece.begin; at < piece.end; at += n)
    if (!is_blank(get_char(at, piece.end, &n))) end = at + n;
  return (Piece){piece.begin, end};
}

// Hyphens at its ends say that the word goes on there.
static Piece cut_hyphens(Piece piece, NmScoreLyric *lyric)
{
  int n;
  if (piece.begin < piece.end && is_hyphen(get_char(piece.begin, piece.end, &n)) &&
      piece.begin + n < piece.end) {
    piece.begin += n;
    lyric->begins_word = false;
  }
  const char *last = piece.begin;
  for (const char *at = piece.begin; at < piece.end; at += n) {
    last = at;
    get_char(at, piece.end, &n);
  }
  if (last > piece.begin && is_hyphen(get_char(last, piece.end, &n))) {
    piece.end = last;
    lyric->ends_word = false;
    lyric->has_hyphen = true;
  }
  return piece;
}

// The first place where one word under the note ends and another begins, an undertie or a blank between two
// that can be sung; *n bytes lie between.
static const char *find_elision(Piece piece, int *n)
{
  for (const char *at = piece.begin; at < piece.end; at += *n) {
    const utf8proc_int32_t c = get_char(at, piece.end, n);
    const Piece before = {piece.begin, at}, behind = {at + *n, piece.end};
    if (c == 0x203f && at > piece.begin && at + *n < piece.end) return at;
    if (is_blank(c) && is_sung(before) && is_sung(behind)) return at;
  }
  return NULL;
}

static bool add_piece(NmScore *score, NmScoreVoice *voice, const NmScoreLyric *lyric, Piece piece)
{
  NmScoreLyric own = *lyric;
  piece = cut_hyphens(trim(piece), &own);
  if (piece.begin == piece.end) return true;
  own.text = nm_score_keep(score, piece.begin, (size_t)(piece.end - piece.begin));
  return own.text && nm_score_add_lyric(score, voice, &own);
}

// "1." or "2)" before a syllable counts the verses and is not sung.
static Piece cut_label(Piece piece)
{
  const char *at = piece.begin;
  while (at < piece.end && *at >= '0' && *at <= '9') ++at;
  if (at == piece.begin || at == piece.end || (*at != '.' && *at != ')')) return piece;
  const Piece rest = trim((Piece){at + 1, piece.end});
  return is_sung(rest) ? rest : piece;
}

bool nm_score_add_text(NmScore *score, NmScoreVoice *voice, const NmScoreLyric *lyric, const char *text,
                       size_t len)
{
  NmScoreLyric rest = *lyric;
  Piece piece = cut_label(trim((Piece){text, text + len}));
  int n = 0;
  for (const char *at; (at = find_elision(piece, &n)); piece.begin = at + n) {
    NmScoreLyric word = {
        .note = lyric->note, .verse = lyric->verse, .begins_word = rest.begins_word, .ends_word = true};
    if (!add_piece(score, voice, &word, (Piece){piece.begin, at})) return false;
    rest.begins_word = true;
  }
  return add_piece(score, voice, &rest, piece);
}
