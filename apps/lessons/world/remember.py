"""View "remember": two learned players in the real game, beside the four exact values."""

from __future__ import annotations

from typing import Any

from apps.lessons.shared import nets
from apps.lessons.world import minds
from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

STEPS = 40
EXACT = {"random": "ink", "memoryless": "ink", "optimum": "ok", "oracle": "ok"}


def remember(inputs: Inputs) -> Board:
    """Show a game of the chosen player, and the scores of all."""
    game = minds.record(inputs.player, inputs.seed, STEPS)
    bars = score_bars()
    frames = []
    for t, state in enumerate(game.states):
        dead = t == len(game.actions) and not all(game.alive)
        action = game.actions[t] if t < len(game.actions) else None
        told = b.word("dead") if dead else b.word("acts", a=minds.ARROWS[action or 0])
        view = b.row(
            b.column(
                minds.screen(b.word("frame_t"), minds.frame_of(state), "real", 250),
                b.text(told, "grad" if dead else "made", "note"),
                gap="tight",
            ),
            bars,
            gap="wide",
        )
        frames.append(b.frame(view, b.word("t_n", n=t)))
    return {
        "frames": frames,
        "facts": [
            *(b.fact(b.word("score_c", p=p), told_score(p)) for p in minds.CONTROLLERS),
            b.fact(b.word("game_shown"), b.word("game_nth", n=game.number, t=sum(game.alive))),
        ],
        "checks": [score_check(inputs)],
        "turn": turn(),
        "tables": {"scores": [["player", "score"], *exact_rows()]},
    }


def exact_rows() -> list[list[Any]]:
    """Return the exact value of each player who knows the state."""
    from core.data import gap_values

    return [[player, gap_values.start_value(player)] for player in gap_values.PLAYERS]


def told_score(player: str) -> str:
    """Return a learned player's score with its standard error, from its card."""
    card = nets.card(minds.CONTROLLERS[player])
    if card is None:
        return "–"
    found = card.metrics["score"]
    return f"{found['value']:.2f} ± {found.get('error', 0.0):.2f}"


def score_bars() -> b.Widget:
    """Return the four exact values and the two measured scores as bars, in rising order."""
    items: list[dict[str, Any]] = [
        {"label": b.word(f"player_{p}"), "v": v, "role": EXACT[p]} for p, v in exact_rows()
    ]
    for player in minds.CONTROLLERS:
        value = nets.card_value(minds.CONTROLLERS[player], "score")
        if value is not None:
            items.append({"label": b.word(f"player_{player}"), "v": value, "role": "made"})
    items.sort(key=lambda one: one["v"])
    return b.bars(b.word("score_bars"), items, 0.0, 50.0)


def score_check(inputs: Inputs) -> Any:
    """Return the check of a score: the sum of γ^t written out."""
    import torch

    from core.data.gap_values import GAMMA
    from core.models.world.check import score_delta
    from core.models.world.survival import discount

    lengths = torch.tensor([sum(minds.record(inputs.player, inputs.seed, STEPS).alive)])
    return b.delta_check(score_delta(lengths, GAMMA, discount(lengths).numpy()), 1e-12)


def turn() -> Turn:
    """Return the exercise: what a game of ten steps scores."""
    value = (1 - 0.99**10) / (1 - 0.99)
    return {
        "ask": b.word("turn_score"),
        "frame": 0,
        "blanks": [b.blank("Σ γᵗ", [value], "ok", "")],
    }
