"""The directions in which a GAN's digits change most, and a digit's nearest training image."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.gan import nets as m
from apps.lessons.gan.codes import codes_of
from apps.lessons.gan.inputs import REACH, Inputs
from apps.lessons.gan.scores import logit_turn
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Functions
from core.weights.errors import WeightError

WAYS = 4  # directions with a slider each
PLACES = np.linspace(-REACH, REACH, 9)  # of a direction's strip
AVERAGED = 64  # codes that M is the mean over


def directions(inputs: Inputs) -> Board:
    """Show a digit moved along the first directions, its score, and its nearest neighbour."""
    name, z, pick = codes_of(inputs)
    v, share = leading_directions(name)
    by = np.array([inputs.way_1, inputs.way_2, inputs.way_3, inputs.way_4])
    moved = z[pick] + by @ v  # (latent,)
    image = m.decode(name, moved[None])[0]
    beside, facts, checks = neighbour(image)
    sheet = pictures.sheet(m.decode(name, z), 8, (pick,))
    left = b.grey(b.word("digits.sheet", net=m.NAMES[name]), sheet, size=370)
    top = b.row(b.grey(b.word("digits.moved"), image, size=118), *beside, gap="mid")
    right = b.column(top, *strips(name, moved, by, v, share), gap="tight")
    score = float(m.scores(name, image[None])[0])
    return {
        "frames": [b.frame(b.row(left, right, gap="wide"))],
        "facts": [
            b.fact(b.word("digits.score_now"), score),
            b.fact("‖z‖", float(np.linalg.norm(moved))),
            *facts,
        ],
        "checks": [*net_checks(name, moved, image, v[0]), *checks],
        "fleeting": not checks,  # shown without the nearest image, it may come
        "turn": logit_turn(score),
        "tables": {"z": moved.tolist(), "directions": v.tolist(), "share": share.tolist()},
    }


@lru_cache(maxsize=4)
def leading_directions(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the first directions (WAYS, latent) and their shares of the mean squared change."""
    import torch

    from core.models.gan.directions import principal, pullback

    z = torch.as_tensor(m.codes(name, AVERAGED, 0), dtype=torch.float32)
    v, share = principal(pullback(m.gan(name).decode, z), WAYS)
    return v.numpy(), share.numpy()


def strips(
    name: str, moved: np.ndarray, by: np.ndarray, v: np.ndarray, share: np.ndarray
) -> list[b.Widget]:
    """Return for each direction the digits along it, the one next to where its slider stands
    framed.
    """
    codes = [moved + np.outer(PLACES - by[k], v[k]) for k in range(WAYS)]
    seen = m.decode(name, np.concatenate(codes)).reshape(
        WAYS, len(PLACES), pictures.SIDE, pictures.SIDE
    )
    return [
        b.row(
            b.text(
                b.word("digits.way", v=b.sub("v", k + 1), share=f"{100 * share[k]:.0f}"), "hidden"
            ),
            b.grey(
                "",
                pictures.sheet(seen[k], len(PLACES), (int(np.abs(PLACES - by[k]).argmin()),)),
                size=396,
            ),
            gap="mid",
        )
        for k in range(WAYS)
    ]


def net_checks(name: str, z: np.ndarray, image: np.ndarray, v: np.ndarray) -> list[Check]:
    """Return the checks of an image and of its change along a direction, in float64."""
    import torch

    from core.models.gan.check_digits import image_delta, slope_delta
    from core.models.gan.directions import changes

    net = m.gan(name)
    one, along = (torch.as_tensor(x, dtype=torch.float32) for x in (z, v))
    slope = changes(net.decode, one, along[None])[0].numpy()
    found = [image_delta(net, z[None], image[None]), slope_delta(net, z, v, slope)]
    return [b.delta_check(one, m.EXACT) for one in found]


# ---- the nearest training image


def neighbour(
    image: np.ndarray,
) -> tuple[list[b.Widget], list[Fact], list[Check]]:
    """Return widgets, facts and check of the nearest of all training images, in black and white."""
    from core.measure import neighbours
    from core.measure.check import nearest_delta

    try:
        bits = training()
    except WeightError as error:
        return [b.text(nets.why(error), "grad", "note")], [], []
    gaps, rows = neighbours.nearest(image[None], bits)
    apart, found = int(gaps[0, 0]), neighbours.unpack(bits[rows[0]])[0]
    usual = int(np.median(usual_gaps()))
    check = nearest_delta(image, bits, apart)
    return (
        [
            b.grey(b.word("digits.binarised"), image >= 0.5, size=118),
            b.text("↔"),
            b.grey(b.word("digits.nearest"), found, size=118, role="real"),
        ],
        [b.fact(b.word("digits.apart"), b.word("digits.pixels", n=str(apart), usual=str(usual)))],
        [b.delta_check(check, 0.5)],
    )


@lru_cache(maxsize=1)
def training() -> np.ndarray:
    """Return MNIST's 60 000 training images as bits."""
    from core.measure.neighbours import training_bits

    return training_bits()[0]


@lru_cache(maxsize=1)
def usual_gaps() -> np.ndarray:
    """Return in how many pixels each of the 100 test digits differs from its nearest, (100,)."""
    from core.measure.neighbours import nearest

    return nearest(pictures.digits()[0], training())[0][:, 0]


def directions_source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    from core.measure import neighbours
    from core.models.gan import directions

    del inputs
    return directions.pullback, directions.principal, neighbours.nearest
