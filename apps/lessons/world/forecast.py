"""View "forecast": what M expects of the next step beside what the exact filter allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.lessons.shared import nets
from apps.lessons.world import minds
from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

if TYPE_CHECKING:
    from torch import Tensor

STEPS = 16
NATS = ("NLL", "floor", "floor without dust", "floor without memory")
ROLES = {"exact": "ok", "blind": "ink", "M": "made"}


def forecast(inputs: Inputs) -> Board:
    """Show the next wind and the chance of dying as the filter has them, and as M has them."""
    moments = follow(inputs.seed)
    frames = []
    for t, now in enumerate(moments):
        view = b.row(
            b.column(
                minds.screen(b.word("frame_t"), now["frame"], "real", 200),
                b.text(b.word("acts", a=minds.ARROWS[now["action"]]), "real", "note"),
                gap="tight",
            ),
            b.column(wind_bars(now), death_bars(now), gap="mid"),
            nats_bars(),
            gap="mid",
        )
        facts = [
            b.fact(b.word("nats_m"), now["nats"]["M"]),
            b.fact(b.word("nats_exact"), now["nats"]["exact"]),
        ]
        frames.append(b.frame(view, b.word("t_n", n=t), facts))
    return {
        "frames": frames,
        "facts": [],
        "checks": [density_check(inputs.seed)],
        "turn": turn(),
        "tables": {"nats": [["t", "M", "exact"], *(
            [t, now["nats"]["M"], now["nats"]["exact"]] for t, now in enumerate(moments))]},
    }  # fmt: skip


def follow(seed: int) -> list[dict[str, Any]]:
    """Return for each step of a game what the filter and M expect, and what came costs them."""
    import torch

    from core.data import gap_filter
    from core.models.world.floor import belief_along, exact_forecast

    game, vision, net = minds.record("optimum", seed, STEPS), minds.vision(), minds.memory()
    beliefs = {dust: belief_along(game.states, dust) for dust in (True, False)}
    h, before, out = net.begin(1), None, []
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        codes = [code_of(state, draw) for state in game.states]
        for t, action in enumerate(game.actions):
            a, state, belief = torch.tensor([action]), game.states[t], beliefs[True][t]
            h = net.remember(codes[t], before, h)
            best, mine = exact_forecast(vision, belief, state, a), net.forecast(h, a)
            dies = [net.forecast(h, torch.tensor([k])).death.sigmoid() for k in (-1, 0, 1)]
            out.append({
                "frame": minds.frame_of(state),
                "action": action,
                "winds": {
                    "exact": gap_filter.forecast(belief)[0].tolist(),
                    "blind": gap_filter.forecast(beliefs[False][t])[0].tolist(),
                },
                "death": {
                    "exact": gap_filter.death_chance(belief, state)[0].tolist(),
                    "M": [float(p) for p in dies],
                },
                "nats": {
                    "M": -float(mine.log_density(codes[t + 1])),
                    "exact": -float(best.log_density(codes[t + 1])),
                },
            })  # fmt: skip
            before = a
    return out


def code_of(state: Any, draw: Any) -> Tensor:
    """Draw a code of one game's frame from V's posterior, (1, Z)."""
    import torch

    from core.data import gap

    mu, logvar = minds.vision().encode(gap.frames(state))
    return mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape, generator=draw)


def wind_bars(now: dict[str, Any]) -> b.Widget:
    """Return the chance of each next wind: by the whole frames, and by the walls alone."""
    items = [
        {"label": b.word(f"wind_{who}", w=arrow), "v": share, "role": ROLES[who]}
        for k, arrow in enumerate("←·→")
        for who in ("exact", "blind")
        for share in [now["winds"][who][k]]
    ]
    return b.bars(b.word("wind_bars"), items, 0.0, 1.0)


def death_bars(now: dict[str, Any]) -> b.Widget:
    """Return the chance of dying by each action: exact, and as M has it."""
    items = [
        {"label": b.word(f"death_{who}", a=arrow), "v": share, "role": ROLES[who]}
        for k, arrow in enumerate("←·→")
        for who in ("exact", "M")
        for share in [now["death"][who][k]]
    ]
    return b.bars(b.word("death_bars"), items, 0.0, 1.0)


def nats_bars() -> b.Widget:
    """Return the mean nats of the next code: M's beside three floors, from M's card."""
    found = [nets.card_value(minds.M, name) for name in NATS]
    items = [
        {"label": b.word(f"nats_{name.replace(' ', '_')}"), "v": v, "role": role}
        for name, v, role in zip(NATS, found, ("made", "ok", "ink", "ink"))
        if v is not None
    ]
    return b.bars(b.word("nats_bars"), items, 0.0, max([1.0, *(v for v in found if v)]) * 1.1)


def density_check(seed: int) -> Any:
    """Return the check of M's density by torch's own mixture."""
    import torch

    from core.models.world.check import density_delta

    net = minds.memory()
    game, draw = minds.record("optimum", seed, STEPS), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        z, then = (code_of(state, draw) for state in game.states[:2])
        seen = net.forecast(net.remember(z, None, net.begin(1)), torch.tensor([0]))
        return b.delta_check(density_delta(seen, then, seen.log_density(then)), 1e-4)


def turn() -> Turn:
    """Return the exercise: the chance that the wind blows twice the way it blew."""
    ask = b.word("turn_wind")
    return {
        "ask": ask,
        "frame": 0,
        "blanks": [b.blank("P", [0.9 * 0.9 + 2 * 0.05 * 0.05], "ok", "")],
    }
