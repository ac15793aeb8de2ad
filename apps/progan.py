"""The ProGAN tab: a level faded in, a batch's deviation, equalised weights, pixel norm, by hand."""

from __future__ import annotations

from collections.abc import Sequence

from apps.lessons.progan.deviation import deviation
from apps.lessons.progan.fade import fade
from apps.lessons.progan.inputs import Inputs
from apps.lessons.progan.norm import norm
from apps.lessons.progan.rate import rate
from apps.lessons.shared import nets
from apps.stage import Tab
from apps.stage.contract import Check, Functions, Law, View
from apps.stage.server import alone
from core.models.progan import by_hand

# ---- the API


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
    from core.models.progan import layers

    return {
        "fade": (by_hand.fade, by_hand.alpha_at),
        "deviation": (by_hand.deviation, layers.append_deviation),
        "rate": (layers.EqualLinear, by_hand.relative_steps, by_hand.through_layers),
        "norm": (by_hand.pixel_norm, layers.PixelNorm),
    }


def by_itself() -> Sequence[Check | Law]:
    """Return checks that hold without the digits of the other scenes."""
    return rate(Inputs()).get("checks", ())


TAB = Tab(
    name="progan",
    inputs=Inputs,
    views={
        "fade": nets.view(fade, needs=(), checks=by_itself),
        "deviation": nets.view(deviation, needs=(), checks=by_itself),
        "rate": View(rate),
        "norm": View(norm),
    },
    endpoints=(progan_fade,),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
