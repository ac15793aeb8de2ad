"""View "finish": what is given is kept, and the rest drawn row by row; a pixel may be turned."""

from __future__ import annotations

import numpy as np

from apps.lessons.pixelcnn import models as m
from apps.lessons.pixelcnn import ways
from apps.lessons.pixelcnn.inputs import UNTURNED, Inputs
from apps.lessons.pixelcnn.pixel import bits_text
from apps.lessons.shared import chains, nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame, Law, Turn

COUNT = 7  # completions: one that is followed, and six beside it
FAINT = 0.12  # shade of a given picture's rows that are not kept


def finish(inputs: Inputs) -> Board:
    """Show the given rows, and completions of them, row after row; one of them may be changed."""
    image, start = inputs.picture, inputs.rows * m.SIDE
    usual = plain_way(inputs)
    changed = turned_way(inputs, usual)
    shown = changed or usual
    more = chains.go_on([shown], inputs.points, ways.PIECE)
    moments = ways.rows(shown)
    before = None if changed is None else ways.end(usual)["x"][0]
    frames = [row_frame(inputs, image, one, before) for one in moments]
    done = moments[-1] if more["done"] >= more["of"] else None
    kept = inputs.turned if changed is not None else start
    return {
        "frames": frames,
        "facts": [] if done is None else end_facts(done, before),
        "checks": [
            kept_law(image, start, moments[-1]),
            toss_law(inputs, kept, moments[-1], before),
        ],
        "values": {"drawn": bits_text(image)},
        "without": ["restore"] if changed is None else [],
        "more": more,
        "turn": turn(moments[-1], kept),
        "tables": {"given": image, "images": moments[-1]["x"], "p": moments[-1]["p"]},
    }


def plain_way(inputs: Inputs) -> ways.Way:
    """Return the chain of completions as they come."""
    given = np.repeat(inputs.picture[None], COUNT, 0)
    return ways.way(
        m.NAME,
        ways.noise(inputs.seed, COUNT),
        ("finish", inputs.seed),
        temperature=inputs.temperature,
        given=given,
        start=inputs.rows * m.SIDE,
    )


def turned_way(inputs: Inputs, usual: ways.Way) -> ways.Way | None:
    """Return the chain that goes on from the first completion with one pixel turned over."""
    if inputs.turned == UNTURNED or inputs.turned < inputs.rows * m.SIDE:
        return None
    kept = ways.end(usual)["x"][:1].copy()
    kept.reshape(-1)[inputs.turned] = 1 - kept.reshape(-1)[inputs.turned]
    return ways.way(
        m.NAME,
        ways.noise(inputs.seed, 1),
        ("turned", inputs.seed),
        temperature=inputs.temperature,
        given=kept,
        start=inputs.turned + 1,
    )


def row_frame(inputs: Inputs, image: np.ndarray, now: ways.Row, before: np.ndarray | None) -> Frame:
    """Return a moment: the given rows, the completion that is followed, the others beside it."""
    kept = np.arange(m.SIDE)[:, None] < inputs.rows
    pad = m.grid(m.source_name(inputs), image, 5, edit="drawn")
    given = b.grey(b.word("kept_rows", n=str(inputs.rows)), np.where(kept, image, FAINT * image),
                   size=165, role="real")  # fmt: skip
    first, differs = now["x"][0], []
    if before is not None:
        there = np.arange(m.SIDE)[:, None] <= now["row"]
        differs = np.flatnonzero((first != before) & there).tolist()
    followed = m.grid(
        b.word("followed"), first, 9, "made", pick="turned",
        flip=differs if before is not None else None,
    )  # fmt: skip
    beside = (
        b.grey(b.word("others"), sheet(now["x"][1:]), size=250)
        if before is None
        else b.grey(b.word("before_turning"), before, size=250)
    )
    left = b.column(pad, given, gap="mid")
    view = b.row(left, b.text("→"), followed, beside, gap="mid")
    return b.frame(view, b.word("row_n", n=str(now["row"] + 1)), row_facts(now))


def sheet(images: np.ndarray) -> np.ndarray:
    """Return six pictures, two a row, a line of space between them."""
    pairs = images.reshape(-1, 2, m.SIDE, m.SIDE)
    return np.concatenate([np.pad(pictures.strip(two), ((0, 1), (0, 0))) for two in pairs])[:-1]


def row_facts(now: ways.Row) -> list[Fact]:
    """Return what the pixels drawn so far of the first completion cost."""
    p, x = now["p"][0].astype(float), now["x"][0]
    share = np.where(x > 0, p, 1 - p)[p > 0]
    cost = float(-np.log(np.clip(share, 1e-300, 1)).sum())
    return [b.fact(b.word("drawn_cost"), f"{cost:.1f} nat")]


def end_facts(done: ways.Row, before: np.ndarray | None) -> list[Fact]:
    """Return what the classifier reads in the pictures at the end, and what a turn has changed."""
    facts = []
    if before is not None:
        facts.append(b.fact(b.word("changed_pixels"), str(int((done["x"][0] != before).sum()))))
    if nets.have(nets.CLASSIFIER):
        read = nets.read_digits(done["x"]).argmax(1)
        facts.append(b.fact(b.word("read_as"), ", ".join(map(str, read))))
    return facts


def kept_law(image: np.ndarray, start: int, now: ways.Row) -> Law:
    """Return the law that every completion keeps the given pixels."""
    flat = now["x"].reshape(len(now["x"]), -1)[:, :start]
    same = flat == image.reshape(-1)[:start]
    return b.law(b.word("law_kept"), int(same.sum()), same.size)


def toss_law(inputs: Inputs, start: int, now: ways.Row, before: np.ndarray | None) -> Law:
    """Return the law that drawn pixels follow from noise and one pass of the net over them all."""
    import torch

    x = m.batch(now["x"])
    cold = max(inputs.temperature, 1e-6)
    with torch.no_grad():
        p = torch.sigmoid(m.model()(x) / cold)
    u = ways.noise(inputs.seed, len(now["x"]))
    drawn = torch.zeros(m.PIXELS, dtype=torch.bool)
    drawn[start + (before is not None) : (now["row"] + 1) * m.SIDE] = True
    same = ((u < p).float() == x).flatten(1)[:, drawn]
    near = ((u - p).abs() < 1e-5).flatten(1)[:, drawn]  # within rounding of both ways
    return b.law(b.word("law_toss"), int((same | near).sum()), same.numel())


def turn(now: ways.Row, start: int) -> Turn:
    """Return the exercise: the colder probability of one of the drawn pixels."""
    p = now["p"][0].reshape(-1).astype(float)
    at = int(np.argmin(np.abs(p - 0.3) + (np.arange(m.PIXELS) < start)))
    shown = round(float(np.clip(p[at], 0.01, 0.99)), 2)
    odds = np.array([shown, 1 - shown]) ** 2
    return {
        "ask": b.word("turn_cold", p=f"{shown:.2f}"),
        "blanks": [b.blank("P", [float(odds[0] / odds.sum())], "made", "")],
    }
