import json
import math

import numpy as np
import pytest
import torch

from core.inputs import InputError
from core.models.rnn import check, sequences

torch.set_num_threads(1)


def shape_of(kind, length=4, seed=0):
    picture = sequences.unroll(kind, seed, length)
    return picture, {node["id"]: node for node in picture["nodes"]}


@pytest.mark.parametrize("kind", sequences.KINDS)
@pytest.mark.parametrize(("seed", "length"), [(0, 2), (1, 5), (7, 8)])
def test_unroll_equals_torch(kind, seed, length):
    picture = json.loads(json.dumps(sequences.unroll(kind, seed, length), allow_nan=False))
    assert check.unroll_delta(kind, picture)["delta"] < 1e-12


@pytest.mark.parametrize("kind", sequences.KINDS)
def test_check_sees_every_computed_node(kind):
    picture, nodes = shape_of(kind)
    for node in nodes.values():
        if node["kind"] != "x":
            node["value"][1] += 0.01
            assert check.unroll_delta(kind, picture)["delta"] > 1e-3
            node["value"][1] -= 0.01


@pytest.mark.parametrize(
    ("kind", "counts", "steps", "links"),
    [
        ("one-to-many", {"x": 4, "h": 4, "y": 4}, 4, 14),
        ("many-to-one", {"x": 4, "h": 4, "y": 1}, 4, 8),
        ("many-to-many", {"x": 4, "h": 4, "y": 4}, 4, 11),
        ("bidirectional", {"x": 4, "h": 8, "y": 4}, 8, 22),
        ("encoder-decoder", {"x": 8, "h": 8, "y": 4}, 8, 22),
    ],
)
def test_unroll_has_its_shape(kind, counts, steps, links):
    picture, nodes = shape_of(kind)
    kinds = [node["kind"] for node in picture["nodes"]]
    assert {k: kinds.count(k) for k in "xhy"} == counts
    assert len(nodes) == len(picture["nodes"])  # ids differ
    assert picture["steps"] == steps and len(picture["links"]) == links
    places = {(node["column"], node["row"]) for node in picture["nodes"]}
    assert len(places) == len(nodes)
    for link in picture["links"]:  # nothing is computed before what it needs
        assert nodes[link["from"]]["at"] <= nodes[link["to"]]["at"]


def test_fed_back_inputs_are_the_last_outputs():
    _, nodes = shape_of("one-to-many")
    assert nodes["forward-x2"]["value"] == nodes["forward-y1"]["value"]
    _, nodes = shape_of("encoder-decoder", length=3)
    assert nodes["decoder-x4"]["value"] == [0.0, 0.0]
    assert nodes["decoder-x6"]["value"] == nodes["decoder-y5"]["value"]


def test_backward_cell_reads_from_the_end():
    _, nodes = shape_of("bidirectional")
    at = [nodes[f"backward-h{t}"]["at"] for t in (1, 2, 3, 4)]
    assert at == [7, 6, 5, 4]
    assert [nodes[f"forward-y{t}"]["at"] for t in (1, 2, 3, 4)] == at


def test_unroll_depends_on_its_seed_only():
    assert sequences.unroll("many-to-one", 3) == sequences.unroll("many-to-one", 3)
    assert sequences.unroll("many-to-one", 3) != sequences.unroll("many-to-one", 4)


# ---- dilated convolution

STACKS = [(2, [1]), (2, [1, 2, 4, 8]), (3, [1, 2, 4]), (4, [3, 1, 2, 1, 1]), (2, [16, 16])]


@pytest.mark.parametrize(("kernel", "dilations"), STACKS)
@pytest.mark.parametrize("length", [1, 7, 32])
def test_dilated_equals_conv1d(kernel, dilations, length):
    rng = np.random.default_rng(length)
    xs = rng.normal(size=length).tolist()
    weights = rng.normal(size=(len(dilations), kernel)).tolist()
    layers = sequences.convolve_layers(xs, weights, dilations, kernel)
    result = check.dilated_delta(xs, weights, dilations, layers)
    assert result["delta"] < 1e-12
    layers[-1][-1] += 0.1
    assert check.dilated_delta(xs, weights, dilations, layers)["delta"] > 1e-4


def test_dilated_by_hand():
    layers = sequences.convolve_layers([1, 2, 3, 4], [[1, 10], [1, 100]], [1, 2])
    assert layers[0].tolist() == [1, 12, 23, 34]
    assert layers[1].tolist() == [1, 12, 123, 1234]


@pytest.mark.parametrize(("kernel", "dilations"), STACKS)
def test_output_changes_exactly_with_the_inputs_that_reach_it(kernel, dilations):
    weights = np.ones((len(dilations), kernel))  # positive: nothing cancels
    base = sequences.convolve_layers(np.zeros(32), weights, dilations, kernel)[-1]
    changed_by = [
        sequences.convolve_layers(np.eye(32)[i], weights, dilations, kernel)[-1] != base
        for i in range(32)
    ]
    for t in range(32):
        reaching = [i for i in range(32) if changed_by[i][t]]
        assert sequences.reach(t, kernel, dilations)[0] == reaching
        assert max(reaching) == t  # causal: no later input


@pytest.mark.parametrize(("kernel", "dilations"), STACKS)
def test_receptive_field_closed_form(kernel, dilations):
    sizes = sequences.receptive_field(kernel, dilations)
    assert sizes == [1 + (kernel - 1) * sum(dilations[: l + 1]) for l in range(len(dilations))]
    places = sequences.reach(31, kernel, dilations)
    assert places[-1] == [31] and len(places) == len(dilations) + 1
    if sizes[-1] <= 32:
        assert places[0][0] == 31 - (sizes[-1] - 1)


def test_doubling_dilations_double_the_field():
    assert sequences.receptive_field(2, [1, 2, 4, 8, 16]) == [2, 4, 8, 16, 32]


GOOD = {"xs": [1.0, 2.0], "weights": [[1.0, 1.0]], "dilations": [1], "kernel": 2}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"xs": []}, "xs"),
        ({"xs": [0.0] * 33}, "xs"),
        ({"xs": [math.nan]}, "xs"),
        ({"xs": "abc"}, "xs"),
        ({"xs": [[1.0]]}, "xs"),
        ({"weights": [[1.0]]}, "weights"),
        ({"weights": [[1.0, 1.0]] * 2}, "weights"),
        ({"weights": [[1.0, True]]}, "weights"),
        ({"weights": None}, "weights"),
        ({"dilations": []}, "dilations"),
        ({"dilations": [1] * 6}, "dilations"),
        ({"dilations": 1}, "dilations"),
        ({"dilations": [0]}, r"dilations\[0\]"),
        ({"dilations": [17]}, r"dilations\[0\]"),
        ({"dilations": [1.5]}, r"dilations\[0\]"),
        ({"kernel": 1}, "kernel"),
        ({"kernel": 5}, "kernel"),
        ({"kernel": "2"}, "kernel"),
    ],
)
def test_bad_convolutions_name_their_field(changed, field):
    with pytest.raises(InputError, match=rf"^{field}"):
        sequences.convolve_layers(**GOOD | changed)


@pytest.mark.parametrize(
    ("args", "field"),
    [(("foo", 0, 4), "kind"), (("many-to-one", 0, 1), "length"), (("many-to-one", 0, 9), "length")]
    + [(("many-to-one", -1, 4), "seed"), (("many-to-one", 1.5, 4), "seed")],
)
def test_bad_shapes_name_their_field(args, field):
    with pytest.raises(InputError, match=rf"^{field}"):
        sequences.unroll(*args)


def test_bad_index():
    with pytest.raises(InputError, match="^index"):
        sequences.reach(32, 2, [1])
