"""View "projection": a discriminator's score of one image under each label, by hand."""

from __future__ import annotations

from apps.lessons.biggan.inputs import LABELS, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.biggan import by_hand, check
from core.models.biggan.by_hand import ProjectionTrace

BIAS = 0.1
PARTS = ("plain", "products", "match", "scores")


def projection(inputs: Inputs) -> Board:
    """Show w·h + b, which knows no label, v_y·h, which does, and their sum for every label."""
    given = inputs.h, inputs.weight, BIAS, inputs.vectors
    trace = by_hand.projection(*given)
    score = float(trace["scores"][inputs.label])
    return {
        "frames": [frame(part, inputs, trace) for part in PARTS],
        "facts": [
            b.fact(b.word("hinge_real"), max(0.0, 1 - score)),
            b.fact(b.word("hinge_fake"), max(0.0, 1 + score)),
        ],
        "checks": [b.delta_check(check.projection_delta(*given, trace), 1e-12)],
        "values": {"h": inputs.h, "weight": inputs.weight, "vectors": inputs.vectors},
        "turn": turn(inputs, trace),
        "tables": {
            "scores": [["label", "match", "score"],
                       *zip(LABELS, trace["match"].tolist(), trace["scores"].tolist())],
        },
    }  # fmt: skip


def frame(part: str, inputs: Inputs, trace: ProjectionTrace) -> Frame:
    """Return one line of the computation."""
    done = PARTS.index(part)
    label = inputs.label
    plain = b.row(
        b.matrix("w", [list(inputs.weight)], "ink", edit="weight"), b.text("·"),
        b.matrix("h", inputs.h, "hidden", edit="h"), b.text(f"+ {BIAS:g} ="),
        b.matrix(b.word("without_label"), [trace["plain"]], "ink"),
    )  # fmt: skip
    match = b.row(
        b.matrix("v_y", [list(row) for row in inputs.vectors], "real", edit="vectors", on=[label]),
        b.text("·"), b.matrix("h", inputs.h, "hidden"), b.text("="),
        b.matrix("v_y·h", trace["match"], "real", key="match"),
    )  # fmt: skip
    rows: list[b.Widget] = [plain] if not done else [plain, match]
    if done == 3:
        rows[-1] = b.row(match, bars(label, trace), gap="wide")
    return b.frame(
        b.column(*rows, write_sums(part, inputs, trace), gap="mid"), b.word(f"score_{part}")
    )


def write_sums(part: str, inputs: Inputs, trace: ProjectionTrace) -> b.Widget:
    """Return the sums of one line, of the chosen label."""
    y = inputs.label
    v, h = inputs.vectors[y], inputs.h
    name = b.sub("v", y)
    products = trace["products"][y]
    if part == "plain":
        first = b.products("w·h", inputs.weight, h, ("ink", "hidden"))
        rows = [first, ["w·h + b = ", b.num(trace["plain"])]]
    elif part == "products":
        rows = [b.products(f"{name}·h", v, h, ("real", "hidden"))]
    elif part == "match":
        rows = [[f"{name}·h", *b.total(products.tolist(), float(trace["match"][y]), "real")]]
    else:
        rows = [
            [f"D(x, {k}) = ", *b.paren(trace["plain"], "ink"), " + ",
             *b.paren(float(trace["match"][k]), "real"), " = ",
             b.num(float(trace["scores"][k]), "made")]
            for k in LABELS
        ]  # fmt: skip
    return b.lines(b.word(f"score_{part}"), rows)


def bars(label: int, trace: ProjectionTrace) -> b.Widget:
    """Return the scores of all labels."""
    scores = trace["scores"].tolist()
    reach = max(1.0, *(abs(s) for s in scores))
    items = [{"label": f"y = {k}", "v": s, "role": "made" if k == label else "ink"}
             for k, s in zip(LABELS, scores)]  # fmt: skip
    return b.bars("D(x, y)", items, low=-reach, high=reach, digits=2)


def turn(inputs: Inputs, trace: ProjectionTrace) -> Turn:
    """Return the exercise: match and score of the next label."""
    y = (inputs.label + 1) % len(LABELS)
    blanks = [
        b.blank(f"{b.sub('v', y)}·h", [float(trace["match"][y])], "real", "match"),
        b.blank(f"D(x, {y})", [float(trace["scores"][y])], "made", ""),
    ]
    return {"ask": b.word("turn_projection", y=str(y)), "blanks": blanks, "frame": 1}
