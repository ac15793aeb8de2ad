"""The attention tab: attention by hand, positions, a Transformer that rewrites dates, its kin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from apps.stage import Tab
from apps.stage import board as b
from apps.views import attention_hand, attention_heads, attention_order, attention_waves
from apps.views.attention_controls import CONTROLS

# ---- the API


def attention_step(
    x: list, wq: list, wk: list, wv: list, heads: int = 1, mask: str | list = "none"
) -> dict:
    """Compute self-attention with every intermediate in float64.

    Args:
        x: the tokens, (tokens, d) numbers from -100 to 100, up to 16 x 16.
        wq: (d, d), the queries are x wq.
        wk: (d, d), of the keys.
        wv: (d, d), of the values.
        heads: how many; they divide d, each takes its neighbouring columns.
        mask: "none", "causal" (a token looks at itself and those before), or a list of booleans,
            true for padding that nobody looks at.

    Returns:
        "q", "k", "v" (tokens, d); "scores", "scaled", "masked" (null where nobody may look), "exp",
        "weights" (heads, tokens, tokens); "contexts" (heads, tokens, d / heads); "output"
        (tokens, d).

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed.
    """
    from core.models import attention

    trace = attention.attention_step(x, wq, wk, wv, heads, mask)
    keep = ("q", "k", "v", "scores", "scaled", "masked", "exp", "weights", "contexts", "output")
    return {name: trace[name] for name in keep}


# ---- views

VIEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "hand": attention_hand.hand,
    "heads": attention_heads.heads,
    "order": attention_order.order,
    "waves": attention_waves.waves,
    "kinds": attention_waves.kinds,
}


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene."""
    return {k: v for k, v in VIEWS[view](inputs).items() if k != "tables"}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return VIEWS[view](inputs).get("tables", {})


def picture() -> b.Widget:
    """Return the home page's picture: attention by position alone, softmax(p(s) · p(t) / √d).

    In numpy, because torch is not there yet.
    """
    said, d = list("2026-11-20"), 16
    angles = np.outer(np.arange(len(said)), 10_000.0 ** (-np.arange(0, d, 2) / d))
    table = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    scores = table @ table.T / np.sqrt(d)
    weights = np.exp(3 * (scores - scores.max()))  # three times as sharp, so that it can be seen
    return b.ties("", said, said, weights / weights.sum(axis=1, keepdims=True))


def source(view: str) -> Callable[[dict[str, Any]], Sequence[Callable]]:
    """Return what a view's code drawer shows, looked up when it is opened: core needs torch."""

    def functions(inputs: dict[str, Any]) -> Sequence[Callable]:
        from core.models import attention, positions

        return {
            "hand": (attention.attention_step, attention.attend),
            "heads": (attention.attention_step, attention.attend, attention.split, attention.join),
            "order": (positions.permuted, positions.placed),
            "waves": (positions.sinusoidal, positions.frequencies, positions.against_distance),
            "kinds": (positions.sinusoidal, positions.rotate, positions.rotary_dots),
        }[view]

    return functions


TAB = Tab(
    name="attention",
    board=board,
    tables=tables,
    sources={view: source(view) for view in VIEWS},
    controls=CONTROLS,
    endpoints={"attention_step": attention_step},
    picture=picture,
)
