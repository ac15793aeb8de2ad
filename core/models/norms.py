"""Set the statistics that a net's batch norms use in eval mode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn


@torch.no_grad()
def settle_norms(net: nn.Module, batches: Iterable[Sequence[Tensor]]) -> None:
    """Set mean and variance of a net's batch norms to the plain mean of those of these batches.

    An average of weights is another net than any that kept those statistics while it trained. The
    norms end in eval mode.

    Args:
        net: any.
        batches: the arguments of each pass.
    """
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over batches
        norm.train()
    for batch in batches:
        net(*batch)
    for norm, momentum in zip(norms, before):
        norm.momentum = momentum
        norm.eval()
