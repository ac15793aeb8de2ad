"""Muon against torch's own, and on kernels."""

import torch
from torch import nn

from core.muon import Muon, orthogonal


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
