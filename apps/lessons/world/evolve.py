"""View "evolve": CMA-ES finds a controller generation by generation, in the real game."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.shared import chains
from apps.lessons.world import minds
from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

if TYPE_CHECKING:
    from torch import Tensor

CANDIDATES, GAMES = 16, 16  # λ, and the games that each plays
CUT = 200  # steps of a game at most: 0.99²⁰⁰ is 0.13
PIECE = 2  # generations in an answer

Seen = tuple[np.ndarray, float, float]  # scores (λ,), mean score of m's games, σ
Chain = chains.Chain[Seen]


def evolve(inputs: Inputs) -> Board:
    """Show the scores of each generation's candidates beside the exact values."""
    found = evolution_of(inputs.player, inputs.seed)
    more = chains.go_on([found], min(inputs.points, inputs.generations), PIECE)
    done = min(found.done, inputs.generations)
    scores = [found.shown[g][0] for g in range(done)]
    exact = exact_rules()
    frames = []
    for g in range(done):
        best, mean = float(scores[g].max()), float(scores[g].mean())
        facts = [
            b.fact(b.word("best_now"), f"{best:.2f}"),
            b.fact(b.word("mean_now"), f"{mean:.2f}"),
            b.fact("σ", f"{found.shown[g][2]:.3f}"),
        ]
        frames.append(
            b.frame(
                chart(scores, g, exact, inputs.generations), b.word("generation_n", n=g + 1), facts
            )
        )
    return {
        "frames": frames,
        "facts": [b.fact(b.word("numbers_of_c"), str(numbers_of(inputs.player)))],
        "checks": [rank_law(scores)],
        "more": {**more, "done": done, "of": inputs.generations},  # of those that are asked for
        "turn": turn(inputs.player),
        "tables": {"scores": [["generation", *range(1, CANDIDATES + 1)], *(
            [g + 1, *row.tolist()] for g, row in enumerate(scores))]},
    }  # fmt: skip


def evolution_of(player: str, seed: int) -> Chain:
    """Return the evolution of a controller on z or on z and h, kept if it was asked for before."""
    vision, memory = minds.vision(), minds.memory()

    def states() -> Iterator[chains.State]:
        import torch

        from core.data import gap
        from core.models.world import evolution
        from core.models.world.survival import play

        base = minds.controller(player)  # hidden layers stay, the last one starts from zeros
        nothing = torch.zeros_like(base.genes())

        def see(state: gap.State) -> Tensor:
            return vision.encode(gap.frames(state))[0]

        def judge(genes: Tensor, generation: int) -> Tensor:
            seat = evolution.many(base, genes, memory, see, GAMES)
            draw = torch.Generator().manual_seed(seed * 1_000_003 + generation)
            scores = play(seat, len(genes) * GAMES, draw, CUT)
            return evolution.by_candidate(scores, len(genes))

        search = evolution.evolve(nothing, judge, CANDIDATES, MOST_GENERATIONS, seed)
        for one in search:
            yield {"scores": one.scores, "mean": one.mean, "sigma": one.sigma}

    def read(g: int, state: chains.State) -> Seen:
        scores = state["scores"].numpy().copy()
        return scores, float(scores.mean()), float(state["sigma"])

    def make() -> Chain:
        return chains.Chain(states, MOST_GENERATIONS, range(MOST_GENERATIONS), read)

    return chains.chain(("world-evolve", id(memory), player, seed), make)


MOST_GENERATIONS = 60


def numbers_of(player: str) -> int:
    """Return how many numbers of C are evolved: those of its last layer."""
    return len(minds.controller(player).genes())


def exact_rules() -> list[dict[str, Any]]:
    """Return the exact values as lines of the chart."""
    from core.data import gap_values

    return [
        {"y": gap_values.start_value(p), "label": b.word(f"player_{p}")}
        for p in ("random", "memoryless", "optimum")
    ]


def chart(scores: list[np.ndarray], g: int, rules: list[dict[str, Any]], most: int) -> b.Widget:
    """Return the scores up to generation g: the best, and the mean in the band of all."""
    x, all_ = np.arange(1, g + 2), np.array(scores[: g + 1])  # (g + 1, λ)
    return b.chart(
        b.word("evolve_chart", n=CANDIDATES, games=GAMES),
        [
            b.series(b.word("best_now"), all_.max(1), "made", x=x),
            b.series(b.word("mean_now"), all_.mean(1), "hidden", x=x,
                     band=(all_.min(1), all_.max(1))),
        ],
        x=b.word("generation"),
        rules=rules,
        low=0,
        high=36,
        x_range=(0.0, 1.3 * most),  # room for what the lines are called
        width=760,
        height=400,
    )  # fmt: skip


def rank_law(scores: list[np.ndarray]) -> Any:
    """Return the law that no generation's mean is above the optimum, up to its standard error.

    A candidate of a few lucky games may be; the mean of all of them can not.
    """
    from core.data import gap_values

    top = gap_values.start_value("optimum")
    error = [4 * s.std() / len(s) ** 0.5 for s in scores]
    holds = sum(s.mean() <= top + e for s, e in zip(scores, error))
    return b.law(b.word("law_optimum"), holds, len(scores))


def turn(player: str) -> Turn:
    """Return the exercise: how many numbers the last layer has."""
    units = minds.controller(player).config.units
    ask = b.word("turn_numbers", n=units)
    return {"ask": ask, "frame": 0, "blanks": [b.blank("W, b", [3 * (units + 1)], "made", "")]}
