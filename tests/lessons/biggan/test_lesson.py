"""The BigGAN tab: boards against the core, typed numbers, refused inputs, and its endpoints."""

import base64
from typing import Any

import numpy as np
import pytest
from scipy import stats

from apps import biggan as tab
from apps.lessons.biggan import chunks, models, psi
from apps.lessons.biggan.inputs import Inputs
from apps.lessons.shared import nets, pictures
from core.models.biggan import by_hand
from core.weights import cards
from tests.tab_case import TabCase, widgets

CASE = TabCase("biggan")


@pytest.mark.parametrize("psi", [0.1, 1.0, 2.0])
def test_the_shown_shares_are_those_of_scipy_s_density(psi):
    board = CASE.asked("truncated", psi=psi, seed=1)
    (chart,) = widgets(board["frames"][-1], "chart")
    redrawn, scaled, density = chart["series"]
    laws: list[Any] = [stats.truncnorm(-psi, psi), stats.norm(0, psi)]
    for curve, law in zip((redrawn, scaled), laws):
        middle = np.array(curve["x"]).reshape(-1, 2).mean(1)
        off = np.array(curve["y"])[::2] - law.pdf(middle)
        inside = np.abs(np.abs(middle) - psi) > 0.1 * psi  # a bin may lie on either side of ±ψ
        assert np.abs(off[inside]).max() < 0.1 * law.pdf(0)
    np.testing.assert_allclose(density["y"], laws[0].pdf(density["x"]), rtol=1e-6)


def test_the_table_shows_what_was_drawn_first():
    (table,) = widgets(CASE.asked("truncated")["frames"][0], "table")
    trace = by_hand.draw_truncated(8, 0.5, 0)  # fewer draws: what is drawn anew comes later
    for row, z in zip(table["rows"], trace["first"]):
        assert float(row[0]["text"].replace("−", "-")) == pytest.approx(z, abs=5e-4)
        assert (row[1]["text"] == "·") == (abs(z) <= 0.5)
        assert abs(float(row[2]["text"].replace("−", "-"))) <= 0.5
        assert float(row[3]["text"].replace("−", "-")) == pytest.approx(z / 2, abs=1e-3)


@pytest.mark.parametrize("plus_one", [True, False])
def test_typed_numbers_are_normalised(plus_one):
    a, gain = [1.0, 2, 3, 4, 5, 9], [0.5, -0.5, 0, 0, 0, 2]
    found = np.array(
        CASE.tables("condition", a=a, gain=gain, plus_one=plus_one)["numbers"][1:], float
    )
    normal = (np.array(a) - np.mean(a)) / np.sqrt(np.var(a) + 1e-5)
    wanted = (np.array(gain) + plus_one) * normal + Inputs().offset
    np.testing.assert_allclose(found[:, 3], normal)
    np.testing.assert_allclose(found[:, 5], wanted)
    board = CASE.asked("condition", a=a, plus_one=plus_one)
    assert board["values"]["a"] == a


def test_numbers_that_are_all_the_same_become_nothing():
    board = CASE.asked("condition", a=[3.0] * 6)
    assert all(one["ok"] for one in board["checks"])
    found = np.array(CASE.tables("condition", a=[3.0] * 6)["numbers"][1:], float)
    np.testing.assert_allclose(found[:, 5], Inputs().offset)


@pytest.mark.parametrize(
    "matrix", [[[2, 1], [0, 1.5]], [[0, 0], [0, 0]], [[1, 0], [0, 1]], [[1, 2], [2, 4]]]
)
@pytest.mark.parametrize("seed", [0, 5])
def test_rounds_are_checked_for_any_matrix(matrix, seed):
    board = CASE.asked("spectral", matrix=matrix, seed=seed)
    assert all(one["ok"] for one in board["checks"]), board["checks"]
    table = np.array(CASE.tables("spectral", matrix=matrix, seed=seed)["sigma"][1:])
    assert (np.diff(table[:, 1]) >= -1e-12).all() and (table[:, 1] <= table[:, 2] + 1e-12).all()


def test_the_round_s_arrows_are_its_vectors():
    trace = by_hand.spectral(Inputs().matrix, 8, 0)
    for k, frame in enumerate(CASE.asked("spectral")["frames"][:-1]):
        (plane,) = widgets(frame, "field")
        first, second = [one for one in plane["layers"] if one["layer"] == "arrows"]
        np.testing.assert_allclose(first["to"][0], trace["v"][k], atol=1e-3)
        seen = np.array(Inputs().matrix) @ trace["v"][k]
        np.testing.assert_allclose(second["to"][0], seen, atol=1e-3)


@pytest.mark.parametrize("label", [0, 1, 2])
def test_scores_are_matrix_products(label):
    h = [1.0, -1.0, 0.5, 2.0]
    found = np.array(CASE.tables("projection", h=h, label=label)["scores"][1:])
    wanted = np.array(Inputs().vectors) @ h
    np.testing.assert_allclose(found[:, 1], wanted)
    np.testing.assert_allclose(found[:, 2], wanted + np.dot(Inputs().weight, h) + 0.1)
    board = CASE.asked("projection", h=h, label=label)
    (asked,) = {blank["label"] for blank in board["turn"]["blanks"] if "D" in blank["label"]}
    y = (label + 1) % 3
    assert asked == f"D(x, {y})" and board["turn"]["blanks"][1]["rows"] == [[found[y, 2]]]


def test_the_exercises_ask_for_what_is_so():
    first, norm, turn = (
        [row[0] for blank in CASE.asked(view)["turn"]["blanks"] for row in blank["rows"]]
        for view in ("truncated", "condition", "spectral")
    )
    assert first == [pytest.approx(stats.truncnorm.var(-1, 1), abs=1e-3), 1]
    assert norm == [pytest.approx(1.1), pytest.approx(0.1)]
    v = np.array([1.2, 0.8]) / np.hypot(1.2, 0.8)
    assert turn == [*map(pytest.approx, v), pytest.approx(np.hypot(2 * v[0], v[1]))]


@pytest.mark.parametrize(
    ("view", "changes", "field"),
    [
        ("truncated", {"psi": 0.0}, "psi"),
        ("condition", {"a": [1, 2]}, "a"),
        ("condition", {"gain": [1, 2, 3, 4, 5, "x"]}, "gain"),
        ("condition", {"plus_one": 1}, "plus_one"),
        ("spectral", {"matrix": [[1, 2, 3]]}, "matrix"),
        ("spectral", {"matrix": [[1, 2], [3, 1e9]]}, "matrix"),
        ("projection", {"label": 3}, "label"),
        ("projection", {"h": []}, "h"),
        ("projection", {"vectors": [[1, 2, 3, 4]]}, "vectors"),
    ],
)
def test_bad_input_names_its_field(view, changes, field):
    assert CASE.refused(view, **changes)["field"].startswith(field)


@pytest.mark.parametrize("seed", [0, 5])
def test_codes_are_cut_off_at_psi_and_drawn_by_the_net(seed):
    board = CASE.asked("psi", seed=seed)
    assert all(one["ok"] for one in board["checks"]), board["checks"]
    for frame, way in zip(board["frames"], [*psi.PSI, None]):
        (sheet,) = widgets(frame, "grey")
        labels = models.each_class(psi.ROWS)
        images = models.decode(models.codes(len(labels), seed, way), labels)
        shades = np.frombuffer(base64.b64decode(sheet["shades"]), np.uint8)
        wanted = np.round(255 * pictures.sheet(images, models.CLASSES))
        assert np.abs(shades - wanted.ravel()).max() <= 1
    found = np.array(CASE.tables("psi", seed=seed)["figures"][1:-1], float)
    card = cards()[models.NAME].metrics
    for value, *row in found:
        kept = [card[f"{name}, ψ = {value:g}"]["value"] for name in psi.FIGURES]
        np.testing.assert_allclose(row, kept)


@pytest.mark.parametrize("seed", [0, 5])
def test_parts_of_a_code_are_exchanged(seed):
    first, second = models.codes(2, seed)
    size = len(first) // models.PARTS
    for parts in chunks.SWAPS:
        mixed = chunks.swapped(first[None], second[None], parts)[0].reshape(models.PARTS, size)
        for k in range(models.PARTS):
            own = (second if k in parts else first)[k * size : (k + 1) * size]
            np.testing.assert_array_equal(mixed[k], own)
    board = CASE.asked("chunks", seed=seed)
    assert all(one["ok"] for one in board["checks"]), board["checks"]
    strips = [one["shades"] for one in widgets(board["frames"][-1], "grey")]
    assert strips[0] == board["parts"]["second"]["shades"]  # all of B


# the endpoints


def test_samples_are_of_the_asked_classes_and_within_psi():
    found = tab.biggan_sample(12, 3, truncation=0.5)
    assert found["labels"].tolist() == [*range(10), 0, 1] and found["largest"] <= 0.5
    images = models.decode(models.codes(12, 3, 0.5), found["labels"])
    np.testing.assert_array_equal(found["images"], images)
    only = tab.biggan_sample(5, label=7)
    assert only["labels"].tolist() == [7] * 5 and only["largest"] > 1
    read = nets.read_digits(tab.biggan_sample(64, 1, 7, 0.5)["images"]).argmax(1)
    assert (read == 7).mean() > 0.9


def test_truncated_numbers_come_with_their_variance():
    found = tab.biggan_truncated(5_000, 1.5, 7)
    assert np.abs(found["values"]).max() <= 1.5 and len(found["values"]) == 5_000
    assert found["variance"] == pytest.approx(stats.truncnorm.var(-1.5, 1.5))
    assert stats.kstest(found["values"], stats.truncnorm(-1.5, 1.5).cdf).pvalue > 0.01
    phi, Phi, psi = stats.norm.pdf(1.5), stats.norm.cdf(1.5), 1.5
    told = found["formula"].replace("phi(psi)", "phi").replace("Phi(psi)", "Phi")
    told = told.replace("2 psi phi", "2*psi*phi").replace("2 Phi", "2*Phi")
    assert eval(told, {"psi": psi, "phi": phi, "Phi": Phi}) == pytest.approx(found["variance"])


def test_sigma_rises_to_the_exact_value():
    matrix = np.random.default_rng(3).normal(size=(6, 4))
    found = tab.biggan_spectral(matrix.tolist(), 300, 1)
    exact = np.linalg.svd(matrix, compute_uv=False)[0]
    assert found["exact"] == pytest.approx(exact) and found["sigma"] == pytest.approx(exact)
    assert len(found["rounds"]) == 300 and found["rounds"][-1] == found["sigma"]
    assert (np.diff(found["rounds"]) >= -1e-12).all()
