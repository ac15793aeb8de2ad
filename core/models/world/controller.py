"""C, the player of the world model: one linear layer on the code, or on code and memory.

    a_t = argmax(W s_t + b) − 1,   s_t = z_t (B, Z)  or  [z_t, h_t] (B, Z + H),   W (3, Z [+ H])

Nothing is differentiated: W and b are evolved by CMA-ES (core.models.world.evolution). Ha &
Schmidhuber 2018, arXiv 1803.10122: 867 parameters.
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
        self.layer = nn.Linear(inputs_of(config), ACTIONS)

    def forward(self, z: Tensor, h: Tensor) -> Tensor:
        """Return the actions (B,) of -1, 0, 1 for codes (B, Z) and memories (B, H)."""
        seen = torch.cat([z, h], 1) if self.config.sees == "z+h" else z
        return self.layer(seen).argmax(1) - 1

    def fill(self, genes: Tensor) -> Controller:
        """Set W and b from one row of numbers (3 (inputs + 1),); return the controller."""
        table = genes.view(ACTIONS, -1).float()
        with torch.no_grad():
            self.layer.weight.copy_(table[:, :-1])
            self.layer.bias.copy_(table[:, -1])
        return self


def inputs_of(config: Config) -> int:
    """Return how many numbers C acts on."""
    return config.latent + (config.state if config.sees == "z+h" else 0)
