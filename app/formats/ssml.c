// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/ssml.h"

#include <ctype.h>
#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/formats/phoneme_values.h"
#include "app/formats/prosody_values.h"

enum { N_HELD = 1900, N_KNOWN_MAX = 32, N_NAME = 48 };

// What holds inside an element.
typedef struct {
  NmProsody prosody;
  NmSayAs say_as;
  NmSpanKind after; // what ends with it: NM_SPAN_SENTENCE, NM_SPAN_PARAGRAPH; NM_SPAN_TEXT for nothing
  bool skipped;     // its text is not read
} Frame;

struct NmSsml {
  XML_Parser parser;
  NmSsmlSink sink;
  const char *name;
  float voice_hz;
  Frame frames[NM_SSML_DEPTH_MAX + 1]; // [depth + 1]
  int depth;
  char held[N_HELD]; // [n_held] text not handed out yet, white space collapsed
  int n_held;
  bool after_space;
  char *instead; // said in place of the text of the open <sub> or <phoneme>, at depth_instead; or NULL
  NmSpanKind kind_instead;
  int depth_instead;
  char noted[N_KNOWN_MAX][N_NAME]; // [n_noted] elements that were wondered at already
  int n_noted;
  int64_t n_bytes;
  NmStatus status; // why the parse was stopped
  NmError *err;
};

static const char *get_attribute(const XML_Char **attributes, const char *name)
{
  for (; attributes[0]; attributes += 2) {
    if (!strcmp(attributes[0], name)) return attributes[1];
  }
  return NULL;
}

static void note(NmSsml *ssml, const char *fmt, ...) NM_PRINTF(2, 3);

static void note(NmSsml *ssml, const char *fmt, ...)
{
  char text[256], message[512];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  snprintf(message, sizeof message, "%s, line %lu: %s", ssml->name,
           (unsigned long)XML_GetCurrentLineNumber(ssml->parser), text);
  if (ssml->sink.note) ssml->sink.note(ssml->sink.user, message);
}

static void note_value(NmSsml *ssml, const char *attribute, const char *value)
{
  note(ssml, "%s=\"%s\" is not understood and left out", attribute, value);
}

static void stop(NmSsml *ssml, NmStatus status)
{
  if (ssml->status) return;
  ssml->status = status;
  XML_StopParser(ssml->parser, XML_FALSE);
}

static void hand_out(NmSsml *ssml, const NmSpan *span)
{
  if (ssml->status) return;
  const NmStatus status = ssml->sink.span(ssml->sink.user, span, ssml->err);
  if (status) stop(ssml, status);
}

static void hand_out_text(NmSsml *ssml)
{
  const Frame *frame = &ssml->frames[ssml->depth];
  if (!ssml->n_held || ssml->instead) return;
  hand_out(ssml, &(NmSpan){.kind = NM_SPAN_TEXT,
                           .text = ssml->held,
                           .len = (size_t)ssml->n_held,
                           .say_as = frame->say_as,
                           .prosody = frame->prosody});
  ssml->n_held = 0;
}

// Says `text` when the element that begins here ends; what stands in it is only shown.
static void say_instead(NmSsml *ssml, const char *text, NmSpanKind kind)
{
  ssml->instead = strdup(text);
  ssml->kind_instead = kind;
  ssml->depth_instead = ssml->depth + 1;
  if (!ssml->instead) stop(ssml, nm_error_set(ssml->err, NM_ERR_NO_MEMORY, "out of memory"));
}

static void hand_out_instead(NmSsml *ssml)
{
  ssml->held[ssml->n_held] = '\0';
  hand_out(ssml, &(NmSpan){.kind = ssml->kind_instead,
                           .text = ssml->instead,
                           .len = strlen(ssml->instead),
                           .written = ssml->n_held ? ssml->held : NULL,
                           .prosody = ssml->frames[ssml->depth].prosody});
  free(ssml->instead);
  ssml->instead = NULL;
  ssml->n_held = 0;
  ssml->after_space = false;
}

static void on_text(void *user, const XML_Char *text, int len)
{
  NmSsml *ssml = user;
  if (ssml->frames[ssml->depth].skipped) return;
  for (int i = 0; i < len; i++) {
    const bool is_space = isspace((unsigned char)text[i]);
    if (is_space && ssml->after_space) continue;
    if (ssml->n_held == N_HELD - 1) hand_out_text(ssml);
    if (ssml->n_held == N_HELD - 1) return;
    ssml->after_space = is_space;
    ssml->held[ssml->n_held++] = is_space ? ' ' : text[i];
  }
}

static void start_prosody(NmSsml *ssml, const XML_Char **attributes, Frame *frame)
{
  NmProsody inner = nm_prosody_plain();
  for (; attributes[0]; attributes += 2) {
    const char *name = attributes[0], *value = attributes[1];
    bool understood = false;
    if (!strcmp(name, "rate")) understood = nm_prosody_parse_rate(value, &inner);
    if (!strcmp(name, "pitch")) understood = nm_prosody_parse_pitch(value, ssml->voice_hz, &inner);
    if (!strcmp(name, "range")) understood = nm_prosody_parse_range(value, &inner);
    if (!strcmp(name, "volume")) understood = nm_prosody_parse_energy(value, &inner);
    if (!understood) note_value(ssml, name, value);
  }
  frame->prosody = nm_prosody_within(&frame->prosody, &inner);
}

static void start_emphasis(NmSsml *ssml, const XML_Char **attributes, Frame *frame)
{
  const char *level = get_attribute(attributes, "level");
  NmProsody inner = nm_prosody_plain();
  if (!level) level = "moderate";
  if (!nm_prosody_parse_emphasis(level, &inner)) note_value(ssml, "level", level);
  frame->prosody = nm_prosody_within(&frame->prosody, &inner);
}

static double get_strength(const char *strength)
{
  static const struct {
    const char *name;
    double seconds;
  } strengths[] = {{"none", 0},     {"x-weak", .1}, {"weak", .2},
                   {"medium", .35}, {"strong", .6}, {"x-strong", 1}};
  for (size_t i = 0; i < sizeof strengths / sizeof *strengths; i++) {
    if (!strcasecmp(strengths[i].name, strength)) return strengths[i].seconds;
  }
  return -1;
}

static void start_break(NmSsml *ssml, const XML_Char **attributes, Frame *frame)
{
  const char *time = get_attribute(attributes, "time"), *strength = get_attribute(attributes, "strength");
  double seconds = strength ? get_strength(strength) : get_strength("medium");
  if (seconds < 0) {
    note_value(ssml, "strength", strength);
    seconds = get_strength("medium");
  }
  const bool timed = time && nm_prosody_parse_time(time, &seconds);
  if (time && !timed) note_value(ssml, "time", time);
  if (timed && seconds > NM_BREAK_SECONDS_MAX) {
    note(ssml, "a break of %s is cut to ten minutes", time);
    seconds = NM_BREAK_SECONDS_MAX;
  }
  if (timed || seconds > 0) hand_out(ssml, &(NmSpan){.kind = NM_SPAN_BREAK, .seconds = seconds});
}

static void start_mark(NmSsml *ssml, const XML_Char **attributes, Frame *frame)
{
  const char *name = get_attribute(attributes, "name");
  if (!name)
    note(ssml, "a mark without a name is left out");
  else
    hand_out(ssml, &(NmSpan){.kind = NM_SPAN_MARK, .text = name, .len = strlen(name)});
}

static void start_sub(NmSsml *ssml, const XML_Char **attributes, Frame *frame)
{
  const char *alias = get_attribute(attributes, "alias");
  if (!alias) {
    note(ssml, "a sub without an alias is read as it is");
    return;
  }
  say_instead(ssml, alias, NM_SPAN_TEXT);
}

static bool is_arpabet(const char *alphabet)
{
  static const char *const names[] = {"arpabet", "x-arpabet", "cmu", "x-cmu"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!strcasecmp(names[i], alphabet)) return true;
  }
  return false;
}

static void start_phoneme(NmSsml *ssml, const XML_Char **attributes, Frame *frame)
{
  char phones[1024];
  const char *ph = get_attribute(attributes, "ph"), *alphabet = get_attribute(attributes, "alphabet");
  if (!alphabet) alphabet = "ipa";
  bool understood = false;
  if (ph && is_arpabet(alphabet))
    understood = nm_phonemes_from_arpabet(ph, phones, sizeof phones);
  else if (ph && !strcasecmp(alphabet, "ipa"))
    understood = nm_phonemes_from_ipa(ph, phones, sizeof phones);
  if (!understood) {
    note(ssml, "ph=\"%s\" is not English in the alphabet '%s'; the text is read instead", ph ? ph : "",
         alphabet);
    return;
  }
  say_instead(ssml, phones, NM_SPAN_PHONES);
}

static void start_say_as(NmSsml *ssml, const XML_Char **attributes, Frame *frame)
{
  static const struct {
    const char *name;
    NmSayAs say_as;
  } ways[] = {{"characters", NM_SAY_CHARACTERS},
              {"spell-out", NM_SAY_CHARACTERS},
              {"verbatim", NM_SAY_CHARACTERS},
              {"cardinal", NM_SAY_CARDINAL},
              {"number", NM_SAY_CARDINAL},
              {"ordinal", NM_SAY_ORDINAL},
              {"digits", NM_SAY_DIGITS},
              {"date", NM_SAY_DATE},
              {"time", NM_SAY_TIME},
              {"telephone", NM_SAY_TELEPHONE}};
  const char *way = get_attribute(attributes, "interpret-as");
  for (size_t i = 0; way && i < sizeof ways / sizeof *ways; i++) {
    if (strcasecmp(way, ways[i].name)) continue;
    frame->say_as = ways[i].say_as;
    return;
  }
  note_value(ssml, "interpret-as", way ? way : "");
}

static void start_skipped(NmSsml *ssml, const XML_Char **attributes, Frame *frame)
{
  frame->skipped = true;
}

static void start_nothing(NmSsml *ssml, const XML_Char **attributes, Frame *frame) {}

static const struct {
  const char *name;
  void (*start)(NmSsml *ssml, const XML_Char **attributes, Frame *frame);
  NmSpanKind around; // handed out before and after it
} elements[] = {{"speak", start_nothing, NM_SPAN_TEXT},          {"p", start_nothing, NM_SPAN_PARAGRAPH},
                {"paragraph", start_nothing, NM_SPAN_PARAGRAPH}, {"s", start_nothing, NM_SPAN_SENTENCE},
                {"sentence", start_nothing, NM_SPAN_SENTENCE},   {"break", start_break, NM_SPAN_TEXT},
                {"prosody", start_prosody, NM_SPAN_TEXT},        {"emphasis", start_emphasis, NM_SPAN_TEXT},
                {"phoneme", start_phoneme, NM_SPAN_TEXT},        {"sub", start_sub, NM_SPAN_TEXT},
                {"say-as", start_say_as, NM_SPAN_TEXT},          {"mark", start_mark, NM_SPAN_TEXT},
                {"desc", start_skipped, NM_SPAN_TEXT},           {"metadata", start_skipped, NM_SPAN_TEXT},
                {"meta", start_nothing, NM_SPAN_TEXT},           {"w", start_nothing, NM_SPAN_TEXT},
                {"token", start_nothing, NM_SPAN_TEXT}};

static void note_unknown(NmSsml *ssml, const char *name)
{
  for (int i = 0; i < ssml->n_noted; i++) {
    if (!strncmp(ssml->noted[i], name, N_NAME - 1)) return;
  }
  if (ssml->n_noted == N_KNOWN_MAX) return;
  snprintf(ssml->noted[ssml->n_noted++], N_NAME, "%s", name);
  note(ssml, "<%s> is not followed; what it holds is read", name);
}

static void start_known(NmSsml *ssml, const XML_Char *name, const XML_Char **attributes, Frame *frame)
{
  const char *colon = strrchr(name, ':');
  const char *local = colon ? colon + 1 : name;
  for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
    if (strcmp(local, elements[i].name)) continue;
    frame->after = elements[i].around;
    if (frame->after != NM_SPAN_TEXT) hand_out(ssml, &(NmSpan){.kind = frame->after});
    elements[i].start(ssml, attributes, frame);
    return;
  }
  note_unknown(ssml, local);
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
  NmSsml *ssml = user;
  if (ssml->depth == NM_SSML_DEPTH_MAX) {
    const unsigned long line = XML_GetCurrentLineNumber(ssml->parser);
    stop(ssml, nm_error_set_at(ssml->err, NM_ERR_BAD_DATA, -1, (int64_t)line,
                               "%s, line %lu: elements are nested deeper than %d; flatten them", ssml->name,
                               line, NM_SSML_DEPTH_MAX));
    return;
  }
  hand_out_text(ssml);
  Frame frame = ssml->frames[ssml->depth];
  frame.after = NM_SPAN_TEXT;
  if (!frame.skipped && !ssml->instead) start_known(ssml, name, attributes, &frame);
  ssml->frames[++ssml->depth] = frame;
}

static void on_end(void *user, const XML_Char *name)
{
  NmSsml *ssml = user;
  hand_out_text(ssml);
  if (ssml->instead && ssml->depth == ssml->depth_instead) hand_out_instead(ssml);
  const Frame frame = ssml->frames[ssml->depth];
  if (frame.skipped && !ssml->frames[ssml->depth - 1].skipped) ssml->after_space = false;
  if (frame.after != NM_SPAN_TEXT) hand_out(ssml, &(NmSpan){.kind = frame.after});
  ssml->depth--;
}

// Entities could grow a small document without bound or name other files; nobody needs them here.
static void on_entity(void *user, const XML_Char *name, int is_parameter, const XML_Char *value, int len,
                      const XML_Char *base, const XML_Char *system, const XML_Char *public,
                      const XML_Char *notation)
{
  NmSsml *ssml = user;
  const unsigned long line = XML_GetCurrentLineNumber(ssml->parser);
  stop(ssml,
       nm_error_set_at(ssml->err, NM_ERR_BAD_DATA, -1, (int64_t)line,
                       "%s, line %lu: the entity '%.60s' is declared; Neume reads no entity declarations, "
                       "write the text itself",
                       ssml->name, line, name));
}

NmSsml *nm_ssml_new(const char *name, const NmProsody *prosody, float voice_hz, const NmSsmlSink *sink)
{
  NmSsml *ssml = calloc(1, sizeof *ssml);
  if (!ssml) return NULL;
  ssml->parser = XML_ParserCreate(NULL);
  if (!ssml->parser) {
    free(ssml);
    return NULL;
  }
  ssml->name = name;
  ssml->voice_hz = voice_hz;
  ssml->sink = *sink;
  ssml->after_space = true;
  ssml->frames[0] = (Frame){.prosody = *prosody, .after = NM_SPAN_TEXT};
  XML_SetUserData(ssml->parser, ssml);
  XML_SetElementHandler(ssml->parser, on_start, on_end);
  XML_SetCharacterDataHandler(ssml->parser, on_text);
  XML_SetEntityDeclHandler(ssml->parser, on_entity);
  return ssml;
}

void nm_ssml_free(NmSsml *ssml)
{
  if (!ssml) return;
  XML_ParserFree(ssml->parser);
  free(ssml->instead);
  free(ssml);
}

static NmStatus fail(NmSsml *ssml, const char *cause, NmError *err)
{
  const unsigned long line = XML_GetCurrentLineNumber(ssml->parser);
  const unsigned long column = XML_GetCurrentColumnNumber(ssml->parser) + 1;
  return nm_error_set_at(err, NM_ERR_BAD_DATA, XML_GetCurrentByteIndex(ssml->parser), (int64_t)line,
                         "%s, line %lu, column %lu: %s", ssml->name, line, column, cause);
}

static const char *get_cause(const NmSsml *ssml)
{
  const enum XML_Error code = XML_GetErrorCode(ssml->parser);
  if (code == XML_ERROR_NO_ELEMENTS && ssml->depth > 0) return "the text ends before the last closing tag";
  switch (code) {
  case XML_ERROR_NO_ELEMENTS: return "no markup found; SSML begins with <speak>";
  case XML_ERROR_SYNTAX: return "this is not XML here; SSML begins with <speak> and ends with </speak>";
  case XML_ERROR_TAG_MISMATCH: return "this closing tag does not fit the element that is open";
  case XML_ERROR_UNCLOSED_TOKEN: return "the text ends within a tag";
  case XML_ERROR_UNDEFINED_ENTITY: return "this entity is unknown; write &amp; for a plain &";
  case XML_ERROR_INVALID_TOKEN: return "a character is out of place; write &amp; for & and &lt; for <";
  default: return XML_ErrorString(code);
  }
}

NmStatus nm_ssml_parse(NmSsml *ssml, const char *bytes, size_t n, bool at_end, NmError *err)
{
  enum { N_PART = 1 << 16 };
  ssml->err = err;
  if (ssml->status) return nm_error_set(err, ssml->status, "%s: reading it has failed before", ssml->name);
  do {
    const int n_part = n < N_PART ? (int)n : N_PART;
    const bool is_last = at_end && (size_t)n_part == n;
    const enum XML_Status parsed = XML_Parse(ssml->parser, bytes, n_part, is_last);
    if (ssml->status) return ssml->status;
    if (parsed != XML_STATUS_OK) return ssml->status = fail(ssml, get_cause(ssml), err);
    ssml->n_bytes += n_part;
    if (ssml->n_bytes - XML_GetCurrentByteIndex(ssml->parser) > NM_SSML_MARKUP_MAX) {
      return ssml->status = fail(ssml, "a tag begins here and does not end for a megabyte", err);
    }
    bytes += n_part;
    n -= (size_t)n_part;
  } while (n);
  if (at_end) hand_out_text(ssml);
  return ssml->status;
}
