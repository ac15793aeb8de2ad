"""View "nats": the exact cost of a digit beside bounds on it, and of the whole test set."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.pixelcnn import models as m
from apps.lessons.pixelcnn.inputs import Inputs
from apps.lessons.pixelcnn.pixel import bits_text
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Turn
from apps.stage.numbers import format_number
from core.measure.comparison import nats_to_bits
from core.measure.nats import shipped_nats
from core.models.pixelcnn import check

DRAWS = (1, 128)  # of the VAE's two bounds
LOW, HIGH, WIDTH = 0, 200, 5  # of the histogram's bins, nats
METRIC = {"tossed": "exact", "half": "half"}


def nats(inputs: Inputs) -> Board:
    """Show a digit's exact nats beside the VAE's bounds, where it stands among all."""
    image, net = inputs.picture, m.model()
    x = m.batch(image)
    exact = -float(net.log_prob(x)[0])
    bounds = vae_bounds(image, inputs.seed)
    bars = [{"label": b.word("bar_exact"), "v": exact, "role": "made"}]
    bars += [
        {"label": b.word("bar_bound", n=str(n)), "v": value, "role": "hidden"}
        for n, value in bounds.items()
    ]
    high = float(np.ceil(max([exact, *bounds.values()]) / 20 + 0.5) * 20)
    picture = m.grid(m.source_name(inputs), image, 7, edit="drawn")
    shown = b.column(b.bars(b.word("this_digit"), bars, 0, high), *totals(), gap="mid")
    view = b.row(b.column(picture, shown, gap="mid"), histogram(inputs, exact, bounds), gap="wide")
    return {
        "frames": [b.frame(view)],
        "facts": facts(inputs),
        "checks": [b.delta_check(check.log_prob_delta(net, x.numpy(), [-exact]), m.SINGLE)],
        "values": {"drawn": bits_text(image)},
        "turn": turn(exact),
        "tables": tables(exact, bounds),
        "fleeting": nats_of_digits() is None,
    }


@lru_cache(maxsize=1)
def nats_of_digits() -> dict[str, np.ndarray] | None:
    """Return the nats of the test digits that ship, None where they are of other nets."""
    return shipped_nats()


def vae_bounds(image: np.ndarray, seed: int) -> dict[int, float]:
    """Return the VAE's bounds on a picture's nats, from above, by the number of draws of z."""
    import torch

    from core.models.vae.autoencoder import importance_bound

    if not nets.have(m.VAE):
        return {}
    net, found = nets.model(m.VAE), {}
    for n in DRAWS:
        noise = torch.Generator().manual_seed(seed)
        eps = torch.randn(n, 1, net.config.latent, generator=noise)
        with torch.no_grad():
            found[n] = -float(importance_bound(net, m.batch(image), eps)[0])
    return found


def histogram(inputs: Inputs, exact: float, bounds: dict[int, float]) -> b.Widget:
    """Return how many test digits cost how much, exactly and by the VAE's bound."""
    found = nats_of_digits()
    if found is None:
        return nets.absent("mnist-nats")
    edges = np.arange(LOW, HIGH + WIDTH, WIDTH)
    middles = (edges[:-1] + edges[1:]) / 2
    kind = METRIC[inputs.binary]
    kinds = {kind: "made"} | ({"elbo": "hidden"} if kind == "exact" else {})
    curves, rules = [], []
    for name, role in kinds.items():
        counts = np.histogram(np.clip(found[name], LOW, HIGH - 1), edges)[0]
        mean = float(found[name].mean())
        told = b.word(f"curve_{name}", mean=f"{mean:.1f}")
        curves.append(b.series(told, counts, role, x=middles))
        rules.append({"x": mean, "label": ""})
    top = 0.06 * max(max(one["y"]) for one in curves)
    spots = [{"x": min(exact, HIGH), "y": top, "label": b.word("this_one"), "role": "made",
              "side": "above", "on": True}]  # fmt: skip
    return b.chart(
        b.word("histogram", n=f"{len(found[kind]):,}"),
        curves,
        x=b.word("nats_axis"),
        y=b.word("digits_axis"),
        low=0,
        rules=rules,
        spots=spots,
        width=560,
        height=360,
    )


def totals() -> list[b.Widget]:
    """Return the table of what each model says of the test set, and of which pictures."""
    rows = []
    for name, metric, kind in (
        (m.NAME, "-log p", "exact"),
        (m.VAE, "-ELBO", "bound"),
        (m.FLOW, "bits/dim", "grey"),
    ):
        value = nets.card_value(name, metric)
        if value is None:
            continue
        said = value if metric == "bits/dim" else nats_to_bits(value)
        cost = b.word("other_pictures") if metric == "bits/dim" else f"{value:.2f} nat"
        rows.append([b.cell(b.word(f"row_{kind}")), b.cell(cost), b.cell(f"{said:.3f}")])
    heads = [b.head(b.word("head_model")), b.head(b.word("head_test")), b.head("bits/dim")]
    return [b.table("", heads, rows)] if rows else []


def facts(inputs: Inputs) -> list[Fact]:
    """Return the means over the same 500 digits, and over all under another binarisation."""
    found = nats_of_digits()
    if found is None:
        return []
    from core.measure.nats import EVERY

    some = found["exact"][::EVERY]
    return [
        b.fact(b.word("fact_500", n=str(len(some))), f"{some.mean():.2f} nat"),
        b.fact(b.word("fact_vae"), f"{found['bound'].mean():.2f} nat"),
        b.fact(b.word("fact_half"), f"{found['half'].mean():.2f} nat"),
    ]


def turn(exact: float) -> Turn:
    """Return the exercise: nats as bits a pixel."""
    shown = round(exact, 2)
    return {
        "ask": b.word("turn_nats", nats=format_number(shown, 2)),
        "blanks": [b.blank(b.word("bits_per_pixel"), [nats_to_bits(shown)], "grad", "")],
    }


def tables(exact: float, bounds: dict[int, float]) -> dict[str, object]:
    """Return the digit's nats, and all that ship."""
    rows = [["exact", exact], *([f"VAE, {n} draws", v] for n, v in bounds.items())]
    return {"digit": rows, **(nats_of_digits() or {})}
