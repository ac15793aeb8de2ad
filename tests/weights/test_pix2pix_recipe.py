"""The recipes of Hangul in seconds: the reader, the translator with and without D, the pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.hangul import LEVELS, glyphs
from core.models.pix2pix.translator import Config, Pix2Pix
from tests.weights.test_recipes import flags
from weights.recipes import hangul, pix2pix, reader
from weights.recipes.command import load_shipped, run

TINY = Config(channels=4, patch_channels=4)


def brief(data):
    """Return data with the first 64 pictures of each set."""
    return type(data)(*(part[:64] for part in vars(data).values()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("hangul")
    job = reader.JOBS["reader-hangul"]
    few = replace(job, load=lambda root: brief(reader.load(root)))
    card = run("reader", {"reader-hangul": few}, flags(root, "reader-hangul"))
    assert card and {"read", "read, moved"} == set(card.metrics)
    return root


@pytest.mark.parametrize(
    "config", [TINY, replace(TINY, faces=2), replace(TINY, adversarial=0.0, l1=1.0)]
)
def test_a_translator_is_trained_measured_again_and_goes_on(folder, config):
    name = "pix2pix-hangul-114"
    jobs = {name: pix2pix.job(config, 1, 32)}
    card = run("pix2pix", jobs, flags(folder, name))
    assert card and card.dataset["licence"] == "OFL-1.1"
    assert {"L1", "L1 ratio", "SSIM", "read", "grey pixels"} <= set(card.metrics)
    assert ("D's ranking" in card.metrics) == (config.adversarial > 0)
    assert ("read, round" in card.metrics) == (config.faces == 2)
    assert run("pix2pix", jobs, flags(folder, name, "--measure")) == card
    more = run("pix2pix", jobs, flags(folder, name, "--resume"))
    assert more and more.training["epochs"] == 2 and more.sha256 != card.sha256
    assert isinstance(load_shipped(name, folder / "out"), Pix2Pix)


def test_a_batch_s_type_and_strokes_move_alike():
    pairs = (torch.cat(glyphs().pairs("한글"), 1) * LEVELS).round().to(torch.uint8)
    x, y, faces = pix2pix.prepare((pairs, torch.zeros(2)), torch.Generator().manual_seed(0))
    assert x.shape == y.shape == (2, 1, 64, 64) and len(faces) == 2
    near = torch.nn.functional.max_pool2d((y > 0).float(), 5, 1, 2)
    assert ((x > 0).float() * near).sum() > 0.95 * (x > 0).float().sum()
    assert {-1.0, 1.0} >= set(
        x[[bool(((one == -1) | (one == 1)).all()) for one in x]].unique().tolist()
    )


def test_spurs_are_cut_and_strokes_are_not():
    thin = np.zeros((40, 40), bool)
    thin[20, 5:35] = True  # a stroke
    thin[16:20, 20] = True  # a spur of four pixels
    cut = hangul.cut_spurs(thin, 6)
    assert cut[20].sum() == 30 and not cut[:19].any()
    assert (hangul.cut_spurs(thin, 2) == thin).all()


def test_a_drawn_line_is_as_wide_as_the_pen():
    thin = np.zeros((256, 256), bool)
    thin[128, 40:200] = True
    drawn = hangul.draw_lines(thin)
    assert drawn.shape == (64, 64) and drawn[:, 30].sum() == pytest.approx(7 / 4)
    assert not hangul.draw_lines(np.zeros((256, 256), bool)).any()


def test_a_font_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"NanumMyeongjoBold\.ttf"):
        hangul.find(tmp_path, hangul.FILES["myeongjo"])
