# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocoder of train_torch.py: models/vocoder/network.c, losses.c and discriminator.c."""
import torch
from torch import nn

from train_torch_layers import ConvNext, Judge, Optimiser, conv, matching_loss, move, score_loss

N_BANDS, N_FFT, HOP, N_BINS = 80, 1024, 256, 513
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


def vocoder_batch():
    normal = torch.randn
    return {"features": normal(B_VOCODER, FRAMES, 82), "envelope": normal(B_VOCODER, FRAMES, 80),
            "pulses": normal(B_VOCODER, LENGTH), "noise": normal(B_VOCODER, LENGTH),
            "target": 0.1 * normal(B_VOCODER, JUDGED)}


def make_vocoder(device, judged=False):
    losses, model, batch = Losses().to(device), Vocoder().to(device), move(vocoder_batch(), device)
    judges = Judges(losses).to(device)
    optimiser = Optimiser(model, (0.8, 0.99), 20, 0.998)
    optimiser_judges = Optimiser(judges, (0.8, 0.99), 20)

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
