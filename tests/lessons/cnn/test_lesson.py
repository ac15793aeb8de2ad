"""The CNN tab: boards under changed inputs, what is pressed, bad inputs of the page, the API."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from apps import cnn as tab
from apps.lessons.cnn import film, models, net, why
from apps.lessons.cnn.inputs import NETS, Inputs
from apps.lessons.shared import nets, pictures
from apps.stage.server import words
from apps.stage.server.boards import kept_board
from core.inputs import InputError
from core.weights import load
from tests.tab_case import TabCase, checks, keys, refuse, widgets

torch.set_num_threads(1)

CASE = TabCase("cnn")
VIEWS = [scene["view"] for scene in CASE.scenes]
TRAINED = ("net", "shift", "receptive", "why", "film")
CHANGES = {
    "hand": [
        {},
        {"flip": True, "dilation": 2},
        {"stride": 3, "padding": 2},
        {"picture": "edge", "filter": "blur"},
        {"kernel": [[0, 0, 0], [0, 0, 0], [0, 0, 0]]},
    ],
    "net": [
        {},
        *({"unit": place} for place in ([0, 3, 0, 0], [1, 0, 5, 5], [3, 7, 6, 6], [4, 9, 0])),
    ],
    "shift": [{}, {"edges": "zeros"}, {"pool": 2, "steps": 2}, {"filter": "corner"}],
    "receptive": [{"stack": stack} for stack in ("classifier", "tiny", "threes", "dilated")],
    "learn": [{}, {"rate": 0.03}, {"filter": "blur", "seed": 5, "digit": 70}],
    "why": [{}, {"net": "mlp-mnist"}, {"label": 8}, {"drawn": pictures.EMPTY}],
    "film": [{}, {"pair": [7, 7]}, {"pair": [0, 1]}],
    "transposed": [{}, {"kernel_side": 1, "step": 4}, {"kernel_side": 6, "step": 1, "even": False}],
}
EVERY = [(view, changes) for view, several in CHANGES.items() for changes in several]


# scenes


@pytest.mark.parametrize(("view", "changes"), EVERY, ids=str)
def test_every_word_is_known_and_every_check_holds(view, changes):
    board = CASE.asked(view, **changes)
    for key in keys(board):
        assert all(CASE.knows(language, key) for language in words.LANGUAGES), key
    found = checks(board)
    assert found and all(check["ok"] for check in found), found
    if board.get("turn"):
        assert 0 <= board["turn"]["frame"] < len(board["frames"])


def test_every_scene_has_an_exercise_and_eight_there_are():
    assert len(VIEWS) == len(set(VIEWS)) == 8
    assert all(CASE.asked(view)["turn"] for view in VIEWS)


@pytest.mark.parametrize("view", TRAINED)
def test_a_net_that_is_not_here_is_said_in_one_sentence(view, monkeypatch):
    from apps.lessons.cnn import receptive

    monkeypatch.setattr(nets, "model", refuse)
    monkeypatch.setattr(film, "read_file", refuse)
    for cached in (receptive.measure, why.explanations, film.record, film.answers, film.checks):
        cached.cache_clear()
    kept_board.cache.clear()
    board = CASE.asked(view)
    assert not kept_board.cache  # asked again, it looks again
    assert keys(board["frames"]) == {"absent_why", "weights_unknown"}
    assert board["checks"] and all(check["ok"] for check in board["checks"])


# what is pressed


def test_a_pressed_pixel_is_turned_over_and_stays_so():
    before = CASE.tables("hand")["image"]
    board = CASE.asked("hand", toggle=[0, 3])
    assert board["inputs"]["toggle"] is None
    after = CASE.tables("hand", small=board["inputs"]["small"])["image"]
    assert np.argwhere(before != after).tolist() == [[0, 3]] and after[0, 3] == 1
    padded = CASE.asked("hand", toggle=[1, 4], padding=1)["inputs"]["small"]
    assert padded == board["inputs"]["small"]  # the raster shows zeros around
    outside = CASE.asked("hand", toggle=[0, 0], padding=1)["inputs"]["small"]
    assert outside == "".join(str(int(v)) for v in before.ravel())


def test_outputs_so_far_and_each_of_them_leads_to_its_frame():
    board = CASE.asked("hand")
    for k in (0, 20, 35):
        _, out = widgets(board["frames"][k]["view"], "raster")
        assert sum(v is not None for row in out["rows"] for v in row) == k + 1
        assert out["press"] == {"input": "", "at": [], "frame": 0, "each": True}


def test_three_zooms_there_and_back():
    board = CASE.asked("net")
    whole, unit, numbers = (frame["view"] for frame in board["frames"])
    there = [one["press"] for one in widgets(whole, "raster")]
    assert len(there) == 24 and {one["frame"] for one in there} == {1}
    assert sorted(map(tuple, (one["at"] for one in there))) == [
        (column, k) for column, count in enumerate((4, 4, 8, 8)) for k in range(count)
    ]
    (bars,) = widgets(whole, "bars")
    assert bars["press"] == {"input": "unit", "at": [4], "frame": 1, "each": False}
    assert {0, 2} <= {one["press"]["frame"] for one in widgets(unit, "raster")}
    assert {one["press"]["frame"] for one in widgets(numbers, "raster")} == {1}


@pytest.mark.parametrize("place", [(0, 2, 13, 9), (2, 5, 6, 7), (3, 1, 3, 3), (1, 3, 0, 13)])
def test_what_a_unit_sees_is_where_its_gradient_is(place):
    from apps.lessons.cnn import zoom

    found = net.walk_of(Inputs(unit=place))
    layers, (column, channel, row, across) = load(models.TINY).layers, place  # pyright: ignore
    after = (2, 3, 5, 6)[column]  # modules up to the column's maps
    seen = torch.zeros(28, 28, dtype=torch.bool)
    for seed in range(40):
        x = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(seed))
        x.requires_grad_()
        value = layers[:after](x)[0, :, row, across].sum()  # pyright: ignore
        if value.requires_grad:
            seen |= torch.autograd.grad(value, x)[0][0, 0] != 0
    rows, columns = seen.nonzero().T
    i, j, height, width = zoom.field_of(found)[0]["box"]
    assert [int(rows.min()), int(columns.min())] == [max(0, i), max(0, j)]
    assert [int(rows.max()), int(columns.max())] == [
        min(28, i + height) - 1,
        min(28, j + width) - 1,
    ]
    assert channel < len(found.maps[column])


def test_the_sum_s_numbers_are_torch_s():
    found = net.walk_of(Inputs())
    x = pictures.batch(found.image[None])
    layers = load(models.TINY).layers  # pyright: ignore
    before = layers[:3](x)  # pyright: ignore
    wanted = F.conv2d(before, layers[3].weight, layers[3].bias, padding=1)  # pyright: ignore
    _, channel, row, across = found.place
    assert found.unit["sum"] == pytest.approx(wanted[0, channel, row, across].item(), abs=1e-5)
    (z, relu) = CASE.asked("net")["turn"]["blanks"]
    assert z["rows"][0][0] == pytest.approx(found.unit["sum"])
    assert relu["rows"][0][0] == max(0, z["rows"][0][0])
    assert CASE.asked("net", unit=[1, 0, 5, 5])["turn"] is None


def test_a_pressed_cell_opens_its_pictures():
    last = CASE.asked("film", pair=[9, 4])["frames"][-1]["view"]
    shown = list(widgets(last, "grey"))
    count = int(film.record()["moments.confusion"][-1][9, 4])
    assert len(shown) == min(count, film.MOST) == 8
    kept = film.answers()
    wrong = kept["answers"][-1] != kept["labels"]
    assert wrong.sum() == 133  # each of the last net's mistakes is there
    for at in range(10):
        counts = film.record()["moments.confusion"][at]
        for label, answer in np.argwhere(counts > 0):
            there = ((kept["labels"] == label) & (kept["answers"][at] == answer)).sum()
            assert min(counts[label, answer], 5) <= there <= counts[label, answer]


def test_drawing_reaches_the_nets():
    blank = CASE.asked("net", drawn=pictures.EMPTY)
    (pad,) = widgets(blank["frames"][0]["view"], "cells")
    assert pad["bits"] == pictures.EMPTY and pad["edit"] == "drawn"
    assert not CASE.tables("net", drawn=pictures.EMPTY)["image"].any()


def test_a_dense_net_has_no_grad_cam():
    names = [one["label"]["k"] for one in widgets(CASE.asked("why", net="mlp-mnist"), "raster")]
    assert names == ["method_gradient", "method_occlusion", "method_integrated"]


# bad inputs of the page


@pytest.mark.parametrize(
    ("view", "changes", "field"),
    [
        ("hand", {"kernel": [[1, 2], [3, 4]]}, "kernel"),
        ("hand", {"kernel": [[1, 2, "x"], [0, 0, 0], [0, 0, 0]]}, "kernel"),
        ("hand", {"small": "01"}, "small"),
        ("hand", {"toggle": [1]}, "toggle"),
        ("hand", {"stride": 0}, "stride"),
        ("net", {"unit": [5, 0, 0, 0]}, "unit"),
        ("net", {"unit": [0, 4, 0, 0]}, "unit"),
        ("net", {"unit": [3, 0, 7, 0]}, "unit"),
        ("net", {"unit": [4, 3, 1, 0]}, "unit"),
        ("net", {"unit": [0, 0]}, "unit"),
        ("net", {"unit": [0, 9, 0]}, "unit"),
        ("net", {"drawn": "2" * 784}, "drawn"),
        ("film", {"pair": [10, 0]}, "pair"),
        ("film", {"pair": "49"}, "pair"),
        ("film", {"pair": None}, "pair"),
        ("net", {"unit": None}, "unit"),
        ("why", {"label": 10}, "label"),
        ("why", {"net": "vae-mnist"}, "net"),
        ("learn", {"rate": 5}, "rate"),
        ("transposed", {"kernel_side": 7}, "kernel_side"),
    ],
)
def test_a_bad_input_is_refused_by_its_name(view, changes, field):
    assert CASE.refused(view, **changes)["field"] == field


# the API


def test_convolve_gives_what_torch_gives():
    draw = np.random.default_rng(0)
    image, kernel = draw.normal(size=(9, 7)).tolist(), draw.normal(size=(3, 2)).tolist()
    found = tab.cnn_convolve(image, kernel, 2, 1, 2)
    wanted = F.conv2d(
        torch.tensor(image)[None, None].double(), torch.tensor(kernel)[None, None].double(),
        stride=2, padding=1, dilation=2,
    )[0, 0]  # fmt: skip
    assert list(found) == ["out", "shape", "windows", "products"]
    assert np.allclose(found["out"], wanted, atol=1e-6) and tuple(wanted.shape) == found["shape"]
    assert np.allclose(np.array(found["products"]).sum((2, 3)), found["out"])


@pytest.mark.parametrize("name", NETS)
def test_forward_gives_the_net_s_own_layers(name):
    image = pictures.digits()[0][31]
    found = tab.cnn_forward(image.tolist(), name)
    logits = load(name)(pictures.batch(image[None]))[0]
    assert np.allclose(found["logits"], logits, atol=1e-5)
    assert np.allclose(found["probabilities"], logits.softmax(0), atol=1e-6)
    assert all(list(one) == ["name", "shape", "values"] for one in found["layers"])
    assert all(one["shape"] == list(one["values"].shape) for one in found["layers"])
    json.dumps([one["values"].tolist() for one in found["layers"]])


@pytest.mark.parametrize("method", why.METHODS)
def test_explain_gives_a_map_and_its_law(method):
    found = tab.cnn_explain(pictures.digits()[0][31].tolist(), 3, method)
    assert list(found) == ["map", "total", "gap"] and found["map"].shape == (28, 28)
    if method != "integrated":
        assert found["total"] is found["gap"] is None
        return
    assert found["total"] == pytest.approx(found["gap"], rel=0.01)
    assert found["total"] == pytest.approx(found["map"].sum(), abs=1e-4)


@pytest.mark.parametrize("image", [np.zeros((28, 27)), np.full((28, 28), 2.0)])
def test_a_bad_image_is_refused(image):
    with pytest.raises(InputError, match="image"):
        tab.cnn_forward(image.tolist())
    with pytest.raises(InputError, match="image"):
        tab.cnn_explain(image.tolist(), 3)
