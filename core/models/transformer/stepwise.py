"""What a net that reads a source and writes symbols does, once it can encode and decode."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

State = dict[str, Tensor]  # what decoding carries on; every tensor's first axis is the batch
Looks = dict[str, Tensor]  # weights by part


class Stepwise(nn.Module, ABC):
    """A net that decodes from a state, a symbol at a time or all of them at once."""

    @abstractmethod
    def encode(self, source: Tensor, gates: Looks | None = None) -> tuple[State, Looks]:
        """Read sources (B, S); return decoding's first state and weights."""

    @abstractmethod
    def decode(
        self, target: Tensor, state: State, gates: Looks | None = None
    ) -> tuple[Tensor, State, Looks]:
        """Go on from a state with symbols (B, T); return logits (B, T, V), state and weights."""

    def step(
        self, symbol: Tensor, state: State, gates: Looks | None = None
    ) -> tuple[Tensor, State, Looks]:
        """Go on by one symbol (B,); return logits (B, V), the state and a row of weights a head."""
        logits, state, looks = self.decode(symbol[:, None], state, gates)
        return logits[:, 0], state, looks

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Return logits (B, T, V) of what follows each of target's symbols (B, T)."""
        return self.decode(target, self.encode(source)[0])[0]
