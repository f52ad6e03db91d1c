# SPDX-License-Identifier: GPL-3.0-or-later
"""The acoustic model of train_torch.py: models/speech/acoustic.c and critic.c."""
import torch
import torch.nn.functional as F
from torch import nn

from train_torch_layers import (Block, ConvNext, Judge, Optimiser, conv, mask_of, matching_loss, mean, move, plain_step,
                                score_loss)

K, T, B, N_PHONES, N_PLACES, D, N_STACK, JUDGED = 100, 400, 32, 70, 28, 192, 2, 96


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
        self.prosody_in, self.stack, self.frame = conv(2, D, 3), nn.Linear(N_STACK * D, D), nn.Linear(N_STACK * 6, D)
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
        y = y.gather(1, b["index"][:, :, None].expand(-1, -1, D)).view(y.shape[0], T // N_STACK, -1)
        y = self.stack(y) + self.frame(b["frame_features"].view(y.shape[0], T // N_STACK, -1))
        frames = mask_of(b["len_stacks"], T // N_STACK)
        for block in self.decoder:
            y = block(y, frames)
        y = self.out(self.decoder_norm(y)).view(y.shape[0], T, 82)
        return duration, prosody, y

    def loss(self, b):
        return self.loss_of(self(b), b)

    @staticmethod
    def loss_of(out, b):
        duration, prosody, y = out
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


class Critic(nn.Module):
    """One judge of all bands, one of seven groups of neighbouring bands with the same weights."""

    WHOLE = ((5, 192, 1, 1), (5, 192, 1, 2), (5, 192, 1, 4))
    GROUP = ((5, 64, 1, 1), (5, 128, 2, 1), (5, 128, 1, 1))

    def __init__(self):
        super().__init__()
        self.whole, self.group = Judge(80, self.WHOLE), Judge(20, self.GROUP)

    def forward(self, x):
        return [self.whole(x), self.group(torch.cat([x[..., i:i + 20] for i in range(0, 70, 10)]))]


def make_acoustic(device):
    model, batch = Acoustic().to(device).train(), move(acoustic_batch(), device)
    return plain_step(model, Optimiser(model, (0.9, 0.98), 1, 0.998), batch), B * T


def make_acoustic_judged(device):
    model, critic, batch = Acoustic().to(device).train(), Critic().to(device), move(acoustic_batch(), device)
    optimiser, optimiser_critic = Optimiser(model, (0.9, 0.98), 1, 0.998), Optimiser(critic, (0.5, 0.9), 10)
    window = (torch.randint(T - JUDGED, (B, 1)) + torch.arange(JUDGED))[:, :, None].expand(-1, -1, 80).to(device)

    def step():
        optimiser.adam.zero_grad(set_to_none=True)
        critic.requires_grad_(False)
        out = model(batch)
        generated, recorded = out[2][..., :80].gather(1, window), batch["envelope"].gather(1, window)
        fake = critic(generated)
        with torch.no_grad():
            real = critic(recorded)
        (model.loss_of(out, batch) + 0.15 * score_loss(fake, 1) + 0.3 * matching_loss(fake, real)).backward()
        optimiser.step()
        critic.requires_grad_(True)
        optimiser_critic.adam.zero_grad(set_to_none=True)
        (score_loss(critic(generated.detach()), 0) + score_loss(critic(recorded), 1)).backward()
        optimiser_critic.step()

    return step, B * T
