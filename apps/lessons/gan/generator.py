"""View "generator": one step of the generator, its gradient coming back through the
discriminator.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.gan.case import TOLERANCE, generator_case, rounding_gap
from apps.lessons.gan.hand import (
    D_CHAIN,
    dot_lines,
    frame_named,
    index,
    judgement_rows,
    product_line,
    sum_line,
    update_frame,
    way,
)
from apps.lessons.gan.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame
from core.models.gan import by_hand, check
from core.models.gan.traces import GeneratorStep

CHAIN = (("z", "hidden"), ("t", "hidden"), ("x", "made"), *D_CHAIN[1:])
COLOURS = {"minimax": "grad", "non-saturating": "hidden"}
SAID = {"minimax": "log(1 − D)", "non-saturating": "−log D"}
FACTOR = {"minimax": "−D", "non-saturating": "D − 1"}
FROM, TO = 0.001, 0.999  # of D in the chart of both losses


def generator(inputs: Inputs) -> Board:
    """Show one step of the generator, its gradient coming back through the discriminator."""
    case, loss, rate = generator_case(inputs), inputs.g_loss, inputs.rate
    exact = by_hand.generator_step(**case, loss=loss, rate=rate)
    shown = exact
    if inputs.rounded:
        shown = by_hand.generator_step(**case, loss=loss, rate=rate, decimals=inputs.decimals)
    frames = generator_frames(shown, case, loss, rate)
    blanks = [b.blank("∂L/∂x", shown["dx"], "grad", "dx")]
    at = frame_named(frames, "part_dx")
    found = check.generator_delta(**case, loss=loss, trace=exact)
    return {
        "frames": frames,
        "checks": [b.delta_check(found, TOLERANCE)],
        "values": case,
        "facts": rounding_gap(exact, shown, ("D", "dv2", "dv1"), inputs),
        "turn": {"ask": b.word("turn_generator"), "frame": at, "blanks": blanks},
        "tables": {**case, **shown},
    }


def generator_frames(
    now: GeneratorStep, case: dict[str, Any], loss: str, rate: float
) -> list[Frame]:
    """Return a frame a line of the step, from the code to the new weights.

    Args:
        now: trace of `by_hand.generator_step`.
        case: its u, v1 (K, m), v2 (n, K), w1 (H, n), w2 (H,).
        loss: which of the two the generator goes down.
        rate: of the update.
    """
    v1, v2, w1, w2 = (np.asarray(case[n], dtype=float) for n in ("v1", "v2", "w1", "w2"))
    made = generator_row(now, v1, v2)
    judge = b.row(*judgement_rows(now, w1, w2, "made", edit_x=False), gap="wide")
    facts = [b.fact("D", now["D"]), b.fact("L", now["loss"])]
    last = len(CHAIN) - 1
    frames = [b.frame(b.column(way(CHAIN, last + 1), made, judge), b.word("overview"))]
    for part, at in (("t", 1), ("x", 2)):
        view = b.column(way(CHAIN, at), made, written_lines(now, part, v1, v2, w2))
        frames.append(b.frame(view, b.word(f"part_{part}")))
    view = b.column(way(CHAIN, 5), judge, written_lines(now, "judged", v1, v2, w2))
    frames.append(b.frame(view, b.word("part_judged"), facts))
    view = b.column(way(CHAIN, last), judge, both_losses(now, loss))
    frames.append(b.frame(view, b.word("part_g_loss"), facts))
    view = b.column(way(CHAIN, 4, True), factors(now, loss))
    frames.append(b.frame(view, b.word("name_factor"), facts))
    for part, at in (("dx", 2), ("dv2", 2), ("dq", 1), ("dv1", 0)):
        view = b.column(
            way(CHAIN, at, True),
            gradient_rows(now, part, v2, w1, w2),
            written_lines(now, part, v1, v2, w2),
        )
        frames.append(b.frame(view, b.word(f"part_{part}"), facts))
    return [*frames, generator_update(now, v1, v2, rate)]


def generator_row(now: GeneratorStep, v1: np.ndarray, v2: np.ndarray) -> b.Widget:
    """Return t = tanh(v1 u) and x = v2 t, the weights editable."""
    first = b.row(
        b.matrix("t", now["t"], "hidden"),
        b.text("= tanh ("),
        b.matrix("v₁", v1, "ink", edit="v1"),
        b.text("·"),
        b.matrix("z", now["u"], "hidden", edit="u"),
        b.text(")"),
    )
    second = b.row(
        b.matrix("x", now["x"], "made"),
        b.text("="),
        b.matrix("v₂", v2, "ink", edit="v2"),
        b.text("·"),
        b.matrix("t", now["t"], "hidden"),
    )
    return b.row(first, second, gap="wide")


def gradient_rows(
    now: GeneratorStep, part: str, v2: np.ndarray, w1: np.ndarray, w2: np.ndarray
) -> b.Widget:
    """Return the gradient's way as one product: through D to x, or on from x into G."""
    dx = b.matrix("∂L/∂x", now["dx"], "grad", key="dx")
    if part in ("dx", "dv2"):
        through = b.row(
            dx,
            b.text("="),
            b.matrix("w₁ᵀ", w1.T, "ink"),
            b.text("· ("),
            b.matrix("∂L/∂s", [now["dz"]], "grad"),
            b.text("·"),
            b.matrix("w₂", w2, "ink"),
            b.text("⊙"),
            b.matrix("a(1 − a)", now["slope"], "hidden"),
            b.text(")"),
        )
        slope = b.matrix("∂L/∂v₂", now["dv2"], "grad", key="dv2")
        turned = b.matrix("tᵀ", now["t"][None, :], "hidden")
        on = b.row(slope, b.text("="), dx, b.text("·"), turned)
        return through if part == "dx" else b.column(through, on)
    return b.row(
        b.matrix("∂L/∂v₁", now["dv1"], "grad"),
        b.text("= ("),
        b.matrix("v₂ᵀ", v2.T, "ink"),
        b.text("·"),
        dx,
        b.text("⊙"),
        b.matrix("1 − t²", 1 - now["t"] ** 2, "hidden"),
        b.text(") ·"),
        b.matrix("z" if len(now["u"]) == 1 else "zᵀ", now["u"][None, :], "hidden"),
    )


def written_lines(
    now: GeneratorStep, part: str, v1: np.ndarray, v2: np.ndarray, w2: np.ndarray
) -> b.Widget:
    """Return every product and sum of one line of the generator's step."""
    units, t, dt = range(len(v1)), now["t"], now["dt"]
    if part == "t":
        rows = [sum_line(f"q{index(i)}", v1[i], now["u"], now["q"][i], "hidden") for i in units]
        rows += [
            [f"t{index(i)} = tanh(", b.num(now["q"][i], "hidden"), ") = ", b.num(t[i], "hidden")]
            for i in units
        ]
    elif part == "x":
        rows = [
            sum_line(_entry("x", i, now["x"]), w, t, now["x"][i], "made") for i, w in enumerate(v2)
        ]
    elif part == "judged":
        rows = dot_lines("s", w2, now["a"], now["z"])
        rows.append(["D = σ(s) = σ(", b.num(now["z"]), ") = ", b.num(now["D"])])
    elif part == "dx":
        rows = [
            product_line(f"∂L/∂h{index(i)} = ∂L/∂s · w₂{index(i)} · a(1 − a){index(i)}", d, s, h)
            for i, (d, s, h) in enumerate(zip(now["da"], now["slope"], now["dh"]))
        ]
        rows.append(["∂L/∂x = Σ w₁ · ∂L/∂h = ", *_vector(now["dx"])])
    elif part == "dq":
        rows = [
            sum_line(f"∂L/∂t{index(i)} = v₂ᵀ · ∂L/∂x", v2[:, i], now["dx"], dt[i], "grad")
            for i in units
        ]
        rows += [
            product_line(
                f"∂L/∂q{index(i)} = ∂L/∂t{index(i)} · (1 − t²){index(i)}", dt[i], 1 - t[i] ** 2, d
            )
            for i, d in enumerate(now["dq"])
        ]
    else:
        slope, out, into, name, other = {
            "dv2": (now["dv2"], now["dx"], t, "∂L/∂v₂", "∂L/∂x · t"),
            "dv1": (now["dv1"], now["dq"], now["u"], "∂L/∂v₁", "∂L/∂q · z"),
        }[part]
        rows = [
            product_line(f"{name}[{i + 1}, {j + 1}] = {other}", o, v, slope[i, j])
            for i, o in enumerate(out)
            for j, v in enumerate(into)
        ]
    return b.lines(b.word(f"part_{part}"), rows, key=part)


def both_losses(now: GeneratorStep, loss: str) -> b.Widget:
    """Return the two losses of a generator written out, the one that it goes down lit."""
    p = {"minimax": 1 - now["D"], "non-saturating": now["D"]}
    sign = {"minimax": "log ", "non-saturating": "−log "}
    value = {"minimax": -now["before"]["d_loss"], loss: now["loss"]}
    if loss == "minimax":
        value["non-saturating"] = by_hand.softplus(-now["z"])
    rows = [
        [
            b.word(f"option.{n}"),
            f":  L = {SAID[n]} = {sign[n]}",
            b.num(p[n]),
            " = ",
            b.num(value[n], "grad"),
        ]
        for n in SAID
    ]
    return b.lines(b.word("both_losses"), rows, on=list(SAID).index(loss))


def factors(now: GeneratorStep, loss: str) -> b.Widget:
    """Return ∂L/∂s under both losses: in numbers, and as curves over D with D now."""
    p = float(now["D"])
    rows = [
        [b.word(f"option.{n}"), f":  ∂L/∂s = {FACTOR[n]} = ", b.num(now["factors"][n], COLOURS[n])]
        for n in FACTOR
    ]
    lines = b.lines(b.word("part_factor"), rows, on=list(FACTOR).index(loss))
    return b.row(factor_chart(p), lines, gap="mid")


def factor_chart(p: float, width: int = 400, height: int = 260) -> b.Widget:
    """Return −D and D − 1 over D, with D = p now."""
    D = np.unique(np.append(np.linspace(FROM, TO, 60), min(max(p, FROM), TO)))
    curves = [
        b.series(FACTOR["minimax"], -D, COLOURS["minimax"], x=D),
        b.series(FACTOR["non-saturating"], D - 1, COLOURS["non-saturating"], x=D),
    ]
    at = float(min(max(p, FROM), TO))
    return b.chart(
        b.word("factor_over_D"), curves, x="D(G(z))", cursor=at, rules=[{"x": at, "label": ""}],
        x_range=(0, 1), low=-1, high=0, width=width, height=height,
    )  # fmt: skip


def generator_update(now: GeneratorStep, v1: np.ndarray, v2: np.ndarray, rate: float) -> Frame:
    """Return the generator's update; the discriminator keeps its weights."""
    pairs = (("v₁", v1, now["dv1"], now["new_v1"]), ("v₂", v2, now["dv2"], now["new_v2"]))
    was, then = now["before"], now["after"]
    ends = [(_entry("x", i, was["x"]), x, then["x"][i]) for i, x in enumerate(was["x"])]
    ends += [("D", was["D"], then["D"]), ("L", was["g_loss"], then["g_loss"])]
    return update_frame(pairs, rate, ends, "made")


def _entry(name: str, i: int, values: Any) -> str:
    return name if len(values) == 1 else f"{name}{index(i)}"


def _vector(values: np.ndarray) -> list:
    out: list = []
    for k, v in enumerate(values):
        out += [*([", "] if k else []), b.num(v, "grad")]
    return out if len(values) == 1 else ["[", *out, "]"]
