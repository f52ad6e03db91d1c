# SPDX-License-Identifier: GPL-3.0-or-later
"""What the networks of train_torch.py share: layers, losses' means, the optimiser."""
import math

import torch
import torch.nn.functional as F
from torch import nn


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


def attend(q, k, v, bias=None, causal=False):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, is_causal=causal)
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
    if causal:
        bias = torch.full(scores.shape[-2:], -math.inf, device=q.device).triu(1)
    return (scores if bias is None else scores + bias).softmax(-1) @ v


class Heads(nn.Module):
    """Projections to queries, keys and values of several heads, and back."""

    def __init__(self, d, n_heads):
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(d, d) for _ in range(4))
        self.n_heads = n_heads

    def split(self, y):
        return y.view(y.shape[0], y.shape[1], self.n_heads, -1).transpose(1, 2)

    def join(self, y):
        return self.out(y.transpose(1, 2).flatten(2))


class Attention(Heads):
    """Self-attention with a learned bias of every head for each distance up to `reach`."""

    def __init__(self, d, n_heads, reach):
        super().__init__(d, n_heads)
        self.relative, self.reach = nn.Parameter(torch.zeros(n_heads, 2 * reach + 1)), reach

    def forward(self, x, hidden=None):
        q, k, v = self.split(self.q(x)), self.split(self.k(x)), self.split(self.v(x))
        places = torch.arange(x.shape[1], device=x.device)
        bias = self.relative[:, (places[None, :] - places[:, None]).clamp(-self.reach, self.reach) + self.reach][None]
        return self.join(attend(q, k, v, bias if hidden is None else bias.masked_fill(hidden, -math.inf)))


class Block(nn.Module):
    """FastSpeech's block."""

    def __init__(self, d=192, n_heads=2, n_inner=512, reach=16, dropout=0.1):
        super().__init__()
        self.norm0, self.norm1, self.attention = nn.LayerNorm(d), nn.LayerNorm(d), Attention(d, n_heads, reach)
        self.up, self.down, self.dropout = conv(d, n_inner, 3), nn.Linear(n_inner, d), dropout

    def forward(self, x, mask=None, hidden=None):
        x = x + F.dropout(self.attention(self.norm0(x), hidden), self.dropout)
        y = self.norm1(x)
        y = F.dropout(self.up(y if mask is None else y * mask).relu(), self.dropout)
        return x + F.dropout(self.down(y), self.dropout)


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


def score_loss(judged, target):
    return sum(((score - target) ** 2).mean() for _, score in judged)


def matching_loss(fake, real):
    return sum((x - y).abs().mean() for a, b in zip(fake, real) for x, y in zip(a[0], b[0])) / len(fake[0][0])


class Optimiser:
    """AdamW with decay on matrices alone, clipping by norm, and a moving average of the weights."""

    def __init__(self, model, betas, clip, average=0.0, decay=0.01):
        self.params = [p for p in model.parameters() if p.requires_grad]
        groups = [{"params": [p for p in self.params if p.dim() > 1], "weight_decay": decay},
                  {"params": [p for p in self.params if p.dim() == 1], "weight_decay": 0.0}]
        on_card = self.params[0].is_cuda
        self.adam = torch.optim.AdamW(groups, lr=1e-4, betas=betas, eps=1e-9, **({"fused": True} if on_card else {}))
        self.clip, self.share = clip, 1 - average
        self.average = [p.detach().clone() for p in self.params] if average else None

    def step(self):
        torch.nn.utils.clip_grad_norm_(self.params, self.clip)
        self.adam.step()
        if self.average:
            with torch.no_grad():
                torch._foreach_mul_(self.average, 1 - self.share)
                torch._foreach_add_(self.average, self.params, alpha=self.share)


def move(batch, device):
    return {name: x.to(device) for name, x in batch.items()}


def plain_step(model, optimiser, batch):
    """A step of a model that knows its loss."""

    def step():
        optimiser.adam.zero_grad(set_to_none=True)
        model.loss(batch).backward()
        optimiser.step()

    return step
