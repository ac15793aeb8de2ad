"""View "learn": the plain cell is trained, "hello" or the copy task, from before to after."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.rnn.equation import box
from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Limit
from core.inputs import choice
from core.measure.deltas import Delta
from core.models.rnn import check, learning, presets
from core.models.rnn.rnn_traces import Film, Task

TOLERANCE = 1e-9  # of losses, after so many updates
AGAIN = 100  # losses that the check computes again
HELLO_HIDDEN = 3  # as in the scene that works "hello" out by hand


def learn(inputs: Inputs) -> Board:
    """Show a training: before, on the way, after."""
    copy = choice("preset", inputs.preset, ("hello", "copy")) == "copy"
    board = copy_board(inputs) if copy else hello_board(inputs)
    limits: dict[str, Limit] = {"hidden": {"max": learning.MOST_HIDDEN}}
    return {**board, "limits": limits}


# ---- hello


def hello_board(inputs: Inputs) -> Board:
    """Show "hell" -> "ello" learned, from the weights that are worked out by hand before."""
    task = learning.hello_task()
    film, found = hello_film(inputs.seed, inputs.updates, inputs.rate)
    frames = [hello_frame(task, film, k) for k in range(len(film["at"]))]
    first = float(film["y"][0, 0, 0, presets.LETTERS.index("e")])
    blanks = [b.blank(b.word("loss_of", y="ŷ₁[e]"), [-np.log(first)], "grad", "")]
    return {
        "frames": frames,
        "checks": [b.delta_check(found, TOLERANCE)],
        "turn": {"ask": b.word("turn_nats"), "frame": 0, "blanks": blanks},
        "tables": {"losses": film["losses"], **film["params"][-1]},
    }


@lru_cache(maxsize=32)
def hello_film(seed: int, updates: int, rate: float) -> tuple[Film, Delta]:
    """Train on "hello", and check it."""
    task = learning.hello_task()
    params = learning.first_params(task, HELLO_HIDDEN, seed, 1.0)
    film = learning.train(task, params, updates, rate)
    return film, check.training_delta(task, film, rate, None, AGAIN)


def hello_frame(task: Task, film: Film, k: int) -> Frame:
    """Return one moment: what the net says to each letter, and the loss up to now."""
    y = film["y"][k, :, 0]  # (T, O)
    wanted = [one[0] for one in task["targets"] if one is not None]
    n = int(film["at"][k])
    curve = b.series("", film["losses"], "grad")
    chart = b.chart(
        b.word("training_loss"), [curve], x=b.word("updates_done"), log=True, cursor=n, width=400,
        height=270,
    )  # fmt: skip
    bars = [
        {"label": b.word("p_of", n=task["names"][target], t=str(t + 1)), "v": float(y[t, target]),
         "role": "made"}
        for t, target in enumerate(wanted)
    ]  # fmt: skip
    right = b.bars(b.word("p_right"), bars, low=0, high=1, digits=5)
    view = b.row(b.column(spoken_net(task, y, wanted), right, gap="mid"), chart, gap="wide")
    said = learning.speak(film["params"][k], wanted_first(task), len(y))
    facts = [
        b.fact(b.word("loss_now"), float(film["losses"][n])),
        b.fact(b.word("free_run"), "h → " + "".join(task["names"][j] for j in said)),
    ]
    return b.frame(view, b.word("after_updates", n=str(n)), facts)


def wanted_first(task: Task) -> int:
    """Return the class of the first input."""
    return int(task["xs"][0, 0].argmax())


def spoken_net(task: Task, y: np.ndarray, wanted: list[int]) -> b.Widget:
    """Draw the unrolled net with the letter that is most likely at each step."""
    nodes, links = [], []
    for t, target in enumerate(wanted):
        x = 70 + 112 * t
        heard = task["names"][int(task["xs"][t, 0].argmax())]
        said = int(y[t].argmax())
        told = b.word("said_wanted", a=task["names"][said], n=task["names"][target])
        role = "ok" if said == target else "grad"
        nodes += [
            box(f"x{t}", (x, 126), (56, 30), heard, "real", ""),
            box(f"h{t}", (x, 74), (56, 32), b.sub("h", t + 1), "hidden", ""),
            box(f"y{t}", (x, 22), (104, 32), told, role, ""),
        ]
        links += [{"from": f"x{t}", "to": f"h{t}"}, {"from": f"h{t}", "to": f"y{t}"}]
        if t:
            links.append({"from": f"h{t - 1}", "to": f"h{t}", "role": "hidden"})
    return b.net(b.word("most_likely"), nodes, links, 28 + 112 * len(wanted), 144)


# ---- the copy task


def copy_board(inputs: Inputs) -> Board:
    """Show the copy task learned twice from the same start: whole, and cut every k steps."""
    task, k = learning.copy_task(), min(inputs.truncate, learning.STEPS)
    hidden = min(inputs.hidden, learning.MOST_HIDDEN)
    cuts: list[int | None] = [None] if k == learning.STEPS else [None, k]
    given = (hidden, inputs.seed, inputs.updates, inputs.rate)
    films = [copy_film(*given, cut) for cut in cuts]
    span = max(np.abs(distance_moved(film, -1)).max() for film, _ in films) or 1.0
    shown = [film for film, _ in films]
    frames = [copy_frame(task, shown, cuts, m, float(span)) for m in range(len(shown[0]["at"]))]
    blanks = [b.blank(b.word("loss"), [np.log(learning.SYMBOLS)], "grad", "")]
    worst = max((found for _, found in films), key=lambda found: found["delta"])
    losses = {f"losses k={cut or learning.STEPS}": f["losses"] for cut, f in zip(cuts, shown)}
    return {
        "frames": frames,
        "checks": [b.delta_check(worst, TOLERANCE)],
        "turn": {"ask": b.word("turn_guess", n=str(learning.SYMBOLS)), "frame": 0,
                 "blanks": blanks},
        "tables": losses,
    }  # fmt: skip


@lru_cache(maxsize=64)
def copy_film(
    hidden: int, seed: int, updates: int, rate: float, truncate: int | None
) -> tuple[Film, Delta]:
    """Train on the copy task, and check it."""
    task = learning.copy_task()
    params = learning.first_params(task, hidden, seed, learning.SPREAD)
    film = learning.train(task, params, updates, rate, truncate)
    return film, check.training_delta(task, film, rate, truncate, AGAIN)


def distance_moved(film: Film, m: int) -> np.ndarray:
    """Return how far U has moved from its start at moment m, (H, D)."""
    return film["params"][m]["U"] - film["params"][0]["U"]


def copy_frame(task: Task, films: list[Film], cuts: list[int | None], m: int, span: float) -> Frame:
    """Return one moment of all trainings: the losses, how U has moved, what is said."""
    n = int(films[0]["at"][m])
    names = [f"k = {cut or learning.STEPS}" for cut in cuts]
    roles = ["made", "grad"]
    curves = [b.series(name, film["losses"], role) for name, film, role in zip(names, films, roles)]
    chart = b.chart(
        b.word("training_loss"), curves, x=b.word("updates_done"), log=True, cursor=n,
        rules=[{"y": float(np.log(learning.SYMBOLS)), "label": b.word("blind_guess")}], width=380,
        height=330,
    )  # fmt: skip
    parts = [
        copy_part(task, film, m, name, role, span) for film, name, role in zip(films, names, roles)
    ]
    facts = [
        b.fact(b.word("letters_moved", n=name), float(np.abs(distance_moved(film, m)[:, 1:]).max()))
        for name, film in zip(names, films)
    ]
    facts += [
        b.fact(b.word("loss_under", n=name), float(f["losses"][n])) for name, f in zip(names, films)
    ]
    return b.frame(b.row(chart, *parts, gap="wide"), b.word("after_updates", n=str(n)), facts)


def copy_part(task: Task, film: Film, m: int, name: str, role: str, span: float) -> b.Widget:
    """Return one training at one moment: U's change by column, and p of each right letter."""
    letters = task["names"]
    label = b.word("u_moved", n=name)
    heat = b.heat(label, distance_moved(film, m), span=span, size=150, columns=letters)
    y = film["y"][m, -1]  # (B, O), the last step's
    bars = [
        {"label": f"{letters[1 + s]} → {letters[1 + s]}", "v": float(y[s, 1 + s]), "role": role}
        for s in range(len(y))
    ]
    return b.column(heat, b.bars(b.word("p_right"), bars, low=0, high=1, digits=4), gap="swap")
