"""The same task by recurrent nets: an LSTM reads, an LSTM writes, with and without attention.

    read      h_s, c_s = LSTM(E_s[letter_s], h_{s−1}, c_{s−1});    the decoder starts from the last
    write     h_t, c_t = LSTM(E_t[symbol_t], h_{t−1}, c_{t−1})
    without   logits = W h_t: all that was read must fit into h_S and c_S, whatever its length
    with      a_t = softmax_s(h_tᵀ W_a h_s),  m_t = Σ_s a_ts h_s,
              logits = W tanh(W_c [m_t, h_t]): the decoder looks back at every letter

Papers: Sutskever et al. 2014, arXiv 1409.3215; Luong et al. 2015, arXiv 1508.04025, "general"
scores. We deviate in that the source is not reversed: with attention it does not matter, without
it the bottleneck is to be seen.
Weights by part: {"cross": (B, 1, 1, T, S)}, or nothing without attention.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core.data.dates import LETTERS, LONGEST, PAD, SYMBOLS
from core.models.transformer.stepwise import Looks, State, Stepwise


@dataclass(frozen=True)
class Config:
    """The settings of a net.

    Attributes:
        letters: those that it reads; any other is one and the same unknown letter.
        symbols: those that it writes.
        dim: width of an embedded letter or symbol.
        hidden: width of both LSTMs' states.
        attention: whether the decoder looks back.
        longest: letters that it reads at most.
    """

    letters: str = LETTERS
    symbols: str = SYMBOLS
    dim: int = 48
    hidden: int = 128
    attention: bool = True
    longest: int = LONGEST


class Seq2Seq(Stepwise):
    """An LSTM encoder-decoder; `encode` and `step` as the Transformer has them."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        dim, hidden = config.dim, config.hidden
        self.source = nn.Embedding(3 + len(config.letters), dim)
        self.target = nn.Embedding(3 + len(config.symbols), dim)
        self.encoder = nn.LSTM(dim, hidden, batch_first=True)
        self.decoder = nn.LSTM(dim, hidden, batch_first=True)
        self.score = nn.Linear(hidden, hidden, bias=False) if config.attention else None
        self.combine = nn.Linear(2 * hidden, hidden) if config.attention else None
        self.out = nn.Linear(hidden, 3 + len(config.symbols))

    @property
    def parts(self) -> tuple[str, ...]:
        """Name the parts that have weights to show."""
        return ("cross",) if self.config.attention else ()

    def heads(self) -> dict[str, tuple[int, int]]:
        """Return (layers, heads) of each part."""
        return dict.fromkeys(self.parts, (1, 1))

    def encode(self, source: Tensor, gates: Looks | None = None) -> tuple[State, Looks]:
        """Read sources (B, S), [start] first and 0 where they have ended.

        Args:
            source: indices.
            gates: nothing can be muted here; it is not read.

        Returns:
            the state h, c (B, hidden) and, with attention, memory (B, S, hidden), keys and seen;
            and no weights.
        """
        del gates
        lengths = (source != PAD).sum(1).cpu()
        packed = pack_padded_sequence(
            self.source(source), lengths, batch_first=True, enforce_sorted=False
        )
        read, (h, c) = self.encoder(packed)
        state = {"h": h[0], "c": c[0]}
        if self.score is not None:
            memory, _ = pad_packed_sequence(read, batch_first=True, total_length=source.shape[1])
            state |= {"memory": memory, "keys": self.score(memory), "seen": source != PAD}
        return state, {}

    def decode(
        self, target: Tensor, state: State, gates: Looks | None = None
    ) -> tuple[Tensor, State, Looks]:
        """Go on from a state with symbols (B, T); return logits (B, T, V), state and weights."""
        del gates
        before = (state["h"][None].contiguous(), state["c"][None].contiguous())
        rows, (h, c) = self.decoder(self.target(target), before)  # (B, T, hidden)
        state, looks = {**state, "h": h[0], "c": c[0]}, {}
        if self.combine is not None:
            scores = rows @ state["keys"].transpose(1, 2)  # (B, T, S)
            weights = scores.masked_fill(~state["seen"][:, None], -math.inf).softmax(-1)
            found = weights @ state["memory"]  # (B, T, hidden)
            rows = torch.tanh(self.combine(torch.cat([found, rows], -1)))
            looks = {"cross": weights[:, None, None]}
        return self.out(rows), state, looks
