"""Play *gap*: a strip of walls with gaps that a hidden wind shifts, small enough to be solved.

    state     five rows, the lowest first; each empty (-1) or a wall whose gap, two columns wide,
              has its left edge at g in 0..5 and wraps round the ring of W = 6 columns; the player's
              column x; the last wind w in {-1, 0, 1}; the column d of a grain of dust
    one step  x <- clamp(x + a, 0, 5) for the action a in {-1, 0, 1}
              k drawn: the last wind with 0.9, each of the others with 0.05
              every wall and the dust shift by k, round the ring
              the lowest row reaches the player: alive if it is empty or x is in its shifted gap,
              that is (x - g) mod 6 < 2; who is alive gets the reward 1
              the rows fall by one; the new top row is a wall with 0.2, g uniform
    start     empty rows; x, w and d uniform

The game is ours. The wind has no picture of its own: one frame hides it, and two show it by how the
dust has drifted. The dust changes no reward, so it is no part of the state that has a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.inputs import InputError, integer, mapping

COLUMNS, ROWS, GAP = 6, 5, 2
EMPTY = -1
WINDS = (-1, 0, 1)
ACTIONS = (-1, 0, 1)
STAY, WALL = 0.9, 0.2  # chance that the wind stays; that a new row is a wall
SIDE = 16  # of a frame, in pixels
CELL, EDGE = 2, 2  # pixels of a column and of a row; of the black border


@dataclass(frozen=True)
class State:
    """N games, each at one moment."""

    rows: Tensor  # (N, 5) int64, the lowest first: -1 or the gap's left edge
    x: Tensor  # (N,) int64, 0..5
    wind: Tensor  # (N,) int64, -1..1: the last one
    dust: Tensor  # (N,) int64, 0..5

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, at: Any) -> State:
        """Take some of the games."""
        return State(self.rows[at], self.x[at], self.wind[at], self.dust[at])


@dataclass(frozen=True)
class Chance:
    """What one step draws for N games."""

    wind: Tensor  # (N,) int64, -1..1
    top: Tensor  # (N,) int64, -1..5: the new row


def start(n: int, generator: torch.Generator | None = None) -> State:
    """Return n games at their start."""
    x, wind, dust = (torch.randint(high, (n,), generator=generator) for high in (6, 3, 6))
    return State(torch.full((n, ROWS), EMPTY), x, wind - 1, dust)


def draw(state: State, generator: torch.Generator | None = None) -> Chance:
    """Draw the winds and the new top rows of one step."""
    n = len(state)
    u, v = torch.rand(2, n, generator=generator, dtype=torch.float64)
    other = (state.wind + 1 + torch.where(v < 0.5, 1, 2)) % 3 - 1  # one of the two other winds
    wind = torch.where(u < STAY, state.wind, other)
    wall = torch.rand(n, generator=generator, dtype=torch.float64) < WALL
    gap = torch.randint(COLUMNS, (n,), generator=generator)
    return Chance(wind, torch.where(wall, gap, EMPTY))


def move(state: State, action: Tensor, chance: Chance) -> tuple[State, Tensor]:
    """Do one step.

    Args:
        state: N games.
        action: (N,) of -1, 0, 1.
        chance: what was drawn for them.

    Returns:
        The next state and who is alive in it, (N,) bool; a lost game's rows have fallen too.
    """
    x = (state.x + action).clamp(0, COLUMNS - 1)  # (N,)
    rows = shift(state.rows, chance.wind[:, None])  # (N, 5)
    alive = passes(rows[:, 0], x)  # (N,)
    fallen = torch.cat([rows[:, 1:], chance.top[:, None]], 1)  # (N, 5)
    return State(fallen, x, chance.wind, (state.dust + chance.wind) % COLUMNS), alive


def step(
    state: State, action: Tensor, generator: torch.Generator | None = None
) -> tuple[State, Tensor]:
    """Draw the chance of one step and do it; see `move`."""
    return move(state, action, draw(state, generator))


def shift(rows: Tensor, wind: Tensor) -> Tensor:
    """Return rows after a wind has shifted their gaps round the ring; empty ones stay empty."""
    return torch.where(rows == EMPTY, EMPTY, (rows + wind) % COLUMNS)


def passes(row: Tensor, x: Tensor) -> Tensor:
    """Return whether a player in column x survives a row."""
    return (row == EMPTY) | ((x - row) % COLUMNS < GAP)


# ---- what is seen


def frames(state: State) -> Tensor:
    """Draw the games as images, (N, 1, 16, 16) of 0 and 1.

    From the top, inside a black border of two pixels: the five rows, the lowest at the bottom, each
    two pixels high and a column two pixels wide; under them the player, two by two pixels. The dust
    is one pixel of the border's second line, over its column.
    """
    n = len(state)
    column = torch.arange(COLUMNS)
    gap = (column - state.rows[..., None]) % COLUMNS < GAP  # (N, 5, 6)
    wall = (state.rows[..., None] != EMPTY) & ~gap
    player = column == state.x[:, None]  # (N, 6)
    field = torch.cat([wall.flip(1), player[:, None]], 1).float()  # (N, 6, 6)
    wide = field.repeat_interleave(CELL, 1).repeat_interleave(CELL, 2)  # (N, 12, 12)
    images = torch.zeros(n, 1, SIDE, SIDE)
    images[:, 0, EDGE : SIDE - EDGE, EDGE : SIDE - EDGE] = wide
    images[torch.arange(n), 0, EDGE - 1, EDGE + CELL * state.dust] = 1
    return images


def read(images: Tensor) -> State:
    """Read games off images (N, 1, 16, 16), each part at its likeliest; the wind is given as 0.

    Of an exact frame this is the state. Of a blurred one it is the state whose frame has the
    smallest squared distance to it, row by row.
    """
    n = len(images)
    field = images[:, 0, EDGE : SIDE - EDGE, EDGE : SIDE - EDGE]
    cells = field.reshape(n, COLUMNS, CELL, COLUMNS, CELL).mean((2, 4))  # (N, 6, 6)
    rows = cells[:, :ROWS].flip(1)  # (N, 5, 6), the lowest first
    column = torch.arange(COLUMNS)
    walls = ((column - column[:, None]) % COLUMNS >= GAP).to(cells)  # (6, 6): of each g
    kinds = torch.cat([torch.zeros_like(walls[:1]), walls])  # (7, 6): empty, then each g
    far = ((rows[:, :, None] - kinds) ** 2).sum(-1)  # (N, 5, 7)
    dust = images[:, 0, EDGE - 1, EDGE : SIDE - EDGE : CELL].argmax(1)
    x = cells[:, ROWS].argmax(1)
    return State(far.argmin(-1) - 1, x, torch.zeros_like(x), dust)


# ---- every frame has a number


def number_of(state: State) -> Tensor:
    """Return the number of each game's frame, (N,) from 0 to 605,051."""
    code = rows_number(state.rows)
    return (code * COLUMNS + state.x) * COLUMNS + state.dust


def rows_number(rows: Tensor) -> Tensor:
    """Return the number of the rows (…, 5), from 0 to 16,806: base 7, the lowest row the ones."""
    return ((rows + 1) * 7 ** torch.arange(ROWS)).sum(-1)


def of_number(number: Tensor) -> State:
    """Return the game that a frame of this number shows, with no wind."""
    dust, rest = number % COLUMNS, number // COLUMNS
    x, code = rest % COLUMNS, rest // COLUMNS
    rows = code[:, None] // 7 ** torch.arange(ROWS) % 7 - 1
    return State(rows, x, torch.zeros_like(x), dust)


FRAMES = 7**ROWS * COLUMNS * COLUMNS


# ---- what a page calls


def validate(state: Any) -> State:
    """Check a state given as {"rows": five of null or 0..5, "x", "wind", "dust"}; dust may be
    missing: 0.

    Raises:
        InputError: with the name of the field.
    """
    mapping("state", state, ("rows", "x", "wind"), ("dust",))
    rows = state["rows"]
    if not isinstance(rows, (list, tuple)) or len(rows) != ROWS:
        raise InputError("list", field="state.rows", got=rows, allowed="5 × (null, 0–5)")
    gaps = [
        EMPTY if g is None else integer(f"state.rows[{i}]", g, 0, 5) for i, g in enumerate(rows)
    ]
    x = integer("state.x", state["x"], 0, COLUMNS - 1)
    wind = integer("state.wind", state["wind"], -1, 1)
    given = state.get("dust")
    dust = 0 if given is None else integer("state.dust", given, 0, COLUMNS - 1)
    return state_of(gaps, x, wind, dust)


def state_of(rows: Sequence[int], x: int, wind: int, dust: int = 0) -> State:
    """Return one game, N = 1."""
    return State(*(torch.tensor([value]) for value in (list(rows), x, wind, dust)))


def plain(state: State, at: int = 0) -> dict[str, Any]:
    """Return one game as `validate` takes it."""
    rows = [None if g == EMPTY else g for g in state.rows[at].tolist()]
    one = {"x": state.x[at], "wind": state.wind[at], "dust": state.dust[at]}
    return {"rows": rows, **{name: int(value) for name, value in one.items()}}
