"""View "why": which pixels made a net say a class, by four methods side by side."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.cnn import models
from apps.lessons.cnn.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn

if TYPE_CHECKING:
    from core.models.cnn.explain import Explanation

METHODS = ("gradient", "occlusion", "gradcam", "integrated")
SIZE = 196  # pixels of a map
NEAR = {"complete": 0.01, "slope": 1e-3}


def why(inputs: Inputs) -> Board:
    """Show a picture, the net's answer, and four maps of what spoke for a class."""
    image, name, label = models.picture(inputs), inputs.net, inputs.label
    maps = explanations(name, image.tobytes(), label)
    logits = models.walk_net(name, image)[-1][1][0].double().numpy()
    odds = models.probabilities(logits)
    view = b.row(digit_and_odds(image, odds, label), album(maps), gap="wide")
    whole = maps["integrated"]
    total, gap = whole["total"] or 0.0, whole["gap"] or 0.0
    best = int(odds.argmax())
    return {
        "frames": [b.frame(view)],
        "facts": [
            b.fact(b.word("reads"), f"{best} · {100 * odds[best]:.1f} %"),
            b.fact("Σ", total),
            b.fact("f(x) − f(0)", gap),
            b.fact(b.word("on_paper"), f"{100 * on_paper(maps, image):.0f} %"),
        ],
        "checks": checks(name, image, label, maps),
        "turn": turn(name, image, label, total),
        "pins": {"drawn": {}},
        "tables": {"image": image, **{way: one["map"].numpy() for way, one in maps.items()}},
    }


@lru_cache(maxsize=64)
def explanations(name: str, pixels: bytes, label: int) -> dict[str, Explanation]:
    """Return the maps of the methods that a net allows: a dense one has no Grad-CAM."""
    from core.models.cnn.explain import explain

    x = pictures.batch(np.frombuffer(pixels).reshape(1, 28, 28).copy())
    ways = [way for way in METHODS if way != "gradcam" or name != models.DENSE]
    return {way: explain(models.net(name), x, label, way) for way in ways}


def on_paper(maps: dict[str, Explanation], image: np.ndarray) -> float:
    """Return which share of the gradient's map lies on empty pixels."""
    slope = maps["gradient"]["map"].numpy()
    return float(slope[image == 0].sum() / slope.sum()) if slope.sum() else 0.0


def digit_and_odds(image: np.ndarray, odds: np.ndarray, label: int) -> b.Widget:
    """Return the picture, to draw on, over the ten probabilities, the asked class lit up."""
    items = [
        {"label": str(k), "v": p, "role": "made" if k == label else "hidden"}
        for k, p in enumerate(odds.tolist())
    ]
    bars = b.bars(b.word("classes"), items, low=0.0, digits=3)
    return b.column(pictures.pad(image, b.word("your_digit")), bars, gap="mid swap")


def album(maps: dict[str, Explanation]) -> b.Widget:
    """Return the maps, two in a row; those with a sign in two colours."""
    drawn = []
    for way, one in maps.items():
        values = one["map"].numpy().astype(float)
        role = "grad" if way in ("gradient", "gradcam") else ""
        drawn.append(b.raster(b.word(f"method_{way}"), values, role=role, size=SIZE))
    return b.column(*(b.row(*drawn[k : k + 2], gap="mid") for k in range(0, len(drawn), 2)))


def checks(name: str, image: np.ndarray, label: int, maps: dict[str, Explanation]) -> list[Check]:
    """Return the completeness law, and the slopes by finite differences."""
    from core.models.cnn import check

    net, x = models.net(name), pictures.batch(image[None])
    whole = check.completeness_delta(net, x, label, maps["integrated"]["total"] or 0.0)
    slope = check.slope_delta(net, x, label, maps["gradient"]["map"])
    made = [b.delta_check(whole, NEAR["complete"])]
    return made + ([b.delta_check(slope, NEAR["slope"])] if slope else [])


def turn(name: str, image: np.ndarray, label: int, total: float) -> Turn:
    """Return the exercise: what Σ should be, from the logits of the picture and of nothing."""
    ends = [
        round(float(models.walk_net(name, one)[-1][1][0, label]), 3)
        for one in (image, np.zeros_like(image))
    ]
    said = [f"{end:.3f}".replace("-", "−") for end in ends]
    return {
        "ask": b.word("turn_why", f=said[0], f0=said[1]),
        "frame": 0,
        "blanks": [b.blank("f(x) − f(0)", [ends[0] - ends[1]], "grad", "")],
    }
