"""The recipes of PixelCNN and of the small nets in seconds: files, cards, going on."""

import pytest
import torch

from core.training.journal import read_journal
from tests.weights.test_recipes import flags
from weights.recipes import classifier, cnn, pixelcnn
from weights.recipes.command import load_shipped, run


def metrics_of(card, quantity):
    """Return a card's metrics of one quantity."""
    return [one for one in card.metrics.values() if one.get("quantity") == quantity]


@pytest.mark.parametrize("name", list(pixelcnn.JOBS))
def test_a_pixelcnn_is_trained_measured_again_and_goes_on(tmp_path, name):
    run("classifier", classifier.JOBS, flags(tmp_path, "classifier-mnist"))
    card = run("pixelcnn", pixelcnn.JOBS, flags(tmp_path, name))
    assert card and card.dtype == "float16" and card.bytes <= 2e6
    same = {m["quantity"] for m in card.metrics.values()}
    assert {"-log p", "bits/dim", "Fréchet", "Fréchet floor", "class entropy"} <= same
    found = {m.get("of"): m["value"] for m in metrics_of(card, "-log p")}
    assert found.keys() == {None, "another draw", "every 20th", "training"}
    assert 0 < found[None] < 784 * 0.6931  # better than fair coins
    told = "label accuracy" in card.metrics
    assert told == ("accuracy by Bayes" in card.metrics) == (name[0] == "c")
    if not told:
        return  # the same way: once is enough
    assert run("pixelcnn", pixelcnn.JOBS, flags(tmp_path, name, "--measure")) == card
    more = run("pixelcnn", pixelcnn.JOBS, flags(tmp_path, name, "--resume"))
    assert more and more.training["epochs"] == 4 and more.sha256 != card.sha256
    model = load_shipped(name, tmp_path / "out")
    assert not any(p.requires_grad for p in model.parameters())


def test_the_small_nets_keep_ten_moments_or_none(tmp_path):
    card = run("cnn", cnn.JOBS, flags(tmp_path, "cnn-tiny-mnist"))
    assert card and card.dtype == "float32" and card.parameters == 4266
    assert {m.get("of") for m in metrics_of(card, "accuracy")} >= {None, "training", "moved 1"}
    kept = read_journal(tmp_path / "out" / "cnn-tiny-mnist-training.safetensors")
    model = load_shipped("cnn-tiny-mnist", tmp_path / "out")
    assert 2 <= len(kept["moments.step"]) <= 10
    for key, value in model.state_dict().items():
        assert torch.equal(kept[f"moments.weights.{key}"][-1], value)
    confusion = kept["moments.confusion"][-1]
    share = confusion.diagonal().sum() / confusion.sum()
    assert share.item() == pytest.approx(card.metrics["accuracy"]["value"], abs=1e-6)
    other = run("cnn", cnn.JOBS, flags(tmp_path, "mlp-mnist"))
    assert other and other.parameters == 25450
    assert not (tmp_path / "out" / "mlp-mnist-training.safetensors").exists()


def test_moving_a_picture():
    image = torch.arange(1, 10).view(1, 1, 3, 3)
    assert cnn.shift_images(image, 1, 0)[0, 0].tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]
    assert cnn.shift_images(image, 0, -2)[0, 0].tolist() == [[3, 0, 0], [6, 0, 0], [9, 0, 0]]
    assert cnn.shift_images(image, -1, 1)[0, 0].tolist() == [[0, 4, 5], [0, 7, 8], [0, 0, 0]]


def test_every_job_is_a_card_of_its_family():
    assert {n for n, job in pixelcnn.JOBS.items() if job.config.n_classes} == {"cpixelcnn-mnist"}
    for job in pixelcnn.JOBS.values():
        size = sum(v.numel() for v in job.build(job.config).state_dict().values())
        assert size * 2 <= 2_000_000
