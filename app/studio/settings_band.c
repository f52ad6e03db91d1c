// SPDX-License-Identifier: GPL-3.0-or-later
// The band that plays along, and the mix of both.
#include <stdio.h>
#include <string.h>

#include "app/studio/settings_parts.h"
#include "app/studio/settings_row.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

#define AT(MEMBER) offsetof(NmSingBand, MEMBER)

static const NmSettingsRow rows_on[] = {{"on", N_("a band plays along"),
                                         N_("It is heard while the song plays, and in what is rendered"),
                                         NULL, NM_ROW_TRUTH, 0, 0, 1}};

static const NmSettingsRow rows_band[] = {
    {"sevenths", N_("sevenths"), N_("Chords of four tones: 0 dominants alone, 1 as gladly as triads"), "%.2f",
     NM_ROW_NUMBER, AT(backing.harmony.sevenths), 0, 1},
    {"movement", N_("movement"), N_("How gladly chords change inside of bars"), "%.2f", NM_ROW_NUMBER,
     AT(backing.harmony.movement), 0, 1},
    {"secondary", N_("secondary dominants"), N_("Dominants of other degrees than the tonic"), NULL,
     NM_ROW_TRUTH, AT(backing.harmony.secondary), 0, 1},
    {"inversions", N_("inversions"), N_("Other tones than the root in the bass"), NULL, NM_ROW_TRUTH,
     AT(backing.harmony.inversions), 0, 1}};

static const NmSettingsRow rows_mix[] = {{"voice_db", N_("voice"), N_("The voice, on top of its usual level"),
                                          N_("%+.1f dB"), NM_ROW_NUMBER, AT(mix.voice_db), -24, 12},
                                         {"backing_db", N_("band"), N_("The band, on top of its usual level"),
                                          N_("%+.1f dB"), NM_ROW_NUMBER, AT(mix.backing_db), -24, 12},
                                         {"room_db", N_("room"), N_("The room, on top of its usual level"),
                                          N_("%+.1f dB"), NM_ROW_NUMBER, AT(mix.room_db), -40, 12},
                                         {"duck_db", N_("ducking"),
                                          N_("How much lower the band is while the voice sounds"),
                                          N_("%.1f dB"), NM_ROW_NUMBER, AT(mix.duck_db), 0, 12},
                                         {"peak_db", N_("highest peak"), N_("What no peak exceeds"),
                                          N_("%.1f dB"), NM_ROW_NUMBER, AT(mix.peak_db), -12, 0}};

static const NmSettingsRow row_lead_in = {"lead_in_bars",
                                          N_("bars of lead-in"),
                                          N_("Empty bars before the song; as usual: what the band needs"),
                                          "%.0f",
                                          NM_ROW_WHOLE,
                                          0,
                                          0,
                                          8};

static void show_rows(NmStudio *studio, const NmSettingsRow *rows, size_t n, const NmSettingsPlace *place)
{
  for (size_t i = 0; i < n; i++) nm_row_show(studio, &rows[i], place);
}

#define ROWS(TABLE) TABLE, sizeof TABLE / sizeof *TABLE

// --- mood ---

static const char *const moods[] = {"calm", "bright", "dark", "driving", "sad", "solemn"};
enum { N_MOODS = sizeof moods / sizeof *moods, N_CHOICES = N_MOODS + 2 };

// 0: nothing is said; N_MOODS + 1: two numbers.
static int find_mood(const char *mood)
{
  if (!mood) return 0;
  for (int i = 0; i < N_MOODS; i++)
    if (!strcmp(mood, moods[i])) return i + 1;
  return N_MOODS + 1;
}

static void set_mood(NmStudio *studio, const NmSettingsPlace *place, const char *text)
{
  nm_row_set(studio, _("mood"), "mood", place, text ? json_string(text) : NULL);
}

// A mood of one's own.
static void show_numbers(NmStudio *studio, const NmSettingsPlace *place, const char *text)
{
  NmBandMood mood = {0};
  char own[32];
  if (!nm_mood_parse(text, &mood)) return;
  float valence = (float)mood.valence, arousal = (float)mood.arousal;
  nm_kit_set_width(studio->kit, 118);
  bool changed = nm_kit_slider(studio->kit, _("pleasant"), &valence, -1, 1, "%+.2f");
  nm_kit_set_width(studio->kit, 118);
  changed |= nm_kit_slider(studio->kit, _("excited"), &arousal, -1, 1, "%+.2f");
  snprintf(own, sizeof own, "%.2f,%.2f", (double)valence, (double)arousal);
  if (changed) set_mood(studio, place, own);
}

static void show_mood(NmStudio *studio, const NmSettingsPlace *place)
{
  const char *names[N_CHOICES] = {_("As it suits"), _("calm"), _("bright"), _("dark"),
                                  _("driving"),     _("sad"),  _("solemn"), _("another")};
  char own[32];
  const char *text = json_string_value(nm_row_get(studio, "mood", place, NULL));
  int chosen = find_mood(text);
  if (nm_row_choose(studio, _("mood"), _("What the band plays like; as it suits: as tempo and key suggest"),
                    &chosen, names, N_CHOICES)) {
    NmBandMood mood = {0};
    if (text) (void)nm_mood_parse(text, &mood);
    snprintf(own, sizeof own, "%.2f,%.2f", mood.valence, mood.arousal);
    set_mood(studio, place, chosen == 0 ? NULL : chosen <= N_MOODS ? moods[chosen - 1] : own);
  } else if (chosen == N_MOODS + 1) {
    show_numbers(studio, place, text);
  }
}

// --- all of it ---

static void show_chance(NmStudio *studio, const NmSettingsPlace *place)
{
  bool is_own;
  json_int_t seed = json_integer_value(nm_row_get(studio, "seed", place, &is_own));
  if (nm_row_cross(studio, "seed", is_own, _("As usual")))
    nm_row_set(studio, _("Another arrangement"), "seed", place, NULL);
  if (nm_kit_button(studio->kit, _("Another arrangement")))
    nm_row_set(studio, _("Another arrangement"), "seed", place, json_integer(seed + 1));
}

// Whether it is heard here, and why not.
static void show_hearing(NmStudio *studio)
{
  bool hears = !studio->mutes_band;
  char trouble[512] = "";
  if (nm_row_cross(studio, "hearing", studio->mutes_band, _("As usual"))) hears = true;
  nm_kit_disable(studio->kit, !json_is_true(nm_document_get(studio->doc, "/backing/on")));
  nm_kit_checkbox(studio->kit, _("it is heard while the song plays"), &hears);
  nm_kit_enable(studio->kit);
  nm_kit_tip(studio->kit, _("What is rendered has the band in any case"));
  studio->mutes_band = !hears;
  bool busy = studio->band && nm_studio_band_is_busy(studio->band, trouble);
  if (trouble[0])
    nm_kit_paragraph(studio->kit, trouble);
  else if (busy)
    nm_kit_text(studio->kit, NM_FONT_SMALL, NM_PAINT_TEXT_DIM, _("It is practising"));
}

void nm_settings_show_band(NmStudio *studio)
{
  NmSingBand usual = nm_sing_band_defaults();
  NmSettingsPlace on = {"/backing", NULL, false}, band = {"/backing", &usual, false},
                  mix = {"/mix", &usual, false}, song = {"", NULL, false};
  show_rows(studio, ROWS(rows_on), &on);
  show_hearing(studio);
  show_mood(studio, &band);
  show_rows(studio, ROWS(rows_band), &band);
  show_chance(studio, &band);
  nm_row_show(studio, &row_lead_in, &song);
  nm_kit_space(studio->kit, 6);
  nm_kit_text(studio->kit, NM_FONT_BOLD, NM_PAINT_TEXT, _("Mix"));
  show_rows(studio, ROWS(rows_mix), &mix);
}
