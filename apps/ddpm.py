"""The diffusion tab: into the noise, the loss by hand, out of it again, guided, in the plane."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.complete import complete
from apps.lessons.ddpm.forward import forward
from apps.lessons.ddpm.guide import guide
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.ddpm.loss import loss
from apps.lessons.ddpm.plane import plane
from apps.lessons.ddpm.reverse import reverse
from apps.lessons.ddpm.schedules import schedules
from apps.lessons.ddpm.steps import steps
from apps.lessons.ddpm.survive import survive
from apps.lessons.ddpm.train import RUN
from apps.lessons.shared import nets, sampling
from apps.stage import Tab, View
from apps.stage.contract import Check, Functions, Law
from apps.stage.declare import LARGEST_SEED
from apps.stage.server import alone
from core.inputs import integer, number

MOST_IMAGES = 16
MOST_WORK = 1000  # steps of images in one call


# ---- the API


def ddpm_forward(image: list, t: int, schedule: Any = "cosine", seed: int = 0) -> dict:
    """Return an image after t steps of noise in float64: x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε.

    Args:
        image: 28 rows of 28 numbers from 0 (paper) to 1 (ink); x_0 = 2 image − 1.
        t: 0 (clean) to 1000.
        schedule: "cosine", "linear", or {"kind": "bent", "points": [[u, ᾱ], …]}: 1 to 8 points,
            u = t/1000 rising between 0 and 1, ᾱ falling between 1 and 0.0001.
        seed: of ε, 0 to 2147483647; one seed is the same ε at every t.

    Returns:
        "x_t", "mean" = √ᾱ_t x_0, "noise" = ε, each 28 x 28; "alpha_bar", "signal" = √ᾱ_t, "sigma" =
        √(1 − ᾱ_t), "snr" = ᾱ_t / (1 − ᾱ_t), null at t = 0.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed.
    """
    from core.models.ddpm.forward import forward
    from core.models.ddpm.schedule import schedule as named

    found = forward(image, t, named(schedule), seed)
    out = {k: found[k].tolist() for k in ("x_t", "mean", "noise")}
    out |= {k: found[k] for k in ("alpha_bar", "signal", "sigma")}
    return out | {"snr": found["snr"] if np.isfinite(found["snr"]) else None}


def ddpm_sample(
    n: int = 1,
    seed: int = 0,
    label: int | None = None,
    guidance: float = 2.0,
    steps: int = 20,
    eta: float = 0.0,
) -> dict:
    """Draw digits out of noise with the trained net.

    Args:
        n: how many, 1 to 16.
        seed: of all noise, 0 to 2147483647; the same gives the same images.
        label: the digit asked for, 0 to 9; null asks for none, and guidance changes nothing.
        guidance: w of ε̂_∅ + w (ε̂_y − ε̂_∅), 0 to 10; 1 is the net under the label.
        steps: into how many steps the way is cut, 1 to 1000; n · steps is at most 1000.
        eta: 0 is DDIM, without noise on the way; 1 is DDPM.

    Returns:
        "images" n x 28 x 28 in [0, 1].

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    import torch

    count = integer("n", n, 1, MOST_IMAGES)
    options = {
        "guidance": number("guidance", guidance, 0, 10),
        "steps": integer("steps", steps, 1, min(1000, MOST_WORK // count)),
        "eta": number("eta", eta, 0, 1),
    }
    begun = integer("seed", seed, 0, LARGEST_SEED)
    asked = None if label is None else torch.full((count,), integer("label", label, 0, 9))
    made = sampling.sample(m.NAME, m.model(), count, begun, labels=asked, **options)
    return {"images": made[:, 0].numpy()}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.models.ddpm import ddpm2d, diffusion, samplers
    from core.models.ddpm import ddpm2d_picture as drawn
    from core.models.ddpm import forward as noise
    from core.models.ddpm import loss as training
    from core.models.ddpm import schedule as plan

    model, way = diffusion.DDPM, samplers
    return {
        "forward": (noise.forward, noise.pixel_by_hand, noise.walk),
        "schedules": (plan.Schedule, plan.curves),
        "loss": (noise.loss_by_hand, model.predict, training.loss, training.loss_by_t),
        "reverse": (way.chain, way.step, way.coefficients, model.predict),
        "steps": (plan.respace, way.coefficients, way.step, model.sampling),
        "guide": (way.guide, model.predict),
        "plane": (drawn.reverse, drawn.exact_score, drawn.exact_predictor, way.step),
        "train": (ddpm2d.loss, ddpm2d.velocity, ddpm2d.advance, drawn.score),
        "survive": (model.noise, model.redraw, way.chain),
        "complete": (model.complete, way.chain, way.put_back),
    }


def forward_checks() -> Sequence[Check | Law]:
    """Return the checks of the way into the noise, which hold where there is no net."""
    return forward(Inputs()).get("checks", ())


trained = partial(nets.view, needs=(m.NAME, nets.CLASSIFIER), checks=forward_checks)


TAB = Tab(
    name="ddpm",
    inputs=Inputs,
    views={
        "forward": nets.view(forward, needs=()),
        "schedules": nets.view(schedules, needs=()),
        "loss": trained(loss),
        "reverse": trained(reverse),
        "steps": trained(steps),
        "guide": trained(guide),
        "plane": View(plane),
        "train": View(RUN.board, live=RUN.live),
        "survive": trained(survive),
        "complete": trained(complete),
    },
    endpoints=(ddpm_forward, ddpm_sample),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
