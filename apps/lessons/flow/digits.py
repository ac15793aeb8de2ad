"""View "digits": the flow on 8-bit digits; sampling layer by layer, log P of one picture, a way
through z.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.flow.flows import DIGITS
from apps.lessons.flow.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.lessons.shared.pictures import PIXELS, SIDE
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Turn

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.measure.deltas import Delta
    from core.models.flow.bound import Bound

ROWS, COLUMNS = 4, 6
EVERY = 2  # couplings between two pictures of the sampling
WAY = 7  # pictures from one digit to the other


@dataclass(frozen=True)
class Likelihood:
    """What the flow says of one picture.

    Attributes:
        bound: log P from below and its terms, the mean of draws of u.
        volume: log|det J| of one draw beside autograd's slopes of the layers.
        round_trip: the largest |v − f⁻¹(f(v))|.
        levels: how many pixels come back with the same grey level.
    """

    bound: Bound
    volume: Delta
    round_trip: float
    levels: int


def digits(inputs: Inputs) -> Board:
    """Show a frame every few couplings undone, from noise to samples; beside it one digit."""
    drawn = inputs.drawn if isinstance(inputs.drawn, str) else None
    image, other = pictures.select(drawn, inputs.digit), pictures.digits()[0][inputs.other]
    sheets = sample_sheets(inputs.seed, inputs.temperature)
    told = likelihood(image)
    way = way_between(image, other, inputs.seed)
    own = pictures.pad(image, b.word("your_digit"), 6)
    left = b.column(
        own,
        b.column(b.lines("", equations(told.bound)), bits(told.bound), gap="tight"),
        gap="mid swap",
    )
    strip = b.grey(b.word("way_in_z"), pictures.sheet(way, WAY), size=360)
    title = b.word("samples_t", t=f"{inputs.temperature:.1f}")
    frames = []
    for name, tiles in sheets:
        samples = b.grey(title, pictures.sheet(tiles, COLUMNS), size=360)
        frames.append(b.frame(b.row(left, b.column(samples, strip, gap="mid"), gap="wide"), name))
    return {
        "frames": frames,
        "facts": facts(told.bound),
        "checks": [
            b.delta_check(told.volume, 1e-5),
            b.check(told.round_trip, "v = f⁻¹(f(v))", 0.5 / 256),
            b.law(b.word("same_levels"), told.levels, PIXELS),
        ],
        "turn": turn(told.bound),
        "tables": {
            "digit": asdict(told.bound) | {"round_trip": told.round_trip},
            "samples": sheets[-1][1].reshape(-1, PIXELS),
            "way": way.reshape(WAY, -1),
        },
    }


@lru_cache(maxsize=8)
def sample_sheets(seed: int, temperature: float) -> Sequence[tuple[b.Label, np.ndarray]]:
    """Return (name, images (ROWS, COLUMNS, 28, 28)): noise, then after every few couplings.

    What is not yet an image is sent through the layers that come after the couplings (squeezes and
    each pixel's curve): the picture that there would be, had the flow no more couplings.
    """
    import torch

    model = nets.model(DIGITS)
    count = sum(kind(layer) == "coupling" for layer in model.layers)
    rest = [layer for layer in reversed(model.layers) if kind(layer) != "coupling"]
    generator = torch.Generator().manual_seed(seed)
    steps = model.sampling(ROWS * COLUMNS, generator=generator, temperature=temperature)
    out = []
    for done, (_, h, _) in enumerate(steps):
        if done > count:
            break
        if done % EVERY and done != count:
            continue
        with torch.no_grad():
            for layer in rest:
                h = layer.inverse(h)[0]
        name = b.word("undone", n=str(done), of=str(count))
        out.append((name, shades(h).reshape(ROWS, COLUMNS, SIDE, SIDE)))
    return out


def kind(layer: nn.Module) -> str:
    """Return a layer's class name in lower case."""
    return type(layer).__name__.lower()


def shades(v: Tensor) -> np.ndarray:
    """Return grey levels k/255 (N, 28, 28) of v in [0, 1)."""
    from core.models.flow.real_nvp import quantise

    return quantise(v)[:, 0].numpy().astype(float)


def likelihood(image: np.ndarray) -> Likelihood:
    """Bound the flow's log-likelihood of one picture (28, 28), and send it there and back."""
    import torch

    from core.models.flow.bound import bound
    from core.models.flow.check import volume_delta
    from core.models.flow.real_nvp import dequantise

    model, x = nets.model(DIGITS), pictures.batch(image)
    with torch.no_grad():
        v = dequantise(x, torch.Generator().manual_seed(0))
        z, log_det = model(v)
        back, _ = model.inverse(z)
    return Likelihood(
        bound=bound(model, x),
        volume=volume_delta(model, v, log_det),
        round_trip=float((back - v).abs().max()),
        levels=int((shades(back) == shades(v)).sum()),
    )


def way_between(image: np.ndarray, other: np.ndarray, seed: int) -> np.ndarray:
    """Return pictures (WAY, 28, 28) along the arc between the z of two pictures."""
    import torch

    from core.models.flow.real_nvp import between, dequantise

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        pair = dequantise(pictures.batch(np.stack([image, other])), generator)
        first, last = pair.split(1)
        return shades(between(nets.model(DIGITS), first, last, WAY))


def equations(told: Bound) -> list[list]:
    """Return log p and the bound on log P of the picture with their numbers."""
    whole = PIXELS * math.log(256)
    return [
        ["log N(z) = ", b.num(round(told.log_normal, 1), "hidden")],
        ["log|det J| = ", b.num(round(told.log_det, 1), "grad")],
        ["log p(v) = ", b.num(round(told.log_p, 1), "made"), " nat"],
        ["784 log 256 = ", b.num(round(whole, 1)), " nat"],
        ["log P(k) ≥ ", b.num(round(told.log_P, 1), "made"), " nat"],
    ]


def bits(told: Bound) -> b.Widget:
    """Return the bound in bits a dimension, and what its numbers are means of."""
    line = [[b.num(told.bits, "made"), " ", b.word("bits_dim")]]
    draws = b.text(b.word("mean_of_draws", n=str(told.draws)), size="small")
    return b.column(b.lines("", line, key="bits"), draws, gap="tight")


def turn(told: Bound) -> Turn:
    """Return the exercise: nats into bits a dimension, from the numbers as they are printed."""
    nats = round(-told.log_P, 1)
    share = nats / round(PIXELS * math.log(2), 2)
    return {
        "ask": b.word("turn_bits", nats=f"{nats:.1f}", log2=f"{PIXELS * math.log(2):.2f}"),
        "blanks": [b.blank(b.word("bits_dim"), [share], "made", "bits")],
    }


def facts(told: Bound) -> list[Fact]:
    """Return the bound's error, and bits a dimension of the whole test set from the card."""
    out = [b.fact(b.word("error_of_draws"), f"{told.error:.1f} nat")]
    for key, metric in (("bits_test", "bits/dim"), ("bits_alone", "bits/dim, curves alone")):
        value = nets.card_value(DIGITS, metric)
        if value is not None:
            out.append(b.fact(b.word(key), f"{value:.3f}"))
    return out


def layers_check() -> Check:
    """Check the image flow's layers without trained weights: there and back in float64."""
    import torch

    from core.models.flow.real_nvp import Config, Flow

    generator = torch.Generator().manual_seed(0)
    model = Flow(Config(kind="image", couplings=(2, 1), width=(4, 4))).double()
    v = torch.rand(2, 1, SIDE, SIDE, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.copy_(0.05 * noise)
        back, _ = model.inverse(model(v)[0])
    return b.check(float((back - v).abs().max()), "v = f⁻¹(f(v))", 1e-9)
