"""View "psi": digits of codes cut off at ±ψ, beside quality and coverage as the card has them."""

from __future__ import annotations

import numpy as np

from apps.lessons.biggan import models as m
from apps.lessons.biggan.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.biggan.by_hand import variance

PSI = (0.25, 0.5, 1.0, 1.5, 2.0)
ROWS = 6  # codes of each class
FIGURES = ("Fréchet", "density", "coverage", "label accuracy")


def psi(inputs: Inputs) -> Board:
    """Show six digits of each class at every ψ, and the curves of the card."""
    ways: list[float | None] = [*PSI, None]
    labels = m.each_class(ROWS)
    z = [m.codes(len(labels), inputs.seed, way) for way in ways]
    images = [m.decode(one, labels) for one in z]
    found = {name: curve(name) for name in FIGURES}
    inside = sum(int((np.abs(one) <= way).all()) for one, way in zip(z, PSI))
    return {
        "frames": [frame(way, one, found) for way, one in zip(ways, images)],
        "checks": [
            m.image_check(z[1][:4], labels[:4], images[1][:4]),
            b.law(b.word("law_bound"), inside, len(PSI)),
        ],
        "turn": turn(found),
        "tables": {
            "figures": [["psi", *FIGURES],
                        *([way or "none", *(found[name][k] for name in FIGURES)]
                          for k, way in enumerate(ways))],
            "apart": [["psi", "mean difference"],
                      *([way or "none", apart(one)] for way, one in zip(ways, images))],
        },
    }  # fmt: skip


def curve(name: str) -> list[float]:
    """Return a figure of the card at every ψ and of the whole distribution."""
    keys = [*(f"{name}, ψ = {value:g}" for value in PSI), name]
    return [nets.card_value(m.NAME, key) or float("nan") for key in keys]


def apart(images: np.ndarray) -> float:
    """Return the mean |difference| of a pixel between digits of one class."""
    by_class = images.reshape(ROWS, m.CLASSES, -1)
    pairs = [np.abs(by_class[i] - by_class[j]).mean() for i in range(ROWS) for j in range(i)]
    return float(np.mean(pairs))


def frame(way: float | None, images: np.ndarray, found: dict[str, list[float]]) -> Frame:
    """Return the digits at one ψ, and the charts with it marked."""
    name = b.word("whole") if way is None else f"ψ = {way:g}"
    sheet = b.grey(name, pictures.sheet(images, m.CLASSES), size=480)
    charts = b.column(
        chart("frechet_chart", {"Fréchet": "grad"}, found, way),
        chart("quality_chart", {"density": "made", "coverage": "real"}, found, way),
        gap="tight",
    )
    k = len(PSI) if way is None else PSI.index(way)
    facts = [
        b.fact(b.word("variance"), 1.0 if way is None else variance(way)),
        b.fact(b.word("apart"), apart(images)),
        b.fact(b.word("read_as"), f"{100 * found['label accuracy'][k]:.1f} %"),
    ]
    return b.frame(b.row(sheet, charts, gap="mid"), name, facts)


def chart(
    key: str, names: dict[str, str], found: dict[str, list[float]], way: float | None
) -> b.Widget:
    """Return figures over ψ, and as lines those of the whole distribution, which has none."""
    curves = [b.series(b.word(f"figure_{name.replace('é', 'e')}"), found[name][:-1], role, x=PSI)
              for name, role in names.items()]  # fmt: skip
    rules = [{"y": found[name][-1], "label": b.word("whole_short")} for name in names]
    return b.chart(
        b.word(key), curves, x="ψ", cursor=way, rules=rules, low=0, width=400, height=190
    )


def turn(found: dict[str, list[float]]) -> Turn:
    """Return the exercise: how much of the coverage ψ = 0.5 costs."""
    part, whole = (round(found["coverage"][k], 3) for k in (PSI.index(0.5), len(PSI)))
    ask = b.word("turn_psi", a=f"{part:.3f}", b=f"{whole:.3f}")
    return {"ask": ask, "blanks": [b.blank("%", [round(100 * (1 - part / whole))], "grad", "")]}
