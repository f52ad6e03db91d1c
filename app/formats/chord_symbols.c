// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/chord_symbols.h"

static const char *const kinds[NM_CHORD_N_QUALITIES] = {[NM_CHORD_MAJOR] = "major",
                                                        [NM_CHORD_MINOR] = "minor",
                                                        [NM_CHORD_DIMINISHED] = "diminished",
                                                        [NM_CHORD_DOMINANT] = "dominant",
                                                        [NM_CHORD_MAJOR_SEVENTH] = "major-seventh",
                                                        [NM_CHORD_MINOR_SEVENTH] = "minor-seventh",
                                                        [NM_CHORD_HALF_DIMINISHED] = "half-diminished",
                                                        [NM_CHORD_DIMINISHED_SEVENTH] = "diminished-seventh"};

static void put_step(const char *name, char letter, int alter, FILE *file)
{
  fprintf(file, "        <%s>\n          <%s-step>%c</%s-step>\n", name, name, letter, name);
  if (alter) fprintf(file, "          <%s-alter>%d</%s-alter>\n", name, alter, name);
  fprintf(file, "        </%s>\n", name);
}

static void put_xml(const NmChord *chord, int64_t offset, FILE *file)
{
  char letter;
  int alter;
  fputs("      <harmony>\n", file);
  nm_chord_spell_root(chord, &letter, &alter);
  put_step("root", letter, alter, file);
  fprintf(file, "        <kind>%s</kind>\n", kinds[chord->quality]);
  nm_chord_spell_bass(chord, &letter, &alter);
  if (chord->bass != chord->root) put_step("bass", letter, alter, file);
  if (offset) fprintf(file, "        <offset>%lld</offset>\n", (long long)offset);
  fputs("      </harmony>\n", file);
}

void nm_chord_symbols_put_xml(NmChordSymbols *symbols, int64_t tick, int64_t end, int64_t ticks, FILE *file)
{
  const NmHarmony *harmony = symbols->harmony;
  for (; harmony && symbols->next < harmony->n_chords && harmony->chords[symbols->next].tick < end;
       ++symbols->next) {
    const NmChord *chord = &harmony->chords[symbols->next];
    put_xml(chord, chord->tick > tick ? (chord->tick - tick) / ticks : 0, file);
  }
}

void nm_chord_symbols_put_abc(NmChordSymbols *symbols, int64_t tick, FILE *file)
{
  const NmHarmony *harmony = symbols->harmony;
  const int32_t first = symbols->next;
  char name[NM_CHORD_NAME_LEN];
  while (harmony && symbols->next < harmony->n_chords && harmony->chords[symbols->next].tick <= tick)
    ++symbols->next;
  if (symbols->next > first)
    fprintf(file, "\"%s\"", nm_chord_get_name(&harmony->chords[symbols->next - 1], name));
}
