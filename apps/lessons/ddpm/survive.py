"""View "survive": a picture noised to each t and denoised again, and how much of it is left."""

from __future__ import annotations

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Turn

LEVELS = tuple(range(100, 1000, 100))
EACH = 4  # images a level
ASKED = 700  # t of the exercise
STEPS = 20  # of the whole way; from t as many as fall to it


def survive(inputs: Inputs) -> Board:
    """Show the picture noised to each level t, its reconstruction, and their distance."""
    image = inputs.picture
    ways = [back(image, t, inputs.seed) for t in LEVELS]
    more = c.go_on(ways, inputs.points, EACH)
    ends = [one.end for one in ways if one.end is not None]
    away = [float(np.sqrt(((end - image) ** 2).mean())) for end in ends]
    read = readings(image, ends, inputs.letter != "none")
    frames = []
    for k in range(max(1, len(ends))):
        above = b.row(
            b.part("pad"),
            b.text("→"),
            m.image(b.word("noised_to", t=str(LEVELS[k])), ways[k].shown[0]["x"][0], 160),
            b.text("→"),
            b.grey(b.word("denoised"), square(ends[k] if ends else None), size=196),
            distance_chart(away[: k + 1], read[: k + 1], LEVELS[k], inputs.letter != "none"),
            gap="mid",
        )
        film = b.row(*(tile(ends, j, k) for j in range(len(LEVELS))))
        below = b.column(b.text(b.word("film_of_t"), size="small"), film, gap="tight")
        facts = [b.fact(b.word("away"), round(away[k], 3))] if ends else []
        frames.append(b.frame(b.column(above, below), f"t = {LEVELS[k]}", facts))
    return {
        "frames": frames,
        "parts": {"pad": pictures.pad(image, b.word("your_picture"), 6)},
        "facts": [],
        "checks": [c.step_check(ways[0])],
        "more": more,
        "pins": {"drawn": {"letter": "none"}},
        "without": ["digit"] if inputs.letter != "none" else [],
        "turn": turn(),
        "tables": {
            "by_t": [["t", "rms", "read"], *map(list, zip(LEVELS, away, read))],
            "images": {f"t = {t}": end for t, end in zip(LEVELS, ends)},
        },
    }


def back(image: np.ndarray, t: int, seed: int) -> c.Way:
    """Return the way back of a picture noised to t, η = 1, without label."""
    start = np.ascontiguousarray(image, np.float32)
    images = pictures.batch(start).repeat(EACH, 1, 1, 1)
    steps = calls(t)
    key = ("back", start.tobytes(), t)
    return c.way(key, "redraw", images, t, steps=steps, eta=1.0, seed=seed, film=False)


def square(images: np.ndarray | None) -> np.ndarray:
    """Return EACH pictures in a square."""
    found = np.zeros((EACH, m.SIDE, m.SIDE)) if images is None else images
    return np.concatenate([pictures.strip(found[:2]), np.zeros((1, 57)), pictures.strip(found[2:])])


def tile(ends: list[np.ndarray], j: int, k: int) -> b.Widget:
    """Return the first image of level j, blank where this frame does not show it yet."""
    there = j <= k and j < len(ends)
    image = ends[j][0] if there else np.zeros((m.SIDE, m.SIDE))
    return b.grey(str(LEVELS[j]), image, size=66, role="made" if j == k else "ink")


def readings(image: np.ndarray, ends: list[np.ndarray], letter: bool) -> list[float]:
    """Return how each level's images are read.

    A letter is no digit: then it is the largest probability of any digit, the mean of the level's
    images. Else it is the share of the images that are read as the picture is.
    """
    read = m.reading(np.concatenate([image[None], *ends]) if ends else image[None])
    if read is None:
        return [float("nan")] * len(ends)
    if letter:
        return read[1:].max(1).reshape(-1, EACH).mean(1).tolist()
    classes = read.argmax(1)
    return (classes[1:].reshape(-1, EACH) == classes[0]).mean(1).tolist()


def turn() -> Turn:
    """Return the exercise: how much of picture and noise is in x_t, and how long the way back."""
    a = round(m.alpha_bar(ASKED), 3)
    texts = {"t": str(ASKED), "n": str(STEPS), **m.decimals_text({"a": a})}
    return {
        "ask": b.word("turn_survive", **texts),
        "blanks": [
            b.blank("√ᾱₜ", [np.sqrt(a)], "real", ""),
            b.blank("√(1 − ᾱₜ)", [np.sqrt(1 - a)], "hidden", ""),
            b.blank(b.word("net_calls"), [calls(ASKED)], "ink", ""),
        ],
    }


def calls(t: int) -> int:
    """Return how often the net is asked on the way back from t."""
    return max(1, round(STEPS * t / 1000))


def distance_chart(away: list[float], read: list[float], t: int, letter: bool) -> b.Widget:
    """Return how far the images are from the picture, over t, and how they are read."""
    at = LEVELS[: len(away)]
    return b.chart(
        b.word("survive_chart"),
        [
            b.series(b.word("away"), away, "grad", x=at),
            b.series(b.word("surest" if letter else "same_class"), read, "ok", x=at, dash=True),
        ],
        x="t",
        cursor=t,
        low=0.0,
        high=1.0,
        x_range=(0, 1000),
        width=260,
        height=200,
    )
