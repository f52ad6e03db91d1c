// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/feel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/document/edits.h"
#include "app/studio/edit.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

void nm_felt_fini(NmFelt *felt)
{
  free(felt->rows);
  free(felt->valence);
  free(felt->arousal);
  free(felt->path);
  memset(felt, 0, sizeof *felt);
}

static bool make_room(NmFelt *felt, int32_t n)
{
  if (n <= felt->room) return true;
  nm_felt_fini(felt);
  felt->rows = calloc((size_t)n, sizeof *felt->rows);
  felt->valence = calloc((size_t)n, sizeof *felt->valence);
  felt->arousal = calloc((size_t)n, sizeof *felt->arousal);
  felt->path = calloc((size_t)n, sizeof *felt->path);
  felt->room = felt->rows && felt->valence && felt->arousal && felt->path ? n : 0;
  return felt->room >= n;
}

static void take_rows(NmFelt *felt)
{
  for (int32_t i = 0; i < felt->n; i++) {
    const NmEmotionRow *row = &felt->rows[i];
    felt->valence[i] = (NmCurvePoint){row->time_s, row->valence};
    felt->arousal[i] = (NmCurvePoint){row->time_s, row->arousal};
    felt->path[i] = (NmFeeling){row->valence, row->arousal};
  }
}

// A voice that is singing will soon have sung something else.
static bool is_settled(const NmStudio *studio)
{
  bool sings = studio->voice && !studio->voice_state.trouble[0];
  return !sings || (studio->sung && studio->sung->n_sung == studio->sung->n_places &&
                    studio->sung->revision == nm_document_get_revision(studio->doc));
}

void nm_studio_feel(NmStudio *studio)
{
  NmFelt *felt = &studio->felt;
  if (!studio->ear) return;
  if (studio->playback != studio->felt_of && is_settled(studio)) {
    nm_studio_ear_hear(studio->ear, studio->playback);
    nm_playback_release(studio->felt_of);
    studio->felt_of = nm_playback_share(studio->playback);
  }
  int32_t room = (int32_t)nm_emotion_get_n_rows(nm_playback_get_len(studio->playback)) + 2;
  if (!make_room(felt, room)) return;
  int32_t n = nm_studio_ear_get(studio->ear, felt->rows, felt->room, felt->trouble);
  if (n < 0) return;
  felt->n = n;
  take_rows(felt);
}

const char *nm_studio_why_unfelt(const NmStudio *studio)
{
  if (studio->felt.trouble[0]) return studio->felt.trouble;
  return studio->ear ? _("Heard once the song is sung; draw here how it should feel") : "";
}

static float value_at(const NmCurvePoint *points, int n, double at)
{
  int i = 0;
  if (n == 0) return 0;
  while (i < n && points[i].at <= at) i++;
  if (i == 0 || i == n) return points[i ? n - 1 : 0].value;
  double part = (at - points[i - 1].at) / fmax(points[i].at - points[i - 1].at, 1e-9);
  return points[i - 1].value + (points[i].value - points[i - 1].value) * (float)part;
}

// What is wanted of the other of the two at a moment, else what is heard.
static float other_at(const NmStudio *studio, bool arousal, double at)
{
  const NmStudioModel *model = &studio->model;
  if (model->n_feelings) return value_at(arousal ? model->valence : model->arousal, model->n_feelings, at);
  return value_at(arousal ? studio->felt.valence : studio->felt.arousal, studio->felt.n, at);
}

void nm_studio_draw_feeling(NmStudio *studio, bool arousal, double from, double to,
                            const NmCurvePoint *points, int n)
{
  NmEmotionPoint *made = calloc((size_t)n + 1, sizeof *made);
  if (!made || !nm_studio_begin(studio, n ? _("Draw a feeling") : _("Take a feeling away"))) {
    free(made);
    return;
  }
  for (int i = 0; i < n; i++) {
    float other = other_at(studio, arousal, points[i].at);
    made[i] =
        (NmEmotionPoint){points[i].at, arousal ? other : points[i].value, arousal ? points[i].value : other};
  }
  nm_studio_end(studio, nm_edit_draw_emotion(studio->doc, from, to, made, n, &studio->err));
  free(made);
}

void nm_studio_show_plane(NmStudio *studio, NmRect rect)
{
  if (studio->tracing.on) {
    nm_studio_show_traced_plane(studio, rect);
    return;
  }
  const NmStudioModel *model = &studio->model;
  double seconds = nm_axis_get_seconds(&model->time, studio->ruler_model.playhead);
  NmFeeling feeling;
  NmPlaneModel plane = {.path = studio->felt.path,
                        .n = studio->felt.n,
                        .at = (float)fmax(seconds / NM_EMOTION_STEP_S - .5, 0),
                        .has_wanted = model->n_feelings > 0,
                        .title = _("Plane of feelings"),
                        .empty = _("nothing heard yet")};
  if (plane.has_wanted)
    plane.wanted = (NmFeeling){value_at(model->valence, model->n_feelings, seconds),
                               value_at(model->arousal, model->n_feelings, seconds)};
  nm_plane_show(studio->kit, &plane, rect, &feeling);
}
