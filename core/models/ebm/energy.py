"""An energy-based model of digits: a net that gives every image one number, low where digits are.

    density    p(x) = exp(−E(x)) / Z,   Z = ∫ exp(−E(x)) dx unknown and never needed
    energy     E(x) = f(x), a convolutional net,   x (B, 1, 28, 28) in [0, 1]
    start      x₀ ~ U(0, 1) in every pixel, or any image
    chain      x_{t+1} = clamp(x_t − η · clip(∇E(x_t), ±c) + σ ε_t, 0, 1),   ε_t ~ N(0, I)
    gradient   ∇_θ −log p(x) = ∇_θ E(x) − E_{x⁻ ~ p}[∇_θ E(x⁻)]
    loss       mean E(x⁺) − mean E(x⁻) + α mean (E(x⁺)² + E(x⁻)²)
               x⁺ data,  x⁻ where chains have come to; α keeps the free constant of E near zero
    denoising  mean |x̃ − S² ∇E(x̃) − x|² / s,   x̃ = clamp(x + s ε, 0, 1),   log s ~ U(log 0.04, 0)
               S = 5: E grows like the squared distance to the digits over 2 S², so that a step of
               η = 2.5 goes a tenth of the way to the denoised picture

Papers: Du & Mordatch 2019, arXiv 1903.08689 (buffer of chains, small noise, α); Nijkamp et al.
2019, arXiv 1904.09770 (short chains from noise); Li, Chen & Sommer 2019, arXiv 1910.07762 (one
energy that denoises at every level of noise). Contrast alone shapes E only where chains happen to
be; denoising gives it a slope in all the space between noise and digits, at a tenth of the cost of
a step with chains. Deviations: both losses at once; noisy pictures are clamped as chains are.

Langevin's own step has σ² = 2η. Here step size η and noise σ are chosen apart, σ far below √(2η),
as all three papers do: the chain samples exp(−E/T) at a low temperature, T = σ² / (2η), as far as
clipping and clamping leave it that. So the chain's images are samples of the model and its sampler
together, and E is no calibrated −log p: `tempered_chains`, Langevin's own step, ends at T = 1 in
noise. A chain is unconditional: there are no labels. SiLU between the layers; no normalisation, so
that an image's energy does not hang on the batch. Blocks of 2x2 pixels are folded into channels
first: a quarter faster than a strided convolution of the whole.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.inputs import InputError, integer, number
from core.models.ebm.ebm_traces import ChainState, LossParts
from core.models.noise import normal, uniform
from core.progress import report_steps

SIDE = 28
PART = 500  # images a pass: activations of more would not stay in the cache
SPREAD = 5.0  # S
FAINT, STRONG = 0.04, 1.0  # deviations s of the noise that E learns to take away, of a pixel
MAX_STEPS = 10_000


@dataclass(frozen=True)
class Config:
    """What a net is built from and how its chains run unless told otherwise.

    Attributes:
        width: maps of the first layer, w; the next have 2w, 4w and 4w.
        steps: of a chain from noise.
        step_size: η, in units of x per unit of gradient; x in [0, 1].
        noise: σ, in units of x.
        clip: c, largest magnitude of an entry of the gradient that a step follows.
    """

    width: int = 24
    steps: int = 300
    step_size: float = 2.5
    noise: float = 0.0025
    clip: float = 0.06

    def __post_init__(self):
        integer("width", self.width, 1, 256)
        _settings(self.steps, self.step_size, self.noise)
        number("clip", self.clip, 1e-9, 1e9)


class EBM(nn.Module):
    """Images (B, 1, 28, 28) in [0, 1] to energies (B,)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        w = config.width
        self.net = nn.Sequential(
            nn.PixelUnshuffle(2),  # (B, 4, 14, 14): each 2x2 block of pixels becomes channels
            nn.Conv2d(4, w, 3, padding=1),  # (B, w, 14, 14)
            nn.SiLU(),
            nn.Conv2d(w, 2 * w, 3, stride=2, padding=1),  # (B, 2w, 7, 7)
            nn.SiLU(),
            nn.Conv2d(2 * w, 4 * w, 3, stride=2, padding=1),  # (B, 4w, 4, 4)
            nn.SiLU(),
            nn.Conv2d(4 * w, 4 * w, 3, stride=2, padding=1),  # (B, 4w, 2, 2)
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(16 * w, 4 * w),
            nn.SiLU(),
            nn.Linear(4 * w, 1),
        )
        self.net.to(memory_format=torch.channels_last)  # pyright: ignore - faster on a CPU

    def forward(self, x: Tensor) -> Tensor:
        """Compute the energies (B,) of images (B, 1, 28, 28) in [0, 1]."""
        return self.net(2 * x - 1)[:, 0]

    @torch.no_grad()
    def energy(self, x: Tensor) -> Tensor:
        """Compute the energies (n,) of images (n, 1, 28, 28), without a graph, part by part."""
        return torch.cat([self(part) for part in x.split(PART)])

    def slope(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the energies (n,) of images and their gradients ∇E(x), (n, 1, 28, 28)."""
        energies, slopes = [], []
        for part in x.detach().split(PART):
            with torch.enable_grad():
                part = part.requires_grad_(True)
                energy = self(part)
                slopes.append(torch.autograd.grad(energy.sum(), part)[0])
            energies.append(energy.detach())
        return torch.cat(energies), torch.cat(slopes)

    def sample(self, n: int, *, generator: torch.Generator | None = None, **options: Any) -> Tensor:
        """Draw images (n, 1, 28, 28) in [0, 1]: the ends of n chains; options as in `sampling`."""
        states = self.sampling(n, generator=generator, **options)
        return deque(states, maxlen=1)[0]["x"]  # a list of all would hold hundreds a chain

    def sampling(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        generator: torch.Generator | None = None,
        steps: int | None = None,
        step_size: float | None = None,
        noise: float | None = None,
        start: Tensor | None = None,
    ) -> Iterator[ChainState]:
        """Yield the chains' states, the start first, steps + 1 of them.

        Args:
            n: chains.
            labels: refused, the model knows none.
            generator: of every draw.
            steps: 0 to 10000; this, η and σ are the config's unless given.
            step_size: η.
            noise: σ; 0 leaves a pure descent.
            start: images (n, 1, 28, 28) in [0, 1] in place of uniform noise.

        Yields:
            Images, energies and gradients of all chains at one step. A chain that diverges is told
            by energies that rise: clamping keeps its x in [0, 1].
        """
        if labels is not None:
            raise InputError("unknown", field="labels", allowed="n, generator")
        c = self.config
        given = (steps, step_size, noise)
        usual = (c.steps, c.step_size, c.noise)
        chosen = _settings(*(u if g is None else g for g, u in zip(given, usual)))
        size = (integer("n", n, 1, 100_000), 1, SIDE, SIDE)
        if start is not None and tuple(start.shape) != size:
            raise InputError("shape", field="start", got=tuple(start.shape), allowed=size)
        x = noise_images(size, self, generator) if start is None else start.to(self.device)
        return self._chain(x, *chosen, generator)

    def _chain(
        self, x: Tensor, steps: int, eta: float, sigma: float, generator: torch.Generator | None
    ) -> Iterator[ChainState]:
        for t in report_steps(range(steps + 1), steps + 1):
            energy, gradient = self.slope(x)
            yield {"x": x, "energy": energy, "gradient": gradient}
            if t < steps:
                x = follow(x, gradient, eta, sigma, self.config.clip, generator)

    def tempered_chains(
        self,
        n: int,
        *,
        steps: int,
        step_size: float,
        temperature: float = 1.0,
        start: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Iterator[ChainState]:
        """Yield n chains of Langevin's own step on exp(−E/T), the start first.

        x' = fold(x − η ∇E(x) + √(2ηT) ε): nothing is clipped, and what would leave [0, 1] is
        reflected at its ends, so that no mass piles up there. Options as of `sampling`.
        """
        number("temperature", temperature, 0, 1e6)
        states = self.sampling(n, generator=generator, steps=0, start=start)
        x, options = next(states)["x"], _settings(steps, step_size, 0)
        for t in report_steps(range(steps + 1), steps + 1):
            energy, gradient = self.slope(x)
            yield {"x": x, "energy": energy, "gradient": gradient}
            if t < steps:
                by = math.sqrt(2 * options[1] * temperature) * normal(x.shape, x, generator)
                x = fold(x - options[1] * gradient + by)

    @property
    def device(self) -> torch.device:
        """Return the device of the weights."""
        return next(self.parameters()).device


def noise_images(
    size: tuple[int, ...], model: EBM, generator: torch.Generator | None = None
) -> Tensor:
    """Draw images of a size (n, 1, 28, 28), each pixel uniform in [0, 1]."""
    return uniform(size, next(model.parameters()), generator)


@torch.no_grad()
def follow(
    x: Tensor,
    gradient: Tensor,
    eta: float,
    sigma: float,
    clip: float,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Take one step of a chain, clamp(x − η clip(∇E) + σ ε, 0, 1); all of one shape."""
    eps = normal(x.shape, x, generator)
    return (x - eta * gradient.clamp(-clip, clip) + sigma * eps).clamp(0, 1)


def fold(x: Tensor) -> Tensor:
    """Reflect numbers of any shape at 0 and 1 until they lie between."""
    return 1 - (1 - x.remainder(2)).abs()


def advance(
    model: EBM, x: Tensor, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Move chains' images (B, 1, 28, 28) by one step of the config's size; return E before too."""
    c = model.config
    energy, gradient = model.slope(x)
    return follow(x, gradient, c.step_size, c.noise, c.clip, generator), energy


def loss(
    model: Callable[..., Any], real: Tensor, made: Tensor, alpha: float
) -> tuple[Tensor, LossParts]:
    """Compute the contrastive loss over data and chains' images, both (B, 1, 28, 28).

    Args:
        model: an EBM, or what stands for it in training (a wrapper that shares its forward).
        real: data x⁺.
        made: x⁻, where chains have come to; taken as constants.
        alpha: weight of the squared energies.

    Returns:
        The loss, a number with a graph, and its parts without one.
    """
    both = model(torch.cat([real, made.detach()])).float()  # one pass: (2B,)
    low, high = both.chunk(2)
    gap = low.mean() - high.mean()
    size = (low**2 + high**2).mean()
    parts: LossParts = {
        "data": low.mean().detach(),
        "chains": high.mean().detach(),
        "gap": gap.detach(),
    }
    return gap + alpha * size, parts


def denoising_loss(
    model: Callable[..., Any], real: Tensor, generator: torch.Generator | None = None
) -> Tensor:
    """Compute the denoising loss: how far x̃ − S² ∇E(x̃) misses the data, x̃ noisy data.

    The mean over the batch of the squared error a pixel over the noise's deviation s. In float32
    whatever autocast says: it is differentiated twice.

    Args:
        model: an EBM, or what stands for it in training.
        real: data x, (B, 1, 28, 28) in [0, 1].
        generator: of the noise, on the data's device.
    """
    low, high = math.log(FAINT), math.log(STRONG)
    device = real.device
    at = torch.rand(len(real), 1, 1, 1, generator=generator, device=device)
    s = (low + (high - low) * at).exp()
    eps = torch.randn(real.shape, generator=generator, device=device)
    with torch.autocast(device.type, enabled=False):
        noisy = (real + s * eps).clamp(0, 1).requires_grad_(True)
        (slope,) = torch.autograd.grad(model(noisy).sum(), noisy, create_graph=True)
        error = (noisy - SPREAD**2 * slope - real).square().mean((1, 2, 3))  # (B,)
    return (error / s.flatten()).mean()


def _settings(steps: Any, step_size: Any, noise: Any) -> tuple[int, float, float]:
    """Check the settings of a chain."""
    return (
        integer("steps", steps, 0, MAX_STEPS),
        number("step_size", step_size, 0, 1000),
        number("noise", noise, 0, 1),
    )
