"""Observe a GAN of digits while it trains: images of fixed codes, quality of its samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.measure.metrics import features_of, frechet, label_accuracy
from core.training.journal import Look
from weights.recipes.command import Data, load_shipped

LOOKED = 3_000  # samples that the journal's Fréchet distance is taken of
WATCHED = 64  # images that the journal keeps of a moment


def observe(
    watch: Callable[[Any], Tensor],
    samples: Callable[[Any, int], tuple[Tensor, Tensor | None]],
    finish: Callable[[nn.Module, Tensor], None] | None = None,
) -> Callable[[Data, Path, bool], Look]:
    """Return what gives a job's journal its observer.

    Args:
        watch: model -> images of the same codes each time, (64, 1, 28, 28) in [0, 1].
        samples: (model, count) -> samples (count, 1, 28, 28) and, of a net with classes, the labels
            that were asked for (count,).
        finish: of the job; done before each look too.
    """

    def looker(data: Data, folder: Path, quick: bool) -> Look:
        classifier = load_shipped("classifier-mnist", folder)
        real = features_of(classifier, data.test_images / 255)

        @torch.no_grad()
        def look(model: nn.Module) -> dict[str, Tensor]:
            model = model.to("cpu")
            if finish:
                finish(model, data.images)
            images = watch(model)
            made, asked = samples(model, 200 if quick else LOOKED)
            found = {
                "images": (images * 255).round().to(torch.uint8),
                "Fréchet": torch.tensor(frechet(features_of(classifier, made), real)),
            }
            if asked is not None:
                found["label accuracy"] = torch.tensor(label_accuracy(classifier, made, asked))
            return found

        return look

    return looker
