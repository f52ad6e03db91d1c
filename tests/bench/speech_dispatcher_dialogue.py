#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of sd_neume as speech-dispatcher sees them: from a message to its first sound, from STOP to 703.

usage: speech_dispatcher_dialogue.py PATH/sd_neume [CONFIG]
Medians and worst of 50 in milliseconds; nothing is asserted."""
import statistics
import subprocess
import sys
import time

MESSAGES = {
    "a character": ("CHAR", "a"),
    "a word": ("SPEAK", "<speak>Hello.</speak>"),
    "a sentence": ("SPEAK", "<speak>The quick brown fox jumps over the lazy dog, and nobody minds it at all.</speak>"),
    "a long text": ("SPEAK", "<speak>" + "It was a bright cold day in April, and the clocks were striking thirteen. " * 200 + "</speak>"),
}


class Module:
    def __init__(self, argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def say(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def until(self, start):
        while True:
            line = self.process.stdout.readline()
            if not line:
                sys.exit("the module has gone")
            if line.startswith(start):
                return

    def speak(self, verb, text):
        self.say(verb + "\n")
        self.until(b"202")
        self.say(text + "\n.\n")
        self.until(b"200 OK SPEAKING")


def report(name, what, seconds):
    print(f"  {name:14}{what:22}{1000 * statistics.median(seconds):7.1f} ms, at most {1000 * max(seconds):6.1f} ms")


def main():
    start = time.perf_counter()
    module = Module(sys.argv[1:])
    module.say("INIT\n")
    module.until(b"299 OK")
    print(f"  loading        to ready              {1000 * (time.perf_counter() - start):7.1f} ms")
    module.say("AUDIO\naudio_output_method=server\n.\n")
    module.until(b"203 OK AUDIO")
    for name, (verb, text) in MESSAGES.items():
        firsts, stops = [], []
        for i in range(50):
            module.speak(verb, text)
            start = time.perf_counter()
            module.until(b"705-AUDIO")
            firsts.append(time.perf_counter() - start)
            if name == "a long text":
                time.sleep(0.0013 * i)
                start = time.perf_counter()
                module.say("STOP\n")
                module.until(b"703")
                stops.append(time.perf_counter() - start)
            else:
                module.until(b"702")
        report(name, "to its first sound", firsts)
        if stops:
            report(name, "from STOP to silence", stops)
    module.say("QUIT\n")
    module.until(b"210")


main()
