// SPDX-License-Identifier: GPL-3.0-or-later
// `neume prepare song SONGS... --melodies FILE --verse FILE -o DIR`: a corpus of songs from text.
#include "app/assets.h"
#include "app/commands/prepare_tasks.h"
#include "app/interrupt.h"
#include "models/song/prepare.h"

enum { FILES_MAX = 32 };

typedef struct {
  const char *melodies[FILES_MAX], *verse[FILES_MAX];
} Files;

static int list(const NmArgs *args, const char *name, const char **paths)
{
  int n = 0;
  while (n < FILES_MAX && (paths[n] = nm_args_get_nth(args, name, n))) ++n;
  return n;
}

static int read_options(const NmArgs *args, Files *files, NmSongPrepare *p)
{
  int64_t n_syllables = p->n_syllables, carve = 0;
  p->out = nm_args_get(args, "output");
  if (args->n_operands < 1 || !p->out)
    return nm_message_fail(NM_EXIT_USAGE, "prepare song needs files of songs and --output DIR");
  if (!nm_args_get_integer(args, "syllables", 100, NM_SYLLABLES_MAX, &n_syllables) ||
      !nm_args_get_integer(args, "carve", 0, 1000000, &carve) ||
      !nm_args_get_number(args, "share-verse", 0, 1, &p->share_verse))
    return NM_EXIT_USAGE;
  p->n_syllables = (int32_t)n_syllables;
  p->carve = (int32_t)carve;
  p->paired = (const char *const *)args->operands;
  p->n_paired = args->n_operands;
  p->melodies = files->melodies;
  p->n_melodies = list(args, "melodies", files->melodies);
  p->verse = files->verse;
  p->n_verse = list(args, "verse", files->verse);
  p->any_licence = nm_args_has(args, "any-licence");
  p->cancel = nm_interrupt_get_flag();
  return 0;
}

static void report(const NmSongPrepared *d)
{
  nm_message("%lld songs, %lld melodies, %lld poems; left out for their licence %lld, for sharing with a "
             "held-out song %lld, for another reason %lld",
             (long long)d->n_songs, (long long)d->n_melodies, (long long)d->n_poems, (long long)d->n_licence,
             (long long)d->n_collides, (long long)d->n_unfit);
  nm_message("%lld syllables, %.2f %% of them outside the vocabulary, %lld notes", (long long)d->n_syllables,
             d->n_syllables ? 100.0 * (double)d->n_unknown / (double)d->n_syllables : 0,
             (long long)d->n_notes);
}

// The front end and what divides words.
typedef struct {
  NmText *text;
  NmSyllabifier *syllabifier;
} Speller;

static NmStatus open_speller(Speller *s, NmError *err)
{
  char lexicon[PATH_MAX], g2p[PATH_MAX], hyphens[PATH_MAX];
  *s = (Speller){0};
  NmStatus status = nm_assets_find("english.lexicon", lexicon, err);
  if (status == NM_OK) status = nm_assets_find("english.hyphens", hyphens, err);
  if (status != NM_OK) return status;
  const bool has_g2p = !nm_assets_find("g2p.safetensors", g2p, NULL);
  s->text = nm_text_new(lexicon, has_g2p ? g2p : NULL, err);
  s->syllabifier = s->text ? nm_syllabifier_new(s->text, hyphens, err) : NULL;
  return s->syllabifier ? NM_OK : err->status;
}

int nm_prepare_song_task(const NmArgs *args)
{
  Files files;
  Speller speller;
  NmError err = {0};
  NmSongPrepared done;
  NmSongPrepare p = nm_song_prepare_defaults();
  const int exit_code = read_options(args, &files, &p);
  if (exit_code) return exit_code;
  NmStatus status = open_speller(&speller, &err);
  p.syllabifier = speller.syllabifier;
  if (status == NM_OK) status = nm_song_prepare(&p, &done, &err);
  if (status == NM_OK) report(&done);
  nm_syllabifier_free(speller.syllabifier);
  nm_text_free(speller.text);
  return status == NM_OK ? 0 : nm_message_fail_input(&err);
}
