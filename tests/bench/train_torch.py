#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of training the acoustic model and the vocoder by PyTorch, in the units of `neume bench train`.

Usage: train_torch.py [--device cpu|cuda] [--threads N] [--model acoustic|vocoder|vocoder-gan|all]

The networks, losses and batches are those of models/speech/acoustic.c, models/vocoder/network.c, losses.c and
discriminator.c, written as PyTorch is used: eager, matrices in tf32, AdamW fused on a card, clipping by norm and a
moving average of the weights. The batch lies on the device from the start and nothing is read back between steps.
"""
import argparse
import math
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

N_BANDS, N_FFT, HOP, N_BINS, RATE = 80, 1024, 256, 513, 24000


class Conv(nn.Conv1d):
    """A convolution over [B, T, C]."""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


def conv(n_in, n_out, kernel, groups=1):
    return Conv(n_in, n_out, kernel, padding=kernel // 2, groups=groups)


def mask_of(lengths, n):
    return (torch.arange(n, device=lengths.device)[None, :] < lengths[:, None]).to(torch.float32)[:, :, None]


def mean(x, weights):
    weights = weights.expand_as(x)
    return (x * weights).sum() / weights.sum()


# The acoustic model.
K, T, B, N_PHONES, N_PLACES, D, N_HEADS, REACH, N_STACK = 100, 400, 32, 70, 28, 192, 2, 16, 2


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(D, D) for _ in range(4))
        self.relative = nn.Parameter(torch.zeros(N_HEADS, 2 * REACH + 1))

    def forward(self, x, hidden):
        split = lambda y: y.view(y.shape[0], y.shape[1], N_HEADS, D // N_HEADS).transpose(1, 2)
        q, k, v = split(self.q(x)), split(self.k(x)), split(self.v(x))
        places = torch.arange(x.shape[1], device=x.device)
        bias = self.relative[:, (places[None, :] - places[:, None]).clamp(-REACH, REACH) + REACH]
        bias = bias[None].masked_fill(hidden, -math.inf)
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        else:
            y = (q @ k.transpose(2, 3) / math.sqrt(D // N_HEADS) + bias).softmax(-1) @ v
        return self.out(y.transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self, n_inner=512):
        super().__init__()
        self.norm0, self.norm1, self.attention = nn.LayerNorm(D), nn.LayerNorm(D), Attention()
        self.up, self.down = conv(D, n_inner, 3), nn.Linear(n_inner, D)

    def forward(self, x, mask, hidden):
        x = x + F.dropout(self.attention(self.norm0(x), hidden), 0.1)
        y = F.dropout(self.up(self.norm1(x) * mask).relu(), 0.1)
        return x + F.dropout(self.down(y), 0.1)


class ConvNext(nn.Module):
    def __init__(self, n, n_inner, dropout=0.0):
        super().__init__()
        self.depthwise, self.norm = conv(n, n, 7, groups=n), nn.LayerNorm(n)
        self.up, self.down = nn.Linear(n, n_inner), nn.Linear(n_inner, n)
        self.scale, self.dropout = nn.Parameter(torch.full((n,), 0.5)), dropout

    def forward(self, x, mask=None):
        y = self.norm(self.depthwise(x if mask is None else x * mask))
        y = F.gelu(self.up(y), approximate="tanh")
        if self.dropout:
            return x + F.dropout(self.down(F.dropout(y, self.dropout)) * self.scale, self.dropout)
        return x + self.down(y) * self.scale


class Predictor(nn.Module):
    def __init__(self, n_out):
        super().__init__()
        self.convs = nn.ModuleList(conv(D, D, 3) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(D) for _ in range(2))
        self.out = nn.Linear(D, n_out)

    def forward(self, x, mask):
        for layer, norm in zip(self.convs, self.norms):
            x = F.dropout(norm(layer(x * mask).relu()), 0.5)
        return self.out(x)


class Acoustic(nn.Module):
    def __init__(self):
        super().__init__()
        self.phone, self.place, self.speaker = nn.Embedding(N_PHONES, D), nn.Embedding(N_PLACES, D), nn.Embedding(1, D)
        self.position, self.encoder = nn.Linear(12, D), nn.ModuleList(Block() for _ in range(4))
        self.norm, self.duration, self.prosody = nn.LayerNorm(D), Predictor(1), Predictor(2)
        self.prosody_in, self.frame, self.stack = conv(2, D, 3), nn.Linear(6, D), nn.Linear(N_STACK * D, D)
        self.decoder = nn.ModuleList(ConvNext(D, 768, 0.1) for _ in range(6))
        self.decoder_norm, self.out = nn.LayerNorm(D), nn.Linear(D, N_STACK * 82)

    def forward(self, b):
        mask, hidden = mask_of(b["len"], K), (mask_of(b["len"], K) == 0)[:, None, None, :, 0]
        x = self.phone(b["phones"]) + self.place(b["places"]) + self.position(b["features"]) + self.speaker(b["speaker"])
        for block in self.encoder:
            x = block(x, mask, hidden)
        x = self.norm(x)
        duration, prosody = self.duration(0.1 * x + 0.9 * x.detach(), mask), self.prosody(x.detach(), mask)
        y = x + self.prosody_in(b["prosody"] * mask)
        y = y.gather(1, b["index"][:, :, None].expand(-1, -1, D)) + self.frame(b["frame_features"])
        y = self.stack(y.view(y.shape[0], T // N_STACK, N_STACK * D))
        frames = mask_of(b["len_stacks"], T // N_STACK)
        for block in self.decoder:
            y = block(y, frames)
        y = self.out(self.decoder_norm(y)).view(y.shape[0], T, 82)
        return duration, prosody, y

    def loss(self, b):
        duration, prosody, y = self(b)
        voicing = F.binary_cross_entropy_with_logits(y[..., 81:], b["voicing"], reduction="none")
        return (mean((y[..., :80] - b["envelope"]).abs(), b["frame_mask"])
                + 0.3 * mean((y[..., 80:81] - b["f0"]).abs(), b["f0_mask"])
                + 0.2 * mean(voicing, b["frame_mask"])
                + 0.3 * mean((duration - b["log_duration"]) ** 2, b["token_mask"])
                + 0.2 * mean((prosody - b["prosody"]) ** 2, b["prosody_mask"]))


def acoustic_batch():
    index = torch.arange(T)[None, :].expand(B, T) // (T // K)
    ones, normal = torch.ones, torch.randn
    return {"phones": torch.randint(N_PHONES, (B, K)), "places": torch.randint(N_PLACES, (B, K)),
            "features": normal(B, K, 12), "speaker": torch.zeros(B, 1, dtype=torch.long),
            "len": torch.full((B,), K), "len_stacks": torch.full((B,), T // N_STACK), "index": index.contiguous(),
            "frame_features": normal(B, T, 6), "envelope": normal(B, T, 80), "f0": normal(B, T, 1),
            "voicing": torch.randint(2, (B, T, 1)).float(), "frame_mask": ones(B, T, 1), "f0_mask": ones(B, T, 1),
            "log_duration": normal(B, K, 1), "token_mask": ones(B, K, 1), "prosody": normal(B, K, 2),
            "prosody_mask": ones(B, K, 2)}


# The vocoder.
B_VOCODER, FRAMES, MARGIN, D_VOCODER = 16, 64, 6, 160
LENGTH, JUDGED = (FRAMES - 1) * HOP, (FRAMES - 1 - 2 * MARGIN) * HOP


class Vocoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm0, self.norm1 = conv(82, D_VOCODER, 7), nn.LayerNorm(D_VOCODER), nn.LayerNorm(D_VOCODER)
        self.blocks, self.head = nn.ModuleList(ConvNext(D_VOCODER, 480) for _ in range(4)), nn.Linear(D_VOCODER, 3 * N_BINS)
        nn.init.normal_(self.head.weight, std=0.01)
        self.register_buffer("bands", torch.rand(N_BANDS, N_BINS) / N_BANDS)
        self.register_buffer("window", torch.hann_window(N_FFT))

    def spectrum(self, x):
        return torch.stft(x, N_FFT, HOP, window=self.window, center=True, pad_mode="reflect", return_complex=True)

    @staticmethod
    def min_phase(log_magnitude):
        cepstrum = torch.fft.irfft(log_magnitude, n=N_FFT)
        half = N_FFT // 2
        folded = torch.cat([cepstrum[..., :1], 2 * cepstrum[..., 1:half], cepstrum[..., half:half + 1]], -1)
        return torch.fft.rfft(folded, n=N_FFT).imag

    def forward(self, b):
        x = self.norm0(self.first(b["features"]))
        for block in self.blocks:
            x = block(x)
        heads = self.head(self.norm1(x))
        base = b["envelope"] @ self.bands - 2.975321
        log_h = (base + heads[..., :N_BINS]).clamp(-14, 5)
        log_n = (base + heads[..., N_BINS:2 * N_BINS] - 1).clamp(-14, 5)
        phase = self.min_phase(log_h) + 3 * heads[..., 2 * N_BINS:]
        voiced = self.spectrum(b["pulses"]) * torch.polar(log_h.exp(), phase).transpose(1, 2)
        breath = self.spectrum(b["noise"]) * log_n.exp().transpose(1, 2)
        sound = torch.istft(voiced + breath, N_FFT, HOP, window=self.window, center=True, length=LENGTH)
        return sound[:, MARGIN * HOP:MARGIN * HOP + JUDGED]


class Losses(nn.Module):
    def __init__(self):
        super().__init__()
        for n in (256, 512, 1024, 2048):
            self.register_buffer(f"window{n}", torch.hann_window(n))
        for n, bands in ((2048, 128), (1024, 80), (512, 40)):
            self.register_buffer(f"bank{n}", torch.rand(n // 2 + 1, bands) / n)

    def magnitude(self, x, n, eps=1e-9):
        z = torch.stft(x, n, n // 4, window=getattr(self, f"window{n}"), center=True, pad_mode="reflect",
                       return_complex=True).transpose(1, 2)
        return (z.real ** 2 + z.imag ** 2 + eps).sqrt()

    def forward(self, sound, target):
        stft = mel = 0
        for n in (256, 512, 1024, 2048):
            a, b = self.magnitude(sound, n), self.magnitude(target, n)
            over = ((a - b) ** 2).flatten(1).sum(1).add(1e-8).sqrt() / (b ** 2).flatten(1).sum(1).add(1e-6).sqrt()
            stft = stft + over.mean() + ((a + 1e-3).log() - (b + 1e-3).log()).abs().mean()
        for n in (2048, 1024, 512):
            bank = getattr(self, f"bank{n}")
            a, b = self.magnitude(sound, n) @ bank, self.magnitude(target, n) @ bank
            mel = mel + (a.clamp_min(1e-4).log() - b.clamp_min(1e-4).log()).abs().mean()
        return 15 * mel / 3 + 2.5 * stft / 4


class Judge(nn.Module):
    """Convolutions of (kernel, channels, stride, dilation), then a score."""

    def __init__(self, n_in, layers):
        super().__init__()
        self.layers = nn.ModuleList()
        for kernel, n_out, stride, dilation in layers:
            self.layers.append(Conv(n_in, n_out, kernel, stride, dilation * (kernel // 2), dilation))
            n_in = n_out
        self.score = conv(n_in, 1, 3)

    def forward(self, x):
        seen = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            seen.append(x)
        return seen, self.score(x)


class Judges(nn.Module):
    SPECTRAL = ((3, 256, 1, 1), (5, 256, 1, 1), (5, 256, 1, 2), (5, 256, 1, 1))
    FOLDED = ((5, 64, 2, 1), (5, 128, 2, 1), (5, 256, 2, 1), (5, 256, 1, 1))

    def __init__(self, losses):
        super().__init__()
        self.magnitude = losses.magnitude
        self.spectral = nn.ModuleDict({str(n): Judge(n // 2 + 1, self.SPECTRAL) for n in (512, 1024, 2048)})
        self.folded = nn.ModuleDict({str(p): Judge(p, self.FOLDED) for p in (3, 4, 7, 11)})

    def forward(self, sound):
        out = [judge((self.magnitude(sound, int(n), 1e-7) + 1e-2).log()) for n, judge in self.spectral.items()]
        for period, judge in self.folded.items():
            p = int(period)
            out.append(judge(sound[:, :sound.shape[1] // p * p].view(sound.shape[0], -1, p)))
        return out


def score_loss(judged, target):
    return sum(((score - target) ** 2).mean() for _, score in judged)


def matching_loss(fake, real):
    return sum((x - y).abs().mean() for a, b in zip(fake, real) for x, y in zip(a[0], b[0])) / 4


def vocoder_batch():
    normal = torch.randn
    return {"features": normal(B_VOCODER, FRAMES, 82), "envelope": normal(B_VOCODER, FRAMES, 80),
            "pulses": normal(B_VOCODER, LENGTH), "noise": normal(B_VOCODER, LENGTH),
            "target": 0.1 * normal(B_VOCODER, JUDGED)}


class Optimiser:
    """AdamW with decay on matrices alone, clipping by norm, and a moving average of the weights."""

    def __init__(self, model, betas, clip, average):
        self.params = [p for p in model.parameters() if p.requires_grad]
        groups = [{"params": [p for p in self.params if p.dim() > 1], "weight_decay": 0.01},
                  {"params": [p for p in self.params if p.dim() == 1], "weight_decay": 0.0}]
        on_card = self.params[0].is_cuda
        self.adam = torch.optim.AdamW(groups, lr=1e-4, betas=betas, eps=1e-9, **({"fused": True} if on_card else {}))
        self.clip, self.average = clip, [p.detach().clone() for p in self.params] if average else None

    def step(self):
        torch.nn.utils.clip_grad_norm_(self.params, self.clip)
        self.adam.step()
        if self.average:
            with torch.no_grad():
                torch._foreach_mul_(self.average, 0.998)
                torch._foreach_add_(self.average, self.params, alpha=0.002)


def move(batch, device):
    return {name: x.to(device) for name, x in batch.items()}


def make_acoustic(device):
    model, batch = Acoustic().to(device).train(), move(acoustic_batch(), device)
    optimiser = Optimiser(model, (0.9, 0.98), 1, True)

    def step():
        optimiser.adam.zero_grad(set_to_none=True)
        model.loss(batch).backward()
        optimiser.step()

    return step, B * T


def make_vocoder(device, judged=False):
    losses, model, batch = Losses().to(device), Vocoder().to(device), move(vocoder_batch(), device)
    judges = Judges(losses).to(device)
    optimiser = Optimiser(model, (0.8, 0.99), 20, True)
    optimiser_judges = Optimiser(judges, (0.8, 0.99), 20, False)

    def generator_loss(sound):
        loss = losses(sound, batch["target"])
        if not judged:
            return loss
        fake = judges(sound)
        with torch.no_grad():
            real = judges(batch["target"])
        return loss + score_loss(fake, 1) + 2 * matching_loss(fake, real)

    def step():
        optimiser.adam.zero_grad(set_to_none=True)
        judges.requires_grad_(False)
        sound = model(batch)
        generator_loss(sound).backward()
        optimiser.step()
        if not judged:
            return
        judges.requires_grad_(True)
        optimiser_judges.adam.zero_grad(set_to_none=True)
        (score_loss(judges(batch["target"]), 1) + score_loss(judges(sound.detach()), 0)).backward()
        optimiser_judges.step()

    return step, B_VOCODER * FRAMES


MODELS = {"acoustic": make_acoustic, "vocoder": make_vocoder, "vocoder-gan": lambda device: make_vocoder(device, True)}


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


def measure(step, device, n_warm=5, seconds=3.0, n_group=4):
    """The median seconds of a step, over groups of steps between which the device is waited for."""
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
    parser.add_argument("--model", default="all", choices=(*MODELS, "all"))
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(1)
    print(f"PyTorch {torch.__version__} on {args.device}, {torch.get_num_threads()} threads")
    for name, make in MODELS.items():
        if args.model not in (name, "all"):
            continue
        step, n_frames = make(args.device)
        seconds = measure(step, args.device, n_group=4 if args.device == "cuda" else 1)
        print(f"{name:13} {1e3 * seconds:9.2f} ms {1 / seconds:9.2f} steps/s {n_frames / seconds:11.0f} frames/s", flush=True)


if __name__ == "__main__":
    main()
