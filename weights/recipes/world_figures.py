"""Measure the world model of *gap*: V by what its codes keep, M beside the exact filter, C by play.

The figures that weights.recipes.world writes on its cards.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.data import gap, gap_filter
from core.models.world.controller import Controller
from core.models.world.floor import look_ahead, weigh
from core.models.world.memory import Memory
from core.models.world.survival import learned_player, play
from core.models.world.vision import Vision
from weights.recipes.command import Data, Metrics, load_shipped
from weights.recipes.figures import as_metrics, figure

FRESH = 4_000  # frames that V is measured on
GAMES = 2_000  # games of random play that M is measured on
EPISODES = 1_000  # games that C is measured by


@torch.no_grad()
def measure_vision(
    model: nn.Module, data: Data, quick: bool, folder: Path, command: str
) -> Metrics:
    """Measure the bound's two parts, and which parts of a frame survive the code."""
    assert isinstance(model, Vision)
    state = gap.of_number(data.test_images[: 500 if quick else FRESH])
    x, draw, n = gap.frames(state), torch.Generator().manual_seed(0), len(state)
    mu, logvar = model.encode(x)
    logits = model.decoder(mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape, generator=draw))
    miss = F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)
    kl = 0.5 * (mu**2 + torch.exp(logvar) - 1 - logvar).sum(1)
    seen = gap.read(torch.sigmoid(logits))
    right, wall = seen.rows == state.rows, state.rows != gap.EMPTY
    of = f"of {n} frames of random play"
    kept = f"{of}, read off the picture decoded from a drawn code"
    found = {
        "-ELBO": figure((miss + kl).mean().item(), f"nats, {of}, a draw each", samples=n),
        "reconstruction": figure(miss.mean().item(), f"nats, {of}, a draw each", samples=n),
        "KL": figure(kl.mean().item(), f"nats, {of}", samples=n),
        "rows": figure(right.float().mean().item(), f"share of the rows {kept}", samples=n),
        "walls": figure(right[wall].float().mean().item(), f"share of the walls {kept}", samples=n),
        "player": figure(
            (seen.x == state.x).float().mean().item(),
            f"share right of the player {kept}",
            samples=n,
        ),
        "dust": figure(
            (seen.dust == state.dust).float().mean().item(),
            f"share right of the dust {kept}; guessing has 1/6",
            samples=n,
        ),
    }
    return as_metrics(found, command)


def vision_of(folder: Path) -> Vision:
    """Return the trained V."""
    net = load_shipped("world-v", folder)
    assert isinstance(net, Vision)
    return net


def memory_of(folder: Path) -> Memory:
    """Return the trained M."""
    net = load_shipped("world-m", folder)
    assert isinstance(net, Memory)
    return net


@torch.no_grad()
def measure_memory(
    folder: Path, model: nn.Module, data: Data, quick: bool, out: Path, command: str
) -> Metrics:
    """Measure M's nats of the next code and of death, beside what the exact filter allows."""
    assert isinstance(model, Memory)
    vision = vision_of(folder)
    part = slice(200 if quick else GAMES)
    rows = nats_of(model, vision, data.test_images[part], data.test_labels[part])
    alive = rows["alive"].bool()
    found = {}
    for name, how in NATS.items():
        death = name.startswith("death")
        each = rows[name] if death else rows[name][alive]
        error = each.std().item() / len(each) ** 0.5
        what = "of whether the player dies" if death else "of the next code"
        found[name] = figure(
            each.mean().item(),
            f"nats a step {what}, {len(each)} steps of random play, {how}; error {error:.4f}",
            samples=len(each),
            error=round(error, 5),
        )
    return as_metrics(found, command)


NATS = {
    "NLL": "by M",
    "floor": "by the exact filter, which sees every frame whole",
    "floor without dust": "by the exact filter of walls and player alone",
    "floor without memory": "by the frame before alone: each wind alike",
    "death": "by M",
    "death floor": "by the exact filter, which sees every frame whole",
}


def nats_of(model: Memory, vision: Vision, numbers: Tensor, steps: Tensor) -> dict[str, Tensor]:
    """Return for each step that was played the nats of `NATS` (S,), and who lived: "alive"."""
    draw, out = torch.Generator().manual_seed(0), {name: [] for name in (*NATS, "alive")}
    states = [gap.of_number(numbers[:, t]) for t in range(numbers.shape[1])]
    before, h, even = None, model.begin(len(numbers)), gap_filter.first_belief(len(numbers))
    beliefs = {"all": even, "walls": even, "none": even}
    z = draw_code(vision, states[0], draw)
    for t in range(steps.shape[1]):
        action, alive = steps[:, t, 0], steps[:, t, 1].bool()
        h = model.remember(z, before, h)
        z, before = draw_code(vision, states[t + 1], draw), action
        seen, ahead = model.forecast(h, action), look_ahead(vision, states[t], action)
        best, *others = (weigh(ahead, belief) for belief in beliefs.values())
        nats = [-one.log_density(z) for one in (seen, best, *others)]
        nats += [death_nats(one.death, alive) for one in (seen, best)]
        for name, value in zip((*NATS, "alive"), (*nats, alive.float())):
            out[name].append(value)
        states = [one[alive] for one in states]  # who died plays no further
        steps, h, z, before = steps[alive], h[alive], z[alive], before[alive]
        pair = (states[t], states[t + 1])
        beliefs = {
            "all": gap_filter.update(beliefs["all"][alive], *pair),
            "walls": gap_filter.update(beliefs["walls"][alive], *pair, dust=False),
            "none": even[: len(h)],
        }
    return {name: torch.cat(parts).double() for name, parts in out.items()}


def draw_code(vision: Vision, state: gap.State, draw: torch.Generator) -> Tensor:
    """Draw a code of each game's frame from V's posterior, (N, Z)."""
    mu, logvar = vision.encode(gap.frames(state))
    return mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape, generator=draw)


def death_nats(logit: Tensor, alive: Tensor) -> Tensor:
    """Return −log of the chance that was given to what happened, (N,)."""
    return F.softplus(torch.where(alive, logit, -logit))


def measure_controller(
    folder: Path, model: nn.Module, data: Data, quick: bool, out: Path, command: str
) -> Metrics:
    """Measure C's score in the game."""
    assert isinstance(model, Controller)
    n = 100 if quick else EPISODES
    memory = memory_of(folder) if model.config.sees == "z+h" else None
    seat = learned_player(model, vision_of(folder), memory)
    scores = play(seat, n, torch.Generator().manual_seed(1))
    error, steps = scores.error, scores.length.double().mean().item()
    how = f"discounted steps survived (0.99), {n} games; standard error {error:.3f}"
    found = {
        "score": figure(scores.mean, how, samples=n, error=round(error, 5)),
        "steps": figure(steps, f"steps survived, mean of {n} games", samples=n),
    }
    return as_metrics(found, command)
