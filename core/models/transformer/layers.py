"""The layers that a Transformer is built of, pre-norm, with a cache for decoding.

    attention   A = softmax(Q Kᵀ / √d_h + mask),  O = [A₁ V₁ g₁ … A_H V_H g_H] W_O + b
                g is 1, or 0 for a head that is muted
    block       x ← x + Attention(LN x)
                x ← x + Attention(LN x, memory)            only where there is a memory
                x ← x + W₂ gelu(W₁ LN x)
    cache       keys and values of the symbols before; a step computes one row of Q, K, V only

Vaswani et al. 2017, 1706.03762. Where we deviate: LN stands before each part and not after it
(Xiong et al. 2020, 2002.04745), gelu in place of relu, no dropout: data are drawn without end.
Shapes: B batch, T rows that look, S rows that are looked at, H heads, d_h = dim / H.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Cache = tuple[Tensor, Tensor]  # keys and values, (B, H, S, d_h) each


class Attention(nn.Module):
    """Several heads of scaled dot-product attention."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)

    def split(self, x: Tensor) -> Tensor:
        """Return (B, T, dim) as (B, H, T, d_h)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def remember(self, memory: Tensor) -> Cache:
        """Return keys and values of rows (B, S, dim)."""
        return self.split(self.key(memory)), self.split(self.value(memory))

    def forward(
        self, x: Tensor, cache: Cache, seen: Tensor | None = None, gate: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Let rows x (B, T, dim) look at remembered ones.

        Args:
            x: the rows that ask.
            cache: of `remember`.
            seen: booleans that broadcast to (B, H, T, S): may it look there? None: anywhere.
            gate: (H,) what each head's output is multiplied by; None: 1.

        Returns:
            (B, T, dim), and the weights (B, H, T, S).
        """
        q, (k, v) = self.split(self.query(x)), cache  # (B, H, T, d_h), (B, H, S, d_h)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])  # (B, H, T, S)
        if seen is not None:
            scores = scores.masked_fill(~seen, -math.inf)
        weights = scores.softmax(-1)
        heads = weights @ v  # (B, H, T, d_h)
        if gate is not None:
            heads = heads * gate[:, None, None]
        return self.out(heads.transpose(1, 2).flatten(2)), weights


class Block(nn.Module):
    """Self-attention, attention to a memory where there is one, and a net for each row."""

    def __init__(self, dim: int, heads: int, hidden: int, crossed: bool = False):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.own = Attention(dim, heads)
        self.cross_norm = nn.LayerNorm(dim) if crossed else None
        self.cross = Attention(dim, heads) if crossed else None
        self.net_norm = nn.LayerNorm(dim)
        self.widen = nn.Linear(dim, hidden)
        self.narrow = nn.Linear(hidden, dim)

    def forward(
        self,
        x: Tensor,
        seen: Tensor | None = None,
        past: Cache | None = None,
        memory: Cache | None = None,
        memory_seen: Tensor | None = None,
        gates: tuple[Tensor | None, Tensor | None] = (None, None),
    ) -> tuple[Tensor, Cache, Tensor, Tensor | None]:
        """Return x (B, T, dim) after the block, the cache with these rows in it, and the weights.

        Args:
            x: the rows.
            seen: where a row may look among past and present rows, as in `Attention`.
            past: keys and values of the rows before these.
            memory: of the encoder, by this block's `cross.remember`.
            memory_seen: where a row may look there.
            gates: (H,) of the heads of self-attention, and of those that look at the memory.
        """
        normed = self.norm(x)
        k, v = self.own.remember(normed)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        found, weights = self.own(normed, (k, v), seen, gates[0])
        x, looked = x + found, None
        if self.cross is not None and self.cross_norm is not None:
            assert memory is not None
            found, looked = self.cross(self.cross_norm(x), memory, memory_seen, gates[1])
            x = x + found
        x = x + self.narrow(F.gelu(self.widen(self.net_norm(x))))
        return x, (k, v), weights, looked


def sines(count: int, dim: int) -> Tensor:
    """Return the sinusoidal positions (count, dim) in float32."""
    from core.models.transformer.positions import sinusoidal

    return torch.as_tensor(sinusoidal(count, dim)).float()


def causal(count: int, device: torch.device | None = None) -> Tensor:
    """Return (count, count) booleans: row t may look at columns up to t."""
    return torch.ones(count, count, dtype=torch.bool, device=device).tril()
