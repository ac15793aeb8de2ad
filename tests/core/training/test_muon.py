"""Muon against torch's own, and on kernels."""

import torch
from torch import nn

from core.training.loop import fit, optimisers
from core.training.muon import Muon, orthogonal
from core.training.plan import Plan


def trained(optimiser, weights: list[nn.Parameter], steps: int = 4) -> None:
    draw = torch.Generator().manual_seed(1)
    for _ in range(steps):
        for weight in weights:
            weight.grad = torch.randn(weight.shape, generator=draw)
        optimiser.step()


def made() -> list[nn.Parameter]:
    draw = torch.Generator().manual_seed(0)
    shapes = ((12, 30), (12, 30), (40, 8))
    return [nn.Parameter(torch.randn(shape, generator=draw)) for shape in shapes]


def test_matrices_move_as_torch_moves_them():
    ours, theirs = made(), made()
    trained(Muon(ours, lr=0.02), ours)
    other = torch.optim.Muon(
        theirs, lr=0.02, momentum=0.95, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"
    )
    trained(other, theirs)
    for one, two in zip(ours, theirs):
        assert (one - two).abs().max() < 1e-3  # the rounds run in bfloat16


def test_a_kernel_moves_as_its_matrix():
    draw = torch.Generator().manual_seed(0)
    flat = torch.randn(6, 18, generator=draw)
    kernel, matrix = nn.Parameter(flat.clone().view(6, 2, 3, 3)), nn.Parameter(flat.clone())
    for weight in (kernel, matrix):
        weight.grad = torch.arange(108.0).view(weight.shape)
        Muon([weight], lr=0.1).step()
    assert torch.equal(kernel.view(6, 18), matrix)


def test_singular_values_end_near_one():
    u = torch.randn(3, 20, 50, generator=torch.Generator().manual_seed(0))
    for shape in (u, u.mT):
        values = torch.linalg.svdvals(orthogonal(shape).float())
        assert 0.6 < values.min() and values.max() < 1.3


class Small(nn.Sequential):
    def hidden(self) -> list[nn.Parameter]:
        return list(self[0].parameters())[:1]


def run(file, stop: int | None = None) -> Small:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = Small(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
    x = torch.randn(32, 4, generator=torch.Generator().manual_seed(1))
    data = (x, x.sum(1, keepdim=True))

    def squares(model, batch, generator, step):
        return ((model(batch[0]) - batch[1]) ** 2).mean(), {}

    plan = Plan(epochs=3, batch=8, rate=0.01, muon=0.1, warm=1, ema=0.9)
    for step in fit(net, squares, data, plan, file, every=0):
        if step.step == stop:
            break
    return net


def test_training_moves_what_a_net_lists_by_muon_and_goes_on_alike(tmp_path):
    net = Small(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
    found = optimisers(net, Plan(muon=0.1))
    counts = {k: len(v.param_groups[0]["params"]) for k, (v, _) in found.items()}
    assert counts == {"adam": 3, "muon": 1} and set(optimisers(net, Plan())) == {"adam"}
    whole, file = run(None), tmp_path / "run.safetensors"
    run(file, stop=5)  # in the second epoch
    on = run(file)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), on.parameters()))
