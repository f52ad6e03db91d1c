// SPDX-License-Identifier: GPL-3.0-or-later
// w: lines in ABC.
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "app/formats/abc_reader.h"

// Where a w: line has come to.
typedef struct {
  NmAbcReader *reader;
  NmAbcVoice *voice;
  const NmScorePart *part;
  NmScoreVoice *notes;
  int32_t note; // the next
  int32_t bar;  // where the words are
  int16_t verse;
  bool may_hold;       // a hyphen here holds the syllable before, it divides nothing
  char *text, *spaced; // as long as the line
} Words;

// --- escapes ---

// A letter with an accent, by ABC's mnemonics: \'e \`a \^o \"u \~n \cc \oa \/o...
static int32_t get_accented(char accent, char letter)
{
  static const struct {
    char accent;
    uint16_t mark;
  } marks[] = {{'`', 0x300}, {'\'', 0x301}, {'^', 0x302}, {'~', 0x303}, {'=', 0x304}, {'u', 0x306},
               {'"', 0x308}, {'o', 0x30a},  {'H', 0x30b}, {'v', 0x30c}, {'c', 0x327}, {';', 0x328}};
  if (accent == '/') return letter == 'o' ? 0xf8 : letter == 'O' ? 0xd8 : 0;
  for (size_t i = 0; i < sizeof marks / sizeof *marks; ++i) {
    if (marks[i].accent != accent) continue;
    utf8proc_int32_t codes[2] = {letter, marks[i].mark};
    const utf8proc_ssize_t n = utf8proc_normalize_utf32(codes, 2, UTF8PROC_COMPOSE);
    return n == 1 ? codes[0] : 0;
  }
  return 0;
}

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// \uXXXX at text; false when it is none.
static bool read_code(const char *text, size_t len, int32_t *code)
{
  *code = 0;
  if (len < 6 || text[1] != 'u') return false;
  for (int i = 2; i < 6; ++i) {
    const char *digits = "0123456789abcdef", *found = strchr(digits, text[i] | 0x20);
    if (!text[i] || !found) return false;
    *code = 16 * *code + (int32_t)(found - digits);
  }
  return utf8proc_codepoint_valid(*code);
}

size_t nm_abc_decode(const char *text, size_t len, char *to)
{
  size_t n = 0;
  for (size_t at = 0; at < len;) {
    int32_t code = 0;
    if (text[at] != '\\' || at + 1 == len) {
      to[n++] = text[at++];
      continue;
    }
    if (read_code(text + at, len - at, &code)) {
      if (code) n += (size_t)utf8proc_encode_char(code, (uint8_t *)to + n);
      at += 6;
    } else if (at + 2 < len && is_letter(text[at + 2]) && (code = get_accented(text[at + 1], text[at + 2]))) {
      n += (size_t)utf8proc_encode_char(code, (uint8_t *)to + n);
      at += 3;
    } else {
      to[n++] = text[at + 1];
      at += 2;
    }
  }
  return n;
}

// --- places ---

static int32_t find_bar(const Words *words, int32_t note)
{
  int32_t low = 0, high = words->part->n_bars;
  while (low < high) { // the first bar behind the note
    const int32_t middle = (low + high) / 2;
    if (words->part->bars[middle].tick > words->notes->notes[note].onset)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

// The next note into *note; false when the line has no more.
static bool take_note(Words *words, int32_t *note)
{
  if (words->note >= words->notes->n_notes) {
    ++words->reader->n_excess;
    return false;
  }
  *note = words->note++;
  const int32_t bar = find_bar(words, *note);
  if (bar > words->bar) words->bar = bar;
  return true;
}

// "|" in the words: on to the next bar.
static void skip_bar(Words *words)
{
  ++words->bar;
  while (words->note < words->notes->n_notes && find_bar(words, words->note) < words->bar) ++words->note;
}

// --- syllables ---

static void add(Words *words, NmScoreLyric *lyric)
{
  if (!nm_score_add_lyric(words->reader->score, words->notes, lyric))
    nm_abc_stop(words->reader, NM_ERR_NO_MEMORY, "out of memory, or there are more than %d syllables",
                NM_SCORE_NOTES_MAX);
}

static void hold(Words *words)
{
  int32_t note;
  if (take_note(words, &note)) add(words, &(NmScoreLyric){.note = note, .verse = words->verse});
}

// The length of the first part of a token, up to where the next syllable on the note begins: behind "~", a
// new word (*n_mark 1), or behind "‿", the same one (*n_mark 3).
static size_t find_part(const char *token, size_t len, size_t *n_mark)
{
  *n_mark = 0;
  for (size_t at = 0; at < len; ++at) {
    if (token[at] == '\\') {
      ++at;
      continue;
    }
    *n_mark = token[at] == '~' ? 1 : len - at >= 3 && !memcmp(token + at, "‿", 3) ? 3 : 0;
    if (*n_mark) return at;
  }
  return len;
}

// Our own tokens say every syllable under the note.
static void add_own(Words *words, const char *token, size_t len, int32_t note, bool ends_word)
{
  bool *is_open = &words->voice->word_is_open[words->verse];
  for (size_t at = 0, n_mark;; at += n_mark) {
    const size_t n_part = find_part(token + at, len - at, &n_mark);
    if (n_part == 0 && n_mark) { // only at the beginning: held
      add(words, &(NmScoreLyric){.note = note, .verse = words->verse});
      continue;
    }
    const bool is_last = at + n_part == len;
    const size_t n_text = nm_abc_decode(token + at, n_part, words->text);
    NmScoreLyric lyric = {.note = note,
                          .verse = words->verse,
                          .begins_word = !*is_open,
                          .ends_word = is_last ? ends_word : n_mark == 1,
                          .text = nm_score_keep(words->reader->score, words->text, n_text)};
    if (!lyric.text)
      nm_abc_stop(words->reader, NM_ERR_NO_MEMORY, "out of memory");
    else
      add(words, &lyric);
    *is_open = !lyric.ends_word;
    if (is_last || words->reader->status) return;
    at += n_part;
  }
}

static void add_foreign(Words *words, const char *token, size_t len, int32_t note, bool ends_word)
{
  bool *is_open = &words->voice->word_is_open[words->verse];
  for (size_t i = 0; i < len; ++i)
    words->spaced[i] = token[i] == '~' && (i == 0 || token[i - 1] != '\\') ? ' ' : token[i];
  const size_t n = nm_abc_decode(words->spaced, len, words->text);
  const NmScoreLyric lyric = {
      .note = note, .verse = words->verse, .begins_word = !*is_open, .ends_word = ends_word};
  if (!nm_score_add_text(words->reader->score, words->notes, &lyric, words->text, n))
    nm_abc_stop(words->reader, NM_ERR_NO_MEMORY, "out of memory");
  *is_open = !ends_word;
}

static void add_token(Words *words, const char *token, size_t len, bool ends_word)
{
  int32_t note;
  if (!take_note(words, &note)) return;
  if (words->reader->is_ours)
    add_own(words, token, len, note, ends_word);
  else
    add_foreign(words, token, len, note, ends_word);
}

// How long the syllable at `text` is: up to a sign that means something.
static size_t measure_token(const char *text)
{
  size_t len = 0;
  while (text[len] && !strchr(" \t-_*|", text[len])) len += text[len] == '\\' && text[len + 1] ? 2 : 1;
  return len;
}

static void read_sign(Words *words, char sign)
{
  int32_t note;
  if (sign == '_' || (sign == '-' && words->may_hold)) hold(words);
  if (sign == '*') take_note(words, &note);
  if (sign == '|') skip_bar(words);
  words->may_hold = true;
}

static void read_tokens(Words *words, const char *text)
{
  while (*text && !words->reader->status) {
    const size_t len = measure_token(text);
    if (len == 0) {
      read_sign(words, *text++);
      continue;
    }
    const bool is_divided = text[len] == '-';
    add_token(words, text, len, !is_divided);
    text += len + is_divided;
    words->may_hold = is_divided;
  }
}

void nm_abc_read_words(NmAbcReader *reader, const char *text)
{
  if (reader->voice < 0 || !reader->voices[reader->voice].has_begun) return;
  Words words = {.reader = reader,
                 .voice = &reader->voices[reader->voice],
                 .part = &reader->score->parts[reader->voice],
                 .may_hold = true};
  words.notes = words.part->n_voices ? &words.part->voices[0] : NULL;
  if (!words.notes || words.voice->n_words >= NM_SONG_VERSES_MAX) return;
  words.verse = (int16_t)++words.voice->n_words;
  words.note = words.voice->line_first;
  words.bar = words.note < words.notes->n_notes ? find_bar(&words, words.note) : words.part->n_bars;
  const size_t len = strlen(text);
  words.text = malloc(len + 1);
  words.spaced = malloc(len + 1);
  if (words.text && words.spaced)
    read_tokens(&words, text);
  else
    nm_abc_stop(reader, NM_ERR_NO_MEMORY, "out of memory");
  free(words.text);
  free(words.spaced);
}
