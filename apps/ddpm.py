"""The diffusion tab: into the noise, the loss by hand, out of it again, guided, in the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from apps.lessons.ddpm import edit, train
from apps.lessons.ddpm import forward as into
from apps.lessons.ddpm import guide as ddpm_guide
from apps.lessons.ddpm import loss as ddpm_loss
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm import plane as ddpm_plane
from apps.lessons.ddpm import reverse as ddpm_reverse
from apps.lessons.ddpm import schedules as ddpm_schedules
from apps.lessons.ddpm import steps as ddpm_steps
from apps.lessons.ddpm.controls import CONTROLS
from apps.lessons.shared import nets, sampling
from apps.stage import Tab
from apps.stage.server import alone, home_card
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
    begun = integer("seed", seed, 0, m.MAX_SEED)
    asked = None if label is None else torch.full((count,), integer("label", label, 0, 9))
    made = sampling.sample(m.NAME, m.model(), count, begun, labels=asked, **options)
    return {"images": made[:, 0].numpy()}


# ---- views

VIEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "forward": into.forward,
    "schedules": ddpm_schedules.schedules,
    "loss": ddpm_loss.loss,
    "reverse": ddpm_reverse.reverse,
    "steps": ddpm_steps.steps,
    "guide": ddpm_guide.guide,
    "plane": ddpm_plane.plane,
    "train": train.run,
    "survive": edit.survive,
    "complete": edit.complete,
}
DIGITS = ("loss", "reverse", "steps", "guide", "survive", "complete")  # need the trained net


def made(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's board with its tables; where its net cannot be had, the sentence why."""
    # no net, but the way into the noise holds all the same
    return nets.or_why(lambda: VIEWS[view](inputs), lambda: into.forward({})["checks"])


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene; one without its net is not kept, it may come."""
    shown = {k: v for k, v in made(view, inputs).items() if k != "tables"}
    return {**shown, "fleeting": view in DIGITS and not m.have()}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return train.tables(inputs) if view == "train" else made(view, inputs).get("tables", {})


def live(
    view: str, inputs: dict[str, Any], state: str, act: str, over: Callable[[], bool]
) -> dict[str, Any]:
    """Return the next frame of the diffusion that trains while it is watched."""
    if view != "train":
        raise KeyError(view)
    return train.go_on(inputs, state, act, over)


def source(view: str) -> Callable[[dict[str, Any]], Sequence[Callable]]:
    """Return what a view's code drawer shows, looked up when it is opened: core.models needs
    torch.
    """

    def functions(inputs: dict[str, Any]) -> Sequence[Callable]:
        from core.models.ddpm import ddpm2d, diffusion, samplers
        from core.models.ddpm import ddpm2d_picture as drawn
        from core.models.ddpm import forward as noise
        from core.models.ddpm import loss as ddpm_loss
        from core.models.ddpm import schedule as ddpm_schedule

        model, way = diffusion.DDPM, samplers
        return {
            "forward": (noise.forward, noise.pixel_by_hand, noise.walk),
            "schedules": (ddpm_schedule.Schedule, ddpm_schedule.curves),
            "loss": (noise.loss_by_hand, model.predict, ddpm_loss.loss, ddpm_loss.loss_by_t),
            "reverse": (way.chain, way.step, way.coefficients, model.predict),
            "steps": (ddpm_schedule.respaced, way.coefficients, way.step, model.sampling),
            "guide": (way.guided, model.predict),
            "plane": (drawn.reverse, drawn.exact_score, drawn.exact_predictor, way.step),
            "train": (ddpm2d.loss, ddpm2d.guess, ddpm2d.advance, drawn.score),
            "survive": (model.noise, model.redraw, way.chain),
            "complete": (model.complete, way.chain, way._put_back),
        }[view]

    return functions


TAB = Tab(
    name="ddpm",
    board=board,
    tables=tables,
    sources={view: source(view) for view in VIEWS},
    controls=CONTROLS,
    endpoints={"ddpm_forward": ddpm_forward, "ddpm_sample": ddpm_sample},
    picture=partial(home_card.picture, "ddpm"),
    live=live,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
