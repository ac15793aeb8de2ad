"""A conditional GAN: every class of a code, ways between two classes, what it is good for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.gan import nets as m
from apps.stage import board as b
from core.inputs import integer
from core.models.gan.check_digits import image_delta

ACROSS = 10  # codes in a row of the grid
EACH = 100  # samples of a class that the classifier judges
ROWS = 5  # codes shown on the way between two classes
CROWD = 64  # codes that the verdicts on the way are means over
STEPS = 10
EXACT = 1e-4  # float32 against float64
WAYS = {"real": "real", "warped": "hidden", "generated": "made"}  # way -> role


def classes(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return ten codes under each of the ten labels, and how often the label can be read off."""
    z = m.codes(m.CGAN, ACROSS, m.seed_of(inputs))
    codes, asked = np.tile(z, (10, 1)), np.repeat(np.arange(10), ACROSS)  # row by row
    images = m.decode(m.CGAN, codes, asked)
    wrong = np.flatnonzero(m.verdicts(images).argmax(1) != asked)
    sheet = m.sheet(images, ACROSS)
    for i in wrong.tolist():
        sheet = framed(sheet, *divmod(i, ACROSS))
    kept = obeyed()
    bars = b.bars(
        b.word("digits.kept", n=str(EACH)),
        [{"label": str(c), "v": 100 * share, "role": "made"} for c, share in enumerate(kept)],
        low=0,
        high=100,
        digits=0,
    )
    left = b.grey(b.word("digits.class_grid"), sheet, size=420)
    found = checked(codes[::11], asked[::11], images[::11])  # the diagonal: each class, each code
    return {
        "frames": [b.frame(b.row(left, bars, gap="wide"))],
        "facts": [
            b.fact(b.word("digits.read_as_asked"), f"{len(asked) - len(wrong)} / {len(asked)}"),
            b.fact(b.word("digits.kept_all"), f"{100 * kept.mean():.1f} %"),
        ],
        "checks": [found],
        "turn": {
            "ask": b.word("digits.turn_column"),
            "choices": [b.word(f"digits.column_{k}") for k in ("style", "class", "nothing")],
            "answer": 0,
        },
        "tables": {"kept": [["class", "share"], *([c, v] for c, v in enumerate(kept.tolist()))]},
    }


def framed(sheet: np.ndarray, i: int, j: int) -> np.ndarray:
    """Return a picture of digits with the one in row i, column j framed."""
    tile = sheet[i * m.SIDE : (i + 1) * m.SIDE, j * m.SIDE : (j + 1) * m.SIDE]
    for edge in (tile[:2], tile[-2:], tile[:, :2], tile[:, -2:]):
        edge[...] = 1.0
    return sheet


@lru_cache(maxsize=1)
def obeyed() -> np.ndarray:
    """Return for each class the share of EACH samples that the classifier gives it, (10,)."""
    asked = np.repeat(np.arange(10), EACH)
    images = m.decode(m.CGAN, m.codes(m.CGAN, len(asked), 1), asked)
    return (m.verdicts(images).argmax(1) == asked).reshape(10, EACH).mean(1)


def checked(z: np.ndarray, asked: np.ndarray, images: np.ndarray) -> dict[str, Any]:
    """Return the check of images of codes (B, latent) and labels (B,)."""
    embedded = embeddings()[asked]
    found = image_delta(m.model(m.CGAN), z, images, embedded)
    return b.check(found["delta"], found["against"], EXACT)


def embeddings() -> np.ndarray:
    """Return e_y of the ten classes, (10, 32) in float64."""
    return m.model(m.CGAN).generator.embed.weight.numpy().astype(float)  # type: ignore[union-attr]


# ---- from one class to another


def blend(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the same codes while the label's vector goes from one class's to another's."""
    first, second = (integer(f, inputs.get(f, 0), 0, 9) for f in ("class_a", "class_b"))
    seed, t = m.seed_of(inputs), np.linspace(0, 1, STEPS + 1)
    z = m.codes(m.CGAN, CROWD, seed)
    ends = embeddings()[[first, second]]
    mixed = np.outer(1 - t, ends[0]) + np.outer(t, ends[1])  # (STEPS + 1, 32)
    images = np.stack([drawn(z, e) for e in mixed])  # (STEPS + 1, CROWD, 28, 28)
    read = m.verdicts(images.reshape(-1, m.SIDE, m.SIDE)).reshape(STEPS + 1, CROWD, 10).mean(1)
    whole = m.sheet(images[:, :ROWS].swapaxes(0, 1), STEPS + 1)
    frames = []
    for k in range(STEPS + 1):
        now = b.grey(
            b.word("digits.now", t=f"{t[k]:.1f}"), m.sheet(images[k, :ROWS], ROWS), size=440
        )
        left = b.column(now, b.part("way"), gap="tight")
        view = b.row(left, verdict(read, first, second, t, k), gap="mid")
        frames.append(b.frame(view, f"t = {t[k]:.1f}"))
    middle = STEPS // 2
    found = image_delta(m.model(m.CGAN), z, images[middle], np.tile(mixed[middle], (CROWD, 1)))
    size = ends[:, 0]
    return {
        "frames": frames,
        "parts": {"way": b.grey(b.word("digits.way_of_classes"), whole, size=440)},
        "facts": [],
        "checks": [b.check(found["delta"], found["against"], EXACT)],
        "turn": {
            "ask": b.word("digits.turn_blend", a=told(size[0]), b=told(size[1])),
            "blanks": [b.blank("e₁(0.3)", [0.7 * size[0] + 0.3 * size[1]], "hidden", "blend")],
            "frame": 3,
        },
        "tables": {"t": t.tolist(), "read": read.tolist()},
    }


def drawn(z: np.ndarray, embedded: np.ndarray) -> np.ndarray:
    """Return the images (B, 28, 28) in [0, 1] of codes (B, latent) under one vector e (32,)."""
    import torch

    given = np.concatenate([z, np.tile(embedded, (len(z), 1))], 1)
    with torch.no_grad():
        x = m.model(m.CGAN).generator.layers(torch.as_tensor(given, dtype=torch.float32))
    return (x[:, 0].numpy() + 1) / 2


def verdict(read: np.ndarray, first: int, second: int, t: np.ndarray, k: int) -> b.Widget:
    """Return the chart of what the classifier reads on the way."""
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


def told(value: float) -> str:
    """Return a number as it is told."""
    return f"{value:.4f}".replace("-", "−")


# ---- what generated digits do for a classifier


def augment(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the classifier's accuracy with few real labels, with and without generated digits."""
    from core.measure import augmentation
    from core.weights.card import cards

    del inputs
    if not augmentation.FILE.exists():
        from core.weights import WeightError

        raise WeightError("weights_missing", file=augmentation.FILE.name)
    found = augmentation.read_curves()
    sizes = found["per_class"]
    curves, rows = [], [["per class", *WAYS]]
    for way, role in WAYS.items():
        both = [augmentation.mean_and_spread(row) for row in found["curves"][way]]
        mean, spread = (100 * np.array(values) for values in zip(*both))
        curves.append(
            b.series(
                b.word(f"digits.with_{way}"),
                mean,
                role,
                x=sizes,
                band=(mean - spread, mean + spread),
            )
        )
    rows += [[k, *(np.mean(found["curves"][w][i]) for w in WAYS)] for i, k in enumerate(sizes)]
    alone = 100 * augmentation.mean_and_spread(found["alone"])[0]
    chart = b.chart(
        b.word("digits.accuracy", n=f"{found['images']:,}"),
        curves,
        x=b.word("digits.per_class"),
        y="%",
        xlog=True,
        rules=[{"y": alone, "label": b.word("digits.alone")}],
        width=640,
        height=310,
    )
    gain = 100 * np.array([np.mean(found["curves"][w][0]) for w in ("generated", "real")])
    delta = max(
        abs(augmentation.mean_and_spread(row)[0] - np.mean(row)) for row in found["curves"]["real"]
    )
    card = cards().get(m.CGAN)
    right = card is not None and card.sha256 == found["sha256"]
    same = b.law(b.word("digits.same_weights"), int(right), 1)
    caveat = b.text(b.word("digits.caveat"), "grad", "note")
    return {
        "frames": [b.frame(b.column(chart, caveat, gap="mid"))],
        "facts": [
            b.fact(b.word("digits.gain", n=str(sizes[0])), f"{gain[1]:.1f} → {gain[0]:.1f} %")
        ],
        "checks": [b.check(float(delta), "numpy.mean", 1e-12), same],
        "tables": {"accuracy": rows},
    }
