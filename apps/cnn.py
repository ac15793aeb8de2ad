"""The CNN tab: convolutions by hand, a digit through a whole net, what the net looks at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from apps.lessons.cnn import models
from apps.lessons.cnn.film import film
from apps.lessons.cnn.hand import hand
from apps.lessons.cnn.inputs import NETS, Inputs
from apps.lessons.cnn.learn import learn
from apps.lessons.cnn.net import net
from apps.lessons.cnn.receptive import receptive
from apps.lessons.cnn.shift import shift
from apps.lessons.cnn.transposed import transposed
from apps.lessons.cnn.why import why
from apps.lessons.shared import nets, pictures
from apps.stage import Tab
from apps.stage.contract import Check, Functions, Law, View
from apps.stage.server import alone
from core.models.cnn import convolution

# ---- the API


def cnn_convolve(
    image: list, kernel: list, stride: int = 1, padding: int = 0, dilation: int = 1
) -> dict:
    """Compute a cross-correlation, what nets call a convolution, in float64, every product with it.

    Args:
        image: 1x1 to 28x28 numbers from -10000 to 10000.
        kernel: 1x1 to 7x7 numbers of the same range; it must fit into the padded image.
        stride: 1 to 7.
        padding: zeros on each side, 0 to 14.
        dilation: 1 to 7.

    Returns:
        "out" (h x w), "shape" [h, w] = ⌊(n + 2p − d(k − 1) − 1)/s⌋ + 1 of each side, "windows"
        (h x w x k x l), what lies under the kernel, and "products" of the same shape.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed.
    """
    trace = convolution.convolve(image, kernel, stride, padding, dilation)
    return {name: trace[name] for name in ("out", "shape", "windows", "products")}


def cnn_forward(image: list, model: str = models.TINY) -> dict:
    """Return what each layer of a trained net makes of an image, in float32.

    Args:
        image: 28 rows of 28 numbers from 0 (paper) to 1 (ink).
        model: "classifier-mnist", "cnn-tiny-mnist" or "mlp-mnist".

    Returns:
        "layers", a list of {"name", "shape", "values"}, first to last; "logits" (10) and
        "probabilities" (10).

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    x = pictures.grey("image", image)
    found = models.walk_net(nets.usable("model", model, NETS), x)
    layers = [
        {"name": name, "shape": list(values.shape[1:]), "values": values[0].numpy()}
        for name, values in found
    ]
    logits = layers[-1]["values"]
    return {"layers": layers, "logits": logits, "probabilities": models.probabilities(logits)}


def cnn_explain(image: list, label: int, method: str = "integrated") -> dict:
    """Return which pixels raise the logit of a class, of the net "classifier-mnist".

    Args:
        image: 28 rows of 28 numbers from 0 (paper) to 1 (ink).
        label: the class, 0 to 9.
        method: "gradient" (|∂f/∂x|), "occlusion" (what f loses under a square of 5 x 5),
            "gradcam", or "integrated" (integrated gradients from the empty image).

    Returns:
        "map" (28 x 28); of "integrated" "total" = Σ map and "gap" = f(x) − f(0), which agree to
        1 %, else both null.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    from core.models.cnn.explain import explain

    x = pictures.batch(pictures.grey("image", image)[None])
    name = nets.usable("model", models.LARGE, NETS)
    found = explain(models.net(name), x, label, method)
    return {**found, "map": found["map"].numpy()}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.models.cnn import explain, receptive, shifts, small, transposed, unit, walk
    from core.models.cnn import film as films

    del inputs
    return {
        "hand": (convolution.convolve, convolution.output_size),
        "net": (walk.walk, unit.take_apart),
        "shift": (shifts.moves,),
        "receptive": (receptive.receptive_field, receptive.first_pixel),
        "learn": (convolution.learn, convolution.gradients),
        "why": (explain.gradient, explain.occlusion, explain.gradcam, explain.integrated_gradients),
        "film": (small.SmallNet, films.nets),
        "transposed": (transposed.spread, transposed.overlaps),
    }


def hand_checks() -> Sequence[Check | Law]:
    """Return the checks of a convolution by hand, which hold where there is no net."""
    return hand(Inputs()).get("checks", ())


drawn = partial(nets.view, needs=(), checks=hand_checks)  # of digits alone
trained = partial(nets.view, needs=NETS, checks=hand_checks)


TAB = Tab(
    name="cnn",
    inputs=Inputs,
    views={
        "hand": drawn(hand),
        "net": trained(net),
        "shift": trained(shift),
        "receptive": trained(receptive),
        "learn": drawn(learn),
        "why": trained(why),
        "film": trained(film),
        "transposed": View(transposed),
    },
    endpoints=(cnn_convolve, cnn_forward, cnn_explain),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
