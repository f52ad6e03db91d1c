// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/speak_request.h"

#include <string.h>

#include "app/command.h"
#include "app/formats/prosody_values.h"

static NmStatus fail_field(const char *field, const char *wanted, NmError *err)
{
  return nm_error_set(err, NM_ERR_BAD_DATA, "\"%s\" must be %s", field, wanted);
}

// A number or a string as the text that the prosody parsers read.
static bool to_text(const json_t *value, char *text, size_t size)
{
  if (json_is_string(value)) return snprintf(text, size, "%s", json_string_value(value)) < (int)size;
  if (json_is_number(value)) return snprintf(text, size, "%.9g", json_number_value(value)) < (int)size;
  return false;
}

static NmStatus read_rate(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  char text[64];
  const bool understood =
      to_text(value, text, sizeof text) && nm_prosody_parse_rate(text, &line->request.prosody);
  return understood ? NM_OK : fail_field("rate", "a factor from 0.1 to 10, such as 1.2 or \"120%\"", err);
}

static NmStatus read_pitch(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  char text[64];
  const bool understood =
      to_text(value, text, sizeof text) && nm_prosody_parse_pitch(text, voice_hz, &line->request.prosody);
  return understood ? NM_OK
                    : fail_field("pitch", "semitones such as 3 or \"-2st\", \"110%\" or \"180Hz\"", err);
}

static NmStatus read_range(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  char text[64];
  const bool understood =
      to_text(value, text, sizeof text) && nm_prosody_parse_range(text, &line->request.prosody);
  return understood ? NM_OK : fail_field("range", "a factor from 0 to 4, such as 0.5 or \"50%\"", err);
}

static NmStatus read_energy(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  char text[64];
  const bool understood =
      to_text(value, text, sizeof text) && nm_prosody_parse_energy(text, &line->request.prosody);
  return understood ? NM_OK : fail_field("energy", "decibels from -60 to 20, such as -3 or \"+6dB\"", err);
}

static NmStatus read_seed(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  if (!json_is_integer(value) || json_integer_value(value) < 0)
    return fail_field("seed", "a whole number", err);
  line->request.seed = (uint64_t)json_integer_value(value);
  return NM_OK;
}

static NmStatus read_flag(const json_t *value, const char *field, bool *flag, NmError *err)
{
  if (!json_is_boolean(value)) return fail_field(field, "true or false", err);
  *flag = json_is_true(value);
  return NM_OK;
}

static NmStatus read_force(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  return read_flag(value, "force", &line->request.force, err);
}

static NmStatus read_raw(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  return read_flag(value, "raw", &line->request.raw, err);
}

static NmStatus read_string(const json_t *value, const char *field, const char **string, NmError *err)
{
  const char *text = json_string_value(value);
  if (!text || !*text) return fail_field(field, "a string that is not empty", err);
  *string = text;
  return NM_OK;
}

static NmStatus read_voice(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  return read_string(value, "voice", &line->voice, err);
}

static NmStatus read_picture(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  return read_string(value, "picture", &line->request.picture, err);
}

// Standard output carries the answers.
static NmStatus read_out(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  NmStatus status = read_string(value, "out", &line->request.out, err);
  if (!status && !strcmp(line->request.out, "-")) return fail_field("out", "a file, not \"-\"", err);
  return status;
}

static NmStatus add_timings(NmSpeakLine *line, const json_t *value, NmError *err)
{
  NmSpeakRequest *request = &line->request;
  if (request->n_timings == NM_SPEAK_TIMINGS_MAX) {
    return nm_error_set(err, NM_ERR_BAD_DATA, "\"timings\" has more than %d files", NM_SPEAK_TIMINGS_MAX);
  }
  return read_string(value, "timings", &request->timings[request->n_timings++], err);
}

static NmStatus read_timings(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  NmStatus status = NM_OK;
  line->request.n_timings = 0;
  if (!json_is_array(value)) return add_timings(line, value, err);
  for (size_t i = 0; i < json_array_size(value) && !status; i++) {
    status = add_timings(line, json_array_get(value, i), err);
  }
  return status;
}

static NmStatus read_spoken(NmSpeakLine *line, const json_t *value, NmSpeakInputKind input, NmError *err)
{
  if (line->text) return nm_error_set(err, NM_ERR_BAD_DATA, "give \"text\" or \"ssml\", not both");
  if (!json_is_string(value)) return fail_field(input == NM_INPUT_SSML ? "ssml" : "text", "a string", err);
  line->text = json_string_value(value);
  line->len = json_string_length(value);
  line->request.input = input;
  return NM_OK;
}

static NmStatus read_text(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  return read_spoken(line, value, NM_INPUT_TEXT, err);
}

static NmStatus read_ssml(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  return read_spoken(line, value, NM_INPUT_SSML, err);
}

static NmStatus read_id(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err)
{
  return NM_OK;
}

static const struct {
  const char *name;
  NmStatus (*read)(NmSpeakLine *line, const json_t *value, float voice_hz, NmError *err);
} fields[] = {{"id", read_id},       {"text", read_text},       {"ssml", read_ssml},
              {"out", read_out},     {"timings", read_timings}, {"picture", read_picture},
              {"voice", read_voice}, {"rate", read_rate},       {"pitch", read_pitch},
              {"range", read_range}, {"energy", read_energy},   {"seed", read_seed},
              {"force", read_force}, {"raw", read_raw}};

enum { N_FIELDS = (int)(sizeof fields / sizeof *fields) };

static NmStatus fail_unknown(const char *name, NmError *err)
{
  const char *names[N_FIELDS];
  for (int i = 0; i < N_FIELDS; i++) names[i] = fields[i].name;
  const char *near = nm_nearest(name, names, N_FIELDS);
  if (!near) return nm_error_set(err, NM_ERR_BAD_DATA, "there is no field \"%.60s\"", name);
  return nm_error_set(err, NM_ERR_BAD_DATA, "there is no field \"%.60s\"; did you mean \"%s\"?", name, near);
}

static NmStatus read_field(NmSpeakLine *line, const char *name, const json_t *value, float voice_hz,
                           NmError *err)
{
  for (int i = 0; i < N_FIELDS; i++) {
    if (!strcmp(name, fields[i].name)) return fields[i].read(line, value, voice_hz, err);
  }
  return fail_unknown(name, err);
}

static NmStatus check(const NmSpeakLine *line, NmError *err)
{
  const NmSpeakRequest *request = &line->request;
  if (!line->text) return nm_error_set(err, NM_ERR_BAD_DATA, "\"text\" or \"ssml\" is missing");
  if (request->out || request->n_timings || request->picture) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "\"out\" is missing: the audio file to write");
}

NmStatus nm_speak_line_parse(NmSpeakLine *line, const char *bytes, size_t n, float voice_hz, NmError *err)
{
  json_error_t cause;
  const char *name;
  json_t *value;
  NmStatus status = NM_OK;
  line->root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &cause);
  if (!line->root) {
    return nm_error_set(err, NM_ERR_BAD_DATA, "this is no JSON: column %d: %s", cause.column, cause.text);
  }
  if (!json_is_object(line->root))
    return nm_error_set(err, NM_ERR_BAD_DATA, "a request is a JSON object, {...}");
  line->id = json_object_get(line->root, "id");
  json_object_foreach(line->root, name, value)
  {
    if (!status) status = read_field(line, name, value, voice_hz, err);
  }
  return status ? status : check(line, err);
}

void nm_speak_line_fini(NmSpeakLine *line)
{
  json_decref(line->root);
  *line = (NmSpeakLine){0};
}
