"""View "landscape": all states of a small net, its valleys, and how many states run into each."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.memory import BITS, Memory, bits, board_of, read_memory, signed_names
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.inputs import InputError, choice
from core.models.hopfield import basins, check, network
from core.models.hopfield.hopfield_traces import Landscape

GROUPS = ("stored", "negative", "spurious")
ROLES = {"stored": "ok", "negative": "real", "spurious": "grad"}
MOST_SHOWN = 12  # valleys of a group
ACROSS = 4  # valleys side by side


def landscape(inputs: Inputs) -> Board:
    """Show every valley of a small net: stored patterns, then negatives, then spurious ones."""
    memory, rule = read_memory(inputs), choice("rule", inputs.rule, tuple(network.WEIGHTS))
    if memory.N > basins.MOST_UNITS:
        raise InputError("shape", field="rows x cols", got=memory.N, allowed=basins.MOST_UNITS)
    found, again = survey_states(tuple(bits(x) for x in memory.X), rule)
    groups = group(memory, found)
    frames = [frame(memory, found, groups, upto) for upto in range(1, len(GROUPS) + 1)]
    names = {k: name for name, members in groups.items() for k in members}
    rows = [
        [names[k], float(E), int(size), *x.tolist()]
        for k, (x, E, size) in enumerate(zip(found["fixed"], found["energies"], found["basins"]))
    ]
    board = board_of(memory, inputs, frames, None)
    return {
        **board,
        "limits": {**board.get("limits", {}), "rule": {"options": list(network.WEIGHTS)}},
        "facts": facts(found, groups),
        "checks": [b.law(b.word("law_valleys"), again, len(found["fixed"]))],
        "turn": turn(memory, found, groups) if rule == "hebb" else None,
        "tables": {"valleys": [["end", "E", "basin", *range(1, memory.N + 1)], *rows]},
    }


@lru_cache(maxsize=32)
def survey_states(patterns: tuple[str, ...], rule: str) -> tuple[Landscape, int]:
    """Go through all states, and count the valleys that torch finds too, at the same energy."""
    X = np.array([[BITS[c] for c in row] for row in patterns])
    found = basins.landscape(network.WEIGHTS[rule](X.astype(float)))
    return found, check.same_valleys(X, rule, found["fixed"], found["energies"])


def group(memory: Memory, found: Landscape) -> dict[str, list[int]]:
    """Sort the valleys, by their index, into stored patterns, negatives and spurious ones."""
    groups: dict[str, list[int]] = {name: [] for name in GROUPS}
    for k, x in enumerate(found["fixed"]):
        groups[network.name_state(memory.X, x)[0]].append(k)
    return groups


def facts(found: Landscape, groups: dict[str, list[int]]) -> list:
    """Count states, valleys and spurious valleys, and the states that run into those."""
    lost = int(found["basins"][groups["spurious"]].sum())
    return [
        b.fact(b.word("count_states"), f"{found['states']:,}"),
        b.fact(b.word("count_valleys"), str(len(found["fixed"]))),
        b.fact(b.word("count_spurious"), str(len(groups["spurious"]))),
        b.fact(b.word("lost_share"), f"{100 * lost / found['states']:.1f} %"),
    ]


def frame(memory: Memory, found: Landscape, groups: dict[str, list[int]], upto: int) -> Frame:
    """Return the valleys of the first groups."""
    left = [album(memory, found, groups[name], name, upto) for name in GROUPS[: min(upto, 2)]]
    shown: list[b.Widget] = [b.column(*left, gap="mid")]
    if upto > 2:
        shown.append(album(memory, found, groups["spurious"], "spurious", upto))
    return b.frame(b.row(*shown, gap="wide top"), b.word(f"valleys_{GROUPS[upto - 1]}"))


def album(memory: Memory, found: Landscape, members: list[int], name: str, upto: int) -> b.Widget:
    """Return a group's valleys, the deepest first, each with its energy and its basin."""
    cards = [card(memory, found, k, name) for k in members[:MOST_SHOWN]]
    rows = [b.row(*cards[i : i + ACROSS], gap="mid") for i in range(0, len(cards), ACROSS)]
    title = b.text(b.word(f"group_{name}", n=str(len(members))), ROLES[name], "wide")
    return b.column(title, *rows, gap="mid")


def card(memory: Memory, found: Landscape, k: int, name: str) -> b.Widget:
    """Return one valley: its picture, its energy, the share of states that end there."""
    x = found["fixed"][k]
    share = b.word("basin", v=f"{100 * found['basins'][k] / found['states']:.1f}")
    E = b.lines("", [["E = ", b.num(float(found["energies"][k]), "grad")]], key=f"E{k}")
    grid = memory.grid(x, valley_name(memory, x), 74, role=ROLES[name])
    return b.column(grid, E, b.text(share, size="small"), gap="tight")


def valley_name(memory: Memory, x: np.ndarray) -> b.Label:
    """Name a valley: its letter, the letter's negative, or the mixture that it is."""
    kind, match = network.name_state(memory.X, x)
    if match is not None:
        return memory.names[match] if kind == "stored" else f"−{memory.names[match]}"
    mixed = network.mixture(x, memory.X)
    return signed_names(mixed, memory.names) if mixed else b.word("end_spurious")


def turn(memory: Memory, found: Landscape, groups: dict[str, list[int]]) -> Turn | None:
    """Return the exercise: the energy of the first stored pattern that is a valley."""
    if not groups["stored"]:
        return None
    k = groups["stored"][0]
    x = found["fixed"][k]
    dots = ", ".join(str(int(v)).replace("-", "−") for v in memory.X @ x)
    name = valley_name(memory, x)
    ask = b.word("turn_energy", p=name, x=dots, N=str(memory.N), P=str(len(memory.X)))
    blank = b.blank("E", [float(found["energies"][k])], "grad", f"E{k}")
    return {"ask": ask, "frame": 0, "blanks": [blank]}
