"""What a Transformer loses without one of its parts: positions, mask, layer, a head."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.attention.dates import checks
from apps.lessons.attention.models import (
    CHEAT,
    LOST,
    SHORT,
    TRANSFORMER,
    VARIANTS,
    WHOLE,
    answer_of,
    have,
    marks,
    metric,
    model,
    said,
)
from apps.stage import board as b
from core.inputs import choice

PAIRS = 160  # held-out dates that the table of muted heads is measured on, here and now
PARTS = ("encoder", "decoder", "cross")
LACKS = {WHOLE: "whole", LOST: "no-positions", CHEAT: "no-mask", SHORT: "one-layer"}
SHOWN = 6  # changed answers that are written out
LOOK = ("variants", "heads", "cheat")


def ablate(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked for: the variants, the muted heads, or how a net learns to cheat."""
    text = inputs.get("text", "")
    look = choice("look", inputs.get("look", "variants"), LOOK)
    whole = said(TRANSFORMER, text)
    made = {"variants": variants, "heads": heads, "cheat": cheat}[look](text)
    return {"facts": [], "checks": checks(TRANSFORMER, whole, 1.0), **made}


# ---- variants, each trained anew without one thing


def variants(text: str) -> dict[str, Any]:
    """Return the measured share of right answers of each, and what each says of this date."""
    there = [name for name in VARIANTS if have(name)]
    measured = {n: {k: metric(n, k) for k in ("exact match", "taught")} for n in VARIANTS}
    bars = [shares(measured, what) for what in ("taught", "exact match")]
    rows = []
    for name in there:
        one = said(name, text)
        rows.append(
            [b.word(f"lacks.{LACKS[name]}"), " → ", one["said"] or "—", "   p = ",
             b.num(one["probability"], "made")]
        )  # fmt: skip
    missing = [b.text(b.word("absent_some"), "grad", "note")] if len(there) < len(VARIANTS) else []
    answers = b.lines(b.word("said_of", text=text or "—"), rows)
    long = metric(TRANSFORMER, "exact match")
    note = [b.text(b.word("say_variants", p=f"{100 * long:.2f}"), size="wide")]
    note = note if np.isfinite(long) else []
    view = b.column(b.row(*bars, gap="wide"), answers, *note, *missing)
    return {
        "frames": [b.frame(view, b.word("look_variants"))],
        "facts": epochs(there),
        "turn": {
            "ask": b.word("turn_variants"),
            "frame": 0,
            "blanks": [
                b.blank("n", [4 * (64 * 64 + 64) + 2 * 64 * 128 + 128 + 64 + 2 * 2 * 64], "ink", "")
            ],
        },
        "tables": {"measured": {LACKS[n]: v for n, v in measured.items()}},
    }


def epochs(names: list[str]) -> list[dict[str, Any]]:
    """Return for how long these nets learned, a fact that makes them comparable."""
    from core import weights

    cards = weights.cards()
    found = sorted({str(cards[n].training.get("epochs")) for n in names if n in cards})
    return [b.fact(b.word("epochs_each"), ", ".join(found))] if found else []


def shares(measured: dict[str, dict[str, float]], what: str) -> b.Widget:
    """Return one measured share of each variant as bars."""
    items = [
        {
            "label": b.word(f"lacks.{LACKS[name]}"),
            "v": found[what],
            "role": "made" if name == WHOLE else "grad",
        }
        for name, found in measured.items()
        if np.isfinite(found[what])
    ]
    name = b.word(f"measured.{'taught' if what == 'taught' else 'exact'}")
    return b.bars(name, items, low=0, high=1, digits=4)


# ---- heads that are muted


@lru_cache(maxsize=2)
def held(count: int) -> tuple[Any, Any]:
    """Return held-out pairs: letters (N, S) and symbols (N, T)."""
    import torch

    from core.data.date_tensors import draw_pairs

    letters, symbols, _ = draw_pairs(count, torch.Generator().manual_seed(2), "held")
    letters = letters.long()
    return letters[:, : int((letters != 0).sum(1).max())], symbols.long()


def share_right(net: Any, state: Any, gates: dict | None) -> float:
    """Return the share of pairs said right to the last symbol, greedily, from what was read.

    A greedy answer is right if and only if every symbol is the likeliest after the right ones
    before it: all are asked at once.
    """
    import torch

    _, target = held(PAIRS)
    with torch.no_grad():
        best = net.decode(target[:, :-1], state, gates)[0].argmax(-1)  # (N, T)
    wanted = target[:, 1:]
    return float(((best == wanted) | (wanted == 0)).all(1).double().mean())


def table_of() -> tuple[float, dict[str, np.ndarray], int]:
    """Return the share with every head, part -> (layers, heads) with that one muted, of how many.

    As its recipe measured it for this very net; where that is not there, on fewer pairs now.
    """
    from core import weights
    from core.measure import heads as record

    card = weights.cards().get(TRANSFORMER)
    found = record.read_heads() if record.FILE.exists() else {}
    if card is None or found.get("sha256") != card.sha256:
        return (*muted(), PAIRS)
    return found["whole"], {k: np.array(v) for k, v in found["muted"].items()}, found["pairs"]


@lru_cache(maxsize=2)
def muted() -> tuple[float, dict[str, np.ndarray]]:
    """Return the share with every head, and part -> (layers, heads) with that one muted."""
    import torch

    from core.models.transformer.translation import gates_of

    net, (source, _) = model(TRANSFORMER), held(PAIRS)
    with torch.no_grad():
        read = net.encode(source)[0]
        found = {}
        for part, (layers, count) in net.heads().items():
            table = np.zeros((layers, count))
            for i, j in np.ndindex(layers, count):
                gates = gates_of(net, [(part, i, j)])
                state = net.encode(source, gates)[0] if part == "encoder" else read
                table[i, j] = share_right(net, state, gates)
            found[part] = table
    return share_right(net, read, None), found


def heads(text: str) -> dict[str, Any]:
    """Return accuracy with each head off, and which of them change the answer to this date."""
    full, table, pairs = table_of()
    low, part = min((v.min(), part) for part, v in table.items())
    i, j = np.unravel_index(int(table[part].argmin()), table[part].shape)
    grids = lost({name: 1 - values for name, values in table.items()})
    changed, same = answers_without(text)
    count = sum(v.size for v in table.values())
    rows: list[list[Any]] = [
        [b.word("head_off", part=b.word(f"short.{p}"), layer=str(layer + 1), head=str(h + 1)),
         " → ", one["said"] or "—", "   p = ", b.num(one["probability"], "made")]
        for (p, layer, h), one in changed
    ]  # fmt: skip
    told = b.word("unchanged_of", n=str(same), of=str(count), text=text or "—")
    below = [b.lines(b.word("changed_answers"), rows)] if rows else []
    view = b.column(b.row(*grids, gap="mid"), b.text(told, size="wide"), *below)
    name = b.word("head_off", part=b.word(f"short.{part}"), layer=str(i + 1), head=str(j + 1))
    return {
        "frames": [b.frame(view, b.word("look_heads"))],
        "facts": [
            b.fact(b.word("all_heads", n=str(pairs)), 1 - full),
            b.fact(b.word("worst_head"), [name, f"{1 - low:.3f}"]),
        ],
        "turn": {
            "ask": b.word(
                "turn_heads_off", full=f"{1 - full:.4f}", low=f"{1 - low:.4f}", n=f"{pairs}"
            ),
            "frame": 0,
            "blanks": [b.blank("n", [round((full - low) * pairs)], "ink", "")],
        },
        "tables": {"all heads": full, **table},
    }


def lost(table: dict[str, np.ndarray]) -> list[b.Widget]:
    """Return the shares of wrong answers, a grid a part, a row a layer."""
    return [
        b.lookup(
            b.word(f"part_of.{name}"),
            [b.word("layer_n", n=str(n + 1)) for n in range(len(values))],
            [str(n + 1) for n in range(values.shape[1])],
            values,
            cell=60,
            digits=3,
            role="grad",
            most=max(0.02, float(max(v.max() for v in table.values()))),
        )
        for name, values in table.items()
    ]


def answers_without(text: str) -> tuple[list[tuple[tuple[str, int, int], dict]], int]:
    """Return the heads without which this date is said otherwise, and how many leave it.

    Which do is asked along the whole net's answer, as in `share_right`.
    """
    import torch

    from core.data import dates
    from core.models.transformer.translation import gates_of, likely, source_of

    net, whole = model(TRANSFORMER), said(TRANSFORMER, text)
    known = torch.tensor(answer_of(net, whole))
    target = torch.cat([torch.tensor([dates.START]), known[:-1]])[None]
    every = [(part, *at) for part, shape in net.heads().items() for at in np.ndindex(*shape)]
    changed = []
    with torch.no_grad():
        for one in every:
            gates = gates_of(net, [one])
            state = net.encode(source_of(net, text), gates)[0]
            best = likely(net.decode(target, state, gates)[0], 1.0).argmax(-1)[0]
            if not torch.equal(best, known):
                changed.append(one)
    told = [(one, said(TRANSFORMER, text, muted=(one,))) for one in changed[:SHOWN]]
    return told, len(every) - len(changed)


# ---- no mask while it learns


def cheat(text: str) -> dict[str, Any]:
    """Return a head of the decoder over the right answer: of a net with the mask, and without.

    Each shows the head that looks most at the next place, where the symbol to say lies.
    """
    columns, facts, tables = [], [], {}
    for name, which in ((TRANSFORMER, "with"), (CHEAT, "without")):
        if not have(name):
            columns.append(b.text(b.word("absent_some"), "grad", "note"))
            continue
        rows, view = shown_answer(name, which, text)
        columns.append(view)
        ahead = np.diagonal(np.nan_to_num(rows), 1)
        facts.append(b.fact(b.word(f"ahead.{which}"), float(ahead.mean()) if len(ahead) else 0.0))
        tables[which] = rows
    told = b.text(b.word("say_cheat"), size="wide")
    return {
        "frames": [b.frame(b.column(b.row(*columns, gap="wide"), told), b.word("look_cheat"))],
        "facts": facts,
        "turn": {
            "ask": b.word("turn_cheat"),
            "frame": 0,
            "blanks": [b.blank("n", [11 * 10 // 2], "ink", "")],
        },
        "tables": tables,
    }


def shown_answer(name: str, which: str, text: str) -> tuple[np.ndarray, b.Widget]:
    """Return a head's weights (T, T) over the answer that is shown, drawn with what came of it."""
    from core.models.transformer.translation import taught

    iso = said(TRANSFORMER, text)["iso"] or "?"
    told, alone = taught(model(name), text, iso), said(name, text)
    every = told["attention"]["decoder"]  # (layers, H, T, T)
    ahead = np.diagonal(every, 1, 2, 3).sum(axis=-1)  # (layers, H)
    i, j = np.unravel_index(int(ahead.argmax()), ahead.shape)
    rows = every[i, j]
    if which == "with":
        rows = np.where(np.tri(len(rows), dtype=bool), rows, np.nan)
    tokens = marks(["[start]", *told["symbols"]])
    head = b.word("head_at", l=str(i + 1), h=str(j + 1))
    label = b.word(f"mask_{which}", head=head)
    grid = b.lookup(label, tokens[1:], tokens[:-1], rows, cell=24, group="cheat")
    ends = [(b.word("taught_p"), told), (b.word("alone_says"), alone)]
    rows_said = [
        [word, " ", made["said"] or "—", "  p = ", b.num(made["probability"], "made")]
        for word, made in ends
    ]
    return rows, b.column(grid, b.lines("", rows_said), gap="tight")
