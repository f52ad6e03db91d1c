// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/speechd/speaker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/hosts/speechd/message.h"
#include "app/hosts/speechd/output.h"

enum {
  BLOCK = 2048, // samples of one 705, so that a stop need not wait for more
  THREADS_USEFUL = 4
};

typedef enum { SILENT, WAITING, BEGUN } Phase; // nothing to say, no event yet, 701 is written

typedef struct {
  char *name;
  int64_t at; // sample
} Mark;

struct NmSdSpeaker {
  NeumeContext *neume;
  const NmSdConfig *config;
  FILE *out, *log;
  pthread_t thread;
  bool is_running;

  pthread_mutex_t lock; // of `out` and all down to `quits`
  pthread_cond_t woken;
  Phase phase;
  unsigned message; // its number; the thread's is behind when it was stopped
  bool pauses, quits;
  char *ssml; // to be spoken next, or NULL
  NmSdSettings settings;

  atomic_bool hurries; // a stop waits for the lock
  // Of the thread:
  unsigned spoken; // the number of the message that it speaks
  int64_t n_samples;
  Mark *marks; // [n_marks] not reached yet
  int n_marks, capacity;
};

// --- events ---

// With the lock. Whether the thread's message is still wanted; then it has begun.
static bool begin_event(NmSdSpeaker *s)
{
  if (s->phase == SILENT || s->spoken != s->message) return false;
  if (s->phase == WAITING) nm_sd_write_line(s->out, "701 BEGIN");
  s->phase = BEGUN;
  return true;
}

static bool write_block(NmSdSpeaker *s, const float *samples, size_t n)
{
  if (atomic_load(&s->hurries)) return false;
  pthread_mutex_lock(&s->lock);
  const bool done = begin_event(s) && nm_sd_write_audio(s->out, samples, n, NEUME_RATE_HZ);
  pthread_mutex_unlock(&s->lock);
  return done;
}

static bool write_mark(NmSdSpeaker *s, const char *name)
{
  pthread_mutex_lock(&s->lock);
  bool goes_on = begin_event(s) && nm_sd_write_mark(s->out, name);
  if (goes_on && s->pauses) {
    nm_sd_write_line(s->out, "704 PAUSE");
    s->phase = SILENT;
    goes_on = false;
  }
  pthread_mutex_unlock(&s->lock);
  return goes_on;
}

static void write_end(NmSdSpeaker *s)
{
  pthread_mutex_lock(&s->lock);
  if (begin_event(s)) {
    nm_sd_write_line(s->out, "702 END");
    s->phase = SILENT;
  }
  pthread_mutex_unlock(&s->lock);
}

// --- sound and marks ---

static void forget_marks(NmSdSpeaker *s, int n)
{
  if (!n) return;
  for (int i = 0; i < n; ++i) free(s->marks[i].name);
  s->n_marks -= n;
  memmove(s->marks, s->marks + n, (size_t)s->n_marks * sizeof *s->marks);
}

// Writes the marks up to here.
static bool pass_marks(NmSdSpeaker *s)
{
  int n = 0;
  bool goes_on = true;
  while (goes_on && n < s->n_marks && s->marks[n].at <= s->n_samples)
    goes_on = write_mark(s, s->marks[n++].name);
  forget_marks(s, n);
  return goes_on;
}

static int take_timing(void *user, const NeumeTiming *timing)
{
  NmSdSpeaker *s = user;
  if (timing->kind != NEUME_TIMING_MARK) return 0;
  if (s->n_marks == s->capacity) {
    const int capacity = 2 * s->capacity + 16;
    Mark *marks = realloc(s->marks, (size_t)capacity * sizeof *marks);
    if (!marks) return 0; // a mark is less than the message
    s->marks = marks;
    s->capacity = capacity;
  }
  char *name = strdup(timing->text);
  if (name) s->marks[s->n_marks++] = (Mark){name, timing->start};
  return 0;
}

static int take_audio(void *user, const float *samples, size_t n)
{
  NmSdSpeaker *s = user;
  for (size_t i = 0; i < n;) {
    if (!pass_marks(s)) return 1;
    size_t n_block = n - i < BLOCK ? n - i : BLOCK;
    if (s->n_marks && s->marks[0].at - s->n_samples < (int64_t)n_block)
      n_block = (size_t)(s->marks[0].at - s->n_samples);
    if (!write_block(s, samples + i, n_block)) return 1;
    s->n_samples += (int64_t)n_block;
    i += n_block;
  }
  return 0;
}

// --- the thread ---

static NeumeStatus say(NmSdSpeaker *s, const char *text, const char *input, const NmSdSettings *settings,
                       NeumeError *err)
{
  const NmSdValues values = nm_sd_print_values(settings);
  const char *voice = nm_sd_find_voice(s->config, settings);
  const NeumeOption options[] = {{"input", input},
                                 {"rate", values.rate},
                                 {"pitch", values.pitch},
                                 {"range", values.range},
                                 {"energy", values.energy},
                                 {voice[0] ? "voice" : NULL, voice},
                                 {NULL, NULL}};
  const NeumeSink sink = {.size = sizeof sink, .user = s, .audio = take_audio, .timing = take_timing};
  s->n_samples = 0;
  forget_marks(s, s->n_marks);
  return neume_speak(s->neume, text, strlen(text), options, &sink, err);
}

// Malformed SSML is read as text, so that something is heard.
static void speak(NmSdSpeaker *s, const char *ssml, NmSdSettings *settings)
{
  NeumeError err = {0};
  NeumeStatus status = say(s, ssml, "ssml", settings, &err);
  if (status == NEUME_BAD_ARGUMENT && nm_sd_find_voice(s->config, settings)[0]) {
    fprintf(s->log, "neume: %s\n", err.message);
    settings->voice[0] = settings->voice_type[0] = '\0'; // no such voice: any
    status = say(s, ssml, "ssml", settings, &err);
  }
  if (status == NEUME_BAD_DATA && s->n_samples == 0 && err.line > 0) {
    fprintf(s->log, "neume: %s\n", err.message);
    char *text = nm_sd_message_strip(ssml, strlen(ssml));
    if (text) status = say(s, text, "text", settings, &err);
    free(text);
  }
  if (status == NEUME_CANCELLED) return; // who stopped it says so
  if (status != NEUME_OK) fprintf(s->log, "neume: %s\n", err.message);
  pass_marks(s);
  write_end(s);
}

static void *run(void *user)
{
  NmSdSpeaker *s = user;
  pthread_mutex_lock(&s->lock);
  for (;;) {
    while (!s->ssml && !s->quits) pthread_cond_wait(&s->woken, &s->lock);
    if (s->quits) break;
    char *ssml = s->ssml;
    NmSdSettings settings = s->settings;
    s->ssml = NULL;
    s->spoken = s->message;
    pthread_mutex_unlock(&s->lock);
    speak(s, ssml, &settings);
    free(ssml);
    pthread_mutex_lock(&s->lock);
  }
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

// --- making ---

static int choose_threads(int n_threads)
{
  const long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (n_threads > 0) return n_threads;
  return n_processors < 1 ? 1 : n_processors < THREADS_USEFUL ? (int)n_processors : THREADS_USEFUL;
}

static void take_log(void *user, NeumeLogLevel level, const char *message)
{
  fprintf(user, "neume: %s\n", message);
}

static NeumeContext *open_voice(const NmSdConfig *config, NeumeError *err)
{
  char threads[16];
  NeumeOption options[4] = {{"threads", threads}};
  int n = 1;
  snprintf(threads, sizeof threads, "%d", choose_threads(config->n_threads));
  if (config->assets[0]) options[n++] = (NeumeOption){"assets", config->assets};
  if (config->lexicon[0]) options[n++] = (NeumeOption){"lexicon", config->lexicon};
  return neume_context_new(options, err);
}

NmSdSpeaker *nm_sd_speaker_new(const NmSdConfig *config, FILE *out, FILE *log, NeumeError *err)
{
  static const char first[] = "Ready."; // said to nobody, so that memory is warm
  NmSdSpeaker *s = calloc(1, sizeof *s);
  *err = (NeumeError){.status = NEUME_NO_MEMORY, .message = "out of memory"};
  if (!s) return NULL;
  s->config = config;
  s->out = out;
  s->log = log;
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->woken, NULL);
  s->neume = open_voice(config, err);
  if (s->neume) neume_context_set_log(s->neume, take_log, log);
  if (s->neume && neume_speak(s->neume, first, strlen(first), NULL, NULL, err) == NEUME_OK)
    s->is_running = !pthread_create(&s->thread, NULL, run, s);
  if (s->is_running) return s;
  nm_sd_speaker_free(s);
  return NULL;
}

void nm_sd_speaker_free(NmSdSpeaker *s)
{
  if (!s) return;
  pthread_mutex_lock(&s->lock);
  s->quits = true;
  s->phase = SILENT;
  ++s->message;
  pthread_cond_signal(&s->woken);
  pthread_mutex_unlock(&s->lock);
  neume_cancel(s->neume);
  if (s->is_running) pthread_join(s->thread, NULL);
  neume_context_free(s->neume);
  forget_marks(s, s->n_marks);
  free(s->marks);
  free(s->ssml);
  pthread_cond_destroy(&s->woken);
  pthread_mutex_destroy(&s->lock);
  free(s);
}

// --- what it is told ---

bool nm_sd_speaker_reply(NmSdSpeaker *s, const char *line)
{
  pthread_mutex_lock(&s->lock);
  const bool done = nm_sd_write_line(s->out, line);
  pthread_mutex_unlock(&s->lock);
  return done;
}

bool nm_sd_speaker_speak(NmSdSpeaker *s, char *ssml, const NmSdSettings *settings)
{
  pthread_mutex_lock(&s->lock);
  const bool is_free = s->phase == SILENT;
  if (is_free) {
    nm_sd_write_line(s->out, "200 OK SPEAKING"); // before any event
    s->phase = WAITING;
    s->pauses = false;
    s->settings = *settings;
    ++s->message;
    free(s->ssml); // stopped before the thread came to it
    s->ssml = ssml;
    pthread_cond_signal(&s->woken);
  }
  pthread_mutex_unlock(&s->lock);
  if (!is_free) free(ssml);
  return is_free;
}

// The thread, which may be in the middle of a phrase, finds out later that nobody wants it any more.
void nm_sd_speaker_stop(NmSdSpeaker *s)
{
  atomic_store(&s->hurries, true);
  pthread_mutex_lock(&s->lock);
  if (s->phase == WAITING) nm_sd_write_line(s->out, "701 BEGIN");
  if (s->phase != SILENT) nm_sd_write_line(s->out, "703 STOP");
  s->phase = SILENT;
  free(s->ssml);
  s->ssml = NULL;
  atomic_store(&s->hurries, false);
  pthread_mutex_unlock(&s->lock);
  neume_cancel(s->neume);
}

void nm_sd_speaker_pause(NmSdSpeaker *s)
{
  pthread_mutex_lock(&s->lock);
  s->pauses = s->phase != SILENT;
  pthread_mutex_unlock(&s->lock);
}

const char *nm_sd_speaker_get_voice(NmSdSpeaker *s, int i)
{
  return neume_get_voice(s->neume, i, NULL);
}
