"""A decoder-only Transformer that writes letters: each looks at those before it and none after.

    logits_t = LN(blocks(E[x] + P))_t Eᵀ      causal mask; positions P learned; E is used twice
    loss     = −mean log p(x_{t+1} | x_1 … x_t) in nats a letter
    writing  p = softmax(logits / temperature); then only the k likeliest letters are kept (top-k);
             then the fewest of them whose probabilities reach p₀ (top-p, the one that crosses it
             too); what is kept is scaled to sum to 1, and drawn from

Papers: Radford et al. 2018 (GPT); Holtzman et al. 2020, arXiv 1904.09751 (top-p). We deviate in
letters in place of word pieces, one context of 128 without a window that slides, and in what
core.models.transformer.layers says.

Indices: 0 [start], 1 a letter that is not known, the rest by place in Config.letters.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import TypedDict

from core.data.sentences import alphabet
from core.inputs import InputError, describe, integer, number
from core.models.transformer.layers import Block, Cache, causal

START, UNKNOWN = 0, 1
TOP = 10
TEMPERATURES = (0.1, 5.0)
BEGINNING = "[start]"


@dataclass(frozen=True)
class Config:
    """The settings of a net.

    Attributes:
        letters: those that it reads and writes; none given: all of core.data.sentences.
        context: letters that it holds, [start] among them.
        dim: width of a row.
        heads: of each attention; they divide dim.
        layers: blocks.
        hidden: width inside a block's net.
    """

    letters: str = ""
    context: int = 128
    dim: int = 96
    heads: int = 4
    layers: int = 3
    hidden: int = 256

    def __post_init__(self):
        object.__setattr__(self, "letters", self.letters or alphabet())


class Candidate(TypedDict):
    """A letter that a step might write."""

    symbol: str
    probability: float  # as drawn from
    bare: float  # at temperature 1 with all letters


class Step(Candidate):
    """A letter that was written, and the distribution it was drawn from."""

    kept: int  # letters that were left to draw from
    entropy: float  # of what was drawn from, in bits
    top: list[Candidate]  # the ten likeliest by `bare`, best first


class Writing(TypedDict):
    """A text that was written after a prompt."""

    text: str  # the prompt and what was written
    written: str
    tokens: list[str]  # N: [start] and all letters
    known: list[bool]  # N: whether each is in the alphabet
    full: bool  # whether the context ran out
    steps: list[Step]  # of each written letter
    attention: np.ndarray  # (layers, H, N − 1, N − 1), a row for each token but the last; 0 right
    # of the diagonal; rows from the prompt's last on are those that wrote


class GPT(nn.Module):
    """A causal language model of letters."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.letter = nn.Embedding(2 + len(config.letters), config.dim)
        self.position = nn.Embedding(config.context, config.dim)
        self.blocks = nn.ModuleList(
            Block(config.dim, config.heads, config.hidden) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.dim)
        for embedding in (self.letter, self.position):
            nn.init.normal_(embedding.weight, std=config.dim**-0.5)

    def positions(self) -> Tensor:
        """Return the learned table of positions (context, dim)."""
        return self.position.weight

    def go_on(
        self, letters: Tensor, past: list[Cache] | None = None
    ) -> tuple[Tensor, list[Cache], Tensor]:
        """Read letters (B, T) after those of the cache.

        Returns:
            logits (B, T, V), the cache, and the weights (B, layers, H, T, past + T).
        """
        before, T = past[0][0].shape[2] if past else 0, letters.shape[1]
        at = torch.arange(before, before + T, device=letters.device)
        x = self.letter(letters) + self.position(at)  # (B, T, dim)
        seen = causal(before + T, letters.device)[before:]  # (T, past + T)
        kept, looks = [], []
        for i, block in enumerate(self.blocks):
            x, cache, weights, _ = block(x, seen, past[i] if past else None)
            kept.append(cache)
            looks.append(weights)
        return F.linear(self.norm(x), self.letter.weight), kept, torch.stack(looks, 1)

    def forward(self, letters: Tensor) -> Tensor:
        """Return logits (B, T, V) of the letter after each letter (B, T)."""
        return self.go_on(letters)[0]


def encode(text: str, letters: str) -> list[int]:
    """Return [start] and a text's indices; an unknown letter has place −1, so index UNKNOWN."""
    return [START, *(letters.find(letter) + 2 for letter in text)]


def loss(model: nn.Module, letters: Tensor) -> Tensor:
    """Return −mean log p of the letters after the first, in nats: (B, T) -> scalar."""
    logits = model(letters[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), letters[:, 1:].flatten())


def truncated_probabilities(
    logits: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0
) -> Tensor:
    """Return the probabilities (…, V) that a letter is drawn from: float64, 0 where left out.

    Args:
        logits: (…, V).
        temperature: above 0.
        top_k: how many are kept; 0: all.
        top_p: mass that the kept ones must reach, above 0; 1: all.
    """
    p = (logits.double() / temperature).softmax(-1)
    sorted_p, order = p.sort(dim=-1, descending=True, stable=True)
    keep = torch.ones_like(sorted_p, dtype=torch.bool)
    if top_k:
        keep[..., top_k:] = False
        sorted_p = sorted_p * keep
        sorted_p = sorted_p / sorted_p.sum(-1, keepdim=True)
    if top_p < 1:
        keep &= sorted_p.cumsum(-1) - sorted_p < top_p
        keep[..., 0] = True
    sorted_p = sorted_p * keep
    sorted_p = sorted_p / sorted_p.sum(-1, keepdim=True)
    return torch.zeros_like(p).scatter(-1, order, sorted_p)


@torch.no_grad()
def write(
    model: GPT,
    prompt: Any = "",
    count: int = 60,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int = 0,
) -> Writing:
    """Write letters after a prompt and tell everything that happened.

    Args:
        model: a trained GPT.
        prompt: its letters and [start] leave room for at least one more in the context.
        count: letters to write, 1 to 127; it stops where the context is full.
        temperature: 0.1 to 5.
        top_k: 0 to all letters; 0 keeps all; 1 is greedy.
        top_p: above 0 to 1; 1 keeps all.
        seed: of the draws, 0 to 2³¹ − 1.

    Raises:
        InputError: naming the argument that was refused.
    """
    context, V = model.config.context, 2 + len(model.config.letters)
    prompt = read_prompt(prompt, context)
    count, k = integer("count", count, 1, context - 1), integer("top_k", top_k, 0, V)
    warmth = number("temperature", temperature, *TEMPERATURES)
    mass = number("top_p", top_p, 1e-6, 1)
    generator = torch.Generator().manual_seed(integer("seed", seed, 0, 2**31 - 1))
    read = encode(prompt, model.config.letters)
    room = min(count, context - len(read))
    said, rows, past = list(read), [], None
    steps: list[Step] = []
    new = torch.tensor([read])
    while len(steps) < room:
        logits, past, looks = model.go_on(new, past)
        rows.append(looks[0])  # (layers, H, T, past + T)
        bare = logits[0, -1].double()
        bare[[START, UNKNOWN]] = -math.inf  # they are never written
        p = truncated_probabilities(bare, warmth, k, mass)
        drawn = int(torch.multinomial(p, 1, generator=generator))
        steps.append(describe_step(model, drawn, p, bare.softmax(-1)))
        said.append(drawn)
        new = torch.tensor([[drawn]])
    attention = torch.cat([F.pad(row, (0, len(said) - 1 - row.shape[-1])) for row in rows], -2)
    written = "".join(step["symbol"] for step in steps)
    return {
        "text": prompt + written,
        "written": written,
        "tokens": [BEGINNING, *prompt, *written],
        "known": [i != UNKNOWN for i in said],
        "full": len(said) == context,
        "steps": steps,
        "attention": attention.numpy().astype(float),
    }


def read_prompt(prompt: Any, context: int) -> str:
    """Read a prompt in composed form (NFC), which leaves room for a letter.

    Raises:
        InputError: it is no text, or too long.
    """
    if not isinstance(prompt, str):
        raise InputError("text", field="prompt", got=describe(prompt))
    most = context - 2
    # composed it is at least a fourth as long: what is longer need not be read
    letters = prompt if len(prompt) > 4 * most else unicodedata.normalize("NFC", prompt)
    if len(letters) > most:
        raise InputError("long", field="prompt", got=len(letters), high=most)
    return letters


def describe_step(model: GPT, drawn: int, p: Tensor, bare: Tensor) -> Step:
    """Return a step from the probabilities (V,) that it drew from and the bare ones."""
    letters, best = model.config.letters, bare.topk(TOP).indices.tolist()
    some = p[p > 0]
    return {
        "symbol": letters[drawn - 2],
        "probability": float(p[drawn]),
        "bare": float(bare[drawn]),
        "kept": len(some),
        "entropy": float(-(some * some.log2()).sum()),
        "top": [
            {"symbol": letters[i - 2], "probability": float(p[i]), "bare": float(bare[i])}
            for i in best
        ],
    }


@torch.no_grad()
def write_many(model: GPT, count: int, temperature: float, generator: torch.Generator) -> list[str]:
    """Return so many texts that fill the context, from no prompt."""
    new, past, rows = torch.full((count, 1), START), None, []
    for _ in range(model.config.context - 1):
        logits, past, _ = model.go_on(new, past)
        bare = logits[:, -1].double()
        bare[:, [START, UNKNOWN]] = -math.inf
        new = torch.multinomial(truncated_probabilities(bare, temperature), 1, generator=generator)
        rows.append(new[:, 0])
    letters = model.config.letters
    return ["".join(letters[i - 2] for i in row) for row in torch.stack(rows, 1).tolist()]
