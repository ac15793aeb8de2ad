"""View "condition": batch norm whose gain and offset come from the class, with and without 1 +."""

from __future__ import annotations

from apps.lessons.biggan.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Turn
from core.models.biggan import by_hand, check
from core.models.biggan.by_hand import NormTrace

PARTS = ("batch", "moments", "normal", "factor", "out")
CLASSES = ("3", "8")


def condition(inputs: Inputs) -> Board:
    """Show one map's numbers normalised, multiplied by each image's factor, and moved."""
    given = inputs.a, inputs.gain, inputs.offset
    trace = by_hand.conditional_norm(*given, plus_one=inputs.plus_one)
    both = {one: by_hand.conditional_norm(*given, plus_one=one) for one in (True, False)}
    spread = {one: float(found["out"].std()) for one, found in both.items()}
    return {
        "frames": [frame(part, inputs, trace, spread) for part in PARTS],
        "facts": [b.fact("m", trace["mean"]), b.fact("v", trace["variance"])],
        "checks": checks(inputs, both[True]),
        "values": {"a": inputs.a, "gain": inputs.gain, "offset": inputs.offset},
        "turn": turn(),
        "tables": {
            "numbers": [["a", "gain", "offset", "normal", "factor", "out"],
                        *zip(*given, *(trace[k].tolist() for k in ("normal", "factor", "out")))],
        },
    }  # fmt: skip


def checks(inputs: Inputs, trace: NormTrace) -> list[Check]:
    """Return the check by torch of the norm with the 1 +."""
    found = check.norm_delta(inputs.a, inputs.gain, inputs.offset, trace)
    return [b.delta_check(found, 1e-12)]


def frame(part: str, inputs: Inputs, trace: NormTrace, spread: dict[bool, float]) -> Frame:
    """Return one line of the computation, what comes later left out."""
    done = PARTS.index(part)
    columns: list[b.Widget] = [
        b.matrix(b.word("labels"), [c for c in CLASSES for _ in range(3)], "real"),
        b.matrix("a", inputs.a, "real", edit="a"),
    ]
    if done >= 2:
        columns += [b.text("→"), b.matrix("(a − m)/√(v + ε)", trace["normal"], "hidden")]
    if done >= 3:
        name = "1 + g" if inputs.plus_one else "g"
        columns += [b.matrix("g", inputs.gain, "ink", edit="gain")]
        columns += [b.matrix(name, trace["factor"], "ink")] if inputs.plus_one else []
    if done >= 4:
        columns += [b.matrix("o", inputs.offset, "ink", edit="offset"), b.text("→")]
        columns += [b.matrix("b", trace["out"], "made", key="out")]
    below: list[b.Widget] = [write_sums(part, inputs, trace)]
    if done >= 4:
        below.append(bars(inputs.plus_one, spread))
    return b.frame(
        b.column(b.row(*columns, gap="mid"), b.row(*below, gap="wide"), gap="mid"),
        b.word(f"norm_{part}"),
    )


def write_sums(part: str, inputs: Inputs, trace: NormTrace) -> b.Widget:
    """Return the sums of one line, of the first image."""
    mean, v = trace["mean"], trace["variance"]
    first, factor, out = (float(trace[k][0]) for k in ("normal", "factor", "out"))
    n = len(inputs.a)
    one = ["1 + ", *b.paren(inputs.gain[0], "ink"), " = "] if inputs.plus_one else ["g₁ = "]
    rows: dict[str, list[list]] = {
        "batch": [[b.word("one_map", n=str(n))]],
        "moments": [
            [f"m = Σ a / {n} = ", b.num(mean)],
            [f"v = Σ (a − m)² / {n} = ", b.num(v)],
        ],
        "normal": [
            ["(", b.num(inputs.a[0], "real"), " − ", b.num(mean), ") / √(", b.num(v),
             " + ε) = ", b.num(first, "hidden")]
        ],
        "factor": [[*one, b.num(factor)]],
        "out": [
            ["b₁ = ", *b.paren(factor, "ink"), " · ", *b.paren(first, "hidden"), " + ",
             *b.paren(inputs.offset[0], "ink"), " = ", b.num(out, "made")]
        ],
    }  # fmt: skip
    return b.lines(b.word(f"norm_{part}"), rows[part])


def bars(plus_one: bool, spread: dict[bool, float]) -> b.Widget:
    """Return how widely the results are spread, with and without the 1 +."""
    items = [
        {"label": b.word("with_one" if one else "without_one"), "v": v,
         "role": "made" if one is plus_one else "ink"}
        for one, v in spread.items()
    ]  # fmt: skip
    return b.bars(b.word("spread"), items, low=0, high=max(1.0, *spread.values()), digits=3)


def turn() -> Turn:
    """Return the exercise: one number behind the norm, with and without the 1 +."""
    a, mean, deviation, g = 6.0, 4.0, 2.0, 0.1
    normal = (a - mean) / deviation
    ask = b.word("turn_condition", a=f"{a:g}", m=f"{mean:g}", v=f"{deviation**2:g}", g=f"{g:g}")
    blanks = [
        b.blank("(1 + g)·", [(1 + g) * normal], "made", ""),
        b.blank("g·", [g * normal], "made", ""),
    ]
    return {"ask": ask, "blanks": blanks, "frame": 0}
