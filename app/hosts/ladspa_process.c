// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/hosts/ladspa_plugin.h"
#include "app/interrupt.h"
#include "app/message.h"
#include "dsp/audio_file.h"

enum { N_BLOCK = 1024, N_CHANNELS_MAX = NM_AUDIO_CHANNELS_MAX };

#define QUIET 3e-5f // half a step of 16 bits and a little: -90 dB
#define GAP_S 3.    // silence this long is the end; echoes may come after less

// A plug-in at work on one file.
typedef struct {
  NmLadspaPlugin plugin;
  LADSPA_Handle handles[N_CHANNELS_MAX];
  int n_instances, n_in, n_out; // channels in all
  bool downmix, spread;         // all channels to one input; one channel to all inputs
  float *values;                // [PortCount] controls
  float *out_values;            // [PortCount] where instances write theirs
  float *in, *out;              // [channels, N_BLOCK]
  float *frames;                // [N_BLOCK, channels] interleaved
  double rate_hz, tail_s;
  int64_t n_delay; // frames that the plug-in is late
} Host;

static NmStatus fail_channels(const Host *h, int n_channels, NmError *err)
{
  return nm_error_set(err, NM_ERR_UNSUPPORTED,
                      "ladspa:%.60s has %d inputs and %d outputs, and cannot take %d channels",
                      h->plugin.d->Label, h->plugin.n_in, h->plugin.n_out, n_channels);
}

// How channels meet ports.
static NmStatus arrange(Host *h, int n_channels, NmError *err)
{
  const int n_in = h->plugin.n_in, n_out = h->plugin.n_out;
  h->n_instances = 1;
  if (n_channels == n_in) {
    // one to one
  } else if (n_in == n_out && n_channels % n_in == 0) {
    h->n_instances = n_channels / n_in;
  } else if (n_in == 1) {
    h->downmix = true;
  } else if (n_channels == 1) {
    h->spread = true;
  } else {
    return fail_channels(h, n_channels, err);
  }
  h->n_in = h->n_instances * n_in;
  h->n_out = h->n_instances * n_out;
  return h->n_out <= N_CHANNELS_MAX && h->n_instances <= N_CHANNELS_MAX ? NM_OK
                                                                        : fail_channels(h, n_channels, err);
}

static NmStatus allocate(Host *h, int n_channels, NmError *err)
{
  const size_t n_ports = h->plugin.d->PortCount + 1,
               n_most = (size_t)(n_channels > h->n_out ? n_channels : h->n_out);
  h->values = calloc(n_ports, sizeof *h->values);
  h->out_values = calloc(n_ports, sizeof *h->out_values);
  h->in = calloc((size_t)h->n_in * N_BLOCK, sizeof *h->in);
  h->out = calloc((size_t)h->n_out * N_BLOCK, sizeof *h->out);
  h->frames = calloc(n_most * N_BLOCK, sizeof *h->frames);
  if (h->values && h->out_values && h->in && h->out && h->frames) return NM_OK;
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static void connect(Host *h, int instance)
{
  const LADSPA_Descriptor *d = h->plugin.d;
  int in = instance * h->plugin.n_in, out = instance * h->plugin.n_out;
  for (unsigned long i = 0; i < d->PortCount; ++i) {
    const LADSPA_PortDescriptor port = d->PortDescriptors[i];
    const bool is_input = LADSPA_IS_PORT_INPUT(port);
    float *place = is_input ? &h->values[i] : &h->out_values[i];
    if (LADSPA_IS_PORT_AUDIO(port)) place = (is_input ? h->in + in++ * N_BLOCK : h->out + out++ * N_BLOCK);
    d->connect_port(h->handles[instance], i, place);
  }
}

static NmStatus start(Host *h, NmError *err)
{
  const LADSPA_Descriptor *d = h->plugin.d;
  for (int k = 0; k < h->n_instances; ++k) {
    h->handles[k] = d->instantiate(d, (unsigned long)h->rate_hz);
    if (!h->handles[k])
      return nm_error_set(err, NM_ERR_UNSUPPORTED, "ladspa:%.60s does not start at %g Hz", d->Label,
                          h->rate_hz);
    connect(h, k);
    if (d->activate) d->activate(h->handles[k]);
  }
  return NM_OK;
}

static void host_fini(Host *h)
{
  const LADSPA_Descriptor *d = h->plugin.d;
  for (int k = 0; k < h->n_instances && d; ++k) {
    if (!h->handles[k]) continue;
    if (d->deactivate) d->deactivate(h->handles[k]);
    if (d->cleanup) d->cleanup(h->handles[k]);
  }
  free(h->values);
  free(h->out_values);
  free(h->in);
  free(h->out);
  free(h->frames);
  nm_ladspa_plugin_close(&h->plugin);
}

static NmStatus set_controls(Host *h, const NmLadspaSetting *settings, int n, NmError *err)
{
  for (unsigned long i = 0; i < h->plugin.d->PortCount; ++i)
    h->values[i] = nm_ladspa_get_default(h->plugin.d, i, h->rate_hz);
  return nm_ladspa_set(h->plugin.d, settings, n, h->rate_hz, h->values, &h->tail_s, err);
}

// --- blocks ---

// n frames [n, n_channels] to the inputs.
static void feed(Host *h, const float *frames, int64_t n, int n_channels)
{
  memset(h->in, 0, (size_t)h->n_in * N_BLOCK * sizeof *h->in);
  for (int64_t i = 0; i < n; ++i)
    for (int c = 0; c < n_channels; ++c) {
      const float x = frames[i * n_channels + c];
      if (h->downmix)
        h->in[i] += x / (float)n_channels;
      else if (h->spread)
        for (int k = 0; k < h->n_in; ++k) h->in[k * N_BLOCK + i] = x;
      else
        h->in[c * N_BLOCK + i] = x;
    }
}

static bool gather(Host *h, int64_t n)
{
  bool finite = true;
  for (int64_t i = 0; i < n; ++i)
    for (int c = 0; c < h->n_out; ++c) {
      const float x = h->out[c * N_BLOCK + i];
      finite &= isfinite(x) != 0;
      h->frames[i * h->n_out + c] = x;
    }
  return finite;
}

static void run(Host *h, int64_t n)
{
  for (int k = 0; k < h->n_instances; ++k) h->plugin.d->run(h->handles[k], (unsigned long)n);
}

static int64_t find_delay(const Host *h)
{
  const LADSPA_Descriptor *d = h->plugin.d;
  for (unsigned long i = 0; i < d->PortCount; ++i) {
    const bool is_output =
        LADSPA_IS_PORT_CONTROL(d->PortDescriptors[i]) && LADSPA_IS_PORT_OUTPUT(d->PortDescriptors[i]);
    if (!is_output || (strcasecmp(d->PortNames[i], "latency") && strcasecmp(d->PortNames[i], "_latency")))
      continue;
    const double delay = h->out_values[i];
    return delay > 0 && delay < 60 * h->rate_hz ? (int64_t)lround(delay) : 0;
  }
  return 0;
}

// --- the file ---

// What is written, the delay taken away. Quiet frames at the end wait until something sounds after them.
typedef struct {
  Host *h;
  NmAudioWriter *writer;
  int64_t n_frames;  // that came from the plug-in
  int64_t n_written; // and were written
  int64_t n_least;   // of the output: the input's
  float *held;       // [n_held, channels]
  int64_t n_held, capacity;
} Sink;

static NmStatus hold(Sink *s, const float *frames, int64_t n, NmError *err)
{
  const int n_out = s->h->n_out;
  if (!n) return NM_OK;
  if (s->n_held + n > s->capacity) {
    const int64_t capacity = 2 * (s->n_held + n);
    float *held = realloc(s->held, (size_t)(capacity * n_out) * sizeof *held);
    if (!held) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    s->held = held;
    s->capacity = capacity;
  }
  memcpy(s->held + s->n_held * n_out, frames, (size_t)(n * n_out) * sizeof *frames);
  s->n_held += n;
  return NM_OK;
}

static NmStatus release(Sink *s, int64_t n, NmError *err)
{
  if (!n) return NM_OK;
  const NmStatus status = nm_audio_writer_write(s->writer, s->held, n, err);
  memmove(s->held, s->held + n * s->h->n_out, (size_t)((s->n_held - n) * s->h->n_out) * sizeof *s->held);
  s->n_held -= n;
  s->n_written += n;
  return status;
}

// Frames up to the last that sounds.
static int64_t count_loud(const float *frames, int64_t n, int n_channels)
{
  for (int64_t i = n * n_channels; i > 0; --i)
    if (fabsf(frames[i - 1]) > QUIET) return (i + n_channels - 1) / n_channels;
  return 0;
}

static NmStatus take(Sink *s, int64_t n, NmError *err)
{
  Host *h = s->h;
  if (!gather(h, n))
    return nm_error_set(err, NM_ERR_BAD_DATA, "ladspa:%.60s gave samples that are no numbers, after %.2f s",
                        h->plugin.d->Label, (double)s->n_frames / h->rate_hz);
  if (!s->n_frames) h->n_delay = find_delay(h);
  const int64_t n_late = h->n_delay - s->n_frames, n_skip = n_late <= 0 ? 0 : n_late < n ? n_late : n;
  const float *frames = h->frames + n_skip * h->n_out;
  s->n_frames += n;
  n -= n_skip;
  const int64_t n_loud = count_loud(frames, n, h->n_out), n_before = s->n_held;
  NmStatus status = hold(s, frames, n, err);
  if (!status && n_loud) status = release(s, n_before + n_loud, err);
  return status;
}

// What came in is heard to its end, even when it is silence.
static NmStatus fill(Sink *s, NmError *err)
{
  const int64_t n_missing = s->n_least - s->n_written;
  if (n_missing <= 0) return NM_OK;
  return release(s, n_missing < s->n_held ? n_missing : s->n_held, err);
}

static NmStatus go_on(NmError *err)
{
  return nm_interrupt_seen() ? nm_error_set(err, NM_ERR_CANCELLED, "interrupted") : NM_OK;
}

static NmStatus send_input(Sink *s, NmAudioReader *reader, int n_channels, NmError *err)
{
  int64_t n = N_BLOCK;
  NmStatus status = NM_OK;
  while (n == N_BLOCK && !status) {
    status = nm_audio_reader_read(reader, s->h->frames, N_BLOCK, &n, err);
    if (status || !n) break;
    feed(s->h, s->h->frames, n, n_channels);
    run(s->h, n);
    s->n_least += n;
    status = take(s, n, err);
    if (!status) status = go_on(err);
  }
  return status;
}

// What sounds on: as long as was asked for, or until it is silent for a while.
static NmStatus send_tail(Sink *s, NmError *err)
{
  Host *h = s->h;
  const bool is_asked = h->tail_s >= 0;
  const double tail_s = is_asked ? h->tail_s : NM_LADSPA_TAIL_MAX_S;
  const int64_t n_end = s->n_least + h->n_delay + (int64_t)llround(tail_s * h->rate_hz);
  const int64_t n_gap = (int64_t)(GAP_S * h->rate_hz);
  NmStatus status = NM_OK;
  feed(h, NULL, 0, 0);
  while (!status && s->n_frames < n_end) {
    const bool is_over = s->n_frames >= s->n_least + h->n_delay && s->n_held > n_gap;
    if (is_over && !is_asked) return NM_OK;
    const int64_t n_left = n_end - s->n_frames, n = n_left < N_BLOCK ? n_left : N_BLOCK;
    run(h, n);
    status = take(s, n, err);
    if (!status) status = go_on(err);
  }
  if (is_asked) s->n_least += (int64_t)llround(tail_s * h->rate_hz);
  if (!status && !is_asked && s->n_held <= n_gap)
    nm_message_warning("ladspa:%s sounds on for more than %d s and is cut off (tail=SECONDS takes more)",
                       h->plugin.d->Label, NM_LADSPA_TAIL_MAX_S);
  return status;
}

static void warn_of_clipping(const Host *h, const NmAudioWriter *writer)
{
  const long long n = nm_audio_writer_get_n_clipped(writer);
  if (n)
    nm_message_warning("ladspa:%s: %lld samples are too loud and were cut off at full scale",
                       h->plugin.d->Label, n);
}

static NmStatus send_all(Host *h, NmAudioReader *reader, int n_channels, const char *path_out, NmError *err)
{
  const NmAudioFormat format = {(int)h->rate_hz, h->n_out, NM_AUDIO_24_BITS};
  Sink sink = {.h = h, .writer = nm_audio_writer_open(path_out, &format, err)};
  if (!sink.writer) return err->status;
  NmStatus status = send_input(&sink, reader, n_channels, err);
  if (!status) status = send_tail(&sink, err);
  if (!status) status = fill(&sink, err);
  if (!status) warn_of_clipping(h, sink.writer);
  free(sink.held);
  const NmStatus closed = nm_audio_writer_close(sink.writer, status == NM_OK, status ? NULL : err);
  return status ? status : closed;
}

// Echoes that fade away take a hundred times as long in denormal numbers.
static void flush_denormals(void)
{
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#endif
}

static NmStatus process(Host *h, const NmLadspaSetting *settings, int n, const char *path_in,
                        const char *path_out, NmError *err)
{
  NmAudioReader *reader = nm_audio_reader_open(path_in, err);
  if (!reader) return err->status;
  const NmAudioInfo info = nm_audio_reader_get_info(reader);
  h->rate_hz = info.rate_hz;
  NmStatus status = arrange(h, info.n_channels, err);
  if (!status) status = allocate(h, info.n_channels, err);
  if (!status) status = set_controls(h, settings, n, err);
  if (!status) status = start(h, err);
  if (!status) status = send_all(h, reader, info.n_channels, path_out, err);
  nm_audio_reader_close(reader);
  return status;
}

NmStatus nm_ladspa_process_file(const NmLadspaPlace *place, const NmLadspaSetting *settings, int n,
                                const char *path_in, const char *path_out, NmError *err)
{
  Host *h = calloc(1, sizeof *h);
  NmError unused = {0};
  if (!err) err = &unused;
  if (!h) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
#if defined(__x86_64__)
  const unsigned mode = __builtin_ia32_stmxcsr();
#endif
  flush_denormals();
  NmStatus status = nm_ladspa_plugin_open(&h->plugin, place, err);
  if (!status) status = process(h, settings, n, path_in, path_out, err);
  host_fini(h);
  free(h);
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(mode);
#endif
  return status;
}
