"""Train the world model of *gap*: V, then M on V's codes, then C in the game.

V    frames: half of random play, half with a wall in every second row, so that walls are learned
     in minutes; all figures are of random play
M    games cut at 24 steps, as V's codes drawn anew each time: half of random play, half that
     begin among walls and are played half by the planner, for with few walls in sight M learns
     little of how two or three of them move at once; what comes of an action does not depend on
     who chose it, and all figures are of random play
C    two hidden layers that the exact planner teaches (weights.recipes.world_teach), then the last
     layer evolved in the game itself, without a gradient; the second one is narrow, so that few
     numbers are left to evolve

Each step reads what the one before wrote into --out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from core.data import gap
from core.models.world.controller import Controller
from core.models.world.evolution import by_candidate, evolve, many
from core.models.world.memory import Memory, memory_loss
from core.models.world.sizes import Config
from core.models.world.survival import Seat, exact, play
from core.models.world.vision import Vision, vision_loss
from core.training.loop import Step
from core.training.plan import Plan
from core.weights.card import Dataset
from weights.recipes.command import Data, Job, arguments, run
from weights.recipes.world_figures import (
    FRESH,
    measure_controller,
    measure_memory,
    measure_vision,
    memory_of,
    vision_of,
)
from weights.recipes.world_teach import teach

DATASET: Dataset = {
    "name": "gap",
    "licence": "Apache-2.0",
    "source": "drawn from core.data.gap",
}
FRAMES = 64_000  # frames to train V on
GAMES, TEST_GAMES, STEPS = 160_000, 2_000, 24  # games for M, and their steps at most
STATE = 128  # of M's memory
TRIES, CUT = 32, 300  # games of a candidate of C, and their steps at most
WIDE, UNITS, ROUNDS = 128, 8, 6  # of C's hidden layers; times that the planner corrects them


# ---- V


def random_frames(n: int, seed: int) -> Tensor:
    """Return the numbers of n frames of random play, (n,)."""
    draw, found, have = torch.Generator().manual_seed(seed), [], 0
    while have < n:
        state, alive = gap.start(1000, draw), torch.ones(1000, dtype=torch.bool)
        while alive.any():
            found.append(gap.number_of(state)[alive])
            state, lives = gap.step(state, torch.randint(3, (1000,), generator=draw) - 1, draw)
            alive &= lives
        have = sum(len(part) for part in found)
    return torch.cat(found)[torch.randperm(have, generator=draw)[:n]]


def among_walls(n: int, draw: torch.Generator) -> gap.State:
    """Return n games whose rows are walls with ½."""
    wall = torch.rand(n, gap.ROWS, generator=draw) < 0.5
    rows = torch.where(wall, torch.randint(6, (n, gap.ROWS), generator=draw), gap.EMPTY)
    x, dust = torch.randint(6, (2, n), generator=draw)
    return gap.State(rows, x, torch.randint(3, (n,), generator=draw) - 1, dust)


def walled_frames(n: int, seed: int) -> Tensor:
    """Return the numbers of n frames whose rows are walls with ½, (n,)."""
    return gap.number_of(among_walls(n, torch.Generator().manual_seed(seed)))


def load_frames(root: str) -> Data:
    """Return the frames' numbers that V is trained and measured on."""
    del root  # nothing is read
    train = torch.cat([random_frames(FRAMES // 2, 1), walled_frames(FRAMES // 2, 2)])
    test = random_frames(FRESH, 3)
    return Data(train, torch.zeros(len(train)), test, torch.zeros(len(test)))


def frame_loss(model: nn.Module, started: bool):
    """Return V's loss of a batch of frames; β grows over the first 2,000 steps."""
    assert isinstance(model, Vision)
    config = model.config

    def value(net, batch, generator: torch.Generator, step: int):
        x = gap.frames(gap.of_number(batch[0]))
        eps = torch.randn(len(x), config.latent, generator=generator)
        share = 1.0 if started else min(1.0, 0.1 + step / 2000)
        return vision_loss(net, x, eps, config.beta * share)

    return value


# ---- M


def random_games(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return n games of random play from the game's start; see `record`."""
    draw = torch.Generator().manual_seed(seed)
    return record(gap.start(n, draw), exact("random", draw), draw)


def walled_games(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return n games that begin among walls, every second action the planner's; see `record`."""
    draw = torch.Generator().manual_seed(seed)
    planner, other = exact("optimum"), exact("random", draw)

    def act(state: gap.State, z: Tensor, h: Tensor, games: Tensor) -> Tensor:
        wild = torch.rand(len(state), generator=draw) < 0.5
        return torch.where(wild, other.act(state, z, h, games), planner.act(state, z, h, games))

    return record(among_walls(n, draw), Seat(act), draw)


def record(state: gap.State, seat: Seat, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Play on from n states for STEPS steps; who is lost goes on, and is marked.

    Returns:
        Numbers of the frames (n, STEPS + 1), and of each step (n, STEPS, 3): the action, whether
        the player lives after it, whether it was played.
    """
    n, nothing = len(state), torch.zeros(len(state), 0)
    on, games = torch.ones(n, dtype=torch.bool), torch.arange(n)
    numbers, steps = [gap.number_of(state)], []
    for _ in range(STEPS):
        action = seat.act(state, nothing, nothing, games)
        state, alive = gap.step(state, action, draw)
        numbers.append(gap.number_of(state))
        steps.append(torch.stack([action, alive.long(), on.long()], 1))
        on = on & alive
    return torch.stack(numbers, 1), torch.stack(steps, 1)


def load_games(root: str) -> Data:
    """Return the games that M is trained and measured on."""
    del root  # nothing is read
    numbers, steps = random_games(GAMES // 2, 11)
    others, more = walled_games(GAMES // 2, 13)
    test = random_games(TEST_GAMES, 12)
    return Data(torch.cat([numbers, others]), torch.cat([steps, more]), *test)


def encode_all(vision: Vision) -> tuple[Tensor, Tensor]:
    """Return μ and σ of every frame there is, (605052, Z) each, by `gap.number_of`."""
    parts = []
    with torch.no_grad():
        for numbers in torch.arange(gap.FRAMES).split(10_000):
            mu, logvar = vision.encode(gap.frames(gap.of_number(numbers)))
            parts.append(torch.cat([mu, torch.exp(0.5 * logvar)], 1))
    mu, sigma = torch.cat(parts).chunk(2, 1)
    return mu.contiguous(), sigma.contiguous()


def game_loss(folder: Path, model: nn.Module, started: bool):
    """Return M's loss of a batch of games, their codes drawn anew."""
    del model, started
    mu, sigma = encode_all(vision_of(folder))

    def value(net, batch, generator: torch.Generator, step: int):
        numbers, steps = batch
        z = mu[numbers] + sigma[numbers] * torch.randn(
            *numbers.shape, mu.shape[1], generator=generator
        )
        action, alive, real = steps.unbind(2)
        return memory_loss(net, z, action, alive.bool(), real.bool())

    return value


# ---- C


def judge_in_game(base: Controller, memory: Memory | None, table: Tensor, seed: int):
    """Return how candidates are judged: each plays TRIES games."""

    def judge(genes: Tensor, generation: int) -> Tensor:
        draw = torch.Generator().manual_seed(seed * 100_003 + generation)
        seat = many(base, genes, memory, lambda state: table[gap.number_of(state)], TRIES)
        return by_candidate(play(seat, len(genes) * TRIES, draw, CUT), len(genes))

    return judge


def evolution(
    folder: Path, model: nn.Module, loss: object, data: object, plan: Plan, checkpoint: Path
) -> Iterator[Step]:
    """Teach C's hidden layers, then evolve its last: an epoch is a generation of plan.batch."""
    del loss, data, checkpoint
    assert isinstance(model, Controller)
    table, _ = encode_all(vision_of(folder))
    memory = memory_of(folder) if model.config.sees == "z+h" else None
    began = time.monotonic()
    teach(model, memory, table, ROUNDS if plan.epochs > 2 else 1, plan.seed)
    judge = judge_in_game(model, memory, table, plan.seed)
    start = model.genes()
    sigma = 0.1 * start.std().item()  # a tenth of what the taught numbers spread
    search = evolve(start, judge, plan.batch, plan.epochs, plan.seed, sigma)
    for one in search:
        spent = time.monotonic() - began
        parts = {"best": one.scores.max().item(), "mean": one.scores.mean().item()}
        score = -one.scores.mean().item()
        yield Step(one.number, plan.epochs, one.number, score, parts, one.sigma, spent)
        model.fill(one.mean)


def no_data(root: str) -> Data:
    """Return nothing: C learns from playing."""
    del root
    none = torch.zeros(0)
    return Data(none, none, none, none)


def controller_job(folder: Path, sees: str) -> Job:
    """Return the job of a C that acts on "z" or on "z+h"."""
    return Job(
        build=Controller,
        config=Config(sees=sees, state=STATE, units=UNITS, wide=WIDE),
        plan=Plan(epochs=60, batch=24),
        laptop={"epochs": 20},
        loss=lambda model, started: None,
        fit=partial(evolution, folder),
        measure=partial(measure_controller, folder),
        dtype="float32",
        load=no_data,
        dataset=DATASET,
        smoke={"epochs": 2, "batch": 4},
    )


def jobs(folder: Path) -> dict[str, Job]:
    """Return the four cards' jobs; M and C read the nets before them from `folder`."""
    return {
        "world-v": Job(
            build=Vision,
            config=Config(),
            plan=Plan(epochs=10, batch=128, rate=3e-3, warm=100, ema=0.995),
            laptop={"epochs": 4},
            loss=frame_loss,
            measure=measure_vision,
            dtype="float32",
            load=load_frames,
            dataset=DATASET,
            smoke={"epochs": 1, "batch": 6_400, "warm": 2},
        ),
        "world-m": Job(
            build=Memory,
            config=Config(hidden=256, state=STATE),
            plan=Plan(epochs=24, batch=128, rate=3e-3, warm=300, clip=5.0, ema=0.999),
            laptop={"epochs": 3},
            loss=partial(game_loss, folder),
            measure=partial(measure_memory, folder),
            dtype="float32",
            load=load_games,
            dataset=DATASET,
            smoke={"epochs": 1, "batch": 4_000, "warm": 2},
        ),
        "world-c-z": controller_job(folder, "z"),
        "world-c-zh": controller_job(folder, "z+h"),
    }


NAMES = ("world-v", "world-m", "world-c-z", "world-c-zh")

if __name__ == "__main__":
    run("world", jobs(arguments("world", list(NAMES)).out))
