"""The digits on two ways from one code to another."""

from __future__ import annotations

import numpy as np

from apps.lessons.gan import nets as m
from apps.lessons.gan.codes import codes_of
from apps.lessons.gan.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Functions
from core.models.vae import latent

STEPS = 12  # from one code to another


def walk(inputs: Inputs) -> Board:
    """Show the digits on the way from one seed's code to another's, a frame each."""
    from core.models.gan.check_digits import arc_delta, image_delta

    name, z, pick = codes_of(inputs)
    ends = z[pick], m.codes(name, m.SHEET, inputs.other_seed)[pick]
    t = np.linspace(0, 1, STEPS + 1)
    lines = {
        kind: np.array([way(*ends, at) for at in t])
        for kind, way in (("linear", latent.lerp), ("spherical", latent.slerp))
    }
    seen = {kind: m.decode(name, way) for kind, way in lines.items()}
    frames = []
    for k in range(STEPS + 1):
        rows = [
            b.row(
                b.column(
                    b.grey(b.word(f"digits.{kind}"), seen[kind][k], size=126),
                    b.text(f"‖z‖ = {np.linalg.norm(lines[kind][k]):.2f}", size="small"),
                    gap="tight",
                ),
                strip(seen[kind], k),
                gap="mid",
            )
            for kind in lines
        ]
        pair = b.column(lengths(lines, t, k), score_chart(name, seen, t, k), gap="tight")
        view = b.row(b.column(*rows, gap="mid"), pair, gap="mid")
        frames.append(b.frame(view, f"t = {t[k]:.2f}"))
    arc = arc_delta(*ends, lines["spherical"])
    found = image_delta(m.gan(name), lines["spherical"], seen["spherical"])
    half = np.linalg.norm(lines["linear"][STEPS // 2])
    return {
        "frames": frames,
        "facts": [b.fact("√d", float(np.sqrt(len(ends[0]))))],
        "checks": [
            b.delta_check(arc, 1e-9),
            b.delta_check(found, m.EXACT),
        ],
        "turn": {
            "ask": b.word(
                "digits.turn_half", a=sizes(ends)[0], b=sizes(ends)[1], dot=sizes(ends)[2]
            ),
            "blanks": [b.blank("‖z(½)‖", [half], "hidden", "half")],
            "frame": 0,
        },
        "tables": {kind: way.tolist() for kind, way in lines.items()},
    }


def sizes(ends: tuple[np.ndarray, np.ndarray]) -> list[str]:
    """Return |a|², |z|² and a·z as labels."""
    a, z = ends
    return [f"{v:.4f}".replace("-", "−") for v in (a @ a, z @ z, a @ z)]


def strip(images: np.ndarray, k: int) -> b.Widget:
    """Return the whole way as small pictures in two rows, those still to come left out."""
    shown = np.where(np.arange(len(images))[:, None, None] <= k, images, 0.0)
    full = np.concatenate([shown, np.zeros((14 - len(shown), pictures.SIDE, pictures.SIDE))])
    return b.grey("", pictures.sheet(full, 7), size=294)


def lengths(lines: dict[str, np.ndarray], t: np.ndarray, k: int) -> b.Widget:
    """Return the chart of ‖z‖ on both ways, with the length that codes of the prior have."""
    drawn = [
        b.series(b.word(f"digits.{kind}"), np.linalg.norm(way, axis=1), role, x=t)
        for (kind, way), role in zip(lines.items(), ("real", "hidden"))
    ]
    rule = {"y": float(np.sqrt(lines["linear"].shape[1])), "label": "√d"}
    return b.chart("‖z‖", drawn, cursor=t[k], x="t", rules=[rule], width=360, height=180)


def score_chart(name: str, seen: dict[str, np.ndarray], t: np.ndarray, k: int) -> b.Widget:
    """Return the chart of D's scores on both ways."""
    drawn = [
        b.series("", m.scores(name, images), role, x=t)
        for images, role in zip(seen.values(), ("real", "hidden"))
    ]
    return b.chart(b.word("digits.score_now"), drawn, cursor=t[k], x="t", width=360, height=170)


def walk_source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    from core.models.gan.networks import GAN

    del inputs
    return latent.lerp, latent.slerp, GAN.decode
