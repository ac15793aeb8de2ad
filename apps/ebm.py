"""The energy tab: Langevin dynamics by hand and in the plane, contrastive divergence, digits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from apps.lessons.ebm import chains
from apps.lessons.ebm.anomaly import anomaly
from apps.lessons.ebm.denoise import denoise
from apps.lessons.ebm.hand import hand
from apps.lessons.ebm.heat import heat
from apps.lessons.ebm.inputs import MOST_STEPS, Inputs
from apps.lessons.ebm.metropolis import metropolis
from apps.lessons.ebm.one import one
from apps.lessons.ebm.plane import plane
from apps.lessons.ebm.ten import ten
from apps.lessons.ebm.three import three
from apps.lessons.ebm.train import TRAINING
from apps.lessons.shared import nets, pictures, sampling
from apps.stage import Tab, View
from apps.stage.contract import Check, Functions, Law
from apps.stage.declare import LARGEST_SEED
from apps.stage.server import alone
from core.inputs import integer, number

MOST_CHAINS = 16


# ---- the API


def ebm_langevin_step(x: list, grad: list, step: float, noise: list) -> dict:
    """Compute one Langevin step x' = x - step/2 grad + sqrt(step) noise in float64, term by term.

    Args:
        x: where the particle is, 1 to 8 numbers from -10000 to 10000.
        grad: the energy's gradient there, as many, of the same range.
        step: the step size, above 0, at most 1000.
        noise: what was drawn from N(0, I), as many, of the same range; zeros for a pure descent.

    Returns:
        "half_step", "root_step", "drift" = -step/2 grad, "noise_term" = sqrt(step) noise, and
        "x_next", with "x", "gradient" and "noise" as given.
    """
    from core.models.ebm.langevin import langevin_step

    return {**langevin_step(x, grad, step, noise)}


def ebm_energy(image: list) -> dict:
    """Return the energy that the trained net gives an image, in float32.

    Args:
        image: 28 rows of 28 numbers from 0 (paper) to 1 (ink).

    Returns:
        "energy", low for what looks like a digit; its zero and its scale mean nothing by
        themselves, and "usual", the mean of the 10,000 test digits.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    x = pictures.grey("image", image)
    return {
        "energy": float(chains.energies(x[None])[0]),
        "usual": chains.usual_energy(),
    }


def ebm_sample(
    n: int = 10, seed: int = 0, steps: int = 300, step_size: float = 2.5, noise: float = 0.0025
) -> dict:
    """Draw digits: chains that start from uniform noise and descend the energy, with as much
    noise in a step as is asked for. Langevin's own step has noise = sqrt(2 step_size); the usual
    0.0025 is 1/894 of that, so that the chains all but descend.

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
        "steps": integer("steps", steps, 1, MOST_STEPS),
        "step_size": number("step_size", step_size, 0, 100),
        "noise": number("noise", noise, 0, 1),
    }
    begun = integer("seed", seed, 0, LARGEST_SEED)
    model = chains.model()
    found = sampling.sample(chains.NAME, model, count, begun, **options)
    return {"images": found[:, 0].numpy(), "energies": model.energy(found).numpy()}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.measure import anomaly, ranks
    from core.models.ebm import ebm2d, energy, langevin

    walk = (langevin.terms, langevin.slope, langevin.langevin)
    chain = (energy.follow, energy.EBM.slope, energy.EBM.sampling)
    return {
        "hand": (langevin.langevin_step, langevin.terms),
        "plane": (*walk, langevin.surface),
        "three": walk,
        "metropolis": (langevin.langevin, langevin.log_acceptance, langevin.settled_variance),
        "train": (ebm2d.loss, ebm2d.energy, ebm2d.advance, ebm2d.partition),
        "denoise": (energy.denoising_loss, energy.EBM.forward, energy.EBM.slope),
        "ten": chain,
        "one": chain,
        "heat": (energy.EBM.tempered_chains, energy.fold, *chain),
        "anomaly": (ranks.auroc, energy.EBM.forward, anomaly.crowds),
    }


def hand_checks() -> Sequence[Check | Law]:
    """Return the checks of a step by hand, which hold where there is no net."""
    return hand(Inputs()).get("checks", ())


trained = partial(nets.view, needs=(chains.NAME,), checks=hand_checks)


TAB = Tab(
    name="ebm",
    inputs=Inputs,
    views={
        "hand": View(hand),
        "plane": View(plane),
        "three": View(three),
        "metropolis": View(metropolis),
        "train": View(TRAINING.board, live=TRAINING.live),
        "denoise": trained(denoise),
        "ten": trained(ten),
        "one": trained(one),
        "heat": trained(heat),
        "anomaly": trained(anomaly),
    },
    endpoints=(ebm_langevin_step, ebm_energy, ebm_sample),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
