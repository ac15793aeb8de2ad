"""The attention tab: attention by hand, positions, a Transformer that rewrites dates, its kin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from apps.lessons.attention import ablate as attention_ablate
from apps.lessons.attention import compare as attention_compare
from apps.lessons.attention import dates
from apps.lessons.attention import hand as attention_hand
from apps.lessons.attention import heads as attention_heads
from apps.lessons.attention import models as attention_models
from apps.lessons.attention import order as attention_order
from apps.lessons.attention import waves as attention_waves
from apps.lessons.attention import write as attention_write
from apps.lessons.attention.controls import CONTROLS
from apps.lessons.shared import nets
from apps.stage import Tab
from apps.stage.server import alone, home_card

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
    from core.models.transformer import attention

    trace = attention.attention_step(x, wq, wk, wv, heads, mask)
    keep = ("q", "k", "v", "scores", "scaled", "masked", "exp", "weights", "contexts", "output")
    return {name: trace[name] for name in keep}


def date_translate(text: str, model: str = "transformer-dates") -> dict:
    """Say a date as ISO 8601, greedily, with all attention and probabilities.

    Args:
        text: a date as people write it, Korean or English, at most 48 characters; anything else is
            answered too, as no date.
        model: "transformer-dates", "seq2seq-attention-dates" or "seq2seq-dates".

    Returns:
        "iso", the day, or null where the answer names none; "said", the answer itself ("?" means
        no date); "verdict", "date", "none" or "unsure"; "probability" of the whole answer;
        "tokens" read, [start] first; "symbols" said, [end] last; "probabilities", for each of them
        the ten likeliest [{"symbol", "probability"}]; "attention", "encoder" (layers, heads,
        tokens, tokens), "decoder" (layers, heads, symbols, symbols) and "cross" (layers, heads,
        symbols, tokens), as far as the model has them.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    made = attention_models.said(attention_models.usable(model), text)
    keep = ("iso", "said", "verdict", "probability", "tokens", "symbols", "attention")
    return {
        **{name: made[name] for name in keep},
        "probabilities": [step["top"] for step in made["steps"]],
    }


# ---- views

VIEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "hand": attention_hand.hand,
    "heads": attention_heads.heads,
    "order": attention_order.order,
    "waves": attention_waves.waves,
    "kinds": attention_waves.kinds,
    "translate": dates.translate,
    "looks": dates.looks,
    "ablate": attention_ablate.ablate,
    "compare": attention_compare.compare,
    "write": attention_write.write,
}


def made(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's board with its tables; where its net cannot be had, the sentence why."""
    # no net, but attention by hand holds all the same
    return nets.or_why(lambda: VIEWS[view](inputs), lambda: attention_hand.hand({})["checks"])


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene; one that lacks a net is not kept, it may come."""
    shown = {k: v for k, v in made(view, inputs).items() if k != "tables"}
    needed = attention_models.NEEDED.get(view, ())
    return {**shown, "fleeting": not all(map(attention_models.have, needed))}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return made(view, inputs).get("tables", {})


def source(view: str) -> Callable[[dict[str, Any]], Sequence[Callable]]:
    """Return what a view's code drawer shows, looked up when it is opened: core needs torch."""

    def functions(inputs: dict[str, Any]) -> Sequence[Callable]:
        from core.models.gpt import decoder
        from core.models.seq2seq import recurrent
        from core.models.transformer import (
            attention,
            encoder_decoder,
            layers,
            positions,
            translation,
        )

        return {
            "hand": (attention.attention_step, attention.attend),
            "heads": (attention.attention_step, attention.attend, attention.split, attention.join),
            "order": (positions.permuted, positions.placed),
            "waves": (positions.sinusoidal, positions.frequencies, positions.against_distance),
            "kinds": (positions.sinusoidal, positions.rotate, positions.rotary_dots),
            "translate": (translation.translate, translation.wander, translation.search),
            "looks": (layers.Attention.forward, layers.Block.forward),
            "ablate": (
                encoder_decoder.Transformer.decode,
                translation.gates_of,
                translation.taught,
            ),
            "compare": (recurrent.Seq2Seq.encode, recurrent.Seq2Seq.decode),
            "write": (decoder.filtered, decoder.GPT.go_on, decoder.write),
        }[view]

    return functions


TAB = Tab(
    name="attention",
    board=board,
    tables=tables,
    sources={view: source(view) for view in VIEWS},
    controls=CONTROLS,
    endpoints={"attention_step": attention_step, "date_translate": date_translate},
    picture=partial(home_card.picture, "attention"),
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
