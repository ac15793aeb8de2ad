"""Denoising diffusion of digits: train by guessing noise, sample by removing it step by step.

    noise     x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε                              (core.models.ddpm.schedule)
    net       v̂(x_t, φ_t, y),   trained on v = √ᾱ_t ε − √(1 − ᾱ_t) x_0   (Salimans & Ho 2022)
    guesses   ε̂ = √ᾱ_t v̂ + √(1 − ᾱ_t) x_t,   x̂_0 = √ᾱ_t x_t − √(1 − ᾱ_t) v̂
    label     y or none: one net is conditional and unconditional
    training  core.models.ddpm.loss
    sample    core.models.ddpm.samplers: DDPM, DDIM and between, any steps, guidance, hidden parts

Images are (B, 1, 28, 28) in [0, 1]; the process runs on x_0 = 2 · image − 1.

Papers: Ho et al. 2020, arXiv 2006.11239; Salimans & Ho 2022, 2202.00512; Ho & Salimans 2022,
2207.12598. We deviate in v for ε and in the net (core.models.ddpm.unet).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from core.inputs import InputError, integer, number
from core.models.ddpm.config import CLASSES, Config, check_labels
from core.models.ddpm.forward import SIDE, add_noise, to_images, to_process
from core.models.ddpm.samplers import (
    Known,
    Moment,
    Predict,
    chain,
    clip_x0,
    guide,
    inversion,
    noise_like,
    without_graph,
)
from core.models.ddpm.schedule import Schedule, respace
from core.models.ddpm.unet import UNet
from core.models.noise import normal

__all__ = ["CLASSES", "Config", "DDPM"]

MOST_GUIDANCE = 20.0
MOST_IMAGES = 100_000
AT_ONCE = 250  # images that go through the net together


class DDPM(nn.Module):
    """A diffusion of digits, trained or not."""

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

    def forward(self, x: Tensor, alpha_bar: Tensor, labels: Tensor) -> Tensor:
        """Return v̂ (B, 1, 28, 28) of x_t, ᾱ_t (B,) and labels (B,), 10 for none."""
        return self.net(x, alpha_bar.sqrt().clamp(-1, 1).acos().to(x.dtype), labels)

    def predict(
        self, x: Tensor, alpha_bar: Tensor | float, labels: Tensor | None, guidance: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Return ε̂ and x̂_0, both like x.

        Args:
            x: x_t, (B, 1, 28, 28).
            alpha_bar: ᾱ_t, a number or (B,).
            labels: (B,); None for none, and then guidance changes nothing.
            guidance: w; at 1 the net runs once for each image, with the label; at 0 once, without;
                elsewhere twice, both in one batch.
        """
        alpha_bar = torch.as_tensor(alpha_bar, dtype=torch.float64, device=x.device).expand(len(x))
        none = torch.full((len(x),), CLASSES, device=x.device)
        if labels is None or guidance in (0, 1):
            v = self(x, alpha_bar, none if labels is None or not guidance else labels)
        else:
            both = self(x.repeat(2, 1, 1, 1), alpha_bar.repeat(2), torch.cat([labels, none]))
            v = guide(both[: len(x)], both[len(x) :], guidance)
        shape = (-1, 1, 1, 1)
        roots = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
        signal, sigma = (part.to(x.dtype).view(shape) for part in roots)
        return signal * v + sigma * x, signal * x - sigma * v

    # ---- from noise to images

    def sample(self, n: int, **options: Any) -> Tensor:
        """Return n images (n, 1, 28, 28) in [0, 1]; options are those of `sampling`."""
        *_, last = self.sampling(n, **options)
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
        """Yield the moments before every step and, at t = 0, after the last, (n, 1, 28, 28).

        Args:
            n: how many, 1 to 100 000.
            labels: (n,), 0 to 9; None for samples without label.
            guidance: w, 0 to 20; 1 is the conditional net.
            steps: how often the net looks, 1 to t_start; more are no more than t_start.
            eta: η, 0 (DDIM) to 1 (DDPM).
            generator: of the first noise and of ξ; torch's own without one.
            schedule: in place of training's.
            clip: whether x̂_0 is cut to [−1, 1] at each step.
            start: x_(t_start) to begin from, (n, 1, 28, 28); fresh noise without one.
            t_start: where to begin; T without one.
            known: what is given of the images, in the process's units.

        Raises:
            InputError: with the name of the field.
        """
        n, eta = integer("n", n, 1, MOST_IMAGES), number("eta", eta, 0, 1)
        plan = schedule or self.schedule
        first = plan.steps if t_start is None else integer("t_start", t_start, 1, plan.steps)
        times, predict = respace(first, steps), self.predictor(labels, guidance, plan, n)
        predict = clip_x0(predict, plan.alpha_bar) if clip else predict
        x = self._begin(n, start, generator)
        return without_graph(chain(predict, x, times, plan.alpha_bar, eta, generator, known))

    def predictor(
        self, labels: Tensor | None, guidance: float, schedule: Schedule, n: int | None = None
    ) -> Predict:
        """Return (x_t, t) -> (ε̂, x̂_0) of this net, under a label and a guidance; checked."""
        guidance = number("guidance", guidance, 0, MOST_GUIDANCE)
        if labels is not None:
            labels = check_labels(labels, n).to(next(self.parameters()).device)

        def predict(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
            alpha_bar, parts = schedule.alpha_bar[t].item(), x.split(AT_ONCE)
            rows = [None] * len(parts) if labels is None else labels.split(AT_ONCE)
            found = [self.predict(part, alpha_bar, y, guidance) for part, y in zip(parts, rows)]
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
        return add_noise(x0, plan.at(t)["alpha_bar"], noise_like(x0, generator))

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
        """Yield moments of the way of images in [0, 1] to their noise, DDIM's inversion.

        The last x, given to `sampling` as `start` with the same labels, steps, η = 0 and
        clip=False, comes back as the images, the nearer the more `refine` (1 to 20).
        """
        plan, x0 = schedule or self.schedule, self._process(images)
        times = respace(plan.steps, steps)[::-1]
        predict = self.predictor(labels, guidance, plan, len(x0))
        refine = integer("refine", refine, 1, 20)
        return without_graph(inversion(predict, x0, times, plan.alpha_bar, refine))

    def encode(self, images: Tensor, **options: Any) -> Tensor:
        """Return x_T of images in [0, 1]; options are those of `encoding`."""
        *_, last = self.encoding(images, **options)
        return last["x"]

    def decode(self, x: Tensor, **options: Any) -> Tensor:
        """Return the images (B, 1, 28, 28) in [0, 1] that x_T stands for; options of `sampling`."""
        return self.sample(len(x), start=x, **{"clip": False, **options})

    def _process(self, images: Tensor) -> Tensor:
        if images.dim() != 4 or images.shape[1:] != (1, SIDE, SIDE):
            got = tuple(images.shape)
            raise InputError("shape", field="images", got=got, allowed=f"(B, 1, {SIDE}, {SIDE})")
        return to_process(images.to(next(self.parameters())))

    def _begin(self, n: int, start: Tensor | None, generator: torch.Generator | None) -> Tensor:
        where, shape = next(self.parameters()), (n, 1, SIDE, SIDE)
        if start is None:
            return normal(shape, where, generator)
        if start.shape != shape or not start.isfinite().all():
            got = f"{tuple(start.shape)}, finite: {bool(start.isfinite().all())}"
            raise InputError("shape", field="start", got=got, allowed=f"{shape}, finite")
        return start.to(where)
