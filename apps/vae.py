"""The VAE tab: codes on a plane, one posterior, the ELBO, walks between codes, β, and uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from apps.lessons.shared import nets
from apps.lessons.vae import encode as enc
from apps.lessons.vae import models as vae_models
from apps.lessons.vae import plane, uses
from apps.lessons.vae import walk as vae_walk
from apps.lessons.vae.controls import CONTROLS
from apps.stage import Tab
from apps.stage.server import alone, home_card
from core.inputs import InputError, array, choice
from core.models.vae import latent

LARGEST_CODE = 100.0


# ---- the API


def vae_encode(image: list, model: str = "vae2d-mnist") -> dict:
    """Return the posterior q(z|x) = N(μ, diag σ²) that a trained net gives an image, in float32.

    Args:
        image: 28 rows of 28 numbers from 0 (paper) to 1 (ink).
        model: "ae-mnist" (an autoencoder: its code is μ, log σ² is null), "vae2d-b0.2-mnist",
            "vae2d-mnist", "vae2d-b4-mnist" (codes of 2 numbers) or "vae-mnist" (of 20).

    Returns:
        "mu" and "logvar", lists as long as the code; σ = exp(logvar / 2).

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    x, name = vae_models.grey(image), usable(model, vae_models.NETS)
    mu, logvar = (v[0] for v in vae_models.encode(name, x[None]))
    return {"mu": mu, "logvar": logvar}


def vae_decode(z: list, model: str = "vae2d-mnist") -> dict:
    """Return the pixel probabilities p(x = 1|z) of a code, in float32.

    Args:
        z: the code, 2 numbers ("vae-mnist": 20) from -100 to 100.
        model: "ae-mnist", "vae2d-b0.2-mnist", "vae2d-mnist", "vae2d-b4-mnist" or "vae-mnist".

    Returns:
        "image", 28 rows of 28 numbers in [0, 1].

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    size = 20 if model == vae_models.LARGE else 2
    code = array("z", z, (size,), LARGEST_CODE)
    return {"image": vae_models.decode(usable(model, vae_models.NETS), code[None])[0]}


def vae_elbo(image: list, model: str = "vae2d-mnist") -> dict:
    """Return the ELBO of an image and its parts, in nats; the expectation over 64 fixed draws.

    Args:
        image: 28 rows of 28 numbers from 0 (paper) to 1 (ink).
        model: "vae2d-b0.2-mnist", "vae2d-mnist", "vae2d-b4-mnist" or "vae-mnist".

    Returns:
        "elbo" = "reconstruction", E_q[log p(x|z)], less the sum of "kl", a number a dimension.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    x, name = vae_models.grey(image), usable(model, vae_models.VAES)
    mu, logvar = (v[0] for v in vae_models.encode(name, x[None]))
    kl = enc.costs(mu, logvar)
    fits = enc.estimate(name, x, 0)["reconstruction"]
    return {"elbo": fits - float(kl.sum()), "reconstruction": fits, "kl": kl}


def usable(name: Any, known: Sequence[str]) -> str:
    """Return the name of a net if it is one and can be had here."""
    name = choice("model", name, known)
    if not vae_models.have(name):
        there = ", ".join(n for n in known if vae_models.have(n)) or "none yet"
        raise InputError("choice", field="model", got=f'"{name}"', allowed=there)
    return name


# ---- views

VIEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "plane": plane.beside,
    "posterior": enc.posterior,
    "elbo": enc.bound,
    "walk": vae_walk.walk,
    "betas": plane.betas,
    "denoise": uses.denoise,
    "compress": uses.compress,
    "anomaly": uses.anomaly,
}


def made(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's board with its tables; where its net cannot be had, the sentence why."""
    board = nets.or_why(lambda: VIEWS[view](inputs))
    if not board.get("checks"):  # no net, but the formula holds all the same
        board["checks"] = [enc.kl_check(np.array([0.8, -1.2]), np.array([-1.5, 0.4]))]
    return board


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene; one without all its nets is not kept, they may come."""
    fleeting = not all(vae_models.have(name) for name in vae_models.NETS)
    shown = {k: v for k, v in made(view, inputs).items() if k != "tables"}
    return {**shown, "fleeting": fleeting}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return made(view, inputs).get("tables", {})


def source(view: str) -> Callable[[dict[str, Any]], Sequence[Callable]]:
    """Return what a view's code drawer shows, looked up when it is opened: core.models needs
    torch.
    """

    def functions(inputs: dict[str, Any]) -> Sequence[Callable]:
        from core.models.vae import autoencoder

        return {
            "plane": (autoencoder.VAE.decode, latent.nodes, latent.mesh, latent.blend),
            "posterior": (autoencoder.VAE.encode, autoencoder.reparameterise, autoencoder.kl),
            "elbo": (
                autoencoder.elbo,
                autoencoder.log_likelihood,
                autoencoder.kl,
                autoencoder.importance_bound,
            ),
            "walk": (latent.lerp, latent.slerp, autoencoder.VAE.decode),
            "betas": (autoencoder.loss, autoencoder.elbo, autoencoder.VAE.prior),
            "denoise": (autoencoder.VAE.encode, autoencoder.VAE.decode),
            "compress": (latent.quantised, autoencoder.VAE.decode),
            "anomaly": (autoencoder.elbo, autoencoder.log_likelihood, autoencoder.kl),
        }[view]

    return functions


TAB = Tab(
    name="vae",
    board=board,
    tables=tables,
    sources={view: source(view) for view in VIEWS},
    controls=CONTROLS,
    endpoints={"vae_encode": vae_encode, "vae_decode": vae_decode, "vae_elbo": vae_elbo},
    picture=partial(home_card.picture, "vae"),
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
