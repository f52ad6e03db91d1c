// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/musicxml_elements.h"

#include <string.h>

// In the order of the alphabet.
static const char *const names[NM_N_ELEMENTS] = {
    [NM_E_ALTER] = "alter",
    [NM_E_ATTRIBUTES] = "attributes",
    [NM_E_BACKUP] = "backup",
    [NM_E_BEAT_TYPE] = "beat-type",
    [NM_E_BEAT_UNIT] = "beat-unit",
    [NM_E_BEAT_UNIT_DOT] = "beat-unit-dot",
    [NM_E_BEATS] = "beats",
    [NM_E_CHORD] = "chord",
    [NM_E_CHROMATIC] = "chromatic",
    [NM_E_CREATOR] = "creator",
    [NM_E_CUE] = "cue",
    [NM_E_DIRECTION] = "direction",
    [NM_E_DIVISIONS] = "divisions",
    [NM_E_DURATION] = "duration",
    [NM_E_ELISION] = "elision",
    [NM_E_END_LINE] = "end-line",
    [NM_E_END_PARAGRAPH] = "end-paragraph",
    [NM_E_ENDING] = "ending",
    [NM_E_EXTEND] = "extend",
    [NM_E_FIFTHS] = "fifths",
    [NM_E_FORWARD] = "forward",
    [NM_E_GRACE] = "grace",
    [NM_E_KEY] = "key",
    [NM_E_LYRIC] = "lyric",
    [NM_E_LYRIC_LANGUAGE] = "lyric-language",
    [NM_E_MEASURE] = "measure",
    [NM_E_MISCELLANEOUS_FIELD] = "miscellaneous-field",
    [NM_E_MODE] = "mode",
    [NM_E_MOVEMENT_TITLE] = "movement-title",
    [NM_E_NOTE] = "note",
    [NM_E_OCTAVE] = "octave",
    [NM_E_OCTAVE_CHANGE] = "octave-change",
    [NM_E_OFFSET] = "offset",
    [NM_E_PART] = "part",
    [NM_E_PART_NAME] = "part-name",
    [NM_E_PER_MINUTE] = "per-minute",
    [NM_E_REPEAT] = "repeat",
    [NM_E_REST] = "rest",
    [NM_E_SCORE_PART] = "score-part",
    [NM_E_SCORE_PARTWISE] = "score-partwise",
    [NM_E_SCORE_TIMEWISE] = "score-timewise",
    [NM_E_SENZA_MISURA] = "senza-misura",
    [NM_E_SLUR] = "slur",
    [NM_E_SOUND] = "sound",
    [NM_E_STAFF] = "staff",
    [NM_E_STEP] = "step",
    [NM_E_SUPPORTS] = "supports",
    [NM_E_SYLLABIC] = "syllabic",
    [NM_E_TEXT] = "text",
    [NM_E_TIE] = "tie",
    [NM_E_TIED] = "tied",
    [NM_E_TIME] = "time",
    [NM_E_TRANSPOSE] = "transpose",
    [NM_E_UNPITCHED] = "unpitched",
    [NM_E_VOICE] = "voice",
    [NM_E_WORK_TITLE] = "work-title",
};

NmMusicxmlElement nm_musicxml_find_element(const char *name)
{
  int low = NM_E_OTHER + 1, high = NM_N_ELEMENTS;
  while (low < high) {
    const int middle = (low + high) / 2, order = strcmp(name, names[middle]);
    if (order == 0) return (NmMusicxmlElement)middle;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NM_E_OTHER;
}
