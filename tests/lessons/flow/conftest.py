"""Flows with random weights in place of the trained ones."""

import pytest
import torch

from apps.lessons.flow import densities, digits, through
from apps.lessons.flow.flows import ALL, DIGITS
from apps.lessons.flow.inputs import NETS
from apps.lessons.shared import nets, pictures
from apps.stage.server.boards import kept_board
from core.data.densities import density
from core.models.flow.layers import ActNorm, Gaussianise
from core.models.flow.real_nvp import Config, Flow

torch.set_num_threads(1)


def random_flow(name: str) -> Flow:
    """Return a small flow of a card's kind with weights that do something."""
    generator = torch.Generator().manual_seed(len(name))
    image = Config(kind="image", couplings=(3, 1), width=(4, 4))
    model = Flow(image if name == DIGITS else Config(couplings=(4,), width=(8,)))
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn(parameter.shape, generator=generator)
    first = model.layers[0]
    if isinstance(first, Gaussianise):
        images = (torch.as_tensor(pictures.digits()[0]) * 255).round().to(torch.uint8)
        first.settle(images[:, None])
    elif isinstance(first, ActNorm):
        target = next(target for target, card in NETS.items() if card == name)
        first.settle(density(target).sample(500, generator).float())
    return model.eval().requires_grad_(False)


@pytest.fixture
def fresh_caches():
    """Nothing that an earlier test computed is known, and nothing of this one stays."""

    def forget() -> None:
        for one in (
            through.walk,
            digits.sample_sheets,
            densities.measure,
            densities.survey,
            kept_board,
        ):
            one.cache_clear()

    forget()
    yield
    forget()


@pytest.fixture
def flows(monkeypatch, fresh_caches):
    """Small flows by name; views use them."""
    made = {name: random_flow(name) for name in ALL}
    monkeypatch.setattr(nets, "model", made.__getitem__)
    monkeypatch.setattr(densities, "FRESH", 200)
    monkeypatch.setattr(densities, "CELLS", 160)
    monkeypatch.setattr(densities, "MASS", 0.2)  # what lies beyond the square
    return made
