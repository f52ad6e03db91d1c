// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/pcm.h"

#include <math.h>
#include <string.h>

#include "dsp/audio_file.h"

enum { TAG_PCM = 1, TAG_FLOAT = 3, TAG_EXTENSIBLE = 0xfffe, UNKNOWN_FROM = 0x7ffff000 };

static const struct {
  const char *name;
  int size; // bytes
} encodings[] = {[NM_PCM_U8] = {"u8", 1},   [NM_PCM_S16] = {"s16", 2}, [NM_PCM_S24] = {"s24", 3},
                 [NM_PCM_S32] = {"s32", 4}, [NM_PCM_F32] = {"f32", 4}, [NM_PCM_F64] = {"f64", 8}};

enum { N_ENCODINGS = sizeof encodings / sizeof *encodings };

bool nm_pcm_find_encoding(const char *name, NmPcmEncoding *encoding)
{
  for (int i = 0; i < N_ENCODINGS; ++i) {
    if (strcmp(name, encodings[i].name) != 0) continue;
    *encoding = (NmPcmEncoding)i;
    return true;
  }
  return false;
}

int nm_pcm_get_size(const NmPcmFormat *format)
{
  return encodings[format->encoding].size * format->n_channels;
}

static uint32_t get_u16(const unsigned char *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get_u32(const unsigned char *p)
{
  return get_u16(p) | get_u16(p + 2) << 16;
}

static float get_f32(const unsigned char *p)
{
  const uint32_t bits = get_u32(p);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static float get_f64(const unsigned char *p)
{
  const uint64_t bits = get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
  double value;
  memcpy(&value, &bits, sizeof value);
  return (float)value;
}

static float get_sample(NmPcmEncoding encoding, const unsigned char *p)
{
  switch (encoding) {
  case NM_PCM_U8: return (float)(p[0] - 128) / 128;
  case NM_PCM_S16: return (float)(int16_t)get_u16(p) / 32768;
  case NM_PCM_S24: return (float)((int32_t)(get_u16(p) << 8 | (uint32_t)p[2] << 24) / 256) / 8388608;
  case NM_PCM_S32: return (float)((double)(int32_t)get_u32(p) / 2147483648.0);
  case NM_PCM_F32: return get_f32(p);
  case NM_PCM_F64: return get_f64(p);
  }
  return 0;
}

int64_t nm_pcm_mix_down(const NmPcmFormat *format, const unsigned char *bytes, int64_t n, float *out)
{
  const int size = encodings[format->encoding].size;
  const float scale = 1.0f / (float)format->n_channels;
  int64_t n_replaced = 0;
  for (int64_t i = 0; i < n; ++i) {
    float sum = 0;
    for (int c = 0; c < format->n_channels; ++c, bytes += size) {
      const float x = get_sample(format->encoding, bytes);
      if (fabsf(x) <= NM_AUDIO_AMPLITUDE_MAX)
        sum += x;
      else
        ++n_replaced;
    }
    out[i] = sum * scale;
  }
  return n_replaced;
}

static bool choose_encoding(uint32_t tag, uint32_t n_bits, NmPcmEncoding *encoding)
{
  static const struct {
    uint32_t tag, n_bits;
    NmPcmEncoding encoding;
  } known[] = {{TAG_PCM, 8, NM_PCM_U8},   {TAG_PCM, 16, NM_PCM_S16},   {TAG_PCM, 24, NM_PCM_S24},
               {TAG_PCM, 32, NM_PCM_S32}, {TAG_FLOAT, 32, NM_PCM_F32}, {TAG_FLOAT, 64, NM_PCM_F64}};
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i) {
    if (known[i].tag != tag || known[i].n_bits != n_bits) continue;
    *encoding = known[i].encoding;
    return true;
  }
  return false;
}

// The chunk "fmt " of n bytes.
static bool read_format(const unsigned char *p, size_t n, NmPcmFormat *format)
{
  if (n < 16) return false;
  const uint32_t tag = get_u16(p), rate_hz = get_u32(p + 4), n_channels = get_u16(p + 2);
  const bool is_extended = tag == TAG_EXTENSIBLE && n >= 26;
  if (!choose_encoding(is_extended ? get_u16(p + 24) : tag, get_u16(p + 14), &format->encoding)) return false;
  if (rate_hz < NM_AUDIO_RATE_MIN_HZ || rate_hz > NM_AUDIO_RATE_MAX_HZ) return false;
  if (n_channels < 1 || n_channels > NM_AUDIO_CHANNELS_MAX) return false;
  format->rate_hz = (int)rate_hz;
  format->n_channels = (int)n_channels;
  return get_u16(p + 12) == (uint32_t)nm_pcm_get_size(format);
}

static NmWavHeader need(size_t n, size_t *size)
{
  *size = n;
  return NM_WAV_MORE;
}

// Programs that do not know the length yet write 0 or a number that is too great.
static int64_t get_length(uint32_t n)
{
  return n == 0 || n >= UNKNOWN_FROM ? -1 : (int64_t)n;
}

NmWavHeader nm_wav_parse(const unsigned char *bytes, size_t n, NmPcmFormat *format, size_t *size)
{
  bool has_format = false;
  if (n < 12) return need(12, size);
  if ((memcmp(bytes, "RIFF", 4) != 0 && memcmp(bytes, "RF64", 4) != 0) || memcmp(bytes + 8, "WAVE", 4) != 0)
    return NM_WAV_OTHER;
  for (size_t at = 12;;) {
    if (n < at + 8) return need(at + 8, size);
    const uint32_t n_chunk = get_u32(bytes + at + 4);
    *size = at + 8;
    if (memcmp(bytes + at, "data", 4) == 0) {
      format->n_bytes = get_length(n_chunk);
      return has_format ? NM_WAV_READY : NM_WAV_OTHER;
    }
    const size_t end = at + 8 + (size_t)n_chunk + n_chunk % 2;
    if (n < end) return need(end, size);
    if (memcmp(bytes + at, "fmt ", 4) == 0) {
      if (!read_format(bytes + at + 8, n_chunk, format)) return NM_WAV_OTHER;
      has_format = true;
    }
    at = end;
  }
}
