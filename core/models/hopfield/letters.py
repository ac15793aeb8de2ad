"""Patterns to store, drawn by hand: Hangul consonants and syllables, Latin letters, digits.

A drawing is read as it looks: "#" is +1 and "." is -1, row by row. Consonants, letters and digits
are 8x8, syllables 10x10; another size is made by area: a cell is ink where the drawing covers at
least half of it. `corrupt` spoils a pattern, to give a probe.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.inputs import InputError, array, choice, describe, integer, number, spins
from core.models.hopfield.modern import MAX_UNITS
from core.models.hopfield.network import MAX_SEED

SIDE = (4, 16)  # the allowed rows and columns of a resampled drawing


def sheet(keys: str, drawing: str) -> dict[str, np.ndarray]:
    """Cut a drawing of glyphs, side by side in bands, into a dict of ±1 arrays (rows, cols)."""
    bands = [band.split("\n") for band in drawing.strip().split("\n\n")]
    columns = [column for band in bands for column in zip(*(row.split() for row in band))]
    return {
        k: np.array([[1 if c == "#" else -1 for c in r] for r in g]) for k, g in zip(keys, columns)
    }


JAMO = sheet(
    "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    """
######## ##...... ######## ######## ######## ##....## ...##...
######## ##...... ######## ......## ######## ##....## ...##...
......## ##...... ##...... ......## ##....## ######## ..####..
......## ##...... ##...... ######## ##....## ######## ..#..#..
......## ##...... ##...... ######## ##....## ##....## .##..##.
......## ##...... ##...... ##...... ##....## ##....## .#....#.
......## ######## ######## ##...... ######## ######## ##....##
......## ######## ######## ######## ######## ######## #......#

..####.. ######## ...##... ######## ######## ######## ...##...
.######. ######## ######## ######## ##...... ######## ########
##....## ...##... ######## ......## ##...... .##..##. ........
##....## ..####.. ...##... ......## ######## .##..##. ..####..
##....## .##..##. ..####.. ######## ######## .##..##. .##..##.
##....## .##..##. .##..##. ######## ##...... .##..##. .##..##.
.######. ##....## ##....## ......## ##...... ######## .##..##.
..####.. ##....## ##....## ......## ######## ######## ..####..
""",
)
LATIN = sheet(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    """
...##... #######. ..#####. ######.. ######## ######## ..#####. ##....## .######.
..####.. ##....## .##...## ##...##. ##...... ######## .##...## ##....## ...##...
.##..##. ##....## ##...... ##....## ##...... ##...... ##...... ##....## ...##...
##....## #######. ##...... ##....## ######.. ######.. ##...... ######## ...##...
######## ##....## ##...... ##....## ######.. ######.. ##..#### ######## ...##...
######## ##....## ##...... ##....## ##...... ##...... ##....## ##....## ...##...
##....## ##....## .##...## ##...##. ##...... ##...... .##...## ##....## ...##...
##....## #######. ..#####. ######.. ######## ##...... ..###### ##....## .######.

...##### ##....## .##..... ##....## ##....## .######. #######. .#####.. #######.
.....##. ##...##. .##..... ###..### ###...## ##....## ##....## ##...##. ##....##
.....##. ##..##.. .##..... ######## ####..## ##....## ##....## ##...##. ##....##
.....##. #####... .##..... ##.##.## ##.##.## ##....## ##....## ##...##. ##....##
.....##. #####... .##..... ##.##.## ##.##.## ##....## #######. ##.#.##. #######.
##...##. ##..##.. .##..... ##....## ##..#### ##....## ##...... ##..###. ##..##..
##...##. ##...##. .######. ##....## ##...### ##....## ##...... .######. ##...##.
.#####.. ##....## .######. ##....## ##....## .######. ##...... ......## ##....##

.####### ######## ##....## ##....## ##....## ##....## ##....## ########
##...... ######## ##....## ##....## ##....## .##..##. .##..##. ......##
##...... ...##... ##....## ##....## ##....## ..####.. ..####.. .....##.
.######. ...##... ##....## .##..##. ##.##.## ...##... ...##... ....##..
......## ...##... ##....## .##..##. ##.##.## ...##... ...##... ..##....
......## ...##... ##....## ..####.. ######## ..####.. ...##... .##.....
......## ...##... ##....## ..####.. ###..### .##..##. ...##... ##......
#######. ...##... .######. ...##... ##....## ##....## ...##... ########
""",
)
DIGITS = sheet(
    "0123456789",
    """
..####.. ...##... .######. .######. ....###. ######## ..#####. ######## .######. .######.
.##..##. ..###... ##....## ##....## ...####. ##...... .##..... ######## ##....## ##....##
.##..##. .####... ......## ......## ..##.##. ##...... ##...... .....##. ##....## ##....##
.##..##. ...##... ....###. ..#####. .##..##. #######. #######. ....##.. .######. ##....##
.##..##. ...##... ..###... ......## ##...##. ......## ##....## ...##... ##....## .#######
.##..##. ...##... .##..... ......## ######## ......## ##....## ..##.... ##....## ......##
.##..##. .######. ##...... ##....## .....##. ##....## ##....## ..##.... ##....## .....##.
..####.. .######. ######## .######. .....##. .######. .######. ..##.... .######. .#####..
""",
)
SYLLABLES = sheet(
    "오구한글",
    """
..######.. .########. ..##...##. .########.
.##....##. .########. ######.##. .......##.
##......## .......##. .......##. .......##.
.##....##. .......##. .####..### ##########
..######.. .......##. ##..##.### ..........
....##.... ########## .####..##. .########.
....##.... ########## .......##. .......##.
....##.... ....##.... .##....... .########.
########## ....##.... .##....... .##.......
########## ....##.... .########. .########.
""",
)
SETS = {"jamo": JAMO, "latin": LATIN, "digits": DIGITS, "syllables": SYLLABLES}


def coverage(old: int, new: int) -> np.ndarray:
    """Compute the share of each new cell that each old cell covers, (new, old); rows sum to 1."""
    edges = np.arange(new + 1) * old / new  # (new+1,), in old cells
    cells = np.arange(old)
    low = np.maximum(edges[:-1, None], cells)  # (new, old)
    high = np.minimum(edges[1:, None], cells + 1)  # (new, old)
    return np.maximum(high - low, 0) * new / old


def resample(drawing: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """Resize a ±1 drawing (r, c) to (rows, cols) by area: ink where it covers at least half."""
    r, c = drawing.shape
    ink = coverage(r, rows) @ drawing @ coverage(c, cols).T  # (rows, cols), -1 to 1
    return np.where(ink > -1e-9, 1, -1)


def patterns(name: Any, rows: Any = 8, cols: Any = 8, keys: Any = None) -> np.ndarray:
    """Choose drawings of a set and flatten them to patterns.

    Args:
        name: "jamo", "latin", "digits" or "syllables".
        rows: 4 to 16.
        cols: 4 to 16.
        keys: the drawings wanted, a string or a list ("ㄱㄴㅇ"); all of the set if not given.

    Returns:
        (P, rows*cols) int of -1 and 1. At the smallest sizes two drawings may come out the same.

    Raises:
        InputError: naming the argument that was refused.
    """
    drawings = SETS[choice("name", name, tuple(SETS))]
    rows, cols = integer("rows", rows, *SIDE), integer("cols", cols, *SIDE)
    keys = tuple(drawings) if keys is None else keys
    if not isinstance(keys, (str, list, tuple)) or len(keys) == 0:
        raise InputError("list", field="keys", got=describe(keys), allowed=" ".join(drawings))
    chosen = [drawings[choice("keys", k, tuple(drawings))] for k in keys]
    return np.array([resample(d, rows, cols).ravel() for d in chosen])  # (P, rows*cols)


SIDES = {
    "upper": lambda rows, cols: (0, 0, rows // 2, cols),
    "lower": lambda rows, cols: (rows - rows // 2, 0, rows // 2, cols),
    "left": lambda rows, cols: (0, 0, rows, cols // 2),
    "right": lambda rows, cols: (0, cols - cols // 2, rows, cols // 2),
}
KINDS = ("noise", "half", "rectangle")


def corrupt(pattern: Any, kind: Any, amount: Any, shape: Any, seed: Any = 0) -> np.ndarray:
    """Flip or hide cells of a pattern (corruption), to give a probe.

    Args:
        pattern: N of -1 and 1, read row by row; N = rows * cols.
        kind: "noise" flips cells, "half" and "rectangle" set a part to -1.
        amount: noise: the fraction of cells to flip, 0 to 1, rounded to whole cells; half: "upper",
            "lower", "left" or "right"; rectangle: [top, left, height, width] in cells.
        shape: [rows, cols].
        seed: 0 to 2³¹−1, chooses the cells that noise flips.

    Returns:
        (N,) int of -1 and 1.

    Raises:
        InputError: naming the argument that was refused.
    """
    size = array("shape", shape, (2,))
    rows, cols = (integer("shape", n, 1, MAX_UNITS) for n in size.tolist())
    cells = spins("pattern", pattern, (rows * cols,)).reshape(rows, cols).copy()  # (rows, cols)
    seed = integer("seed", seed, 0, MAX_SEED)
    if choice("kind", kind, KINDS) == "noise":
        flipped = round(number("amount", amount, 0, 1) * rows * cols)
        order = np.random.default_rng(seed).permutation(rows * cols)
        cells.flat[order[:flipped]] *= -1
    else:
        top, left, height, width = _area(kind, amount, rows, cols)
        cells[top : top + height, left : left + width] = -1
    return cells.astype(int).ravel()  # (N,)


def _area(kind: str, amount: Any, rows: int, cols: int) -> tuple[int, int, int, int]:
    """Read the part to hide: top, left, height, width in cells."""
    if kind == "half":
        return SIDES[choice("amount", amount, tuple(SIDES))](rows, cols)
    top, left, height, width = array("amount", amount, (4,)).tolist()
    top = integer("amount[0]", top, 0, rows - 1)
    left = integer("amount[1]", left, 0, cols - 1)
    height = integer("amount[2]", height, 1, rows - top)
    return top, left, height, integer("amount[3]", width, 1, cols - left)
