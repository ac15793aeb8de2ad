"""Small untrained nets, and batches, for the tests of the Transformer, the LSTMs and the GPT."""

from dataclasses import replace

import pytest
import torch

from core.data.date_tensors import draw_pairs
from core.models.seq2seq import recurrent
from core.models.seq2seq.recurrent import Seq2Seq
from core.models.transformer import encoder_decoder
from core.models.transformer.encoder_decoder import Transformer

SMALL = encoder_decoder.Config(dim=16, heads=2, hidden=24)
TEXT = "2026년 11월 20일 🎉"


def seeded(build, config, double: bool = True):
    """Return an untrained net of a fixed seed; torch.nn draws from the global generator."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        net = build(config).eval().requires_grad_(False)
    return net.double() if double else net


def nets() -> dict:
    return {
        "transformer": seeded(Transformer, SMALL),
        "no positions": seeded(Transformer, replace(SMALL, positions="none")),
        "one layer": seeded(Transformer, replace(SMALL, layers=(1, 1))),
        "attention": seeded(Seq2Seq, recurrent.Config(dim=8, hidden=16)),
        "bottleneck": seeded(Seq2Seq, recurrent.Config(dim=8, hidden=16, attention=False)),
    }


NETS = nets()
every = pytest.mark.parametrize("net", NETS.values(), ids=list(NETS))


def batch(count: int = 6, seed: int = 0):
    letters, symbols, _ = draw_pairs(count, torch.Generator().manual_seed(seed))
    return letters.long(), symbols.long()


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()
