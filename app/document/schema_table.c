// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/schema.h"
#include "models/song/song.h"

#define TICK_MAX ((double)NM_SONG_TIME_MAX * NM_SONG_TICKS_MAX)
#define ID_MAX 2147483647.0

enum { TEXT_LONG = 65536 };

#define WHOLE(NAME, REQUIRED, LOW, HIGH, WHAT)                                                               \
  {                                                                                                          \
    NAME, NM_FIELD_INTEGER, REQUIRED, LOW, HIGH, NULL, NULL, WHAT                                            \
  }
#define NUMBER(NAME, REQUIRED, LOW, HIGH, WHAT)                                                              \
  {                                                                                                          \
    NAME, NM_FIELD_NUMBER, REQUIRED, LOW, HIGH, NULL, NULL, WHAT                                             \
  }
#define TEXT(NAME, REQUIRED, HIGH, WHAT)                                                                     \
  {                                                                                                          \
    NAME, NM_FIELD_TEXT, REQUIRED, 0, HIGH, NULL, NULL, WHAT                                                 \
  }
#define CHOICE(NAME, REQUIRED, CHOICES, WHAT)                                                                \
  {                                                                                                          \
    NAME, NM_FIELD_TEXT, REQUIRED, 0, 0, NULL, CHOICES, WHAT                                                 \
  }
#define TRUTH(NAME, WHAT)                                                                                    \
  {                                                                                                          \
    NAME, NM_FIELD_TRUTH, false, 0, 0, NULL, NULL, WHAT                                                      \
  }
#define OBJECT(NAME, REQUIRED, PARTS, WHAT)                                                                  \
  {                                                                                                          \
    NAME, NM_FIELD_OBJECT, REQUIRED, 0, 0, PARTS, NULL, WHAT                                                 \
  }
#define LIST(NAME, REQUIRED, LOW, HIGH, ITEM, WHAT)                                                          \
  {                                                                                                          \
    NAME, NM_FIELD_LIST, REQUIRED, LOW, HIGH, ITEM, NULL, WHAT                                               \
  }
#define END                                                                                                  \
  {                                                                                                          \
    0                                                                                                        \
  }
#define TICK(WHAT) WHOLE("tick", true, 0, TICK_MAX, WHAT)

// --- notes ---

static const NmField note_parts[] = {
    WHOLE("id", true, 1, ID_MAX, "the note's name, different from those of all other notes"),
    WHOLE("onset", true, 0, TICK_MAX, "ticks from the beginning of the song"),
    WHOLE("len", true, 1, TICK_MAX, "ticks; notes do not overlap"),
    WHOLE("pitch", true, 0, 127, "MIDI key; 60 is middle C"),
    WHOLE("velocity", false, 1, 127, "how strong, as in MIDI; left out: not given"),
    END};
static const NmField note = OBJECT("note", true, note_parts, "a note of the melody");

// --- lyrics ---

static const char *const phone_names[] = {
    "pau", "B",   "CH",  "D",   "DH",  "F",   "G",   "HH",  "JH",  "K",   "L",   "M",   "N",   "NG",  "P",
    "R",   "S",   "SH",  "T",   "TH",  "V",   "W",   "Y",   "Z",   "ZH",  "AA0", "AA1", "AA2", "AE0", "AE1",
    "AE2", "AH0", "AH1", "AH2", "AO0", "AO1", "AO2", "AW0", "AW1", "AW2", "AY0", "AY1", "AY2", "EH0", "EH1",
    "EH2", "ER0", "ER1", "ER2", "EY0", "EY1", "EY2", "IH0", "IH1", "IH2", "IY0", "IY1", "IY2", "OW0", "OW1",
    "OW2", "OY0", "OY1", "OY2", "UH0", "UH1", "UH2", "UW0", "UW1", "UW2", NULL};
static const NmField phone =
    CHOICE("phone", true, phone_names, "ARPAbet as in the CMU dictionary, or a pause");
static const NmField note_id = WHOLE("note", true, 1, ID_MAX, "the id of a note");

static const NmField length = NUMBER("length", true, 0, 10, "seconds");

static const NmField syllable_parts[] = {
    TEXT("text", true, TEXT_LONG, "as printed, punctuation included, without hyphens that only divide"),
    WHOLE("stress", false, 0, 2, "0 none, 1 primary, 2 secondary; left out: not known"),
    LIST("phones", false, 0, 1024, &phone, "how it is sung; left out: as the dictionary says"),
    LIST("notes", false, 0, NM_SONG_NOTES_MAX, &note_id,
         "the notes it is sung on, in order: several are a melisma; a note of two syllables is an elision"),
    LIST("lengths_s", false, 0, 1024, &length,
         "seconds that each of its sounds lasts where there is room, 0: as the voice says; left out, or not "
         "as "
         "many as its sounds: all as the voice says. The vowel that is held takes what the others leave"),
    NUMBER("shift_s", false, -1, 1, "how much later than its first note its vowel begins; left out: 0"),
    END};
static const NmField syllable = OBJECT("syllable", true, syllable_parts, "a syllable");
static const NmField word_parts[] = {
    LIST("syllables", true, 1, NM_SONG_NOTES_MAX, &syllable, "of the word, in order"), END};
static const NmField word = OBJECT("word", true, word_parts, "a word");

static const NmField take_syllable =
    WHOLE("syllable", true, 0, NM_SONG_NOTES_MAX, "which syllable of the line, from 0");
static const NmField take_note_parts[] = {
    WHOLE("onset", true, 0, TICK_MAX, "ticks from the beginning of the song"),
    WHOLE("len", true, 1, TICK_MAX, "ticks"),
    WHOLE("pitch", true, 0, 127, "MIDI key"),
    WHOLE("velocity", false, 1, 127, "how strong"),
    LIST("syllables", true, 0, NM_SONG_NOTES_MAX, &take_syllable, "those that are sung on it"),
    END};
static const NmField take_note = OBJECT("note", true, take_note_parts, "a note of a take");
static const NmField take_parts[] = {
    TEXT("name", false, TEXT_LONG, "what it is called"),
    LIST("notes", true, 0, NM_SONG_NOTES_MAX, &take_note, "in order, not overlapping"), END};
static const NmField take = OBJECT("take", true, take_parts, "another melody for the line");

// --- the voice ---

#define VOICE_SOUND                                                                                          \
  TEXT("speaker", false, 256, "whose voice; left out: the first"),                                           \
      TRUTH("plain", "straight notes: no portamento, vibrato, drift, swelling, accents"),                    \
      NUMBER("portamento_s", false, 0, 2, "length of a glide between joined notes"),                         \
      NUMBER("vibrato_cents", false, 0, 300, "how far it swings to each side"),                              \
      NUMBER("vibrato_hz", false, 1, 12, "swings a second"),                                                 \
      NUMBER("vibrato_delay_s", false, 0, 10, "how long a note is held straight before it"),                 \
      NUMBER("drift_cents", false, 0, 100, "a slow wandering"),                                              \
      NUMBER("arc_db", false, 0, 24, "how much a phrase swells towards its middle"),                         \
      NUMBER("accent_db", false, 0, 24, "how much stronger a bar begins"),                                   \
      TRUTH("breaths", "a breath before lines; left out: true"),                                             \
      NUMBER("consonants", false, .25, 4, "length of consonants, 1: as in speech"),                          \
      NUMBER("level_db", false, -40, 20, "louder or softer"),                                                \
      WHOLE("seed", false, 0, NM_DOCUMENT_SEED_MAX, "of what is left to chance")

static const char *const filler_names[] = {"la", "ah", "oo", "hum", "none", NULL};
static const NmField voice_parts[] = {
    NUMBER("as", false, 0, 1, "from 0, speech, by recitative to 1, song; left out: 1"),
    VOICE_SOUND,
    WHOLE("transpose", false, -48, 48, "semitones; left out: the octave in which the voice is at home"),
    WHOLE("verse", false, 1, NM_SONG_VERSES_MAX, "which of several verses; left out: one after the other"),
    CHOICE("filler", false, filler_names, "what notes without words are sung on; left out: la"),
    END};
static const NmField line_voice_parts[] = {
    NUMBER("as", false, 0, 1, "how much of the notes' pitch there is, in the notes' time"), VOICE_SOUND,
    WHOLE("transpose", false, -48, 48,
          "semitones, further to those of the song; left out: octaves for another speaker, else 0"),
    END};

static const NmField line_parts[] = {
    WHOLE("verse", true, 1, NM_SONG_VERSES_MAX, "which of several texts under the same notes"),
    WHOLE("stanza", true, 0, 32767, "a blank line lies between stanzas"),
    LIST("words", true, 1, NM_SONG_NOTES_MAX, &word, "of the line, in order"),
    OBJECT("voice", false, line_voice_parts, "how it is sung where that differs in this line"),
    LIST("takes", false, 0, NM_DOCUMENT_TAKES_MAX, &take, "other melodies, to choose from"),
    END};
static const NmField line = OBJECT("line", true, line_parts, "a line of the lyrics");

// --- maps ---

static const NmField tempo_parts[] = {TICK("where it begins"),
                                      NUMBER("bpm", true, 1, 6e7, "quarter notes a minute"), END};
static const NmField tempo = OBJECT("tempo", true, tempo_parts, "a tempo");
static const NmField meter_parts[] = {TICK("a bar line"), WHOLE("beats", true, 1, 255, "of a bar"),
                                      WHOLE("unit", true, 1, 64, "1, 2, 4, 8, 16, 32 or 64: 3 and 4 are 3/4"),
                                      END};
static const NmField meter = OBJECT("meter", true, meter_parts, "a meter");
static const char *const mode_names[] = {"major", "minor", NULL};
static const NmField key_parts[] = {TICK("where it begins"),
                                    WHOLE("fifths", true, -7, 7, "flats (less than 0) or sharps"),
                                    CHOICE("mode", true, mode_names, "major or minor"), END};
static const NmField key = OBJECT("key", true, key_parts, "a key");
static const NmField chord_parts[] = {
    TICK("where it begins"),
    TEXT("name", true, 32, "C, F#m7, Bb/D; empty: from here on found for the melody again"), END};
static const NmField chord = OBJECT("chord", true, chord_parts, "a chord");

static const NmField marker_parts[] = {TICK("where it stands"), TEXT("name", true, 256, "what begins there"),
                                       END};
static const NmField marker = OBJECT("marker", true, marker_parts, "a place to find again");

// --- curves ---

static const NmField pitch_point_parts[] = {TICK("where"),
                                            NUMBER("cents", true, -4800, 4800, "above what is written"), END};
static const NmField pitch_point = {.name = "point",
                                    .kind = NM_FIELD_TUPLE,
                                    .required = true,
                                    .parts = pitch_point_parts,
                                    .what = "a breakpoint: tick and cents"};
static const NmField emotion_point_parts[] = {NUMBER("seconds", true, 0, 1e7, "from the beginning"),
                                              NUMBER("valence", true, -1, 1, "unpleasant to pleasant"),
                                              NUMBER("arousal", true, -1, 1, "calm to excited"), END};
static const NmField emotion_point = {.name = "point",
                                      .kind = NM_FIELD_TUPLE,
                                      .required = true,
                                      .parts = emotion_point_parts,
                                      .what = "a breakpoint: seconds, valence and arousal"};

// --- what plays along ---

static const NmField backing_parts[] = {
    TRUTH("on", "whether a band plays along; left out: false"),
    TEXT("mood", false, 64,
         "calm, bright, dark, driving, sad, solemn, or valence and arousal: \"0.4,-0.2\"; left out: as tempo "
         "and "
         "key suggest"),
    NUMBER("sevenths", false, 0, 1, "chords of four tones: 0 dominants alone, 1 as gladly as triads"),
    NUMBER("movement", false, 0, 1, "how gladly chords change inside of bars"),
    TRUTH("secondary", "dominants of other degrees than the tonic; left out: true"),
    TRUTH("inversions", "other tones than the root in the bass; left out: true"),
    TEXT("soundfont", false, 4096, "file of the instruments; left out: Debian's"),
    WHOLE("seed", false, 0, NM_DOCUMENT_SEED_MAX, "of what is left to chance"),
    END};
static const NmField mix_parts[] = {
    NUMBER("voice_db", false, -60, 24, "the voice, on top of its usual level"),
    NUMBER("backing_db", false, -60, 24, "the band, on top of its usual level"),
    NUMBER("room_db", false, -100, 24, "the room, on top of its usual level; -100: none"),
    NUMBER("duck_db", false, 0, 24, "how much lower the band is while the voice sounds"),
    NUMBER("peak_db", false, -24, 0, "what no peak exceeds"),
    END};

static const char *const format_names[] = {"neume", NULL};
static const NmField document_parts[] = {
    CHOICE("format", true, format_names, "says what this file is"),
    WHOLE("version", true, 1, NM_DOCUMENT_VERSION, "of the format"),
    TEXT("title", false, TEXT_LONG, "of the song"),
    TEXT("composer", false, TEXT_LONG, "who made the melody"),
    TEXT("lyricist", false, TEXT_LONG, "who made the words"),
    TEXT("language", false, 64, "of the words, such as en"),
    WHOLE("ticks_per_beat", true, 1, NM_SONG_TICKS_MAX, "ticks of a quarter note; all times are whole ticks"),
    WHOLE("pickup", false, 0, TICK_MAX, "ticks before the first full bar"),
    LIST("tempos", false, 0, NM_SONG_NOTES_MAX, &tempo, "by tick; left out: 120"),
    LIST("meters", false, 0, NM_SONG_NOTES_MAX, &meter, "by tick; left out: not known"),
    LIST("keys", false, 0, NM_SONG_NOTES_MAX, &key, "by tick; left out: not known"),
    LIST("chords", false, 0, NM_SONG_NOTES_MAX, &chord,
         "by tick, each until the next; before the first, and left out: found for the melody"),
    LIST("markers", false, 0, NM_SONG_NOTES_MAX, &marker, "by tick"),
    LIST("notes", true, 0, NM_SONG_NOTES_MAX, &note, "the melody, by onset"),
    LIST("lines", true, 0, NM_SONG_NOTES_MAX, &line, "the lyrics"),
    OBJECT("voice", false, voice_parts, "how it is sung"),
    LIST("pitch_curve", false, 0, NM_DOCUMENT_POINTS_MAX, &pitch_point,
         "drawn: how far from the notes, straight between the points, by tick"),
    LIST("emotion_curve", false, 0, NM_DOCUMENT_POINTS_MAX, &emotion_point,
         "drawn: how it should feel, straight between the points, by time"),
    OBJECT("backing", false, backing_parts, "what plays along"),
    OBJECT("mix", false, mix_parts, "how loud each is"),
    WHOLE("lead_in_bars", false, 0, 16, "empty bars before the song; left out: as the band needs"),
    {.name = "view", .kind = NM_FIELD_FREE, .what = "what a program remembers of its windows"},
    END};

const NmField nm_document_field =
    OBJECT("document", true, document_parts, "A song of Neume: words, notes, and how it is sung");
