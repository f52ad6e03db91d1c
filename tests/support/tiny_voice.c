// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_voice.h"

#include <stdlib.h>

#include "models/speech/acoustic_file.h"
#include "models/vocoder/vocoder.h"

static void declare_acoustic(const NmNet *net, const NmAcousticConfig *config)
{
  NmGraph *g = net->graph;
  const NmAcousticInputs in = nm_acoustic_inputs(g, 1, 1);
  const NmAcousticEncoding e = nm_acoustic_encode(net, config, &in, 0);
  const NmVar index = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, config->n_stack));
  const NmVar frames = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, config->n_stack, NM_FRAME_N_FEATURES));
  (void)nm_acoustic_decode(net, config, e.hidden, e.prosody, index, frames, in.len, in.len);
}

static bool save(NmParams *params, const char *path, char *metadata)
{
  const bool good = metadata && nm_params_save(params, path, NM_STORE_F16, false, metadata, NULL) == NM_OK;
  free(metadata);
  return good;
}

bool save_tiny_acoustic(const char *path)
{
  static const char *const speakers[] = {"tiny"};
  static const float f0[2] = {5, .2f};
  NmAcousticConfig c = nm_acoustic_config_defaults();
  c.d_model = c.d_encoder_inner = c.d_decoder_inner = c.d_predictor = 8;
  c.n_encoder = c.n_decoder = 1;
  c.reach = 2;
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  NmGraph *graph = nm_graph_new(nm_backend_cpu(), NULL);
  bool good = params && graph;
  if (good) {
    declare_acoustic(&(NmNet){graph, params, 0}, &c);
    good = nm_params_seal(params, 1, NULL) == NM_OK;
  }
  if (good) {
    nm_params_set(params, nm_params_find(params, "stats.f0"), f0);
    good = save(params, path, nm_acoustic_file_metadata(&c, speakers, &(NmAcousticScales){1, 1}));
  }
  nm_graph_free(graph);
  nm_params_free(params);
  return good;
}

bool save_tiny_vocoder(const char *path)
{
  const NmVocoderConfig config = {.d_model = 8, .n_blocks = 1, .d_inner = 8, .len_kernel = 3};
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  NmGraph *graph = nm_graph_new(nm_backend_cpu(), NULL);
  bool good = params && graph;
  if (good) {
    const NmVar in = nm_graph_input(graph, NM_TYPE_REAL, NM_SHAPE3(1, 1, NM_VOCODER_N_FEATURES));
    (void)nm_vocoder_network(&(NmNet){graph, params, 0}, &config, in);
    good = nm_params_seal(params, 1, NULL) == NM_OK;
  }
  good = good && save(params, path, nm_vocoder_metadata(&config));
  nm_graph_free(graph);
  nm_params_free(params);
  return good;
}
