// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/lengths.h"

#include <math.h>

#include "app/document/edits.h"
#include "app/studio/edit.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

enum { N_MAX = 64 };

// What is set by hand of a syllable.
typedef struct {
  int32_t syllable, n;
  double lengths_s[N_MAX], shift_s;
} Hand;

// False when the sound is of no syllable.
static bool read_hand(const NmStudio *studio, int box, Hand *hand)
{
  const NmSingSource *source = &studio->sung->sources[box];
  const NmSong *song = nm_document_get_song(studio->doc);
  if (source->syllable < 0 || source->syllable >= song->n_syllables || source->n_phones > N_MAX) return false;
  const NmSongSyllable *syllable = &song->syllables[source->syllable];
  *hand = (Hand){source->syllable, source->n_phones, {0}, (double)syllable->shift_s};
  for (int32_t i = 0; i < hand->n && syllable->n_lengths == hand->n; i++)
    hand->lengths_s[i] = (double)syllable->lengths_s[i];
  return true;
}

static double round_s(double seconds)
{
  return round(seconds * 1e4) / 1e4;
}

static NmStatus write_hand(NmStudio *studio, const Hand *hand)
{
  return nm_edit_set_lengths(studio->doc, hand->syllable, hand->lengths_s, hand->n, hand->shift_s,
                             &studio->err);
}

// A sound becomes longer by so much; one that is held does so by itself.
static void lengthen(Hand *hand, const NmSung *sung, int box, double by_s)
{
  const NmSingSource *source = &sung->sources[box];
  double length_s = sung->phones[box].end_s - sung->phones[box].start_s;
  if (!source->is_held) hand->lengths_s[source->phone] = round_s(length_s + by_s);
}

static void move_edge(NmStudio *studio, int box, double start_s)
{
  Hand left, right;
  const NmSung *sung = studio->sung;
  double by_s = start_s - sung->phones[box].start_s;
  if (!read_hand(studio, box, &right)) return;
  bool has_left = box > 0 && read_hand(studio, box - 1, &left);
  bool is_one = has_left && left.syllable == right.syllable;
  if (has_left) lengthen(is_one ? &right : &left, sung, box - 1, by_s);
  lengthen(&right, sung, box, -by_s);
  if (sung->sources[box].is_anchor) right.shift_s = round_s(right.shift_s + by_s);
  if (!nm_studio_begin(studio, _("Move the edge of a sound"))) return;
  NmStatus status = has_left && !is_one ? write_hand(studio, &left) : NM_OK;
  nm_studio_end(studio, status ? status : write_hand(studio, &right));
}

static void reset(NmStudio *studio, int32_t syllable)
{
  if (syllable >= 0 && nm_studio_begin(studio, _("Sounds as the voice says them")))
    nm_studio_end(studio, nm_edit_set_lengths(studio->doc, syllable, NULL, 0, 0, &studio->err));
}

void nm_studio_obey_phones(NmStudio *studio, NmPhonesEdit edit)
{
  const NmSung *sung = studio->sung;
  if (!sung || edit.kind == NM_PHONES_NOTHING || edit.box >= sung->n_phones) return;
  bool is_new = sung->revision == nm_document_get_revision(studio->doc);
  double start_s = fmax(sung->phones[edit.box].start_s, 0);
  if (edit.kind == NM_PHONES_SEEK)
    nm_studio_seek(studio, nm_axis_get_tick_of_seconds(&studio->model.time, start_s));
  else if (!is_new)
    nm_studio_say(studio, "%s", _("The song is being planned anew; try again in a moment"));
  else if (edit.kind == NM_PHONES_MOVE)
    move_edge(studio, edit.box, edit.start_s);
  else
    reset(studio, sung->sources[edit.box].syllable);
}

void nm_studio_reset_lengths(NmStudio *studio)
{
  const NmStudioModel *model = &studio->model;
  NmStatus status = NM_OK;
  if (!nm_studio_begin(studio, _("Sounds as the voice says them"))) return;
  for (int i = 0; i < model->lyrics.n_syllables && !status; i++)
    if (model->syllables[i].selected) status = nm_edit_set_lengths(studio->doc, i, NULL, 0, 0, &studio->err);
  nm_studio_end(studio, status);
}
