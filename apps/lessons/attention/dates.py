"""A date typed by the visitor: decoding symbol by symbol, and every head that looks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from apps.lessons.attention.models import (
    DATES,
    TRANSFORMER,
    marks,
    measured,
    model,
    said,
    unknown,
    verdict,
)
from apps.stage import board as b
from apps.stage.widgets.attention import shares
from core.inputs import choice, integer

PARTS = ("cross", "encoder", "decoder")
LATER = "·"  # a symbol that is not said yet
ROOM = 340  # pixels for a grid's side
CELLS = (8, 20)
FIGURES = {
    "held_right": "exact match",
    "unseen_right": "unseen formats",
    "wrong_sure": "wrong yet sure",
}
TOLERANCE = 1e-4  # of a probability: the nets compute in float32, the check in float64
ROUNDING = 1e-5


def translate(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a symbol: where the decoder looks, the ten likeliest, what was chosen."""
    name = choice("model", inputs.get("model", TRANSFORMER), DATES)
    method = choice("method", inputs.get("method", "greedy"), ("greedy", "beam", "sample"))
    text = inputs.get("text", "")
    warmth, seed = inputs.get("temperature", 1), inputs.get("seed", 0)
    width = inputs.get("beams", 4)
    made = said(name, text, method, warmth, width, seed)
    cross = made["attention"].get("cross")
    looks = None if cross is None else cross.mean(axis=(0, 1))  # (T, S)
    frames = [frame(made, looks, t) for t in range(len(made["steps"]))]
    facts = [
        *measured(name, FIGURES),
        *unknown(made),
    ]
    if method != "greedy":
        plain = said(name, text)
        facts.append(b.fact(b.word("greedy_says"), f"{plain['said']} ({plain['probability']:.4f})"))
    without = {"greedy": ["beams", "seed"], "sample": ["beams"], "beam": ["seed"]}[method]
    return {
        "frames": frames,
        "parts": {} if looks is None else {"looks": {"rows": shares(looks)}},
        "facts": facts,
        "checks": checks(name, made, warmth),
        "without": without,
        "turn": turn(integer("beams", width, 1, 10)),
        "tables": {
            "said": made["said"],
            "log_probability": made["log_probability"],
            "steps": [
                {"symbol": s["symbol"], "probability": s["probability"], "entropy": s["entropy"]}
                for s in made["steps"]
            ],
            "cross": looks if looks is not None else [],
            **({"beams": [dict(one) for step in made["beams"] for one in step]}
               if "beams" in made else {}),
        },
    }  # fmt: skip


def frame(made: dict[str, Any], looks: np.ndarray | None, t: int) -> dict:
    """Return the step that says symbol t."""
    steps, symbols = made["steps"], made["symbols"]
    shown = [*marks(symbols[: t + 1]), *[LATER] * (len(symbols) - t - 1)]
    sides = (b.word("says"), b.word("reads"))
    tokens = marks(made["tokens"])
    if looks is None:
        left = b.column(
            b.strip(sides[0], shown, role="made", now=t),
            b.text(b.word("no_looking"), size="wide"),
            b.strip(sides[1], tokens, width=560),
        )
    else:
        left = b.ties("", shown, tokens, "looks", names=sides, now=t, width=480)
    last = t == len(steps) - 1
    below = verdict(made) if last else b.text(b.word("so_far", said="".join(
        s for s in symbols[: t + 1] if s != "[end]")), size="wide")  # fmt: skip
    right = beams(made, t) if "beams" in made else best(made, t)
    facts = [
        b.fact(b.word("chosen_p"), float(steps[t]["probability"])),
        b.fact(b.word("entropy"), float(steps[t]["entropy"])),
    ]
    view = b.row(b.column(left, below, gap="mid"), right, gap="mid")
    return b.frame(view, b.word("step_of", n=str(t + 1), of=str(len(steps))), facts)


def best(made: dict[str, Any], t: int) -> b.Widget:
    """Return the ten likeliest symbols of a step."""
    step = made["steps"][t]
    items = [
        {
            "label": marks([one["symbol"]])[0],
            "v": float(one["probability"]),
            "role": "made" if one["symbol"] == step["symbol"] else "ink",
        }
        for one in step["top"]
    ]
    return b.bars(b.word("ten_best"), items, low=0, high=1, digits=4)


def beams(made: dict[str, Any], t: int) -> b.Widget:
    """Return the beginnings that a step kept, each with its probability."""
    kept = made["beams"][min(t, len(made["beams"]) - 1)]
    items = [
        {
            "label": one["said"] + (" ■" if one["ended"] else ""),
            "v": math.exp(one["log_probability"]),
            "role": "made" if made["said"].startswith(one["said"]) else "ink",
        }
        for one in kept
    ]
    return b.bars(b.word("beams_kept", n=str(len(kept))), items, low=0, high=1, digits=4)


def turn(width: int) -> dict[str, Any]:
    """Return the exercise: how many beginnings a step of the beam search compares."""
    from core.data import dates

    count = len(dates.SYMBOLS) + 1  # and [end]
    return {
        "ask": b.word("turn_translate", n=str(width), v=str(count)),
        "frame": 0,
        "blanks": [b.blank("n", [width * count], "ink", "")],
    }


def checks(name: str, made: dict[str, Any], warmth: float) -> list[dict]:
    """Return the checks: torch's own layers say the same; rows of attention sum to 1."""
    from core.models.transformer.check import translation_delta

    found = translation_delta(model(name), made, float(warmth))
    rows = [weights.sum(axis=-1).ravel() for weights in made["attention"].values()]
    sums = np.concatenate(rows) if rows else np.ones(1)
    holds = int((np.abs(sums - 1) < ROUNDING).sum())
    law = [b.law(b.word("law_rows"), holds, len(sums))] if rows else []
    return [b.check(found["delta"], found["against"], TOLERANCE), *law]


# ---- every head


def looks(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return one head large and all of its part small, a frame for each token that looks."""
    part = choice("part", inputs.get("part", "cross"), PARTS)
    made = said(TRANSFORMER, inputs.get("text", ""))
    weights = made["attention"][part]  # (layers, H, T, S)
    layers, count = weights.shape[:2]
    layer = min(integer("layer", inputs.get("layer", 1), 1, 12), layers) - 1
    head = min(integer("head", inputs.get("head", 1), 1, 16), count) - 1
    shown = weights[layer, head]
    if part == "decoder":
        shown = np.where(np.tri(*shown.shape, dtype=bool), shown, np.nan)
    parts = {f"w{i}.{j}": {"rows": shares(weights[i, j])} for i, j in np.ndindex(layers, count)}
    size = math.log2(shown.shape[1])
    return {
        "frames": looking(part, made, shown, small(part, layers, count, (layer, head))),
        "parts": {**parts, "shown": {"rows": shares(shown)}},
        "facts": [b.fact(b.word("answer_is"), made["said"] or "—"), *unknown(made)],
        "checks": checks(TRANSFORMER, made, 1.0),
        "limits": {"layer": {"max": layers}, "head": {"min": 1, "max": count}},
        "turn": {
            "ask": b.word("turn_looks", n=str(shown.shape[1])),
            "frame": 0,
            "blanks": [b.blank(b.word("bits"), [size], "hidden", "")],
        },
        "tables": {"queries": made["symbols"], "keys": made["tokens"], "weights": weights},
    }


def looking(part: str, made: dict[str, Any], shown: np.ndarray, grids: b.Widget) -> list[dict]:
    """Return a frame for each token that looks: its lines, its row, all heads small."""
    reads, says = marks(made["tokens"]), marks(["[start]", *made["symbols"]])
    # row t of the decoder is the place that has read symbol t − 1 and is about to say symbol t
    queries = {"encoder": reads, "decoder": says[:-1], "cross": says[1:]}[part]
    keys = says[:-1] if part == "decoder" else reads
    sides = ("says", "reads") if part == "cross" else ("asking", "asked")
    names = (b.word(sides[0]), b.word(sides[1]))
    cell = int(np.clip(ROOM / max(shown.shape), *CELLS))
    frames = []
    for t, token in enumerate(queries):
        ties = b.ties("", queries, keys, "shown", names=names, now=t, group="looks", width=480)
        grid = b.lookup("", queries, keys, "shown", now=t, group="looks", cell=cell)
        view = b.row(b.column(ties, grids, gap="mid swap"), grid, gap="mid")
        frames.append(b.frame(view, b.word("looks_from_token", token=token), spread(shown[t])))
    return frames


def small(part: str, layers: int, count: int, on: tuple[int, int]) -> b.Widget:
    """Return all heads of a part as small grids, one of them picked."""
    rows = [
        [
            {
                "name": b.word("head_at", l=str(i + 1), h=str(j + 1)),
                "weights": f"w{i}.{j}",
                "on": (i, j) == on,
                "picks": {"layer": i + 1, "head": j + 1},
            }
            for j in range(count)
        ]
        for i in range(layers)
    ]
    return b.heads(b.word(f"part_of.{part}"), rows, size=72)


def spread(row: np.ndarray) -> list[dict]:
    """Return over how many tokens a row spreads: 2 to its entropy."""
    p = row[np.isfinite(row) & (row > 0)]
    return [b.fact(b.word("spread_over"), float(2 ** -(p * np.log2(p)).sum()))]
