"""View "play": the visitor plays gap in the real world, inside M's dream, or with closed eyes.

The state of a game is a value: it travels with the page as JSON, and the server keeps nothing; the
visitor's browser keeps it over a reload, scores and all. Each step's chance comes from the seed and
the number of the step.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.world import minds
from apps.lessons.world.inputs import WORLDS, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Over
from apps.stage.declare import LARGEST_SEED
from core.inputs import InputError, array, boolean, choice, integer, mapping

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from core.data.gap import State

MOVES = {"stay": 0, "left": -1, "right": 1}
ACTS = (*MOVES, "clear")
TOUCH = ("left", "stay", "right")  # of a tap on the picture's left, middle and right third
KEYS = {"ArrowLeft": "left", "ArrowRight": "right", "ArrowDown": "stay", "ArrowUp": "stay"}
OPEN = 4  # frames that are seen before the eyes close
MOST_GAMES = 200  # whose scores a page keeps
LONGEST = 100_000  # steps of a page


@dataclass(frozen=True)
class Play:
    """What a page carries from step to step."""

    world: str  # one of WORLDS
    real: dict[str, Any]  # the real game as core.data.gap.validate takes it
    seed: int  # of the winds, the walls and the dream
    z: list[float]  # what the player sees in a dream
    h: list[float]  # M's memory after it
    t: int = 0  # steps survived in this game
    n: int = 0  # steps of the page
    dead: bool = False
    games: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in WORLDS})


def board(inputs: Inputs) -> Board:
    """Return the board of a page that begins to play."""
    return {
        "frames": [moment(begin(inputs, 0, None))],
        "live": {"acts": ACTS, "keys": KEYS, "keeps": True},
        "facts": [],
        "checks": [forecast_check()],
        "tables": {"values": [["player", "score"], *exact_scores()]},
    }


def live(inputs: Inputs, text: str, act: str, over: Over) -> Frame:
    """Return the next frame: a step of the visitor's, or a new game after a lost one."""
    del over
    now = parse(text)
    act = choice("act", act, (*ACTS, "show"))
    if act == "clear":
        now = begin(inputs, now.n + 1, None)
    elif (now.world, now.seed) != (inputs.world, inputs.seed):
        now = begin(inputs, now.n, now.games)  # a page may have kept a game of another world
    elif act != "show" and now.dead:
        now = begin(inputs, now.n + 1, now.games)
    elif act != "show":
        now = step(now, MOVES[act])
    return moment(now)


# ---- the game


def chance_of(seed: int, n: int) -> Generator:
    """Return the generator of a page's step."""
    import torch

    return torch.Generator().manual_seed((seed * 1_000_003 + n) % 2**63)


def begin(inputs: Inputs, n: int, games: dict[str, list[int]] | None) -> Play:
    """Return a new game."""
    from core.data import gap

    state = gap.start(1, chance_of(inputs.seed, n))
    z = code_of(state)
    h = minds.memory().remember(z, None, minds.memory().begin(1))
    game = gap.plain(state)
    fresh = Play(inputs.world, game, inputs.seed, z[0].tolist(), h[0].tolist(), n=n)
    return replace(fresh, games=games) if games else fresh


def step(now: Play, move: int) -> Play:
    """Do one step of the world that is played, and of the dream that goes along."""
    import torch

    from core.data import gap

    draw, action = chance_of(now.seed, now.n + 1), torch.tensor([move])
    real, lives = gap.step(gap.validate(now.real), action, draw)
    h = torch.tensor([now.h])
    with torch.no_grad():
        z, dies = minds.memory().forecast(h, action).draw(1.0, draw)
        if now.world == "real" or (now.world == "closed" and now.t + 1 < OPEN):
            z = code_of(real)
        dead = bool(dies) if now.world == "dream" else not bool(lives)
        h = minds.memory().remember(z, action, h)
    games = now.games
    if dead:
        games = {**games, now.world: [*games[now.world], now.t][-MOST_GAMES:]}
    return replace(
        now,
        real=gap.plain(real),
        z=z[0].tolist(),
        h=h[0].tolist(),
        t=now.t + (not dead),
        n=now.n + 1,
        dead=dead,
        games=games,
    )


def code_of(state: State) -> Tensor:
    """Return V's code of one game's frame, (1, Z)."""
    import torch

    from core.data import gap

    with torch.no_grad():
        return minds.vision().encode(gap.frames(state))[0]


def parse(text: str) -> Play:
    """Return the game that came with a page.

    Raises:
        InputError: it is none of ours; the sentence names the field.
    """
    from core.data import gap

    try:
        came = json.loads(text)
    except ValueError as error:
        raise InputError("object", field="state", got=text, allowed="world, real, z, h") from error
    mapping("state", came, ("world", "real", "seed", "z", "h", "t", "n", "dead", "games"))
    config = minds.memory().config
    games = mapping("state.games", came["games"], WORLDS)
    return Play(
        choice("state.world", came["world"], WORLDS),
        gap.plain(gap.validate(came["real"])),
        integer("state.seed", came["seed"], 0, LARGEST_SEED),
        array("state.z", came["z"], (config.latent,)).tolist(),
        array("state.h", came["h"], (config.state,)).tolist(),
        integer("state.t", came["t"], 0, LONGEST),
        integer("state.n", came["n"], 0, LONGEST),
        boolean("state.dead", came["dead"]),
        {name: steps_of(f"state.games.{name}", games[name]) for name in WORLDS},
    )


def steps_of(field: str, came: Any) -> list[int]:
    """Return the steps of a page's games in one world.

    Raises:
        InputError: it is no list of whole numbers.
    """
    if not came:
        return []
    values = array(field, came, ((0, MOST_GAMES),), LONGEST)
    return [integer(field, int(v), 0, LONGEST) for v in values]


# ---- what is seen


def moment(now: Play) -> Frame:
    """Return one frame: the screen, the scores, the state to go on from."""
    import torch

    from core.data import gap

    real = minds.frame_of(gap.validate(now.real))
    dreamed = minds.decode(torch.tensor([now.z]))
    closed = now.world == "closed" and now.t + now.dead >= OPEN
    if now.world == "real" or (now.world == "closed" and not closed):
        seen = b.grey(b.word("real"), real, size=300, role="real", touch=TOUCH)
    else:
        seen = b.grey(b.word("dreamed"), dreamed, size=300, role="made", touch=TOUCH)
    pictures: list[b.Widget] = [seen]
    if closed and now.dead:
        pictures.append(minds.screen(b.word("real_was"), real, "real", 200))
    told = "dead_again" if now.dead else "eyes_closed" if closed else "playing"
    view = b.row(
        b.column(
            *pictures, b.text(b.word(told), "grad" if now.dead else "ink", "note"), gap="tight"
        ),
        score_bars(now),
        gap="wide",
    )
    facts = [
        b.fact(b.word("steps_survived"), str(now.t)),
        b.fact(b.word("score"), f"{discount(now.t):.2f}"),
    ]
    values: dict[str, float | None] = {"x": now.n, "t": now.t}
    return b.frame(
        view, b.word("t_n", n=now.t), facts, values=values, state=json.dumps(asdict(now))
    )


def discount(steps: int) -> float:
    """Return Σ γ^t over the steps survived, γ = 0.99."""
    return (1 - 0.99**steps) / (1 - 0.99)


def exact_scores() -> list[list[Any]]:
    """Return the exact values of random play, of no memory and of the optimum."""
    from core.data import gap_values

    return [[p, gap_values.start_value(p)] for p in ("random", "memoryless", "optimum")]


def score_bars(now: Play) -> b.Widget:
    """Return the visitor's mean score in each world beside the exact values."""
    items = [
        {"label": b.word(f"player_{p}"), "v": v, "role": "ok" if p == "optimum" else "ink"}
        for p, v in exact_scores()
    ]
    for world in WORLDS:
        played = now.games[world]
        if played:
            mean = float(np.mean([discount(t) for t in played]))
            items.append(
                {"label": b.word(f"you_{world}", n=len(played)), "v": mean, "role": "made"}
            )
    return b.bars(b.word("score_bars"), items, 0.0, 50.0)


def forecast_check() -> Any:
    """Return the check of the dream's density by torch's own mixture."""
    import torch

    from core.data import gap
    from core.models.world.check import density_delta

    net = minds.memory()
    with torch.no_grad():
        z = code_of(gap.state_of([-1] * 5, 2, 0))
        seen = net.forecast(net.remember(z, None, net.begin(1)), torch.tensor([0]))
        return b.delta_check(density_delta(seen, z, seen.log_density(z)), 1e-4)
