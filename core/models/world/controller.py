"""C, the player of the world model: linear on the code, or on code and memory, or deeper.

    a_t = argmax(W f(s_t) + b) − 1,   s_t = z_t (B, Z)  or  [z_t, h_t] (B, Z + H),   W (3, …)
    f     s itself, or tanh(U s + c) of `units` numbers, or tanh(U tanh(U′ s + c′) + c) with
          `wide` numbers between

W and b are evolved by CMA-ES (core.models.world.evolution), without a gradient. Ha & Schmidhuber
2018, arXiv 1803.10122: 867 parameters, linear. We deviate in the hidden layers, where there are
any: the recipe teaches them by the exact planner's values before W and b are evolved.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.world.sizes import ACTIONS, Config


class Controller(nn.Module):
    """Choose an action from a code, or from a code and M's memory."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        wide, units, n = config.wide, config.units, inputs_of(config)
        self.first = nn.Linear(n, wide) if wide else None
        self.hidden = nn.Linear(wide or n, units) if units else None
        self.layer = nn.Linear(units or n, ACTIONS)

    def features(self, z: Tensor, h: Tensor) -> Tensor:
        """Return f(s), (B, inputs of the last layer)."""
        seen = torch.cat([z, h], 1) if self.config.sees == "z+h" else z
        for layer in (self.first, self.hidden):
            seen = torch.tanh(layer(seen)) if layer else seen
        return seen

    def forward(self, z: Tensor, h: Tensor) -> Tensor:
        """Return the actions (B,) of -1, 0, 1 for codes (B, Z) and memories (B, H)."""
        return self.layer(self.features(z, h)).argmax(1) - 1

    def genes(self) -> Tensor:
        """Return W and b as one row of numbers, row by row of W with its b."""
        return torch.cat([self.layer.weight, self.layer.bias[:, None]], 1).detach().flatten()

    def fill(self, genes: Tensor) -> Controller:
        """Set W and b from one row of numbers, as `genes` gives them; return the controller."""
        table = genes.view(ACTIONS, -1).float()
        with torch.no_grad():
            self.layer.weight.copy_(table[:, :-1])
            self.layer.bias.copy_(table[:, -1])
        return self


def inputs_of(config: Config) -> int:
    """Return how many numbers C acts on."""
    return config.latent + (config.state if config.sees == "z+h" else 0)
