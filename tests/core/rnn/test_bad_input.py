"""What the recurrent cells refuse names its field."""

import math

import pytest
import torch

from core.inputs import InputError
from core.models.rnn import bptt, cells, presets, vanishing

torch.set_num_threads(1)

GOOD = {
    "cell": "rnn",
    "params": {"W": [[0.1, 0.2], [0.3, 0.4]], "U": [[1.0], [1.0]], "V": [[1.0, 0.0], [0.0, 1.0]]},
    "xs": [[1.0], [0.5]],
    "h0": None,
    "targets": [0, None],
    "truncate": None,
}
GATED = presets.random_case("lstm", 2, 1, 2, 2)["params"]


def plain_input(**changed):
    return {"params": GOOD["params"] | changed}


def gated_input(**changed):
    return {"cell": "lstm", "params": GATED | changed}


BAD = [
    ({"cell": "foo"}, "cell"),
    ({"cell": None}, "cell"),
    ({"params": []}, "params"),
    ({"params": {"W": [[1]], "U": [[1]]}}, r"params\.V"),
    (plain_input(Q=[[1]]), r"params\.Q"),
    (plain_input(W=None), r"params\.W"),
    (plain_input(W=[[0.1, 0.2]]), r"params\.W"),
    (plain_input(W=[[0.1, 0.2], [0.3]]), r"params\.W"),
    (plain_input(W=[[0.1, math.nan], [0.3, 0.4]]), r"params\.W"),
    (plain_input(W=[[0.1, 101.0], [0.3, 0.4]]), r"params\.W"),
    (plain_input(W="abc"), r"params\.W"),
    (plain_input(W=[[0.0] * 9] * 9), r"params\.W"),
    (plain_input(U=[[1.0]]), r"params\.U"),
    (plain_input(U=[[True], [1.0]]), r"params\.U"),
    (plain_input(V=[[1.0]]), r"params\.V"),
    (plain_input(V=[["abc", 0.0]]), r"params\.V"),
    (plain_input(V=[[0.0, 0.0]] * 9), r"params\.V"),
    (plain_input(b=[1.0]), r"params\.b"),
    (plain_input(b=[[1.0], [1.0]]), r"params\.b"),
    (plain_input(c=[1.0, 2.0, 3.0]), r"params\.c"),
    (plain_input(c=5), r"params\.c"),
    (plain_input(weight_ih=[[1.0]]), r"params\.weight_ih"),
    ({"xs": []}, "xs"),
    ({"xs": [[]]}, "xs"),
    ({"xs": [[1.0, 2.0]]}, "xs"),
    ({"xs": [1.0, 2.0]}, "xs"),
    ({"xs": [[math.inf], [1.0]]}, "xs"),
    ({"xs": [[0.0]] * 33, "targets": [None] * 33}, "xs"),
    ({"xs": None}, "xs"),
    ({"h0": [0.0]}, "h0"),
    ({"h0": {"h": [0.0, 0.0]}}, "h0"),
    ({"h0": "abc"}, "h0"),
    ({"targets": [0]}, "targets"),
    ({"targets": [0, 2]}, r"targets\[1\]"),
    ({"targets": [-1, 0]}, r"targets\[0\]"),
    ({"targets": [True, 0]}, r"targets\[0\]"),
    ({"targets": [0.5, 0]}, r"targets\[0\]"),
    ({"targets": None}, "targets"),
    ({"targets": "01"}, "targets"),
    ({"truncate": 0}, "truncate"),
    ({"truncate": 3}, "truncate"),
    ({"truncate": True}, "truncate"),
    ({"truncate": "1"}, "truncate"),
    ({"cell": "lstm"}, r"params\.weight_ih"),
    (gated_input(weight_hh=[[0.0, 0.0]] * 6), r"params\.weight_hh"),
    (gated_input(weight_ih=[[0.0]] * 4), r"params\.weight_ih"),
    (gated_input(bias_ih=[0.0] * 2), r"params\.bias_ih"),
    (gated_input(b=[0.0] * 2), r"params\.b"),
    (gated_input() | {"cell": "gru"}, r"params\.weight_ih"),
    (gated_input() | {"h0": [0.0, 0.0]}, "h0"),
    (gated_input() | {"h0": {"c": [0.0]}}, r"h0\.c"),
    (gated_input() | {"h0": {"cell": [0.0, 0.0]}}, r"h0\.cell"),
]


@pytest.mark.parametrize(("changed", "field"), BAD)
def test_bad_input_names_its_field(changed, field):
    with pytest.raises(InputError, match=rf"^{field}(\W|$)"):
        bptt.backward(**GOOD | changed)


def test_good_input_is_good():
    assert bptt.backward(**GOOD)["loss"] > 0
    assert bptt.backward(**GOOD | gated_input())["loss"] > 0


@pytest.mark.parametrize("decimals", [1, 9, 2.5, "3", True, math.nan])
def test_bad_decimals(decimals):
    case = {k: GOOD[k] for k in ("cell", "params", "xs")}
    with pytest.raises(InputError, match="^decimals"):
        cells.forward(**case, decimals=decimals)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: vanishing.norms_by_cell(math.nan), "rho"),
        (lambda: vanishing.norms_by_cell(0.9, 201), "length"),
        (lambda: vanishing.norms_by_cell(0.9, 10, 65), "hidden"),
        (lambda: vanishing.norms_by_cell(0.9, 10, 8, -1), "seed"),
        (lambda: vanishing.norms_by_cell(0.9, 10, 8, 0, math.inf), "forget_bias"),
        (lambda: bptt.clip({}, 0), "max_norm"),
        (lambda: presets.slide("other"), "x"),
        (lambda: presets.hello("foo"), "cell"),
        (lambda: presets.copy_task(symbols=8), "symbols"),
        (lambda: presets.copy_task(length=33), "length"),
        (lambda: presets.random_case("rnn", 9, 1, 1, 1), "hidden"),
        (lambda: presets.random_case("rnn", 1, 1, 1, 0), "length"),
    ],
)
def test_bad_options_name_their_field(call, field):
    with pytest.raises(InputError, match=rf"^{field}\b"):
        call()
