"""The VAE tab: codes on a plane, one posterior, the ELBO, walks between codes, β, and uses."""

from __future__ import annotations

from apps.lessons.shared import nets, pictures
from apps.lessons.vae.anomaly import anomaly
from apps.lessons.vae.autoencoders import (
    AE,
    BETAS,
    LARGE,
    NETS,
    PLAIN,
    VAES,
    decode,
    encode_one,
)
from apps.lessons.vae.betas import betas
from apps.lessons.vae.bound import estimate, formula_check, kl_of
from apps.lessons.vae.compress import compress
from apps.lessons.vae.denoise import denoise
from apps.lessons.vae.elbo import elbo
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.plane import plane
from apps.lessons.vae.posterior import posterior
from apps.lessons.vae.reconstruction import COMPARED
from apps.lessons.vae.walk import walk
from apps.stage import Tab
from apps.stage.contract import Functions
from apps.stage.server import alone
from core.inputs import array

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
    x, name = pictures.grey("image", image), nets.usable("model", model, NETS)
    mu, logvar = encode_one(name, x)
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
    size = 20 if model == LARGE else 2
    code = array("z", z, (size,), LARGEST_CODE)
    return {"image": decode(nets.usable("model", model, NETS), code[None])[0]}


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
    x, name = pictures.grey("image", image), nets.usable("model", model, VAES)
    kl = kl_of(*encode_one(name, x))
    fits = estimate(name, x, 0).reconstruction
    return {"elbo": fits - float(kl.sum()), "reconstruction": fits, "kl": kl}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.models.vae import autoencoder, latent

    VAE = autoencoder.VAE
    bound = (autoencoder.log_likelihood, autoencoder.kl)
    return {
        "plane": (VAE.decode, latent.nodes, latent.mesh),
        "posterior": (VAE.encode, autoencoder.reparameterise, autoencoder.kl),
        "elbo": (autoencoder.elbo, *bound, autoencoder.importance_bound),
        "walk": (latent.lerp, latent.arc, latent.slerp, VAE.decode),
        "betas": (autoencoder.loss, autoencoder.elbo, VAE.prior),
        "denoise": (VAE.encode, VAE.decode),
        "compress": (latent.quantise, VAE.decode),
        "anomaly": (autoencoder.elbo, *bound),
    }


VIEWS = {
    "plane": (plane, (AE, PLAIN, nets.CLASSIFIER)),
    "posterior": (posterior, BETAS),
    "elbo": (elbo, VAES),
    "walk": (walk, VAES),
    "betas": (betas, BETAS),
    "denoise": (denoise, (*COMPARED, nets.CLASSIFIER)),
    "compress": (compress, COMPARED),
    "anomaly": (anomaly, VAES),
}  # what computes the board, and the nets that it needs

TAB = Tab(
    name="vae",
    inputs=Inputs,
    views={
        name: nets.view(board, needs=needs, checks=formula_check)
        for name, (board, needs) in VIEWS.items()
    },
    endpoints=(vae_encode, vae_decode, vae_elbo),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
