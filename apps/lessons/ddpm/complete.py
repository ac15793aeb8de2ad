"""View "complete": half of a picture hidden, and completed in several ways."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Law, Tables, Turn

COUNT = 6  # completions
KNOWN, DRAWN = 0.6, -0.5  # x_0 and ξ of the exercise
HIDE = 0.2  # shade over what is hidden


def complete(inputs: Inputs) -> Board:
    """Show the visible part, the chains of several completions step by step, and their guesses."""
    image, mask = inputs.picture, visible(inputs.hidden)
    way = completions(image, mask, inputs)
    more = c.go_on([way], inputs.points, COUNT * inputs.repeats)
    frames = []
    for one in way.moments():
        now = b.grey(b.word("x_t_now"), grid(one["x"]), size=236)
        guess = b.grey(b.word("guesses_now"), grid(one["x0_hat"]), size=236, role="real")
        left = b.column(b.part("pad"), b.part("given"), gap="tight")
        view = b.row(left, b.text("→"), now, guess, gap="mid")
        facts = [b.fact("ᾱₜ", round(m.alpha_bar(one["t"]), 4))]
        frames.append(b.frame(view, f"t = {one['t']}", facts))
    end = way.end
    given = b.grey(b.word("given_part"), np.where(mask > 0, image, HIDE), size=150, role="real")
    return {
        "frames": frames,
        "parts": {"pad": pictures.pad(image, b.word("your_digit"), 5), "given": given},
        "facts": [] if end is None else differences(mask, end),
        "checks": [*unchanged_law(image, mask, end), c.said_check(way, inputs.asked_class, 1.0)],
        "more": more,
        "turn": turn(inputs.fill_steps),
        "tables": tables(image, mask, end),
    }


def visible(hidden: str) -> np.ndarray:
    """Return the mask (28, 28): 1 where the picture is given."""
    mask, half = np.ones((m.SIDE, m.SIDE), np.float32), m.SIDE // 2
    rows = {"top": slice(0, half), "bottom": slice(half, m.SIDE)}
    columns = {"left": slice(0, half), "right": slice(half, m.SIDE)}
    mask[rows.get(hidden, slice(None)), columns.get(hidden, slice(None))] = 0
    return mask


def completions(image: np.ndarray, mask: np.ndarray, inputs: Inputs) -> c.Way:
    """Return the chain to COUNT pictures whose visible part is given."""
    import torch

    start, label, repeats = (
        np.ascontiguousarray(image, np.float32),
        inputs.asked_class,
        inputs.repeats,
    )
    given = (pictures.batch(start), torch.as_tensor(mask), COUNT)
    return c.way(
        ("completions", start.tobytes(), mask.tobytes(), label, repeats),
        "complete",
        *given,
        repeats=repeats,
        labels=None if label is None else torch.full((COUNT,), label),
        steps=inputs.fill_steps,
        eta=1.0,
        seed=inputs.seed,
    )


def grid(x: np.ndarray) -> np.ndarray:
    """Return COUNT pictures in the process's units, two a row."""
    pairs = m.shades(x).reshape(-1, 2, m.SIDE, m.SIDE)
    return np.concatenate([np.pad(pictures.strip(two), ((0, 1), (0, 0))) for two in pairs])[:-1]


def differences(mask: np.ndarray, end: np.ndarray) -> list[Fact]:
    """Return the classes that completions are read as, and how different they are where hidden."""
    read = m.reading(end)
    facts = [b.fact(b.word("spread_hidden"), m.spread(end[:, mask == 0]))]
    if read is None:
        return facts
    each = ", ".join(f"{row.argmax()} ({row.max():.2f})" for row in read)
    return [b.fact(b.word("read_as"), each), *facts]


def turn(steps: int) -> Turn:
    """Return the exercise: what a known pixel becomes where it is put back, half way."""
    from core.models.ddpm.schedule import respace

    t = respace(m.model().schedule.steps, steps)[steps // 2]
    a = round(m.alpha_bar(t), 3)
    texts = m.decimals_text({"a": a, "x": KNOWN, "e": DRAWN})
    return {
        "ask": b.word("turn_known", s=str(t), **texts),
        "blanks": [b.blank("xₛ", [np.sqrt(a) * KNOWN + np.sqrt(1 - a) * DRAWN], "made", "")],
    }


def tables(image: np.ndarray, mask: np.ndarray, end: np.ndarray | None) -> Tables:
    """Return what was given, the completions, and how surely each is read."""
    found: dict[str, Any] = {"given": image * mask, "images": [] if end is None else end}
    read = None if end is None else m.reading(end)
    return found if read is None else {**found, "read": read}


def unchanged_law(image: np.ndarray, mask: np.ndarray, end: np.ndarray | None) -> list[Law]:
    """Return the law that the given pixels are in every completion."""
    if end is None:
        return []
    there = np.abs(end - image)[:, mask > 0] < 1e-6
    return [b.law(b.word("law_given"), int(there.sum()), there.size)]
