#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a folder for `neume prepare emotion` of a copy of VGMIDI: PIECE.mid, pieces.tsv, annotations.jsonl.xz.

usage: vgmidi.py VGMIDI OUT [SOUNDFONT]

Renders every piece with FluidSynth to OUT/PIECE.wav and writes OUT/curves.tsv: a row for each listener's curve. Listeners
of the validation pieces are left out of the training pieces. The column `control` names another listener of the piece:
the neighbour in a list shuffled with a fixed seed (protocol P3).
"""
import csv
import json
import lzma
import os
import random
import subprocess
import sys

SEED = 12345


def read_pieces(folder):
    """{piece: (record, {id: curve})}; an id that rated a piece twice keeps both, as (id, k)."""
    pieces = {}
    with lzma.open(os.path.join(folder, "annotations.jsonl.xz"), "rt") as file:
        for line in file:
            record = json.loads(line)
            curves = {}
            for curve in record["annotations"]:
                key = curve["id"]
                while key in curves:
                    key = (key[0], key[1] + 1) if isinstance(key, tuple) else (key, 1)
                curves[key] = curve
            pieces[record["piece"]] = (record, curves)
    return pieces


def listener(key):
    return key[0] if isinstance(key, tuple) else key


def number(key):
    """A number for a key; second curves of a listener get one of their own."""
    return key[0] + 100000 * key[1] if isinstance(key, tuple) else key


def controls(piece, keys):
    if len(keys) < 2:
        return {}
    shuffled = keys[:]
    random.Random("%d/%s" % (SEED, piece)).shuffle(shuffled)
    return dict(zip(shuffled, shuffled[1:] + shuffled[:1]))


def render(midi, out, soundfont):
    subprocess.run(["fluidsynth", "-ni", "-q", "-F", out, "-r", "24000", "-g", "0.5", "-R", "0", "-C", "0", soundfont,
                    midi], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write_curves(folder, out, pieces):
    with open(os.path.join(folder, "pieces.tsv"), newline="") as file:
        split = {row["piece"]: row["split"] for row in csv.DictReader(file, delimiter="\t")}
    held = {listener(key) for piece, (_, curves) in pieces.items() if split[piece] == "valid" for key in curves}
    with open(os.path.join(out, "curves.tsv"), "w") as file:
        print("piece", "split", "listener", "control", "duration_s", "valence", "arousal", sep="\t", file=file)
        for piece in sorted(pieces):
            record, curves = pieces[piece]
            keys = [key for key in sorted(curves, key=str) if split[piece] == "valid" or listener(key) not in held]
            other = controls(piece, keys)
            for key in keys:
                values = [",".join("%g" % x for x in curves[key][name]) for name in ("valence", "arousal")]
                control = number(other[key]) if key in other else -1
                print(piece, split[piece], number(key), control, record["duration"], *values, sep="\t", file=file)


def main():
    folder, out = sys.argv[1:3]
    soundfont = sys.argv[3] if len(sys.argv) > 3 else "/usr/share/sounds/sf2/FluidR3_GM.sf2"
    os.makedirs(out, exist_ok=True)
    pieces = read_pieces(folder)
    write_curves(folder, out, pieces)
    for piece in sorted(pieces):
        sound = os.path.join(out, piece + ".wav")
        if not os.path.exists(sound):
            render(os.path.join(folder, piece + ".mid"), sound, soundfont)


if __name__ == "__main__":
    main()
