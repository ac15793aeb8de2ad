"""The PixelCNN tab: an image's exact probability, pixel after pixel, and images drawn by it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from apps.lessons.pixelcnn import models as m
from apps.lessons.pixelcnn.chain import chain
from apps.lessons.pixelcnn.classes import classes
from apps.lessons.pixelcnn.finish import finish
from apps.lessons.pixelcnn.inputs import Inputs
from apps.lessons.pixelcnn.masks import masks
from apps.lessons.pixelcnn.nats import nats
from apps.lessons.pixelcnn.pixel import pixel
from apps.lessons.pixelcnn.slow import slow
from apps.lessons.pixelcnn.spot import spot
from apps.lessons.shared import nets
from apps.stage import Tab, View
from apps.stage.contract import Check, Functions, Law
from apps.stage.declare import LARGEST_SEED
from apps.stage.server import alone
from core.inputs import binary, integer, number

MOST_IMAGES = 64


# ---- the API


def pixelcnn_conditional(image: list, row: int, column: int) -> dict:
    """Return what the trained net says of one pixel, given the pixels before it in reading order.

    Args:
        image: 28 rows of 28 numbers, 0 (paper) or 1 (ink).
        row: of the pixel, 0 to 27 from the top.
        column: of the pixel, 0 to 27 from the left.

    Returns:
        "p", P(x = 1 | earlier pixels), which no value of this pixel or a later one changes; "seen",
        28 x 28 booleans, the pixels that it may depend on; "nats", -log P of the pixel's own value.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    import torch

    x = binary("image", image, (m.SIDE, m.SIDE))
    i, j = integer("row", row, 0, m.SIDE - 1), integer("column", column, 0, m.SIDE - 1)
    net, images = m.model(), m.batch(x)
    with torch.no_grad():
        p = float(net.conditional(images)[0, 0, i, j])
        cost = -float(net.pixel_log_prob(images)[0, 0, i, j])
    return {"p": p, "seen": net.seen(i, j).tolist(), "nats": cost}


def pixelcnn_log_prob(image: list) -> dict:
    """Return the exact cost of a binary image under the trained net, and of each of its pixels.

    Args:
        image: 28 rows of 28 numbers, 0 (paper) or 1 (ink).

    Returns:
        "nats" = -log p(image), of which "map", 28 x 28, holds each pixel's share -log P(x_i |
        earlier pixels); "bits_per_pixel" = nats / (784 log 2).

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    import torch

    x = binary("image", image, (m.SIDE, m.SIDE))
    with torch.no_grad():
        costs = -m.model().pixel_log_prob(m.batch(x))[0, 0].double()  # (28, 28)
    whole = float(costs.sum())
    return {"nats": whole, "bits_per_pixel": m.bits_per_pixel(whole), "map": costs.tolist()}


def pixelcnn_sample(n: int = 1, seed: int = 0, temperature: float = 1.0) -> dict:
    """Draw binary images from the trained net, pixel after pixel.

    Args:
        n: how many, 1 to 64.
        seed: of all noise, 0 to 2147483647; the same gives the same images.
        temperature: logits are divided by it, 0 to 10; 1 samples the model's distribution, at 0
            every pixel takes its likelier value.

    Returns:
        "images", n x 28 x 28 of 0 and 1; "nats" (n), -log p of each at temperature 1.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    import torch

    count = integer("n", n, 1, MOST_IMAGES)
    draw = torch.Generator().manual_seed(integer("seed", seed, 0, LARGEST_SEED))
    net = m.model()
    warmth = number("temperature", temperature, 0, 10)
    images = net.sample(count, generator=draw, temperature=warmth)  # (n, 1, 28, 28)
    with torch.no_grad():
        costs = -net.log_prob(images)
    return {"images": images[:, 0].int().tolist(), "nats": costs.double().tolist()}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.models.pixelcnn import by_hand, gated, layers, reach, sampling

    net = gated.PixelCNN
    return {
        "chain": (by_hand.chain, by_hand.in_order, by_hand.all_images),
        "masks": (by_hand.mask_of, by_hand.image, by_hand.leaks, by_hand.all_images),
        "spot": (reach.blind_spot, layers.First, layers.Block),
        "pixel": (net.conditional, net.pixel_log_prob, net.seen, net.forward),
        "finish": (sampling.rows_of, sampling.Cache),
        "nats": (net.log_prob, gated.loss),
        "slow": (sampling.rows_of, sampling.Passes, sampling.Cache),
        "classes": (gated.class_odds, layers.Block, net.sampling),
    }


def chain_checks() -> Sequence[Check | Law]:
    """Return the checks of the chain rule by hand, which hold where there is no net."""
    return chain(Inputs()).get("checks", ())


trained = partial(nets.view, needs=(m.NAME,), checks=chain_checks)


TAB = Tab(
    name="pixelcnn",
    inputs=Inputs,
    views={
        "chain": View(chain),
        "masks": View(masks),
        "spot": View(spot),
        "pixel": trained(pixel),
        "finish": trained(finish),
        "nats": trained(nats),
        "slow": trained(slow),
        "classes": trained(classes, needs=(m.TOLD,)),
    },
    endpoints=(pixelcnn_conditional, pixelcnn_log_prob, pixelcnn_sample),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
