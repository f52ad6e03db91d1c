// SPDX-License-Identifier: GPL-3.0-or-later
// Compiles the pronouncing dictionaries to the mapped lexicon, at build time.
#include "models/text/compile/stress.h"
#include "models/text/syllables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The file under construction.
typedef struct {
  uint8_t *data;     // [size]
  uint32_t *offsets; // [n_blocks]
  size_t size, capacity;
  uint32_t n_words, n_blocks;
  char word_last[NM_LEXICON_WORD_MAX + 1];
} Writer;

static bool put(Writer *writer, const void *bytes, size_t n)
{
  if (writer->size + n > writer->capacity) {
    const size_t capacity = 2 * (writer->size + n) + 4096;
    uint8_t *data = realloc(writer->data, capacity);
    if (!data) return false;
    writer->data = data;
    writer->capacity = capacity;
  }
  memcpy(writer->data + writer->size, bytes, n);
  writer->size += n;
  return true;
}

static bool put_pron(Writer *writer, const DictEntry *entry)
{
  bool starts[NM_LEXICON_PHONES_MAX];
  uint8_t bytes[2 + NM_LEXICON_PHONES_MAX] = {(uint8_t)entry->pos, (uint8_t)entry->n_phones};
  memcpy(starts, entry->starts, sizeof starts);
  if (!starts[0]) nm_syllables_find(entry->phones, entry->n_phones, starts);
  for (int32_t i = 0; i < entry->n_phones; i++)
    bytes[2 + i] = (uint8_t)(entry->phones[i] | (starts[i] ? NM_LEXICON_SYLLABLE : 0));
  return put(writer, bytes, 2 + (size_t)entry->n_phones);
}

static bool same_phones(const DictEntry *a, const DictEntry *b)
{
  return a->n_phones == b->n_phones &&
         memcmp(a->phones, b->phones, sizeof *a->phones * (size_t)a->n_phones) == 0;
}

// All pronunciations of one word, without repetitions.
static bool put_word(Writer *writer, const DictEntry *entries, size_t n)
{
  const DictEntry *kept[NM_LEXICON_PRONS_MAX];
  int n_kept = 0;
  for (size_t i = 0; i < n && n_kept < NM_LEXICON_PRONS_MAX; i++) {
    bool repeated = false;
    for (int k = 0; k < n_kept; k++) repeated |= same_phones(kept[k], &entries[i]);
    if (!repeated) kept[n_kept++] = &entries[i];
  }
  const char *word = entries[0].word;
  const size_t len = strlen(word);
  size_t shared = 0;
  if (writer->n_words % NM_LEXICON_BLOCK == 0)
    writer->offsets[writer->n_blocks++] = (uint32_t)writer->size;
  else
    while (shared < len && word[shared] == writer->word_last[shared]) shared++;
  const uint8_t head[2] = {(uint8_t)shared, (uint8_t)(len - shared)}, count = (uint8_t)n_kept;
  bool ok = put(writer, head, 2) && put(writer, word + shared, len - shared) && put(writer, &count, 1);
  for (int k = 0; k < n_kept; k++) ok = ok && put_pron(writer, kept[k]);
  strcpy(writer->word_last, word);
  writer->n_words++;
  return ok;
}

static NmStatus write_file(const Writer *writer, const char *path, NmError *err)
{
  NmLexiconHeader header = {.version = NM_LEXICON_VERSION,
                            .n_words = writer->n_words,
                            .n_blocks = writer->n_blocks,
                            .size_data = (uint32_t)writer->size};
  memcpy(header.magic, NM_LEXICON_MAGIC, sizeof header.magic);
  FILE *file = fopen(path, "wb");
  if (!file) return nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
  bool ok = fwrite(&header, sizeof header, 1, file) == 1;
  ok = ok && fwrite(writer->offsets, 4, writer->n_blocks, file) == writer->n_blocks;
  ok = ok && fwrite(writer->data, 1, writer->size, file) == writer->size;
  ok = fclose(file) == 0 && ok;
  return ok ? NM_OK : nm_error_set(err, NM_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
}

// The newer phones of the second dictionary with the stress of the first, when both have as many vowels.
static void modernise(DictEntry *entry, const DictEntry *newer)
{
  DictEntry merged = *entry;
  int32_t i_vowel = 0, stress[NM_LEXICON_PHONES_MAX], n_vowels = 0;
  for (int32_t i = 0; i < entry->n_phones; i++)
    if (nm_phone_is_vowel(entry->phones[i])) stress[n_vowels++] = nm_phone_get_stress(entry->phones[i]);
  for (int32_t i = 0; i < newer->n_phones; i++) {
    merged.phones[i] = newer->phones[i];
    if (!nm_phone_is_vowel(newer->phones[i])) continue;
    if (i_vowel == n_vowels) return;
    merged.phones[i] = nm_phone_with_stress(newer->phones[i], stress[i_vowel++]);
  }
  if (i_vowel != n_vowels) return;
  merged.n_phones = newer->n_phones;
  if (newer->n_phones != entry->n_phones) memset(merged.starts, 0, sizeof merged.starts);
  *entry = merged;
}

static bool is_named(int32_t phone, const char *names)
{
  const char *name = nm_phone_name(phone), *at = strstr(names, name);
  const size_t len = strlen(name);
  return at && (at == names || at[-1] == ' ') && (at[len] == ' ' || !at[len]);
}

// The unstressed vowel of -es, -ed, -age and -ing is written in two ways in the sources; here it is IH0.
static void settle_endings(DictEntry *entry)
{
  const size_t len = strlen(entry->word);
  const int32_t n = entry->n_phones, ah = nm_phone_find("AH", 2, 0);
  if (n < 3 || len < 4 || entry->phones[n - 2] != ah) return;
  const char *end = entry->word + len;
  const int32_t before = entry->phones[n - 3], last = entry->phones[n - 1];
  const bool es = (strcmp(end - 2, "es") == 0 || strcmp(end - 2, "'s") == 0) && is_named(last, "Z") &&
                  is_named(before, "S Z SH ZH CH JH");
  const bool ed = strcmp(end - 2, "ed") == 0 && is_named(last, "D") && is_named(before, "T D");
  const bool age = strcmp(end - 3, "age") == 0 && is_named(last, "JH");
  const bool ing = strcmp(end - 3, "ing") == 0 && is_named(last, "NG");
  if (es || ed || age || ing) entry->phones[n - 2] = nm_phone_find("IH", 2, 0);
}

typedef struct {
  Dictionary festival, sphinx, supplement, all;
  StressIndex index;
} Sources;

static NmStatus read_sources(Sources *sources, char **paths, NmError *err)
{
  NmStatus status = dictionary_read_festival(&sources->festival, paths[0], err);
  if (status == NM_OK) status = dictionary_read_sphinx(&sources->sphinx, paths[1], err);
  if (status == NM_OK) status = dictionary_read_supplement(&sources->supplement, paths[2], err);
  dictionary_sort(&sources->festival);
  dictionary_sort(&sources->sphinx);
  dictionary_sort(&sources->supplement);
  if (status == NM_OK) status = stress_index_init(&sources->index, &sources->festival);
  for (size_t i = 0; status == NM_OK && i < sources->festival.n; i++)
    stress_choose_primary(&sources->index, &sources->festival.entries[i]);
  return status;
}

// The supplement goes before Festival's dictionary, which goes before pocketsphinx's.
static NmStatus merge(Sources *sources)
{
  NmStatus status = NM_OK;
  for (size_t i = 0; status == NM_OK && i < sources->supplement.n; i++)
    status = dictionary_add(&sources->all, &sources->supplement.entries[i]);
  for (size_t i = 0; status == NM_OK && i < sources->festival.n; i++) {
    DictEntry entry = sources->festival.entries[i];
    size_t n;
    if (dictionary_find(&sources->supplement, entry.word, NULL)) continue;
    (void)dictionary_find(&sources->festival, entry.word, &n);
    const DictEntry *newer = n == 1 ? dictionary_find(&sources->sphinx, entry.word, NULL) : NULL;
    if (newer) modernise(&entry, newer);
    settle_endings(&entry);
    status = dictionary_add(&sources->all, &entry);
  }
  for (size_t i = 0; status == NM_OK && i < sources->sphinx.n; i++) {
    DictEntry entry = sources->sphinx.entries[i];
    if (dictionary_find(&sources->supplement, entry.word, NULL) ||
        dictionary_find(&sources->festival, entry.word, NULL))
      continue;
    stress_guess(&sources->index, &entry);
    settle_endings(&entry);
    status = dictionary_add(&sources->all, &entry);
  }
  dictionary_sort(&sources->all);
  return status;
}

static NmStatus write_lexicon(const Dictionary *all, const char *path, NmError *err)
{
  Writer writer = {.offsets = malloc(4 * (all->n / NM_LEXICON_BLOCK + 2))};
  NmStatus status = writer.offsets ? NM_OK : NM_ERR_NO_MEMORY;
  for (size_t i = 0; status == NM_OK && i < all->n;) {
    size_t n = 1;
    while (i + n < all->n && strcmp(all->entries[i].word, all->entries[i + n].word) == 0) n++;
    if (!put_word(&writer, &all->entries[i], n)) status = NM_ERR_NO_MEMORY;
    i += n;
  }
  if (status == NM_OK) status = write_file(&writer, path, err);
  if (status == NM_ERR_NO_MEMORY) (void)nm_error_set(err, status, "%s: out of memory", path);
  free(writer.data);
  free(writer.offsets);
  return status;
}

int main(int argc, char **argv)
{
  if (argc != 5) {
    fprintf(stderr, "usage: %s festival-dictionary pocketsphinx-dictionary supplement output\n", argv[0]);
    return 2;
  }
  NmError err = {0};
  Sources sources = {0};
  NmStatus status = read_sources(&sources, argv + 1, &err);
  if (status == NM_OK) status = merge(&sources);
  if (status == NM_OK) status = write_lexicon(&sources.all, argv[4], &err);
  if (status != NM_OK)
    fprintf(stderr, "lexicon_compile: %s\n", err.message[0] ? err.message : nm_status_text(status));
  stress_index_fini(&sources.index);
  dictionary_fini(&sources.festival);
  dictionary_fini(&sources.sphinx);
  dictionary_fini(&sources.supplement);
  dictionary_fini(&sources.all);
  return status == NM_OK ? 0 : 1;
}
