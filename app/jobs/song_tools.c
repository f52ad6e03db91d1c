// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/song_tools.h"

#include <ctype.h>
#include <string.h>

#include "app/assets.h"
#include "app/jobs/songs.h"

NmStatus nm_song_tools_open(NmSongTools *tools, const char *weights, NmError *err)
{
  NmStatus status = tools->reader.text ? NM_OK : nm_lyrics_reader_open(&tools->reader, err);
  if (!status && !tools->has_model) status = nm_songs_open_model(&tools->model, weights, err);
  tools->has_model = tools->has_model || !status;
  return status;
}

NmStatus nm_song_tools_open_words(NmSongTools *tools, NmError *err)
{
  char lexicon[PATH_MAX], words[PATH_MAX];
  if (tools->has_words) return NM_OK;
  NmStatus status = nm_assets_find("english.lexicon", lexicon, err);
  if (!status) status = nm_assets_find("song.words", words, err);
  if (!status && !tools->words.data) status = nm_map_open(&tools->words, words, err);
  if (status) return status;
  if (!tools->lexicon) tools->lexicon = nm_lexicon_new(lexicon, err);
  if (!tools->lexicon) return err->status;
  tools->source = (NmLexisSource){.list = (const char *)tools->words.data,
                                  .len = tools->words.size,
                                  .lexicon = tools->lexicon,
                                  .syllabifier = tools->reader.syllabifier,
                                  .vocabulary = tools->model.vocabulary};
  status = nm_lexis_init(&tools->lexis, &tools->source, err);
  tools->has_words = !status;
  return status;
}

void nm_song_tools_close(NmSongTools *tools)
{
  if (tools->has_words) nm_lexis_fini(&tools->lexis);
  if (tools->has_model) nm_songs_close_model(&tools->model);
  nm_lexicon_free(tools->lexicon);
  nm_map_close(&tools->words);
  nm_lyrics_reader_close(&tools->reader);
  *tools = (NmSongTools){0};
}

// The next word in lower case; answers what lies behind it, NULL when there is none.
static const char *next_word(const char *text, char word[NM_LEXICON_WORD_MAX + 1], size_t *len)
{
  size_t n = 0;
  while (*text && !isalpha((unsigned char)*text)) ++text;
  while (isalpha((unsigned char)text[n]) || text[n] == '\'') ++n;
  *len = n < NM_LEXICON_WORD_MAX ? n : NM_LEXICON_WORD_MAX;
  for (size_t i = 0; i < *len; ++i) word[i] = (char)tolower((unsigned char)text[i]);
  word[*len] = '\0';
  return n ? text + n : NULL;
}

int32_t nm_song_tools_find_theme(const NmSongTools *tools, const char *theme, int32_t *ids,
                                 void (*unknown)(const char *word))
{
  char word[NM_LEXICON_WORD_MAX + 1];
  size_t len;
  int32_t n = 0;
  while (theme && n < NM_SONG_THEME_MAX && (theme = next_word(theme, word, &len))) {
    ids[n] = nm_lexis_find(&tools->lexis, &tools->source, word, len);
    if (ids[n] >= 0)
      ++n;
    else if (unknown)
      unknown(word);
  }
  return n;
}
