"""The diffusion's checks compute by other means than what they check."""

import ast
from pathlib import Path

import torch

from core.models.ddpm import check
from core.models.ddpm import forward as into
from core.models.ddpm.schedule import Schedule

PLANS = (Schedule("cosine", 100), Schedule("bent", 100, ((0.4, 0.8),)), Schedule("linear"))


def test_the_checks_use_no_mathematics_of_their_own_family():
    tree = ast.parse(Path(check.__file__).read_text("utf-8"))
    typing = [one for one in tree.body if isinstance(one, ast.If)]  # if TYPE_CHECKING
    only_types = {id(node) for one in typing for node in ast.walk(one)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in only_types:
            assert not (node.module or "").startswith("core.models")


def test_checks_of_noise_and_loss_pass_and_tell():
    image = torch.rand(
        28, 28, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    ).tolist()
    for plan in PLANS:
        assert check.schedule_delta(plan)["delta"] < 1e-13
        trace = into.forward(image, 60, plan, 3)
        assert check.forward_delta(trace, plan)["delta"] < 1e-13
        hand = into.loss_by_hand([0.5, 1], [-0.2, 1], [0, 2], 60, plan)
        assert check.loss_delta(hand, plan)["delta"] < 1e-13
        assert check.forward_delta({**trace, "x_t": trace["x_t"] + 1}, plan)["delta"] > 0.1
        assert check.loss_delta({**hand, "loss": 0.5}, plan)["delta"] > 1e-3
