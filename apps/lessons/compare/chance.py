"""What a family says of a picture's probability, and a blind test of what a room sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.compare import models as m
from apps.stage import board as b
from core.inputs import InputError, integer
from core.measure import check as check_compare
from core.measure import comparison
from core.measure.comparison import BY_NAME, FAMILIES, PIXELS, SEED, Family
from core.measure.intervals import wilson

TRIALS = 40  # pictures of a blind test: half of them real
LEVEL = 0.95
VAE, FLOW, EBM = "vae-mnist", "flow-mnist", "ebm-mnist"


# ---- likelihood


def likelihood(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return what each family says of a test digit's probability, and how the units compare."""
    grey = digit(integer("digit", inputs.get("digit", 0), 0, 99))
    now, checks = here(grey)
    converted, turn, check = conversion(now)
    pictures = b.column(
        b.grey(b.word("digit_grey"), grey, size=104, role="real"),
        b.grey(b.word("digit_bits"), grey >= 0.5, size=104, role="real"),
        gap="tight",
    )
    note = b.text(b.word("not_alike"), "ink", "wide")
    shown = b.column(b.row(pictures, densities(now), gap="mid"), *converted, note, gap="mid")
    said = {f.card: comparison.likelihood(m.card(f.card)) for f in m.present()}
    return {
        "frames": [b.frame(shown)],
        "facts": [],
        "checks": [*checks, *check],
        "turn": turn,
        "tables": {"digit": grey, "now": now, "cards": said},
    }


def densities(now: dict[str, float]) -> b.Widget:
    """Return the table of what each family says of this digit and of the test set."""
    heads = [
        b.head(b.word("column.family")),
        b.head(b.word("column.says")),
        b.head(b.word("column.of_digit")),
        b.head(b.word("column.of_test")),
        b.head(b.word("column.bits"), unit=b.word("unit.bits")),
    ]
    rows = [line(family, now) for family in FAMILIES]
    faint = [i for i, family in enumerate(FAMILIES) if not m.have(family.card)]
    return b.table("", heads, rows, faint=faint)


def digit(at: int) -> np.ndarray:
    """Return one of the 100 test digits that ship, (28, 28) in [0, 1]."""
    from core.data.mnist import digits_sample

    return digits_sample()[0][at, 0].numpy() / 255.0


def here(grey: np.ndarray) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Return what the models say of one digit now, in nats (an energy: in its own unit), and the
    checks.
    """
    import torch

    from core.models.flow import real_nvp
    from core.models.vae import autoencoder

    x = torch.as_tensor(grey, dtype=torch.float32)[None, None]
    found, checks = {}, []
    if m.have(VAE):
        net, some = m.model(VAE), (x >= 0.5).float()
        noise = torch.Generator().manual_seed(SEED)
        eps = torch.randn(1, net.config.latent, generator=noise)
        with torch.no_grad():
            bound = autoencoder.elbo(net, some, eps)["elbo"]
        found[VAE] = -float(bound[0])
        same = check_compare.bound_delta(net, some, eps, bound)
        checks.append(b.check(same["delta"], f"VAE: {same['against']}", 1e-5))
    if m.have(FLOW):
        noise = torch.Generator().manual_seed(SEED)
        with torch.no_grad():
            found[FLOW] = -float(real_nvp.log_likelihood(m.model(FLOW), x, 1, noise)[0])
    if m.have(EBM):
        with torch.no_grad():
            found[EBM] = float(m.model(EBM).energy(x)[0])
    return found, checks


def line(family: Family, now: dict[str, float]) -> list[dict[str, Any]]:
    """Return a family's line: what it gives, of this digit, of the test set."""
    title = b.cell(family.title)
    if not m.have(family.card):
        return [title, b.cell(b.word("no_weights", name=family.card))]
    said = comparison.likelihood(m.card(family.card))
    value = now.get(family.card)
    unmeasured = family.density == "grey" and said is None
    unit, places = ("unit.energy", 4) if family.density == "energy" else ("unit.nats", 2)
    return [
        title,
        b.cell(b.word("says.unmeasured" if unmeasured else f"says.{family.density}")),
        b.cell("—" if value is None else b.word(unit, v=told(value, places))),
        b.cell("—" if said is None else b.word("unit.nats", v=told(said["nats"]))),
        b.cell("—" if said is None else f"{said['bits']:.4f}"),
    ]


def told(value: float, places: int = 2) -> str:
    """Return a number with a real minus."""
    return f"{value:.{places}f}".replace("-", "−")


def conversion(now: dict[str, float]) -> tuple[list[b.Widget], Any, list[dict[str, Any]]]:
    """Return nats turned into bits a dimension by hand, as what it asks for, and its check."""
    if VAE not in now:
        return [], None, law_alone()
    nats = now[VAE]
    bits = comparison.nats_to_bits(nats)
    tokens = ["bits/dim = nats / (784 · ln 2) = ", b.num(round(nats, 4), "ink"), " / 543.4274 = "]
    shown = b.lines("", [[*tokens, b.num(bits, "ink")]], key="bits")
    turn = {
        "ask": b.word("turn_bits", nats=f"{nats:.4f}"),
        "blanks": [b.blank("bits/dim", [bits], "ink", "bits")],
    }
    found = check_compare.bits_delta(nats, bits, PIXELS)
    return [shown], turn, [b.check(found["delta"], found["against"], 1e-9)]


def law_alone() -> list[dict[str, Any]]:
    """Return the check of the units where no model is here to use them."""
    found = check_compare.bits_delta(100.0, comparison.nats_to_bits(100.0), PIXELS)
    return [b.check(found["delta"], found["against"], 1e-9)]


# ---- the blind test


def blind(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a blind test: real digits and those of two families, shuffled by the seed."""
    one, other = (m.picked(inputs, field, VAE, m.ready()) for field in ("first", "second"))
    if one is other:
        rest = ", ".join(name for name in BY_NAME if name != one.card)
        raise InputError("choice", field="second", got=f'"{other.card}"', allowed=rest)
    seed = integer("order", inputs.get("order", 1), 0, comparison.MOST_SEED)
    pictures, kinds = trials(one, other, seed)
    groups = [
        b.group("real", b.word("real_digits"), 0, "real"),
        *(b.group(f.card, f.title, 1) for f in (one, other)),
    ]
    options = [b.word("guess_real"), b.word("guess_made")]
    key = f"{one.card} {other.card} {seed}"
    right, of = 14, 20
    low, high = wilson(right, of, LEVEL)
    found = check_compare.score_delta(right, of, LEVEL, (low, high))
    return {
        "frames": [
            b.frame(b.quiz(b.word("blind_ask"), pictures, kinds.tolist(), groups, options, key=key))
        ],
        "facts": [],
        "checks": [b.check(found["delta"], found["against"], 1e-12)],
        "turn": {
            "ask": b.word("turn_wilson", right=str(right), n=str(of)),
            "blanks": [b.blank(b.word("interval_name"), [low, high], "ink", "interval")],
        },
        "limits": m.limits("first", "second"),
        "tables": {"kinds": ["real", one.card, other.card], "order": kinds},
    }


def trials(one: Family, other: Family, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures (40, 28, 28) in [0, 1] in the order they are shown, and what each is: 0
    real, 1 and 2 the families.
    """
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(np.repeat([0, 1, 2], [TRIALS // 2, TRIALS // 4, TRIALS // 4]))
    sources = [m.real()["images"], m.images(one, SEED), m.images(other, SEED)]
    taken = [iter(rng.permutation(len(source))) for source in sources]
    return np.stack([sources[k][next(taken[k])] for k in kinds]) / 255, kinds
