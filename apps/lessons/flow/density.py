"""The learned density beside the true one, and NLL on fresh points beside the exact entropy."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.flow import models as fm
from apps.lessons.vae import models as m
from apps.stage import board as b
from core.models.flow.check import flow_delta

SIDE, FRESH = 72, 4000
FAR, CELLS = 5.0, 250  # the square and its cells a side on which the density is added up
MASS = 0.02  # how far from 1 the sum may be: cells are not points
SLACK = 1e-3  # float32's


def densities(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a target."""
    seed = fm.seed(inputs)
    frames, rows, checks = [], [], []
    for target, name in fm.NETS.items():
        label = b.word(f"option.{target}")
        if not fm.have(name):
            frames.append(b.frame(m.absent(name), label))
            continue
        found = measured(target, seed)
        rows.append({"target": target} | {k: found[k] for k in NUMBERS})
        checks.append(found)
        frames.append(b.frame(view(found), label, facts(found)))
    frames.sort(key=lambda one: not one["facts"])  # what is absent comes last
    first = next((t for t, name in fm.NETS.items() if fm.have(name)), None)
    turn = None
    if len(rows) == len(fm.NETS):
        worst = int(np.argmax([row["kl"] for row in rows]))
        choices = [b.word(f"option.{t}") for t in fm.NETS]
        turn = {"ask": b.word("turn_worst"), "choices": choices, "answer": worst}
    return {
        "frames": frames,
        "facts": [],
        "checks": [*verdicts(checks), *([slope_check(first)] if first else [])],
        "turn": turn,
        "tables": {"quality": rows},
    }


NUMBERS = ("nll", "error", "entropy", "kl", "kl_error", "mass", "round_trip")


def verdicts(found: list[dict[str, Any]]) -> list[dict]:
    """Return: the densities add up to 1, and no NLL is below its entropy."""
    if not found:
        return []
    held = sum(not one["below"] for one in found)
    return [
        b.check(max(abs(one["mass"] - 1) for one in found), "∬ q(x) dx = 1", MASS),
        b.law(b.word("not_below"), held, len(found)),
    ]


def slope_check(target: str) -> dict[str, Any]:
    """Return the check of log|det| by automatic differentiation."""
    import torch

    x = fm.density_of(target).sample(3, torch.Generator().manual_seed(0))
    checked = flow_delta(fm.flow(fm.NETS[target]), x)
    return b.check(checked["delta"], checked["against"], 1e-9)


@lru_cache(maxsize=24)
def measured(target: str, seed: int) -> dict[str, Any]:
    """Return both densities on a grid, and the figures of a trained flow."""
    import torch

    from core.data.densities import grid
    from core.models.flow import flow2d_picture as picture

    what, model = fm.density_of(target), fm.flow(fm.NETS[target])
    maps = picture.densities(model, what, SIDE)
    cells = grid((-FAR, FAR, -FAR, FAR), CELLS).float()
    with torch.no_grad():
        log_q = torch.cat([model.log_prob(part) for part in cells.split(12_500)])
    mass = float(log_q.double().exp().sum()) * (2 * FAR / CELLS) ** 2
    quality = picture.quality(model, what, FRESH, seed)
    return {**maps, **quality, "mass": mass, "bounds": what.bounds}


def view(found: dict[str, Any]) -> b.Widget:
    """Return the true density, the learned one, and the two figures as bars."""
    p, q = np.exp(found["log_p"]), np.exp(found["log_q"])
    top = float(np.quantile(p, 0.99)) or float(p.max())
    true, learned = (
        b.field(
            b.word(label),
            found["bounds"],
            [b.surface(values, 0.0, top, above=role)],
            size=320,
            key=label,
        )
        for label, values, role in (("true_density", p, "real"), ("learned_density", q, "made"))
    )
    nll, lowest = found["nll"], found["entropy"]
    bars = b.bars(
        b.word("nats_a_point"),
        [
            {"label": b.word("entropy"), "v": lowest, "role": "real"},
            {"label": b.word("nll"), "v": nll, "role": "made"},
            {"label": b.word("kl"), "v": found["kl"], "role": "grad"},
        ],
        low=min(0.0, float(np.floor(min(nll, lowest)))),
        high=float(np.ceil(max(nll, lowest, 1.0))),
        digits=3,
    )
    key = "below_entropy" if found["below"] else "above_entropy"
    told = b.text(b.word(key), "grad" if found["below"] else "ok", "wide")
    figures = b.column(bars, told, gap="mid")
    return b.column(b.row(true, learned, gap="mid"), figures, gap="swap")


def facts(found: dict[str, Any]) -> list[dict]:
    """Return NLL with its standard error, entropy, KL and the sum of the density."""
    return [
        b.fact("NLL", f"{found['nll']:.4f} ± {found['error']:.4f} nat"),
        b.fact("H(p)", f"{found['entropy']:.4f} nat"),
        b.fact("KL(p‖q)", f"{found['kl']:.4f} ± {found['kl_error']:.4f} nat"),
        b.fact("∬ q dx", f"{found['mass']:.4f}"),
    ]
