"""The same noise in few and in many steps: DDIM beside what η asks for, quality, and the wait."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.stage import board as b
from core.inputs import choice

COUNT = 3  # images a way
STEPS = (5, 10, 20, 50, 100, 250, 1000)
MOST = ("50", "250", "1000")
Chains = dict[tuple[int, float], c.Chain]


def steps(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a number of steps: the images of both ways, and where they stand."""
    most = int(choice("most", inputs.get("most", "50"), MOST))
    label, w, eta, seed = m.label(inputs), c.guidance(inputs), c.eta(inputs), m.seed(inputs)
    labels = None if label is None else [label] * COUNT
    counts = [s for s in STEPS if s <= most]
    jobs = [(s, e) for s in counts for e in dict.fromkeys((0.0, eta))]
    chains = {job: c.free(COUNT, seed, labels, w, *job, film=False) for job in jobs}
    more = c.run(list(chains.values()), inputs, COUNT * c.pair(labels, w))
    ready = [s for s in counts if all(chains[s, e].end is not None for e in (0.0, eta))]
    each = seconds(chains)
    frames = []
    for s in ready or [0]:
        pictures = b.row(*(block(chains, counts, e, s) for e in (0.0, eta)), gap="wide")
        below = b.row(quality(s), waits(counts, each, s), gap="mid")
        told = apart(chains, ready, s, eta) if s else []
        name = b.word("in_steps", n=f"{s:,}") if s else b.word("computing")
        frames.append(b.frame(b.column(pictures, below, gap="swap"), name, told))
    return {
        "frames": frames,
        "facts": [],
        "checks": [*(c.step_check(chains[counts[0], e]) for e in dict.fromkeys((0.0, eta)))],
        "more": more,
        "turn": turn(chains[counts[0], 0.0]),
        "tables": tables(chains, ready, eta, each),
        "without": ["guidance"] if label is None else [],
    }


def block(chains: Chains, counts: list[int], eta: float, now: int) -> b.Widget:
    """Return one way's images, a column a number of steps, up to the one of this frame."""
    tile = 62 if len(counts) < 6 else 50
    columns = []
    for s in counts:
        end = chains[s, eta].end if s <= now else None
        images = np.zeros((COUNT, m.SIDE, m.SIDE)) if end is None else end
        sheet = m.strip(images.swapaxes(1, 2)).T  # one below the other
        columns.append(b.grey(f"{s:,}", sheet, size=tile, role="made" if s == now else "ink"))
    name = "way_ddim" if eta == 0 else "way_ddpm" if eta == 1 else "way_between"
    head = b.text(b.word(name, e=f"{eta:g}"), "made", "small")
    return b.column(head, b.row(*columns), gap="tight")


def quality(now: int) -> b.Widget:
    """Return the Fréchet distance over the number of steps, as the card states it."""
    lines, counts = [], set()
    for e, role in ((0.0, "hidden"), (1.0, "made")):
        found, count = m.measured(e)
        if found:
            name = b.word("eta_is", e=f"{e:g}")
            lines.append(b.series(name, list(found.values()), role, x=list(found)))
            counts.add(count)
    if not lines:
        return b.text(b.word("no_card"), size="note")
    return b.chart(
        b.word("quality_chart", n=" · ".join(map(str, sorted(counts)))),
        lines,
        x=b.word("steps_log"),
        cursor=max(now, STEPS[0]),
        xlog=True,
        low=0.0,
        x_range=(STEPS[0], STEPS[-1]),
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


def seconds(chains: Chains) -> float:
    """Return how long a step of these chains took on this machine, the median of those so far."""
    return statistics.median(some for one in chains.values() for some in one.took)


def apart(chains: Chains, ready: list[int], s: int, eta: float) -> list[dict[str, Any]]:
    """Return how far the images are from those of the fewer steps before, on each way."""
    before = [n for n in ready if n < s]
    return [
        b.fact(b.word("apart_of", e=f"{e:g}", n=f"{before[-1]:,}"), gap(chains, s, before[-1], e))
        for e in dict.fromkeys((0.0, eta))
        if before
    ]


def gap(chains: Chains, s: int, other_s: int, eta: float) -> float:
    """Return the root mean square difference of the images in s and in other_s steps."""
    one, other = chains[s, eta].end, chains[other_s, eta].end
    assert one is not None and other is not None
    return round(float(np.sqrt(((one - other) ** 2).mean())), 3)


def turn(one: c.Chain) -> dict[str, Any]:
    """Return what a visitor computes: DDIM's first step for a pixel, x_s of x̂_0 and ε̂."""
    now, then = one.head()[:2]
    guess, eps = (now[key][0, 0].numpy() for key in ("x0_hat", "eps_hat"))
    at = np.unravel_index(int(np.abs(guess).argmin()), guess.shape)
    a, x0, e = (round(float(v), 3) for v in (m.kept(int(then["t"])), guess[at], eps[at]))
    said = {k: f"{v:.3f}".replace("-", "−") for k, v in (("a", a), ("x", x0), ("e", e))}
    blank = b.blank("xₛ", [np.sqrt(a) * x0 + np.sqrt(1 - a) * e], "made", "step")
    return {
        "ask": b.word("turn_step", t=str(now["t"]), s=str(then["t"]), **said),
        "blanks": [blank],
    }


def tables(chains: Chains, ready: list[int], eta: float, each: float) -> dict[str, Any]:
    """Return how far apart the images are, the wait, and what the card states."""
    both = tuple(dict.fromkeys((0.0, eta)))
    rows = [[s, each * s, *(gap(chains, s, ready[-1], e) for e in both)] for s in ready]
    stated = [[e, s, v] for e in (0.0, 1.0) for s, v in m.measured(e)[0].items()]
    return {
        "ways": [["steps", "seconds", *(f"apart at eta {e:g}" for e in both)], *rows],
        "card": [["eta", "steps", "Fréchet"], *stated],
    }
