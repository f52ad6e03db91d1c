// SPDX-License-Identifier: GPL-3.0-or-later
// How the song, or some of its lines, are sung.
#include <stdio.h>
#include <string.h>

#include "app/studio/settings_parts.h"
#include "app/studio/settings_row.h"
#include "ui/kit/words.h"

#define AT(MEMBER) offsetof(NmSingStyle, MEMBER)

static const NmSettingsRow rows[] = {
    {"as", N_("speech to song"),
     N_("From speech by recitative to song: how much of the notes' pitch and time there is"), "%.2f",
     NM_ROW_NUMBER, AT(as), 0, 1},
    {"level_db", N_("level"), N_("Louder or softer"), N_("%+.1f dB"), NM_ROW_NUMBER, AT(level_db), -20, 12},
    {"transpose", N_("transposed"),
     N_("Sung so many semitones away from what is written; as usual: the octave in which the voice is at "
        "home"),
     "%+.0f", NM_ROW_WHOLE, 0, -24, 24},
    {"plain", N_("straight notes"), N_("None of the following"), NULL, NM_ROW_TRUTH, AT(plain), 0, 1},
    {"vibrato_cents", N_("vibrato"), N_("How far it swings to each side"), N_("%.0f cents"), NM_ROW_NUMBER,
     AT(vibrato_cents), 0, 150},
    {"vibrato_hz", N_("its rate"), N_("Swings of the vibrato in a second"), N_("%.1f Hz"), NM_ROW_NUMBER,
     AT(vibrato_hz), 3, 9},
    {"vibrato_delay_s", N_("its delay"), N_("How long a note is held straight before it"), N_("%.2f s"),
     NM_ROW_NUMBER, AT(vibrato_delay_s), 0, 2},
    {"portamento_s", N_("portamento"), N_("Length of a glide between joined notes"), N_("%.2f s"),
     NM_ROW_NUMBER, AT(portamento_s), 0, .5},
    {"drift_cents", N_("drift"), N_("A slow wandering of the pitch"), N_("%.0f cents"), NM_ROW_NUMBER,
     AT(drift_cents), 0, 30},
    {"arc_db", N_("swelling"), N_("How much a phrase swells towards its middle"), N_("%.1f dB"),
     NM_ROW_NUMBER, AT(arc_db), 0, 12},
    {"accent_db", N_("accents"), N_("How much stronger a bar begins"), N_("%.1f dB"), NM_ROW_NUMBER,
     AT(accent_db), 0, 12},
    {"breaths", N_("breaths"), N_("A breath before lines where there is room"), NULL, NM_ROW_TRUTH,
     AT(breaths), 0, 1},
    {"consonants", N_("consonants"), N_("Their length; 1 is that of speech"), N_("× %.2f"), NM_ROW_NUMBER,
     AT(consonants), .25, 4}};

static void show_scope(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmSettings *settings = &studio->settings;
  char text[64];
  int n = studio->model.n_chosen_lines;
  bool of_song = !settings->of_lines, of_lines = settings->of_lines;
  if (nm_kit_toggle(kit, _("The song"), &of_song)) settings->of_lines = false;
  nm_kit_same_row(kit, 6);
  snprintf(text, sizeof text, ngettext("%d line##lines", "%d lines##lines", (unsigned long)n), n);
  if (nm_kit_toggle(kit, text, &of_lines)) settings->of_lines = true;
  nm_kit_tip(kit, _("Those in which a note is selected"));
  nm_kit_space(kit, 4);
}

static void show_speaker(NmStudio *studio, const NmSettingsPlace *place)
{
  enum { N_MAX = NM_VOICE_STATE_SPEAKERS + 2 };
  const NmStudioVoiceState *state = &studio->voice_state;
  const char *names[N_MAX], *wanted = json_string_value(nm_row_get(studio, "speaker", place, NULL));
  bool is_own;
  int n = 1, chosen = 0;
  (void)nm_row_get(studio, "speaker", place, &is_own);
  names[0] = place->of_lines ? _("As the song") : _("As usual");
  for (int i = 0; i < state->n_speakers; i++) names[n++] = state->speakers[i];
  for (int i = 1; i < n; i++)
    if (is_own && wanted && !strcmp(wanted, names[i])) chosen = i;
  if (is_own && wanted && chosen == 0) names[chosen = n++] = wanted; // of another voice
  if (nm_row_choose(studio, _("singer"), NULL, &chosen, names, n))
    nm_row_set(studio, _("singer"), "speaker", place, chosen ? json_string(names[chosen]) : NULL);
}

static void show_chance(NmStudio *studio, const NmSettingsPlace *place)
{
  bool is_own;
  json_int_t seed = json_integer_value(nm_row_get(studio, "seed", place, &is_own));
  const char *tip = place->of_lines ? _("As the song") : _("As usual");
  if (nm_row_cross(studio, "seed", is_own, tip)) nm_row_set(studio, _("chance"), "seed", place, NULL);
  if (nm_kit_button(studio->kit, _("Sing it another way")))
    nm_row_set(studio, _("Sing it another way"), "seed", place, json_integer(seed + 1));
  nm_kit_tip(studio->kit, _("What is left to chance falls otherwise"));
}

void nm_settings_show_voice(NmStudio *studio)
{
  NmSingStyle usual = nm_sing_style_defaults();
  NmSettingsPlace place = {"/voice", &usual, studio->settings.of_lines};
  show_scope(studio);
  if (place.of_lines && studio->model.n_chosen_lines == 0) {
    nm_kit_paragraph(studio->kit, _("Select notes: the lines that they are in are meant."));
    return;
  }
  show_speaker(studio, &place);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) nm_row_show(studio, &rows[i], &place);
  show_chance(studio, &place);
}
