"""The energy tab: Langevin dynamics by hand and in the plane, contrastive training, digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from apps.lessons.ebm import anomaly as ebm_anomaly
from apps.lessons.ebm import chains, digits, hand, train
from apps.lessons.ebm import langevin as ebm_langevin
from apps.lessons.ebm.controls import CONTROLS
from apps.lessons.shared import nets, sampling
from apps.lessons.vae import models as vae_models
from apps.stage import Tab
from apps.stage import board as b
from core.inputs import integer, number

MOST_CHAINS = 16
DIGITS = ("ten", "one", "anomaly")  # the views that need the trained energy


# ---- the API


def ebm_langevin_step(x: list, grad: list, step: float, noise: list) -> dict:
    """Compute one Langevin step x' = x - step/2 grad + sqrt(step) noise in float64, term by term.

    Args:
        x: where the particle is, 1 to 8 numbers.
        grad: the energy's gradient there, as many.
        step: the step size, above 0, at most 1000.
        noise: what was drawn from N(0, I), as many numbers; zeros for a pure descent.

    Returns:
        "half_step", "root_step", "drift" = -step/2 grad, "noise_term" = sqrt(step) noise, and
        "x_next", with "x", "gradient" and "noise" as given.
    """
    from core.models.ebm.langevin import by_hand

    return by_hand(x, grad, step, noise)


def ebm_energy(image: list) -> dict:
    """Return the energy that the trained net gives an image, in float32.

    Args:
        image: 28 rows of 28 numbers from 0 (paper) to 1 (ink).

    Returns:
        "energy", low for what looks like a digit; its zero and its scale mean nothing by
        themselves, and "usual", the mean of 100 test digits.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    x = vae_models.grey(image)
    return {
        "energy": float(chains.energies(x[None])[0]),
        "usual": chains.usual_energy(),
    }


def ebm_sample(
    n: int = 10, seed: int = 0, steps: int = 300, step_size: float = 2.5, noise: float = 0.0025
) -> dict:
    """Draw digits: chains of Langevin dynamics that start from uniform noise.

    Args:
        n: how many, 1 to 16.
        seed: a whole number from 0 on; the same gives the same images.
        steps: of each chain, 1 to 500.
        step_size: times the gradient, 0 to 100.
        noise: standard deviation of what is added in a step, 0 to 1, in units of a pixel.

    Returns:
        "images" (n x 28 x 28) in [0, 1] and "energies" (n), both after the last step.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    count = integer("n", n, 1, MOST_CHAINS)
    options = {
        "steps": integer("steps", steps, 1, chains.MOST_STEPS),
        "step_size": number("step_size", step_size, 0, 100),
        "noise": number("noise", noise, 0, 1),
    }
    begun = integer("seed", seed, 0, chains.MAX_SEED)
    model = chains.model()
    made = sampling.sample(chains.NAME, model, count, begun, **options)
    return {"images": made[:, 0].numpy(), "energies": model.energy(made).numpy()}


# ---- views

VIEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "hand": hand.step,
    "plane": ebm_langevin.plane,
    "three": ebm_langevin.three,
    "train": train.run,
    "ten": digits.ten,
    "one": digits.one,
    "anomaly": ebm_anomaly.anomaly,
}


def made(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's board with its tables; where its net cannot be had, the sentence why."""
    # no net, but Langevin's step holds all the same
    return nets.or_why(lambda: VIEWS[view](inputs), lambda: hand.step({})["checks"])


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene; one without its net is not kept, it may come."""
    shown = {k: v for k, v in made(view, inputs).items() if k != "tables"}
    return {**shown, "fleeting": view in DIGITS and not chains.have()}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return train.tables(inputs) if view == "train" else made(view, inputs).get("tables", {})


def live(
    view: str, inputs: dict[str, Any], state: str, act: str, over: Callable[[], bool]
) -> dict[str, Any]:
    """Return the next frame of the energy that trains while it is watched."""
    if view != "train":
        raise KeyError(view)
    return train.go_on(inputs, state, act, over)


def picture() -> b.Widget:
    """Return the home page's picture: particles that came down on the energy of eight modes.

    The same dynamics in numpy, because torch is not there yet: E = −log Σ exp(−|x − c|²/(2σ²)).
    """
    rng = np.random.default_rng(1)
    turn = 2 * np.pi * np.arange(8) / 8
    centres, sigma, step = 2 * np.stack([np.cos(turn), np.sin(turn)], 1), 0.35, 0.05

    def near(x: np.ndarray) -> np.ndarray:
        return np.exp(-((x[..., None, :] - centres) ** 2).sum(-1) / (2 * sigma**2)) + 1e-12

    x = rng.uniform(-2.9, 2.9, (140, 2))
    way = [x[:24].copy()]
    for _ in range(40):
        share = near(x) / near(x).sum(-1, keepdims=True)  # (140, 8)
        slope = (x - share @ centres) / sigma**2
        x = x - step / 2 * slope + np.sqrt(step) * rng.standard_normal(x.shape)
        way.append(x[:24].copy())
    line = (np.arange(48) + 0.5) / 48 * 6 - 3
    energy = -np.log(near(np.stack(np.meshgrid(line, line[::-1]), -1)).sum(-1))
    return b.field(
        "",
        (-3, 3, -1.75, 1.75),
        [
            b.surface(np.log1p(energy - energy.min())[10:38], 0, 3.4, above="grad"),
            b.curves(list(np.array(way).swapaxes(0, 1)), "hidden", width=0.7),
            b.dots(x[np.abs(x[:, 1]) < 1.75], "made", radius=2.6),
        ],
        size=320,
    )


def source(view: str) -> Callable[[dict[str, Any]], Sequence[Callable]]:
    """Return what a view's code drawer shows, looked up when it is opened: core.models needs
    torch.
    """

    def functions(inputs: dict[str, Any]) -> Sequence[Callable]:
        from core.measure import anomaly, ranks
        from core.models.ebm import ebm2d, langevin
        from core.models.ebm import energy as ebm

        return {
            "hand": (langevin.by_hand, langevin.terms),
            "plane": (langevin.terms, langevin.slope, langevin.langevin, langevin.surface),
            "three": (langevin.terms, langevin.slope, langevin.langevin),
            "train": (ebm2d.loss, ebm2d.energy, ebm2d.advance, ebm2d.partition),
            "ten": (ebm.follow, ebm.EBM.slope, ebm.EBM.sampling),
            "one": (ebm.follow, ebm.EBM.slope, ebm.EBM.sampling),
            "anomaly": (ranks.auroc, ebm.EBM.forward, anomaly.crowds),
        }[view]

    return functions


TAB = Tab(
    name="ebm",
    board=board,
    tables=tables,
    sources={view: source(view) for view in VIEWS},
    controls=CONTROLS,
    endpoints={
        "ebm_langevin_step": ebm_langevin_step,
        "ebm_energy": ebm_energy,
        "ebm_sample": ebm_sample,
    },
    picture=picture,
    live=live,
)
