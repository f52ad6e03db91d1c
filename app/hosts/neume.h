/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libneume: speaking, composing, singing and hearing moods from your own program.
 *
 *   NeumeError err;
 *   NeumeContext *neume = neume_context_new(NULL, &err);
 *   float *samples;
 *   size_t n;
 *   if (!neume || neume_speak_all(neume, "Hello.", 6, NULL, &samples, &n, &err)) puts(err.message);
 *
 * Compile with `pkg-config --cflags --libs neume`. The library never prints, never ends the program, installs
 * no signal handlers and changes no locale. Texts are UTF-8. Sound is mono, NEUME_RATE_HZ, full scale 1.
 *
 * THREADS. Any number of contexts work at the same time, each in a thread of its own. Calls on one context
 * from several threads wait for one another. neume_cancel may be called from any thread at any time.
 * Callbacks come on the thread that made the call; within one, only neume_cancel may be called on the same
 * context (anything else answers NEUME_BAD_ARGUMENT). A NeumeEmotion or a NeumeSong is for one thread at a
 * time, and does not wait for its context.
 *
 * MEMORY. What the library hands out is freed by the function named beside it; freeing NULL does nothing.
 * Strings and arrays given to a callback live until it returns. What is passed in is borrowed for the call.
 *
 * ERRORS. Every `err` may be NULL. It is filled when a call fails: a status, and a sentence that names the
 * place, the cause and the way out. A call that succeeds leaves it as it is.
 *
 * STABILITY. As long as the library is libneume.so.0: functions, the order of fields and the values of enums
 * stay. Structs that you fill begin with their size, those that the library fills are handed over by pointer
 * or with their size, so that fields can be added at their end; NeumeError and NeumeOption never change.
 * Enums may get new values. What a call can be asked for are options by name, so that new ones need no new
 * function; an option that is unknown, or a value that is not understood, is an error. Sound may change
 * when the weights do. */
#ifndef NEUME_H
#define NEUME_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define NEUME_API __attribute__((visibility("default")))
#else
#define NEUME_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define NEUME_RATE_HZ 24000

/* "0.1.0": of the library that runs, which need not be the one that was compiled against. */
NEUME_API const char *neume_get_version(void);

typedef enum {
  NEUME_OK = 0,
  NEUME_NO_MEMORY = 1,
  NEUME_BAD_ARGUMENT = 2, /* the call makes no sense: the message says why */
  NEUME_BAD_DATA = 3,     /* a file or a text is malformed */
  NEUME_IO = 4,           /* the system refused to read, write or open; weights that are missing */
  NEUME_UNSUPPORTED = 5,  /* well formed, but not something that can be done */
  NEUME_CANCELLED = 6     /* by neume_cancel, or by a callback */
} NeumeStatus;

typedef struct {
  NeumeStatus status;
  int64_t offset; /* byte of the input that was met, -1 when unknown */
  int64_t line;   /* its line from 1, 0 when unknown */
  char message[512];
} NeumeError;

/* A wish, "rate" "0.8". An array of them ends with a NULL name; NULL in place of an array: none. */
typedef struct {
  const char *name, *value;
} NeumeOption;

/* --- contexts --- */

/* What the calls share: where the weights are, and those that were needed so far. Speaking and singing take
 * about 33 MB, composing 35, a sound that is listened to 28. */
typedef struct NeumeContext NeumeContext;

/* Options: "assets", the folder of the weights (else they are looked for in $NEUME_ASSETS, then relative to
 * the library: assets beside it, share/neume of its prefix); "threads", how many may work on one call,
 * default 1, with no change to any result; "lexicon", a file of pronunciations (neume speak --help). Loads
 * nothing yet. NULL and `err` on failure. */
NEUME_API NeumeContext *neume_context_new(const NeumeOption *options, NeumeError *err);

/* Waits for no one: no call may be under way. Objects made from the context may be freed later. */
NEUME_API void neume_context_free(NeumeContext *context);

/* Loads what `what` needs, so that the first call need not: "speech", "songs", "emotion" or "singing". */
NEUME_API NeumeStatus neume_context_load(NeumeContext *context, const char *what, NeumeError *err);

/* Ends every call on the context that has begun and not returned with NEUME_CANCELLED, as soon as it notices:
 * between two phrases of speech (about 20 ms), two steps of a search. Calls made later are not affected. Safe
 * in a signal handler. */
NEUME_API void neume_cancel(NeumeContext *context);

typedef enum { NEUME_LOG_INFO = 0, NEUME_LOG_WARNING = 1, NEUME_LOG_ERROR = 2 } NeumeLogLevel;

/* Takes what the library has to tell besides errors and notes; NULL, as at first: nobody. Comes on the thread
 * of a call. Not while a call is under way. */
typedef void (*NeumeLogFn)(void *user, NeumeLogLevel level, const char *message);
NEUME_API void neume_context_set_log(NeumeContext *context, NeumeLogFn log, void *user);

/* The i-th voice by name, from 0; NULL after the last. Loads speech; NULL and `err` when that fails. */
NEUME_API const char *neume_get_voice(NeumeContext *context, int i, NeumeError *err);

/* --- what a call tells while it works --- */

typedef enum {
  NEUME_TIMING_PHONE = 0,    /* text "HH"; a pause is "pau". They tile the sound */
  NEUME_TIMING_SYLLABLE = 1, /* "HH AH0"; sung: as printed */
  NEUME_TIMING_WORD = 2,     /* as spoken, `source` as written ("" when the word before has it) */
  NEUME_TIMING_PHRASE = 3,   /* what was made in one piece, without the pauses around it */
  NEUME_TIMING_MARK = 4,     /* SSML's <mark>; start and end are the same */
  NEUME_TIMING_NOTE = 5,     /* sung: "C4", its MIDI key in `pitch`, the syllable it carries in `source` */
  NEUME_TIMING_LINE = 6      /* sung: as written, from the onset of its first note to the end of its last */
} NeumeTimingKind;

/* Where something stands in the sound, in samples from its beginning. */
typedef struct {
  size_t size; /* of the struct, as the library knows it */
  NeumeTimingKind kind;
  int pitch;
  int64_t start, end;
  const char *text, *source;
} NeumeTiming;

/* Functions that return int end the call, with NEUME_CANCELLED, when it is not 0. Any may be NULL. */
typedef struct {
  size_t size; /* sizeof (NeumeSink) */
  void *user;
  /* The next samples [n], as soon as they are there. */
  int (*audio)(void *user, const float *samples, size_t n);
  /* Comes before the sound that it is about, but for pauses, which are told when they end. Of one kind in
   * order of time. */
  int (*timing)(void *user, const NeumeTiming *timing);
  /* What was not said, or kept, as written: a sentence. */
  void (*note)(void *user, const char *sentence);
  /* The share of the work that is done, 0 to 1, from time to time. */
  int (*progress)(void *user, double done);
} NeumeSink;

/* --- speech --- */

/* Speaks `text` [len], plain or SSML. Options, with the values of `neume speak`: "input" (auto, text or
 * ssml), "voice", "rate" (0.8, fast), "pitch" (-2st, 120Hz, low), "range", "energy" (+3dB, soft), "seed". The
 * same text, options and weights give the same samples. NEUME_BAD_DATA when there is nothing to say. `sink`
 * may be NULL. */
NEUME_API NeumeStatus neume_speak(NeumeContext *context, const char *text, size_t len,
                                  const NeumeOption *options, const NeumeSink *sink, NeumeError *err);

/* The same into memory: *samples [*n] is freed with neume_release. */
NEUME_API NeumeStatus neume_speak_all(NeumeContext *context, const char *text, size_t len,
                                      const NeumeOption *options, float **samples, size_t *n,
                                      NeumeError *err);

NEUME_API void neume_release(void *memory);

/* --- how music feels --- */

/* One sound being listened to. */
typedef struct NeumeEmotion NeumeEmotion;

/* A half second, as people feel on average. */
typedef struct {
  double time_s;          /* its centre, from the first sample */
  float valence, arousal; /* unpleasant to pleasant, calm to excited: -1 to 1 */
  float confidence;       /* 0 to 1 */
  float distance;         /* above 1: farther than 99 % of it from the music that was learned from */
  float whole_valence, whole_arousal; /* of the half minute around it, as a whole */
} NeumeEmotionRow;

typedef struct {
  double start_s, end_s;
  float valence, arousal; /* their means */
} NeumeEmotionSegment;

/* Sound of rate_hz (1000 to 768000) and n_channels (1 to 64) will come. Options: "listener", a file of `neume
 * listener adapt`; "segments", how far apart moods must be to be two, 0.15 is usual: wanted after the end.
 * Freed with neume_emotion_free. */
NEUME_API NeumeEmotion *neume_emotion_new(NeumeContext *context, double rate_hz, int n_channels,
                                          const NeumeOption *options, NeumeError *err);
NEUME_API void neume_emotion_free(NeumeEmotion *emotion);

/* The next n frames, interleaved, of any number at a time. Samples that are no numbers count as 0. The rows
 * are the same bits whatever n, and those of `neume emotion`. They come up to 28 s late and wait to be read.
 */
NEUME_API NeumeStatus neume_emotion_push(NeumeEmotion *emotion, const float *frames, size_t n,
                                         NeumeError *err);

/* The sound has ended: the last rows and the segments wait to be read. */
NEUME_API NeumeStatus neume_emotion_finish(NeumeEmotion *emotion, NeumeError *err);

/* The next row, segment; 0 when none waits. `size` is sizeof *row, so that rows can grow. */
NEUME_API int neume_emotion_read(NeumeEmotion *emotion, NeumeEmotionRow *row, size_t size);
NEUME_API int neume_emotion_read_segment(NeumeEmotion *emotion, NeumeEmotionSegment *segment, size_t size);

/* The newest half second, some two seconds old, from what is known so far: for listening live. 0 when there
 * is none. */
NEUME_API int neume_emotion_peek(NeumeEmotion *emotion, NeumeEmotionRow *row, size_t size);

/* Forgets the sound; another may come. */
NEUME_API void neume_emotion_reset(NeumeEmotion *emotion);

/* A word for a place in the plane: "joyful", "sad". Static. */
NEUME_API const char *neume_name_mood(double valence, double arousal);

/* --- songs --- */

/* Words, notes and which belong together. Freed with neume_song_free. Needs no context. */
typedef struct NeumeSong NeumeSong;

NEUME_API void neume_song_free(NeumeSong *song);

/* From a file, or from its bytes [n] (`name` is for messages); the formats are those of `neume align`.
 * Options: "part", which voice has the tune, from 1. */
NEUME_API NeumeSong *neume_song_load(const char *path, const NeumeOption *options, NeumeError *err);
NEUME_API NeumeSong *neume_song_read(const void *bytes, size_t n, const char *name,
                                     const NeumeOption *options, NeumeError *err);

/* Into a file, whole or not at all, in the format of its ending: .mid .musicxml .mxl .abc .lrc and what else
 * `neume compose` writes. NEUME_IO when it exists, unless "force" is "yes". */
NEUME_API NeumeStatus neume_song_save(const NeumeSong *song, const char *path, const NeumeOption *options,
                                      NeumeError *err);

/* Into memory, in the format of `ending`, ".musicxml". *bytes [*n], and a zero after them, are freed with
 * neume_release. */
NEUME_API NeumeStatus neume_song_write(const NeumeSong *song, const char *ending, void **bytes, size_t *n,
                                       NeumeError *err);

/* A melody for words [len]. Options, with the values of `neume compose`: "key", "meter", "tempo", "range",
 * "style", "method", "temperature", "nucleus", "seed", "melisma", "accidentals", "syncopation", "vary" (the
 * last three: yes or no). NULL and `err` on failure. Of `sink` only note and progress are called. */
NEUME_API NeumeSong *neume_compose(NeumeContext *context, const char *lyrics, size_t len,
                                   const NeumeOption *options, const NeumeSink *sink, NeumeError *err);

/* Words [len] on the notes of `melody`, at least cost. Options: "verses", how often the melody is sung. */
NEUME_API NeumeSong *neume_align(NeumeContext *context, const char *lyrics, size_t len,
                                 const NeumeSong *melody, const NeumeOption *options, const NeumeSink *sink,
                                 NeumeError *err);

/* Sings a song from its first bar on. Options, with the values of `neume sing`: "as" (speech, recitative,
 * song, 0 to 1), "plain" and "breaths" (yes or no), "portamento", "vibrato", "vibrato-rate", "vibrato-delay",
 * "drift", "swell", "accent", "consonants", "transpose", "voice", "verse" (a number or all), "vowel", "seed".
 * All timings come before the sound, of one kind in order of time: phones, syllables and words where they
 * sound, notes and lines where the score has them. `sink` may be NULL. */
NEUME_API NeumeStatus neume_sing(NeumeContext *context, const NeumeSong *song, const NeumeOption *options,
                                 const NeumeSink *sink, NeumeError *err);

#ifdef __cplusplus
}
#endif

#endif
