// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/song_weights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/engine/params.h"

const char tiny_song_vocabulary[] =
    "heav\nen\nthe\nand\nof\nto\nin\na\nmy\nis\nthat\nwith\ni\nhis\nher\nthy\nyou\nfor\nall\nhe\non\n"
    "but\nso\nfrom\nas\nit\nthee\nme\nnot\nbe\nwhen\nthis\nby\nat\nno\nthey\nlove\nwill\n"
    "heart\nwas\no\nshall\nshe\nwho\nare\nwe\nor\nlike\nday\nlight\nsee\nnight\nsweet\nhave\n"
    "if\ntheir\nwhere\nsong\nlong\nbright\nheaven\nhow\none\ngod\nnow\nwhat\nmore\nour\nthen\n"
    "there\nearth\ndeep\nhigh\nsea\nsun\nmoon\nstar\nwind\nhill\ntree\nbird\nsing\ncome\ngo\n"
    "home\nway\ndream\nsleep\nsoft\nstill\ncold\nfire\nrain\nsnow\nspring\nfall\ngreen\nblue\n"
    "gold\nwhite\nred\nrose\nhand\neye\neyes\nface\nname\nsoul\nlife\ndeath\njoy\npain\ntear\n"
    "tears\ntime\nyear\nold\nyoung\nnew\ndear\nfriend\nking\nqueen\nlord\nchild\nman\nworld\n"
    "land\nroad\ndoor\nbell\nring\nflight\nsight\nmight\never\nnev\ner\nriv\nver\nter\nlit\n"
    "tle\ngar\nden\nmorn\nning\neve\ning\nev\nery\nun\nder\nwa\nbeau\nty\nhap\npy\nsor\nrow\n"
    "mor\ngain\nbove\nlow\nfore\nhind\nget\ngive\nhea\nven\nan\ngel\nwon\nsum\nmer\nwin\nflow\n"
    "ow\nmoun\ntain\nval\nley\nshad\ndow\nsi\nlent\ngol\nsil\nmo\nment\n";

NmSongConfig tiny_song_config(void)
{
  return (NmSongConfig){
      .d_model = 24, .n_heads = 2, .d_inner = 32, .n_encoder = 1, .n_decoder = 2, .reach = 4};
}

void write_song_weights(const char *path, const NmSongConfig *config, const char *vocabulary, uint64_t seed)
{
  NmSongModel model;
  NmError err = {0};
  if (nm_song_model_init(&model, config, vocabulary, seed, &err)) fail_msg("%s", err.message);
  char *metadata = nm_song_model_metadata(&model.config, model.vocabulary);
  assert_non_null(metadata);
  if (nm_params_save(model.params, path, NM_STORE_F16, false, metadata, &err)) fail_msg("%s", err.message);
  free(metadata);
  nm_song_model_close(&model);
}
