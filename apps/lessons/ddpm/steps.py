"""View "steps": one noise in few and in many steps, DDIM beside η's way, quality, and the wait."""

from __future__ import annotations

import statistics

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Tables, Turn

COUNT = 3  # images a way
NORMAL = 1.96  # standard errors on either side of a 95 % interval
STEPS = (5, 10, 20, 50, 100, 250, 1000)
Ways = dict[tuple[int, float], c.Way]  # (steps, η) -> way


def steps(inputs: Inputs) -> Board:
    """Show the images of both ways for each number of steps, their quality and the wait."""
    label, w, eta = inputs.asked_class, inputs.guidance, inputs.eta
    labels = None if label is None else [label] * COUNT
    counts, both = [s for s in STEPS if s <= int(inputs.most)], tuple(dict.fromkeys((0.0, eta)))
    jobs = [(s, e) for s in counts for e in both]
    ways = {job: c.free(COUNT, inputs.seed, labels, w, *job, film=False) for job in jobs}
    more = c.go_on(list(ways.values()), inputs.points, COUNT * c.per_image(labels, w))
    ready = [s for s in counts if all(ways[s, e].end is not None for e in both)]
    each = seconds_per_step(ways)
    frames = []
    for s in ready or [0]:
        blocks = b.row(*(block(ways, counts, e, s) for e in (0.0, eta)), gap="wide")
        below = b.row(quality(s, w), waits(counts, each, s), gap="mid")
        name = b.word("in_steps", n=f"{s:,}") if s else b.word("computing")
        facts = changes(ways, ready, s, both) if s else []
        frames.append(b.frame(b.column(blocks, below, gap="swap"), name, facts))
    return {
        "frames": frames,
        "facts": [],
        "checks": [c.step_check(ways[counts[0], e]) for e in both],
        "more": more,
        "turn": turn(ways[counts[0], 0.0]),
        "tables": tables(ways, ready, both, each),
        "without": ["guidance"] if label is None else [],
    }


def block(ways: Ways, counts: list[int], eta: float, now: int) -> b.Widget:
    """Return one way's images, a column a number of steps, up to the one of this frame."""
    tile = 62 if len(counts) < 6 else 50
    columns = []
    for s in counts:
        end = ways[s, eta].end if s <= now else None
        images = np.zeros((COUNT, m.SIDE, m.SIDE)) if end is None else end
        sheet = pictures.strip(images.swapaxes(1, 2)).T  # one below the other
        columns.append(b.grey(f"{s:,}", sheet, size=tile, role="made" if s == now else "ink"))
    name = "way_ddim" if eta == 0 else "way_ddpm" if eta == 1 else "way_between"
    head = b.text(b.word(name, e=f"{eta:g}"), "made", "small")
    return b.column(head, b.row(*columns), gap="tight")


def quality(now: int, guidance: float) -> b.Widget:
    """Return the measured Fréchet distance over the number of steps, with the floor of real digits.

    The measured w that lies nearest to the one asked for is shown, and named.
    """
    from core.measure.steps import points_of

    found = m.step_curves()
    if found is None:
        return b.text(b.word("no_steps"), size="note")
    w = min({one["guidance"] for one in found["points"]}, key=lambda one: abs(one - guidance))
    lines = []
    for e, role in ((0.0, "hidden"), (1.0, "made")):
        points = points_of(found, e, w)
        y, error = (np.array([one[key] for one in points]) for key in ("frechet", "error"))
        band = (y - NORMAL * error, y + NORMAL * error)
        name, x = b.word("eta_is", e=f"{e:g}"), [one["steps"] for one in points]
        lines.append(b.series(name, y, role, x=x, band=band, dash=e > 0))
    floor = found["floor"]["frechet"]
    return b.chart(
        b.word("quality_chart", n=f"{found['samples']:,}", w=f"{w:g}"),
        lines,
        x=b.word("steps_log"),
        y=b.word("distance"),
        cursor=max(now, STEPS[0]),
        xlog=True,
        low=0.0,
        rules=[{"y": floor, "label": b.word("floor", v=f"{floor:.3f}")}],
        x_range=(min(one["steps"] for one in found["points"]), max(50, now)),
        width=400,
        height=190,
    )


def waits(counts: list[int], each: float, now: int) -> b.Widget:
    """Return how long a visitor waits for the images, measured on this machine."""
    items = [
        {"label": f"{s:,}", "v": each * s, "role": "grad" if s == now else "ink"} for s in counts
    ]
    return b.bars(
        b.word("wait_chart", n=str(COUNT)), items, low=0.0, high=each * counts[-1], digits=1
    )


def seconds_per_step(ways: Ways) -> float:
    """Return how long a step of these ways took on this machine, the median of those so far."""
    return statistics.median(some for one in ways.values() for some in one.took)


def changes(ways: Ways, ready: list[int], s: int, both: tuple[float, ...]) -> list[Fact]:
    """Return how far the images are from those of the fewer steps before, on each way."""
    before = [n for n in ready if n < s]
    return [
        b.fact(b.word("apart_of", e=f"{e:g}", n=f"{before[-1]:,}"), gap(ways, s, before[-1], e))
        for e in both
        if before
    ]


def gap(ways: Ways, s: int, other_s: int, eta: float) -> float:
    """Return the root mean square difference of the images in s and in other_s steps."""
    one, other = ways[s, eta].end, ways[other_s, eta].end
    assert one is not None and other is not None
    return round(float(np.sqrt(((one - other) ** 2).mean())), 3)


def turn(one: c.Way) -> Turn:
    """Return the exercise: DDIM's first step for a pixel, x_s of x̂_0 and ε̂."""
    now, then = one.head()[:2]
    guess, eps = (now[key][0, 0].numpy() for key in ("x0_hat", "eps_hat"))
    at = np.unravel_index(int(np.abs(guess - 0.5).argmin()), guess.shape)
    a, x, e = (round(float(v), 3) for v in (m.alpha_bar(int(then["t"])), guess[at], eps[at]))
    texts = m.decimals_text({"a": a, "x": x, "e": e})
    return {
        "ask": b.word("turn_step", t=str(now["t"]), s=str(then["t"]), **texts),
        "blanks": [b.blank("xₛ", [np.sqrt(a) * x + np.sqrt(1 - a) * e], "made", "step")],
    }


def tables(ways: Ways, ready: list[int], both: tuple[float, ...], each: float) -> Tables:
    """Return the distances between the images, the wait, and the card's figures."""
    rows = [[s, each * s, *(gap(ways, s, ready[-1], e) for e in both)] for s in ready]
    found = m.step_curves()
    keys = ("eta", "guidance", "steps", "frechet", "error", "label_accuracy")
    stated = [[one[key] for key in keys] for one in found["points"]] if found else []
    return {
        "ways": [["steps", "seconds", *(f"apart at eta {e:g}" for e in both)], *rows],
        "measured": [list(keys), *stated],
        "floor": found["floor"]["frechet"] if found else None,
    }
