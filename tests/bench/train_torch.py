#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of training Neume's models by PyTorch, in the units of `neume bench train`.

Usage: train_torch.py [--device cpu|cuda] [--threads N] [--seconds S] [--model NAME...|all]

The networks, losses and batches are Neume's (train_torch_*.py name the sources), written as PyTorch is used: eager,
matrices in tf32, AdamW fused on a card, clipping by norm and a moving average of the weights. The batch lies on the
device from the start and nothing is read back between steps.
"""
import argparse
import statistics
import time

import torch

from train_torch_acoustic import make_acoustic, make_acoustic_judged
from train_torch_text import make_aligner, make_g2p, make_teacher
from train_torch_vocoder import make_vocoder

MODELS = {"aligner": make_aligner, "acoustic": make_acoustic, "acoustic-gan": make_acoustic_judged,
          "teacher": make_teacher, "vocoder": make_vocoder,
          "vocoder-gan": lambda device: make_vocoder(device, True), "g2p": make_g2p}


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


def measure(step, device, seconds):
    """The median seconds of a step, over groups of steps between which the device is waited for."""
    n_group, n_warm = (4, 5) if device == "cuda" else (1, 2)
    times, spent = [], 0.0
    for _ in range(n_warm):
        step()
    wait(device)
    while len(times) < 3 or spent < seconds:
        start = time.perf_counter()
        for _ in range(n_group):
            step()
        wait(device)
        times.append((time.perf_counter() - start) / n_group)
        spent += times[-1] * n_group
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n")[2][7:])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--model", nargs="+", default=["all"], choices=(*MODELS, "all"))
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(1)
    print(f"PyTorch {torch.__version__} on {args.device}, {torch.get_num_threads()} threads")
    for name, make in MODELS.items():
        if name not in args.model and "all" not in args.model:
            continue
        step, n = make(args.device)
        seconds = measure(step, args.device, args.seconds)
        unit = "words/s" if name == "g2p" else "frames/s"
        print(f"{name:13} {1e3 * seconds:9.2f} ms {1 / seconds:9.2f} steps/s {n / seconds:11.0f} {unit}", flush=True)


if __name__ == "__main__":
    main()
