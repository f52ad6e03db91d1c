#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes loss_curve.tsv: ten steps of training a small network, by PyTorch (Debian's python3-torch), in double.

The network has FastSpeech's encoder block, a length regulator, a ConvNeXt block and a duration predictor;
tests/models/test_loss_curve.c trains the same one with the engine. Weights and data come from a hash of their
names, which both compute alike. Columns: step, loss, norm of the gradients before clipping.
"""
import math
import os

import torch
import torch.nn.functional as F

B, T, FRAMES, V, C, HEADS, REACH, INNER, BANDS = 6, 24, 96, 40, 32, 2, 5, 64, 8
STEPS, WARM, PEAK, DECAY, CLIP = 10, 3, 0.02, 0.1, 1.0
LENGTHS = [24, 5, 17, 1, 23, 12]
torch.set_default_dtype(torch.float64)


def words(name, n):
    """n numbers of 24 bits."""
    h = 2166136261
    for byte in name.encode():
        h = (h ^ byte) * 16777619 & 0xFFFFFFFF
    out = []
    for i in range(n):
        x = (h + i * 2654435769) & 0xFFFFFFFF
        x = (x ^ x >> 16) * 0x7FEB352D & 0xFFFFFFFF
        x = (x ^ x >> 15) * 0x846CA68B & 0xFFFFFFFF
        out.append((x ^ x >> 16) >> 8)
    return out


def uniform(name, *shape):
    """Numbers of -1 to 1, exact in single precision."""
    return torch.tensor(words(name, math.prod(shape))).view(shape) / 2.0**23 - 1


params = {}


def param(name, *shape):
    if name not in params:
        part = name.rsplit(".", 1)[1]
        spread = 0.5 if part in ("w", "table", "relative") else 0.125
        centre = {"gain": 1.0, "scale": 0.5}.get(part, 0.0)
        params[name] = (centre + spread * uniform(name, *shape)).requires_grad_()
    return params[name]


def linear(name, x, n_out):
    return x @ param(name + ".w", x.shape[-1], n_out) + param(name + ".b", n_out)


def norm(name, x):
    n = x.shape[-1]
    return F.layer_norm(x, (n,), param(name + ".gain", n), param(name + ".bias", n), 1e-5)


def conv(name, x, n_out, kernel, groups=1):
    w = param(name + ".w", kernel, x.shape[-1] // groups, n_out)
    y = F.conv1d(x.transpose(1, 2), w.permute(2, 1, 0), param(name + ".b", n_out), padding=kernel // 2, groups=groups)
    return y.transpose(1, 2)


def mask(lengths, n):
    return (torch.arange(n)[None, :] < lengths[:, None]).to(torch.float64)[:, :, None]


def attention(name, x, lengths, relative):
    split = lambda part: linear(f"{name}.{part}", x, C).view(B, T, HEADS, C // HEADS).transpose(1, 2)
    q, k, v = split("q"), split("k"), split("v")
    scores = q @ k.transpose(2, 3) / math.sqrt(C // HEADS)
    distance = (torch.arange(T)[None, :] - torch.arange(T)[:, None]).clamp(-REACH, REACH) + REACH
    scores = scores + relative[:, distance]
    hidden = mask(lengths, T)[:, None, None, :, 0] == 0
    mixed = scores.masked_fill(hidden, -math.inf).softmax(-1) @ v
    return linear(name + ".out", mixed.transpose(1, 2).reshape(B, T, C), C)


def encoder(name, x, lengths):
    relative = param(name + ".relative", HEADS, 2 * REACH + 1)
    x = x + attention(name + ".attention", norm(name + ".norm_attention", x), lengths, relative)
    y = norm(name + ".norm_ff", x) * mask(lengths, T)
    return x + linear(name + ".ff.down", conv(name + ".ff.up", y, INNER, 3).relu(), C)


def decoder(name, x, lengths):
    y = conv(name + ".depthwise", x * mask(lengths, FRAMES), C, 7, groups=C)
    y = F.gelu(linear(name + ".up", norm(name + ".norm", y), INNER), approximate="tanh")
    return x + linear(name + ".down", y, C) * param(name + ".scale", C)


def predictor(name, x, lengths):
    for i in range(2):
        x = norm(f"{name}.norm{i}", conv(f"{name}.conv{i}", x * mask(lengths, T), C, 3).relu())
    return linear(name + ".out", x, 1)


def mean(x, weights):
    weights = weights.expand_as(x)
    return (x * weights).sum() / weights.sum()


def loss(lengths):
    frames = lengths * 4
    ids = torch.tensor([word % V for word in words("ids", B * T)]).view(B, T)
    x = encoder("encoder", param("phone.table", V, C)[ids], lengths)
    durations = predictor("duration", x, lengths)
    x = x[:, torch.arange(FRAMES) // 4] * mask(frames, FRAMES)
    x = linear("out", norm("out_norm", decoder("decoder", x, frames)), BANDS + 1)
    on_frames, on_tokens = mask(frames, FRAMES), mask(lengths, T)
    l1 = mean((x[..., :BANDS] - uniform("envelope", B, FRAMES, BANDS)).abs(), on_frames)
    voiced = torch.tensor([word % 2 for word in words("voiced", B * FRAMES)]).view(B, FRAMES, 1).double()
    bce = mean(F.binary_cross_entropy_with_logits(x[..., BANDS:], voiced, reduction="none"), on_frames)
    mse = mean((durations - uniform("durations", B, T, 1)) ** 2, on_tokens)
    return l1 + 0.5 * bce + 0.25 * mse


def rate(step):
    if step < WARM:
        return PEAK * (step + 1) / WARM
    done = (step - WARM) / (STEPS - WARM)
    return PEAK * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * done)))


def main():
    lengths = torch.tensor(LENGTHS)
    loss(lengths)
    decayed = [p for p in params.values() if p.dim() > 1]
    rest = [p for p in params.values() if p.dim() == 1]
    groups = [{"params": decayed, "weight_decay": DECAY}, {"params": rest, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-9)
    rows = ["step\tloss\tnorm\n"]
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = rate(step)
        optimiser.zero_grad()
        value = loss(lengths)
        value.backward()
        total = torch.nn.utils.clip_grad_norm_(params.values(), CLIP)
        optimiser.step()
        rows.append(f"{step}\t{value.item():.9f}\t{total.item():.9f}\n")
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "loss_curve.tsv")
    with open(path, "w", encoding="ascii") as file:
        file.writelines(rows)
    print("".join(rows), end="")


main()
