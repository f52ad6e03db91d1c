#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes frontend.f32, the reference of the front end and the envelope: numpy, in double, from the definitions.

Layout, little-endian floats: x [6000] (24 kHz), f0 [24], log mel [24, 80], log envelope [24, 80].
"""
import os

import numpy as np

RATE, N_FFT, HOP, N_MELS = 24000, 1024, 256, 80
N = 6000
N_FRAMES = N // HOP + 1
BIN = RATE / N_FFT


def signal():
    """A gliding vowel: 40 harmonics under two formants, and noise that takes over towards the end."""
    rng = np.random.default_rng(1)
    t = np.arange(N) / RATE
    f0 = 140 + 110 * t / t[-1] + 4 * np.sin(2 * np.pi * 6 * t)
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    x = np.zeros(N)
    for h in range(1, 41):
        f = h * f0
        gain = 1 / (1 + ((f - 700) / 150) ** 2) + 0.4 / (1 + ((f - 1800) / 250) ** 2) + 0.01
        x += np.where(f < 0.45 * RATE, gain * np.cos(h * phase + h * h), 0)
    x = 0.1 * x * np.exp(-4 * t) + 0.01 * rng.standard_normal(N) * t / t[-1]
    return x.astype(np.float32), f0[np.minimum(np.arange(N_FRAMES) * HOP, N - 1)].astype(np.float32)


def mel_bank():
    points = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 12000 / 700), N_MELS + 2) / 2595) - 1)
    f = np.arange(N_FFT // 2 + 1) * BIN
    bank = np.zeros((N_MELS, len(f)))
    for b in range(N_MELS):
        low, centre, high = points[b : b + 3]
        low, high = min(low, centre - BIN), max(high, centre + BIN)
        bank[b] = np.clip(np.minimum((f - low) / (centre - low), (high - f) / (high - centre)), 0, None)
        bank[b] /= bank[b].sum()
    return bank


def frames(x):
    padded = np.pad(x.astype(float), N_FFT // 2, mode="reflect")
    return np.stack([padded[t * HOP : t * HOP + N_FFT] for t in range(N_FRAMES)])


def log_bands(magnitude):
    return np.log(np.maximum(magnitude @ mel_bank().T, 1e-4))


def log_mel(x):
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    return log_bands(np.abs(np.fft.rfft(frames(x) * window)))


def envelope_frame(frame, f0):
    """Morise 2015, within one frame of 1024 samples."""
    n = np.arange(N_FFT) - N_FFT // 2
    w = np.where(np.abs(n) <= 1.5 * RATE / f0, 0.5 + 0.5 * np.cos(np.pi * n * f0 / (1.5 * RATE)), 0)
    y = frame * w
    y -= w * y.sum() / w.sum()
    power = np.abs(np.fft.rfft(y)) ** 2 / (w**2).sum()
    k = np.arange(len(power))
    f = k * BIN
    power = np.where(f < f0, power + np.interp((f0 - f) / BIN, k, power), power)
    mirrored = np.concatenate([power[40:0:-1], power, power[-2:-42:-1]])
    sums = np.concatenate([[0], np.cumsum(mirrored)])

    def integral(f_to):
        return np.interp(f_to / BIN + 40.5, np.arange(len(sums)), sums) * BIN

    smooth = (integral(f + f0 / 3) - integral(f - f0 / 3)) / (2 * f0 / 3)
    cepstrum = np.fft.irfft(np.log(np.maximum(smooth, 1e-12)), n=N_FFT)
    tau = np.minimum(np.arange(N_FFT), N_FFT - np.arange(N_FFT)) / RATE
    lifter = np.sinc(f0 * tau) * (1.3 - 0.3 * np.cos(2 * np.pi * f0 * tau))
    return np.fft.rfft(cepstrum * lifter).real


def log_envelope(x, f0):
    log_power = np.stack([envelope_frame(fr, float(f)) for fr, f in zip(frames(x), f0)])
    return log_bands(np.exp(0.5 * log_power) * np.sqrt(384))


if __name__ == "__main__":
    x, f0 = signal()
    parts = [x, f0, log_mel(x), log_envelope(x, f0)]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "frontend.f32")
    np.concatenate([p.ravel() for p in parts]).astype("<f4").tofile(path)
