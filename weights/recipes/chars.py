"""Train gpt-chars: a decoder that writes Korean sentences of core.data.sentences, letter by letter.

Every step draws fresh paragraphs; an epoch is 100 steps. One sentence in ten is held out of them:
what the net writes can be grammatical and new.
"""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import torch
from torch import Tensor, nn

from core.data import sentences
from core.models.gpt import decoder
from core.models.gpt.decoder import GPT
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, run
from weights.recipes.figures import Found, as_metrics, figure

BATCH, BLUR = 16, 0.01  # BLUR: share of letters that are read as the unknown one
MOST = 32  # paragraphs a step
WRITTEN = 100  # texts that a share is taken of
WARMTHS = (0.5, 1.0, 1.5)


def epochs(root: str) -> Data:
    """Return the length of an epoch and nothing else: text is drawn step by step."""
    del root  # nothing is read
    none = torch.zeros(100 * BATCH, dtype=torch.uint8)
    return Data(none, none, none[:0], none[:0])


def paragraphs(count: int, r: Random, config: decoder.Config, part: str) -> Tensor:
    """Return drawn text as indices (count, context)."""
    texts = [sentences.paragraph(r, config.context - 1, part) for _ in range(count)]
    return torch.tensor([decoder.encode(text, config.letters) for text in texts])


def batch_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: −log p of fresh text, of as many paragraphs as the batch has.

    At most MOST: half an epoch is one batch of a smoke test.
    """
    del started
    config = model.config
    assert isinstance(config, decoder.Config)

    def value(net, batch, generator: torch.Generator, step: int):
        del step
        device = batch[0].device
        seed = int(torch.randint(2**62, (), generator=generator, device=device))
        count = min(len(batch[0]), MOST)
        letters = paragraphs(count, Random(seed), config, "train").to(device)
        hidden = torch.rand(letters.shape, generator=generator, device=device) < BLUR
        logits = net(letters.masked_fill(hidden, decoder.UNKNOWN)[:, :-1])
        wanted = letters[:, 1:].flatten()
        return nn.functional.cross_entropy(logits.flatten(0, 1), wanted), {}

    return value


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure bits a letter on text of either kind, and the grammar of generated text."""
    del data, folder
    assert isinstance(model, GPT)
    found: Found = {}
    for name, part in (("bits/letter", "train"), ("bits/letter, held out", "held")):
        some = paragraphs(4 if quick else 256, Random(7), model.config, part)
        value = sum(float(decoder.loss(model, one)) * len(one) for one in some.split(32)) / len(
            some
        )
        how = "drawn as in training" if part == "train" else "all of sentences held out of training"
        way = f"of {len(some)} paragraphs of 127 letters, {how}"
        about = {"quantity": "bits/letter", "samples": len(some), "of": part}
        found[name] = figure(value / math.log(2), way, **about)
    whole = sentences.everything()
    for warmth in WARMTHS:
        generator = torch.Generator().manual_seed(0)
        texts = decoder.write_many(model, 4 if quick else WRITTEN, warmth, generator)
        every = [one for text in texts for one in sentences.split_sentences(text)]
        right = [one for one in every if one in whole]
        new = [one for one in right if sentences.is_held_out(one)]
        how = f"share of {len(every)} sentences written at temperature {warmth} that"
        how = f"{how} the grammar could say"
        held = f"{how} and that were held out of training"
        for quantity, some, way in (("grammatical", right, how), ("new", new, held)):
            about = {"quantity": quantity, "samples": len(every), "temperature": warmth}
            found[f"{quantity} at {warmth}"] = figure(len(some) / max(len(every), 1), way, **about)
    return as_metrics(found, command)


JOBS = {
    "gpt-chars": Job(
        build=GPT,
        config=decoder.Config(),
        plan=Plan(epochs=10, batch=BATCH, rate=3e-3, warm=100, clip=1.0, ema=0.998),
        laptop={"epochs": 8},
        loss=batch_loss,
        measure=measure,
        load=epochs,
        smoke={"epochs": 1, "batch": 800, "warm": 2},
        dataset={
            "name": "lesson sentences",
            "licence": "Apache-2.0",
            "source": "drawn from core.data.sentences, written for this project",
        },
    )
}

if __name__ == "__main__":
    run("chars", JOBS)
