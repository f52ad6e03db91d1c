// SPDX-License-Identifier: GPL-3.0-or-later
// A library of LADSPA plug-ins whose sound can be told in advance, for tests/hosts/test_ladspa.c. With
// NM_LADSPA_BROKEN it is a library that crashes when it is opened.
#include <ladspa.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { N_PORTS = 8, N_LINE = 48000 * 4 };

#ifdef NM_LADSPA_BROKEN
__attribute__((constructor)) static void crash(void)
{
  abort();
}
#endif

typedef struct {
  float *ports[N_PORTS];
  unsigned long rate_hz, n; // frames so far
  float *line;              // [N_LINE]
} Tiny;

#define IN (LADSPA_PORT_INPUT | LADSPA_PORT_AUDIO)
#define OUT (LADSPA_PORT_OUTPUT | LADSPA_PORT_AUDIO)
#define CONTROL (LADSPA_PORT_INPUT | LADSPA_PORT_CONTROL)
#define TELLS (LADSPA_PORT_OUTPUT | LADSPA_PORT_CONTROL)
#define RANGE (LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE)

static LADSPA_Handle instantiate(const LADSPA_Descriptor *d, unsigned long rate_hz)
{
  Tiny *tiny = calloc(1, sizeof *tiny);
  tiny->line = calloc(N_LINE, sizeof *tiny->line);
  tiny->rate_hz = rate_hz;
  return tiny;
}

static void connect(LADSPA_Handle handle, unsigned long port, float *place)
{
  ((Tiny *)handle)->ports[port] = place;
}

static void cleanup(LADSPA_Handle handle)
{
  free(((Tiny *)handle)->line);
  free(handle);
}

static void run_gain(LADSPA_Handle handle, unsigned long n)
{
  Tiny *t = handle;
  const float gain = *t->ports[3] > 0 ? 0 : powf(10, *t->ports[2] / 20) * *t->ports[4];
  for (unsigned long i = 0; i < n; ++i) t->ports[1][i] = gain * t->ports[0][i];
}

static void run_wide(LADSPA_Handle handle, unsigned long n)
{
  Tiny *t = handle;
  for (unsigned long i = 0; i < n; ++i) {
    t->ports[1][i] = t->ports[0][i];
    t->ports[2][i] = -t->ports[0][i];
  }
}

static void run_swap(LADSPA_Handle handle, unsigned long n)
{
  Tiny *t = handle;
  memcpy(t->ports[2], t->ports[1], n * sizeof(float));
  memcpy(t->ports[3], t->ports[0], n * sizeof(float));
}

// Echoes of half the level, each `ports[2]` seconds after the one before.
static void run_echo(LADSPA_Handle handle, unsigned long n)
{
  Tiny *t = handle;
  const unsigned long n_delay = (unsigned long)((double)*t->ports[2] * (double)t->rate_hz + .5);
  for (unsigned long i = 0; i < n; ++i, ++t->n) {
    float *at = &t->line[t->n % n_delay];
    *at = t->ports[0][i] + .5f * *at;
    t->ports[1][i] = *at;
  }
}

static void run_late(LADSPA_Handle handle, unsigned long n)
{
  Tiny *t = handle;
  *t->ports[2] = 1500;
  for (unsigned long i = 0; i < n; ++i, ++t->n) {
    float *at = &t->line[t->n % 1500];
    t->ports[1][i] = *at;
    *at = t->ports[0][i];
  }
}

static void run_nan(LADSPA_Handle handle, unsigned long n)
{
  Tiny *t = handle;
  for (unsigned long i = 0; i < n; ++i, ++t->n) t->ports[1][i] = t->n < 2400 ? t->ports[0][i] : NAN;
}

static void run_hum(LADSPA_Handle handle, unsigned long n)
{
  Tiny *t = handle;
  for (unsigned long i = 0; i < n; ++i) t->ports[1][i] = .25f;
}

static void run_crash(LADSPA_Handle handle, unsigned long n)
{
  raise(SIGSEGV);
}

static void run_tell(LADSPA_Handle handle, unsigned long n)
{
  Tiny *t = handle;
  for (unsigned long i = 0; i < n; ++i) t->ports[1][i] = *t->ports[2] / (float)t->rate_hz;
}

static void run_nothing(LADSPA_Handle handle, unsigned long n) {}

#define PORTS(...)                                                                                           \
  (const LADSPA_PortDescriptor[])                                                                            \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }
#define NAMES(...)                                                                                           \
  (const char *const[])                                                                                      \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }
#define HINTS(...)                                                                                           \
  (const LADSPA_PortRangeHint[])                                                                             \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }
#define TINY(id, label, name, n, ports, names, hints, run)                                                   \
  {                                                                                                          \
    id, label, 0, name, "Neume", "None", n, ports, names, hints, NULL, instantiate, connect, NULL, run,      \
        NULL, NULL, NULL, cleanup                                                                            \
  }

static const LADSPA_Descriptor tinies[] = {
    TINY(9001, "tiny_gain", "Tiny gain", 5, PORTS(IN, OUT, CONTROL, CONTROL, CONTROL),
         NAMES("Input", "Output", "Gain (dB)", "Mute", "Gain times"),
         HINTS({0}, {0}, {RANGE | LADSPA_HINT_DEFAULT_0, -40, 40}, {LADSPA_HINT_TOGGLED},
               {RANGE | LADSPA_HINT_INTEGER | LADSPA_HINT_DEFAULT_1, -.1f, 4.1f}),
         run_gain),
    TINY(9002, "tiny_wide", "Tiny wide", 3, PORTS(IN, OUT, OUT), NAMES("In", "L", "R"), HINTS({0}, {0}, {0}),
         run_wide),
    TINY(9003, "tiny_swap", "Tiny swap", 4, PORTS(IN, IN, OUT, OUT), NAMES("A", "B", "C", "D"),
         HINTS({0}, {0}, {0}, {0}), run_swap),
    TINY(9004, "tiny_echo", "Tiny echo", 3, PORTS(IN, OUT, CONTROL), NAMES("In", "Out", "Delay"),
         HINTS({0}, {0}, {LADSPA_HINT_BOUNDED_ABOVE | LADSPA_HINT_DEFAULT_1, 0, 4}), run_echo),
    TINY(9005, "tiny_late", "Tiny late", 3, PORTS(IN, OUT, TELLS), NAMES("In", "Out", "latency"),
         HINTS({0}, {0}, {0}), run_late),
    TINY(9006, "tiny_nan", "Tiny NaN", 2, PORTS(IN, OUT), NAMES("In", "Out"), HINTS({0}, {0}), run_nan),
    TINY(9007, "tiny_hum", "Tiny hum", 2, PORTS(IN, OUT), NAMES("In", "Out"), HINTS({0}, {0}), run_hum),
    TINY(9008, "tiny_meter", "Tiny meter", 1, PORTS(IN), NAMES("In"), HINTS({0}), run_nothing),
    TINY(9009, "tiny_source", "Tiny source", 1, PORTS(OUT), NAMES("Out"), HINTS({0}), run_nothing),
    TINY(9010, "tiny_crash", "Tiny crash", 2, PORTS(IN, OUT), NAMES("In", "Out"), HINTS({0}, {0}), run_crash),
    TINY(9011, "tiny_tell", "Tiny tell: its control", 3, PORTS(IN, OUT, CONTROL),
         NAMES("In", "Out", "Cutoff"),
         HINTS({0}, {0},
               {RANGE | LADSPA_HINT_SAMPLE_RATE | LADSPA_HINT_LOGARITHMIC | LADSPA_HINT_DEFAULT_MIDDLE, .01f,
                .25f}),
         run_tell),
    TINY(9012, "tiny_three", "Tiny three", 4, PORTS(IN, IN, IN, OUT), NAMES("A", "B", "C", "D"),
         HINTS({0}, {0}, {0}, {0}), run_nothing),
};

__attribute__((visibility("default"))) const LADSPA_Descriptor *ladspa_descriptor(unsigned long index)
{
  return index < sizeof tinies / sizeof *tinies ? &tinies[index] : NULL;
}
