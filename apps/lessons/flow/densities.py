"""View "densities": the learned density beside the true one, and NLL on fresh points beside the
exact entropy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.flow import flows
from apps.lessons.flow.inputs import NETS, Inputs
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Law, Turn

if TYPE_CHECKING:
    from core.models.flow.flow2d_picture import Densities, Quality

SIDE, FRESH = 60, 4000
FAR, CELLS = 5.0, 160  # the square and its cells a side on which the density is added up
MASS = 0.02  # how far from 1 the sum may be: cells are not points


@dataclass(frozen=True)
class Measured:
    """A trained flow and its target.

    Attributes:
        maps: both log-densities, (SIDE, SIDE) each.
        bounds: of these, x0, x1, y0, y1.
        quality: NLL, entropy and KL in nats.
        mass: ∬ q(x) dx over [−5, 5]².
    """

    maps: Densities
    bounds: tuple[float, float, float, float]
    quality: Quality
    mass: float


def densities(inputs: Inputs) -> Board:
    """Show a frame a target: both densities, and how far the flow is from the entropy."""
    found = {
        target: measure(target, inputs.seed) for target, name in NETS.items() if nets.have(name)
    }
    frames = [
        b.frame(picture(one), b.word(f"option.{target}"), facts(one))
        for target, one in found.items()
    ]
    frames += [  # what is absent comes last
        b.frame(nets.absent(name), b.word(f"option.{target}"))
        for target, name in NETS.items()
        if target not in found
    ]
    return {
        "frames": frames,
        "facts": [],
        "checks": checks(found),
        "turn": turn(found),
        "tables": {
            "quality": [
                {"target": target}
                | {name: one.quality[name] for name in ("nll", "error", "own", "entropy", "kl")}
                | {"kl_error": one.quality["kl_error"], "mass": one.mass}
                | {"round_trip": one.quality["round_trip"]}
                for target, one in found.items()
            ]
        },
    }


def turn(found: dict[str, Measured]) -> Turn | None:
    """Return the exercise, the target with the largest KL; None while one of them is absent."""
    if len(found) < len(NETS):
        return None
    worst = int(np.argmax([one.quality["kl"] for one in found.values()]))
    choices: list[b.Label] = [b.word(f"option.{target}") for target in found]
    return {"ask": b.word("turn_worst"), "choices": choices, "answer": worst}


def checks(found: dict[str, Measured]) -> list[Check | Law]:
    """Return the verdicts, and one flow's log|det| by automatic differentiation."""
    if not found:
        return []
    import torch

    first = next(iter(found))
    x = flows.density_of(first).sample(3, torch.Generator().manual_seed(0))
    return [*verdicts(list(found.values())), flows.slope_check(flows.flow(first), x)]


def verdicts(found: Sequence[Measured]) -> list[Check | Law]:
    """Check that the densities add up to 1, and that no NLL is below its entropy."""
    above = sum(not one.quality["below"] for one in found)
    return [
        b.check(max(abs(one.mass - 1) for one in found), "∬ q(x) dx = 1", MASS),
        b.law(b.word("not_below"), above, len(found)),
    ]


@lru_cache(maxsize=24)
def measure(target: str, seed: int) -> Measured:
    """Return both densities on a grid, and the figures of a trained flow."""
    from core.models.flow import flow2d_picture

    what, model = flows.density_of(target), flows.flow(target)
    maps, mass = survey(target)
    quality = flow2d_picture.quality(model, what, FRESH, seed)
    return Measured(maps=maps, bounds=what.bounds, quality=quality, mass=mass)


@lru_cache(maxsize=8)
def survey(target: str) -> tuple[Densities, float]:
    """Return what no seed changes: both densities on a grid, and the mass of the learned one."""
    import torch

    from core.data.densities import grid
    from core.models.flow import flow2d_picture

    what, model = flows.density_of(target), flows.flow(target)
    cells = grid((-FAR, FAR, -FAR, FAR), CELLS).float()
    with torch.no_grad():
        log_q = torch.cat([model.log_prob(part) for part in cells.split(12_500)])
    mass = float(log_q.double().exp().sum()) * (2 * FAR / CELLS) ** 2
    return flow2d_picture.densities(model, what, SIDE), mass


def picture(found: Measured) -> b.Widget:
    """Return the true density, the learned one, and the figures as bars."""
    p, q = np.exp(found.maps["log_p"]), np.exp(found.maps["log_q"])
    top = float(np.quantile(p, 0.99)) or float(p.max())
    true, learned = (
        b.field(
            b.word(label),
            found.bounds,
            [b.surface(values, 0.0, top, above=role)],
            size=320,
            key=label,
        )
        for label, values, role in (("true_density", p, "real"), ("learned_density", q, "made"))
    )
    below = found.quality["below"]
    key = "below_entropy" if below else "above_entropy"
    told = b.text(b.word(key), "grad" if below else "ok", "wide")
    figures = b.column(bars(found.quality), told, gap="mid")
    return b.column(b.row(true, learned, gap="mid"), figures, gap="swap")


def bars(quality: Quality) -> b.Widget:
    """Return the means of −log p and of −log q at the same points, and their difference."""
    own, nll = quality["own"], quality["nll"]
    return b.bars(
        b.word("nats_a_point"),
        [
            {"label": b.word("own"), "v": own, "role": "real"},
            {"label": b.word("nll"), "v": nll, "role": "made"},
            {"label": b.word("kl"), "v": quality["kl"], "role": "grad"},
        ],
        low=min(0.0, float(np.floor(min(nll, own)))),
        high=float(np.ceil(max(nll, own, 1.0))),
        digits=3,
    )


def facts(found: Measured) -> list[Fact]:
    """Return NLL and KL with their standard errors, the entropy and the sum of the density."""
    one = found.quality
    return [
        b.fact("NLL", f"{one['nll']:.4f} ± {one['error']:.4f} nat"),
        b.fact(b.word("entropy"), f"{one['entropy']:.4f} nat"),
        b.fact("KL(p‖q)", f"{one['kl']:.4f} ± {one['kl_error']:.4f} nat"),
        b.fact("∬ q dx", f"{found.mass:.4f}"),
    ]
