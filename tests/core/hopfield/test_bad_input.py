"""What the Hopfield network refuses names its field."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.inputs import InputError
from core.models.hopfield import capacity as cap
from core.models.hopfield import letters, modern
from core.models.hopfield import network as hop

torch.set_num_threads(1)

GOOD = {"patterns": [[1, -1, 1], [1, 1, -1]], "probe": [1, 1, 1]}
BAD_RECALL = [
    ("patterns", [[1, 0, 1]]),
    ("patterns", [[1, 2, 1]]),
    ("patterns", [[1, float("nan"), 1]]),
    ("patterns", [[1, float("inf"), 1]]),
    ("patterns", [[1, -1, 1], [1, -1]]),
    ("patterns", [[1, 1, 1]] * 65),
    ("patterns", [[1] * 257]),
    ("patterns", [[1]]),
    ("patterns", []),
    ("patterns", [[]]),
    ("patterns", "abc"),
    ("patterns", None),
    ("patterns", [1, -1, 1]),
    ("patterns", [[["1"]]]),
    ("patterns", [[True, -1, 1]]),
    ("patterns", np.zeros((2, 3, 4))),
    ("probe", [1, 1]),
    ("probe", [1, 1, 1, 1]),
    ("probe", [1, 0, 1]),
    ("probe", [1, None, 1]),
    ("probe", [[1, 1, 1]]),
    ("probe", "abc"),
    ("probe", []),
    ("rule", "foo"),
    ("rule", None),
    ("rule", 3),
    ("update", "x"),
    ("update", ["sync"]),
    ("seed", -1),
    ("seed", 2**31),
    ("seed", 0.5),
    ("seed", "abc"),
    ("beta", 0),
    ("beta", -1),
    ("beta", float("nan")),
    ("beta", 1e3),
    ("beta", "1"),
    ("max_steps", 0),
    ("max_steps", 1001),
    ("max_steps", 1.5),
    ("max_steps", True),
    ("zero_diagonal", 1),
]
BAD_POINT = [
    ("N", 1),
    ("N", 257),
    ("P", 0),
    ("P", 513),
    ("rule", "foo"),
    ("noise", 0.6),
    ("noise", float("nan")),
    ("seed", -1),
    ("beta", 0),
]
BAD_CURVE = [
    ("N", "abc"),
    ("loads", []),
    ("loads", [0]),
    ("loads", [0.1, -0.1]),
    ("loads", [9]),
    ("loads", 0.1),
    ("seeds", [0.5]),
    ("seeds", [-1]),
    ("seeds", [0] * 65),
    ("rule", "foo"),
    ("noise", -1),
    ("beta", 0),
]
BAD_CORRUPT = [
    ("pattern", [1, 1, 1]),
    ("pattern", [1, 1, 0, 1]),
    ("kind", "blur"),
    ("amount", 1.5),
    ("amount", "lower"),
    ("shape", [2]),
    ("shape", [0, 4]),
    ("shape", "abc"),
    ("seed", -1),
]
BAD_DRAWING = [
    ("name", "greek"),
    ("rows", 3),
    ("cols", 17),
    ("keys", "가"),
    ("keys", ""),
    ("keys", 5),
    ("keys", [1]),
]


def assert_refused(field: str, call, *args, **kwargs) -> None:
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    assert caught.value.parts["field"].startswith(field)
    assert str(caught.value).startswith(field)


@pytest.mark.parametrize(("field", "value"), BAD_RECALL, ids=str)
def test_recall_refuses(field, value):
    assert_refused(field, hop.recall, **(GOOD | {field: value}))


@pytest.mark.parametrize(("field", "value"), BAD_POINT, ids=str)
def test_capacity_point_refuses(field, value):
    assert_refused(field, cap.capacity_point, **({"N": 20, "P": 2} | {field: value}))


@pytest.mark.parametrize(("field", "value"), BAD_CURVE, ids=str)
def test_capacity_refuses_before_the_first_point(field, value):
    good = {"N": 64, "loads": [0.1], "seeds": [0]}
    assert_refused(field, next, cap.capacity(**(good | {field: value})))


@pytest.mark.parametrize(("field", "value"), BAD_CORRUPT, ids=str)
def test_corrupt_refuses(field, value):
    good = {"pattern": [1] * 4, "kind": "noise", "amount": 0.5, "shape": [2, 2], "seed": 0}
    assert_refused(field, letters.corrupt, **(good | {field: value}))


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("half", "middle"), ("half", 0.5), ("rectangle", [0, 0, 3, 1]), ("rectangle", [2, 0, 1, 1])]
    + [("rectangle", [0, 0, 0, 1]), ("rectangle", [0, 0, 1]), ("rectangle", [0, 0.5, 1, 1])],
)
def test_corrupt_refuses_parts_that_do_not_fit(kind, amount):
    assert_refused("amount", letters.corrupt, [1] * 4, kind, amount, [2, 2])


@pytest.mark.parametrize(("field", "value"), BAD_DRAWING, ids=str)
def test_patterns_refuse(field, value):
    assert_refused(field, letters.patterns, **({"name": "jamo"} | {field: value}))


@pytest.mark.parametrize(
    ("field", "value"), [("xi", [1.0, 2.0]), ("xi", [1, float("nan"), 0]), ("beta", 0)], ids=str
)
def test_attention_refuses(field, value):
    good = {"patterns": GOOD["patterns"], "xi": [0.5, 0, -1]}
    assert_refused(field, modern.as_attention, **(good | {field: value}))
