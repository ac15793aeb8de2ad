"""Describe a training as a value: `Plan` for one net, `Duel` for two against each other.

rate      η_t = η · min(1, t / warm) · ½ (1 + cos π t / T), ≥ η / 100,   T steps in all
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.inputs import choice, integer, number


@dataclass(frozen=True)
class Plan:
    """How to train a net; two runs of one plan on one machine end in the same weights.

    Attributes:
        epochs: passes over the data; the last, incomplete batch of a pass is left out.
        batch: images a step, over all processes.
        rate: largest learning rate.
        warm: steps until it is reached.
        clip: largest norm of a gradient.
        decay: weight decay.
        beta1: decay of Adam's first moment, β₁.
        ema: decay of the averaged weights; 0 for none.
        seed: of every draw.
        precision: "fp32", or "bf16" for the forward pass under autocast.
        muon: largest rate of Muon for what the net's `hidden()` lists; 0: Adam for all.
        epochs_before: epochs that the weights which training starts from have behind them.
        seconds_before: seconds that those took.

    Raises:
        InputError: a value outside its range.
    """

    epochs: int = 10
    batch: int = 256
    rate: float = 1e-3
    warm: int = 200
    clip: float = 100.0
    decay: float = 0.0
    beta1: float = 0.9
    ema: float = 0.0
    seed: int = 0
    precision: str = "fp32"
    muon: float = 0.0
    epochs_before: int = 0
    seconds_before: float = 0.0

    def __post_init__(self):
        integer("epochs", self.epochs, 1, 100_000)
        integer("batch", self.batch, 1, 1_000_000)
        number("rate", self.rate, 0, 10)
        number("clip", self.clip, 1e-12, 1e12)
        number("muon", self.muon, 0, 10)
        number("beta1", self.beta1, 0, 0.999999)
        number("ema", self.ema, 0, 0.999999)
        choice("precision", self.precision, ("fp32", "bf16"))

    def rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate of a step, counted from 0, of a run of `steps`."""
        return self.rate * self.share_at(step, steps)

    def share_at(self, step: int, steps: int) -> float:
        """Return which share of its largest a rate is at a step, in (0, 1]."""
        cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
        return min(1.0, (step + 1) / max(self.warm, 1)) * max(cosine, 0.01)


@dataclass(frozen=True)
class Duel(Plan):
    """How to train two nets against each other; `rate` and `ema` are the generator's.

    Attributes:
        judge_rate: largest learning rate of the discriminator.
        critics: steps of the discriminator for one of the generator.
        beta1: Adam's, of both.
        beta2: Adam's, of both.

    Raises:
        InputError: a value outside its range.
    """

    judge_rate: float = 1e-3
    critics: int = 1
    beta1: float = 0.5
    beta2: float = 0.99

    def __post_init__(self):
        super().__post_init__()
        number("judge_rate", self.judge_rate, 0, 10)
        integer("critics", self.critics, 1, 100)
        number("beta1", self.beta1, 0, 0.9999)
        number("beta2", self.beta2, 0, 0.9999)
