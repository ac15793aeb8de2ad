"""The inputs of the normalizing flow lesson."""

from __future__ import annotations

from dataclasses import dataclass

from apps.lessons.shared import pictures, runs
from apps.stage.declare import Read, action, choice, given, seed, slider, switch
from core.inputs import array
from core.models.flow import by_hand
from core.models.flow.change import FAMILIES

NETS = {  # what a trained flow was trained on -> its card
    "moons": "realnvp-moons",
    "rings": "realnvp-rings",
    "pinwheel": "realnvp-pinwheel",
    "ring": "realnvp-gaussians",
    "checkerboard": "realnvp-checkerboard",
}
TARGETS = ("moons", "rings", "pinwheel", "ring", "checkerboard", "spiral", "grid", "drawn")
MIXTURES = ("ring", "moons", "rings", "spiral", "grid")  # whose exact velocity is known
USUAL = {  # a and b that show a family well
    "affine": {"a": 1, "b": 2},
    "softplus": {"a": 2, "b": 0},
    "sinh-arcsinh": {"a": 0.5, "b": 1},
    "cubic": {"a": 0.4, "b": 0.2},
}
HOTTEST = 1.5  # temperature
FARTHEST = 2.5  # of the point whose density is followed
Pair = tuple[float, float]


def pair(bound: float) -> Read:
    """Return a reader of two numbers from −bound to bound."""
    return lambda name, value: tuple(array(name, value, (2,), bound).tolist())


@dataclass(frozen=True)
class Inputs:
    """The lesson's inputs. `given` ones are typed into a matrix, drawn, or set by a preset."""

    family: str = choice("cubic", FAMILIES, list=True, brings=USUAL)
    a: float = slider(0.4, -5, 5, 0.05)
    b: float = slider(0.2, 0, 5, 0.05)
    at: float = slider(0.0, -FARTHEST, FARTHEST, 0.1)
    way: str = choice("line", ("line", "given"))
    net: str = choice("moons", tuple(NETS), list=True)
    direction: str = choice("forward", ("forward", "back"))
    masks: str = choice("alternate", ("alternate", "fixed"), list=True, restarts=True)
    target: str = choice("moons", TARGETS, list=True)
    mixture: str = choice("ring", MIXTURES, list=True)
    euler: int = choice(20, (1, 2, 4, 8, 20, 100), list=True)  # steps from t = 0 to 1
    couplings: int = choice(6, (2, 4, 6, 8, 12, 16), list=True, half=True, restarts=True)
    width: int = choice(32, (8, 16, 32, 64), list=True, half=True, restarts=True)
    batch: int = choice(128, (16, 64, 128, 256, 512), list=True, half=True)
    rate: float = choice(
        0.005, (0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1), list=True, half=True
    )
    sigma: float = slider(0.1, 0.02, 0.5, 0.01)
    speed: int = choice(20, runs.SPEEDS, list=True)
    erase: bool = action(brings={True: {"drawn": [], "target": "drawn"}}, restarts=True)
    show_surface: bool = switch(True, half=True)
    show_warp: bool = switch(True, half=True)
    parts: int = choice(8, (2, 4, 8, 16, 32), list=True, half=True)  # one peak alone cannot rise
    temperature: float = slider(0.7, 0, HOTTEST, 0.1)
    digit: int = slider(42, 0, pictures.COUNT - 1, resets=("drawn",))
    other: int = slider(71, 0, pictures.COUNT - 1)
    clear: bool = action(brings={True: {"drawn": pictures.EMPTY}})
    decimals: int = slider(4, 1, 6, local=True)
    seed: int = seed(restarts=True)
    x: Pair = given((1.5, -0.8), pair(by_hand.LARGEST))
    s_line: Pair = given((0.5, -0.25), pair(by_hand.STEEPEST))
    t_line: Pair = given((1.0, -0.5), pair(by_hand.LARGEST))
    st: Pair = given((0.5, 1.0), pair(by_hand.LARGEST))
    drawn: str | runs.Points | None = given(None, runs.drawing)
    opening: tuple[int, ...] = given((0,), runs.opening)
