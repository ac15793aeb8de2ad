"""The inputs of the CNN lesson."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.lessons.shared import pictures
from apps.stage.declare import action, choice, given, numeric, seed, slider, switch
from core.inputs import InputError, array, integer

SMALL = 8  # pixels of a side of the picture that is convolved by hand
PICTURES = ("seven", "edge", "corner")
FILTERS = ("vertical", "horizontal", "corner", "blur", "sharpen")
NETS = ("cnn-tiny-mnist", "mlp-mnist", "classifier-mnist")
SHORT = ["CNN 4–8", "MLP 784–32–10", "CNN 32–32–64–128"]
EDGES = ("wrap", "zeros")
STACKS = ("classifier", "tiny", "threes", "dilated")
LAST = pictures.COUNT - 1  # number of the last digit that ships
Kernel = tuple[tuple[float, ...], ...]
Place = tuple[int, ...]


def read_kernel(name: str, value: Any) -> Kernel | None:
    """Read a typed kernel of 3 x 3; None for none."""
    if value is None:
        return None
    return tuple(map(tuple, array(name, value, (3, 3), 100.0).tolist()))


def read_place(count: int) -> Callable[[str, Any], Place]:
    """Return a reader of so many whole numbers from 0 to 127."""

    def read(name: str, value: Any) -> Place:
        if not isinstance(value, (list, tuple)) or len(value) != count:
            got = len(value) if isinstance(value, (list, tuple)) else 0
            raise InputError("shape", field=name, got=got, allowed=count)
        return tuple(integer(name, v, 0, 127) for v in value)

    return read


def read_toggle(name: str, value: Any) -> Place | None:
    """Read the pixel that was pressed, row and column; None for none."""
    return None if value is None else read_place(2)(name, value)


def read_unit(name: str, value: Any) -> Place:
    """Read a unit's column, map, row and column in it; of a class, which is no map, three do."""
    classes = isinstance(value, (list, tuple)) and len(value) == 3
    return read_place(4)(name, [*value, 0] if classes else value)


def read_bits(name: str, value: Any) -> str | None:
    """Read a small picture of one's own: 64 characters 0 and 1; None for none."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) != SMALL**2 or set(value) - set("01"):
        got = len(value) if isinstance(value, str) else 0
        raise InputError("shape", field=name, got=got, allowed=f"{SMALL**2} characters 0, 1")
    return value


@dataclass(frozen=True)
class Inputs:
    """What can be set; kernels are typed, `drawn` is drawn, places are pressed."""

    picture: str = choice("seven", PICTURES, resets=("small",))
    filter: str = choice("vertical", FILTERS, list=True, resets=("kernel",))
    stride: int = slider(1, 1, 3)
    padding: int = slider(0, 0, 2)
    dilation: int = slider(1, 1, 3)
    flip: bool = switch(False)
    digit: int = slider(31, 0, LAST, resets=("drawn",))
    clear: bool = action(brings={True: {"drawn": pictures.EMPTY}})
    edges: str = choice("wrap", EDGES)
    steps: int = choice(1, (1, 2))
    pool: int = choice(1, (1, 2))
    stack: str = choice("classifier", STACKS, list=True)
    rate: float = choice(0.01, (0.003, 0.01, 0.02, 0.03))
    net: str = choice("cnn-tiny-mnist", NETS, labels=SHORT, list=True)
    label: int = choice(3, tuple(range(10)), list=True)
    kernel_side: int = slider(3, 1, 6)
    step: int = slider(2, 1, 4)
    even: bool = switch(True)
    seed: int = seed()
    decimals: int = numeric(3, 0, 8)
    kernel: Kernel | None = given(None, read_kernel)
    small: str | None = given(None, read_bits)
    toggle: Place | None = given(None, read_toggle)  # a pixel that was pressed
    drawn: str | None = given(None, pictures.drawing)
    unit: Place = given((2, 5, 6, 7), read_unit)  # column of the net, map, row, column
    pair: Place = given((4, 9), read_place(2))  # a cell of the confusion matrix
