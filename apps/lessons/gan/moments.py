"""View "moments": the same codes at moments of a GAN's training, and how its curves correlate with
their quality.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.gan import nets as m
from apps.lessons.gan.inputs import Inputs
from apps.lessons.gan.shows import arc_checks, nets_limit
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Functions, Turn
from core.measure import ranks

ROLES = {"D": "real", "G": "made", "W": "hidden"}
WORDS = {"D": "digits.loss_d", "G": "digits.loss_g", "W": "digits.estimate"}
ASKED = 4  # last moments that "your turn" asks about
KEPT = 0.03  # file and journal: weights of half precision, shades of 1/255


def moments(inputs: Inputs) -> Board:
    """Show 64 digits of the same codes at each moment, with losses and distance up to it."""
    name = inputs.model
    found = nets.journal(name)
    steps = found["moments.step"].astype(int).tolist()
    frames = [
        b.frame(
            b.row(
                b.grey(b.word("digits.same_codes", net=m.NAMES[name]), pictures, size=400),
                b.column(losses(found, step), distance(found, step), gap="tight"),
                gap="mid",
            ),
            b.word("digits.step", n=f"{step:,}"),
            now(name, found, at),
        )
        for at, (step, pictures) in enumerate(zip(steps, sheets(found)))
    ]
    rhos = correlations(name)
    facts = [b.fact(b.word("digits.rho", curve=b.word(WORDS[k])), v) for k, v in rhos.items()]
    board: Board = {
        "frames": frames,
        "facts": facts,
        "checks": checks(name, found, rhos),
        "limits": {"model": nets_limit(m.NETS)},
        "tables": tables(found),
        "turn": question(found),
    }
    return board


def sheets(found: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Return the 64 digits of each moment as one picture."""
    return [pictures.sheet(images[: m.SHEET, 0] / 255, 8) for images in found["moments.images"]]


def curves(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a net's loss curves: D's and G's; of a Wasserstein critic its estimate W̃, and G's.

    D's loss there is −W̃ and the penalty: W̃ = E D(x) − E D(G(z)).
    """
    if "curves.penalty" in found:
        return {"W": found["curves.D(x)"] - found["curves.D(G(z))"], "G": found["curves.G"]}
    return {"D": found["curves.D"], "G": found["curves.G"]}


def losses(found: dict[str, np.ndarray], step: int) -> b.Widget:
    """Return the chart of the losses, its line at this step."""
    x = found["curves.step"]
    drawn = [b.series(b.word(WORDS[k]), y, ROLES[k], x=x) for k, y in curves(found).items()]
    return chart(b.word("digits.losses"), drawn, found, step)


def distance(found: dict[str, np.ndarray], step: int) -> b.Widget:
    """Return the chart of the Fréchet distance at the moments, its line at this step."""
    at = found["moments.step"] > 0
    x, y = found["moments.step"][at], found["moments.Fréchet"][at]
    drawn = [b.series("", y, "grad", x=x)]
    return chart(b.word("digits.frechet"), drawn, found, step, log=True)


def chart(
    label: b.Label,
    drawn: list[b.Series],
    found: dict[str, np.ndarray],
    step: int,
    log: bool = False,
) -> b.Widget:
    """Return curves over the steps, the first of them as wide as the later ones."""
    reach = found["moments.step"][[1, -1]].astype(float).tolist()  # the first moment is step 0
    return b.chart(
        label,
        drawn,
        x=b.word("digits.steps"),
        log=log,
        xlog=True,
        rules=[{"x": step, "label": ""}] if step else [],
        x_range=(reach[0], reach[1]),
        width=420,
        height=188,
    )


def now(name: str, found: dict[str, np.ndarray], at: int) -> list[Fact]:
    """Return a moment's numbers."""
    facts = [b.fact(b.word("digits.frechet_now"), round(float(found["moments.Fréchet"][at]), 2))]
    if name == m.CGAN:
        kept = float(found["moments.label accuracy"][at])
        facts.append(b.fact(b.word("digits.kept_now"), f"{100 * kept:.1f} %"))
    return facts


# ---- which curve means something


def pair_with_distance(found: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return each curve's value at the moments (T,), and the distance there (T,).

    A curve's points are means over stretches: a moment takes the one that ends at it or next after
    it. Moments before the first stretch ended are left out.
    """
    ends, steps = found["curves.step"], found["moments.step"]
    late = np.flatnonzero((steps >= ends[0]) & (steps <= ends[-1]))
    rows = np.searchsorted(ends, steps[late])
    return {k: y[rows] for k, y in curves(found).items()}, found["moments.Fréchet"][late]


def correlations(name: str) -> dict[str, float]:
    """Return Spearman's ρ of each of a net's curves with the Fréchet distance."""
    values, far = pair_with_distance(nets.journal(name))
    return {k: ranks.spearman(y, far) for k, y in values.items()}


def checks(name: str, found: dict[str, np.ndarray], rhos: dict[str, float]) -> list[Check]:
    """Return the checks: ρ by SciPy, and the last moment's digits by the weights that ship."""
    from scipy.stats import spearmanr

    values, far = pair_with_distance(found)
    delta = max(abs(float(np.asarray(spearmanr(y, far))[0]) - rhos[k]) for k, y in values.items())
    made = [b.check(delta, "scipy.stats.spearmanr", 1e-12)]
    if nets.have(name):
        from core.models.gan.check_digits import image_delta
        from core.models.gan.networks import watched_codes

        net = m.gan(name)
        z, asked = watched_codes(net, 8)
        embedded = None if asked is None else m.embeddings()[asked]
        shown = found["moments.images"][-1, :8, 0] / 255
        delta = image_delta(net, z.numpy(), shown, embedded)
        made.append(b.delta_check(delta, KEPT))
    return made


def question(found: dict[str, np.ndarray]) -> Turn:
    """Return the exercise: ρ of a curve over the last moments, from the numbers in the question."""
    values, far = pair_with_distance(found)
    name, curve = next(iter(values.items()))
    near, seen = (np.round(part[-ASKED:], 3) for part in (far, curve))
    return {
        "ask": b.word(
            "digits.turn_rho",
            n=str(ASKED),
            curve=b.word(WORDS[name]),
            values=list_numbers(seen),
            far=list_numbers(near),
        ),
        "blanks": [b.blank("ρ", [ranks.spearman(seen, near)], "hidden", "")],
    }


def list_numbers(values: np.ndarray) -> str:
    """Return numbers as they are printed in a sentence."""
    return ", ".join(f"{v:.3f}" for v in values).replace("-", "−")


def tables(found: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return curves and distances as rows."""
    drawn = curves(found)
    rows = zip(found["curves.step"].tolist(), *(y.tolist() for y in drawn.values()))
    seen = zip(found["moments.step"].tolist(), found["moments.Fréchet"].tolist())
    return {
        "curves": [["step", *drawn], *map(list, rows)],
        "frechet": [["step", "Fréchet"], *map(list, seen)],
    }


def source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    from core.models.gan import networks

    del inputs
    return networks.d_loss, networks.g_loss, networks.watched_codes, ranks.spearman


VIEW = nets.view(moments, source, needs=m.NETS, checks=arc_checks)
