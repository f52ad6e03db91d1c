# SPDX-License-Identifier: GPL-3.0-or-later
"""Long vowels at asked pitches, for the scripts here that measure them by Praat: sung_pitch and sung_formants."""
import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VOWELS = ("AA", "AE", "IY", "EH", "OW", "UW")
SPEAKING = "speaking"  # in place of a pitch: none is asked for, the voice has its own


def program(given):
    found = [given] if given else sorted(HERE.parent.parent.glob("build/*/neume"))
    if not found:
        sys.exit("build first: cmake --preset release && ninja -C build/release neume")
    return found[0]


def arguments(usage):
    parser = argparse.ArgumentParser(usage=usage)
    parser.add_argument("--program")
    parser.add_argument("--voice")
    parser.add_argument("--lowest", type=float, default=82)
    parser.add_argument("--highest", type=float, default=880)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--keep", help="leave the sound files in this folder")
    args = parser.parse_args()
    args.program = program(args.program)
    return args


def pitches(args):
    """N pitches, evenly spaced in semitones."""
    ratio = args.highest / args.lowest
    return [round(args.lowest * ratio ** (i / max(1, args.count - 1)), 2) for i in range(args.count)]


@contextlib.contextmanager
def folder_of(args):
    if args.keep:
        pathlib.Path(args.keep).mkdir(parents=True, exist_ok=True)
        yield args.keep
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield folder


def speak(args, folder, asked):
    """All vowels at all pitches, in one process; VOWEL_PITCH.wav and .json for each."""
    requests = []
    for hz in asked:
        for vowel in VOWELS:
            name = f"{folder}/{vowel}_{hz}"
            request = {"id": name, "text": f"[[{vowel}1]]", "out": name + ".wav", "timings": [name + ".json"],
                       "rate": 0.1, "range": 0, "force": True}
            request |= {"pitch": f"{hz}Hz"} if hz != SPEAKING else {}
            request |= {"voice": args.voice} if args.voice else {}
            requests.append(json.dumps(request))
    done = subprocess.run([args.program, "speak", "--jsonl"], input="\n".join(requests) + "\n", text=True,
                          stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit("the program could not speak")
    for line in done.stdout.splitlines():
        if not json.loads(line)["ok"]:
            sys.exit(line)


def middle(name, vowel):
    """Seconds at which the middle half of the vowel starts and ends, by the timings."""
    phones = json.load(open(name + ".json"))["phones"]
    start, end = next((p["start"], p["end"]) for p in phones if p["phone"].startswith(vowel))
    quarter = (end - start) / 4
    return start + quarter, end - quarter


def praat(script, *arguments):
    return subprocess.run(["praat", "--run", HERE / script, *map(str, arguments)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
