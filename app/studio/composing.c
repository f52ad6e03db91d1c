// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/composing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/song_values.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

enum { DIALOG_WIDTH = 640, DIALOG_HEIGHT = 520, DIALOG_FOOT = 96 };

static const char *const keys[] = {N_("any key"), N_("major"), N_("minor"), "C major", "G major", "D major",
                                   "F major",     "Bb major",  "A minor",   "E minor", "D minor", "G minor"};
static const char *const meters[] = {N_("any meter"), "4/4", "3/4", "2/4", "6/8", "9/8", "12/8", "2/2"};

enum { N_KEYS = sizeof keys / sizeof *keys, N_METERS = sizeof meters / sizeof *meters };

// Titles, which are the dialogs' names.
static const char *title_lyrics(void)
{
  return _("Lyrics of a song");
}

static const char *title_words(void)
{
  return _("New words to the melody");
}

void nm_composing_fini(NmComposing *composing)
{
  nm_muse_free(composing->muse);
  free(composing->text);
  memset(composing, 0, sizeof *composing);
}

static void warn_of_memory(NmStudio *studio)
{
  nm_studio_warn(studio, &(NmError){.status = NM_ERR_NO_MEMORY});
}

// --- asking ---

static NmAuditionKind kind_of(NmVariantsKind kind)
{
  static const NmAuditionKind kinds[] = {[NM_VARIANTS_SONG] = NM_AUDITION_SONG,
                                         [NM_VARIANTS_MELODY] = NM_AUDITION_MELODY,
                                         [NM_VARIANTS_WORDS] = NM_AUDITION_WORDS};
  return kinds[kind];
}

NmMuse *nm_studio_get_muse(NmStudio *studio)
{
  NmComposing *composing = &studio->composing;
  if (!composing->muse) composing->muse = nm_muse_new(&nm_muse_art, true, nm_studio_wake, studio->kit);
  return composing->muse;
}

static void ask(NmStudio *studio, NmVariantsRequest *request)
{
  NmComposing *composing = &studio->composing;
  NmMuse *muse = nm_studio_get_muse(studio);
  request->seed = composing->seed += 16;
  composing->is_told = false;
  nm_studio_audition_begin(studio, kind_of(request->kind), request->line_first, request->n_lines);
  if (!muse || !nm_muse_ask(muse, request)) {
    nm_studio_audition_close(studio);
    warn_of_memory(studio);
  }
}

static bool has_verses(const NmSong *song)
{
  for (int32_t i = 1; i < song->n_lines; i++)
    if (song->lines[i].verse != song->lines[0].verse) return true;
  return false;
}

// All lines of the verse in sight, which follow each other.
static void get_verse(const NmStudio *studio, int32_t *line_first, int32_t *n_lines)
{
  const NmSong *song = nm_document_get_song(studio->doc);
  *line_first = *n_lines = 0;
  for (int32_t i = 0; i < song->n_lines; i++) {
    if (song->lines[i].verse != studio->verse) continue;
    if (*n_lines == 0) *line_first = i;
    *n_lines = i - *line_first + 1;
  }
}

bool nm_studio_get_lines(const NmStudio *studio, int32_t *line_first, int32_t *n_lines)
{
  const NmSong *song = nm_document_get_song(studio->doc);
  const NmStudioModel *model = &studio->model;
  int32_t low = song->n_lines, high = -1;
  for (int i = 0; i < model->roll.n; i++) {
    int32_t syllable = model->roll.selected[i] ? model->syllable_of_note[i] : -1;
    if (syllable < 0) continue;
    int32_t line = song->words[song->syllables[syllable].word].line;
    if (line < low) low = line;
    if (line > high) high = line;
  }
  *line_first = high < 0 ? 0 : low;
  *n_lines = high < 0 ? 0 : high - low + 1;
  return high >= 0;
}

// Where several verses stand on the same notes, all of it is all lines of the one in sight.
static void choose_lines(const NmStudio *studio, bool lines, int32_t *line_first, int32_t *n_lines)
{
  *line_first = *n_lines = 0;
  if (lines)
    nm_studio_get_lines(studio, line_first, n_lines);
  else if (has_verses(nm_document_get_song(studio->doc)))
    get_verse(studio, line_first, n_lines);
}

static void compose(NmStudio *studio, bool lines)
{
  NmVariantsRequest request = nm_variants_defaults(NM_VARIANTS_MELODY);
  request.song = nm_document_get_song(studio->doc);
  choose_lines(studio, lines, &request.line_first, &request.n_lines);
  if (request.song->n_lines == 0)
    nm_studio_ask_lyrics(studio);
  else
    ask(studio, &request);
}

void nm_studio_compose(NmStudio *studio)
{
  compose(studio, false);
}

void nm_studio_compose_lines(NmStudio *studio)
{
  compose(studio, true);
}

void nm_studio_stop_composing(NmStudio *studio)
{
  if (!nm_studio_is_composing(studio)) return;
  nm_muse_stop(studio->composing.muse);
  if (studio->audition.n < 2) nm_studio_audition_close(studio);
  nm_studio_say(studio, "%s", _("Given up"));
}

bool nm_studio_is_composing(const NmStudio *studio)
{
  return studio->composing.muse && nm_muse_get_state(studio->composing.muse).works;
}

// --- lyrics ---

// The words there are, as a sheet.
static void write_lyrics(const NmSong *song, int verse, char *text, size_t size)
{
  size_t n = 0;
  text[0] = 0;
  for (int32_t l = 0; l < song->n_lines && n < size; l++) {
    const NmSongLine *line = &song->lines[l];
    if (line->verse != verse) continue;
    if (n > 0)
      n += (size_t)snprintf(text + n, size - n, "%s", line->stanza != line[-1].stanza ? "\n\n" : "\n");
    for (int32_t w = line->word_first; w < line->word_first + line->n_words && n < size; w++)
      for (int32_t s = 0; s < song->words[w].n_syllables && n < size; s++)
        n += (size_t)snprintf(text + n, size - n, "%s%s", s == 0 && w > line->word_first ? " " : "",
                              song->syllables[song->words[w].syllable_first + s].text);
  }
}

void nm_studio_ask_lyrics(NmStudio *studio)
{
  NmComposing *composing = &studio->composing;
  if (!composing->text) composing->text = calloc(1, NM_COMPOSING_TEXT_MAX);
  if (!composing->text) {
    warn_of_memory(studio);
    return;
  }
  if (nm_document_get_song(studio->doc)->n_lines)
    write_lyrics(nm_document_get_song(studio->doc), studio->verse, composing->text, NM_COMPOSING_TEXT_MAX);
  nm_kit_dialog_open(studio->kit, title_lyrics());
}

static void compose_text(NmStudio *studio)
{
  const NmComposing *composing = &studio->composing;
  NmVariantsRequest request = nm_variants_defaults(NM_VARIANTS_SONG);
  request.text = composing->text;
  request.bpm = composing->bpm;
  if (composing->key) nm_song_parse_key(keys[composing->key], &request.fifths, &request.mode);
  if (composing->meter) nm_song_parse_meter(meters[composing->meter], &request.meter);
  ask(studio, &request);
}

static void show_choices(NmKit *kit, NmComposing *composing)
{
  const char *key_names[N_KEYS], *meter_names[N_METERS];
  for (int i = 0; i < N_KEYS; i++) key_names[i] = _(keys[i]);
  for (int i = 0; i < N_METERS; i++) meter_names[i] = _(meters[i]);
  nm_kit_set_width(kit, 120);
  nm_kit_choice(kit, "##key", &composing->key, key_names, N_KEYS);
  nm_kit_same_row(kit, 8);
  nm_kit_set_width(kit, 120);
  nm_kit_choice(kit, "##meter", &composing->meter, meter_names, N_METERS);
  nm_kit_same_row(kit, 8);
  nm_kit_set_width(kit, 120);
  nm_kit_number(kit, "##tempo", &composing->bpm, 1, 0, 400,
                composing->bpm > 0 ? _("%.0f a minute") : _("any tempo"));
  if (composing->bpm > 0 && composing->bpm < 20) composing->bpm = 20;
}

static void show_lyrics(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  if (!nm_kit_dialog_begin(kit, title_lyrics(), DIALOG_WIDTH, DIALOG_HEIGHT)) return;
  nm_kit_text_box(kit, "##lyrics", studio->composing.text, NM_COMPOSING_TEXT_MAX,
                  DIALOG_HEIGHT - DIALOG_FOOT - 70);
  nm_kit_text(kit, NM_FONT_SMALL, NM_PAINT_TEXT_DIM,
              _("A line of verse on each line, an empty line between stanzas. Ctrl+Enter composes."));
  show_choices(kit, &studio->composing);
  nm_kit_space(kit, 4);
  bool composes = nm_kit_button(kit, _("Compose")) || nm_kit_take_key_anyway(kit, NM_KEY_ENTER, NM_MOD_CTRL);
  nm_kit_same_row(kit, 8);
  bool stays = nm_kit_button(kit, _("Cancel"));
  if (composes || stays) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
  if (composes) compose_text(studio);
}

// --- words ---

void nm_studio_ask_words(NmStudio *studio, bool lines)
{
  NmComposing *composing = &studio->composing;
  choose_lines(studio, lines, &composing->line_first, &composing->n_lines);
  nm_kit_dialog_open(studio->kit, title_words());
}

static void write_words(NmStudio *studio)
{
  const NmComposing *composing = &studio->composing;
  NmVariantsRequest request = nm_variants_defaults(NM_VARIANTS_WORDS);
  request.song = nm_document_get_song(studio->doc);
  request.line_first = composing->line_first;
  request.n_lines = composing->n_lines;
  request.scheme = composing->scheme;
  request.theme = composing->theme;
  request.n = 5;
  ask(studio, &request);
}

static void show_words(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmComposing *composing = &studio->composing;
  if (!nm_kit_dialog_begin(kit, title_words(), 0, 0)) return;
  nm_kit_set_width(kit, 320);
  bool done = nm_kit_field(kit, "##theme", _("words that are to come: moon river"), composing->theme,
                           sizeof composing->theme) == NM_FIELD_DONE;
  nm_kit_set_width(kit, 320);
  done |= nm_kit_field(kit, "##rhyme", _("which lines rhyme: AABB, ABAB, XAXA"), composing->scheme,
                       sizeof composing->scheme) == NM_FIELD_DONE;
  nm_kit_space(kit, 4);
  bool writes = nm_kit_button(kit, _("Write")) || done;
  nm_kit_same_row(kit, 8);
  bool stays = nm_kit_button(kit, _("Cancel"));
  if (writes || stays) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
  if (writes) write_words(studio);
}

// --- every frame ---

static void take_songs(NmStudio *studio)
{
  NmMuseSong songs[NM_MUSE_SONGS_MAX];
  int n = nm_muse_take(studio->composing.muse, songs);
  for (int i = 0; i < n; i++) nm_studio_audition_add(studio, songs[i].song, songs[i].score);
}

static void tell(NmStudio *studio)
{
  NmComposing *composing = &studio->composing;
  NmMuseState state = nm_muse_get_state(composing->muse);
  if (state.works) {
    nm_kit_animate(studio->kit, .1);
    return;
  }
  if (composing->is_told) return;
  composing->is_told = true;
  if (studio->audition.open && studio->audition.n < 2) nm_studio_audition_close(studio);
  if (!state.trouble[0]) return;
  nm_studio_say(studio, "%s", state.trouble);
  studio->status_is_warning = true;
}

void nm_studio_show_composing(NmStudio *studio)
{
  show_lyrics(studio);
  show_words(studio);
  if (!studio->composing.muse) return;
  take_songs(studio);
  tell(studio);
  if (nm_studio_is_composing(studio) && nm_kit_take_key(studio->kit, NM_KEY_ESCAPE, 0))
    nm_studio_stop_composing(studio);
}

const char *nm_studio_write_composing(const NmStudio *studio, char *text, size_t size)
{
  NmMuseState state = {0};
  if (studio->composing.muse) state = nm_muse_get_state(studio->composing.muse);
  if (!state.works) return NULL;
  snprintf(text, size, _("Composing: %.0f %%, Esc gives it up"), (double)(100 * state.part));
  return text;
}
