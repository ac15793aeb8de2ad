"""A worked example from a seminar's slide: one step of a discriminator, x = 0.5 with label 1.

Its w1 is recovered from the printed a; `findings` says where its printed numbers are wrong. Two
generators of our own stand before its discriminator.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.models.gan.by_hand import gan_backward
from core.models.gan.traces import Finding

PRINTED = {"D": 0.62, "dw1": [-0.019, -0.017, -0.009]}  # the latter under the name dL/dw2


def discriminator_case() -> dict:
    """Return the slide's discriminator step as arguments of `gan_backward`."""
    return {
        "x": 0.5,
        "w1": [[0.32068534], [0.16008542], [0.32068534]],
        "w2": [0.396, 0.299, 0.199],
        "label": 1,
        "loss": "minimax",
    }


def generator_case() -> dict:
    """Return our own generator before the slide's discriminator, as arguments of
    `generator_step`.
    """
    w = discriminator_case()
    return {"u": 0.8, "v1": [[0.5], [-0.4]], "v2": [[-0.6, 0.9]], "w1": w["w1"], "w2": w["w2"]}


def sure_case() -> dict:
    """Return a generator whose x the discriminator rejects: D(x) is about 0.01."""
    return {**generator_case(), "w1": [[4.0], [-4.0]], "w2": [6.0, -6.0], "rate": 0.1}


def findings() -> list[Finding]:
    """Compare the slide's printed values with those computed from its numbers.

    Returns:
        A row a quantity, and one an entry of dL/dw1. `finding` is "rounded" (right, but for
        rounding), "named-dw2" (it is dL/dw1, which the slide calls dL/dw2), or "wrong" (no rounding
        gives it).
    """
    case = discriminator_case()
    back = gan_backward(**case)
    share = PRINTED["D"] - 1
    again = share * np.array(case["w2"]) * back["slope"] * case["x"]  # dw1 from the rounded D
    rows = [_finding("D", PRINTED["D"], back["D"], round(float(back["D"]), 2), "rounded")]
    rows.append(
        _finding("dw1", PRINTED["dw1"], back["dw1"][:, 0].tolist(), again.tolist(), "named-dw2")
    )
    for k, said in enumerate(PRINTED["dw1"]):
        ours = float(back["dw1"][k, 0]), float(again[k])
        right = any(round(v, 3) == said for v in ours)
        rows.append(_finding(f"dw1[{k}]", said, *ours, "rounded" if right else "wrong"))
    return rows


def _finding(quantity: str, said: Any, exact: Any, rounded: Any, finding: Any) -> Finding:
    return {
        "quantity": quantity,
        "slide": said,
        "exact": exact if isinstance(exact, list) else float(exact),
        "rounded": rounded,
        "finding": finding,
    }
