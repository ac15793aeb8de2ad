"""Measure the controller world-c-zh in M's dream at several temperatures, beside its real score.

    python -m weights.recipes.world_heat        writes weights/world-heat.json

Nothing is trained: one controller, the one that knows the real game best, plays on in dreams. Ha &
Schmidhuber 2018 evolved one controller in each dream (their table 2, VizDoom), which costs more.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from core.data import gap
from core.measure.dreamers import Dreamer, Dreamers
from core.models.world.controller import Controller
from core.models.world.survival import Seat, dream, learned_player, play
from core.weights import shipped
from core.weights.card import FOLDER, cards
from weights.recipes.command import keep_shipped, load_shipped, machine
from weights.recipes.world_figures import memory_of, vision_of

HEATS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.15, 1.3)
EPISODES, CUT = 500, 300  # games of a score, and their steps at most: 300 of them score 95.1


def main(given: list[str] | None = None) -> Dreamers:
    """Measure every temperature, and write the file."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.world_heat")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the cards")
    parser.add_argument("--threads", type=int, help="of torch on a CPU")
    parser.add_argument("--smoke", action="store_true", help="few games, for the test")
    chosen = parser.parse_args(given)
    keep_shipped(parser, chosen)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    vision, memory = vision_of(chosen.out), memory_of(chosen.out)
    player = load_shipped("world-c-zh", chosen.out)
    assert isinstance(player, Controller)
    seat, episodes = learned_player(player, vision, memory), 20 if chosen.smoke else EPISODES
    draw = torch.Generator().manual_seed(99)
    real = play(seat, episodes, draw, CUT)
    found: Dreamers = {
        "card": "world-c-zh",
        "sha256": cards(chosen.out)["world-c-zh"].sha256,
        "episodes": episodes,
        "cut": CUT,
        "real": round(real.mean, 4),
        "real_error": round(real.error, 4),
        "rows": [],
        "how": "discounted steps survived (0.99), games cut after `cut` steps",
        "command": "python -m weights.recipes.world_heat",
        "machine": machine(),
    }
    with torch.no_grad():
        first = vision.encode(gap.frames(gap.start(episodes, draw)))[0]
    found["rows"] = [measure(seat, first, heat, draw) for heat in HEATS]
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    shipped.write(chosen.out / "world-heat.json", text.encode())
    return found


def measure(seat: Seat, first: torch.Tensor, heat: float, draw: torch.Generator) -> Dreamer:
    """Return the player's score in the dream of one temperature."""
    scores = dream(seat, first, heat, draw, CUT)
    told: Dreamer = {
        "temperature": heat,
        "dream": round(scores.mean, 4),
        "dream_error": round(scores.error, 4),
    }
    print(told, flush=True)
    return told


if __name__ == "__main__":
    main()
