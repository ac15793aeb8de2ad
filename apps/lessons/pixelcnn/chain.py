"""View "chain": the chain rule over three pixels, in any order, and over all images of 3x3."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.lessons.pixelcnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from apps.stage.numbers import format_number
from core.models.pixelcnn import by_hand, check

EXACT = 1e-12
PIXELS = 3
LEVEL, BOX, WIDE, TALL = 80, 60, 72, 44  # pixels between levels, of a node, between leaves
PLACES = 4  # of probabilities in the tree


def chain(inputs: Inputs) -> Board:
    """Show the tree of three pixels level by level, its sum, then 3x3 pixels and all 512 images."""
    (first,), second, third = inputs.shares
    trace = by_hand.chain(first, second, third)
    order = [int(i) - 1 for i in inputs.order]
    factors = by_hand.in_order(trace["p"], order)
    at = int(inputs.word, 2)
    small = by_hand.image(inputs.small_image, inputs.kernel, inputs.bias)
    every = by_hand.all_images(inputs.kernel, inputs.bias)
    mask = by_hand.mask_of("A")
    typed = typed_shares(inputs.shares)
    frames = [level_frame(trace, factors, order, at, k, typed) for k in range(1, PIXELS + 1)] + [
        sum_frame(trace, factors, order, at, typed)
    ]
    return {
        "frames": [*frames, small_frame(inputs, small), every_frame(every)],
        "facts": [b.fact(b.word("orders_same"), f"{np.prod(factors[at]):.4f}")],
        "checks": [
            b.delta_check(check.chain_delta(first, second, third, trace), EXACT),
            b.delta_check(check.order_delta(trace["p"], order, factors), EXACT),
            b.delta_check(check.all_images_delta(inputs.kernel, inputs.bias, mask, every), EXACT),
        ],
        "values": {"shares": inputs.shares, "small": inputs.small},
        "turn": turn(factors, order, at),
        "tables": {"p": trace["p"], "factors": factors, "small": small["p"], "all": every["p"]},
    }


def typed_shares(shares: Sequence[Sequence[float]]) -> b.Widget:
    """Return the seven probabilities, to be typed over."""
    names = ("P(x₁ = 1)", "P(x₂ = 1 | x₁)", "P(x₃ = 1 | x₁, x₂)")
    columns = [
        b.matrix(name, values, "made", edit="shares", at=[k])
        for k, (name, values) in enumerate(zip(names, shares))
    ]
    return b.column(*columns, gap="mid")


def condition(order: list[int], k: int, word: str) -> str:
    """Return the name of a factor with its values, P(x₂ = 0 | x₁ = 1)."""
    name = lambda i: f"{b.sub('x', i + 1)} = {word[i]}"  # noqa: E731
    known = ", ".join(name(i) for i in order[:k])
    return f"P({name(order[k])}{' | ' if known else ''}{known})"


def level_frame(
    trace: by_hand.Chain, factors: np.ndarray, order: list[int], at: int, k: int, typed: b.Widget
) -> Frame:
    """Return the tree down to level k, and the chosen image's product so far."""
    word = f"{at:03b}"
    product = float(np.prod(factors[at, :k]))
    names = [" · ".join(condition(order, i, word) for i in range(k))]
    said: list = ["= "]
    for i in range(k):
        said += [" · "] if i else []
        said += [b.num(factors[at, i], "made")]
    said += [" = ", b.num(product, "made")] if k > 1 else []
    line = b.lines("", [names, said], key="p" if k == PIXELS else "")
    view = b.column(b.row(typed, tree(trace, factors, order, at, k), gap="mid"), line, gap="mid")
    return b.frame(view, b.word("level", n=str(k)))


def sum_frame(
    trace: by_hand.Chain, factors: np.ndarray, order: list[int], at: int, typed: b.Widget
) -> Frame:
    """Return the whole tree and the sum over its eight leaves."""
    line = b.lines("", [["Σ P", *b.total(trace["p"].tolist(), trace["total"], "made")]])
    shown = tree(trace, factors, order, at, PIXELS)
    return b.frame(b.column(b.row(typed, shown, gap="mid"), line, gap="mid"), b.word("all_eight"))


def tree(
    trace: by_hand.Chain, factors: np.ndarray, order: list[int], at: int, depth: int
) -> b.Widget:
    """Return all ways of choosing pixels one after the other; the chosen image's way is lit."""
    leaves, nodes, links = 2**PIXELS, [], []
    images = trace["images"]
    whole = float(trace["p"].sum())
    mine = [images[at][i] for i in order]
    for k in range(PIXELS + 1):
        for place in range(2**k):
            path = [int(c) for c in f"{place:0{k}b}"] if k else []
            inside = (images[:, order[:k]] == path).all(1)
            width = leaves // 2**k
            lit = path == mine[:k] and k <= depth
            name = f"{b.sub('x', order[k - 1] + 1)}={path[-1]}" if k else "P"
            row = int(np.flatnonzero(inside)[0])
            nodes.append({
                "id": f"{k}.{place}",
                "x": WIDE * (place + 0.5) * width,
                "y": 28 + LEVEL * k,
                "w": BOX,
                "h": TALL,
                "role": "real" if k else "ink",
                "label": f"{row:03b}" if k == PIXELS else name,
                "state": "later" if k > depth else "now" if lit and k == depth else "",
                "values": [float(trace["p"][inside].sum()) if k else whole],
                "places": PLACES,
                "key": "p" if k == PIXELS else "",
            })  # fmt: skip
            if k:
                links.append({
                    "from": f"{k - 1}.{place // 2}",
                    "to": f"{k}.{place}",
                    "state": "later" if k > depth else "",
                    "role": "made" if lit else "ink-2",
                    "label": share_text(factors[row, k - 1]) if k <= depth else "",
                    "thick": 4 if lit else 2,
                })  # fmt: skip
    return b.net("", nodes, links, WIDE * leaves, 28 + LEVEL * PIXELS + TALL / 2 + 6)


def share_text(share: float) -> str:
    """Return a share as a link of the tree prints it: at most three decimals, none needless."""
    text = format_number(share, 3)
    return text.rstrip("0").rstrip(".") if "." in text else text


def small_frame(inputs: Inputs, trace: by_hand.Image) -> Frame:
    """Return 3x3 pixels, each with P of its own value, and their product."""
    grid = b.cells(
        b.word("small"),
        np.array([int(c) * 2 - 1 for c in inputs.small]),
        (3, 3),
        size=56,
        edit="small",
        role="real",
    )
    nine = b.matrix(b.word("own_p"), trace["p"], "made")
    costs = b.matrix(b.word("own_nats"), trace["nats"], "grad")
    product = float(np.exp(-trace["total"]))
    line = b.lines(
        "",
        [
            ["−log P(x) = Σ", b.word("own_nats"), " = ", b.num(trace["total"], "grad")],
            [b.word("product_of"), " = ", b.num(product, "made")],
        ],
    )
    view = b.column(b.row(grid, nine, costs, gap="wide"), line, gap="mid")
    return b.frame(view, b.word("nine"))


def every_frame(trace: by_hand.AllImages) -> Frame:
    """Return the probabilities of all 512 images added up, the likeliest first."""
    ranked = np.sort(trace["p"])[::-1]
    added = np.concatenate([[0.0], np.cumsum(ranked)])
    chart = b.chart(
        b.word("added_up"),
        [b.series("", added, "made")],
        x=b.word("images_axis"),
        y="Σ P",
        low=0,
        high=1,
        rules=[{"y": 1, "label": "1"}],
        width=640,
        height=300,
    )
    line = b.lines("", [["Σ P(x) = ", b.num(trace["total"], "made")]])
    return b.frame(b.column(chart, line, gap="mid"), b.word("all_512"))


def turn(factors: np.ndarray, order: list[int], at: int) -> Turn:
    """Return the exercise: the product of the chosen image's three factors."""
    word = f"{at:03b}"
    said = ", ".join(
        f"{condition(order, k, word)} = {format_number(factors[at, k], 3)}" for k in range(PIXELS)
    )
    answer = float(np.prod(np.round(factors[at], 3)))
    return {
        "ask": b.word("turn_chain", given=said, word=word),
        "frame": PIXELS - 1,
        "blanks": [b.blank(f"P({word})", [answer], "made", "p")],
    }
