"""View "walk": from one code to another, straight and along the arc about the origin."""

from __future__ import annotations

import numpy as np

from apps.lessons.shared import pictures
from apps.lessons.shared.pictures import SIDE
from apps.lessons.vae.autoencoders import NAMES, code_plane, codes, decode, encode, grid
from apps.lessons.vae.bound import EXACT
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.posterior import mark
from apps.stage import board as b
from apps.stage.contract import Board
from core.models.vae import check, latent

STEPS = 12
WAYS = {"linear": latent.lerp, "spherical": latent.slerp}
COLUMNS = 7  # of the strip of pictures, in two rows
APART = 0.3  # a coordinate's difference from which both ways' names have room
TYPED = 4  # coordinates that a "your turn" asks for, at most


def walk(inputs: Inputs) -> Board:
    """Show the pictures on the ways between two codes, a frame a step."""
    a, z = ends(inputs)
    t = np.arange(STEPS + 1) / STEPS
    ways = {kind: np.array([way(a, z, at) for at in t]) for kind, way in WAYS.items()}
    seen = {kind: decode(inputs.model, way) for kind, way in ways.items()}
    flat = len(a) == 2
    frames = []
    for k in range(STEPS + 1):
        view = b.column(*(moment(kind, ways[kind], seen[kind], k) for kind in ways), gap="mid")
        if flat:
            view = b.row(ways_plane(inputs, ways, k), view, gap="mid")
        frames.append(b.frame(view, f"t = {t[k]:.2f}"))
    jumps = {kind: np.abs(np.diff(images, axis=0)).mean() for kind, images in seen.items()}
    sprite = {"url": grid(inputs.model, inputs.grid, inputs.tiles).url} if flat else {}
    return {
        "frames": frames,
        "parts": {"sprite": sprite} if flat else {},
        "facts": [b.fact(b.word("jump", way=b.word(k)), f"{v:.4f}") for k, v in jumps.items()],
        "checks": [b.compared(check.line_delta(a, z, t, ways["linear"]), EXACT)],
        "turn": {
            "ask": b.word("turn_middle", d=str(min(len(a), TYPED))),
            "blanks": [b.blank("z(½)", ways["linear"][STEPS // 2][:TYPED], "hidden", "mid")],
            "frame": 0,
        },
        "tables": ways,
        "without": ["class_a", "class_b"] if inputs.ends != "means" else ["digit", "other"],
    }


def ends(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Return the two codes: of two digits, or the means of two classes' codes."""
    images, labels = pictures.digits()
    if inputs.ends == "pictures":
        first = pictures.select(inputs.drawn, inputs.digit, inputs.letter)
        mu = encode(inputs.model, np.stack([first, images[inputs.other]]))[0]
        return mu[0], mu[1]
    mu = codes(inputs.model)
    return mu[labels == inputs.class_a].mean(0), mu[labels == inputs.class_b].mean(0)


def moment(kind: str, way: np.ndarray, images: np.ndarray, k: int) -> b.Widget:
    """Return one way's picture at step k, the length of its code, and the way so far."""
    now = b.column(
        b.grey(b.word(kind), images[k], size=118),
        b.text(f"‖z‖ = {np.linalg.norm(way[k]):.2f}", size="small"),
        gap="tight",
    )
    return b.row(now, strip(images, k), gap="mid")


def strip(images: np.ndarray, k: int) -> b.Widget:
    """Return the whole way as small pictures in two rows, those still to come left out."""
    so_far = np.where(np.arange(len(images))[:, None, None] <= k, images, 0.0)
    full = np.concatenate([so_far, np.zeros((2 * COLUMNS - len(so_far), SIDE, SIDE))])
    return b.grey("", pictures.sheet(full, COLUMNS), size=370)


def ways_plane(inputs: Inputs, ways: dict[str, np.ndarray], k: int) -> b.Widget:
    """Return the plane with both ways, and where they are at step k."""
    straight, arc = ways["linear"], ways["spherical"]
    apart = bool(np.abs(straight[k] - arc[k]).max() > APART)
    marks = [
        mark(way[k], role, True, b.word(kind) if apart else "")
        for (kind, way), role in zip(ways.items(), ("real", "hidden"))
    ]
    return code_plane(
        b.word("plane_of_net", net=NAMES[inputs.model]),
        inputs.model,
        inputs.grid,
        inputs.tiles,
        sprite="sprite",  # once for all frames
        path=[*straight.tolist(), *arc[::-1].tolist()],
        marks=marks,
        size=300,
    )
