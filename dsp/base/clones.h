// SPDX-License-Identifier: GPL-3.0-or-later
// Several instruction sets in one binary, chosen at load: NM_CLONES goes before a function whose loops are
// hot. Off where the toolchain's sanitizers cannot run resolvers.
#ifndef NM_BASE_CLONES_H
#define NM_BASE_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define NM_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NM_CLONES
#endif

#endif
