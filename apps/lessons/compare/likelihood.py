"""View "likelihood": each family's likelihood of a picture, and its units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.lessons.shared.pictures import digits
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Turn
from core.measure import check, comparison
from core.measure.comparison import FAMILIES, PIXELS, SEED, Family

if TYPE_CHECKING:
    from core.models.flow.bound import Bound

VAE, EXACT, FLOW, EBM = "vae-mnist", "pixelcnn-mnist", "flow-mnist", "ebm-mnist"


def likelihood(inputs: Inputs) -> Board:
    """Show each family's likelihood of a test digit, and how the units compare."""
    grey = digits()[0][inputs.digit]
    now, checks = evaluate_digit(grey)
    flow = flow_bound(grey) if m.have(FLOW) else None
    if flow:
        now[FLOW] = -flow.log_P
        checks.append(flow_check(grey))
    converted, turn = conversion(now)
    pictures = b.column(
        b.grey(b.word("digit_grey"), grey, size=104, role="real"),
        b.grey(b.word("digit_bits"), grey >= 0.5, size=104, role="real"),
        gap="tight",
    )
    note = b.text(b.word("not_alike"), "ink", "wide")
    shown = b.column(b.row(pictures, densities(now), gap="mid"), *converted, note, gap="mid")
    said = {f.card: comparison.likelihood(m.card(f.card)) for f in m.present_families()}
    return {
        "frames": [b.frame(shown)],
        "facts": [draw_fact(flow)] if flow else [],
        "checks": [*checks, *law_alone()],
        "turn": turn,
        "tables": {"digit": grey, "now": now, "flow_error": flow and flow.error, "cards": said},
    }


def densities(now: dict[str, float]) -> b.Widget:
    """Return the table of each family's likelihood of this digit and of the test set."""
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


def evaluate_digit(grey: np.ndarray) -> tuple[dict[str, float], list[Check]]:
    """Compute each model's likelihood of one digit, in nats (an energy: in its own unit), and the
    checks.
    """
    import torch

    from core.models.pixelcnn.check import log_prob_delta
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
        same = check.bound_delta(net, some, eps, bound)
        checks.append(b.check(same["delta"], f"VAE: {same['against']}", 1e-5))
    if m.have(EXACT):
        exact, some = m.model(EXACT), (x >= 0.5).float()
        with torch.no_grad():
            log_p = exact.log_prob(some)
        found[EXACT] = -float(log_p[0])
        same = log_prob_delta(exact, some.numpy(), log_p.double())
        checks.append(b.check(same["delta"], f"PixelCNN: {same['against']}", 1e-5))
    if m.have(EBM):
        with torch.no_grad():
            found[EBM] = float(m.model(EBM).energy(x)[0])
        checks.append(energy_check(grey, found[EBM]))
    return found, checks


def flow_bound(grey: np.ndarray) -> Bound:
    """Return the flow's bound on log P of one digit, the mean over draws of the noise."""
    import torch

    from core.models.flow.bound import bound

    return bound(m.model(FLOW), torch.as_tensor(grey, dtype=torch.float32))


def flow_check(grey: np.ndarray) -> Check:
    """Check the flow's log|det J| of one draw of the noise by autograd."""
    import torch

    from core.models.flow.check import volume_delta
    from core.models.flow.real_nvp import dequantise

    net, x = m.model(FLOW), torch.as_tensor(grey, dtype=torch.float32)[None, None]
    v = dequantise(x, torch.Generator().manual_seed(SEED))
    with torch.no_grad():
        log_det = net(v)[1]
    return b.delta_check(volume_delta(net, v, log_det), 1e-5)


def energy_check(grey: np.ndarray, energy: float) -> Check:
    """Check the energy of one digit by the same net written out in numpy."""
    from core.models.ebm.check import image_slope

    weights = {name: value.numpy() for name, value in m.model(EBM).state_dict().items()}
    theirs = image_slope(weights, grey[None])[0][0]
    return b.check(abs(float(theirs) - energy), "EBM: E, numpy, float64", 1e-4)


def draw_fact(flow: Bound) -> Fact:
    """Return how sure the flow's value is."""
    said = f"{format_signed(-flow.log_P)} ± {flow.error:.2f} nat"
    return b.fact(b.word("flow_draws", n=str(flow.draws)), said)


def line(family: Family, now: dict[str, float]) -> list[b.Cell]:
    """Return a family's row: its kind of likelihood, of this digit, of the test set."""
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
        b.cell("—" if value is None else b.word(unit, v=format_signed(value, places))),
        b.cell("—" if said is None else b.word("unit.nats", v=format_signed(said["nats"]))),
        b.cell("—" if said is None else f"{said['bits']:.4f}"),
    ]


def format_signed(value: float, places: int = 2) -> str:
    """Return a number with a real minus."""
    return f"{value:.{places}f}".replace("-", "−")


def conversion(now: dict[str, float]) -> tuple[list[b.Widget], Turn | None]:
    """Return nats converted into bits a dimension by hand, and the exercise."""
    if VAE not in now:
        return [], None
    nats = now[VAE]
    bits = comparison.nats_to_bits(nats)
    tokens = ["bits/dim = nats / (784 · ln 2) = ", b.num(round(nats, 4), "ink"), " / 543.4274 = "]
    shown = b.lines("", [[*tokens, b.num(bits, "ink")]], key="bits")
    turn: Turn = {
        "ask": b.word("turn_bits", nats=f"{nats:.4f}"),
        "blanks": [b.blank("bits/dim", [bits], "ink", "bits")],
    }
    return [shown], turn


def law_alone() -> list[Check]:
    """Return the check of the units: 256 greys alike take 8 bits a pixel."""
    bits = comparison.nats_to_bits(PIXELS * math.log(256))
    return [b.check(abs(bits - 8), "log₂ 256 = 8", 1e-12)]
