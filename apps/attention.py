"""The attention tab: attention by hand, positions, a Transformer that rewrites dates, its kin."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from apps.lessons.attention.ablate import ablate
from apps.lessons.attention.answers import GPT, VARIANTS, answer
from apps.lessons.attention.block import block
from apps.lessons.attention.compare import compare
from apps.lessons.attention.hand import hand
from apps.lessons.attention.heads import heads
from apps.lessons.attention.inputs import DATES, TRANSFORMER, Inputs
from apps.lessons.attention.looks import looks
from apps.lessons.attention.order import order
from apps.lessons.attention.places import places
from apps.lessons.attention.translate import translate
from apps.lessons.attention.write import write
from apps.lessons.shared import nets
from apps.stage import Tab, View
from apps.stage.contract import Check, Functions, Law
from apps.stage.server import alone
from core.data import dates

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
        text: a date of 1900 to 2099 as people write it, Korean or English, at most 48 characters;
            anything else is answered too.
        model: "transformer-dates", "seq2seq-attention-dates" or "seq2seq-dates".

    Returns:
        "iso", the day, or null where the answer names none or the text is outside what the nets
        learned (another year, not one day, words of no format); "said", the answer itself ("?"
        means no date); "verdict", "date", "none", "unsure" or "outside"; "probability" of the
        whole answer, to be trusted only within what they learned;
        "tokens" read, [start] first; "symbols" said, [end] last; "probabilities", for each of them
        the ten likeliest [{"symbol", "probability"}]; "attention", "encoder" (layers, heads,
        tokens, tokens), "decoder" (layers, heads, symbols, symbols) and "cross" (layers, heads,
        symbols, tokens), as far as the model has them.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    name = nets.usable("model", model, DATES)
    dates.read_letters(text)  # refuses what is no text, or too long
    found = answer(name, text)
    keep = ("iso", "said", "verdict", "probability", "tokens", "symbols", "attention")
    return {
        **{key: found[key] for key in keep},
        "probabilities": [step["top"] for step in found["steps"]],
    }


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.models.gpt import decoder
    from core.models.seq2seq import recurrent
    from core.models.transformer import (
        attention,
        block,
        decoding,
        encoder_decoder,
        layers,
        positions,
        translation,
    )

    return {
        "hand": (attention.attention_step, attention.attend),
        "heads": (attention.attention_step, attention.attend, attention.split, attention.join),
        "order": (positions.permute, positions.add_positions),
        "places": (
            (positions.sinusoidal, positions.frequencies, positions.against_distance)
            if inputs.places == "waves"
            else (positions.sinusoidal, positions.rotate, positions.rotary_dots)
        ),
        "block": (block.block_step, block.layer_norm, block.stack),
        "translate": (translation.translate, decoding.decode_stepwise, decoding.beam_search),
        "looks": (layers.Attention.forward, layers.Block.forward),
        "ablate": (
            encoder_decoder.Transformer.decode,
            decoding.gates_of,
            translation.teacher_force,
        ),
        "compare": (recurrent.Seq2Seq.encode, recurrent.Seq2Seq.decode),
        "write": (decoder.truncated_probabilities, decoder.GPT.go_on, decoder.write),
    }


def hand_checks() -> Sequence[Check | Law]:
    """Return the checks of attention by hand, which hold where there is no net."""
    return hand(Inputs()).get("checks", ())


trained = partial(nets.view, checks=hand_checks)

TAB = Tab(
    name="attention",
    inputs=Inputs,
    views={
        "hand": View(hand),
        "heads": View(heads),
        "order": View(order),
        "places": trained(places, needs=(GPT,)),
        "block": View(block),
        "translate": trained(translate, needs=DATES),
        "looks": trained(looks, needs=(TRANSFORMER,)),
        "ablate": trained(ablate, needs=(TRANSFORMER, *VARIANTS)),
        "compare": trained(compare, needs=DATES),
        "write": trained(write, needs=(GPT,)),
    },
    endpoints=(attention_step, date_translate),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
