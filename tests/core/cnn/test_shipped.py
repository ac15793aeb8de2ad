"""The two small nets that ship: how good they are, and the film of the convolutional one."""

import pytest
import torch

from core import weights
from core.data.mnist import digits_sample
from core.models.cnn.small import Config, SmallNet
from core.training.journal import read_journal
from core.weights.card import FOLDER, cards


def test_the_convolutional_net_is_better_with_a_sixth_of_the_weights():
    tiny, dense = cards()["cnn-tiny-mnist"], cards()["mlp-mnist"]
    assert tiny.parameters == 4266 and dense.parameters == 25450
    assert tiny.metrics["accuracy"]["value"] >= 0.983 > dense.metrics["accuracy"]["value"]
    for k in (1, 2, 3, 4, 6):
        name = f"accuracy, moved {k}"
        assert tiny.metrics[name]["value"] > dense.metrics[name]["value"]


@pytest.mark.parametrize("name", ["cnn-tiny-mnist", "mlp-mnist"])
def test_they_know_the_sample(name):
    images, labels = digits_sample()
    right = (weights.load(name)(images / 255).argmax(1) == labels).float().mean().item()
    assert right >= 0.95


def test_the_film_s_ten_nets_are_as_good_as_it_says_and_end_in_the_file():
    film, model = read_journal(FOLDER / "cnn-tiny-mnist-training.safetensors"), SmallNet(Config())
    assert len(film["moments.step"]) == 10 and film["moments.step"][0] == 0
    images, labels = digits_sample()
    rights = []
    for i in range(10):
        start = "moments.weights."
        model.load_state_dict({k[len(start) :]: v[i] for k, v in film.items() if start in k})
        rights.append((model(images / 255).argmax(1) == labels).float().mean().item())
        confusion = film["moments.confusion"][i]
        assert confusion.sum() == 10_000
        share = confusion.diagonal().sum() / 10_000
        assert share.item() == pytest.approx(film["moments.accuracy"][i].item(), abs=1e-6)
    assert rights[0] < 0.3 and rights[-1] > 0.95
    for key, value in weights.load("cnn-tiny-mnist").state_dict().items():
        assert torch.equal(model.state_dict()[key], value)
