"""The same codes while the label's vector goes from one class's to another's."""

from __future__ import annotations

import numpy as np

from apps.lessons.gan import nets as m
from apps.lessons.gan.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Functions

ROWS = 5  # codes shown on the way between two classes
CROWD = 64  # codes that the readings on the way are means over
STEPS = 10


def blend(inputs: Inputs) -> Board:
    """Show the same codes while the label's vector goes from one class's to another's."""
    from core.models.gan.check_digits import image_delta

    first, second = inputs.class_a, inputs.class_b
    seed, t = inputs.seed, np.linspace(0, 1, STEPS + 1)
    z = m.codes(m.CGAN, CROWD, seed)
    ends = m.embeddings()[[first, second]]
    mixed = np.outer(1 - t, ends[0]) + np.outer(t, ends[1])  # (STEPS + 1, 32)
    images = np.stack([m.decode_with(z, e) for e in mixed])  # (STEPS + 1, CROWD, 28, 28)
    read = (
        nets.read_digits(images.reshape(-1, pictures.SIDE, pictures.SIDE))
        .reshape(STEPS + 1, CROWD, 10)
        .mean(1)
    )
    whole = pictures.sheet(images[:, :ROWS].swapaxes(0, 1), STEPS + 1)
    frames = []
    for k in range(STEPS + 1):
        now = b.grey(
            b.word("digits.now", t=f"{t[k]:.1f}"), pictures.sheet(images[k, :ROWS], ROWS), size=440
        )
        left = b.column(now, b.part("way"), gap="tight")
        view = b.row(left, verdict(read, first, second, t, k), gap="mid")
        frames.append(b.frame(view, f"t = {t[k]:.1f}"))
    middle = STEPS // 2
    found = image_delta(m.gan(m.CGAN), z, images[middle], np.tile(mixed[middle], (CROWD, 1)))
    size = ends[:, 0]
    return {
        "frames": frames,
        "parts": {"way": b.grey(b.word("digits.way_of_classes"), whole, size=440)},
        "facts": [],
        "checks": [b.delta_check(found, m.EXACT)],
        "turn": {
            "ask": b.word("digits.turn_blend", a=number_text(size[0]), b=number_text(size[1])),
            "blanks": [b.blank("e₁(0.3)", [0.7 * size[0] + 0.3 * size[1]], "hidden", "blend")],
            "frame": 3,
        },
        "tables": {"t": t.tolist(), "read": read.tolist()},
    }


def verdict(read: np.ndarray, first: int, second: int, t: np.ndarray, k: int) -> b.Widget:
    """Return the chart of the classifier's probabilities along the blend."""
    known = [(first, "made"), (second, "hidden")][: 1 + (first != second)]
    curves = [b.series(f"p({c})", read[:, c], role, x=t) for c, role in known]
    rest = 1 - sum(read[:, c] for c, _ in known)
    curves.append(b.series(b.word("digits.others"), rest, "ink", x=t))
    return b.chart(
        b.word("digits.verdicts", n=str(CROWD)),
        curves,
        x="t",
        cursor=t[k],
        low=0,
        high=1,
        width=390,
        height=280,
    )


def number_text(value: float) -> str:
    """Format a number for display."""
    return f"{value:.4f}".replace("-", "−")


def blend_source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    from core.models.gan import networks

    del inputs
    return networks.Generator, networks.GAN.decode_with
