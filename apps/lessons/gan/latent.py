"""Codes of a trained GAN: directions that change its digits most, and ways between two codes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.gan import nets as m
from apps.stage import board as b
from core.inputs import choice, integer, number
from core.models.gan.check_digits import arc_delta, image_delta, nearest_delta, slope_delta
from core.models.vae import latent

WAYS = 4  # directions with a slider each
REACH = 4.0  # how far a slider goes
PLACES = np.linspace(-REACH, REACH, 9)  # of a direction's strip
AVERAGED = 64  # codes that M is the mean over
STEPS = 12  # from one code to another
EXACT = 1e-4  # float32 against float64


def picked(inputs: dict[str, Any]) -> tuple[str, np.ndarray, int]:
    """Return the net's name, the 64 codes of the seed, and which of them is picked."""
    name = choice("model", inputs.get("model", m.DCGAN), m.FREE)
    z = m.codes(name, m.SHEET, m.seed_of(inputs))
    return name, z, integer("pick", inputs.get("pick", 1), 1, m.SHEET) - 1


# ---- directions


def directions(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a digit moved along the first directions, its score, and its nearest neighbour."""
    name, z, pick = picked(inputs)
    v, share = ways(name)
    asked = {f"way_{k + 1}": inputs.get(f"way_{k + 1}", 0) for k in range(WAYS)}
    by = np.array([number(field, value, -REACH, REACH) for field, value in asked.items()])
    moved = z[pick] + by @ v  # (latent,)
    image = m.decode(name, moved[None])[0]
    beside, facts, checks = neighbour(image)
    sheet = m.sheet(m.decode(name, z), 8, pick)
    left = b.grey(b.word("digits.sheet", net=m.NAMES[name]), sheet, size=370)
    top = b.row(b.grey(b.word("digits.moved"), image, size=118), *beside, gap="mid")
    right = b.column(top, *strips(name, moved, by, v, share), gap="tight")
    score = float(m.scores(name, image[None])[0])
    return {
        "frames": [b.frame(b.row(left, right, gap="wide"))],
        "facts": [b.fact("D(G(z))", score), b.fact("‖z‖", float(np.linalg.norm(moved))), *facts],
        "checks": [*net_checks(name, moved, image, v[0]), *checks],
        "tables": {"z": moved.tolist(), "directions": v.tolist(), "share": share.tolist()},
    }


@lru_cache(maxsize=4)
def ways(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the first directions (WAYS, latent) and their shares of the mean squared change."""
    import torch

    from core.models.gan.directions import principal, pullback

    z = torch.as_tensor(m.codes(name, AVERAGED, 0), dtype=torch.float32)
    v, share = principal(pullback(m.model(name).decode, z), WAYS)
    return v.numpy(), share.numpy()


def strips(
    name: str, moved: np.ndarray, by: np.ndarray, v: np.ndarray, share: np.ndarray
) -> list[b.Widget]:
    """Return for each direction the digits along it, the one next to where its slider stands
    framed.
    """
    codes = [moved + np.outer(PLACES - by[k], v[k]) for k in range(WAYS)]
    seen = m.decode(name, np.concatenate(codes)).reshape(WAYS, len(PLACES), m.SIDE, m.SIDE)
    return [
        b.row(
            b.text(
                b.word("digits.way", v=b.sub("v", k + 1), share=f"{100 * share[k]:.0f}"), "hidden"
            ),
            b.grey(
                "", m.sheet(seen[k], len(PLACES), int(np.abs(PLACES - by[k]).argmin())), size=396
            ),
            gap="mid",
        )
        for k in range(WAYS)
    ]


def net_checks(name: str, z: np.ndarray, image: np.ndarray, v: np.ndarray) -> list[dict[str, Any]]:
    """Return the checks of an image and of its change along a direction, in float64."""
    import torch

    from core.models.gan.directions import changes

    net = m.model(name)
    one, along = (torch.as_tensor(x, dtype=torch.float32) for x in (z, v))
    slope = changes(net.decode, one, along[None])[0].numpy()
    found = [image_delta(net, z[None], image[None]), slope_delta(net, z, v, slope)]
    return [b.check(one["delta"], one["against"], EXACT) for one in found]


# ---- the nearest training image


def neighbour(
    image: np.ndarray,
) -> tuple[list[b.Widget], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return widgets, facts and check of the nearest of all training images, in black and white."""
    from core.measure import neighbours

    if not neighbours.BITS.exists():
        file = b.word("weights_missing", file=neighbours.BITS.name)
        return [b.text(b.word("digits.absent", why=file), "grad", "note")], [], []
    bits = training()
    gaps, rows = neighbours.nearest(image[None], bits)
    apart, found = int(gaps[0, 0]), neighbours.unpack(bits[rows[0]])[0]
    usual = int(np.median(usually()))
    told = nearest_delta(image, bits, apart)
    return (
        [
            b.grey(b.word("digits.binarised"), image >= 0.5, size=118),
            b.text("↔"),
            b.grey(b.word("digits.nearest"), found, size=118, role="real"),
        ],
        [b.fact(b.word("digits.apart"), b.word("digits.pixels", n=str(apart), usual=str(usual)))],
        [b.check(told["delta"], told["against"], 0.5)],
    )


@lru_cache(maxsize=1)
def training() -> np.ndarray:
    """Return MNIST's 60 000 training images as bits."""
    from core.measure.neighbours import training_bits

    return training_bits()[0]


@lru_cache(maxsize=1)
def usually() -> np.ndarray:
    """Return in how many pixels each of the 100 test digits differs from its nearest, (100,)."""
    from core.measure.neighbours import nearest

    return nearest(m.digits()[0], training())[0][:, 0]


# ---- between two codes


def walk(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the digits on the way from one seed's code to another's, a frame each."""
    name, z, pick = picked(inputs)
    ends = z[pick], m.codes(name, m.SHEET, m.seed_of(inputs, "other_seed"))[pick]
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
        pair = b.column(lengths(lines, t, k), rated(name, seen, t, k), gap="tight")
        view = b.row(b.column(*rows, gap="mid"), pair, gap="mid")
        frames.append(b.frame(view, f"t = {t[k]:.2f}"))
    arc = arc_delta(*ends, lines["spherical"])
    found = image_delta(m.model(name), lines["spherical"], seen["spherical"])
    half = np.linalg.norm(lines["linear"][STEPS // 2])
    return {
        "frames": frames,
        "facts": [b.fact("√d", float(np.sqrt(len(ends[0]))))],
        "checks": [
            b.check(arc["delta"], arc["against"], 1e-9),
            b.check(found["delta"], found["against"], EXACT),
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
    """Return |a|², |z|² and a·z as they are told."""
    a, z = ends
    return [f"{v:.4f}".replace("-", "−") for v in (a @ a, z @ z, a @ z)]


def strip(pictures: np.ndarray, k: int) -> b.Widget:
    """Return the whole way as small pictures in two rows, those still to come left out."""
    shown = np.where(np.arange(len(pictures))[:, None, None] <= k, pictures, 0.0)
    full = np.concatenate([shown, np.zeros((14 - len(shown), m.SIDE, m.SIDE))])
    return b.grey("", m.sheet(full, 7), size=294)


def lengths(lines: dict[str, np.ndarray], t: np.ndarray, k: int) -> b.Widget:
    """Return the chart of ‖z‖ on both ways, with the length that codes of the prior have."""
    drawn = [
        b.series(b.word(f"digits.{kind}"), np.linalg.norm(way, axis=1), role, x=t)
        for (kind, way), role in zip(lines.items(), ("real", "hidden"))
    ]
    rule = {"y": float(np.sqrt(lines["linear"].shape[1])), "label": "√d"}
    return b.chart("‖z‖", drawn, cursor=t[k], x="t", rules=[rule], width=360, height=180)


def rated(name: str, seen: dict[str, np.ndarray], t: np.ndarray, k: int) -> b.Widget:
    """Return the chart of D's scores on both ways."""
    drawn = [
        b.series("", m.scores(name, pictures), role, x=t)
        for pictures, role in zip(seen.values(), ("real", "hidden"))
    ]
    return b.chart("D(G(z))", drawn, cursor=t[k], x="t", width=360, height=170)
