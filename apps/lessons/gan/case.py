"""From a scene's inputs to the nets that are small enough for a calculation by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from apps.lessons.gan.inputs import D_TYPED, G_TYPED, Inputs
from apps.stage import board as b
from apps.stage.contract import Fact
from core.models.gan import slide

TOLERANCE = 1e-12  # of a step by hand, against torch


def discriminator_case(inputs: Inputs) -> dict[str, Any]:
    """Return the arguments of `by_hand.gan_backward`: the slide's, replaced by typed values."""
    case = slide.discriminator_case()
    case = {"x": [case["x"]], "w1": case["w1"], "w2": case["w2"]}
    return {**case, **typed_values(inputs, D_TYPED), "label": int(inputs.label == "real")}


def generator_case(inputs: Inputs) -> dict[str, Any]:
    """Return the nets of `by_hand.generator_step`: u, v1, v2, w1, w2."""
    case = slide.generator_case() if inputs.judge == "slide" else slide.sure_case()
    case = {**{name: case[name] for name in G_TYPED}, "u": [case["u"]]}
    return {**case, **typed_values(inputs, G_TYPED)}


def typed_values(inputs: Inputs, names: Sequence[str]) -> dict[str, Any]:
    """Return the typed values that replace a case's own, by name."""
    values = {name: getattr(inputs, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def rounding_gap(
    exact: Mapping[str, Any], shown: Mapping[str, Any], names: Sequence[str], inputs: Inputs
) -> list[Fact]:
    """Return how far rounding as one goes leads away, as a fact; none where nothing is rounded."""
    if not inputs.rounded:
        return []
    most = max(float(np.abs(np.asarray(exact[n]) - shown[n]).max()) for n in names)
    return [b.fact(b.word("rounding_gap"), most)]
