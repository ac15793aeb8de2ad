"""Classifier-free guidance: one noise under rising weights of the label, and a guess by parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.stage import board as b
from core.inputs import choice

COUNT = 8  # images a row
WEIGHTS = (0.0, 1.0, 2.0, 4.0, 8.0)
STEPS = 15
DIGITS = tuple(map(str, range(10)))
MIDDLE = STEPS // 2  # the moment of the conditional chain at which a guess is taken apart


def guide(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a weight w: the rows of images, how they obey, how alike they are."""
    label, seed = int(choice("class", inputs.get("class", "7"), DIGITS)), m.seed(inputs)
    labels = [label] * COUNT
    chains = [c.free(COUNT, seed, labels, w, STEPS, 0.0, film=False) for w in WEIGHTS]
    more = c.run(chains, inputs, 2 * COUNT)
    ends = [one.end for one in chains if one.end is not None]
    scores = [obeyed(end, label) for end in ends]
    spreads = [spread(end) for end in ends]
    told = parts(seed, label)
    frames = []
    for k in range(max(1, len(ends))):
        rows = [line(ends, j, k) for j in range(len(WEIGHTS))]
        right = charts(scores[: k + 1], spreads[: k + 1], k)
        above = b.row(b.column(*rows, gap="tight"), right, gap="mid")
        facts = []
        if ends:
            facts = [b.fact(b.word("spread"), spreads[k])]
            facts += [b.fact(b.word("mean_p"), scores[k])] if np.isfinite(scores[k]) else []
        view = b.column(above, apart(told, WEIGHTS[k]), gap="swap")
        frames.append(b.frame(view, f"w = {WEIGHTS[k]:g}", facts))
    return {
        "frames": frames,
        "facts": [],
        "checks": [c.net_check(told["x"], told["t"], label, 2.0)],
        "more": more,
        "turn": turn(told),
        "tables": {
            "by_weight": [["w", "p", "spread"], *map(list, zip(WEIGHTS, scores, spreads))]
            if np.isfinite(scores).all()
            else [["w", "spread"], *map(list, zip(WEIGHTS, spreads))],
            "images": {f"w = {w:g}": end for w, end in zip(WEIGHTS, ends)},
        },
    }


def line(ends: list[np.ndarray], j: int, k: int) -> b.Widget:
    """Return the images of weight j, blank until they are there and this frame shows them."""
    empty = np.zeros((COUNT, m.SIDE, m.SIDE))
    there = j <= k and j < len(ends)
    sheet = m.strip(ends[j] if there else empty)
    now = "made" if j == k else "ink"
    return b.row(b.text(f"w = {WEIGHTS[j]:g}", now, "small"), b.grey("", sheet, size=430, role=now))


def obeyed(images: np.ndarray, label: int) -> float:
    """Return the classifier's mean probability of the label; not a number without classifier."""
    read = m.reading(images)
    return float("nan") if read is None else float(read[:, label].mean())


def spread(images: np.ndarray) -> float:
    """Return how different images (n, 28, 28) are: the root mean square of all their pairs."""
    flat = images.reshape(len(images), -1)
    return float(np.sqrt(2 * flat.var(0, ddof=1).mean()))


def charts(scores: list[float], spreads: list[float], k: int) -> b.Widget:
    """Return both measures over w."""
    made = (
        ("mean_p", scores, "ok", 1.0),
        ("spread", spreads, "hidden", None),
    )
    return b.column(
        *(
            b.chart(
                b.word(name),
                [b.series("", values, role, x=WEIGHTS[: len(values)])],
                x="w",
                cursor=WEIGHTS[k],
                low=0.0,
                high=top,
                x_range=(0, WEIGHTS[-1]),
                width=290,
                height=130,
            )
            for name, values, role, top in made
        ),
        gap="tight",
    )


# ---- one guess taken apart


def parts(seed: int, label: int) -> dict[str, Any]:
    """Return what the net says of one x_t with and without the label: x̂_0 and ε̂ of both."""
    import torch

    chain = c.free(1, seed, [label], 1.0, STEPS, 0.0)
    chain.upto(MIDDLE + 1)
    one = chain.shown[MIDDLE]
    x, kept = torch.as_tensor(one["x"])[:, None], m.kept(one["t"])
    labels = torch.tensor([label])
    found: dict[str, Any] = {"x": x, "kept": kept, "t": one["t"], "y": label}
    for name, w in (("none", 0.0), ("label", 1.0)):
        eps, guess = m.model().predict(x, kept, labels, w)
        found[name] = {"eps": eps[0, 0].numpy(), "x0": guess[0, 0].numpy()}
    gap = np.abs(found["label"]["eps"] - found["none"]["eps"])
    found["at"] = np.unravel_index(int(gap.argmax()), gap.shape)  # where the label says most
    return found


def guided(told: dict[str, Any], w: float) -> dict[str, np.ndarray]:
    """Return ε̂ and x̂_0 under a weight, by the formula."""
    import torch

    from core.models.ddpm.samplers import guided as formula

    made = {}
    for key in ("eps", "x0"):
        label, none = (torch.as_tensor(told[name][key]) for name in ("label", "none"))
        made[key] = formula(label, none, w).numpy()
    return made


def apart(told: dict[str, Any], w: float) -> b.Widget:
    """Return x̂_0 without label, with it, and under w; beside them ε̂ of one pixel by hand."""
    i, j = told["at"]
    made = guided(told, w)
    none, label, both = (float(v["eps"][i, j]) for v in (told["none"], told["label"], made))
    asked = told["y"]
    return b.row(
        m.shown("x̂₀ (∅)", told["none"]["x0"], 84, "real"),
        m.shown(f"x̂₀ ({asked})", told["label"]["x0"], 84, "real"),
        m.shown(f"x̂₀ (w = {w:g})", made["x0"], 84, "made"),
        b.column(
            b.text(b.word("pixel_guided", i=str(i), j=str(j), t=str(told["t"])), size="small"),
            b.text("ε̂(∅) + w (ε̂(y) − ε̂(∅))"),
            b.lines(
                "",
                [
                    [
                        *b.signed(none, "hidden"),
                        f" + {w:g} · (",
                        *b.signed(label, "hidden"),
                        " − ",
                        *b.signed(none, "hidden"),
                        ") = ",
                        b.num(both, "made"),
                    ]
                ],
            ),
            gap="tight",
        ),
        gap="mid",
    )


def turn(told: dict[str, Any]) -> dict[str, Any]:
    """Return what a visitor computes: ε̂ under w = 2."""
    i, j = told["at"]
    none, label = (round(float(told[k]["eps"][i, j]), 3) for k in ("none", "label"))
    said = {k: f"{v:.3f}".replace("-", "−") for k, v in (("n", none), ("y", label))}
    blank = b.blank("ε̂", [none + 2 * (label - none)], "made", "guided")
    return {"ask": b.word("turn_guided", **said), "blanks": [blank]}
