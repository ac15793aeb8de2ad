"""The inputs of the Hopfield lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.stage.declare import (
    action,
    choice,
    given,
    numeric,
    seed,
    slider,
    switch,
    text,
    typed,
)
from core.models.hopfield import letters, network
from core.models.hopfield.modern import MAX_PATTERNS, MAX_UNITS

KEYS = {"jamo": "ㄱㄴㅅㅇ", "latin": "AFJX", "digits": "0157", "syllables": "오구한글"}
PROBES = ("noise", "half", "rectangle", "drawn")
ACTIONS = ("invert", "remove", "add", "keep")
UNITS = (32, 64, 100, 128, 256)  # N of the capacity experiment
REACHES = (0.3, 0.6, 1.2, 2.0)  # largest load P / N of it
MOST_SEEDS = 10
RESIZES = ("patterns", "probe", "pattern")  # what drawings of another size or alphabet cannot keep
ANEW = ("points",)  # the capacity experiment begins again


def _inputs_of_set(name: str) -> dict[str, Any]:
    """Return the inputs that the choice of an alphabet sets: its letters and their size."""
    side = len(next(iter(letters.SETS[name].values())))
    return {"keys": KEYS[name], "rows": side, "cols": side}


@dataclass(frozen=True)
class Inputs:
    """What can be set; `patterns` and `probe` are drawn."""

    set: str = choice(
        "jamo",
        tuple(letters.SETS),
        brings={name: _inputs_of_set(name) for name in letters.SETS},
        resets=RESIZES,
    )
    keys: str = text(KEYS["jamo"], 64, resets=RESIZES)
    rows: int = typed(8, *letters.SIDE, half=True, resets=RESIZES)
    cols: int = typed(8, *letters.SIDE, half=True, resets=RESIZES)
    pattern: int = choice(0, tuple(range(MAX_PATTERNS)), list=True)
    target: int = choice(0, tuple(range(MAX_PATTERNS)), list=True, resets=("probe",))
    invert: bool = action()
    remove: bool = action()
    add: bool = action()
    keep: bool = action()
    edit: bool = switch(False, half=True)
    rule: str = choice("hebb", network.RULES, resets=ANEW)
    update: str = choice("async", ("async", "sequential", "sync"))
    zero_diagonal: bool = switch(True)
    probe_kind: str = choice("noise", PROBES)
    noise: float = slider(0.15, 0.0, 1.0, 0.01, unit="%", resets=ANEW)
    side: str = choice("lower", tuple(letters.SIDES))
    top: int = typed(1, 1, letters.SIDE[1], half=True)
    left: int = typed(1, 1, letters.SIDE[1], half=True)
    height: int = typed(4, 1, letters.SIDE[1], half=True)
    width: int = typed(4, 1, letters.SIDE[1], half=True)
    seed: int = seed()
    max_steps: int = typed(100, 1, network.MAX_STEPS)
    beta: float = slider(0.125, 0.01, 1.0, 0.005, resets=ANEW)
    unit_i: int = typed(1, 1, MAX_UNITS, half=True)
    unit_j: int = typed(2, 1, MAX_UNITS, half=True)
    units: int = choice(64, UNITS, resets=ANEW)
    seeds: int = slider(5, 1, MOST_SEEDS, resets=ANEW)
    reach: float = choice(0.3, REACHES, resets=ANEW)
    beside: bool = switch(False, resets=ANEW)
    points: int = numeric(0, 0, 10_000)  # of the experiment, that are computed
    decimals: int = numeric(4, 2, 8)
    patterns: Any = given()  # bit strings, "1" for +1
    probe: Any = given()  # a bit string
