"""The flow on 8-bit digits: sampling layer by layer, log P of one picture, a way through z."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.flow import models as fm
from apps.lessons.vae import models as m
from apps.stage import board as b
from core.inputs import integer, number
from core.models.vae import latent

ROWS, COLUMNS = 4, 6
EVERY = 2  # couplings between two pictures of the sampling
DRAWS = 8  # of the noise inside a cell, for log P
WAY = 7  # pictures from one digit to the other
HOTTEST = 1.5
PIXELS = m.PIXELS


def digits(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame every few couplings undone, from noise to samples; beside it one digit."""
    inputs, merged = m.cleared(inputs)
    image, warmth = m.picture(inputs), temperature(inputs)
    other = m.digits()[0][integer("other", inputs.get("other", 71), 0, m.COUNT - 1)]
    if not fm.have(fm.DIGITS):
        view = b.row(m.pad(image, b.word("your_digit"), 8), m.absent(fm.DIGITS), gap="wide")
        return {"frames": [b.frame(view)], "facts": [], "checks": [settled_check()], **merged}
    seed = fm.seed(inputs)
    sheets = sampled(seed, warmth)
    told = likelihood(image, seed)
    way = between(image, other, seed)
    left = b.column(
        m.pad(image, b.word("your_digit"), 6),
        b.lines("", written(told)),
        gap="mid swap",
    )
    strip = b.grey(b.word("way_in_z"), latent.sheet(way[None]), size=360)
    frames = []
    for name, tiles in sheets:
        made = b.grey(b.word("samples_t", t=f"{warmth:.1f}"), latent.sheet(tiles), size=360)
        frames.append(b.frame(b.row(left, b.column(made, strip, gap="mid"), gap="wide"), name))
    return {
        "frames": frames,
        "facts": facts(told),
        "checks": [
            b.check(told["round_trip"], "v = f⁻¹(f(v))", 0.5 / 256),
            b.law(b.word("same_levels"), told["levels"], PIXELS),
        ],
        "turn": {
            "ask": b.word("turn_bits", nats=f"{told['log_P']:.1f}"),
            "blanks": [b.blank(b.word("bits_dim"), [told["bits"]], "made", "bits")],
        },
        "tables": {
            "digit": {k: told[k] for k in ("log_p", "log_P", "bits", "round_trip")},
            "samples": sheets[-1][1].reshape(-1, PIXELS),
            "way": way.reshape(WAY, -1),
        },
        "pins": {"drawn": {"letter": "none"}} if "letter" in inputs else {},
        **merged,
    }


def temperature(inputs: dict[str, Any]) -> float:
    """Return T, what z is multiplied by before it goes back through the flow."""
    return number("temperature", inputs.get("temperature", 0.7), 0, HOTTEST)


@lru_cache(maxsize=8)
def sampled(seed: int, warmth: float) -> list[tuple[b.Label, np.ndarray]]:
    """Return (name, images (ROWS, COLUMNS, 28, 28)): noise, then after every few couplings.

    What is not yet an image is sent through the layers that come after the couplings (squeezes and
    each pixel's curve): the picture that there would be, had the flow no more couplings.
    """
    import torch

    model = fm.flow(fm.DIGITS)
    count = sum(name == "coupling" for name in map(kind, model.layers))
    rest = [layer for layer in reversed(model.layers) if kind(layer) != "coupling"]
    generator = torch.Generator().manual_seed(seed)
    steps = model.sampling(ROWS * COLUMNS, generator=generator, temperature=warmth)
    out = []
    for done, (_, h, _) in enumerate(steps):
        if done > count:
            break
        if done % EVERY and done != count:
            continue
        with torch.no_grad():
            for layer in rest:
                h = layer.inverse(h)[0]  # type: ignore[operator]
        name = b.word("undone", n=str(done), of=str(count))
        out.append((name, shades(h).reshape(ROWS, COLUMNS, m.SIDE, m.SIDE)))
    return out


def kind(layer: Any) -> str:
    """Return what sort of layer it is."""
    return type(layer).__name__.lower()


def shades(v: Any) -> np.ndarray:
    """Return grey levels k/255 (N, 28, 28) of v in [0, 1)."""
    from core.models.flow.real_nvp import quantise

    return quantise(v)[:, 0].numpy().astype(float)


def likelihood(image: np.ndarray, seed: int) -> dict[str, Any]:
    """Return what the flow says of one picture.

    Returns:
        log_p: exact log-density in nats of v = (k + u)/256 for one draw of u; log_P: of the 8-bit
        picture, from below, the log of the mean over DRAWS draws; bits: −log_P a pixel in bits;
        round_trip, the largest |v − f⁻¹(f(v))|, and levels: how many pixels come back alike.
    """
    import torch

    from core.models.flow.real_nvp import dequantise, log_likelihood, log_normal

    model, x = fm.flow(fm.DIGITS), m.batch(image)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        v = dequantise(x, generator)
        z, log_det = model(v)
        back, _ = model.inverse(z)
        log_P = float(log_likelihood(model, x, DRAWS, generator))
    return {
        "log_normal": float(log_normal(z)),
        "log_det": float(log_det),
        "log_p": float(log_normal(z) + log_det),
        "log_P": log_P,
        "bits": -log_P / (PIXELS * math.log(2)),
        "round_trip": float((back - v).abs().max()),
        "levels": int((shades(back) == shades(v)).sum()),
    }


def between(image: np.ndarray, other: np.ndarray, seed: int) -> np.ndarray:
    """Return pictures (WAY, 28, 28) along the arc between the z of two pictures."""
    import torch

    from core.models.flow.real_nvp import between as arc
    from core.models.flow.real_nvp import dequantise

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        first, last = dequantise(m.batch(np.stack([image, other])), generator).split(1)
        return shades(arc(fm.flow(fm.DIGITS), first, last, WAY))


def written(told: dict[str, Any]) -> list[list[Any]]:
    """Return log p and log P of the picture with their numbers."""

    def one(value: float, role: str) -> dict[str, Any]:
        return b.num(round(value, 1), role)

    return [
        ["log N(z) = ", one(told["log_normal"], "hidden")],
        ["log|det J| = ", one(told["log_det"], "grad")],
        ["log p(v) = ", one(told["log_p"], "made"), " nat"],
        ["log P(k) ≥ ", one(told["log_P"], "made"), " nat"],
        [b.num(round(told["bits"], 3), "made"), " ", b.word("bits_dim")],
    ]


def facts(told: dict[str, Any]) -> list[dict]:
    """Return bits a dimension of this picture, and of the whole test set from the card."""
    out = [b.fact(b.word("bits_dim"), f"{told['bits']:.3f}")]
    whole, raw = fm.stated(fm.DIGITS, "bits/dim"), fm.stated(fm.DIGITS, "bits/dim, curves alone")
    if whole is not None:
        out.append(b.fact(b.word("bits_test"), f"{whole:.3f}"))
    if raw is not None:
        out.append(b.fact(b.word("bits_alone"), f"{raw:.3f}"))
    return out


def settled_check() -> dict[str, Any]:
    """Return the check of the image flow's layers without weights: there and back in float64."""
    import torch

    from core.models.flow.real_nvp import Config, Flow

    generator = torch.Generator().manual_seed(0)
    model = Flow(Config(kind="image", couplings=(2, 1), width=(4, 4))).double()
    v = torch.rand(2, 1, m.SIDE, m.SIDE, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.copy_(0.05 * noise)
        back, _ = model.inverse(model(v)[0])
    return b.check(float((back - v).abs().max()), "v = f⁻¹(f(v))", 1e-9)
