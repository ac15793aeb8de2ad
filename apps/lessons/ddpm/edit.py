"""A picture as a beginning: noised to t and denoised again, and half of it hidden and completed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.vae import models as pictures
from apps.stage import board as b
from core.inputs import choice, integer

LEVELS = tuple(range(100, 1000, 100))
EACH = 4  # images a level
STEPS = 20  # of the whole way; from t as many as fall to it
HIDDEN = ("bottom", "top", "left", "right")
FILLED = 6  # completions
MOST_REPEATS = 5
HIDE = 0.2  # shade over what is hidden


# ---- how much survives


def survive(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a level t: the picture noised to it, what comes back, how far that is."""
    inputs, merged = pictures.cleared(inputs)
    image, seed = pictures.picture(inputs), m.seed(inputs)
    chains = [back(image, t, seed) for t in LEVELS]
    more = c.run(chains, inputs, EACH)
    ends = [one.end for one in chains if one.end is not None]
    away = [float(np.sqrt(((end - image) ** 2).mean())) for end in ends]
    same = alike(image, ends)
    frames = []
    for k in range(max(1, len(ends))):
        above = b.row(
            b.part("pad"),
            b.text("→"),
            noisy(chains[k], LEVELS[k]),
            b.text("→"),
            b.grey(b.word("denoised"), square(ends[k] if ends else None), size=196),
            measured(away[: k + 1], same[: k + 1], LEVELS[k]),
            gap="mid",
        )
        film = b.row(*(tile(ends, j, k) for j in range(len(LEVELS))))
        told = [b.fact(b.word("away"), round(away[k], 3))] if ends else []
        view = b.column(
            above, b.column(b.text(b.word("film_of_t"), size="small"), film, gap="tight")
        )
        frames.append(b.frame(view, f"t = {LEVELS[k]}", told))
    return {
        "frames": frames,
        "parts": {"pad": pictures.pad(image, b.word("your_digit"), 6)},
        "facts": [],
        "checks": [c.step_check(chains[0])],
        "more": more,
        "pins": {"drawn": {"letter": "none"}},
        "without": ["digit"] if inputs.get("letter", "none") != "none" else [],
        "tables": {
            "by_t": [["t", "rms"], *map(list, zip(LEVELS, away))],
            "images": {f"t = {t}": end for t, end in zip(LEVELS, ends)},
        },
        **merged,
    }


def back(image: np.ndarray, t: int, seed: int) -> c.Chain:
    """Return the way back of a picture noised to t, η = 1, without label."""
    import torch

    steps = max(1, round(STEPS * t / 1000))
    start = np.ascontiguousarray(image, np.float32)

    def make() -> Iterator[dict[str, Any]]:
        images = torch.as_tensor(start).view(1, 1, m.SIDE, m.SIDE).repeat(EACH, 1, 1, 1)
        options = {"steps": steps, "eta": 1.0}
        return c.moments("redraw", images, t, seed=seed, length=steps + 1, film=False, **options)

    return c.chain(("back", start.tobytes(), t, seed), make, steps + 1, 1.0, seed, film=False)


def noisy(chain: c.Chain, t: int) -> b.Widget:
    """Return x_t of the first way."""
    return m.shown(b.word("noised_to", t=str(t)), chain.shown[0]["x"][0], 160)


def square(images: np.ndarray | None) -> np.ndarray:
    """Return EACH pictures in a square."""
    found = np.zeros((EACH, m.SIDE, m.SIDE)) if images is None else images
    return np.concatenate([m.strip(found[:2]), np.zeros((1, 57)), m.strip(found[2:])])


def tile(ends: list[np.ndarray], j: int, k: int) -> b.Widget:
    """Return the first image of level j, blank where this frame does not show it yet."""
    there = j <= k and j < len(ends)
    image = ends[j][0] if there else np.zeros((m.SIDE, m.SIDE))
    return b.grey(str(LEVELS[j]), image, size=66, role="made" if j == k else "ink")


def alike(image: np.ndarray, ends: list[np.ndarray]) -> list[float]:
    """Return the share of each level's images that are read as the picture is."""
    read = m.reading(np.concatenate([image[None], *ends]) if ends else image[None])
    if read is None:
        return [float("nan")] * len(ends)
    said = read.argmax(1)
    return (said[1:].reshape(-1, EACH) == said[0]).mean(1).tolist()


def measured(away: list[float], same: list[float], t: int) -> b.Widget:
    """Return how far the images are from the picture, over t, and how many are read alike."""
    at = LEVELS[: len(away)]
    return b.chart(
        b.word("survive_chart"),
        [
            b.series(b.word("away"), away, "grad", x=at),
            b.series(b.word("same_class"), same, "ok", x=at, dash=True),
        ],
        x="t",
        cursor=t,
        low=0.0,
        high=1.0,
        x_range=(0, 1000),
        width=260,
        height=200,
    )


# ---- completion


def complete(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a step: what is given, the way of several completions, their guesses."""
    inputs, merged = pictures.cleared(inputs)
    image, seed = pictures.picture(inputs), m.seed(inputs)
    hidden = choice("hidden", inputs.get("hidden", "bottom"), HIDDEN)
    repeats = integer("repeats", inputs.get("repeats", 1), 1, MOST_REPEATS)
    steps = integer("fill_steps", inputs.get("fill_steps", 25), 5, 100)
    label = m.label(inputs)
    mask = visible(hidden)
    chain = filled(image, mask, seed, label, repeats, steps)
    more = c.run([chain], inputs, FILLED * repeats)
    moments = chain.moments_so_far()
    frames = []
    for one in moments:
        now = b.grey(b.word("x_t_now"), grid(one["x"]), size=236)
        guess = b.grey(b.word("guesses_now"), grid(one["x0_hat"]), size=236, role="real")
        left = b.column(b.part("pad"), b.part("given"), gap="tight")
        view = b.row(left, b.text("→"), now, guess, gap="mid")
        frames.append(b.frame(view, f"t = {one['t']}", [b.fact("ᾱₜ", round(m.kept(one["t"]), 4))]))
    end = chain.end
    given = b.grey(b.word("given"), np.where(mask > 0, image, HIDE), size=150, role="real")
    return {
        "frames": frames,
        "parts": {"pad": pictures.pad(image, b.word("your_digit"), 5), "given": given},
        "facts": [] if end is None else facts(image, mask, end),
        "checks": [*kept_law(image, mask, end), c.fit_check(chain)],
        "more": more,
        "tables": {"given": image * mask, "images": [] if end is None else end},
        **merged,
    }


def visible(hidden: str) -> np.ndarray:
    """Return the mask (28, 28): 1 where the picture is given."""
    mask, half = np.ones((m.SIDE, m.SIDE), np.float32), m.SIDE // 2
    rows = {"top": slice(0, half), "bottom": slice(half, m.SIDE)}
    columns = {"left": slice(0, half), "right": slice(half, m.SIDE)}
    mask[rows.get(hidden, slice(None)), columns.get(hidden, slice(None))] = 0
    return mask


def filled(
    image: np.ndarray, mask: np.ndarray, seed: int, label: int | None, repeats: int, steps: int
) -> c.Chain:
    """Return the way to FILLED pictures of which what the mask shows is given."""
    import torch

    start = np.ascontiguousarray(image, np.float32)

    def make() -> Iterator[dict[str, Any]]:
        labels = None if label is None else torch.full((FILLED,), label)
        return c.moments(
            "complete",
            torch.as_tensor(start).view(1, 1, m.SIDE, m.SIDE),
            torch.as_tensor(mask),
            FILLED,
            seed=seed,
            length=steps + 1,
            repeats=repeats,
            steps=steps,
            labels=labels,
        )

    key = ("filled", start.tobytes(), mask.tobytes(), seed, label, repeats, steps)
    return c.chain(key, make, steps + 1, 1.0, seed)


def grid(x: np.ndarray) -> np.ndarray:
    """Return FILLED pictures in the process's units, two a row."""
    rows = [np.pad(m.strip(two), ((0, 1), (0, 0))) for two in m.shades(x).reshape(-1, 2, 28, 28)]
    return np.concatenate(rows)[:-1]


def facts(image: np.ndarray, mask: np.ndarray, end: np.ndarray) -> list[dict[str, Any]]:
    """Return what the completions are read as, and how different they are where it was hidden."""
    read = m.reading(end)
    inside = end[:, mask == 0]
    told = [b.fact(b.word("spread_hidden"), float(np.sqrt(2 * inside.var(0, ddof=1).mean())))]
    if read is not None:
        said = " ".join(str(k) for k in read.argmax(1))
        told.insert(0, b.fact(b.word("read_as"), said))
    return told


def kept_law(image: np.ndarray, mask: np.ndarray, end: np.ndarray | None) -> list[dict[str, Any]]:
    """Return the law that what was given is in every completion."""
    if end is None:
        return []
    there = np.abs(end - image)[:, mask > 0] < 1e-6
    return [b.law(b.word("law_given"), int(there.sum()), there.size)]
