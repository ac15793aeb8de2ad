"""From one code to another: straight, along the arc, and between the means of two classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.vae import models as m
from apps.stage import board as b
from core.inputs import choice, integer
from core.models.vae import latent

STEPS = 12
ENDS = ("pictures", "means")


def walk(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the pictures on the way between two codes, a frame each."""
    name = choice("model", inputs.get("model", m.PLAIN), m.VAES)
    a, z = ends(inputs, name)
    ways = {
        kind: np.array([way(a, z, k / STEPS) for k in range(STEPS + 1)])
        for kind, way in (("linear", latent.lerp), ("spherical", latent.slerp))
    }
    seen = {kind: m.decode(name, way) for kind, way in ways.items()}
    frames, parts = [], {}
    for k in range(STEPS + 1):
        rows = [
            b.row(
                b.column(
                    b.grey(b.word(kind), seen[kind][k], size=118),
                    b.text(f"‖z‖ = {np.linalg.norm(ways[kind][k]):.2f}", size="small"),
                    gap="tight",
                ),
                strip(seen[kind], k),
                gap="mid",
            )
            for kind in ways
        ]
        view = b.column(*rows, gap="mid")
        if len(a) == 2:
            plane = picture_of(name, inputs, ways, k)
            parts["sprite"], plane["sprite"] = (
                {"url": plane["sprite"]},
                "sprite",
            )  # once for all frames
            view = b.row(plane, view, gap="mid")
        frames.append(b.frame(view, f"t = {k / STEPS:.2f}"))
    jumps = {k: np.abs(np.diff(v, axis=0)).mean() for k, v in seen.items()}
    found = middle_delta(a, z, ways)
    return {
        "frames": frames,
        "parts": parts,
        "facts": [b.fact(b.word("jump", way=b.word(k)), f"{v:.4f}") for k, v in jumps.items()],
        "checks": [b.check(found["delta"], found["against"], 1e-12)],
        "turn": {
            "ask": b.word("turn_middle", d=str(min(len(a), 4))),
            "blanks": [b.blank("z(½)", ways["linear"][STEPS // 2][:4], "hidden", "mid")],
            "frame": 0,
        },
        "tables": {kind: way.tolist() for kind, way in ways.items()},
        "without": ["class_a", "class_b"] if inputs.get("ends") != "means" else ["digit", "other"],
    }


def ends(inputs: dict[str, Any], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the two codes: of two pictures, or the means of two classes' codes."""
    if choice("ends", inputs.get("ends", "pictures"), ENDS) == "pictures":
        both = np.stack([m.picture(inputs, "digit"), m.picture(inputs, "other")])
        mu = m.encode(name, both)[0]
        return mu[0], mu[1]
    labels = m.digits()[1]
    first, second = (integer(f, inputs.get(f, 0), 0, 9) for f in ("class_a", "class_b"))
    return m.codes(name)[labels == first].mean(0), m.codes(name)[labels == second].mean(0)


def strip(pictures: np.ndarray, k: int) -> b.Widget:
    """Return the whole way as small pictures in two rows, those still to come left out."""
    shown = np.where(np.arange(len(pictures))[:, None, None] <= k, pictures, 0.0)
    full = np.concatenate([shown, np.zeros((14 - len(shown), m.SIDE, m.SIDE))])
    return b.grey("", latent.sheet(full.reshape(2, 7, m.SIDE, m.SIDE)), size=370)


def picture_of(name: str, inputs: dict, ways: dict, k: int) -> b.Widget:
    """Return the plane with the arc, and where both ways are now."""
    apart = bool(np.abs(ways["linear"][k] - ways["spherical"][k]).max() > 0.3)
    marks = [
        {"x": float(w[k][0]), "y": float(w[k][1]), "role": role, "on": True}
        | {"label": b.word(kind) if apart else ""}
        for (kind, w), role in zip(ways.items(), ("real", "hidden"))
    ]
    path = [*ways["linear"].tolist(), *ways["spherical"][::-1].tolist()]
    label = b.word("plane_of_net", net=m.NAMES[name])
    return m.plane(label, name, inputs, path=path, marks=marks, size=300)


def middle_delta(a: np.ndarray, z: np.ndarray, ways: dict) -> dict[str, Any]:
    """Compare the ways with torch.lerp and, along the arc, with turning a by the angle."""
    import torch

    t = torch.linspace(0, 1, STEPS + 1, dtype=torch.float64)[:, None]
    start, end = torch.as_tensor(a)[None], torch.as_tensor(z)[None]
    straight = torch.lerp(start.expand(STEPS + 1, -1), end.expand(STEPS + 1, -1), t)
    return {"delta": latent.gap(straight.numpy(), ways["linear"]), "against": "torch.lerp"}
