"""From a scene's inputs to the hand-size nets that it works with, and the GAN tab's controls."""

from __future__ import annotations

from typing import Any

from core.inputs import boolean, choice, integer, number
from core.models.gan import by_hand
from core.models.gan.by_hand import LOSSES

LABELS = {"real": 1, "fake": 0}
JUDGES = ("slide", "sure")  # the slide's discriminator, or one that sees through G
D_TYPED = ["x", "w1", "w2"]
G_TYPED = ["u", "v1", "v2", "w1", "w2"]  # what another discriminator replaces

CONTROLS: dict[str, dict[str, Any]] = {
    "label": {"kind": "choice", "options": list(LABELS)},
    "g_loss": {"kind": "choice", "options": list(LOSSES)},
    "judge": {
        "kind": "choice",
        "options": list(JUDGES),
        "resets": G_TYPED,
        "brings": {"slide": {"rate": 1}, "sure": {"rate": 0.1}},
    },
    "rate": {"kind": "range", "min": 0.1, "max": 5, "step": 0.1},
    "decimals": {
        "kind": "range",
        "min": 2,
        "max": 8,
        "step": 1,
        "local": True,
        "unless": "rounded",
    },
    "rounded": {"kind": "check"},
}


def discriminator_case(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `gan_step.gan_backward`: the slide's, and over them what a person
    typed.
    """
    case = by_hand.slide()
    case = {"x": [case["x"]], "w1": case["w1"], "w2": case["w2"]}
    label = choice("label", inputs.get("label", "real"), tuple(LABELS))
    return {**case, **{n: inputs[n] for n in D_TYPED if n in inputs}, "label": LABELS[label]}


def generator_case(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the nets of `gan_step.generator_step`: u, v1, v2, w1, w2."""
    judge = choice("judge", inputs.get("judge", "slide"), JUDGES)
    case = by_hand.generator_case() if judge == "slide" else by_hand.sure_case()
    case = {**{n: case[n] for n in G_TYPED}, "u": [case["u"]]}
    return {**case, **{n: inputs[n] for n in G_TYPED if n in inputs}}


def loss_of(inputs: dict[str, Any]) -> str:
    """Return which loss the generator goes down."""
    return choice("g_loss", inputs.get("g_loss", "non-saturating"), LOSSES)


def rate_of(inputs: dict[str, Any]) -> float:
    """Return the learning rate that a scene's inputs say."""
    return number("rate", inputs.get("rate", 1.0), 0, 100)


def rounding(inputs: dict[str, Any]) -> int | None:
    """Return to how many places every number is rounded as one goes, None for not at all."""
    decimals = integer("decimals", inputs.get("decimals", 4), 2, 8)
    return decimals if boolean("rounded", inputs.get("rounded", False)) else None
