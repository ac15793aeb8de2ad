"""Train the flows: RealNVP in the plane, realnvp-*, and the multi-scale flow-mnist.

In the plane every step draws fresh points of the exact density, so nothing can be learned by heart;
an epoch is 100 steps. The mean NLL stands beside the density's entropy, which it cannot be below.
Images: MNIST's 60 000, dequantised anew each time; the curve of each pixel is counted first.
"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from core.data import densities
from core.models.flow.layers import ActNorm, Gaussianise
from core.models.flow.real_nvp import CELLS, SIDE, Config, Flow, dequantise, log_likelihood, loss
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, load_shipped, run
from weights.recipes.figures import Found, as_metrics, figure
from weights.recipes.pictures import MADE, classes, likeness

FRESH = 100_000  # points that a NLL is the mean of
PIXELS = SIDE * SIDE


# ---- in the plane


def draw_points(target: str, root: str) -> Data:
    """Return points of a density: those for the first actnorm, and as many epochs' length."""
    del root  # nothing is read
    points = densities.density(target).sample(100 * 512, torch.Generator().manual_seed(1)).float()
    none = torch.zeros(len(points))
    return Data(points, none, points[:0], none[:0])


def plane_loss(target: str, model: nn.Module, started: bool):
    """Return the loss of a batch: −log p of fresh points, as many as the batch has."""
    del model, started
    density = densities.density(target)

    def value(net, batch, generator: torch.Generator, step: int):
        x = density.sample(len(batch[0]), generator).float()
        return loss(net, x.to(batch[0].device)), {}

    return value


def begin_plane(model: nn.Module, data: Data) -> None:
    """Let the first layer centre and scale the points."""
    first = cast(Flow, model).layers[0]
    assert isinstance(first, ActNorm)
    first.settle(data.images[:10_000])


@torch.no_grad()
def measure_plane(
    target: str, model: nn.Module, data: Data, quick: bool, folder: Path, command: str
) -> Metrics:
    """Return the NLL on fresh points, the entropy, the mass on a grid and the round trip."""
    del data, folder
    assert isinstance(model, Flow)
    density, count = densities.density(target), 2_000 if quick else FRESH
    x = density.sample(count, torch.Generator().manual_seed(2)).float()
    nll = -torch.cat([model.log_prob(part) for part in x.split(10_000)]).double()
    error = nll.std().item() / math.sqrt(count)
    lowest = densities.entropy(density, 100 if quick else 800)
    pairs = nll + density.log_prob(x)  # log q − log p of the same points: less noise than of each
    excess, spread = pairs.mean().item(), pairs.std().item() / math.sqrt(count)
    z, _ = model(x)
    back = (model.inverse(z)[0] - x).abs().max().item()
    n, fresh = count, f"{count} fresh points"
    nats = f"nats a point, {fresh}; standard error {error:.4f}"
    over = f"nats, mean log of target over flow at {fresh}; error {spread:.4f}"
    bound = "nats, of the exact density on a grid: no model's NLL is below it"
    whole = mass(model, 100 if quick else 600)
    found = {
        "NLL": figure(nll.mean().item(), nats, samples=n, error=round(error, 5)),
        "entropy": figure(lowest, bound),
        "KL": figure(excess, over, samples=n, error=round(spread, 5)),
        "mass": figure(whole, "of the flow's density on a grid, cut at ±6"),
        "round trip": figure(back, f"largest |x - f⁻¹(f(x))| over {fresh}, float32", samples=n),
    }
    return as_metrics(found, command, digits=None)


def mass(model: Flow, side: int, far: float = 6.0) -> float:
    """Return the sum of the flow's density on side² cells of [−far, far]²."""
    at = densities.grid((-far, far, -far, far), side).float()
    log = torch.cat([model.log_prob(part) for part in at.split(10_000)])
    return log.double().exp().sum().item() * (2 * far / side) ** 2


def plane(target: str, epochs: int = 60) -> Job:
    """Return the job of a RealNVP in the plane."""
    return Job(
        build=Flow,
        config=Config(couplings=(16,), width=(64,)),
        plan=Plan(epochs=epochs, batch=512, rate=2e-3, warm=100, clip=10.0, ema=0.999),
        laptop={"epochs": 20},
        loss=partial(plane_loss, target),
        measure=partial(measure_plane, target),
        dtype="float32",
        begin=begin_plane,
        load=partial(draw_points, target),
        smoke={"epochs": 1, "batch": 10_240, "warm": 2},
        dataset={
            "name": target,
            "licence": "Apache-2.0",
            "source": "drawn from core.data.densities",
        },
    )


# ---- digits


def image_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: −log p of images dequantised anew, in nats."""
    del model, started

    def value(net, batch, generator: torch.Generator, step: int):
        nats = loss(net, dequantise(batch[0] / 255, generator))
        return nats, {"bits/dim": nats.detach() / (PIXELS * math.log(2)) + math.log2(CELLS)}

    return value


def begin_images(model: nn.Module, data: Data) -> None:
    """Count the grey levels of every pixel of the training images."""
    first = cast(Flow, model).layers[0]
    assert isinstance(first, Gaussianise)
    first.settle(data.images)


@torch.no_grad()
def measure_images(
    model: nn.Module, data: Data, quick: bool, folder: Path, command: str
) -> Metrics:
    """Measure bits a dimension of the whole test set, and the quality of samples."""
    assert isinstance(model, Flow)
    classifier = load_shipped("classifier-mnist", folder)
    made = model.sample(200 if quick else MADE, generator=torch.Generator().manual_seed(0))
    found = bits(model, data, quick)
    found |= likeness(made, data, classifier) | classes(made, data, classifier)
    return as_metrics(found, command)


def bits(model: Flow, data: Data, quick: bool) -> Found:
    """Return bits/dim of the test set and of as many training images, and the curves' alone."""
    noise = torch.Generator().manual_seed(0)
    alone = Flow(Config(kind="image", couplings=(0,), width=(1,)))
    alone.layers[0].load_state_dict(model.layers[0].state_dict())

    def cost(flow: Flow, images: Tensor, draws: int) -> tuple[float, float]:
        parts = [
            -log_likelihood(flow, part / 255, draws, noise).double() for part in images.split(250)
        ]
        each = torch.cat(parts) / (PIXELS * math.log(2))  # (N,)
        return each.mean().item(), each.std().item() / math.sqrt(len(each))

    test, some = data.test_images, data.test_images[:: 1 if quick else 10]
    own, error = cost(model, test, 1)
    seen, _ = cost(model, data.images[: len(test)], 1)
    draws = 2 if quick else 16
    n, k = len(test), len(some)
    tight, once, curves = cost(model, some, draws)[0], cost(model, some, 1)[0], cost(alone, test, 1)
    how = f"of the test set, {n} images dequantised, a draw an image: a bound from above"
    bound = f"log of the mean of {draws} draws on {k} test images: a tighter bound; with one draw"
    first = "of the test set under the first layer alone: pixels independent of each other"
    more = {"quantity": "bits/dim", "samples": k, "draws": draws}
    other = {"quantity": "bits/dim", "samples": n}
    return {
        "bits/dim": figure(
            own, f"{how}; standard error {error:.4f}", samples=n, error=round(error, 5)
        ),
        f"bits/dim, {draws} draws": figure(tight, f"{bound} these are {once:.4f}", **more),
        "bits/dim of training": figure(
            seen, f"of {n} training images, a draw each", **other, of="training"
        ),
        "bits/dim, curves alone": figure(curves[0], first, **other, of="first layer alone"),
    }


JOBS = {
    "realnvp-moons": plane("moons", epochs=80),
    "realnvp-rings": plane("rings"),
    "realnvp-pinwheel": plane("pinwheel"),
    "realnvp-gaussians": plane("ring"),
    "realnvp-checkerboard": plane("checkerboard"),
    "flow-mnist": Job(
        build=Flow,
        config=Config(kind="image", couplings=(10, 4, 2), width=(96, 64, 64)),
        plan=Plan(epochs=4, batch=64, rate=1e-3, warm=200, ema=0.999),
        laptop={"epochs": 2},
        loss=image_loss,
        measure=measure_images,
        begin=begin_images,
    ),
}

if __name__ == "__main__":
    run("flow", JOBS)
