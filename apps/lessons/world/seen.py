"""View "seen": what V's code of eight numbers keeps of a frame, and what it loses."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.shared import nets
from apps.lessons.world import minds
from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

STEPS = 8  # frames of the game
KEPT = ("walls", "player", "dust")


def seen(inputs: Inputs) -> Board:
    """Show frames, their codes and what is decoded from them, and the dust moved by hand."""
    import torch

    from core.data import gap

    game, vision = minds.record("optimum", inputs.seed, STEPS), minds.vision()
    frames, rows = [], []
    for t, state in enumerate(game.states):
        moved = gap.State(state.rows, state.x, state.wind, torch.tensor([inputs.dust]))
        images = torch.cat([gap.frames(state), gap.frames(moved)])  # (2, 1, 16, 16)
        with torch.no_grad():
            mu, logvar = vision.encode(images)  # (2, Z) each
            back = vision.decode(mu)[:, 0].numpy()
        sigma = torch.exp(0.5 * logvar)
        apart = float(((mu[1] - mu[0]).abs() / sigma[0]).max())
        pictures = b.row(
            minds.screen(b.word("frame_x"), images[0, 0].numpy(), "real"),
            code_bars(mu[0].tolist(), sigma[0].tolist()),
            minds.screen(b.word("decoded"), back[0], "made"),
            gap="mid",
        )
        moved_row = b.row(
            minds.screen(b.word("dust_moved"), images[1, 0].numpy(), "real", 130),
            minds.screen(b.word("decoded"), back[1], "made", 130),
            kept_bars(),
            gap="mid",
        )
        facts = [b.fact(b.word("codes_apart"), f"{apart:.2f} σ")]
        frames.append(b.frame(b.column(pictures, moved_row, gap="mid"), b.word("t_n", n=t), facts))
        rows.append([t, *mu[0].tolist()])
    return {
        "frames": frames,
        "facts": [b.fact(b.word("pixel_nats"), pixel_worth())],
        "checks": [decoding_check(game.states)],
        "turn": turn(),
        "tables": {"codes": [["t", *(f"mu{i + 1}" for i in range(len(rows[0]) - 1))], *rows]},
    }


def code_bars(mu: list[float], sigma: list[float]) -> b.Widget:
    """Return a code as bars, each with the deviation of its noise."""
    items = [{"label": b.sub("z", i + 1), "v": m, "role": "hidden"} for i, m in enumerate(mu)]
    worst = max(sigma)
    return b.bars(b.word("code_bars", s=f"{min(sigma):.2f}–{worst:.2f}"), items, -3.0, 3.0)


def kept_bars() -> b.Widget:
    """Return which share of walls, players and dust survives the code, from V's card."""
    items: list[dict[str, Any]] = [
        {"label": b.word(f"kept_{name}"), "v": nets.card_value(minds.V, name) or 0.0, "role": role}
        for name, role in zip(KEPT, ("made", "made", "grad"))
    ]
    items.append({"label": b.word("kept_guess"), "v": 1 / 6, "role": "ink"})
    return b.bars(b.word("kept_bars"), items, 0.0, 1.0, 3)


def pixel_worth() -> float:
    """Return what one pixel in one of six places costs at most, in nats: guessed at 1/6 each."""
    p = np.array([1 / 6, 5 / 6])
    return float(-6 * (p * np.log(p)).sum())


def decoding_check(states: Any) -> Any:
    """Return the check of V's picture: its layers written out as plain products in float64."""
    import torch

    from core.data import gap
    from core.models.world.check import decoding_delta

    with torch.no_grad():
        mu, _ = minds.vision().encode(gap.frames(states[0]))
        ours = minds.vision().decode(mu)
    return b.delta_check(decoding_delta(minds.vision().state_dict(), mu, ours), 1e-4)


def turn() -> Turn:
    """Return the exercise: what the place of the dust costs to tell."""
    ask = b.word("turn_dust")
    return {"ask": ask, "frame": 0, "blanks": [b.blank("log 6", [float(np.log(6))], "hidden", "")]}
