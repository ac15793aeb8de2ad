"""Normalizing flows of affine couplings, in the plane and on 8-bit images.

    change of variables   log p(x) = log N(f(x); 0, I) + log|det ∂f/∂x|
    flow                  f = f_K ∘ … ∘ f_1,  log|det ∂f/∂x| = Σ_k log|det ∂f_k/∂h_(k−1)|
    sample                x = f⁻¹(T z),  z ~ N(0, I),  T the temperature
    dequantise            v = (k + u)/256,  u ~ U[0, 1)^D, for grey levels k = 255 x
    discrete              log P(k) = log ∫_cell p(v) dv  ≥  E_u[log p(v)] − D log 256     (Jensen)
    bits/dim              −(E_u[log p(v)] − D log 256) / (D log 2)

The layers are in core.models.flow.layers. In the plane: actnorm, then couplings that change the
second number and the first in turn (`masks` "fixed": always the second, and the first is never
more than shifted and scaled). On images: each pixel's own curve (gaussianise), two squeezes to
16 channels of 7x7, then couplings of all 16 channels, of the last 8, of the last 4: what a scale
leaves alone is finished. A coupling reads the channels where the bits of c & m have one parity and
changes the others; m = 12 is the checkerboard of pixels, 3 that of 2x2 patches, 1 and 2, 4 and 8
rows and columns.

Papers: Dinh et al. 2017, arXiv 1605.08803 (RealNVP); dequantisation's bound: Theis et al. 2016,
arXiv 1511.01844. Temperature: Kingma & Dhariwal 2018. Where we deviate from
RealNVP: no batch normalisation (in the plane one actnorm stands first); on images both squeezes
come before all couplings; the couplings' nets have three layers and no residual blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.inputs import InputError, choice, integer, number
from core.models.flow.layers import CELLS, ActNorm, Conv, Coupling, Dense, Gaussianise, Squeeze
from core.models.noise import normal

SIDE = 28
KINDS = ("plane", "image")
MASKS = ("alternate", "fixed")
# of the 16, 8 and 4 channels of a scale: which bits of the index a mask looks at
BITS = ((12, 3, 4, 1, 8, 2, 15, 5), (3, 4, 1, 2, 7, 5), (3, 1, 2))


@dataclass(frozen=True)
class Config:
    """The architecture of a flow.

    Attributes:
        kind: "plane", points (B, 2), or "image", (B, 1, 28, 28) in [0, 1].
        couplings: how many; for images at each scale, 16, 8 and 4 channels.
        width: of the couplings' nets; for images at each scale.
        masks: "alternate" or "fixed".
        bound: largest |s| of one coupling.
    """

    kind: str = "plane"
    couplings: Sequence[int] = (8,)
    width: Sequence[int] = (64,)
    masks: str = "alternate"
    bound: float = 2.0

    def __post_init__(self):
        choice("kind", self.kind, KINDS)
        choice("masks", self.masks, MASKS)
        number("bound", self.bound, 0.01, 10)
        most = 1 if self.kind == "plane" else len(BITS)
        if not 1 <= len(self.couplings) == len(self.width) <= most:
            got = f"{len(self.couplings)} and {len(self.width)}"
            raise InputError(
                "shape", field="couplings, width", got=got, allowed=f"1 to {most} each"
            )
        for count, width in zip(self.couplings, self.width):
            integer("couplings", count, 0, 64)
            integer("width", width, 1, 1024)


class Flow(nn.Module):
    """A chain of bijections from data to N(0, I)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(_plane(config) if config.kind == "plane" else _image(config))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one x: (2,) or (1, 28, 28)."""
        return (2,) if self.config.kind == "plane" else (1, SIDE, SIDE)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return z = f(x) and log|det ∂f/∂x| (B,); z is (B, 2) or (B, 16, 7, 7)."""
        total = x.new_zeros(len(x))
        for layer in self.layers:
            x, log_det = layer(x)
            total = total + log_det
        return x, total

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return x = f⁻¹(z) and log|det ∂x/∂z| (B,)."""
        total = z.new_zeros(len(z))
        for layer in reversed(self.layers):
            z, log_det = layer.inverse(z)  # pyright: ignore[reportCallIssue]
            total = total + log_det
        return z, total

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p in nats (B,) of points (B, 2) or dequantised images (B, 1, 28, 28).

        For images it is a density on [0, 1)^784, of v = (k + u)/256: pass `dequantise(x)`.
        """
        z, log_det = self(x)
        return log_det + log_normal(z)

    def steps(self, x: Tensor) -> Iterator[tuple[str, Tensor, Tensor]]:
        """Yield (name, h, log|det| so far (B,)) before the first layer and after each."""
        total = x.new_zeros(len(x))
        yield "data", x, total
        for layer in self.layers:
            x, log_det = layer(x)
            total = total + log_det
            yield type(layer).__name__.lower(), x, total

    @torch.no_grad()
    def sample(self, n: int, **options: Any) -> Tensor:
        """Return n points (n, 2) or images (n, 1, 28, 28), grey levels k/255.

        Args:
            n: how many.
            **options: of `sampling`.
        """
        *_, (_, x, _) = self.sampling(n, **options)
        return x if self.config.kind == "plane" else quantise(x)

    @torch.no_grad()
    def sampling(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        generator: torch.Generator | None = None,
        temperature: float = 1.0,
    ) -> Iterator[tuple[str, Tensor, Tensor]]:
        """Yield (name, h, log|det ∂h/∂z| so far (B,)): z, then each inverted layer's output.

        The last h is the points, or the images before `quantise`.
        """
        if labels is not None:
            raise InputError("unknown", field="labels", allowed="n, generator, temperature")
        size = (integer("n", n, 1, 100_000), *self._latent())
        z = normal(size, next(self.parameters()), generator)
        h = number("temperature", temperature, 0, 10) * z
        total = h.new_zeros(n)
        yield "noise", h, total
        for layer in reversed(self.layers):
            parts = [layer.inverse(part) for part in h.split(1000)]  # pyright: ignore
            h, total = torch.cat([p[0] for p in parts]), total + torch.cat([p[1] for p in parts])
            yield type(layer).__name__.lower(), h, total

    def _latent(self) -> tuple[int, ...]:
        return (2,) if self.config.kind == "plane" else (16, SIDE // 4, SIDE // 4)


def log_normal(z: Tensor) -> Tensor:
    """Return log N(z; 0, I) in nats, (B,), for z (B, …)."""
    flat = z.flatten(1)
    return -0.5 * ((flat**2).sum(1) + flat.shape[1] * math.log(2 * math.pi))


def dequantise(x: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Return v = (k + u)/256 for images x = k/255, rounded to a level where they are between."""
    u = torch.rand(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    return ((x.clamp(0, 1) * (CELLS - 1)).round() + u) / CELLS


def quantise(v: Tensor) -> Tensor:
    """Return the images k/255 whose cells [k/256, (k + 1)/256) v lies in."""
    return (v * CELLS).floor().clamp(0, CELLS - 1) / (CELLS - 1)


def log_likelihood(
    flow: Flow, x: Tensor, draws: int = 1, generator: torch.Generator | None = None
) -> Tensor:
    """Return a lower bound on log P(k) in nats, (B,), of 8-bit images (B, 1, 28, 28) in [0, 1].

    log 1/n Σ_i p(v_i) − D log 256 over n draws of u: with one draw it is in the mean the bound
    above; it rises towards log P(k) with n (Burda et al. 2016).
    """
    rows = [
        flow.log_prob(dequantise(x, generator)) for _ in range(integer("draws", draws, 1, 10_000))
    ]
    tight = torch.logsumexp(torch.stack(rows), 0) - math.log(draws)
    return tight - x[0].numel() * math.log(CELLS)


@torch.no_grad()
def between(flow: Flow, first: Tensor, last: Tensor, n: int) -> Tensor:
    """Interpolate between two inputs: (n, …), f⁻¹ of n points on the arc from z to z.

        z_t = (sin((1 − t) ω) z_0 + sin(t ω) z_1) / sin ω,  ω the angle between z_0 and z_1

    Args:
        flow: any.
        first: one point (1, 2) or dequantised image (1, 1, 28, 28).
        last: another.
        n: 2 to 100; the first and the last of what comes back are the two themselves.
    """
    (a, b), _ = flow(torch.cat([first, last]))
    t = torch.linspace(0, 1, integer("n", n, 2, 100)).to(a).view(-1, *[1] * a.dim())
    cosine = (a * b).sum() / (a.norm() * b.norm()).clamp_min(1e-12)
    omega = torch.acos(cosine.clamp(-1, 1))
    if omega.sin() < 1e-6:
        return flow.inverse((1 - t) * a + t * b)[0]
    return flow.inverse((((1 - t) * omega).sin() * a + (t * omega).sin() * b) / omega.sin())[0]


def loss(flow: nn.Module, x: Tensor) -> Tensor:
    """Return −log p(x) in nats, the mean of a batch: the training loss.

    Args:
        flow: a Flow, or what stands for it in training (a wrapper that shares its forward).
        x: points (B, 2), or dequantised images (B, 1, 28, 28).
    """
    z, log_det = flow(x)
    return -(log_det + log_normal(z)).mean()


def _plane(config: Config) -> list[nn.Module]:
    layers: list[nn.Module] = [ActNorm(2)]
    for i in range(config.couplings[0]):
        kept = i % 2 if config.masks == "alternate" else 0
        net = Dense(1, 2, config.width[0])
        layers.append(Coupling([kept], [1 - kept], net, config.bound))
    return layers


def _image(config: Config) -> list[nn.Module]:
    layers: list[nn.Module] = [Gaussianise(SIDE), Squeeze(), Squeeze()]
    for scale, (count, width) in enumerate(zip(config.couplings, config.width)):
        channels = 16 >> scale
        for i in range(count):
            halves = parity(channels, BITS[scale], i if config.masks == "alternate" else 0)
            kept, changed = ([16 - channels + c for c in half] for half in halves)
            net = Conv(len(kept), 2 * len(changed), width, SIDE // 4)
            layers.append(Coupling(kept, changed, net, config.bound))
    return layers


def parity(channels: int, bits: Sequence[int], turn: int) -> tuple[list[int], list[int]]:
    """Return which of some channels the turn-th coupling reads and which it changes.

    Each pattern of bits is used twice in a row, the second time the other way round.
    """
    mask = bits[turn // 2 % len(bits)]
    even = [c for c in range(channels) if (c & mask).bit_count() % 2 == 0]
    odd = [c for c in range(channels) if (c & mask).bit_count() % 2]
    return (odd, even) if turn % 2 else (even, odd)
