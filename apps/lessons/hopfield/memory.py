"""Read a scene's inputs as stored patterns and the probe that recall starts from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.hopfield.inputs import ACTIONS, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Limit
from core.inputs import InputError, integer, spins
from core.models.hopfield import letters
from core.models.hopfield.modern import MAX_PATTERNS

BITS = {"0": -1, "1": 1}
AMOUNTS = {"noise": ["noise"], "half": ["side"], "rectangle": ["top", "left", "height", "width"]}


@dataclass(frozen=True)
class Memory:
    """Stored patterns X (P, N) with their names, the probe (N,), and the changed inputs."""

    X: np.ndarray
    names: list[str]
    shape: tuple[int, int]
    probe: np.ndarray
    target: int
    chosen: int
    keys: str
    changes: dict[str, Any]

    @property
    def N(self) -> int:
        """Return the number of units."""
        return self.X.shape[1]

    def grid(self, state: Any, label: b.Label = "", room: int = 150, **options: Any) -> b.Widget:
        """Return a state as a pixel grid of about `room` pixels."""
        return b.cells(label, state, self.shape, size=cell_size(room, self.shape), **options)


def read_memory(inputs: Inputs) -> Memory:
    """Read the patterns and the probe that a scene's inputs describe, an action done."""
    rows, cols, name, keys = inputs.rows, inputs.cols, inputs.set, read_keys(inputs.keys)
    drawn = letters.patterns(name, rows, cols, keys)  # (P, N), also says that a letter is unknown
    X = drawn if inputs.patterns is None else read_patterns(inputs.patterns, rows * cols)
    chosen, target = (min(k, len(X) - 1) for k in (inputs.pattern, inputs.target))
    probe = make_probe(inputs, X[target], (rows, cols))
    X, chosen, changes = do_action(inputs, X, probe, chosen)
    target = min(target, len(X) - 1)
    if changes or chosen != inputs.pattern:
        changes["pattern"] = chosen
    if target != inputs.target:
        changes["target"] = target
    names = [letter_name(x, name, rows, cols, keys) or b.sub("x", k + 1) for k, x in enumerate(X)]
    return Memory(X, names, (rows, cols), probe, target, chosen, keys, changes)


def read_keys(keys: str) -> str:
    """Read typed letters without spaces and commas, 1 to 64 of them."""
    keys = "".join(keys.replace(",", " ").split())
    if not 1 <= len(keys) <= MAX_PATTERNS:
        raise InputError("shape", field="keys", got=len(keys), allowed=f"1-{MAX_PATTERNS}")
    return keys


def read_patterns(patterns: Any, N: int) -> np.ndarray:
    """Read patterns (P, N) out of bit strings, "1" for +1 and "0" for -1."""
    if isinstance(patterns, list):
        patterns = [[BITS.get(c, c) for c in p] if isinstance(p, str) else p for p in patterns]
    return spins("patterns", patterns, ((1, MAX_PATTERNS), N)).astype(int)


def make_probe(inputs: Inputs, pattern: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Make the probe (N,): drawn by hand, or the pattern corrupted as the inputs say."""
    rows, cols = shape
    if inputs.probe_kind == "drawn":
        bits = inputs.probe
        if bits is None:
            return pattern
        cells = [BITS.get(c, c) for c in bits] if isinstance(bits, str) else bits
        return spins("probe", cells, (rows * cols,)).astype(int)
    if inputs.probe_kind == "noise":
        amount: Any = inputs.noise
    elif inputs.probe_kind == "half":
        amount = inputs.side
    else:
        top, left = integer("top", inputs.top, 1, rows), integer("left", inputs.left, 1, cols)
        height = integer("height", inputs.height, 1, rows - top + 1)
        amount = [top - 1, left - 1, height, integer("width", inputs.width, 1, cols - left + 1)]
    return letters.corrupt(pattern, inputs.probe_kind, amount, list(shape), inputs.seed)


def do_action(
    inputs: Inputs, X: np.ndarray, probe: np.ndarray, chosen: int
) -> tuple[np.ndarray, int, dict[str, Any]]:
    """Do the one action that is asked for; return patterns, the chosen one and the new inputs."""
    for action in ACTIONS:
        if not getattr(inputs, action):
            continue
        if action == "invert":
            X = np.where(np.arange(len(X))[:, None] == chosen, -X, X)
        elif action == "remove":
            X = np.delete(X, chosen, axis=0)
        else:
            X = np.vstack([X, probe if action == "keep" else np.full_like(probe, -1)])
        X = spins("patterns", X, ((1, MAX_PATTERNS), X.shape[1])).astype(int)
        chosen = min(chosen, len(X) - 1) if action in ("invert", "remove") else len(X) - 1
        return X, chosen, {action: None, "patterns": [bits(x) for x in X]}
    return X, chosen, {}


def letter_name(x: np.ndarray, name: str, rows: int, cols: int, keys: str) -> str | None:
    """Name the letter that a pattern is ("−ㄱ" for its negative), or None."""
    known = drawings(name, rows, cols, keys)
    return known.get(bits(x)) or (f"−{known[bits(-x)]}" if bits(-x) in known else None)


@lru_cache(maxsize=256)
def drawings(name: str, rows: int, cols: int, keys: str) -> dict[str, str]:
    """Return bit string -> letter; of letters that come out alike at this size the stored one."""
    order = keys + "".join(letters.SETS[name])
    grids = letters.patterns(name, rows, cols, order)
    return {bits(x): key for x, key in reversed(list(zip(grids, order)))}


def bits(x: np.ndarray) -> str:
    """Return a pattern as the text that links and the page carry."""
    return "".join("1" if s > 0 else "0" for s in x)


def cell_size(room: int, shape: tuple[int, int]) -> int:
    """Return the side of a cell so that the longer side of a grid takes about `room` pixels."""
    pitch = room / max(shape)
    if pitch < 4.5:  # too small for gaps
        return 3 if pitch > 2.5 else 2
    return round(pitch) - (3 if pitch > 17 else 2 if pitch > 9 else 1)


def signed_names(mixture: list[list[int]], names: list[str]) -> str:
    """Return a mixture as text, ㄷ + ㄹ − ㅁ."""
    text = "".join(f" {'+' if sign > 0 else '−'} {names[k]}" for k, sign in mixture)
    return text.removeprefix(" + ").removeprefix(" ")


def pattern_editor(memory: Memory, chosen: int) -> b.Widget:
    """Return all stored patterns as grids to draw in, the chosen one in another colour."""
    P = len(memory.X)
    across = math.ceil(math.sqrt(P * (1 if P <= 16 else 1.6)))
    room = max(30, 280 // across)
    grids = [
        memory.grid(
            x,
            memory.names[k],
            room,
            edit="patterns",
            at=[k],
            role="hidden" if k == chosen else "ink",
        )
        for k, x in enumerate(memory.X)
    ]
    rows = [b.row(*grids[k : k + across], gap="mid") for k in range(0, P, across)]
    return b.column(*rows, gap="mid")


def board_of(memory: Memory, inputs: Inputs, frames: list[Frame], editing: bool | None) -> Board:
    """Build a board: the patterns to edit, the controls it needs, the changes of an action.

    Args:
        memory: what is stored.
        inputs: of the scene.
        frames: of the board.
        editing: whether the stored patterns are drawn on; None where there is no such switch.
    """
    kind, rows, cols = inputs.probe_kind, *memory.shape
    unused = [name for k, fields in AMOUNTS.items() if k != kind for name in fields]
    unused += ["update", "zero_diagonal"] if inputs.rule == "modern" else ["beta"]
    if kind != "noise":
        unused.append("seed")
    if editing is not None:  # drawing does without what would draw anew
        unused += ["set", "keys", "rows", "cols"] if editing else ["pattern", *ACTIONS]
    stored_ones: Limit = {"options": list(range(len(memory.X))), "labels": list(memory.names)}
    return {
        "frames": frames,
        "facts": [],
        "checks": [],
        "values": {"patterns": [bits(x) for x in memory.X], "probe": bits(memory.probe)},
        "pins": {"probe": {"probe_kind": "drawn"}},
        "inputs": memory.changes,
        "limits": {
            "target": {**stored_ones, "half": editing is not None},
            "pattern": stored_ones,
            "keys": {"value": memory.keys},
            "unit_i": {"max": memory.N},
            "unit_j": {"max": memory.N},
            "top": {"max": rows},
            "left": {"max": cols},
            "height": {"max": max(1, rows - inputs.top + 1)},
            "width": {"max": max(1, cols - inputs.left + 1)},
        },
        "without": unused,
    }
