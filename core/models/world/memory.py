"""M, the memory of the world model: it reads codes and actions and forecasts the next code.

    memory    h_t = GRU(e_t, h_{t−1}),   h_{−1} = 0,   e_t = SiLU(E [z_t, a_{t−1}] + b);  z_t (B, Z)
              a code of V, a (B, 3) one-hot, all zeros before the first action
    forecast  p(z_{t+1} | h_t, a_t) = Σ_k π_k N(z; μ_k, diag σ_k²):  log π (B, K), μ and σ (B, K, Z)
              from a hidden layer on [h_t, a_t]
    death     P(dies | h_t, a_t) = sigmoid(d[a_t]),   d = D h_t + c (B, 3)
    loss      −log p(z_{t+1}) where the player lives, plus the cross-entropy of death, in nats
    drawing   at temperature τ: k by softmax(log π / τ), z = μ_k + √τ σ_k ε; death by
              sigmoid(d / τ) (τ → 0: the likeliest component's centre)

Papers: Ha & Schmidhuber 2018, arXiv 1803.10122; mixture density networks: Bishop 1994; the GRU: Cho
et al. 2014, arXiv 1406.1078.

We deviate: a GRU for their LSTM, behind a dense layer; one mixture over the whole code, where they
have one for each of its numbers, so that what moves together is drawn together; h_t has read z_t
already when C acts (theirs lags by one frame); the death of all three actions is linear in h_t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.world.sizes import ACTIONS, Config

SMALLEST = -6.0  # of log σ: keeps a component from narrowing onto one point without end


@dataclass(frozen=True)
class Forecast:
    """What M expects of the next step, for B games."""

    log_pi: Tensor  # (B, K), log of weights that add to 1
    mu: Tensor  # (B, K, Z)
    log_sigma: Tensor  # (B, K, Z)
    death: Tensor  # (B,), the logit of dying

    def log_density(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats, (B,), of codes z (B, Z)."""
        away = (z[:, None] - self.mu) * torch.exp(-self.log_sigma)  # (B, K, Z)
        each = -0.5 * away**2 - self.log_sigma - 0.5 * math.log(2 * math.pi)
        return torch.logsumexp(self.log_pi + each.sum(2), 1)

    def draw(
        self, temperature: float = 1.0, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Draw the next codes (B, Z) and who dies (B,) bool, at a temperature above 0."""
        share = F.softmax(self.log_pi / temperature, 1)
        k = torch.multinomial(share, 1, generator=generator)[:, 0]  # (B,)
        at = torch.arange(len(k))
        eps = torch.randn(len(k), self.mu.shape[2], generator=generator)
        z = self.mu[at, k] + math.sqrt(temperature) * torch.exp(self.log_sigma[at, k]) * eps
        u = torch.rand(len(k), generator=generator)
        return z, u < torch.sigmoid(self.death / temperature)


class Memory(nn.Module):
    """Remember codes and actions (GRU), and forecast the next code (a mixture) and death."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        Z, H, K = config.latent, config.state, config.mixtures
        self.read = nn.Sequential(nn.Linear(Z + ACTIONS, config.hidden), nn.SiLU())
        self.cell = nn.GRU(config.hidden, H, batch_first=True)
        self.death = nn.Linear(H, ACTIONS)
        self.head = nn.Sequential(
            nn.Linear(H + ACTIONS, config.hidden),
            nn.SiLU(),
            nn.Linear(config.hidden, K + 2 * K * Z),
        )

    def begin(self, n: int) -> Tensor:
        """Return the empty memories of n games, zeros (n, H)."""
        return torch.zeros(n, self.config.state)

    def remember(self, z: Tensor, before: Tensor | None, h: Tensor) -> Tensor:
        """Return h_t (B, H) from z_t (B, Z), the last action (B,) of -1, 0, 1 or None, and h."""
        x = torch.cat([z, one_hot(before, len(z))], 1)  # (B, Z + 3)
        return self.cell(self.read(x)[:, None], h[None])[1][0]

    def forecast(self, h: Tensor, action: Tensor) -> Forecast:
        """Return what M expects after h_t (B, H) and the actions (B,) of -1, 0, 1."""
        K, Z = self.config.mixtures, self.config.latent
        out = self.head(torch.cat([h, one_hot(action, len(h))], 1))  # (B, K + 2 K Z)
        logits, mu, log_sigma = out.split([K, K * Z, K * Z], 1)
        death = self.death(h).gather(1, action[:, None] + 1)[:, 0]  # (B,)
        return Forecast(
            F.log_softmax(logits, 1),
            mu.view(-1, K, Z),
            log_sigma.view(-1, K, Z).clamp_min(SMALLEST),
            death,
        )

    def forward(self, z: Tensor, action: Tensor, real: Tensor) -> Forecast:
        """Return the forecasts of the steps that were played, in a row.

        Args:
            z: codes z_0 … z_{T−1}, (B, T, Z).
            action: the actions after each, (B, T) of -1, 0, 1.
            real: whether the step was played, (B, T) bool.
        """
        before = torch.zeros(*action.shape, ACTIONS)
        before[:, 1:] = F.one_hot(action[:, :-1] + 1, ACTIONS).float()
        h, _ = self.cell(self.read(torch.cat([z, before], 2)))  # (B, T, H)
        return self.forecast(h[real], action[real])


def one_hot(action: Tensor | None, n: int) -> Tensor:
    """Return actions -1, 0, 1 as (n, 3); None, before the first one, as zeros."""
    if action is None:
        return torch.zeros(n, ACTIONS)
    return F.one_hot(action + 1, ACTIONS).float()


def memory_loss(
    model: Memory, z: Tensor, action: Tensor, alive: Tensor, real: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the mean loss of a step and its parts, in nats.

    Args:
        model: M.
        z: codes z_0 … z_T, (B, T + 1, Z).
        action: (B, T).
        alive: whether the player lives after the action, (B, T) bool.
        real: whether the step was played at all, (B, T) bool.
    """
    seen, lives = model(z[:, :-1], action, real), alive[real]  # of (S,) steps
    nll = -seen.log_density(z[:, 1:][real])[lives].mean()
    death = F.binary_cross_entropy_with_logits(seen.death, (~lives).float())
    return nll + death, {"nll": nll, "death": death}
