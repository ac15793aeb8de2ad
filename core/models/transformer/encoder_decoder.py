"""An encoder-decoder Transformer that reads letters and writes symbols: for dates, 2 + 2 layers.

    memory    encoder(E_s[source] + p)          source: [start] and the letters;  no mask
    logits    decoder(E_t[target] + p, memory) W,    target: [start] and the symbols so far
    loss      −Σ_t log p(symbol_t | symbols before, source) in nats, mean over symbols
    parts     "encoder" and "decoder" look at themselves (the decoder at t' ≤ t only), "cross" looks
              from the decoder at the memory; weights by part are (B, layers, H, T, S)

Paper: Vaswani et al. 2017, arXiv 1706.03762. We deviate in what core.models.transformer.layers
says, and in that E_t and W are two matrices.

Three of Config's fields exist to be taken away, one at a time: positions="none", causal=False
(while it learns, a symbol sees those to come; it decodes as the others do, where nothing is to
come yet), and fewer layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.dates import END, LETTERS, LONGEST, PAD, START, SYMBOLS, WRITTEN
from core.models.transformer.layers import Block, Cache, causal, sines
from core.models.transformer.stepwise import Looks, State, Stepwise

PARTS = ("encoder", "decoder", "cross")


@dataclass(frozen=True)
class Config:
    """The settings of a net.

    Attributes:
        letters: those that it reads; any other is one and the same unknown letter.
        symbols: those that it writes.
        dim: width of a row.
        heads: of each attention; they divide dim.
        layers: of the encoder and of the decoder.
        hidden: width inside a block's net.
        longest: letters that it reads at most.
        positions: "sinusoidal", or "none".
        causal: whether a symbol is kept from seeing those after it while the net learns.
    """

    letters: str = LETTERS
    symbols: str = SYMBOLS
    dim: int = 64
    heads: int = 4
    layers: tuple[int, int] = (2, 2)
    hidden: int = 128
    longest: int = LONGEST
    positions: str = "sinusoidal"
    causal: bool = True


class Transformer(Stepwise):
    """An encoder-decoder; `encode` and `step` decode symbol by symbol with a cache."""

    position: Tensor
    parts = PARTS

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        dim, shape = config.dim, (config.dim, config.heads, config.hidden)
        self.source = nn.Embedding(3 + len(config.letters), dim)
        self.target = nn.Embedding(3 + len(config.symbols), dim)
        self.encoder = nn.ModuleList(Block(*shape) for _ in range(config.layers[0]))
        self.decoder = nn.ModuleList(Block(*shape, crossed=True) for _ in range(config.layers[1]))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.out = nn.Linear(dim, 3 + len(config.symbols))
        table = sines(config.longest + 1, dim) * (config.positions == "sinusoidal")
        self.register_buffer("position", table, persistent=False)
        for embedding in (self.source, self.target):
            nn.init.normal_(embedding.weight, std=0.5)  # about as large as the positions

    def heads(self) -> dict[str, tuple[int, int]]:
        """Return (layers, heads) of each part."""
        (first, second), H = self.config.layers, self.config.heads
        return {"encoder": (first, H), "decoder": (second, H), "cross": (second, H)}

    def encode(self, source: Tensor, gates: Looks | None = None) -> tuple[State, Looks]:
        """Read sources (B, S), 0 where they have ended; return decoding's first state.

        Args:
            source: indices, [start] first.
            gates: part -> (layers, H), what a head's output is multiplied by.

        Returns:
            the state, and {"encoder": weights (B, layers, H, S, S)}.
        """
        seen = (source != PAD)[:, None, None]  # (B, 1, 1, S)
        x, looks = self.source(source) + self.position[: source.shape[1]], []  # (B, S, dim)
        for i, block in enumerate(self.encoder):
            x, _, weights, _ = block(x, seen, gates=(gate(gates, "encoder", i), None))
            looks.append(weights)
        memory, state = self.encoder_norm(x), {"seen": seen}
        for i, block in enumerate(self.decoder):
            cross = cast(Block, block).cross
            assert cross is not None
            state[f"memory_k{i}"], state[f"memory_v{i}"] = cross.remember(memory)
        return state, {"encoder": torch.stack(looks, 1)}

    def decode(
        self, target: Tensor, state: State, gates: Looks | None = None
    ) -> tuple[Tensor, State, Looks]:
        """Go on from a state with symbols (B, T); return logits (B, T, V), state and weights.

        Rows of one call see each other up to themselves; with causal=False all of them.
        """
        T, past = target.shape[1], state["k0"].shape[2] if "k0" in state else 0
        x = self.target(target) + self.position[past : past + T]  # (B, T, dim)
        seen = causal(past + T, x.device)[past:] if self.config.causal else None  # (T, past + T)
        state, own, cross = dict(state), [], []
        for i, block in enumerate(self.decoder):
            before: Cache | None = (state[f"k{i}"], state[f"v{i}"]) if past else None
            memory: Cache = (state[f"memory_k{i}"], state[f"memory_v{i}"])
            both = (gate(gates, "decoder", i), gate(gates, "cross", i))
            x, kept, weights, looked = block(x, seen, before, memory, state["seen"], both)
            state[f"k{i}"], state[f"v{i}"] = kept
            own.append(weights)
            cross.append(looked)
        looks = {"decoder": torch.stack(own, 1), "cross": torch.stack(cross, 1)}
        return self.out(self.decoder_norm(x)), state, looks


def gate(gates: Looks | None, part: str, layer: int) -> Tensor | None:
    """Return (H,) of one layer, or None where nothing is muted."""
    return None if gates is None or part not in gates else gates[part][layer]


def loss(model: nn.Module, source: Tensor, target: Tensor, groups: int = 4) -> Tensor:
    """Return the mean −log p of a batch's symbols, in nats.

    Args:
        model: (source, target) -> logits.
        source: (B, S) uint8 or int64, PAD at the end.
        target: (B, T), [start], symbols, [end], PAD.
        groups: pairs are sorted by length and go through in so many parts, each cut to its own
            longest: fewer rows of padding.
    """
    lengths = (source != PAD).sum(1)  # (B,)
    total, count = torch.zeros((), device=source.device), (target[:, 1:] != PAD).sum()
    for rows in lengths.argsort().chunk(groups):
        read = source[rows, : int(lengths[rows].max())].long()  # (b, s)
        write = target[rows].long()
        logits = model(read, write[:, :-1])  # (b, T, V)
        total = total + F.cross_entropy(
            logits.flatten(0, 1), write[:, 1:].flatten(), ignore_index=PAD, reduction="sum"
        )
    return total / count


@torch.no_grad()
def speak(
    model: Any, source: Tensor, gates: Looks | None = None, batch: int = 500
) -> tuple[list[str], Tensor]:
    """Decode each source (N, S) greedily; return the answers and log p of each (N,), nats."""
    symbols, said, odds = model.config.symbols, [], []
    for part in source.long().split(batch):
        part = part[:, : int((part != PAD).sum(1).max())]
        state, _ = model.encode(part, gates)
        symbol, rows = torch.full((len(part),), START), []
        total, open_ = torch.zeros(len(part)), torch.ones(len(part), dtype=torch.bool)
        for _ in range(WRITTEN):
            logits, state, _ = model.step(symbol, state, gates)
            log_p = logits[:, END:].log_softmax(-1)  # [start] and nothing are never said
            best = log_p.max(-1)
            symbol = best.indices + END
            total += best.values * open_
            open_ &= symbol != END
            rows.append(symbol)
        odds.append(total)
        for row in torch.stack(rows, 1).tolist():
            ended = row[: row.index(END)] if END in row else row
            said.append("".join(symbols[i - 3] for i in ended))
    return said, torch.cat(odds)


def answers(model: Any, source: Tensor, gates: Looks | None = None, batch: int = 500) -> list[str]:
    """Return a model's greedy answer to each source (N, S)."""
    return speak(model, source, gates, batch)[0]


@torch.no_grad()
def taught_right(model: nn.Module, source: Tensor, target: Tensor, batch: int = 500) -> list[bool]:
    """Return for which pairs every symbol is the likeliest when the answer (N, T) is given.

    With a causal mask that is whether the greedy answer is right; without one the net sees in the
    answer the very symbol that it is to say.
    """
    found = []
    for part, said in zip(source.long().split(batch), target.long().split(batch)):
        best = model(part, said[:, :-1]).argmax(-1)  # (B, T)
        found += ((best == said[:, 1:]) | (said[:, 1:] == PAD)).all(1).tolist()
    return found
