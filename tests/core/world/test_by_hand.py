"""One step of the tiny memory: torch's own parts, and what it refuses."""

import math

import numpy as np
import pytest

from core.inputs import InputError
from core.models.world.by_hand import EXAMPLE, SHAPES, memory_step
from core.models.world.check import memory_step_delta


@pytest.mark.parametrize("seed", range(10))
def test_a_step_is_torchs(seed):
    draw = np.random.default_rng(seed)
    params = {k: draw.normal(size=shape).tolist() for k, shape in SHAPES.items()}
    z, z_next = draw.normal(size=2)
    step = memory_step(params, z, int(draw.integers(-1, 2)), draw.normal(size=2).tolist(), z_next)
    assert memory_step_delta(params, z_next, step)["delta"] < 1e-12
    assert step["p"] == pytest.approx(step["share"].sum(), rel=1e-12)


def test_the_density_adds_to_one():
    at = np.linspace(-8, 8, 4001)
    p = [memory_step(EXAMPLE, -0.5, 0, [0.2, 0.1], v)["p"] for v in at]
    assert np.trapezoid(p, at) == pytest.approx(1, abs=1e-6)


def test_far_off_the_nats_are_finite_though_the_density_is_nothing():
    step = memory_step({**EXAMPLE, "c": [0, 0, 0, 0, -5.0, -5.0, 0]}, 0.0, 0, [0, 0], 10.0)
    assert step["p"] == 0 and math.isfinite(step["nats"]) and step["nats"] > 1e5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"z": math.nan}, "z "),
        ({"z": 11}, "z "),
        ({"action": 2}, "action"),
        ({"h": [0.0]}, "h "),
        ({"z_next": "far"}, "z_next"),
        ({"params": {}}, "params.weight_ih"),
        ({"params": {**EXAMPLE, "V": [[0, 0]]}}, "params.V"),
    ],
)
def test_what_is_refused(change, field):
    good = {"params": EXAMPLE, "z": 0.1, "action": 1, "h": [0, 0], "z_next": 0.0}
    with pytest.raises(InputError, match=field):
        memory_step(**{**good, **change})
