"""Denoising diffusion of digits: train by guessing noise, sample by removing it step by step.

    noise     x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε                              (core.models.ddpm.schedule)
    net       v̂(x_t, φ_t, y),   trained on v = √ᾱ_t ε − √(1 − ᾱ_t) x_0   (Salimans & Ho 2022)
    guesses   ε̂ = √ᾱ_t v̂ + √(1 − ᾱ_t) x_t,   x̂_0 = √ᾱ_t x_t − √(1 − ᾱ_t) v̂
    label     y or none: one net is conditional and unconditional
    training  core.models.ddpm.loss
    sample    core.models.ddpm_samplers: DDPM, DDIM and between, any steps, guidance, hidden parts

Images are (B, 1, 28, 28) in [0, 1]; the process runs on x_0 = 2 · image − 1.

Papers: Ho et al. 2020, arXiv 2006.11239; Salimans & Ho 2022, 2202.00512; Ho & Salimans 2022,
2207.12598. We deviate in v for ε and in the net (core.models.ddpm.unet).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from core.inputs import InputError, choice, integer, number
from core.models.ddpm.forward import SIDE, noised, to_images, to_process
from core.models.ddpm.samplers import (
    Known,
    Moment,
    Predict,
    chain,
    clipped,
    guided,
    noise_like,
    way_in,
    without_graph,
)
from core.models.ddpm.schedule import MOST_STEPS, Schedule, respaced
from core.models.ddpm.unet import UNet

CLASSES = 10
MOST_GUIDANCE = 20.0
MOST_IMAGES = 100_000
AT_ONCE = 250  # images that go through the net together


@dataclass(frozen=True)
class Config:
    """What a model is built from.

    Attributes:
        fold: f x f pixels become channels first: 1, 2 or 4.
        channels: of the net's levels, multiples of 8.
        depth: blocks a level and way.
        size: of what tells noise level and label.
        schedule: that it is trained with, "linear" or "cosine".
        steps: T.
    """

    fold: int = 4
    channels: Sequence[int] = (128,)
    depth: int = 2
    size: int = 128
    schedule: str = "cosine"
    steps: int = 1000

    def __post_init__(self):
        choice("fold", str(self.fold), ("1", "2", "4"))
        choice("schedule", self.schedule, ("linear", "cosine"))
        integer("depth", self.depth, 1, 8)
        integer("size", self.size, 1, 1024)
        integer("steps", self.steps, 2, MOST_STEPS)
        levels = len(self.channels)
        if not levels or SIDE % (self.fold * 2 ** (levels - 1)):
            allowed = f"{SIDE} / (fold · 2^(levels − 1)) whole"
            raise InputError("shape", field="channels", got=levels, allowed=allowed)
        for width in self.channels:
            integer("channels / 8", width / 8, 1, 128)


class DDPM(nn.Module):
    """A trained or untrained diffusion of digits."""

    def __init__(self, config: Config):
        super().__init__()
        c = self.config = config
        self.net = UNet(c.fold, tuple(c.channels), c.depth, CLASSES, c.size)

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule of training, which sampling uses where no other is given."""
        return Schedule(self.config.schedule, self.config.steps)

    def hidden(self) -> list[nn.Parameter]:
        """Return the matrices and kernels inside the net, which core.training.muon may move."""
        outer = ("told.classes", "told.first", "stem", "out")
        found = self.net.named_parameters()
        return [p for name, p in found if p.dim() > 1 and not name.startswith(outer)]

    def forward(self, x: Tensor, kept: Tensor, labels: Tensor) -> Tensor:
        """Return v̂ (B, 1, 28, 28) of x_t, ᾱ_t (B,) and labels (B,), 10 for none."""
        return self.net(x, kept.sqrt().clamp(-1, 1).acos().to(x.dtype), labels)

    def predict(
        self, x: Tensor, kept: Tensor | float, labels: Tensor | None, guidance: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Return ε̂ and x̂_0, both like x.

        Args:
            x: x_t, (B, 1, 28, 28).
            kept: ᾱ_t, a number or (B,).
            labels: (B,); None for none, and then guidance changes nothing.
            guidance: w; at 1 the net runs once for each image, with the label; at 0 once, without;
                elsewhere twice, both in one batch.
        """
        kept = torch.as_tensor(kept, dtype=torch.float64, device=x.device).expand(len(x))
        none = torch.full((len(x),), CLASSES, device=x.device)
        if labels is None or guidance in (0, 1):
            v = self(x, kept, none if labels is None or not guidance else labels)
        else:
            both = self(x.repeat(2, 1, 1, 1), kept.repeat(2), torch.cat([labels, none]))
            v = guided(both[: len(x)], both[len(x) :], guidance)
        shape = (-1, 1, 1, 1)
        signal, sigma = (p.to(x.dtype).view(shape) for p in (kept.sqrt(), (1 - kept).sqrt()))
        return signal * v + sigma * x, signal * x - sigma * v

    # ---- from noise to images

    def sample(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        guidance: float = 1.0,
        steps: int = 50,
        eta: float = 0.0,
        generator: torch.Generator | None = None,
        **options: Any,
    ) -> Tensor:
        """Return n images (n, 1, 28, 28) in [0, 1]; arguments as of `sampling`."""
        given = {"labels": labels, "guidance": guidance, "steps": steps, "eta": eta}
        *_, last = self.sampling(n, generator=generator, **given, **options)
        return to_images(last["x"])

    def sampling(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        guidance: float = 1.0,
        steps: int = 50,
        eta: float = 0.0,
        generator: torch.Generator | None = None,
        schedule: Schedule | None = None,
        clip: bool = True,
        start: Tensor | None = None,
        t_start: int | None = None,
        known: Known | None = None,
    ) -> Iterator[Moment]:
        """Yield {"t", "x", "eps_hat", "x0_hat"} before every step and, at t = 0, after the last.

        Tensors are (n, 1, 28, 28) in the process's units; `ddpm_forward.to_images` makes pictures.

        Args:
            n: how many, 1 to 100 000.
            labels: (n,), 0 to 9; None for samples without label.
            guidance: w, 0 to 20; 1 is the conditional net.
            steps: how often the net looks, 1 to t_start; more are no more than t_start.
            eta: η, 0 (DDIM) to 1 (DDPM).
            generator: of the first noise and of ξ; without one torch's own.
            schedule: another than that of training.
            clip: whether x̂_0 is cut to [−1, 1] at each step.
            start: x_(t_start) to begin from, (n, 1, 28, 28); fresh noise without one.
            t_start: where to begin; T without one.
            known: what is given of the images, in the process's units.

        Raises:
            InputError: with the name of the field.
        """
        n = integer("n", n, 1, MOST_IMAGES)
        eta = number("eta", eta, 0, 1)
        plan = schedule or self.schedule
        first = plan.steps if t_start is None else integer("t_start", t_start, 1, plan.steps)
        times = respaced(first, steps)
        predict = self.predictor(labels, guidance, plan, n)
        x = self._begin(n, start, generator)
        predict = clipped(predict, plan.alpha_bar) if clip else predict
        return without_graph(chain(predict, x, times, plan.alpha_bar, eta, generator, known))

    def predictor(
        self, labels: Tensor | None, guidance: float, schedule: Schedule, n: int | None = None
    ) -> Predict:
        """Return (x_t, t) -> (ε̂, x̂_0) of this net, under a label and a guidance; checked."""
        guidance = number("guidance", guidance, 0, MOST_GUIDANCE)
        if labels is not None:
            labels = check_labels(labels, n).to(next(self.parameters()).device)

        def predict(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
            kept, parts = schedule.alpha_bar[t].item(), x.split(AT_ONCE)
            rows = [None] * len(parts) if labels is None else labels.split(AT_ONCE)
            found = [self.predict(part, kept, y, guidance) for part, y in zip(parts, rows)]
            return torch.cat([eps for eps, _ in found]), torch.cat([x0 for _, x0 in found])

        return predict

    # ---- from images

    def noise(
        self,
        images: Tensor,
        t: int,
        *,
        generator: torch.Generator | None = None,
        schedule: Schedule | None = None,
    ) -> Tensor:
        """Return x_t (B, 1, 28, 28) of images in [0, 1], t from 0 to T: `start` of `sampling`."""
        plan, x0 = schedule or self.schedule, self._process(images)
        return noised(x0, plan.at(t)["alpha_bar"], noise_like(x0, generator))

    def redraw(
        self, images: Tensor, t: int, *, generator: torch.Generator | None = None, **options: Any
    ) -> Iterator[Moment]:
        """Yield the way of images, noised to t (1 to T), back; options are those of `sampling`."""
        start = self.noise(images, t, generator=generator, schedule=options.get("schedule"))
        more = {"start": start, "t_start": t, "generator": generator}
        return self.sampling(len(start), **options, **more)

    def complete(
        self,
        images: Tensor,
        mask: Tensor,
        n: int,
        *,
        repeats: int = 1,
        generator: torch.Generator | None = None,
        **options: Any,
    ) -> Iterator[Moment]:
        """Yield the way to n images of which a part is given.

        Args:
            images: in [0, 1], (1, 1, 28, 28) or (n, 1, 28, 28).
            mask: (28, 28), 1 where an image is given, 0 where it is hidden.
            n: how many.
            repeats: 1 to 20, how often each step is taken: more make both parts fit.
            generator: of all noise.
            **options: of `sampling`; η is 1 where it is not given.
        """
        x0 = self._process(images)
        known = Known(x0, mask.to(x0), integer("repeats", repeats, 1, 20))
        options = {"eta": 1.0} | options
        return self.sampling(n, generator=generator, known=known, **options)

    def encoding(
        self,
        images: Tensor,
        *,
        labels: Tensor | None = None,
        guidance: float = 1.0,
        steps: int = 50,
        refine: int = 4,
        schedule: Schedule | None = None,
    ) -> Iterator[Moment]:
        """Yield moments of the way of images in [0, 1] to their noise, by DDIM read backwards.

        The last x, given to `sampling` as `start` with the same labels, steps, η = 0 and
        clip=False, comes back as the images, the nearer the more `refine` (1 to 20).
        """
        plan, x0 = schedule or self.schedule, self._process(images)
        times = respaced(plan.steps, steps)[::-1]
        predict = self.predictor(labels, guidance, plan, len(x0))
        refine = integer("refine", refine, 1, 20)
        return without_graph(way_in(predict, x0, times, plan.alpha_bar, refine))

    def encode(self, images: Tensor, **options: Any) -> Tensor:
        """Return x_T of images in [0, 1]; options are those of `encoding`."""
        *_, last = self.encoding(images, **options)
        return last["x"]

    def decode(self, x: Tensor, **options: Any) -> Tensor:
        """Return the images (B, 1, 28, 28) in [0, 1] that x_T stands for; options of `sampling`."""
        given: dict[str, Any] = {"clip": False} | options
        return self.sample(len(x), start=x, **given)

    def _process(self, images: Tensor) -> Tensor:
        if images.dim() != 4 or images.shape[1:] != (1, SIDE, SIDE):
            got = tuple(images.shape)
            raise InputError("shape", field="images", got=got, allowed=f"(B, 1, {SIDE}, {SIDE})")
        return to_process(images.to(next(self.parameters())))

    def _begin(self, n: int, start: Tensor | None, generator: torch.Generator | None) -> Tensor:
        where, shape = next(self.parameters()), (n, 1, SIDE, SIDE)
        if start is None:
            device = where.device if generator is None else generator.device
            return torch.randn(shape, generator=generator, device=device).to(where)
        if start.shape != shape or not start.isfinite().all():
            got = f"{tuple(start.shape)}, finite: {bool(start.isfinite().all())}"
            raise InputError("shape", field="start", got=got, allowed=f"{shape}, finite")
        return start.to(where)


def check_labels(labels: Tensor, n: int | None) -> Tensor:
    """Return labels (n,), if they are 0 to 9 and n of them; None is any number."""
    if labels.dim() != 1 or not len(labels) or (n is not None and len(labels) != n):
        raise InputError("shape", field="labels", got=tuple(labels.shape), allowed=f"({n},)")
    for value in (labels.min().item(), labels.max().item()):
        integer("labels", value, 0, CLASSES - 1)
    return labels.long()
