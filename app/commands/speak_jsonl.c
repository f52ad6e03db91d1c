// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/speak_jsonl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "app/formats/speak_report.h"
#include "app/formats/speak_request.h"
#include "app/interrupt.h"
#include "app/message.h"

enum { N_LINE_MAX = 16 << 20, N_PART = 4096 };

typedef enum { LINE_READ, LINE_TOO_LONG, LINE_END } LineState;

// The line being read; grows up to N_LINE_MAX.
typedef struct {
  char *bytes;
  size_t len, capacity;
} Line;

static bool append(Line *line, const char *part, size_t n)
{
  if (line->len + n + 1 > line->capacity) {
    const size_t capacity = 2 * (line->len + n + 1);
    char *grown = realloc(line->bytes, capacity);
    if (!grown) return false;
    line->bytes = grown;
    line->capacity = capacity;
  }
  memcpy(line->bytes + line->len, part, n);
  line->len += n;
  line->bytes[line->len] = '\0';
  return true;
}

// fgets hides zero bytes; such a line is cut there and then fails as JSON.
static LineState read_line(FILE *file, Line *line)
{
  char part[N_PART];
  bool too_long = false;
  line->len = 0;
  while (fgets(part, sizeof part, file)) {
    const size_t n = strlen(part);
    const bool ended = n && part[n - 1] == '\n';
    if (line->len + n > N_LINE_MAX) too_long = true;
    if (!too_long && !append(line, part, n)) too_long = true;
    if (ended) return too_long ? LINE_TOO_LONG : LINE_READ;
  }
  if (too_long) return LINE_TOO_LONG;
  return line->len ? LINE_READ : LINE_END;
}

static NmStatus speak(NmSpeech *speech, NmSpeakLine *line, json_t *answer, NmError *err)
{
  NmSpeakProof proof;
  line->request.speaker =
      line->voice ? nm_speech_find_speaker(speech, line->voice, err) : line->request.speaker;
  if (line->request.speaker < 0) return err->status;
  NmSpeakJob *job = nm_speak_job_new(speech, &line->request, err);
  if (!job) return err->status;
  NmStatus status = nm_speak_job_feed(job, line->text, line->len, true, err);
  if (!status) status = nm_speak_job_finish(job, err);
  const NmSpeakResult result = nm_speak_job_get_result(job);
  if (!status) status = nm_speak_report_prove(&result, &proof, err);
  if (!status) {
    json_t *notes = json_array();
    for (int i = 0; i < result.n_notes; i++) json_array_append_new(notes, json_string(result.notes[i]));
    const double seconds = (double)result.stats->n_samples / NM_VOICE_RATE_HZ;
    json_t *told = json_pack("{s:s?, s:I, s:f, s:I, s:I, s:b, s:f, s:f, s:o}", "out", line->request.out,
                             "samples", (json_int_t)result.stats->n_samples, "seconds", seconds, "words",
                             (json_int_t)result.stats->n_words, "phones", (json_int_t)result.stats->n_phones,
                             "complete", (int)proof.complete, "milliseconds", 1e3 * result.seconds_total,
                             "milliseconds_first_audio", 1e3 * result.seconds_first_audio, "notes", notes);
    json_object_update_new(answer, told);
  }
  nm_speak_job_free(job);
  return status;
}

static NmStatus answer_line(NmSpeech *speech, const NmSpeakRequest *defaults, const Line *text,
                            int64_t number, json_t *answer, NmError *err)
{
  NmSpeakLine line = {.request = *defaults};
  const float voice_hz = nm_voice_get_pitch_hz(speech->voice, defaults->speaker);
  line.request.report = true;
  line.request.name = "the request";
  NmStatus status = nm_speak_line_parse(&line, text->bytes, text->len, voice_hz, err);
  json_object_set_new(answer, "id", line.id ? json_deep_copy(line.id) : json_integer(number));
  if (!status) status = speak(speech, &line, answer, err);
  nm_speak_line_fini(&line);
  return status;
}

static void print_answer(json_t *answer, NmStatus status, const NmError *err, int64_t number)
{
  json_object_set_new(answer, "ok", json_boolean(status == NM_OK));
  if (status) {
    json_object_set_new(answer, "line", json_integer(number));
    json_t *message = json_string(err->message);
    json_object_set_new(answer, "error", message ? message : json_string(nm_status_text(status)));
  }
  json_dumpf(answer, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
  fputc('\n', stdout);
  fflush(stdout);
}

static bool is_blank(const Line *line)
{
  return strspn(line->bytes, " \t\r\n") == line->len;
}

static int run_lines(NmSpeech *speech, const NmSpeakRequest *defaults, FILE *file)
{
  Line line = {0};
  LineState state;
  int64_t n_failed = 0;
  for (int64_t number = 1; (state = read_line(file, &line)) != LINE_END && !nm_interrupt_seen(); number++) {
    NmError err = {0};
    NmStatus status;
    if (state == LINE_READ && is_blank(&line)) continue;
    json_t *answer = json_object();
    if (state == LINE_READ)
      status = answer_line(speech, defaults, &line, number, answer, &err);
    else
      status = nm_error_set(&err, NM_ERR_BAD_DATA, "the line is longer than 16 megabytes");
    n_failed += status != NM_OK;
    print_answer(answer, status, &err, number);
    json_decref(answer);
    if (ferror(stdout)) break;
  }
  free(line.bytes);
  if (nm_interrupt_seen()) return nm_message_fail(NM_EXIT_INTERRUPTED, "interrupted");
  return n_failed ? NM_EXIT_PARTIAL : NM_EXIT_DONE;
}

int nm_speak_jsonl_run(NmSpeech *speech, const NmSpeakRequest *defaults, const char *path)
{
  const bool is_stdin = !path || !strcmp(path, "-");
  FILE *file = is_stdin ? stdin : fopen(path, "re");
  if (!file) return nm_message_fail(NM_EXIT_INPUT, "cannot read %s: %s", path, strerror(errno));
  const int code = run_lines(speech, defaults, file);
  if (!is_stdin) fclose(file);
  return code;
}
