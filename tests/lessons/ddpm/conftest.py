"""A small net whose weights are random, in place of the trained one."""

import pytest
import torch

from apps.lessons.ddpm import loss
from apps.lessons.shared import chains
from apps.stage.server.boards import kept_board
from core import weights
from core.models.ddpm.diffusion import DDPM, Config

torch.set_num_threads(1)

NAME = "ddpm-mnist"


def forget():
    """Empty what is kept between requests."""
    for kept in (kept_board, chains._kept, loss._errors):
        kept.cache_clear()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the card and the file of a small net."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DDPM(Config(channels=(16,), depth=1, size=16))
        for parameter in model.parameters():  # no silent layer
            parameter.data += 0.05 * torch.randn(parameter.shape)
    at = tmp_path_factory.mktemp("weights")
    about = {
        "dataset": {"name": "none", "licence": "none", "source": "none"},
        "training": {"machine": "none", "minutes": 0},
        "recipe": "none",
        "seed": 0,
        "metrics": {},
    }
    weights.save(NAME, model, config=model.config, folder=at, **about)
    return at


@pytest.fixture
def untrained(folder, monkeypatch):
    """The small net, which the lesson loads in place of the trained one."""
    model, load = weights.load(NAME, folder=folder), weights.load
    monkeypatch.setattr(weights, "load", lambda name: model if name == NAME else load(name))
    forget()
    yield model
    forget()
