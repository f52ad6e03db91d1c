// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/settings_row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/document/edits.h"
#include "app/studio/edit.h"
#include "ui/kit/words.h"

enum { WIDTH = 118 };

// --- values ---

static void write_pointer(char pointer[128], int32_t line, const char *object, const char *name)
{
  if (line < 0)
    snprintf(pointer, 128, "%s/%s", object, name);
  else
    snprintf(pointer, 128, "/lines/%d%s/%s", line, object, name);
}

json_t *nm_row_get(const NmStudio *studio, const char *name, const NmSettingsPlace *place, bool *is_own)
{
  char pointer[128];
  json_t *value = NULL;
  bool own = false;
  for (int32_t i = 0; place->of_lines && i < studio->model.n_chosen_lines; i++) {
    write_pointer(pointer, studio->model.chosen_lines[i], place->object, name);
    json_t *of_line = nm_document_get(studio->doc, pointer);
    if (i == 0) value = of_line;
    own |= of_line != NULL;
  }
  if (!value) {
    write_pointer(pointer, -1, place->object, name);
    value = nm_document_get(studio->doc, pointer);
  }
  if (is_own) *is_own = place->of_lines ? own : value != NULL;
  return value;
}

static uint64_t hash_of(const NmStudio *studio, const char *name, const NmSettingsPlace *place)
{
  uint64_t hash = 14695981039346656037u ^ studio->settings.stroke ^ (uint64_t)place->of_lines << 40;
  for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 1099511628211u;
  for (int32_t i = 0; place->of_lines && i < studio->model.n_chosen_lines; i++)
    hash = (hash ^ (uint64_t)studio->model.chosen_lines[i]) * 1099511628211u;
  return hash | 1;
}

static NmStatus set_all(NmStudio *studio, const char *name, const NmSettingsPlace *place, json_t *value)
{
  char pointer[128];
  NmStatus status = NM_OK;
  int32_t n = place->of_lines ? studio->model.n_chosen_lines : 1;
  for (int32_t i = 0; i < n && !status; i++) {
    write_pointer(pointer, place->of_lines ? studio->model.chosen_lines[i] : -1, place->object, name);
    if (!value && !nm_document_get(studio->doc, pointer)) continue;
    status = nm_edit_set_value(studio->doc, pointer, json_incref(value), &studio->err);
  }
  return status;
}

void nm_row_set(NmStudio *studio, const char *label, const char *name, const NmSettingsPlace *place,
                json_t *value)
{
  uint64_t merge = value ? hash_of(studio, name, place) : 0;
  if (nm_studio_begin_joined(studio, label, merge))
    nm_studio_end(studio, set_all(studio, name, place, value));
  json_decref(value);
}

static double usual_of(const NmSettingsRow *row, const NmSettingsPlace *place)
{
  const char *usual = place->usual;
  bool truth;
  double number = 0;
  if (!usual) return 0;
  if (row->kind == NM_ROW_TRUTH) {
    memcpy(&truth, usual + row->usual, sizeof truth);
    return truth;
  }
  if (row->kind == NM_ROW_NUMBER) memcpy(&number, usual + row->usual, sizeof number);
  return number;
}

// --- what is seen ---

bool nm_row_cross(NmStudio *studio, const char *name, bool is_own, const char *tip)
{
  NmKit *kit = studio->kit;
  char label[80];
  snprintf(label, sizeof label, "×##%s", name);
  nm_kit_disable(kit, !is_own);
  bool pressed = nm_kit_button(kit, label);
  nm_kit_enable(kit);
  if (is_own) nm_kit_tip(kit, tip);
  nm_kit_same_row(kit, 6);
  return pressed;
}

static json_t *show_truth(NmStudio *studio, const NmSettingsRow *row, const json_t *value, double usual)
{
  bool on = value ? json_is_true(value) : usual != 0;
  return nm_kit_checkbox(studio->kit, _(row->label), &on) ? json_boolean(on) : NULL;
}

static json_t *show_number(NmStudio *studio, const NmSettingsRow *row, const json_t *value, double usual)
{
  float number = (float)(value ? json_number_value(value) : usual);
  nm_kit_set_width(studio->kit, WIDTH);
  if (!nm_kit_slider(studio->kit, _(row->label), &number, (float)row->low, (float)row->high, _(row->format)))
    return NULL;
  double fine = round((double)number * 1e4) / 1e4; // no more digits than the slider has
  return row->kind == NM_ROW_WHOLE ? json_integer((json_int_t)lround(fine)) : json_real(fine);
}

void nm_row_show(NmStudio *studio, const NmSettingsRow *row, const NmSettingsPlace *place)
{
  bool is_own;
  json_t *value = nm_row_get(studio, row->name, place, &is_own);
  double usual = usual_of(row, place);
  const char *tip = place->of_lines ? _("As the song") : _("As usual");
  if (nm_row_cross(studio, row->name, is_own, tip)) {
    nm_row_set(studio, _(row->label), row->name, place, NULL);
    value = NULL;
  }
  json_t *set = row->kind == NM_ROW_TRUTH ? show_truth(studio, row, value, usual)
                                          : show_number(studio, row, value, usual);
  if (row->tip) nm_kit_tip(studio->kit, _(row->tip));
  if (set) nm_row_set(studio, _(row->label), row->name, place, set);
}

bool nm_row_choose(NmStudio *studio, const char *label, const char *tip, int *chosen,
                   const char *const *names, int n)
{
  char id[64];
  snprintf(id, sizeof id, "choice-%s", label);
  bool reset = nm_row_cross(studio, id, *chosen > 0, names[0]);
  if (reset) *chosen = 0;
  nm_kit_set_width(studio->kit, WIDTH);
  bool changed = nm_kit_choice(studio->kit, label, chosen, names, n);
  if (tip) nm_kit_tip(studio->kit, tip);
  return reset || changed;
}
