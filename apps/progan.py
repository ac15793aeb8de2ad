"""The ProGAN tab: its parts by hand, all levels of the same codes, what each level decides."""

from __future__ import annotations

from collections.abc import Sequence

from apps.lessons.progan import models
from apps.lessons.progan.decide import decide
from apps.lessons.progan.deviation import deviation
from apps.lessons.progan.fade import fade
from apps.lessons.progan.inputs import Inputs
from apps.lessons.progan.levels import levels
from apps.lessons.progan.norm import norm
from apps.lessons.progan.rate import rate
from apps.lessons.shared import nets
from apps.stage import Tab
from apps.stage.contract import Check, Functions, Law, View
from apps.stage.declare import LARGEST_SEED
from apps.stage.server import alone
from core.inputs import integer, number
from core.models.progan import by_hand

# ---- the API


def progan_sample(n: int = 16, seed: int = 0, level: int = models.TOP, alpha: float = 1.0) -> dict:
    """Return digits that the grown generator draws from a seed, at any of its levels.

    Args:
        n: how many, 1 to 64.
        seed: of the codes z, 0 to 2147483647.
        level: 0 for 4x4, 1 for 8x8, 2 for 16x16, 3 for 32x32; pixels of the lower ones are
            repeated.
        alpha: how far the level has faded in over the one before, 0 to 1; of level 0 it changes
            nothing.

    Returns:
        "images" n x 28 x 28 in [0, 1], the frame of 32 x 32 cut off; "side", pixels of a side at
        that level.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    count = integer("n", n, 1, models.SHEET)
    at, share = integer("level", level, 0, models.TOP), number("alpha", alpha, 0, 1)
    z = models.codes(count, integer("seed", seed, 0, LARGEST_SEED))
    return {"images": models.decode(z, at, share), "side": 4 << at}


def progan_fade(old: list, new: list, alpha: float) -> dict:
    """Blend the picture of an old level, doubled, with that of a new one, in float64.

    Args:
        old: H rows of W numbers, 1 to 32 each, of magnitude at most 1000000.
        new: 2 H rows of 2 W numbers.
        alpha: 0 to 1; at the ends "out" is one of the two, bit for bit.

    Returns:
        "doubled", each entry of the old picture four times; "old" (1 - alpha) times that, "new"
        alpha times the new picture, "out" their sum, all 2 H x 2 W.
    """
    return {**by_hand.fade(old, new, alpha)}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    del inputs
    from core.models.progan import layers, networks

    net = networks.Generator
    return {
        "fade": (by_hand.fade, by_hand.alpha_at),
        "levels": (net.show, net.maps, layers.fade),
        "deviation": (by_hand.deviation, layers.append_deviation),
        "rate": (layers.EqualLinear, by_hand.relative_steps, by_hand.through_layers),
        "norm": (by_hand.pixel_norm, layers.PixelNorm),
        "decide": (net.maps, net.continue_from),
    }


def by_itself() -> Sequence[Check | Law]:
    """Return checks that hold without the digits of the other scenes."""
    return rate(Inputs()).get("checks", ())


TAB = Tab(
    name="progan",
    inputs=Inputs,
    views={
        "fade": nets.view(fade, needs=(), checks=by_itself),
        "levels": nets.view(levels, needs=(models.NAME,)),
        "deviation": nets.view(deviation, needs=(), checks=by_itself),
        "rate": View(rate),
        "norm": View(norm),
        "decide": nets.view(decide, needs=(models.NAME, nets.CLASSIFIER)),
    },
    endpoints=(progan_sample, progan_fade),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
