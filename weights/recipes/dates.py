"""Train translators of dates: a Transformer, two LSTMs, Transformers that lack one thing each.

Every step draws fresh pairs of core.data.dates, so nothing can be learned by heart; an epoch is 100
steps. Held-out years and formats are never drawn for training.
Measured: the share of answers that are right to the last symbol, by greedy decoding.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import nn

from core.data.date_formats import KNOWN, UNSEEN
from core.data.date_tensors import as_tensors, draw_pairs
from core.data.dates import Pair, write_pair
from core.models.seq2seq import recurrent
from core.models.seq2seq.recurrent import Seq2Seq
from core.models.transformer import encoder_decoder
from core.models.transformer.encoder_decoder import Transformer, answers, loss, speak, taught_right
from core.models.transformer.translation import SURE
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, run
from weights.recipes.figures import Found, as_metrics, figure

HELD = 20_000  # pairs of held-out years that a figure is the share of
FEWER = 2_000  # for nets that are there to be compared with each other
MOST = 256  # pairs a step
BINS = ((1, 10), (11, 15), (16, 20), (21, 25), (26, 48))  # letters


def epochs(root: str) -> Data:
    """Return the length of an epoch and nothing else: pairs are drawn step by step."""
    del root  # nothing is read
    none = torch.zeros(100 * 128, dtype=torch.uint8)
    return Data(none, none, none[:0], none[:0])


def batch_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: −log p of fresh pairs' symbols, as many as the batch has.

    At most MOST: the whole epoch is one batch of a smoke test.
    """
    del model, started

    def value(net, batch, generator: torch.Generator, step: int):
        device = batch[0].device
        seed = int(torch.randint(2**62, (), generator=generator, device=device))
        count = min(len(batch[0]), MOST)
        letters, symbols, _ = draw_pairs(count, torch.Generator().manual_seed(seed))
        return loss(net, letters.to(device), symbols.to(device), 2), {}

    return value


def right(model: nn.Module, pairs: list[Pair]) -> list[bool]:
    """Return which answers are right to the last symbol."""
    return [a == pair.iso for a, pair in zip(answers(model, as_tensors(pairs)[0]), pairs)]


def share(hits: list[bool]) -> float:
    """Return the share of true ones."""
    return sum(hits) / max(len(hits), 1)


def held_out_pairs(count: int) -> list[Pair]:
    """Return the pairs that every figure on held-out years is of: known formats, with noise."""
    return draw_pairs(count, torch.Generator().manual_seed(2), "held")[2]


def of_format(name: str, count: int, part: str) -> list[Pair]:
    """Return clean pairs of one format."""
    from random import Random

    r = Random(f"{name} {part}")
    return [write_pair(name, r, part) for _ in range(count)]


@torch.no_grad()
def measure(
    count: int, model: nn.Module, data: Data, quick: bool, folder: Path, command: str
) -> Metrics:
    """Return exact match on held-out years, by noise, length and format, and on unseen formats.

    `count` pairs of held-out years; of each format a twentieth of that.
    """
    del data, folder
    each, pairs = 4 if quick else count // 20, held_out_pairs(100 if quick else count)
    hits, sums = right(model, pairs), "answers right to the last symbol, greedy"
    years = f"{len(pairs)} pairs of years held out of training, in known formats"
    clean = draw_pairs(len(pairs), torch.Generator().manual_seed(3), "held", noise=False)[2]
    given = taught_right(model, *as_tensors(some := pairs[: 2 * each]))
    way = f"share of {sums}: {years}, a quarter with typos or spacing"
    once = f"share of {len(some)} pairs right with the answer given, at once"
    n, exact = len(pairs), {"quantity": "exact match"}
    found: Found = {
        "exact match": figure(share(hits), way, samples=n),
        "exact match, clean": figure(
            share(right(model, clean)), f"the same of {n}, no noise", **exact, samples=n, of="clean"
        ),
        "taught": figure(share(given), once, samples=len(some)),
    }
    for low, high in BINS:
        some = [hit for hit, pair in zip(hits, pairs) if low <= len(pair.text) <= high]
        how = f"share of {sums}: the {len(some)} of those {n} that are so long"
        about = {"samples": len(some), "letters": [low, high]}
        found[f"{low} to {high} letters"] = figure(share(some), how, **exact, **about)
    known = {name: share(right(model, of_format(name, each, "held"))) for name in KNOWN}
    name = min(known, key=lambda one: known[one])
    how = f"{name}: share of {each} clean pairs, years held out; the least of {len(known)} formats"
    found["worst known format"] = figure(known[name], how, samples=each, of=name)
    return as_metrics(found | abroad(model, each), command)


def abroad(model: nn.Module, each: int) -> Found:
    """Measure accuracy on formats held out of training, and on text without a date."""
    other = draw_pairs(each, torch.Generator().manual_seed(4), "other")[2]
    how = f"share of {each} texts without a date answered by '?'"
    found: Found = {"no date": figure(share(right(model, other)), how, samples=each)}
    hits, sure = [], []
    for name in UNSEEN:
        pairs = of_format(name, each, "unseen")
        words, odds = speak(model, as_tensors(pairs)[0])
        hits.append([word == pair.iso for word, pair in zip(words, pairs)])
        sure += (odds >= math.log(SURE)).tolist()
        how = f"share of {each} pairs of this format, held out of training"
        about = {"quantity": "unseen format", "samples": each, "of": name}
        found[f"unseen: {name}"] = figure(share(hits[-1]), how, **about)
    how = f"mean over {len(UNSEEN)} formats held out of training, {each} pairs each"
    every = [hit for row in hits for hit in row]
    found["unseen formats"] = figure(share(every), how, samples=len(every))
    wrong = [s for s, hit in zip(sure, every) if not hit]
    how = f"share of the {len(wrong)} wrong answers to unseen formats whose probability is {SURE}"
    how = f"{how} or more: it does not know it"
    return found | {"wrong yet sure": figure(share(wrong), how, samples=len(wrong))}


def job(build, config, plan: Plan, count: int = HELD) -> Job:
    """Return a card's job, measured on `count` pairs."""
    return Job(
        build=build,
        config=config,
        plan=plan,
        laptop={"epochs": 20},
        loss=batch_loss,
        measure=partial(measure, count),
        load=epochs,
        smoke={"epochs": 1, "batch": 6_400, "warm": 2},
        dataset={"name": "dates", "licence": "Apache-2.0", "source": "drawn from core.data.dates"},
    )


WHOLE = encoder_decoder.Config()
PLAN = Plan(epochs=60, batch=128, rate=2e-3, warm=200, clip=1.0, ema=0.998)
RECURRENT = replace(PLAN, epochs=30)  # half as many: time was short; LOG.md
SHORT = replace(PLAN, epochs=5)  # of nets that are there to be compared with each other
JOBS = {
    "transformer-dates": job(Transformer, WHOLE, PLAN),
    "seq2seq-dates": job(Seq2Seq, recurrent.Config(attention=False), RECURRENT),
    "seq2seq-attention-dates": job(Seq2Seq, recurrent.Config(), RECURRENT),
    "transformer-dates-whole": job(Transformer, WHOLE, SHORT, FEWER),
    "transformer-dates-no-positions": job(
        Transformer, replace(WHOLE, positions="none"), SHORT, FEWER
    ),
    "transformer-dates-no-mask": job(Transformer, replace(WHOLE, causal=False), SHORT, FEWER),
    "transformer-dates-one-layer": job(Transformer, replace(WHOLE, layers=(1, 1)), SHORT, FEWER),
}

if __name__ == "__main__":
    run("dates", JOBS)
