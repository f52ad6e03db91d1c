#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a listener hears of speech-dispatcher: from spd-say to the first sound, from spd-say -S to silence; and a
message that is paused and resumed.

Listens to the monitor of the sink "nowhere" ($PULSE_SERVER). Medians of 10 in milliseconds; they contain the
buffers of the server and of PulseAudio, and the start of spd-say."""
import os
import socket
import statistics
import subprocess
import threading
import time

RATE, BLOCK = 24000, 240
LONG = "It was a bright cold day in April, and the clocks were striking thirteen. " * 20


class Ear(threading.Thread):
    """Since when there is sound, or silence."""

    def __init__(self):
        super().__init__(daemon=True)
        self.process = subprocess.Popen(
            ["parec", "-d", "nowhere.monitor", "--rate", str(RATE), "--channels", "1", "--format", "s16le",
             "--latency-msec", "5"], stdout=subprocess.PIPE)
        self.loud_at = self.silent_since = time.perf_counter()
        self.start()

    def run(self):
        while block := self.process.stdout.read(2 * BLOCK):
            now = time.perf_counter()
            if any(block):
                if self.silent_since:
                    self.loud_at = now
                self.silent_since = 0
            elif not self.silent_since:
                self.silent_since = now

    def wait(self, is_loud):
        limit = time.perf_counter() + 20
        while bool(self.silent_since) == is_loud and time.perf_counter() < limit:
            time.sleep(0.001)
        return self.loud_at if is_loud else self.silent_since


class Client:
    """A program that speaks, by SSIP."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.environ["SPEECHD_ADDRESS"].removeprefix("unix_socket:"))
        self.answers = self.socket.makefile("r", newline="\r\n")
        self.ask("SET SELF CLIENT_NAME bench:live:pause")

    def ask(self, line):
        self.socket.sendall((line + "\r\n").encode())
        while (answer := self.answers.readline())[3] == "-":
            pass
        return answer.strip()


def pause_and_resume(ear):
    client = Client()
    client.ask("SPEAK")
    client.ask(LONG + "\r\n.")
    ear.wait(True)
    time.sleep(2)
    start = time.perf_counter()
    paused = client.ask("PAUSE SELF")
    while time.perf_counter() - start < 20 and not (ear.silent_since and time.perf_counter() - ear.silent_since > 2):
        time.sleep(0.01)
    silent = ear.silent_since - start
    resumed = client.ask("RESUME SELF")
    start = time.perf_counter()
    heard = ear.wait(True) - start
    client.ask("STOP SELF")
    print(f"  {paused}: silent after the sentence, {silent:.1f} s; {resumed}: heard again after {1000 * heard:.0f} ms")


def main():
    ear = Ear()
    subprocess.run(["spd-say", "-w", "Ready."])
    firsts, stops = [], []
    for _ in range(10):
        time.sleep(0.7)
        start = time.perf_counter()
        subprocess.run(["spd-say", LONG])
        firsts.append(ear.wait(True) - start)
        time.sleep(0.8)
        start = time.perf_counter()
        subprocess.run(["spd-say", "-S"])
        while True:  # pauses between words are no end
            end = ear.wait(False)
            time.sleep(0.5)
            if ear.silent_since == end:
                break
        stops.append(end - start)
    for what, seconds in (("to its first sound", firsts), ("from -S to silence", stops)):
        print(f"  spd-say       {what:22}{1000 * statistics.median(seconds):7.1f} ms, at most {1000 * max(seconds):6.1f} ms")
    pause_and_resume(ear)
    ear.process.kill()


main()
