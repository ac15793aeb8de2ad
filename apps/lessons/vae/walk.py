"""View "walk": from one code to another, straight and along the arc about the origin."""

from __future__ import annotations

import numpy as np

from apps.lessons.shared import pictures
from apps.lessons.shared.pictures import SIDE
from apps.lessons.vae.autoencoders import (
    NAMES,
    code_plane,
    codes,
    decode,
    decoded_check,
    encode,
    grid,
)
from apps.lessons.vae.bound import EXACT
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.posterior import mark
from apps.stage import board as b
from apps.stage.contract import Board, Check
from core.models.vae import check, latent

STEPS = 12
TURNED = 1e-6  # tolerance of the arc: an angle near 0 or π keeps half of float64's digits
WAYS = {"linear": latent.lerp, "spherical": latent.arc}
COLUMNS = 7  # of the strip of pictures, in two rows
LATER = 0.2  # how much ink a picture still to come has
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
        places = ways_plane(inputs, ways, k) if flat else lengths(ways, t, k)
        left = b.column(places, end_codes(a, z), gap="mid")
        right = b.column(*(moment(kind, ways[kind], seen[kind], k) for kind in ways), gap="mid")
        frames.append(b.frame(b.row(left, right, gap="mid"), f"t = {t[k]:.2f}"))
    jumps = {kind: np.abs(np.diff(images, axis=0)).mean() for kind, images in seen.items()}
    sprite = {"url": grid(inputs.model, inputs.grid, inputs.tiles).url} if flat else {}
    return {
        "frames": frames,
        "parts": {"sprite": sprite} if flat else {},
        "facts": [b.fact(b.word("jump", way=b.word(k)), f"{v:.4f}") for k, v in jumps.items()],
        "checks": [*way_checks(a, z, t, ways), *decoded_checks(inputs.model, ways, seen)],
        "turn": {
            "ask": b.word("turn_middle", d=str(min(len(a), TYPED))),
            "blanks": [b.blank("z(½)", ways["linear"][STEPS // 2][:TYPED], "hidden", "mid")],
            "frame": 0,
        },
        "tables": ways,
        "without": ["class_a", "class_b"] if inputs.ends != "means" else ["digit", "other"],
    }


def way_checks(
    a: np.ndarray, z: np.ndarray, t: np.ndarray, ways: dict[str, np.ndarray]
) -> list[Check]:
    """Return the checks of both ways; ends on one line through 0 have no arc to be checked."""
    found = [check.line_delta(a, z, t, ways["linear"])]
    cosine = a @ z / max(np.linalg.norm(a) * np.linalg.norm(z), 1e-12)
    if abs(cosine) < 1 - 1e-9:
        found.append(check.arc_delta(a, z, t, ways["spherical"]))
    return [b.delta_check(one, tolerance) for one, tolerance in zip(found, (EXACT, TURNED))]


def decoded_checks(
    name: str, ways: dict[str, np.ndarray], seen: dict[str, np.ndarray]
) -> list[Check]:
    """Return the check of all pictures on the ways."""
    codes, images = (np.concatenate(list(one.values())) for one in (ways, seen))
    return [decoded_check({name: (codes, images)})]


def end_codes(a: np.ndarray, z: np.ndarray) -> b.Widget:
    """Return the first coordinates of both ends."""
    more = len(a) > TYPED
    names = [b.word("first_of", z=end, n=str(TYPED)) if more else end for end in ("a", "b")]
    return b.row(
        *(b.matrix(name, code[:TYPED], "hidden") for name, code in zip(names, (a, z))), gap="mid"
    )


def lengths(ways: dict[str, np.ndarray], t: np.ndarray, k: int) -> b.Widget:
    """Return the chart of ‖z‖ on both ways."""
    drawn = [
        b.series(b.word(kind), np.linalg.norm(way, axis=1), role, x=t)
        for (kind, way), role in zip(ways.items(), ("real", "hidden"))
    ]
    return b.chart("‖z‖", drawn, cursor=t[k], x="t", low=0, width=340, height=240)


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
    """Return the whole way as small pictures in two rows, those still to come faint."""
    so_far = np.where(np.arange(len(images))[:, None, None] <= k, images, LATER * images)
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
