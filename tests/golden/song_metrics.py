#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes song_metrics.tsv, references of models/song/metrics.h: numpy, from the definitions in its header.

A case is a line "n_reference n_hypothesis", one line of PD, DD, MD for SongMASS and then for TeleMelody, and the notes of
both, as found and after normalising: gap, length, pitch, joined, normalised pitch.
"""
import os
from collections import Counter

import numpy as np

SCALES = [{0, 2, 4, 5, 7, 9, 11}, {0, 2, 3, 5, 7, 8, 10}, {0, 2, 3, 5, 7, 8, 11}, {0, 2, 3, 5, 7, 9, 11}]


def melody(rng, n):
    scale = sorted(SCALES[rng.integers(4)])
    tonic = rng.integers(40, 72)
    notes, at = [], 3
    for i in range(n):
        at = int(np.clip(at + rng.integers(-3, 4), 0, 13))
        gap = 0 if rng.random() < 0.8 else int(rng.integers(1, 40))
        length = int(rng.choice([1, 2, 2, 4, 4, 4, 6, 8, 16, 24]))
        notes.append((gap, length, int(tonic + scale[at % 7] + 12 * (at // 7)), int(i > 0 and rng.random() < 0.1)))
    return notes


def normalise(notes):
    pitches = [p for _, _, p, _ in notes]
    fits = [(-sum((p - t) % 12 in s for p in pitches), t, k) for t in range(12) for k, s in enumerate(SCALES)]
    _, tonic, kind = min(fits)
    pitches = [p - tonic + (9 if kind else 0) for p in pitches]
    counts = Counter(p // 12 for p in pitches)
    octave = next(p // 12 for p in pitches if counts[p // 12] == max(counts.values()))
    pitches = [p - 12 * (octave - 5) for p in pitches]
    return [(min(g, 16), min(l, 16), p, j) for (g, l, _, j), p in zip(notes, pitches)]


def shares(values):
    counts = Counter(values)
    return {k: n / len(values) for k, n in counts.items()}


def overlap(a, b):
    a, b = shares(a), shares(b)
    return sum(min(n, b.get(k, 0)) for k, n in a.items())


def warp(x, y):
    table = np.full((len(x) + 1, len(y) + 1), np.inf)
    table[0, 0] = 0
    for i in range(len(x)):
        for j in range(len(y)):
            table[i + 1, j + 1] = abs(x[i] - y[j]) + min(table[i, j], table[i, j + 1], table[i + 1, j])
    return table[-1, -1]


def distance(reference, hypothesis):
    x, y = (np.array(s, float) for s in (reference, hypothesis))
    return warp(x - x.mean(), y - y.mean()) / len(y)


def spread(notes, step):
    series = []
    for i, (gap, length, pitch, _) in enumerate(notes):
        if i > 0:
            series += [series[-1]] * gap
        series += [pitch] * length
    return [series[k * step] for k in range(len(series) // step)]


def songmass(reference, hypothesis):
    pitches, durations = [], []
    for notes in (reference, hypothesis):
        pitches.append([p for _, _, p, _ in notes] + ["rest" for g, _, _, _ in notes if g])
        durations.append([l for _, l, _, _ in notes] + [g for g, _, _, _ in notes if g])
    return overlap(*pitches), overlap(*durations), distance(spread(reference, 2), spread(hypothesis, 2))


def telemelody(reference, hypothesis):
    pitches, durations, series = [], [], []
    for notes in (reference, hypothesis):
        folded = [60 + p % 12 if p < 60 else p if p < 84 else 72 + p % 12 for _, _, p, _ in notes]
        pitches.append(folded)
        lengths = []
        for i, (gap, length, _, joined) in enumerate(notes):
            whole = length + (gap if i else 0)
            if joined:
                lengths[-1] += whole
            else:
                lengths.append(whole)
        durations.append([l // min(lengths) for l in lengths])
        step = min([l for _, l, _, _ in notes] + [g for g, _, _, _ in notes[1:] if g])
        series.append(spread([(g, l, p, j) for (g, l, _, j), p in zip(notes, folded)], step))
    return overlap(*pitches), overlap(*durations), distance(*series)


def main():
    rng = np.random.default_rng(1)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "song_metrics.tsv")
    with open(path, "w", encoding="ascii") as out:
        for _ in range(12):
            songs = [melody(rng, int(rng.integers(3, 40))) for _ in range(2)]
            normal = [normalise(s) for s in songs]
            print(len(songs[0]), len(songs[1]), sep="\t", file=out)
            print(*("%.9f" % v for v in songmass(*normal) + telemelody(*normal)), sep="\t", file=out)
            for notes, after in zip(songs, normal):
                for (gap, length, pitch, joined), (_, _, new, _) in zip(notes, after):
                    print(gap, length, pitch, joined, new, sep="\t", file=out)


main()
