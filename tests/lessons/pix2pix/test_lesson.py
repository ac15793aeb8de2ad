"""The Pix2Pix tab: boards against the core, drawings, refused inputs, and its endpoints."""

import numpy as np
import pytest
import torch

from apps import pix2pix as tab
from apps.lessons.pix2pix import draw, models, patch, skips, toy, unseen
from apps.lessons.pix2pix.inputs import EMPTY, PIXELS, Inputs
from apps.lessons.shared import nets
from apps.stage.server.boards import kept_board
from core.data import hangul
from core.measure.ssim import ssim
from core.weights import WeightError
from tests.tab_case import TabCase, refuse, widgets

torch.set_num_threads(1)

CASE = TabCase("pix2pix")
asked = CASE.asked
TRAINED = ("draw", "skips", "patch", "balance", "blind", "unseen")


# the toy


@pytest.mark.parametrize("answers", [2, 3])
@pytest.mark.parametrize("shift", [1, 2, 4])
def test_the_toy_s_pictures_are_those_of_the_core(answers, shift):
    found = CASE.tables("toy", answers=answers, shift=shift, odds=0.5)
    assert found["answers"].shape == (answers, 12)
    np.testing.assert_allclose(found["mean"], toy.compute(
        Inputs(answers=answers, shift=shift, odds=0.5)).odds @ found["answers"])  # fmt: skip
    assert (found["mode"] == found["answers"][0]).all()


def test_the_toy_s_exercise_asks_for_what_no_table_shows():
    board = asked("toy")
    values = [blank["rows"][0][0] for blank in board["turn"]["blanks"]]
    assert values == pytest.approx([0.4 * 6 + 0.3 * 6, 0.3 / (0.3 + 1 / 3)])


# what is drawn


def test_a_drawing_is_what_the_net_is_given():
    bits = np.zeros((64, 64), int)
    bits[20, 10:50] = bits[10:50, 30] = 1
    found = CASE.tables("draw", drawn="".join(map(str, bits.ravel())))
    np.testing.assert_array_equal(found["strokes"], bits)
    for face in hangul.FACES:
        wanted = tab.pix2pix_translate(bits.tolist(), models.MAIN, face)["image"]
        np.testing.assert_allclose(found[face], wanted, atol=1e-6)
        assert found[face][bits == 1].mean() > 0.8  # ink where the strokes are


def test_an_empty_pad_gives_a_page_that_is_all_but_blank_and_says_so():
    board = asked("draw", drawn=EMPTY)
    assert "blank" in {fact["label"].get("k") for fact in board["frames"][0]["facts"]}
    assert board["turn"] is None
    found = CASE.tables("draw", drawn=EMPTY)
    assert max(found[face].max() for face in hangul.FACES) < 0.01


@pytest.mark.parametrize("tool", ["pen", "eraser"])
def test_the_tool_says_what_the_pen_does(tool):
    (pad,) = widgets(asked("draw", tool=tool)["frames"], "cells")
    assert pad["edit"] == "drawn" and pad["pen"] == ("1" if tool == "pen" else "0")
    assert len(pad["bits"]) == PIXELS


@pytest.mark.parametrize(
    ("view", "changes", "field"),
    [
        ("draw", {"drawn": "01"}, "drawn"),
        ("draw", {"drawn": "2" * PIXELS}, "drawn"),
        ("draw", {"drawn": [0, 1]}, "drawn"),
        ("draw", {"syllable": "뷁"}, "syllable"),
        ("draw", {"syllable": ""}, "syllable"),
        ("patch", {"syllable": "ㄱ"}, "syllable"),
        ("patch", {"cell": [14, 0]}, "cell"),
        ("patch", {"cell": 3}, "cell"),
        ("balance", {"syllable": "뷁"}, "syllable"),
        ("blind", {"syllable": ""}, "syllable"),
        ("unseen", {"syllable": "?"}, "syllable"),
    ],
)
def test_bad_input_names_its_field(view, changes, field):
    assert CASE.refused(view, **changes)["field"].startswith(field)


# what the nets make


@pytest.mark.parametrize("face", hangul.FACES)
def test_the_errors_of_the_cuts_are_those_of_the_module(face):
    found = CASE.tables("skips", face=face)["errors"][1:]
    x, y = skips.held_out_pairs(face)
    assert len(x) == skips.MEASURED
    for (name, error), cut in zip(found, skips.CUTS):
        made = models.translate(models.MAIN, x, face, cut)
        assert error == pytest.approx(np.abs(made - y).mean(), abs=1e-6)
        assert name == skips.cut_name(cut)


def test_a_pressed_verdict_is_outlined_on_all_pictures():
    board = asked("patch", cell=[0, 13])
    boxes = [one["outlines"][0]["box"] for one in widgets(board["frames"], "raster")]
    assert boxes[:2] == [[0, 41, 23, 23]] * 2 and boxes[2] == [0, 13, 1, 1]  # padding is outside
    assert CASE.tables("patch", stack="paper")["layers"][-1][3:5] == [30, 70]


@pytest.mark.parametrize("beside", ["true", "made", "other", "blank"])
def test_verdicts_are_those_of_the_endpoint(beside):
    x, y = patch.pair(Inputs(beside=beside))
    found = tab.pix2pix_verdicts(x.tolist(), y.tolist())
    assert found["field"] == 34
    shown = CASE.tables("patch", beside=beside)["verdicts"]
    np.testing.assert_allclose(shown, models.sigmoid(found["map"]), atol=1e-6)


def test_the_nearest_training_type_is_no_held_out_one_and_none_is_nearer():
    name, picture = unseen.nearest("글")
    assert name in hangul.training() and name != "글"
    target = models.pairs("글")[1][0]
    every = hangul.glyphs().pairs(hangul.training())[1][:, 0].numpy()
    assert np.abs(picture - target).mean() == pytest.approx(
        np.abs(every - target).mean((1, 2)).min()
    )


def test_the_reader_reads_both_faces_of_the_shown_syllables():
    for face in hangul.FACES:
        assert models.read(models.pairs(models.SHOWN, face)[1]) == models.SHOWN
    assert not set(models.SHOWN) - set(hangul.held_out_syllables())


# the endpoints


def test_a_pair_is_the_data_s_and_says_whether_it_is_held_out():
    found = tab.pix2pix_pair("글", "round")
    x, y = hangul.draw_pairs("글", "round")
    np.testing.assert_array_equal(found["source"], x[0, 0])
    np.testing.assert_array_equal(found["target"], y[0, 0])
    assert found["held_out"] is True
    assert tab.pix2pix_pair(hangul.training()[0])["held_out"] is False
    assert tab.pix2pix_pair("R")["held_out"] is False


def test_a_translation_is_the_same_twice_and_nearer_than_its_strokes():
    pair = tab.pix2pix_pair("글")
    first, second = (tab.pix2pix_translate(pair["source"].tolist())["image"] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    error, start = (np.abs(one - pair["target"]).mean() for one in (first, pair["source"]))
    assert first.shape == (64, 64) and 0 <= first.min() and first.max() <= 1
    assert error < start
    made, true = (torch.tensor(one, dtype=torch.float32)[None, None]
                  for one in (first, pair["target"]))  # fmt: skip
    assert ssim(made, true).item() > 0.6


# without the nets


def test_a_scene_without_its_net_says_why(monkeypatch):
    monkeypatch.setattr(nets, "model", refuse)
    kept_board.cache_clear()
    for view in TRAINED:
        board = CASE.tab.board(view, {})
        assert board.get("fleeting")
        assert "absent_why" in str(board["frames"])
    with pytest.raises(WeightError):
        tab.pix2pix_translate([[0] * 64] * 64)
    kept_board.cache_clear()


def test_the_pad_s_ink_is_the_source_s():
    strokes = draw.on_pad(Inputs())
    assert set(np.unique(strokes)) == {0, 1}
    assert abs(strokes.sum() / models.pairs("글")[0][0].sum() - 1) < 0.3
