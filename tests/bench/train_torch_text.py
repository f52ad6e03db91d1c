# SPDX-License-Identifier: GPL-3.0-or-later
"""The aligner, the teacher and the reader of words of train_torch.py: models/speech/aligner.c, models/speech/teacher.c
and models/text/g2p.c. Sums over all paths are PyTorch's own CTC loss, which does the same work with native code."""
import torch
import torch.nn.functional as F
from torch import nn

from train_torch_layers import Block, Heads, Optimiser, attend, conv, mask_of, mean, move, plain_step

B, T, N_PHONES, N_PLACES = 32, 400, 70, 28


class Aligner(nn.Module):
    """Means of two halves of every phone; a frame's score is its distance from them."""

    K, S, S_USED, N_IN = 101, 202, 181, 81  # phones and pauses, their halves, those of them that there are

    def __init__(self):
        super().__init__()
        self.phone, self.text0, self.text1 = nn.Embedding(N_PHONES, 256), conv(256, 512, 3), conv(512, 256, 3)
        self.mean = nn.Linear(256, 2 * self.N_IN)

    def loss(self, b):
        x = self.text1(self.text0(self.phone(b["phones"])).relu()).relu()
        means = self.mean(x).view(B, self.S, self.N_IN).gather(1, b["slots"])
        frames = b["frames"]
        distance = ((frames ** 2).sum(2, keepdim=True) + (means ** 2).sum(2)[:, None]
                    - 2 * frames @ means.transpose(1, 2))
        scores = -0.1 * distance + b["prior"] + b["pad"]
        scores = F.pad(scores, (1, 0), value=-1e4).log_softmax(2).transpose(0, 1)  # the first class is CTC's blank
        return F.ctc_loss(scores, b["states"], b["len_t"], b["len_s"], reduction="sum") / (B * T)


def aligner_batch():
    S, used, normal = Aligner.S, Aligner.S_USED, torch.randn
    slots = torch.cat([torch.arange(used), torch.zeros(S - used, dtype=torch.long)])
    pad = torch.cat([torch.zeros(used), torch.full((S - used,), -1e4)])
    return {"phones": torch.randint(N_PHONES, (B, Aligner.K)),
            "slots": slots[None, :, None].expand(B, -1, Aligner.N_IN).contiguous(), "pad": pad[None, None].expand(B, 1, S),
            "frames": normal(B, T, Aligner.N_IN), "prior": normal(B, T, S),
            "states": torch.arange(1, used + 1)[None].expand(B, -1).contiguous(),
            "len_t": torch.full((B,), T), "len_s": torch.full((B,), used)}


class TeacherBlock(nn.Module):
    """Causal attention over frames, attention over tokens whose weights are guided, and a feed-forward layer."""

    def __init__(self, d, n_heads, n_inner):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(3))
        self.heard, self.cross = Heads(d, n_heads), Heads(d, n_heads)
        self.up, self.down, self.scale = nn.Linear(d, n_inner), nn.Linear(n_inner, d), (d // n_heads) ** -0.5

    def forward(self, x, memory, hidden):
        a, y = self.heard, self.norms[0](x)
        y = a.join(attend(a.split(a.q(y)), a.split(a.k(y)), a.split(a.v(y)), causal=True))
        x = x + F.dropout(y, 0.1)
        a = self.cross
        scores = a.split(a.q(self.norms[1](x))) @ a.split(a.k(memory)).transpose(2, 3) * self.scale
        weights = scores.masked_fill(hidden, -torch.inf).softmax(-1)
        x = x + F.dropout(a.join(weights @ a.split(a.v(memory))), 0.1)
        y = F.dropout(self.up(self.norms[2](x)).relu(), 0.1)
        return x + F.dropout(self.down(y), 0.1), weights


class Teacher(nn.Module):
    D, N_HEADS, INNER, PRENET, K = 384, 4, 1536, 256, 101

    def __init__(self):
        super().__init__()
        D = self.D
        self.phone, self.place, self.speaker = nn.Embedding(N_PHONES, D), nn.Embedding(N_PLACES, D), nn.Embedding(1, D)
        self.position, self.scales = nn.Linear(12, D), nn.Parameter(torch.ones(2))
        self.encoder = nn.ModuleList(Block(D, self.N_HEADS, self.INNER) for _ in range(6))
        self.decoder = nn.ModuleList(TeacherBlock(D, self.N_HEADS, self.INNER) for _ in range(6))
        self.norm0, self.norm1, self.out, self.stop = nn.LayerNorm(D), nn.LayerNorm(D), nn.Linear(D, 82), nn.Linear(D, 1)
        self.prenet0, self.prenet1, self.prenet2 = nn.Linear(82, self.PRENET), nn.Linear(self.PRENET, self.PRENET), nn.Linear(self.PRENET, D)

    def encode(self, b, mask, hidden):
        x = self.phone(b["phones"]) + self.place(b["places"]) + self.position(b["features"]) + self.speaker(b["speaker"])
        x = F.dropout(x + b["positions"][:, :self.K] * self.scales[0], 0.1)
        for block in self.encoder:
            x = block(x, mask, hidden)
        return self.norm0(x)

    def loss(self, b):
        mask = mask_of(b["len"], self.K)
        hidden = (mask == 0)[:, None, None, :, 0]
        memory = self.encode(b, mask, hidden)
        x = F.dropout(self.prenet0(b["before"]).relu(), 0.5)
        x = self.prenet2(F.dropout(self.prenet1(x).relu(), 0.5))
        x, strayed = F.dropout(x + b["positions"] * self.scales[1], 0.1), 0
        for block in self.decoder:
            x, weights = block(x, memory, hidden)
            strayed = strayed + (weights[:, :self.N_HEADS // 2] * b["guide"]).sum()
        x = self.norm1(x)
        y, stop, bce = self.out(x), self.stop(x), F.binary_cross_entropy_with_logits
        return (mean((y[..., :80] - b["envelope"]).abs(), b["frame_mask"])
                + 0.3 * mean((y[..., 80:81] - b["f0"]).abs(), b["frame_mask"])
                + 0.2 * mean(bce(y[..., 81:], b["voicing"], reduction="none"), b["frame_mask"])
                + 0.1 * mean(bce(stop, b["stop"], reduction="none"), b["stop_mask"])
                + strayed / (B * T * self.N_HEADS // 2 * 6))


def teacher_batch():
    ones, normal, K = torch.ones, torch.randn, Teacher.K
    return {"phones": torch.randint(N_PHONES, (B, K)), "places": torch.randint(N_PLACES, (B, K)),
            "features": normal(B, K, 12), "speaker": torch.zeros(B, 1, dtype=torch.long), "len": torch.full((B,), K),
            "positions": normal(1, T, Teacher.D), "before": normal(B, T, 82), "guide": torch.rand(B, 1, T, K),
            "envelope": normal(B, T, 80), "f0": normal(B, T, 1), "voicing": torch.randint(2, (B, T, 1)).float(),
            "frame_mask": ones(B, T, 1), "stop": torch.zeros(B, T, 1), "stop_mask": ones(B, T, 1)}


class G2p(nn.Module):
    """Letters to phones by CTC, the phones of every block given back to the next. Words of seven letters and six
    phones, the middle one of the dictionary's batches."""

    D, BLOCKS, B, T, N_LETTERS, N_SAID = 128, 4, 256, 9, 28, 6

    def __init__(self):
        super().__init__()
        D = self.D
        self.letters, self.norm = nn.Embedding(self.N_LETTERS, D), nn.LayerNorm(D)
        self.blocks = nn.ModuleList(Block(D, 4, 256, 8, 0.05) for _ in range(self.BLOCKS))
        self.out, self.said = nn.Linear(D, 2 * N_PHONES), nn.Linear(2 * N_PHONES, D)

    def head(self, x):
        return self.out(self.norm(x)).view(x.shape[0], -1, N_PHONES)

    def ctc(self, logits, b):
        return F.ctc_loss(logits.log_softmax(2).transpose(0, 1), b["phones"], b["len_t"], b["len_k"], reduction="sum") / self.B

    def loss(self, b):
        x, between = F.dropout(self.letters(b["letters"]), 0.05), 0
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i + 1 < self.BLOCKS:
                logits = self.head(x)
                between = between + self.ctc(logits, b)
                x = x + self.said(logits.softmax(2).view(self.B, self.T, -1))
        return 0.7 * self.ctc(self.head(x), b) + 0.3 / (self.BLOCKS - 1) * between


def g2p_batch():
    n = G2p.B
    return {"letters": torch.randint(G2p.N_LETTERS, (n, G2p.T)), "phones": torch.randint(1, N_PHONES, (n, G2p.N_SAID)),
            "len_t": torch.full((n,), 2 * G2p.T), "len_k": torch.full((n,), G2p.N_SAID)}


def make_aligner(device):
    model = Aligner().to(device)
    return plain_step(model, Optimiser(model, (0.9, 0.98), 1, decay=1e-6), move(aligner_batch(), device)), B * T


def make_teacher(device):
    model = Teacher().to(device).train()
    return plain_step(model, Optimiser(model, (0.9, 0.98), 1, 0.998), move(teacher_batch(), device)), B * T


def make_g2p(device):
    model = G2p().to(device).train()
    return plain_step(model, Optimiser(model, (0.9, 0.98), 1, 0.999), move(g2p_batch(), device)), G2p.B
